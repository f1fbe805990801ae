"""The links in a message: the person's own, a short one to type or to text, and the one by which people opt out.

All three follow from the key of the links and can be made again while it lives.  The store keeps marks: of a short link one that
is worthless without that key, since so few letters could be guessed; of a way out, which must work for months after the
close and its key, a plain hash of twenty letters, as of a token.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from symmetry.fieldwork.store.tables import INVITATIONS, LINKS, WAVES
from symmetry.fieldwork.store.tokens import hash_of, is_token, token_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["SHORT", "Links", "invitation_out", "is_short", "keep_ways_out", "links_of", "token_behind"]

SHORT = 10
_SHORT = re.compile(r"[a-z2-7]{10}")
_BEHIND = select(*INVITATIONS.c["wave", "audience", "person", "token"]).join(
    LINKS, LINKS.c.token == INVITATIONS.c.token
)

_OUT = (
    select(INVITATIONS.c.contact, WAVES.c.rehearsal)
    .join(LINKS, LINKS.c.token == INVITATIONS.c.token)
    .join(WAVES, WAVES.c.wave == INVITATIONS.c.wave)
)


@dataclass(frozen=True)
class Links:
    """Whole addresses: of the questionnaire, the short one that leads there, and the one by which people opt out."""

    full: str
    short: str
    out: str


def links_of(connection: Connection, key: bytes, wave: str, audience: str, person: str, address: str) -> Links:
    """The links of one invitation; the store keeps the marks by which it knows them again.

    Parameters
    ----------
    connection : to the field database, in a transaction that writes.
    key : of the links.
    wave, audience, person : whose invitation.
    address : how links begin, without a stroke at the end.

    Returns
    -------
    Links, the same ones each time.
    """
    token = token_of(key, wave, audience, person)
    found = hash_of(token)
    out = _made(key, "out", token, 0, len(token))
    _keep(connection, _mark_out(out), "out", found)
    number = 0
    while not _keep(connection, _mark_short(key, short := _made(key, "short", token, number, SHORT)), "short", found):
        number += 1  # the same ten letters are somebody else's
    return Links(f"{address}/s/{token}", f"{address}/x/{short}", f"{address}/o/{out}")


def keep_ways_out(connection: Connection, key: bytes, wave: str, audience: str) -> None:
    """Keep the way out of everybody in an audience, written to or not, in place of those that messages left behind.

    Parameters
    ----------
    connection : to the field database, in a transaction that writes.
    key : of the links.
    wave, audience : that is being closed; afterwards the marks tell of nobody whether a message went out.
    """
    mine = (INVITATIONS.c.wave == wave, INVITATIONS.c.audience == audience)
    tokens = select(INVITATIONS.c.token).where(*mine)
    persons = connection.execute(select(INVITATIONS.c.person).where(*mine, INVITATIONS.c.person.not_like("~%")))
    made = [token_of(key, wave, audience, person) for person in persons.scalars()]
    marks = sorted((_mark_out(_made(key, "out", token, 0, len(token))), hash_of(token)) for token in made)
    connection.execute(delete(LINKS).where(LINKS.c.kind == "out", LINKS.c.token.in_(tokens)))
    if marks:
        rows = [{"mark": mark, "kind": "out", "token": token} for mark, token in marks]
        connection.execute(insert(LINKS), rows)


def is_short(text: str) -> bool:
    """Whether a text has the form of a short link's letters.

    Examples
    --------
    >>> is_short("abcdefgh23"), is_short("abcdefgh2"), is_short("abcdefgh01")
    (True, False, False)
    """
    return _SHORT.fullmatch(text) is not None


def token_behind(connection: Connection, key: bytes, short: str) -> str | None:
    """The token to which a short link leads; None where it leads nowhere, or to a person who was erased."""
    found = connection.execute(_BEHIND.where(LINKS.c.mark == _mark_short(key, short), LINKS.c.kind == "short")).first()
    if found is None:
        return None
    token = token_of(key, found.wave, found.audience, found.person)
    return token if hash_of(token) == found.token else None


def invitation_out(connection: Connection, out: str) -> tuple[str, bool] | None:
    """Whom a link to opt out is about: the contact, and whether the wave is only rehearsed; None where it is no such link."""
    if not is_token(out):
        return None
    found = connection.execute(_OUT.where(LINKS.c.mark == _mark_out(out), LINKS.c.kind == "out")).first()
    return None if found is None else (found.contact, found.rehearsal is not None)


def _made(key: bytes, kind: str, token: str, number: int, letters: int) -> str:
    said = json.dumps([f"symmetry {kind} 1", token, number]).encode()
    return base64.b32encode(hashlib.blake2b(said, key=key, digest_size=20).digest()).decode().lower()[:letters]


def _mark_short(key: bytes, short: str) -> bytes:
    return hashlib.blake2b(short.encode(), key=key, digest_size=16, person=b"symmetry short").digest()


def _mark_out(out: str) -> bytes:
    return hashlib.blake2b(out.encode(), digest_size=16, person=b"symmetry out").digest()


def _keep(connection: Connection, mark: bytes, kind: str, token: bytes) -> bool:
    """Keep a mark, unless it is there; whether it is this invitation's."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(LINKS).values(mark=mark, kind=kind, token=token).on_conflict_do_nothing())
    return connection.scalar(select(LINKS.c.token).where(LINKS.c.mark == mark)) == token

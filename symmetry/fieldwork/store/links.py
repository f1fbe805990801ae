"""Links: what is sent to people.  They are made from the key of the links each time they are asked for, and stored nowhere."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from symmetry.aside import replace_file
from symmetry.errors import DataError, Place
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.opening import links_key
from symmetry.fieldwork.store.tables import INVITATIONS, WAVES
from symmetry.fieldwork.store.tokens import hash_of, token_of

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["HERE", "check_address", "links", "links_file", "write_links"]

HERE = "http://127.0.0.1:8000"
_ADDRESS = re.compile(r"https?://[^\s/?#@\"'<>]+/?")


def check_address(address: str) -> str:
    """An address of the server as links begin with it, without a stroke at its end.

    Raises
    ------
    DataError : OPN12, that is no address.

    Examples
    --------
    >>> check_address("https://survey.example.org/")
    'https://survey.example.org'
    """
    if not _ADDRESS.fullmatch(address):
        raise DataError(
            f"`{address}` is no address of a server, without a path",
            mend="write it as https://survey.example.org",
            code="OPN12",
        )
    return address.rstrip("/")


def links(store: Store, wave: str, audience: str, address: str = HERE) -> list[tuple[str, str]]:
    """Contact and link of everybody invited, in the order of the contacts.

    Parameters
    ----------
    store : the field.
    wave : an open wave.
    audience : whose links.
    address : where the server is reached from outside.

    Raises
    ------
    DataError : OPN06, the wave is closed; OPN09, the key of the links is missing, or another one than when the wave was opened;
        OPN12, that is no address; OPN13, no such wave was opened.
    """
    address = check_address(address)
    state = select(WAVES.c.state).where(WAVES.c.wave == wave)
    people = (
        select(*INVITATIONS.c["token", "person", "contact"])
        .where(INVITATIONS.c.wave == wave, INVITATIONS.c.audience == audience)
        .where(INVITATIONS.c.person.not_like("~%"))  # who was erased has no link
        .order_by(INVITATIONS.c.contact, INVITATIONS.c.person)
    )
    with plainly(), store.field.connect() as field:
        found = field.execute(state).scalar()
        rows = field.execute(people).all()
    if found != "open":
        what = f"wave `{wave}` is closed: its links lead nowhere" if found else f"no wave `{wave}` was opened here"
        raise DataError(what, where=Place(store.folder), mend="open it first", code="OPN06" if found else "OPN13")
    key = links_key(store.folder, draw=False)
    made = [token_of(key, wave, audience, row.person) for row in rows]
    if any(hash_of(token) != row.token for token, row in zip(made, rows, strict=True)):
        raise DataError(
            f"the key of the links is not the one that wave `{wave}` was opened with",
            where=Place(store.folder / "links.key"),
            mend="bring back links.key of that day from a copy of the folder",
            code="OPN09",
        )
    return [(row.contact, f"{address}/s/{token}") for token, row in zip(made, rows, strict=True)]


def write_links(store: Store, wave: str, audience: str, address: str = HERE) -> Path:
    """Write `links-WAVE-AUDIENCE.csv` (contact, link) into the store's folder, whole or not at all, for its owner alone.

    Parameters
    ----------
    store, wave, audience, address : as for `links`.

    Returns
    -------
    The file.
    """
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(("contact", "link"))
    out.writerows(links(store, wave, audience, address))
    path = links_file(store.folder, wave, audience)
    replace_file(path, text.getvalue(), mode=0o600)
    return path


def links_file(folder: Path, wave: str, audience: str) -> Path:
    """Where the links of one audience of a wave are written."""
    return folder / f"links-{wave}-{audience}.csv"

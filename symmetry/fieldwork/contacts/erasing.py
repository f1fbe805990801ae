"""Erasing a person who asks for it, as far as the store can find them; and what can not be found is said.

Every step may be the last before a crash, and who runs it again ends in the same place: the mark by which the person is not asked
again is kept first, and by it the person is still known when all names are gone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from symmetry.aside import replace_file
from symmetry.fieldwork.contacts.counting import SEALED
from symmetry.fieldwork.contacts.finding import refuse_unknown
from symmetry.fieldwork.contacts.forgetting import forget_outbox, rename
from symmetry.fieldwork.contacts.ledger import addresses_of
from symmetry.fieldwork.contacts.marking import ledger_key, marks_of
from symmetry.fieldwork.contacts.opting import keep_out
from symmetry.fieldwork.contacts.retaining import FILES, clock_of, retain
from symmetry.fieldwork.store.cleaning import empty_log
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.tables import (
    ADDRESSES,
    CASES,
    CONTACTED,
    DRAFTS,
    EVENTS,
    INVITATIONS,
    LINKS,
    OPT_OUTS,
    OUTBOX,
    PLANNED,
    RESPONSES,
    WAVES,
)
from symmetry.fieldwork.timing import day_of, stamp

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row, Table

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["Erased", "erase", "forget_outbox", "retain", "would_erase"]

_LONG_AGO = "2000-01-01T00:00:00Z"  # when erased invitations expired, by any clock, that of a rehearsal too


@dataclass(frozen=True)
class Erased:
    """What was erased of a person, or would be.

    Attributes
    ----------
    address : whether there was an address.
    invitations, events, messages, elsewhere : how many named the person (`elsewhere`: days on which others had written).
    dropped : of the messages, those that were still to be sent.
    answers : of a customer or an observer, in waves that are not closed.
    cases : that were tied to the person.
    closed : closed waves that asked the person: an answer given there stays, and its row names nobody.
    sealed : waves that asked the person as an employee: what may have been sent is nobody's, and cannot be found.
    files : in the store's folder, as they came in, that hold the identifier or an address: for their keeper to delete.
    overwritten : whether the disk holds nothing of it any more; not known on PostgreSQL, nor while somebody reads.
    """

    address: bool
    invitations: int
    events: int
    messages: int
    elsewhere: int
    dropped: int
    answers: int
    cases: int
    closed: tuple[str, ...]
    sealed: tuple[str, ...]
    files: tuple[str, ...] = ()
    overwritten: bool = False


def erase(store: Store, contact: str, at: datetime) -> Erased:
    """Erase a person: addresses, names, answers that can be found; and never write to them again.

    Parameters
    ----------
    store : the field; a server may go on running.
    contact : the person's identifier.
    at : now.

    Returns
    -------
    Erased; called again it finds nothing more, and changes nothing.

    Raises
    ------
    DataError : LED01, the store knows no such contact; LED02, the key of the ledger is damaged.
    StoreAwayError : a database cannot be reached or written to; nothing was erased.

    Notes
    -----
    The invitation stays, without a name: how many were invited is part of a wave's result.  Its link leads nowhere any more, and
    of customers and observers in a wave that is not closed it counts as refused.  Employees' states stay as they are.
    """
    key = ledger_key(store.folder)
    with plainly():
        with to_write(store.field) as field:
            refuse_unknown(store, field, key, contact)
            invitations = _invitations(field, contact)
            found = replace(_held(field, contact, invitations), files=_files(store, field, contact))
            row = addresses_of(field, [contact]).get(contact)
            marks = marks_of(key, contact, row.email if row else None, row.phone if row else None)
            keep_out(field, marks, at, "erased")
            field.execute(update(OPT_OUTS).where(OPT_OUTS.c.mark == marks[0]).values(how="erased"))
            field.execute(delete(ADDRESSES).where(ADDRESSES.c.contact == contact))
            _take_back(field, invitations, at)
            mine = update(OUTBOX).where(OUTBOX.c.contact == contact, PLANNED)
            field.execute(mine.values(state="dropped", reason="erased"))
            rename(field, key, [contact])
        _rewrite_links(store, contact)
        return replace(found, overwritten=store.embedded and empty_log(store.field))


def would_erase(store: Store, contact: str) -> Erased:
    """What `erase` would erase, without doing it.

    Parameters
    ----------
    store : the field.
    contact : the person's identifier.

    Raises
    ------
    DataError, StoreAwayError : as `erase`.
    """
    with plainly(), store.field.connect() as field:
        refuse_unknown(store, field, ledger_key(store.folder), contact)
        return replace(_held(field, contact, _invitations(field, contact)), files=_files(store, field, contact))


def _invitations(field: Connection, contact: str) -> list[Row[Any]]:
    """The invitations that name a contact, with whether their wave is closed."""
    wanted = select(
        *INVITATIONS.c["token", "wave", "audience"], WAVES.c.compiled, (WAVES.c.state == "closed").label("closed")
    )
    mine = wanted.join(WAVES, WAVES.c.wave == INVITATIONS.c.wave).where(INVITATIONS.c.contact == contact)
    return [*field.execute(mine.order_by(WAVES.c.first, INVITATIONS.c.wave))]


def _held(field: Connection, contact: str, invitations: list[Row[Any]]) -> Erased:
    """What stands in the store under a contact's name.  Nothing of it tells whether an employee answered."""
    tokens = [row.token for row in invitations]

    def count(table: Table, *which: ColumnElement[bool]) -> int:
        return int(field.execute(select(func.count()).select_from(table).where(*which)).scalar_one())

    open_ones = [row.token for row in invitations if row.audience != SEALED and not row.closed]
    waves = {row.wave: row.audience for row in invitations}
    return Erased(
        address=bool(count(ADDRESSES, ADDRESSES.c.contact == contact)),
        invitations=len(invitations),
        events=count(EVENTS, EVENTS.c.contact == contact),
        messages=count(OUTBOX, OUTBOX.c.contact == contact),
        elsewhere=count(CONTACTED, CONTACTED.c.contact == contact),
        dropped=count(OUTBOX, OUTBOX.c.contact == contact, PLANNED),
        answers=count(RESPONSES, RESPONSES.c.token.in_(open_ones)),
        cases=count(CASES, CASES.c.token.in_(tokens)),
        closed=tuple(dict.fromkeys(row.wave for row in invitations if row.audience != SEALED and row.closed)),
        sealed=tuple(wave for wave, audience in waves.items() if audience == SEALED),
    )


def _files(store: Store, field: Connection, contact: str) -> tuple[str, ...]:
    """Files as they came in that hold the person's identifier, or an address that is known."""
    row = addresses_of(field, [contact]).get(contact)
    words = {contact.encode(), *(each.encode() for each in (row and row.email, row and row.phone) if each)}
    paths = sorted(path for folder in FILES for path in store.folder.glob(f"{folder}/*") if path.is_file())
    return tuple(str(path.relative_to(store.folder)) for path in paths if _holds(path.read_bytes(), words))


def _holds(content: bytes, words: Collection[bytes]) -> bool:
    """Whether one of some words stands in a file, and not within a longer one."""
    return any(re.search(rb"(?<![\w@.+-])" + re.escape(word) + rb"(?![\w@-])", content) for word in words)


def _take_back(field: Connection, invitations: list[Row[Any]], at: datetime) -> None:
    """End the invitations: no link leads anywhere, no draft and no open answer is left, no case waits for a call."""
    tokens = [row.token for row in invitations]
    running = [row.token for row in invitations if not row.closed]
    own = {row.token: row.compiled for row in invitations if row.audience != SEALED and not row.closed}
    now = stamp(at)
    field.execute(update(INVITATIONS).where(INVITATIONS.c.token.in_(running)).values(expires=_LONG_AGO))
    for token, compiled in own.items():
        refused = {"state": "refused", "day": day_of(at, clock_of(compiled)).isoformat(), "known": "{}"}
        field.execute(update(INVITATIONS).where(INVITATIONS.c.token == token).values(refused))
    field.execute(delete(RESPONSES).where(RESPONSES.c.token.in_(own)))
    for table in (DRAFTS, LINKS):
        field.execute(delete(table).where(table.c.token.in_(tokens)))
    ended = {"closed": func.coalesce(CASES.c.closed, now), "token": b""}
    field.execute(update(CASES).where(CASES.c.token.in_(tokens)).values(ended))


def _rewrite_links(store: Store, contact: str) -> None:
    """Leave the person out of the files of links that were written."""
    for path in sorted(store.folder.glob("links-*.csv")):
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
        kept = [row for row in rows if row[:1] != [contact]]
        if len(kept) < len(rows):
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(kept)
            replace_file(path, text.getvalue(), mode=0o600)

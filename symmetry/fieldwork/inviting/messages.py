"""The messages of one invitation, as the outbox holds them: the invitation itself and its reminders, each with its moment.

All are planned at once.  Whoever sends them looks again, right before, whether a message is still wanted.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from symmetry.fieldwork.store.tables import OUTBOX
from symmetry.fieldwork.timing import due, ending, opening, stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection, Insert, Update

    from symmetry.fieldwork.asking.nouns import Asked
    from symmetry.spec import Contact

__all__ = [
    "MANY",
    "Row",
    "first_due",
    "keep_messages",
    "many",
    "message_id",
    "messages_of",
    "stands_until",
    "take_turn",
    "undisturbed",
]

Row = dict[str, Any]
"""A row of the outbox."""
MANY = 8000
"""Of how many people the messages are written in one transaction: few enough that whoever answers meanwhile hardly waits."""
_STANDS = 168.0
_stamp = lru_cache(1 << 12)(stamp)


def message_id(wave: str, audience: str, person: str, step: int) -> bytes:
    """By what the outbox knows a message: the same 16 bytes however often it is planned, the step in the last one.

    The messages of one invitation thus lie together, and a roster is written in the order of its rows.

    Examples
    --------
    >>> said = '["hot", "customers", "visit-1"]'
    >>> message_id("hot", "customers", "visit-1", 2) == hashlib.blake2b(said.encode(), digest_size=15).digest() + bytes([2])
    True
    """
    said = f"[{_quoted(wave)}, {_quoted(audience)}, {_quoted(person)}]"
    return hashlib.blake2b(said.encode(), digest_size=15).digest() + step.to_bytes()


def first_due(asked: Asked, at: datetime, wanted: datetime | None = None) -> datetime:
    """When an invitation is due.

    Parameters
    ----------
    asked : the questionnaire, which says the first day.
    at : now: nothing is due before.
    wanted : the moment at which the person should be asked; without it, as soon as the wave's first day opens.
    """
    contact = asked.study.contact
    wanted = opening(asked.first, contact) if wanted is None else wanted
    return wanted if wanted >= at else due(at, 0, contact)


def stands_until(asked: Asked, first: datetime) -> datetime:
    """The moment from which nothing is sent any more for an invitation that is due at `first`.

    That is the end of the wave's last day; of a hot wave, or one without a last day, at the latest the end of `open_for`.  Where
    the study says none, this is 7 days after the last reminder of a cold wave, or after the invitation of a hot one.
    """
    ends = ending(asked.last, asked.study.contact) if asked.last is not None else None
    if ends is not None and asked.wave.kind == "cold":
        return ends
    after = max(asked.wave.reminders, default=0.0) if asked.wave.kind == "cold" else 0.0
    expires = first + timedelta(hours=asked.wave.open_for or after + _STANDS)
    return expires if ends is None else min(expires, ends)


def messages_of(
    asked: Asked, invitation: tuple[bytes, str, str], channel: str, first: datetime, until: datetime, dropped: str = ""
) -> list[Row]:
    """Rows of the outbox for one invitation: step 0 and those reminders that are due while it stands.

    Parameters
    ----------
    asked : the questionnaire, which says the reminders.
    invitation : token, person and contact.
    channel : by which the person is written to.
    first : when step 0 is due.
    until : when the invitation stands no more.
    dropped : why the person may not be written to: step 0 alone then says so.
    """
    token, person, contact = invitation
    waits = () if dropped else asked.wave.reminders
    wave, audience = asked.wave.key, asked.audience
    state, ends, own = "dropped" if dropped else "planned", _stamp(until), message_id(wave, audience, person, 0)[:-1]
    return [
        {
            "id": own + step.to_bytes(),
            "wave": wave,
            "audience": audience,
            "token": token,
            "contact": contact,
            "step": step,
            "channel": channel,
            "due": when,
            "expires": ends,
            "state": state,
            "reason": dropped,
            "tries": 0,
        }
        for step, when in _moments(first, until, waits, asked.study.contact)
    ]


def keep_messages(field: Connection, rows: Sequence[Row]) -> None:
    """Write messages, unless they are there; in the order of their keys they fall on pages that lie together."""
    dialect = postgresql if field.dialect.name == "postgresql" else sqlite
    many(field, dialect.insert(OUTBOX).on_conflict_do_nothing(), sorted(rows, key=itemgetter("id")))


def many(field: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement with each of many rows; nothing where there are none.

    Notes
    -----
    SQLite's driver gets the statement as text and the cells as they are: looking at each of them would cost more than writing it.
    """
    if rows and field.dialect.name == "sqlite":
        made = statement.compile(dialect=field.dialect, column_keys=list(rows[0]))
        cells = itemgetter(*(made.positiontup or ()))
        field.exec_driver_sql(str(made), [cells(row) for row in rows])
    elif rows:
        field.execute(statement, rows)


@lru_cache(1 << 12)
def _moments(
    first: datetime, until: datetime, waits: tuple[float, ...], contact: Contact | None
) -> tuple[tuple[int, str], ...]:
    """Step and moment of each message that is due before `until`."""
    every = [first, *(due(first, wait, contact) for wait in waits)]
    return tuple((step, _stamp(when)) for step, when in enumerate(every) if step == 0 or when < until)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold rows by the hundred thousand without Python looking through them again and again for cycles that are not there."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def take_turn(field: Connection) -> None:
    """Have nobody else plan meanwhile, open a wave or close one; on SQLite the transaction itself is that turn.

    Messages stand by random keys: a part touches most pages of the table and its indices, which therefore should stay in memory.
    """
    if field.dialect.name == "postgresql":
        field.execute(text("SET LOCAL lock_timeout = '60s'"))
        field.execute(text("SET LOCAL statement_timeout = 0"))
        field.execute(text("LOCK TABLE waves IN SHARE ROW EXCLUSIVE MODE"))
    else:
        field.exec_driver_sql("PRAGMA cache_size = -131072")

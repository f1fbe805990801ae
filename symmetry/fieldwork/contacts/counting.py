"""Invitations that count against a person: ours, and those that others made, by day in the study's time zone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true

from symmetry.fieldwork.store.tables import CONTACTED, FIRST, OUTBOX
from symmetry.fieldwork.timing import day_of, moment, stamp, zone_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.spec import Contact

__all__ = ["INVITED", "KEPT", "SEALED", "WHEN", "YEAR", "among", "invited"]

_MANY = 5000  # names above which a whole table is read, rather than looked into by each name

YEAR = 365
"""Days of a year, as in a draw (`resting`, which costs pandas)."""
SEALED = "employees"
"""The audience of whom nothing may tell who answered."""
KEPT = ("no address", "bounced", "opted out", "erased", "cold first", "resting", "most a year", "another event")
"""Reasons that say nothing of answers: an address, a wish, or a rule of contact."""
WHEN: ColumnElement[str] = case(
    (or_(OUTBOX.c.state.in_(("planned", "dropped")), OUTBOX.c.audience == SEALED), OUTBOX.c.due),
    else_=func.coalesce(OUTBOX.c.sent, OUTBOX.c.claimed, OUTBOX.c.due),
)
"""When a message reached, or will reach, the person; of employees when it was due, which is the same whoever answered."""
INVITED: ColumnElement[bool] = and_(
    FIRST,
    or_(
        OUTBOX.c.state.in_(("planned", "sending", "sent", "uncertain")),
        and_(OUTBOX.c.state == "dropped", OUTBOX.c.reason.in_(("answered", "refused"))),
        and_(OUTBOX.c.state == "dropped", OUTBOX.c.audience == SEALED, OUTBOX.c.reason.not_in(KEPT)),
    ),
)
"""Those that count: not those that a rule stopped.  Who answered before being written to had the link from elsewhere.  That of an
employee counts whatever else stopped it, since this may have been an answer."""


def among(column: ColumnElement[Any], names: Collection[Any]) -> ColumnElement[bool]:
    """Rows of some names, where they are few; of many names all rows, since one scan is faster than so many looks."""
    return column.in_(names) if len(names) <= _MANY else true()


def invited(connection: Connection, names: Mapping[str, str], rules: Contact, today: date) -> dict[str, set[str]]:
    """Who is "resting", and who had the most invitations of a year ("most a year").

    Parameters
    ----------
    connection : to the field database.
    names : every form of a name → the contact.
    rules : of contact.
    today : in the time zone of the rules.

    Notes
    -----
    An invitation of today's past that is still planned for later counts already.  One that somebody else made on the day of one
    of ours is that one: the ledger may be given to others, and come back.
    """
    rest = today - timedelta(days=math.ceil((rules.quarantine or 0.0) / 24) - 1)
    year = today - timedelta(days=YEAR - 1)
    rest_since, year_since = (_begins(day, rules) for day in (rest, year))
    ours = _ours(connection, names, min(rest_since, year_since))
    others = _others(connection, names, rules, min(rest, year), ours)
    resting = {names[contact] for contact, when in ours if when >= rest_since}
    resting |= {contact for contact, day in others if day >= rest.isoformat()}
    made = Counter(names[contact] for contact, when in ours if when >= year_since)
    made.update(contact for contact, day in others if day >= year.isoformat())
    most = math.inf if rules.max_per_year is None else rules.max_per_year
    many = {contact for contact, count in made.items() if count >= most}
    return {"resting": resting if rules.quarantine else set(), "most a year": many}


def _begins(day: date, rules: Contact) -> str:
    """The first moment of a day, as the store writes it."""
    return stamp(datetime.combine(day, time.min, zone_of(rules)))


def _ours(connection: Connection, names: Mapping[str, str], since: str) -> list[tuple[str, str]]:
    """Name and moment of each invitation in the outbox since a moment."""
    wanted = select(OUTBOX.c.contact, WHEN).where(INVITED, since <= WHEN, among(OUTBOX.c.contact, names))
    return [(contact, when) for contact, when in connection.execute(wanted).all() if contact in names]


def _others(
    connection: Connection, names: Mapping[str, str], rules: Contact, since: date, ours: list[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Contact and day of what others sent since a day, but on days on which we did."""
    made = select(CONTACTED).where(CONTACTED.c.day >= since.isoformat(), among(CONTACTED.c.contact, names))
    found = {(names[contact], day) for contact, day in connection.execute(made).all() if contact in names}
    both = {contact for contact, _ in found}
    near = [(names[contact], when) for contact, when in ours if names[contact] in both] if both else []
    return found - {(contact, day_of(moment(when), rules).isoformat()) for contact, when in near}

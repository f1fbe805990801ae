"""Planning the messages of rosters that were drawn: an invitation and its reminders for everybody, once.

The contact rules were looked at when the sample was drawn; people opt out and move since, so they are looked at again.  Whoever
may not be asked any more keeps a row in the outbox that says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, or_, select, update

from symmetry.fieldwork.contacts.ledger import addresses_of, channel_of, ledger_key, verdicts
from symmetry.fieldwork.inviting.messages import (
    MANY,
    first_due,
    keep_messages,
    many,
    messages_of,
    stands_until,
    take_turn,
    undisturbed,
)
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.standing import asked_in, audiences_in
from symmetry.fieldwork.store.tables import FIRST, INVITATIONS, OUTBOX, WAVES
from symmetry.fieldwork.timing import ending, stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.asking.nouns import Asked
    from symmetry.fieldwork.inviting.messages import Row as Message
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["open_questionnaires", "plan_invitations"]

_NO_ADDRESS = ("no address", "bounced")
_FIRST = and_(OUTBOX.c.token == INVITATIONS.c.token, FIRST)
_UNPLANNED = (
    select(*INVITATIONS.c["token", "person", "contact"], OUTBOX.c.id, OUTBOX.c.reason)
    .select_from(
        INVITATIONS.join(WAVES, and_(WAVES.c.wave == INVITATIONS.c.wave, WAVES.c.state == "open")).outerjoin(
            OUTBOX, _FIRST
        )
    )
    .where(
        or_(OUTBOX.c.id.is_(None), and_(OUTBOX.c.state == "dropped", OUTBOX.c.reason.in_(_NO_ADDRESS))),
        INVITATIONS.c.person.not_like("~%"),
        INVITATIONS.c.wave == bindparam("wave"),
        INVITATIONS.c.audience == bindparam("audience"),
    )
    .order_by(INVITATIONS.c.token)
)
_FORGET = delete(OUTBOX).where(OUTBOX.c.id == bindparam("of"), OUTBOX.c.state == "dropped")
_EXPIRE = update(INVITATIONS).where(INVITATIONS.c.token == bindparam("of")).values(expires=bindparam("until"))
_OPEN = select(WAVES.c.wave).where(WAVES.c.wave == bindparam("of"), WAVES.c.state == "open")
_Tell = Callable[[str], None]


def plan_invitations(store: Store, at: datetime, tell: _Tell | None = None) -> Counter[str]:
    """Plan the messages of every invitation that has none, in the waves that are open.

    Parameters
    ----------
    store : the field.
    at : now, with its time zone.
    tell : hears, in words, of waves that nothing can be planned for.

    Returns
    -------
    "invitations" and "reminders" that were planned, and reason → people who may not be asked any more.  Called again it plans
    nothing twice; who had no address, and has one now, is planned then.

    Raises
    ------
    StoreAwayError : a database cannot be reached or written to; what was planned stays.

    Notes
    -----
    Step 0 is due when the wave's first day opens, or at once where that is past; reminders follow it.  What would be due after
    the last day is not planned.  Everybody is looked at first, and written
    down in parts, each in a transaction.
    """
    key = ledger_key(store.folder)
    done: Counter[str] = Counter()
    with plainly(), undisturbed():
        for asked in open_questionnaires(store):
            contact = asked.study.contact
            if contact is None or not contact.channels:
                if tell is not None:
                    what = "study says no contact.channels, so nothing is sent: use its file of links"
                    tell(f"{asked.wave.key}, {asked.audience}: the {what}")
                continue
            if asked.last is not None and at >= ending(asked.last, contact):
                continue
            with store.field.connect() as field:
                planned = _planned(field, key, asked, at)
            for start in range(0, len(planned), MANY):
                part = planned[start : start + MANY]
                with to_write(store.field) as field:
                    take_turn(field)
                    if field.execute(_OPEN, {"of": asked.wave.key}).first() is None:
                        break
                    done += _write(field, asked, part)
    return done


def open_questionnaires(store: Store) -> list[Asked]:
    """What the open waves ask, of each audience, waves in the order of their names."""
    names = select(WAVES.c.wave).where(WAVES.c.state == "open").order_by(WAVES.c.wave)
    with store.field.connect() as field:
        return [
            asked_in(field, wave, audience)
            for wave in field.execute(names).scalars().all()
            for audience in audiences_in(field, wave)
        ]


@dataclass(frozen=True)
class _Planned:
    """What is planned for one invitation: its messages, one alone where a rule forbids it, and until when it stands."""

    token: bytes
    reason: str
    messages: Sequence[Message]
    again: bytes | None
    until: datetime


def _planned(field: Connection, key: bytes, asked: Asked, at: datetime) -> list[_Planned]:
    """What there is to plan for one audience; nothing is written yet."""
    first = first_due(asked, at)
    until = stands_until(asked, first)
    if first >= until:
        return []
    wave, audience, study = asked.wave.key, asked.audience, asked.study
    rows = field.execute(_UNPLANNED, {"wave": wave, "audience": audience}).all()
    contacts = [row.contact for row in rows]
    if not rows:
        return []
    found = verdicts(field, key, study, wave, audience, contacts, at)
    addresses = addresses_of(field, contacts)
    planned = []
    for row, reason in zip(rows, found, strict=True):
        token, person, contact, there, before = tuple(row)
        if there is not None and reason == before:
            continue
        channel = "" if reason else channel_of(study, addresses.get(contact))
        messages = messages_of(asked, (token, person, contact), channel, first, until, reason)
        planned.append(_Planned(token, reason, messages, there, until))
    return sorted(planned, key=lambda each: bytes(each.messages[0]["id"]))


def _write(field: Connection, asked: Asked, part: Sequence[_Planned]) -> Counter[str]:
    """Write what was planned for some people, unless somebody else has meanwhile; how many of each kind."""
    for each in part:
        if each.again is not None:
            field.execute(_FORGET, {"of": each.again})
    theirs = OUTBOX.c.id.in_([each.messages[0]["id"] for each in part])
    there = set(field.execute(select(OUTBOX.c.id).where(theirs)).scalars())
    new = [each for each in part if each.messages[0]["id"] not in there]
    keep_messages(field, [message for each in new for message in each.messages])
    if asked.wave.kind == "hot":
        many(field, _EXPIRE, [{"of": each.token, "until": stamp(each.until)} for each in new])
    counts = Counter(each.reason or "invitations" for each in new)
    return counts + Counter(reminders=sum(len(each.messages) - 1 for each in new))

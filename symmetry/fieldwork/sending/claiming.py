"""Taking one message of the outbox to send it: looked at again first, since much may have happened after it was planned.

Whoever claims a message has it alone: the row is locked, marked and committed before anything leaves.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select, update

from symmetry.errors import DataError, Place
from symmetry.fieldwork.contacts.ledger import ledger_key
from symmetry.fieldwork.contacts.opting import opted_out
from symmetry.fieldwork.inviting.messages import message_id
from symmetry.fieldwork.sending.letters import Message
from symmetry.fieldwork.sending.links import links_of
from symmetry.fieldwork.sending.settings import Settings
from symmetry.fieldwork.store.opening import links_key
from symmetry.fieldwork.store.quotas import cells_of, is_full
from symmetry.fieldwork.store.standing import asked_in, today_of
from symmetry.fieldwork.store.tables import ADDRESSES, INVITATIONS, OUTBOX, PLANNED, WAVES
from symmetry.fieldwork.store.tokens import hash_of, token_of
from symmetry.fieldwork.timing import due, moment, stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.asking.nouns import Asked
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["Claimed", "claim", "waves_now"]

_DONE = {"complete": "answered", "refused": "refused", "over quota": "over quota", "asked": "wave closed"}
_BETWEEN = 24.0  # hours at least between two messages of one invitation
_ADDRESS = {"email": "email", "sms": "phone"}
_MOST_DROPPED = 200  # in one transaction, so that others get their turn
_AUDIENCE = select(INVITATIONS.c.audience).where(INVITATIONS.c.wave == WAVES.c.wave).limit(1)
_WAVES = select(*WAVES.c["wave", "state"], _AUDIENCE.scalar_subquery().label("audience"))
_NEXT = (
    select(OUTBOX)
    .add_columns(
        *INVITATIONS.c["person", "known"],
        INVITATIONS.c.state.label("standing"),
        *ADDRESSES.c["email", "phone", "language", "bad"],
    )
    .select_from(
        OUTBOX.outerjoin(INVITATIONS, INVITATIONS.c.token == OUTBOX.c.token).outerjoin(
            ADDRESSES, ADDRESSES.c.contact == OUTBOX.c.contact
        )
    )
    .where(PLANNED)
    .order_by(OUTBOX.c.due, OUTBOX.c.id)
    .limit(1)
    .with_for_update(of=OUTBOX, skip_locked=True)
)


@dataclass(frozen=True)
class Claimed:
    """A message that its sender alone may send now.

    Attributes
    ----------
    id, contact, channel, tries : of the row.
    address : where it goes; "" on paper.
    message : what it says.
    """

    id: bytes
    contact: str
    channel: str
    tries: int
    address: str
    message: Message


def waves_now(connection: Connection, at: datetime, *, hours: bool) -> tuple[list[str], list[str]]:
    """Waves whose messages may leave at a moment, and waves that are over.

    Parameters
    ----------
    connection : to the field database.
    at : the moment.
    hours : whether the hours of the day count, in which people may be written to.
    """
    now = at.replace(microsecond=0)
    may, over = [], []
    for row in connection.execute(_WAVES).all():
        if row.audience is None:  # nobody is invited yet
            continue
        asked = asked_in(connection, row.wave, row.audience)
        today = today_of(asked, at)
        if row.state != "open" or (asked.last is not None and today > asked.last):
            over.append(row.wave)
        elif today >= asked.first and (not hours or due(now, 0, asked.study.contact) == now):
            may.append(row.wave)
    return may, over


def claim(
    connection: Connection,
    store: Store,
    settings: Settings,
    channel: str,
    at: datetime,
    sender: str,
    done: Counter[str],
) -> Claimed | None:
    """Claim the message that is due first; those that must not go any more are dropped on the way.

    Parameters
    ----------
    connection : to the field database, in a transaction that writes, which is committed before anything is sent.
    store, settings : of the field.
    channel : of the message.
    at : now.
    sender : who claims it.
    done : counts those dropped.

    Returns
    -------
    None where none is due, or so many were dropped that the transaction should end: `done` tells which.
    """
    may, _ = waves_now(connection, at, hours=channel != "qr")
    now = stamp(at)
    wanted = _NEXT.where(OUTBOX.c.channel == channel, OUTBOX.c.due <= now, OUTBOX.c.wave.in_(may))
    for _ in range(_MOST_DROPPED):
        row = connection.execute(wanted).one_or_none()
        if row is None:
            return None
        asked = asked_in(connection, row.wave, row.audience)
        reason, later = _looked_at(connection, store, row, asked, at)
        if later is not None:
            _set(connection, row.id, due=stamp(later))
        elif reason:
            _set(connection, row.id, state="dropped", reason=reason)
            done["dropped"] += not (asked.sealed and row.step)  # reminders that do not go tell how many have answered
        else:
            _set(connection, row.id, state="sending", sender=sender, claimed=now)
            return Claimed(
                row.id,
                row.contact,
                channel,
                row.tries,
                _address(row),
                _message(connection, store, settings, row, asked),
            )
    done["more"] = 1
    return None


def _looked_at(
    connection: Connection, store: Store, row: Row[Any], asked: Asked, at: datetime
) -> tuple[str, datetime | None]:
    """Why a message must not go any more ("" where it may), or the later moment at which to look again.

    Employees get their invitation even where they have answered already: one that lacked would tell that they have.
    """
    if row.person is None or row.person.startswith("~"):
        return "erased", None
    if row.standing in _DONE and (row.step or not asked.sealed):
        return _DONE[row.standing], None
    if opted_out(connection, ledger_key(store.folder), [row.contact]):
        return "opted out", None
    if row.expires <= stamp(at):
        return "expired", None
    cells = cells_of(asked, json.loads(row.known), today_of(asked, at)) if row.standing == "invited" else []
    if cells and is_full(connection, cells):
        return "over quota", None
    if row.channel in _ADDRESS and (not _address(row) or row.channel in row.bad.split()):
        return "bounced" if _address(row) else "no address", None
    return _after(connection, row, asked, at) if row.step else ("", None)


def _after(connection: Connection, row: Row[Any], asked: Asked, at: datetime) -> tuple[str, datetime | None]:
    """A reminder follows an invitation that went out, and nothing by less than a day."""
    before = select(*OUTBOX.c["step", "state", "sent", "claimed"]).where(
        OUTBOX.c.id.in_([message_id(row.wave, row.audience, row.person, step) for step in range(row.step)])
    )
    rows = {each.step: each for each in connection.execute(before)}
    first = rows.get(0)
    if first is None or first.state in ("dropped", "bounced"):
        return "not invited", None
    if first.state in ("planned", "sending"):
        return "", due(at, _BETWEEN, asked.study.contact)
    last = max((moment(each.sent or each.claimed) for each in rows.values() if each.sent or each.claimed), default=at)
    soonest = due(last, _BETWEEN, asked.study.contact)
    return "", soonest if soonest > at else None


def _message(connection: Connection, store: Store, settings: Settings, row: Row[Any], asked: Asked) -> Message:
    """What it says, with the links of the person."""
    key = links_key(store.folder, draw=False)
    if hash_of(token_of(key, row.wave, row.audience, row.person)) != row.token:
        what = "the key of the links is another one than when the wave was opened"
        raise DataError(
            what, where=Place(store.folder / "links.key"), mend="put back the one of that day", code="SND10"
        )
    links = links_of(connection, key, row.wave, row.audience, row.person, settings.address)
    email = settings.email
    language = row.language if row.language in asked.languages else asked.languages[0]
    who, reply = (email.name, email.reply_to is not None) if email else ("", False)
    return Message(asked, row.step, links, moment(row.expires), language, who, reply, row.contact)


def _address(row: Row[Any]) -> str:
    return getattr(row, _ADDRESS[row.channel]) or "" if row.channel in _ADDRESS else ""


def _set(connection: Connection, key: bytes, **values: object) -> None:
    connection.execute(update(OUTBOX).where(OUTBOX.c.id == key).values(**values))

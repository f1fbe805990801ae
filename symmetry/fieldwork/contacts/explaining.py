"""Why somebody was asked, or was not: what the store knows of one contact, as a timeline in plain words.

Never an answer.  Of employees nothing that could depend on whether they answered: reminders go to who did not, and a message that
is due is dropped when somebody did, so of their messages only the invitation is told, on the day on which it is due.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from symmetry.fieldwork.contacts.counting import INVITED, KEPT, SEALED, WHEN
from symmetry.fieldwork.contacts.finding import refuse_unknown
from symmetry.fieldwork.contacts.ledger import addresses_of
from symmetry.fieldwork.contacts.marking import ledger_key, marks_of, pseudonym
from symmetry.fieldwork.contacts.wording import Counted, channel_words, free_on, why
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.tables import CONTACTED, EVENTS, INVITATIONS, OPT_OUTS, OUTBOX, WAVES
from symmetry.fieldwork.timing import day_of, moment, stamp, zone_of
from symmetry.spec import Contact, study_in

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from symmetry.fieldwork.store.nouns import Store
    from symmetry.spec import Study

__all__ = ["Explained", "Told", "explain"]

_STATES = {
    "complete": "answered",
    "started": "began to answer",
    "refused": "refused to answer",
    "over quota": "came when there were enough answers",
}
_SENT = {
    "due": "{message} is due {by}; of employees no more is told",
    "planned": "{message} is planned {by}",
    "sending": "{message} is being sent {by}",
    "sent": "{message} was sent {by}",
    "bounced": "{message} {by} came back: the address does not work",
    "uncertain": "{message} {by} may have been sent: the sender stopped before it knew, and it is not sent again",
    "dropped": "{message} was not sent: {why}",
}


@dataclass(frozen=True)
class Told:
    """One thing that happened, or will: its day in the study's time zone, its wave ("" without one), and what."""

    day: str
    wave: str
    what: str


@dataclass(frozen=True)
class Explained:
    """What the store knows of a contact.

    Attributes
    ----------
    contact, day : who, as it was asked; and the day that counts as today.
    reached : by what the person is reached, and whether they opted out or were erased; sentences.
    timeline : in the order of the days.
    next : what comes; sentences.
    """

    contact: str
    day: str
    reached: tuple[str, ...]
    timeline: tuple[Told, ...]
    next: tuple[str, ...]


def explain(store: Store, contact: str, at: datetime) -> Explained:
    """Say why somebody was asked or was not, and what comes next.

    Parameters
    ----------
    store : the field.
    contact : the identifier; of somebody whose name became a pseudonym too.
    at : now.

    Raises
    ------
    DataError : LED01, the store knows no such contact; LED02, the key of the ledger is damaged.
    StoreAwayError : the database cannot be reached.

    Notes
    -----
    Figures are worked out from what the store holds now: of a decision long ago, they are those of the invitations before it.
    """
    key = ledger_key(store.folder)
    with plainly(), store.field.connect() as field:
        refuse_unknown(store, field, key, contact)
        past = _past(field, key, contact)
        stopped, reached = _reached(field, key, contact)
    lines = [*_messages(past), *_rosters(past, bool(stopped)), *_events(past)]
    lines += [Told(row.day, "", "invited by others") for row in past.others]
    lines.sort(key=lambda line: line.day)
    today = day_of(at, past.rules).isoformat()
    return Explained(contact, today, tuple(reached), tuple(lines), _next(past, at, stopped))


@dataclass(frozen=True)
class _Past:
    """Rows of one contact, under both forms of the name, and the waves that they name."""

    waves: Mapping[str, Row[Any]]
    invitations: Sequence[Row[Any]]
    messages: Sequence[Row[Any]]
    events: Sequence[Row[Any]]
    others: Sequence[Row[Any]]

    @cached_property
    def studies(self) -> dict[str, Study]:
        """Wave → the study as it was asked."""
        return {key: study_in(json.loads(row.compiled), Path(f"{key}.json")) for key, row in self.waves.items()}

    @cached_property
    def rules(self) -> Contact:
        """The rules of contact of the wave that was opened last."""
        last = max(self.waves.values(), key=lambda row: (row.opened, row.wave), default=None)
        return self.rules_of(last.wave if last is not None else None)

    def rules_of(self, wave: str | None) -> Contact:
        """The rules of contact of a wave."""
        return (self.studies[wave].contact if wave in self.studies else None) or Contact()

    def made(self, besides: bytes | None = None) -> list[Counted]:
        """The invitations that count, in the order of their days."""
        found = {
            Counted(day_of(moment(row.at), self.rules), row.wave)
            for row in self.messages
            if row.counts and row.id != besides
        }
        own = {each.day for each in found}
        days = {date.fromisoformat(row.day) for row in self.others} - own
        return sorted(found | {Counted(day, "") for day in days}, key=lambda each: (each.day, each.wave))

    @property
    def cold(self) -> list[str]:
        """The cold waves that ask the person."""
        return [row.wave for row in self.invitations if self.studies[row.wave].waves[row.wave].kind == "cold"]


def _past(field: Connection, key: bytes, contact: str) -> _Past:
    """Everything under a contact's name, or its pseudonym."""
    forms = (contact, pseudonym(key, contact))
    counts = INVITED.label("counts")
    messages = select(OUTBOX, WHEN.label("at"), counts).where(OUTBOX.c.contact.in_(forms)).order_by(WHEN, OUTBOX.c.step)
    return _Past(
        {row.wave: row for row in field.execute(select(WAVES))},
        field.execute(select(INVITATIONS).where(INVITATIONS.c.contact.in_(forms))).all(),
        field.execute(messages).all(),
        field.execute(select(EVENTS).where(EVENTS.c.contact.in_(forms)).order_by(EVENTS.c.at)).all(),
        field.execute(select(CONTACTED).where(CONTACTED.c.contact.in_(forms)).order_by(CONTACTED.c.day)).all(),
    )


def _reached(field: Connection, key: bytes, contact: str) -> tuple[str, list[str]]:
    """Why nobody writes to the person any more, if so; and by what they are reached, in sentences."""
    row = addresses_of(field, [contact]).get(contact)
    marks = marks_of(key, contact, row.email if row else None, row.phone if row else None)
    held = {bytes(each.mark): each for each in field.execute(select(OPT_OUTS).where(OPT_OUTS.c.mark.in_(marks)))}
    own, found = held.get(marks[0]), []
    stopped = ""
    if own is not None and own.how == "erased":
        stopped = f"erased on {own.day}"
        return stopped, [f"{stopped}: names, addresses and answers that could be found are gone"]
    if held:
        first = own or min(held.values(), key=lambda each: each.day)
        stopped = f"opted out on {first.day}"
        found = [f"{stopped} ({first.how}{'' if own else ', under an address that is theirs too'})"]
    for channel, name, there in (("email", "e-mail", row and row.email), ("sms", "telephone", row and row.phone)):
        bad = row is not None and channel in row.bad.split()
        found.append(f"{name}: {'none known' if not there else 'does not work' if bad else 'known'}")
    return stopped, found


def _messages(past: _Past) -> list[Told]:
    """What was sent, is planned, or was not sent and why."""
    found = []
    for row in past.messages:
        state = _shown(row)
        if state is None:
            continue
        rules = past.rules_of(row.wave)
        day = day_of(moment(row.at), rules)
        message = f"reminder {row.step}" if row.step else "the invitation"
        words = {
            "message": message,
            "by": channel_words(row.channel),
            "why": why(row.reason, day, past.made(row.id), rules, [wave for wave in past.cold if wave != row.wave]),
        }
        found.append(Told(day.isoformat(), row.wave, _SENT[state].format_map(words)))
    return found


def _shown(row: Row[Any]) -> str | None:
    """The state of a message as it may be told; None where it may not."""
    if row.audience != SEALED:
        return str(row.state)
    if row.step > 0:
        return None
    return str(row.state) if row.state == "bounced" or (row.state == "dropped" and row.reason in KEPT) else "due"


def _rosters(past: _Past, stopped: bool) -> list[Told]:
    """Waves that ask the person without a message of ours; and of others than employees, what became of it."""
    found = []
    written = {row.token for row in past.messages}
    for row in past.invitations:
        if row.token not in written:
            what = f"is one of the {row.audience} that this wave asks, and no message of it is planned here"
            found.append(Told(past.waves[row.wave].first, row.wave, what))
        if row.audience != SEALED and row.state in _STATES and row.day and not stopped:
            found.append(Told(row.day, row.wave, _STATES[row.state]))
    return found


def _events(past: _Past) -> list[Told]:
    """What happened to the person, and what followed."""
    found = []
    for row in past.events:
        rules = past.rules_of(row.wave) if row.wave else past.rules
        day = day_of(moment(row.at), rules)
        what = {"waiting": "waits to be decided", "invited": "is asked about"}.get(row.state)
        if what is None:
            decided = day_of(moment(row.received), rules)
            what = f"not asked about: {why(row.reason, decided, past.made(), rules, past.cold)}"
        name = row.touchpoint if row.event.startswith("~") else f"{row.touchpoint} ({row.event})"
        found.append(Told(day.isoformat(), row.wave or "", f"{name}: {what}"))
    return found


def _next(past: _Past, at: datetime, stopped: str) -> tuple[str, ...]:
    """What comes: the next message, and the first day on which the person may be asked for another wave."""
    if stopped:
        return (f"nothing: {stopped}",)
    said = []
    now = stamp(at)
    coming = [row for row in past.messages if _shown(row) == "planned" or (_shown(row) == "due" and row.due > now)]
    if coming:
        row = min(coming, key=lambda each: each.due)
        when = moment(row.due).astimezone(zone_of(past.rules_of(row.wave)))
        message = f"reminder {row.step}" if row.step else "the invitation"
        said.append(f"{message} of {row.wave} {channel_words(row.channel)}, due on {when:%Y-%m-%d at %H:%M}")
    today = day_of(at, past.rules)
    free = free_on(today, past.made(), past.rules)
    said.append("may be asked today" if free == today else f"may be asked for another wave from {free} on")
    return tuple(said)

"""Deciding events: whether somebody to whom something happened is asked about it, and if not, why not.

Events are decided in the order in which they happened.  A contact is asked about one event a day: the first one that is known and
that a wave could follow.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, or_, select, update

from symmetry.fieldwork.contacts.counting import among
from symmetry.fieldwork.contacts.ledger import addresses_of, channel_of, ledger_key, verdicts
from symmetry.fieldwork.inviting.following import Followed, Waves, followed, luck, waits_of, waves_of
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
from symmetry.fieldwork.store.opening import links_key
from symmetry.fieldwork.store.quotas import cells_of
from symmetry.fieldwork.store.tables import EVENTS, INVITATIONS, QUOTAS, WAVES
from symmetry.fieldwork.store.tokens import hash_of, token_of
from symmetry.fieldwork.timing import day_of, moment, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from symmetry.fieldwork.asking.nouns import Asked
    from symmetry.fieldwork.inviting.messages import Row as Message
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["LATE", "decide_events"]

LATE = timedelta(hours=48)
"""How long after the moment at which somebody should be asked, by the shortest arm, it is too late to ask."""
_WAITING = (
    select(*EVENTS.c["event", "touchpoint", "contact", "audience", "at", "known"])
    .where(EVENTS.c.state == "waiting", EVENTS.c.event.not_like("~%"))
    .order_by(EVENTS.c.at, EVENTS.c.event)
)
_FULL = {
    "enough": "as many are invited as `size` says: whoever comes later has no chance",
    "over quota": "the quotas of some people are full: whoever is like them has no chance until they open again",
}
_NOBODY_COULD = ("no open wave", "too late")
_OTHERS = 36.0  # hours: events of the same day, in any time zone, are nearer than this
_DECIDED = (
    update(EVENTS)
    .where(EVENTS.c.event == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in ("state", "reason", "wave", "delay")})
)


@dataclass(frozen=True)
class _Decided:
    """What becomes of an event: why nobody is asked ("" where somebody is), and the invitation and messages that follow."""

    row: Any
    reason: str
    case: Followed | None = None
    invitation: Mapping[str, Any] | None = None
    messages: Sequence[Message] = ()


def decide_events(store: Store, at: datetime, tell: Callable[[str], None] | None = None) -> Counter[str]:
    """Decide every event that waits, and plan the messages of those who are invited.

    Parameters
    ----------
    store : the field.
    at : now, with its time zone.
    tell : hears, in words, the first time that a wave refuses somebody for having enough.

    Returns
    -------
    "invited" → how many, and reason → how many were not asked: "no open wave", "too late" (more than 48 hours), "another event",
    what the ledger says (`contacts.ledger.verdicts`), "not sampled", "enough" and "over quota".  Called again it changes nothing.

    Raises
    ------
    DataError : OPN09, the key of the links is missing; LED02, that of the ledger is damaged.
    StoreAwayError : a database cannot be reached or written to; what was decided stays.

    Notes
    -----
    All events are decided in memory first, each contact once; then they are written down in parts, each in a transaction with the
    invitations and messages that follow.  A contact with events on several days is looked at again after that.  The ledger is
    asked before the luck, so that its refusals are counted among all events.  What is too late is so in every arm, so the rate
    is the chance of each event that is not; where `size` or a quota stopped others, it is that of those who came in time.
    """
    done: Counter[str] = Counter()
    later = True
    with plainly(), undisturbed():
        while later:
            with store.field.connect() as field:
                rows = field.execute(_WAITING).all()
            if not rows:
                break
            key, waves = ledger_key(store.folder), waves_of(store)
            links = links_key(store.folder, draw=False) if waves else b""
            with store.field.connect() as field:
                decided, later = _decide(field, key, links, waves, rows, at)
                if tell is not None:
                    _tell_full(field, decided, tell)
            for start in range(0, len(decided), MANY):
                part = decided[start : start + MANY]
                with to_write(store.field) as field:
                    take_turn(field)
                    done += _write(field, part)
    return done


def _tell_full(field: Connection, decided: Sequence[_Decided], tell: Callable[[str], None]) -> None:
    """Say of each wave that has enough now, and had not before, what this does to the chances."""
    for wave, reason in sorted({(each.case.asked.wave.key, each.reason) for each in decided if each.case}):
        before = select(EVENTS.c.event).where(EVENTS.c.wave == wave, EVENTS.c.reason == reason).limit(1)
        if reason in _FULL and field.execute(before).first() is None:
            tell(f"{wave}: {_FULL[reason]}; 1 / rate is the weight of those who came in time, not of everybody")


def _decide(
    field: Connection, key: bytes, links: bytes, waves: Waves, rows: Sequence[Any], at: datetime
) -> tuple[list[_Decided], bool]:
    """Decide events in their order; whether some of them have to wait until what was decided is written down."""
    busy = _busy(field, rows, waves)
    groups: defaultdict[tuple[str, str], list[Followed]] = defaultdict(list)
    decided: list[_Decided] = []
    seen: set[str] = set()
    later = False
    for row in rows:
        case = followed(key, row, waves.get((row.touchpoint, row.audience), ()))
        if case is None:
            decided.append(_Decided(row, "no open wave"))
            continue
        if at > case.happened + timedelta(hours=min(waits_of(case.asked))) + LATE:
            decided.append(_Decided(row, "too late", case))
        elif (row.contact, case.day) in busy:
            decided.append(_Decided(row, "another event", case))
        elif row.contact in seen:
            later = True
        else:
            seen.add(row.contact)
            busy.add((row.contact, case.day))
            groups[case.asked.wave.key, case.asked.audience].append(case)
    for cases in groups.values():
        decided += _chosen(field, key, links, cases, at)
    return decided, later


def _write(field: Connection, part: Sequence[_Decided]) -> Counter[str]:
    """Write down what was decided, of events that still wait and of waves that are still open; how many of each kind."""
    names = [each.row.event for each in part]
    waiting = set(
        field.execute(select(EVENTS.c.event).where(EVENTS.c.event.in_(names), EVENTS.c.state == "waiting")).scalars()
    )
    running = set(field.execute(select(WAVES.c.wave).where(WAVES.c.state == "open")).scalars())
    true = [
        each
        for each in part
        if each.row.event in waiting and (each.case is None or each.case.asked.wave.key in running)
    ]
    many(field, _DECIDED, [_said(each) for each in true])
    invitations = [each.invitation for each in true if each.invitation]
    many(field, insert(INVITATIONS), sorted(invitations, key=itemgetter("token")))
    keep_messages(field, [message for each in true for message in each.messages])
    return Counter(each.reason or "invited" for each in true)


def _busy(field: Connection, rows: Sequence[Any], waves: Waves) -> set[tuple[str, date]]:
    """Contact and day of events decided before that a wave could follow."""
    if not rows or not waves:
        return set()
    contact = next(iter(waves.values()))[0].study.contact
    first, last = (moment(rows[place].at) + timedelta(hours=shift) for place, shift in ((0, -_OTHERS), (-1, _OTHERS)))
    others = select(EVENTS.c.contact, EVENTS.c.at).where(
        among(EVENTS.c.contact, {row.contact for row in rows}),
        EVENTS.c.at.between(stamp(first), stamp(last)),
        or_(EVENTS.c.state == "invited", EVENTS.c.state == "not asked"),
        EVENTS.c.reason.not_in(_NOBODY_COULD),
    )
    return {(each.contact, day_of(moment(each.at), contact)) for each in field.execute(others)}


def _chosen(field: Connection, key: bytes, links: bytes, cases: Sequence[Followed], at: datetime) -> list[_Decided]:
    """Decide the events of one wave and audience, no contact being there twice, with invitation and messages of those invited."""
    asked = cases[0].asked
    wave, audience, study = asked.wave.key, asked.audience, asked.study
    contacts = [case.row.contact for case in cases]
    reasons = verdicts(field, key, study, wave, audience, contacts, at)
    addresses = addresses_of(field, [contact for contact, reason in zip(contacts, reasons, strict=True) if not reason])
    room, full = _room(field, asked), _full(field, asked)
    sampling = asked.wave.sampling.get(audience)
    by, added = sampling.by if sampling is not None else (), _added(asked)
    decided: list[_Decided] = []
    for case, verdict in zip(cases, reasons, strict=True):
        first = first_due(asked, at, case.first)
        known = _known(case, added) if added or by or full else None
        reason = verdict
        if not reason and case.rate < 1 and luck(key, "rate", wave, case.row.event) >= case.rate:
            reason = "not sampled"
        if not reason and room <= 0:
            reason = "enough"
        if not reason and full and known is not None:
            cells = cells_of(asked, known, day_of(first, study.contact))
            reason = "over quota" if any((c["quota"], c["cell"], c["period"]) in full for c in cells) else ""
        if reason:
            decided.append(_Decided(case.row, reason, case))
            continue
        room -= 1
        until = stands_until(asked, first)
        stratum = " × ".join(known.get(item, "") for item in by) if known is not None else ""
        told = case.row.known if known is None else json.dumps(known, ensure_ascii=False)
        invitation = _invitation(case, links, stratum, told, until)
        channel = channel_of(study, addresses.get(case.row.contact))
        whose = (invitation["token"], case.row.event, case.row.contact)
        messages = messages_of(asked, whose, channel, first, until)
        decided.append(_Decided(case.row, "", case, invitation, messages))
    return decided


def _invitation(case: Followed, links: bytes, stratum: str, known: str, until: datetime) -> dict[str, Any]:
    """A row of the roster: the person is the event."""
    wave, audience, person = case.asked.wave.key, case.asked.audience, case.row.event
    return {
        "token": hash_of(token_of(links, wave, audience, person)),
        "wave": wave,
        "audience": audience,
        "person": person,
        "contact": case.row.contact,
        "stratum": stratum,
        "psu": "",
        "probability": case.rate,
        "known": known,
        "state": "invited",
        "expires": stamp(until),
    }


def _added(asked: Asked) -> Collection[str]:
    """Frame items of the study that the field itself knows of each event: the hours drawn, and the weight."""
    items = asked.study.items
    return [
        name for name in ("delay", "weight") if name in items and items[name].role == "frame" and items[name].numeric
    ]


def _known(case: Followed, added: Collection[str]) -> dict[str, str]:
    """What is known of the person, and what the field adds."""
    known: dict[str, str] = json.loads(case.row.known)
    own = {"delay": case.delay, "weight": 1 / case.rate}
    return known | {name: f"{own[name]:.15g}" for name in added}


def _room(field: Connection, asked: Asked) -> float:
    """How many more may be invited; infinity where nothing limits it."""
    sampling = asked.wave.sampling.get(asked.audience)
    if sampling is None or not isinstance(sampling.size, int):
        return math.inf
    of = (INVITATIONS.c.wave == asked.wave.key, INVITATIONS.c.audience == asked.audience)
    return sampling.size - field.execute(select(func.count()).select_from(INVITATIONS).where(*of)).scalar_one()


def _full(field: Connection, asked: Asked) -> Collection[tuple[str, str, str]]:
    """Quota, cell and period of the cells in which there are enough answers."""
    of = (QUOTAS.c.wave == asked.wave.key, QUOTAS.c.audience == asked.audience, QUOTAS.c.taken >= QUOTAS.c.most)
    return {tuple(row) for row in field.execute(select(*QUOTAS.c["quota", "cell", "period"]).where(*of))}


def _said(decided: _Decided) -> dict[str, Any]:
    """What the row of an event shall say."""
    return {
        "of": decided.row.event,
        "new_state": "not asked" if decided.reason else "invited",
        "new_reason": decided.reason,
        "new_wave": decided.case.asked.wave.key if decided.case else None,
        "new_delay": decided.case.delay if decided.case else None,
    }

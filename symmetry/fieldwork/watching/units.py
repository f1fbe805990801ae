"""The people of a wave as those who watch it need them: one unit an invitation, with what became of it.

For customers and observers alone: of employees nobody may see single answers, nor who gave them (see `sealed`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select

from symmetry.fieldwork.asking.routes import visible
from symmetry.fieldwork.contacts.ledger import ledger_key, pseudonym
from symmetry.fieldwork.store.tables import EVENTS, FIRST, INVITATIONS, OPT_OUTS, OUTBOX, RESPONSES, WAVES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.asking.nouns import Answer, Asked
    from symmetry.fieldwork.columns import Column
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["ENOUGH", "STEP_0", "UNASKED", "Unit", "applicable", "by_hand", "fate_of", "units_of"]

ENOUGH = {"complete": 0.8, "partial": 0.5}
UNASKED = (
    "no address",
    "bounced",
    "opted out",
    "resting",
    "most a year",
    "cold first",
    "another event",
    "expired",
    "wave closed",
)
"""Reasons for which somebody is not written to; others ("answered", "refused") are told by the invitation itself."""
STEP_0 = and_(OUTBOX.c.token == INVITATIONS.c.token, FIRST)
_UNITS = (
    select(
        *INVITATIONS.c["person", "contact", "known", "probability", "state", "day"],
        *RESPONSES.c["answers", "seconds"],
        OUTBOX.c.state.label("sending"),
        *OUTBOX.c["reason", "sent", "claimed"],
        EVENTS.c.channel,
    )
    .select_from(
        INVITATIONS.outerjoin(RESPONSES, RESPONSES.c.token == INVITATIONS.c.token)
        .outerjoin(OUTBOX, STEP_0)
        .outerjoin(EVENTS, and_(EVENTS.c.event == INVITATIONS.c.person, EVENTS.c.wave == INVITATIONS.c.wave))
    )
    .order_by(INVITATIONS.c.person)
)


@dataclass(frozen=True)
class Unit:
    """One invitation, and what became of it.

    Attributes
    ----------
    fate : a key of `dispositions.CODES`, or why the unit stands outside the rates: "not yet invited" or one of `UNASKED`.
    weight : one over the probability.
    known : frame item → what is known; `channel` also where the event alone said it.
    person : whose draw decides the order of pages.
    state, day : as the invitation has them.
    answers : those saved; None where nothing was.
    seconds : spent on the questions, where the browser said it.
    written : whether an invitation left, or may have.
    opted : whether the person wants no more letters since then.
    """

    fate: str
    weight: float
    known: Mapping[str, str]
    person: str
    state: str
    day: str | None
    answers: Mapping[str, Answer] | None
    seconds: int | None
    written: bool = False
    opted: bool = False


def units_of(connection: Connection, store: Store, asked: Asked) -> list[Unit]:
    """Every invitation of one audience of a wave.

    Parameters
    ----------
    connection : to the field database.
    store : whose ledger says who opted out.
    asked : the questionnaire; not of employees.

    Raises
    ------
    ValueError : answers are sealed.
    """
    if asked.sealed:
        raise ValueError(f"nobody may look at single {asked.audience}")
    wave, audience = asked.wave.key, asked.audience
    opted = _opted_out(connection, store)
    hand = by_hand(connection, wave, audience)
    last = connection.execute(select(func.coalesce(WAVES.c.closed, WAVES.c.last, "9999")).where(WAVES.c.wave == wave))
    until = last.scalar_one()
    rows = connection.execute(_UNITS.where(INVITATIONS.c.wave == wave, INVITATIONS.c.audience == audience))
    return [_unit(asked, row, hand, opted, until) for row in rows]


def by_hand(connection: Connection, wave: str, audience: str) -> bool:
    """Whether links were handed out by other means: nothing was ever planned, so everybody counts as asked."""
    planned = select(OUTBOX.c.id).where(OUTBOX.c.wave == wave, OUTBOX.c.audience == audience, FIRST)
    return connection.execute(planned.limit(1)).first() is None


def applicable(asked: Asked, known: Mapping[str, str], answers: Mapping[str, Answer]) -> tuple[Column, ...]:
    """The questions that a person is asked, given what they answered so far."""
    return visible(asked, tuple(asked.columns.values()), known, answers)


def fate_of(sending: str | None, reason: str | None, hand: bool) -> str:
    """What became of an invitation that nobody acted on.

    Examples
    --------
    >>> fate_of("sent", "", False), fate_of("dropped", "resting", False), fate_of(None, None, True)
    ('no reply', 'resting', 'no reply')
    """
    if hand or sending in ("sent", "uncertain"):
        return "no reply"
    if sending == "bounced":
        return "bounced mail"
    if sending == "dropped":
        return reason if reason in UNASKED else "not written to"
    return "not yet invited"


def _unit(asked: Asked, row: Any, hand: bool, opted: Callable[[str], str], until: str) -> Unit:
    known = json.loads(row.known)
    if row.channel and "channel" not in known:
        known["channel"] = row.channel
    answers = None if row.answers is None else json.loads(row.answers)
    written = row.sending in ("sent", "uncertain")
    since = asked.first.isoformat() if hand else (row.sent or row.claimed or "9999")[:10]
    out = (hand or written) and since <= opted(row.contact) <= until
    fate = _answered(asked, row.state, known, answers) or fate_of(row.sending, row.reason, hand)
    if fate == "no reply" and out:
        fate = "refusal"
    weight = 1 / row.probability
    return Unit(fate, weight, known, row.person, row.state, row.day, answers, row.seconds, written, out)


def _answered(asked: Asked, state: str, known: Mapping[str, str], answers: Mapping[str, Answer] | None) -> str | None:
    """What somebody's answer amounts to: how much of what they were asked they answered; None where there is none."""
    if state in ("refused", "over quota"):
        return {"refused": "refusal"}.get(state, state)
    if state not in ("complete", "started"):
        return None
    if answers is None:
        return "break-off" if state == "started" else "complete"
    questions = applicable(asked, known, answers)
    share = sum(column.name in answers for column in questions) / len(questions) if questions else 0
    return next((fate for fate, least in ENOUGH.items() if share >= least), "break-off")


def _opted_out(connection: Connection, store: Store) -> Callable[[str], str]:
    """The day on which a contact wanted no more letters; "" for everybody else."""
    days = {f"~{row.mark.hex()}": str(row.day) for row in connection.execute(select(OPT_OUTS.c.mark, OPT_OUTS.c.day))}
    if not days:
        return lambda contact: ""
    key = ledger_key(store.folder)
    return lambda contact: days.get(pseudonym(key, contact), "")

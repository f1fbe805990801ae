"""The nouns of cases: one case with its clocks, and what whoever cares for it may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symmetry.fieldwork.asking.nouns import Answer

__all__ = ["WARNED", "Case", "Seen"]

WARNED = 0.8  # part of the time after which somebody else is told


@dataclass(frozen=True)
class Case:
    """An answer that calls for an answer.

    Attributes
    ----------
    case : its name.
    wave, alert : which answer.
    owner, unit : who cares for it, and of which unit it is ("" without).
    opened, call_back_by, close_by : moments.
    called_back, closed, escalated, told : moments at which it happened; None before.
    by : who took it.
    """

    case: str
    wave: str
    alert: str
    owner: str
    unit: str
    opened: datetime
    call_back_by: datetime
    close_by: datetime
    called_back: datetime | None = None
    closed: datetime | None = None
    escalated: datetime | None = None
    told: datetime | None = None
    by: str | None = None

    @property
    def todo(self) -> str:
        """What has to be done next: "call back", "close" or nothing ("")."""
        if self.closed is not None:
            return ""
        return "close" if self.called_back is not None else "call back"

    @property
    def due(self) -> datetime:
        """Until when that must be done, whichever clock runs out first; of a closed case, until when it had to be closed."""
        return self.call_back_by if self.todo == "call back" else self.close_by

    @property
    def warned_at(self) -> datetime:
        """The moment at which four fifths of the time for the next step are over; a call waits for the earlier of both clocks."""
        ends = [self.close_by, *([self.call_back_by] if self.todo == "call back" else [])]
        return min(self.opened + WARNED * (end - self.opened) for end in ends)

    def late(self, now: datetime) -> timedelta:
        """By how much a step was or is late, the later one where both are; nothing where all is in time."""
        called = self.called_back or self.closed or now
        closed = self.closed or now
        return max(called - self.call_back_by, closed - self.close_by, timedelta())


@dataclass(frozen=True)
class Seen:
    """A case as its owner may see it.

    Attributes
    ----------
    case : the case.
    contact : whom to call; "" where the store has forgotten it.
    email, phone, language : where, and in which language they answered; None where that is not known.
    answers : label → the answer in words: those that the alert names, where the owner sees alerts, and what people wrote in
        their own words, where the owner sees verbatims.
    """

    case: Case
    contact: str
    email: str | None = None
    phone: str | None = None
    language: str | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)

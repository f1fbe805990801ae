"""The words of an explanation: why a message went or did not, with the figures of the rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from symmetry.fieldwork.contacts.counting import YEAR
from symmetry.spec import Contact

__all__ = ["Counted", "channel_words", "free_on", "why"]

_CHANNELS = {"email": "by e-mail", "sms": "by SMS", "qr": "by letter", "post": "by letter"}
_WHY = {
    "answered": "the person had answered",
    "bounced": "no address works",
    "cold first": "a cold wave comes first",
    "enough": "the wave had as many as it wants",
    "erased": "the person was erased",
    "expired": "its time was over",
    "most a year": "the most invitations of a year had been made",
    "no address": "no address is known for the channels of the study",
    "no open wave": "no open wave follows it",
    "not invited": "the invitation had not gone",
    "not sampled": "not drawn: the wave asks a share of the events",
    "another event": "another event of the same person was decided first",
    "opted out": "the person had opted out",
    "over quota": "there were enough answers of such people",
    "refused": "the person had refused",
    "resting": "resting after an invitation",
    "too late": "it was decided too late to ask",
    "wave closed": "the wave was closed",
}


@dataclass(frozen=True)
class Counted:
    """An invitation that counts: its day and its wave; no wave where somebody else sent it."""

    day: date
    wave: str

    @property
    def words(self) -> str:
        """As a sentence goes on after "invited"."""
        return f"on {self.day} to {self.wave}" if self.wave else f"on {self.day} by others"


def channel_words(channel: str) -> str:
    """How a message goes."""
    return _CHANNELS.get(channel, f"by {channel}" if channel else "by no channel")


def why(reason: str, day: date, made: Sequence[Counted], rules: Contact, cold: Sequence[str] = ()) -> str:
    """A reason in words, with the figures of its rule.

    Parameters
    ----------
    reason : as the store has it.
    day : on which it was decided, as near as the store knows.
    made : the invitations that count, in the order of their days, that which is explained left out.
    rules : of contact.
    cold : the cold waves that will ask the person.

    Examples
    --------
    >>> made = [Counted(date(2027, 3, 3), "cold-2027")]
    >>> why("resting", date(2027, 4, 1), made, Contact(quarantine=2160.0))
    'resting until 2027-06-01: invited on 2027-03-03 to cold-2027, and the quarantine is 90 days'
    """
    if reason == "resting" and rules.quarantine:
        near = [each for each in made if each.day + _rest(rules) > day]
        before = [each for each in near if each.day <= day] or near[:1]
        if before:
            until = before[-1].day + _rest(rules)
            return f"resting until {until}: invited {before[-1].words}, and the quarantine is {_days(rules.quarantine)}"
    if reason == "most a year" and rules.max_per_year is not None:
        year = [each for each in made if day - timedelta(days=YEAR) < each.day <= day]
        if year:
            first = f"{len(year)} invitations in the 365 days before, the first {year[0].words}"
            return f"{first}, and the most is {rules.max_per_year}"
    if reason == "cold first" and cold:
        return f"{_WHY[reason]}: {', '.join(cold)}"
    return _WHY.get(reason, reason or "for a reason that is kept no more")


def free_on(today: date, made: Sequence[Counted], rules: Contact) -> date:
    """The first day, today or later, on which rest and cap let a person be asked.

    Examples
    --------
    >>> free_on(date(2027, 4, 1), [Counted(date(2027, 3, 3), "cold-2027")], Contact(quarantine=2160.0))
    datetime.date(2027, 6, 1)
    """
    free = today
    if made and rules.quarantine:
        free = max(free, made[-1].day + _rest(rules))
    if rules.max_per_year is not None and len(made) >= rules.max_per_year > 0:
        free = max(free, made[-rules.max_per_year].day + timedelta(days=YEAR))
    return free


def _rest(rules: Contact) -> timedelta:
    return timedelta(days=math.ceil((rules.quarantine or 0.0) / 24))


def _days(hours: float) -> str:
    return f"{hours / 24:g} days" if hours != 24 else "1 day"

"""What a study expects before the field: returns of both audiences, their units, and what hot waves meet.

Frozen nouns, read by the planner alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Expectation", "Expected", "ExpectedHot", "ExpectedUnits"]


@dataclass(frozen=True)
class Expected:
    """What one audience is expected to return, None where nothing is said.

    `answers`, or `invited` people of whom a share (`response`) answers, of `of` there are; the standard deviation of answers
    (`sd`, in points), the favourable `share` and the standard deviation of an NPS (`sd_nps`); how alike answers inside a unit
    are (`icc`), the design effect of unequal weights, and what an answer costs.
    """

    answers: int | None = None
    invited: int | None = None
    response: float | None = None
    of: int | None = None
    sd: float | None = None
    share: float | None = None
    sd_nps: float | None = None
    icc: float | None = None
    deff: float | None = None
    cost: float | None = None

    @property
    def returns(self) -> int | None:
        """Answers: as told, or those of the invited who answer."""
        if self.answers is not None or self.invited is None or self.response is None:
            return self.answers
        return round(self.invited * self.response)


@dataclass(frozen=True)
class ExpectedUnits:
    """Units drawn of how many, the correlation of both audiences' true means over units, and what a unit costs."""

    drawn: int | None = None
    of: int | None = None
    together: float | None = None
    cost: float | None = None


@dataclass(frozen=True)
class ExpectedHot:
    """What one hot wave is expected to meet: events a day by channel (`contacts`), and what becomes of them.

    `delivered` is the share of invitations that arrive, `response` that of those answered, and `alerts` the share of
    answers that raise each alert.  None, or an alert that is not there, where nothing is said.
    """

    contacts: Mapping[str, float] = field(default_factory=dict)
    delivered: float | None = None
    response: float | None = None
    alerts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Expectation:
    """What comes back if all goes as thought; `finite` where verdicts are on these people and units alone.

    `hot` is what each hot wave meets, by its key.
    """

    customers: Expected = field(default_factory=Expected)
    employees: Expected = field(default_factory=Expected)
    units: ExpectedUnits = field(default_factory=ExpectedUnits)
    finite: bool = False
    hot: Mapping[str, ExpectedHot] = field(default_factory=dict)

"""What a planned sample is asked to show, read from plain arguments, and how likely it is to show it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Literal, get_args

from symmetry.design.planning.chances import critical_value, different, equivalent
from symmetry.design.planning.planned import Side, of_differences, shared_covariance
from symmetry.errors import DesignError

__all__ = ["Alternative", "Claim", "Distribution", "Each", "Outlook", "Sharing", "Test", "sides_of"]

Each = float | Mapping[str, float | None]
Alternative = Literal["two_sided", "one_sided"]
Distribution = Literal["t", "normal"]
Sharing = Literal["apart", "units", "persons"]
Test = Literal["wald", "pooled"]
_DEFAULTS = {"deff": 1.0, "strata": 1.0, "response": 1.0, "population": math.inf, "population_psus": math.inf}


@dataclass(frozen=True)
class Outlook:
    """What a sample will be good for: standard error, degrees of freedom, margin of error and power (NaN without a claim)."""

    se: float
    df: float
    margin: float
    power: float = math.nan


@dataclass(frozen=True)
class Claim:
    """What is to be shown, and by which test: the arguments of `symmetry.design.power`, under the same names."""

    difference: float | None
    equivalence: float | None
    smallest: float
    level: float
    alternative: Alternative
    test: Test
    distribution: Distribution
    sharing: Sharing
    correlation: float

    def check(self) -> None:
        """Refuse options that are none."""
        for name, kind in (
            ("alternative", Alternative),
            ("test", Test),
            ("distribution", Distribution),
            ("sharing", Sharing),
        ):
            if getattr(self, name) not in get_args(kind):
                raise DesignError(f"{name}={getattr(self, name)!r} is unknown", mend=f"one of {get_args(kind)}")
        for name in ("difference", "equivalence", "smallest", "level", "correlation"):
            _check_number(name, getattr(self, name))
        for name, good, mend in (
            ("level", 0 < self.level < 1, "between 0 and 1; 0.95 is usual"),
            ("correlation", -1 <= self.correlation <= 1, "between -1 and 1"),
            ("equivalence", self.equivalence is None or self.equivalence > 0, "a margin above 0"),
            ("smallest", self.smallest >= 0, "0 or more"),
            (
                "smallest",
                not self.smallest or self.equivalence is None,
                "it is of a difference: leave equivalence= out",
            ),
            ("difference", self.difference is None or math.isfinite(self.difference), "a number"),
        ):
            if not good:
                raise DesignError(f"{name}={getattr(self, name)!r} cannot be", mend=mend)

    @property
    def made(self) -> bool:
        """Whether a claim is made."""
        return self.difference is not None or self.equivalence is not None

    def alone(self, side: Side) -> Outlook:
        """One audience's own standard error, degrees of freedom and margin."""
        return self._outlook(math.sqrt(max(side.variance(), 0.0)), side.df)

    def outlook(self, sides: Sequence[Side]) -> Outlook:
        """What settled sides will be good for: the difference of two, or the value of one."""
        se, df = math.sqrt(max(self._variance(sides), 0.0)), _freedom(sides, self.sharing)
        found = self._outlook(se, df)
        if not self.made or math.isnan(found.margin):
            return found
        free, truth = self._free(df), self.difference or 0.0
        if self.equivalence is not None:
            return replace(found, power=equivalent(truth, se, free, level=self.level, within=self.equivalence))
        null = math.sqrt(max(self._variance(sides, self._null(sides)), 0.0)) if self.test == "pooled" else None
        tails = 2 if self.alternative == "two_sided" else 1
        chance = different(truth, se, free, level=self.level, sides=tails, smallest=self.smallest, null_se=null)
        return replace(found, power=chance)

    def _free(self, df: float) -> float:
        return math.inf if self.distribution == "normal" else df

    def _outlook(self, se: float, df: float) -> Outlook:
        """Standard error, degrees of freedom, and the margin where there are any."""
        free = self._free(df)
        if se > 0 and not free > 0:
            return Outlook(se, df, math.nan)
        tails = 2 if self.alternative == "two_sided" else 1
        return Outlook(se, df, critical_value(free, 1 - (1 - self.level) / tails) * se if se > 0 else 0.0)

    def _variance(self, sides: Sequence[Side], sds: Sequence[float] | None = None) -> float:
        """Variance of the difference of two sides, or of one."""
        own = sum(
            side.variance(sd) for side, sd in zip(sides, sds if sds is not None else [None] * len(sides), strict=True)
        )
        if len(sides) == 1 or self.sharing != "units":
            return own
        return own - 2 * shared_covariance(sides[0], sides[1], self.correlation)

    def _null(self, sides: Sequence[Side]) -> list[float]:
        """Standard deviations of answers were there no difference: of the pooled share, or of the share tested against."""
        shares = [side.share if side.share is not None else math.nan for side in sides]
        if len(sides) == 2:
            common = sum(side.answers * share for side, share in zip(sides, shares, strict=True))
            common /= sum(side.answers for side in sides)
        else:
            common = shares[0] - (self.difference or 0.0)
        return [
            side.sd * math.sqrt(common * (1 - common) / (share * (1 - share)))
            for side, share in zip(sides, shares, strict=True)
        ]


def sides_of(
    claim: Claim, sd: Each | None, share: Each | None, facts: Mapping[str, Each | None]
) -> tuple[list[Side], Claim]:
    """Read the sides and what is claimed of them; the difference of two shares is a claim of its own."""
    claim.check()
    if (sd is None) == (share is None):
        raise DesignError("answers have no spread", mend="say sd= for a mean, or share= for a share")
    given = {"sd": sd, "share": share, **facts}
    names = list(dict.fromkeys(name for value in given.values() if isinstance(value, Mapping) for name in value))
    if len(names) > 2:
        raise DesignError(f"{len(names)} audiences: {', '.join(map(repr, names))}", mend="compare two at a time")
    sides = [_side(name, given) for name in names or ["all"]]
    if claim.sharing != "apart" and len(sides) < 2:
        raise DesignError(
            f"sharing={claim.sharing!r} takes two audiences", mend='name them: sd={"customers": 1, "employees": 1}'
        )
    claim = replace(claim, difference=_difference(claim, sides))
    if claim.test == "pooled" and (share is None or claim.sharing == "persons" or claim.equivalence is not None):
        raise DesignError('test="pooled" is for the difference of independent shares', mend='leave test="wald"')
    if claim.sharing == "units" and (
        None in {side.icc for side in sides} or sides[0].population_psus != sides[1].population_psus
    ):
        raise DesignError(
            "shared units need an icc for both audiences and one number of units in the population",
            mend="say icc= and population_psus= (or leave the latter out)",
        )
    if claim.sharing == "persons":
        return [_paired(sides, claim.correlation)], claim
    return sides, claim


def _side(name: str, given: Mapping[str, Each | None]) -> Side:
    """One audience, every fact checked."""
    facts: dict[str, Any] = {}
    for key, value in given.items():
        found = value.get(name) if isinstance(value, Mapping) else value
        _check_number(key, found)
        number = _DEFAULTS.get(key) if found is None else found
        if number is not None and not _possible(key, float(number)):
            of = "" if name == "all" else f" of {name}"
            raise DesignError(f"{key}={number!r}{of} cannot be", mend=_RANGES.get(key, "a number above 0"))
        if number is not None and key in _COUNTS and not float(number).is_integer():
            of = "" if name == "all" else f" of {name}"
            raise DesignError(
                f"{key}={number!r}{of} is no whole number", mend="answers, psus and strata are counted: round up"
            )
        facts[key] = None if number is None else float(number)
    if facts["share"] is not None:
        size = facts["population"]
        unbiased = size / (size - 1) if math.isfinite(size) and size > 1 else 1.0
        facts["sd"] = math.sqrt(facts["share"] * (1 - facts["share"]) * unbiased)
    if facts["sd"] is None:
        raise DesignError(f"{name}: answers have no spread", mend="say its sd or its share")
    return Side(name, **facts)


_COUNTS = ("n", "psus", "strata")
_RANGES = {
    "share": "between 0 and 1, ends excluded",
    "icc": "at least 0 and below 1",
    "response": "above 0 and at most 1",
    "sd": "0 or more, and below 1e150",
}


def _check_number(name: str, value: object) -> None:
    """Refuse text and the like; None is a number that is not given."""
    if value is not None and (not isinstance(value, Real) or isinstance(value, bool)):
        raise DesignError(f"{name}={value!r} is no number", mend="give a number, or {audience: number}")


def _possible(key: str, number: float) -> bool:
    """Whether a fact can have this value."""
    if key in ("share", "icc", "response", "sd"):
        low, high = (
            number > 0 or (number == 0 and key in ("icc", "sd")),
            number < 1 or (number == 1 and key == "response"),
        )
        return low and (high or (key == "sd" and number < 1e150))
    return number > 0 and (math.isfinite(number) or key.startswith("population"))


def _difference(claim: Claim, sides: Sequence[Side]) -> float | None:
    """The true difference: as told, or of the shares."""
    shares = [side.share for side in sides if side.share is not None]
    if len(shares) < 2:
        if shares and claim.difference is not None and not 0 < shares[0] - claim.difference < 1:
            raise DesignError(
                f"a share of {shares[0]:g} does not differ by {claim.difference:g} from a share",
                mend="share minus difference, what it is tested against, lies between 0 and 1",
            )
        return claim.difference
    found = shares[0] - shares[1]
    if claim.difference is None:
        return found if found or claim.equivalence is not None else None
    if not math.isclose(found, claim.difference, abs_tol=1e-12):
        raise DesignError(
            f"shares of {shares[0]:g} and {shares[1]:g} do not differ by {claim.difference:g}",
            mend="give each audience its share, and no difference",
        )
    return found


def _paired(sides: Sequence[Side], correlation: float) -> Side:
    """Differences of the same persons, whose facts are one."""
    one, other = sides
    if replace(one, name="", sd=0, share=None) != replace(other, name="", sd=0, share=None):
        raise DesignError(
            "the same persons have one number, one population and one icc", mend="give numbers, but for sd or share"
        )
    if one.share is not None and other.share is not None:
        _check_correlation(one.share, other.share, correlation)
    return of_differences(one, other, correlation)


def _check_correlation(one: float, other: float, correlation: float) -> None:
    """Refuse a correlation that two answers of 0 or 1 with these shares cannot have (Fréchet's bounds)."""
    spread = math.sqrt(one * (1 - one) * other * (1 - other))
    low, high = ((both - one * other) / spread for both in (max(0.0, one + other - 1), min(one, other)))
    if not low - 1e-9 <= correlation <= high + 1e-9:
        raise DesignError(
            f"two answers with shares of {one:g} and {other:g} cannot correlate by {correlation:g}",
            mend=f"between {low:.3f} and {high:.3f}",
        )


def _freedom(sides: Sequence[Side], sharing: Sharing) -> float:
    """Satterthwaite over the audiences, never above psus minus strata of both together."""
    own = [side.df for side in sides]
    if len(sides) == 1 or min(own) <= 0:
        return min(own)
    variances = [side.variance() for side in sides]
    pooled = sum(own) if sharing == "apart" or sides[0].census else max(own)
    below = sum(v**2 / df for v, df in zip(variances, own, strict=True))
    return min(sum(variances) ** 2 / below, pooled) if below > 0 else pooled

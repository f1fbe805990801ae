"""One audience's planned sample: how many persons in how many psus, and the variance that their mean will have.

With σ² the variance of answers and ρ their intraclass correlation, true means of psus vary by ρσ² and persons inside them by
(1 - ρ)σ².  m of M psus and b of B persons in each give the variance (Cochran 1977, section 10.3, with the variance among the true
means of finite psus, ρσ² + (1 - ρ)σ²/B)

    (1 - m/M) (ρσ² + (1 - ρ)σ²/B) / m  +  (1 - b/B) (1 - ρ)σ² / (m b)

which is σ²/(m b) · (1 + (b - 1) ρ) where both populations are large, and 0 in a census.  Unequal weights multiply it by their own
design effect.  What is to be found out with these variances is said in `sizing.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from symmetry.errors import DesignError

__all__ = ["Side", "of_differences", "shared_covariance"]

_INFINITE = math.inf


@dataclass(frozen=True)
class Side:
    """What is known of one audience's sample; None what is not.

    sd : of answers.  share : the expected share, where that is what will be estimated.  n : answers.  psus : psus they come from,
    none where each person is one.  per_psu : answers a psu, on average.  icc : None where psus play no role, or are inside deff.
    population, population_psus : infinite where not known.  response : share of the invited who answer.
    """

    name: str
    sd: float
    share: float | None
    n: float | None
    psus: float | None
    per_psu: float | None
    icc: float | None
    deff: float
    strata: float
    population: float
    population_psus: float
    response: float

    @property
    def in_psu(self) -> float:
        """Persons a psu holds in the population, B."""
        return _INFINITE if math.isinf(self.population_psus) else self.population / self.population_psus

    @property
    def free(self) -> str | None:
        """What is left to be found: "n", "psus" or "per_psu"; None where the sample is settled."""
        if self.icc is None:
            return "n" if self.n is None and not (self.psus and self.per_psu) else None
        self._check_psus()
        known = [name for name in ("n", "psus", "per_psu") if getattr(self, name) is not None]
        return ("per_psu" if known == ["psus"] else "psus") if len(known) == 1 else None

    @property
    def most(self) -> float:
        """How much there is of what is free."""
        every = {"n": self.population, "psus": self.population_psus, "per_psu": self.in_psu}
        return every.get(self.free or "", _INFINITE)

    def sized(self, amount: float) -> tuple[Side, bool]:
        """The side with what is free set to an amount, no more than there is; and whether that is all there is."""
        name, most = self.free, self.most
        if name is None:
            return self.filled(), True
        least = max(1.0, self.psus or 1.0) if name == "n" else 1.0
        found = float(min(max(math.ceil(amount - 1e-9), least), most))
        changed = {"n": self.n, "psus": self.psus, "per_psu": self.per_psu} | {name: found}
        grown = replace(self, n=changed["n"], psus=changed["psus"], per_psu=changed["per_psu"])
        return grown.filled(), found >= most

    def filled(self) -> Side:
        """What follows from the rest: n = psus × per_psu, and each psu or person that a part would take, taken whole."""
        self._check_psus()
        n, psus, per_psu = self.n, self.psus, self.per_psu
        if n is None and psus is not None and per_psu is not None:
            n = psus * per_psu
        if n is None:
            raise DesignError(f"{self._of}the number of answers is not given", mend="say n=, or psus= and per_psu=")
        if psus is None and per_psu is not None:
            psus = float(math.ceil(n / per_psu - 1e-9))
        self._check(n, psus)
        return replace(self, n=n, psus=psus, per_psu=None if psus is None else n / psus)

    def variance(self, sd: float | None = None) -> float:
        """Variance of the mean of a settled side, of answers with the side's sd or another."""
        square, n = (self.sd if sd is None else sd) ** 2, self.answers
        if self.icc is None:
            return self.deff * (1 - n / self.population) * square / n
        m, b = self.units, n / self.units
        within = (1 - self.icc) * square
        among = self.icc * square + within / self.in_psu
        inside = (1 - b / self.in_psu) * within / n
        return self.deff * ((1 - m / self.population_psus) * among / m + inside)

    @property
    def answers(self) -> float:
        """Answers of a settled side."""
        return float(self.n or 0.0)

    @property
    def units(self) -> float:
        """Psus of a settled side; persons where each is one."""
        return float(self.psus or self.answers)

    @property
    def census(self) -> bool:
        """Whether every psu is in the sample: then they are strata, and persons are the psus."""
        return self.icc is not None and self.units >= self.population_psus

    @property
    def df(self) -> float:
        """Psus minus strata; persons minus psus where every psu is in the sample."""
        return self.answers - self.units if self.census else self.units - self.strata

    def _check_psus(self) -> None:
        """Refuse answers that are alike inside psus of which nothing is known."""
        if self.icc is not None and self.psus is None and self.per_psu is None:
            raise DesignError(
                f"{self._of}answers are alike inside psus (icc={self.icc:g}), and neither psus nor persons a psu are given",
                mend="say per_psu=, or psus=, or both",
            )

    def _check(self, n: float, psus: float | None) -> None:
        """Refuse a sample that is larger than its population."""
        if n > self.population:
            raise DesignError(f"{self._of}{n:g} answers of {self.population:g} persons", mend="no more than there are")
        if psus is None:
            return
        if psus > n:
            raise DesignError(f"{self._of}{psus:g} psus for {n:g} answers", mend="a psu gives one answer or more")
        if psus > self.population_psus:
            raise DesignError(f"{self._of}{psus:g} of {self.population_psus:g} psus", mend="no more than there are")
        if self.icc is not None and n / psus > self.in_psu * (1 + 1e-9):
            raise DesignError(
                f"{self._of}{n / psus:g} answers a psu, which holds {self.in_psu:g} persons",
                mend="no more than there are",
            )

    @property
    def _of(self) -> str:
        """How a message begins."""
        return f"{self.name}: " if self.name != "all" else ""


def shared_covariance(one: Side, other: Side, correlation: float) -> float:
    """Covariance of the means of two audiences whose psus are the same units, the smaller sample of them inside the larger.

    r √(ρ₁ρ₂) σ₁σ₂ (1/m - 1/M), with m the larger number of units and r the correlation of their true means.
    """
    among = math.sqrt((one.icc or 0.0) * (other.icc or 0.0)) * one.sd * other.sd
    return correlation * among * (1 / max(one.units, other.units) - 1 / one.population_psus)


def of_differences(one: Side, other: Side, correlation: float) -> Side:
    """The same persons' differences between two answers, as one side."""
    square = one.sd**2 + other.sd**2 - 2 * correlation * one.sd * other.sd
    return replace(one, name=f"{one.name} - {other.name}", sd=math.sqrt(max(square, 0.0)), share=None)

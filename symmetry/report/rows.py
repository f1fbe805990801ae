"""The rows of the results tables, one noun a table: what `analyse` wrote, typed, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AgreementRow",
    "DriverRow",
    "EffectRow",
    "FieldworkRow",
    "GapRow",
    "LevelRow",
    "PartitionRow",
    "RankRow",
    "Row",
    "TabulatedRow",
    "TrendRow",
    "UnitRow",
    "WeightRow",
]


@dataclass(frozen=True)
class Row:
    """One estimate of a results table; a hidden one keeps its keys and has no number."""

    statistic: str = ""
    item: str = ""
    by: str = ""
    domain: str = ""
    wave: str = ""
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    n: float | None = None
    suppressed: bool = False
    note: str = ""

    @property
    def shown(self) -> bool:
        """Whether there is a number to show."""
        return not self.suppressed and self.estimate is not None


@dataclass(frozen=True)
class LevelRow(Row):
    """A mean, a favourable share or an NPS of one face of an item."""

    audience: str = ""
    face: str = ""


@dataclass(frozen=True)
class GapRow(Row):
    """Customers (a) minus employees (b) on one item, with its verdict; `general` is what a relative gap is counted beyond."""

    a: str = ""
    b: str = ""
    mirror: str = ""
    reading: str = ""
    verdict: str = ""
    grade: str = ""
    quadrant: str = ""
    quadrant_chance: float | None = None
    smallest: float | None = None
    n_a: float | None = None
    n_b: float | None = None
    n_to_settle: float | None = None
    general: float | None = None

    @property
    def shown(self) -> bool:
        """Whether there is something to show: of a loose pair two levels, of any other a gap."""
        return super().shown or (self.mirror == "loose" and not self.suppressed)


@dataclass(frozen=True)
class DriverRow(Row):
    """A driver's share of R² in one audience (statistic `lmg`), or R² itself (`r2`).

    present, p_slope, floor : whether it is told from noise ("present", "borrowed", "not told from noise"), and by what.
    tier : drivers of one tier cannot be put in order; rank_lower, rank_upper, top3 : where its rank may lie.
    vif : how much the other drivers say the same; halo : the share of one general impression in all (on the `r2` row).
    asked : respondents of the audience with a weight; missing : what was done with unanswered items ("listwise", "em"…).
    """

    audience: str = ""
    outcome: str = ""
    r2: float | None = None
    rank: float | None = None
    share_of_r2: float | None = None
    present: str = ""
    p_slope: float | None = None
    floor: float | None = None
    tier: float | None = None
    rank_lower: float | None = None
    rank_upper: float | None = None
    top3: float | None = None
    vif: float | None = None
    halo: float | None = None
    asked: float | None = None
    missing: str = ""

    @property
    def noise(self) -> bool:
        """Whether the results say that it cannot be told from noise."""
        return self.shown and self.present == "not told from noise"

    @property
    def borrowed(self) -> bool:
        """Whether what it shows may be that of others it goes with: it has no slope that is told from 0."""
        return self.shown and self.present == "borrowed"


@dataclass(frozen=True)
class WeightRow:
    """One fact about the weights of an audience."""

    audience: str = ""
    wave: str = ""
    measure: str = ""
    variable: str = ""
    category: str = ""
    value: float | None = None
    target: float | None = None
    note: str = ""


@dataclass(frozen=True)
class FieldworkRow:
    """One count of the field: invited, returned, kept, set aside."""

    wave: str = ""
    audience: str = ""
    measure: str = ""
    item: str = ""
    n: float | None = None
    note: str = ""


@dataclass(frozen=True)
class UnitRow(Row):
    """The gap of one unit, drawn towards the other units (`estimate`, with its posterior interval), and as measured (`direct`).

    own : the part of its own answers in the estimate, between 0 and 1; the other units bring the rest.
    chance_dissonant : probability that the gap is at least the smallest gap of interest, in its likelier direction.
    target, funnel_se, funnel : the middle of the funnel, the width of its limits at this unit, and where the unit stands.
    """

    a: str = ""
    b: str = ""
    mirror: str = ""
    reading: str = ""
    verdict: str = ""
    smallest: float | None = None
    direct: float | None = None
    direct_se: float | None = None
    own: float | None = None
    chance_dissonant: float | None = None
    chance_aligned: float | None = None
    target: float | None = None
    funnel_se: float | None = None
    funnel: str = ""
    n_a: float | None = None
    n_b: float | None = None


@dataclass(frozen=True)
class AgreementRow(Row):
    """How alike the people of one unit answer an item: ICC(1), ICC(2), rwg (median over units), average deviation."""

    audience: str = ""
    face: str = ""
    unit: str = ""
    units: float | None = None
    icc1: float | None = None
    icc1_lower: float | None = None
    icc1_upper: float | None = None
    icc2: float | None = None
    k: float | None = None
    rwg: float | None = None
    rwg_low: float | None = None
    ad: float | None = None

    @property
    def shown(self) -> bool:
        """Whether there is a number to show."""
        return not self.suppressed and any(value is not None for value in (self.icc1, self.rwg, self.ad))


@dataclass(frozen=True)
class PartitionRow(Row):
    """The share of one level of the company (region, unit, person) in the differences of an item."""

    audience: str = ""
    face: str = ""
    level: str = ""
    share: float | None = None
    groups: float | None = None

    @property
    def shown(self) -> bool:
        """Whether there is a number to show."""
        return not self.suppressed and self.share is not None


@dataclass(frozen=True)
class EffectRow(Row):
    """A gap without its scale: Hedges g, Cliff's delta, or the probability of superiority of customers over employees."""

    a: str = ""
    b: str = ""
    mirror: str = ""
    size: str = ""


@dataclass(frozen=True)
class RankRow(Row):
    """Where an item stands among the mirrored items on either side; the estimate is the difference of ranks."""

    a: str = ""
    b: str = ""
    mirror: str = ""
    rank_a: float | None = None
    rank_b: float | None = None


@dataclass(frozen=True)
class TrendRow(Row):
    """One face on one item in the main wave minus the same in another wave of its kind (`earlier`), with its verdict."""

    face: str = ""
    mirror: str = ""
    reading: str = ""
    verdict: str = ""
    grade: str = ""
    earlier: str = ""


@dataclass(frozen=True)
class TabulatedRow(Row):
    """Level and agreement of an item that came as counts of answers, unit by unit."""

    audience: str = ""
    units: float | None = None
    sd_within: float | None = None
    icc1: float | None = None
    icc2: float | None = None
    rwg: float | None = None
    ad: float | None = None

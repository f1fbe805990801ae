"""Pair: what is compared with what.  Gap: an estimate whose values are differences between the two sides of pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from symmetry.estimate import Estimate

__all__ = ["Gap", "Mirror", "Pair", "Statistic"]

Mirror = Literal["literal", "parallel", "projection", "loose"]
Statistic = Literal["mean", "favourable", "nps"]


@dataclass(frozen=True)
class Pair:
    """Two columns of a stacked design that mirror each other.

    item : the name both share.  a, b : (audience, column) of each side; a gap is a minus b.  family : the comparison the pair
    belongs to ("customer - employee"), inside which relative gaps are taken and p-values adjusted.  mirror : literal, parallel,
    projection or loose.  statistic : mean, favourable or nps.  smallest : the smallest gap of interest, in the statistic's unit.
    at_least : lowest favourable code, for favourable shares of coded items (None: the column is a share already).
    scale : name of the scale of a mean; only gaps on one statistic and one scale have a general difference in common.
    """

    item: str
    a: tuple[str, str]
    b: tuple[str, str]
    family: str
    mirror: Mirror
    statistic: Statistic
    smallest: float
    at_least: float | None = None
    scale: str = ""


@dataclass(frozen=True, eq=False)
class Gap:
    """Gaps of pairs, overall or by domain.

    estimate : G values; its labels hold statistic, item, the `by` columns, and `family, mirror, smallest, reading, scale`.
    levels : Estimate of both sides; sides (G, 2) its rows: side a and side b of each gap.  pairs : by item and family.
    """

    estimate: Estimate
    levels: Estimate
    sides: pd.DataFrame
    by: tuple[str, ...]
    pairs: Mapping[tuple[str, str], Pair]

    def table(self, *, level: float = 0.95) -> pd.DataFrame:
        """One row a gap: the estimate's table with `family, mirror, smallest, reading, scale, n_a, n_b` to the right."""
        table = self.estimate.table(level=level)
        extra = [name for name in ("family", "mirror", "smallest", "reading", "scale") if name in table]
        table = table[[name for name in table if name not in extra] + extra]
        return table.assign(n_a=self.levels.n[self.sides["a"]], n_b=self.levels.n[self.sides["b"]])

"""Pair: what is compared with what.  Gap: an estimate whose values are differences between the two sides of pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from numbers import Real
from typing import Literal, get_args

import numpy as np
import pandas as pd

from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["Effects", "Gap", "Mirror", "Pair", "Statistic"]

Mirror = Literal["literal", "parallel", "projection", "loose"]
Statistic = Literal["mean", "score", "top_box", "favourable", "nps"]
_NUMBERS = ("estimate", "se", "lower", "upper", "df", "deff", "n_eff")
_PLACED = ("family", "mirror", "smallest", "reading", "scale")
_LOOSE = "loose mirror: unlike questions stand side by side, without a gap"


@dataclass(frozen=True)
class Pair:
    """Two columns of a stacked design that mirror each other.

    item : the name both share.  a, b : (audience, column) of each side; a gap is a minus b.  Audiences are names of the
    stack's parts, so that two waves of one audience are compared alike ("cold-2027", "cold-2026").  family : the comparison
    the pair belongs to ("customer - employee"), inside which relative gaps are taken and p-values adjusted.  mirror :
    literal, parallel, projection or loose.  statistic : mean, score (0 to 100), top_box, favourable or nps.  smallest : the
    smallest gap of interest, in the statistic's unit (a share for top_box and favourable, points of 100 for score).
    at_least : lowest favourable code, for favourable shares of coded items (None: the column is a share already).  scale :
    name of the scale of a mean; only gaps on one statistic and one scale have a general difference in common.  scale_b : name
    of side b's scale where it is another: such a pair has no gap, since scales of unlike length do not become alike by
    stretching.  low, high : ends of the scale, which score and top_box need.

    Raises
    ------
    DesignError : an unknown mirror or statistic (it names the nearest), a side that is not (audience, column), a number that is
        none.
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
    scale_b: str = ""
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        for role in ("item", "family", "scale", "scale_b"):
            if not isinstance(getattr(self, role), str):
                raise DesignError(f"the {role} of a pair is text, not {getattr(self, role)!r}", mend="name it by text")
        for role, known in (("mirror", get_args(Mirror)), ("statistic", get_args(Statistic))):
            if getattr(self, role) not in known:
                raise DesignError(
                    f"no {role} is called {getattr(self, role)!r} (pair {self.item!r})",
                    mend=_meant(getattr(self, role), known),
                )
        for role in ("a", "b"):
            side = getattr(self, role)
            if not (isinstance(side, tuple) and len(side) == 2 and all(isinstance(one, str) for one in side)):
                raise DesignError(
                    f"side {role} of {self.item!r} is {side!r}, not an audience and its column",
                    mend=f'two texts: {role}=("customers", "clean")',
                )
        for role in ("smallest", "at_least", "low", "high"):
            value = getattr(self, role)
            if value is None and role != "smallest":
                continue
            if isinstance(value, bool) or not isinstance(value, Real) or np.isnan(float(value)):
                raise DesignError(f"{role} of {self.item!r} is {value!r}, which is no number", mend="give a number")

    @property
    def refused(self) -> str:
        """Why the levels may stand side by side and their difference is no gap; nothing where it is one."""
        if self.mirror == "loose":
            return _LOOSE
        if self.scale_b not in ("", self.scale):
            return f"unlike scales: {self.scale or 'unnamed'} and {self.scale_b} have no common unit, so no gap"
        return ""


@dataclass(frozen=True, eq=False)
class Gap:
    """Gaps of pairs, overall or by domain.

    estimate : G values; its labels hold statistic, item, the `by` columns, and `family, mirror, smallest, reading, scale`.
    levels : Estimate of both sides; sides (G, 2) its rows: side a and side b of each gap.  pairs : by item, family and statistic.
    missing : rows of pair × domain without a gap (one side alone, unlike scales, loose mirrors), each with its `note` and, in `a`
    and `b`, the rows of its levels, -1 for none.
    """

    estimate: Estimate
    levels: Estimate
    sides: pd.DataFrame
    by: tuple[str, ...]
    pairs: Mapping[tuple[str, str, str], Pair]
    missing: pd.DataFrame = field(default_factory=pd.DataFrame)

    def table(self, *, level: float = 0.95) -> pd.DataFrame:
        """One row a gap: the estimate's table, to the right `family, mirror, smallest, reading, scale` and what each side says.

        `level_a, level_b, n_a, n_b, n_eff_a, n_eff_b` are of the sides.  Pairs × domains without a gap come last: no number, a
        note, and the levels that are there, side by side.
        """
        table = self.estimate.table(level=level)
        table = table[[name for name in table if name not in _PLACED] + [name for name in _PLACED if name in table]]
        table = table.assign(**self._levels(self.sides))
        if "mirror" in table and (loose := (table["mirror"] == "loose").to_numpy()).any():
            numbers = {name: table[name].mask(loose) for name in _NUMBERS}
            told = [_joined(_LOOSE, note) if no else note for no, note in zip(loose, table["note"], strict=True)]
            table = table.assign(**numbers, note=told)
        if self.missing.empty:
            return table
        rest = self.missing.drop(columns=["a", "b"]).assign(**self._levels(self.missing), suppressed=False)
        rest = rest.assign(n=rest["n_a"] + rest["n_b"], **dict.fromkeys(_NUMBERS, np.nan))
        return pd.concat([table, rest[list(table)].astype({"n": table["n"].dtype})], ignore_index=True)

    def _levels(self, sides: pd.DataFrame) -> dict[str, np.ndarray]:
        """Value, answers and effective answers of each side (G,); a side that is not there (-1) has NaN and 0 answers."""
        found: dict[str, np.ndarray] = {}
        known = np.where(np.isnan(self.levels.n_eff), self.levels.n.astype(float), self.levels.n_eff)
        for name, values, nothing in (
            ("level", self.levels.values, np.nan),
            ("n", self.levels.n, 0),
            ("n_eff", known, 0),
        ):
            for side in ("a", "b"):
                rows = sides[side].to_numpy(int)
                there = values[rows]
                found[f"{name}_{side}"] = there if (rows >= 0).all() else np.where(rows >= 0, there, nothing)
        return found


@dataclass(frozen=True, eq=False)
class Effects:
    """Effect sizes of pairs: Hedges' g, Cliff's delta and the probability of superiority, overall or by domain.

    estimate : values in that order; its labels hold statistic, item, the `by` columns, `family, mirror`.  size : the word of
    each ("negligible", "small", "medium", "large"; "" without a value).  by : the domain columns.  missing : rows without
    an effect.
    """

    estimate: Estimate
    size: tuple[str, ...]
    by: tuple[str, ...]
    missing: pd.DataFrame = field(default_factory=pd.DataFrame)

    def table(self, *, level: float = 0.95) -> pd.DataFrame:
        """One row an effect: the estimate's table with `family, mirror, size` to the right; pairs without one come last."""
        table = self.estimate.table(level=level).assign(size=self.size)
        right = ["family", "mirror", "size"]
        table = table[[name for name in table if name not in right] + right]
        if self.missing.empty:
            return table
        rest = self.missing.assign(suppressed=False, size="", **dict.fromkeys(_NUMBERS, np.nan))
        return pd.concat([table, rest[list(table)].astype({"n": table["n"].dtype})], ignore_index=True)


def _meant(word: object, known: tuple[str, ...]) -> str:
    """The known words, and the nearest where one is near."""
    near = get_close_matches(word.lower(), known, n=1) if isinstance(word, str) else []
    return f"one of {', '.join(known)}" + (f"; perhaps {near[0]} was meant" if near else "")


def _joined(*notes: str) -> str:
    """Several notes in one."""
    return "; ".join(dict.fromkeys(filter(None, notes)))

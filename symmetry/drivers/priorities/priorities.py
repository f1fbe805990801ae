"""Priorities: what counts for each of two audiences and how it is rated, and whether both hold the same things important.

The dual map has one dot an audience and driver, its share of the explained variance against its level.  Priority dissonance is
how far the two sets of shares are apart: driver by driver, as a whole (total variation) and in rank; between customers and
employees, between two waves, or between hot and cold.  Two tests stand side by side: one on respondents, by the joint
distribution of both audiences' shares on one design; one on units, where labels are swapped at equal noise (`swapping`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from symmetry import estimate
from symmetry.design import Design
from symmetry.drivers.players import MOST, players_among
from symmetry.drivers.priorities.distances import Joint, joint_of
from symmetry.drivers.priorities.levels import Scales, levels_of, scales_of
from symmetry.drivers.priorities.mapping import Method, Sharing, gaps_of, shares_of_both
from symmetry.drivers.priorities.sides import Mirrors, Named, both_sides, mirrors_of, rows_of
from symmetry.drivers.priorities.swapping import Swapped, idle, swap
from symmetry.drivers.priorities.unit_means import Reliability, shared_units, unit_means, with_reliability
from symmetry.errors import DesignError
from symmetry.estimate import COLUMNS, Estimate

__all__ = ["Priorities", "compare_priorities"]

_BIASED = "too large on average: compare with `null`"
_SWAPPING = "se is the spread under swapping, or of bootstrapped units if wider"


@dataclass(frozen=True, eq=False)
class Priorities:
    """Priorities of two audiences, compared.

    names (2,) of the audiences.  outcome : its column for the first.  shares (2P,) of explained variance, first audience first.
    gaps (P,) their differences.  joint : distances and tests on respondents.  levels : frame of P rows, from 0 to 100.
    units : frame of the rows on units, None without `unit`.  n (2,) complete answers, on which all rows rest.
    """

    names: tuple[str, str]
    outcome: str
    shares: Estimate
    gaps: Estimate
    joint: Joint
    levels: pd.DataFrame
    units: pd.DataFrame | None
    n: tuple[int, int]
    level: float

    def table(self) -> pd.DataFrame:
        """One row a driver ("share_gap"), then "total_variation" and "rank_correlation"; with units, the same of them ("unit_…").

        The house's columns (estimate of a share_gap: a's share less b's), then the dual map: a, b, importance_a,
        importance_a_lower, importance_a_upper, importance_b, …, level_a, level_a_lower, level_a_upper, level_b, …; then p, null
        (mean of a distance where priorities are equal), test (which null, in words), units, n_a, n_b, outcome.
        """
        drivers = self.gaps.table(level=self.level).assign(p=self.joint.p, test="equal shares: joint draws, max-T")
        drivers = pd.concat([drivers, self._importance(), self.levels], axis=1)
        rows = [drivers, self._distances()] + ([] if self.units is None else [self.units])
        found = pd.concat([row.dropna(axis=1, how="all") for row in rows], ignore_index=True)
        a, b = self.names
        found = found.assign(a=a, b=b, n_a=self.n[0], n_b=self.n[1], outcome=self.outcome, suppressed=False)
        found["note"], found["n"] = found["note"].fillna(""), found["n"].astype(int)
        dots = [
            f"{what}_{side}{end}"
            for what in ("importance", "level")
            for side in "ab"
            for end in ("", "_lower", "_upper")
        ]
        order = ["statistic", "item", *COLUMNS, "a", "b", *dots, "p", "null", "test", "units", "n_a", "n_b", "outcome"]
        return found.reindex(columns=order)

    def _importance(self) -> pd.DataFrame:
        """Shares of both with their intervals, inside 0 and 1."""
        lower, upper, _ = estimate.interval(self.shares, level=self.level)
        p, found = len(self.gaps), {}
        for side, start in (("a", 0), ("b", p)):
            here = slice(start, start + p)
            found[f"importance_{side}"] = self.shares.values[here]
            found[f"importance_{side}_lower"] = np.clip(lower[here], 0.0, 1.0)
            found[f"importance_{side}_upper"] = np.clip(upper[here], 0.0, 1.0)
        return pd.DataFrame(found)

    def _distances(self) -> pd.DataFrame:
        """Total variation and rank correlations of the shares."""
        joint, said = self.joint, dict.fromkeys(filter(None, self.gaps.note or ()))
        flat = np.isnan(joint.distances)
        notes = [
            "; ".join([*said, _BIASED]),
            *("; ".join([*said, *(["all shares are equal"] * bool(none))]) for none in flat[1:]),
        ]
        return pd.DataFrame(
            {
                "statistic": ["total_variation", "rank_correlation", "rank_correlation"],
                "item": [self.outcome, "spearman", "kendall"],
                "estimate": joint.distances,
                "se": joint.se,
                "lower": joint.lower,
                "upper": joint.upper,
                "df": float(np.min(self.gaps.df)),
                "n": sum(self.n),
                "p": [joint.p_total, np.nan, np.nan],
                "null": [joint.null, np.nan, np.nan],
                "test": ["equal shares: joint draws", "", ""],
                "note": notes,
            }
        )


def compare_priorities(
    designs: Mapping[str, Design],
    outcome: Named,
    predictors: Sequence[Named] | Mapping[str, Named],
    *,
    unit: str | None = None,
    units: Literal["shared", "apart"] = "shared",
    method: Method = "lmg",
    groups: Mapping[str, Sequence[str]] | None = None,
    always: str | Sequence[Named] = (),
    scales: Scales | None = None,
    reliability: Mapping[str, Reliability] | None = None,
    permutations: int = 500,
    seed: int = 0,
    level: float = 0.95,
) -> Priorities:
    """Compare what counts for two audiences, on respondents and, if asked, across units.

    Parameters
    ----------
    designs : audience → design, two of them: customers and employees, two waves, hot and cold.  A psu with the same label in
        both is one psu (see `design.stack`), so persons asked twice or branches with both audiences are known to the errors.
    outcome, predictors : columns of both, or pairs of columns where the audiences' differ; drivers also as a mapping from what
        each is to be called.  Rows that miss any are out of their audience.
    unit : column of units that both audiences have; asks for the test across units.
    units : "shared", a psu with one label is one; "apart", the audiences share none (see `design.stack`).
    method : "lmg" (2 to 20 drivers or groups) or "johnson" (any number).
    groups : name → drivers that enter together and have one share.  always : controls, in before any driver (with "lmg").
    scales : driver, or an audience's column → (low, high) of its scale; levels are told for drivers that have one.  Or audience →
        such a mapping, which comes first, where columns of one name have two scales.  What is not used is refused.
    reliability : audience → reliability of its unit means (a number, one a column with the outcome last, or column → number),
        where there are only unit means, or where more is known of them than answers within units tell.
    permutations : label swaps of the unit test.  seed : of swaps and draws.  level : of intervals.

    Returns
    -------
    Priorities, whose `table()` has a row a driver, and the distances.

    Raises
    ------
    DesignError : not two audiences, a driver without mirror, the outcome among the drivers, a driver constant for one audience,
        fewer than 30 complete answers of either.  Fewer than 30 shared units, or unit means that hold little but noise, are
        told in a note on rows without value.

    Notes
    -----
    Shares p_j = φ_j / R².  Per driver: (p_a - p_b) / SE against the largest of all in draws from their joint distribution
    (max-T: no further correction [2]_).  Total variation ½ Σ|p_a - p_b|: p is the share of draws from equal shares that lie as
    far apart; the interval is the estimate ± what 95 % of these draws stay below, safe since |TV(g) - TV(γ)| ≤ TV(g - γ), and
    wide.  On units: labels are swapped unit by unit, both sides brought to the same noise [1]_;
    p = (1 + hits) / (permutations + 1).  There is no R twin.

    References
    ----------
    .. [1] Romano (1990). On the behavior of randomization tests without a group invariance assumption. JASA 85, 686-692.
    .. [2] Westfall, Young (1993). Resampling-based multiple testing. Wiley.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(400, 2))
    >>> asked = pd.DataFrame({"a": x[:, 0], "b": x[:, 1]})
    >>> one = Design(asked.assign(y=x @ [2.0, 1.0] + rng.normal(size=400)))
    >>> two = Design(asked.assign(y=x @ [1.0, 2.0] + rng.normal(size=400)))
    >>> found = compare_priorities({"customers": one, "employees": two}, "y", ["a", "b"]).table()
    >>> found[["statistic", "item", "importance_a", "importance_b", "estimate", "p"]].round(3).head(3)
             statistic item  importance_a  importance_b  estimate    p
    0        share_gap    a         0.795         0.191     0.604  0.0
    1        share_gap    b         0.205         0.809    -0.604  0.0
    2  total_variation    y           NaN           NaN     0.604  0.0
    """
    _check(permutations, seed, level)
    mirrors = mirrors_of(designs, outcome, predictors, always)
    ends = scales_of(scales, mirrors)
    most = MOST if method == "lmg" else len(mirrors.items)
    sharing = Sharing(players_among(mirrors.items, groups, mirrors.always, most, outcome=mirrors.outcome[0]), method)
    both, sides = both_sides(designs, mirrors, units)
    n = sides[0].n, sides[1].n
    shares = shares_of_both(sides, sharing, mirrors.names)
    gaps = gaps_of(shares)
    across = None
    if unit is not None:
        across = _across(both, mirrors, sharing, unit, reliability or {}, permutations, seed).assign(n=sum(n))
    return Priorities(
        names=mirrors.names,
        outcome=mirrors.outcome[0],
        shares=shares,
        gaps=gaps,
        joint=joint_of(shares, gaps, np.random.default_rng([seed, 0]), level),
        levels=levels_of(both, mirrors, sharing.players, ends, level),
        units=across,
        n=n,
        level=level,
    )


def _check(permutations: int, seed: int, level: float) -> None:
    """Refuse numbers that are none."""
    for name, value, least in (("permutations", permutations, 19), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            raise DesignError(f"{name}={value!r} is no whole number of {least} or more", mend=f"give {name}=500, say")
    if not 0 < level < 1:
        raise DesignError(f"level={level!r} is not between 0 and 1", mend="give 0.95, say")


def _across(
    both: Design,
    mirrors: Mirrors,
    sharing: Sharing,
    unit: str,
    reliability: Mapping[str, Reliability],
    permutations: int,
    seed: int,
) -> pd.DataFrame:
    """Rows of the test across units."""
    unknown = [name for name in reliability if name not in mirrors.names]
    if unknown:
        raise DesignError(
            f"a reliability is given for `{unknown[0]}`, which is no audience", mend=f"one of {mirrors.names}"
        )
    means = [unit_means(both, mirrors.all_of(side), unit, within=rows_of(both, side)) for side in (0, 1)]
    a, b = shared_units(*means)
    a, b = (
        with_reliability(one, reliability[name]) if name in reliability and len(one.units) > 1 else one
        for one, name in zip((a, b), mirrors.names, strict=True)
    )
    why = idle(a, b, mirrors.names)
    told = f"labels swapped in {len(a.units)} units: "
    told += (
        "equal priorities at equal noise"
        if a.known and b.known
        else "all exchangeable, unit means taken as equally noisy"
    )
    if not why:
        found = swap(a, b, sharing, permutations=permutations, rng=np.random.default_rng([seed, 1]))
        return _unit_rows(found, mirrors, sharing).assign(units=len(a.units), test="" if found.why else told)
    return _unit_labels(mirrors, sharing).assign(note=why, units=len(a.units), test="")


def _unit_labels(mirrors: Mirrors, sharing: Sharing) -> pd.DataFrame:
    """Statistic and item of the rows on units."""
    names = sharing.players.names
    return pd.DataFrame(
        {
            "statistic": [*["unit_share_gap"] * len(names), "unit_total_variation", "unit_rank_correlation"],
            "item": [*names, mirrors.outcome[0], "spearman"],
        }
    )


def _unit_rows(found: Swapped, mirrors: Mirrors, sharing: Sharing) -> pd.DataFrame:
    """What swapping found, a row a driver, then the distances."""
    a, b = found.shares
    none = [np.nan, np.nan]
    lost = f"swaps that bear no regression and count against a difference: {found.lost}" if found.lost else ""
    flat = "all shares are equal" if np.isnan(found.order) else ""
    notes = [*[_SWAPPING] * len(a), _BIASED, "no interval: compare with `null`"]
    facts: dict[str, Any] = {
        "estimate": [*(a - b), found.total, found.order],
        "se": [*found.se, *none],
        "importance_a": [*a, *none],
        "importance_b": [*b, *none],
        "p": [*found.p, found.p_total, np.nan],
        "null": [*np.full(len(a), np.nan), found.null, found.order_null],
        "note": [found.why] * len(notes)
        if found.why
        else ["; ".join(filter(None, [*said, lost])) for said in [*([one] for one in notes[:-1]), [flat or notes[-1]]]],
    }
    return _unit_labels(mirrors, sharing).assign(**facts)

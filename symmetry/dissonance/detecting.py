"""Which gaps matter: dissonant, aligned or undetermined, from a smallest gap of interest fixed before the field.

Inside a family, with m the smallest gap of interest, g the gap and t on its df:

- *dissonant*: |g| ≥ m and the adjusted p of g = 0 is below 0.05.  p is set to 1 where |g| < m before adjusting, since filtering
  afterwards would break the false discovery rate.  Grade *material*: the adjusted p of |g| ≤ m is below 0.025.
- *aligned*: the adjusted p of |g| ≥ m (two one-sided tests; Schuirmann 1987) is below 0.05.
- *undetermined*: the rest, with the number of answers that would settle it.

How families are adjusted is in `families`, the quadrants in `quadrants`, what would settle a gap in `settling`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from symmetry.dissonance.asked import inside_range, refuse_no_gap
from symmetry.dissonance.families import Adjustment, adjusted, bars, known
from symmetry.dissonance.inside import INSIDE
from symmetry.dissonance.margins import Margins, margins_of
from symmetry.dissonance.nouns import Gap
from symmetry.dissonance.quadrants import chance_of, named_quadrants
from symmetry.dissonance.settling import growth
from symmetry.errors import DesignError

__all__ = ["detect"]

_PROJECTION = {"dissonant": "misjudged", "aligned": "accurate"}
_PARALLEL = "parallel mirror: each speaks of its own relation; the verdict is on the relative gap"
_ALONE = "parallel mirror without a family to compare with: no verdict"
_EDGE = "so close to its smallest gap of interest that more answers would hardly settle it"
_Found = dict[str, np.ndarray]
_TESTS = {"p": 0.05, "p_aligned": 0.05, "p_material": 0.025}


def detect(
    gap: Gap,
    *,
    smallest: Margins | None = None,
    adjust: Adjustment = "bh",
    level: float = 0.95,
    n_eff: float | None = None,
    within: str = "item",
) -> pd.DataFrame:
    """Give each gap its verdict.

    Parameters
    ----------
    gap : gaps by domain.
    smallest : smallest gaps of interest in the statistic's unit, instead of the pairs' own: one number for all, or item → number,
        or (item, statistic) → number.
    adjust : how p-values are adjusted inside a family: "bh" Benjamini-Hochberg [1]_, and Benjamini-Yekutieli [2]_ for relative
        gaps, which depend on each other negatively since they sum to 0; "by" Benjamini-Yekutieli; "holm" Holm; "two_stage"
        Benjamini-Bogomolov [3]_: first which items have anything in any domain, then in which (see `families.adjusted`).
    level : of the printed intervals (not adjusted).
    n_eff : effective answers below which, on either side, a verdict stays undetermined.  None is 30, and 10 for gaps by domain of
        a design that looks inside units (`dissonance.inside`).
    within : the column whose values are the items of "two_stage"; by statistic.

    Returns
    -------
    The gap's table with p, p_adjusted, verdict, comparability, grade, p_aligned, p_aligned_adjusted, p_material,
    p_material_adjusted, n_to_settle, quadrant, quadrant_chance, and `general`: the mean gap that a relative one is counted from.
    A literal or projection pair has its verdict on the absolute reading, a parallel pair on the relative one, a loose pair none.
    For a projection the words are misjudged, accurate, undetermined: it measures perception, not experience.  `n_to_settle` is
    the least number of answers on the smaller side that would settle the gap were it what it seems, eight times in ten, both
    sides and their psus growing alike and the other gaps of the family staying as they are.  `quadrant_chance` is how probable
    it is that the truth lies in the quadrant named, the margin included (see `quadrants.chances`).
    Families are comparison × reading, all items and all values of `by` together.

    Raises
    ------
    DesignError : no gaps, a smallest gap of interest is not positive or names no item, the adjustment is unknown, or an option
        out of range.

    Notes
    -----
    A single pair of items cannot be tested for comparability: the column says "untestable", never "passed".

    References
    ----------
    .. [1] Benjamini, Hochberg (1995). Controlling the false discovery rate. JRSS B 57, 289-300.
    .. [2] Benjamini, Yekutieli (2001). The control of the false discovery rate in multiple testing under dependency.
       Annals of Statistics 29, 1165-1188.
    .. [3] Benjamini, Bogomolov (2014). Selective inference on multiple families of hypotheses. JRSS B 76, 297-318.

    Examples
    --------
    >>> from symmetry.design import Design, stack
    >>> from symmetry.dissonance import Pair, gap
    >>> sides = {"customers": [4, 5, 4, 5, 4, 5, 4, 5], "employees": [3, 4, 3, 3, 4, 3, 4, 3]}
    >>> both = stack({name: Design(pd.DataFrame({"clean": codes})) for name, codes in sides.items()})
    >>> clean = Pair("clean", ("customers", "clean"), ("employees", "clean"), "customer - employee", "literal", "mean", 0.3)
    >>> detect(gap(both, [clean]), n_eff=5)[["item", "estimate", "p", "verdict", "grade", "quadrant"]].round(4)
        item  estimate       p    verdict     grade quadrant
    0  clean     1.125  0.0008  dissonant  material    under
    """
    known(adjust)
    least = _checked(gap, level, n_eff)
    table = gap.table(level=level)
    table["smallest"] = margins_of(table, smallest)
    table = table.assign(**_p_values(table))
    few = (np.minimum(table["n_eff_a"], table["n_eff_b"]) < least).to_numpy()
    lawful = _lawful(table)
    found, limits = _adjust(table, lawful, adjust, within)
    table = table.assign(**found)
    table["verdict"] = _verdicts(table, lawful, few)
    dissonant = table["verdict"].isin(["dissonant", "misjudged"])
    table["grade"] = np.where(dissonant & (table["p_material_adjusted"] < 0.025), "material", "")
    table["comparability"] = np.where(_unlike(gap, table), "not comparable", "untestable")
    table["general"] = np.where(
        table["reading"] == "relative", table["level_a"] - table["level_b"] - table["estimate"], np.nan
    )
    table["n_to_settle"] = _needed(table, few, least, limits)
    table["quadrant"], table["quadrant_chance"] = _quadrants(gap, table)
    table["note"] = _notes(gap, table, lawful & few, least)
    return table


def _checked(gap: Gap, level: float, n_eff: float | None) -> float:
    """Refuse what are no gaps and options out of range; the effective answers that a verdict takes."""
    refuse_no_gap(gap, "detect")
    if not inside_range(level, 0, 1):
        raise DesignError(f"level={level!r} is no level of an interval", mend="a number between 0 and 1")
    if n_eff is None:
        return 10.0 if gap.by and INSIDE in gap.levels.design.layout.notes else 30.0
    if not inside_range(n_eff, -math.inf, math.inf) or n_eff < 0:
        raise DesignError(f"n_eff={n_eff!r} is no number of answers", mend="0 or more, or None for 30, inside units 10")
    return float(n_eff)


def _p_values(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Give p of a zero gap, of a gap beyond the margin (TOST), and of one within it: 0 or 1 where the standard error is 0.

    Without degrees of freedom there is none: a domain that is one psu looks exact and is not.
    """
    g, m, se = (table[name].to_numpy(float) for name in ("estimate", "smallest", "se"))
    df = np.where(table["df"] > 0, table["df"], np.nan).astype(float)
    size = np.abs(g)
    with np.errstate(divide="ignore", invalid="ignore"):
        zero = np.where(se > 0, 2 * stats.t.sf(size / se, df), np.where(size > 0, 0.0, 1.0))
        beyond = np.where(se > 0, stats.t.sf((m - size) / se, df), np.where(size < m, 0.0, 1.0))
        within = np.where(se > 0, stats.t.sf((size - m) / se, df), np.where(size > m, 0.0, 1.0))
    unknown = np.isnan(df) | np.isnan(se) | np.isnan(g)
    found = {"p": zero, "p_aligned": beyond, "p_material": within}
    return {name: np.where(unknown, np.nan, p) for name, p in found.items()}


def _lawful(table: pd.DataFrame) -> np.ndarray:
    """Rows whose reading may carry a verdict, by mirror type."""
    reading = np.where(table["mirror"] == "parallel", "relative", "absolute")
    return np.asarray((table["mirror"] != "loose") & (table["reading"] == reading) & table["p"].notna())


def _adjust(table: pd.DataFrame, lawful: np.ndarray, adjust: Adjustment, within: str) -> tuple[_Found, _Found]:
    """Adjusted p-values of all families (R,), and what each row's own p would have to fall below."""
    if within not in table:
        raise DesignError(f"no column `{within}` to take two stages by", mend="item, or one of the gap's domains")
    tested = {name: table[name].to_numpy(float) for name in _TESTS}
    tested["p"] = np.where(table["estimate"].abs() >= table["smallest"], tested["p"], 1.0)
    family, relative = table["family"].to_numpy(), (table["reading"] == "relative").to_numpy()
    item = None
    if adjust == "two_stage":
        item = table.groupby([within, "statistic"], sort=False, dropna=False, observed=True).ngroup().to_numpy()
    found = {f"{name}_adjusted": np.full(len(table), np.nan) for name in _TESTS}
    limits = {name: np.full(len(table), np.nan) for name in _TESTS}
    for negative in (False, True):
        mine = np.flatnonzero(lawful & (relative == negative))
        items = None if item is None else item[mine]
        for name, at in _TESTS.items():
            p = tested[name][mine]
            found[f"{name}_adjusted"][mine] = adjusted(p, family[mine], adjust, item=items, negative=negative)
            if name != "p_material":
                limits[name][mine] = bars(p, family[mine], adjust, at, item=items, negative=negative)
    return found, limits


def _verdicts(table: pd.DataFrame, lawful: np.ndarray, few: np.ndarray) -> np.ndarray:
    """Choose each row's word."""
    words = np.select(
        [~lawful, few, table["p_adjusted"] < 0.05, table["p_aligned_adjusted"] < 0.05],
        ["", "undetermined", "dissonant", "aligned"],
        "undetermined",
    )
    judged = (table["mirror"] == "projection").to_numpy()
    found = words.astype(object)
    for word, other in _PROJECTION.items():
        found[judged & (words == word)] = other
    return found


def _unlike(gap: Gap, table: pd.DataFrame) -> np.ndarray:
    """Rows of pairs whose difference is no gap."""
    refused = [(pair.item, pair.family, pair.statistic) for pair in gap.pairs.values() if pair.refused]
    keys = pd.MultiIndex.from_frame(table[["item", "family", "statistic"]])
    return np.asarray((table["mirror"] == "loose") | keys.isin(refused))


def _needed(table: pd.DataFrame, few: np.ndarray, n_eff: float, limits: Mapping[str, np.ndarray]) -> np.ndarray:
    """Answers on the smaller side that would settle an undetermined gap, whole, two digits from 10 on; NaN elsewhere."""
    out = np.full(len(table), np.nan)
    rows = np.flatnonzero(table["verdict"] == "undetermined")
    size, m, se, df = (table[name].to_numpy(float)[rows] for name in ("estimate", "smallest", "se", "df"))
    times = growth(np.abs(size), m, se, df, zero=limits["p"][rows], beyond=limits["p_aligned"][rows])
    times = np.where(se == 0, 1.0, times)
    known_ = np.minimum(table["n_eff_a"], table["n_eff_b"]).to_numpy(float)[rows]
    times = np.where(
        few[rows], np.maximum(times, np.divide(n_eff, known_, out=np.ones(len(rows)), where=known_ > 0)), times
    )
    n = np.minimum(table["n_a"], table["n_b"]).to_numpy(float)[rows] * times
    digits = 10 ** np.floor(np.log10(np.where(n > 10, n, 10.0)) - 1)
    out[rows] = np.ceil(np.round(n / digits, 9)) * digits
    return out


def _quadrants(gap: Gap, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The quadrant of each settled row and how probable it is; rows without a gap have none."""
    size = len(gap.estimate)
    found, chance = np.full(len(table), "", object), np.full(len(table), np.nan)
    found[:size] = named_quadrants(gap, table["verdict"].to_numpy()[:size])
    chance[:size] = chance_of(gap, table["smallest"].to_numpy(float)[:size], found[:size])
    return found, chance


def _notes(gap: Gap, table: pd.DataFrame, few: np.ndarray, n_eff: float) -> np.ndarray:
    """Write why a row has no verdict, or a cautious one."""
    here = np.arange(len(table)) < len(gap.estimate)
    keys = [table[name] for name in ("item", "statistic", "family", *gap.by)]
    compared = (table["reading"] == "relative").groupby(keys, dropna=False, observed=True).transform("any").to_numpy()
    absolute = here & ((table["mirror"] == "parallel") & (table["reading"] == "absolute")).to_numpy()
    edge = (table["verdict"] == "undetermined") & table["n_to_settle"].isna()
    rules = [absolute & compared, absolute, few, edge.to_numpy()]
    why = np.select(rules, [_PARALLEL, _ALONE, f"fewer than {n_eff:g} effective answers on one side", _EDGE], "")
    own = table["note"].to_numpy(object)
    return np.where(why == "", own, np.where(own == "", why, own + "; " + why))

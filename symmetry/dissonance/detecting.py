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
from numbers import Real

import numpy as np
import pandas as pd
from scipy import stats

from symmetry.dissonance.families import Adjustment, adjusted, bars, known
from symmetry.dissonance.nouns import Gap
from symmetry.dissonance.quadrants import chance_of, named_quadrants
from symmetry.dissonance.settling import growth
from symmetry.errors import DesignError

__all__ = ["Margins", "detect"]

Margins = float | Mapping[str, float] | Mapping[tuple[str, str], float]
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
    n_eff: float = 30,
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
    n_eff : effective answers below which, on either side, a verdict stays undetermined.
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
    DesignError : a smallest gap of interest is not positive or names no item, or the adjustment is unknown.

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
    table = gap.table(level=level)
    table["smallest"] = _margins(table, smallest)
    table = table.assign(**_p_values(table))
    few = (np.minimum(table["n_eff_a"], table["n_eff_b"]) < n_eff).to_numpy()
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
    table["n_to_settle"] = _needed(table, few, n_eff, limits)
    table["quadrant"], table["quadrant_chance"] = _quadrants(gap, table)
    table["note"] = _notes(gap, table, lawful & few, n_eff)
    return table


def _margins(table: pd.DataFrame, smallest: Margins | None) -> np.ndarray:
    """Smallest gaps of interest of every row (R,), the pairs' own unless told; refuse what is none."""
    own = table["smallest"].astype(float)
    if isinstance(smallest, Mapping):
        given = {key: _positive(value, key) for key, value in smallest.items()}
        pairs = pd.MultiIndex.from_frame(table[["item", "statistic"]])
        strange = [key for key in given if key not in set(table["item"].unique()) | set(pairs.unique())]
        if strange:
            raise DesignError(
                f"a smallest gap of interest is given for {strange[0]!r}, which no gap is called",
                mend="name an item, or (item, statistic)",
            )
        own = table["item"].map({key: value for key, value in given.items() if isinstance(key, str)}).fillna(own)
        own = pd.Series(pairs.map(given).astype(float), table.index).fillna(own)
    elif smallest is not None:
        own = pd.Series(_positive(smallest, table["item"].iloc[0]), table.index)
    wrong = ~((own > 0) & np.isfinite(own))
    if wrong.any():
        at = int(np.argmax(wrong))
        _positive(own.iloc[at], table["item"].iloc[at])
    return np.asarray(own, float)


def _positive(value: object, item: object) -> float:
    """A smallest gap of interest; refuse what is none."""
    if not isinstance(value, Real) or not 0 < float(value) < math.inf:
        raise DesignError(f"the smallest gap of interest of {item!r} is not positive", mend="fix it before the field")
    return float(value)


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
    refused = [key for key, pair in gap.pairs.items() if pair.refused]
    return np.asarray((table["mirror"] == "loose") | pd.MultiIndex.from_frame(table[["item", "family"]]).isin(refused))


def _needed(table: pd.DataFrame, few: np.ndarray, n_eff: float, limits: Mapping[str, np.ndarray]) -> np.ndarray:
    """Answers on the smaller side that would settle an undetermined gap, two significant digits; NaN elsewhere."""
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
    digits = 10 ** np.floor(np.log10(np.where(n > 0, n, 1.0)) - 1)
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

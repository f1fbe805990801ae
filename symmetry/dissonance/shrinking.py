"""Gaps by unit, each leaning on the others as far as its own few answers leave it in doubt, with a posterior verdict.

Units of one statistic, item, family and reading are read together (`posterior.py`), by error variances pooled over the units
(`pooling.py`).  Read so, no further correction for many units is needed (Gelman, Hill and Yajima 2012): a unit is far out only if
its own answers carry it there against what units are usually like.  Intervals cover on average over units, not for each.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from symmetry.dissonance.asked import inside_range, refuse_no_gap
from symmetry.dissonance.funnels import placed, spread_around
from symmetry.dissonance.margins import Margins, margins_of
from symmetry.dissonance.nouns import Gap
from symmetry.dissonance.pooling import cleared, comparisons, pooled_errors
from symmetry.dissonance.posterior import FEWEST, Posterior, integrated, plugged_in
from symmetry.dissonance.units import Units
from symmetry.errors import DesignError
from symmetry.estimate import columns_by_domain, fit_areas, of_full_rank

__all__ = ["shrink"]

Method = Literal["integrated", "reml", "adjusted_reml", "ml"]
_UNKNOWN = "not shrunken: no error is known (a census, or one answer a unit)"
_MANY, _THREADS = 10_000, 4
_PERCEIVED = {"dissonant": "misjudged", "aligned": "accurate"}
_RIGHT = ("family", "mirror", "smallest", "reading", "scale", "direct", "direct_se", "own", "between", "chance_dissonant",
          "chance_aligned", "verdict", "target", "funnel_se", "funnel_z", "funnel", "n_a", "n_b")  # fmt: skip


def shrink(
    gap: Gap,
    *,
    covariates: pd.DataFrame | None = None,
    variances: Literal["pooled", "own"] | Sequence[float] | np.ndarray = "pooled",
    smallest: Margins | None = None,
    within: Sequence[str] = (),
    level: float = 0.90,
    chance: float = 0.90,
    method: Method = "integrated",
) -> Units:
    """Shrink gaps by unit towards what units are usually like, and give each its posterior verdict.

    Parameters
    ----------
    gap : gaps by unit (`by` names the units); each statistic, item, family and reading is shrunk among its own units.
    covariates : what is known of units from elsewhere: a frame with the columns of `by` (or some) and a column for each thing
        known, numbers or categories.  None shrinks to the units' common mean.
    variances : of the direct gaps, taken as known: "pooled", an audience's variance of answers over all units, over its effective
        answers in the unit, without finite population; "own", each unit's estimate; or a number for each gap.
    smallest : smallest gaps of interest in the statistic's unit, instead of the pairs' own, as in `detect`: one number for all,
        or item → number, or (item, statistic) → number.
    within : columns of `by` in whose values units are shrunk apart.
    level : of the intervals.
    chance : posterior chance that a verdict takes, above a half.
    method : "integrated" averages over what the variance between units may be (flat prior [1]_) and over the
        coefficients; "reml", "adjusted_reml" or "ml" plug one value in, with mean squared errors g1 + g2 + 2 g3 (see
        `estimate.shrink`).

    Returns
    -------
    Units; `table()` has one row a gap, in the order of the gap's table.  Families of fewer units than coefficients plus 5 keep
    their direct values and say so; gaps without value or error have none, with a note.  A unit of one answer on a side is
    shrunk like the others, by the pooled error.

    Raises
    ------
    DesignError : no gaps or no units, an option out of range, a smallest gap of interest that is not positive or of no item,
        variances that do not fit, covariates that determine each other.

    Notes
    -----
    With θ the unit's true gap and m the smallest of interest: dissonant where the chance of one direction, that of θ ≥ m or that
    of θ ≤ -m, is at least `chance`, and 0 lies outside the posterior's central interval of that level; aligned where the chance
    of |θ| < m is; else undetermined; of a projection misjudged and accurate.  Both directions together would not do: their chance
    is large wherever little is known of the unit.  Literal and projection pairs have it on the absolute reading, parallel pairs
    on the relative one, loose pairs none.

    References
    ----------
    .. [1] Datta, Rao, Smith (2005). On measuring the variability of small area estimators under a basic area level model.
       Biometrika 92, 183-196.
    .. [2] Gelman, Hill, Yajima (2012). Why we (usually) don't have to worry about multiple comparisons. Journal of Research on
       Educational Effectiveness 5, 189-211.
    .. [3] Fay, Herriot (1979). Estimates of income for small places. JASA 74, 269-277.

    Examples
    --------
    >>> from symmetry.design import Design, stack
    >>> from symmetry.dissonance import Pair, gap
    >>> branch = np.repeat(list("abcdef"), 4)
    >>> seen = [5, 5, 4, 5, 4, 3, 4, 4, 5, 4, 4, 4, 3, 4, 4, 5, 4, 5, 5, 4, 4, 4, 3, 5]
    >>> lived = [2, 1, 2, 3, 3, 4, 4, 4, 4, 3, 5, 4, 4, 3, 4, 4, 4, 4, 3, 5, 3, 4, 4, 4]
    >>> sides = {"customers": seen, "employees": lived}
    >>> designs = {side: Design(pd.DataFrame({"branch": branch, "clean": sides[side]})) for side in sides}
    >>> clean = Pair("clean", ("customers", "clean"), ("employees", "clean"), "customer - employee", "literal", "mean", 0.5)
    >>> found = shrink(gap(stack(designs, units="apart"), [clean], by=["branch"])).table()
    >>> found[["branch", "direct", "own", "estimate", "lower", "upper", "chance_dissonant", "verdict"]].round(2)
      branch  direct   own  estimate  lower  upper  chance_dissonant       verdict
    0      a    2.75  0.88      2.50   1.70   3.29              1.00     dissonant
    1      b    0.00  0.88      0.08  -0.66   0.81              0.17  undetermined
    2      c    0.25  0.88      0.30  -0.43   1.02              0.33  undetermined
    3      d    0.25  0.88      0.30  -0.43   1.02              0.33  undetermined
    4      e    0.50  0.88      0.52  -0.21   1.24              0.52  undetermined
    5      f    0.25  0.88      0.30  -0.43   1.02              0.33  undetermined
    """
    _checked(gap, level, chance, method)
    table = gap.table()
    size = len(gap.estimate)
    y, psi = table["estimate"].to_numpy(float)[:size], _errors(gap, variances)
    usable = np.isfinite(y) & np.isfinite(psi) & (psi > 0)
    columns, names = columns_by_domain(replace(gap.estimate, by=gap.by), covariates)
    margin = margins_of(table, smallest)
    facts = _facts(y, psi, level, len(table))

    def shrunken(rows: np.ndarray) -> list[tuple[np.ndarray, Posterior]]:
        """Read one family together, and write what comes of it into its own rows."""
        rows = rows[usable[rows]]
        if not len(rows):
            return []
        _funnelled(facts, rows, y, psi)
        x = of_full_rank(columns[rows], names, len(rows))
        if len(rows) < x.shape[1] + FEWEST:
            facts["note"][rows] = f"not shrunken: {len(rows)} units, {x.shape[1] + FEWEST} are needed"
            return []
        found = _posterior(y[rows], psi[rows], x, method)
        _filled(facts, rows, found, margin[rows], level)
        facts["df"][rows] = len(rows) - x.shape[1]
        return [(rows, found)]

    posteriors = [one for some in _all(shrunken, _families(gap, within), size) for one in some]
    facts["verdict"] = _verdicts(table, facts, chance)
    facts["note"] = np.array(_notes(table, facts), dtype=object)
    rows = _laid_out(table.assign(smallest=margin, **facts), gap.by)
    return Units(rows, tuple(posteriors), gap.by, level, chance, method)


def _checked(gap: Gap, level: float, chance: float, method: str) -> None:
    """Refuse what has no units, and options out of range."""
    refuse_no_gap(gap, "shrink")
    if not gap.by:
        raise DesignError("gaps without units have nothing to borrow from", mend='gap(stacked, pairs, by=["branch"])')
    if not inside_range(level, 0, 1):
        raise DesignError(f"level={level!r} is no level of an interval", mend="a number between 0 and 1")
    if not inside_range(chance, 0.5, 1):
        raise DesignError(f"chance={chance!r} settles nothing", mend="above a half and below 1, such as 0.9")
    if method not in get_args(Method):
        raise DesignError(f"no method is called {method!r}", mend=f"one of {get_args(Method)}")


def _errors(gap: Gap, asked: str | Sequence[float] | np.ndarray) -> np.ndarray:
    """Error variance of each direct gap (G,)."""
    if isinstance(asked, str):
        if asked == "pooled":
            return pooled_errors(gap)
        if asked == "own":
            return cleared(np.where(gap.estimate.df > 0, gap.estimate.variance, np.nan), gap.levels)
        raise DesignError(f"variances={asked!r} is unknown", mend='"pooled", "own", or a number for each gap')
    try:
        found = np.asarray(asked, float)
    except (TypeError, ValueError):
        found = np.full(1, np.nan)
    if found.shape != gap.estimate.values.shape or not (np.isfinite(found) & (found >= 0)).all():
        raise DesignError("variances are not one number, 0 or above, for each gap", mend=f"give {len(gap.estimate)}")
    return found


def _families(gap: Gap, within: Sequence[str]) -> list[np.ndarray]:
    """Rows that are shrunk together."""
    absent = [name for name in within if name not in gap.by]
    if absent:
        raise DesignError(f"`{absent[0]}` is no column of the units", mend=f"one of {list(gap.by)}")
    kind = pd.DataFrame({"kind": comparisons(gap)}).join(gap.estimate.labels[list(within)].reset_index(drop=True))
    number = kind.groupby(list(kind), sort=False, dropna=False).ngroup().to_numpy()
    order = np.argsort(number, kind="stable")
    return np.split(order, np.cumsum(np.bincount(number))[:-1])


def _posterior(y: np.ndarray, psi: np.ndarray, x: np.ndarray, method: Method) -> Posterior:
    """The posterior of one family."""
    if method == "integrated":
        return integrated(y, psi, x)
    fit = fit_areas(y, psi, x, method)
    return plugged_in(fit.values, fit.squared_errors, fit.own, fit.between)


def _facts(y: np.ndarray, psi: np.ndarray, level: float, size: int) -> dict[str, np.ndarray]:
    """Columns of rows that are not shrunk: the direct value by its own error, as far as there is one."""
    empty = np.full(size, np.nan)
    direct, error = empty.copy(), empty.copy()
    direct[: len(y)], error[: len(y)] = y, np.where(np.isfinite(y), np.sqrt(psi), np.nan)
    half = special.ndtri((1 + level) / 2) * error
    unknown = ("df", "own", "between", "chance_dissonant", "chance_aligned", "sign", "target", "funnel_se", "funnel_z")
    return {
        "direct": direct,
        "direct_se": error,
        "estimate": direct.copy(),
        "se": error.copy(),
        "lower": direct - half,
        "upper": direct + half,
        "note": np.full(size, "", dtype=object),
        "funnel": np.full(size, "", dtype=object),
        **{name: empty.copy() for name in unknown},
    }


def _funnelled(facts: dict[str, np.ndarray], rows: np.ndarray, y: np.ndarray, psi: np.ndarray) -> None:
    """Write the place of the direct values in their funnel."""
    found = spread_around(y[rows], np.sqrt(psi[rows]))
    z = (y[rows] - found.target) / found.wide
    for name, values in (("target", found.target), ("funnel_se", found.wide), ("funnel_z", z), ("funnel", placed(z))):
        facts[name][rows] = values


def _all(shrunken: Callable[[np.ndarray], list[Any]], families: list[np.ndarray], size: int) -> Iterable[list[Any]]:
    """Read every family, several at once where there are many gaps: their rows are not each other's."""
    if size < _MANY or len(families) == 1:
        return [shrunken(rows) for rows in families]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
        return list(pool.map(shrunken, families))


def _filled(facts: dict[str, np.ndarray], rows: np.ndarray, found: Posterior, margin: np.ndarray, level: float) -> None:
    """Write what a posterior says of its rows."""
    ways = found.ways(margin)
    below = found.below(np.zeros(len(rows)))
    for name, values in (
        ("estimate", found.mean()),
        ("se", found.sd()),
        ("lower", found.quantile((1 - level) / 2)),
        ("upper", found.quantile((1 + level) / 2)),
        ("own", found.own),
        ("between", found.between),
        ("chance_dissonant", ways.max(axis=0)),
        ("chance_aligned", np.maximum(1 - ways.sum(axis=0), 0.0)),
        ("sign", np.maximum(below, 1 - below)),
    ):
        facts[name][rows] = values


def _verdicts(table: pd.DataFrame, facts: dict[str, np.ndarray], chance: float) -> np.ndarray:
    """Each row's word; none where the reading carries none, or where nothing is known."""
    far = (facts["chance_dissonant"] >= chance) & (facts["sign"] >= (1 + chance) / 2)
    words = np.where(far, "dissonant", "undetermined").astype(object)
    words[facts["chance_aligned"] >= chance] = "aligned"
    mirror = table["mirror"].to_numpy(object)
    perceived = mirror == "projection"
    words[perceived] = [_PERCEIVED.get(word, word) for word in words[perceived]]
    lawful = table["reading"].to_numpy(object) == np.where(mirror == "parallel", "relative", "absolute")
    return np.where(lawful & (mirror != "loose") & np.isfinite(facts["direct"]), words, "")


def _notes(table: pd.DataFrame, facts: dict[str, np.ndarray]) -> list[str]:
    """What each row is made of, or why it is not shrunk, after what its gap says."""
    one = table[["n_a", "n_b"]].min(axis=1).to_numpy(float) == 1
    parts = zip(table["note"].fillna("").to_numpy(object), facts["note"], facts["direct"], facts["direct_se"], facts["own"], one,
                facts["between"], strict=True)  # fmt: skip
    notes, shares = [], [f"shrunken: {share}% its own answers" for share in range(101)]
    for gap, told, direct, error, own, lonely, between in parts:
        if not told and np.isfinite(own):
            told = shares[round(100 * own)]
            if lonely:
                told += "; one answer on a side, its error is that of the other units"
            if between == 0:
                told += "; no difference between units was found, and the error is too small"
        elif not told and np.isfinite(direct):
            told = "not shrunken: no error, all answers of all units are alike" if error == 0 else _UNKNOWN
        notes.append("; ".join(filter(None, (gap, told))))
    return notes


def _laid_out(table: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """The columns in the house's order."""
    house = ["estimate", "se", "lower", "upper", "df", "deff", "n", "n_eff", "suppressed", "note"]
    return table[["statistic", "item", *by, *house, *(name for name in _RIGHT if name in table)]]

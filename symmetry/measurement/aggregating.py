"""May the answers of a unit's people be averaged?  ICC(1), what one answer tells of its unit; ICC(2), what their mean tells.

From one analysis of variance of answers in units, MSB between and MSW within (Bliese 2000; Shrout and Fleiss 1979):

    ICC(1) = (MSB - MSW) / (MSB + (k - 1) MSW)        ICC(2) = (MSB - MSW) / MSB        k answers a unit

Units of unlike size take k = n0 = (N - Σn²/N) / (G - 1), with which ICC(1) is made of unbiased variance components; R's
`multilevel` takes the mean size, `k="mean"`.  The interval of ICC(1) is Wald's (1940), exact for normal answers however unlike
the sizes: with θ the variance between over that within, unit means weighted by n/(1 + nθ) have a mean square that is MSW times
an F at the true θ alone.  Of equal sizes it is Shrout and Fleiss's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from symmetry.design import Design
from symmetry.errors import DataError
from symmetry.measurement.answers import check_level, read_answers, together
from symmetry.measurement.nouns import Agreement
from symmetry.measurement.sums import Sums, unit_sums

__all__ = ["NUMBERS", "Size", "correlations", "icc"]

Size = Literal["n0", "mean"]
NUMBERS = (
    "icc1",
    "lower",
    "upper",
    "icc2",
    "icc2_lower",
    "icc2_upper",
    "k",
    "f",
    "df1",
    "df2",
    "p",
    "between",
    "within",
)

OUTSIDE = (
    "outside its interval: units of many answers, which count for more in ICC(1), differ less or more than small ones"
)


def icc(
    data: Design | pd.DataFrame,
    items: str | Sequence[str],
    *,
    unit: str,
    weight: str | None = None,
    count: str | None = None,
    item: str | None = None,
    k: Size = "n0",
    level: float = 0.95,
) -> Agreement:
    """Intraclass correlations of items in units: how alike two people of one unit answer, and how reliable the unit's mean is.

    Parameters
    ----------
    data : one row a person, as a frame or a Design, whose weights are used; or tabulated answers, with `count`.
    items : numeric columns; a missing answer is out of its item only.
    unit : column of the units people belong to; answers without a unit are left out, and the note counts them.
    weight : column of weights of a plain frame.
    count : column of tabulated answers: how many people gave the answer of this row in this unit.
    item : of tabulated answers that are long by item, the column that names the item; `items` is then the column of answers.
    k : size of a unit in both formulas: "n0", or "mean" as in R's `multilevel` (equal where all units have as many answers).
    level : confidence level, between 0 and 1.

    Returns
    -------
    Agreement with a row an item: icc1 with its interval, icc2 with its interval, k, units, n, the F test that units do not differ
    (f, df1, df2, p), the mean squares `between` and `within`, note.

    Raises
    ------
    DataError : a column is absent, or a count is missing, negative or not whole.
    DesignError : an answer is no number, or a weight is missing or negative.

    Notes
    -----
    A negative ICC(1) is kept and told: people of one unit differ more than people of different units.  Customary guides, no
    gates: ICC(1) of .05 or more, ICC(2) of .70 or more.
    Weights: inside a unit they are scaled to add up to (Σw)²/Σw², its effective number of answers, which takes the place of n
    everywhere; with that the mean squares estimate the same variances as without weights, and equal weights change nothing.
    The interval is then approximate.  Units count by their answers, not by the people they stand for.
    Nothing is published here: units of few people are for `disclosure` to hide.
    In ICC(1) large units count for more, in its interval units count more evenly; where their size goes with their level the two
    can part, and the note says so.
    R twins: ``multilevel::ICC1(aov(y ~ factor(unit)))``, ``multilevel::ICC2``; ``psych::ICC``, types ICC1 and ICC1k.

    References
    ----------
    .. [1] Shrout, Fleiss (1979). Intraclass correlations: uses in assessing rater reliability. Psychological Bulletin
       86, 420-428.
    .. [2] Bliese (2000). Within-group agreement, non-independence, and reliability. In Klein, Kozlowski, Multilevel Theory,
       Research, and Methods in Organizations, 349-381.
    .. [3] Wald (1940). A note on the analysis of variance with unequal class frequencies. Annals of Math. Statistics 11, 96-100.

    Examples
    --------
    >>> ratings = pd.DataFrame({"team": list("aaabbbccc"), "trust": [4, 5, 4, 2, 3, 3, 5, 5, 4]})
    >>> icc(ratings, "trust", unit="team").table()[["item", "icc1", "lower", "upper", "icc2", "k", "units", "n"]].round(3)
        item   icc1  lower  upper   icc2    k  units  n
    0  trust  0.757  0.124  0.993  0.903  3.0      3  9
    """
    check_level(level)
    if k not in get_args(Size):
        raise DataError(f"k={k!r} is no size of a unit", mend='k="n0", or k="mean" as in R\'s multilevel')
    answers = read_answers(data, items, [unit], weight=weight, count=count, item=item)
    rows = []
    for column in answers.columns():
        sums = unit_sums(column).held()
        found, note = correlations(sums, k, level)
        lost = f"{column.homeless} answers without a unit left out" if column.homeless else ""
        facts = {"units": len(sums.n), "n": int(sums.n.sum()), "suppressed": False, "note": together(note, lost)}
        rows.append({"statistic": "icc", "item": column.item, "unit": unit, **found, **facts})
    names = ["statistic", "item", "unit", *NUMBERS[:7], "units", "n", *NUMBERS[7:], "suppressed", "note"]
    table = pd.DataFrame(rows, columns=names)
    return Agreement(table, table)


def correlations(sums: Sums, k: Size, level: float) -> tuple[dict[str, float], str]:
    """The analysis of variance of one item, its two correlations and their intervals, or why there are none."""
    from scipy import stats

    found: dict[str, float] = dict.fromkeys(NUMBERS, np.nan)
    units, total = len(sums.n), sums.size.sum()
    df1, df2 = units - 1.0, total - units
    if units == 0:
        return found, "nobody answered"
    if units == 1:
        return found, "one unit: nothing to compare it with"
    if not df2 > 1e-9:
        return found, "one answer a unit: people and units cannot be told apart"
    away = sums.mean - sums.mean[0]
    between = (sums.size * (away - (sums.size * away).sum() / total) ** 2).sum() / df1
    within = sums.spread.sum() / df2
    size = (total - (sums.size**2).sum() / total) / df1 if k == "n0" else total / units
    found |= {"k": size, "df1": df1, "df2": df2, "between": between, "within": within}
    if within == 0 and between == 0:
        return found, "all answers are the same"
    if within == 0:
        sure = dict.fromkeys(("icc1", "lower", "upper", "icc2", "icc2_lower", "icc2_upper"), 1.0)
        return found | sure | {"f": np.inf, "p": 0.0}, "people of one unit all give the same answer"
    ratio, tail = between / within, (1 - level) / 2
    lower = _exact_bound(sums, within, float(stats.f.isf(tail, df1, df2)))
    upper = _exact_bound(sums, within, float(stats.f.ppf(tail, df1, df2)))
    found |= {"icc1": (ratio - 1) / (ratio + size - 1), "f": ratio, "p": float(stats.f.sf(ratio, df1, df2))}
    found |= {"lower": lower, "upper": upper}
    if between == 0:
        return found, "negative: the units' means are all the same, and ICC(2) has no value"
    found |= {"icc2": 1 - 1 / ratio, "icc2_lower": _stepped_up(lower, size), "icc2_upper": _stepped_up(upper, size)}
    negative = "negative: people of one unit differ more than people of different units" if ratio < 1 else ""
    return found, together(negative, "" if lower <= found["icc1"] <= upper else OUTSIDE)


def _stepped_up(rho: float, size: float) -> float:
    """The correlation of means of `size` answers, from that of single answers (Spearman and Brown's formula)."""
    return size * rho / (1 + (size - 1) * rho)


def _exact_bound(sums: Sums, within: float, quantile: float) -> float:
    """The correlation at which the weighted mean square of unit means is this quantile times that within (Wald 1940)."""
    from scipy.optimize import brentq

    n, y, df1 = sums.size, sums.mean, len(sums.n) - 1

    def excess(rho: float) -> float:
        weight = n * (1 - rho) / (1 + (n - 1) * rho)
        centre = (weight * y).sum() / weight.sum()
        return float((weight * (y - centre) ** 2).sum() / df1 / within - quantile)

    least = -1 / (n.max() - 1)  # no lower: a variance of unit means would be negative
    low, high = least + 1e-12 * (1 - least), 1 - 1e-14
    if excess(low) <= 0:
        return float(least)
    if excess(high) >= 0:
        return 1.0
    return float(brentq(excess, low, high, xtol=1e-16, rtol=1e-14))

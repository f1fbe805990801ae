"""May we aggregate?  One row an item: ICC(1), ICC(2), and what the units' rwg and AD look like, in one pass over the answers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from symmetry.design import Design
from symmetry.measurement.aggregating import correlations
from symmetry.measurement.agreeing import spread_ratio
from symmetry.measurement.answers import check_level, read_answers, together
from symmetry.measurement.deviating import distances
from symmetry.measurement.nouns import Agreement
from symmetry.measurement.scales import Ends, Null, chance_variance, ends_of, refuse_outside
from symmetry.measurement.sums import unit_sums
from symmetry.measurement.unit_rows import beyond, median_of

__all__ = ["agreement"]

_LOW = 0.70


def agreement(
    data: Design | pd.DataFrame,
    items: str | Sequence[str],
    *,
    unit: str,
    low: Ends,
    high: Ends,
    null: Null = "uniform",
    weight: str | None = None,
    count: str | None = None,
    item: str | None = None,
    level: float = 0.95,
) -> Agreement:
    """What `icc`, `rwg` and `ad` say of each item, one row an item, the units' own values summed up.

    Parameters
    ----------
    data, items, unit, weight, count, item, level : as in `icc`.
    low, high, null : as in `rwg`.

    Returns
    -------
    Agreement with a row an item: unit (the column), units, n, icc1, icc1_lower, icc1_upper, icc2, k, rwg (the median unit),
    rwg_low (share of units below .70), ad (about the mean, the median unit), ad_high (share of units above A/6), note.

    Raises
    ------
    DataError, DesignError : as `icc` and `rwg`.

    Notes
    -----
    rwg and AD are information, not a gate: whether a unit's mean may stand for it is what ICC(2) tells.

    Examples
    --------
    >>> ratings = pd.DataFrame({"team": list("aaabbbccc"), "trust": [4, 5, 4, 2, 3, 3, 5, 5, 4]})
    >>> found = agreement(ratings, "trust", unit="team", low=1, high=5).table()
    >>> found[["item", "icc1", "icc2", "k", "rwg", "rwg_low", "ad"]].round(3)
        item   icc1   icc2    k    rwg  rwg_low     ad
    0  trust  0.757  0.903  3.0  0.833      0.0  0.444
    """
    check_level(level)
    answers = read_answers(data, items, [unit], weight=weight, count=count, item=item)
    rows = []
    for column in answers.columns():
        ends = ends_of(column.item, low, high)
        refuse_outside(column, *ends)
        sums = unit_sums(column)
        held = sums.held()
        one, note = correlations(held, "n0", level)
        agreed = spread_ratio(sums, chance_variance(*ends, null))
        apart = distances(column, sums, "mean", *ends)
        lost = f"{column.homeless} answers without a unit left out" if column.homeless else ""
        rows.append({
            "item": column.item,
            "unit": unit,
            "units": len(held.n),
            "n": int(held.n.sum()),
            **{name: one[old] for name, old in (("icc1", "icc1"), ("icc1_lower", "lower"), ("icc1_upper", "upper"))},
            "icc2": one["icc2"],
            "k": one["k"],
            "rwg": median_of(agreed),
            "rwg_low": beyond(agreed, _LOW, low=True),
            "ad": median_of(apart),
            "ad_high": beyond(apart, (ends[1] - ends[0] + 1) / 6, low=False),
            "suppressed": False,
            "note": together(note, lost),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    return Agreement(table, table)

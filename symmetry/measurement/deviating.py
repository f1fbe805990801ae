"""How far the people of one unit are from their own centre: AD, mean distance of their answers from mean or median, in points.

The median of a unit is found for all units at once, from how many gave each answer: weights of a unit are made to add up to
1, laid end to end, and the middle of each unit looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from symmetry.design import Design
from symmetry.errors import DataError
from symmetry.measurement.answers import Column, read_answers
from symmetry.measurement.nouns import Agreement
from symmetry.measurement.scales import Ends, ends_of, refuse_outside
from symmetry.measurement.sums import Sums, unit_sums
from symmetry.measurement.unit_rows import frame_of, refuse_names, summary_of

__all__ = ["About", "ad", "distances"]

About = Literal["mean", "median"]


def ad(
    data: Design | pd.DataFrame,
    items: str | Sequence[str],
    *,
    unit: str,
    low: Ends,
    high: Ends,
    about: About = "mean",
    weight: str | None = None,
    count: str | None = None,
    item: str | None = None,
) -> Agreement:
    """Mean distance of the answers of each unit from their mean or median, AD, in points of the scale.

    Parameters
    ----------
    data, items, unit, low, high, weight, count, item : as in `rwg`.
    about : centre, "mean" or "median".

    Returns
    -------
    Agreement; `table` has a row an item and unit: AD as `estimate`, n, `cutoff`, note; `summary` a row an item: the median of AD
    over units, share_high (units above the cutoff), units with a value, n, note.

    Raises
    ------
    DataError, DesignError : as `rwg`.

    Notes
    -----
    The cutoff is A/6 for A codes, above which people are said to disagree [1]_.  A unit of one answer has no value.  The median
    of an even number of answers lies halfway between the middle two.
    R twin: ``multilevel::ad.m(y, unit, type = "mean")``

    References
    ----------
    .. [1] Burke, Dunlap (2002). Estimating interrater agreement with the average deviation index: a user's guide.
       Organizational Research Methods 5, 159-172.

    Examples
    --------
    >>> ratings = pd.DataFrame({"team": list("aaabbb"), "trust": [4, 5, 4, 1, 3, 5]})
    >>> ad(ratings, "trust", unit="team", low=1, high=5).table()[["item", "team", "estimate", "cutoff"]].round(3)
        item team  estimate  cutoff
    0  trust    a     0.444   0.833
    1  trust    b     1.333   0.833
    """
    refuse_names(unit)
    if about not in get_args(About):
        raise DataError(f"about={about!r} is no centre", mend='"mean" or "median"')
    answers = read_answers(data, items, [unit], weight=weight, count=count, item=item)
    found, heads, bars = [], [], []
    for column in answers.columns():
        ends = ends_of(column.item, low, high)
        refuse_outside(column, *ends)
        sums = unit_sums(column)
        bars.append((ends[1] - ends[0] + 1) / 6)
        heads.append((f"ad_{about}", column.item))
        values = distances(column, sums, about, *ends)
        extra: dict[str, Any] = {"cutoff": np.full(len(values), bars[-1])}
        found.append(frame_of(heads[-1][0], column, answers.keys, values, sums.n, [""] * len(values), extra))
    return Agreement(pd.concat(found, ignore_index=True), summary_of(found, heads, unit, bars, low=False))


def distances(column: Column, sums: Sums, about: About, low: int, high: int) -> np.ndarray:
    """Mean distance of each unit's answers from their centre (G,), NaN for fewer than two answers."""
    code, mass = column.code, column.mass
    centre = sums.mean if about == "mean" else _medians(column, low, high)
    away = np.abs(column.values - centre[code])
    total = sums.n if mass is None else np.bincount(code, weights=mass, minlength=column.size)
    found = np.full(column.size, np.nan)
    added = np.bincount(code, weights=away if mass is None else away * mass, minlength=column.size)
    np.divide(added, total, out=found, where=sums.n > 1)
    return found


def _medians(column: Column, low: int, high: int) -> np.ndarray:
    """Weighted median of each unit (G,), halfway between two answers where the middle falls between them."""
    code, value, mass = _piles(column, low, high)
    if not len(code):
        return np.full(column.size, np.nan)
    total = np.bincount(code, weights=mass, minlength=column.size)
    reached = np.cumsum(mass / total[code])
    held = np.flatnonzero(total)
    middle = np.arange(len(held)) + 0.5  # the weights of the units before add up to their number
    ends = [np.searchsorted(reached, middle + off) for off in (-1e-9, 1e-9)]
    found = np.full(column.size, np.nan)
    found[held] = (value[ends[0]] + value[ends[1]]) / 2
    return found


def _piles(column: Column, low: int, high: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers in order of unit and value: unit, value and weight of each pile of equal whole answers, or of each answer."""
    code, values, mass, many = column.code, column.values, column.mass, high - low + 1
    whole = values.astype(np.int64)
    if (whole == values).all() and column.size * many <= 4 * len(values) + 1_000_000:
        table = np.bincount(code * many + (whole - low), weights=mass, minlength=column.size * many)
        place = np.flatnonzero(table)
        return place // many, place % many + float(low), table[place].astype(float)
    order = np.lexsort((values, code))
    return code[order], values[order], np.ones(len(order)) if mass is None else mass[order]

"""An estimator by the name its rows carry, for callers that hold statistics as data (studies, mirrored pairs)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from symmetry.design import Design, column_of
from symmetry.errors import DesignError
from symmetry.estimate.boxes import bottom_box, favourable, top_box
from symmetry.estimate.linearising import items_of
from symmetry.estimate.loyalty import ces, csat, nps
from symmetry.estimate.means import mean
from symmetry.estimate.nouns import Estimate
from symmetry.estimate.quantiles.finding import median

__all__ = ["named"]

_NAMED = {verb.__name__: verb for verb in (bottom_box, ces, csat, median, nps, top_box)}


def named(
    design: Design,
    items: str | Sequence[str],
    statistic: str,
    *,
    at_least: float | None = None,
    low: float | None = None,
    high: float | None = None,
    by: Sequence[str] = (),
) -> Estimate:
    """Estimate a statistic that is given by name.

    Parameters
    ----------
    design, items, by : as for the estimator itself.
    statistic : "nps", "csat", "ces", "top_box", "bottom_box" or "median", as these verbs do unless told; "score", the mean in
        per cent of the way from `low` to `high`; with `at_least`, "favourable"; anything else is the name given to a mean.
    at_least : lowest favourable code; none means that the column is averaged as it is.
    low, high : ends of the scale, which "score" needs; with `high`, "top_box" is the share of answers that reach it.

    Raises
    ------
    DesignError : a score without its scale, or answers outside it; what the estimator itself refuses.

    Notes
    -----
    A score is POMP, per cent of maximum possible: 100 (x - low) / (high - low) [1]_.

    References
    ----------
    .. [1] Cohen, Cohen, Aiken, West (1999). The problem of units and the circumstance for POMP. Multivariate Behavioral Research
       34, 315-346.

    Examples
    --------
    >>> import pandas as pd
    >>> design = Design(pd.DataFrame({"likely": [10, 9, 8, 3]}))
    >>> [named(design, "likely", name).values.tolist() for name in ("nps", "mean")]
    [[25.0], [7.5]]
    >>> named(design, "likely", "score", low=0, high=10).values.tolist()
    [75.0]
    """
    if statistic == "score":
        return _score(design, items, low, high, by)
    if statistic == "top_box" and high is not None:
        found = favourable(design, items, at_least=high, by=by)
        empty = None if found.empty is None else found.empty.assign(statistic="top_box")
        return replace(found, labels=found.labels.assign(statistic="top_box"), empty=empty)
    if statistic in _NAMED:
        return _NAMED[statistic](design, items, by=by)
    if at_least is not None:
        return favourable(design, items, at_least=at_least, by=by)
    return mean(design, items, by=by, statistic=statistic)


def _score(
    design: Design, items: str | Sequence[str], low: float | None, high: float | None, by: Sequence[str]
) -> Estimate:
    """Means in per cent of the way from the lowest to the highest answer that a scale allows."""
    if low is None or high is None or not low < high:
        raise DesignError(
            "a score of 0 to 100 needs the ends of its scale", mend="give low and high, such as low=1, high=5"
        )
    for name in items_of(items):
        answers = column_of(design, name)
        wrong = (answers < low) | (answers > high)
        if wrong.any():
            raise DesignError(
                f"`{name}` holds {answers[wrong][0]:g}, outside its scale of {low:g} to {high:g}",
                mend="give the ends of the scale the item was asked on, or score the answers first",
            )
    found = mean(design, items, by=by, statistic="score")
    times = 100 / (high - low)
    values = (found.values - low) * times
    return replace(found.scaled(np.full(len(found), times)), values=values)

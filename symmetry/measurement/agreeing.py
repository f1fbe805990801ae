"""Do the people of one unit agree?  rwg and rwg(j): how far apart their answers lie, against answers given by chance.

    rwg = 1 - s² / σ²        rwg(j) = J r / (J r + 1 - r), r = 1 - mean(s²) / σ²

with s² the variance of the unit's answers and σ² that of chance answers, (A² - 1)/12 for A codes each as likely.  They are
information, not a gate: a unit's mean can be reliable although its people disagree (see `icc`), and low agreement in one unit is
a finding about that unit, a divided team.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from symmetry.design import Design
from symmetry.errors import DataError
from symmetry.measurement.answers import check_cutoff, read_answers, together
from symmetry.measurement.nouns import Agreement
from symmetry.measurement.scales import Ends, Null, chance_variance, ends_of, refuse_outside
from symmetry.measurement.sums import Sums, unit_sums
from symmetry.measurement.unit_rows import frame_of, refuse_names, summary_of

__all__ = ["rwg", "rwg_j", "spread_ratio"]

WIDE = "below 0: answers lie further apart than chance answers would"


def rwg(
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
    cutoff: float = 0.70,
) -> Agreement:
    """Agreement of the people of each unit on each item, rwg: 1 if they all answer alike, 0 if as by chance.

    Parameters
    ----------
    data, items, unit, weight, count, item : as in `icc`.
    low, high : ends of the answer scale, one for all items or a mapping from item to end.
    null : answers by chance: "uniform", the codes' probabilities from low to high, or their variance.
    cutoff : the customary bar below which units are counted in `summary`.

    Returns
    -------
    Agreement; `table` has a row an item and unit: rwg as `estimate`, n, `variance` s², note; `summary` a row an item: the median
    of rwg over units as `estimate`, share_low (units below the cutoff), units with a value, n, note.

    Raises
    ------
    DataError : a column is absent, an answer is beyond the scale's ends, or a count is no count.
    DesignError : an answer is no number, or a weight is missing or negative.

    Notes
    -----
    A unit whose answers lie further apart than chance keeps its value below 0, and the note says so; R's `multilevel` shows 0.
    A unit of one answer has no value.  Weights: s² = n/(n-1) Σw(y-ȳ)²/Σw.
    Nothing is published here: units of few people are for `disclosure` to hide, in any table and picture.
    R twin: ``multilevel::rwg(y, unit, ranvar = 2)``

    References
    ----------
    .. [1] James, Demaree, Wolf (1984). Estimating within-group interrater reliability with and without response bias. Journal
       of Applied Psychology 69, 85-98.
    .. [2] LeBreton, Senter (2008). Answers to 20 questions about interrater reliability and interrater agreement.
       Organizational Research Methods 11, 815-852.

    Examples
    --------
    >>> ratings = pd.DataFrame({"team": list("aaabbb"), "trust": [4, 5, 4, 1, 3, 5]})
    >>> rwg(ratings, "trust", unit="team", low=1, high=5).table()[["item", "team", "estimate", "n", "note"]].round(3)
        item team  estimate  n                                               note
    0  trust    a     0.833  3
    1  trust    b    -1.000  3  below 0: answers lie further apart than chance...
    """
    refuse_names(unit)
    check_cutoff(cutoff)
    answers = read_answers(data, items, [unit], weight=weight, count=count, item=item)
    found, heads = [], []
    for column in answers.columns():
        ends = ends_of(column.item, low, high)
        refuse_outside(column, *ends)
        sums = unit_sums(column)
        values = spread_ratio(sums, chance_variance(*ends, null))
        told = [WIDE if value < 0 else "" for value in values]
        extra = {"variance": sums.variance}
        heads.append(("rwg", column.item))
        found.append(frame_of("rwg", column, answers.keys, values, sums.n, told, extra))
    return Agreement(
        pd.concat(found, ignore_index=True), summary_of(found, heads, unit, [cutoff] * len(found), low=True)
    )


def rwg_j(
    data: Design | pd.DataFrame,
    items: Sequence[str],
    *,
    unit: str,
    low: float,
    high: float,
    null: Null = "uniform",
    weight: str | None = None,
    count: str | None = None,
    item: str | None = None,
    cutoff: float = 0.70,
    missing: Literal["available", "complete"] = "available",
    scale: str = "",
) -> Agreement:
    """Agreement of the people of each unit on a scale of J items, rwg(j).

    Parameters
    ----------
    data, unit, low, high, null, weight, count, item, cutoff : as in `rwg`; the items share their ends.
    items : two or more numeric columns that make one scale.
    missing : "available" takes each item's variance over those who answered it; "complete" people who answered them all, as R.
    scale : name of the scale in the results; by default its items, joined by " + ".

    Returns
    -------
    Agreement; `table` has a row a unit: rwg(j) as `estimate`, n (answers to the item with fewest), `variance` (mean of s²), note;
    `summary` one row.

    Raises
    ------
    DataError : as `rwg`; fewer than two items.

    Notes
    -----
    Where the mean of s² exceeds that of chance answers r is taken as 0, as in R, because the formula has no meaning below; the
    note says so.  Items with fewer than two answers in a unit are left out of its J.
    R twin: ``multilevel::rwg.j(items, unit, ranvar = 2)``

    Examples
    --------
    >>> ratings = pd.DataFrame({"team": list("aaabbb"), "heard": [4, 5, 4, 1, 3, 5], "kept": [4, 4, 4, 2, 2, 3]})
    >>> rwg_j(ratings, ["heard", "kept"], unit="team", low=1, high=5).table()[["item", "team", "estimate"]].round(3)
               item team  estimate
    0  heard + kept    a     0.957
    1  heard + kept    b     0.000
    """
    refuse_names(unit)
    check_cutoff(cutoff)
    if missing not in ("available", "complete"):
        raise DataError(f"missing={missing!r} is unknown", mend='"available" or "complete"')
    answers = read_answers(data, items, [unit], weight=weight, count=count, item=item)
    columns = list(answers.columns())
    if len(columns) < 2:
        raise DataError("a scale has two items or more", mend="name them, or ask rwg of one item")
    if missing == "complete":
        if item is not None:
            raise DataError("answers that are long by item do not tell who gave all", mend='missing="available"')
        columns = answers.complete()
    ends = ends_of(columns[0].item, low, high)
    for column in columns:
        refuse_outside(column, *ends)
    sums = [unit_sums(column) for column in columns]
    variance = np.array([one.variance for one in sums])
    many = np.isfinite(variance).sum(axis=0)
    mean = np.divide(np.nansum(variance, axis=0), many, out=np.full(len(many), np.nan), where=many > 0)
    r = 1 - mean / chance_variance(*ends, null)
    none = ["taken as 0: answers lie further apart than chance answers would" if value < 0 else "" for value in r]
    less = [f"of {some} items of {len(sums)}, those with two answers" if 0 < some < len(sums) else "" for some in many]
    told = [together(*notes) for notes in zip(none, less, strict=True)]
    r = np.maximum(r, 0.0)
    whole = replace(columns[0], item=scale or " + ".join(one.item for one in columns))
    n = np.min([one.n for one in sums], axis=0)
    rows = frame_of("rwg_j", whole, answers.keys, many * r / (many * r + 1 - r), n, told, {"variance": mean})
    return Agreement(rows, summary_of([rows], [("rwg_j", whole.item)], unit, [cutoff], low=True))


def spread_ratio(sums: Sums, chance: float) -> np.ndarray:
    """Value of each unit (G,), NaN for fewer than two answers."""
    return np.asarray(1 - sums.variance / chance)

"""Where do answers differ: between companies, regions, units, or between the people of one unit?  A partition of variance.

Random effects of nested levels by restricted likelihood (`nesting`), shares of the total, and intervals by profile likelihood: a
share is inside as long as the likelihood, the other variances free, falls no further than the chi-squared distribution allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from symmetry.design import Design
from symmetry.errors import DataError
from symmetry.measurement.answers import Column, check_level, read_answers, together
from symmetry.measurement.nesting import nest_of
from symmetry.measurement.nouns import Agreement
from symmetry.measurement.profiling import Shares, shares_of
from symmetry.measurement.sums import Sums, unit_sums

__all__ = ["partition"]

_FEW = 5


def partition(
    data: Design | pd.DataFrame,
    items: str | Sequence[str],
    *,
    levels: Sequence[str],
    weight: str | None = None,
    count: str | None = None,
    item: str | None = None,
    level: float = 0.95,
) -> Agreement:
    """Partition the variance of items over nested levels, the people inside the innermost included.

    Parameters
    ----------
    data, items, weight, count, item : as in `icc`; the weights of a design are used.
    levels : columns of the levels, outermost first: ["company", "region", "unit"]; a label found in two groups of the level above
        is two groups.
    level : confidence level of the shares' intervals.

    Returns
    -------
    Agreement; `table` has a row an item and level (persons last, level "person"): variance, share of the total, its interval,
    groups (answers, for persons), n, note; `summary` a row an item: the total variance, the mean by the model, n, note.

    Raises
    ------
    DataError : a column is absent, a level is named twice, or a count is no count.
    DesignError : an answer is no number, or a weight is missing or negative.
    ConvergenceError : the likelihood has no highest point that can be found.

    Notes
    -----
    Restricted maximum likelihood of a nested normal model, variances 0 or more: what would be negative is 0, and is noted.
    A level that cannot be told from the one inside it (one unit a region, one answer a unit), or that is one group, is left out,
    and its row says why.  Intervals by profile likelihood of the share; they cover about as often as they promise from some ten
    groups a level on, and of fewer than five the note warns.
    Weights: as in `icc`, scaled inside a unit to its effective number of answers; the likelihood is then a pseudo-likelihood.
    Nothing is published here: a level of few people is for `disclosure` to hide.
    R twin: ``lme4::VarCorr(lmer(y ~ 1 + (1 | region/unit), data))``

    References
    ----------
    .. [1] Patterson, Thompson (1971). Recovery of inter-block information when block sizes are unequal. Biometrika 58, 545-554.
    .. [2] Searle, Casella, McCulloch (1992). Variance Components. Wiley, chapter 6.

    Examples
    --------
    >>> answers = pd.DataFrame({"team": list("aaabbbccc"), "trust": [4, 5, 4, 2, 3, 3, 5, 5, 4]})
    >>> partition(answers, "trust", levels=["team"]).table()[["level", "variance", "share", "groups"]].round(3)
        level  variance  share  groups
    0    team     1.037  0.757       3
    1  person     0.333  0.243       9
    """
    check_level(level)
    names = [levels] if isinstance(levels, str) else list(levels)
    if not names or len(set(names)) < len(names) or "person" in names:
        raise DataError("levels are columns, each named once, and none is called `person`", mend='levels=["region"]')
    answers = read_answers(data, items, names, weight=weight, count=count, item=item)
    codes = _crossed(answers.keys)
    rows: list[dict[str, Any]] = []
    totals: list[dict[str, Any]] = []
    for column in answers.columns():
        found, total = _one_item(column, codes, names, level)
        lost = f"{column.homeless} answers without a {' or '.join(names)} left out" if column.homeless else ""
        rows += [{"statistic": "partition", "item": column.item, **row, "suppressed": False} for row in found]
        totals.append(
            {
                "statistic": "partition",
                "item": column.item,
                **total,
                "suppressed": False,
                "note": together(total["note"], lost),
            }
        )
    order = ["statistic", "item", "level", "variance", "share", "lower", "upper", "groups", "n", "suppressed", "note"]
    return Agreement(pd.DataFrame(rows)[order], pd.DataFrame(totals))


def _one_item(
    column: Column, codes: np.ndarray, names: list[str], level: float
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows of the levels and of persons, and the total."""
    sums = unit_sums(column)
    held = sums.n > 0
    n, size = int(sums.n.sum()), float(sums.size.sum())
    groups = [len(np.unique(codes[held, number])) for number in range(len(names))]
    nothing: dict[str, Any] = dict.fromkeys(("variance", "share", "lower", "upper"), np.nan)
    kept, why = _told_apart(names, groups, size)
    rows: list[dict[str, Any]] = [
        {"level": name, **nothing, "groups": many, "n": n, "note": note}
        for name, many, note in zip([*names, "person"], [*groups, n], [*why, ""], strict=True)
    ]
    if kept and kept[-1] < len(names) - 1:  # the innermost is left out: its answers are the next level's own
        sums, codes = _regrouped(column, codes, kept[-1])
        held = sums.n > 0
    refused = _refused(sums.held(), kept)
    if refused:
        for row in rows:
            row["note"] = together(row["note"], refused)
        return rows, {"total": np.nan, "mean": np.nan, "n": n, "note": refused}
    shares = shares_of(nest_of(sums.held(), codes[held][:, kept]), level)
    for place, number in enumerate([*kept, len(names)]):
        rows[number] |= _numbers(shares, place, rows[number]["groups"], persons=number == len(names))
    return rows, {"total": shares.variances.sum(), "mean": shares.mean, "n": n, "note": ""}


def _numbers(shares: Shares, place: int, groups: int, *, persons: bool) -> dict[str, Any]:
    """What is told of one level that could be estimated."""
    zero = "estimated as 0: its groups differ no more than chance makes them" if shares.variances[place] == 0 else ""
    few = f"{groups} groups: the interval is wide and only roughly right" if groups < _FEW and not persons else ""
    return {
        "variance": shares.variances[place],
        "share": shares.shares[place],
        "lower": shares.lower[place],
        "upper": shares.upper[place],
        "note": together(zero, few),
    }


def _told_apart(names: list[str], groups: list[int], size: float) -> tuple[list[int], list[str]]:
    """Which levels the answers can tell apart, and of the others why not."""
    kept, why = [], []
    inside = zip([*groups[1:], size], [*names[1:], "answer"], strict=True)
    for number, (many, (below, what)) in enumerate(zip(groups, inside, strict=True)):
        reason = ""
        if many <= 1:
            reason = "one group: nothing to compare it with" if many else ""
        elif below <= many * (1 + 1e-9):
            reason = f"one {what} in each: it cannot be told from what lies inside, and is left out"
        why.append(reason)
        if many > 1 and not reason:
            kept.append(number)
    return kept, why


def _refused(sums: Sums, kept: list[int]) -> str:
    """Why an item has no partition at all, or nothing."""
    if not len(sums.n):
        return "nobody answered"
    if not sums.spread.any() and not np.ptp(sums.mean):
        return "all answers are the same"
    if not kept:
        return "no level can be told from persons"
    return "" if sums.spread.any() else "people of one unit all give the same answer: the shares have no likelihood"


def _regrouped(column: Column, codes: np.ndarray, level: int) -> tuple[Sums, np.ndarray]:
    """Sums of the groups of a level, and their own codes."""
    groups, first, number = np.unique(codes[:, level], return_index=True, return_inverse=True)
    return unit_sums(replace(column, code=number[column.code], size=len(groups))), codes[first]


def _crossed(keys: pd.DataFrame) -> np.ndarray:
    """Number the groups of each level within those of the levels outside it (G, L)."""
    own = np.column_stack([pd.factorize(keys[name])[0] for name in keys])
    return np.column_stack([
        np.unique(own[:, : number + 1], axis=0, return_inverse=True)[1].ravel() for number in range(own.shape[1])
    ])  # fmt: skip

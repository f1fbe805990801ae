"""What if some people moved one box up on a driver: how far the outcome's mean would follow, between two ends.

A share of explained variance is no slope, so no share is multiplied here.  Of those below the top box a share of all respondents
goes one box up, and the model says what that changes:

    Δ_j = moved_j · mean over those who can move of [model(x⁺) - model(x)]        moved_j = min(δ, 1 - share in the top box)

"direct": the other drivers stay where they are (partial slope); "total": they go along as they do now (simple slope).  The
linear model is in `stepping`, the ordinal one in `ordered`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Literal, get_args

import numpy as np
import pandas as pd

from symmetry.design import Design, column_of, design_of, names_of
from symmetry.drivers.covariances import check_columns, counted, not_singular, standardised
from symmetry.drivers.estimating import estimate_of_spread
from symmetry.drivers.moving.boxes import Asked, Scale, boxes_of, ends_of
from symmetry.drivers.moving.caution import caution
from symmetry.drivers.moving.ordered import ordered
from symmetry.drivers.moving.stepping import stepped
from symmetry.drivers.outcomes.outcomes import Outcome, outcome_of
from symmetry.errors import DesignError
from symmetry.estimate import Estimate, interval

__all__ = ["WhatIf", "what_if"]


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Changes of an outcome's mean, each driver's "direct" and "total" end.

    estimate : 2P changes, direct ones first.  moved, top (2P,) : share of respondents that goes one box up, and share in the top
    box already; n_top (2P,) how many people these are.
    """

    estimate: Estimate
    moved: np.ndarray
    top: np.ndarray
    n_top: np.ndarray

    def table(self, *, level: float = 0.95, language: str = "en") -> pd.DataFrame:
        """A row an end and driver, the house's columns, then `moved`, `top`, `n_top`; the caution is in `.attrs["caution"]`."""
        found = self.estimate.table(level=level).assign(moved=self.moved, top=self.top, n_top=self.n_top)
        found.attrs["caution"] = caution(language)
        return found

    def caution(self, language: str = "en") -> str:
        """What must be said beside these numbers, "en" or "fr"."""
        return caution(language)

    def __str__(self) -> str:
        shown = self.table()[["statistic", "item", "estimate", "se", "lower", "upper", "moved", "top", "note"]]
        return f"{shown.to_string(index=False)}\n\n{self.caution()}"


def what_if(
    design: Design,
    outcome: str,
    predictors: Sequence[str],
    *,
    move: float = 0.1,
    scales: Mapping[str, Scale] | None = None,
    statistic: Outcome = "mean",
    at_least: float | None = None,
    model: Literal["linear", "ordinal"] = "linear",
    always: str | Sequence[str] = (),
) -> WhatIf:
    """Change of an outcome's mean if some respondents answered one box higher on a driver.

    Parameters
    ----------
    design : n respondents; who lacks any of the answers is out (the note says how many), psus and strata stay.
    outcome : numeric column, higher is better.
    predictors : numeric columns of coded answers, one or more; each is moved by itself.
    move : share of all respondents to move, above 0 and at most 1, drawn alike among those below the top box; where fewer can
        move, all of them do and the note says so.
    scales : column → (lowest, highest) of whole codes, or all codes in order; else the codes that somebody gave are the boxes
        of a driver, and the least and greatest answer are the ends of the outcome.
    statistic : "mean" of the outcome, "top_box" (share giving `at_least` or more), or "nps" in points.
    at_least : the lowest answer of the top box.
    model : "linear"; "ordinal", proportional odds, in which somebody near the end of the outcome's scale has less to gain.
    always : controls, in both ends and never moved.

    Returns
    -------
    WhatIf; its table has statistic "direct" (other drivers fixed) and "total" (others follow), a row for each driver, in the
    outcome's units.

    Raises
    ------
    DesignError : the outcome is among its drivers, a driver is constant or an exact combination of others, a column has too many
        answers to be boxes, an answer is off its scale, `move` is no share, too few complete answers.
    ConvergenceError : of "ordinal", a driver separates the outcome's categories.

    Notes
    -----
    The ends hold what would happen where the other drivers are in part consequences of the one moved and nothing else causes
    both it and the outcome; halo and mood inflate both.  The new mean and its interval stop at the outcome's end.
    Errors know slopes, shares in the top box and mean steps, by the design or its replicates; at the kink, where just `move` can
    move, they are those of one side.
    R twin of the linear slopes: ``svyglm(y ~ a + b, design)`` and ``svyglm(y ~ a, design)``; of the ordinal ones: ``svyolr``.

    References
    ----------
    .. [1] Pearl (2001). Direct and indirect effects. Uncertainty in Artificial Intelligence 17, 411-420.
    .. [2] Grömping (2007). Estimators of relative importance in linear regression. The American Statistician 61, 139-147.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"kept": rng.integers(1, 6, 300), "listened": rng.integers(1, 6, 300)})
    >>> data["trust"] = data["kept"] + 0.5 * data["listened"] + rng.normal(size=300)
    >>> found = what_if(Design(data), "trust", ["kept", "listened"], move=0.10)
    >>> found.table()[["statistic", "item", "estimate", "se", "moved", "top"]].round(3)
      statistic      item  estimate     se  moved    top
    0    direct      kept     0.102  0.004    0.1  0.213
    1    direct  listened     0.052  0.004    0.1  0.193
    2     total      kept     0.102  0.005    0.1  0.213
    3     total  listened     0.052  0.007    0.1  0.193
    """
    if model not in get_args(Literal["linear", "ordinal"]):
        raise DesignError(f"no model is called {model!r}", mend='"linear" or "ordinal"')
    if isinstance(move, bool) or not isinstance(move, Real) or not 0 < move <= 1:
        raise DesignError(
            f"move={move!r} is no share of respondents", mend="give a number above 0 and at most 1: 0.1 for 10 %"
        )
    drivers = names_of(predictors)
    controls = names_of(always)
    names = check_columns(outcome, [*drivers, *controls], least=1 + len(controls))
    asked = _asked(design_of(design), outcome, names, len(drivers), move, dict(scales or {}), statistic, at_least)
    made = stepped(asked) if model == "linear" else ordered(asked)
    values, spread, variance, notes = made
    top = asked.weight @ asked.boxes.top / asked.weight.sum()
    short = [
        f"only {1 - one:.1%} can move: {one:.1%} are in the top box already" if 1 - one < move else "" for one in top
    ] * 2
    n = int(asked.held.sum())
    counts = counted(n, int((asked.design.layout.weight != 0).sum()))
    note = tuple("; ".join(filter(None, [counts, *pair])) for pair in zip(short, notes, strict=True))
    labels = pd.DataFrame({"statistic": np.repeat(["direct", "total"], len(drivers)), "item": [*drivers, *drivers]})
    found = estimate_of_spread(asked.design, labels, values, spread, variance, n=n, note=note)
    people = (asked.boxes.top[asked.weight > 0] > 0).sum(axis=0)
    return WhatIf(_within(found, asked), np.tile(np.minimum(move, 1 - top), 2), np.tile(top, 2), np.tile(people, 2))


def _within(found: Estimate, asked: Asked) -> Estimate:
    """The same with intervals that end where the outcome's scale does."""
    mean = float(asked.weight @ asked.worth / asked.weight.sum())
    low, high = (end - mean for end in asked.ends)

    def bounds(level: float) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
        lower, upper, notes = interval(found, level=level)
        return np.maximum(lower, low), np.minimum(upper, high), notes

    return replace(found, bounds=bounds)


def _asked(
    design: Design,
    outcome: str,
    names: tuple[str, ...],
    size: int,
    move: float,
    scales: Mapping[str, Scale],
    statistic: Outcome,
    at_least: float | None,
) -> Asked:
    """Who answered all, their steps on the first `size` columns, and what the outcome is worth."""
    unknown = sorted(set(scales) - {*names, outcome})
    if unknown:
        raise DesignError(f"a scale is told for `{unknown[0]}`, which is not used", mend="name drivers or the outcome")
    z, _, _ = standardised(design, [*names, outcome], [*names, outcome])
    held = np.isfinite(z).all(axis=1) & (design.layout.weight != 0)
    not_singular(np.cov(z[held, :-1].T, aweights=design.layout.weight[held], ddof=0).reshape(len(names), -1), names)
    x = np.stack([column_of(design, name)[held] for name in names[:size]], axis=1)
    y = column_of(design, outcome)[held]
    worth, ends = (
        outcome_of(design, outcome, statistic, at_least=at_least)[0][held],
        ends_of(statistic, outcome, y, scales),
    )
    return Asked(design, held, names, outcome, y, worth, ends, boxes_of(x, names[:size], scales), float(move))

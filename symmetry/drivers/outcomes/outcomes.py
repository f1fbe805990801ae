"""The outcome as one column: the answer itself, whether it is in the top box, or what it counts for in the Net Promoter Score.

Shares of such a column come from the same linear model as those of any number, in points one can read: of the mean, of the
share of top answers, of the NPS.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from symmetry.design import Design, column_of, design_of
from symmetry.errors import DesignError

__all__ = ["Outcome", "outcome_of"]

Outcome = Literal["mean", "top_box", "nps"]


def outcome_of(
    design: Design, outcome: str, statistic: Outcome = "mean", *, at_least: float | None = None
) -> tuple[np.ndarray, str]:
    """The column that drivers are to explain, and what it is called.

    Parameters
    ----------
    outcome : numeric column.
    statistic : "mean", the answers as they are; "top_box", 1 from `at_least` on and 0 below; "nps", 100 for 9 and 10, 0 for 7 and
        8, -100 for 0 to 6.
    at_least : the lowest answer of the top box.

    Returns
    -------
    Values (n,), NaN where there is no answer, and a name that says what they are.

    Raises
    ------
    DesignError : an unknown statistic; a top box without its lowest answer, or with everybody on one side of it; answers that
        all count alike in the NPS; a code that is not one of 0 to 10 (its row is told); values in the place of a column's name.

    Notes
    -----
    The mean of the column is `estimate.mean`, `estimate.top_box` (as a share) or `estimate.nps`.

    Examples
    --------
    >>> design = Design(pd.DataFrame({"likely": [10, 7, None, 3]}))
    >>> outcome_of(design, "likely", "nps")
    (array([ 100.,    0.,   nan, -100.]), 'NPS of likely')
    """
    design = design_of(design)
    if not isinstance(outcome, str):
        raise DesignError("the outcome is no name of a column", mend="name one of the design's columns")
    x = column_of(design, outcome)
    if statistic not in get_args(Outcome):
        raise DesignError(f"no statistic of an outcome is called {statistic!r}", mend=f"one of {get_args(Outcome)}")
    if at_least is None and statistic == "top_box":
        raise DesignError("a top box has a lowest answer, and none was given", mend="say it: at_least=4")
    if at_least is not None and statistic != "top_box":
        raise DesignError(f'at_least= means nothing with "{statistic}"', mend='leave it out, or statistic="top_box"')
    if at_least is None:
        if statistic == "mean":
            return x, outcome
        score = _promoters(x, outcome)
        only = _only(design, score)
        if only is not None:
            who = {-100.0: "detractors (0 to 6)", 0.0: "passive (7 or 8)", 100.0: "promoters (9 or 10)"}[only]
            raise DesignError(
                f"all answers to `{outcome}` are {who}: what they count for in the NPS does not vary",
                mend='explain the answers themselves: statistic="mean"',
            )
        return score, f"NPS of {outcome}"
    top = np.where(np.isnan(x), np.nan, x >= at_least)
    only = _only(design, top)
    if only is not None:
        side = "at least" if only else "below"
        raise DesignError(
            f"all answers to `{outcome}` are {side} {at_least:g}",
            mend="choose another at_least=: some above, some below",
        )
    return top, f"{outcome} at least {at_least:g}"


def _only(design: Design, x: np.ndarray) -> float | None:
    """The value of everybody with a weight who has one; None where there are several, or none."""
    held = x[np.isfinite(x) & (design.layout.weight > 0)]
    return float(held[0]) if len(held) and (held == held[0]).all() else None


def _promoters(x: np.ndarray, outcome: str) -> np.ndarray:
    """What each answer counts for in the score."""
    wrong = ~np.isnan(x) & ~np.isin(x, np.arange(11.0))
    if wrong.any():
        row = int(wrong.argmax())
        raise DesignError(
            f"`{outcome}` holds {x[row]:g} in row {row + 1}, which is no answer to a 0-10 question",
            mend="score the answers first",
        )
    return np.where(np.isnan(x), np.nan, 100.0 * (x >= 9) - 100.0 * (x <= 6))

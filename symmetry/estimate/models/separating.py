"""When no finite coefficient exists: the columns that tell outcomes at the edge of a family from all others.

A likelihood of shares or counts has no maximum exactly where some direction δ moves every mean x′δ towards an outcome of 0 (or of
1) that is there, and moves no other mean (Albert, Anderson 1984, Biometrika 71, 1-10).  Scoring then runs off along δ, so its
steps become δ: each suspect step is held against the definition, on all rows, and what is told is what was found.
"""

from __future__ import annotations

import numpy as np

from symmetry.errors import ConvergenceError
from symmetry.estimate.models.columns import Columns
from symmetry.estimate.models.families import Family

__all__ = ["refuse_separation"]

_BLOCK = 1 << 15
_NOTHING = 1e-6


def refuse_separation(family: Family, columns: Columns, rows: np.ndarray, direction: np.ndarray) -> None:
    """Refuse to go on where a direction separates the outcomes of some rows (their places among the columns' rows).

    direction : (p,) of coefficients.

    Raises
    ------
    ConvergenceError : it does; the columns are named, the respondents counted.
    """
    moves, low, high = np.empty(len(rows)), np.full(len(direction), np.inf), np.full(len(direction), -np.inf)
    for start in range(0, len(rows), _BLOCK):
        x = columns.block(rows[start : start + _BLOCK])
        moves[start : start + _BLOCK] = direction @ x
        low, high = np.minimum(low, x.min(axis=1)), np.maximum(high, x.max(axis=1))
    y, largest = columns.y[rows], float(np.abs(moves).max())
    up, down = moves > _NOTHING * largest, moves < -_NOTHING * largest
    sign = np.sign(family.link.slope(np.zeros(1)))[0]
    least, most = family.bounds if sign >= 0 else family.bounds[::-1]
    if not largest > 0 or (up & (y != most)).any() or (down & (y != least)).any():
        return
    reach = np.abs(direction) * np.where(high > low, high - low, 0.0)
    named = np.flatnonzero(reach > 1e-4 * reach.max())
    alone = [k for k in named if len(named) > 1 and _alone(columns.block(rows)[k], y, family.bounds)]
    guilty = [f"`{columns.names[k]}`" for k in alone or named]
    if (y == y[0]).all():
        raise ConvergenceError(
            f"the outcome is {y[0]:g} for all {len(rows)} respondents", mend="report it: there is nothing to explain"
        )
    certain, values = up | down, " or ".join(f"{value:g}" for value in np.unique(y[up | down]))
    raise ConvergenceError(
        f"{', '.join(guilty)} {'separates' if len(guilty) == 1 else 'separate'} the outcomes: {int(certain.sum())} of "
        f"{len(rows)} respondents are fitted as certainly {values}",
        mend="merge its rare categories, leave it out, or report a table: no finite coefficient exists",
    )


def _alone(x: np.ndarray, y: np.ndarray, bounds: tuple[float, float]) -> bool:
    """Whether one column, cut somewhere, has all the outcomes of one end on one side and all those of the other on the other."""
    least, most = (y == bound for bound in bounds)
    if not (least | most).all():
        return False
    return bool(x[least].max() <= x[most].min() or x[most].max() <= x[least].min())

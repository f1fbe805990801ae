"""Nothing hidden can be subtracted back: published totals, as equations over the smallest groups, must not solve for a cell.

A hidden cell is recoverable when its indicator over the atoms is a linear combination of published ones; a *remainder* is what
is left of a published cell after its published parts are taken out.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from symmetry.disclosure.cells import Cells

__all__ = ["classes_of", "recoverable", "small_remainder"]


def recoverable(cells: Cells, hidden: np.ndarray) -> np.ndarray:
    """Tell which hidden cells follow from the published ones by sums and differences.

    Parameters
    ----------
    hidden : (cells,) whether each cell is hidden.

    Returns
    -------
    (cells,) booleans, false for published cells.

    Examples
    --------
    >>> from symmetry.disclosure import cells_of
    >>> cells = cells_of(pd.DataFrame({"region": ["n", "n", "s"]}), [[], ["region"]])
    >>> recoverable(cells, np.array([False, False, True]))
    array([False, False,  True])
    """
    found = np.zeros(len(cells.keys), bool)
    if not hidden.any() or hidden.all():
        return found
    known = _Span(cells.dense(~hidden))
    found[hidden] = known.holds(cells.dense(hidden))
    return found


def small_remainder(
    cells: Cells, hidden: np.ndarray, minimum: int, *, told: np.ndarray | None = None
) -> np.ndarray | None:
    """Find a group below the minimum that published cells add and subtract up to, whatever tables they stand in.

    Parameters
    ----------
    hidden : (cells,) whether each cell is hidden.
    minimum : a group of fewer people is small.
    told : (cells,) cells that an earlier release published: a group that follows from these alone is past help and passed over.

    Returns
    -------
    (atoms,) 0/1, or None.

    Notes
    -----
    In the reduced echelon form of the published cells with the largest atoms as pivots, a sum of atoms holds a row exactly where
    it holds the row's pivot; one with fewer people than the minimum can only hold pivots smaller than that.  Sums of up to three
    such rows are tried, which finds every group in small tables and nearly every one in large ones.  Atoms in the same published
    cells have the same column and are taken together.

    Examples
    --------
    >>> from symmetry.disclosure import cells_of
    >>> cells = cells_of(pd.DataFrame({"region": ["n", "n", "s"]}), [[], ["region"]])
    >>> small_remainder(cells, np.array([False, False, True]), 2)
    array([0, 1])
    """
    known = _Span(cells.dense(told)) if told is not None and told.any() else None
    shape = classes_of(cells, hidden)
    first = np.unique(shape, return_index=True)[1]
    weight = np.bincount(shape, weights=cells.count)
    order = np.argsort(-weight, kind="stable")
    rows, pivots = _echelon(cells.dense(~hidden)[:, first[order]])
    count = weight[order]
    small = np.flatnonzero(count[pivots] < minimum)
    for size in (1, 2, 3):
        groups = np.array(list(combinations(small, size)), int).reshape(-1, size)
        groups = groups[count[pivots][groups].sum(axis=1) < minimum]
        for start in range(0, len(groups), 5_000):
            sums = rows[groups[start : start + 5_000]].sum(axis=1)
            whole = (np.minimum(np.abs(sums), np.abs(sums - 1)) < 1e-7).all(axis=1)
            for found in np.flatnonzero(whole & (np.round(sums) @ count < minimum)):
                out = np.zeros(len(order), int)
                out[order] = np.round(sums[found]).astype(int)
                if known is None or not known.holds(out[shape][None].astype(float))[0]:
                    return np.asarray(out[shape])
    return None


def classes_of(cells: Cells, hidden: np.ndarray) -> np.ndarray:
    """Number the atoms that stand in the same published cells alike, (atoms,): no published figure tells these apart."""
    found = np.zeros(len(cells.count), int)
    for code in cells.code:
        seen = np.where((code >= 0) & ~hidden[code], code + 1, 0)
        found = pd.factorize(found * (len(cells.keys) + 1) + seen)[0]
    return found


class _Span:
    """Everything that some rows add and subtract up to."""

    def __init__(self, rows: np.ndarray) -> None:
        _, singular, right = np.linalg.svd(rows, full_matrices=False)
        self.basis = right[singular > 1e-9 * singular[0]]

    def holds(self, targets: np.ndarray) -> np.ndarray:
        """Whether each target is in it."""
        left = targets - (targets @ self.basis.T) @ self.basis
        return np.asarray(np.abs(left).max(axis=1) < 1e-8)


def _echelon(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Jordan elimination, pivots from the left: rows (rank, columns) and the columns of their pivots (rank,)."""
    pivots: list[int] = []
    for column in range(rows.shape[1]):
        done = len(pivots)
        if done == len(rows):
            break
        best = done + int(np.argmax(np.abs(rows[done:, column])))
        if abs(rows[best, column]) < 1e-9:
            continue
        rows[[done, best]] = rows[[best, done]]
        rows[done] /= rows[done, column]
        others = np.arange(len(rows)) != done
        rows[others] -= np.outer(rows[others, column], rows[done])
        pivots.append(column)
    return rows[: len(pivots)], np.array(pivots, int)

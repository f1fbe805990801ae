"""Companions: published cells that must go too, because a hidden group would follow from them by subtraction."""

from __future__ import annotations

import numpy as np

from symmetry.disclosure.puzzle import Puzzle
from symmetry.disclosure.subtracting import recoverable, small_remainder

__all__ = ["ALGEBRA", "by_algebra", "by_remainders", "cheapest"]

ALGEBRA = 300_000
"""Equations are solved by elimination up to this many published cells times atoms; above, by remainders and exchanges only."""


def by_remainders(puzzle: Puzzle, hidden: np.ndarray, minimum: int, fixed: np.ndarray) -> np.ndarray:
    """Close every table: no published cell less its published parts leaves one hidden cell, or a small or uniform group.

    Parameters
    ----------
    hidden : (cells,) whether each cell is hidden.
    fixed : (cells,) cells that cannot be hidden, since an earlier release shows them.

    Returns
    -------
    (cells,) hidden cells, companions among them.

    Notes
    -----
    The closed form for one-way breakdowns and hierarchies of them: of each violated cell the smallest published part goes, until
    none is violated.  Smaller cells, of finer tables, are put right first.
    """
    hidden, order = hidden.copy(), np.argsort(-np.bincount(puzzle.cells.table), kind="stable")
    changed = True
    while changed:
        changed = False
        for outer in order:
            for inner in order:
                gone = _parts(puzzle, hidden, minimum, fixed, outer, inner) if inner != outer else np.array([], int)
                hidden[gone] = True
                changed |= gone.size > 0
    return hidden


def _parts(puzzle: Puzzle, hidden: np.ndarray, minimum: int, fixed: np.ndarray, outer: int, inner: int) -> np.ndarray:
    """The parts of one table to hide, for the cells of another that would give a group away."""
    cells = puzzle.cells
    size, n = len(hidden), cells.n
    holder = cells.within[outer]
    part = np.flatnonzero((cells.table == inner) & (holder >= 0))
    part = part[~hidden[holder[part]]]
    shown, gone = part[~hidden[part]], part[hidden[part]]
    if not shown.size:
        return np.array([], int)
    people, kinds = n.copy(), cells.member @ puzzle.kinds
    np.subtract.at(people, holder[shown], n[shown])
    np.subtract.at(kinds, holder[shown], kinds[shown].copy())
    alone = (np.bincount(holder[gone], minlength=size) == 1) & (
        np.bincount(holder[gone], weights=n[gone], minlength=size) == people
    )
    bad = ((people > 0) & (people < minimum)) | ((kinds > 0.5).sum(axis=1) == 1) | alone
    open_ = shown[bad[holder[shown]] & ~fixed[shown]]
    first = open_[np.lexsort((open_, n[open_], holder[open_]))]
    chosen = first[np.unique(holder[first], return_index=True)[1]]
    stuck = np.setdiff1d(holder[shown][bad[holder[shown]]], holder[chosen])
    return np.concatenate([chosen, stuck[~fixed[stuck]]])


def by_algebra(puzzle: Puzzle, hidden: np.ndarray, minimum: int, fixed: np.ndarray, lost: np.ndarray) -> int | None:
    """The next cell to hide because published ones, across all tables, add and subtract up to a hidden or a small group.

    Parameters
    ----------
    lost : (cells,) cells that earlier releases alone give away; nothing can be done for them.

    Returns
    -------
    A cell, or None where nothing follows, or the population is too large to solve for.
    """
    cells = puzzle.cells
    known = ~hidden | fixed
    if known.sum() * len(cells.count) > ALGEBRA or not (~hidden & ~fixed).any():
        return None
    exposed = recoverable(cells, ~known) & ~lost
    group = np.asarray(cells.dense(exposed).sum(axis=0)) if exposed.any() else None
    if group is None:
        group = small_remainder(cells, ~known, minimum, told=fixed)
    if group is None:
        return None
    return cheapest(puzzle, hidden | fixed, np.asarray(cells.member @ group > 0))


def cheapest(puzzle: Puzzle, gone: np.ndarray, preferred: np.ndarray) -> int | None:
    """The smallest cell still shown, of the preferred ones if there are any, the whole population last; None if none is left."""
    whole = np.array([by == "" for by, _ in puzzle.cells.keys])
    for among in (preferred & ~gone & ~whole, ~gone & ~whole, ~gone):
        if among.any():
            return int(np.flatnonzero(among)[np.argmin(puzzle.cells.n[among])])
    return None

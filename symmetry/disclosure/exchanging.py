"""What every attacker must leave open: people whom no published figure tells apart may change places.

The bounds in closed form that spare most cells the linear programme.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from symmetry.disclosure.puzzle import Puzzle
from symmetry.disclosure.subtracting import classes_of

__all__ = ["View", "exchanged"]


class View:
    """A release as an attacker sees it: people by kind, a kind being all who stand in the same published cells.

    `place` (tables, kinds) the published cell of each kind in each table, -1 if none; `count` (kinds,) people; `mass` (kinds,
    options); `free` (kinds,) in no published cell at all, so that anybody may be there.
    """

    def __init__(self, puzzle: Puzzle, hidden: np.ndarray) -> None:
        cells = puzzle.cells
        self.puzzle, self.hidden = puzzle, hidden
        self.kind = classes_of(cells, hidden)
        first = np.unique(self.kind, return_index=True)[1]
        code = cells.code[:, first]
        self.place = np.where((code >= 0) & ~hidden[code], code, -1)
        self.count = np.bincount(self.kind, weights=cells.count)
        self.mass = np.zeros((len(first), puzzle.mass.shape[1]))
        np.add.at(self.mass, self.kind, puzzle.mass)
        self.free = np.asarray((self.place < 0).all(axis=0))

    @cached_property
    def lacking(self) -> np.ndarray:
        """Whether some of a kind are in no cell of a table, (tables, kinds)."""
        found = np.zeros(self.place.shape, bool)
        for table, code in enumerate(self.puzzle.cells.code):
            found[table, self.kind[code < 0]] = True
        return found

    def room(self, table: int, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Kinds in no published cell of a table; whether hidden cells may hold them, (asked, kinds), and others may too."""
        loose = np.flatnonzero(self.place[table] < 0)
        own = np.flatnonzero(self.hidden & (self.puzzle.cells.table == table))
        fits: np.ndarray = np.ones((len(own), len(loose)), bool)
        for other, place in enumerate(self.place[:, loose]):
            cell, kind = np.unique(place, return_inverse=True)
            if other != table and cell[0] < 0:
                fits &= (place >= 0) | self.unseen(own, other, table)[:, None]
            apart = np.where(cell >= 0, self.puzzle.cells.empty[np.ix_(own, cell)], False)
            fits &= ~apart[:, kind]
        elsewhere = (np.sum(fits, axis=0) > 1) | self.lacking[table, loose] | self.free[loose]
        fits = fits[np.searchsorted(own, asked)]
        return loose, fits, fits & elsewhere

    def unseen(self, asked: np.ndarray, other: int, table: int) -> np.ndarray:
        """Whether people of hidden cells may be in no published cell of another table, (asked,)."""
        cells = self.puzzle.cells
        gone = np.flatnonzero(self.hidden & (cells.table == other))
        lacks = bool(self.lacking[other].any()) and not cells.nested[other, table]
        return np.asarray((~cells.empty[np.ix_(asked, gone)]).any(axis=1) | lacks)


def exchanged(puzzle: Puzzle, hidden: np.ndarray) -> np.ndarray:
    """Bounds of every hidden cell that are reached by exchanging people of the same kind.

    Parameters
    ----------
    hidden : (cells,) whether the figures of each cell are unpublished, now and in earlier releases.

    Returns
    -------
    (cells, 4) lower and upper count, lower and upper mean given the count; missing for published cells.

    Notes
    -----
    People in the same published cells may change places, with their answers and weights, and every published figure stays as it
    is, standard errors and models included.  People in no published cell at all may be anybody.  The attacker's true interval is
    at least this wide; of one breakdown beside the total, or inside another, it is exactly this.
    """
    out, view = np.full((len(hidden), 4), np.nan), View(puzzle, hidden)
    for table, code in enumerate(puzzle.cells.code):
        asked = np.flatnonzero(hidden & (puzzle.cells.table == table))
        if asked.size:
            out[asked] = _of_table(view, table, asked, code)
    return out


def _of_table(view: View, table: int, asked: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Bounds of the hidden cells of one table, (asked, 4)."""
    puzzle, (loose, fits, moves) = view.puzzle, view.room(table, asked)
    inside = np.flatnonzero((code >= 0) & view.hidden[code])
    at = np.searchsorted(asked, code[inside]), np.searchsorted(loose, view.kind[inside])
    stays = fits[at] & ~moves[at]

    def fixed(weights: np.ndarray) -> np.ndarray:
        """What of each cell cannot move."""
        cell = np.searchsorted(asked, code[inside[stays]])
        return np.bincount(cell, weights=weights[inside[stays]], minlength=len(asked))

    open_ = (moves & view.free[loose]).any(axis=1)
    low = fixed(puzzle.cells.count.astype(float))
    high = np.where(open_, np.inf, fits @ view.count[loose])
    held, value = fixed(puzzle.mass.sum(axis=1)), fixed(puzzle.mass @ puzzle.value)
    pool, up = moves @ view.mass[loose], np.argsort(puzzle.value, kind="stable")
    rest, own = puzzle.total[asked] - held, np.maximum(puzzle.total[asked], 1e-300)
    ends = [value + _filled(rest, pool[:, way], puzzle.value[way], open_) for way in (up, up[::-1])]
    return np.column_stack([low, high, ends[0] / own, ends[1] / own])


def _filled(weight: np.ndarray, mass: np.ndarray, value: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Sum of values when a weight is filled from the masses at hand in their order; free ones take the first value."""
    before = np.cumsum(mass, axis=1) - mass
    taken = np.clip(weight[:, None] - before, 0.0, mass)
    return np.asarray(np.where(free, weight * value[0], taken @ value))

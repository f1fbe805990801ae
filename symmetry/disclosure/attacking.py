"""The attacker's linear programme: between which values a hidden cell may lie, given everything published."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from symmetry.disclosure.exchanging import View
from symmetry.disclosure.puzzle import Puzzle

__all__ = ["Bounds", "attack", "unknowns"]

_ZERO = 1e-7


@dataclass(frozen=True, eq=False)
class Bounds:
    """What published figures leave open of one cell: `interval` as in `exchanged`; `given_by` the cells that hold its ends.

    `solved` is false where the solver gave up; the interval is then empty of claims (missing).
    """

    interval: np.ndarray
    given_by: np.ndarray
    solved: bool = True


@dataclass(frozen=True, eq=False)
class _Programme:
    """Equations `left @ y = right`, up to `slack`, over masses y >= 0; `row` is the published cell of each equation."""

    left: sparse.csr_array
    right: np.ndarray
    slack: np.ndarray
    row: np.ndarray


def unknowns(puzzle: Puzzle, hidden: np.ndarray, cell: int) -> int:
    """Size of the programme of one cell: kinds of people, inside and outside of it, times answers."""
    return len(_groups(View(puzzle, hidden), cell)[0]) * int(puzzle.mass.shape[1])


def attack(puzzle: Puzzle, hidden: np.ndarray, cell: int, *, digits: int | None = None) -> Bounds:
    """Find the least and the greatest count and mean of a hidden cell that agree with every published figure.

    Parameters
    ----------
    hidden : (cells,) whether the figures of each cell are unpublished, now and in earlier releases.
    cell : the number of the attacked one.
    digits : decimals of the published means and shares; None: told exactly.

    Notes
    -----
    The attacker knows which crossings are impossible (`Cells.empty`), which answers were given, and the weights of every
    published cell; of the mean he is told how many people the cell holds.  Each makes the interval narrower than a real
    attacker's.  Solved by HiGHS.
    """
    view, shown = View(puzzle, hidden), np.flatnonzero(~hidden)
    if not shown.size:
        return Bounds(np.array([0.0, np.inf, puzzle.value.min(), puzzle.value.max()]), shown)
    kind, target = _groups(view, cell)
    place = view.place[:, kind]
    rows = np.searchsorted(shown, place[place >= 0])
    member = sparse.csr_array((np.ones(len(rows)), (rows, np.nonzero(place >= 0)[1])), shape=(len(shown), len(kind)))
    answers = _programme(puzzle, shown, member, digits)
    options = puzzle.mass.shape[1]
    if puzzle.weighted:
        n = puzzle.cells.n[shown].astype(float)
        counting, aim = _Programme(member, n, np.zeros(len(n)), shown), target
    else:
        counting, aim = answers, np.repeat(target, options)
    low, high, by = _ends(counting, aim)
    own = puzzle.total[cell]
    known = _Programme(
        sparse.vstack([answers.left, sparse.csr_array(np.repeat(target, options)[None])], format="csr"),
        np.append(answers.right, own),
        np.append(answers.slack, 0.0),
        np.append(answers.row, -1),
    )
    least, most, also = _ends(known, np.kron(target, puzzle.value))
    interval = np.array([max(low, 0.0), high, least / own, most / own])
    given = np.unique(np.concatenate([by, also]))
    return Bounds(interval, given[given >= 0], bool(np.isfinite(interval[[0, 2, 3]]).all() and not np.isnan(high)))


def _groups(view: View, cell: int) -> tuple[np.ndarray, np.ndarray]:
    """The kind of each group of unknowns, and 1 for those inside the attacked cell."""
    table = int(view.puzzle.cells.table[cell])
    loose, fits, moves = view.room(table, np.array([cell]))
    only = loose[fits[0] & ~moves[0]]
    inside, outside = loose[fits[0]], np.setdiff1d(np.arange(len(view.count)), only)
    return np.concatenate([inside, outside]), np.repeat([1.0, 0.0], [len(inside), len(outside)])


def _programme(puzzle: Puzzle, shown: np.ndarray, member: sparse.csr_array, digits: int | None) -> _Programme:
    """Equations of what is published of each cell: its mass and each of its statistics, in that order."""
    added = puzzle.cells.member[shown] @ puzzle.mass
    size = added.sum(axis=1)
    parts = [np.ones(puzzle.mass.shape[1]), *puzzle.functions]
    left = sparse.vstack([sparse.kron(member, part[None]) for part in parts], format="csr")
    half = 0.0 if digits is None else 0.5 * 10.0**-digits
    slack = np.concatenate([np.zeros(len(shown)), np.tile(half * size, len(parts) - 1)])
    return _Programme(
        sparse.csr_array(left), np.concatenate([added @ part for part in parts]), slack, np.tile(shown, len(parts))
    )


def _ends(programme: _Programme, aim: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Least and greatest value of a sum under a programme, and the published cells whose equations hold them."""
    exact = programme.slack == 0
    loose = programme.left[~exact]
    ends, given = [], []
    for sign in (1.0, -1.0):
        found = linprog(
            sign * aim,
            A_eq=programme.left[exact],
            b_eq=programme.right[exact],
            A_ub=sparse.vstack([loose, -loose], format="csr") if loose.shape[0] else None,
            b_ub=np.concatenate(
                [
                    programme.right[~exact] + programme.slack[~exact],
                    programme.slack[~exact] - programme.right[~exact],
                ]
            )
            if loose.shape[0]
            else None,
            method="highs",
        )
        if found.status == 3:
            ends.append(sign * -np.inf)
            continue
        if found.status != 0:
            return np.nan, np.nan, np.array([], int)
        ends.append(sign * found.fun)
        given.append(programme.row[exact][np.abs(found.eqlin.marginals) > _ZERO])
        if loose.shape[0]:
            both = np.tile(programme.row[~exact], 2)
            given.append(both[np.abs(found.ineqlin.marginals) > _ZERO])
    return ends[0], ends[1], np.concatenate(given) if given else np.array([], int)

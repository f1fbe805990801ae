"""Nothing hidden can be subtracted back: published totals, as equations over the smallest groups, must not solve for a cell.

Every table cell is a set of atoms, the crossings of all domain variables.  A hidden cell is recoverable when its indicator is a
linear combination of published ones; a *remainder* is what is left of a published cell after its published parts are taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from symmetry.design import domain_names

__all__ = ["Cells", "cells_of", "recoverable", "small_remainder"]


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of all tables of one population.

    `keys` (by, domain) of each; `member` (cells, atoms) 0/1; `count` (atoms,) people; `atom` (people,) the atom of each person.
    """

    keys: tuple[tuple[str, str], ...]
    member: np.ndarray
    count: np.ndarray
    atom: np.ndarray

    @property
    def n(self) -> np.ndarray:
        """People in each cell."""
        return np.asarray(self.member @ self.count)

    @cached_property
    def contains(self) -> np.ndarray:
        """Whether a cell (row) holds another (column) whole, (cells, cells)."""
        return np.asarray(self.member @ self.member.T == self.member.sum(axis=1))


def cells_of(people: pd.DataFrame, tables: Iterable[Sequence[str]]) -> Cells:
    """Lay out the cells of several tables over the same people.

    Parameters
    ----------
    people : one row a person, the domain variables as columns; a person who lacks a variable is in no cell of its tables.
    tables : the variables crossed in each table; an empty one is the whole population.

    Returns
    -------
    Cells whose keys are written as in stored tables: `by` "region × channel", `domain` "north × phone".

    Examples
    --------
    >>> cells_of(pd.DataFrame({"region": ["n", "n", "s"]}), [[], ["region"]]).n
    array([3, 2, 1])
    """
    asked = [list(table) for table in tables]
    variables = list(dict.fromkeys(name for table in asked for name in table))
    if not variables:
        return Cells((("", ""),), np.ones((1, 1), int), np.array([len(people)]), np.zeros(len(people), int))
    atoms = people[variables].astype(object).where(people[variables].notna(), None)
    groups = atoms.groupby(variables, dropna=False, sort=True)
    counted = groups.size()
    grid = counted.index.to_frame(index=False)
    keys, rows = [], []
    for table in asked:
        if not table:
            keys.append(("", ""))
            rows.append(np.ones(len(grid), int))
            continue
        labels = domain_names(grid[table])
        for label in sorted(labels.dropna().unique()):
            keys.append((" × ".join(table), label))
            rows.append((labels == label).to_numpy().astype(int))
    return Cells(tuple(keys), np.array(rows), counted.to_numpy(), groups.ngroup().to_numpy())


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
    >>> cells = cells_of(pd.DataFrame({"region": ["n", "n", "s"]}), [[], ["region"]])
    >>> recoverable(cells, np.array([False, False, True]))
    array([False, False,  True])
    """
    found = np.zeros(len(cells.keys), bool)
    published = cells.member[~hidden].astype(float)
    if not hidden.any() or not len(published):
        return found
    _, singular, right = np.linalg.svd(published, full_matrices=False)
    basis = right[singular > 1e-9 * singular[0]]
    targets = cells.member[hidden].astype(float)
    left = targets - (targets @ basis.T) @ basis
    found[hidden] = np.abs(left).max(axis=1) < 1e-8
    return found


def small_remainder(cells: Cells, hidden: np.ndarray, minimum: int) -> np.ndarray | None:
    """Find a group below the minimum that published cells add and subtract up to, whatever tables they stand in.

    Returns
    -------
    (atoms,) 0/1, or None.

    Notes
    -----
    In the reduced echelon form of the published cells with the largest atoms as pivots, a sum of atoms holds a row exactly where
    it holds the row's pivot; one with fewer people than the minimum can only hold pivots smaller than that.  Sums of up to three
    such rows are tried, which finds every group in small tables and nearly every one in large ones.

    Examples
    --------
    >>> cells = cells_of(pd.DataFrame({"region": ["n", "n", "s"]}), [[], ["region"]])
    >>> small_remainder(cells, np.array([False, False, True]), 2)
    array([0, 1])
    """
    order = np.argsort(-cells.count, kind="stable")
    rows, pivots = _echelon(cells.member[~hidden][:, order].astype(float))
    count = cells.count[order]
    small = np.flatnonzero(count[pivots] < minimum)
    for size in (1, 2, 3):
        groups = np.array(list(combinations(small, size)), int).reshape(-1, size)
        groups = groups[count[pivots][groups].sum(axis=1) < minimum]
        for start in range(0, len(groups), 5_000):
            sums = rows[groups[start : start + 5_000]].sum(axis=1)
            whole = (np.minimum(np.abs(sums), np.abs(sums - 1)) < 1e-7).all(axis=1)
            found = np.flatnonzero(whole & (np.round(sums) @ count < minimum))
            if found.size:
                out = np.zeros(len(order), int)
                out[order] = np.round(sums[found[0]]).astype(int)
                return out
    return None


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

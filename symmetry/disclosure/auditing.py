"""Nothing hidden can be subtracted back: published totals, as equations over the smallest groups, must not solve for a cell.

Every table cell is a set of atoms, the crossings of all domain variables.  A hidden cell is recoverable when its indicator is a
linear combination of published ones; a *remainder* is what is left of a published cell after its published parts are taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from symmetry.design import domain_names

__all__ = ["Cells", "cells_of", "recoverable"]


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of all tables of one population: `keys` (by, domain) each, `member` (cells, atoms) 0/1, `count` (atoms,) people."""

    keys: tuple[tuple[str, str], ...]
    member: np.ndarray
    count: np.ndarray

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
        return Cells((("", ""),), np.ones((1, 1), int), np.array([len(people)]))
    atoms = people[variables].astype(object).where(people[variables].notna(), None)
    counted = atoms.groupby(variables, dropna=False, sort=True).size()
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
    return Cells(tuple(keys), np.array(rows), counted.to_numpy())


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

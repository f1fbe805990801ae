"""Cells of all tables of one population: each is a set of atoms, the smallest groups that the breakdowns cross to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design import domain_names

__all__ = ["Cells", "cells_of"]

_EXPECTED = 5.0


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of all tables of one population.

    `keys` (by, domain) of each; `table` (cells,) the number of its table; `code` (tables, atoms) the cell of each atom in each
    table, -1 where it is in none; `count` (atoms,) people; `atom` (people,) the atom of each person.
    """

    keys: tuple[tuple[str, str], ...]
    table: np.ndarray
    code: np.ndarray
    count: np.ndarray
    atom: np.ndarray

    @cached_property
    def member(self) -> sparse.csr_array:
        """Which atoms are in which cell, (cells, atoms) of 0 and 1."""
        _, atoms = np.nonzero(self.code >= 0)
        rows = self.code[self.code >= 0]
        return sparse.csr_array((np.ones(len(rows)), (rows, atoms)), shape=(len(self.keys), len(self.count)))

    @cached_property
    def n(self) -> np.ndarray:
        """People in each cell."""
        return np.asarray(np.rint(self.member @ self.count), int)

    @cached_property
    def within(self) -> np.ndarray:
        """The one cell of another table that holds a cell whole, -1 if none does, (tables, cells)."""
        held = np.full((len(self.code), len(self.keys)), -1)
        for outer, of in enumerate(self.code):
            low, high = np.full(len(self.keys), len(self.keys)), np.full(len(self.keys), -2)
            for inner, cell in enumerate(self.code):
                if inner != outer:
                    there = cell >= 0
                    np.minimum.at(low, cell[there], of[there])
                    np.maximum.at(high, cell[there], of[there])
            held[outer] = np.where(low == high, low, -1)
        return held

    @cached_property
    def empty(self) -> np.ndarray:
        """Pairs of cells known to have nobody in common, (cells, cells).

        Cells of one table; cells of tables of which one is inside the other (branches in regions); and crossings that are empty
        though, by the sizes of both, one would expect five people there.  Rarer crossings may be empty by chance.
        """
        both = (self.member * self.count) @ self.member.T
        expected = np.outer(self.n, self.n) / max(int(self.count.sum()), 1)
        inside = (self.nested | self.nested.T)[np.ix_(self.table, self.table)]
        return np.asarray((both.toarray() == 0) & (inside | (expected >= _EXPECTED)))

    @cached_property
    def nested(self) -> np.ndarray:
        """Whether each cell of a table (column) is inside one cell of another (row), (tables, tables)."""
        every = range(len(self.code))
        return np.array(
            [[bool((self.within[outer][self.table == inner] >= 0).all()) for inner in every] for outer in every]
        )

    def dense(self, which: np.ndarray) -> np.ndarray:
        """Rows of `member` as plain floats, (cells asked, atoms)."""
        return np.asarray(self.member[np.flatnonzero(which)].toarray())


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
    grid, count, atom = _atoms(people, variables)
    keys: list[tuple[str, str]] = []
    table, code = [], np.full((len(asked), len(count)), -1)
    for number, names in enumerate(asked):
        labels = domain_names(grid[names]) if names else pd.Series("", index=range(len(count)))
        found, values = pd.factorize(labels.astype(object), sort=True)
        code[number] = np.where(found < 0, -1, found + len(keys))
        keys.extend((" × ".join(names), str(value)) for value in values)
        table.extend([number] * len(values))
    return Cells(tuple(keys), np.array(table, int), code, count, atom)


def _atoms(people: pd.DataFrame, variables: list[str]) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """The crossings that exist: a frame of them, people in each, and the crossing of each person."""
    if not variables:
        return pd.DataFrame(index=[0]), np.array([len(people)]), np.zeros(len(people), int)
    values, codes, mixed = [], [], np.zeros(len(people), int)
    for name in variables:
        code, found = pd.factorize(people[name])
        order = np.argsort(np.asarray(found, dtype=str), kind="stable")
        values.append(np.array([*np.asarray(found, dtype=object)[order], None], dtype=object))
        codes.append(np.append(np.argsort(order), len(order))[code])
        mixed = pd.factorize(mixed * (len(order) + 1) + codes[-1], sort=True)[0]
    first = np.unique(mixed, return_index=True)[1]
    grid = {name: value[code[first]] for name, value, code in zip(variables, values, codes, strict=True)}
    return pd.DataFrame(grid, dtype=object), np.bincount(mixed), mixed

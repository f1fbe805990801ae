"""Influence and variances where each respondent is a psu: sums by stratum say all but the squares.

These take a second pass over the rows, block by block, or the score cube of a coded item.  With calibrated weights the residuals
of rows are not made either: see `calibrated`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from symmetry.design.calibrated import lessened, products
from symmetry.design.cells import Cells
from symmetry.design.coding import adder
from symmetry.design.influence import Fit, Influence, Summed
from symmetry.design.totals import Totals
from symmetry.design.variance import variances, variances_of_sums

__all__ = ["RowPass", "element_influence"]


@dataclass(frozen=True, eq=False)
class RowPass:
    """The pass over rows that makes the influence of I items and m statistics of each: see `influence.Pass`."""

    totals: Totals
    gradient: np.ndarray

    @property
    def cells(self) -> Cells:
        """Crossings of strata and domains."""
        return self.totals.cells

    @cached_property
    def held(self) -> np.ndarray:
        """Whether each crossing holds answers to what a statistic is made of (I·m, C)."""
        return np.repeat(self.totals.held, self.gradient.shape[3], axis=0)

    def rows(self) -> Iterator[tuple[slice, np.ndarray, np.ndarray | None]]:
        """Blocks of rows: their influence (I·m, r) on the statistics of their own domain, and which count (None: all)."""
        items, m = self.gradient.shape[0], self.gradient.shape[3]
        every = [_linear(self.totals, item, self.gradient[item, :, :, j]) for item in range(items) for j in range(m)]
        for found in zip(*every, strict=True):
            block = found[0][0]
            values = np.stack([value for _, _, value in found])
            if all(held is None for _, held, _ in found):
                yield block, values, None
            else:
                everybody = np.ones(values.shape[1], bool)
                yield block, values, np.stack([everybody if held is None else held for _, held, _ in found])


def element_influence(totals: Totals, gradient: np.ndarray) -> tuple[Influence, np.ndarray]:
    """Give what `linear_influence` gives, from a gradient (I, D, k', m)."""
    layout, (items, size, _, m) = totals.design.layout, gradient.shape
    slope, left, fit = None, None, None
    if totals.cross is not None and layout.fitted is not None:
        crossed, left = products(totals.cross, gradient), layout.fitted_units
        slope = layout.fitted.slope(crossed[0])
        squares = [_squares(totals, item, gradient[item, :, :, j]) for item in range(items) for j in range(m)]
        fit = Fit(slope, crossed[1], np.concatenate(squares))
    summed = Summed(
        lambda: _strata_sums(totals, gradient), fit, (RowPass(totals, gradient),), np.arange(items * m * size)
    )
    found = Influence(
        (layout.units, items * m * size),
        lambda: _spread_rows(totals, gradient),
        lambda: _presence_rows(totals, m),
        left=left,
        slope=slope,
        summed=summed,
    )
    if fit is None:
        return found, np.concatenate([_plain_variances(totals, k, gradient[k]).ravel() for k in range(items)])
    variance, close = lessened(layout, summed, fit)
    if close.any():  # by rows
        variance[close] = variances(totals.design, found.select(np.flatnonzero(close)))
    return found, variance


def _plain_variances(totals: Totals, item: int, gradient: np.ndarray) -> np.ndarray:
    """Variances (m, D) of an item where each row is a psu: Σ scale z² by domain less what strata means explain."""
    design, cells = totals.design, totals.cells
    stage, out = design.layout.stages[0], []
    for j in range(gradient.shape[2]):
        slope = gradient[:, :, j]
        first = np.einsum("ck,ck->c", totals.entries[item], slope[cells.domain])
        mean = first / stage.count[cells.group]
        squares = _squares(totals, item, slope)
        explained = np.bincount(
            cells.domain, weights=stage.scale[cells.group] * first * mean, minlength=cells.domains.size
        )
        found = squares - explained
        if (found < 1e-6 * squares).any():
            found = variances_of_sums(
                design, cells.group, cells.domain, cells.domains.size, _around(totals, item, slope, mean)
            )
        out.append(found)
    return np.array(out)


def _squares(totals: Totals, item: int, gradient: np.ndarray) -> np.ndarray:
    """Σ scale z² by domain (D,), from the cube of an item or its rows."""
    cells, stage, cube = totals.cells, totals.design.layout.stages[0], totals.cubes[item]
    if cube is not None and cube[0].square is not None:
        linear = gradient[cells.domain] @ cube[1][:, : gradient.shape[1]].T
        by_cell = stage.scale[cells.group] * (cube[0].square * linear**2).sum(axis=1)
        return np.bincount(cells.domain, weights=by_cell, minlength=cells.domains.size)
    scale = totals.design.layout.scale_of_row
    squares: np.ndarray = np.zeros(cells.domains.size + 1)
    for rows, _, value in _linear(totals, item, gradient):
        squares += cells.domains.add(value * value * scale[rows], rows)
    return squares[:-1]


def _around(totals: Totals, item: int, gradient: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Sums of squared deviations (C,) from the means of strata, rows without answers holding zeros."""
    cells, count = totals.cells, len(mean)
    centre, deviation, answers = np.append(mean, 0.0), np.zeros(count + 1), np.zeros(count + 1)
    for rows, held, value in _linear(totals, item, gradient):
        cell = cells.cell[rows]
        add, counted = adder(cell, count + 1), np.ones(len(cell)) if held is None else held.astype(float)
        deviation += add @ (counted * (value - centre[cell]) ** 2)
        answers += add @ counted
    n = totals.design.layout.stages[0].count[cells.group]
    return np.asarray(deviation[:count] + (n - answers[:count]) * mean**2)


def _linear(totals: Totals, item: int, gradient: np.ndarray) -> Iterator[tuple[slice, np.ndarray | None, np.ndarray]]:
    """Blocks of rows of an item: which count (None: all) and w · gradient' columns, 0 where they do not; gradient (D, k)."""
    weight, code = totals.design.layout.weight, totals.cells.domains.code
    size = totals.cells.domains.size
    everybody = int(totals.n[item].sum()) == len(weight)
    slopes = np.hstack([gradient.T, np.zeros((gradient.shape[1], 1))])
    used = [place for place in range(1, gradient.shape[1]) if gradient[:, place].any()]
    for block in totals.blocks(item):
        w, of = weight[block.rows], code[block.rows]
        linear = slopes[0, 0] if size == 1 else slopes[0].take(of, mode="clip")
        for place in used:
            linear = (
                linear
                + (slopes[place, 0] if size == 1 else slopes[place].take(of, mode="clip")) * block.columns[place - 1]
            )
        held = None
        if not everybody:
            held = (of < size) & (w != 0)
            held = held if block.answered is None else held & block.answered
            linear = np.where(held, linear, 0.0)
        yield block.rows, held, w * linear


def _spread_rows(totals: Totals, gradient: np.ndarray) -> sparse.csc_array:
    """Influence of each row (n, I·m·D) where rows are the units."""
    items, size, _, m = gradient.shape
    code, unit, parts = totals.cells.domains.code, totals.design.layout.unit, []
    for item in range(items):
        for j in range(m):
            row, value = [], []
            for rows, held, part in _linear(totals, item, gradient[item, :, :, j]):
                kept = np.arange(len(part)) if held is None else np.flatnonzero(held)
                row.append(kept + rows.start)
                value.append(part[kept])
            place = np.concatenate(row)
            coo = (np.concatenate(value), (unit[place], code[place]))
            parts.append(sparse.csc_array(sparse.coo_array(coo, shape=(totals.design.layout.units, size))))
    return sparse.csc_array(sparse.hstack(parts, format="csc"))


def _strata_sums(totals: Totals, gradient: np.ndarray) -> sparse.csc_array:
    """Influence summed by stratum (H, I·m·D), from the totals alone, where rows are the units."""
    cells, (items, size, _, m) = totals.cells, gradient.shape
    sums = np.einsum("ick,ickj->ijc", totals.entries, gradient[:, cells.domain])
    column = np.arange(items * m)[:, None] * size + cells.domain
    coo = (sums.ravel(), (np.tile(cells.group, items * m), column.ravel()))
    return sparse.csc_array(sparse.coo_array(coo, shape=(len(totals.design.layout.strata), items * m * size)))


def _presence_rows(totals: Totals, m: int) -> sparse.csc_array:
    """Ones for the rows that hold answers behind each of I·m·D statistics, (n, I·m·D)."""
    gradient = np.zeros((len(totals.entries), totals.cells.domains.size, totals.entries.shape[2], 1))
    once = _spread_rows(totals, gradient)
    once.data[:] = 1.0
    if m == 1:
        return once
    size = totals.cells.domains.size
    parts = [once[:, item * size : (item + 1) * size] for item in range(len(totals.entries)) for _ in range(m)]
    return sparse.csc_array(sparse.hstack(parts, format="csc"))

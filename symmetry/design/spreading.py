"""From totals to influence: the gradient of a statistic applied to its totals, less what calibration explains.

Where each respondent is a psu the totals are by stratum, and the variance takes a second pass over the rows, block by block.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from symmetry.design.coding import adder
from symmetry.design.influence import Influence
from symmetry.design.totals import Totals, pattern
from symmetry.design.variance import entry_variances, variances, variances_of_sums

__all__ = ["linear_influence", "presence_of_units"]


def linear_influence(totals: Totals, gradient: np.ndarray) -> tuple[Influence, np.ndarray]:
    """Give the influence of statistics and their variances on designs without replicates; see `design.influence`.

    With calibrated weights the influence is the residual of its regression on the calibration columns, by the starting weights,
    times the final weights (Deville, Särndal 1992, JASA 87, 376-382).
    """
    design, layout = totals.design, totals.design.layout
    gradient = gradient[:, :, : totals.entries.shape[2]]
    items, size, _, m = gradient.shape
    shape = (layout.units, items * m * size)
    if design.element:
        found = Influence(shape, lambda: _spread_rows(totals, gradient), lambda: _presence_rows(totals, m))
        return found, np.concatenate(
            [_element_variances(totals, item, gradient[item]).ravel() for item in range(items)]
        )
    slope, left = None, None
    if totals.cross is not None and layout.fitted is not None:
        crossed = np.einsum("iqdk,idkm->qimd", totals.cross, gradient, optimize=True)
        slope, left = layout.fitted.slope(crossed.reshape(len(crossed), -1)), layout.fitted_units
    held = totals.held
    if not (held == held[:1]).all():
        found = Influence(
            shape,
            lambda: _spread_units(totals, gradient, held),
            lambda: presence_of_units(totals, held, m),
            left=left,
            slope=slope,
        )
        return found, variances(design, found)
    unit, domain, values = _alike(totals, gradient, held[0])
    alone = size == 1 and len(unit) == layout.units
    found = Influence(
        shape,
        lambda: _spread_alike(layout.units, unit, domain, values, size),
        lambda: sparse.csc_array(sparse.hstack([pattern(design, unit, domain, size)] * (items * m), format="csc")),
        left=left,
        slope=slope,
        whole=(lambda columns: _placed(unit, values[columns])) if alone else None,
    )
    if alone or slope is not None or layout.form is not None:
        return found, variances(design, found)
    return found, entry_variances(design, unit, domain, size, values.T).T.ravel()


def _alike(totals: Totals, gradient: np.ndarray, held: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit and domain (C,) of each entry and influences (I·m, C), where all items were answered in the same cells."""
    cells, entries = totals.cells, totals.entries.swapaxes(1, 2)
    slopes = gradient.transpose(0, 3, 2, 1)
    if cells.domains.size == 1 and held.all():
        values = np.einsum("ikc,imk->imc", entries, slopes[..., 0])
        return cells.group, cells.domain, values.reshape(-1, len(held))
    kept = slice(None) if held.all() else np.flatnonzero(held)
    domain = cells.domain[kept]
    values = np.einsum("ikc,imkc->imc", entries[:, :, kept], slopes.take(domain, axis=3))
    return cells.group[kept], domain, values.reshape(-1, len(domain))


def _placed(unit: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Influences (d, C) as an array over units (U, d), each of which has one."""
    found = np.empty((values.shape[1], len(values)))
    found[unit] = values.T
    return found


def _spread_alike(units: int, unit: np.ndarray, domain: np.ndarray, values: np.ndarray, size: int) -> sparse.csc_array:
    """Influence of units (U, I·m·D): one pattern, repeated."""
    times, count = values.shape
    order = np.argsort(domain, kind="stable")
    starts = np.searchsorted(domain[order], np.arange(size))
    pointer = np.append((np.arange(times)[:, None] * count + starts).ravel(), times * count)
    stored = (values[:, order].ravel(), np.tile(unit[order], times), pointer)
    return sparse.csc_array(stored, shape=(units, times * size))


def _spread_units(totals: Totals, gradient: np.ndarray, held: np.ndarray) -> sparse.csc_array:
    """Influence of each unit (U, I·m·D) from its totals."""
    item, cell = np.nonzero(held)
    group, domain = totals.cells.group[cell], totals.cells.domain[cell]
    items, size, _, m = gradient.shape
    values = np.einsum("ck,ckm->mc", totals.entries[item, cell], gradient[item, domain])
    column = (item * m + np.arange(m)[:, None]) * size + domain
    coo = (values.ravel(), (np.tile(group, m), column.ravel()))
    return sparse.csc_array(sparse.coo_array(coo, shape=(totals.design.layout.units, items * m * size)))


def presence_of_units(totals: Totals, held: np.ndarray, m: int) -> sparse.csc_array:
    """Ones for the psus that hold answers behind each of I·m·D statistics, (P, I·m·D)."""
    cells = totals.cells
    parts = [pattern(totals.design, cells.group[row], cells.domain[row], cells.domains.size) for row in held]
    return sparse.csc_array(sparse.hstack([part for part in parts for _ in range(m)], format="csc"))


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
    code, parts = totals.cells.domains.code, []
    for item in range(items):
        for j in range(m):
            row, value = [], []
            for rows, held, part in _linear(totals, item, gradient[item, :, :, j]):
                kept = np.arange(len(part)) if held is None else np.flatnonzero(held)
                row.append(kept + rows.start)
                value.append(part[kept])
            place = np.concatenate(row)
            coo = (np.concatenate(value), (place, code[place]))
            parts.append(sparse.csc_array(sparse.coo_array(coo, shape=(totals.design.layout.units, size))))
    return sparse.csc_array(sparse.hstack(parts, format="csc"))


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


def _element_variances(totals: Totals, item: int, gradient: np.ndarray) -> np.ndarray:
    """Variances (m, D) of an item where each row is a psu: Σ scale z² by domain less what strata means explain."""
    design, cells = totals.design, totals.cells
    stage, out = design.layout.stages[0], []
    if "scale" not in design.memory:
        design.memory["scale"] = stage.scale[stage.stratum]
    scale = design.memory["scale"]
    for j in range(gradient.shape[2]):
        slope = gradient[:, :, j]
        first = np.einsum("ck,ck->c", totals.entries[item], slope[cells.domain])
        mean = first / stage.count[cells.group]
        squares: np.ndarray = np.zeros(cells.domains.size + 1)
        cube = totals.cubes[item]
        if cube is not None and cube[0].square is not None:
            linear = slope[cells.domain] @ cube[1][:, : slope.shape[1]].T
            by_cell = stage.scale[cells.group] * (cube[0].square * linear**2).sum(axis=1)
            squares = np.bincount(cells.domain, weights=by_cell, minlength=cells.domains.size + 1)
        else:
            for rows, _, value in _linear(totals, item, slope):
                squares += cells.domains.add(value * value * scale[rows], rows)
        explained = np.bincount(
            cells.domain, weights=stage.scale[cells.group] * first * mean, minlength=cells.domains.size
        )
        found = squares[:-1] - explained
        if (found < 1e-6 * squares[:-1]).any():
            found = variances_of_sums(
                design, cells.group, cells.domain, cells.domains.size, _around(totals, item, slope, mean)
            )
        out.append(found)
    return np.array(out)


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

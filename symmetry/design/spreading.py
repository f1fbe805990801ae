"""From totals to influence: the gradient of a statistic applied to its totals, less what calibration explains.

Where each respondent is a psu the totals are by stratum: see `elements`.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from symmetry.design.calibrated import products
from symmetry.design.elements import element_influence
from symmetry.design.influence import Influence
from symmetry.design.totals import Totals, pattern
from symmetry.design.variance import entry_variances, variances

__all__ = ["linear_influence", "presence_of_units"]

_FEW = 32


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
        return element_influence(totals, gradient)
    slope, left = None, None
    if totals.cross is not None and layout.fitted is not None:
        slope, left = layout.fitted.slope(products(totals.cross, gradient)[0]), layout.fitted_units
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
    if cells.domains.size <= _FEW:
        values = np.empty((*slopes.shape[:2], len(domain)))
        for d in range(cells.domains.size):
            own = domain == d
            values[:, :, own] = slopes[..., d] @ entries[:, :, kept][:, :, own]
    else:
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

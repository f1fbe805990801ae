"""Calibrated weights without residuals of rows: cross-products with the calibration columns say what a fit explains.

The influence of a row is its residual u = w (z - x'B) (see `spreading`).  Where each row is a psu, s being its stratum's factor,

    Σ s u²  =  Σ s w² z²  -  2 B' Σ s w² x z  +  B' (Σ s w² x x') B

and the sums of u by stratum follow from those of w z and w x, so that a variance needs the columns summed by domain under two
weights, the starting one for B and the heavy one s w², and one matrix for all statistics.  Statistics of different rows have the
covariance that is left when z z vanishes.  Where the fit leaves next to nothing, the digits of these sums do not suffice, and the
residuals are made after all.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from symmetry.design.cells import Cells
from symmetry.design.influence import Fit, Summed
from symmetry.design.layout import Fitted, Layout
from symmetry.design.nouns import Design

__all__ = ["Crossing", "crossing_of", "lessened", "products", "products_apart"]

_ENTRIES = 4_000_000
_FEW = 4
_CLOSE = 1e-4


class Crossing:
    """Sums of columns over rows by place: calibration column (or profile of these, where they are few) × domain.

    Under the starting weights and, where each row is a psu, the heavy ones: K = 1 or 2 sums of each place.
    """

    def __init__(self, layout: Layout, fitted: Fitted, cells: Cells, *, element: bool) -> None:
        code, size, columns = cells.domains.code, cells.domains.size + 1, fitted.columns
        weights = [fitted.starting, layout.heavy] if element else [fitted.starting]
        found = fitted.profiles
        self._many: np.ndarray | None = None
        if found is not None and _FEW * found[1].shape[0] * size <= len(code):
            self._place, self._unfold, self._factors = found[0] * size + code, found[1].T, weights
        else:
            self._many = np.diff(columns.indptr)
            self._place = columns.indices.astype(np.int64) * size + np.repeat(code, self._many)
            self._factors = [columns.data * np.repeat(weight, self._many) for weight in weights]
            self._unfold, self._starts = None, columns.indptr
        self._size, self._columns = size, columns.shape[1]
        self.places = (columns.shape[1] if self._unfold is None else self._unfold.shape[1]) * size
        self.weights = len(weights)

    def add(self, rows: slice, values: np.ndarray) -> np.ndarray:
        """Sums of a column over some rows (K, places)."""
        inside, each = self._inside(rows), self._spread(values, rows)
        place = self._place[inside]
        return np.stack([np.bincount(place, factor[inside] * each, self.places) for factor in self._factors])

    def add_codes(self, rows: slice, code: np.ndarray, width: int) -> np.ndarray:
        """Sums of weights of some rows by their code, 0 … width - 1, too: (K, places · width)."""
        inside = self._inside(rows)
        place = self._place[inside] * width + self._spread(code, rows)
        return np.stack([np.bincount(place, factor[inside], self.places * width) for factor in self._factors])

    @cached_property
    def everybody(self) -> np.ndarray:
        """Sums of weights over all rows (K, places)."""
        return np.stack([np.bincount(self._place, factor, self.places) for factor in self._factors])

    def by_column(self, sums: np.ndarray) -> np.ndarray:
        """Sums by place (…, places · m) as sums by calibration column and domain (…, q, D, m)."""
        before, size = sums.shape[:-1], self._size
        parts = sums.reshape(-1, self.places // size, sums.shape[-1] * size // self.places)
        found = parts if self._unfold is None else np.stack([self._unfold @ part for part in parts])
        return found.reshape(*before, self._columns, size, -1)[..., :-1, :]

    def _inside(self, rows: slice) -> slice:
        """Where the places of some rows stand."""
        if self._many is None:
            return rows
        return slice(self._starts[rows.start], self._starts[min(rows.stop, len(self._many))])

    def _spread(self, values: np.ndarray, rows: slice) -> np.ndarray:
        """A value of each row for each of its places."""
        return values if self._many is None else np.repeat(values, self._many[rows])


def crossing_of(design: Design, cells: Cells) -> Crossing | None:
    """What sums columns by calibration column and domain, made once; None where weights were not calibrated."""
    layout = design.layout
    if layout.fitted is None:
        return None
    key = ("crossing", *cells.domains.keys)
    if key not in design.memory:
        design.memory[key] = Crossing(layout, layout.fitted, cells, element=design.element)
    found: Crossing = design.memory[key]
    return found


def products(cross: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """Cross-products of statistics (1 or 2, q, I·m·D) from those of totals (I, 1 or 2, q, D, k') by gradient (I, D, k', m)."""
    found = np.einsum("iwqdk,idkm->wqimd", cross, gradient, optimize=True)
    return np.asarray(found.reshape(*found.shape[:2], -1))


def lessened(layout: Layout, summed: Summed, fit: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Variances (D,) of calibrated statistics where each row is a psu, and where the fit leaves too little to have digits."""
    stage = layout.stages[0]
    explained = np.einsum("qd,qd->d", fit.slope, layout.fitted_within[1] @ fit.slope)
    shared = np.einsum("qd,qd->d", fit.slope, fit.heavy)
    found, size = fit.squares - 2 * shared + explained, fit.squares + 2 * np.abs(shared) + explained
    for columns, residual in _residuals(layout, summed, fit, np.arange(len(found))):
        found[columns] -= (stage.scale / stage.count) @ residual**2
    return found, found < _CLOSE * size


def products_apart(layout: Layout, summed: Summed, fit: Fit, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Covariances (G,) of pairs of calibrated statistics that rest on different rows, each row being a psu."""
    stage, found = layout.stages[0], np.empty(len(a))
    factor, explained = stage.scale / stage.count, layout.fitted_within[1] @ fit.slope
    sides = (_residuals(layout, summed, fit, side) for side in (a, b))
    for (pairs, one), (_, other) in zip(*sides, strict=True):
        i, j = a[pairs], b[pairs]
        found[pairs] = -factor @ (one * other)
        found[pairs] += np.einsum("qg,qg->g", fit.slope[:, i], explained[:, j] - fit.heavy[:, j])
        found[pairs] -= np.einsum("qg,qg->g", fit.heavy[:, i], fit.slope[:, j])
    return found


def _residuals(layout: Layout, summed: Summed, fit: Fit, which: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Influence of some statistics summed by stratum (H, d), what is explained taken away, in blocks of a bearable size."""
    sums = layout.fitted_within[0]
    step = max(1, _ENTRIES // sums.shape[0])
    for start in range(0, len(which), step):
        block = slice(start, min(start + step, len(which)))
        yield block, summed.strata[:, which[block]].toarray() - sums @ fit.slope[:, which[block]]

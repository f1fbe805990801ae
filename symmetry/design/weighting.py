"""How a design's weights were made, part by part, and how replicates make them again.

Where every step of a recipe treats alike all who share some categories, a replicate is worked out on these cells: starting
weights are summed by cell × psu once, and rows are not seen again.  Other recipes are run on the rows, a block of replicates
at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design.factors import Factors
from symmetry.errors import ConvergenceError, DesignError
from symmetry.weights import Recipe, recipe_cells, replay, replay_in_cells

if TYPE_CHECKING:
    from symmetry.design.layout import Layout

__all__ = ["Weighting", "reweigh"]

_ENTRIES = 2**21  # units × replicates made in one go
_KEPT = 2**23  # at most so many are kept when rows had to be weighted again: it costs more than memory
Reweighed = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, Callable[[slice], np.ndarray], int]


@dataclass(frozen=True, eq=False)
class Weighting:
    """How the rows of one audience, from row `first` on, were weighted: by `recipe`, from `start`; `frame` has what it needs."""

    first: int
    start: np.ndarray
    recipe: Recipe
    frame: pd.DataFrame


@dataclass(frozen=True, eq=False)
class _Part:
    """Units of one weighting: rows; unit of each; psu of each unit; what gives their factors from those of the psus."""

    rows: slice
    unit: np.ndarray
    psu: np.ndarray
    start: np.ndarray
    factor: Callable[[np.ndarray], np.ndarray]
    by_rows: bool


def reweigh(layout: Layout, made: Factors, played: tuple[Weighting, ...], *, random: bool) -> Reweighed:
    """Carry the factors of psus to units that every weighting treats alike.

    Parameters
    ----------
    made : factors of the P psus.
    played : weightings to make again; rows outside them keep their weights.
    random : whether a replicate that cannot be weighted may be left out (its factors are NaN); otherwise it is an error.

    Returns
    -------
    unit (n,), psu (V,), start (n,), full (V,), factor, and the number of replicates that suits one call of it.
    """
    if not played:
        every = np.arange(len(layout.psus))
        return layout.psu, every, layout.weight, np.ones(len(every)), made.block, made.step
    parts, row = [], 0
    for weighting in sorted(played, key=lambda one: one.first):
        if weighting.first > row:
            parts.append(_kept(layout, slice(row, weighting.first)))
        row = weighting.first + len(weighting.start)
        parts.append(_replayed(layout, weighting, random=random))
    if row < len(layout.weight):
        parts.append(_kept(layout, slice(row, len(layout.weight))))
    sizes = [len(part.psu) for part in parts]
    begin = np.cumsum([0, *sizes])
    unit = np.concatenate([start + part.unit for start, part in zip(begin, parts, strict=False)])
    start = np.concatenate([part.start for part in parts])
    sums, final = (np.bincount(unit, weights=values, minlength=int(begin[-1])) for values in (start, layout.weight))
    full = np.divide(final, sums, out=np.zeros(len(sums)), where=sums != 0)

    def fresh(block: slice) -> np.ndarray:
        base = made.block(block).astype(float, copy=False)
        if (base < 0).any():
            raise DesignError(
                "negative factors cannot be weighted again", mend="give fewer draws: at most one fewer than psus"
            )
        found = [part.factor(base) for part in parts]
        lost = np.logical_or.reduce([np.isnan(values).any(axis=0) for values in found])
        joined = found[0] if len(found) == 1 else np.vstack(found)
        joined[:, lost] = np.nan
        return joined

    step = int(np.clip(_ENTRIES // max(sum(sizes), 1), 1, made.step))
    kept = any(part.by_rows for part in parts) and sum(sizes) * made.size <= _KEPT
    factor = _remembered(fresh, made.size, step) if kept else fresh
    psu = np.concatenate([part.psu for part in parts])
    return unit.astype(np.int32), psu, start, full, factor, step


def _kept(layout: Layout, rows: slice) -> _Part:
    """Rows whose weights nobody makes again: their psus are their units."""
    found, unit = np.unique(layout.psu[rows], return_inverse=True)
    return _Part(rows, unit, found, layout.weight[rows], lambda base: base[found], False)


def _replayed(layout: Layout, weighting: Weighting, *, random: bool) -> _Part:
    """Rows whose recipe is run again, on cells if it can be, else on the rows themselves."""
    rows = slice(weighting.first, weighting.first + len(weighting.start))
    psu, start = layout.psu[rows], weighting.start
    celled = recipe_cells(weighting.recipe, weighting.frame)
    if celled is None:

        def by_rows(base: np.ndarray) -> np.ndarray:
            copies = base[psu]
            return _each(
                lambda which: replay(
                    weighting.recipe, weighting.frame, start[:, None] * copies[:, which], copies=copies[:, which]
                ),
                copies.shape,
                random=random,
            )

        return _Part(rows, np.arange(len(psu)), psu, np.ones(len(psu)), by_rows, True)
    cell, frame = celled
    size = len(frame)
    found, unit = np.unique(psu.astype(np.int64) * size + cell, return_inverse=True)
    of_psu, of_cell = found // size, found % size
    held = np.bincount(unit, weights=start, minlength=len(found))
    totals = sparse.csr_array((held, (of_cell, of_psu)), shape=(size, len(layout.psus)))

    def by_cells(base: np.ndarray) -> np.ndarray:
        sums = totals @ base
        adjusted = _each(
            lambda which: replay_in_cells(weighting.recipe, frame, sums[:, which]), sums.shape, random=random
        )
        return np.asarray(base[of_psu] * adjusted[of_cell])

    return _Part(rows, unit, of_psu, start, by_cells, False)


def _each(play: Callable[[slice], np.ndarray], shape: tuple[int, ...], *, random: bool) -> np.ndarray:
    """Play replicates together or, if that fails and one may be left out (NaN), each on its own."""
    try:
        return np.asarray(play(slice(0, shape[1])))
    except ConvergenceError:
        if not random:
            raise
    found = np.full(shape, np.nan)
    for column in range(shape[1]):
        which = slice(column, column + 1)
        try:
            found[:, which] = play(which)
        except ConvergenceError:
            continue
    return found


def _remembered(factor: Callable[[slice], np.ndarray], size: int, step: int) -> Callable[[slice], np.ndarray]:
    """Keep what was worked out, by blocks of `step` replicates."""
    kept: dict[int, np.ndarray] = {}

    def found(block: slice) -> np.ndarray:
        start, stop, _ = block.indices(size)
        parts = []
        for number in range(start // step, -(-stop // step)):
            if number not in kept:
                kept[number] = factor(slice(number * step, min((number + 1) * step, size)))
            parts.append(kept[number][:, max(start - number * step, 0) : stop - number * step])
        return parts[0].copy() if len(parts) == 1 else np.hstack(parts)

    return found

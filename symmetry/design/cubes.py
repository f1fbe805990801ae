"""The score cube: weights by cell × answer of a coded item, from which all its statistics follow without another pass.

Survey items are coded, 0 to 10 or 1 to 5.  Their weights summed by unit × domain × code are sufficient for means, variances,
boxes, NPS, distributions and shares; where each row is a psu, the squared weights are summed beside them for the variances, and
where weights were calibrated what their fit needs (see `calibrated`).  A cube is made when an item is first asked for in some
domains, and kept with the design.  Items that are no small whole numbers and samples smaller than their cube go without.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from symmetry.design.calibrated import Crossing, crossing_of
from symmetry.design.cells import Cells
from symmetry.design.coding import adder
from symmetry.design.nouns import Design

__all__ = ["Cube", "cubes_of"]

_BLOCK = 1 << 16
_MOST_CODES = 32
_MANY, _FIRST, _THREADS = 1 << 18, 1 << 12, 4
_SPARE = 4


@dataclass(frozen=True, eq=False)
class Cube:
    """Sums of an item by cell and code.

    codes (K,), whole numbers; weight (C, K) sums of weights; square (C, K) of squared weights, None unless each row is a psu;
    n (D,) answers of some weight; final (D, K) sums of the final weights by domain; whole, whether every row answers; cross
    (1 or 2, q, D, K) sums of weights × calibration columns, None without calibration (see `Totals`).
    """

    codes: np.ndarray
    weight: np.ndarray
    square: np.ndarray | None
    n: np.ndarray
    final: np.ndarray
    whole: bool
    cross: np.ndarray | None

    @cached_property
    def near(self) -> float:
        """The code nearest the mean, 0 where nobody answered."""
        total = self.final.sum()
        return float(np.round(self.final.sum(axis=0) @ self.codes / total)) if total else 0.0

    def columns(self, expand: Callable[[list[np.ndarray]], list[np.ndarray]], shift: float) -> np.ndarray:
        """What is summed, for each code (K, k): 1 and the columns of `expand`."""
        return np.column_stack(
            [np.ones(len(self.codes)), *(np.asarray(column, float) for column in expand([self.codes - shift]))]
        )


def cubes_of(
    design: Design, cells: Cells, items: Sequence[str | None], by: Sequence[str], column: Callable[[str], np.ndarray]
) -> list[Cube | None]:
    """The cubes of items in some domains, each made once; None where it does not pay or the item is not coded.

    items : names, None for what can have no cube.  column : gives the answers to an item as floats (n,), missing as NaN.
    """
    memory, crossing = design.memory, crossing_of(design, cells)
    asked = [item for item in dict.fromkeys(items) if item is not None and ("cube", item, *by) not in memory]
    if len(asked) > 1 and len(design.data) >= _MANY:  # each item is a road of its own over the rows
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
            found = list(pool.map(lambda item: _cube(design, cells, crossing, column(item)), asked))
    else:
        found = [_cube(design, cells, crossing, column(item)) for item in asked]
    memory.update({("cube", item, *by): cube for item, cube in zip(asked, found, strict=True)})
    return [None if item is None else memory["cube", item, *by] for item in items]


def _cube(design: Design, cells: Cells, crossing: Crossing | None, values: np.ndarray) -> Cube | None:
    """Make a cube, or None."""
    for low, high, whole in _ranges(values):
        found = _between(design, cells, crossing, values, low, high, whole=whole) if _coded(low, high) else None
        if found is not None:
            return found
    return None


def _ranges(values: np.ndarray) -> Iterator[tuple[float, float, bool]]:
    """Lowest and highest answer, and whether none is missing: as the first of many rows have it, then as all have."""
    first = values[:_FIRST]
    if len(values) >= _MANY and np.isfinite(low := first.min()):
        yield low, first.max(), True
    low, high = values.min(), values.max()
    if np.isnan(low):
        yield np.fmin.reduce(values), np.fmax.reduce(values), False
    else:
        yield low, high, True


def _between(
    design: Design, cells: Cells, crossing: Crossing | None, values: np.ndarray, low: float, high: float, *, whole: bool
) -> Cube | None:
    """The cube of codes from `low` to `high`; None where an answer is not one of them, or the cube does not pay."""
    layout, count, rows, k = design.layout, len(cells.group), len(values), int(high - low) + 1
    if count * k > rows:
        return None
    width = k if whole else k + 1  # missing answers take the last place of a cell
    size = (count + 1) * width
    if crossing and crossing.places * width > _SPARE * rows:
        return None
    sums = np.zeros((1 + design.element, size))
    cross = np.zeros((crossing.weights, crossing.places * width)) if crossing else np.zeros((0, 0))
    lost = np.zeros(cells.domains.size + 1, np.int64)
    step, add = max(_BLOCK, size), None
    for start in range(0, rows, step):
        block = slice(start, start + step)
        answer, weight = values[block], layout.base[block]
        if not whole:
            missing = np.isnan(answer)
            answer = np.where(missing, high + 1, answer)
            lost += np.bincount(cells.domains.code[block][missing & (layout.weight[block] != 0)], minlength=len(lost))
        with np.errstate(invalid="ignore"):
            code = answer.astype(np.int32)
        if not (code == answer).all() or code.min() < low or code.max() > high + (not whole):
            return None
        place = np.multiply(cells.cell[block], width, dtype=np.int32)
        if low:
            code -= np.int32(low)
        place += code
        if crossing:
            cross += crossing.add_codes(block, code, width)
        if add is None or add.shape[1] != len(code):
            add, ones = adder(place, size, weight), np.ones(len(code))
        add.indices, add.data = place, weight
        sums[0] += add @ ones
        if design.element:
            sums[1] += add @ weight
    parts = sums.reshape(-1, count + 1, width)[:, :count, :k]
    final = parts[0] if layout.replicates is None else parts[0] * layout.replicates.full[cells.group][:, None]
    return Cube(
        codes=np.arange(low, high + 1),
        weight=parts[0],
        square=parts[1] if design.element else None,
        n=cells.n - lost[:-1],
        final=np.asarray(cells.by_domain @ final),
        whole=whole,
        cross=crossing.by_column(cross)[..., :k] if crossing else None,
    )


def _coded(low: float, high: float) -> bool:
    """Whether answers between these bounds can be small whole numbers."""
    return bool(np.isfinite(low) and np.isfinite(high) and low == np.floor(low) and abs(low) <= 1e6) and (
        high - low < _MOST_CODES
    )

"""The score cube: weights by cell × answer of a coded item, from which all its statistics follow without another pass.

Survey items are coded, 0 to 10 or 1 to 5.  Their weights summed by unit × domain × code are sufficient for means, variances,
boxes, NPS, distributions and shares; where each row is a psu, the squared weights are summed beside them for the variances.  A
cube is made when an item is first asked for in some domains, and kept with the design.  Items that are no small whole numbers,
samples smaller than their cube, and calibrated designs (whose residuals need the rows) go without.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from symmetry.design.cells import Cells
from symmetry.design.nouns import Design

__all__ = ["Cube", "cube_of"]

_BLOCK = 1 << 15
_MOST_CODES = 32


@dataclass(frozen=True, eq=False)
class Cube:
    """Sums of an item by cell and code.

    codes (K,), whole numbers; weight (C, K) sums of weights; square (C, K) of squared weights, None unless each row is a psu;
    n (D,) answers of some weight; final (D, K) sums of the final weights by domain; whole, whether every row answers.
    """

    codes: np.ndarray
    weight: np.ndarray
    square: np.ndarray | None
    n: np.ndarray
    final: np.ndarray
    whole: bool

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


def cube_of(
    design: Design, cells: Cells, item: str, by: Sequence[str], column: Callable[[], np.ndarray]
) -> Cube | None:
    """The cube of an item in some domains, made once; None where it does not pay or the item is not coded.

    column : gives the item's answers as floats (n,), missing as NaN.
    """
    key = ("cube", item, *by)
    if key not in design.memory:
        design.memory[key] = None if design.layout.fitted is not None else _cube(design, cells, column())
    found: Cube | None = design.memory[key]
    return found


def _cube(design: Design, cells: Cells, values: np.ndarray) -> Cube | None:
    """Make a cube, or None."""
    layout, count, rows = design.layout, len(cells.group), len(values)
    low, high = values.min(), values.max()
    if not (whole := not np.isnan(low)):
        low, high = np.fmin.reduce(values), np.fmax.reduce(values)
    if (
        not (np.isfinite(low) and np.isfinite(high))
        or low != np.floor(low)
        or high - low >= _MOST_CODES
        or abs(low) > 1e6
    ):
        return None
    codes = np.arange(low, high + 1)
    k = len(codes)
    if count * k > rows:
        return None
    size = (count + 1) * (k + 1)
    sums = np.zeros((1 + design.element, size))
    lost = np.zeros(cells.domains.size + 1, np.int64)
    base = cells.cell * np.int32(k + 1) - np.int32(low)
    step = max(_BLOCK, 4 * size)
    ones, pointer = np.ones(min(step, rows)), np.arange(min(step, rows) + 1, dtype=np.int32)
    for start in range(0, rows, step):
        block = slice(start, start + step)
        answer, weight = values[block], layout.base[block]
        if not whole:
            missing = np.isnan(answer)
            answer = np.where(missing, high + 1, answer)
            lost += np.bincount(cells.domains.code[block][missing & (layout.weight[block] != 0)], minlength=len(lost))
        code = answer.astype(np.int32)
        if not (code == answer).all():
            return None
        m = len(code)
        place = sparse.csc_array((weight, base[block] + code, pointer[: m + 1]), shape=(size, m))
        sums[0] += place @ ones[:m]
        if design.element:
            sums[1] += place @ weight
    parts = sums.reshape(-1, count + 1, k + 1)[:, :count, :k]
    final = parts[0] if layout.replicates is None else parts[0] * layout.replicates.full[cells.group][:, None]
    return Cube(
        codes=codes,
        weight=parts[0],
        square=parts[1] if design.element else None,
        n=cells.n - lost[:-1],
        final=np.asarray(cells.by_domain @ final),
        whole=whole,
    )

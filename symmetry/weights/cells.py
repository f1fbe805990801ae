"""The joint cells of a sample: who shares every category of every margin, and what starting weight they hold together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.weights.coding import codes_of_all, column_of, crossed
from symmetry.weights.margins import Margin, place, refuse_unknown

__all__ = ["Cells", "celled", "summed"]


@dataclass(frozen=True, eq=False)
class Cells:
    """cell (n,) of each row; place: each margin's category of each cell (C,), -1 only where the cell has no weight."""

    margins: Sequence[Margin]
    cell: np.ndarray
    place: Sequence[np.ndarray]


def celled(
    frame: pd.DataFrame,
    start: np.ndarray,
    margins: Sequence[Margin],
    verb: str,
    mend: str = "add it to the frame, or drop this margin",
) -> tuple[Cells, np.ndarray]:
    """Lay a sample out in the joint cells of its margins: the cells, and their starting weight (C,) or (C, R)."""
    names = list(dict.fromkeys(name for margin in margins for name in margin.columns))
    coded = dict(zip(names, codes_of_all([column_of(frame, name, verb, mend) for name in names]), strict=True))
    cell, keys = crossed(list(coded.values()), len(frame))
    base = summed(cell, start, len(keys))
    held = base > 0 if base.ndim == 1 else (base > 0).any(axis=1)
    found = []
    for margin in margins:
        at = [names.index(name) for name in margin.columns]
        where = place(margin, [keys[:, number] for number in at], [coded[names[number]][1] for number in at])
        lost = (where < 0) & held
        if lost.any():
            weighted = start > 0 if start.ndim == 1 else (start > 0).any(axis=1)
            refuse_unknown(margin, frame[list(margin.columns)], lost[cell] & weighted)
        found.append(where)
    return Cells(margins, cell, found), base


def summed(cell: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Sum values (n,) or (n, R) over cells: (C,) or (C, R)."""
    if values.ndim == 1:
        return np.bincount(cell, weights=values, minlength=size)
    member = sparse.csc_array((np.ones(len(cell)), cell, np.arange(len(cell) + 1)), shape=(size, len(cell)))
    return np.asarray(member @ values)

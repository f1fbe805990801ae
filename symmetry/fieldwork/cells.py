"""What a cell that comes out of a database may hold, column by column, and as what it stands in a table of answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from symmetry.fieldwork.columns import Column
from symmetry.spec import is_day

__all__ = ["misfits", "typed"]


def misfits(column: Column, cells: Sequence[Any]) -> int:
    """How many cells no column of this kind can hold; equal cells are looked at once."""
    fit: dict[tuple[type, Any], bool] = {}
    count = 0
    for cell in cells:
        key = type(cell), cell if isinstance(cell, (str, int, float)) else None
        if key not in fit:
            fit[key] = _fits(column, cell)
        count += not fit[key]
    return count


def _fits(column: Column, cell: Any) -> bool:
    """Whether a cell is one that a column of its kind can hold; nothing is one."""
    if cell is None or (column.missing and not isinstance(cell, bool) and cell in column.missing.values()):
        return True
    if not column.asked:
        return isinstance(cell, str) and (_is_number(cell) if column.kind == "number" else _is_word(column, cell))
    scale = column.scale
    if column.kind in ("code", "share", "number") and scale is not None:
        number = isinstance(cell, int if column.kind == "code" else (int, float)) and not isinstance(cell, bool)
        return number and scale.low <= cell <= scale.high
    if not isinstance(cell, str):
        return False
    if column.kind == "date" and scale is not None:
        return is_day(cell) and (scale.earliest or cell) <= cell <= (scale.latest or cell)
    return _is_word(column, cell)


def _is_word(column: Column, cell: str) -> bool:
    """Whether a text is one of the categories, some of them, or any text, as the column has it."""
    if column.kind == "category":
        return cell in column.categories
    if column.kind == "choices":
        return bool(cell) and set(cell.split(" ")) <= set(column.categories)
    return bool(cell)


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def typed(column: Column, cells: Sequence[Any]) -> Any:
    """The cells of a column as answers hold them: Int64, float or str."""
    if column.kind == "code":
        return pd.array(cells, dtype="Int64")
    if column.kind in ("share", "number"):
        return np.array([np.nan if cell is None else float(cell) for cell in cells], dtype=float)
    return pd.array(cells, dtype="str")

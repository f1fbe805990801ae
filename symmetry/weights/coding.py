"""Columns → codes and numbers: categories numbered cheaply, several columns crossed into the joint cells found in a sample.

Respondents who share every category share every factor of raking, post-stratification or class adjustment: the fits run on
cells, and the only work that grows with the number of rows is here.  Codes are small integers; -1 is a missing value.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd

from symmetry.errors import DataError

__all__ = ["as_frame", "codes_of", "codes_of_all", "column_of", "crossed", "first_row", "joint", "numbers", "starting"]

Coded = tuple[np.ndarray, pd.Index]
_MARGIN = "add it to the frame, or drop this margin"
_MANY = 200_000  # rows from which several columns of text are coded side by side


def as_frame(frame: Any) -> pd.DataFrame:
    """Take a pandas frame, or whatever can become one (polars, pyarrow).

    Raises
    ------
    DataError : it cannot, or it has no rows.
    """
    if not isinstance(frame, pd.DataFrame):
        if not hasattr(frame, "to_pandas"):
            raise DataError(
                f"weighting takes a pandas frame, not a {type(frame).__name__}",
                mend="give a pandas.DataFrame, or a table that has `.to_pandas()` (polars, pyarrow); collect a lazy one",
            )
        frame = pd.DataFrame(frame.to_pandas())
    if not len(frame):
        raise DataError("the frame has no rows", mend="weighting needs at least one respondent")
    return frame


def column_of(frame: pd.DataFrame, name: str, needed: str, mend: str = _MARGIN) -> pd.Series:
    """Give a column, or say that it is absent or stands twice; `mend` is what helps where it is absent."""
    if name not in frame:
        raise DataError(f"{needed} needs the column `{name}`", mend=mend)
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise DataError(f"the frame has {column.shape[1]} columns `{name}`", mend="give each column its own name")
    return column


def numbers(
    frame: pd.DataFrame,
    name: str,
    what: str,
    *,
    missing: float | None = None,
    heed: np.ndarray | None = None,
    mend: str = "add it to the frame, or drop its total",
) -> np.ndarray:
    """Turn a column into finite floats (n,).

    Parameters
    ----------
    what : what the column is, for the message.
    missing : value of a missing number; none means that it is refused.
    heed : (n,) rows that matter; the others may hold anything, which becomes 0.
    mend : what helps where the column is absent.

    Raises
    ------
    DataError : text, an infinity or a missing value stands where a number belongs; says on which row.
    """
    column = column_of(frame, name, what, mend)
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiub":
        values = column.to_numpy(float)
    elif pd.api.types.is_numeric_dtype(column.dtype):
        values = column.to_numpy(float, na_value=np.nan)
    else:
        values = _from_objects(column)
    if np.isfinite(values.min()) and np.isfinite(values.max()):
        return np.asarray(values)
    gone = np.isnan(values) & column.isna().to_numpy()
    wrong = ~np.isfinite(values) & ~(gone if missing is not None else np.zeros(len(values), bool))
    if heed is not None:
        wrong &= heed
    if wrong.any():
        row = int(np.argmax(wrong))
        told = "missing" if gone[row] else repr(str(column.iloc[row]))
        text = "" if gone[row] or pd.api.types.is_numeric_dtype(column.dtype) else " (text)"
        raise DataError(
            f"{what} `{name}` is {told}{text} on row {row + 1} ({int(wrong.sum())} such rows)",
            mend="weights and auxiliaries are finite numbers; turn text into numbers with pd.to_numeric",
        )
    return np.where(np.isfinite(values), values, missing or 0.0)


def _from_objects(column: pd.Series) -> np.ndarray:
    """Floats of a column that is not of numbers: text never counts as a number."""
    if pd.api.types.is_string_dtype(column.dtype) and column.dtype != object:
        return np.full(len(column), np.nan)
    values = pd.Series(column.to_numpy(object))
    kept = values.where(~values.map(lambda value: isinstance(value, str | bytes)), None)
    return np.asarray(pd.to_numeric(kept, errors="coerce").to_numpy(float, na_value=np.nan))


def starting(frame: pd.DataFrame, weight: str | None) -> np.ndarray:
    """Starting weights (n,), each finite and not negative, some above 0."""
    if weight is None:
        return np.ones(len(frame))
    start = numbers(frame, weight, "the starting weight", mend="name the column of weights with `weight=`")
    if start.min() < 0:
        row = int(np.argmax(start < 0))
        raise DataError(
            f"the starting weight `{weight}` is {str(start[row])!r} on row {row + 1} ({int((start < 0).sum())} below 0)",
            mend="weights are finite and not negative; 0 leaves a respondent out",
        )
    if not start.max() > 0:
        raise DataError(f"the starting weight `{weight}` is 0 on every row", mend="give somebody a weight")
    return start


def codes_of(column: pd.Series) -> Coded:
    """Number the categories of a column: codes (n,), -1 where missing, and the label of each code.

    Labels need not all occur: a column of integers takes the whole range it spans, a categorical all its categories.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), pd.Index(dtype.categories)
    whole = dtype.kind in "iub"  # object columns have kind "O", whatever they hold
    if whole:
        gone = None if isinstance(dtype, np.dtype) else column.isna().to_numpy()
        if gone is None or not gone.any():
            values = column.to_numpy() if isinstance(dtype, np.dtype) else column.to_numpy(_plain(dtype))
            ranged = _from_range(values)
            if ranged is not None:
                return ranged
    codes, labels = pd.factorize(column)
    return codes, pd.Index(labels)


def _plain(dtype: Any) -> str:
    """The numpy type that holds the whole numbers of a nullable or Arrow column."""
    if pd.api.types.is_bool_dtype(dtype):
        return "bool"
    return "uint64" if pd.api.types.is_unsigned_integer_dtype(dtype) else "int64"


def _from_range(values: np.ndarray) -> Coded | None:
    """Number whole numbers by their distance to the least, unless they span far more than there are of them."""
    if values.dtype == bool:
        return values.view(np.int8), pd.Index([False, True])
    low, high = int(values.min()), int(values.max())
    if high - low > max(1000, len(values) // 8) or not -(2**62) < low <= high < 2**62:
        return None
    labels = pd.RangeIndex(low, high + 1)
    if low == 0 and values.dtype.kind == "i":
        return values, labels
    return values.astype(np.int64) - low, labels


def codes_of_all(columns: Sequence[pd.Series]) -> list[Coded]:
    """Number several columns, long ones of text side by side (Arrow works outside Python's lock)."""
    slow = [column for column in columns if not _is_cheap(column)]
    if len(slow) > 1 and len(slow[0]) > _MANY:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(codes_of, columns))
    return [codes_of(column) for column in columns]


def _is_cheap(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype) or pd.api.types.is_integer_dtype(column.dtype)


def crossed(coded: Sequence[Coded], rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Cross coded columns into joint cells.

    Returns
    -------
    cell (n,) numbers, each below the number of cells C (some may hold nobody), and keys (C, k): each cell's code in each
    column, -1 for missing.
    """
    limit = max(1 << 12, rows // 4)
    cell, keys = np.zeros(rows, np.intp), np.zeros((1, 0), np.intp)
    for code, labels in coded:
        size = len(labels)
        gone = bool(code.min(initial=0) < 0)
        width = size + gone
        if len(keys) * width > limit:
            cell, keys = _occupied(cell, keys)
        if len(keys) > 1:
            cell *= width
        cell += code
        if gone:
            cell += width * (code < 0)  # -1 becomes the last of the width
        own = np.arange(width)
        own[size:] = -1
        if len(keys) * width <= max(limit, 4 * rows):
            keys = np.column_stack([np.repeat(keys, width, axis=0), np.tile(own, len(keys))])
            if len(keys) > limit:
                cell, keys = _occupied(cell, keys)
        else:
            cell, found = pd.factorize(cell)
            keys = np.column_stack([keys[found // width], own[found % width]])
    return cell, keys


def _occupied(cell: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keep the cells that hold somebody."""
    held = np.bincount(cell, minlength=len(keys)) > 0
    if held.all():
        return cell, keys
    return (np.cumsum(held) - 1)[cell], keys[held]


def joint(
    frame: pd.DataFrame,
    names: Sequence[str],
    needed: str = "weighting",
    *,
    missing: bool = False,
    mend: str = _MARGIN,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Number the crossed values of some columns, in sorted order where they can be sorted.

    Parameters
    ----------
    missing : whether missing values make cells of their own.
    mend : what helps where a column is absent.

    Returns
    -------
    cell (n,), -1 where any of the columns is missing (unless `missing`), and a frame of the cells found with their values.
    """
    coded = codes_of_all([column_of(frame, name, needed, mend) for name in names])
    cell, keys = _occupied(*crossed(coded, len(frame)))
    kept = np.ones(len(keys), bool) if missing else (keys >= 0).all(axis=1)
    values = pd.DataFrame(index=range(int(kept.sum())))
    for at, (name, (_, labels)) in enumerate(zip(names, coded, strict=True)):
        key = keys[kept, at]
        values[name] = (
            labels.take(key) if key.min(initial=0) >= 0 else labels.take(key, allow_fill=True, fill_value=np.nan)
        )
    order = np.arange(len(values))
    if names:
        with suppress(TypeError):  # categories of several types have no order: they stay as found
            order = np.asarray(values.sort_values(list(names), kind="stable").index)
    place = np.full(len(keys), -1)
    place[np.flatnonzero(kept)[order]] = np.arange(len(order))
    return place[cell], values.iloc[order].reset_index(drop=True)


def first_row(mask: np.ndarray) -> int:
    """Return the first row, counted from 1, where a mask is true."""
    return int(np.argmax(mask)) + 1

"""Columns of a frame as the roles of a design: codes, finite numbers, probabilities; what cannot be one is told with its row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.errors import DesignError

if TYPE_CHECKING:
    from symmetry.design.nouns import Design

__all__ = [
    "adder",
    "chances_of",
    "codes_of",
    "column_of",
    "crossed",
    "design_of",
    "names_of",
    "numbered",
    "numbers_of",
    "probabilities_of",
    "refuse_infinite",
    "series_of",
    "some",
    "sorted_codes",
]

_BLOCK = 1 << 16
_TEXTS = ("string", "mixed", "mixed-integer", "bytes")


def design_of(thing: Design) -> Design:
    """Take a design, or say how to make one."""
    if hasattr(thing, "layout") and hasattr(thing, "data"):
        return thing
    raise DesignError(
        f"this wants a Design, and a {type(thing).__name__} was given",
        mend='make one first: Design(frame, weight="…", psu="…")',
    )


def names_of(role: str | Sequence[str] | None) -> tuple[str, ...]:
    """Column names of a role, one a stage."""
    return () if role is None else (role,) if isinstance(role, str) else tuple(role)


def column_of(design: Design, variable: str | np.ndarray) -> np.ndarray:
    """Take a variable as floats (n,), missing as NaN.

    Raises
    ------
    DesignError : no such column, or it is not numeric.
    """
    if not isinstance(variable, str):
        return np.asarray(variable, float)
    column, why = series_of(design, variable), ""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiub":
        return np.asarray(column.to_numpy(), float)
    kind = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column
    if pd.api.types.is_datetime64_any_dtype(kind) or pd.api.types.is_timedelta64_dtype(kind):
        why = "dates"
    elif pd.api.types.is_complex_dtype(kind):
        why = "complex numbers"
    elif not pd.api.types.is_numeric_dtype(kind) and pd.api.types.infer_dtype(kind, skipna=True) in _TEXTS:
        row = int(np.argmax([isinstance(value, str) for value in column]))
        why = f"row {row + 1} holds {column.iloc[row]!r}"
    if not why:
        try:
            return np.asarray(column.to_numpy(float, na_value=np.nan))
        except (TypeError, ValueError) as error:
            why = str(error)
    raise DesignError(
        f"column `{variable}` is not numeric ({why})", mend="score the answers first; a category needs codes"
    )


def series_of(design: Design, name: str) -> pd.Series:
    """A column of a design's data as it is stored.

    Raises
    ------
    DesignError : no such column.
    """
    if not isinstance(name, str) or name not in design_of(design).data:
        raise DesignError(f"the design's data have no column `{name}`", mend="name one of its columns")
    return design.data[name]


def refuse_infinite(values: np.ndarray, what: str) -> None:
    """Refuse infinite answers (n,), telling the first row that has one."""
    infinite = np.isinf(values)
    if infinite.any():
        raise DesignError(
            f"{what} is infinite on row {int(np.argmax(infinite)) + 1}", mend="give a number, or leave it missing"
        )


def codes_of(column: pd.Series, role: str) -> tuple[np.ndarray, np.ndarray]:
    """Number the values of a role (n,) in sorted order, and give the labels."""
    codes, labels = sorted_codes(column)
    if (codes < 0).any():
        row = int(np.argmax(codes < 0)) + 1
        raise DesignError(
            f"the {role} `{column.name}` is missing on {int((codes < 0).sum())} rows (first: row {row})",
            mend=f"give every respondent a {role}, or leave these rows out of the frame",
        )
    return codes, np.asarray(labels, dtype=object)


def sorted_codes(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Number the values of a column in sorted order, -1 where it is missing, and give them; whole numbers take no hash table."""
    if column.dtype.kind in "iu" and isinstance(column.dtype, np.dtype) and len(column):
        values = column.to_numpy()
        low, high = int(values.min()), int(values.max())
        if high - low < 4 * len(values):
            found, place = numbered(
                (values - values.min() if low else values).astype(np.int64, copy=False), high - low + 1
            )
            return place, found + low
    try:
        codes, labels = pd.factorize(column, sort=True)
    except TypeError:  # numbers among texts have no order of their own
        codes, labels = pd.factorize(column)
        order = sorted(range(len(labels)), key=lambda k: (type(labels[k]).__name__, str(labels[k])))
        codes, labels = np.where(codes < 0, -1, np.argsort(order)[codes]), labels[order]
    return codes, np.asarray(labels)


def numbers_of(column: pd.Series, what: str) -> np.ndarray:
    """Turn a column into finite floats or say which row is not one."""
    text = not pd.api.types.is_numeric_dtype(column) and np.array([isinstance(value, str) for value in column])
    if np.any(text):
        row = int(np.argmax(text))
        raise DesignError(
            f"{what} is the text {str(column.iloc[row])!r} on row {row + 1}", mend="it must be a finite number"
        )
    values = column.to_numpy() if column.dtype == np.float64 else None
    if values is None:
        values = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    if not np.isfinite(values).all():
        row = int(np.argmax(~np.isfinite(values)))
        raise DesignError(f"{what} is {str(column.iloc[row])!r} on row {row + 1}", mend="it must be a finite number")
    return np.asarray(values)


def probabilities_of(design: Design) -> np.ndarray:
    """Inclusion probabilities of the rows (n,), each above 0 and at most 1."""
    if design.probability is None:
        raise DesignError("joint probabilities are given and no probability", mend="name the column with probability=…")
    return chances_of(design.data[design.probability], "an inclusion probability")


def chances_of(column: pd.Series, what: str, heed: np.ndarray | None = None) -> np.ndarray:
    """Probabilities (n,), each above 0 and at most 1; 1 on the rows that `heed` leaves out."""
    inside, values = np.ones(len(column), bool) if heed is None else heed, np.ones(len(column))
    values[inside] = numbers_of(column[inside], f"the probability `{column.name}`")
    wrong = (values <= 0) | (values > 1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DesignError(
            f"the probability `{column.name}` is {values[row]:g} on row {row + 1}",
            mend=f"{what} is above 0 and at most 1",
        )
    return values


def adder(code: np.ndarray, size: int, weight: np.ndarray | None = None) -> sparse.csc_array:
    """The sparse matrix (size, rows) that sums (weighted) rows by code."""
    pointer = np.arange(len(code) + 1, dtype=np.int32)
    ones = np.ones(len(code)) if weight is None else weight
    return sparse.csc_array((ones, code.astype(np.int32, copy=False), pointer), shape=(size, len(code)))


def numbered(key: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Keys found among 0 … size - 1, in order, and the place of each entry among them (n,)."""
    if size <= 4 * len(key) + 1_000_000:
        held = np.zeros(size, bool)
        held[key] = True
        found = np.flatnonzero(held)
        if len(found) == size:
            return found, key
        place = np.zeros(size, np.int64)
        place[found] = np.arange(len(found))
        return found, place[key]
    place, found = pd.factorize(key, sort=True)
    return np.asarray(found), place


def crossed(outer: np.ndarray, inner: np.ndarray, many: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Crossings outer · many + inner (below `size`) found, in order, and the place of each row's among them (n,)."""
    n = len(outer)
    if size > 4 * n + 1_000_000:
        return numbered(outer.astype(np.int64) * many + inner, size)
    blocks = [slice(start, start + _BLOCK) for start in range(0, n, _BLOCK)]  # keys of all rows would be large
    held = np.zeros(size, bool)
    for rows in blocks:
        held[outer[rows].astype(np.int64) * many + inner[rows]] = True
    found = np.flatnonzero(held)
    place, number = np.zeros(size, np.int32), np.empty(n, np.int32)
    place[found] = np.arange(len(found))
    for rows in blocks:
        number[rows] = place[outer[rows].astype(np.int64) * many + inner[rows]]
    return found, number


def some(names: pd.Index) -> str:
    """List a few column names for a message."""
    shown = ", ".join(f"`{name}`" for name in names[:12])
    return shown + (" …" if len(names) > 12 else "")

"""Supplied replicate weights (n, R): read once, in blocks of rows, and kept small where rows share their factors.

Half samples, jackknives and bootstraps of an office mostly multiply the weights of all rows of a psu by the same numbers.  Which
rows these are is found by one random combination of the R factors of each, and verified on all of them: then V × R factors
stand for n × R weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import linalg, sparse

from symmetry.errors import DesignError

__all__ = ["Shared", "Supplied", "shared", "supplied"]

_ENTRIES = 2**21
_EXACT = 1e-12  # relative: rows share factors only to the last digits


@dataclass(frozen=True, eq=False)
class Supplied:
    """Replicates (n, R) as they are stored: columns gives some replicates (n, r), rows all replicates of some rows (v, R).

    mean (R,) of each replicate; mixed (n,) a random combination of the replicates of each row; rank of the replicates.
    """

    columns: Callable[[slice], np.ndarray]
    rows: Callable[[slice | np.ndarray], np.ndarray]
    size: int
    mean: np.ndarray
    mixed: np.ndarray
    rank: int


@dataclass(frozen=True, eq=False)
class Shared:
    """Units that share factors: unit (n,) of each row, first (V,) a row of each, factor (V, R)."""

    unit: np.ndarray
    first: np.ndarray
    factor: np.ndarray


def supplied(data: pd.DataFrame, replicates: Sequence[str] | np.ndarray) -> Supplied:
    """Read replicate weights, given as columns of the data or as an array (n, R).

    Raises
    ------
    DesignError : a column is absent or not numeric, an array has other rows, a value is missing or infinite.
    """
    if isinstance(replicates, np.ndarray) and replicates.ndim == 2:
        if len(replicates) != len(data):
            raise DesignError(
                f"{len(replicates)} rows of replicate weights for {len(data)} respondents",
                mend="give a row for each respondent",
            )
        given = replicates
        return _read(lambda block: given[:, block], lambda rows: given[rows], given.shape)
    if isinstance(replicates, str):
        raise DesignError("`replicates` is one name", mend="list the columns of all replicates")
    columns = _columns(data, list(replicates))
    return _read(
        lambda block: np.column_stack(columns[block]),
        lambda rows: np.column_stack([column[rows] for column in columns]),
        (len(data), len(columns)),
    )


def shared(given: Supplied, weight: np.ndarray | None) -> Shared | None:
    """Find rows that share the factors by which replicates multiply their weight.

    Parameters
    ----------
    weight : (n,) that replicates are made of; none where they are factors already.

    Returns
    -------
    None where few rows share them, or some weight is 0.
    """
    own = np.ones(len(given.mixed)) if weight is None else weight
    if (own == 0).any():
        return None
    key = given.mixed / own
    level = float(np.median(np.abs(key))) or 1.0
    unit, found = pd.factorize(np.round(key / level, 9) + 0.0)
    if 4 * len(found) > len(own):
        return None
    first = np.full(len(found), len(own))
    np.minimum.at(first, unit, np.arange(len(own)))
    factor = given.rows(first) / own[first, None]
    largest = np.abs(factor).max()
    for rows in _blocks(len(own), given.size):
        expected = own[rows, None] * factor[unit[rows]]
        if (np.abs(given.rows(rows) - expected) > _EXACT * largest * own[rows, None]).any():
            return None
    return Shared(unit, first, factor)


def _read(
    columns: Callable[[slice], np.ndarray], rows: Callable[[slice | np.ndarray], np.ndarray], shape: tuple[int, ...]
) -> Supplied:
    """Look at all replicates once: whether they are numbers, their means, a combination of each row, their rank.

    The rank is that of signed sums of rows in 4 R buckets, each row in four of them: that of the whole, but for accidents [1]_.

    References
    ----------
    .. [1] Nelson, Nguyen (2013). OSNAP: faster numerical linear algebra algorithms via sparser subspace embeddings. FOCS.
    """
    n, size = shape
    rng = np.random.default_rng(0)
    combination = rng.uniform(1, 2, size)
    exact = n <= 8 * size
    buckets = n if exact else 4 * size
    sums, total, mixed = np.zeros((buckets, size)), np.zeros(size), np.empty(n)
    for here in _blocks(n, size):
        part = np.asarray(rows(here), float)
        total += part.sum(axis=0)
        if not np.isfinite(total).all():
            row, column = (int(place[0]) for place in np.nonzero(~np.isfinite(part)))
            raise DesignError(
                f"replicate {column + 1} is missing or infinite on row {here.start + row + 1}",
                mend="it must be a finite number",
            )
        mixed[here] = part @ combination
        if exact:
            sums[here] = part
            continue
        sign, bucket = rng.choice([-1.0, 1.0], 4 * len(part)), rng.integers(0, buckets, 4 * len(part))
        place = (sign, (bucket, np.tile(np.arange(len(part)), 4)))
        sums += sparse.csr_array(place, shape=(buckets, len(part))) @ part
    return Supplied(
        lambda block: np.asarray(columns(block), float),
        lambda here: np.asarray(rows(here), float),
        size,
        total / max(n, 1),
        mixed,
        _rank(sums) if size else 0,
    )


def _blocks(n: int, size: int) -> Iterator[slice]:
    """Rows, a bearable number of weights at a time."""
    step = max(1, _ENTRIES // max(size, 1))
    for start in range(0, n, step):
        yield slice(start, min(start + step, n))


def _columns(data: pd.DataFrame, names: list[str]) -> list[np.ndarray]:
    """Replicate weights, one array (n,) each, as they are stored."""
    absent = [name for name in names if name not in data]
    if absent:
        raise DesignError(
            f"the frame has no column `{absent[0]}` to be a replicate", mend=f"{len(absent)} are absent in all"
        )
    found = []
    for name in names:
        column = data[name]
        if not pd.api.types.is_numeric_dtype(column):
            raise DesignError(f"the replicate `{name}` is not numeric", mend="replicate weights are numbers")
        values = column.to_numpy()
        found.append(values if values.dtype.kind in "iuf" else column.to_numpy(float, na_value=np.nan))
    return found


def _rank(sums: np.ndarray) -> int:
    """Number of columns that are no combination of the others, to 5 digits as R has it."""
    square = sums.T @ sums
    length = np.sqrt(np.maximum(np.diag(square), 1e-300))
    *_, rank, _ = linalg.lapack.dpstrf(square / length / length[:, None], tol=1e-10)  # Cholesky with pivots
    return int(rank)

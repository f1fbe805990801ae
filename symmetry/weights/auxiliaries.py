"""What calibration is fitted to: the joint cells of the categorical margins, the numeric columns, and their totals.

Weighted sums and cross-products of the auxiliary variables come from one pass over the rows in blocks: the categorical part
is summed by joint cell and spread to its categories afterwards, so that 27 categories cost what one does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.errors import DataError
from symmetry.weights.cells import celled
from symmetry.weights.coding import numbers
from symmetry.weights.distances import Distance
from symmetry.weights.margins import Margin, read, refuse_empty

__all__ = ["Auxiliaries", "Pass", "auxiliaries"]

_BLOCK = 1 << 15
_MOST = 4000  # columns of a calibration: its matrix has this many rows and columns


@dataclass(frozen=True, eq=False)
class Auxiliaries:
    """The calibration variables of n rows: q columns, those of the categories (one for everybody first, if any) then numbers.

    Parameters
    ----------
    cell : (n,) joint cell of each row; member : (C, k) which categories a cell belongs to.
    numeric : p columns (n,); centre and scale (p,): what is fitted is (x - centre) / scale.
    names : (q,) what each column is, for messages.
    totals : (q,) what each should sum to; size : (q,) what a misfit is measured by.
    """

    cell: np.ndarray
    member: sparse.csr_array
    numeric: tuple[np.ndarray, ...]
    centre: np.ndarray
    scale: np.ndarray
    names: tuple[str, ...]
    totals: np.ndarray
    size: np.ndarray

    def walk(self, weight: np.ndarray, slope: np.ndarray, distance: Distance, *, square: bool = True) -> Pass:
        """Sum the auxiliaries with the weights that a slope λ gives, and the cross-products of their derivatives.

        Parameters
        ----------
        weight : (n,) starting weights.
        slope : (q,) λ.
        square : whether the cross-products are asked for.
        """
        cells, k = self.member.shape
        p = len(self.numeric)
        level = self.member @ slope[:k]
        fitted = np.empty(len(weight))
        held, turned, mixed = np.zeros(cells), np.zeros(cells), np.zeros((cells, p))
        sums, cross = np.zeros(p), np.zeros((p, p))
        step = max(_BLOCK, 4 * cells)
        for first in range(0, len(weight), step):
            rows = slice(first, first + step)
            cell, start = self.cell[rows], weight[rows]
            numeric = [(x[rows] - m) * s for x, m, s in zip(self.numeric, self.centre, 1 / self.scale, strict=True)]
            u = level[cell]
            for by, x in zip(slope[k:], numeric, strict=True):
                u += by * x
            value, derived = distance(u)
            same = derived is value
            weights = np.multiply(start, value, out=fitted[rows])
            here = np.bincount(cell, weights=weights, minlength=cells)
            held += here
            for j, x in enumerate(numeric):
                sums[j] += _product(weights, x)
            if not square:
                continue
            weights = weights if same else start * derived
            turned += here if same else np.bincount(cell, weights=weights, minlength=cells)
            for j, x in enumerate(numeric):
                moved = weights * x
                mixed[:, j] += np.bincount(cell, weights=moved, minlength=cells)
                for other in range(j, p):
                    cross[j, other] += _product(moved, numeric[other])
        totals = np.concatenate([self.member.T @ held, sums])
        return Pass(fitted, totals, self._square(turned, mixed, cross) if square else None)

    def part(self, weight: np.ndarray, every: int) -> tuple[Auxiliaries, np.ndarray]:
        """Take every so many rows, their weights (m,) raised to stand for all."""
        rows = slice(None, None, every)
        few = weight[rows] * (weight.sum() / weight[rows].sum())
        return replace(self, cell=self.cell[rows], numeric=tuple(x[rows] for x in self.numeric)), few

    def _square(self, turned: np.ndarray, mixed: np.ndarray, cross: np.ndarray) -> np.ndarray:
        """Put the cross-products together, (q, q)."""
        scaled = sparse.csr_array(self.member.multiply(turned[:, None]))
        corner = (self.member.T @ scaled).toarray()
        side = self.member.T @ mixed
        whole = cross + np.triu(cross, 1).T
        return np.block([[corner, side], [side.T, whole]])


@dataclass(frozen=True, eq=False)
class Pass:
    """What one pass gives: weights (n,), sums (q,) of the auxiliaries under them, and cross-products (q, q)."""

    weights: np.ndarray
    sums: np.ndarray
    square: np.ndarray | None


def auxiliaries(frame: pd.DataFrame, start: np.ndarray, totals: Mapping[Any, Any], total: float | None) -> Auxiliaries:
    """Lay out the auxiliaries of a sample beside their population totals.

    Parameters
    ----------
    start : (n,) weights; a row with weight 0 may have missing values.
    totals : column (or tuple of columns) → {category: count}, or column → total of its numbers.
    total : the size of the population, or None.

    Raises
    ------
    DataError : a total is no finite number, columns are absent or hold what they should not, counts that disagree.
    ConvergenceError : a category of the totals has no respondent.
    """
    if not totals and total is None:
        raise DataError("calibration has no totals", mend="give {column: total} or {column: {category: count}}")
    margins = [read(name, value) for name, value in totals.items() if isinstance(value, Mapping | pd.Series)]
    numeric = {name: value for name, value in totals.items() if not isinstance(value, Mapping | pd.Series)}
    size = _population(margins, total)
    cells, base = celled(frame, start, margins, "calibration")
    member, counts, names = _members(cells.place, margins, base)
    if size is not None and not margins:
        member, counts, names = sparse.csr_array(np.ones((len(base), 1))), np.array([size]), ["the population's size"]
    if member.shape[1] + len(numeric) > _MOST:
        raise DataError(
            f"calibration to {member.shape[1] + len(numeric)} totals at once is too much ({_MOST} at most)",
            mend="post-stratify or rake on columns of many categories: these take any number",
        )
    heed = start > 0
    columns = tuple(numbers(frame, name, "the auxiliary", missing=None, heed=heed) for name in numeric)
    wanted = np.array([_number(name, value) for name, value in numeric.items()])
    weight = start.sum()
    centre = np.array([_product(start, x) / weight if size is not None else 0.0 for x in columns])
    spread = [np.sqrt(max(_product(start, x, x) / weight - m * m, 0.0)) for x, m in zip(columns, centre, strict=True)]
    scale = np.array([s if s > 1e-9 * abs(m) and s > 0 else 1.0 for s, m in zip(spread, centre, strict=True)])
    moved = (wanted - centre * (size or 0.0)) / scale
    magnitude = [
        max(abs(t), _product(start, np.abs(x)), 1e-300) / s for t, x, s in zip(wanted, columns, scale, strict=True)
    ]
    return Auxiliaries(
        cells.cell,
        member,
        columns,
        centre,
        scale,
        (*names, *(f"`{name}`" for name in numeric)),
        np.concatenate([counts, moved]),
        np.concatenate([np.full(len(counts), size or 1.0), magnitude]),
    )


def _population(margins: list[Margin], total: float | None) -> float | None:
    """The size of the population that the totals speak of, None if they do not."""
    sizes = {f"the counts of `{margin.name}` sum to": float(margin.values.sum()) for margin in margins}
    if total is not None:
        sizes["the total is"] = _number("total", total)
    for told, size in sizes.items():
        first, expected = next(iter(sizes.items()))
        if not size > 0 or abs(size - expected) > 1e-9 * expected:
            raise DataError(
                f"{told} {size:.12g} and {first} {expected:.12g}",
                mend="calibration takes counts of one population: give each margin the same positive sum",
            )
    return next(iter(sizes.values()), None)


def _members(places: Any, margins: list[Margin], base: np.ndarray) -> tuple[sparse.csr_array, np.ndarray, list[str]]:
    """Which categories each cell belongs to (C, k), their counts, and their names."""
    blocks, counts, names = [], [], []
    for margin, where in zip(margins, places, strict=True):
        size = len(margin.values)
        cells = np.flatnonzero(where >= 0)
        held = np.bincount(where[cells], weights=base[cells], minlength=size)
        empty = np.flatnonzero((held == 0) & (margin.values > 0))
        if len(empty):
            refuse_empty(margin, empty, "calibration")
        blocks.append(sparse.csr_array((np.ones(len(cells)), (cells, where[cells])), shape=(len(base), size)))
        counts.append(margin.values)
        names += (
            [f"`{margin.name}` = {margin.label(number)}" for number in range(size)] if size <= _MOST else [""] * size
        )
    if not blocks:
        return sparse.csr_array((len(base), 0)), np.zeros(0), []
    return sparse.csr_array(sparse.hstack(blocks, format="csr")), np.concatenate(counts), names


def _product(*columns: np.ndarray) -> float:
    """Sum of products, on one core: blocks are too short for threads to pay."""
    return float(np.einsum(",".join("i" * len(columns)) + "->", *columns))


def _number(name: Any, value: Any) -> float:
    """A total as a finite number."""
    try:
        number = np.nan if isinstance(value, str | bytes) else float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise DataError(f"the total of `{name}` is {value!r}", mend="give a finite number, or {category: count}")
    return number

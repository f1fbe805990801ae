"""Units' mean answers of an audience, and how far they are from what the unit's people would say if all were asked.

A mean of 15 employees is noisier than one of 200 customers, and noise makes priorities look alike or different where they are
not.  With W the covariance of answers within units, pooled over them, and n_u = (Σw)² / Σw² of unit u, the noise of its means is

    W / n_u,    W = Σ_u n_u V_u / Σ_u (n_u - 1),    V_u = Σ w (x - x̄_u)(x - x̄_u)' / Σ w

Answers of one unit are taken as drawn alike; clusters inside units are not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from symmetry.design import Design, column_of
from symmetry.errors import DesignError

__all__ = ["Reliability", "UnitMeans", "shared_units", "unit_means", "with_reliability"]

Reliability = float | Sequence[float] | Mapping[str, float]


@dataclass(frozen=True, eq=False)
class UnitMeans:
    """Means of U units.

    names (k,) of columns, the outcome last.  units (U,) their labels.  values (U, k).  within (k, k) noise of one answer, and
    size (U,) answers' worth behind each mean, so that its noise is within / size; known : whether that noise is known at all.
    """

    names: tuple[str, ...]
    units: np.ndarray
    values: np.ndarray
    within: np.ndarray
    size: np.ndarray
    known: bool

    def select(self, rows: np.ndarray) -> UnitMeans:
        """Some units."""
        return UnitMeans(self.names, self.units[rows], self.values[rows], self.within, self.size[rows], self.known)


def unit_means(design: Design, columns: Sequence[str], unit: str, *, within: np.ndarray | None = None) -> UnitMeans:
    """Weighted means by unit of those who answered every column, and their pooled noise.

    Parameters
    ----------
    columns : drivers and controls, the outcome last.
    unit : column of the design's data; rows without a unit are out.
    within : rows (n,) that count.

    Raises
    ------
    DesignError : there is no such column.
    """
    if unit not in design.data.columns:
        raise DesignError(
            f"there is no column `{unit}`", mend="name the column that tells units, in the frame of both audiences"
        )
    x = np.stack([np.asarray(column_of(design, column), float) for column in columns], axis=1)
    labels = design.data[unit]
    w = np.asarray(design.layout.weight, float)
    inside = np.isfinite(x).all(axis=1) & labels.notna().to_numpy() & (w > 0) & (True if within is None else within)
    code, found = pd.factorize(labels[inside], sort=False)
    x, w, count = x[inside], w[inside], len(found)
    total = np.bincount(code, w, count)
    values = np.stack([np.bincount(code, w * column, count) for column in x.T], axis=1) / total[:, None]
    size = total**2 / np.bincount(code, w**2, count)
    apart = x - values[code]
    freedom = float((size - 1).sum())
    known = freedom > max(len(columns), 1e-6 * count)
    k = len(columns)
    noise = (apart * (w * (size / total)[code])[:, None]).T @ apart / freedom if known else np.zeros((k, k))
    return UnitMeans(tuple(columns), np.asarray(found), values, noise, size, known)


def shared_units(a: UnitMeans, b: UnitMeans) -> tuple[UnitMeans, UnitMeans]:
    """The units that both audiences have, in the order of the first."""
    place = {label: row for row, label in enumerate(b.units)}
    rows = [(row, place[label]) for row, label in enumerate(a.units) if label in place]
    first, second = (np.array([pair[side] for pair in rows], int) for side in (0, 1))
    return a.select(first), b.select(second)


def with_reliability(means: UnitMeans, reliability: Reliability) -> UnitMeans:
    """The same with noise from the reliability of each column's unit means (true variance over variance seen), not correlated.

    Parameters
    ----------
    reliability : above 0 and at most 1: one for all columns, one a column (the outcome last), or column → its own.

    Raises
    ------
    DesignError : it is out of these bounds, or not for every column.
    """
    if isinstance(reliability, Mapping):
        absent = [name for name in means.names if name not in reliability]
        if absent:
            raise DesignError(
                f"no reliability is given for `{absent[0]}`", mend="give one for every driver and the outcome"
            )
        reliability = [reliability[name] for name in means.names]
    given = np.asarray(reliability, float)
    if given.ndim > 1 or given.size not in (1, len(means.names)):
        raise DesignError(
            f"{given.size} reliabilities are given for {len(means.names)} columns",
            mend="give one, or one a column, outcome last",
        )
    if not ((given > 0) & (given <= 1)).all():
        raise DesignError(
            "a reliability is not above 0 and at most 1", mend="give true variance over observed variance"
        )
    noise = np.diag((1.0 - given) * means.values.var(axis=0, ddof=1))
    return UnitMeans(means.names, means.units, means.values, noise, np.ones(len(means.units)), known=True)

"""Units that have both sides: what their customers answered, what their employees answered on average, and how reliable that is.

ICC(2) = (MSB - MSW) / MSB is the reliability of a unit's mean.  It is made of sums over units alone, so that whatever is divided
by it gets its error from the units, ICC included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from symmetry.design import Design, column_of, refuse_infinite, series_of
from symmetry.errors import DesignError

__all__ = ["Linked", "Side", "linked"]

FEW_UNITS = 30


@dataclass(frozen=True, eq=False)
class Side:
    """Sums of one column over G units.

    n (G,) answers; size (G,) effective ones, (Σw)²/Σw²; mean (G,); spread (G,), squared distances from the mean, weighted so that
    a unit's weights add up to its size.
    """

    n: np.ndarray
    size: np.ndarray
    mean: np.ndarray
    spread: np.ndarray

    def select(self, kept: np.ndarray) -> Side:
        """Some of the units."""
        return Side(self.n[kept], self.size[kept], self.mean[kept], self.spread[kept])


@dataclass(frozen=True, eq=False)
class Linked:
    """G units with both sides.

    units : their names.  outcome, drivers : of customers and of employees.  Of the customers used: place (m,) number of the unit,
    weight (m,), answers (m,) to the outcome, mix (m, c).  note : what is left out or thin.
    """

    units: np.ndarray
    outcome: Side
    drivers: tuple[Side, ...]
    place: np.ndarray
    weight: np.ndarray
    answers: np.ndarray
    mix: np.ndarray
    note: str

    @property
    def means(self) -> np.ndarray:
        """Unit means of the drivers (G, p)."""
        return np.column_stack([side.mean for side in self.drivers])


def linked(
    customers: Design,
    employees: Design,
    outcome: str,
    predictors: Sequence[str],
    unit: str,
    mix: Sequence[str],
    few: int,
) -> Linked:
    """Bring both sides together by unit.

    Raises
    ------
    DesignError : a column is absent or not numeric, or no unit has both sides.
    """
    y = np.column_stack([column_of(customers, name) for name in (outcome, *mix)])
    x = np.column_stack([column_of(employees, name) for name in predictors])
    for array, names in ((y, (outcome, *mix)), (x, predictors)):
        for column, name in zip(array.T, names, strict=True):
            refuse_infinite(column, f"column `{name}`")
    place, known = _numbered(customers, employees, unit)
    weights = customers.layout.weight, employees.layout.weight
    given = np.isfinite(y).all(axis=1) & (weights[0] > 0) & (place[0] >= 0)
    side = _sums(np.where(given, place[0], -1), y[:, 0], weights[0], len(known))
    drivers = [
        _sums(np.where(np.isfinite(column) & (weights[1] > 0), place[1], -1), column, weights[1], len(known))
        for column in x.T
    ]
    there, staffed = side.n > 0, np.logical_and.reduce([one.n > 0 for one in drivers])
    kept = there & staffed
    if not kept.any():
        raise DesignError(
            f"no `{unit}` has both customers who answered `{outcome}` and employees who answered every driver",
            mend="check that both sides write the units alike, and that somebody answered",
        )
    complete = np.isfinite(y).all(axis=1) & (weights[0] > 0)
    note = _left_out(side, drivers, few, (int(complete.sum()), int((weights[0] > 0).sum())), place)
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    at = np.where(given, number[place[0]], -1)
    row = np.flatnonzero(at >= 0)
    chosen = tuple(one.select(kept) for one in drivers)
    return Linked(
        known[kept],
        side.select(kept),
        chosen,
        at[row],
        weights[0][row],
        y[row, 0],
        y[row, 1:],
        note,
    )


def _left_out(
    side: Side, drivers: Sequence[Side], few: int, answered: tuple[int, int], place: tuple[np.ndarray, np.ndarray]
) -> str:
    """What is not in the numbers, or stands on few people."""
    there, staff = side.n > 0, np.min([one.n for one in drivers], axis=0)
    alone, empty = int((there & (staff == 0)).sum()), int((~there & (staff > 0)).sum())
    homeless = [int((one < 0).sum()) for one in place]
    both = there & (staff > 0)
    size, thin = int(both.sum()), int((both & (staff < few)).sum())
    told = [
        f"{answered[0]} of {answered[1]} customers answered every item used" if answered[0] < answered[1] else "",
        f"{alone} units without answers of employees left out" if alone else "",
        f"{empty} units without answers of customers left out" if empty else "",
        f"{homeless[0]} customers and {homeless[1]} employees without a unit left out" if sum(homeless) else "",
        f"{thin} of {size} units have fewer than {few} employees" if thin else "",
        f"{size} units: fewer than {FEW_UNITS}, take it as a hint" if size < FEW_UNITS else "",
    ]
    return "; ".join(filter(None, told))


def _numbered(customers: Design, employees: Design, unit: str) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """The number of each row's unit on both sides, -1 where it has none, and the units' names in order."""
    columns = [series_of(design, unit) for design in (customers, employees)]
    code, names = pd.factorize(pd.concat([column.astype(object) for column in columns], ignore_index=True))
    order = np.argsort(np.array([str(name) for name in names]), kind="stable")
    rank = np.append(np.argsort(order), -1)  # code -1 stays
    placed = rank[code]
    return (placed[: len(columns[0])], placed[len(columns[0]) :]), np.asarray(names, object)[order]


def _sums(place: np.ndarray, values: np.ndarray, weight: np.ndarray, size: int) -> Side:
    """Sums of the answers of each of `size` units; place -1 is out."""
    held = place >= 0
    code, y, w = place[held], values[held], weight[held]
    n, total, squares = (np.bincount(code, one, size) for one in (np.ones(len(w)), w, w * w))
    with np.errstate(invalid="ignore"):
        mean, effective = np.bincount(code, w * y, size) / total, total**2 / squares
        spread = np.bincount(code, w * (y - mean[code]) ** 2, size) * total / squares
    return Side(n, effective, mean, spread)

"""Two audiences of the same branches, and shares of explained variance by least squares over all orders of entry."""

from __future__ import annotations

from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd

from symmetry.design import Design
from symmetry.drivers.priorities.priorities import Priorities, compare_priorities

__all__ = ["DRIVERS", "branches", "compared", "lmg_over_orders", "shares_over_orders", "weighted_covariance"]

DRIVERS = ["clean", "kind", "fast"]


def branches(seed: int = 7, units: int = 120, each: tuple[int, int] = (9, 4)) -> dict[str, Design]:
    """Customers and employees of the same branches, whose answers share what is of the branch, with weights."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(units, 4))
    made = {}
    for name, n, slopes in (("customers", each[0], [2.0, 1.0, 0.5]), ("employees", each[1], [0.5, 1.0, 2.0])):
        branch = np.repeat(np.arange(units), n)
        x = shared[branch, :3] + 0.7 * rng.normal(size=(len(branch), 3)) + rng.normal(size=(len(branch), 1))
        y = x @ slopes + 3 * shared[branch, 3] + rng.normal(size=len(branch))
        weight = rng.uniform(0.5, 2.0, len(branch))
        frame = pd.DataFrame(x, columns=DRIVERS).assign(overall=y, branch=branch, weight=weight)
        made[name] = Design(frame, weight="weight", psu="branch")
    return made


def compared(designs: dict[str, Design], **options: Any) -> Priorities:
    """Their priorities, of the three drivers."""
    return compare_priorities(designs, "overall", DRIVERS, **options)


def lmg_over_orders(c: np.ndarray) -> np.ndarray:
    """Parts of R² from a covariance matrix, driver after driver, averaged over all orders."""
    p = len(c) - 1

    @cache
    def r2(inside: frozenset[int]) -> float:
        some = sorted(inside)
        return float(c[-1, some] @ np.linalg.solve(c[np.ix_(some, some)], c[some, -1]) / c[-1, -1]) if some else 0.0

    orders = list(permutations(range(p)))
    found = np.zeros(p)
    for order in orders:
        for place, j in enumerate(order):
            found[j] += r2(frozenset(order[: place + 1])) - r2(frozenset(order[:place]))
    return found / len(orders)


def shares_over_orders(c: np.ndarray) -> np.ndarray:
    """The same as shares of R²."""
    parts = lmg_over_orders(c)
    return parts / parts.sum()


def weighted_covariance(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Covariance of rows by weight."""
    away = x - w @ x / w.sum()
    return np.asarray((away * w[:, None]).T @ away / w.sum())

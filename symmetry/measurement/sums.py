"""What the answers of each unit add up to: how many, their mean, and how far they lie from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symmetry.measurement.answers import Column

__all__ = ["Sums", "unit_sums"]

_ROUNDING = 1e-26  # a sum of squares below this share of n times the widest square is nothing but rounding


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums of G units.

    n (G,) answers; size (G,) effective answers, (Σw)²/Σw² (n where all weights are equal); mean (G,), NaN without answers;
    spread (G,) squared distances from it, weighted by w Σw/Σw², so that the weights of a unit add up to its size.
    """

    n: np.ndarray
    size: np.ndarray
    mean: np.ndarray
    spread: np.ndarray

    @property
    def variance(self) -> np.ndarray:
        """Variance of the answers in each unit (G,), n/(n-1) Σw(y-ȳ)²/Σw; NaN for fewer than two answers."""
        out = np.full(len(self.n), np.nan)
        np.divide(self.spread * self.n, self.size * (self.n - 1.0), out=out, where=self.n > 1)
        return out

    def held(self) -> Sums:
        """The units that have answers."""
        kept = self.n > 0
        return Sums(self.n[kept], self.size[kept], self.mean[kept], self.spread[kept])


def unit_sums(column: Column) -> Sums:
    """Add up one item's answers by unit, in two passes: the means, then the distances from them."""
    code, many, mass = column.code, column.size, column.mass
    n = np.bincount(code, weights=column.count, minlength=many).astype(float)
    if not len(code):
        return Sums(n, n, np.full(many, np.nan), n)
    total = n if column.weight is None else np.bincount(code, weights=mass, minlength=many)
    squares = n if column.weight is None or mass is None else np.bincount(code, mass * column.weight, many)
    held, origin = n > 0, column.values[0]
    away = column.values - origin
    size, mean, spread = np.zeros(many), np.full(many, np.nan), np.zeros(many)
    np.divide(total * total, squares, out=size, where=held)
    sums = np.bincount(code, weights=away if mass is None else away * mass, minlength=many)
    np.divide(sums, total, out=mean, where=held)
    widest = np.abs(away).max()
    away -= mean[code]
    away *= away
    sums = np.bincount(code, weights=away if mass is None else away * mass, minlength=many)
    np.divide(sums * size, total, out=spread, where=held)
    spread[spread <= _ROUNDING * size * widest**2] = 0.0
    return Sums(n, size, mean + origin, spread)

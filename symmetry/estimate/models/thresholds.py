"""What cumulative models are made of: distributions with their slopes and curvatures, and an outcome's categories in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from symmetry.design import Design
from symmetry.errors import DesignError

__all__ = ["LINKS", "Cumulative", "codes_of_levels"]

Function = Callable[[np.ndarray], np.ndarray]
_END = 700.0  # where every distribution is 0 or 1 and no power of e overflows


@dataclass(frozen=True)
class Cumulative:
    """A distribution F: its lower and upper tails, its density and that one's slope, and its quantiles."""

    lower: Function
    upper: Function
    density: Function
    slope: Function
    quantile: Function

    def between(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, ...]:
        """Chance P of a category between two thresholds, and how its logarithm moves with them.

        Slopes by the upper and by minus the lower threshold (f / P); curvatures, turned positive, by the upper, the lower, both.
        """
        low, high = np.clip(low, -_END, _END), np.clip(high, -_END, _END)
        right = low > 0  # both in the upper half: the difference of upper tails keeps its digits
        chance = np.where(right, self.upper(low) - self.upper(high), self.lower(high) - self.lower(low))
        chance = np.maximum(chance, 1e-300)
        up, down = self.density(high) / chance, self.density(low) / chance
        return (
            chance,
            up,
            down,
            up**2 - self.slope(high) / chance,
            down**2 + self.slope(low) / chance,
            -up * down,
        )


def _normal(x: np.ndarray) -> np.ndarray:
    """The normal density."""
    return np.asarray(np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi))


def _logistic(x: np.ndarray) -> np.ndarray:
    """The logistic density."""
    return np.asarray(special.expit(x) * special.expit(-x))


def _gumbel(x: np.ndarray) -> np.ndarray:
    """Gumbel's density of the largest."""
    return np.asarray(np.exp(-x - np.exp(-x)))


LINKS = {
    "logit": Cumulative(
        special.expit, lambda x: special.expit(-x), _logistic,
        lambda x: _logistic(x) * (special.expit(-x) - special.expit(x)), special.logit,
    ),
    "probit": Cumulative(special.ndtr, lambda x: special.ndtr(-x), _normal, lambda x: -x * _normal(x), special.ndtri),
    "cloglog": Cumulative(
        lambda x: np.exp(-np.exp(-x)), lambda x: -np.expm1(-np.exp(-x)), _gumbel,
        lambda x: np.exp(-2 * x - np.exp(-x)) - _gumbel(x), lambda u: -np.log(-np.log(u)),
    ),
    "loglog": Cumulative(
        lambda x: -np.expm1(-np.exp(x)), lambda x: np.exp(-np.exp(x)), lambda x: _gumbel(-x),
        lambda x: _gumbel(-x) - np.exp(2 * x - np.exp(x)), lambda u: np.log(-np.log1p(-u)),
    ),
}  # fmt: skip


def codes_of_levels(design: Design, formula: str) -> tuple[str, np.ndarray, tuple[object, ...]]:
    """The outcome of a formula: its name, the number of each row's category (n,), NaN where it is missing, and the categories.

    Raises
    ------
    DesignError : the formula has no outcome that is a column, or the column has no order.
    """
    left, tilde, _ = str(formula).partition("~")
    name = left.strip().strip("`")
    if not tilde or name not in design.data:
        raise DesignError(
            f"the outcome of {formula!r} is no column of the frame",
            mend='write it as "outcome ~ columns", the outcome a column',
        )
    column = design.data[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        if not column.cat.ordered:
            raise DesignError(
                f"the categories of `{name}` have no order", mend="give pandas' ordered categories, or numeric codes"
            )
        codes, levels = column.cat.codes.to_numpy(), tuple(column.cat.categories)
    elif pd.api.types.is_numeric_dtype(column):
        codes, found = pd.factorize(column, sort=True)
        levels = tuple(value.item() if hasattr(value, "item") else value for value in found)
        levels = tuple(int(value) if float(value).is_integer() else value for value in levels)
    else:
        raise DesignError(f"`{name}` is text, which has no order", mend="give ordered categories, or numeric codes")
    if len(levels) > 100:
        raise DesignError(
            f"`{name}` has {len(levels)} different values", mend="model it with `glm`, or cut it into categories"
        )
    return name, np.where(codes < 0, np.nan, codes.astype(float)), levels

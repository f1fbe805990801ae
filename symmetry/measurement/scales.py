"""Ends of answer scales, and how far apart answers would lie that were given by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Literal

import numpy as np

from symmetry.errors import DataError
from symmetry.measurement.answers import Column

__all__ = ["Ends", "Null", "chance_variance", "ends_of", "refuse_outside"]

Ends = float | Mapping[str, float]
Null = Literal["uniform"] | float | Sequence[float]


def ends_of(item: str, low: Ends, high: Ends) -> tuple[int, int]:
    """Lowest and highest code of one item, of ends that are given once or item by item.

    Raises
    ------
    DataError : an item has no end, an end is not whole, or the scale has fewer than two codes.
    """
    found: list[int] = []
    for what, given in (("low", low), ("high", high)):
        if isinstance(given, Mapping) and item not in given:
            raise DataError(f"{what}= has no end for `{item}`", mend="give one number for all items, or one an item")
        end = given[item] if isinstance(given, Mapping) else given
        if isinstance(end, bool) or not isinstance(end, Real) or not np.isfinite(float(end)) or end != int(end):
            raise DataError(f"{what}={end!r} is no end of a scale", mend="give a whole number, as 1 and 5")
        found.append(int(end))
    if found[1] <= found[0]:
        raise DataError(f"a scale from {found[0]} to {found[1]} has no two answers", mend="low= is below high=")
    return found[0], found[1]


def chance_variance(low: int, high: int, null: Null) -> float:
    """Variance of answers given by chance to the A codes of a scale.

    Parameters
    ----------
    null : "uniform", each code as likely: (A² - 1)/12; the probabilities of the codes from low to high; or the variance itself.

    Raises
    ------
    DataError : probabilities that are not A, negative, or of another sum than 1; a variance that is not above 0.

    Notes
    -----
    R's `multilevel` takes the variance (`ranvar`), 2 for five codes.  James, Demaree and Wolf (1984) give a slight skew of five
    codes as .05, .15, .20, .35, .25, of variance 1.34.

    Examples
    --------
    >>> chance_variance(1, 5, "uniform"), round(chance_variance(1, 5, [0.05, 0.15, 0.20, 0.35, 0.25]), 4)
    (2.0, 1.34)
    """
    many = high - low + 1
    if isinstance(null, str):
        if null != "uniform":
            raise DataError(f"null={null!r} is unknown", mend='"uniform", probabilities of the codes, or a variance')
        return (many * many - 1) / 12
    try:
        chances = np.asarray(null, float)
    except (TypeError, ValueError):
        raise DataError(
            f"null={null!r} holds no numbers", mend='"uniform", probabilities of the codes, or a variance'
        ) from None
    if chances.ndim == 0:
        if not (np.isfinite(chances) and chances > 0):
            raise DataError(f"null={null!r} is no variance", mend="give a number above 0, or the codes' probabilities")
        return float(chances)
    if chances.shape != (many,) or not (chances >= 0).all() or abs(chances.sum() - 1) > 1e-9:
        raise DataError(
            f"null= holds no probabilities of the {many} codes from {low} to {high}",
            mend="one a code, none negative, their sum 1",
        )
    codes = np.arange(many)
    variance = float(chances @ codes**2 - (chances @ codes) ** 2)
    if variance <= 0:
        raise DataError("null= puts all answers on one code", mend="chance answers must differ")
    return variance


def refuse_outside(column: Column, low: int, high: int) -> None:
    """Refuse answers beyond the ends of their scale."""
    values = column.values
    if len(values) and (values.min() < low or values.max() > high):
        worst = values.min() if values.min() < low else values.max()
        raise DataError(
            f"`{column.item}` holds {worst:g}, and its scale runs from {low} to {high}",
            mend="give the scale's ends with low= and high=, or recode the answer as missing",
        )

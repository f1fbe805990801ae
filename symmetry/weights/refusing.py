"""What the verbs refuse alike: rounds that cannot end, targets that are no mapping, a result that would cover an answer."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import pandas as pd

from symmetry.errors import DataError

__all__ = ["refuse_rounds", "refuse_shape", "refuse_taken"]


def refuse_rounds(tolerance: Any, steps: Any) -> None:
    """Refuse a tolerance or a number of steps with which nothing could be fitted."""
    if isinstance(tolerance, bool) or not isinstance(tolerance, Real) or not 0 < float(tolerance) < 1:
        raise DataError(
            f"tolerance={tolerance!r} is no misfit", mend="give a number between 0 and 1, such as tolerance=1e-12"
        )
    if isinstance(steps, bool) or not isinstance(steps, Integral) or int(steps) < 1:
        raise DataError(f"steps={steps!r} is no number of steps", mend="give a whole number, 1 or more")


def refuse_shape(what: str, given: Any, mend: str) -> None:
    """Refuse targets that are not a mapping from column to target."""
    if not isinstance(given, Mapping):
        raise DataError(f"{what} are a {type(given).__name__}, not a mapping", mend=mend)


def refuse_taken(frame: pd.DataFrame, weight: str | None, name: str, made: bool) -> None:
    """Refuse to write weights over a column that is neither called `weight`, nor the starting one, nor made by a verb."""
    if name in frame and name not in ("weight", weight) and not made:
        raise DataError(
            f"the frame has a column `{name}` already, which no weighting made",
            mend="give the weights a `name=` that is free, or drop the column first",
        )

"""The smallest gap of interest of every gap: the pair's own, or what a caller gives instead, in the statistic's unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real

import numpy as np
import pandas as pd

from symmetry.errors import DesignError

__all__ = ["Margins", "margins_of"]

Margins = float | Mapping[str, float] | Mapping[tuple[str, str], float]


def margins_of(table: pd.DataFrame, smallest: Margins | None) -> np.ndarray:
    """Smallest gaps of interest of every row (R,) of a table of gaps, the pairs' own unless told.

    Parameters
    ----------
    smallest : one number for all, or item → number, or (item, statistic) → number, which goes first.

    Raises
    ------
    DesignError : a smallest gap of interest is no number above 0, or is given for what no gap is called.
    """
    own = table["smallest"].astype(float)
    if isinstance(smallest, Mapping):
        given = {key: _positive(value, key) for key, value in smallest.items()}
        pairs = pd.MultiIndex.from_frame(table[["item", "statistic"]])
        known = set(table["item"].unique()) | set(pairs.unique())
        if strange := [key for key in given if key not in known]:
            raise DesignError(
                f"a smallest gap of interest is given for {strange[0]!r}, which no gap is called",
                mend="name an item, or (item, statistic)",
            )
        own = table["item"].map({key: value for key, value in given.items() if isinstance(key, str)}).fillna(own)
        own = pd.Series(pairs.map(given).astype(float), table.index).fillna(own)
    elif smallest is not None:
        own = pd.Series(_positive(smallest, table["item"].iloc[0] if len(table) else ""), table.index)
    wrong = ~((own > 0) & np.isfinite(own))
    if wrong.any():
        at = int(np.argmax(wrong))
        _positive(own.iloc[at], table["item"].iloc[at])
    return np.asarray(own, float)


def _positive(value: object, item: object) -> float:
    """A smallest gap of interest; refuse what is none."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < math.inf:
        raise DesignError(
            f"the smallest gap of interest of {item!r} is not positive",
            mend="give a number above 0; fix it before the field",
        )
    return float(value)

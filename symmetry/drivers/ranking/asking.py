"""What can be asked of ranks and of presence: levels, seeds, rows and shares, refused in words where they are none."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np

from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["check_estimate", "check_level", "check_seed", "check_whole", "rows_within"]


def check_level(level: object) -> None:
    """Refuse a level that is no number between 0 and 1."""
    if not isinstance(level, Real) or not 0 < float(level) < 1:
        raise DesignError(f"a confidence level of {level!r} is not between 0 and 1", mend="0.95 is usual")


def check_seed(seed: object) -> None:
    """Refuse a seed that is no whole number from 0."""
    check_whole(seed, 0, f"seed={seed!r} is no whole number from 0", "any will do; the same gives the same draws")


def check_whole(given: object, least: int, what: str, mend: str) -> None:
    """Refuse what is no whole number from `least` on."""
    if isinstance(given, bool) or not isinstance(given, Integral) or given < least:
        raise DesignError(what, mend=mend)


def check_estimate(shares: object, what: str) -> None:
    """Refuse what is no Estimate."""
    if not isinstance(shares, Estimate):
        raise DesignError(
            f"{what} an Estimate, and a {type(shares).__name__} was given", mend="give what importance(...) returns"
        )


def rows_within(within: np.ndarray | None, n: int) -> np.ndarray | None:
    """Which of n rows are meant, once one is told of each."""
    if within is None:
        return None
    found = np.asarray(within)
    if found.shape != (n,) or not np.isin(found, [0, 1]).all():
        raise DesignError(
            f"within= is of shape {found.shape} and the answers have {n} rows", mend="give True or False for each row"
        )
    return found.astype(bool)

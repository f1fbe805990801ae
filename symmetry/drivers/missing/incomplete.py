"""Columns some of whose answers are missing, made ready for what can be done about it: who answered what, and standardised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from symmetry.design import Design, column_of
from symmetry.drivers.covariances import called
from symmetry.errors import DesignError

__all__ = ["AT_RANDOM", "Incomplete", "incomplete", "who_answered"]

AT_RANDOM = "EM takes what is missing as missing at random"
_FLAT = 1e-10  # of the largest answer: a deviation below it is rounding


@dataclass(frozen=True, eq=False)
class Incomplete:
    """Columns some of whose answers are missing.

    names (k,); z (n, k) standardised among who answered, 0 where unanswered; answered (n, k); used (n,) rows with any answer that
    are asked about; middle and spread (k,) what was taken from z, and divided by.  n rows used with a weight, of `asked` with a
    weight; complete of them answered all.
    """

    names: tuple[str, ...]
    z: np.ndarray
    answered: np.ndarray
    used: np.ndarray
    middle: np.ndarray
    spread: np.ndarray
    n: int
    asked: int
    complete: int

    @property
    def note(self) -> str:
        """Who answered all, who some."""
        return who_answered(self.complete, self.n, self.asked, "every item used")


def who_answered(complete: int, n: int, asked: int, items: str) -> str:
    """Who of those asked answered all items, who some and who none; "" where all answered all.

    Examples
    --------
    >>> who_answered(3, 5, 6, "every item used")
    '3 of 6 respondents answered every item used, 2 some of them, 1 none'
    """
    if complete == asked:
        return ""
    told = f"{complete} of {asked} respondents answered {items}, {n - complete} some of them"
    return told + (f", {asked - n} none" if asked > n else "")


def incomplete(
    design: Design, columns: Sequence[str | np.ndarray], names: Sequence[str] | None, within: np.ndarray | None
) -> Incomplete:
    """Columns standardised by who answered each, and who answered what.

    Raises
    ------
    DesignError : infinite values, a column nobody answered or to which all said the same, too few who answered any two.
    """
    told = called(columns, names)
    x = np.stack([np.asarray(column_of(design, column), float) for column in columns], axis=1)
    if np.isinf(x).any():
        raise DesignError(
            f"`{told[int(np.isinf(x).any(axis=0).argmax())]}` holds infinite values", mend="leave them empty"
        )
    inside = np.ones(len(x), bool) if within is None else np.asarray(within, bool)
    answered = np.isfinite(x) & inside[:, None]
    weighed = design.layout.weight != 0
    w = np.where(answered, design.layout.weight[:, None], 0.0)
    total = w.sum(axis=0)
    for name, some in zip(told, total > 0, strict=True):
        if not some:
            raise DesignError(f"nobody answered `{name}`", mend="leave it out")
    filled = np.where(answered, x, 0.0)
    middle = (w * filled).sum(axis=0) / total
    z = np.where(answered, filled - middle, 0.0)
    spread = np.sqrt((w * z**2).sum(axis=0) / total)
    size = np.abs(filled).max(axis=0)
    for name, width, most in zip(told, spread, size, strict=True):
        if not width > _FLAT * most:
            raise DesignError(f"everybody gave the same answer to `{name}`", mend="leave it out: it explains nothing")
    used = answered.any(axis=1)
    held = int(((answered.sum(axis=1) > 1) & weighed).sum())
    if held < len(told) + 1:
        raise DesignError(f"{held} respondents answered two or more of {', '.join(told)}", mend="use fewer drivers")
    count = [int((rows & weighed).sum()) for rows in (used, inside, answered.all(axis=1))]
    return Incomplete(told, z / spread, answered, used, middle, spread, *count)

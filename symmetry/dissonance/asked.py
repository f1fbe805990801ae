"""What callers hand in, read alike by the verbs of this room: numbers in a range, gaps, frames of units."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
import pandas as pd

from symmetry.dissonance.nouns import Gap
from symmetry.errors import DesignError

__all__ = ["alike", "inside_range", "refuse_no_gap", "unit_frame", "whole"]


def inside_range(value: object, low: float, high: float) -> bool:
    """Whether something is a number between two others, neither of them."""
    return isinstance(value, Real) and not isinstance(value, bool) and low < float(value) < high


def whole(value: object, least: int) -> bool:
    """Whether something is a whole number, at least `least`."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least


def refuse_no_gap(gap: object, verb: str) -> None:
    """Refuse what `dissonance.gap` did not make.

    Raises
    ------
    DesignError : it is something else.
    """
    if not isinstance(gap, Gap):
        raise DesignError(
            f"{verb} wants gaps, and a {type(gap).__name__} was given",
            mend=f"{verb}(gap(stacked, pairs)): what `dissonance.gap` makes, not its table",
        )


def unit_frame(source: object, told: str, mend: str) -> pd.DataFrame:
    """Frame of units with numbers in `estimate` and `se`, and a `note`; frames of other libraries become pandas.

    Raises
    ------
    DesignError : it is no frame, lacks one of the two columns, or holds text in one.
    """
    made = source if isinstance(source, pd.DataFrame) else getattr(source, "to_pandas", lambda: None)()
    if not isinstance(made, pd.DataFrame):
        raise DesignError(f"{told}, and a {type(source).__name__} was given", mend=mend)
    if "estimate" not in made or "se" not in made:
        raise DesignError(told, mend=mend)
    frame = made.reset_index(drop=True)
    for name in ("estimate", "se", "n", "n_eff"):
        if name in frame:
            frame[name] = _numbers(frame[name], name)
    return frame if "note" in frame else frame.assign(note="")


def alike(source: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    """Number of the kind of each row (D,): rows with the same values in those of the columns that are there."""
    apart = [name for name in names if name in source]
    if not apart:
        return np.zeros(len(source), int)
    return np.asarray(source.groupby(apart, sort=False, dropna=False).ngroup())


def _numbers(column: pd.Series, name: str) -> pd.Series:
    """The column as numbers, missing ones NaN; refuse text and what is infinite."""
    bad = [one for one in column.dropna() if isinstance(one, bool | str) or not isinstance(one, Real)]
    if bad:
        raise DesignError(f"`{name}` holds {bad[0]!r}, which is no number", mend="give numbers, missing ones as NaN")
    return column.astype("Float64").astype(float)

"""Tables of one number a unit, and their summary an item: the median unit, and how many units lie beyond the customary bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from symmetry.errors import DataError
from symmetry.measurement.answers import Column, together

__all__ = ["GATE", "beyond", "frame_of", "median_of", "refuse_names", "summary_of"]

GATE = "information, not a gate: the mean of a unit can be reliable although its people disagree"
_TAKEN = ("statistic", "item", "estimate", "n", "variance", "cutoff", "suppressed", "note")


def refuse_names(unit: str) -> None:
    """Refuse a column of units whose name a column of the result has."""
    if unit in _TAKEN:
        raise DataError(f"the units stand in a column called `{unit}`, as one of the result", mend="rename the column")


def frame_of(
    statistic: str,
    column: Column,
    keys: pd.DataFrame,
    values: np.ndarray,
    n: np.ndarray,
    told: Sequence[str],
    extra: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """A row a unit: its value (G,), answers n (G,), notes and further columns; why there is no value goes first."""
    lacking = np.where(np.isfinite(values), "", np.where(n > 0, "one answer: nobody to agree with", "nobody answered"))
    notes = [together(str(lack), note) for lack, note in zip(lacking, told, strict=True)]
    facts = {"estimate": values, "n": n.astype(np.int64), **extra, "suppressed": False, "note": notes}
    names = {"statistic": statistic, "item": column.item, **{name: keys[name].array for name in keys}}
    return pd.DataFrame({**names, **facts}, index=range(len(values)))


def summary_of(
    frames: Sequence[pd.DataFrame], heads: Sequence[tuple[str, str]], unit: str, bars: Sequence[float], *, low: bool
) -> pd.DataFrame:
    """A row an item, called by statistic and item: the median unit, and the share of units below (or above) its bar."""
    rows = []
    for frame, (statistic, item), bar in zip(frames, heads, bars, strict=True):
        values = frame["estimate"].to_numpy(float)
        units = int(np.isfinite(values).sum())
        head = {"statistic": statistic, "item": item, "unit": unit, "estimate": median_of(values)}
        told = {"share_low" if low else "share_high": beyond(values, bar, low=low), "cutoff": bar, "units": units}
        note = GATE if units else "no unit has two answers"
        rows.append({**head, **told, "n": int(frame["n"].sum()), "suppressed": False, "note": note})
    return pd.DataFrame(rows)


def median_of(values: np.ndarray) -> float:
    """Median of the units that have a value, NaN without any."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")


def beyond(values: np.ndarray, bar: float, *, low: bool) -> float:
    """Share of units with a value that lie below (or above) a bar, NaN without any."""
    known = values[np.isfinite(values)]
    return float(np.mean(known < bar - 1e-12 if low else known > bar + 1e-12)) if len(known) else float("nan")

"""What a calibrated frame remembers, so that its variances know the weights were fitted.

The memory is names only (columns of the frame itself) and the number of rows, kept in `frame.attrs`: rows may be sorted, and a
frame that lost rows, or its memory, is refused.  The residuals it calls for are taken in `design`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from symmetry.errors import DataError

__all__ = ["Calibration", "calibration_of"]

_KEY = "symmetry.calibration"


@dataclass(frozen=True)
class Calibration:
    """Weights of `rows` people in column `weight` were fitted, from those in `starting`, to the margins of `variables`."""

    weight: str
    starting: str
    variables: tuple[str, ...]
    rows: int

    def columns(self, frame: pd.DataFrame) -> np.ndarray:
        """Indicators of every category of every margin: shape (rows, categories), one block a variable."""
        return np.hstack([pd.get_dummies(frame[variable], dtype=float).to_numpy() for variable in self.variables])


def remember(frame: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Return the frame with the calibration noted on it (the frame is changed in place: callers own it)."""
    frame.attrs[_KEY] = calibration
    return frame


def calibration_of(frame: pd.DataFrame, weight: str | None) -> Calibration | None:
    """Tell which calibration made a weight column, if any.

    Raises
    ------
    DataError : the frame was calibrated, and a column it needs, some of its rows or its memory are gone.
    """
    calibration = frame.attrs.get(_KEY)
    if not isinstance(calibration, Calibration) or calibration.weight != weight:
        if f"{weight}.starting" in frame:
            raise DataError(
                f"the weights in `{weight}` were calibrated and the frame no longer remembers how",
                mend="give the frame that the weighting returned, or drop the column "
                f"`{weight}.starting` to take the weights as given",
            )
        return None
    if len(frame) != calibration.rows:
        raise DataError(
            f"the weights in `{weight}` were calibrated on {calibration.rows} rows and {len(frame)} are here",
            mend="keep every row and look at a part with `by=`, or weight the part anew",
        )
    lost = [name for name in (calibration.starting, *calibration.variables) if name not in frame]
    if lost:
        raise DataError(
            f"the weights in `{weight}` were calibrated with columns that are gone: {', '.join(lost)}",
            mend="keep these columns: the variance of a calibrated weight needs them",
        )
    return calibration

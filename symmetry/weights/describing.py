"""What weighting did: Kish's design effect and effective size, spread, and margins before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from symmetry.weights.calibration import calibration_of

__all__ = ["describe"]


def describe(
    frame: pd.DataFrame, *, weight: str = "weight", targets: Mapping[str, Mapping[str, float]] | None = None
) -> pd.DataFrame:
    """Describe a column of weights.

    Parameters
    ----------
    frame : one row a respondent.
    weight : the column of weights, none negative.
    targets : variable → category → population share, to set beside the sample's margins before and after weighting.

    Returns
    -------
    Frame with columns measure, variable, category, value, target: n, kish_deff, n_eff, cv, min, max, then two rows
    (`margin_before`, `margin_after`: shares between 0 and 1) for each category of each target.

    Notes
    -----
    Kish: deff = n Σw² / (Σw)², n_eff = n / deff = (Σw)² / Σw² [1]_; cv² = deff - 1.

    References
    ----------
    .. [1] Kish (1965). Survey Sampling. Wiley, section 11.7.

    Examples
    --------
    >>> describe(pd.DataFrame({"weight": [1.0, 1.0, 2.0]})).set_index("measure")["value"].round(3).to_dict()
    {'n': 3.0, 'kish_deff': 1.125, 'n_eff': 2.667, 'cv': 0.354, 'min': 1.0, 'max': 2.0}
    """
    w = frame[weight].to_numpy(float)
    deff = len(w) * (w**2).sum() / w.sum() ** 2
    facts = {
        "n": len(w),
        "kish_deff": deff,
        "n_eff": len(w) / deff,
        "cv": np.sqrt(max(deff - 1, 0.0)),
        "min": w.min(),
        "max": w.max(),
    }
    rows: list[dict[str, Any]] = [
        {"measure": key, "variable": "", "category": "", "value": float(value), "target": np.nan}
        for key, value in facts.items()
    ]
    calibration = calibration_of(frame, weight)
    before = frame[calibration.starting].to_numpy(float) if calibration else np.ones(len(w))
    for variable, target in (targets or {}).items():
        for category, share in target.items():
            inside = (frame[variable] == category).to_numpy()
            for measure, values in (("margin_before", before), ("margin_after", w)):
                value = float(values[inside].sum() / values.sum())
                rows.append(
                    {"measure": measure, "variable": variable, "category": category, "value": value, "target": share}
                )
    return pd.DataFrame(rows)

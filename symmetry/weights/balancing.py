"""Entropy balancing: a group weighted until its covariates have the moments of another (Hainmueller 2012).

It is calibration by the raking distance, whose totals are not a census but another sample's weighted means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from symmetry.errors import DataError
from symmetry.weights.calibrating import calibrate
from symmetry.weights.coding import as_frame, column_of, joint, numbers, starting

__all__ = ["balance"]

_COVARIATE = "both frames have every covariate: add the column, or leave it out of `covariates`"


def balance(
    frame: pd.DataFrame,
    reference: pd.DataFrame,
    covariates: str | Sequence[str],
    *,
    moments: int = 1,
    weight: str | None = None,
    reference_weight: str | None = None,
    name: str = "weight",
) -> pd.DataFrame:
    """Weight a group so that its covariates have the means (and variances, skewness) of a reference group.

    Parameters
    ----------
    frame : the group to weight, one row a respondent.
    reference : the group to resemble, with the same covariates; the other rows of one sample, or another sample.
    covariates : a column or several; numbers are balanced on their moments, anything else on the share of each category.
    moments : how many moments of the numbers: 1 means, 2 variances too, 3 skewness too.  Powers are kept in columns `x^2`, `x^3`,
        of the number standardised by the reference.
    weight, reference_weight : columns of starting weights; none means 1 for everybody.
    name : column that receives the weights; the starting ones are kept in `<name>.starting`.

    Returns
    -------
    A copy of the frame with positive weights that sum to what the starting ones did, which remembers its calibration.

    Raises
    ------
    DataError : a covariate is absent, missing, or has categories that only one of the groups has.
    ConvergenceError : the group cannot be made to resemble the reference (a mean lies outside its range).

    Notes
    -----
    The reference's moments count as known: the variance takes residuals of the calibration to them, and adds nothing for their
    own sampling error.

    R twin: ``survey::calibrate(design, ~age, population, calfun = "raking")``, the reference's moments times Σw as `population`.

    References
    ----------
    .. [1] Hainmueller (2012). Entropy balancing for causal effects. Political Analysis 20, 25-46.

    Examples
    --------
    >>> group, other = pd.DataFrame({"age": [20.0, 40.0, 60.0]}), pd.DataFrame({"age": [50.0, 50.0]})
    >>> balance(group, other, ["age"])["weight"].round(3).tolist()
    [0.349, 0.803, 1.849]
    """
    frame, reference = as_frame(frame), as_frame(reference)
    if moments not in (1, 2, 3):
        raise DataError(f"moments={moments!r} is unknown", mend="1, 2 or 3")
    covariates = (covariates,) if isinstance(covariates, str) else tuple(covariates)
    if not covariates:
        raise DataError("balancing has no covariates", mend='give a list of columns, such as ["age", "region"]')
    out, mass = frame.copy(deep=False), float(starting(frame, weight).sum())
    heavy = starting(reference, reference_weight)
    heavy = heavy / heavy.sum()
    totals: dict[str, Any] = {}
    for covariate in covariates:
        column_of(frame, covariate, "balancing", _COVARIATE)
        if not pd.api.types.is_numeric_dtype(column_of(reference, covariate, "the reference", _COVARIATE).dtype):
            totals[covariate] = _shares(reference, covariate, heavy, mass)
            continue
        values = numbers(reference, covariate, "the covariate")
        totals[covariate] = mass * float(heavy @ values)
        centre = heavy @ values
        spread = np.sqrt(heavy @ (values - centre) ** 2) or 1.0
        own = numbers(frame, covariate, "the covariate")
        for power in range(2, moments + 1):
            column = f"{covariate}^{power}"
            out[column] = ((own - centre) / spread) ** power
            totals[column] = mass * float(heavy @ ((values - centre) / spread) ** power)
    return calibrate(out, totals, method="raking", total=mass, weight=weight, name=name)


def _shares(reference: pd.DataFrame, covariate: str, heavy: np.ndarray, mass: float) -> dict[Any, float]:
    """Counts of the reference's categories, scaled to the group's weight."""
    cell, found = joint(reference, [covariate])
    if (cell < 0).any():
        raise DataError(
            f"the covariate `{covariate}` is missing for {int((cell < 0).sum())} people of the reference",
            mend="give the missing a category of their own, in both groups",
        )
    counts = np.bincount(cell, weights=heavy, minlength=len(found)) * mass
    return dict(zip(found[covariate].tolist(), counts.tolist(), strict=True))

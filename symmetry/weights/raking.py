"""Raking: iterative proportional fitting of weights to population margins (Deming and Stephan 1940).

Respondents who share every margin's category get the same factor, so the iteration runs on the joint cells and its cost does not
depend on the number of respondents.  It ends when every margin is met to `tolerance`, relative to the whole population.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from symmetry.errors import ConvergenceError, DataError
from symmetry.weights.calibration import Calibration, remember

__all__ = ["rake"]


def rake(
    frame: pd.DataFrame,
    targets: Mapping[str, Mapping[str, float]],
    *,
    weight: str | None = None,
    name: str = "weight",
    tolerance: float = 1e-12,
    steps: int = 500,
) -> pd.DataFrame:
    """Fit weights so that the weighted sample has the population's margins; the sum of the weights is kept.

    Parameters
    ----------
    frame : one row a respondent; every variable of `targets` is a column without missing values.
    targets : variable → category → share of the population; the shares of a variable sum to 1.
    weight : column of starting weights; none means 1 for everybody.
    name : column that receives the weights; the starting ones are kept in `<name>.starting`.
    tolerance : largest difference allowed between a weighted and a target share.
    steps : rounds over all margins before giving up.

    Returns
    -------
    A copy of the frame with both columns, which remembers its calibration (see `calibration_of`).

    Raises
    ------
    DataError : a variable is absent or has missing values, a category of the sample has no target, a target is not a share.
    ConvergenceError : a target category has no respondent, or the margins contradict each other; says which and how far.

    Notes
    -----
    R twin: ``survey::calibrate(design, ~a + b, population, calfun = "raking")`` (same weights as ``rake`` run to the end).

    References
    ----------
    .. [1] Deville, Särndal, Sautory (1993). Generalized raking procedures in survey sampling. JASA 88, 1013-1020.

    Examples
    --------
    >>> sample = pd.DataFrame({"region": ["n", "n", "n", "s"]})
    >>> rake(sample, {"region": {"n": 0.5, "s": 0.5}})["weight"].round(4).tolist()
    [0.6667, 0.6667, 0.6667, 2.0]
    """
    start = _starting(frame, weight)
    codes, shares = _coded(frame, targets)
    cells, cell_of = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
    cell_of = cell_of.ravel()
    base = np.bincount(cell_of, weights=start, minlength=len(cells))
    total = base.sum()
    fitted, worst = base.copy(), np.inf
    for _ in range(steps):
        for margin, share in enumerate(shares):
            now = np.bincount(cells[:, margin], weights=fitted, minlength=len(share))
            fitted *= np.divide(share * total, now, out=np.zeros_like(now), where=now > 0)[cells[:, margin]]
        gaps = [
            np.abs(np.bincount(cells[:, margin], weights=fitted, minlength=len(share)) / total - share)
            for margin, share in enumerate(shares)
        ]
        worst = max(float(gap.max()) for gap in gaps)
        if worst <= tolerance:
            break
    else:
        variable = list(targets)[int(np.argmax([gap.max() for gap in gaps]))]
        raise ConvergenceError(
            f"raking stopped after {steps} rounds: the margin of `{variable}` is still {worst:.2g} from its target",
            mend="the margins contradict each other in this sample: merge rare categories or drop a margin",
        )
    out = frame.copy()
    out[f"{name}.starting"] = start
    out[name] = start * np.divide(fitted, base, out=np.zeros_like(base), where=base > 0)[cell_of]
    return remember(out, Calibration(name, f"{name}.starting", tuple(targets), len(out)))


def _starting(frame: pd.DataFrame, weight: str | None) -> np.ndarray:
    """Starting weights (n,), each finite and not negative."""
    if weight is None:
        return np.ones(len(frame))
    start = pd.to_numeric(frame[weight], errors="coerce").to_numpy(float, na_value=np.nan)
    wrong = ~(np.isfinite(start) & (start >= 0))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            f"the starting weight `{weight}` is {str(frame[weight].iloc[row])!r} on row {row + 1}",
            mend="weights are finite and not negative",
        )
    return np.asarray(start)


def _coded(
    frame: pd.DataFrame, targets: Mapping[str, Mapping[str, float]]
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Give each margin's category numbers (rows,) and its target shares (categories,)."""
    codes, shares = [], []
    for variable, target in targets.items():
        if variable not in frame:
            raise DataError(f"raking needs the column `{variable}`", mend="add it to the frame, or drop this margin")
        column = frame[variable]
        if column.isna().any():
            raise DataError(
                f"`{variable}` is missing for {int(column.isna().sum())} respondents (first row {_first(column.isna())})",
                mend="give them a category, or leave them out before weighting",
            )
        share = np.array([float(value) for value in target.values()])
        if not np.isfinite(share).all() or (share < 0).any() or abs(share.sum() - 1) > 1e-6:
            raise DataError(
                f"the target shares of `{variable}` sum to {share.sum():g}",
                mend="give shares of the population that are not negative and sum to 1",
            )
        code = pd.Index(list(target)).get_indexer(column)
        unknown = sorted({str(value) for value in column[code < 0]})
        if unknown:
            raise DataError(
                f"`{variable}` has categories without a target: {', '.join(unknown)}",
                mend="add them to the targets, or recode them",
            )
        empty = [key for number, key in enumerate(target) if share[number] > 0 and not (code == number).any()]
        if empty:
            raise ConvergenceError(
                f"raking cannot reach the target of `{variable}`: nobody in the sample is {', '.join(empty)}",
                mend="merge the empty categories with a neighbour, in the answers and in the targets",
            )
        codes.append(np.asarray(code))
        shares.append(share / share.sum())
    return codes, shares


def _first(mask: pd.Series) -> int:
    """Return the first row, counted from 1, where a mask is true."""
    return int(np.flatnonzero(mask.to_numpy())[0]) + 1

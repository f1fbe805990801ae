"""Raking: iterative proportional fitting of weights to population margins (Deming and Stephan 1940).

Respondents who share every margin's category get the same factor, so the iteration runs on the joint cells and its cost does not
depend on the number of respondents.  It ends when every margin is met to `tolerance`, relative to the whole population.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.errors import ConvergenceError, DataError
from symmetry.weights.calibration import remember
from symmetry.weights.cells import Cells, celled
from symmetry.weights.coding import as_frame, starting
from symmetry.weights.margins import Margin, TargetsIn, in_unit, kept, read, refuse_empty
from symmetry.weights.recipe import Step
from symmetry.weights.refusing import refuse_rounds, refuse_shape

__all__ = ["rake", "raked"]

_TARGETS = "give {variable: {category: share or count}}"


def rake(
    frame: pd.DataFrame,
    targets: Mapping[Any, Any],
    *,
    weight: str | None = None,
    name: str = "weight",
    total: float | None = None,
    targets_in: TargetsIn | None = None,
    tolerance: float = 1e-12,
    steps: int = 1000,
) -> pd.DataFrame:
    """Fit weights so that the weighted sample has the population's margins.

    Parameters
    ----------
    frame : one row a respondent; every variable of `targets` is a column, without missing values where somebody has a weight.
    targets : variable → category → share or count of the population; a tuple of columns makes a crossed margin, its categories
        tuples.
    weight : column of starting weights; none means 1 for everybody.
    name : column that receives the weights; the starting ones are kept in `<name>.starting`.
    total : what the weights sum to; none means the sum of the counts, or of the starting weights if targets are shares.
    targets_in : "shares" or "counts"; none reads it from the sums: every margin sums to 1, or to the same number above 1.5.
    tolerance : largest difference allowed between a weighted and a target share.
    steps : rounds over all margins before giving up (sooner, where their pace tells that it is hopeless).

    Returns
    -------
    A copy of the frame with both columns, which remembers its calibration (see `memory_of`).

    Raises
    ------
    DataError : a variable is absent or has missing values, a category of the sample has no target, a target is not a share;
        `name` is a column of answers; a tolerance outside 0 to 1 or no steps.
    ConvergenceError : a target category has no respondent, or the margins contradict each other; says which and how far.

    Notes
    -----
    R twin: ``survey::calibrate(design, ~a + b, population, calfun = "raking")``, weights and variance; ``survey::rake`` run
    to the end gives the same weights and takes its variance from the residuals of each margin in turn.

    References
    ----------
    .. [1] Deville, Särndal, Sautory (1993). Generalized raking procedures in survey sampling. JASA 88, 1013-1020.

    Examples
    --------
    >>> sample = pd.DataFrame({"region": ["n", "n", "n", "s"]})
    >>> rake(sample, {"region": {"n": 0.5, "s": 0.5}})["weight"].round(4).tolist()
    [0.6667, 0.6667, 0.6667, 2.0]
    """
    frame = as_frame(frame)
    start = starting(frame, weight)
    options: dict[str, Any] = {
        "targets": targets,
        "total": total,
        "targets_in": targets_in,
        "tolerance": tolerance,
        "steps": steps,
    }
    fitted, size = raked(frame, start, **options)
    step = Step(
        "rake",
        {
            "targets": {columns: kept(wanted) for columns, wanted in targets.items()},
            "total": size,
            "tolerance": tolerance,
            "steps": steps,
        },
    )
    return remember(frame, weight, name, start, fitted, step)


def raked(
    frame: pd.DataFrame,
    start: np.ndarray,
    *,
    targets: Mapping[Any, Any],
    total: float | None = None,
    targets_in: TargetsIn | None = None,
    tolerance: float = 1e-12,
    steps: int = 1000,
) -> tuple[np.ndarray, float]:
    """Give raked weights, (n,) or (n, R) as the starting ones are, and the size of the population."""
    refuse_rounds(tolerance, steps)
    refuse_shape("the targets of raking", targets, _TARGETS)
    if not targets:
        raise DataError("raking has no targets", mend=_TARGETS)
    margins = [read(columns, wanted) for columns, wanted in targets.items()]
    cells, base = celled(frame, start, margins, "raking")
    counts, size = in_unit(margins, targets_in, total, float(np.asarray(base.sum(axis=0)).flat[0]))
    fitted = _fitted(cells, base, counts, size, tolerance, steps)
    factor = np.divide(fitted, base, out=np.zeros_like(base), where=base > 0)
    weights = np.asarray(factor[cells.cell])
    weights *= start
    return weights, size


@dataclass(frozen=True, eq=False)
class _Fold:
    """A margin over the cells that hold somebody: category (C,) of each cell, counts wanted (k, 1)."""

    margin: Margin
    inside: np.ndarray
    wanted: np.ndarray
    member: sparse.csr_array

    def sums(self, fitted: np.ndarray) -> np.ndarray:
        """Sum cells (C, R) over the categories, (k, R)."""
        if fitted.shape[1] == 1:
            return np.bincount(self.inside, weights=fitted[:, 0], minlength=len(self.wanted))[:, None]
        return np.asarray(self.member @ fitted)

    def gaps(self, fitted: np.ndarray) -> np.ndarray:
        """How far each category is from its target, (k, R)."""
        return np.asarray(np.abs(self.sums(fitted) - self.wanted))


def _fitted(
    cells: Cells, base: np.ndarray, counts: Sequence[np.ndarray], size: float, tolerance: float, steps: int
) -> np.ndarray:
    """Fit the cells' weights to every margin by turns."""
    wide = base if base.ndim == 2 else base[:, None]
    held = (wide > 0).any(axis=1)
    fitted = wide[held]
    folds = []
    for margin, where, wanted in zip(cells.margins, cells.place, counts, strict=True):
        inside, shape = where[held], (len(wanted), len(fitted))
        member = sparse.csr_array((np.ones(shape[1]), (inside, np.arange(shape[1]))), shape=shape)
        folds.append(_Fold(margin, inside, wanted[:, None], member))
        empty = np.flatnonzero((folds[-1].sums(fitted) == 0).any(axis=1) & (wanted > 0))
        if len(empty):
            refuse_empty(margin, empty, "raking")
    told: list[float] = []
    while len(told) < steps:
        for fold in folds:
            now = fold.sums(fitted)
            fitted *= np.divide(fold.wanted, now, out=np.zeros_like(now), where=now > 0)[fold.inside]
        told.append(max(float(fold.gaps(fitted).max()) for fold in folds) / size)
        if told[-1] <= tolerance:
            break
        if len(told) == steps or _hopeless(told, tolerance, steps):
            _stopped(folds, fitted, size, len(told))
    out = np.zeros_like(wide)
    out[held] = fitted
    return out.reshape(base.shape)


def _hopeless(told: Sequence[float], tolerance: float, steps: int) -> bool:
    """Whether the pace of the last rounds will not bring the distance down to the tolerance in the rounds left."""
    if len(told) < 150 or len(told) % 50:
        return False
    pace = told[-1] / told[-51]
    return bool(told[-1] * pace ** (2 * (steps - len(told)) / 50) > tolerance)


def _stopped(folds: Sequence[_Fold], fitted: np.ndarray, size: float, steps: int) -> None:
    """Say which margin is farthest from its target, in which category, and how far."""
    worst = max(folds, key=lambda fold: float(fold.gaps(fitted).max()))
    gaps = worst.gaps(fitted)
    at, replicate = np.unravel_index(int(gaps.argmax()), gaps.shape)
    now, wanted = float(worst.sums(fitted)[at, replicate]) / size, float(worst.wanted[at, 0]) / size
    raise ConvergenceError(
        f"raking stopped after {steps} rounds: the margin of `{worst.margin.name}` is still {gaps.max() / size:.2g} from its "
        f"target (`{worst.margin.label(int(at))}` has {now:.4%} of the weights and its target is {wanted:.4%})",
        mend="the margins contradict each other in this sample: merge rare categories or drop a margin",
    )

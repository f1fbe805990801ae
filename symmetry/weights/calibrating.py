"""Calibration: weights as near as possible to the starting ones that meet known totals (Deville and Särndal 1992).

Linear calibration (GREG) solves one linear system; raking, logit and bounded distances take Newton steps on the same system.
Numeric auxiliaries are centred and scaled inside; the totals met are those given.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from symmetry.errors import ConvergenceError
from symmetry.weights.auxiliaries import Auxiliaries, Pass, auxiliaries
from symmetry.weights.calibration import remember
from symmetry.weights.coding import as_frame, starting
from symmetry.weights.distances import Bounds, Distance, Method, distance
from symmetry.weights.margins import kept, read
from symmetry.weights.recipe import Step
from symmetry.weights.refusing import refuse_rounds, refuse_shape

__all__ = ["calibrate", "calibrated"]

_FEW = 20_000  # rows on which a large calibration warms up
_REFUSED = 1e-10  # a misfit that rounding does not explain


def calibrate(
    frame: pd.DataFrame,
    totals: Mapping[Any, Any],
    *,
    method: Method = "linear",
    bounds: Bounds | None = None,
    total: float | None = None,
    weight: str | None = None,
    name: str = "weight",
    tolerance: float = 1e-12,
    steps: int = 100,
) -> pd.DataFrame:
    """Fit weights to totals of categorical and numeric columns.

    Parameters
    ----------
    frame : one row a respondent, without missing values where somebody has a weight.
    totals : column → total of its numbers over the population, or column → {category: count} (a tuple of columns makes crossed
        categories, their keys tuples); counts of all margins sum to the same population.
    method : "linear" (GREG), "raking" (exponential, never negative), "logit" (inside its bounds), "sinh".
    bounds : least and largest ratio of final to starting weight, below and above 1; "linear" with bounds is truncated linear,
        "raking" and "sinh" are cut alike.
    total : the size of the population, where no margin of counts tells it.
    weight : column of starting weights; none means everybody alike (population over sample, if its size is told).
    name : column that receives the weights; the starting ones are kept in `<name>.starting`.
    tolerance : misfit aimed at, relative to the total (or to the sum of absolute values, if larger); where rounding stops the
        steps before, up to 1e-10 is taken.
    steps : Newton steps before giving up.

    Returns
    -------
    A copy of the frame with both columns, which remembers its calibration (see `memory_of`).  Linear weights without bounds may
    be negative: `describe` counts them.

    Raises
    ------
    DataError : a column is absent, holds text or is missing; totals that contradict each other; `name` is a column of answers;
        a tolerance outside 0 to 1 or no steps.
    ConvergenceError : no weights meet the totals, in the bounds or at all: names the worst total and the nearest bounds.

    Notes
    -----
    R twin: ``survey::calibrate(design, ~stype + enroll, population, calfun = "linear")``, with ``bounds=`` and
    ``calfun = "raking"``, ``"logit"`` or ``cal.sinh``.

    References
    ----------
    .. [1] Deville, Särndal (1992). Calibration estimators in survey sampling. JASA 87, 376-382.

    Examples
    --------
    >>> sample = pd.DataFrame({"region": ["n", "n", "s", "s"], "size": [1.0, 3.0, 2.0, 4.0]})
    >>> fitted = calibrate(sample, {"region": {"n": 50, "s": 50}, "size": 270})
    >>> fitted["weight"].tolist(), float(fitted["weight"] @ fitted["size"])
    ([20.0, 30.0, 20.0, 30.0], 270.0)
    """
    frame = as_frame(frame)
    refuse_shape("the totals of the calibration", totals, "give {column: total} or {column: {category: count}}")
    start = starting(frame, weight)
    if weight is None:
        start = start * _alike(totals, total, len(frame))
    options: dict[str, Any] = {
        "method": method,
        "bounds": bounds,
        "total": total,
        "tolerance": tolerance,
        "steps": steps,
    }
    (fitted,) = calibrated(frame, start, totals=totals, **options)
    held = {key: kept(value) if isinstance(value, Mapping | pd.Series) else value for key, value in totals.items()}
    return remember(frame, weight, name, start, fitted, Step("calibrate", {"totals": held, **options}))


def calibrated(
    frame: pd.DataFrame,
    start: np.ndarray,
    *,
    totals: Mapping[Any, Any],
    method: str = "linear",
    bounds: Bounds | None = None,
    total: float | None = None,
    tolerance: float = 1e-12,
    steps: int = 100,
) -> tuple[np.ndarray]:
    """Give calibrated weights, (n,) or (n, R) as the starting ones are."""
    refuse_rounds(tolerance, steps)
    curve = distance(method, bounds)
    if start.ndim == 2:
        columns = [
            calibrated(
                frame, one, totals=totals, method=method, bounds=bounds, total=total, tolerance=tolerance, steps=steps
            )
            for one in np.ascontiguousarray(start.T)
        ]
        return (np.column_stack([column for (column,) in columns]),)
    known = auxiliaries(frame, start, totals, total)
    with np.errstate(over="ignore", invalid="ignore"):  # a step too long is tried, seen and halved
        found, misfit = _newton(known, start, curve, tolerance, steps, _opening(known, start, method, bounds))
        if not misfit.max() <= max(tolerance, _REFUSED):
            _refuse(known, start, misfit, bounds, tolerance, steps)
    return (found.weights,)


def _alike(totals: Mapping[Any, Any], total: float | None, rows: int) -> float:
    """The weight of everybody alike: population over sample, 1 if its size is not told."""
    if isinstance(total, Real) and total > 0:
        return float(total) / rows
    margins = [read(name, value) for name, value in totals.items() if isinstance(value, Mapping | pd.Series)]
    sums = [float(margin.values.sum()) for margin in margins]
    return sums[0] / rows if sums and sums[0] > 0 else 1.0


def _opening(known: Auxiliaries, start: np.ndarray, method: str, bounds: Bounds | None) -> np.ndarray:
    """Where Newton begins: 0, but for raking the slope that already meets the population's size."""
    slope = np.zeros(len(known.totals))
    wide = method == "raking" and bounds is None and known.member.shape[1]
    if wide:
        first = known.member[:, [0]].sum() == known.member.shape[0]
        size = known.size[0] / start.sum()
        slope[: 1 if first else 0] = np.log(size)
    return slope


def _newton(
    known: Auxiliaries, start: np.ndarray, curve: Distance, tolerance: float, steps: int, slope: np.ndarray
) -> tuple[Pass, np.ndarray]:
    """Take Newton steps until the totals are met or nothing moves: the last pass and its relative misfit (q,).

    A large sample begins where every hundredth row or so ends.  Near the end the last matrix serves again: a pass without its
    cross-products costs half, and as long as it brings the misfit down tenfold that is cheaper.
    """
    if len(start) > 8 * _FEW and not curve.linear:
        slope = _warmer(known, start, curve, slope)
    found = known.walk(start, slope, curve)
    misfit = np.abs(known.totals - found.sums) / known.size
    square, stuck = found.square, 0
    for _ in range(steps):
        if misfit.max() <= tolerance:
            break
        if square is None:
            square = known.walk(start, slope, curve).square
        step = _solved(square, known.totals - found.sums)
        near = misfit.max() < 1e-3 or curve.linear
        for halving in range(12):
            tried = slope + step / 2**halving
            nearer = known.walk(start, tried, curve, square=not near)
            gap = np.abs(known.totals - nearer.sums) / known.size
            if np.isfinite(gap).all() and _length(gap) < _length(misfit) * (1 - 1e-4 / 2**halving):
                break
        else:
            if not near or found.square is square:
                break
            square = None  # the matrix was of another place: take that of this one before giving up
            continue
        square = nearer.square if not near else square if gap.max() < 0.1 * misfit.max() else None
        stuck = stuck + 1 if _length(gap) > 0.98 * _length(misfit) else 0
        slope, found, misfit = tried, nearer, gap
        if stuck == 5:
            break
    return found, misfit


def _warmer(known: Auxiliaries, start: np.ndarray, curve: Distance, slope: np.ndarray) -> np.ndarray:
    """Where a systematic part of the sample ends, if its own steps bring it nearer to the totals."""
    part, weight = known.part(start, -(-len(start) // _FEW))
    found, tried = part.walk(weight, slope, curve), slope
    misfit = first = _length((known.totals - found.sums) / known.size)
    for _ in range(12):
        if not misfit > 1e-4 or found.square is None:
            break
        tried = tried + _solved(found.square, known.totals - found.sums)
        found = part.walk(weight, tried, curve)
        misfit = _length((known.totals - found.sums) / known.size)
    return tried if misfit < 0.1 * first else slope


def _length(gap: np.ndarray) -> float:
    return float(np.sqrt(gap @ gap))


def _solved(square: np.ndarray | None, right: np.ndarray) -> np.ndarray:
    """Solve a symmetric system whose columns may depend on each other, as margins do, scaled to a unit diagonal.

    A trace of a ridge makes the dependent system regular; what it adds lies where no weight depends on it.  Where that fails
    (columns nearly dependent), eigenvalues decide what is kept.
    """
    if square is None:
        return np.zeros_like(right)
    root = np.sqrt(np.where(np.diag(square) > 0, np.diag(square), 1.0))
    scaled, aim = square / root / root[:, None], right / root
    try:
        ridged = scaled + 1e-12 * np.eye(len(root))
        found = np.linalg.solve(ridged, aim)
        found += np.linalg.solve(ridged, aim - scaled @ found)
    except np.linalg.LinAlgError:
        found = np.full(len(root), np.nan)
    if np.isfinite(found).all() and _length(scaled @ found - aim) <= 1e-3 * _length(aim):
        return np.asarray(found / root)
    values, vectors = np.linalg.eigh(scaled)
    inverse = np.divide(1.0, values, out=np.zeros_like(values), where=values > 1e-11 * max(values[-1], 1e-300))
    return np.asarray((vectors @ (inverse * (vectors.T @ aim))) / root)


def _refuse(
    known: Auxiliaries, start: np.ndarray, misfit: np.ndarray, bounds: Bounds | None, tolerance: float, steps: int
) -> None:
    """Say which total is farthest, and which bounds would do."""
    worst = int(np.argmax(misfit))
    what = f"calibration stopped: the total of {known.names[worst]} is still {misfit[worst]:.2g} of its size away"
    nearest = _nearest(known, start, bounds, tolerance, steps) if bounds is not None else None
    if nearest is not None and bounds is not None:
        what += f"; no weights within {bounds[0]:g} and {bounds[1]:g} times the starting ones meet every total"
        raise ConvergenceError(what, mend=f"the nearest bounds that can are about ({nearest[0]:g}, {nearest[1]:g})")
    raise ConvergenceError(
        what,
        mend="the totals cannot be met together by this sample: check them, merge rare categories, or drop one of them",
    )


def _nearest(known: Auxiliaries, start: np.ndarray, bounds: Bounds, tolerance: float, steps: int) -> Bounds | None:
    """Widen the bounds on both sides alike until truncated linear weights exist, by doubling and bisection.

    A least ratio that was not negative stays so.  Of a large sample only a part is tried.
    """
    if len(start) > 8 * _FEW:
        known, start = known.part(start, -(-len(start) // _FEW))

    def widened(by: float) -> Bounds:
        low, high = 1 - by * (1 - bounds[0]), 1 + by * (bounds[1] - 1)
        return (max(low, 0.0) if bounds[0] >= 0 else low), high

    def bears(by: float) -> bool:
        zero = np.zeros(len(known.totals))
        return bool(_newton(known, start, distance("linear", widened(by)), tolerance, steps, zero)[1].max() <= _REFUSED)

    short, enough = 1.0, 2.0
    while not bears(enough):
        short, enough = enough, 2 * enough
        if enough > 1e4:
            return None
    while enough - short > 0.005 * enough:
        middle = (short + enough) / 2
        short, enough = (short, middle) if bears(middle) else (middle, enough)
    low, high = widened(enough)
    return float(np.floor(low * 1000) / 1000), float(np.ceil(high * 1000) / 1000)

"""Trimming: no weight above a cap or below a floor, and the total kept by spreading what was cut over the others.

What is cut is spread over the weights not trimmed, which may push some of them to the cap: these are trimmed in turn until none
is left outside (Potter 1990).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from symmetry.errors import ConvergenceError, DataError
from symmetry.weights.calibration import remember
from symmetry.weights.coding import as_frame, joint, starting
from symmetry.weights.recipe import Step

__all__ = ["Spread", "trim", "trimmed"]

Spread = Literal["proportional", "equal"]


def trim(
    frame: pd.DataFrame,
    *,
    weight: str = "weight",
    name: str = "weight",
    upper: float | None = None,
    lower: float | None = None,
    relative_to: Literal["median", "mean"] | None = None,
    by: str | Sequence[str] = (),
    spread: Spread = "proportional",
) -> pd.DataFrame:
    """Cap weights and keep their total.

    Parameters
    ----------
    frame : one row a respondent; who has weight 0 keeps it.
    weight, name : columns of the weights to trim and of the trimmed ones.
    upper, lower : cap and floor: weights, or multiples of what `relative_to` names.
    relative_to : "median" or "mean" of the weights above 0 (of each group); none means that the limits are weights.
    by : columns whose crossed values make groups; each keeps its own total, and has its own median or mean.
    spread : what was cut goes to the others in proportion to their weights, or equally.

    Returns
    -------
    A copy of the frame with the trimmed weights, which remembers how many were cut and raised (see `describe`).

    Raises
    ------
    DataError : no limit, or a floor above the cap; `name` is a column of answers.
    ConvergenceError : the total cannot be kept inside the limits.

    Notes
    -----
    R twin: ``survey::trimWeights(design, upper, lower, strict = TRUE)`` for `spread="equal"`.

    References
    ----------
    .. [1] Potter (1990). A study of procedures to identify and trim extreme sampling weights. Proc. ASA, 225-230.

    Examples
    --------
    >>> sample = pd.DataFrame({"weight": [1.0, 1.0, 2.0, 6.0]})
    >>> trim(sample, upper=4)["weight"].tolist()
    [1.5, 1.5, 3.0, 4.0]
    """
    frame = as_frame(frame)
    start = starting(frame, weight)
    columns = (by,) if isinstance(by, str) else tuple(by)
    fitted, cut, raised = trimmed(
        frame, start, upper=upper, lower=lower, relative_to=relative_to, by=columns, spread=spread
    )
    options = {"upper": upper, "lower": lower, "relative_to": relative_to, "by": columns, "spread": spread}
    told = f"trimming: {cut} weights cut to the cap, {raised} raised to the floor, of {int((start > 0).sum())}"
    return remember(frame, weight, name, start, fitted, Step("trim", options), (told,))


def trimmed(
    frame: pd.DataFrame,
    start: np.ndarray,
    *,
    upper: float | None = None,
    lower: float | None = None,
    relative_to: Literal["median", "mean"] | None = None,
    by: str | Sequence[str] = (),
    spread: str = "proportional",
    copies: np.ndarray | None = None,
) -> tuple[np.ndarray, int, int]:
    """Give trimmed weights, (n,) or (n, R) as the starting ones are, and how many were cut and raised.

    copies : as the weights, how many people a row stands for in a replicate (a bootstrap may draw it twice, or not at all): it is
    the weight of a copy that the limits bound.
    """
    _check(upper, lower, relative_to, spread)
    names = [by] if isinstance(by, str) else list(by)
    group = np.zeros(len(frame), np.intp)
    if names:
        group = joint(frame, names, "trimming", missing=True, mend="name columns of the frame in `by`")[0]
    order = np.argsort(group, kind="stable")
    edges = np.flatnonzero(np.diff(group[order])) + 1
    wide = start if start.ndim == 2 else start[:, None]
    every = np.ones(wide.shape) if copies is None else copies.reshape(wide.shape)
    out, cut, raised = wide.astype(float), 0, 0
    for rows in np.split(order, edges) if names else [np.arange(len(frame))]:
        for replicate in range(wide.shape[1]):
            held = rows[wide[rows, replicate] > 0]
            if len(held):
                own = wide[held, replicate], every[held, replicate]
                out[held, replicate], high, low = _within(*own, upper, lower, relative_to, spread)
                cut, raised = cut + high, raised + low
    return out.reshape(start.shape), cut, raised


def _check(upper: float | None, lower: float | None, relative_to: str | None, spread: str) -> None:
    """Refuse limits that say nothing or contradict each other."""
    if upper is None and lower is None:
        raise DataError("trimming has no limit", mend="give `upper=`, `lower=` or both")
    given = [limit for limit in (upper, lower) if limit is not None]
    if any(isinstance(limit, str) or not limit >= 0 for limit in given) or (
        len(given) == 2 and not given[1] < given[0]
    ):
        raise DataError(
            f"the trimming limits are lower={lower!r} and upper={upper!r}", mend="give numbers with 0 ≤ lower < upper"
        )
    if relative_to not in (None, "median", "mean"):
        raise DataError(f"relative_to={relative_to!r} is unknown", mend='one of "median" and "mean", or None')
    if spread not in get_args(Spread):
        raise DataError(f"spread={spread!r} is unknown", mend=f"one of {get_args(Spread)}")


def _within(
    weights: np.ndarray,
    copies: np.ndarray,
    upper: float | None,
    lower: float | None,
    relative_to: str | None,
    spread: str,
) -> tuple[np.ndarray, int, int]:
    """Trim the weights (m,) of one group, all above 0: trimmed ones, how many were cut and how many raised."""
    unit = 1.0
    if relative_to is not None:
        unit = _median(weights / copies, copies) if relative_to == "median" else float(weights.sum() / copies.sum())
    high = copies * (np.inf if upper is None else upper * unit)
    low = copies * (0.0 if lower is None else lower * unit)
    if (weights <= high).all() and (weights >= low).all():
        return weights, 0, 0
    total = float(weights.sum())
    if not low.sum() <= total * (1 + 1e-12) or not total <= high.sum() * (1 + 1e-12):
        _refuse(total, len(weights), high, low)
    out = _scaled(weights, low, high) if spread == "proportional" else _shifted(weights, copies, low, high)
    return out, int((out >= high).sum()), int(((out <= low) & (low > 0)).sum())


def _median(values: np.ndarray, copies: np.ndarray) -> float:
    """The median of values that are there `copies` times each."""
    if copies.min() == copies.max():
        return float(np.median(values))
    order = np.argsort(values, kind="stable")
    reached, values = np.cumsum(copies[order]), values[order]
    half = reached[-1] / 2
    at = int(np.searchsorted(reached, half * (1 - 1e-12)))
    middle = at + 1 < len(values) and abs(reached[at] - half) <= 1e-12 * half
    return float((values[at] + values[at + 1]) / 2 if middle else values[at])


def _scaled(weights: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Multiply all weights by the one number that, cut at both limits, keeps their total."""
    if not low.any() or np.isinf(high).all():
        return _again(weights, weights, low, high)
    return _moved(weights, weights, low, high)


def _shifted(weights: np.ndarray, copies: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Spread what was cut equally over the weights inside the limits, again and again.

    With both limits a weight once trimmed takes its part of what is cut later, as in R's strict trimming; where that leaves
    nobody to take it, one number is added to all weights before they are cut.
    """
    if not low.any() or np.isinf(high).all():
        return _again(weights, copies, low, high)
    total, out = weights.sum(), weights
    for _ in range(1000):
        beyond = (out > high) | (out < low)
        if beyond.all():
            break
        if not beyond.any():
            return out
        out = np.clip(out, low, high)
        out[~beyond] += copies[~beyond] * ((total - out.sum()) / copies[~beyond].sum())
    return _moved(weights, copies, low, high)


def _moved(weights: np.ndarray, parts: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Add to every weight its part times the one number that, cut at both limits, keeps the total: found between its bends."""
    total = weights.sum()
    bends = np.concatenate(
        [(low - weights) / parts, (high - weights) / parts]
    )  # a weight leaves its floor, meets its cap
    order = np.argsort(bends, kind="stable")
    bends, slopes = bends[order], np.cumsum(np.concatenate([parts, -parts])[order])
    reached = low.sum() + np.concatenate([[0.0], np.cumsum(slopes[:-1] * np.diff(bends))])
    at = int(np.clip(np.searchsorted(reached, total, side="right") - 1, 0, len(bends) - 1))
    move = bends[at] + (total - reached[at]) / slopes[at] if slopes[at] > 1e-12 * parts.sum() else bends[at]
    out = np.clip(weights + move * parts, low, high)
    free = (out > low) & (out < high)
    if free.any():
        out[free] += parts[free] * ((total - out.sum()) / parts[free].sum())  # what rounding left
    return np.asarray(np.clip(out, low, high))


def _again(weights: np.ndarray, parts: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Cut at the limits and spread what was cut over the weights never cut, by their parts, until none is outside."""
    total, out, free = float(weights.sum()), weights.copy(), np.ones(len(weights), bool)
    while True:
        beyond = free & ((out > high) | (out < low))
        if not beyond.any():
            return out
        out[beyond] = np.clip(out[beyond], low[beyond], high[beyond])
        free &= ~beyond
        if not free.any():
            return out
        out[free] += parts[free] * ((total - float(out.sum())) / parts[free].sum())


def _refuse(total: float, n: int, high: np.ndarray, low: np.ndarray) -> None:
    """Say why no weights inside the limits keep the total."""
    raise ConvergenceError(
        f"trimming cannot keep the total {total:g} of {n} weights between {low.min():g} and {high.max():g}: together they hold "
        f"{low.sum():g} to {high.sum():g}",
        mend=f"the mean weight is {total / n:g}: give a cap above it and a floor below it",
    )

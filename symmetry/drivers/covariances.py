"""The weighted covariance of drivers and outcome among those who answered them all, from the one pass over the answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symmetry.design import Design, Influence, column_of, design_of, gather, influence, names_of, resampled
from symmetry.drivers.estimating import linear_in_rows
from symmetry.drivers.nouns import Again, Moments, Value
from symmetry.errors import DesignError

__all__ = ["called", "check_columns", "complete", "counted", "not_singular", "standardised"]

_SINGULAR = 1e-9
_FLAT = 1e-10  # of the largest answer: a deviation below it is rounding


def complete(
    design: Design,
    columns: Sequence[str | np.ndarray],
    names: Sequence[str] | None = None,
    *,
    within: np.ndarray | None = None,
) -> Moments:
    """Moments of those who answered every driver and the outcome.

    Parameters
    ----------
    columns : of the design's data, or arrays (n,) with NaN for no answer; the outcome last.
    names : what they are called; needed where there are arrays.
    within : rows (n,) that are asked about; the others are out of the domain and not counted as lost.

    Raises
    ------
    DesignError : a column is absent or the same for all; fewer than p + 2 complete answers; drivers determine each other.
    """
    design = design_of(design)
    names = called(columns, names)
    z, mean, deviation = standardised(design, columns, names, within)
    k = len(names)
    first, second = np.triu_indices(k)
    totals = gather(
        design,
        [list(z.T)],
        lambda block: [*block, *(block[i] * block[j] for i, j in zip(first, second, strict=True))],
    )

    def covariance(sums: np.ndarray) -> np.ndarray:
        """Covariance matrices (..., k, k) from sums (..., k')."""
        moments = sums[..., 1:] / sums[..., :1]
        means, products = moments[..., :k], moments[..., k:]
        found = np.empty((*sums.shape[:-1], k, k))
        found[..., first, second] = found[..., second, first] = products
        return np.asarray(found - means[..., :, None] * means[..., None, :])

    correlation = covariance(totals.sums[0, 0])
    not_singular(correlation[:-1, :-1], names[:-1])
    total = totals.sums[0, 0, 0]

    def linear(gradient: np.ndarray) -> tuple[Influence, np.ndarray]:
        if design.element:  # rows are the units: m columns of them instead of k²
            return linear_in_rows(design, _moved(z, gradient, correlation) / total)
        slopes = gradient[:, first, second] * np.where(first == second, 1.0, 2.0)
        of_weight = -slopes @ correlation[first, second]
        by_total = np.hstack([of_weight[:, None], np.zeros((len(slopes), k)), slopes]) / total
        return influence(totals, by_total.T[None, None])

    def again(value: Value, values: np.ndarray) -> tuple[Influence, np.ndarray, np.ndarray]:
        return resampled(totals, lambda sums, _: value(covariance(sums)), values[None, None])

    n, asked = int(totals.n[0, 0]), int(((design.layout.weight > 0) & (True if within is None else within)).sum())
    made: Again | None = None if design.layout.replicates is None else again
    return Moments(design, names, correlation, mean, deviation, n, asked, counted(n, asked), linear, made)


def _moved(z: np.ndarray, gradient: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    """What rows of standardised answers (n, k) move m numbers of derivatives (m, k, k) by (n, m), times the sum of weights."""
    found = np.empty((len(z), len(gradient)))
    for place, slope in enumerate(gradient):
        found[:, place] = np.einsum("ia,ia->i", z @ slope, z) - (slope * correlation).sum()
    return found


def called(columns: Sequence[str | np.ndarray], names: Sequence[str] | None) -> tuple[str, ...]:
    """What columns are called: by `names`, or each by its own name; an array has none."""
    return tuple(column if isinstance(column, str) else "" for column in columns) if names is None else tuple(names)


def counted(n: int, asked: int) -> str:
    """Who is behind a number, where it is not all who were asked."""
    return f"{n} of {asked} respondents answered every item used" if n < asked else ""


def check_columns(outcome: str, predictors: Sequence[str], *, least: int = 2) -> tuple[str, ...]:
    """The drivers, once they are names of different columns and none is the outcome.

    Raises
    ------
    DesignError : fewer than `least`, one twice, the outcome among them, or values in the place of a name.
    """
    names = names_of(predictors)
    if not isinstance(outcome, str):
        raise DesignError("the outcome is no name of a column", mend="name one of the design's columns")
    if not all(isinstance(name, str) for name in names):
        raise DesignError(
            "the drivers are not all names of columns", mend="put their values into the data, and name them"
        )
    if outcome in names:
        raise DesignError(f"the outcome `{outcome}` is among its own drivers", mend="leave it out of the drivers")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DesignError(f"driver `{twice[0]}` is named twice", mend="name different columns")
    if len(names) < least:
        raise DesignError(f"{len(names)} drivers are given", mend=f"name {least} or more different columns")
    return names


def standardised(
    design: Design, columns: Sequence[str | np.ndarray], names: Sequence[str], within: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns less their mean, over their deviation, among complete rows (n, k), NaN on others; means and deviations (k,)."""
    x = np.stack([np.asarray(column_of(design, column), float) for column in columns], axis=1)
    if np.isinf(x).any():
        raise DesignError(
            f"`{names[int(np.isinf(x).any(axis=0).argmax())]}` holds infinite values", mend="leave them empty"
        )
    answered = np.isfinite(x).all(axis=1) & (True if within is None else within)
    w = np.where(answered, design.layout.weight, 0.0)
    held = int((w != 0).sum())
    if held < len(names) + 1:
        asked = (design.layout.weight != 0) & (True if within is None else within)
        blank = [name for name, column in zip(names, x.T, strict=True) if not np.isfinite(column[asked]).any()]
        nobody = f"; nobody answered {', '.join(f'`{name}`' for name in blank)}" if blank else ""
        raise DesignError(
            f"{held} respondents answered all of {', '.join(names)}{nobody}",
            mend="use fewer drivers, or drivers that more people answered; missing= says what else can be done",
        )
    inside = np.where(answered[:, None], x, 0.0)
    mean = w @ inside / w.sum()
    centred = np.where(answered[:, None], x - mean, np.nan)
    deviation = np.sqrt(w @ np.where(answered[:, None], centred, 0.0) ** 2 / w.sum())
    size = np.abs(inside).max(axis=0)
    flat = [name for name, spread, most in zip(names, deviation, size, strict=True) if not spread > _FLAT * most]
    if flat:
        raise DesignError(f"everybody gave the same answer to `{flat[0]}`", mend="leave it out: it explains nothing")
    return centred / deviation, mean, deviation


def not_singular(correlation: np.ndarray, names: Sequence[str]) -> None:
    """Refuse drivers of which one is an exact combination of the others, and name them."""
    values, vectors = np.linalg.eigh(correlation)
    if values[0] > _SINGULAR:
        return
    guilty = [name for name, weight in zip(names, vectors[:, 0], strict=True) if abs(weight) > 1e-4]
    raise DesignError(f"{', '.join(guilty)} determine each other exactly", mend="leave one of them out")

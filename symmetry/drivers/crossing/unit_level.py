"""Unit means on unit means: shares, slopes, correlations, and correlations freed of the noise of unit means.

With G units, N answers (effective ones where weights differ), S the squares within and B those between,

    ICC(2) = 1 - h      h = MSW / MSB = S (G - 1) / ((N - G) B)      dh/h = spread/S - (n - 1)/(N - G) - n (ȳ - ȳ..)²/B

for each unit, up to a constant; the disattenuated r / √(ICC(2)_C ICC(2)_E) follows by the chain rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from symmetry.design import Design
from symmetry.drivers.covariances import complete
from symmetry.drivers.crossing.linking import Linked, Side
from symmetry.drivers.crossing.nested import Nested, cluster_fit
from symmetry.drivers.estimating import estimate_of_spread, linear_in_rows
from symmetry.drivers.importance import shares_of
from symmetry.drivers.sharing.lattice import Players
from symmetry.estimate import Estimate, interval, join

__all__ = ["Reliability", "by_units", "reliabilities", "slopes_of"]


@dataclass(frozen=True, eq=False)
class Reliability:
    """ICC(2) of unit means; what each unit moves it (G,); a note where it has no value."""

    value: float
    moved: np.ndarray
    note: str = ""


def reliabilities(found: Linked) -> list[Reliability]:
    """Of the customers' outcome, then of each driver."""
    return [_reliability(side) for side in (found.outcome, *found.drivers)]


def by_units(
    units: Design,
    found: Linked,
    outcome: str,
    names: Sequence[str],
    mix: Sequence[str],
    reliable: Sequence[Reliability],
) -> Estimate:
    """R² with its shares, slopes, correlations and disattenuated ones, of unit means on unit means."""
    w, place = found.weight, found.place
    mean = [np.bincount(place, w * column) / np.bincount(place, w) for column in found.mix.T]
    columns = [*found.means.T, *mean]
    moments = complete(units, [*columns, found.outcome.mean], [*names, *mix, outcome])
    p = len(names)
    players = Players(tuple(names), tuple((one,) for one in range(p)), tuple(range(p, p + len(mix))))
    x = np.column_stack(columns)
    centred = np.column_stack([np.ones(len(x)), (x - moments.mean[:-1]) / moments.deviation[:-1]])
    fit = cluster_fit(centred, found.outcome.mean, np.ones(len(x)), np.arange(len(x)))
    scale = np.concatenate([[1.0], 1 / moments.deviation[:-1]])
    fit = replace(fit, slopes=fit.slopes * scale, moved=fit.moved * scale)
    return join(
        [
            shares_of(moments, players),
            slopes_of(units, fit, names, mix, n=len(x)),
            *_linked(units, found, names, reliable),
        ]
    )


def slopes_of(units: Design, fit: Nested, names: Sequence[str], mix: Sequence[str], *, n: int) -> Estimate:
    """Slopes of drivers and case mix, errors over units; degrees of freedom less one for each."""
    labels = pd.DataFrame({"statistic": ["slope"] * len(names) + ["control"] * len(mix), "item": [*names, *mix]})
    spread, variance = linear_in_rows(units, fit.moved[:, 1:])
    made = estimate_of_spread(units, labels, fit.slopes[1:], spread, variance, n=n, note=())
    return replace(made, df=made.df - len(labels))


def _linked(units: Design, found: Linked, names: Sequence[str], reliable: Sequence[Reliability]) -> list[Estimate]:
    """Correlations of unit means, and these over the root of both reliabilities."""
    size, zero = len(found.units), np.zeros(len(found.units))
    z = [(side.mean - side.mean.mean()) / side.mean.std() for side in (found.outcome, *found.drivers)]
    r = np.array([(z[0] * one).mean() for one in z[1:]])
    moved = np.column_stack(
        [(z[0] * one - b * (z[0] ** 2 + one**2) / 2) / size for one, b in zip(z[1:], r, strict=True)]
    )
    values, rows, notes = np.full(len(r), np.nan), [], []
    for place, driver in enumerate(reliable[1:]):
        both = reliable[0].value * driver.value
        if not (reliable[0].value > 0 and driver.value > 0):
            rows.append(zero)
            notes.append("no value: the reliability of a side is not known, or not above 0")
            continue
        values[place] = r[place] / np.sqrt(both)
        shrunk = reliable[0].moved / reliable[0].value + driver.moved / driver.value
        rows.append(moved[:, place] / np.sqrt(both) - values[place] * shrunk / 2)
        notes.append("beyond 1: the reliabilities are too small to divide by" if abs(values[place]) > 1 else "")
    made = []
    for statistic, found_values, influence, told in (
        ("correlation", r, moved, [""] * len(r)),
        ("disattenuated", values, np.column_stack(rows), notes),
    ):
        spread, variance = linear_in_rows(units, influence)
        variance = np.where(np.isnan(found_values), np.nan, variance)
        labels = pd.DataFrame({"statistic": statistic, "item": list(names)})
        made.append(estimate_of_spread(units, labels, found_values, spread, variance, n=size, note=tuple(told)))
    plain = made[0]

    def bounds(level: float) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
        return interval(plain, method="fisher", level=level)

    return [replace(plain, bounds=bounds), made[1]]


def _reliability(side: Side) -> Reliability:
    """ICC(2) by the analysis of variance of one side."""
    n, squares = side.size, side.spread
    units, total, inside = len(n), n.sum(), squares.sum()
    away = n * (side.mean - (n * side.mean).sum() / total) ** 2
    nothing = np.zeros(units)
    if not total - units > 1e-9:
        return Reliability(np.nan, nothing, "one answer a unit: the reliability of its mean is not known")
    if not away.sum() > 0:
        return Reliability(np.nan, nothing, "all unit means are the same")
    noise = inside * (units - 1) / ((total - units) * away.sum())
    if inside == 0:
        return Reliability(1.0, nothing)
    return Reliability(float(1 - noise), -noise * (squares / inside - (n - 1) / (total - units) - away / away.sum()))

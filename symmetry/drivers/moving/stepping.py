"""A step up in the linear model: slope × what the move adds to the driver's mean, stopped where the outcome's scale ends.

The slope, the share in the top box and the mean step to the next one are all found in the sample; the error knows all three.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symmetry.design import Influence, gather, left_out, replicates_of, resampled
from symmetry.drivers.covariances import standardised
from symmetry.drivers.estimating import linear_in_rows
from symmetry.drivers.moving.boxes import Asked
from symmetry.drivers.moving.squares import least_squares

__all__ = ["stepped"]

_SINGULAR = 1e-9
_HELD = "held where everybody would give the outcome's last answer"


def stepped(asked: Asked) -> tuple[np.ndarray, Influence, np.ndarray, list[str]]:
    """Changes by least squares (2P,), their influence and variances, and notes."""
    design, held, (low, high) = asked.design, asked.held, asked.ends
    y = asked.spread_out(asked.worth)
    z, mean, deviation = standardised(design, [*asked.names, y], [*asked.names, asked.outcome], held)
    z, middle = z[held], float(mean[-1])
    scale = deviation[-1] / np.tile(deviation[: len(asked.boxes.step.T)], 2)
    if design.layout.replicates is not None:
        return _again(asked, z, scale, (middle, float(deviation[-1])))
    w, total = asked.weight, float(asked.weight.sum())
    reach, reached = _reach(asked)
    values, moved = np.empty(len(scale)), np.empty((len(z), len(scale)))
    sets = [tuple(columns) for columns in asked.sets]
    fits = {columns: least_squares(z[:, columns], z[:, -1], w) for columns in dict.fromkeys(sets)}
    for place, columns in enumerate(sets):
        driver, (slopes, rows) = place % len(reach), fits[columns]
        own = columns.index(driver)
        values[place] = reach[driver] * slopes[own] * scale[place]
        moved[:, place] = (reached[:, driver] * slopes[own] + reach[driver] * rows[:, own]) * scale[place]
    capped = np.clip(values, low - middle, high - middle)
    beyond = capped != values
    moved[:, beyond] = -(z[:, -1:] * deviation[-1]) / total
    return capped, *linear_in_rows(design, asked.spread_out(moved)), [_HELD if one else "" for one in beyond]


def _reach(asked: Asked) -> tuple[np.ndarray, np.ndarray]:
    """What the move adds to each driver's mean (P,), and what a unit of weight of each row moves it (m, P)."""
    w, total, move = asked.weight, asked.weight.sum(), asked.move
    step, top = asked.boxes.step, asked.boxes.top
    mean, free = w @ step / total, 1 - w @ top / total
    short = free <= move
    reach = np.where(short, mean, move * mean / free)
    rows = np.where(short, step - mean, move * ((step - mean) / free + mean * (top - 1 + free) / free**2))
    return reach, rows / total


def _again(
    asked: Asked, z: np.ndarray, scale: np.ndarray, outcome: tuple[float, float]
) -> tuple[np.ndarray, Influence, np.ndarray, list[str]]:
    """The same from totals, made again in every replicate.  outcome : mean and deviation of what the answers are worth."""
    k, size, (low, high) = z.shape[1], asked.boxes.step.shape[1], asked.ends
    first, second = np.triu_indices(k)

    def columns(parts: list[np.ndarray]) -> list[np.ndarray]:
        return [*parts[:k], *(parts[i] * parts[j] for i, j in zip(first, second, strict=True)), *parts[k:]]

    everything = asked.spread_out(np.hstack([z, asked.boxes.step, asked.boxes.top]))
    totals = gather(asked.design, [list(everything.T)], columns)

    def uncapped(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        moments = sums[..., 1:] / sums[..., :1]
        means, free = moments[..., :k], 1 - moments[..., -size:]
        covariance = np.empty((*sums.shape[:-1], k, k))
        covariance[..., first, second] = covariance[..., second, first] = moments[..., k : k + len(first)]
        covariance -= means[..., :, None] * means[..., None, :]
        reach = moments[..., -2 * size : -size] * np.where(free <= asked.move, 1.0, asked.move / free)
        together = _slopes(covariance, asked.sets[0])[..., :size]  # a driver is the first column of its own set
        alone = np.concatenate([_slopes(covariance, one)[..., :1] for one in asked.sets[size:]], axis=-1)
        both = np.concatenate([reach * together, reach * alone], axis=-1)
        return both * scale, means[..., k - 1 : k]

    def value(sums: np.ndarray, _: np.ndarray) -> np.ndarray:
        found, middle = uncapped(sums)
        middle = outcome[0] + outcome[1] * middle
        return np.asarray(np.clip(found, low - middle, high - middle))

    values = value(totals.sums, totals.shift)
    beyond = uncapped(totals.sums)[0][0, 0] != values[0, 0]
    spread, variance, lost = resampled(totals, value, values[:, :, :])
    note = left_out(
        np.array([_HELD if one else "" for one in beyond], dtype=object), lost, replicates_of(asked.design).size
    )
    return values[0, 0], spread, variance, list(note)


def _slopes(covariance: np.ndarray, columns: Sequence[int]) -> np.ndarray:
    """Slopes (..., q) of the last column on some columns; NaN where these determine each other."""
    x, c = covariance[..., columns, :][..., columns], covariance[..., columns, -1]
    known = np.isfinite(x).all(axis=(-2, -1))
    x = np.where(known[..., None, None], x, np.eye(len(columns)))
    known &= np.linalg.eigvalsh(x)[..., 0] > _SINGULAR
    x = np.where(known[..., None, None], x, np.eye(len(columns)))
    slopes = np.linalg.solve(x, c[..., None])[..., 0]
    return np.asarray(np.where(known[..., None], slopes, np.nan))

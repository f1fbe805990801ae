"""A step up in the proportional-odds model: what it adds to the outcome each respondent is expected to give, averaged.

With worth g_k of category k and thresholds ζ, E(y | x) = g_K - Σ_k (g_k₊₁ - g_k) F(ζ_k - x'β).  Two things are random in the
average, the respondents and the coefficients; both are linearised, together, as for predictive margins.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse, special

from symmetry.design import Influence, variances
from symmetry.drivers.estimating import linear_in_rows
from symmetry.drivers.moving.boxes import Asked
from symmetry.drivers.telling import watched
from symmetry.estimate import Ordinal, ordinal

__all__ = ["ordered"]


def ordered(asked: Asked) -> tuple[np.ndarray, Influence, np.ndarray, list[str]]:
    """Changes by the ordinal model (2P,), their influence and variances, and notes."""
    drivers, total, w = asked.boxes.step.shape[1], float(asked.weight.sum()), asked.weight
    models = _models(asked)
    free = 1 - w @ asked.boxes.top / total
    short = free <= asked.move
    factor = np.where(short, 1.0, asked.move / free)
    values, moved, slopes = np.empty(2 * drivers), np.empty((len(w), 2 * drivers)), []
    for place, columns in enumerate(asked.sets):
        one = place % drivers
        gain, slope = _gain(asked, models[place], columns.index(one), asked.boxes.step[:, one])
        mean = float(w @ gain / total)
        values[place] = factor[one] * mean
        moved[:, place] = factor[one] * (gain - mean)
        if not short[one]:
            moved[:, place] += values[place] * (asked.boxes.top[:, one] - 1 + free[one]) / free[one]
        slopes.append(factor[one] * slope)
    rows, _ = linear_in_rows(asked.design, asked.spread_out(moved / total))
    unique = models[drivers - 1 :]  # the model of all drivers serves all direct ends
    parts = [np.stack(slopes[:drivers]), *(slope[None] for slope in slopes[drivers:])]
    matrix = sparse.hstack(
        [sparse.eye_array(2 * drivers), sparse.block_diag([sparse.csr_array(part) for part in parts])], format="csr"
    )
    spread = Influence.join([rows, *(model.estimate.influence for model in unique)]).combine(sparse.csr_array(matrix))
    lost = [next((text for text in model.estimate.note if "replicates" in text), "").split("; ")[0] for model in models]
    return values, spread, variances(asked.design, spread), lost


def _models(asked: Asked) -> list[Ordinal]:
    """The model of each end (2P,), all fitted to those who answered everything."""
    data = asked.design.data.copy(deep=False)
    for name in (*asked.names, asked.outcome):
        data[name] = np.where(asked.held, asked.design.data[name].to_numpy(float, na_value=np.nan), np.nan)
    design = replace(asked.design, data=data, given=asked.design.layout)
    drivers = asked.boxes.step.shape[1]

    def fitted(columns: list[int]) -> Ordinal:
        return ordinal(design, f"`{asked.outcome}` ~ {' + '.join(f'`{asked.names[column]}`' for column in columns)}")

    ends = [asked.sets[0], *asked.sets[drivers:]]
    whole, *alone = [fitted(columns) for columns in watched(ends, f"ordinal models of {asked.outcome}")]
    return [whole] * drivers + alone


def _gain(asked: Asked, model: Ordinal, own: int, step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the step adds to each respondent's expected outcome (m,), and what each coefficient moves in its mean (q,)."""
    x, theta = model.columns.block(slice(None)), model.estimate.values
    p = len(x)
    worth = asked.worth_at(np.array(model.levels, float))
    rise, zeta, w = np.diff(worth)[:, None], theta[p:, None], asked.weight / asked.weight.sum()
    eta = theta[:p] @ x
    after = eta + theta[own] * step
    before = special.expit(zeta - eta)
    later = special.expit(zeta - after)
    gain = (rise * (before - later)).sum(axis=0)
    dense_before, dense_later = before * (1 - before), later * (1 - later)
    of_thresholds = ((dense_before - dense_later) * rise) @ w
    lift_before, lift_later = (rise * dense_before).sum(axis=0), (rise * dense_later).sum(axis=0)
    of_slopes = x @ (w * (lift_later - lift_before))
    of_slopes[own] += w @ (lift_later * step)
    return gain, np.concatenate([of_slopes, of_thresholds])

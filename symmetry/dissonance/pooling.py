"""Error variances of unit gaps from what all units say of the spread of answers: four answers are no guide to their own.

An audience's answers vary inside units with one variance, pooled over the units by their answers less one; a unit's error
variance is that over its effective answers, of each side.  The variance of an answer is read off each level: its variance times n
over its design effect, which leaves the finite population out (units stand for a process) and needs no second pass over the
answers.  Where answers come in clusters, or both audiences in one, the gap's own variances say by how much, all units together.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from symmetry.dissonance.nouns import Gap
from symmetry.estimate import Estimate

__all__ = ["cleared", "comparisons", "pooled_errors", "pooled_levels"]

_ROUNDING = 1e-20


def comparisons(gap: Gap) -> np.ndarray:
    """Number, for each gap (G,), of the statistic, item, family and reading it belongs to: gaps of one number are of one kind."""
    labels = gap.estimate.labels
    return np.asarray(labels.groupby(["statistic", "item", "family", "reading"], sort=False).ngroup())


def pooled_errors(gap: Gap) -> np.ndarray:
    """Error variance of each gap by unit (G,); 0 where no unit has two answers that differ, NaN where no unit has an error.

    Notes
    -----
    k_a m_a / n_a + k_b m_b / n_b with k the variance of an answer pooled over units, Σ (n - 1) V n / deff over Σ (n - 1), and
    m = n Σw² / (Σw)² Kish's effect of unequal weights in the unit.  Of a relative gap, V is what the audience's answers add to
    its variance.  Where psus hold several answers or both audiences, the whole is multiplied by the mean, weighted by df, of the
    gaps' own variances over it; those hold the finite population where the design does.
    """
    kind, levels = comparisons(gap), gap.levels
    kish = _unequal(levels, gap.by)
    sides = [gap.sides[side].to_numpy(int) for side in ("a", "b")]
    parts = _parts(gap)
    base = np.zeros(len(kind))
    for rows, part in zip(sides, parts, strict=True):
        base += _pooled(levels, rows, part, kind, kish)
    own = np.asarray(gap.estimate.variance, float)
    known = np.isfinite(own)
    apart = np.isclose(own, parts[0] + parts[1], rtol=1e-6, atol=1e-15)[known].all()
    if apart and (levels.psus >= levels.n).all():
        return cleared(base, levels)
    df = np.where(np.isfinite(gap.estimate.df) & known & (base > 0), np.clip(gap.estimate.df, 0, None), 0.0)
    times = np.divide(own, base, out=np.zeros(len(base)), where=(base > 0) & (df > 0))
    top, bottom = (np.bincount(kind, weights) for weights in (df * times, df))
    return cleared(base * np.divide(top, bottom, out=np.ones(len(top)), where=bottom > 0)[kind], levels)


def pooled_levels(est: Estimate, kind: np.ndarray) -> np.ndarray:
    """Error variance of each value (D,) of a mean or share by unit, values of one `kind` (D,) read together."""
    return cleared(_pooled(est, np.arange(len(est)), est.variance, kind, np.ones(len(est))), est)


def cleared(variance: np.ndarray, levels: Estimate) -> np.ndarray:
    """Variances (G,), those that are nothing but the rounding of levels this large being 0."""
    known = np.abs(levels.values[np.isfinite(levels.values)])
    return np.where(variance <= _ROUNDING * known.max(initial=0.0) ** 2, 0.0, variance)


def _pooled(est: Estimate, rows: np.ndarray, part: np.ndarray, kind: np.ndarray, kish: np.ndarray) -> np.ndarray:
    """Pooled variance of an answer times Kish's effect over n, for each row of `kind` (G,) whose level is `rows` (G,)."""
    n, deff, effect = est.n[rows].astype(float), est.deff[rows], kish[rows]
    known = np.isfinite(deff) & (deff > 0)
    answers = np.where(known, n / np.where(known, deff, 1.0), n / effect)
    asked_all = (
        deff == 0
    )  # a census of the unit says nothing of the spread of answers; beside one, answers alike may be one too
    unknown = asked_all | ~np.isfinite(part) | ((part == 0) & (np.bincount(kind, asked_all) > 0)[kind])
    free = np.where(unknown, 0.0, n - 1).clip(0)
    top = np.bincount(kind, free * np.where(free > 0, part, 0.0) * answers)
    bottom = np.bincount(kind, free)
    an_answer = np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)[kind]
    return np.asarray(np.divide(an_answer * effect, n, out=np.full(len(n), np.nan), where=n > 0))


def _parts(gap: Gap) -> tuple[np.ndarray, np.ndarray]:
    """What the answers of side a and of side b add to the variance of each gap, (G,) and (G,)."""
    if gap.estimate.by_part is None:
        return gap.levels.variance[gap.sides["a"]], gap.levels.variance[gap.sides["b"]]
    known, every = np.unique(gap.levels.part), np.arange(len(gap.sides))
    a, b = (np.searchsorted(known, gap.levels.part[gap.sides[side]]) for side in ("a", "b"))
    return gap.estimate.by_part[a, every], gap.estimate.by_part[b, every]


def _unequal(levels: Estimate, by: tuple[str, ...]) -> np.ndarray:
    """Kish's effect of unequal weights among the answers of each level's unit (L,); 1 where weights do not vary.

    From all rows of an audience in a unit: who skipped one item is taken to weigh like the others.
    """
    design, ones = levels.design, np.ones(len(levels))
    w = np.asarray(design.layout.weight, float)
    keys = ["audience", *by]
    if not len(w) or w.max() == w.min() or any(name not in design.data or name not in levels.labels for name in keys):
        return ones
    groups = design.data.groupby(keys, sort=False, observed=True)
    code = groups.ngroup().fillna(-1).to_numpy().astype(int)
    held = (code >= 0) & (w > 0)
    size = int(code.max(initial=-1)) + 1
    number, total, square = (np.bincount(code[held], x[held], size) for x in (np.ones(len(w)), w, w**2))
    effect = np.divide(number * square, total**2, out=np.ones(size), where=total > 0)
    first = pd.Series(code).drop_duplicates()
    first = first[first >= 0]
    known = pd.MultiIndex.from_frame(design.data[keys].iloc[first.index.to_numpy()].astype(object))
    place = known.get_indexer(pd.MultiIndex.from_frame(levels.labels[keys].astype(object)))
    order = first.to_numpy()
    found = np.where(place >= 0, effect[order[place]], 1.0)
    rows = np.where(place >= 0, number[order[place]], 0)
    return np.where((levels.n <= rows).all(), found, ones)

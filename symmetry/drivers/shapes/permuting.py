"""Permutation importance on gradient boosting: a second look that assumes no straight lines, beside the linear reading.

Psus are dealt into folds.  A boosted forest learns from the other folds and predicts each fold's answers; then the answers to one
driver are dealt out anew among the fold's respondents, and the explained variance that this loses is that driver's importance.
Everything is predicted out of its own fold, so that what the forest merely remembers explains nothing.

What is reported is a ratio of weighted sums of squares, and its error is the design's for forests that are given: how much the
number would move with other respondents to predict, not with other respondents to learn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from symmetry.design import Design, column_of, design_of, refuse_infinite
from symmetry.drivers.covariances import check_columns
from symmetry.drivers.estimating import estimate_of_spread, linear_in_rows
from symmetry.drivers.telling import watched
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["permutation_importance"]

_NOTE = "error for forests as they were learnt: less than the whole"


def permutation_importance(
    design: Design, outcome: str, predictors: Sequence[str], *, folds: int = 5, repeats: int = 5, seed: int = 0
) -> Estimate:
    """Explained variance that a boosted forest loses when one driver's answers are dealt out anew: a check on straight lines.

    Parameters
    ----------
    design : n respondents; those with the outcome and at least one driver count.  A missing answer is one to learn from.
    outcome : numeric column; 0 and 1 as well.
    predictors : one or more numeric columns.
    folds : parts that psus are dealt into, stratum by stratum; each is predicted from the others, none of its psus among them.
    repeats : times that a driver's answers are dealt out, by weight, and the loss averaged over.
    seed : of folds, deals and forests.

    Returns
    -------
    Estimate of rows "r2_forest" and "r2_line", the variance of the outcome that forest and line explain outside of what they were
    fitted to, "r2_gain" the first less the second, and one "permutation" row a driver, in the same units.  The line's missing
    answers are their mean, with a column that tells who lacks them.  Losses do not sum to R²; of drivers that stand in for each
    other, each may lose little.  Errors take the forests as given.

    Raises
    ------
    DesignError : scikit-learn is not installed, a column is absent, named twice or not numeric, the outcome does not vary, fewer
        psus than folds, or an option out of range.

    Notes
    -----
    The forest: scikit-learn's HistGradientBoostingRegressor, 200 trees of at most 8 leaves, each of 20 respondents at least,
    learning rate 0.05, squared error.  Same input and seed, same numbers, whatever the order of rows.

    References
    ----------
    .. [1] Breiman (2001). Random forests. Machine Learning 45, 5-32.
    .. [2] Fisher, Rudin, Dominici (2019). All models are wrong, but many are useful. J. Machine Learning Research 20(177).
    .. [3] Bates, Hastie, Tibshirani (2024). Cross-validation: what does it estimate and how well does it do it? JASA 119,
       1434-1445.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(400, 2)), columns=["a", "b"])
    >>> data["y"] = data["a"] ** 2 + 0.5 * data["b"] + 0.5 * rng.normal(size=400)
    >>> permutation_importance(Design(data), "y", ["a", "b"]).table()[["statistic", "item", "estimate", "se"]].round(2)
         statistic item  estimate    se
    0    r2_forest    y      0.69  0.04
    1      r2_line    y      0.06  0.06
    2      r2_gain    y      0.64  0.05
    3  permutation    a      1.22  0.14
    4  permutation    b      0.15  0.03
    """
    design = design_of(design)
    names = check_columns(outcome, predictors, least=1)
    _check_options(folds, repeats)
    sample = _sample(design, outcome, names, folds, seed)
    forest, line, lost = _predicted(sample, repeats, seed)
    w, y = design.layout.weight[sample.rows], sample.y
    mean = w @ y / w.sum()
    spread = (y - mean) ** 2
    whole = w @ spread
    gains = np.column_stack([spread - forest, spread - line, line - forest, lost])
    values = w @ gains / whole
    moved = np.full((len(design.data), len(values)), np.nan)
    moved[sample.rows] = (gains - values * spread[:, None]) / whole
    influence, variance = linear_in_rows(design, moved)
    labels = pd.DataFrame(
        {
            "statistic": ["r2_forest", "r2_line", "r2_gain", *["permutation"] * len(names)],
            "item": [*[outcome] * 3, *names],
        }
    )
    same = ["" if kind else "everybody gave the same answer" for kind in sample.varies]
    notes = tuple("; ".join(filter(None, [_NOTE, told])) for told in ("", "", "", *same))
    return estimate_of_spread(design, labels, values, influence, variance, n=len(y), note=notes)


@dataclass(frozen=True, eq=False)
class _Sample:
    """Rows that count, in an order of their own: their numbers, answers x (n, p) and y (n,), weights of mean 1, folds (n,).

    varies (p,) : whether a driver has more than one answer, a missing one among them.
    """

    rows: np.ndarray
    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    fold: np.ndarray
    varies: np.ndarray


def _check_options(folds: int, repeats: int) -> None:
    """Refuse options out of range, and say what to install."""
    if folds < 2:
        raise DesignError(f"{folds} folds leave nothing to learn from", mend="2 or more; 5 is usual")
    if repeats < 1:
        raise DesignError(f"a driver dealt out {repeats} times loses nothing", mend="1 or more; 5 is usual")
    if find_spec("sklearn") is None:
        raise DesignError(
            "permutation importance needs the package scikit-learn",
            mend="pip install 'symmetry[forest]' (or pip install scikit-learn)",
        )


def _sample(design: Design, outcome: str, names: Sequence[str], folds: int, seed: int) -> _Sample:
    """Take the rows that count, in an order that does not depend on the frame's, and deal their psus into folds."""
    x = np.column_stack([column_of(design, name) for name in names])
    y, weight, psu = column_of(design, outcome), design.layout.weight, design.layout.psu
    for name, column in zip((*names, outcome), (*x.T, y), strict=True):
        refuse_infinite(column, f"`{name}`")
    rows = np.flatnonzero((weight > 0) & np.isfinite(y) & np.isfinite(x).any(axis=1))
    if not len(rows) or np.ptp(y[rows]) == 0:
        raise DesignError(f"the outcome `{outcome}` does not vary", mend="choose an outcome that varies")
    label = np.zeros(len(y)) if len(design.layout.stratum) == len(y) else psu
    keys = (label, design.layout.stratum_of_row, weight, y, *np.nan_to_num(x.T, nan=-np.inf))
    rows = rows[np.lexsort([key[rows] for key in keys])]
    stratum = design.layout.stratum[psu[rows]]
    own, first, place = np.unique(psu[rows], return_index=True, return_inverse=True)
    if len(own) < folds:
        raise DesignError(f"{len(own)} psus do not make {folds} folds", mend="use fewer folds")
    chance = np.empty(len(own))
    chance[np.argsort(first)] = np.random.default_rng(seed).random(len(own))
    dealt = np.empty(len(own), int)
    dealt[np.lexsort((chance, stratum[first]))] = np.arange(len(own)) % folds
    varies = np.array([len(np.unique(column)) > 1 for column in x[rows].T])
    return _Sample(rows, x[rows], y[rows], weight[rows] / weight[rows].mean(), dealt[place], varies)


def _predicted(sample: _Sample, repeats: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Squared errors of forest and line (n,), out of fold, and what a deal of each driver adds (n, p)."""
    from threadpoolctl import threadpool_limits

    n, p = sample.x.shape
    forest, line, lost = np.empty(n), np.empty(n), np.zeros((n, p))
    rng = np.random.default_rng([seed, 1])
    for fold in watched(range(int(sample.fold.max()) + 1), "boosted trees, fold by fold"):
        out = sample.fold == fold
        known = np.isfinite(sample.x[~out]).any(axis=0)  # of what nobody there answered, nothing can be learnt
        x, y, w = np.where(known, sample.x[out], 0.0), sample.y[out], sample.weight[out]
        learnt = (np.where(known, sample.x[~out], 0.0), sample.y[~out], sample.weight[~out])
        line[out] = (y - _on_a_line(*learnt, x)) ** 2
        with threadpool_limits(
            1, user_api="openmp"
        ):  # on a busy machine, threads that wait for each other take ten times as long
            model = _learnt(*learnt, seed)
            forest[out] = (y - model.predict(x)) ** 2
            for driver in np.flatnonzero(sample.varies):
                dealt = np.tile(x, (repeats, 1))
                dealt[:, driver] = np.concatenate([x[_deal(w, rng), driver] for _ in range(repeats)])
                errors = (np.tile(y, repeats) - model.predict(dealt)) ** 2
                lost[out, driver] = errors.reshape(repeats, -1).mean(axis=0) - forest[out]
    return forest, line, lost


def _learnt(x: np.ndarray, y: np.ndarray, w: np.ndarray, seed: int) -> Any:
    """A boosted forest."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(
        max_iter=200, max_leaf_nodes=8, min_samples_leaf=20, learning_rate=0.05, early_stopping=False, random_state=seed
    )
    return model.fit(x, y, sample_weight=w)


def _on_a_line(x: np.ndarray, y: np.ndarray, w: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """What the weighted regression of y on x expects of those asked: means for missing answers, and columns that tell of them."""
    known = np.isfinite(x)
    held = np.maximum((w[:, None] * known).sum(axis=0), 1e-300)
    mean = (w[:, None] * np.where(known, x, 0.0)).sum(axis=0) / held
    root = np.sqrt(w)[:, None]

    def columns(answers: np.ndarray) -> np.ndarray:
        lacks = np.isnan(answers)
        return np.hstack(
            [np.ones((len(answers), 1)), np.where(lacks, 0.0, answers - mean), lacks[:, ~known.all(axis=0)]]
        )

    beta = np.linalg.lstsq(root * columns(x), root[:, 0] * y, rcond=None)[0]
    return np.asarray(columns(asked) @ beta)


def _deal(w: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Deal n answers out among n respondents, each as often as its weight says (n,); with equal weights a permutation.

    Examples
    --------
    >>> sorted(_deal(np.ones(4), np.random.default_rng(0)).tolist())
    [0, 1, 2, 3]
    """
    n = len(w)
    ends = np.cumsum(w[shuffled := rng.permutation(n)]) / w.sum() * n
    drawn = shuffled[np.minimum(np.searchsorted(ends, np.arange(n) + rng.random(), side="right"), n - 1)]
    return np.asarray(drawn[rng.permutation(n)])

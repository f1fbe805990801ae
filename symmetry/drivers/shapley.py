"""LMG shares of R²: each predictor's gain in explained variance, averaged over all orders of entry.

With C the weighted covariance of the predictors and the outcome y, and b_S the coefficients of y on the subset S,
R²(S) = c_S' C_SS⁻¹ c_S / c_yy = c_S' b_S / c_yy, and the share of predictor j is

    φ_j = Σ_S a_j(S) R²(S),   a_j(S) = (|S|-1)! (p-|S|)! / p!  if j ∈ S,   -|S|! (p-|S|-1)! / p!  if not

(Lindeman, Merenda, Gold 1980; the Shapley value of R²).  Its derivative needs only the same coefficients, since
dR²(S) = (2 b_S' dc - b_S' dC b_S - R²(S) dc_yy) / c_yy: one batch of small regressions gives values and linearised errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb, factorial

import numpy as np
import pandas as pd

from symmetry.design import Design, degrees_of_freedom, gather, influence
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["importance"]

_MOST = 20


def importance(design: Design, outcome: str, predictors: Sequence[str], *, method: str = "lmg") -> Estimate:
    """LMG importance of predictors for an outcome, with design-based standard errors.

    Parameters
    ----------
    design : n respondents; who lacks any of the answers is out (the note says how many), psus and strata stay.
    outcome : numeric column.
    predictors : p numeric columns, 2 to 20; their order does not matter.
    method : "lmg", the only one here.

    Returns
    -------
    Estimate of p + 1 values: a row with statistic "r2" (share of the outcome's variance explained by all), then one "lmg" row a
    predictor, in R² units; the lmg rows sum to the r2 row.  A share tends to have too small a standard error when its truth is 0.

    Raises
    ------
    DesignError : fewer than 2 or more than 20 predictors, a column is absent, repeated, constant among complete answers or an
        exact combination of others, or fewer than p + 2 complete answers.

    Notes
    -----
    R twin of the shares: ``relaimpo::calc.relimp(cov.wt(d, w)$cov, type = "lmg")``.  It describes; it does not prove cause.

    References
    ----------
    .. [1] Grömping (2006). Relative importance for linear regression in R: the package relaimpo. JSS 17(1).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(200, 2))
    >>> data = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": x @ [2.0, 1.0] + rng.normal(size=200)})
    >>> importance(Design(data), "y", ["a", "b"]).values.round(3)
    array([0.781, 0.656, 0.125])
    """
    names = list(predictors)
    if method != "lmg":
        raise DesignError(f"no decomposition is called {method!r}", mend='"lmg"')
    if not 2 <= len(names) <= _MOST or len(set(names)) < len(names) or outcome in names:
        raise DesignError(
            f"cannot share R² among {len(names)} predictors",
            mend=f"name 2 to {_MOST} different columns, not the outcome",
        )
    z, _ = _standardised(design, [*names, outcome])
    pairs = np.triu_indices(len(names) + 1)
    sums = gather(design, [list(z.T)], lambda block: [block[i] * block[j] for i, j in zip(*pairs, strict=True)])
    moments = sums.sums[0, 0] / sums.sums[0, 0, 0]
    correlation = np.zeros((len(names) + 1,) * 2)
    correlation[pairs] = moments[1:]
    correlation = correlation + correlation.T - np.diag(np.diag(correlation))
    _not_singular(correlation[:-1, :-1], names)
    shares, slopes = _lmg(correlation)
    gradient = slopes[:, pairs[0], pairs[1]] * np.where(pairs[0] == pairs[1], 1.0, 2.0)
    by_total = np.column_stack([-gradient @ moments[1:], gradient]) / sums.sums[0, 0, 0]
    every = np.vstack([by_total.sum(axis=0), by_total])
    spread, variance = influence(sums, every.T[None, None])
    size = len(names) + 1
    n, asked = int(sums.n[0, 0]), int((design.layout.weight > 0).sum())
    return Estimate(
        design=design,
        labels=pd.DataFrame({"statistic": ["r2"] + ["lmg"] * len(names), "item": [outcome, *names]}),
        values=np.concatenate([[shares.sum()], shares]),
        influence=spread,
        variance=variance,
        part=np.full(size, 0 if len(design.layout.parts) == 1 else -1),
        n=np.full(size, n),
        psus=np.asarray((spread.presence != 0).sum(axis=0)).ravel(),
        df=degrees_of_freedom(design, spread.presence),
        deff=np.full(size, np.nan),
        note=(f"{n} of {asked} respondents answered every item used" if n < asked else "",) * size,
    )


def _standardised(design: Design, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Centre and scale columns by their weighted mean and deviation among complete rows (n, k), NaN on the others."""
    absent = [name for name in names if name not in design.data]
    if absent:
        raise DesignError(f"the design's data have no column `{absent[0]}`", mend="name columns of its data")
    x = design.data[names].to_numpy(float, na_value=np.nan)
    complete = np.isfinite(x).all(axis=1)
    w = np.where(complete, design.layout.weight, 0.0)
    if (w > 0).sum() < len(names) + 1:
        raise DesignError(
            f"{int((w > 0).sum())} respondents answered all of {', '.join(names)}",
            mend="use fewer drivers, or drivers that more people answered",
        )
    inside = np.where(complete[:, None], x, 0.0)
    centred = np.where(complete[:, None], x - w @ inside / w.sum(), np.nan)
    deviation = np.sqrt(w @ np.where(complete[:, None], centred, 0.0) ** 2 / w.sum())
    flat = [name for name, value in zip(names, deviation, strict=True) if value < 1e-10]
    if flat:
        raise DesignError(f"everybody gave the same answer to `{flat[0]}`", mend="leave it out: it explains nothing")
    return centred / deviation, complete


def _not_singular(correlation: np.ndarray, names: list[str]) -> None:
    """Refuse predictors of which one is an exact combination of the others, and name it."""
    values, vectors = np.linalg.eigh(correlation)
    if values[0] > 1e-9:
        return
    guilty = [name for name, weight in zip(names, vectors[:, 0], strict=True) if abs(weight) > 1e-4]
    raise DesignError(f"{', '.join(guilty)} determine each other exactly", mend="leave one of them out")


def _lmg(correlation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares (p,) and their derivatives (p, p+1, p+1) by the symmetric covariance whose last row is the outcome."""
    p = len(correlation) - 1
    x, c = correlation[:p, :p], correlation[:p, p]
    shares, slopes = np.zeros(p), np.zeros((p, p + 1, p + 1))
    for size in range(1, p + 1):
        gain = factorial(size - 1) * factorial(p - size) / factorial(p)
        loss = -factorial(size) * factorial(p - size - 1) / factorial(p) if size < p else 0.0
        for subsets in _batches(p, size):
            beta = np.linalg.solve(x[subsets[:, :, None], subsets[:, None, :]], c[subsets][:, :, None])[:, :, 0]
            full = np.zeros((len(subsets), p + 1))
            np.put_along_axis(full, subsets, beta, axis=1)
            r2 = full[:, :p] @ c
            role = np.full((len(subsets), p), loss)
            np.put_along_axis(role, subsets, gain, axis=1)
            shares += role.T @ r2
            full[:, p] = -1.0
            for j in range(p):
                slopes[j] -= (full * role[:, [j]]).T @ full
            slopes[:, p, p] += role.T @ (1.0 - r2)
    return shares, slopes


def _batches(p: int, size: int, most: int = 20_000) -> list[np.ndarray]:
    """All subsets of `size` of p predictors, as arrays (m, size) of at most `most` rows."""
    every = np.fromiter((k for subset in combinations(range(p), size) for k in subset), int, comb(p, size) * size)
    subsets = every.reshape(-1, size)
    return [subsets[start : start + most] for start in range(0, len(subsets), most)]

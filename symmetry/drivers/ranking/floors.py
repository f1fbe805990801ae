"""The floor: the share that a noise driver reaches in company with the real ones, without permuting anything.

The noise driver is a copy of a driver whose values have been permuted, whole psus among psus and respondents within their psu: it
is as clustered and as weighted as the driver, and tied to nothing.  With u its covariances with the standardised drivers and
outcome, e_S = (b_S, -1) the coefficients of the outcome's residual on subset S, and π(S) = |S|! (P-|S|)! / (P+1)!, its share is

    Σ_S π(S) (u' e_S)² / (1 - R²_0S)  ≈  u' M u / (1 - R̄²),   M = Σ_S π(S) e_S e_S'

R²_0S being what S explains of it and R̄² what all drivers do on average, so that the floor errs upward.  One walk over the subsets
gives M.  Over permutations u has mean 0, is near normal where psus are not few, and its covariance is known exactly:

    Σ = s² / (G - 1) Σ_g (T_g - T̄)(T_g - T̄)' + Σ_g s²_g / (n_g - 1) Σ_i (v_i - v̄_g)(v_i - v̄_g)'

with v_i = w_i z_i / Σ w and its sums T_g over the G psus, s² the squares of the psu means of the driver about their mean, and
s²_g those of its values in psu g about theirs.  The floor is a quantile of a weighted sum of χ²₁, weighted by the eigenvalues
of M Σ.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import factorial

import numpy as np

from symmetry.design import column_of
from symmetry.drivers.nouns import Moments
from symmetry.drivers.sharing.lattice import Players, coefficients, members
from symmetry.estimate import mixture_tail

__all__ = ["MOST_EXACT", "floors"]

MOST_EXACT = 20
_CHUNK = 1 << 14
_SUBSETS = 4000
_BOUNDED = "floor bounded at 1: of so few psus, noise may seem to explain everything"


def floors(
    moments: Moments, players: Players, *, level: float, seed: int = 0, within: np.ndarray | None = None
) -> tuple[np.ndarray, list[str]]:
    """Share that a permuted copy of each player stays below with chance `level` (P,), 1 at most, and what must be said of it."""
    floor, notes = np.full(len(players), np.nan), [""] * len(players)
    absent = [name for name in moments.names if name not in moments.design.data.columns]
    if absent:
        return floor, [f"no floor: `{absent[0]}` is no column of the answers"] * len(players)
    layout, told = moments.design.layout, ""
    if layout.replicates is not None and layout.replicates.plan is None:
        told = "floor as if each row were a psu: replicate weights were supplied"
    z = _answers(moments, within)
    root = _root(_noise_form(moments.correlation, players, seed))
    inverse, rows = np.linalg.inv(moments.correlation[:-1, :-1]), dict[bytes, _Rows]()
    for place, columns in enumerate(players.columns):
        kept = np.isfinite(z[:, columns]).all(axis=1) & (layout.weight > 0)
        if kept.tobytes() not in rows:
            rows[kept.tobytes()] = _rows(z, layout.weight, layout.psu, kept)
        spread = _spread_of_noise(z[kept][:, columns], rows[kept.tobytes()])
        borrowed = np.einsum("ab,iaib->", inverse, spread[:, :-1, :, :-1]) / len(columns)
        if not borrowed < 1:
            notes[place] = "no floor: noise as clustered as this is explained by the other drivers, for want of psus"
            continue
        square = np.einsum("ra,iajb,sb->irjs", root, spread, root).reshape((len(columns) * len(root),) * 2)
        floor[place] = _quantile(np.linalg.eigvalsh(square), level) / (1 - borrowed)
        notes[place] = told
        if floor[place] > 1:
            floor[place], notes[place] = 1.0, "; ".join(filter(None, [told, _BOUNDED]))
    return floor, notes


def _answers(moments: Moments, within: np.ndarray | None) -> np.ndarray:
    """Standardised answers (n, k), NaN for none; where the moments are those of complete answers, of no others."""
    layout = moments.design.layout
    z = np.stack([np.asarray(column_of(moments.design, name), float) for name in moments.names], axis=1)
    z = (z - moments.mean) / moments.deviation
    if within is not None:
        z[~np.asarray(within, bool)] = np.nan
    whole = np.isfinite(z).all(axis=1)
    if moments.n == int((whole & (layout.weight > 0)).sum()):
        z[~whole] = np.nan
    return np.asarray(z)


def _noise_form(correlation: np.ndarray, players: Players, seed: int) -> np.ndarray:
    """M (k, k): the share of one more driver is u' M u, u being its small covariances with the others and the outcome."""
    count = len(players)
    if count > MOST_EXACT:
        return _sampled_form(correlation, players, np.random.default_rng(seed))
    beta, _ = coefficients(correlation, players)
    chance = np.array([factorial(s) * factorial(count - s) / factorial(count + 1) for s in range(count + 1)])
    weight = chance[members(count)]
    found = np.zeros(correlation.shape)
    for start in range(0, beta.shape[1], _CHUNK):
        block = beta[:, start : start + _CHUNK]
        found += (block * weight[start : start + _CHUNK]) @ block.T
    return np.asarray(found)


def _sampled_form(correlation: np.ndarray, players: Players, rng: np.random.Generator) -> np.ndarray:
    """M from subsets drawn as a random order of entry meets them: any size is as likely."""
    found = np.zeros(correlation.shape)
    for _ in range(_SUBSETS):
        drawn = rng.permutation(len(players))[: rng.integers(len(players) + 1)]
        inside = [*players.always, *(column for player in drawn for column in players.columns[player])]
        e = np.zeros(len(correlation))
        e[-1] = -1.0
        e[inside] = np.linalg.solve(correlation[np.ix_(inside, inside)], correlation[inside, -1])
        found += np.outer(e, e)
    return np.asarray(found / _SUBSETS)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Who gave some answers: kept (n,); group (m,) the psu of each; count (G,) rows of each psu.

    v (m, k+1) what a unit of the copy's value moves its covariances with k columns, and its mean, less the psu's average; total
    (G, k+1) sums by psu; apart (k+1, k+1) squares of these about their mean.
    """

    kept: np.ndarray
    group: np.ndarray
    count: np.ndarray
    v: np.ndarray
    total: np.ndarray
    apart: np.ndarray


def _rows(z: np.ndarray, weight: np.ndarray, psu: np.ndarray, kept: np.ndarray) -> _Rows:
    """The rows of a pattern of answers."""
    answered, w = np.isfinite(z[kept]), weight[kept]
    share = w[:, None] * answered / (w @ answered)
    given = np.where(answered, z[kept], 0.0)
    v = np.hstack([share * (given - (share * given).sum(axis=0)), w[:, None] / w.sum()])
    group = np.unique(psu[kept], return_inverse=True)[1]
    count, total = np.bincount(group), _by_group(v, group)
    about = total - total.mean(axis=0)
    return _Rows(kept, group, count, v - (total / count[:, None])[group], total, about.T @ about)


def _spread_of_noise(x: np.ndarray, rows: _Rows) -> np.ndarray:
    """Covariance (b, k, b, k) over permutations of the covariances of a permuted copy of b columns x (m, b) with k columns.

    The copy is standardised by what its own covariance is on average: where weights go with the values, it is not the column's.
    NaN where it has none: all of these values are the same.
    """
    group, count, b = rows.group, rows.count, x.shape[1]
    mean = _by_group(x, group) / count[:, None]
    between = mean - mean.mean(axis=0)
    own = between.T @ between / len(count)
    found = np.einsum("ij,ab->iajb", own * len(count) / max(len(count) - 1, 1), rows.apart)
    if len(count) < len(group):
        x = x - mean[group]
        for i, j in product(range(b), repeat=2):
            squares = np.bincount(group, weights=x[:, i] * x[:, j])
            own[i, j] += rows.total[:, -1] @ (squares / count)
            found[i, :, j] += (rows.v * (squares / np.maximum(count - 1, 1))[group][:, None]).T @ rows.v
    own = own - found[:, -1, :, -1]
    if not np.linalg.eigvalsh(own)[0] > 1e-12:
        return np.full((b, len(rows.apart) - 1) * 2, np.nan)
    whitener = np.linalg.inv(np.linalg.cholesky(own))
    return np.asarray(np.einsum("ri,iajb,sj->rasb", whitener, found[:, :-1, :, :-1], whitener, optimize=True))


def _by_group(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Sums of columns (m, d) by group (G, d)."""
    return np.stack([np.bincount(group, weights=column) for column in values.T], axis=1)


def _root(form: np.ndarray) -> np.ndarray:
    """A (k, k) with A'A = form."""
    size, vectors = np.linalg.eigh(form)
    return np.asarray((vectors * np.sqrt(np.maximum(size, 0.0))).T)


def _quantile(terms: np.ndarray, level: float) -> float:
    """Quantile of Σ λ χ²₁."""
    from scipy import optimize

    terms = terms[terms > 1e-10 * terms.max()]
    if not len(terms):
        return 0.0
    far = float(terms.sum())
    while mixture_tail(far, terms) > 1 - level:
        far *= 2
    return float(optimize.brentq(lambda x: mixture_tail(x, terms) - (1 - level), 1e-9 * far, far, rtol=1e-7))

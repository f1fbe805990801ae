"""The covariance of drivers and outcome from everybody who answered any of them, by EM: for items that were not put to all.

The estimate is of maximum pseudo-likelihood: the weighted likelihood of a normal sample of which each respondent shows what they
answered.  Given a normal sample it is consistent where answers are missing at random; with rotated or planned questionnaires
they are so by design.  Its error is that of any estimate that solves Σ w u_i = 0: a unit of weight of a respondent moves it by
J⁻¹ u_i, u_i their score and J the information as observed (Binder 1983).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design import Design, Influence, Totals, design_of, gather, resampled
from symmetry.drivers.covariances import not_singular
from symmetry.drivers.estimating import linear_in_rows
from symmetry.drivers.missing.climbing import climbed, followed
from symmetry.drivers.missing.incomplete import AT_RANDOM, Incomplete, incomplete
from symmetry.drivers.missing.patterns import At, Patterns, vech
from symmetry.drivers.nouns import Again, Moments, Value
from symmetry.errors import ConvergenceError, DesignError

__all__ = ["em"]

_BLOCK, _ENTRIES = 1 << 13, 1 << 21
_FLAT = 1e-12  # of a column of variance 1


def em(
    design: Design,
    columns: Sequence[str | np.ndarray],
    names: Sequence[str] | None = None,
    *,
    within: np.ndarray | None = None,
) -> Moments:
    """Moments of everybody who answered a driver or the outcome, by maximum likelihood given missing at random.

    Parameters
    ----------
    columns : of the design's data, or arrays (n,) with NaN for no answer; the outcome last.
    names : what they are called; needed where there are arrays.
    within : rows (n,) that are asked about.

    Returns
    -------
    Moments whose n is the respondents used; the note says how many of them answered all.  With replicates EM is made again in
    each; one in which it finds nothing is left out and counted.

    Raises
    ------
    DesignError : a column is absent or the same for all; two items that nobody answered both; too few answers; drivers or outcome
        determine each other.
    ConvergenceError : the likelihood has no maximum that 500 steps reach.

    Notes
    -----
    R twin of the matrix: ``lavTech(lavaan(model, d, missing = "ml", sampling.weights = "w"), "sampstat.h1")``, the model being
    saturated (every ``a ~~ b`` and ``a ~ 1``) and ``em.h1.tol = 1e-13``; leave ``sampling.weights=`` out where there are none.

    References
    ----------
    .. [1] Little, Rubin (2019). Statistical Analysis with Missing Data, 3rd ed. Wiley, section 11.2.
    .. [2] Binder (1983). On the variances of asymptotically normal estimators from complex surveys. Int. Stat. Review 51.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(400, 3)) + rng.normal(size=(400, 1))
    >>> x[rng.random((400, 3)) < 0.3] = np.nan
    >>> found = em(Design(pd.DataFrame(x, columns=["a", "b", "y"])), ["a", "b", "y"])
    >>> found.correlation.round(2)
    array([[1.  , 0.54, 0.53],
           [0.54, 1.  , 0.57],
           [0.53, 0.57, 1.  ]])
    """
    design = design_of(design)
    told = incomplete(design, columns, names, within)
    kinds, code = np.unique(told.answered[told.used], axis=0, return_inverse=True)
    place = np.full(len(told.used), -1)
    place[told.used] = code.ravel()
    sums = Patterns.of(kinds, _sums(design, told, place, len(kinds)))
    mean, covariance = _solved(sums, told.names)
    deviation = np.sqrt(np.diag(covariance))
    correlation = covariance / deviation[:, None] / deviation
    not_singular(correlation[:-1, :-1], told.names[:-1])
    at, k = At(sums, mean[None], covariance[None]), len(mean)
    information = at.information()[0]

    def linear(gradient: np.ndarray) -> tuple[Influence, np.ndarray]:
        slopes = (gradient / deviation[:, None] / deviation).reshape(-1, k * k) @ vech(k)
        whole = np.hstack([np.zeros((len(slopes), k)), slopes])
        pulls = np.linalg.solve(information, whole.T).T
        return linear_in_rows(design, _moved(told, place, at.precisions, mean, pulls))

    totals = lru_cache(lambda: _totals(design, told, place))
    refitted: list[list[np.ndarray]] = []  # covariance matrices of the replicates, once they are made

    def again(value: Value, values: np.ndarray) -> tuple[Influence, np.ndarray, np.ndarray]:
        inverse = np.linalg.inv(information) * sums.weight
        step, blocks = max(1, _ENTRIES // (len(kinds) * k * k)), list[np.ndarray]()

        def made(found: np.ndarray, _: np.ndarray) -> np.ndarray:
            if refitted:
                matrices = refitted[0][len(blocks)]
            else:
                some = [found[start : start + step, 0] for start in range(0, len(found), step)]
                matrices = np.concatenate([_refitted(kinds, one, mean, covariance, inverse) for one in some])
            blocks.append(matrices)
            return np.asarray(value(matrices)[:, None, None])

        given = _rested_on(design, told.used, resampled(totals(), made, values[None, None]))
        refitted[:] = [blocks]
        return given

    note = f"{told.note}; {AT_RANDOM}" if told.note else ""
    known: Again | None = None if design.layout.replicates is None else again
    middle, spread = told.middle + told.spread * mean, told.spread * deviation
    return Moments(design, told.names, correlation, middle, spread, told.n, told.asked, note, linear, known)


def _refitted(
    kinds: np.ndarray, sums: np.ndarray, mean: np.ndarray, covariance: np.ndarray, inverse: np.ndarray
) -> np.ndarray:
    """Covariance matrices (r, k, k) of samples near the whole one, NaN where there is none.

    A column that does not vary in a sample has zeros there, and the others are fitted without it.
    """
    k = kinds.shape[1]
    w, x = sums[:, :, 0] @ kinds, (sums[:, :, 1 : 1 + k] * kinds).sum(axis=1)
    first, second = np.triu_indices(k)
    square = (sums[:, :, 1 + k + np.flatnonzero(first == second)] * kinds).sum(axis=1)
    with np.errstate(all="ignore"):
        flat = (w > 0) & (square / w - (x / w) ** 2 < _FLAT)
    found = np.zeros((len(sums), k, k))
    for which in np.unique(flat, axis=0):
        here, kept = np.flatnonzero((flat == which).all(axis=1)), np.flatnonzero(~which)
        if which[-1]:
            found[here] = np.nan
        elif not which.any():
            found[here] = followed(Patterns.of(kinds, sums[here]), mean, covariance, inverse)
        else:
            inside = np.isin(first, kept) & np.isin(second, kept)
            columns = np.concatenate([[0], 1 + kept, 1 + k + np.flatnonzero(inside)])
            rows = np.flatnonzero(kinds[:, kept].any(axis=1))
            part = Patterns.of(kinds[np.ix_(rows, kept)], sums[np.ix_(here, rows, columns)])
            found[np.ix_(here, kept, kept)] = _without(part, mean[kept], covariance[np.ix_(kept, kept)])
    return found


def _without(sums: Patterns, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Covariance matrices of samples of fewer columns than the whole one has, NaN where there is none."""
    count = len(sums.weight)
    try:
        return climbed(sums, np.tile(mean, (count, 1)), np.tile(covariance, (count, 1, 1)))[1]
    except (ConvergenceError, np.linalg.LinAlgError):
        return np.full((count, *covariance.shape), np.nan)


def _rested_on(
    design: Design, used: np.ndarray, made: tuple[Influence, np.ndarray, np.ndarray]
) -> tuple[Influence, np.ndarray, np.ndarray]:
    """What `resampled` gave of m numbers that all rest on the same rows (n,), with the psus these are in."""
    spread, variance, lost = made
    marked = np.where(used, 1.0, np.nan)[:, None]

    def presence() -> sparse.csc_array:
        one, _ = linear_in_rows(design, marked)
        return sparse.csc_array(one.presence[:, np.zeros(spread.shape[1], int)])

    found = Influence(spread.shape, lambda: spread.direct, presence, middle=spread.middle)
    return found, variance, lost


def _totals(design: Design, told: Incomplete, place: np.ndarray) -> Totals:
    """Sums of columns and products by unit of variance × pattern."""
    first, second = np.triu_indices(len(told.names))
    kinds = pd.DataFrame({"pattern": np.where(told.used, place, np.nan)})
    by_kind = replace(design, data=kinds, given=design.layout)
    return gather(
        by_kind,
        [list(told.z.T)],
        lambda block: [*block, *(block[a] * block[b] for a, b in zip(first, second, strict=True))],
        by=["pattern"],
    )


def _sums(design: Design, told: Incomplete, place: np.ndarray, count: int) -> np.ndarray:
    """Sums of the whole sample by pattern (1, G, 1 + k + k(k+1)/2)."""
    rows = np.flatnonzero(told.used)
    w, kind, z = design.layout.weight[rows], place[rows], told.z[rows].T
    first, second = np.triu_indices(len(z))
    weighed = w * z
    columns = [w, *weighed, *(weighed[a] * z[b] for a, b in zip(first, second, strict=True))]
    return np.stack([np.bincount(kind, column, count) for column in columns], axis=1)[None]


def _solved(sums: Patterns, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Means (k,) and covariance matrix (k, k) of the sample, from columns already standardised."""
    apart = np.argwhere(np.triu(sums.together[0] <= 0))
    if len(apart):
        one, other = (names[column] for column in apart[0])
        raise DesignError(
            f"nobody answered both `{one}` and `{other}`: how they go together is not known",
            mend="leave one of them out",
        )
    mean, covariance = climbed(sums, np.zeros((1, len(names))), np.eye(len(names))[None])
    if np.isnan(mean).any():
        raise DesignError(
            f"some of {', '.join(names)} determine each other, as far as they were answered together",
            mend="leave one of them out, or use items that more people answered together",
        )
    return mean[0], covariance[0]


def _moved(
    told: Incomplete, place: np.ndarray, precision: np.ndarray, mean: np.ndarray, pulls: np.ndarray
) -> np.ndarray:
    """What a unit of weight of each row moves m numbers (n, m), NaN for who is out.

    pulls (m, k + k(k+1)/2) : the information's inverse times each number's derivatives by means and covariances.
    """
    k = len(mean)
    first, second = np.triu_indices(k)
    twice = np.where(first == second, 0.5, 1.0)
    by_mean, by_square = pulls[:, :k].T, (pulls[:, k:] * twice).T
    expected = precision[:, first, second] @ by_square
    found = np.full((len(place), len(pulls)), np.nan)
    rows = np.flatnonzero(told.used)
    for start in range(0, len(rows), _BLOCK):
        some = rows[start : start + _BLOCK]
        kind = place[some]
        away = np.where(told.answered[some], told.z[some] - mean, 0.0)
        z = (precision[kind] @ away[:, :, None])[:, :, 0]
        found[some] = z @ by_mean + (z[:, first] * z[:, second]) @ by_square - expected[kind]
    return found

"""From the scores of rows to the influence of what their equations determine, by domain, without a matrix of all rows.

With A the derivative of the equations, A⁻¹ s is what a unit of weight of a row moves the solution (Binder 1983).  Sums of s go
through the one pass of the house and A⁻¹ is their gradient; where each row is a psu, A⁻¹ s itself is an answer like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse

from symmetry.design import Design, Influence, Totals, deviations, gather, influence, replicates_of, variances

__all__ = ["presence_of", "spread_of_refits", "spread_of_scores"]

_BLOCK = 1 << 15
Scores = Callable[[slice], np.ndarray]


def spread_of_scores(
    design: Design, rows: np.ndarray, scores: Scores, inverse: np.ndarray, by: Sequence[str], code: np.ndarray | None
) -> tuple[Totals, Influence, np.ndarray]:
    """Influence and variances of q coefficients × D domains, coefficients outermost, on designs without replicates.

    rows (m,) of the design's data that are used, growing.  scores : slice of these → (q, r).  inverse (D, q, q) : A⁻¹, 0 for
    domains without a solution.  code (m,) the domain of each row used, None for one domain.
    """
    n, (size, q, _) = len(design.data), inverse.shape
    if design.element:
        answers = np.full((q, n), np.nan)
        for start in range(0, len(rows), _BLOCK):
            part = slice(start, start + _BLOCK)
            answers[:, rows[part]] = _applied(inverse, scores(part), None if code is None else code[part])
        totals = gather(design, [[row] for row in answers], by=by)
        gradient = np.broadcast_to(np.array([0.0, 1.0])[:, None], (q, size, 2, 1)).copy()
        gradient[:, ~inverse.any(axis=(1, 2))] = 0.0
        return totals, *influence(totals, gradient)
    place = np.arange(1.0, n + 1.0)
    if len(rows) < n:
        place = np.full(n, np.nan)
        place[rows] = np.arange(1.0, len(rows) + 1.0)
    totals = gather(design, [[place]], lambda parts: _placed(parts[0], scores, q), by=by)
    return totals, *influence(totals, np.concatenate([np.zeros((1, size, 1, q)), inverse[None]], axis=2))


def spread_of_refits(
    design: Design, rows: np.ndarray, thetas: np.ndarray, values: np.ndarray, code: np.ndarray | None, size: int
) -> tuple[Influence, np.ndarray, np.ndarray]:
    """Influence, variances and counts of replicates left out of M = q × D values, from those in every replicate (R, M)."""
    lost = deviations(replicates_of(design), thetas, values)
    held = presence_of(design, rows, code, size)
    spread = Influence.of(thetas, sparse.csc_array(sparse.hstack([held] * (len(values) // size), format="csc")))
    return spread, variances(design, spread), lost


def presence_of(design: Design, rows: np.ndarray, code: np.ndarray | None, size: int) -> sparse.csc_array:
    """Ones where a psu holds rows of a domain (P, D)."""
    held = np.zeros((len(design.layout.stratum), size))
    held[design.layout.psu[rows], 0 if code is None else code] = 1.0
    return sparse.csc_array(held)


def _placed(place: np.ndarray, scores: Scores, q: int) -> list[np.ndarray]:
    """Scores of a block of the design's rows, from their places among the rows used (from 1), 0 for the others."""
    used = np.flatnonzero(place)
    if not len(used):
        return [np.zeros(len(place)) for _ in range(q)]
    found = scores(slice(int(place[used[0]]) - 1, int(place[used[-1]])))
    if len(used) == len(place):
        return list(found)
    out = np.zeros((q, len(place)))
    out[:, used] = found
    return list(out)


def _applied(inverse: np.ndarray, scores: np.ndarray, code: np.ndarray | None) -> np.ndarray:
    """A⁻¹ of each row's domain times its scores (q, r)."""
    if code is None:
        return np.asarray(inverse[0] @ scores)
    order = np.argsort(code, kind="stable")
    ends = np.searchsorted(code[order], np.arange(len(inverse) + 1))
    out = np.empty(scores.shape)
    for own, start, end in zip(inverse, ends, ends[1:], strict=False):
        out[:, order[start:end]] = own @ scores[:, order[start:end]]
    return out

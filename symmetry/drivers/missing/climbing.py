"""To the top of the likelihood of incomplete answers, for many samples at once: EM to come near, Newton to arrive.

EM never goes down, and near the top it goes slowly; Newton's steps end the search in four or five.  A replicate starts at the top
of the whole sample and goes by the information found there, each step mended by the last few (Anderson 1965); the few that do not
settle so climb like any other.
"""

from __future__ import annotations

import numpy as np

from symmetry.drivers.missing.patterns import At, Patterns, vech
from symmetry.drivers.telling import progress
from symmetry.errors import ConvergenceError

__all__ = ["climbed", "followed"]

_MOST, _FIRST, _NEAR, _DONE, _FLAT = 500, 3, 1e-6, 1e-10, 1e-10
_FOLLOWED, _SETTLED, _DEPTH, _ENTRIES = 40, 1e-7, 8, 1 << 22


def climbed(sums: Patterns, mean: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means (r, k) and covariance matrices (r, k, k) of the largest likelihood, from a start; NaN where there is none.

    The columns should be standardised, roughly: a step below 1e-10 ends the search.

    Raises
    ------
    ConvergenceError : after 500 steps none of the samples has arrived.
    """
    mean, covariance = mean.copy(), covariance.copy()
    bears = (sums.together > 0).all(axis=(1, 2))
    mean[~bears], covariance[~bears] = np.nan, np.nan
    left, size = np.flatnonzero(bears), np.zeros(0)
    turn, rest = _FIRST, 1
    for step in range(_MOST):
        if not len(left):
            return mean, covariance
        here = At(sums.some(left), mean[left], covariance[left])
        middle, matrix = here.expected()
        size = np.maximum(np.abs(middle - mean[left]).max(axis=1), np.abs(matrix - covariance[left]).max(axis=(1, 2)))
        done = np.zeros(len(left), bool)
        if step >= turn:
            taken, far = _further(here, middle, matrix)
            done = taken & (far < _DONE)
            rest = 1 if taken.any() else 2 * rest  # Newton's steps are dear: where none served, EM goes on for a while
            turn = step + rest
        mean[left], covariance[left] = middle, matrix
        flat = ~_definite(matrix)
        mean[left[flat]], covariance[left[flat]] = np.nan, np.nan
        left, size = left[~(done | flat)], size[~(done | flat)]
    if len(left) == len(mean):
        raise ConvergenceError(
            f"the covariance of incomplete answers still moves by {size.max():.1g} of a deviation after {_MOST} steps",
            mend="leave out the items that fewest answered, or use fewer of them",
        )
    mean[left], covariance[left] = np.nan, np.nan
    return mean, covariance


def followed(sums: Patterns, mean: np.ndarray, covariance: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """Covariance matrices (r, k, k) of samples near another, NaN where there is none.

    Parameters
    ----------
    mean, covariance : (k,), (k, k) of the other.
    inverse : of its information, for weights that sum to 1.
    """
    count, k = len(sums.weight), sums.k
    rows, columns = np.triu_indices(k)
    at = np.tile(np.concatenate([mean, covariance[rows, columns]]), (count, 1))
    lost = np.asarray((sums.together <= 0).any(axis=(1, 2)))
    left, settled, past = np.flatnonzero(~lost), lost.copy(), _Past()
    with progress(f"EM in {count} replicates", count) as done:
        done(int(lost.sum()))
        for _ in range(_FOLLOWED):
            if not len(left):
                break
            here = At(sums.some(left), at[left, :k], _square(at[left, k:], k))
            move = here.slope @ inverse / here.sums.weight[:, None]
            arrived = np.abs(move).max(axis=1) < _SETTLED
            ahead = past.ahead(at[left], move)
            wild = ~_definite(_square(ahead[:, k:], k))
            ahead[wild] = (at[left] + move)[wild]
            stands = _definite(_square(ahead[:, k:], k))
            at[left] = ahead
            settled[left[arrived & stands]] = True
            left, keep = left[stands & ~arrived], stands & ~arrived
            past.keep(keep)
            done(int((~keep).sum()))
    matrix = _square(at[:, k:], k)
    matrix[lost] = np.nan
    rest = np.flatnonzero(~settled)
    step = max(1, _ENTRIES // k**4)
    for start in range(0, len(rest), step):
        some = rest[start : start + step]
        try:
            found = climbed(sums.some(some), np.tile(mean, (len(some), 1)), np.tile(covariance, (len(some), 1, 1)))
            matrix[some] = found[1]
        except (ConvergenceError, np.linalg.LinAlgError):
            matrix[some] = np.nan
    return matrix


class _Past:
    """Where r searches have been and how they would have moved on, so that the next step heeds the last few (Anderson 1965)."""

    def __init__(self) -> None:
        self._been: list[tuple[np.ndarray, np.ndarray]] = []

    def ahead(self, at: np.ndarray, move: np.ndarray) -> np.ndarray:
        """Where to go (r, v) from here, when the plain step were `move`."""
        self._been = [*self._been[-_DEPTH:], (at, move)]
        if len(self._been) == 1:
            return np.asarray(at + move)
        places, moves = (np.stack(list(one), axis=-1) for one in zip(*self._been, strict=True))
        gone, changed = np.diff(places, axis=-1), np.diff(moves, axis=-1)
        size = np.sqrt((changed**2).sum(axis=1, keepdims=True)) + 1e-300
        unit = changed / size
        square = unit.swapaxes(1, 2) @ unit + 1e-12 * np.eye(unit.shape[-1])
        shares = np.linalg.solve(square, unit.swapaxes(1, 2) @ move[..., None])
        return np.asarray(at + move - (((gone + changed) / size) @ shares)[..., 0])

    def keep(self, searches: np.ndarray) -> None:
        """Go on with some of the searches."""
        self._been = [(at[searches], move[searches]) for at, move in self._been]


def _square(entries: np.ndarray, k: int) -> np.ndarray:
    """Symmetric matrices (r, k, k) of the entries on and above their diagonal (r, k(k+1)/2)."""
    return np.asarray(entries @ vech(k).T).reshape(-1, k, k)


def _further(here: At, middle: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put Newton's steps in the place of EM's where they serve; say where (r,), and how far they go (r,)."""
    r, k = here.mean.shape
    try:
        step = np.linalg.solve(here.information(), here.slope[..., None])[..., 0]
    except np.linalg.LinAlgError:
        return np.zeros(r, bool), np.full(r, np.inf)
    mean, covariance = here.mean + step[:, :k], here.covariance + (step[:, k:] @ vech(k).T).reshape(r, k, k)
    size = np.abs(step).max(axis=1)
    fine = np.isfinite(size)
    fine[fine] = _definite(covariance[fine])
    far = np.flatnonzero(fine & (size > _NEAR))
    if len(far):
        there = At(here.sums.some(far), mean[far], covariance[far])
        fine[far] = there.likelihood >= here.likelihood[far]
    middle[fine], matrix[fine] = mean[fine], covariance[fine]
    return fine, size


def _definite(covariance: np.ndarray) -> np.ndarray:
    """Whether matrices (r, k, k) are positive definite (r,)."""
    known = np.isfinite(covariance).all(axis=(1, 2))
    known[known] = np.linalg.eigvalsh(covariance[known])[:, 0] > _FLAT
    return np.asarray(known)

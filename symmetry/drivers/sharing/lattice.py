"""Explained variance of every subset of drivers, by one walk: the regressions of all subsets share their eliminations.

The walk takes one player after the other (a driver, or a group of them) and keeps, for every choice made so far, the covariance
of what is left given what is in: leaving a player out drops its rows, taking it in eliminates them first.  P players cost
about 2^P · Σ_k (k+1)²/2^k operations, some six for each subset.  Subset S stands at place Σ_{j in S} 2^j.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symmetry.drivers.sharing.bearing import borne

__all__ = ["Players", "coefficients", "explained_by_subset", "members", "players_of"]

_ENTRIES = 1 << 18


@dataclass(frozen=True)
class Players:
    """Who may enter: `always` columns that are in from the start, and the columns of each of P players, which enter together."""

    names: tuple[str, ...]
    columns: tuple[tuple[int, ...], ...]
    always: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def order(self) -> list[int]:
        """Columns in the order of the walk."""
        return [*self.always, *(column for player in self.columns for column in player)]


def players_of(count: int) -> Players:
    """Each of `count` columns a player of its own."""
    return Players(tuple(map(str, range(count))), tuple((column,) for column in range(count)))


def explained_by_subset(covariance: np.ndarray, players: Players) -> np.ndarray:
    """R² of the outcome on every subset of players, and what is always in.

    Parameters
    ----------
    covariance : (..., k, k), the outcome last.

    Returns
    -------
    (2^P, ...) between 0 and 1.  A column that does not vary adds nothing to any subset; NaN where a matrix does not bear a
    regression (see `borne`).

    Examples
    --------
    >>> c = np.array([[1.0, 0.5, 0.6], [0.5, 1.0, 0.5], [0.6, 0.5, 1.0]])
    >>> explained_by_subset(c, players_of(2)).round(4)
    array([0.    , 0.36  , 0.25  , 0.4133])
    """
    lead = covariance.shape[:-2]
    flat = covariance.reshape(-1, *covariance.shape[-2:])
    places = [*players.order, covariance.shape[-1] - 1]
    found = np.empty((1 << len(players), len(flat)))
    step = max(1, _ENTRIES >> len(players))
    with np.errstate(all="ignore"):
        for start in range(0, len(flat), step):
            block = borne(flat[start : start + step][:, places][:, :, places])
            found[:, start : start + step] = _walk(np.ascontiguousarray(block.transpose(1, 2, 0)), players)
    return found.reshape(-1, *lead)


def _walk(left: np.ndarray, players: Players) -> np.ndarray:
    """R² of every subset (2^P, r) from matrices (k, k, r) in the order of the walk, of which only the upper triangle is used."""
    size, whole = left.shape[-1], left[-1, -1]
    for _ in players.always:
        left = _eliminated(left, np.empty((len(left) - 1, len(left) - 1, left.shape[-1])))
    for player in players.columns:
        out, count = left[len(player) :, len(player) :], left.shape[-1]
        both = np.empty((*out.shape[:2], 2 * count))
        both[..., :count] = out
        for done in range(len(player)):
            rest = len(left) - 1
            last = done == len(player) - 1
            left = _eliminated(left, both[..., count:] if last else np.empty((rest, rest, count)))
        left = both
    return np.asarray(1.0 - left[0, 0].reshape(-1, size) / whole)


def _eliminated(left: np.ndarray, into: np.ndarray) -> np.ndarray:
    """What is left given the first column: upper triangle of left - first first' / pivot."""
    first = left[0, 1:]
    ratio = first / left[0, 0]
    for row in range(len(first)):
        np.multiply(first[row:], ratio[row], out=into[row, row:])
        np.subtract(left[row + 1, row + 1 :], into[row, row:], out=into[row, row:])
    return into


def coefficients(covariance: np.ndarray, players: Players) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of the outcome on every subset and the R² these give.

    Parameters
    ----------
    covariance : (k, k), the outcome last.

    Returns
    -------
    Coefficients (k, 2^P) on all columns, 0 for those that are out and -1 for the outcome itself, and R² (2^P,).
    """
    order = players.order
    places = [*order, len(covariance) - 1]
    left = np.ascontiguousarray(covariance[np.ix_(places, places)][..., None])
    beta = np.empty((len(places), 0, 1))
    for _ in players.always:
        left, beta = _regressed(left, beta)
    for player in players.columns:
        b, (_, done, count) = len(player), beta.shape
        inside, slopes = left, beta
        for _ in player:
            inside, slopes = _regressed(inside, slopes)
        out = left[b:, b:]
        left = np.concatenate([out, inside], axis=-1)
        both = np.zeros((len(out), done + b, 2 * count))
        both[:, :done, :count] = beta[b:]
        both[..., count:] = slopes
        beta = both
    found = np.zeros((len(covariance), beta.shape[-1]))
    found[order] = beta[0]
    found[-1] = -1.0
    return found, 1.0 - left[0, 0] / covariance[-1, -1]


def _regressed(left: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take the first column in: what is left of the others (m-1, m-1, N), their coefficients on all that is in (m-1, q+1, N)."""
    ratio = left[0, 1:] / left[0, 0]
    inside = left[1:, 1:] - ratio[:, None] * left[0, 1:]
    slopes = np.empty((len(ratio), beta.shape[1] + 1, beta.shape[2]))
    np.multiply(ratio[:, None], beta[0], out=slopes[:, :-1])
    np.subtract(beta[1:], slopes[:, :-1], out=slopes[:, :-1])
    slopes[:, -1] = ratio
    return inside, slopes


def members(count: int) -> np.ndarray:
    """How many players each of 2^P subsets has (2^P,).

    Examples
    --------
    >>> members(2)
    array([0, 1, 1, 2])
    """
    return np.bitwise_count(np.arange(1 << count)).astype(int)

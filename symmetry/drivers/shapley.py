"""LMG shares of R²: each player's gain in explained variance, averaged over all orders of entry.

With C the weighted covariance of drivers and outcome y, and b_S the coefficients of y on the subset S, R²(S) = c_S' b_S / c_yy,
and the share of player j is

    φ_j = Σ_S a_j(S) R²(S),   a_j(S) = (|S|-1)! (P-|S|)! / P!  if j ∈ S,   -|S|! (P-|S|-1)! / P!  if not

(Lindeman, Merenda, Gold 1980; the Shapley value of R²).  Its derivative needs only the same coefficients: with e = (b_S, -1),
dR²(S) = ((1 - R²(S)) dc_yy - e' dC e) / c_yy.  One walk over the subsets gives values and linearised errors.
"""

from __future__ import annotations

from math import factorial

import numpy as np

from symmetry.drivers.lattice import Players, coefficients, explained_by_subset, members

__all__ = ["lmg", "lmg_gradient", "shared_out"]

_CHUNK = 1 << 13


def lmg(covariance: np.ndarray, players: Players) -> np.ndarray:
    """Shares of P players, from covariance matrices (..., k, k) with the outcome last → (..., P)."""
    return shared_out(explained_by_subset(covariance, players))


def shared_out(worth: np.ndarray) -> np.ndarray:
    """Shapley values (..., P) of what every subset is worth (2^P, ...).

    Examples
    --------
    >>> shared_out(np.array([0.0, 0.36, 0.25, 0.4133])).round(4)
    array([0.2617, 0.1517])
    """
    count = len(worth).bit_length() - 1
    gain, loss = _weights(count)
    size = members(count)
    lead = worth.shape[1:]
    flat = worth.reshape(len(worth), -1)
    outside = -(loss[size] @ flat)
    left = flat * (gain + loss)[size][:, None]
    found = np.empty((count, flat.shape[1]))
    for player in reversed(range(count)):
        half = 1 << player
        found[player] = left[half:].sum(axis=0)
        left = left[:half] + left[half:]
    return np.moveaxis((found + outside).reshape(count, *lead), 0, -1)


def lmg_gradient(covariance: np.ndarray, players: Players) -> np.ndarray:
    """Derivatives (P, k, k) of the shares by a covariance matrix (k, k), the outcome last."""
    k, count = len(covariance), len(players)
    beta, r2 = coefficients(covariance, players)
    gain, loss = _weights(count)
    size = members(count)
    outside, inside = loss[size], (gain + loss)[size]
    every, found, left = np.zeros((k, k)), np.zeros((count, k, k)), np.zeros(count)
    number = np.arange(len(r2))
    for start in range(0, len(r2), _CHUNK):
        here = slice(start, start + _CHUNK)
        block = beta[:, here]
        every += (block * outside[here]) @ block.T
        weighed = block * inside[here]
        for player in range(count):
            with_it = ((number[here] >> player) & 1).astype(bool)
            if with_it.any():
                found[player] += weighed[:, with_it] @ block[:, with_it].T
                left[player] += inside[here][with_it] @ (1.0 - r2[here][with_it])
    slopes = every - found
    slopes[:, -1, -1] += left - outside @ (1.0 - r2)
    return np.asarray(slopes / covariance[-1, -1])


def _weights(count: int) -> tuple[np.ndarray, np.ndarray]:
    """By the size of a subset, what its worth counts for a player in it, and what against a player out of it (P + 1,)."""
    whole = factorial(count)
    gain = [factorial(size - 1) * factorial(count - size) / whole if size else 0.0 for size in range(count + 1)]
    loss = [factorial(size) * factorial(count - size - 1) / whole if size < count else 0.0 for size in range(count + 1)]
    return np.array(gain), np.array(loss)

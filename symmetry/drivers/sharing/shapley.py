"""LMG shares of R²: each player's gain in explained variance, averaged over all orders of entry.

With C the weighted covariance of drivers and outcome y, and b_S the coefficients of y on the subset S, R²(S) = c_S' b_S / c_yy,
and the share of player j is

    φ_j = Σ_S a_j(S) R²(S),   a_j(S) = (|S|-1)! (P-|S|)! / P!  if j ∈ S,   -|S|! (P-|S|-1)! / P!  if not

(Lindeman, Merenda, Gold 1980; the Shapley value of R²).  Its derivative needs only the same coefficients: with e = (b_S, -1),
dR²(S) = ((1 - R²(S)) dc_yy - e' dC e) / c_yy.  One walk over the subsets gives values and linearised errors.  In a replicate
where a driver does not vary its share is 0, and the others' are those without it (`bearing`).
"""

from __future__ import annotations

from math import factorial

import numpy as np

from symmetry.drivers.sharing.lattice import Players, coefficients, explained_by_subset, members
from symmetry.drivers.telling import watched

__all__ = ["lmg", "lmg_gradient", "shared_out"]

_BITS = 5  # of a subset's number in each of its first two parts


def lmg(covariance: np.ndarray, players: Players) -> np.ndarray:
    """Shares of P players, from covariance matrices (..., k, k) with the outcome last → (..., P)."""
    return shared_out(explained_by_subset(covariance, players))


def shared_out(worth: np.ndarray) -> np.ndarray:
    """Shapley values (..., P) of what every subset is worth (2^P, ...).

    Examples
    --------
    >>> shared_out(np.array([0.0, 0.36, 0.25, 0.4133])).round(4)
    array([0.2616, 0.1516])
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
    """Derivatives (P, k, k) of the shares by a covariance matrix (k, k), the outcome last.

    A subset counts with e e' for each of its members.  Its number is cut into three parts; the products are summed by each part
    alone, and a player takes the sums whose part has its bit.
    """
    k, count = len(covariance), len(players)
    beta, r2 = coefficients(covariance, players)
    gain, loss = _weights(count)
    size = members(count)
    outside, inside = loss[size], (gain + loss)[size]
    low = min(count, _BITS)
    middle = min(count - low, _BITS)
    chunk = 1 << (low + middle)
    by_low, by_middle = np.zeros((1 << low, k, k)), np.zeros((1 << middle, k, k))
    by_high, every = np.zeros((len(r2) // chunk, k, k)), np.zeros((k, k))
    for number in watched(range(len(by_high)), "derivatives of the shares"):
        here = slice(number * chunk, (number + 1) * chunk)
        every += (beta[:, here] * outside[here]) @ beta[:, here].T
        block = beta[:, here].reshape(k, 1 << middle, 1 << low)
        weighed = block * inside[here].reshape(1 << middle, 1 << low)
        by_low += weighed.transpose(2, 0, 1) @ block.transpose(2, 1, 0)
        part = weighed.transpose(1, 0, 2) @ block.transpose(1, 2, 0)
        by_middle += part
        by_high[number] = part.sum(axis=0)
    left = inside * (1.0 - r2)
    slopes = np.empty((count, k, k))
    starts = ((0, by_low), (low, by_middle), (low + middle, by_high))
    for start, sums in starts:
        for player in range(start, start + len(sums).bit_length() - 1):
            with_it = sums.reshape(-1, 2, 1 << (player - start), k, k)[:, 1].sum(axis=(0, 1))
            slopes[player] = every - with_it
            slopes[player, -1, -1] += left.reshape(-1, 2, 1 << player)[:, 1].sum() - outside @ (1.0 - r2)
    return np.asarray(slopes / covariance[-1, -1])


def _weights(count: int) -> tuple[np.ndarray, np.ndarray]:
    """By the size of a subset, what its worth counts for a player in it, and what against a player out of it (P + 1,)."""
    whole = factorial(count)
    gain = [factorial(size - 1) * factorial(count - size) / whole if size else 0.0 for size in range(count + 1)]
    loss = [factorial(size) * factorial(count - size - 1) / whole if size < count else 0.0 for size in range(count + 1)]
    return np.array(gain), np.array(loss)

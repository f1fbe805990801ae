"""The normal likelihood of incomplete answers, from sums by pattern of what is missing, for many samples at once.

With d = x - μ, and P the inverse of the covariance Σ of what a pattern g answered, 0 elsewhere, the log-likelihood is

    l = -½ Σ_g [ W_g log|Σ_g| + tr(P_g S_g) ],   W_g = Σ w,   S_g = Σ w d d'   over the rows of the pattern.

Its derivatives are Σ_g P_g s_g by μ and ½ Σ_g (F_g - W_g P_g) by Σ, with s_g = Σ w d and F_g = P_g S_g P_g; and a step of EM
(Dempster, Laird, Rubin 1977; Little and Rubin 2019, section 11.2) is made of these alone:

    δ = Σ Σ_g P_g s_g / W,   μ ← μ + δ,   Σ ← Σ + Σ [Σ_g (F_g - W_g P_g)] Σ / W - δ δ'.

How this is climbed is told in `climbing`.  Patterns of as many answers are worked out together, on these answers alone; nothing
here depends on the number of respondents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from scipy import sparse

__all__ = ["At", "Patterns", "vech"]


@cache
def vech(k: int) -> np.ndarray:
    """What turns the k(k+1)/2 entries above and on the diagonal of a symmetric matrix into its k² entries (k², k(k+1)/2)."""
    first, second = np.triu_indices(k)
    found = np.zeros((k, k, len(first)))
    place = np.arange(len(first))
    found[first, second, place] = found[second, first, place] = 1.0
    return found.reshape(k * k, -1)


@dataclass(frozen=True, eq=False)
class Alike:
    """Sums of r samples over patterns with q answers each.

    which (g,) their numbers; places (g, q) columns answered; by_column (k, g·q), by_pair (k², g·q²) what adds what is known of
    their answers to that of all columns; weight (r, g), total (r, g, q), square (r, g, q, q).
    """

    which: np.ndarray
    places: np.ndarray
    by_column: sparse.csr_array
    by_pair: sparse.csr_array
    weight: np.ndarray
    total: np.ndarray
    square: np.ndarray

    def of(self, samples: np.ndarray) -> Alike:
        """Some of the samples."""
        return replace(self, weight=self.weight[samples], total=self.total[samples], square=self.square[samples])


@dataclass(frozen=True, eq=False)
class Patterns:
    """Sums of r samples by pattern of missing answers to k columns, patterns of as many answers together."""

    k: int
    parts: tuple[Alike, ...]

    @classmethod
    def of(cls, observed: np.ndarray, sums: np.ndarray) -> Patterns:
        """From who answers what (G, k), and sums (r, G, 1 + k + k(k+1)/2) of 1, the columns and their products."""
        k, count = observed.shape[1], observed.sum(axis=1)
        first, second = np.triu_indices(k)
        product = np.empty((k, k), int)
        product[first, second] = product[second, first] = np.arange(len(first)) + 1 + k
        parts = []
        for q in np.unique(count):
            which = np.flatnonzero(count == q)
            places = np.nonzero(observed[which])[1].reshape(len(which), q)
            square = product[places[:, :, None], places[:, None, :]]
            adders = _adder(places, k), _adder(places[:, :, None] * k + places[:, None, :], k * k)
            total = sums[:, which[:, None], 1 + places]
            parts.append(Alike(which, places, *adders, sums[:, which, 0], total, sums[:, which[:, None, None], square]))
        return cls(k, tuple(parts))

    def some(self, samples: np.ndarray) -> Patterns:
        """Some of the samples."""
        return Patterns(self.k, tuple(part.of(samples) for part in self.parts))

    @cached_property
    def weight(self) -> np.ndarray:
        """Sums of weights (r,)."""
        return np.asarray(sum(part.weight.sum(axis=1) for part in self.parts))

    @cached_property
    def together(self) -> np.ndarray:
        """Weight of who answered both of each pair of columns (r, k, k)."""
        ones = (np.broadcast_to(part.weight[:, :, None, None], part.square.shape) for part in self.parts)
        return self.added(ones)

    def added(self, matrices: Iterator[np.ndarray]) -> np.ndarray:
        """Sum matrices (r, g, q, q) of the patterns of each part, placed among the k columns → (r, k, k)."""
        parts = zip(self.parts, matrices, strict=True)
        found = np.sum([_summed(part.by_pair, matrix) for part, matrix in parts], axis=0)
        return np.asarray(found).reshape(-1, self.k, self.k)


class At:
    """The likelihood of r samples and its derivatives at means (r, k) and covariance matrices (r, k, k)."""

    def __init__(self, sums: Patterns, mean: np.ndarray, covariance: np.ndarray) -> None:
        self.sums, self.mean, self.covariance = sums, mean, covariance
        self._parts, slope = [], np.zeros_like(mean)
        for part in sums.parts:
            middle, w = mean[:, part.places], part.weight
            answered = covariance[:, part.places[:, :, None], part.places[:, None, :]]
            precision = np.linalg.inv(answered)
            cross = part.total[..., :, None] * middle[..., None, :]
            square = part.square - cross - cross.swapaxes(-1, -2)
            square += w[..., None, None] * middle[..., :, None] * middle[..., None, :]
            moved = (precision @ (part.total - w[..., None] * middle)[..., None])[..., 0]
            self._parts.append((answered, precision, square, moved, precision @ square @ precision))
            slope += _summed(part.by_column, moved)
        self.by_mean = slope
        self.by_covariance = 0.5 * sums.added(
            found - part.weight[..., None, None] * precision
            for part, (_, precision, _, _, found) in zip(sums.parts, self._parts, strict=True)
        )

    @cached_property
    def likelihood(self) -> np.ndarray:
        """Log-likelihoods (r,), without their constant."""
        found = np.zeros(len(self.mean))
        for part, (answered, precision, square, _, _) in zip(self.sums.parts, self._parts, strict=True):
            found -= 0.5 * (part.weight * np.linalg.slogdet(answered)[1]).sum(axis=1)
            found -= 0.5 * (precision * square).sum(axis=(1, 2, 3))
        return found

    @property
    def slope(self) -> np.ndarray:
        """Derivatives by the means and the upper triangle of the covariance matrix (r, k + k(k+1)/2)."""
        return np.concatenate(
            [self.by_mean, self.by_covariance.reshape(len(self.mean), -1) @ vech(self.sums.k)], axis=1
        )

    @property
    def precisions(self) -> np.ndarray:
        """Inverse of what each pattern answered, of the first sample (G, k, k), 0 elsewhere."""
        k = self.sums.k
        found = np.zeros((sum(len(part.which) for part in self.sums.parts), k, k))
        for part, (_, precision, _, _, _) in zip(self.sums.parts, self._parts, strict=True):
            found[part.which[:, None, None], part.places[:, :, None], part.places[:, None, :]] = precision[0]
        return found

    def expected(self) -> tuple[np.ndarray, np.ndarray]:
        """One step of EM: means and covariance matrices."""
        whole = self.sums.weight[:, None]
        move = (self.covariance @ self.by_mean[..., None])[..., 0] / whole
        change = 2.0 * self.covariance @ self.by_covariance @ self.covariance / whole[..., None]
        return self.mean + move, self.covariance + change - move[:, :, None] * move[:, None, :]

    def information(self) -> np.ndarray:
        """Minus the second derivatives by what `slope` is by (r, k + k(k+1)/2, the same)."""
        r, k = self.mean.shape
        fold = vech(k)
        whole, mixed, plain = np.zeros((r, k * k, k * k)), np.zeros((r, k * k, k)), np.zeros((r, k, k))
        for part, (_, precision, _, moved, found) in zip(self.sums.parts, self._parts, strict=True):
            weighed = part.weight[..., None, None] * precision
            flat, rest = (_placed(part, matrix, k) for matrix in (precision, found - 0.5 * weighed))
            whole += flat.swapaxes(1, 2) @ rest
            vectors = np.zeros((r, len(part.which), k))
            vectors[:, np.arange(len(part.which))[:, None], part.places] = moved
            mixed += flat.swapaxes(1, 2) @ vectors
            plain += np.einsum("rg,rgc->rc", part.weight, flat).reshape(r, k, k)
        # [a, b, c, d] of `whole`, Σ_g P_ab N_cd, joins moves of (b, c) and of (d, a)
        second = whole.reshape(r, k, k, k, k).transpose(0, 2, 3, 4, 1).reshape(r, k * k, k * k)
        second = fold.T @ second @ fold
        across = mixed.reshape(r, k, k * k) @ fold
        return np.block([[plain, across], [across.swapaxes(1, 2), (second + second.swapaxes(1, 2)) / 2]])


def _adder(place: np.ndarray, size: int) -> sparse.csr_array:
    """What sums values by place."""
    flat = place.ravel()
    return sparse.csr_array((np.ones(len(flat)), (flat, np.arange(len(flat)))), shape=(size, len(flat)))


def _summed(adder: sparse.csr_array, values: np.ndarray) -> np.ndarray:
    """Sums (r, size) of values (r, …) by place."""
    return np.asarray((adder @ values.reshape(len(values), -1).T).T)


def _placed(part: Alike, matrix: np.ndarray, k: int) -> np.ndarray:
    """Matrices (r, g, q, q) among all columns, flat (r, g, k²)."""
    found = np.zeros((len(matrix), len(part.which), k, k))
    number = np.arange(len(part.which))[:, None, None]
    found[:, number, part.places[:, :, None], part.places[:, None, :]] = matrix
    return found.reshape(len(matrix), len(part.which), k * k)

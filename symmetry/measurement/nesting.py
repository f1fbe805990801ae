"""The restricted likelihood of answers nested in units, units in regions, regions in companies, from a few sums of each unit.

y = μ + effects of the levels + e, all normal.  With ratios θ = variance of a level / variance of persons, a unit's mean has the
variance 1/n + θ around the effect it is nested in; means of one group, weighted by the inverse of their variances, become one
mean of the group with variance 1/Σ, and so on up to μ, which is integrated out (REML).  The variance of persons is profiled out.
Each step is a sum over groups: nothing depends on the number of answers, and V, n by n, is never written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from symmetry.measurement.sums import Sums

__all__ = ["Nest", "nest_of"]


@dataclass(frozen=True, eq=False)
class Nest:
    """Units in groups in groups: G units in order, so that those of one group stand together.

    sums : of the units.  starts : for each level from the second innermost outwards, where its groups start among those of the
    level inside it; last, one group of all.  groups (L,) how many groups each level has, outermost first.
    """

    sums: Sums
    starts: tuple[np.ndarray, ...]
    groups: tuple[int, ...]

    @property
    def levels(self) -> int:
        """Number of levels L above persons."""
        return len(self.groups)

    @cached_property
    def total(self) -> float:
        """Effective answers N."""
        return float(self.sums.size.sum())

    @cached_property
    def inside(self) -> float:
        """Squared distances from the units' means."""
        return float(self.sums.spread.sum())

    @cached_property
    def _origin(self) -> float:
        """What is taken from the means, so that squares of small differences keep their digits."""
        first = self.sums.mean[0]
        return float(first + (self.sums.mean - first).mean())

    @cached_property
    def _means(self) -> np.ndarray:
        """Means of the units around the origin (G,)."""
        return np.asarray(self.sums.mean - self._origin)

    @cached_property
    def _members(self) -> list[np.ndarray]:
        """Group of each member, level by level."""
        many = [len(self.sums.n), *(len(start) for start in self.starts)]
        return [
            np.repeat(np.arange(len(start)), np.diff([*start, inner]))
            for start, inner in zip(self.starts, many[:-1], strict=True)
        ]

    def deviance(self, ratios: np.ndarray) -> np.ndarray:
        """-2 × the restricted log-likelihood, up to a constant, at T points (T, L) of ratios, real or complex."""
        logs, squares, _ = self._folded(ratios)
        return np.asarray(logs + (self.total - 1) * np.log(self.inside + squares))

    def persons(self, ratios: np.ndarray) -> tuple[float, float]:
        """The likeliest variance of persons, and the mean of all, at given ratios (L,)."""
        _, squares, centre = self._folded(ratios[None, :])
        return float((self.inside + squares[0]) / (self.total - 1)), float(centre[0] + self._origin)

    def _folded(self, ratios: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Sums of logarithms and of squared distances, and the mean of all (T,), folding units into ever larger groups."""
        precision = np.broadcast_to(self.sums.size, (len(ratios), len(self.sums.size)))
        mean = np.broadcast_to(self._means, precision.shape)
        logs, squares = np.zeros(len(ratios), ratios.dtype), np.zeros(len(ratios), ratios.dtype)
        inwards = range(self.levels - 1, -1, -1)
        for level, start, member in zip(inwards, self.starts, self._members, strict=True):
            variance = 1 / precision + ratios[:, level : level + 1]
            weight = 1 / variance
            precision = np.add.reduceat(weight, start, axis=1)
            centre = np.add.reduceat(weight * mean, start, axis=1) / precision
            squares = squares + (weight * (mean - centre[:, member]) ** 2).sum(axis=1)
            logs = logs + np.log(variance).sum(axis=1) + np.log(precision).sum(axis=1)
            mean = centre
        return logs, squares, mean[:, 0]


def nest_of(sums: Sums, codes: np.ndarray) -> Nest:
    """Arrange units whose groups are numbered (G, L), outermost first, the last naming the unit; they may come in any order."""
    order = np.lexsort(codes.T[::-1])
    codes = codes[order]
    sorted_sums = Sums(sums.n[order], sums.size[order], sums.mean[order], sums.spread[order])
    starts, groups, inner = [], [], np.arange(len(codes))
    for level in range(codes.shape[1] - 1, -1, -1):
        fresh = (np.diff(codes[:, : level + 1], axis=0) != 0).any(axis=1)
        outer = np.flatnonzero(np.concatenate([[True], fresh]))  # the first unit of each group
        if level < codes.shape[1] - 1:
            starts.append(np.searchsorted(inner, outer))
        groups.append(len(outer))
        inner = outer
    starts.append(np.zeros(1, int))
    return Nest(sorted_sums, tuple(starts), tuple(groups[::-1]))

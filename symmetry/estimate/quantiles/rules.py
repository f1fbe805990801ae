"""From a weighted distribution to its quantiles: twelve rules, and the steps of the distribution they read.

With answers of a domain in ascending order, C_k the share of the weight up to and including the k-th and w_k its own share,

    math, hf1       the first answer whose C is at least p (the inverse of the distribution function)
    school, hf2     the same, and the mean of it and the next answer where C equals p
    hf3             the same as math, and the next answer where C equals p and the answer is an odd one among the distinct
    hf4 … hf9       a straight line between the points (P_k, x_k), P_k = (C_k - a w_k) / (1 + (1 - 2a) w_n), a by rule (C_k for
    hf4) shahvaish       the last answer whose (n C_k - n w_k / 2 + 1/2) / (n + 1) is at most p

which are those of R's survey (Hyndman and Fan 1996, American Statistician 50, 361-365, brought to weights).  Three things are
not as in R, each of which is an oversight there: below the first answer's share R's inverse takes the second answer, ours the
first; there R's hf4 leaves the range of the answers, ours does not; and R's shahvaish takes half a weight in the unit of the
weights, so that it depends on that unit, ours half a weight of mean 1.  A share within 1e-12 of p equals it, whatever the sums
round to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

__all__ = ["PLAIN", "RULES", "Steps", "steps_of", "steps_of_sums"]

_SHIFTS = {"hf4": 0.0, "hf5": 1 / 2, "hf6": 0.0, "hf7": 1.0, "hf8": 1 / 3, "hf9": 3 / 8}
_EQUAL = 1e-12
_MOST_CODES = 1024
PLAIN = ("math", "school", "hf1", "hf2", "hf3")
"""Rules that see distinct answers and their shares alone."""
RULES = ("math", "school", "shahvaish", "hf1", "hf2", "hf3", *_SHIFTS)


@dataclass(frozen=True, eq=False)
class Steps:
    """Distribution of an item in D domains: S distinct answers in all, ascending within a domain.

    pointer (D + 1,) where each domain begins; value (S,); height (S,) share of the domain's weight up to and including an answer;
    first, last (S,) weight of the first and last row that gave it, in the order of the rows; total (D,) weight; count (D,) rows.
    """

    pointer: np.ndarray
    value: np.ndarray
    height: np.ndarray
    first: np.ndarray
    last: np.ndarray
    total: np.ndarray
    count: np.ndarray

    @cached_property
    def before(self) -> np.ndarray:
        """Share of the weight below each answer (S,)."""
        found = np.empty(len(self.height))
        found[1:] = self.height[:-1]
        found[self.pointer[:-1][self.count > 0]] = 0.0
        return found

    def at(self, domain: np.ndarray, p: np.ndarray, rule: str) -> np.ndarray:
        """Quantiles (Q,) of probability p (Q,) of some domains (Q,), which must hold answers; NaN where p is not in 0 to 1."""
        inside = (p >= 0) & (p <= 1)
        found = self._found(domain, np.where(inside, p, 0.5), rule)
        return np.asarray(np.where(inside, found, np.nan))

    def _found(self, domain: np.ndarray, p: np.ndarray, rule: str) -> np.ndarray:
        """Apply a rule."""
        if rule in _SHIFTS:
            return self._line(domain, p, rule)
        if rule == "shahvaish":
            after = self._first(self._places(), domain, p + _EQUAL)
            return np.asarray(self.value[self._clamped(after - 1, domain)])
        high = self._first(self.height, domain, p + _EQUAL)
        low = self._clamped(high - 1, domain)
        high = self._clamped(high, domain)
        low = np.where(np.abs(self.height[low] - p) <= _EQUAL, low, high)
        if rule in ("math", "hf1"):
            return np.asarray(self.value[low])
        if rule in ("school", "hf2"):
            return np.asarray((self.value[low] + self.value[high]) / 2)
        return np.asarray(self.value[np.where((low - self.pointer[domain]) % 2 == 1, low, high)])

    def _line(self, domain: np.ndarray, p: np.ndarray, rule: str) -> np.ndarray:
        """Interpolate between the places of the last row of an answer and the first of the next."""
        a, ends = _SHIFTS[rule], self.pointer[1:] - 1
        reach = 1 + (0.0 if rule == "hf4" else 1 - 2 * a) * self.last[ends[domain]] / self.total[domain]
        level = p * reach
        start, end = self.before + (1 - a) * self.first / self._total, self.height - a * self.last / self._total
        right = self._clamped(self._first(end, domain, level - _EQUAL), domain)
        left = np.maximum(right - 1, self.pointer[domain])
        run = start[right] - end[left]
        share = np.divide(level - end[left], run, out=np.ones(len(p)), where=(left < right) & (run > _EQUAL))
        between = self.value[left] + np.clip(share, 0, 1) * (self.value[right] - self.value[left])
        return np.asarray(np.where(level >= start[right] - _EQUAL, self.value[right], between))

    def _places(self) -> np.ndarray:
        """Shah and Vaish's place of the first row of each answer, (S,)."""
        n = np.repeat(self.count, np.diff(self.pointer))
        return np.asarray((n * (self.before + self.first / self._total / 2) + 0.5) / (n + 1))

    @property
    def _total(self) -> np.ndarray:
        """Weight of the domain of each answer, (S,) or (1,)."""
        return self.total if len(self.total) == 1 else np.repeat(self.total, np.diff(self.pointer))

    def _clamped(self, step: np.ndarray, domain: np.ndarray) -> np.ndarray:
        """Keep steps within their domain."""
        return np.asarray(np.clip(step, self.pointer[domain], self.pointer[domain + 1] - 1))

    def _first(self, heights: np.ndarray, domain: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Number of the first step of a domain whose height is at least a level, its end where none is."""
        low, high = self.pointer[domain], self.pointer[domain + 1]
        for _ in range(int(np.diff(self.pointer).max(initial=1)).bit_length()):
            open_, middle = low < high, np.minimum((low + high) // 2, len(heights) - 1)
            below = heights[middle] < level
            low, high = np.where(open_ & below, middle + 1, low), np.where(open_ & ~below, middle, high)
        return np.asarray(low)


def steps_of(values: np.ndarray, weight: np.ndarray, domain: np.ndarray, size: int) -> Steps:
    """Lay out the distribution of answers in D domains.

    Parameters
    ----------
    values : (n,) answers, NaN where missing.
    weight : (n,); rows of weight 0 are out.
    domain : (n,) number of the row's domain, `size` where it is in none.

    Returns
    -------
    Steps.  Whole numbers of a short range are counted; other answers are sorted once, whatever the number of domains.
    """
    kept = (domain < size) & (weight != 0) & ~np.isnan(values)
    if not kept.all():
        values, weight, domain = values[kept], weight[kept], domain[kept]
    if not len(values):
        none = np.zeros(0)
        return Steps(np.zeros(size + 1, int), none, none, none, none, np.ones(size), np.zeros(size, int))
    low = values.min()
    width = values.max() - low
    if width < _MOST_CODES and size * (width + 1) <= 4 * len(values) + 100_000:
        codes = (values - low).astype(np.int32)
        if np.array_equal(codes + low, values):
            return _counted(codes, low, int(width) + 1, weight, domain, size)
    return _sorted(values, weight, domain, size)


def steps_of_sums(codes: np.ndarray, sums: np.ndarray, count: np.ndarray) -> Steps:
    """Lay out the distribution of an item of K codes in D domains from sums of weights (D, K), for the rules in `PLAIN`."""
    flat, width = sums.ravel(), len(codes)
    kept = np.flatnonzero(flat)
    pointer = np.searchsorted(kept, np.arange(len(sums) + 1) * width)
    return _scaled(pointer, codes[kept % width], flat[kept], flat[kept], flat[kept], count)


def _counted(codes: np.ndarray, low: float, width: int, weight: np.ndarray, domain: np.ndarray, size: int) -> Steps:
    """Steps of answers that are whole numbers from `low` on."""
    key = codes if size == 1 else domain.astype(np.int64) * width + codes
    rows = np.bincount(key, minlength=size * width)
    sums = np.bincount(key, weights=weight, minlength=size * width)
    first, last = np.zeros(size * width), np.zeros(size * width)
    first[key[::-1]] = weight[::-1]
    last[key] = weight
    kept = np.flatnonzero(rows)
    count = rows.reshape(size, width).sum(axis=1)
    pointer = np.searchsorted(kept, np.arange(size + 1) * width)
    return _scaled(pointer, kept % width + low, sums[kept], first[kept], last[kept], count)


def _sorted(values: np.ndarray, weight: np.ndarray, domain: np.ndarray, size: int) -> Steps:
    """Steps of any answers: sorted by value, then by domain, which keeps their order."""
    order = np.argsort(values)
    if size > 1:
        small = domain.astype(np.uint16) if size < 1 << 16 else domain
        order = order[np.argsort(small[order], kind="stable")]
    value, mass = values[order], weight[order]
    count = np.bincount(domain, minlength=size)[:size]
    starts = np.concatenate([[0], np.cumsum(count)])
    fresh = np.empty(len(value), bool)
    fresh[1:] = value[1:] != value[:-1]
    fresh[starts[:-1][count > 0]] = True
    if fresh.all():
        del order
        return _scaled(starts, value, mass, mass, mass, count)
    begin = np.flatnonzero(fresh)
    first, last = weight[np.minimum.reduceat(order, begin)], weight[np.maximum.reduceat(order, begin)]
    pointer = np.searchsorted(begin, starts)
    return _scaled(pointer, value[begin], np.add.reduceat(mass, begin), first, last, count)


def _scaled(
    pointer: np.ndarray, value: np.ndarray, sums: np.ndarray, first: np.ndarray, last: np.ndarray, count: np.ndarray
) -> Steps:
    """Steps from the weights of distinct answers, each domain brought to 1."""
    height, total, negative = np.empty(len(sums)), np.ones(len(count)), bool((sums < 0).any())
    for number in np.flatnonzero(count):
        piece = slice(pointer[number], pointer[number + 1])
        np.cumsum(sums[piece], out=height[piece])
        total[number] = height[piece.stop - 1]
        if negative:  # weights below 0: the last answer up to which the sum is at most a level
            height[piece] = np.minimum.accumulate(height[piece][::-1])[::-1]
    height /= total[0] if len(count) == 1 else np.repeat(total, np.diff(pointer))
    return Steps(pointer, value, height, first, last, total, count)

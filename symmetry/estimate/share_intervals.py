"""Intervals of shares: on transformed scales, by score, by likelihood and exact; formulas and sources at `estimate.interval`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

__all__ = ["SHARES", "Facts", "of_one_sided", "of_shares"]

_STEPS = 60
_FAR = 700.0  # log odds beyond which a share is 0 or 1 in floating point
Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Facts:
    """What an interval needs to know of D shares: p between 0 and 1, se, t (critical value), n answers; tail, say 0.975."""

    p: np.ndarray
    se: np.ndarray
    t: np.ndarray
    n: np.ndarray
    tail: float

    @property
    def size(self) -> np.ndarray:
        """Effective sample size p (1 - p) / se², infinite where se is 0."""
        found = np.full(len(self.p), np.inf)
        return np.asarray(np.divide(self.p * (1 - self.p), self.se**2, out=found, where=self.se**2 > 0))


def of_shares(method: str, facts: Facts) -> Pair:
    """Lower and upper bounds of shares strictly between 0 and 1; a share with se 0 is its own interval."""
    lower, upper = _METHODS[method](facts)
    own = np.where(np.isnan(facts.t), np.nan, facts.p)
    sure = ~np.isfinite(facts.size)
    return np.where(sure, own, lower), np.where(sure, own, upper)


def of_one_sided(values: np.ndarray, psus: np.ndarray, tail: float, t: np.ndarray) -> Pair:
    """Clopper and Pearson's interval of shares of 0 or 1 among as many answers as psus."""
    edge = np.where(np.isnan(t), np.nan, (1 - tail) ** (1 / np.maximum(psus, 1)))
    none = values <= 0
    return np.where(none, 0.0 * edge, edge), np.where(none, 1 - edge, 1.0 + 0.0 * edge)


def _logit(facts: Facts) -> Pair:
    """On the log odds."""
    centre, half = special.logit(facts.p), facts.t * facts.se / (facts.p * (1 - facts.p))
    return special.expit(centre - half), special.expit(centre + half)


def _asin(facts: Facts) -> Pair:
    """On the arcsine of the root."""
    centre, half = np.arcsin(np.sqrt(facts.p)), facts.t * facts.se / (2 * np.sqrt(facts.p * (1 - facts.p)))
    return np.sin(np.maximum(centre - half, 0.0)) ** 2, np.sin(np.minimum(centre + half, np.pi / 2)) ** 2


def _wilson(facts: Facts) -> Pair:
    """By score: the roots of a quadratic equation."""
    p, t, n = facts.p, facts.t, facts.size
    with np.errstate(invalid="ignore"):
        centre, half = p + t**2 / (2 * n), t * np.sqrt(p * (1 - p) / n + (t / (2 * n)) ** 2)
        return (centre - half) / (1 + t**2 / n), (centre + half) / (1 + t**2 / n)


def _beta(facts: Facts) -> Pair:
    """Exact binomial interval of the effective number of answers, brought from n - 1 to the design's degrees of freedom."""
    simple = special.stdtrit(np.maximum(facts.n - 1, 1), facts.tail)
    n = np.where(np.isfinite(facts.size), facts.size, 1.0) * (simple / facts.t) ** 2
    yes, no = n * facts.p, n * (1 - facts.p)
    return special.betaincinv(yes, no + 1, 1 - facts.tail), special.betaincinv(yes + 1, no, facts.tail)


def _likelihood(facts: Facts) -> Pair:
    """Where the deviance, scaled to the effective number of answers, is t²: Newton's steps on the log odds.

    The deviance is convex in the log odds, so that from beyond a root the steps close in on it from one side.
    """
    start = special.logit(facts.p)
    half = facts.t * facts.se / (facts.p * (1 - facts.p))
    n = np.where(np.isfinite(facts.size), facts.size, 1.0)
    found = []
    for sign in (-1.0, 1.0):
        at = np.clip(start + sign * half, -_FAR, _FAR)
        for _ in range(_STEPS):
            q = special.expit(at)
            deviance = 2 * n * (special.rel_entr(facts.p, q) + special.rel_entr(1 - facts.p, special.expit(-at)))
            slope = 2 * n * (q - facts.p)
            step = np.divide(deviance - facts.t**2, slope, out=np.zeros(len(at)), where=np.abs(slope) > 0)
            at = np.clip(at - step, -_FAR, _FAR)
            if not (np.abs(step) > 1e-15 * (1 + np.abs(at))).any():
                break
        found.append(special.expit(at))
    return found[0], found[1]


_METHODS: dict[str, Callable[[Facts], Pair]] = {
    "logit": _logit,
    "xlogit": _logit,
    "likelihood": _likelihood,
    "asin": _asin,
    "beta": _beta,
    "wilson": _wilson,
}
SHARES = tuple(_METHODS)
"""Names of the intervals that are for shares alone."""

"""Control limits of counts and shares: how far a day or a week may stray by chance alone.

Limits are exact: beyond each of them a count falls with a chance of at most 0.00135, that of three standard deviations of a
normal variable.  A run of eight days on one side of what was expected is a signal too, though each of them
lies within the limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

__all__ = ["RUN", "TAIL", "runs", "share_limits", "volume_limits"]

TAIL = 0.00135
RUN = 8


def volume_limits(mean: float) -> tuple[int, int]:
    """The smallest and the largest count that chance explains, where so many are expected (Poisson).

    Parameters
    ----------
    mean : expected number, at least 0.

    Examples
    --------
    >>> volume_limits(25.0), volume_limits(0.5)
    ((11, 41), (0, 4))
    """
    from scipy.stats import poisson

    if not 0 <= mean < float("inf"):
        raise ValueError(f"no number of people is expected to be {mean}")
    return int(poisson.ppf(TAIL, mean)) if mean else 0, int(poisson.isf(TAIL, mean)) if mean else 0


def share_limits(n: int, share: float) -> tuple[int, int]:
    """The smallest and the largest count out of `n` that chance explains, where a share is expected (binomial).

    Examples
    --------
    >>> share_limits(1000, 0.02)
    (8, 34)
    """
    from scipy.stats import binom

    if n < 0 or not 0 <= share <= 1:
        raise ValueError(f"no count out of {n} is expected to be a share of {share}")
    if n == 0 or share in (0, 1):
        return int(n * share), int(n * share)
    return int(binom.ppf(TAIL, n, share)), int(binom.isf(TAIL, n, share))


def runs(counts: Sequence[float], means: Sequence[float]) -> list[tuple[int, int, bool]]:
    """Runs of eight or more on one side of what was expected: the first, the last, and whether above.

    Parameters
    ----------
    counts, means : in their order; a count equal to its mean ends a run.

    Examples
    --------
    >>> runs([3, 9, 9, 9, 9, 9, 9, 9, 9, 2], [5] * 10)
    [(1, 8, True)]
    """
    sides = [(count > mean) - (count < mean) for count, mean in zip(counts, means, strict=True)]
    found, start = [], 0
    for side, same in groupby(sides):
        length = len(list(same))
        if side and length >= RUN:
            found.append((start, start + length - 1, side > 0))
        start += length
    return found

"""Intervals of quantiles: Woodruff's, from the share of answers up to them, and Francisco and Fuller's, by score.

Woodruff: with F the weighted share of answers up to the quantile, the bounds of F, made on some scale, are carried back through
the distribution by the same rule.  Score: the first answers whose share above lies no more than t standard errors over 1 - p, and
more than t under it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from symmetry.design import Design, cells_of, column_of
from symmetry.estimate.distribution import shares_of
from symmetry.estimate.intervals import critical, interval
from symmetry.estimate.linearising import linearise
from symmetry.estimate.nouns import Estimate
from symmetry.estimate.quantiles.rules import Steps
from symmetry.estimate.share_intervals import of_one_sided

__all__ = ["FULL", "score_bounds", "shares_up_to", "woodruff_bounds"]

FULL = 1 - 1e-12
"""A share from which on all answers are said to be below, whatever the sums round to."""
_AT_ONCE = 32
Bounds = tuple[np.ndarray, np.ndarray, tuple[str, ...]]


def shares_up_to(
    design: Design,
    name: str,
    limits: np.ndarray,
    by: Sequence[str],
    *,
    statistic: str = "share",
    outputs: pd.DataFrame | None = None,
) -> Estimate:
    """Shares of the answers to an item up to m limits a domain, ascending (D, m)."""
    ends = limits[0]
    asked: list[tuple[str, list[str | np.ndarray]]] = [(name, [name])]
    if len(limits) > 1:  # of each answer, how many limits of its domain it passes
        values, code = column_of(design, name), cells_of(design, by).domains.code
        above = np.zeros(len(values))
        for column in np.vstack([limits, np.full(limits.shape[1], np.inf)]).T:
            above += values > column[code]
        above[np.isnan(values)] = np.nan
        ends, asked = np.arange(limits.shape[1]), [(name, [above])]
    smooth = shares_of(lambda parts: [(parts[0] <= end).astype(float) for end in ends])
    return linearise(design, asked, smooth, by=by, statistic=statistic, method="logit", deff=None, outputs=outputs)


def woodruff_bounds(shares: Estimate, steps: Steps, domain: np.ndarray, rule: str, scale: str, level: float) -> Bounds:
    """Bounds of quantiles (Q,) in some domains (Q,), from the shares of answers up to them."""
    low, high, notes = interval(shares, method=scale, level=level)
    tail = (1 + level) / 2
    full = shares.values >= FULL
    if full.any():
        edge = of_one_sided(np.ones(len(full)), shares.psus, tail, critical(shares.df, tail))
        low, high = np.where(full, edge[0], low), np.where(full, edge[1], high)
    lower, upper = (steps.at(domain, limit, rule) for limit in (low, high))
    told = [_told(*facts) for facts in zip(notes, full, low < 0, high > 1, strict=True)]
    return lower, upper, tuple(told)


def _told(note: str, full: bool, below: bool, above: bool) -> str:
    """What to say of a quantile's interval."""
    if note == "no degrees of freedom":
        return note
    if full:
        return "the quantile is the largest answer: exact binomial interval of the psus for the share up to it"
    ends = [side for side, out in (("smallest", below), ("largest", above)) if out]
    return f'the interval passes the {" and the ".join(ends)} answer; interval="xlogit" stays inside' if ends else ""


def score_bounds(
    design: Design,
    name: str,
    steps: Steps,
    p: float,
    df: np.ndarray,
    by: Sequence[str],
    level: float,
) -> Bounds:
    """First answers θ of each domain that holds answers (H,) at which the score falls to t or less, and below -t.

    Notes
    -----
    The score is (share above θ - (1 - p)) / its standard error.  It is worked out at `_AT_ONCE` answers at a time, spread over
    what is left between the last above and the first below, until no answer lies between.
    """
    t, held = critical(df, (1 + level) / 2), np.flatnonzero(steps.count > 0)
    found, rows = [], np.arange(len(held))
    for sign in (1.0, -1.0):
        low, high = steps.pointer[held] - 1, steps.pointer[held + 1] - 1  # above t at low, not at high
        while (high - low > 1).any():
            spread = np.rint((high - low)[:, None] * np.arange(1, _AT_ONCE + 1) / (_AT_ONCE + 1)).astype(int)
            asked = np.clip(low[:, None] + spread, (low + 1)[:, None], high[:, None])
            limits = np.full((len(steps.count), _AT_ONCE), np.nan)
            limits[held] = steps.value[asked]
            score = _scores(shares_up_to(design, name, limits, by), p, len(held))
            crossed = score <= t[:, None] if sign > 0 else score < -t[:, None]
            first = np.where(crossed.any(axis=1), crossed.argmax(axis=1), _AT_ONCE)
            high, low = (
                np.where(first < _AT_ONCE, asked[rows, np.minimum(first, _AT_ONCE - 1)], high),
                np.where(first > 0, asked[rows, np.maximum(first, 1) - 1], low),
            )
            low = np.minimum(low, high - 1)
        found.append(np.where(np.isnan(t), np.nan, steps.value[high]))
    return found[0], found[1], tuple(np.where(np.isnan(t), "no degrees of freedom", ""))


def _scores(shares: Estimate, p: float, held: int) -> np.ndarray:
    """Scores (H, m) from the shares up to m answers in H domains."""
    above = (1 - shares.values - (1 - p)).reshape(-1, held).T
    se = shares.se.reshape(-1, held).T
    return np.asarray(np.divide(above, se, out=np.where(above > 0, np.inf, -np.inf), where=se > 0))

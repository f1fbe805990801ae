"""Quantiles and medians, with Woodruff's interval and an influence, so that they can be compared as means are.

The quantile of a weighted sample is read off its distribution by a rule (`symmetry.estimate.quantiles.rules`); its interval is
that of the share of answers up to it, carried back through the distribution (`symmetry.estimate.quantiles.intervals`).  The
standard error is half the interval over t, and the influence -(1[y ≤ q] - F) / f, the density f being what makes the two agree
[1]_.

References
----------
.. [1] Woodruff (1952). Confidence intervals for medians and other position measures. JASA 47, 635-646;
   Francisco, Fuller (1991). Quantile estimation with a complex survey design. Annals of Statistics 19, 454-469.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design import Design, Domains, cells_of, column_of, cube_of, refuse_infinite
from symmetry.errors import DesignError
from symmetry.estimate.intervals import critical
from symmetry.estimate.linearising import check_by, items_of
from symmetry.estimate.nouns import Estimate, join
from symmetry.estimate.quantiles.intervals import FULL, score_bounds, shares_up_to, woodruff_bounds
from symmetry.estimate.quantiles.replicates import replicated
from symmetry.estimate.quantiles.rules import PLAIN, RULES, Steps, steps_of, steps_of_sums

__all__ = ["median", "quantile"]

Rule = Literal["math", "school", "shahvaish", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"]
Bounds = tuple[np.ndarray, np.ndarray, tuple[str, ...]]
Scale = Literal["mean", "beta", "xlogit", "asin", "score", "replicates"]


def quantile(
    design: Design,
    items: str | Sequence[str],
    probabilities: float | Sequence[float] = (0.25, 0.5, 0.75),
    *,
    by: Sequence[str] = (),
    rule: Rule = "math",
    interval: Scale = "mean",
    level: float = 0.95,
) -> Estimate:
    """Weighted quantiles of one or several columns, overall or by domain.

    Parameters
    ----------
    design : n respondents; a missing answer is out of its item only.
    items : one or several numeric columns.
    probabilities : one or several, each between 0 and 1.
    by : columns whose crossed values make domains.
    rule : how a quantile is read off the distribution: "math" the first answer up to which the share is at least p, "school"
        the mean of two answers where it is exactly p, "hf1" to "hf9" Hyndman and Fan's types brought to weights, "shahvaish".
    interval : "mean", "beta", "xlogit" or "asin", Woodruff's, on these scales of the share of answers up to the quantile (see
        `estimate.interval`); "score", the answers that a score test does not reject; "replicates", value ± t·se from the
        quantiles of every replicate.
    level : of the interval the standard errors are read off; a table may be asked for another.

    Returns
    -------
    Estimate with a value for each item × probability × domain that has answers, in the unit of the column; column `probability`.
    Its table has the interval asked for, which is not symmetric.  Where a bound of the share passes 0 or 1 there is no bound
    of the quantile, no error, and a note; a quantile that is the largest answer takes an exact binomial interval for the share
    up to it.

    Raises
    ------
    DesignError : a column is absent or not numeric, nobody answered, a probability outside 0 to 1, an unknown rule or interval,
        replicates where there are none, or jackknife replicates (their variance of a quantile is not consistent).

    Notes
    -----
    Rules that interpolate (hf4 to hf9, shahvaish) take people who gave the same answer in the order of the rows, as R does.
    "score" is exact here; R brackets it and counts the shares below without weights.
    R twin: ``svyquantile(~x, subset(design, !is.na(x)), c(.25, .5, .75), qrule = "math", interval.type = "mean")``,
    ``interval.type = "quantile"`` for "replicates".

    References
    ----------
    .. [1] Shah, Vaish (2006). Confidence intervals for quantile estimation from complex survey data. Proceedings of the
       Section on Survey Research Methods, ASA, 3664-3671.
    .. [2] Efron (1982). The Jackknife, the Bootstrap and Other Resampling Plans. SIAM, section 3.4.

    Examples
    --------
    >>> answers = pd.DataFrame({"branch": list("aabbccddeeff"), "wait": [3.0, 5, 2, 8, 7, 4, 6, 9, 5, 7, 1, 8]})
    >>> waits = quantile(Design(answers, psu="branch"), "wait", 0.5)
    >>> waits.table()[["item", "probability", "estimate", "se", "lower", "upper"]].round(3)
       item  probability  estimate     se  lower  upper
    0  wait          0.5       5.0  0.973    3.0    8.0
    """
    asked = [float(p) for p in np.atleast_1d(np.asarray(probabilities, float))]
    return _quantiles(design, items_of(items), asked, by, rule, interval, level, "quantile")


def median(
    design: Design,
    items: str | Sequence[str],
    *,
    by: Sequence[str] = (),
    rule: Rule = "math",
    interval: Scale = "mean",
    level: float = 0.95,
) -> Estimate:
    """Weighted medians of one or several columns: `quantile` at one half.

    Parameters
    ----------
    items : one or several numeric columns.
    by, rule, interval, level : see `quantile`.

    Returns
    -------
    Estimate with a value for each item × domain that has answers.

    Raises
    ------
    DesignError : see `quantile`.

    Notes
    -----
    R twin: ``svyquantile(~x, subset(design, !is.na(x)), 0.5)``

    Examples
    --------
    >>> answers = pd.DataFrame({"weight": [1.0, 1, 1, 1, 3], "wait": [3.0, 5, 2, 8, 7]})
    >>> median(Design(answers, weight="weight"), "wait").values
    array([7.])
    """
    return _quantiles(design, items_of(items), [0.5], by, rule, interval, level, "median")


def _quantiles(
    design: Design,
    items: list[str],
    asked: list[float],
    by: Sequence[str],
    rule: str,
    scale: str,
    level: float,
    statistic: str,
) -> Estimate:
    """Check what was asked, and set the items side by side."""
    by = check_by(by, ["probability"])
    if not asked or not all(0 <= p <= 1 for p in asked):
        raise DesignError(f"probabilities {asked} are not all between 0 and 1", mend="0.5 is the median")
    for what, given, known in (("rule", rule, RULES), ("interval", scale, get_args(Scale))):
        if given not in known:
            raise DesignError(f"{what}={given!r} is unknown for quantiles", mend=f"one of {', '.join(known)}")
    if not 0 < level < 1:
        raise DesignError(f"a confidence level of {level:g} is not between 0 and 1", mend="0.95 is usual")
    return join([_Item(design, name, asked, by, rule, scale).estimate(statistic, level) for name in items])


@dataclass(frozen=True)
class _Item:
    """One item and what is asked of it."""

    design: Design
    name: str
    asked: list[float]
    by: Sequence[str]
    rule: str
    scale: str

    @property
    def domains(self) -> Domains:
        """The domains asked for."""
        return cells_of(self.design, self.by).domains

    def answers(self) -> np.ndarray:
        """Answers (n,), missing as NaN; refuses infinite ones."""
        found = column_of(self.design, self.name)
        refuse_infinite(found, f"column `{self.name}`")
        return found

    def steps(self) -> Steps:
        """The distribution of the answers in each domain, from the cube of a coded item where the rule allows."""
        cube = cube_of(self.design, self.name, self.by) if self.rule in PLAIN else None
        if cube is not None:
            return steps_of_sums(cube.codes, cube.final, cube.n)
        return steps_of(self.answers(), self.design.layout.weight, self.domains.code, self.domains.size)

    def estimate(self, statistic: str, level: float) -> Estimate:
        """Quantiles with the error read off the interval at a level, or off the replicates."""
        steps, size = self.steps(), self.domains.size
        held = np.flatnonzero(steps.count > 0)
        if not len(held):
            raise DesignError(f"nobody answered {self.name}", mend="check the columns and the domains asked for")
        p = np.unique(self.asked)
        limits = np.full((size, len(p)), np.nan)
        limits[held] = steps.at(np.repeat(held, len(p)), np.tile(p, len(held)), self.rule).reshape(-1, len(p))
        outputs = None if statistic == "median" else pd.DataFrame({"probability": p})
        shares = shares_up_to(self.design, self.name, limits, self.by, statistic=statistic, outputs=outputs)
        empty = shares.empty
        rows = (np.searchsorted(p, self.asked)[:, None] * len(held) + np.arange(len(held))).ravel()
        shares = shares if np.array_equal(rows, np.arange(len(shares))) else shares.select(rows)
        found = replace(shares, values=limits[held].T.ravel()[rows], method="mean", empty=empty)
        if self.scale == "replicates":
            return replicated(found, self.name, self.answers(), self.domains, p, self.rule, rows)
        return self._linearised(found, shares, self._bounds(steps, shares, level), level)

    def _bounds(self, steps: Steps, shares: Estimate, level: float) -> Bounds:
        """Lower and upper bounds, and notes, at a level."""
        held = np.flatnonzero(steps.count > 0)
        if self.scale != "score":
            return woodruff_bounds(shares, steps, np.tile(held, len(self.asked)), self.rule, self.scale, level)
        parts = [
            score_bounds(self.design, self.name, steps, p, df, self.by, level)
            for p, df in zip(self.asked, shares.df.reshape(len(self.asked), -1), strict=True)
        ]
        lower, upper, notes = zip(*parts, strict=True)
        return np.concatenate(lower), np.concatenate(upper), tuple(note for some in notes for note in some)

    def _linearised(self, found: Estimate, shares: Estimate, known: Bounds, level: float) -> Estimate:
        """Take the error from the bounds at a level, and bring the influence of the shares to it."""
        se = (known[1] - known[0]) / (2 * critical(shares.df, (1 + level) / 2))
        of_share = np.where(shares.values >= FULL, 0.0, shares.se)
        factor = np.divide(-se, of_share, out=np.where(se == 0, 0.0, np.nan), where=of_share > 0)

        def bounds(asked: float) -> Bounds:
            return known if asked == level else self._bounds(self.steps(), shares, asked)

        return replace(
            found,
            influence=shares.influence.combine(sparse.csr_array(sparse.diags_array(factor))),
            variance=(factor * of_share) ** 2,
            method="score" if self.scale == "score" else "woodruff",
            bounds=bounds,
        )

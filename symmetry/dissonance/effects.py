"""Effect sizes of pairs: how large a gap is beside the spread of answers, with errors that know of the design.

- *Hedges' g*: J (m_a - m_b) / s, s² = ((ν_a - 1) s²_a + (ν_b - 1) s²_b) / (ν_a + ν_b - 2), J = 1 - 3 / (4 (ν_a + ν_b - 2) - 1),
  ν the effective answers; linearised through means *and* variances, ν and J being taken as known.
- *Cliff's delta*: P(a > b) - P(a < b), and *superiority* (delta + 1) / 2: see `standing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry import estimate
from symmetry.design import Design
from symmetry.dissonance.gaps import notes_of
from symmetry.dissonance.inside import persons_where_one_psu
from symmetry.dissonance.matching import checked, levels_of, match
from symmetry.dissonance.nouns import Effects, Pair
from symmetry.dissonance.standing import delta_of
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["effects"]

_WORDS = np.array(["negligible", "small", "medium", "large"])
_STEPS = {"hedges_g": (0.2, 0.5, 0.8), "cliff_delta": (0.147, 0.33, 0.474)}
_NO_SPREAD = "no spread: every answer equal"
_FEW = "too few effective answers for a pooled deviation"


def effects(stacked: Design, pairs: Iterable[Pair], *, by: Sequence[str] = ()) -> Effects:
    """Effect sizes of mirrored pairs in a stacked design, whatever statistic the pairs name.

    Parameters
    ----------
    stacked, by : as for `gap`.
    pairs : what is compared, by the answers themselves; an item of a family named for several statistics is told once.

    Returns
    -------
    Effects: Hedges' g, Cliff's delta and the probability of superiority of every lawful pair × domain, each with a word for its
    size: small, medium and large begin at .2, .5 and .8 of g [2]_, at .147, .33 and .474 of delta [4]_.  Intervals of delta and
    superiority are built on the log odds of superiority and stay where these can be.

    Raises
    ------
    DesignError : as `gap`.

    Notes
    -----
    Hedges' g [1]_ with effective answers in place of answers; delta [3]_ on weighted distributions, as rank tests in complex
    samples are [5]_.  R twins: ``svycontrast`` of means and variances by the delta method; the estimate of
    ``svyranktest(x ~ audience, stacked)`` tells superiority of pooled ranks.

    References
    ----------
    .. [1] Hedges (1981). Distribution theory for Glass's estimator of effect size. J. Educational Statistics 6, 107-128.
    .. [2] Cohen (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd edition. Erlbaum, section 2.2.
    .. [3] Cliff (1993). Dominance statistics: ordinal analyses to answer ordinal questions. Psychological Bulletin 114, 494-509.
    .. [4] Romano, Kromrey, Coraggio, Skowronek (2006). Exploring methods for evaluating group differences. Southern Association
       for Institutional Research.
    .. [5] Lumley, Scott (2013). Two-sample rank tests under complex sampling. Biometrika 100, 831-842.

    Examples
    --------
    >>> from symmetry.design import stack
    >>> customers = Design(pd.DataFrame({"branch": [1, 2, 3, 4], "clean": [4.0, 3.0, 5.0, 5.0]}), psu="branch")
    >>> employees = Design(pd.DataFrame({"branch": [1, 2, 3, 4], "clean": [3.0, 3.0, 4.0, 2.0]}), psu="branch")
    >>> clean = Pair("clean", ("customers", "clean"), ("employees", "clean"), "customer - employee", "literal", "mean", 0.3)
    >>> found = effects(stack({"customers": customers, "employees": employees}), [clean])
    >>> found.table()[["statistic", "estimate", "se", "size"]].round(3)
         statistic  estimate    se   size
    0     hedges_g     1.222  0.62  large
    1  cliff_delta     0.688  0.26  large
    2  superiority     0.844  0.13  large
    """
    every, by = checked(stacked, pairs, by)
    once: dict[tuple[str, str], Pair] = {}
    for pair in every:
        once.setdefault((pair.item, pair.family), replace(pair, statistic="mean"))
    asked = list(once.values())
    ground = persons_where_one_psu(stacked, by)
    levels, places = levels_of(ground, asked, by)
    rows, missing = match(levels, places, asked, by)
    if rows.empty:
        why = "; ".join(dict.fromkeys(missing["note"]))
        raise DesignError(f"no pair can be compared: {why}", mend="check the columns and audiences of the pairs")
    delta = delta_of(ground, asked, by, levels, rows)
    delta = delta.noted(notes_of(delta, levels, rows))
    over = replace(delta.scaled(np.full(len(rows), 0.5)), values=(delta.values + 1) / 2, method="logit")
    parts = {"hedges_g": _hedges(ground, levels, rows, by), "cliff_delta": _bounded(delta, over), "superiority": over}
    names = ["item", *by, "family", "mirror"]
    found = estimate.join(
        [
            replace(part, labels=rows[names].assign(statistic=name)[["statistic", *names]])
            for name, part in parts.items()
        ]
    )
    sizes = [_word(name, part.values) for name, part in parts.items()]
    absent = missing.assign(n=_answers(levels, missing))
    told = [absent.assign(statistic=name)[["statistic", *names, "n", "note"]] for name in parts]
    return Effects(found, tuple(np.concatenate(sizes).tolist()), by, pd.concat(told, ignore_index=True))


def _hedges(design: Design, levels: Estimate, rows: pd.DataFrame, by: tuple[str, ...]) -> Estimate:
    """Hedges' g of each row, by the slopes of means and variances."""
    columns = list(dict.fromkeys(levels.labels["item"]))
    spread = estimate.variance(design, columns, by=["audience", *by])
    a, b = (rows[side].to_numpy() for side in ("a", "b"))
    known = np.where(np.isnan(levels.n_eff), levels.n.astype(float), levels.n_eff)
    df = known[a] + known[b] - 2
    gap = levels.values[a] - levels.values[b]
    with np.errstate(divide="ignore", invalid="ignore"):
        share_a, share_b = (np.maximum(known[side] - 1, 0.0) / df for side in (a, b))
        pooled = share_a * spread.values[a] + share_b * spread.values[b]
        good = (df > 1) & (pooled > 0)
        s = np.sqrt(np.where(good, pooled, 1.0))
        times = np.where(good, (1 - 3 / (4 * df - 1)) / s, 0.0)
    slope = -times * gap / (2 * s**2)
    at, n = np.arange(len(rows)), len(levels)
    entries = np.concatenate([times, -times, np.where(good, slope * share_a, 0), np.where(good, slope * share_b, 0)])
    where = (np.tile(at, 4), np.concatenate([a, b, n + a, n + b]))
    matrix = sparse.csr_array(sparse.coo_array((entries, where), shape=(len(rows), 2 * n)))
    found = estimate.contrast(estimate.join([levels, spread]), matrix)
    found = replace(
        found,
        values=np.where(good, times * gap, np.nan),
        variance=np.where(good, found.variance, np.nan),
        df=np.where(good, found.df, np.minimum(levels.df[a], levels.df[b])),
        n=levels.n[a] + levels.n[b],
        psus=levels.psus[a] + levels.psus[b],
    )
    why = [_NO_SPREAD if not p > 0 else "" if ok else _FEW for p, ok in zip(pooled, good, strict=True)]
    notes = notes_of(found, levels, rows)
    return found.noted(["; ".join(dict.fromkeys(filter(None, both))) for both in zip(notes, why, strict=True)])


def _bounded(delta: Estimate, over: Estimate) -> Estimate:
    """Delta with the interval of superiority, stretched to -1 to 1."""

    def bounds(level: float) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
        lower, upper, notes = estimate.interval(over, level=level)
        return 2 * lower - 1, 2 * upper - 1, notes

    return replace(delta, bounds=bounds)


def _word(statistic: str, values: np.ndarray) -> np.ndarray:
    """Word for the size of each value, "" where there is none."""
    if statistic == "superiority":
        statistic, values = "cliff_delta", 2 * values - 1
    words = _WORDS[np.searchsorted(_STEPS[statistic], np.nan_to_num(np.abs(values)), side="right")]
    return np.where(np.isnan(values), "", words)


def _answers(levels: Estimate, rows: pd.DataFrame) -> np.ndarray:
    """Answers behind both sides of rows, of which one may be absent (-1)."""
    n = np.append(levels.n, 0)
    return np.asarray(n[rows["a"].to_numpy(int)] + n[rows["b"].to_numpy(int)])

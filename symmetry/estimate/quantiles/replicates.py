"""Quantiles made again with the weights of every replicate, for designs that have replicates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design import Design, Domains, Influence, deviations, left_out, replicates_of, variances
from symmetry.errors import DesignError
from symmetry.estimate.nouns import Estimate
from symmetry.estimate.quantiles.rules import PLAIN, steps_of

__all__ = ["replicated"]

_ENTRIES = 2**21


def replicated(
    found: Estimate, name: str, values: np.ndarray, domains: Domains, p: np.ndarray, rule: str, rows: np.ndarray
) -> Estimate:
    """Quantiles whose variance is that of the quantiles of every replicate.

    Parameters
    ----------
    found : the quantiles, with the degrees of freedom and presence of their shares.
    values : (n,) answers.
    p : probabilities, ascending.
    rows : which of the probability × domain values `found` holds, domains innermost.

    Raises
    ------
    DesignError : no replicates, or a jackknife's.
    """
    design, made = found.design, replicates_of(found.design)
    if "jackknife" in made.method or "(jk" in made.method:
        raise DesignError(
            f"the variance of `{name}`'s quantiles is not consistent with jackknife replicates",
            mend='choose a Woodruff interval (interval="mean"), or bootstrap replicates',
        )
    held = np.unique(domains.code[(design.layout.weight != 0) & ~np.isnan(values) & (domains.code < domains.size)])
    told = _told(design, values, domains, rule)
    thetas = np.empty((made.size, len(rows)))
    step = max(1, min(made.step, _ENTRIES // max(len(told.values), 1)))
    for start in range(0, made.size, step):
        block = slice(start, min(start + step, made.size))
        for number, weight in enumerate(np.nan_to_num(told.weights(block)).T, start):
            thetas[number] = _once(told, weight, domains.size, p, rule, held)[rows]
    lost = deviations(made, thetas, found.values)
    influence = found.influence
    spread = Influence.of(thetas, influence.presence)
    note = left_out(np.array(found.note or ("",) * len(found), dtype=object), lost, made.size)
    return replace(
        found,
        influence=spread,
        variance=variances(design, spread),
        method="mean",
        note=tuple(note) if any(note) else (),
    )


@dataclass(frozen=True)
class _Told:
    """Answers, ascending, the domain of each, and what gives their weights in a slice of replicates, (N, r)."""

    values: np.ndarray
    domain: np.ndarray
    weights: Callable[[slice], np.ndarray]


def _told(design: Design, values: np.ndarray, domains: Domains, rule: str) -> _Told:
    """Rows in order; where a few answers are given by many and the rule sees no rows, the distinct answers of each domain."""
    made = replicates_of(design)
    kept = np.flatnonzero(~np.isnan(values) & (domains.code < domains.size))
    answers, domain = values[kept], domains.code[kept]
    codes, distinct = pd.factorize(answers, sort=True)
    k = len(distinct)
    if rule in PLAIN and domains.size * k * 4 <= len(answers):
        key = domain.astype(np.int64) * k + codes
        shape = (domains.size * k, made.units)
        counts = sparse.csr_array(sparse.coo_array((made.start[kept], (key, made.unit[kept])), shape=shape))
        every = np.tile(np.asarray(distinct, float), domains.size)
        return _Told(
            every, np.repeat(np.arange(domains.size), k), lambda block: np.asarray(counts @ made.factor(block))
        )
    order = np.argsort(answers, kind="stable")
    row = kept[order]
    start, unit = made.start[row][:, None], made.unit[row]
    return _Told(answers[order], domain[order], lambda block: np.asarray(start * np.asarray(made.factor(block))[unit]))


def _once(told: _Told, weight: np.ndarray, size: int, p: np.ndarray, rule: str, held: np.ndarray) -> np.ndarray:
    """Quantiles under some weights, probabilities × domains that hold answers; NaN where no weight is left."""
    steps = steps_of(told.values, weight, told.domain, size)
    there = np.flatnonzero(steps.count[held] > 0)
    found = np.full((len(p), len(held)), np.nan)
    domain = np.tile(held[there], len(p))
    found[:, there] = steps.at(domain, np.repeat(p, len(there)), rule).reshape(len(p), -1)
    return found.ravel()

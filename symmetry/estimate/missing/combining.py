"""Estimates made on several imputations of one survey, combined by Rubin's rules into one that knows what it does not know.

The arithmetic is `pooling`'s.  A combined estimate keeps the parts it was made of, and what is done to it is
done to each part: a contrast of a combined estimate is the combination of the contrasts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Protocol

import numpy as np
import pandas as pd
from scipy import sparse, special

from symmetry.design import Influence
from symmetry.errors import DesignError
from symmetry.estimate.missing.pooling import Pooled, joint_test, pool
from symmetry.estimate.nouns import Estimate

__all__ = ["combine", "missing_information", "pooled_test", "within"]


class Holder(Protocol):
    """What holds an estimate: a model, a gap."""

    @property
    def estimate(self) -> Estimate:
        """The numbers themselves."""


def combine(estimates: Sequence[Estimate | Holder]) -> Estimate:
    """Combine the same estimate made on each of m imputations, by Rubin's rules.

    Parameters
    ----------
    estimates : m ≥ 2 estimates of the same values, one an imputed design (see `estimate.impute`), of any statistic, contrast or
        model (a model's coefficients are combined).

    Returns
    -------
    Estimate: means of the m values; variance T = Ū + (1 + 1/m) B, the mean of their variances and what the imputations differ by
    [1]_; df by Barnard and Rubin [2]_ from the fewest df the complete data would have; deff and n_eff that know of T; the note
    tells the fraction of missing information.  Covariances, contrasts, `wald`, intervals and scaled or selected values are those
    of the combination.  Statistics whose interval is not made of value and error (quantiles) take value ± t·se.  A domain that is
    empty in some imputations has no combined value, and its row says so.

    Raises
    ------
    DesignError : fewer than two estimates, estimates of different things or of different samples, or combined before.

    Notes
    -----
    R twin: ``MIcombine(with(imputed, svymean(~x)))`` of mitools for values and variances.  Its df for small samples leave out
    the 1 + 1/m of Barnard and Rubin's b = (ν + 1) ν Ū / ((ν + 3) T); ours are those of ``mice::pool``.  Where the imputations
    agree to the last digit nothing is missing, and df stay what they were.

    References
    ----------
    .. [1] Rubin (1987). Multiple Imputation for Nonresponse in Surveys. Wiley, section 3.1.
    .. [2] Barnard, Rubin (1999). Small-sample degrees of freedom with multiple imputation. Biometrika 86, 948-955.

    Examples
    --------
    >>> from symmetry.design import Design
    >>> from symmetry.estimate.means import mean
    >>> guesses = [[5, 4, 3, 2, 4, 1], [5, 4, 3, 2, 4, 3], [5, 4, 3, 2, 4, 2]]
    >>> parts = [mean(Design(pd.DataFrame({"trust": guess})), "trust") for guess in guesses]
    >>> combine(parts).table()[["item", "estimate", "se", "df", "note"]].round(3)
        item  estimate     se     df                                       note
    0  trust     3.333  0.548  3.207  3 imputations, 41% of information missing
    """
    if isinstance(estimates, Estimate) or not isinstance(estimates, Iterable):
        raise DesignError("one estimate cannot be combined", mend="give a list, an estimate for each imputed design")
    parts = _aligned([_estimate(one) for one in estimates])
    first, m, size = parts[0], len(parts), len(parts[0])
    pooled = _pooled(parts)
    every = sparse.csr_array(sparse.hstack([sparse.eye_array(size, format="csr") / m] * m, format="csr"))
    bounded = any(part.bounds is not None for part in parts)
    plain = Estimate(**{field.name: getattr(first, field.name) for field in fields(Estimate)})
    return replace(
        plain,
        values=pooled.values,
        influence=Influence.join([part.influence for part in parts]).combine(every),
        variance=pooled.total,
        n=np.min([part.n for part in parts], axis=0),
        psus=np.min([part.psus for part in parts], axis=0),
        df=pooled.df,
        deff=_design_effect(parts, pooled),
        method="mean" if bounded else first.method,
        note=_notes(parts, pooled),
        bounds=None,
        imputed=parts,
        by_part=_by_part(parts),
    )


def _by_part(parts: Sequence[Estimate]) -> np.ndarray | None:
    """What each audience's terms add to the variance of a contrast, on average over the imputations; None elsewhere."""
    known = [part.by_part for part in parts if part.by_part is not None]
    return np.mean(known, axis=0) if len(known) == len(parts) else None


def missing_information(est: Estimate) -> pd.DataFrame:
    """Say what the missing answers cost a combined estimate, and how many imputations would do.

    Returns
    -------
    Frame with the labels of each value and: imputations; within and between, the variances Ū and B; increase, (1 + 1/m) B / Ū;
    missing, the fraction of missing information; simulation, the error that more imputations would take away, √(B/m); enough, the
    imputations with which a standard error would move by 5% or less if the data were imputed again [1]_.

    Raises
    ------
    DesignError : the estimate was not combined.

    References
    ----------
    .. [1] von Hippel (2020). How many imputations do you need? Sociological Methods and Research 49, 699-718.

    Examples
    --------
    >>> from symmetry.design import Design
    >>> from symmetry.estimate.means import mean
    >>> guesses = [[5, 4, 3, 2, 4, 1], [5, 4, 3, 2, 4, 3], [5, 4, 3, 2, 4, 2]]
    >>> both = combine([mean(Design(pd.DataFrame({"trust": guess})), "trust") for guess in guesses])
    >>> missing_information(both)[["item", "imputations", "increase", "missing", "enough"]].round(3)
        item  imputations  increase  missing  enough
    0  trust            3     0.141    0.406     121
    """
    if not isinstance(est, Estimate) or not est.imputed:
        raise DesignError("this estimate was made on one data set", mend="combine the estimates of several imputations")
    m = len(est.imputed)
    pooled = _pooled(est.imputed)
    gamma = pooled.missing
    inner = np.clip(gamma, 1e-12, 1 - 1e-12)
    highest = special.expit(special.logit(inner) + special.ndtri(0.975) * np.sqrt(2 / m))
    enough = np.where(gamma != 0, np.ceil(1 + (highest / 0.05) ** 2 / 2), 2)
    return est.labels.assign(
        imputations=m,
        within=pooled.within,
        between=pooled.between,
        increase=pooled.increase,
        missing=gamma,
        simulation=np.sqrt(pooled.between / m),
        enough=pd.array(np.maximum(enough, 2), dtype="Int64"),
    )


def within(est: Estimate) -> np.ndarray:
    """Covariance of all values (D, D) had nothing been imputed: the mean over imputations, or an estimate's own."""
    if not est.imputed:
        return est.covariance()
    return np.asarray(sum(part.covariance() for part in est.imputed) / len(est.imputed))


def pooled_test(est: Estimate, statistic: float, df: float) -> tuple[float, float]:
    """Joint F statistic and second df from those that leave aside what the imputations differ by (see `joint_test`)."""
    if not est.imputed:
        return statistic, df
    complete = float(np.min([part.df for part in est.imputed]))
    increase, df = joint_test(np.array([part.values for part in est.imputed]), within(est), complete, est.df)
    return statistic / (1 + increase), df


def _pooled(parts: Sequence[Estimate]) -> Pooled:
    """Values and variances of all imputations, pooled."""
    return pool(
        np.array([part.values for part in parts]),
        np.array([part.variance for part in parts]),
        np.min([part.df for part in parts], axis=0),
    )


def _estimate(one: Estimate | Holder) -> Estimate:
    """The estimate itself, or that of a model."""
    found = one if isinstance(one, Estimate) else getattr(one, "estimate", None)
    if not isinstance(found, Estimate):
        raise DesignError(
            f"this wants Estimates, and a {type(one).__name__} was given",
            mend="combine what estimate.mean, estimate.glm and their like return, one an imputed design",
        )
    if found.imputed:
        raise DesignError("an estimate is combined already", mend="combine the estimates of single imputed designs")
    return found


def _aligned(parts: list[Estimate]) -> tuple[Estimate, ...]:
    """The estimates with the same values in the same order; a domain that one of them lacks is set among the empty ones."""
    if len(parts) < 2:
        raise DesignError(
            f"{len(parts)} estimate{'s' * (len(parts) != 1)} cannot be combined: what imputations differ by needs two",
            mend="impute at least twice (20 times is usual) and make the estimate on each design",
        )
    first = parts[0]
    if len({part.influence.shape[0] for part in parts}) > 1:
        raise DesignError(
            "the estimates come from samples of different psus",
            mend="impute one design, and make the estimate on every design that comes out",
        )
    if all(part.labels.equals(first.labels) for part in parts):
        return tuple(parts)
    shared: list[pd.MultiIndex] = []
    if all(list(part.labels) == list(first.labels) for part in parts):
        keys = [pd.MultiIndex.from_frame(part.labels.astype(object)) for part in parts]
        shared = [keys[0][np.all([keys[0].isin(key) for key in keys], axis=0)]]
    if not shared or not len(shared[0]) or not all(key.is_unique for key in keys):
        raise DesignError("estimates of different things are not combined", mend="make the same call on each design")
    lost = pd.concat([part.labels[~key.isin(shared[0])] for part, key in zip(parts, keys, strict=True)])
    chosen = [part.select(key.get_indexer(shared[0])) for part, key in zip(parts, keys, strict=True)]
    return (replace(chosen[0], empty=_sometimes_empty(first.empty, lost, len(parts))), *chosen[1:])


def _sometimes_empty(empty: pd.DataFrame | None, lost: pd.DataFrame, m: int) -> pd.DataFrame:
    """Labels of the domains that are empty in some of the m imputations (`lost`, a row for each where they are not)."""
    columns = list(lost.columns)
    counts = lost.groupby(columns, sort=False, dropna=False).size().reset_index(name="held")
    told = [f"answered in {count} of {m} imputations: not combined" for count in counts["held"]]
    found = counts[columns].assign(note=told)
    return found if empty is None else pd.concat([empty, found]).drop_duplicates(columns, keep="last")


def _design_effect(parts: tuple[Estimate, ...], pooled: Pooled) -> np.ndarray:
    """Total variance over the mean of the variances that a simple random sample of complete answers would have."""
    with np.errstate(divide="ignore", invalid="ignore"):
        simple = np.mean([part.variance / part.deff for part in parts], axis=0)
        own = np.mean([part.deff for part in parts], axis=0)
        return np.asarray(np.where(simple > 0, pooled.total / simple, own))


def _notes(parts: tuple[Estimate, ...], pooled: Pooled) -> tuple[str, ...]:
    """What each value's parts said, once, and what is missing of it."""
    own = [part.note or ("",) * len(part) for part in parts]
    told = []
    for texts, missing, between in zip(zip(*own, strict=True), pooled.missing, pooled.between, strict=True):
        said = list(dict.fromkeys(filter(None, texts)))
        some = [said[0] + (" (in some imputations)" if len(set(texts)) > 1 else "")] if said else []
        cost = f"{len(parts)} imputations"
        if between > 0 and np.isfinite(missing):
            cost += f", {100 * missing:.0f}% of information missing"
        told.append("; ".join([*some, cost]))
    return tuple(told)

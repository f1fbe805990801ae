"""Families of tests: p-values adjusted for how many were looked at, and how small one's own p would have to be.

Many families at once, no loop over tests.  Holm keeps the chance of any error; Benjamini and Hochberg the share of errors among
what is found, Benjamini and Yekutieli whatever the tests have to do with each other; in two stages (Benjamini and Bogomolov) the
share of errors inside each item that was found to have something, on average over these items.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from symmetry.errors import DesignError

__all__ = ["Adjustment", "adjusted", "bars"]

Adjustment = Literal["bh", "by", "holm", "two_stage"]


def adjusted(
    p: np.ndarray, family: np.ndarray, adjust: Adjustment, *, item: np.ndarray | None = None, negative: bool = False
) -> np.ndarray:
    """Adjust p-values inside their families.

    Parameters
    ----------
    p : (n,) p-values.
    family : (n,) to which family each belongs.
    adjust : "bh" Benjamini-Hochberg [1]_; "by" Benjamini-Yekutieli [2]_; "holm"; "two_stage" Benjamini-Bogomolov [3]_: Simes' p
        of each item over its tests, Benjamini-Hochberg over the m items at q, and again at q R / m inside the R found.
    item : (n,) of which item each test is, for "two_stage".
    negative : the tests depend on each other negatively, as gaps counted from their mean do: "bh" becomes "by", and "two_stage"
        takes the same factor, 1 + 1/2 + … + 1/m, over its items.

    Returns
    -------
    (n,) the smallest q at which each test would be rejected: a test whose value is below 0.05 is found at q = 0.05, by every
    adjustment.

    Raises
    ------
    DesignError : an adjustment that is unknown.

    Notes
    -----
    In two stages a test of an item with Simes-adjusted p of a_i, and own p of x inside the item, is found at q where q ≥ a_i and
    x ≤ q R(q) / m; with a_(r) the r-th smallest of the m adjusted Simes p, the smallest such q is the least of
    max(a_(r), x m / r) over the r at or beyond the item's own place.
    R twins: ``p.adjust(p, "BH")``, ``"BY"``, ``"holm"``.

    References
    ----------
    .. [1] Benjamini, Hochberg (1995). Controlling the false discovery rate. JRSS B 57, 289-300.
    .. [2] Benjamini, Yekutieli (2001). The control of the false discovery rate in multiple testing under dependency.
       Annals of Statistics 29, 1165-1188.
    .. [3] Benjamini, Bogomolov (2014). Selective inference on multiple families of hypotheses. JRSS B 76, 297-318.

    Examples
    --------
    >>> p = np.array([0.001, 0.02, 0.03, 0.6])
    >>> adjusted(p, np.zeros(4), "bh").round(4).tolist()
    [0.004, 0.04, 0.04, 0.6]
    >>> adjusted(p, np.zeros(4), "two_stage", item=np.array(["a", "a", "b", "b"])).round(4).tolist()
    [0.004, 0.04, 0.06, 0.6]
    """
    known(adjust)
    tests, families = np.asarray(p, float), _numbered(family)
    if adjust == "two_stage":
        return _two_stage(tests, families, _grouped(families, item), negative)
    if adjust == "holm":
        order, rank, size = _ranked(tests, families)
        return _back(_running(tests[order] * (size - rank + 1), families[order], "max"), order)
    return _step_up(tests, families, dependent=adjust == "by" or negative)


def bars(
    p: np.ndarray,
    family: np.ndarray,
    adjust: Adjustment,
    level: float,
    *,
    item: np.ndarray | None = None,
    negative: bool = False,
) -> np.ndarray:
    """Say to what its own p would have to fall for a test to be found at `level`, were all other p to stay as they are.

    Parameters
    ----------
    p, family, adjust, item, negative : as in `adjusted`.
    level : at which tests are found.

    Returns
    -------
    (n,) bars, right for every test that is not found at `level`, and for step-up adjustments also for those that are.

    Notes
    -----
    Benjamini and Hochberg find a test at q if and only if its p is at most q R / M, where R is how many they would find were its
    p 0.
    """
    known(adjust)
    tests, families = np.asarray(p, float), _numbered(family)
    every = np.full(len(tests), level)
    if adjust == "holm":
        found = adjusted(tests, family, "holm") <= level
        rejected, size = np.bincount(families, found), np.bincount(families)
        return np.asarray((level / np.maximum(size - rejected, 1))[families])
    if adjust != "two_stage":
        return _step_up_bars(tests, families, every, dependent=adjust == "by" or negative)
    groups = _grouped(families, item)
    simes, home = _simes(tests, families, groups)
    shares = _step_up_bars(simes, home, np.full(len(simes), level), dependent=negative)
    return _step_up_bars(tests, groups, shares[groups], dependent=False)


def known(adjust: str) -> None:
    """Refuse an adjustment that is none."""
    if adjust not in get_args(Adjustment):
        raise DesignError(f"no adjustment is called {adjust!r}", mend="bh, by, holm or two_stage")


def _numbered(keys: np.ndarray) -> np.ndarray:
    """Give equal keys one number, from 0."""
    return np.asarray(pd.factorize(np.asarray(keys), use_na_sentinel=False)[0])


def _grouped(families: np.ndarray, item: np.ndarray | None) -> np.ndarray:
    """Number the items of each family."""
    if item is None:
        raise DesignError("two stages need to know which item each test is of", mend="give item=")
    items = _numbered(item)
    return _numbered(families.astype(np.int64) * (items.max(initial=0) + 1) + items)


def _ranked(p: np.ndarray, family: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Order tests by family and p; the rank from 1 and the family's size of each, in that order."""
    order = np.lexsort((p, family))
    at, size = np.arange(len(p)), np.bincount(family)
    start = np.cumsum(size) - size
    return order, at - start[family[order]] + 1, size[family[order]]


def _running(values: np.ndarray, family: np.ndarray, way: Literal["min", "max"]) -> np.ndarray:
    """Running extreme inside each family, at most 1."""
    groups = pd.Series(values).groupby(family, sort=False)
    found = groups.cummin() if way == "min" else groups.cummax()
    return np.asarray(np.minimum(found.to_numpy(float), 1.0))


def _back(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Give values in sorted order their own places again."""
    out = np.empty(len(values))
    out[order] = values
    return out


def _harmonic(size: np.ndarray) -> np.ndarray:
    """1 + 1/2 + … + 1/size of each size."""
    return np.asarray(np.cumsum(1 / np.arange(1, size.max(initial=1) + 1))[size - 1])


def _step_up(p: np.ndarray, family: np.ndarray, *, dependent: bool) -> np.ndarray:
    """Benjamini-Hochberg's adjusted p; where tests depend on each other, Benjamini-Yekutieli's."""
    order, rank, size = _ranked(p, family)
    scaled = p[order] * size / rank * (_harmonic(size) if dependent else 1.0)
    return _back(_running(scaled[::-1], family[order][::-1], "min")[::-1], order)


def _step_up_bars(p: np.ndarray, family: np.ndarray, level: np.ndarray, *, dependent: bool) -> np.ndarray:
    """Step-up bars of tests; the level may differ from family to family."""
    order, rank, size = _ranked(p, family)
    unit = level[order] / size / (_harmonic(size) if dependent else 1.0)
    ranked, inside = p[order], family[order]
    groups = pd.Series(np.where(ranked <= rank * unit, rank, 0)).groupby(inside, sort=False)
    found = groups.transform("max").to_numpy()
    next_to = pd.Series(np.where(ranked <= (rank + 1) * unit, rank, 0)).groupby(inside, sort=False).cummax().to_numpy()
    before = np.where(rank > 1, np.concatenate([[0], next_to[:-1]]), 0)
    return _back(np.where(rank <= found, found, before + 1) * unit, order)


def _simes(p: np.ndarray, family: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Simes' p of each group of tests, and the group's family."""
    simes = np.full(group.max(initial=-1) + 1, 1.0)
    np.minimum.at(simes, group, _step_up(p, group, dependent=False))
    home = np.zeros(len(simes), int)
    home[group] = family
    return simes, home


def _two_stage(p: np.ndarray, family: np.ndarray, group: np.ndarray, negative: bool) -> np.ndarray:
    """Adjusted p of the two stages: see the notes of `adjusted`."""
    inside = _step_up(p, group, dependent=False)
    simes, home = _simes(p, family, group)
    chosen = _step_up(simes, home, dependent=False)
    out = np.empty(len(p))
    for one in np.unique(family):
        mine, ladder = family == one, np.sort(chosen[home == one])
        m = len(ladder)
        own = np.searchsorted(ladder, chosen[group[mine]], side="right")  # r at or beyond the item's own place, from 1
        meet = np.searchsorted(ladder * np.arange(1, m + 1) / m, inside[mine], side="left") + 1
        after, before = np.clip(meet, own, m), np.clip(meet - 1, own, m)
        q = [np.maximum(ladder[r - 1], inside[mine] * m / r) for r in (after, before)]
        out[mine] = np.minimum(*q) * (_harmonic(np.array([m]))[0] if negative else 1.0)
    return np.minimum(out, 1.0)

"""Cliff's delta of pairs: how often an answer of side a stands above one of side b, less how often it stands below.

Each answer of side a is worth 2 F_b(x) - 1, F the weighted distribution function with half of what lies at x itself; each of
side b 1 - 2 F_a(x).  The mean worth of either side is delta, and the influences of both means together are delta's.  For coded
answers the same is said of the shares of codes, without looking at rows: delta = Σ_k Σ_l p_k q_l sign(k - l).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry import estimate
from symmetry.design import Design, column_of, domains
from symmetry.dissonance.nouns import Pair
from symmetry.estimate import Estimate

__all__ = ["delta_of"]

_CODES = 25
_CELLS = 1 << 22
_ENTRIES = 1 << 25
_NOTHING = 1e-13


def delta_of(design: Design, pairs: list[Pair], by: tuple[str, ...], levels: Estimate, rows: pd.DataFrame) -> Estimate:
    """Cliff's delta of each row (labels, and rows a and b of levels), its n those of the levels.

    Without error its df are those of the smaller side.
    """
    number = {(pair.item, pair.family): k for k, pair in enumerate(pairs)}
    wanted = np.array([number[key] for key in zip(rows["item"], rows["family"], strict=True)])
    here = [k for k in range(len(pairs)) if (wanted == k).any()]
    coded = {
        column for column in {side[1] for k in here for side in (pairs[k].a, pairs[k].b)} if _coded(design, column)
    }
    plain = [k for k in here if not {pairs[k].a[1], pairs[k].b[1]} <= coded or "category" in by]
    step = max(1, _ENTRIES // (2 * max(len(design.data), 1)))
    blocks = [plain[start : start + step] for start in range(0, len(plain), step)]
    parts, order = [], []
    for some, road in [([k for k in here if k not in set(plain)], _of_codes), *((block, _of_rows) for block in blocks)]:
        own = np.flatnonzero(np.isin(wanted, some))
        if len(own):
            parts.append(road(design, {k: pairs[k] for k in some}, by, rows.iloc[own], wanted[own]))
            order.append(own)
    found = estimate.join(parts).select(np.argsort(np.concatenate(order), kind="stable"))
    a, b = (rows[side].to_numpy() for side in ("a", "b"))
    edge = np.abs(found.values) > 1 - _NOTHING  # parted answers, but for rounding
    exact = edge | (found.variance < _NOTHING**2)
    values = np.where(edge, np.sign(found.values), found.values)
    return replace(
        found,
        values=np.where(exact & (np.abs(values) < _NOTHING), 0.0, values),
        variance=np.where(exact, 0.0, found.variance),
        by_part=None,
        df=np.where(exact, np.minimum(levels.df[a], levels.df[b]), found.df),
        n=levels.n[a] + levels.n[b],
    )


def _coded(design: Design, column: str) -> bool:
    """Whether a column holds few different answers."""
    answers = column_of(design, column)
    return len(pd.unique(answers[:4096])) <= _CODES + 1 and len(pd.unique(answers)) <= _CODES + 1


def _of_codes(
    design: Design, pairs: dict[int, Pair], by: tuple[str, ...], rows: pd.DataFrame, wanted: np.ndarray
) -> Estimate:
    """Delta of coded answers, from the shares of their codes."""
    columns = list(dict.fromkeys(column for pair in pairs.values() for _, column in (pair.a, pair.b)))
    shares = estimate.share(design, columns, by=["audience", *by], deff=None)
    keys = ["item", "audience", *by]
    group = shares.labels.groupby(keys, sort=False, observed=True).ngroup().to_numpy()
    order = np.argsort(group, kind="stable")
    start = np.searchsorted(group[order], np.arange(group.max() + 1))
    place = {key: k for k, key in enumerate(shares.labels.iloc[order[start]][keys].itertuples(index=False, name=None))}
    domain = list(rows[list(by)].itertuples(index=False, name=None)) if by else [()] * len(rows)
    size = np.diff(np.append(start, len(order)))
    category = shares.labels["category"].to_numpy(float)
    values, entries, row, column = np.empty(len(rows)), [], [], []
    for k, pair in pairs.items():
        own = np.flatnonzero(wanted == k)
        sides = [np.array([place[(name, audience, *domain[i])] for i in own]) for audience, name in (pair.a, pair.b)]
        a, b = (order[start[side][:, None] + np.arange(size[side[0]])] for side in sides)
        sign = np.sign(category[a[0]][:, None] - category[b[0]][None, :])
        p, q = shares.values[a], shares.values[b]
        values[own] = np.einsum("dk,kl,dl->d", p, sign, q)
        for at, slope in ((a, q @ sign.T), (b, p @ sign)):
            entries.append(slope.ravel())
            row.append(np.repeat(own, at.shape[1]))
            column.append(at.ravel())
    where = (np.concatenate(row), np.concatenate(column))
    matrix = sparse.coo_array((np.concatenate(entries), where), shape=(len(rows), len(shares)))
    return replace(estimate.contrast(shares, sparse.csr_array(matrix)), values=values)


def _of_rows(
    design: Design,
    pairs: dict[int, Pair],
    by: tuple[str, ...],
    rows: pd.DataFrame,
    wanted: np.ndarray,
) -> Estimate:
    """Delta of any answers, from what each is worth."""
    columns = {name: design.data[name] for name in ("audience", *by)}
    for k, pair in pairs.items():
        columns[f"{k} a"], columns[f"{k} b"] = _worth(design, pair, by)
    scored = replace(design, data=pd.DataFrame(columns), given=design.layout)
    names = [name for k in pairs for name in (f"{k} a", f"{k} b")]
    means = estimate.mean(scored, names, by=["audience", *by])
    keys = list(zip(means.labels["item"], means.labels["audience"], *(means.labels[name] for name in by), strict=True))
    place = {key: row for row, key in enumerate(keys)}
    domain = list(zip(*(rows[name] for name in by), strict=True)) if by else [()] * len(rows)
    a, b = (
        np.array(
            [place[f"{k} {side}", getattr(pairs[k], side)[0], *key] for k, key in zip(wanted, domain, strict=True)]
        )
        for side in ("a", "b")
    )
    at = np.arange(len(rows))
    both = sparse.coo_array(
        (np.ones(2 * len(rows)), (np.tile(at, 2), np.concatenate([a, b]))), shape=(len(rows), len(means))
    )
    found = estimate.contrast(replace(means, design=design), sparse.csr_array(both))
    return replace(found, values=found.values / 2)


def _worth(design: Design, pair: Pair, by: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """2 F_b(x) - 1 of the answers of side a (n,), and 1 - 2 F_a(x) of those of side b; missing on all other rows."""
    domain, audience, weight = domains(design, by), design.data["audience"].to_numpy(), design.layout.weight
    values = [column_of(design, column) for _, column in (pair.a, pair.b)]
    there = [
        np.flatnonzero((audience == name) & ~np.isnan(answers) & (domain.code < domain.size))
        for (name, _), answers in zip((pair.a, pair.b), values, strict=True)
    ]
    codes, level = np.unique(
        np.concatenate([x[rows] for x, rows in zip(values, there, strict=True)]), return_inverse=True
    )
    key = domain.code[np.concatenate(there)].astype(np.int64) * len(codes) + level
    cells = np.arange(domain.size * len(codes))
    if len(cells) > _CELLS:
        cells, key = np.unique(key, return_inverse=True)
    of = cells // len(codes)
    cut = len(there[0])
    below = [
        _middles(part, weight[rows], of, domain.size) for part, rows in zip((key[:cut], key[cut:]), there, strict=True)
    ]
    worth = np.full((2, len(weight)), np.nan)
    worth[0, there[0]] = 2 * below[1][key[:cut]] - 1
    worth[1, there[1]] = 1 - 2 * below[0][key[cut:]]
    return worth[0], worth[1]


def _middles(key: np.ndarray, weight: np.ndarray, of: np.ndarray, size: int) -> np.ndarray:
    """Distribution function with half the point itself, at every cell (C,) of domain × code in order; of : domain of each."""
    share = np.bincount(key, weights=weight, minlength=len(of))
    whole = np.bincount(of, weights=share, minlength=size)
    share = np.divide(share, whole[of], out=np.zeros(len(of)), where=whole[of] > 0)
    upto = np.cumsum(share)
    first = np.searchsorted(of, np.arange(size))
    before = np.concatenate([[0.0], upto])[first]
    return np.asarray(upto - before[of] - share / 2)

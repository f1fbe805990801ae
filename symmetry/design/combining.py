"""Variances of linear combinations of many statistics where each respondent is a psu, without making their influence.

A thousand units times forty items are 80,000 statistics: each row bears on forty of them, those of its own domain.  For a
combination with coefficients c, the influence of a row is Σ c_k z_k over these forty, and

    V = Σ_h scale_h Σ_i (Σ_k c_k z_ik - Z_h / n_h)²        (Z_h the combination summed over a stratum of n_h rows)

so one pass over the rows, cell by cell of stratum × domain, with a small product of matrices in each, gives them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations as combinations_of
from itertools import pairwise

import numpy as np
from scipy import sparse

from symmetry.design.cells import Cells
from symmetry.design.influence import Influence, Summed
from symmetry.design.nouns import Design

__all__ = ["Combined", "combinations"]

_ENTRIES = 1 << 21  # at a time: arrays this small are taken again from memory that is there, larger ones anew each time
_PRODUCT = 1 << 18
_FEWEST = 4  # rows a cell, on average: with fewer, the sparse influence is no larger than what is done here


@dataclass(frozen=True, eq=False)
class Combined:
    """Facts of G combinations.

    variance (G,); by_part (A, G) that of the terms of each audience alone, parts (A,) the audiences' numbers; psus (G,) that hold
    answers behind a combination; strata (G,) in which these lie.
    """

    variance: np.ndarray
    by_part: np.ndarray
    parts: np.ndarray
    psus: np.ndarray
    strata: np.ndarray


@dataclass(frozen=True, eq=False)
class _Domain:
    """What is asked of the rows of a domain.

    of (g,) numbers of the combinations; weights (K, g) their coefficients; pattern (g,) which of the patterns (K, p) of
    statistics each rests on.
    """

    of: np.ndarray
    weights: np.ndarray
    pattern: np.ndarray
    patterns: np.ndarray


def combinations(
    design: Design, influence: Influence, matrix: sparse.csr_array, *, variance: np.ndarray, psus: np.ndarray
) -> Combined | None:
    """Variances of combinations of D statistics with coefficients `matrix` (G, D), seen row by row.

    Parameters
    ----------
    variance, psus : of the statistics (D,): what a combination takes as one term of an audience needs no rows.

    Returns
    -------
    None where this road is not open: rows that are no psus, calibrated weights, few rows a cell.

    Examples
    --------
    >>> frame = pd.DataFrame({"side": list("aababb"), "x": [1.0, 2, 4, 3, 2, 5], "y": [2.0, 1, 4, 4, 2, 3]})
    >>> found = estimate.mean(Design(frame, lonely_psu="remove"), ["x", "y"])
    >>> known = {"variance": found.variance, "psus": found.psus}
    >>> combinations(found.design, found.influence, sparse.csr_array([[1.0, -1.0]]), **known).variance.round(4)
    array([0.2278])
    """
    summed = influence.summed
    if not design.element or summed is None or summed.fit is not None:
        return None
    cells = summed.passes[0].cells
    alike = all(one.cells is cells for one in summed.passes)
    if not alike or _FEWEST * len(cells.group) > len(cells.cell):
        return None
    parts = np.unique(cells.domains.part)
    several, alone = _apart(matrix, np.searchsorted(parts, _part_of(summed)), len(parts))
    asked = _by_domain(summed, cells, several)
    means = [_means(design, summed, several, part) for part in parts]
    squares, number = np.zeros((len(parts), matrix.shape[0])), np.zeros(matrix.shape[0], np.int64)
    scale = design.layout.stages[0].scale
    for cell, values, held in _cells_of_rows(summed, cells):
        want = asked.get(int(cells.domain[cell]))
        if want is None:
            continue
        part, stratum = np.searchsorted(parts, cells.domains.part[cells.domain[cell]]), cells.group[cell]
        mean = _entries(means[part], stratum, want.of)
        for rows in _steps(values.shape[1], want.weights.size):
            away = values[:, rows].T @ want.weights - mean
            squares[part, want.of] += scale[stratum] * np.einsum("rg,rg->g", away, away)
            number[want.of] += _answering(None if held is None else held[:, rows], len(away), want)
    by_part = squares + np.array([_elsewhere(design, summed, several, *one) for one in zip(parts, means, strict=True)])
    place, row, column, coefficient = alone
    by_part[place, row] = coefficient**2 * variance[column]
    np.add.at(number, row, psus[column])
    factor = scale * design.layout.stages[0].count
    cross: np.ndarray | float = 0.0
    if len(parts) > 1 and _share_strata(cells):
        every = [_means(design, summed, matrix, part) for part in parts]
        cross = sum((one * other) @ factor for one, other in combinations_of(every, 2))
    return Combined(by_part.sum(axis=0) - 2 * cross, by_part, parts, number, _strata(summed, matrix, len(scale)))


def _apart(
    matrix: sparse.csr_array, part: np.ndarray, parts: int
) -> tuple[sparse.csr_array, tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Coefficients of which a combination has several in an audience, and those that are alone there.

    part (D,) : place of the audience of each statistic.  Of the second: place of the audience, row, column, coefficient.
    """
    terms = matrix.tocoo()
    place = part[terms.col]
    key = terms.row.astype(np.int64) * parts + place
    alone = np.bincount(key, minlength=matrix.shape[0] * parts)[key] == 1
    rest = (terms.data[~alone], (terms.row[~alone], terms.col[~alone]))
    several = sparse.csr_array(sparse.coo_array(rest, shape=matrix.shape))
    return several, (place[alone], terms.row[alone], terms.col[alone], terms.data[alone])


def _by_domain(summed: Summed, cells: Cells, matrix: sparse.csr_array) -> dict[int, _Domain]:
    """Sort the coefficients by the domain whose rows they are for."""
    size, terms = cells.domains.size, matrix.tocoo()
    which, domain = (one.astype(np.int32) for one in np.divmod(summed.columns, size))
    which, domain = which[terms.col], domain[terms.col]
    order = _in_order(domain, size)
    domain, which, row = domain[order], which[order], terms.row[order]
    first = np.ones(len(row), bool)
    first[1:] = (domain[1:] != domain[:-1]) | (row[1:] != row[:-1])  # rows come in order
    place = np.cumsum(first) - 1
    width = sum(one.held.shape[0] for one in summed.passes)
    weights = np.zeros((int(first.sum()), width))
    weights.ravel()[place * width + which] = terms.data[order]
    mark = (weights != 0) @ np.random.default_rng(0).normal(size=width)
    of, ends = row[first], np.searchsorted(domain[first], np.arange(size + 1))
    found = {}
    for number, (start, stop) in enumerate(pairwise(ends)):
        if start < stop:
            _, one, pattern = np.unique(mark[start:stop], return_index=True, return_inverse=True)
            mine = weights[start:stop]
            found[number] = _Domain(of[start:stop], mine.T, pattern, (mine[one].T != 0).astype(np.float32))
    return found


def _in_order(code: np.ndarray, size: int) -> np.ndarray:
    """Where codes below `size` come in order, equal ones as they stand; of 16 bits, which is done without comparing."""
    return np.argsort(code.astype(np.uint16) if size <= 1 << 16 else code, kind="stable")


def _cells_of_rows(summed: Summed, cells: Cells) -> Iterator[tuple[int, np.ndarray, np.ndarray | None]]:
    """Give the rows of each cell, some at a time: its number, their influences (K, r), and which count (None: all)."""
    waiting: list[tuple[np.ndarray, np.ndarray, np.ndarray | None]] = []
    for block in zip(*(one.rows() for one in summed.passes), strict=True):
        rows = block[0][0]
        values = np.vstack([value for _, value, _ in block]) if len(block) > 1 else block[0][1]
        held = _stacked([(value, held) for _, value, held in block])
        waiting.append((cells.cell[rows], values, held))
        if sum(value.size for _, value, _ in waiting) >= _ENTRIES:
            yield from _sorted(waiting, len(cells.group))
            waiting = []
    if waiting:
        yield from _sorted(waiting, len(cells.group))


def _stacked(parts: list[tuple[np.ndarray, np.ndarray | None]]) -> np.ndarray | None:
    """Which rows count for each statistic, parts one below the other; None where all do for all."""
    if all(held is None for _, held in parts):
        return None
    return np.vstack([np.ones(value.shape, bool) if held is None else held for value, held in parts])


def _sorted(
    waiting: list[tuple[np.ndarray, np.ndarray, np.ndarray | None]], count: int
) -> Iterator[tuple[int, np.ndarray, np.ndarray | None]]:
    """Blocks of rows, cell by cell; rows in no domain are left out."""
    cell = np.concatenate([one for one, _, _ in waiting])
    order = _in_order(cell, count + 1)
    values = np.take(np.hstack([value for _, value, _ in waiting]), order, axis=1)
    held = _stacked([(value.T, None if held is None else held.T) for _, value, held in waiting])
    held = None if held is None else np.take(held.T, order, axis=1)
    ends = np.searchsorted(cell[order], np.arange(count + 1))
    for number in np.flatnonzero(np.diff(ends)):
        rows = slice(ends[number], ends[number + 1])
        yield int(number), values[:, rows], None if held is None else held[:, rows]


def _answering(held: np.ndarray | None, rows: int, want: _Domain) -> np.ndarray:
    """How many rows answered something that each combination rests on (g,)."""
    if held is None:
        return np.full(len(want.of), rows)
    return np.asarray((held.T.astype(np.float32) @ want.patterns > 0).sum(axis=0)[want.pattern])


def _means(design: Design, summed: Summed, matrix: sparse.csr_array, part: int) -> sparse.csc_array:
    """Mean over each stratum of the influence that one audience's terms give (G, H), rows elsewhere holding zeros."""
    own = sparse.diags_array((_part_of(summed) == part).astype(float))
    found = matrix @ own @ summed.strata.T @ sparse.diags_array(1 / design.layout.stages[0].count)
    return sparse.csc_array(found)


def _entries(means: sparse.csc_array, stratum: int, of: np.ndarray) -> np.ndarray:
    """Means of some combinations (g,), numbered in order, in a stratum."""
    inside = slice(means.indptr[stratum], means.indptr[stratum + 1])
    place = np.searchsorted(of, means.indices[inside])
    there = place < len(of)
    there[there] = of[place[there]] == means.indices[inside][there]
    found = np.zeros(len(of))
    found[place[there]] = means.data[inside][there]
    return found


def _steps(rows: int, size: int) -> Iterator[slice]:
    """Parts of some rows, so that each product with as many coefficients is small enough for one thread.

    OpenBLAS shares a product of more than 2¹⁸ terms among threads, which cost more than they bring on a machine that is busy.
    """
    step = max(_PRODUCT // max(size, 1), 8)
    return (slice(start, start + step) for start in range(0, rows, step))


def _elsewhere(
    design: Design, summed: Summed, matrix: sparse.csr_array, part: int, means: sparse.csc_array
) -> np.ndarray:
    """Σ scale · mean² over the rows of a stratum that lie in none of a combination's domains (G,)."""
    cells, stage = summed.passes[0].cells, design.layout.stages[0]
    size, terms = cells.domains.size, matrix.tocoo()
    mine = _part_of(summed)[terms.col] == part
    domain = summed.columns[terms.col[mine]] % size
    touched = sparse.csr_array(
        sparse.coo_array((np.ones(len(domain)), (terms.row[mine], domain)), shape=(matrix.shape[0], size))
    )
    rows = np.bincount(cells.cell, minlength=len(cells.group) + 1)[:-1]
    held = sparse.csr_array(sparse.coo_array((rows, (cells.domain, cells.group)), shape=(size, len(stage.count))))
    squares = means * means
    seen = (touched > 0).astype(float) @ held.astype(float)
    return np.asarray(squares @ (stage.scale * stage.count) - (squares * seen) @ stage.scale)


def _share_strata(cells: Cells) -> bool:
    """Whether a stratum holds rows of several audiences."""
    seen = np.unique(np.column_stack([cells.group, cells.domains.part[cells.domain]]), axis=0)
    return len(np.unique(seen[:, 0])) < len(seen)


def _part_of(summed: Summed) -> np.ndarray:
    """Number of the audience of each statistic (D,)."""
    domains = summed.passes[0].cells.domains
    return np.asarray(domains.part[summed.columns % domains.size])


def _strata(summed: Summed, matrix: sparse.csr_array, count: int) -> np.ndarray:
    """In how many strata the psus behind each combination lie (G,)."""
    cells = summed.passes[0].cells
    held = np.vstack([one.held for one in summed.passes])
    which, cell = np.nonzero(held)
    ones = (np.ones(len(cell)), (which * cells.domains.size + cells.domain[cell], cells.group[cell]))
    there = sparse.csr_array(sparse.coo_array(ones, shape=(len(held) * cells.domains.size, count)))[summed.columns]
    found = sparse.csr_array(sparse.csr_array(matrix != 0).astype(float) @ (there > 0).astype(float))
    return np.diff(found.indptr)

"""Influence → covariance: the one linearised variance of the house.

With z the influence summed over the units of a stage, strata g of n_g units out of N_g, and f the sampling fractions n / N,

    V = Σ over stages, Σ_g  (Π f of the units above) (1 - f_g) n_g / (n_g - 1) Σ_i (z_gi - z̄_g)(z_gi - z̄_g)'

which without fpc, or with one stage, is the ultimate-cluster formula (Särndal, Swensson, Wretman 1992, sections 4.3, 4.6).
Designs with unequal probabilities or two phases bring their own quadratic form, V = Z'QZ; replicates theirs, a sum of squares.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from scipy import sparse

from symmetry.design.coding import adder, design_of, numbered
from symmetry.design.forms import Form
from symmetry.design.influence import Influence
from symmetry.design.layout import Layout, Stage
from symmetry.design.nouns import Design
from symmetry.errors import DesignError

__all__ = ["covariance", "degrees_of_freedom", "entry_variances", "sparse_covariance", "variances", "variances_of_sums"]


def covariance(design: Design, influence: Influence | np.ndarray) -> np.ndarray:
    """Covariance (D, D) of D statistics from the influence of each unit of variance on them, (U, D).

    Raises
    ------
    DesignError : a stratum has one psu under `lonely_psu="fail"`.

    Examples
    --------
    >>> import pandas as pd
    >>> design = Design(pd.DataFrame({"x": [1.0, 2.0, 3.0]}))
    >>> covariance(design, np.array([[-1.0], [0.0], [1.0]]) / 3).round(4)
    array([[0.3333]])
    """
    given = _influence_of(design, influence)
    if _by_strata(design, given):
        found = np.zeros((given.shape[1],) * 2)
        for touched, block in _strata_covariances(design.layout.stages[0], given.direct):
            found[np.ix_(touched, touched)] += block
        return found
    z, quadratic = given.dense(), _quadratic(design.layout)
    if quadratic is not None:
        found = z.T @ (quadratic @ z)
        return np.asarray((found + found.T) / 2)
    found = np.zeros((z.shape[1],) * 2)
    for centred, scale in _stages(design, z, given):
        scaled = centred * np.sqrt(scale)[:, None]
        found += scaled.T @ scaled
    return found


def sparse_covariance(design: Design, influence: Influence) -> sparse.csr_array:
    """The covariance of many statistics of which few share a stratum, as a sparse array (D, D).

    Raises
    ------
    DesignError : as `covariance`.
    """
    size = influence.shape[1]
    if not _by_strata(design, influence):
        return sparse.csr_array(covariance(design, influence))
    parts = list(_strata_covariances(design.layout.stages[0], influence.direct))
    row = np.concatenate([np.repeat(touched, len(touched)) for touched, _ in parts])
    column = np.concatenate([np.tile(touched, len(touched)) for touched, _ in parts])
    values = np.concatenate([block.ravel() for _, block in parts])
    return sparse.csr_array(sparse.coo_array((values, (row, column)), shape=(size, size)))


def variances(design: Design, influence: Influence | np.ndarray) -> np.ndarray:
    """Variances (D,) of D statistics: the diagonal of `covariance`, without the rest."""
    given = _influence_of(design, influence)
    quadratic = _quadratic(design.layout)
    if quadratic is None and given.thin:
        z = given.direct
        column = np.repeat(np.arange(z.shape[1]), np.diff(z.indptr))
        return entry_variances(design, z.indices, column, z.shape[1], z.data[:, None])[:, 0]
    found = np.zeros(given.shape[1])
    for columns, z in given.blocks():
        if isinstance(quadratic, Form):
            found[columns] = quadratic.squares(z)
        elif quadratic is not None:
            found[columns] = np.einsum("ud,ud->d", z, quadratic @ z)
        else:
            part = given if columns == slice(0, given.shape[1]) else given.select(np.arange(given.shape[1])[columns])
            for centred, scale in _stages(design, z, part):
                found[columns] += np.einsum("ud,u,ud->d", centred, scale, centred)
    return found


def variances_of_sums(
    design: Design, stratum: np.ndarray, domain: np.ndarray, size: int, squares: np.ndarray
) -> np.ndarray:
    """Variances (size,) where each row is a psu, from sums of squared deviations (C,) by stratum × domain."""
    return np.bincount(domain, weights=design.layout.stages[0].scale[stratum] * squares, minlength=size)


def degrees_of_freedom(design: Design, held: sparse.csc_array) -> np.ndarray:
    """Count psus minus strata among those that hold answers behind each statistic: (D,), 0 where there is one psu a stratum.

    held : ones where a psu holds answers, (P, D); see `Influence.presence`.  Supplied
    replicates say how many they have; those made here have one fewer than there are of them, at most.
    """
    layout, made = design.layout, design.layout.replicates
    if made is not None and made.df is not None:
        return np.full(held.shape[1], float(made.df))
    column = np.repeat(np.arange(held.shape[1]), np.diff(held.indptr))
    here = held.data != 0
    psus = np.bincount(column[here], minlength=held.shape[1])
    pairs = np.unique(layout.stratum[held.indices[here]].astype(np.int64) * held.shape[1] + column[here])
    df = (psus - np.bincount(pairs % held.shape[1], minlength=held.shape[1])).astype(float)
    return df if made is None else np.minimum(df, made.size - 1)


def _influence_of(design: Design, influence: Influence | np.ndarray) -> Influence:
    """Take an influence, or an array of the units of variance; refuse what is neither."""
    if isinstance(influence, Influence):
        return influence
    array, units = np.asarray(influence, dtype=object), design_of(design).layout.units
    if array.ndim not in (1, 2) or len(array) != units:
        raise DesignError(
            f"an influence has a row for each of {units} units of variance, and this has shape {array.shape}",
            mend="of an estimate, ask est.covariance()",
        )
    return Influence.of(influence)


def _quadratic(layout: Layout) -> Form | sparse.csr_array | None:
    """The form Q of V = Z'QZ where a design has one of its own."""
    if layout.replicates is not None:
        return sparse.diags_array(layout.replicates.scale * layout.replicates.rscales)
    return layout.form


def _by_strata(design: Design, influence: Influence) -> bool:
    """Whether a covariance may be made stratum by stratum: one stage, and statistics that touch few of its strata."""
    layout = design.layout
    return (
        _quadratic(layout) is None and len(layout.stages) == 1 and influence.thin and _plain(design, layout.stages[0])
    )


def _strata_covariances(stage: Stage, z: sparse.csc_array) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give, for each stratum, the statistics that touch it (d,) and its part of their covariance (d, d)."""
    order = np.argsort(stage.stratum, kind="stable")
    rows = sparse.csr_array(z)[order]
    ends = np.searchsorted(stage.stratum[order], np.arange(len(stage.count) + 1))
    for h, (start, stop) in enumerate(pairwise(ends)):
        inside = slice(rows.indptr[start], rows.indptr[stop])
        touched, place = np.unique(rows.indices[inside], return_inverse=True)
        block = np.zeros((stop - start, len(touched)))
        block[np.repeat(np.arange(stop - start), np.diff(rows.indptr[start : stop + 1])), place] = rows.data[inside]
        block -= block.mean(axis=0)
        block *= np.sqrt(stage.scale[h])
        yield touched, block.T @ block


def _stages(design: Design, z: np.ndarray, influence: Influence) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give, for each stage, influences centred in their stratum (m, D) and the factor of each unit (m,)."""
    for level, stage in enumerate(design.layout.stages):
        if not stage.scale.any() and not stage.lonely.any():
            continue
        sums = z if stage.unit is None else adder(stage.unit, len(stage.stratum)) @ z
        totals = stage.member @ sums
        rows = np.arange(len(stage.count))[:, None]
        if _plain(design, stage):
            centred = sums - (totals / stage.count[:, None])[stage.stratum]
        else:
            touched = stage.member @ _present(design, influence, level, len(stage.stratum))
            centre, kept = _centres(design, stage, rows, totals, touched, sums.mean(axis=0))
            factor = _average_factor(design, touched > 0, kept)
            centred = (sums - centre[stage.stratum]) * np.sqrt(factor) * kept[stage.stratum]
        yield centred, stage.scale[stage.stratum]


def entry_variances(design: Design, unit: np.ndarray, column: np.ndarray, size: int, values: np.ndarray) -> np.ndarray:
    """Variances (size, J) from stored entries alone: units without answers hold zeros, which are counted, not visited.

    unit, column (C,) : the unit of variance and the statistic of each entry, each pair once.  values (C, J) : J statistics with
    the same entries.
    """
    found = np.zeros((size, values.shape[1]))
    for stage in design.layout.stages:
        if not stage.scale.any() and not stage.lonely.any():
            continue
        of, d, z = (unit, column, values) if stage.unit is None else _grouped(stage.unit[unit], column, size, values)
        key, place = numbered(stage.stratum[of].astype(np.int64) * size + d, len(stage.count) * size)
        h, d = key // size, key % size
        add = adder(place, len(key))
        entries, count = np.bincount(place)[:, None], stage.count[h][:, None]
        kept = factor = np.ones((1, 1))
        if _plain(design, stage):
            centre = add @ z / count
        else:
            every = adder(d, size)
            grand = (every @ (add @ z))[d] / len(stage.stratum)
            centre, kept = _centres(design, stage, h[:, None], add @ z, entries, grand)
            if design.lonely_psu == "average":
                factor = _ratio(every @ np.ones(kept.shape), every @ (kept > 0))[d]
        squares = add @ (z - centre[place]) ** 2 + (count - entries) * centre**2
        found += adder(d, size) @ (stage.scale[h][:, None] * squares * kept * factor)
    return found


def _plain(design: Design, stage: Stage) -> bool:
    """Whether no stratum of the stage needs a lonely-psu rule; refuses where the rule is to refuse."""
    lonely = int(stage.lonely.sum())
    if lonely and design.lonely_psu == "fail":
        first = stage is design.layout.stages[0]
        labels = design.layout.strata if first else np.arange(1, len(stage.count) + 1)
        names = ", ".join(repr(label) for label in labels[stage.lonely][:5])
        raise DesignError(
            f"{lonely} strat{'um has' if lonely == 1 else 'a have'} one {'psu' if first else 'unit of a later stage'}: "
            f"{names}{' …' if lonely > 5 else ''}",
            mend='merge each with a neighbour, or choose lonely_psu="remove", "certainty", "centre" or "average"',
        )
    return not lonely and design.lonely_domain == "keep"


def _centres(
    design: Design, stage: Stage, h: np.ndarray, totals: np.ndarray, touched: np.ndarray, grand: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where to centre each stratum × statistic, and 1 where it counts, 0 where a lonely-psu rule leaves it out.

    h : numbers of strata, which broadcast with totals (their sums), touched (units with answers) and grand (mean of all units).
    """
    alone = np.broadcast_to(stage.lonely[h], totals.shape)
    if design.lonely_domain == "apply":
        alone = alone | ((touched == 1) & (stage.count[h] > 1) & (stage.population[h] > stage.count[h]))
    centre, kept = totals / stage.count[h], np.ones(totals.shape)
    if design.lonely_psu == "centre":
        centre = np.where(alone, grand, centre)
        kept = np.where(alone & (touched == 0), 0.0, kept)
    if design.lonely_psu == "average":
        kept = np.where(alone, 0.0, kept)
    return centre, kept


def _average_factor(design: Design, there: np.ndarray, kept: np.ndarray) -> np.ndarray | float:
    """Strata touched over strata kept, for each statistic, under "average"."""
    return _ratio(there.sum(axis=0), (there & (kept > 0)).sum(axis=0)) if design.lonely_psu == "average" else 1.0


def _ratio(there: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Strata over strata that can be averaged; refuses where none can."""
    if ((good == 0) & (there > 0)).any():
        raise DesignError("every stratum has one psu: there is no other to average", mend="merge strata")
    return np.asarray(np.divide(there, good, out=np.ones(there.shape), where=good > 0))


def _present(design: Design, influence: Influence, level: int, size: int) -> np.ndarray:
    """Whether the units of a stage bear on a statistic, (m, D): those with answers, and, through calibration, all of them."""
    if influence.slope is not None:
        return np.ones((size, influence.shape[1]))
    if level == 0:
        return np.asarray(influence.presence.toarray() != 0)
    direct = influence.direct
    pattern = sparse.csc_array((np.ones(direct.nnz), direct.indices, direct.indptr), shape=direct.shape)
    unit = design.layout.stages[level].unit
    return np.asarray((pattern if unit is None else adder(unit, size) @ pattern).toarray() != 0)


def _grouped(
    unit: np.ndarray, column: np.ndarray, size: int, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Add up entries of the same unit and column: their units, columns and sums."""
    key, place = numbered(unit.astype(np.int64) * size + column, (int(unit.max(initial=0)) + 1) * size)
    return key // size, key % size, adder(place, len(key)) @ values

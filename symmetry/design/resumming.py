"""A statistic in every replicate, and what its values there say of its variance.

Sums over the units of replication times the factors of the replicates are the sums in the replicates: a product of matrices
for each block of replicates, sparse where domains leave most units empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy import sparse

from symmetry.design.influence import Influence
from symmetry.design.nouns import Design
from symmetry.design.replicating import Replicates
from symmetry.design.spreading import linear_influence, presence_of_units
from symmetry.design.totals import Totals
from symmetry.design.variance import variances
from symmetry.errors import DesignError

__all__ = ["deviations", "influence", "left_out", "replicates_of", "resampled", "resum"]

_ENTRIES = 2**21


def replicates_of(design: Design) -> Replicates:
    """Give the replicates of a design.

    Raises
    ------
    DesignError : it has none.
    """
    found = design.layout.replicates
    if found is None:
        raise DesignError(
            "this needs replicates and the design has none",
            mend='give symmetry.design.replicate(design, "bootstrap"), or supply replicate weights to `replicated`',
        )
    return found


def influence(totals: Totals, gradient: np.ndarray) -> tuple[Influence, np.ndarray]:
    """Give the influence of statistics that are smooth functions of totals, and their variances, on any design.

    Parameters
    ----------
    gradient : (I, D, k, m) derivative of the m statistics of an item and domain by its k totals.

    Returns
    -------
    Influence of I·m·D statistics (items outermost, domains innermost) and their variances: see
    `symmetry.design.spreading`. With replicates, the linearised statistic is worked out in each; `resampled` does so
    with the statistic itself.
    """
    if totals.design.layout.replicates is None:
        return linear_influence(totals, gradient)
    k = gradient.shape[2]

    def tangent(sums: np.ndarray, shift: np.ndarray) -> np.ndarray:
        return np.asarray(np.einsum("...idk,idkm->...idm", sums[..., :k], gradient))

    spread, variance, _ = resampled(totals, tangent, tangent(totals.sums, totals.shift))
    return spread, variance


def resampled(
    totals: Totals, value: Callable[[np.ndarray, np.ndarray], np.ndarray], values: np.ndarray
) -> tuple[Influence, np.ndarray, np.ndarray]:
    """Work a statistic out in every replicate, from its totals.

    Parameters
    ----------
    totals : of I items in D domains, of a design with replicates.
    value : sums (r, I, D, k) and shift → (r, I, D, m).
    values : (I, D, m) of the sample itself.

    Returns
    -------
    Influence (R, I·m·D) whose weighted squares are variances; these variances; and how many replicates were left out (I·m·D,).
    """
    made = replicates_of(totals.design)
    items, size, m = values.shape
    thetas = np.empty((made.size, items * m * size))
    for block, sums in resum(totals):
        with np.errstate(all="ignore"):
            found = np.asarray(value(sums, totals.shift))
        thetas[block] = found.swapaxes(2, 3).reshape(len(found), -1)
    first = thetas[0].copy()
    lost = deviations(made, thetas, values.swapaxes(1, 2).ravel())
    middle, thin = np.where(lost > 0, np.nan, first - thetas[0]), sparse.csc_array(thetas)
    spread = Influence(thetas.shape, lambda: thin, lambda: presence_of_units(totals, totals.held, m), middle=middle)
    return spread, variances(totals.design, spread), lost


def resum(totals: Totals) -> Iterator[tuple[slice, np.ndarray]]:
    """Give the sums of I items in D domains in every replicate, (r, I, D, k), block after block of r replicates.

    Raises
    ------
    DesignError : the design has no replicates.
    """
    made = replicates_of(totals.design)
    items, _, k = totals.entries.shape
    size = totals.cells.domains.size
    width = items * size * k
    step = max(1, _ENTRIES // width)
    if made.sums is not None and made.units * width <= 8 * _ENTRIES:
        road, step = made.sums(_dense(totals, _every(totals), made.units).T), max(step, made.step)
    elif made.across is not None and made.units * made.size > _ENTRIES:
        road = _by_units(made, totals)
    else:
        road, step = _by_blocks(made, totals), min(step, made.step)
    for start in range(0, made.size, step):
        block = slice(start, min(start + step, made.size))
        yield block, np.ascontiguousarray(road(block)).reshape(-1, items, size, k)


def deviations(made: Replicates, thetas: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Turn the values of M statistics in R replicates into what is squared, in place; count the replicates left out (M,).

    Parameters
    ----------
    thetas : (R, M); a replicate without a value (NaN) is left out of that statistic.
    values : (M,) of the sample itself.

    Notes
    -----
    Where replicates are draws, those that are left make up for the others; a jackknife or half sample loses what they would
    have added, as in R.  A statistic of which fewer than two replicates are left has no variance (NaN).
    """
    counts = (made.rscales > 0)[:, None]
    missing = ~np.isfinite(thetas)
    any_missing = missing.any()
    if any_missing:
        thetas[missing] = 0.0
    lost = (missing & counts).sum(axis=0)
    here = counts.sum() - lost
    centre = values
    if made.centre == "mean":
        centre = (thetas * counts).sum(axis=0) / np.maximum(here, 1)
    thetas -= centre
    if any_missing:
        thetas[missing] = 0.0
        if made.random:
            thetas *= np.sqrt((counts.sum() - 1) / np.maximum(here - 1, 1))
        thetas[:, here < 2] = np.nan
    return np.asarray(lost)


def left_out(note: np.ndarray, lost: np.ndarray, size: int) -> np.ndarray:
    """Add to notes (M,) how many of `size` replicates were left out."""
    told = np.array(
        [f"{count} of {size} replicates gave no value and were left out" if count else "" for count in lost],
        dtype=object,
    )
    return np.array(["; ".join(filter(None, pair)) for pair in zip(note, told, strict=True)], dtype=object)


def _by_units(made: Replicates, totals: Totals) -> Callable[[slice], np.ndarray]:
    """What gives the sums (r, I·D·k) of a slice of replicates, all worked out at once from some units after the others."""
    if made.across is None:
        raise DesignError("these replicates are not made across units", mend="take them block by block")
    items, _, k = totals.entries.shape
    found = np.zeros((items * totals.cells.domains.size * k, made.size))
    step = max(1, _ENTRIES // made.size)
    for start in range(0, made.units, step):
        factor = made.across(slice(start, min(start + step, made.units)))
        here = slice(
            *np.searchsorted(totals.cells.group, [start, start + step])
        )  # supplied units are rows, in their order
        found += _product(totals, here, len(factor), start)(factor)
    return lambda block: found[:, block].T


def _by_blocks(made: Replicates, totals: Totals) -> Callable[[slice], np.ndarray]:
    """What gives the sums (r, I·D·k) of a slice of replicates, from all units."""
    product = _product(totals, _every(totals), made.units)
    return lambda block: product(np.asarray(made.factor(block), float)).T


def _product(totals: Totals, here: slice, units: int, first: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """What turns factors (units, r) of some units, numbered from `first`, into their part of the sums (I·D·k, r)."""
    cells, (items, _, k) = totals.cells, totals.entries.shape
    size, group, domain = cells.domains.size, cells.group[here] - first, cells.domain[here]
    if len(group) * 10 > units * size:
        dense = _dense(totals, here, units, first)
        return lambda factor: np.asarray(dense @ factor)
    place = (np.arange(items)[:, None, None] * size + domain[:, None]) * k + np.arange(k)
    unit = np.broadcast_to(group[:, None], place.shape)
    entries = totals.entries[:, here].ravel()
    thin = sparse.csr_array((entries, (place.ravel(), unit.ravel())), shape=(items * size * k, units))
    return lambda factor: np.asarray(thin @ factor)


def _dense(totals: Totals, here: slice, units: int, first: int = 0) -> np.ndarray:
    """Sums over units from `first` on, (I·D·k, units)."""
    cells, (items, _, k) = totals.cells, totals.entries.shape
    found = np.zeros((items, cells.domains.size, k, units))
    found[:, cells.domain[here], :, cells.group[here] - first] = totals.entries[:, here].swapaxes(0, 1)
    return found.reshape(-1, units)


def _every(totals: Totals) -> slice:
    """All cells."""
    return slice(0, len(totals.cells.group))

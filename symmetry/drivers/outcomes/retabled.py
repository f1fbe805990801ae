"""Correlations behind ordinal answers made again in every replicate, from two-way tables by unit of replication."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from symmetry.design import Influence, Totals, gather, replicates_of, resampled
from symmetry.drivers.nouns import Value
from symmetry.drivers.outcomes.answers import Answers
from symmetry.drivers.outcomes.bivariate import EDGE, correlations_of
from symmetry.drivers.telling import progress

__all__ = ["resampled_tables"]

_NUMBERS = 1 << 25
_FLAT = 1e-12


def resampled_tables(
    answers: Answers, correlation: np.ndarray, value: Value, values: np.ndarray
) -> tuple[Influence, np.ndarray, np.ndarray]:
    """A statistic of the correlations in every replicate: influence, variances, replicates left out.

    Parameters
    ----------
    correlation : (k, k) of the sample itself, and values (m,) what the statistic gives of it.
    """
    mark = np.where(answers.held, 1.0, np.nan)
    totals = gather(answers.design, [[mark]])
    mixed = np.stack([moved for _, moved in answers.mixed.values()], axis=1) if answers.mixed else None
    width = answers.products.shape[0]
    refitted = len(totals.cells.group) * width**2 <= _NUMBERS
    made = _Summed(answers, totals)
    totals = made.of(width, mixed) if refitted else made.of_tangents()

    size = replicates_of(answers.design).size

    def found(sums: np.ndarray, done: Callable[[int], None]) -> np.ndarray:
        flat = sums.reshape(-1, sums.shape[-1])
        pairs = _refitted(answers, flat, width) if refitted else answers.correlations + flat[:, 1:] / flat[:, :1]
        pairs = np.where(np.abs(pairs) < EDGE, pairs, np.nan)
        matrices = np.zeros((len(flat), *correlation.shape))
        first, second = answers.pairs
        if refitted:
            moving = _moving(answers, flat, width)
            pairs = np.where(moving[:, first] & moving[:, second], pairs, 0.0)
            matrices[:, range(len(correlation)), range(len(correlation))] = moving
        else:
            matrices[:] = np.eye(len(correlation))
        matrices[:, first, second] = matrices[:, second, first] = pairs
        done(len(flat))
        return value(matrices).reshape(*sums.shape[:-1], -1)

    with progress(f"correlations in {size} replicates", size) as done:
        return resampled(totals, lambda sums, _: found(sums, done), values[None, None])


class _Summed:
    """Sums over complete answers by unit of replication, in the form the design's replicates take."""

    def __init__(self, answers: Answers, totals: Totals) -> None:
        self.answers, self.totals = answers, totals
        cell = totals.cells.cell[answers.held]
        self.order = np.argsort(cell, kind="stable")
        self.units, self.starts = np.unique(cell[self.order], return_index=True)

    def of(self, width: int, mixed: np.ndarray | None) -> Totals:
        """Products of the features (q²), then what moves the pairs of a number and a category."""
        answers = self.answers
        ends = [*self.starts[1:], len(self.order)]
        found = np.empty((len(self.units), width**2 + (0 if mixed is None else mixed.shape[1])))
        for row, start, stop in zip(found, self.starts, ends, strict=True):
            rows = self.order[start:stop]
            block, w = answers.features(rows), answers.base[rows]
            row[: width**2] = ((block * w[:, None]).T @ block).ravel()
            if mixed is not None:
                row[width**2 :] = w @ mixed[rows]
        return self._totals(found)

    def of_tangents(self) -> Totals:
        """The weight, then what moves each pair."""
        answers = self.answers
        moved = answers.movements(slice(0, len(answers.codes)))
        each = np.column_stack([np.ones(len(moved)), moved]) * answers.base[:, None]
        return self._totals(np.add.reduceat(each[self.order], self.starts, axis=0))

    def _totals(self, found: np.ndarray) -> Totals:
        """Totals (1, C, k) of what was summed of the units that hold answers."""
        cells, made = self.totals.cells, self.answers.design.layout.replicates
        entries = np.zeros((1, len(cells.group), found.shape[1]))
        entries[0, self.units] = found
        factor = 1.0 if made is None else made.full[cells.group][:, None]
        return replace(self.totals, entries=entries, sums=(entries[0] * factor).sum(axis=0)[None, None])


def _refitted(answers: Answers, flat: np.ndarray, width: int) -> np.ndarray:
    """Correlations of the pairs (r, P) from sums over features (r, q² + ...)."""
    products = flat[:, : width**2].reshape(-1, width, width)
    found = np.empty((len(flat), len(answers.pairs[0])))
    places, shares = answers.tables(products)
    found[:, places] = correlations_of(shares.reshape(-1, *shares.shape[2:])).reshape(len(flat), -1)
    places, plain = answers.plain(products)
    found[:, places] = plain
    for column, (place, (rho, _)) in enumerate(answers.mixed.items()):
        found[:, place] = rho + flat[:, width**2 + column] / flat[:, 0]
    return found


def _moving(answers: Answers, flat: np.ndarray, width: int) -> np.ndarray:
    """Which columns vary (r, k) in replicates of these sums: more than one category is held, or the numbers differ."""
    squares = np.einsum("rii->ri", flat[:, : width**2].reshape(-1, width, width)) / flat[:, :1]
    found = np.empty((len(flat), len(answers.names)), bool)
    for place, start, stop in zip(answers.ordinal, answers.starts[:-1], answers.starts[1:], strict=True):
        found[:, place] = (squares[:, start:stop] > _FLAT).sum(axis=1) > 1
    here = int(answers.starts[-1])
    mean = flat[:, here:width] / flat[:, :1]
    found[:, list(answers.numeric)] = squares[:, here:] - mean**2 > _FLAT
    return found

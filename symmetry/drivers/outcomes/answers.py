"""Complete answers to ordinal and numeric columns, and what each respondent moves the correlation of each pair by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from symmetry.design import Design, column_of
from symmetry.drivers.covariances import standardised
from symmetry.drivers.outcomes.bivariate import correlations_of, movements_of
from symmetry.drivers.outcomes.polyserial import polyserial
from symmetry.errors import DesignError

__all__ = ["Answers", "answers_of"]

_FEW, _MOST = 10, 20
_BLOCK = 1 << 14


@dataclass(frozen=True)
class Answers:
    """Answers of the m of n respondents who answered all k columns.

    held (n,) who they are.  ordinal, numeric : places of the columns.  codes (m, o) categories from 0 of the ordinal ones, counts
    (o,) how many each has.  z (m, k) standardised codes and numbers.  weight (m,) as they are, base (m,) what replicates
    multiply.  mean, deviation (k,).
    """

    design: Design
    names: tuple[str, ...]
    held: np.ndarray
    ordinal: tuple[int, ...]
    numeric: tuple[int, ...]
    codes: np.ndarray
    counts: np.ndarray
    z: np.ndarray
    weight: np.ndarray
    base: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return float(self.weight.sum())

    @property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """First and second column of each pair."""
        return np.triu_indices(len(self.names), 1)

    @cached_property
    def starts(self) -> np.ndarray:
        """Where the features of each ordinal column begin, after the constant; then where those of the numeric ones do."""
        return 1 + np.concatenate([[0], np.cumsum(self.counts)]).astype(int)

    def features(self, rows: slice | np.ndarray) -> np.ndarray:
        """A constant, an indicator of each category, and the numbers: (r, q)."""
        codes, z = self.codes[rows], self.z[rows][:, self.numeric]
        found = np.zeros((len(z), int(self.starts[-1]) + len(self.numeric)))
        found[:, 0] = 1.0
        found[np.arange(len(z))[:, None], self.starts[:-1] + codes] = 1.0
        found[:, self.starts[-1] :] = z
        return found

    @cached_property
    def products(self) -> np.ndarray:
        """Weighted products of the features (q, q): the tables of all pairs."""
        found = np.zeros((1, 1))
        for start in range(0, len(self.codes), _BLOCK):
            here = slice(start, start + _BLOCK)
            block = self.features(here)
            found = found + (block * self.weight[here, None]).T @ block
        return found

    def tables(self, products: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of products (r, q, q): places of the ordinal pairs among the pairs (P,), and their shares (r, P, K, K)."""
        k, most = len(self.names), int(self.counts.max(initial=0))
        first, second = np.triu_indices(len(self.ordinal), 1)
        one, other = np.asarray(self.ordinal, int)[first], np.asarray(self.ordinal, int)[second]
        number = np.zeros((k, k), dtype=int)
        number[self.pairs] = np.arange(k * (k - 1) // 2)
        found = np.zeros((len(products), len(first), most, most))
        for place, (a, b) in enumerate(zip(first, second, strict=True)):
            rows = slice(self.starts[a], self.starts[a + 1])
            columns = slice(self.starts[b], self.starts[b + 1])
            found[:, place, : self.counts[a], : self.counts[b]] = products[:, rows, columns]
        return number[one, other], found / products[:, :1, :1, None]

    def plain(self, products: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of products (r, q, q): places of the numeric pairs among the pairs, and their correlations (r, P)."""
        here = int(self.starts[-1])
        mean = products[:, 0, here:] / products[:, :1, 0]
        cross = products[:, here:, here:] / products[:, :1, :1] - mean[:, :, None] * mean[:, None, :]
        spread = np.sqrt(np.einsum("rii->ri", cross))
        first, second = np.triu_indices(len(self.numeric), 1)
        places = [self._number(self.numeric[a], self.numeric[b]) for a, b in zip(first, second, strict=True)]
        return np.array(places, dtype=int), cross[:, first, second] / (spread[:, first] * spread[:, second])

    def _number(self, one: int, other: int) -> int:
        """The place of a pair of columns among all."""
        low, high = sorted((one, other))
        return low * len(self.names) - low * (low + 1) // 2 + high - low - 1

    @cached_property
    def mixed(self) -> dict[int, tuple[float, np.ndarray]]:
        """Of each pair of a number and a category: its correlation and what each respondent moves it by (m,)."""
        share, found = self.weight / self.total, {}
        for number in self.numeric if self.ordinal else ():
            values, which = np.unique(self.z[:, number], return_inverse=True)
            for place, column in enumerate(self.ordinal):
                found[self._number(column, number)] = polyserial(values, which, self.codes[:, place], share)
        return found

    @cached_property
    def correlations(self) -> np.ndarray:
        """Of each pair (P,)."""
        found = np.empty(len(self.pairs[0]))
        places, shares = self.tables(self.products[None])
        found[places] = correlations_of(shares[0])
        places, plain = self.plain(self.products[None])
        found[places] = plain[0]
        for place, (rho, _) in self.mixed.items():
            found[place] = rho
        return found

    @cached_property
    def by_cell(self) -> tuple[np.ndarray, np.ndarray]:
        """Places of the ordinal pairs, and what each cell moves their correlations by (P, K, K)."""
        places, shares = self.tables(self.products[None])
        return places, movements_of(shares[0], self.correlations[places])

    def movements(self, rows: slice) -> np.ndarray:
        """What a unit more of some respondents, the whole being 1, moves each correlation by (r, P)."""
        first, second = self.pairs
        found = np.empty((rows.stop - rows.start, len(first)))
        places, moved = self.by_cell
        one, other = np.triu_indices(len(self.ordinal), 1)
        most = moved.shape[-1]
        flat = moved.reshape(len(moved), most * most)
        for place, table, a, b in zip(places, flat, one, other, strict=True):
            found[:, place] = table[self.codes[rows, a] * most + self.codes[rows, b]]
        for place, (_, each) in self.mixed.items():
            found[:, place] = each[rows]
        places, _ = self.plain(self.products[None])
        for place in places:
            x, y = self.z[rows, first[place]], self.z[rows, second[place]]
            found[:, place] = x * y - self.correlations[place] * (x**2 + y**2) / 2
        return found


def answers_of(
    design: Design,
    columns: Sequence[str | np.ndarray],
    names: tuple[str, ...],
    ordinal: Sequence[str] | None,
    within: np.ndarray | None,
) -> Answers:
    """Take the complete answers; tell ordinal columns from numeric ones.

    Raises
    ------
    DesignError : as `polychoric` tells.
    """
    z, mean, deviation = standardised(design, columns, names, within)
    layout = design.layout
    held = np.isfinite(z).all(axis=1) & ((layout.weight > 0) | (layout.base > 0))
    unknown = [name for name in ordinal or () if name not in names]
    if unknown:
        raise DesignError(f"ordinal= names `{unknown[0]}`, which is no column used", mend=f"one of {', '.join(names)}")
    codes, counts, places = [], [], []
    for place, (name, column) in enumerate(zip(names, columns, strict=True)):
        x = np.asarray(column_of(design, column), float)[held]
        values, code = np.unique(x, return_inverse=True)
        whole = len(values) <= _FEW and (values == np.round(values)).all()
        if not (whole if ordinal is None else name in ordinal):
            continue
        if len(values) > _MOST:
            raise DesignError(
                f"`{name}` has {len(values)} different answers, too many for an ordinal column",
                mend=f"group them, {_MOST} at most, or leave it out of ordinal=",
            )
        codes.append(code)
        counts.append(len(values))
        places.append(place)
    return Answers(
        design=design,
        names=names,
        held=held,
        ordinal=tuple(places),
        numeric=tuple(place for place in range(len(names)) if place not in places),
        codes=np.stack(codes, axis=1) if codes else np.zeros((int(held.sum()), 0), dtype=int),
        counts=np.array(counts, dtype=int),
        z=z[held],
        weight=layout.weight[held],
        base=layout.base[held],
        mean=mean,
        deviation=deviation,
    )

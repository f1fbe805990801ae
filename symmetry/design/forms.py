"""Quadratic forms: V = Z'QZ for designs whose units are not drawn with equal probabilities in simple stages.

Q_kl says how the drawing of unit k goes with that of unit l; for the Horvitz-Thompson estimator it is (π_kl - π_k π_l) / π_kl.
Almost every Q we meet is a diagonal plus products of sums over groups (strata, psus, their crossings), which costs one pass over
the units; only joint probabilities given one by one need a matrix.  How the Q are made is left to `probability` and `two_phase`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from symmetry.design.coding import adder

__all__ = ["Form", "Term"]


@dataclass(frozen=True, eq=False)
class Term:
    """Σ_g factor_g (Σ_{k in g} first_k z_k) (Σ_{k in g} second_k z_k) over G groups of U units.

    group (U,) number of each unit's group; factor (G,); first and second (U,), None for ones.
    """

    group: np.ndarray
    factor: np.ndarray
    first: np.ndarray | None = None
    second: np.ndarray | None = None

    def __matmul__(self, z: np.ndarray) -> np.ndarray:
        """Product of the symmetric matrix of the term with influences (U, D)."""
        one = self._spread(self.first, self._sums(self.second) @ z)
        if self.first is self.second:
            return one
        return np.asarray((one + self._spread(self.second, self._sums(self.first) @ z)) / 2)

    def squares(self, z: np.ndarray) -> np.ndarray:
        """Diagonal (D,) of Z'QZ for influences (U, D)."""
        one = self._sums(self.first) @ z
        return np.asarray(self.factor @ (one * (one if self.first is self.second else self._sums(self.second) @ z)))

    @cached_property
    def diagonal(self) -> np.ndarray:
        """Entries of each unit with itself (U,)."""
        return np.asarray(
            self.factor[self.group] * (1.0 if (own := _product(self.first, self.second)) is None else own)
        )

    def at(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Entries of the matrix of the term at pairs of units."""
        same = self.group[row] == self.group[column]
        a, b = _or_ones(self.first, len(self.group)), _or_ones(self.second, len(self.group))
        return np.asarray(same * self.factor[self.group[row]] * (a[row] * b[column] + a[column] * b[row]) / 2)

    def times(self, other: Term) -> tuple[Term, ...]:
        """Entry by entry product with another term: one term, or two where neither is a square."""
        key = self.group.astype(np.int64) * len(other.factor) + other.group
        found, group = np.unique(key, return_inverse=True)
        factor = self.factor[found // len(other.factor)] * other.factor[found % len(other.factor)]
        straight = Term(group, factor, _product(self.first, other.first), _product(self.second, other.second))
        if self.first is self.second or other.first is other.second:
            return (straight,)
        crossed = Term(group, factor / 2, _product(self.first, other.second), _product(self.second, other.first))
        return Term(group, factor / 2, straight.first, straight.second), crossed

    def take(self, unit: np.ndarray) -> Term:
        """The term over other units (V,), each lying in one of these."""
        first = None if self.first is None else self.first[unit]
        second = first if self.second is self.first else None if self.second is None else self.second[unit]
        return Term(self.group[unit], self.factor, first, second)

    def _sums(self, side: np.ndarray | None) -> sparse.csr_array:
        """Sums over groups (G, U), weighted by one side."""
        return sparse.csr_array(adder(self.group, len(self.factor), side))

    def _spread(self, side: np.ndarray | None, sums: np.ndarray) -> np.ndarray:
        """Give each unit its group's sum (U, D), times the factor and one side."""
        found = (self.factor[:, None] * sums)[self.group]
        return np.asarray(found if side is None else side[:, None] * found)


@dataclass(frozen=True, eq=False)
class Form:
    """Symmetric matrix Q (U, U): a diagonal (U,), terms of sums over groups, and a sparse matrix of what is left.

    Examples
    --------
    >>> textbook = Form(np.full(3, 1.5), (Term(np.zeros(3, int), np.array([-0.5])),))
    >>> z = np.array([[1.0], [2.0], [6.0]])
    >>> (z.T @ (textbook @ z)).item()  # n s²
    21.0
    """

    diagonal: np.ndarray
    terms: tuple[Term, ...] = ()
    matrix: sparse.csr_array | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Units by units."""
        return len(self.diagonal), len(self.diagonal)

    def __matmul__(self, z: np.ndarray) -> np.ndarray:
        """Product with influences (U, D), in time proportional to U for all but the sparse matrix."""
        found = self.diagonal[:, None] * z
        for term in self.terms:
            found += term @ z
        return found if self.matrix is None else np.asarray(found + self.matrix @ z)

    def at(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Entries at pairs of units."""
        found = np.where(row == column, self.diagonal[row], 0.0)
        for term in self.terms:
            found = found + term.at(row, column)
        return found if self.matrix is None else found + np.asarray(self.matrix[row, column]).ravel()

    def squares(self, z: np.ndarray) -> np.ndarray:
        """Diagonal of Z'QZ (D,); NaN where it is below 0, which an unbiased estimator of a variance can be."""
        squared = z**2
        found = self.diagonal @ squared
        for term in self.terms:
            found += term.squares(z)
        if self.matrix is not None:
            found += np.einsum("ud,ud->d", z, self.matrix @ z)
        rounding = 1e-12 * (np.abs(self.own) @ squared)
        return np.where(found < -rounding, np.nan, np.maximum(found, 0.0))

    @cached_property
    def own(self) -> np.ndarray:
        """Entries of each unit with itself (U,)."""
        found = self.diagonal.copy()
        for term in self.terms:
            found += term.diagonal
        return found if self.matrix is None else np.asarray(found + self.matrix.diagonal())

    def toarray(self) -> np.ndarray:
        """The whole matrix (U, U)."""
        units = np.arange(len(self.diagonal))
        row, column = (axis.ravel() for axis in np.meshgrid(units, units, indexing="ij"))
        return self.at(row, column).reshape(self.shape)

    def take(self, unit: np.ndarray) -> Form:
        """The form of other units (V,), each lying in one of these: Q_kl of the units that k and l lie in."""
        terms = tuple(term.take(unit) for term in self.terms)
        lying = Term(unit, self.diagonal)
        matrix = None if self.matrix is None else sparse.csr_array(self.matrix[unit][:, unit])
        return Form(np.zeros(len(unit)), (lying, *terms), matrix)

    def plus(self, other: Form, times: float = 1.0) -> Form:
        """Sum with another form, times a number."""
        terms = tuple(Term(term.group, term.factor * times, term.first, term.second) for term in other.terms)
        matrices = [
            part for part in (self.matrix, None if other.matrix is None else other.matrix * times) if part is not None
        ]
        matrix = sparse.csr_array(sum(matrices[1:], matrices[0])) if matrices else None
        return Form(self.diagonal + times * other.diagonal, self.terms + terms, matrix)

    def times(self, other: Form) -> Form:
        """Entry by entry product with another form."""
        both = self.diagonal * other.own + other.diagonal * (self.own - self.diagonal)
        terms = tuple(found for one in self.terms for two in other.terms for found in one.times(two))
        empty = np.zeros(len(self.diagonal))
        sides = ((self.matrix, Form(empty, other.terms, other.matrix)), (other.matrix, Form(empty, self.terms)))
        matrices = []
        for matrix, rest in sides:
            if matrix is not None:
                entries = matrix.tocoo()
                row, column = entries.coords
                matrices.append(
                    sparse.csr_array((entries.data * rest.at(row, column), (row, column)), shape=self.shape)
                )
        return Form(both, terms, sparse.csr_array(sum(matrices[1:], matrices[0])) if matrices else None)


def _product(one: np.ndarray | None, two: np.ndarray | None) -> np.ndarray | None:
    """Product of two vectors, None being ones."""
    return two if one is None else one if two is None else one * two


def _or_ones(side: np.ndarray | None, size: int) -> np.ndarray:
    """A vector, None being ones."""
    return np.ones(size) if side is None else side

"""The arrays behind a design, worked out once at its birth: codes, counts, weights, and what variances will need.

A *unit of variance* is the finest unit whose sampling counts: the psu, or, where fpc are given for later stages, the unit of the
last of these stages.  Everything after the one pass is said per unit of variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design.coding import adder
from symmetry.design.forms import Form
from symmetry.design.replicating import Replicates
from symmetry.design.weighting import Weighting
from symmetry.errors import DesignError

__all__ = ["Fitted", "Layout", "Stage"]

_FEW = 8


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of sampling with m units in H strata (at later stages, strata lie within the units of the stage above).

    unit (U,) number of the stage's unit that holds each unit of variance, None where they are the same; stratum (m,) of each;
    population (H,) units of the stratum in the population, infinite without fpc; share (H,) product of the sampling fractions
    of the units above.
    """

    unit: np.ndarray | None
    stratum: np.ndarray
    population: np.ndarray
    share: np.ndarray

    @cached_property
    def count(self) -> np.ndarray:
        """Units sampled in each stratum (H,)."""
        return np.bincount(self.stratum, minlength=len(self.population))

    @cached_property
    def scale(self) -> np.ndarray:
        """Factor of the squared deviations in each stratum (H,): share · (1 - n/N) · n / (n - 1)."""
        return np.asarray(self.share * (1 - self.count / self.population) * self.count / np.maximum(self.count - 1, 1))

    @cached_property
    def member(self) -> sparse.csc_array:
        """Sums of units by stratum (H, m)."""
        return adder(self.stratum, len(self.count))

    @cached_property
    def lonely(self) -> np.ndarray:
        """Strata (H,) of one unit that is not the whole of its stratum."""
        return np.asarray((self.count == 1) & (self.population > 1))


@dataclass(frozen=True, eq=False)
class Fitted:
    """What calibrated weights were fitted to: columns (n, q), sparse, and starting (n,) the weights before."""

    columns: sparse.csr_array
    starting: np.ndarray

    @cached_property
    def profiles(self) -> tuple[np.ndarray, sparse.csr_array] | None:
        """Number of each row (n,) among the R different rows of the columns, and these (R, q); None where they are many.

        Rows are told apart by a random projection, and a second one tells whether the first did.
        """
        first, second = (
            self.columns @ np.random.default_rng(seed).normal(size=self.columns.shape[1]) for seed in (1, 2)
        )
        number, found = pd.factorize(first)
        if _FEW * len(found) > len(number):
            return None
        row = np.empty(len(found), np.int64)
        row[number[::-1]] = np.arange(len(number))[::-1]
        return (number, sparse.csr_array(self.columns[row])) if (second[row][number] == second).all() else None

    def square(self, weight: np.ndarray) -> sparse.csr_array:
        """Cross-products X'WX (q, q) of the columns under weights (n,)."""
        columns = self.columns
        if self.profiles is not None:
            number, columns = self.profiles
            weight = np.bincount(number, weights=weight, minlength=columns.shape[0])
        return sparse.csr_array(columns.T @ (sparse.diags_array(weight) @ columns))

    @cached_property
    def _inverse(self) -> np.ndarray:
        """Inverse of X'DX (q, q), or its diagonal (q,) where the columns are categories that exclude each other."""
        square = self.square(self.starting)
        diagonal = square.diagonal()
        size = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
        if square.nnz == np.count_nonzero(diagonal):
            return np.where(diagonal > 0, 1 / size**2, 0.0)
        scaled = square.toarray() / size / size[:, None]
        return np.asarray(np.linalg.pinv(scaled, hermitian=True, rtol=1e-12) / size / size[:, None])

    def slope(self, cross: np.ndarray) -> np.ndarray:
        """Regression coefficients (q, D) by the starting weights, from X'Dy (q, D)."""
        inverse = self._inverse
        return np.asarray(inverse[:, None] * cross if inverse.ndim == 1 else inverse @ cross)


@dataclass(frozen=True, eq=False)
class Layout:
    """Arrays behind a design of n rows, U units of variance, P psus and H strata.

    weight (n,); unit (n,) number of the unit of variance of each row; stages, the first stage first; psus (P,) and strata (H,)
    labels; part (n,) number of the audience a row belongs to, `parts` its names; fitted, what calibrated weights were fitted to;
    form, the quadratic form (U, U) of designs that are no stages (unequal probabilities, two phases); replicates, where variances
    come from them; weighting, how each audience's weights were made, where this is known; warning, what every estimate says;
    notes, what was assumed.
    """

    weight: np.ndarray
    unit: np.ndarray
    stages: tuple[Stage, ...]
    psus: np.ndarray
    strata: np.ndarray
    part: np.ndarray
    parts: tuple[str, ...]
    fitted: Fitted | None = None
    form: Form | None = None
    replicates: Replicates | None = None
    weighting: tuple[Weighting, ...] = ()
    warning: str = ""
    notes: tuple[str, ...] = ()

    @cached_property
    def units(self) -> int:
        """Number of units of variance."""
        first = self.stages[0]
        return len(first.stratum) if first.unit is None else len(first.unit)

    @cached_property
    def psu_of_unit(self) -> np.ndarray:
        """Number of the psu of each unit of variance (U,)."""
        first = self.stages[0].unit
        return np.arange(self.units) if first is None else first

    @cached_property
    def psu(self) -> np.ndarray:
        """Number of the psu of each row (n,)."""
        return self.unit if self.stages[0].unit is None else self.stages[0].unit[self.unit]

    @property
    def stratum(self) -> np.ndarray:
        """Number of the stratum of each psu (P,)."""
        return self.stages[0].stratum

    @property
    def population(self) -> np.ndarray:
        """Number of psus in the population of each stratum (H,), infinite without fpc."""
        return self.stages[0].population

    @cached_property
    def stratum_of_row(self) -> np.ndarray:
        """Number of the stratum of each row (n,)."""
        return np.asarray(self.stratum[self.psu])

    @cached_property
    def element(self) -> bool:
        """Whether each row is a psu, drawn in one stage: then sums by stratum are all a variance needs.

        With calibrated weights their cross-products with the calibration columns are needed too: see `calibrated`.
        """
        plain = self.form is None and self.replicates is None
        return plain and len(self.stages) == 1 and self.units == len(self.weight)

    @property
    def base(self) -> np.ndarray:
        """Weights that sums over units are made of (n,): those that replicates multiply, or the weights themselves."""
        return self.weight if self.replicates is None else self.replicates.start

    @cached_property
    def fitted_units(self) -> sparse.csr_array:
        """Weighted sums of the calibration columns by unit of variance (U, q)."""
        if self.fitted is None:
            raise DesignError("the weights were not calibrated", mend="ask for this of a calibrated design")
        return sparse.csr_array(adder(self.unit, self.units, self.weight) @ self.fitted.columns)

    @cached_property
    def scale_of_row(self) -> np.ndarray:
        """Factor of the stratum of each row (n,)."""
        return np.asarray(self.stages[0].scale[self.stratum_of_row])

    @cached_property
    def heavy(self) -> np.ndarray:
        """Squared weight times the factor of the stratum (n,), which squares of rows have in a variance where rows are psus."""
        return np.asarray(self.scale_of_row * self.weight**2)

    @cached_property
    def fitted_within(self) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Where rows are psus: weighted sums of the calibration columns by stratum (H, q), and their heavy squares (q, q)."""
        sums = sparse.csr_array(self.stages[0].member @ self.fitted_units)
        return sums, sparse.csr_array((0, 0)) if self.fitted is None else self.fitted.square(self.heavy)

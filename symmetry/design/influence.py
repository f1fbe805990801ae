"""Influence: the linearised variable of D statistics over the units of variance, made only when somebody looks at it.

Kept sparse, since a unit bears on the domains it has answers in.  Calibrated weights add a part of rank q, -left @ slope: the
same few columns for every statistic, kept apart.  Which psus a statistic rests on is kept as a pattern of its own, since a
value of 0 is an answer too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from symmetry.design.cells import Cells

__all__ = ["Fit", "Influence", "Made", "Pass", "Summed"]

_ENTRIES = 4_000_000
Made = Callable[[], sparse.csc_array]


@dataclass(frozen=True, eq=False)
class Fit:
    """What calibration explains of D statistics: slope (q, D), heavy (q, D) cross-products, squares (D,); see `calibrated`."""

    slope: np.ndarray
    heavy: np.ndarray
    squares: np.ndarray

    def select(self, columns: np.ndarray) -> Fit:
        """Keep some statistics, in the order given."""
        return Fit(self.slope[:, columns], self.heavy[:, columns], self.squares[columns])


class Pass(Protocol):
    """How the influence of K statistics in each of some domains is made row by row, where each row is a psu.

    cells : the crossings of strata and domains; held (K, C) whether one holds answers of some weight.
    """

    @property
    def cells(self) -> Cells:
        """Crossings of strata and domains."""

    @property
    def held(self) -> np.ndarray:
        """Whether each crossing holds answers (K, C)."""

    def rows(self) -> Iterator[tuple[slice, np.ndarray, np.ndarray | None]]:
        """Blocks of rows: their influence on the statistics of their own domain (K, r), and which count (None: all)."""


@dataclass(frozen=True, eq=False)
class Summed:
    """What is known of D statistics without rows where each row is a psu.

    make : gives the sparse part of their influence summed by stratum (H, D).  fit : None without calibration.
    passes : how to see the rows again, for statistics that are numbered pass by pass, domains innermost; columns (D,) which of
    these are meant.
    """

    make: Made
    fit: Fit | None
    passes: tuple[Pass, ...]
    columns: np.ndarray

    @cached_property
    def strata(self) -> sparse.csc_array:
        """The sparse part of the influence summed by stratum (H, D)."""
        return self.make()

    def select(self, columns: np.ndarray) -> Summed:
        """Keep some statistics, in the order given."""
        fit = None if self.fit is None else self.fit.select(columns)
        return Summed(lambda: sparse.csc_array(self.strata[:, columns]), fit, self.passes, self.columns[columns])

    @staticmethod
    def join(parts: Sequence[Summed]) -> Summed:
        """Set statistics side by side."""
        fits = [part.fit for part in parts if part.fit is not None]
        every = (
            [np.concatenate([getattr(fit, name) for fit in fits], axis=-1) for name in ("slope", "heavy", "squares")]
            if fits
            else []
        )
        starts = np.cumsum(
            [0, *(sum(one.held.shape[0] * one.cells.domains.size for one in part.passes) for part in parts)]
        )
        return Summed(
            lambda: sparse.csc_array(sparse.hstack([part.strata for part in parts], format="csc")),
            Fit(*every) if fits else None,
            tuple(one for part in parts for one in part.passes),
            np.concatenate([start + part.columns for start, part in zip(starts, parts, strict=False)]),
        )


class Influence:
    """Linearised variables (U, size), each summed over a unit of variance.

    make : gives the sparse part (U, size) when it is first needed.  presence : gives the pattern (P, size), ones where a psu
    holds answers behind a statistic.  left (U, q), slope (q, size) : what calibration explains, taken away; None without
    calibration. whole : the sparse part of some statistics as an array (U, d) of one's own, where every unit is in it. middle
    (size,) : where the units are replicates, what their values were taken from to give these; None elsewhere and NaN where it
    is not known. summed : what is known without rows where each row is a psu; None elsewhere.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        make: Made,
        presence: Made,
        *,
        left: sparse.csr_array | None = None,
        slope: np.ndarray | None = None,
        middle: np.ndarray | None = None,
        whole: Callable[[slice], np.ndarray] | None = None,
        summed: Summed | None = None,
    ) -> None:
        self.shape, self._make, self._presence, self._whole = shape, make, presence, whole
        self.left, self.slope, self.middle, self.summed = left, slope, middle, summed

    @classmethod
    def of(cls, values: np.ndarray, presence: sparse.csc_array | None = None) -> Influence:
        """Influence from a plain array (U, size) or (U,); without `presence`, every unit is a psu that answered.

        Examples
        --------
        >>> Influence.of([-1.0, 0.0, 1.0]).shape
        (3, 1)
        """
        array = np.asarray(values, float)
        array = array[:, None] if array.ndim == 1 else array
        found = sparse.csc_array(array)
        return cls(
            array.shape, lambda: found, lambda: sparse.csc_array(np.ones(array.shape)) if presence is None else presence
        )

    @cached_property
    def direct(self) -> sparse.csc_array:
        """The sparse part (U, size)."""
        return self._make()

    @cached_property
    def presence(self) -> sparse.csc_array:
        """Ones where a psu holds answers behind a statistic (P, size)."""
        return self._presence()

    @property
    def thin(self) -> bool:
        """Whether the sparse part says it all and is mostly empty."""
        return self.slope is None and self._whole is None and 4 * self.direct.nnz < self.shape[0] * self.shape[1]

    def dense(self, columns: slice = slice(None)) -> np.ndarray:
        """Values (U, d) of some statistics."""
        found = self.direct[:, columns].toarray() if self._whole is None else self._whole(columns)
        if self.left is not None and self.slope is not None:
            found -= self.left @ self.slope[:, columns]
        return np.asarray(found)

    def blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Values in blocks of statistics of a bearable size, one after the other."""
        step = max(1, _ENTRIES // max(self.shape[0], 1))
        for start in range(0, self.shape[1], step):
            columns = slice(start, min(start + step, self.shape[1]))
            yield columns, self.dense(columns)

    def select(self, columns: np.ndarray) -> Influence:
        """Keep some statistics, in the order given."""
        return Influence(
            (self.shape[0], len(columns)),
            lambda: sparse.csc_array(self.direct[:, columns]),
            lambda: sparse.csc_array(self.presence[:, columns]),
            left=self.left,
            slope=None if self.slope is None else self.slope[:, columns],
            middle=None if self.middle is None else self.middle[columns],
            summed=None if self.summed is None else self.summed.select(columns),
        )

    def combine(self, matrix: sparse.csr_array) -> Influence:
        """Influence of linear combinations with coefficients (G, size)."""
        used = sparse.csr_array(matrix != 0).astype(float)
        return Influence(
            (self.shape[0], matrix.shape[0]),
            lambda: sparse.csc_array((matrix @ self.direct.T).T),
            lambda: sparse.csc_array((used @ self.presence.T).T),
            left=self.left,
            slope=None if self.slope is None else np.asarray((matrix @ self.slope.T).T),
        )

    @staticmethod
    def join(parts: Sequence[Influence]) -> Influence:
        """Set influences over the same units side by side."""
        first = parts[0]
        slopes = [part.slope for part in parts if part.slope is not None]
        middles = [part.middle for part in parts if part.middle is not None]
        summed = [part.summed for part in parts if part.summed is not None]
        return Influence(
            (first.shape[0], sum(part.shape[1] for part in parts)),
            lambda: sparse.csc_array(sparse.hstack([part.direct for part in parts], format="csc")),
            lambda: sparse.csc_array(sparse.hstack([part.presence for part in parts], format="csc")),
            left=first.left,
            slope=np.hstack(slopes) if slopes else None,
            middle=np.concatenate(middles) if len(middles) == len(parts) else None,
            summed=Summed.join(summed) if len(summed) == len(parts) else None,
        )

"""Moments: what every linear reading of drivers starts from, the correlations of drivers and outcome, with all that errors need.

A decomposition is a function of the covariance matrix C alone.  At standardised answers z its influence for a respondent is
Σ_ab ∂φ/∂C_ab (z_a z_b - R_ab), diagonal included; and in a replicate it is the same function of the replicate's matrix.  Where
the matrix came from (complete answers, EM, pairs, polychoric) is the matter of the moments, never of the decomposition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from symmetry.design import Design, Influence

__all__ = ["Again", "Linear", "Missing", "Moments", "Value"]

Missing = Literal["listwise", "em", "pairwise", "users", "indicator"]


class Value(Protocol):
    """A statistic of drivers: covariance matrices (..., k, k), the outcome last, → m numbers of each (..., m)."""

    def __call__(self, covariance: np.ndarray, /) -> np.ndarray:
        """The m numbers."""


Linear = Callable[[np.ndarray], tuple[Influence, np.ndarray]]
Again = Callable[[Value, np.ndarray], tuple[Influence, np.ndarray, np.ndarray]]


@dataclass(frozen=True, eq=False)
class Moments:
    """Correlations of k - 1 drivers and an outcome, the outcome last.

    names (k,) their columns.  correlation (k, k).  mean, deviation (k,) by weight, in the units of the answers.  n answers behind
    them, of `asked` respondents with a weight.  note : what must be said of every number made of them, "" for nothing.
    linear : derivatives (m, k, k) of m numbers by the covariance matrix of the standardised columns (symmetric: an entry off the
    diagonal carries half of what both move) → their influence and variances, on any design.
    again : (value, its values (m,)) → influence, variances and replicates left out (m,), the statistic made anew in every
    replicate; None where the design has none.
    """

    design: Design
    names: tuple[str, ...]
    correlation: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    n: int
    asked: int
    note: str
    linear: Linear
    again: Again | None

    @property
    def predictors(self) -> tuple[str, ...]:
        """Columns of the drivers."""
        return self.names[:-1]

    @property
    def outcome(self) -> str:
        """Column of the outcome."""
        return self.names[-1]

"""Weighted counts of domains and of sets of domains: their covariance and degrees of freedom, whatever the number of respondents.

Domains share no respondent.  So where each row is a psu the products of their influences vanish, and what is left of the one
variance of the house (see `variance`) between domains i and j is -Σ_h scale_h T_hi T_hj / n_h, which the totals by stratum give.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from symmetry.design.differences import covariances_apart
from symmetry.design.influence import Influence
from symmetry.design.nouns import Design
from symmetry.design.resumming import influence
from symmetry.design.totals import Totals, pattern
from symmetry.design.variance import covariance, degrees_of_freedom

__all__ = ["Counts"]


@dataclass(frozen=True, eq=False)
class Counts:
    """Weighted counts of the domains of one item: the first column of its totals, 1 for each answer.

    Examples
    --------
    >>> import pandas as pd
    >>> from symmetry.design import Design, gather
    >>> design = Design(pd.DataFrame({"answer": list("aab")}))
    >>> counts = Counts(gather(design, [[np.ones(3)]], lambda parts: [], by=["answer"]))
    >>> counts.covariance(np.array([0, 1]))
    array([[ 1., -1.],
           [-1.,  1.]])
    >>> counts.df(np.array([0, 1]))
    2.0
    """

    totals: Totals

    def covariance(self, chosen: np.ndarray) -> np.ndarray:
        """Covariance (d, d) of the counts of some domains, by number.

        Raises
        ------
        DesignError : a stratum has one psu under `lonely_psu="fail"`.
        """
        design, cells = self.totals.design, self.totals.cells
        spread, variance = self._influence
        if _told_apart(design):
            return covariance(design, _everywhere(spread.select(chosen)))
        if not design.element:
            return covariance(design, spread.select(chosen))
        if design.layout.fitted is not None:
            return self._calibrated(chosen)
        stage, place = design.layout.stages[0], np.full(cells.domains.size, -1)
        place[chosen] = np.arange(len(chosen))
        inside = place[cells.domain] >= 0
        counts = np.zeros((len(stage.count), len(chosen)))
        counts[cells.group[inside], place[cells.domain[inside]]] = self.totals.entries[0, inside, 0]
        counts *= np.sqrt(stage.scale / stage.count)[:, None]
        found = -(counts.T @ counts)
        np.fill_diagonal(found, variance[chosen])
        return found

    def _calibrated(self, chosen: np.ndarray) -> np.ndarray:
        """The same of calibrated weights where each row is a psu, pair by pair."""
        spread, variance = self._influence
        found, (one, other) = np.diag(variance[chosen]), np.triu_indices(len(chosen), 1)
        apart = covariances_apart(self.totals.design, spread, chosen[one], chosen[other])
        found[one, other] = found[other, one] = 0.0 if apart is None else apart
        return found

    def df(self, chosen: np.ndarray) -> float:
        """Psus minus strata among those that hold answers in any of some domains."""
        design, cells = self.totals.design, self.totals.cells
        unit = cells.group[self.totals.held[0] & np.isin(cells.domain, chosen)]
        if design.element:
            return float(self.totals.n[0, chosen].sum() - len(np.unique(unit)))
        return float(degrees_of_freedom(design, pattern(design, unit, np.zeros(len(unit), int), 1))[0])

    @cached_property
    def _influence(self) -> tuple[Influence, np.ndarray]:
        """Influence on the counts, and their variances."""
        gradient = np.zeros((1, self.totals.cells.domains.size, self.totals.entries.shape[2], 1))
        gradient[:, :, 0] = 1.0
        return influence(self.totals, gradient)


def _told_apart(design: Design) -> bool:
    """Whether a rule of lonely psus looks at which strata hold answers: then counts that belong together are held alike."""
    alone = any(stage.lonely.any() for stage in design.layout.stages)
    return design.lonely_domain == "apply" or (alone and design.lonely_psu in ("centre", "average"))


def _everywhere(spread: Influence) -> Influence:
    """The same influence on each count, with answers wherever any of the counts has some: one table has one set of strata."""
    held = sparse.csc_array((spread.presence.sum(axis=1) > 0)[:, None].astype(float))
    return Influence(
        spread.shape,
        lambda: spread.direct,
        lambda: sparse.csc_array(sparse.hstack([held] * spread.shape[1], format="csc")),
        left=spread.left,
        slope=spread.slope,
    )

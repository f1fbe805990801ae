"""Units: gaps by unit after they were read together, each with its posterior, its verdict and its place in the funnel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from symmetry.dissonance.posterior import Posterior

__all__ = ["Units"]


@dataclass(frozen=True, eq=False)
class Units:
    """Shrunken gaps by unit.

    rows : what `table()` gives.  posteriors : for each family of units read together, the numbers of its rows and its posterior.
    by : the columns that name a unit.  level : of the intervals.  chance : what a verdict takes.  method : how the variance
    between units was treated.
    """

    rows: pd.DataFrame
    posteriors: tuple[tuple[np.ndarray, Posterior], ...]
    by: tuple[str, ...]
    level: float
    chance: float
    method: str

    def __len__(self) -> int:
        return len(self.rows)

    def table(self) -> pd.DataFrame:
        """One row a gap by unit, in the order of the gap's table.

        `estimate, se, lower, upper` are the posterior's mean, standard deviation and interval; `direct, direct_se` the unit's own
        gap and the pooled error it was shrunk with; `own` the share of the estimate that is its own; `between` the variance
        between units; `chance_dissonant` that of a gap of at least the smallest of interest in one direction, the likelier,
        and `chance_aligned` that of one less than it in either; `verdict`; then the funnel of the direct gaps:
        `target, funnel_se, funnel_z, funnel`.
        """
        return self.rows.copy()

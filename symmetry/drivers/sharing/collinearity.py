"""Do drivers tell different things?  Variance inflation, condition index, and how much one common factor (halo) holds.

Respondents who are pleased tick high everywhere.  Then the first eigenvalue of the drivers' correlations takes most of their
variance, every driver stands in for every other, and any decomposition that averages over orders gives each about 1/p of R²,
whatever the truth: the data cannot say better, and this file says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from symmetry.design import Design, design_of, names_of
from symmetry.drivers.covariances import check_columns, complete, not_singular
from symmetry.drivers.nouns import Moments
from symmetry.drivers.sharing.lattice import Players
from symmetry.errors import DesignError

__all__ = ["Collinearity", "collinearity", "collinearity_of"]

_NOTED, _WARNED = 5.0, 10.0
_CONDITION, _HALO, _TOGETHER, _INVOLVED = 30.0, 0.6, 0.5, 0.5


@dataclass(frozen=True, eq=False)
class Collinearity:
    """How much p drivers say the same.

    names (p,).  vif (p,) variance inflation factors, 1/(1 - R²) of each driver on the others.  condition : the square root of the
    largest over the smallest eigenvalue of the drivers' correlations.  halo : share of the largest in their sum, 1/p at least.
    involved (p,) share of each driver's inflated variance that the smallest eigenvalue makes (Belsley).  n answers behind them.
    note : what must be said of all drivers together, "" for nothing.
    """

    names: tuple[str, ...]
    vif: np.ndarray
    condition: float
    halo: float
    involved: np.ndarray
    n: int
    note: str

    @property
    def together(self) -> float:
        """The correlation that would give this halo if all pairs of drivers had the same."""
        p = len(self.names)
        return (p * self.halo - 1.0) / (p - 1.0)

    def table(self) -> pd.DataFrame:
        """A row a driver: item, vif, r2 on the other drivers, n, note."""
        return pd.DataFrame(
            {
                "item": list(self.names),
                "vif": self.vif,
                "r2_on_others": 1.0 - 1.0 / self.vif,
                "n": self.n,
                "note": [_told(one) for one in self.vif],
            }
        )


def collinearity(
    design: Design, predictors: Sequence[str], outcome: str | None = None, *, always: str | Sequence[str] = ()
) -> Collinearity:
    """How collinear drivers are, and how much of them is one general impression (halo).

    Parameters
    ----------
    design : n respondents; who lacks an answer to any driver is out.
    predictors : p numeric columns, 2 or more.
    outcome : numeric column; given, only those who answered it too count, as in `importance`.
    always : controls; what they explain of the drivers is taken out first, so that one sees what halo they leave.

    Raises
    ------
    DesignError : fewer than 2 drivers, a column is absent, repeated, constant or an exact combination of others, the outcome is
        among the drivers, or too few complete answers.

    Notes
    -----
    VIF above 5 is noted, above 10 warned of; so is a condition index above 30 [1].  Belsley's index is of the columns scaled to
    unit length, constant included; ours is of the correlations (centred columns), which does not depend on where a scale has
    its zero and comes out smaller.  A halo above .60 is told where drivers correlate by .5 or more on average (always
    so among 5 or more): of two drivers one eigenvalue has half of the variance whatever they are.  R twin of VIF:
    ``diag(solve(cor(x)))``.

    References
    ----------
    .. [1] Belsley, Kuh, Welsch (1980). Regression Diagnostics. Wiley.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"a": rng.normal(size=300), "b": rng.normal(size=300)})
    >>> data["c"] = data["a"] + data["b"] + 0.1 * rng.normal(size=300)
    >>> found = collinearity(Design(data), ["a", "b", "c"])
    >>> found.vif.round(), round(found.condition, 1), round(found.halo, 2)
    (array([ 75.,  86., 175.]), 26.5, 0.7)
    """
    design = design_of(design)
    controls = names_of(always)
    drivers = names_of(predictors)
    names = check_columns("" if outcome is None else outcome, [*drivers, *controls], least=2 + len(controls))
    moments = complete(design, [*names] if outcome is None else [*names, outcome])
    x = moments.correlation if outcome is None else moments.correlation[:-1, :-1]
    not_singular(x, names)
    p = len(drivers)
    return _collinearity(x, names, range(p), range(p, len(names)), moments.n)


def collinearity_of(moments: Moments, players: Players | None = None) -> Collinearity:
    """The same of moments there are already: of their drivers, or of the players' drivers given their controls.

    Raises
    ------
    DesignError : fewer than 2 drivers.
    """
    controls = () if players is None else players.always
    drivers = range(len(moments.predictors)) if players is None else sorted(set(players.order) - set(controls))
    if len(drivers) < 2:
        raise DesignError("one driver alone is not collinear", mend="name 2 or more")
    return _collinearity(moments.correlation[:-1, :-1], moments.predictors, drivers, controls, moments.n)


def _collinearity(
    whole: np.ndarray, every: Sequence[str], drivers: Sequence[int], controls: Sequence[int], n: int
) -> Collinearity:
    """Of some drivers given controls, from correlations of all that can be inverted."""
    names, drivers, controls = tuple(every[driver] for driver in drivers), list(drivers), list(controls)
    x = whole[np.ix_(drivers, drivers)]
    if controls:
        across = whole[np.ix_(controls, drivers)]
        x = x - across.T @ np.linalg.solve(whole[np.ix_(controls, controls)], across)
        x = x / np.sqrt(np.outer(np.diag(x), np.diag(x)))
    values, vectors = np.linalg.eigh(x)
    pieces = vectors**2 / values
    vif = pieces.sum(axis=1)
    involved = pieces[:, 0] / vif
    found = Collinearity(
        names, vif, float(np.sqrt(values[-1] / values[0])), float(values[-1] / len(x)), involved, n, ""
    )
    return Collinearity(names, vif, found.condition, found.halo, involved, n, _all_told(found))


def _told(vif: float) -> str:
    """What to say of a driver."""
    if vif > _WARNED:
        return f"warning: VIF {vif:.1f} above {_WARNED:.0f}, the other drivers all but determine it; group it with them"
    return f"VIF {vif:.1f} above {_NOTED:.0f}: the other drivers tell most of it" if vif > _NOTED else ""


def _all_told(found: Collinearity) -> str:
    """What to say of all drivers."""
    told = []
    if found.condition > _CONDITION:
        guilty = ", ".join(name for name, part in zip(found.names, found.involved, strict=True) if part > _INVOLVED)
        told.append(
            f"condition index {found.condition:.0f} above {_CONDITION:.0f}: {guilty or 'drivers'} nearly determine each other"
        )
    if found.halo > _HALO and found.together > _TOGETHER:
        told.append(
            f"halo: one factor holds {100 * found.halo:.0f} % of the drivers' variance; shares then shrink towards "
            f"1/{len(found.names)} whatever the truth: group items, or have an item of the general impression as a control"
        )
    return "; ".join(told)

"""Johnson's relative weights: a second opinion on LMG for any number of drivers, in one eigenvalue decomposition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symmetry.design import Design
from symmetry.drivers.importance import importance
from symmetry.drivers.sharing.roots import johnson
from symmetry.estimate import Estimate

__all__ = ["johnson", "relative_weights"]


def relative_weights(
    design: Design,
    outcome: str,
    predictors: Sequence[str],
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    always: str | Sequence[str] = (),
) -> Estimate:
    """Relative weights of drivers for an outcome, with design-based standard errors.

    Parameters
    ----------
    design : n respondents; who lacks any of the answers is out (the note says how many), psus and strata stay.
    outcome : numeric column.
    predictors : p numeric columns, 2 or more, fewer than there are complete answers; their order does not matter.
    groups : name → drivers that stand as one; its weight is the sum of its members' weights, which, unlike an LMG share, depends
        on how the group is cut into items.
    always : controls, taken out of drivers and outcome first; they have no weight.

    Returns
    -------
    Estimate: a row with statistic "r2" (share of the outcome's variance explained by all), then one "johnson" row a player, in R²
    units; with controls, a last row "always" for what they explain alone.  The johnson rows, and "always", sum to the r2 row.  A
    weight tends to have too small a standard error when its truth is 0.

    Raises
    ------
    DesignError : fewer than 2 players, a column is absent, repeated, constant among complete answers or an exact combination of
        others, the outcome is among the drivers, or fewer than p + 2 complete answers.

    Notes
    -----
    ε_j = Σ_k L_jk² (L⁻¹ r)_k² with L = X^½ of the drivers' correlations X: never negative, and R² in sum.  Genizi's (1993)
    measure is the same.  With two drivers it equals LMG; with more it is mostly near it, but nothing makes it so [2]: where
    the two differ in rank, believe LMG.  R twin: ``relaimpo::calc.relimp(…, type = "genizi")``, ``rwa::rwa()``.
    In a replicate where a driver does not vary its weight is 0 and the others' are those without it, as of every method.
    It is ``importance(…, method="johnson")``, which takes other options too.

    References
    ----------
    .. [1] Johnson (2000). A heuristic method for estimating the relative weight of predictor variables in multiple regression.
       Multivariate Behavioral Research 35(1).
    .. [2] Thomas, Zumbo, Kwan, Schweitzer (2014). On Johnson's (2000) relative weights method: a reanalysis. Ibid. 49(4).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(200, 2))
    >>> data = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": x @ [2.0, 1.0] + rng.normal(size=200)})
    >>> relative_weights(Design(data), "y", ["a", "b"]).values.round(3)
    array([0.781, 0.656, 0.125])
    """
    return importance(design, outcome, predictors, method="johnson", groups=groups, always=always)

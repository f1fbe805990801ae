"""Slopes: what the outcome moves by when a driver does and the others stay, from the house's survey regression.

A slope is not a share of R²: it answers "by how much", in the outcome's units, where a share answers "how much of the variation".
Standardised slopes are a function of the covariance matrix, deviations included, so that their errors know that deviations are
estimates too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from symmetry.design import Design, column_of, design_of, names_of, series_of
from symmetry.drivers.covariances import check_columns, complete
from symmetry.drivers.estimating import explained
from symmetry.drivers.shapes.regressing import named_as, regress
from symmetry.errors import DesignError
from symmetry.estimate import Estimate, marginal_effects

__all__ = ["slopes"]


def slopes(
    design: Design,
    outcome: str,
    predictors: Sequence[str],
    *,
    family: str = "gaussian",
    standardised: bool = False,
    always: str | Sequence[str] = (),
) -> Estimate:
    """Slopes of the outcome on all drivers together, with design-based errors.

    Parameters
    ----------
    design : n respondents; who lacks any of the answers is out (the note says how many), psus and strata stay.
    outcome : numeric column, of the kind the family takes.
    predictors : one or more numeric columns.
    family : "gaussian", or "binomial" for an outcome of 0 and 1, "poisson", "gamma": these give average marginal effects, in the
        outcome's units per unit of the driver (of a yes or no, a share per point).
    standardised : in deviations of the outcome per deviation of the driver; linear models and numeric controls only.
    always : controls in the model, numeric or categories; they have no row.

    Returns
    -------
    Estimate with a row a driver and the statistic "slope", "standardised_slope" or "marginal_effect".

    Raises
    ------
    DesignError : a column is absent, named twice or not numeric, the outcome is among the drivers, columns determine each other,
        or standardised slopes of a model that is not linear.
    ConvergenceError : the columns separate 0 from 1.

    Notes
    -----
    R twins: ``svyglm(y ~ a + b, design)``; for a yes or no ``marginaleffects::avg_slopes``.  df are psus minus strata plus 1
    minus coefficients; of standardised slopes psus minus strata.  It describes; it does not prove cause.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(400, 2)), columns=["a", "b"])
    >>> data["y"] = 2 * data["a"] + 0.5 * data["b"] + rng.normal(size=400)
    >>> slopes(Design(data), "y", ["a", "b"]).table()[["statistic", "item", "estimate", "se"]].round(3)
      statistic item  estimate     se
    0     slope    a     1.912  0.052
    1     slope    b     0.476  0.051
    """
    design = design_of(design)
    controls = names_of(always)
    names = check_columns(outcome, predictors, least=1)
    check_columns(outcome, [*names, *controls], least=1)
    if standardised:
        if family != "gaussian":
            raise DesignError(
                f"standardised slopes are of a linear model, not of {family!r}", mend="leave out one of the two"
            )
        return _standardised(design, outcome, names, controls)
    columns = {name: column_of(design, name) for name in names} | {name: series_of(design, name) for name in controls}
    model, own = regress(design, outcome, column_of(design, outcome), columns, family=family)
    if family == "gaussian":
        items = model.estimate.labels["item"].tolist()
        found = model.estimate.select([items.index(name) for name in list(own)[: len(names)]])
    else:
        found = marginal_effects(model, list(own)[: len(names)])
    statistic = "slope" if family == "gaussian" else "marginal_effect"
    found = replace(
        found, design=design, labels=found.labels[["item"]].assign(statistic=statistic)[["statistic", "item"]]
    )
    return named_as(found, own)


def _standardised(design: Design, outcome: str, names: Sequence[str], controls: Sequence[str]) -> Estimate:
    """Slopes in deviations, of the covariance matrix alone."""
    moments, p = complete(design, [*names, *controls, outcome]), len(names)

    def value(covariance: np.ndarray) -> np.ndarray:
        slope = np.linalg.solve(covariance[..., :-1, :-1], covariance[..., :-1, -1:])[..., 0]
        spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
        return np.asarray((slope * spread[..., :-1] / spread[..., -1:])[..., :p])

    return explained(moments, pd.DataFrame({"statistic": "standardised_slope", "item": list(names)}), value)

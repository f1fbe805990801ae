"""Generalised linear models on a survey design: weighted estimating equations, and what each unit moves in the coefficients.

The coefficients solve Σ w x (y - μ) μ' / V(μ) = 0 (Binder 1983), by iterated weighted least squares.  With A = Σ w x x' μ'² / V
the influence of a row is A⁻¹ x (y - μ) μ' / V, an answer like any other: its weighted total is 0, and the error of that total, by
the one variance of the house, is that of the coefficient.  On replicates the model is fitted again in each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from symmetry.design import (
    Design,
    Influence,
    degrees_of_freedom,
    design_of,
    gather,
    influence,
    replicates_of,
    variances,
)
from symmetry.estimate.families import Family, family_of
from symmetry.estimate.fitting import Fit, columns_of
from symmetry.estimate.functions import spread_of
from symmetry.estimate.nouns import Estimate

__all__ = ["Model", "glm"]


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted model: its coefficients as an Estimate, and what prediction needs.

    estimate : p coefficients.  formula, family, link : as asked.  spec : how a frame becomes columns.  dispersion : Pearson's, by
    weights that sum to the number of rows.  deviance, null_deviance : the same way.  n : rows used.
    """

    estimate: Estimate
    formula: str
    family: Family
    spec: Any
    dispersion: float
    deviance: float
    null_deviance: float
    n: int

    def table(self, *, level: float = 0.95) -> pd.DataFrame:
        """The coefficients, a row each, with the house's columns."""
        return self.estimate.table(level=level)

    def covariance(self) -> np.ndarray:
        """Covariance of the coefficients, (p, p)."""
        return self.estimate.covariance()


def glm(design: Design, formula: str, *, family: str = "gaussian", link: str | None = None) -> Model:
    """Fit a generalised linear model to a survey.

    Parameters
    ----------
    design : n respondents; who lacks any variable of the formula is out, psus and strata stay.
    formula : "y ~ a + b + C(c)", in Wilkinson's language (see the package formulaic).
    family : "gaussian", "binomial", "poisson" or "gamma".
    link : the family's usual one unless told: identity, logit, log, inverse.

    Returns
    -------
    Model with p coefficients; their df are psus minus strata plus 1 minus p, as R's.

    Raises
    ------
    DesignError : a column is absent, columns determine each other, y is not what the family takes, or nobody is left.
    ConvergenceError : the columns separate 0 from 1, or the steps do not settle.

    Notes
    -----
    R twin: ``svyglm(y ~ a + b, design, family = quasibinomial())`` with a tight ``epsilon``.

    References
    ----------
    .. [1] Binder (1983). On the variances of asymptotically normal estimators from complex surveys. International Statistical
       Review 51, 279-292.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"a": rng.normal(size=200), "psu": np.repeat(np.arange(20), 10)})
    >>> data["y"] = 1 + 2 * data["a"] + rng.normal(size=200)
    >>> glm(Design(data, psu="psu"), "y ~ a").table()[["item", "estimate", "se", "df"]].round(3)
            item  estimate     se    df
    0  Intercept     0.912  0.051  18.0
    1          a     2.040  0.064  18.0
    """
    kind, made = family_of(family, link), columns_of(design_of(design), formula)
    fit = Fit(kind, made.y, made.x, made.names)
    fit.check()
    w = design.layout.weight[made.rows]
    beta = fit.solve(w / w.mean(), None)
    fitted = _linear if design.layout.replicates is None else _refitted
    spread, variance = fitted(design, fit, made.rows, beta)
    df = degrees_of_freedom(design, spread.presence)
    mu, null = fit.mean(beta), np.average(made.y, weights=w)
    pearson = np.average((made.y - mu) ** 2 / kind.variance(mu), weights=w)
    n, p = len(made.rows), len(made.names)
    asked = int((design.layout.weight != 0).sum())
    estimate = Estimate(
        design=design,
        labels=pd.DataFrame({"statistic": "coefficient", "item": made.names}),
        values=beta,
        influence=spread,
        variance=variance,
        part=np.full(p, 0 if len(design.layout.parts) == 1 else -1),
        n=np.full(p, n),
        psus=np.diff(spread.presence.indptr),
        df=df + 1 - p,
        deff=np.full(p, np.nan),
        note=(f"{n} of {asked} respondents have every variable",) * p if n < asked else (),
        reference="",
    )
    deviance, null_deviance = (
        n * float(np.average(kind.deviance(made.y, at), weights=w)) for at in (mu, np.full(n, null))
    )
    return Model(estimate, formula, kind, made.spec, float(pearson * n / (n - p)), deviance, null_deviance, n)


def _linear(design: Design, fit: Fit, rows: np.ndarray, beta: np.ndarray) -> tuple[Influence, np.ndarray]:
    """Influence of the coefficients and their variances, by the scores of the rows."""
    w = design.layout.weight[rows]
    scores = np.full((len(beta), len(design.data)), np.nan)
    scores[:, rows] = fit.influence(beta, w / w.mean()).T / w.mean()
    totals = gather(design, [[row] for row in scores])
    gradient = np.broadcast_to(np.array([0.0, 1.0])[:, None], (len(scores), 1, 2, 1)).copy()
    return influence(totals, gradient)


def _refitted(design: Design, fit: Fit, rows: np.ndarray, beta: np.ndarray) -> tuple[Influence, np.ndarray]:
    """The same from the model fitted again in every replicate, from the coefficients of the whole."""
    made = replicates_of(design)
    thetas = np.empty((made.size, len(beta)))
    for block in made.blocks():
        for number, weights in enumerate(made.weights(block)[rows].T, block.start):
            thetas[number] = fit.solve(weights / weights.mean(), beta)
    spread, _ = spread_of(design, thetas, beta, rows)
    return spread, variances(design, spread)

"""Generalised linear models on a survey design: weighted estimating equations, and what each unit moves in the coefficients.

The coefficients solve Σ w x (y - μ) μ' / V(μ) = 0 (Binder 1983).  With A = Σ w x x' μ'² / V the influence of a row is
A⁻¹ x (y - μ) μ' / V, an answer like any other: its weighted total is 0, and the error of that total, by the one variance of the
house, is that of the coefficient.  On replicates the model is fitted again in each.  By domain, each has coefficients of its own,
and all are fitted in the same passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from symmetry.design import Design, Influence, degrees_of_freedom, design_of, domains, left_out, replicates_of
from symmetry.errors import DesignError
from symmetry.estimate.linearising import check_by
from symmetry.estimate.models.columns import Columns, columns_of
from symmetry.estimate.models.families import Family, family_of
from symmetry.estimate.models.fitting import Fit
from symmetry.estimate.models.grouping import Groups
from symmetry.estimate.models.scoring import presence_of, spread_of_refits, spread_of_scores
from symmetry.estimate.models.solving import Faults
from symmetry.estimate.nouns import Estimate

__all__ = ["Model", "glm", "glm_by"]

_BLOCK = 1 << 15


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted model: its coefficients as an Estimate, and what prediction needs.

    estimate : p coefficients.  formula, family (with its link) : as asked.  columns : outcome and columns of the rows used.
    n : rows used.
    """

    estimate: Estimate
    formula: str
    family: Family
    columns: Columns
    n: int

    def table(self, *, level: float = 0.95) -> pd.DataFrame:
        """The coefficients, a row each, with the house's columns."""
        return self.estimate.table(level=level)

    def covariance(self) -> np.ndarray:
        """Covariance of the coefficients, (p, p)."""
        return self.estimate.covariance()

    @property
    def weight(self) -> np.ndarray:
        """Weights of the rows used (n,)."""
        return np.asarray(self.estimate.design.layout.weight[self.columns.rows])

    @cached_property
    def dispersion(self) -> float:
        """Pearson's, by weights that sum to the number of rows: Σ w (y - μ)² / V / (n - p)."""
        found = sum(w @ ((y - mu) ** 2 / self.family.variance(mu)) for w, y, mu in self._means())
        return float(found / self.weight.sum() * self.n / (self.n - len(self.estimate)))

    @cached_property
    def deviance(self) -> float:
        """Deviance, by weights that sum to the number of rows."""
        return float(sum(w @ self.family.deviance(y, mu) for w, y, mu in self._means()) / self.weight.sum() * self.n)

    @cached_property
    def null_deviance(self) -> float:
        """Deviance of everybody's mean."""
        w, y = self.weight, self.columns.y
        return float(np.average(self.family.deviance(y, np.full(self.n, np.average(y, weights=w))), weights=w) * self.n)

    def _means(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Weights, outcomes and means, block after block."""
        weight = self.weight
        for start in range(0, self.n, _BLOCK):
            rows = slice(start, start + _BLOCK)
            mu = self.family.link.inverse(self.estimate.values @ self.columns.block(rows))
            yield weight[rows], self.columns.y[rows], mu


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
    kind, design = family_of(family, link), design_of(design)
    columns = columns_of(design, formula)
    fit = Fit(kind, columns, Groups.one(len(columns)))
    found, _ = _fitted(design, fit, ())
    return Model(found, formula, kind, columns, len(columns))


def glm_by(
    design: Design, formula: str, by: str | Sequence[str], *, family: str = "gaussian", link: str | None = None
) -> Estimate:
    """Fit the same model in every domain, in the same passes over the answers.

    Parameters
    ----------
    design, formula, family, link : as for `glm`; categories and splines are laid out once, for all domains.
    by : columns whose crossed values make D domains.

    Returns
    -------
    Estimate of p × D coefficients, domains innermost, with their joint covariance.  A domain without a solution (too few
    rows, columns that determine each other there, separation) has rows without value, and the reason in their `note`.

    Raises
    ------
    DesignError : what `glm` refuses of all rows, or no domain has a solution.

    Notes
    -----
    The df of a domain are its psus minus its strata plus 1 minus p.  R twin: ``svyglm(y ~ a, subset(design, unit == u))``, once a
    domain.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"a": rng.normal(size=200), "psu": np.repeat(np.arange(20), 10), "unit": list("nnss") * 50})
    >>> data["y"] = 1 + 2 * data["a"] * (data["unit"] == "n") + rng.normal(size=200)
    >>> glm_by(Design(data, psu="psu"), "y ~ a", ["unit"]).table()[["item", "unit", "estimate", "se", "df"]].round(3)
            item unit  estimate     se    df
    0  Intercept    n     0.992  0.087  18.0
    1  Intercept    s     0.835  0.066  18.0
    2          a    n     1.986  0.100  18.0
    3          a    s     0.086  0.094  18.0
    """
    kind, design, by = family_of(family, link), design_of(design), check_by(by)
    if not by:
        raise DesignError("no column to make domains of", mend="name one in `by`, or fit one model with `glm`")
    known = domains(design, by)
    columns = columns_of(design, formula)
    code = known.code[columns.rows]
    if (code == known.size).any():
        columns, code = columns.take(np.flatnonzero(code < known.size)), code[code < known.size]
    if not len(columns):
        raise DesignError("nobody who has every variable is in a domain", mend="check the columns of `by`")
    found, faults = _fitted(design, Fit(kind, columns, Groups(code, known.size, len(columns))), by)
    if len(faults) == known.size:
        raise columns.explained(next(iter(faults.values())))
    return found


def _fitted(design: Design, fit: Fit, by: Sequence[str]) -> tuple[Estimate, Faults]:
    """The coefficients of all domains as an Estimate, and the domains that have none."""
    columns, groups = fit.columns, fit.groups
    p, size = len(columns.names), groups.size
    beta, inverse, faults = fit.solve(design.layout.weight[columns.rows], None, fit.check())
    if not by and faults:
        raise columns.explained(faults[0])
    note = np.full(p * size, "", dtype=object)
    safe = np.nan_to_num(beta)
    if design.layout.replicates is None:
        totals, spread, variance = spread_of_scores(
            design, columns.rows, lambda rows: fit.scores(rows, safe), inverse, by, groups.code
        )
        psus, df = (found[0] for found in totals.counts())
    else:
        spread, variance, lost = _refitted(design, fit, beta, faults)
        note = left_out(note, lost, replicates_of(design).size)
        held = presence_of(design, columns.rows, groups.code, size)
        psus, df = np.diff(held.indptr), degrees_of_freedom(design, held)
    asked = int((design.layout.weight != 0).sum())
    if not by and len(columns) < asked:
        note[note == ""] = f"{len(columns)} of {asked} respondents have every variable"
    for domain, fault in faults.items():
        note[domain::size] = fault.problems[0].what
    keys = domains(design, by).keys if by else pd.DataFrame(index=range(1))
    labels = pd.DataFrame({"statistic": "coefficient", "item": np.repeat(np.array(columns.names, object), size)})
    part = domains(design, by).part
    return Estimate(
        design=design,
        labels=labels.assign(**{name: keys[name].take(np.tile(np.arange(size), p)).array for name in keys}),
        values=beta.T.ravel(),
        influence=spread,
        variance=np.where(np.isnan(beta.T.ravel()), np.nan, variance),
        part=np.tile(part, p),
        n=np.tile(groups.count, p),
        psus=np.tile(psus, p),
        df=np.tile(df + 1 - p, p),
        deff=np.full(p * size, np.nan),
        note=tuple(note) if any(note) else (),
        reference="",
        by=tuple(by),
    ), faults


def _refitted(design: Design, fit: Fit, beta: np.ndarray, faults: Faults) -> tuple[Influence, np.ndarray, np.ndarray]:
    """Influence, variances and replicates left out, from the models fitted again in every replicate."""
    made, rows = replicates_of(design), fit.columns.rows
    thetas = np.empty((made.size, beta.size))
    for block in made.blocks():
        for number, weights in enumerate(np.ascontiguousarray(made.weights(block)[rows].T), block.start):
            thetas[number] = fit.solve(weights, beta, faults)[0].T.ravel()
    return spread_of_refits(design, rows, thetas, beta.T.ravel(), fit.groups.code, fit.groups.size)

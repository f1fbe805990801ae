"""Working likelihood-ratio tests of nested models (Rao, Scott 1984; Lumley, Scott 2014).

The deviance by which the larger model fits better is, where the smaller one is true, Σ λ χ²₁: λ are the eigenvalues of V₀⁻¹ V, V
the covariance of the coefficients tested as the survey says it is, V₀ what the working likelihood says.  The tail of the sum is
exact (`mixtures`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import linalg

from symmetry.errors import DesignError
from symmetry.estimate.comparing.mixtures import mixture_tail
from symmetry.estimate.models.columns import Columns, columns_of
from symmetry.estimate.models.fitting import Fit
from symmetry.estimate.models.generalised import Model
from symmetry.estimate.models.grouping import Groups

__all__ = ["likelihood_ratio"]

_BLOCK = 1 << 15
_APART = 1e-8


def likelihood_ratio(model: Model, smaller: str | Model, *, statistic: str = "F") -> pd.DataFrame:
    """Test a model against a smaller one that it contains, by how much better it fits.

    Parameters
    ----------
    model : the larger model.
    smaller : formula of a model whose columns follow from those of the larger, or such a model.  It is fitted to the rows of the
        larger model, whoever else has its variables.
    statistic : "F" judges by the degrees of freedom of the larger model, "chisq" as if they were infinite.

    Returns
    -------
    Frame of one row: test, item (both formulas), statistic (twice the log likelihood ratio over the mean λ), df (coefficients
    tested), df2, p, deff (mean λ, of the weights as the working likelihood has them), n, note.

    Raises
    ------
    DesignError : the models have other outcomes, do not nest or are the same; an unknown statistic.
    ConvergenceError : the smaller model has no solution.

    Notes
    -----
    R twins: ``regTermTest(model, ~a + b, method = "LRT")``, ``anova(smaller, model)``, by a saddlepoint approximation.

    References
    ----------
    .. [1] Rao, Scott (1984). On chi-squared tests for multiway contingency tables with cell proportions estimated from survey
       data. The Annals of Statistics 12, 46-60.
    .. [2] Lumley, Scott (2014). Tests for regression models fitted to survey data. Australian and New Zealand Journal of
       Statistics 56, 1-14.

    Examples
    --------
    >>> from symmetry.design import Design
    >>> from symmetry.estimate.models.generalised import glm
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"a": rng.normal(size=200), "b": rng.normal(size=200), "psu": np.repeat(np.arange(20), 10)})
    >>> data["yes"] = (rng.random(200) < 1 / (1 + np.exp(-data["a"]))) * 1.0
    >>> model = glm(Design(data, psu="psu"), "yes ~ a + b", family="binomial")
    >>> likelihood_ratio(model, "yes ~ a")[["item", "statistic", "df", "df2", "p"]].round(4)
                              item  statistic  df   df2       p
    0  yes ~ a + b against yes ~ a     0.0413   1  17.0  0.8413
    """
    if statistic not in ("F", "chisq"):
        raise DesignError(f"no statistic is called {statistic!r}", mend='"F" or "chisq"')
    if not isinstance(model, Model):
        raise DesignError(
            f"this wants a Model, and a {type(model).__name__} was given", mend='fit one: glm(design, "y ~ a")'
        )
    formula = smaller.formula if isinstance(smaller, Model) else smaller
    if isinstance(smaller, Model) and (smaller.family.name, smaller.family.link.name) != (
        model.family.name,
        model.family.link.name,
    ):
        raise DesignError("the models have different families or links", mend="fit both with the same")
    below = _same_rows(model, formula)
    tested = _tested(model, below, formula)
    own, w = Fit(model.family, model.columns, Groups.one(model.n)), model.weight / model.weight.mean()
    naive = own.solve(w, model.estimate.values[None], {})[1][0]
    deviance = _deviance(model, below, w) - model.deviance
    effects = linalg.eigvalsh(tested.T @ model.covariance() @ tested, tested.T @ naive @ tested)
    df2 = float(np.min(model.estimate.df)) if statistic == "F" else np.inf
    usable, mean = float(np.min(model.estimate.df)) > 0, float(effects.mean())
    known = usable and mean > 0
    return pd.DataFrame(
        {
            "test": "working likelihood ratio",
            "item": f"{model.formula} against {formula}",
            "statistic": max(deviance, 0.0) / mean if mean > 0 else np.nan,
            "df": tested.shape[1],
            "df2": df2,
            "p": mixture_tail(max(deviance, 0.0), effects, df2=df2) if known else np.nan,
            "deff": mean,
            "n": model.n,
            "note": "" if known else "no sampling error to judge it by" if usable else "no degrees of freedom",
        },
        index=[0],
    )


def _same_rows(model: Model, formula: str) -> Columns:
    """Columns of the smaller model on the rows of the larger."""
    found = columns_of(model.estimate.design, formula)
    place = np.searchsorted(found.rows, model.columns.rows)
    inside = place < len(found)
    inside[inside] = found.rows[place[inside]] == model.columns.rows[inside]
    if not inside.all():
        raise DesignError(
            f"{formula!r} has variables that respondents of {model.formula!r} lack",
            mend="the larger model names every variable of the smaller",
        )
    below = found if len(found) == model.n else found.take(place)
    if not np.array_equal(below.y, model.columns.y):
        raise DesignError(f"{formula!r} has another outcome than {model.formula!r}", mend="give both the same")
    return below


def _tested(model: Model, below: Columns, formula: str) -> np.ndarray:
    """Combinations (p, k) of the larger model's coefficients that are 0 in the smaller: what X B = X₀ leaves over."""
    p, p0 = len(model.columns.names), len(below.names)
    cross = np.zeros((p + p0, p + p0))
    for start in range(0, model.n, _BLOCK):
        rows = slice(start, min(start + _BLOCK, model.n))
        both = np.vstack([model.columns.block(rows), below.block(rows)])
        cross += both @ both.T
    size = np.sqrt(np.where(np.diag(cross) > 0, np.diag(cross), 1.0))
    cross /= np.outer(size, size)
    inside = np.linalg.solve(cross[:p, :p], cross[:p, p:])
    left = 1 - np.einsum("ij,ij->j", cross[:p, p:], inside)
    if left.max() > _APART:
        worst = below.names[int(np.argmax(left))]
        raise DesignError(
            f"`{worst}` of {formula!r} does not follow from the columns of {model.formula!r}: the models do not nest",
            mend="leave terms of the larger model out, and add none",
        )
    tested = linalg.null_space(inside.T, rcond=1e-7)
    if not tested.shape[1]:
        raise DesignError(
            f"{formula!r} says the same as {model.formula!r}", mend="leave terms out of the smaller model"
        )
    return np.asarray(tested * size[:p, None])


def _deviance(model: Model, columns: Columns, w: np.ndarray) -> float:
    """Deviance of the solution of a smaller model by weights w (n,)."""
    fit = Fit(model.family, columns, Groups.one(len(columns)))
    beta, _, faults = fit.solve(w, None, {})
    for fault in faults.values():
        raise fault
    found = 0.0
    for start in range(0, len(columns), _BLOCK):
        rows = slice(start, min(start + _BLOCK, len(columns)))
        found += float(w[rows] @ model.family.deviance(columns.y[rows], fit.mean(beta, rows)))
    return found

"""Averages of what a model expects, over the population: everybody at a set level, and what a small step of a variable moves.

A margin is m = Σ w g(x'β) / Σ w with some variables set to a level for all (predictive margins; Graubard, Korn 1999).  Two things
are random in it, the respondents whose other variables are averaged, and β; both are linearised, together:

    influence of m  =  influence of the mean of g  +  (Σ w g′ x / Σ w)′ · influence of β
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design import Influence, replicates_of, variances
from symmetry.errors import DesignError
from symmetry.estimate.linearising import items_of
from symmetry.estimate.means import mean_of
from symmetry.estimate.models.fitting import Fit
from symmetry.estimate.models.generalised import Model
from symmetry.estimate.models.grouping import Groups
from symmetry.estimate.models.predicting import outcome_of
from symmetry.estimate.models.scoring import spread_of_refits
from symmetry.estimate.nouns import Estimate

__all__ = ["marginal_effects", "margins"]

_STEP = 6e-6  # the cube root of a rounding error: a central difference keeps ten digits
Terms = list[tuple[dict[str, Any], float]]


def margins(model: Model, at: Mapping[str, Sequence[Any]] | None = None, *, covariates: str = "sampled") -> Estimate:
    """Average what a model expects of everybody, with some variables set to given levels.

    Parameters
    ----------
    model : from `glm`.
    at : variable → the levels everybody is set to, crossed with those of other variables; none for everybody as they are.
    covariates : "sampled", the other variables are those of a sample, and the error knows it; "fixed", of these very respondents.

    Returns
    -------
    Estimate of a mean for each crossing of levels, averaged by the design's weights over the rows the model was fitted to.

    Raises
    ------
    DesignError : a variable the model does not have, or a category it has not seen.

    Notes
    -----
    R twin: ``svypredmeans(model_without_g, ~g)``, whose error adds the two parts as if they were independent; here their
    covariance counts.  With replicates, the model and the averages are made again in each.

    References
    ----------
    .. [1] Graubard, Korn (1999). Predictive margins with survey data. Biometrics 55, 652-659.

    Examples
    --------
    >>> from symmetry.design import Design
    >>> from symmetry.estimate.models.generalised import glm
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"a": rng.normal(size=200), "g": ["l", "m"] * 100, "psu": np.repeat(np.arange(20), 10)})
    >>> data["yes"] = (rng.random(200) < 1 / (1 + np.exp(-data["a"] - (data["g"] == "m")))).astype(int)
    >>> model = glm(Design(data, psu="psu"), "yes ~ a + g", family="binomial")
    >>> margins(model, {"g": ["l", "m"]}).table()[["item", "g", "estimate", "se"]].round(3)
      item  g  estimate     se
    0  yes  l     0.520  0.053
    1  yes  m     0.709  0.046
    """
    if not isinstance(at, Mapping | None):
        raise DesignError("`at` is no mapping of variables to levels", mend='write {"variable": [one, other]}')
    _check_model(model)
    chosen = dict(at or {})
    for name, levels in chosen.items():
        _check(model, name)
        if isinstance(levels, str) or not isinstance(levels, Iterable) or not len(list(levels)):
            raise DesignError(f"`{name}` is set to no list of levels", mend=f'write {{"{name}": [one, other]}}')
    crossed = [dict(zip(chosen, levels, strict=True)) for levels in product(*chosen.values())]
    labels = pd.DataFrame({"statistic": "margin", "item": outcome_of(model)}, index=range(len(crossed)))
    for name in chosen:
        labels[name] = pd.Series([levels[name] for levels in crossed], dtype=object if _text(model, name) else None)
    return _averages(model, [[(levels, 1.0)] for levels in crossed], labels, covariates)


def marginal_effects(model: Model, variables: str | Sequence[str], *, covariates: str = "sampled") -> Estimate:
    """Average, over everybody, what a variable moves in the expected outcome.

    Parameters
    ----------
    model : from `glm`.
    variables : of numeric ones, the slope ∂g/∂v at everybody's own values; of categories, the change from the first level.
    covariates : as for `margins`.

    Returns
    -------
    Estimate with a row for each numeric variable and for each level after the first; `change` says which ("dv", "m - l").

    Raises
    ------
    DesignError : a variable the model does not have.

    Notes
    -----
    Slopes are central differences of all columns the variable is in, powers and interactions too, to ten digits.  R twin:
    ``marginaleffects::avg_slopes(model, wts = weights)`` for the value; its error takes the respondents as fixed.

    Examples
    --------
    >>> from symmetry.design import Design
    >>> from symmetry.estimate.models.generalised import glm
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"a": rng.normal(size=200), "psu": np.repeat(np.arange(20), 10)})
    >>> data["y"] = data["a"] ** 2 + data["a"] + rng.normal(size=200)
    >>> model = glm(Design(data, psu="psu"), "y ~ a + I(a**2)")
    >>> marginal_effects(model, "a").table()[["item", "change", "estimate", "se"]].round(3)
      item change  estimate     se
    0    a     dv     0.894  0.116
    """
    _check_model(model)
    data, asked, labels = model.estimate.design.data, list[Terms](), []
    for name in items_of(variables):
        _check(model, name)
        if _text(model, name):
            column = data[name].iloc[model.columns.rows]
            levels = sorted(column.unique()) if not hasattr(column, "cat") else list(column.cat.categories)
            for first, other in [(levels[0], other) for other in levels[1:]]:
                asked.append([({name: other}, 1.0), ({name: first}, -1.0)])
                labels.append((name, f"{other} - {first}"))
            continue
        own = data[name].to_numpy(float)
        step = _STEP * max(float(np.nanstd(own[model.columns.rows])), 1e-12)
        asked.append([({name: own + step}, 0.5 / step), ({name: own - step}, -0.5 / step)])
        labels.append((name, "dv"))
    told = pd.DataFrame(labels, columns=["item", "change"])
    return _averages(model, asked, told.assign(statistic="effect")[["statistic", "item", "change"]], covariates)


def _averages(model: Model, asked: list[Terms], labels: pd.DataFrame, covariates: str) -> Estimate:
    """Means over everybody of sums of predictions, each with the variables it changes and its factor."""
    if covariates not in ("sampled", "fixed"):
        raise DesignError(f"covariates={covariates!r} is unknown", mend='"sampled" or "fixed"')
    own, size = model.estimate, len(asked)
    design, rows = own.design, model.columns.rows
    answers, weight = np.full((size, len(design.data)), np.nan), model.weight
    slopes = np.empty((size, len(own)))
    for place, terms in enumerate(asked):
        made = [_Average(model, changes, factor) for changes, factor in terms]
        answers[place, rows] = sum(one.values(own.values) for one in made)
        slopes[place] = sum(one.slopes(own.values, weight) for one in made)
    means = mean_of(design, [(str(place), row) for place, row in enumerate(answers)], by=())
    matrix = sparse.csr_array(np.hstack([np.eye(size), slopes]) if covariates == "sampled" else slopes)
    spread = (Influence.join([means.influence, own.influence]) if covariates == "sampled" else own.influence).combine(
        matrix
    )
    variance = variances(design, spread)
    if design.layout.replicates is not None and covariates == "sampled":
        spread, variance, _ = spread_of_refits(design, rows, _again(model, asked), means.values, None, 1)
    return Estimate(
        design=design,
        labels=labels,
        values=means.values,
        influence=spread,
        variance=variance,
        part=np.full(size, own.part[0]),
        n=np.full(size, model.n),
        psus=np.full(size, own.psus[0]),
        df=np.full(size, own.df[0]),
        deff=np.full(size, np.nan),
        note=own.note[:1] * size,
        reference="",
    )


def _again(model: Model, asked: list[Terms]) -> np.ndarray:
    """The averages in every replicate (R, size), from the model fitted again in it."""
    made, rows = replicates_of(model.estimate.design), model.columns.rows
    fit, start = Fit(model.family, model.columns, Groups.one(model.n)), model.estimate.values[None]
    terms = [[_Average(model, changes, factor) for changes, factor in one] for one in asked]
    out = np.empty((made.size, len(asked)))
    for block in made.blocks():
        for number, weights in enumerate(np.ascontiguousarray(made.weights(block)[rows].T), block.start):
            beta = fit.solve(weights, start, {})[0][0]
            out[number] = [weights @ sum(one.values(beta) for one in each) / weights.sum() for each in terms]
    return out


@dataclass(frozen=True, eq=False)
class _Average:
    """Predictions of everybody with some variables changed, times a factor."""

    model: Model
    changes: dict[str, Any]
    factor: float

    @property
    def _columns(self) -> np.ndarray:
        """The columns (p, m) that the changes make."""
        columns, data = self.model.columns, self.model.estimate.design.data
        if not self.changes:
            return columns.block(slice(None))
        found = columns.spec(data.assign(**self.changes).iloc[columns.rows])
        if not np.isfinite(found).all():
            told = ", ".join(f"{name} = {value!r}" for name, value in self.changes.items())
            raise DesignError(f"the model makes no columns of {told}", mend="set variables to values there are")
        return found

    def values(self, beta: np.ndarray) -> np.ndarray:
        """Expected outcomes (m,) times the factor."""
        return np.asarray(self.factor * self.model.family.link.inverse(beta @ self._columns))

    def slopes(self, beta: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """What each coefficient moves in their mean (p,)."""
        x = self._columns
        return np.asarray(self.factor * (x @ (weight * self.model.family.link.slope(beta @ x))) / weight.sum())


def _check_model(model: Model) -> None:
    """Refuse what `glm` did not fit."""
    if not isinstance(model, Model):
        raise DesignError(
            f"margins are of a Model, and a {type(model).__name__} was given", mend='fit one: glm(design, "y ~ a")'
        )


def _check(model: Model, name: str) -> None:
    """Refuse a variable that the model does not have."""
    known = model.columns.variables
    if name not in known:
        raise DesignError(
            f"the model has no variable `{name}`", mend=f"one of {', '.join(f'`{one}`' for one in sorted(known))}"
        )


def _text(model: Model, name: str) -> bool:
    """Whether a variable is one of categories: its values are no numbers (yes and no are none), or the formula says C(…)."""
    column = model.estimate.design.data[name]
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return True
    return re.search(rf"\bC\(\s*{re.escape(name)}\s*[,)]", model.formula) is not None

"""Importance: how much of the outcome's variance goes with each driver, by the decomposition one asks for, with its error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from numbers import Real
from typing import Literal, get_args

import numpy as np
import pandas as pd

from symmetry.design import Design, design_of
from symmetry.drivers.covariances import check_columns
from symmetry.drivers.estimating import explained
from symmetry.drivers.missing.answering import entering, moments_of
from symmetry.drivers.missing.lacking import with_usage
from symmetry.drivers.nouns import Missing, Moments
from symmetry.drivers.outcomes.binary import binary_shares
from symmetry.drivers.outcomes.outcomes import Outcome, outcome_of
from symmetry.drivers.outcomes.polychoric import polychoric
from symmetry.drivers.players import MOST, groups_of, names_given, players_among
from symmetry.drivers.sharing.diagnostics import decomposed
from symmetry.drivers.sharing.lattice import Players, coefficients, explained_by_subset
from symmetry.drivers.sharing.shapley import lmg, lmg_gradient
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["Method", "Model", "Question", "asked_of", "importance", "shares_of"]

Method = Literal["lmg", "johnson", "first", "last", "pratt", "car"]
Model = Literal["linear", "polychoric", "mcfadden", "estrella"]


@dataclass(frozen=True)
class Question:
    """A question put to drivers, checked: the design, its outcome as it is to be read, controls, who enters."""

    design: Design
    controls: tuple[str, ...]
    moments: Moments
    players: Players


def importance(
    design: Design,
    outcome: str,
    predictors: Sequence[str],
    *,
    method: Method = "lmg",
    groups: Mapping[str, Sequence[str]] | None = None,
    always: str | Sequence[str] = (),
    statistic: Outcome = "mean",
    at_least: float | None = None,
    model: Model = "linear",
    ordinal: Sequence[str] | None = None,
    missing: Missing = "listwise",
    reasons: pd.DataFrame | None = None,
) -> Estimate:
    """Importance of drivers for an outcome, with design-based standard errors.

    Parameters
    ----------
    design : n respondents; who lacks any of the answers is out (the note says how many), psus and strata stay.
    outcome : numeric column.
    predictors : p numeric columns, 2 to 20 players; their order does not matter.
    method : "lmg", the Shapley value of R²; "johnson", relative weights, for any number of drivers; "first", "last", "pratt" and
        "car" as diagnostics (see `diagnostics`).
    groups : name → drivers that enter together and have one share (the items of a dimension); drivers of no group stand alone.
    always : controls, in every regression before any driver enters; they have no share.
    statistic : how the outcome is read: "mean", as it stands; "top_box", 1 for answers of `at_least` and more; "nps", -100, 0 or
        100 for an answer of 0 to 10.  The note of each row says of the last two which it is: "NPS of y".
    model : "linear"; "polychoric", the linear model of what lies behind ordered answers; "mcfadden" and "estrella", the
        explained likelihood of a 0/1 outcome in logit models, at most 12 players, by "lmg" alone.
    ordinal : for "polychoric", which columns are ordered; none for those of at most 10 whole numbers.
    missing : "listwise"; "em", everybody under missing at random; "pairwise"; "users", those to whom all items apply;
        "indicator", "used it" beside the rating.  See `moments_of`.
    reasons : why answers are missing, a frame like the design's data (`losses` says of what); "users" and "indicator" need it.

    Returns
    -------
    Estimate: a row with statistic "r2" (share of the outcome's variance explained by all), then one row a player, its statistic
    the method, in R² units; with controls, a last row "always" for what they explain alone.  Rows of "lmg", "johnson", "pratt"
    and "car", and "always", sum to the r2 row.  A share tends to have too small an error when its truth is 0: see `presence`.

    Raises
    ------
    DesignError : fewer than 2 players, more than 20 of "lmg", a column is absent, repeated, constant among complete answers or an
        exact combination of others, the outcome is among the drivers, fewer than p + 2 complete answers, or options that do not
        go together.

    Notes
    -----
    R twin of the shares: ``relaimpo::calc.relimp(cov.wt(d, w)$cov, type = "lmg")``.  It describes; it does not prove cause.

    References
    ----------
    .. [1] Grömping (2006). Relative importance for linear regression in R: the package relaimpo. JSS 17(1).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(200, 2))
    >>> data = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": x @ [2.0, 1.0] + rng.normal(size=200)})
    >>> importance(Design(data), "y", ["a", "b"]).values.round(3)
    array([0.781, 0.656, 0.125])
    """
    _check_options(method, model, missing, reasons, ordinal)
    drivers, controls, together = _named(outcome, predictors, always, groups)
    if model in ("mcfadden", "estrella"):
        read, told = _read(design, outcome, statistic, at_least)
        shares = binary_shares(read, outcome, drivers, measure=model, groups=together, always=controls)
        return replace(shares, note=tuple("; ".join(filter(None, [told, note])) for note in shares.note))
    asked = asked_of(
        design,
        outcome,
        drivers,
        groups=together,
        always=controls,
        statistic=statistic,
        at_least=at_least,
        model=model,
        ordinal=ordinal,
        missing=missing,
        reasons=reasons,
        most=MOST if method == "lmg" else len(drivers) + 1,
    )
    return shares_of(asked.moments, asked.players, method)


def asked_of(
    design: Design,
    outcome: str,
    predictors: Sequence[str],
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    always: str | Sequence[str] = (),
    statistic: Outcome = "mean",
    at_least: float | None = None,
    model: Model = "linear",
    ordinal: Sequence[str] | None = None,
    missing: Missing = "listwise",
    reasons: pd.DataFrame | None = None,
    most: int = MOST,
) -> Question:
    """Moments and players of a question, see `importance`."""
    drivers, controls, together = _named(outcome, predictors, always, groups)
    names = check_columns(outcome, [*drivers, *controls], least=2 + len(controls))
    read, told = _read(design, outcome, statistic, at_least)
    usage: dict[str, tuple[str, ...]] = {}
    if model == "polychoric":
        ordered = None if ordinal is None else names_given(ordinal, "the ordered columns")
        moments = polychoric(read, [*names, outcome], ordinal=ordered)
    else:
        moments, together = moments_of(read, outcome, names, missing, reasons, groups=together)
        if missing == "indicator" and reasons is not None:
            columns, called, usage = with_usage(read, names, reasons, outcome)
            made = {name: one for name, one in zip(called, columns, strict=True) if not isinstance(one, str)}
            read = replace(read, data=read.data.assign(**made), given=read.layout)
    moments = replace(moments, note="; ".join(filter(None, [told, moments.note])))
    controls, together = entering(controls, together, usage)
    players = players_among(moments.predictors, together, controls, most=most, outcome=outcome)
    return Question(read, controls, moments, players)


def _named(
    outcome: str,
    predictors: Sequence[str],
    always: str | Sequence[str],
    groups: Mapping[str, Sequence[str]] | None,
) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, tuple[str, ...]] | None]:
    """Drivers, controls and groups by their names, each once in one role."""
    if not isinstance(outcome, str):
        raise DesignError("the outcome is no name of a column", mend="name one of the design's columns")
    drivers, controls = names_given(predictors, "the drivers"), names_given(always, "the controls (always=)")
    both = [name for name in drivers if name in controls]
    if both:
        raise DesignError(f"`{both[0]}` is both driver and control", mend="leave it out of the drivers, or of always=")
    return drivers, controls, groups_of(groups, [*drivers, *controls], controls, outcome) or None


def _read(design: Design, outcome: str, statistic: Outcome, at_least: float | None) -> tuple[Design, str]:
    """The design with its outcome as it is to be read, and what that is called where it is not the answer itself."""
    design = design_of(design)
    if statistic == "mean" and at_least is None:
        return design, ""
    if at_least is not None and (not isinstance(at_least, Real) or not isfinite(at_least)):
        raise DesignError(f"at_least={at_least!r} is no answer", mend="the lowest answer of the top box: at_least=4")
    values, told = outcome_of(design, outcome, statistic, at_least=at_least)
    return replace(design, data=design.data.assign(**{outcome: values}), given=design.layout), told


def _check_options(
    method: str, model: str, missing: str, reasons: pd.DataFrame | None, ordinal: Sequence[str] | None
) -> None:
    """Refuse words that are unknown, and roads that do not meet."""
    for what, given, known in (("decomposition", method, Method), ("model of drivers", model, Model)):
        if given not in get_args(known):
            raise DesignError(f"no {what} is called {given!r}", mend=" or ".join(f'"{one}"' for one in get_args(known)))
    if model != "linear" and missing != "listwise":
        raise DesignError(f'model="{model}" takes complete answers', mend='leave missing= out, or model="linear"')
    if model != "linear" and reasons is not None:
        raise DesignError(f'reasons= mean nothing with model="{model}"', mend='leave them out, or model="linear"')
    if ordinal is not None and model != "polychoric":
        raise DesignError(f'ordinal= means nothing with model="{model}"', mend='leave it out, or model="polychoric"')
    if model in ("mcfadden", "estrella") and method != "lmg":
        raise DesignError(f'model="{model}" is shared out by "lmg" alone', mend="leave method= out")


def shares_of(moments: Moments, players: Players, method: str = "lmg") -> Estimate:
    """R², shares by a method and what controls explain, of any moments."""
    if method != "lmg":
        return decomposed(moments, players, method)
    controls = [moments.names[column] for column in players.always]

    def value(covariance: np.ndarray) -> np.ndarray:
        shares = lmg(covariance, players)
        alone = _alone(covariance, players.always) if controls else np.zeros(shares.shape[:-1])
        rest = [alone[..., None]] if controls else []
        return np.concatenate([(shares.sum(axis=-1) + alone)[..., None], shares, *rest], axis=-1)

    slopes = None
    if moments.again is None:
        parts = lmg_gradient(moments.correlation, players)
        rest = (
            _alone_gradient(moments.correlation, players.always)[None] if controls else np.zeros((0, *parts.shape[1:]))
        )
        parts = np.concatenate([parts, rest])
        slopes = np.concatenate([parts.sum(axis=0)[None], parts])
    labels = pd.DataFrame(
        {
            "statistic": ["r2", *["lmg"] * len(players), *["always"] * bool(controls)],
            "item": [moments.outcome, *players.names, *([" + ".join(controls)] if controls else [])],
        }
    )
    return explained(moments, labels, value, slopes)


def _alone(covariance: np.ndarray, columns: Sequence[int]) -> np.ndarray:
    """R² (...,) of the outcome on some columns."""
    return np.asarray(explained_by_subset(covariance, Players((), (), tuple(columns)))[0])


def _alone_gradient(covariance: np.ndarray, columns: Sequence[int]) -> np.ndarray:
    """Its derivative (k, k)."""
    beta, r2 = coefficients(covariance, Players((), (), tuple(columns)))
    found = -beta @ beta.T
    found[-1, -1] += 1.0 - r2[0]
    return np.asarray(found / covariance[-1, -1])

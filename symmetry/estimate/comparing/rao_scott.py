"""Rao and Scott's corrections: a statistic that would be chi-squared under simple random sampling, judged as the survey it is.

Such a statistic X² is Σ δ χ²₁, where δ, the generalised design effects, are the eigenvalues of a matrix M (k, k) [1].  "chisq"
sets X² over their mean against χ² on k degrees of freedom; "F" X² over their sum, tr M, against F on d₀ = (tr M)² / tr M² and
d₀ν, ν being the degrees of freedom of the design [2]; "lincom" asks the sum itself, over χ²/df of d₀ν, for its exact tail.

1. Rao, Scott (1984). On chi-squared tests for multiway contingency tables with cell proportions estimated from survey data. The
   Annals of Statistics 12, 46-60.
2. Thomas, Rao (1987). Small-sample comparisons of level and power for simple goodness-of-fit statistics under cluster sampling.
   Journal of the American Statistical Association 82, 630-636.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from symmetry.errors import DesignError
from symmetry.estimate.comparing.crossing import Audience, Crossed
from symmetry.estimate.comparing.mixtures import mixture_tail
from symmetry.estimate.tails import chi2_tail, f_tail

__all__ = ["Statistic", "Verdict", "check_statistic", "corrected", "freedom", "unjudged", "wald_form"]

Statistic = Literal["F", "chisq", "wald", "adjusted_wald", "lincom"]
_NAMES = {
    "F": "Rao-Scott F",
    "chisq": "Rao-Scott chi-squared",
    "lincom": "Rao-Scott, exact tail",
    "wald": "Wald",
    "adjusted_wald": "adjusted Wald",
}
_NOTHING = 1e-12
_EXACT = 1e-10  # a mean design effect that is rounding alone: a census, or rows that are the psus themselves
_SINGULAR = 1e-10


@dataclass(frozen=True)
class Verdict:
    """A statistic, its degrees of freedom and p; deff, the mean of the generalised design effects; note, why there is no p."""

    test: str
    statistic: float
    df: float
    df2: float
    p: float
    deff: float = np.nan
    note: str = ""


def check_statistic(statistic: str) -> None:
    """Refuse a statistic that is none."""
    if statistic not in get_args(Statistic):
        raise DesignError(
            f"no statistic is called {statistic!r}", mend=f"one of {', '.join(map(repr, get_args(Statistic)))}"
        )


def unjudged(statistic: str, note: str) -> Verdict:
    """No p, and why."""
    return Verdict(_NAMES[statistic], np.nan, np.nan, np.nan, np.nan, note=note)


def corrected(pearson: float, form: np.ndarray, nu: float, statistic: str) -> Verdict:
    """Judge X² by the matrix M (k, k) of its generalised design effects and ν degrees of freedom, as "F", "chisq" or "lincom"."""
    k, trace, square = len(form), float(np.trace(form)), float((form * form.T).sum())
    if nu <= 0:
        return unjudged(statistic, "no degrees of freedom")
    if not trace > _EXACT * k:
        return unjudged(statistic, "no sampling error to judge it by")
    order, mean = trace**2 / square, trace / k
    name, found = _NAMES[statistic], pearson / mean
    if statistic == "chisq":
        return Verdict(name, found, k, np.inf, chi2_tail(found, k), mean)
    if statistic == "F":
        return Verdict(name, found / k, order, order * nu, f_tail(found / k, order, order * nu), mean)
    effects = np.linalg.eigvalsh((form + form.T) / 2)
    effects[np.abs(effects) < _NOTHING * np.abs(effects).max()] = 0.0
    return Verdict(name, found, k, order * nu, mixture_tail(pearson, effects, df2=order * nu), mean)


def wald_form(values: np.ndarray, covariance: np.ndarray, nu: float, statistic: str) -> Verdict:
    """Judge k values that should be 0 by their covariance on ν degrees of freedom, as "wald" or "adjusted_wald".

    F = θ'V⁻¹θ / k on k and ν; adjusted, F (ν - k + 1) / ν on k and ν - k + 1 (Fellegi 1980, JASA 75, 261-268).
    """
    k = len(values)
    if nu < k:
        few = f"{nu:g} degrees of freedom are too few for {k} differences"
        return unjudged(statistic, few if nu > 0 else "no degrees of freedom")
    size = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    if not (size > 0).all() or np.linalg.eigvalsh(covariance / size / size[:, None])[0] < _SINGULAR:
        return unjudged(statistic, "some differences follow from others, or have no error")
    below = nu if statistic == "wald" else nu - k + 1
    found = float(values @ np.linalg.solve(covariance, values)) / k * below / nu
    return Verdict(_NAMES[statistic], found, k, below, f_tail(found, k, below))


def freedom(table: Crossed, form_of: Callable[[np.ndarray], np.ndarray]) -> float:
    """Degrees of freedom ν of a table: psus minus strata; across audiences Satterthwaite's over them, never above it.

    form_of : covariance of shares (K, K) → M.  For one value this is the rule of `contrast`: ν = tr(ΣM_a)² / Σ tr(M_a)² / ν_a.
    """
    parts: Sequence[Audience] = table.audiences
    if len(parts) < 2:
        return table.df
    forms = [form_of(part.spread) for part in parts]
    if any(part.df <= 0 for part in parts):
        return 0.0
    whole = np.sum(forms, axis=0)
    own = sum(float((form * form.T).sum()) / part.df for form, part in zip(forms, parts, strict=True))
    return min(table.df, float((whole * whole.T).sum()) / own) if own > 0 else table.df

"""Families and links of generalised linear models: mean, its slope, variance and deviance (McCullagh, Nelder 1989, chapter 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from symmetry.errors import DesignError

__all__ = ["Family", "family_of"]

Function = Callable[[np.ndarray], np.ndarray]
_TINY = 1e-300


@dataclass(frozen=True)
class Link:
    """eta = link(mu): its inverse, the slope of the mean by eta, and 1 - mu to all digits where mu is a share."""

    name: str
    link: Function
    inverse: Function
    slope: Function
    rest: Function = lambda eta: 1 - eta


@dataclass(frozen=True)
class Family:
    """A family with its link: variance of mu, unit deviance (y, mu), first means from y, and which y there may be.

    inside : which means there may be.  bounds : outcomes that a mean can come near to without reaching, lowest and highest.
    canonical : whether the slope of the mean is its variance, which makes Newton's steps of the scoring ones.
    """

    name: str
    link: Link
    variance: Function
    deviance: Callable[[np.ndarray, np.ndarray], np.ndarray]
    start: Function
    allowed: Callable[[np.ndarray], np.ndarray]
    values: str
    inside: Callable[[np.ndarray], np.ndarray] = np.isfinite
    bounds: tuple[float, float] = (-np.inf, np.inf)
    canonical: bool = False

    @property
    def closed(self) -> bool:
        """Whether one step solves it."""
        return self.name == "gaussian" and self.link.name == "identity"

    def working(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Means, and by eta: what residuals are multiplied by in the scores (μ' / V), and the working weights (μ'² / V)."""
        mu = self.link.inverse(eta)
        if self.closed:
            return mu, np.ones(1), np.ones(1)
        if self.canonical:
            return mu, np.ones(1), self.variance(mu)
        slope = self.link.slope(eta)
        variance = self.variance(mu) if self.name != "binomial" else mu * self.link.rest(eta)
        rate = slope / np.where(variance == 0, _TINY, variance)
        return mu, rate, slope * rate


def _above(y: np.ndarray) -> np.ndarray:
    """The outcomes, those near 0 or below lifted, so that they have a logarithm to begin with."""
    return np.asarray(np.maximum(y, 0.01 * np.abs(y).mean() + _TINY))


_LINKS = {
    "identity": Link("identity", lambda mu: mu, lambda eta: eta, np.ones_like),
    "log": Link("log", np.log, np.exp, np.exp, lambda eta: -np.expm1(eta)),
    "logit": Link(
        "logit",
        special.logit,
        special.expit,
        lambda eta: special.expit(eta) * special.expit(-eta),
        lambda eta: special.expit(-eta),
    ),
    "probit": Link(
        "probit",
        special.ndtri,
        special.ndtr,
        lambda eta: np.exp(-(eta**2) / 2) / np.sqrt(2 * np.pi),
        lambda eta: special.ndtr(-eta),
    ),
    "cloglog": Link(
        "cloglog",
        lambda mu: np.log(-np.log1p(-mu)),
        lambda eta: -np.expm1(-np.exp(np.minimum(eta, 700.0))),
        lambda eta: np.exp(np.minimum(eta, 700.0) - np.exp(np.minimum(eta, 700.0))),
        lambda eta: np.exp(-np.exp(np.minimum(eta, 700.0))),
    ),
    "inverse": Link("inverse", lambda mu: 1 / mu, lambda eta: 1 / eta, lambda eta: -1 / eta**2),
}
_USUAL = {
    "gaussian": ("identity", "log", "inverse"),
    "binomial": ("logit", "probit", "cloglog", "log", "identity"),
    "poisson": ("log", "identity"),
    "gamma": ("inverse", "log", "identity"),
}


def family_of(name: str, link: str | None) -> Family:
    """A family by its name, with one of its links, the first unless told.

    Raises
    ------
    DesignError : an unknown family or link.
    """
    if not isinstance(name, str) or name not in _USUAL:
        raise DesignError(f"no family is called {name!r}", mend=f"one of {', '.join(repr(known) for known in _USUAL)}")
    if link is not None and link not in _USUAL[name]:
        raise DesignError(
            f"the family {name} has no link {link!r}", mend=f"one of {', '.join(repr(known) for known in _USUAL[name])}"
        )
    chosen = _LINKS[link or _USUAL[name][0]]
    if name == "gaussian":
        first = _above if chosen.name == "log" else np.positive
        return Family(name, chosen, np.ones_like, lambda y, mu: (y - mu) ** 2, first, np.isfinite, "numbers")
    if name == "binomial":
        return Family(
            name, chosen, lambda mu: mu * (1 - mu),
            lambda y, mu: 2 * (special.rel_entr(y, np.maximum(mu, _TINY)) + special.rel_entr(1 - y, np.maximum(1 - mu, _TINY))),
            lambda y: (y + 0.5) / 2, lambda y: (y >= 0) & (y <= 1), "0, 1 or shares between",
            lambda mu: (mu >= 0) & (mu <= 1), (0.0, 1.0), chosen.name == "logit",
        )  # fmt: skip
    if name == "poisson":
        return Family(
            name, chosen, lambda mu: mu, lambda y, mu: 2 * special.kl_div(y, np.maximum(mu, _TINY)),
            lambda y: y + 0.1, lambda y: y >= 0, "counts, 0 or above",
            lambda mu: (mu >= 0) & np.isfinite(mu), (0.0, np.inf), chosen.name == "log",
        )  # fmt: skip
    return Family(
        name, chosen, lambda mu: mu**2, lambda y, mu: 2 * (-np.log(y / mu) + (y - mu) / mu), lambda y: y,
        lambda y: y > 0, "numbers above 0", lambda mu: (mu > 0) & np.isfinite(mu),
    )  # fmt: skip

"""Shares of the explained variance of both audiences on one stacked design, and their differences.

A share of explained variance is p_j = φ_j / Σφ, φ the parts of R² (LMG or Johnson); its derivative is (φ_j' - p_j Σφ') / Σφ.
Both audiences' shares have their influence over the same psus, so their differences know what the audiences share.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry import estimate
from symmetry.drivers.estimating import explained
from symmetry.drivers.nouns import Moments
from symmetry.drivers.sharing.lattice import Players
from symmetry.drivers.sharing.roots import johnson, johnson_slopes
from symmetry.drivers.sharing.shapley import lmg, lmg_gradient
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["Method", "Sharing", "explaining", "gaps_of", "shares_of_both"]

Method = Literal["lmg", "johnson"]


@dataclass(frozen=True, eq=False)
class Sharing:
    """How explained variance is shared among players: by the exact method "lmg", or "johnson" for any number of them."""

    players: Players
    method: Method

    def __post_init__(self) -> None:
        if self.method not in get_args(Method):
            known = " or ".join(f'"{one}"' for one in get_args(Method))
            raise DesignError(f"priorities are not made of {self.method!r}", mend=known)
        if self.method == "johnson" and self.players.always:
            raise DesignError("relative weights take no controls here", mend='leave out always=, or use method="lmg"')

    @cached_property
    def member(self) -> np.ndarray:
        """Ones where a column is a player's (P, columns)."""
        found = np.zeros((len(self.players), sum(map(len, self.players.columns))))
        for player, columns in enumerate(self.players.columns):
            found[player, list(columns)] = 1.0
        return found

    def parts(self, covariance: np.ndarray) -> np.ndarray:
        """Parts of R² (..., P) from covariance matrices (..., k, k)."""
        if self.method == "lmg":
            return lmg(covariance, self.players)
        return np.asarray(johnson(covariance) @ self.member.T)

    def shares(self, covariance: np.ndarray) -> np.ndarray:
        """Shares of what is explained (..., P), which sum to 1."""
        parts = self.parts(covariance)
        with np.errstate(all="ignore"):
            return np.asarray(parts / parts.sum(axis=-1, keepdims=True))

    def slopes(self, covariance: np.ndarray) -> np.ndarray:
        """Derivatives (P, k, k) of the shares by a covariance matrix (k, k)."""
        if self.method == "lmg":
            by = lmg_gradient(covariance, self.players)
        else:
            by = np.einsum("pj,jab->pab", self.member, johnson_slopes(covariance))
        parts = self.parts(covariance)
        return np.asarray((by - (parts / parts.sum())[:, None, None] * by.sum(axis=0)) / parts.sum())


def explaining(moments: Moments, sharing: Sharing, who: str = "") -> Moments:
    """The moments, if their drivers explain anything.

    Raises
    ------
    DesignError : they do not.
    """
    if not float(sharing.parts(moments.correlation).sum()) > 1e-10:
        told = "the drivers explain nothing of the outcome"
        raise DesignError(f"{who}: {told}" if who else told, mend="without R² there are no shares of it")
    return moments


def shares_of_both(sides: tuple[Moments, Moments], sharing: Sharing, names: tuple[str, str]) -> Estimate:
    """Shares of both audiences (2P,), the first audience's first, each in its own part of the stack.

    Their influence is taken unit by unit: what is known by audience where each row is a psu does not see that a share rests on
    one audience of the stack alone.
    """
    found = []
    for part, (moments, who) in enumerate(zip(sides, names, strict=True)):
        explaining(moments, sharing, who)
        labels = pd.DataFrame({"statistic": "share_of_r2", "item": sharing.players.names, "audience": who})
        slopes = sharing.slopes(moments.correlation) if moments.again is None else None
        one = explained(moments, labels, sharing.shares, slopes)
        by_row = one.influence.combine(sparse.csr_array(sparse.eye_array(len(one))))
        found.append(replace(one, part=np.full(len(one), part), influence=by_row))
    return estimate.join(found)


def gaps_of(shares: Estimate) -> Estimate:
    """Differences of shares (P,), first audience minus second, with the covariance of what they share."""
    p = len(shares) // 2
    at = sparse.eye_array(p)
    found = estimate.contrast(shares, sparse.csr_array(sparse.hstack([at, -at])))
    items = shares.labels["item"].iloc[:p].to_list()
    variance = np.where(found.variance < 1e-20 * (shares.variance[:p] + shares.variance[p:]), 0.0, found.variance)
    notes = [_together(a, b) for a, b in zip(*(_halves(shares, p)), strict=True)]
    return replace(
        found, labels=pd.DataFrame({"statistic": "share_gap", "item": items}), variance=variance, note=tuple(notes)
    )


def _halves(shares: Estimate, p: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Notes of both audiences."""
    every = shares.note or ("",) * (2 * p)
    return every[:p], every[p:]


def _together(a: str, b: str) -> str:
    """Two notes in one, what is said twice once."""
    return "; ".join(dict.fromkeys(filter(None, [a, b])))

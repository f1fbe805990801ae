"""The dual map: on one stacked design, each driver's share of the explained variance and its level, for both audiences.

A share of explained variance is p_j = φ_j / Σφ, φ the parts of R² (LMG or Johnson); its derivative is (φ_j' - p_j Σφ') / Σφ.
Both audiences' shares have their influence over the same psus, so their differences know what the audiences share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry import estimate
from symmetry.design import Design
from symmetry.drivers.estimating import explained
from symmetry.drivers.nouns import Moments
from symmetry.drivers.priorities.sides import Mirrors
from symmetry.drivers.sharing.lattice import Players
from symmetry.drivers.sharing.roots import johnson, johnson_slopes
from symmetry.drivers.sharing.shapley import lmg, lmg_gradient
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["Method", "Scales", "Sharing", "gaps_of", "levels_of", "put_on_scale", "shares_of_both"]

Method = Literal["lmg", "johnson"]
Scales = Mapping[str, tuple[float, float]]


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


def shares_of_both(sides: tuple[Moments, Moments], sharing: Sharing, names: tuple[str, str]) -> Estimate:
    """Shares of both audiences (2P,), the first audience's first, each in its own part of the stack.

    Their influence is taken unit by unit: what is known by audience where each row is a psu does not see that a share rests on
    one audience of the stack alone.
    """
    found = []
    for part, (moments, who) in enumerate(zip(sides, names, strict=True)):
        r2 = float(sharing.parts(moments.correlation).sum())
        if not r2 > 1e-10:
            raise DesignError(
                f"{who}: the drivers explain nothing of the outcome", mend="without R² there are no shares of it"
            )
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


def levels_of(both: Design, mirrors: Mirrors, players: Players, scales: Scales | None, level: float) -> pd.DataFrame:
    """Levels from 0 to 100 of each player on both sides, with intervals: a row a player, columns level_a, level_a_lower, ….

    The mean of everyone who answered the driver, put between the ends of its scale; of a group, the mean of its drivers.  Drivers
    without a scale have none.
    """
    found: dict[str, np.ndarray] = {}
    for side, letter in enumerate("ab"):
        values = np.full((len(players), 3), np.nan)
        for row, columns in enumerate(players.columns):
            ends = [_ends(scales or {}, mirrors, column, side) for column in columns]
            known = [end for end in ends if end is not None]
            if len(known) == len(columns):
                values[row] = _level(
                    both, [mirrors.columns[side][c] for c in columns], known, mirrors.names[side], level
                )
        for place, name in enumerate(("", "_lower", "_upper")):
            found[f"level_{letter}{name}"] = values[:, place]
    return pd.DataFrame(found)


def _level(
    both: Design, columns: list[str], ends: list[tuple[float, float]], audience: str, level: float
) -> tuple[float, float, float]:
    """Mean of some drivers of an audience from 0 to 100, and its interval."""
    every = estimate.mean(both, columns, by=["audience"], deff=None)
    return put_on_scale(every.select((every.labels["audience"] == audience).to_numpy()), ends, level)


def put_on_scale(means: Estimate, ends: Sequence[tuple[float, float]], level: float) -> tuple[float, float, float]:
    """The average of some means, each between the ends of its scale, from 0 to 100, and its interval."""
    factor = np.array([100.0 / (high - low) / len(ends) for low, high in ends])
    start = sum(low * times for (low, _), times in zip(ends, factor, strict=True))
    mean = estimate.contrast(means, sparse.csr_array(factor[None]))
    lower, upper, _ = estimate.interval(mean, level=level)
    bounds = np.clip([lower[0] - start, upper[0] - start], 0.0, 100.0)
    return float(mean.values[0] - start), float(bounds[0]), float(bounds[1])


def _ends(scales: Scales, mirrors: Mirrors, column: int, side: int) -> tuple[float, float] | None:
    """Ends of a driver's scale: by the column of this audience, or by the driver's name."""
    own, item = mirrors.columns[side][column], mirrors.items[column]
    ends = scales.get(own, scales.get(item))
    if ends is None:
        return None
    low, high = map(float, ends)
    if not low < high:
        raise DesignError(f"the scale of `{item}` goes from {low:g} to {high:g}", mend="give its ends as (low, high)")
    return low, high

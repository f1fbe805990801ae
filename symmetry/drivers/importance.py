"""Importance: how much of the outcome's variance goes with each driver, by the decomposition one asks for, with its error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from symmetry.design import Design, design_of
from symmetry.drivers.covariances import check_columns, complete
from symmetry.drivers.estimating import explained
from symmetry.drivers.lattice import Players, coefficients
from symmetry.drivers.nouns import Moments
from symmetry.drivers.shapley import lmg, lmg_gradient
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["Method", "importance", "players_among", "shares_of"]

Method = Literal["lmg"]
_MOST = 20


def importance(
    design: Design,
    outcome: str,
    predictors: Sequence[str],
    *,
    method: Method = "lmg",
    groups: Mapping[str, Sequence[str]] | None = None,
    always: str | Sequence[str] = (),
) -> Estimate:
    """Importance of drivers for an outcome, with design-based standard errors.

    Parameters
    ----------
    design : n respondents; who lacks any of the answers is out (the note says how many), psus and strata stay.
    outcome : numeric column.
    predictors : p numeric columns, 2 to 20 players; their order does not matter.
    method : "lmg".
    groups : name → drivers that enter together and have one share (the items of a dimension); drivers of no group stand alone.
    always : controls, in every regression before any driver enters; they have no share.

    Returns
    -------
    Estimate: a row with statistic "r2" (share of the outcome's variance explained by all), then one "lmg" row a player, in R²
    units; with controls, a last row "always" for what they explain alone.  The lmg rows, and "always", sum to the r2 row.  A
    share tends to have too small a standard error when its truth is 0.

    Raises
    ------
    DesignError : fewer than 2 or more than 20 players, a column is absent, repeated, constant among complete answers or an exact
        combination of others, the outcome is among the drivers, or fewer than p + 2 complete answers.

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
    if method not in get_args(Method):
        raise DesignError(
            f"no decomposition is called {method!r}", mend=" or ".join(f'"{one}"' for one in get_args(Method))
        )
    design = design_of(design)
    controls = (always,) if isinstance(always, str) else tuple(always)
    names = check_columns(outcome, [*predictors, *controls], least=2 + len(controls))
    players = players_among(names, groups, controls)
    return shares_of(complete(design, [*names, outcome]), players)


def players_among(
    names: Sequence[str], groups: Mapping[str, Sequence[str]] | None, always: Sequence[str], most: int = _MOST
) -> Players:
    """Who enters: groups of drivers together, the others alone, in the order of the drivers; controls from the start.

    Raises
    ------
    DesignError : a group of no known drivers, a driver of two groups, fewer than 2 or more than `most` players.
    """
    member: dict[str, str] = {}
    for group, members in (groups or {}).items():
        for name in [members] if isinstance(members, str) else members:
            if name not in names or name in always:
                raise DesignError(
                    f"group `{group}` holds `{name}`, which is no driver", mend="name it among the predictors"
                )
            if name in member:
                raise DesignError(
                    f"`{name}` is in groups `{member[name]}` and `{group}`", mend="a driver has one group"
                )
            member[name] = group
        if group in names and list(groups[group] if groups else ()) != [group]:
            raise DesignError(f"group `{group}` is called like a driver", mend="give the group another name")
    columns: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if name not in always:
            columns.setdefault(member.get(name, name), []).append(place)
    if not 2 <= len(columns) <= most:
        raise DesignError(
            f"cannot share R² among {len(columns)} players",
            mend=f'name 2 to {most} drivers or groups; with more, method="johnson", or groups= that enter together',
        )
    return Players(tuple(columns), tuple(map(tuple, columns.values())), tuple(names.index(name) for name in always))


def shares_of(moments: Moments, players: Players) -> Estimate:
    """R², LMG shares and what controls explain, of any moments."""
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
    x, c = covariance[..., columns, :][..., columns], covariance[..., columns, -1]
    beta = np.linalg.solve(x, c[..., None])[..., 0]
    return np.asarray((beta * c).sum(axis=-1) / covariance[..., -1, -1])


def _alone_gradient(covariance: np.ndarray, columns: Sequence[int]) -> np.ndarray:
    """Its derivative (k, k)."""
    beta, r2 = coefficients(covariance, Players((), (), tuple(columns)))
    found = -beta @ beta.T
    found[-1, -1] += 1.0 - r2[0]
    return np.asarray(found / covariance[-1, -1])

"""Whether a driver is there at all: its share against what noise reaches, and its slope against 0.

Shares are positive by construction, so a driver that has nothing to do with the outcome has a share too, and a standard error
that tends to 0 with it: neither value ± t·se nor a bootstrap tells it from a small driver.  Two questions do.  Is the share above
what a noise driver as clustered and as weighted would have (`floors`)?  And has the driver a slope of its own, by Wald's test?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from symmetry.design import Design, design_of
from symmetry.drivers.covariances import check_columns, complete
from symmetry.drivers.estimating import explained
from symmetry.drivers.nouns import Moments
from symmetry.drivers.players import names_given, players_among
from symmetry.drivers.ranking.asking import check_estimate, check_level, check_seed, rows_within
from symmetry.drivers.ranking.floors import MOST_EXACT, floors
from symmetry.drivers.sharing.bearing import borne, varies
from symmetry.drivers.sharing.lattice import Players
from symmetry.drivers.sharing.shapley import lmg
from symmetry.errors import DesignError
from symmetry.estimate import Estimate, interval, wald

__all__ = ["Presence", "bounded", "presence"]

_PRESENT, _LENT, _ABSENT = "present", "borrowed", "not told from noise"
_BORROWED = "above the floor, but its slope is not told from 0: what it has may be that of drivers it goes with"


@dataclass(frozen=True, eq=False)
class Presence:
    """What tells P drivers from noise.

    item (P,) names; share, floor (P,) in R² units; p_slope (P,) of the test that the slopes are 0; present (P,) "present",
    "borrowed", "not told from noise", or "" where it cannot be said; n answers; note : P texts.
    """

    item: tuple[str, ...]
    statistic: tuple[str, ...]
    share: np.ndarray
    floor: np.ndarray
    p_slope: np.ndarray
    present: tuple[str, ...]
    n: int
    level: float
    note: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.item)

    def table(self) -> pd.DataFrame:
        """One row a driver: statistic, item, estimate, floor, p_slope, present, n, note."""
        return pd.DataFrame(
            {
                "statistic": self.statistic,
                "item": self.item,
                "estimate": self.share,
                "floor": self.floor,
                "p_slope": self.p_slope,
                "present": self.present,
                "n": self.n,
                "note": self.note,
            }
        )


def presence(
    design: Design,
    outcome: str,
    predictors: Sequence[str],
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    always: str | Sequence[str] = (),
    level: float = 0.95,
    seed: int = 0,
    shares: Estimate | None = None,
    moments: Moments | None = None,
    within: np.ndarray | None = None,
) -> Presence:
    """Tell drivers from noise: the share must be above that of noise, and the slope must not be 0.

    Parameters
    ----------
    design, outcome, predictors, groups, always : as in `importance`.
    level : a driver without any tie is called present with a chance of at most 1 - level.
    seed : of the subsets, which are drawn where there are more than 20 players; not used below.
    shares : what is compared with the floor, an Estimate with a row a player; the LMG shares unless given.
    moments : of the same columns, the outcome last; those of complete answers unless given.
    within : rows (n,) of the domain that is meant; none for all.

    Returns
    -------
    Presence of P drivers or groups.  "present" only if the share is above the `level` quantile of the share of a permuted copy,
    and the F test of its slope (slopes, of a group) in the regression on all drivers has p < 1 - level; "borrowed" if the first
    holds and the second does not; else "not told from noise".

    Raises
    ------
    DesignError : as `importance`; `moments` or `shares` of other columns, `within` of other rows, a level that is none.

    Notes
    -----
    The F test is Wald's on psus minus strata minus the number of slopes, as ``survey::regTermTest(svyglm(y ~ a + b, design),
    ~a)`` has it.  A driver that is tied to the outcome through other drivers alone has a share above the floor and a slope of 0:
    what it has is borrowed, as far as these answers tell.  In a replicate where a driver does not vary it has no slope: the
    replicate is left out of its test, which the note says, and the other slopes are those without it.  With answers missing, a
    covariance of the noise counts those who gave both answers.  Of very few psus the floor is high, and honestly so: noise
    shared by psus reaches far, and where the approximation goes beyond 1 the floor is 1, with a note.

    References
    ----------
    .. [1] Strobl, Boulesteix, Kneib, Augustin, Zeileis (2008). Conditional variable importance for random forests. BMC
       Bioinformatics 9, 307 (permuted copies). Good (2005). Permutation, Parametric and Bootstrap Tests of Hypotheses. Springer.
    .. [2] Korn, Graubard (1990). Simultaneous testing of regression coefficients with complex survey data. The American
       Statistician 44, 270-276.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(300, 3)), columns=["a", "b", "idle"])
    >>> data["y"] = data["a"] + 0.5 * data["b"] + rng.normal(size=300)
    >>> presence(Design(data), "y", ["a", "b", "idle"]).table()[["item", "present"]]
       item              present
    0     a              present
    1     b              present
    2  idle  not told from noise
    """
    check_level(level)
    check_seed(seed)
    design = design_of(design)
    within = rows_within(within, len(design.data))
    controls = names_given(always, "the controls (always=)")
    drivers = names_given(predictors, "the drivers")
    names = check_columns(outcome, [*drivers, *controls], least=2 + len(controls))
    players = players_among(names, groups, controls, most=MOST_EXACT if shares is None else len(names), outcome=outcome)
    moments = complete(design, [*names, outcome], within=within) if moments is None else moments
    if moments.names != (*names, outcome):
        raise DesignError(
            f"the moments are of {', '.join(moments.names)}", mend=f"those of {', '.join((*names, outcome))} are needed"
        )
    statistic, share = _shares(moments, players, shares)
    p_slope, slope_notes = _slope_tests(moments, players)
    floor, floor_notes = floors(moments, players, level=level, seed=seed, within=within)
    there = (share > floor) & (p_slope < 1 - level)
    unknown = np.isnan(share) | np.isnan(floor) | np.isnan(p_slope)
    lent = (share > floor) & ~there
    present = tuple(np.select([unknown, there, lent], ["", _PRESENT, _LENT], _ABSENT).tolist())
    borrowed = np.where(lent & ~unknown, _BORROWED, "")
    reasons = zip(slope_notes, floor_notes, borrowed, strict=True)
    note = tuple("; ".join(filter(None, [moments.note, *told])) for told in reasons)
    return Presence(players.names, statistic, share, floor, p_slope, present, moments.n, level, note)


def bounded(shares: Estimate, *, low: float = 0.0, high: float = 1.0) -> Estimate:
    """The same shares with intervals that stay where shares can be, and say where they were cut.

    A share of R² is never negative, though value ± t·se may be: where the interval touches 0, the driver's presence is for
    `presence` to say.

    Examples
    --------
    >>> from symmetry.drivers.importance import importance
    >>> data = pd.DataFrame({"a": [1.0, 2, 3, 4, 5, 6], "b": [1.0, 0, 0, 1, 0, 1], "y": [2.0, 1, 4, 3, 6, 5]})
    >>> bounded(importance(Design(data), "y", ["a", "b"])).table()[["item", "lower", "note"]].iloc[2].to_dict()
    {'item': 'b', 'lower': 0.0, 'note': 'bounded below at 0'}
    """

    def at(level: float) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
        lower, upper, notes = interval(shares, level=level)
        below = np.where(lower < low, f"bounded below at {low:g}", "")
        above = np.where(upper > high, f"bounded above at {high:g}", "")
        told = tuple("; ".join(filter(None, each)) for each in zip(notes, below, above, strict=True))
        return np.clip(lower, low, high), np.clip(upper, low, high), told

    return replace(shares, bounds=at)


def _shares(moments: Moments, players: Players, shares: Estimate | None) -> tuple[tuple[str, ...], np.ndarray]:
    """Statistic and share of each player."""
    if shares is None:
        return ("lmg",) * len(players), lmg(moments.correlation, players)
    check_estimate(shares, "shares= takes")
    own = ~shares.labels["statistic"].isin(["r2", "always"]).to_numpy()
    found = shares.select(own)
    if tuple(found.labels["item"]) != players.names:
        raise DesignError(
            f"the shares are of {', '.join(map(str, found.labels['item']))}",
            mend=f"one of each of {', '.join(players.names)} is needed, by one method",
        )
    return tuple(found.labels["statistic"].astype(str)), found.values


def _slope_tests(moments: Moments, players: Players) -> tuple[np.ndarray, list[str]]:
    """Chances (p) of Wald's F test that the slopes of each player are 0 (P,), and what must be said of each."""
    slopes = _slopes(replace(moments, note=""))
    df = slopes.df - len(slopes)
    slopes = replace(slopes, df=df)
    p, notes = np.full(len(players), np.nan), [""] * len(players)
    for place, columns in enumerate(players.columns):
        lost = dict.fromkeys(slopes.note[column] for column in columns if slopes.note[column])
        notes[place] = "; ".join(f"slope test: {told}" for told in lost)
        if not (df[0] > 0 and np.isfinite(slopes.variance[list(columns)]).all()):
            notes[place] = "no slope test: too few psus for the number of drivers"
            continue
        try:
            p[place] = wald(slopes.select(list(columns)))["p"].iloc[0]
        except DesignError:
            notes[place] = "no slope test: the slopes have no error of full rank"
    return p, notes


def _slopes(moments: Moments) -> Estimate:
    """Slopes of the regression on all, in standard deviations.

    In a replicate, of the regression on all drivers that vary there; the others have none.
    """
    k = len(moments.names)

    def value(covariance: np.ndarray) -> np.ndarray:
        found = borne(covariance)
        good = np.isfinite(found[..., -1, -1])
        safe = np.where(good[..., None, None], found, np.eye(k))
        slopes = np.linalg.solve(safe[..., :-1, :-1], safe[..., :-1, -1:])[..., 0]
        spread = np.where(varies(covariance), np.diagonal(covariance, axis1=-2, axis2=-1), np.nan)
        told = np.where(good[..., None], spread, np.nan)
        return np.asarray(slopes * np.sqrt(told[..., -1:] / told[..., :-1]))

    residual = np.append(-value(moments.correlation), 1.0)
    inverse = np.zeros((k - 1, k))
    inverse[:, :-1] = np.linalg.inv(moments.correlation[:-1, :-1])
    gradient = inverse[:, :, None] * residual
    labels = pd.DataFrame({"statistic": "slope", "item": moments.predictors})
    return explained(moments, labels, value, (gradient + gradient.swapaxes(1, 2)) / 2)

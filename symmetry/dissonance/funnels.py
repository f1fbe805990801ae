"""Funnels: which units lie further from a target than chance and the usual spread of units explain.

Spiegelhalter's limits with overdispersion: the standardised distances z are winsorised, so that the units one looks for do not
hide themselves; their mean square φ says how much more units differ than chance; and the excess becomes a variance τ² between
units that widens the limits (an additive random effect).  Shares may be drawn on the arcsine scale, where their error depends on
n alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import special

from symmetry.dissonance.asked import alike, inside_range, unit_frame
from symmetry.dissonance.nouns import Gap
from symmetry.dissonance.pooling import comparisons, pooled_errors, pooled_levels
from symmetry.dissonance.units import Units
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["Spread", "funnel", "spread_around"]

LEVELS = (0.95, 0.998)


@dataclass(frozen=True)
class Spread:
    """A funnel in numbers, for D units: target (D,), z (D,), φ, τ² and s (D,), the error widened by τ²."""

    target: np.ndarray
    z: np.ndarray
    phi: float
    tau2: float
    wide: np.ndarray


def funnel(
    source: Estimate | Gap | Units | pd.DataFrame,
    *,
    target: float | None = None,
    winsorise: float = 0.1,
    levels: Sequence[float] = LEVELS,
    transform: Literal["arcsine"] | None = None,
    variances: Literal["pooled", "own"] = "pooled",
) -> pd.DataFrame:
    """Funnel of units around a target, limits widened where units differ more than chance explains.

    Parameters
    ----------
    source : gaps by unit, or what `shrink` made of them (the direct gaps are drawn); an estimate by domain; or a frame, of pandas
        or with `to_pandas()`, with `estimate`, `se` and, for the arcsine, `n`.  Each statistic, item, family, reading and
        audience has a funnel of its own.
    target : what units are held to; None is their mean by weights 1/s², each funnel's own.
    winsorise : share of the distances at each end that are drawn in before φ is taken, below a half; 0 takes them as they are.
    levels : of the limits, two-sided.
    transform : "arcsine" for shares of one audience: limits are made for asin √p with error 1/(2 √n_eff), and turned back.
    variances : of gaps and estimates, "pooled" over the units (see `shrink`) or each unit's "own".

    Returns
    -------
    A row a unit: the columns that name it, estimate, se, n, target, z (without the spread between units), z_adjusted (with it),
    phi, tau2, for each level lower and upper ("lower_95", "upper_998"), outside ("above 95", "above 99.8", "below 95",
    "below 99.8" or ""), note.  z, phi and tau2 are on the arcsine scale where that is asked.

    Raises
    ------
    DesignError : values are no numbers, no unit has an error, a share beyond 0 and 1 or without n for the arcsine, an option is
        out of range.

    Notes
    -----
    φ = mean z² of I units, τ² = max(0, (I φ - (I - 1)) / (S1 - S2 / S1)) with S1 = Σ 1/s², S2 = Σ 1/s⁴, limits target ± 1.96 and
    3.09 √(s² + τ²) [1]_.  Winsorising draws in at the quantiles of type 7, as R's `quantile` gives them.

    References
    ----------
    .. [1] Spiegelhalter (2005). Funnel plots for comparing institutional performance. Statistics in Medicine 24, 1185-1202.
    .. [2] Spiegelhalter (2005). Handling over-dispersion of performance indicators. Quality and Safety in Health Care 14,
       347-351.

    Examples
    --------
    >>> branches = pd.DataFrame({"branch": list("abcdef"), "estimate": [3.1, 3.0, 3.4, 2.9, 3.2, 4.6], "se": [0.2] * 6})
    >>> found = funnel(branches, target=3.1)
    >>> found[["branch", "z", "z_adjusted", "tau2", "lower_95", "upper_95"]].round(2)
      branch    z  z_adjusted  tau2  lower_95  upper_95
    0      a  0.0        0.00  0.15      2.25      3.95
    1      b -0.5       -0.23  0.15      2.25      3.95
    2      c  1.5        0.69  0.15      2.25      3.95
    3      d -1.0       -0.46  0.15      2.25      3.95
    4      e  0.5        0.23  0.15      2.25      3.95
    5      f  7.5        3.45  0.15      2.25      3.95
    >>> found["outside"].tolist()
    ['', '', '', '', '', 'above 99.8']
    """
    _checked(target, winsorise, levels, transform)
    frame, group = _read(source, variances)
    y, s, note = _scaled(frame, transform)
    goal = None if target is None else (np.arcsin(np.sqrt(_share(target))) if transform else float(target))
    known = np.isfinite(y) & np.isfinite(s) & (s > 0)
    if not known.any():
        raise DesignError(
            "no unit has a value and an error", mend="give estimates by unit, with more than one answer each"
        )
    size = len(frame)
    facts = {name: np.full(size, np.nan) for name in ("target", "z", "z_adjusted", "phi", "tau2", "wide")}
    for number in np.unique(group[known]):
        rows = np.flatnonzero(known & (group == number))
        found = spread_around(y[rows], s[rows], target=goal, winsorise=winsorise)
        facts["target"][rows], facts["z"][rows], facts["wide"][rows] = found.target, found.z, found.wide
        facts["phi"][rows], facts["tau2"][rows] = found.phi, found.tau2
        facts["z_adjusted"][rows] = (y[rows] - found.target) / found.wide
        if len(rows) < 3:
            note[rows] = _joined(note[rows], "fewer than 3 units: their usual spread is hardly known")
    wide, middle = facts.pop("wide"), facts["target"]
    limits = {}
    for level in levels:
        half, name = special.ndtri((1 + level) / 2) * wide, f"{level * 100:.6g}".replace(".", "")
        limits[f"lower_{name}"], limits[f"upper_{name}"] = (
            _back(middle - half, transform),
            _back(middle + half, transform),
        )
    facts["target"] = _back(middle, transform)
    out = frame.drop(columns=["note", "n_known"], errors="ignore").assign(**facts, **limits)
    return out.assign(
        outside=placed(facts["z_adjusted"], levels),
        note=_joined(note, np.where(known, "", "no error: outside the funnel")),
    )


def spread_around(y: np.ndarray, s: np.ndarray, *, target: float | None = None, winsorise: float = 0.1) -> Spread:
    """Give the funnel of D values y with errors s, all above 0, around a target (None: their mean by weights 1/s²)."""
    weight = 1 / s**2
    goal = float(weight @ y / weight.sum()) if target is None else target
    z = (y - goal) / s
    drawn_in = np.clip(z, *np.quantile(z, [winsorise, 1 - winsorise]))
    phi, units = float((drawn_in**2).mean()), len(y)
    room = weight.sum() - (weight**2).sum() / weight.sum()
    tau2 = max(0.0, (units * phi - (units - 1)) / room) if room > 0 else 0.0
    return Spread(np.full(units, goal), z, phi, tau2, np.sqrt(s**2 + tau2))


def placed(z: np.ndarray, levels: Sequence[float] = LEVELS) -> np.ndarray:
    """Say beyond which limit each distance lies (D,): "above 99.8", "below 95", "" inside or unknown."""
    words = np.full(len(z), "", dtype=object)
    for level in sorted(levels):
        limit, name = special.ndtri((1 + level) / 2), f"{level * 100:.6g}"
        words[z > limit], words[z < -limit] = f"above {name}", f"below {name}"
    return words


def _checked(target: float | None, winsorise: float, levels: Sequence[float], transform: str | None) -> None:
    """Refuse options out of range."""
    if target is not None and not inside_range(target, -np.inf, np.inf):
        raise DesignError(f"target={target!r} is no number", mend="a number, or None for the units' own mean")
    if not (inside_range(winsorise, 0, 0.5) or winsorise == 0):
        raise DesignError(f"winsorise={winsorise!r} is no share below a half", mend="0.1 draws in a tenth at each end")
    several = isinstance(levels, Sequence | np.ndarray) and not isinstance(levels, str) and len(levels) > 0
    if not several or not all(inside_range(level, 0, 1) for level in levels):
        raise DesignError(f"levels={levels!r} are no levels", mend="numbers between 0 and 1, such as (0.95, 0.998)")
    if transform not in (None, "arcsine"):
        raise DesignError(f"no transform is called {transform!r}", mend='"arcsine" for shares, or None')


def _read(source: Estimate | Gap | Units | pd.DataFrame, variances: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Units with `estimate, se, n, note` and what names them, and the number of the funnel of each (D,)."""
    if variances not in ("pooled", "own"):
        raise DesignError(f"variances={variances!r} is unknown", mend='"pooled" or "own"')
    named = ["statistic", "item", "family", "reading"]
    if isinstance(source, Units):
        table = source.table()
        frame = table.assign(estimate=table["direct"], se=table["direct_se"])
        frame = frame[[*named, *source.by, "estimate", "se", "n", "note"]].assign(
            note=table["note"].where(frame["estimate"].isna(), "")
        )
        return frame, frame.groupby(named, sort=False).ngroup().to_numpy()
    if isinstance(source, Gap):
        table, size = source.table(), len(source.estimate)
        error, kind = table["se"].to_numpy(float).copy(), np.full(len(table), -1)
        if variances == "pooled":
            error[:size] = np.sqrt(pooled_errors(source))
        kind[:size] = comparisons(source)
        frame = table.assign(se=np.where(table["estimate"].isna(), np.nan, error))
        return frame[[*named, *source.by, "estimate", "se", "n", "note"]], kind
    if isinstance(source, Estimate):
        table = source.table().iloc[: len(source)].drop(columns=["lower", "upper", "df", "deff", "suppressed"])
        apart = [name for name in source.labels if name not in source.by or name == "audience"]
        kind = source.labels.groupby(apart, sort=False, dropna=False).ngroup().to_numpy()
        if variances == "pooled" and np.isfinite(source.deff).any():
            table["se"] = np.sqrt(pooled_levels(source, kind))
        return table.rename(columns={"n_eff": "n_known"}), kind
    return _of_frame(source)


def _of_frame(source: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """A plain frame as units of one funnel, or of one for each statistic, item, family, reading and audience it names."""
    frame = unit_frame(source, "a funnel is drawn of values with errors", "give columns `estimate` and `se`")
    drop = ["lower", "upper", "df", "deff", "suppressed"]
    frame = frame.drop(columns=[name for name in drop if name in frame]).rename(columns={"n_eff": "n_known"})
    return frame, alike(frame, ("statistic", "item", "family", "reading", "audience"))


def _scaled(frame: pd.DataFrame, transform: str | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, errors and notes (D,) on the scale on which the funnel is made."""
    y, s = frame["estimate"].to_numpy(float), frame["se"].to_numpy(float)
    note = frame["note"].fillna("").to_numpy(object)
    if transform is None:
        return y, s, note
    if "n" not in frame:
        raise DesignError("the arcsine needs the number of answers", mend="give a column `n`")
    n = frame["n"].to_numpy(float)
    if "n_known" in frame:
        told = frame["n_known"].to_numpy(float)
        n = np.where(np.isfinite(told) & (told > 0), told, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.arcsin(np.sqrt(_share(y))), np.where(n > 0, 0.5 / np.sqrt(n), np.nan), note


def _share(values: float | np.ndarray) -> np.ndarray:
    """Refuse what is no share; NaN stays."""
    found = np.asarray(values, float)
    if ((found < 0) | (found > 1)).any():
        raise DesignError("the arcsine is for shares between 0 and 1", mend="leave transform out for means and gaps")
    return found


def _back(values: np.ndarray, transform: str | None) -> np.ndarray:
    """Limits on the scale of the estimate."""
    return values if transform is None else np.sin(np.clip(values, 0.0, np.pi / 2)) ** 2


def _joined(note: np.ndarray, told: str | np.ndarray) -> np.ndarray:
    """Notes with more said."""
    more = np.broadcast_to(np.asarray(told, dtype=object), note.shape)
    return np.array(["; ".join(filter(None, pair)) for pair in zip(note, more, strict=True)], dtype=object)

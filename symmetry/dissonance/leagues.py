"""League tables that say how little a rank means: every rank with its interval, or no table.

Ranks of units are among the least certain of statistics (Goldstein and Spiegelhalter 1996): neighbours differ by less than their
errors.  So the units are drawn together again and again from what is known of them, ranked each time, and a rank is printed as
the interval those ranks make, with the chance to be among the first and the last.  A funnel says the same thing better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import special

from symmetry.dissonance.asked import alike, inside_range, unit_frame, whole
from symmetry.dissonance.posterior import FEWEST
from symmetry.dissonance.units import Units
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["league"]

_CELLS = 2**22
_FEW = (
    f"shrinking needs {FEWEST} units with an error more than coefficients, so {FEWEST + 1} without covariates; "
    "of fewer, rank the direct values: league(gap.estimate, seed=…)"
)
_ASK = "give what `dissonance.shrink` made, an estimate by unit, or a frame with `estimate` and `se`"


def league(
    source: Units | Estimate | pd.DataFrame,
    *,
    seed: int,
    first: Literal["highest", "lowest", "largest"] = "highest",
    top: int = 5,
    level: float | None = 0.90,
    draws: int = 4000,
) -> pd.DataFrame:
    """Rank units, each rank with its interval.

    Parameters
    ----------
    source : shrunken gaps by unit (drawn from their posterior, with what units have in common); an estimate by domain (drawn
        from a normal with its covariance); or a frame, of pandas or with `to_pandas()`, with `estimate` and `se` (drawn one by
        one).  Each statistic, item, family, reading and audience has a table of its own.
    seed : of the draws; the same seed gives the same bytes.
    first : who comes first: the "highest" value, the "lowest", or the "largest" whatever its sign (gaps).
    top : how many are "first" and "last" in the chances, at most half of the units; more units than that are cut to half.
    level : of the intervals of ranks and values.  A table without intervals is refused: None is no level.
    draws : how often the units are drawn, 100 or more.

    Returns
    -------
    Units by expected rank: what names them, estimate, se, lower, upper, rank (the expected one, between whole ranks where units
    cannot be told apart), rank_lower, rank_upper, chance_first and chance_last (to be among the `top` of each end), units (how
    many were ranked), n where known, note.  Units without a value come last, without rank, with a note.

    Raises
    ------
    DesignError : no level, values without errors, fewer than 2 units to rank (of shrunken gaps, fewer than shrinking needs), an
        option out of range.

    References
    ----------
    .. [1] Goldstein, Spiegelhalter (1996). League tables and their limitations. JRSS A 159, 385-443.
    .. [2] Laird, Louis (1989). Empirical Bayes ranking methods. Journal of Educational Statistics 14, 29-46.

    Examples
    --------
    >>> branches = pd.DataFrame({"branch": list("abcd"), "estimate": [3.1, 3.0, 3.9, 2.1], "se": 0.2})
    >>> league(branches, seed=1, top=1)[["branch", "rank", "rank_lower", "rank_upper", "chance_first"]].round(1)
      branch  rank  rank_lower  rank_upper  chance_first
    0      c   1.0         1.0         1.0           1.0
    1      a   2.4         2.0         3.0           0.0
    2      b   2.6         2.0         3.0           0.0
    3      d   4.0         4.0         4.0           0.0
    """
    _checked(level, top, draws, first, seed)
    frame, families = _read(source, float(level or 0.0))
    rng = np.random.default_rng(seed)
    tables, ranked = [], np.zeros(len(frame), bool)
    for family in families:
        if len(family.rows) >= 2:
            ranked[family.rows] = True
            tables.append(_ranked(frame.iloc[family.rows], _ranks(family, draws, rng, first), top, float(level or 0.0)))
    if not tables and isinstance(source, Units):
        raise DesignError("no unit has a posterior to be drawn from: too few units were read together", mend=_FEW)
    if not tables:
        raise DesignError("fewer than 2 units have a value and an error: there is nothing to rank", mend=_ASK)
    if not ranked.all():
        rest = frame[~ranked]
        told = [note or "not ranked: no value with an error, or alone" for note in rest["note"]]
        nothing = {name: np.nan for name in tables[0] if name not in rest}
        tables.append(rest.assign(**nothing, note=told)[list(tables[0])])
    return pd.concat(tables, ignore_index=True)


def _checked(level: float | None, top: int, draws: int, first: str, seed: int) -> None:
    """Refuse a table without intervals, and options out of range."""
    if level is None:
        raise DesignError(
            "a league table without intervals of its ranks is not printed: neighbours differ by chance",
            mend="leave `level` at 0.9, or show a funnel",
        )
    if not inside_range(level, 0, 1):
        raise DesignError(f"level={level!r} is no level of an interval", mend="a number between 0 and 1")
    if not (whole(top, 1) and whole(draws, 100)):
        raise DesignError(f"top={top!r}, draws={draws!r}: too few", mend="at least 1 of the top and 100 draws")
    if not whole(seed, 0):
        raise DesignError(f"seed={seed!r} is no seed", mend="a whole number, 0 or more; the same gives the same table")
    if first not in ("highest", "lowest", "largest"):
        raise DesignError(f"first={first!r} is unknown", mend='"highest", "lowest" or "largest"')


@dataclass(frozen=True)
class _Family:
    """Units ranked together: their rows, and how they are drawn (number, rng) → (number, D)."""

    rows: np.ndarray
    draw: Callable[[int, np.random.Generator], np.ndarray]


def _read(source: Units | Estimate | pd.DataFrame, level: float) -> tuple[pd.DataFrame, list[_Family]]:
    """Units with `estimate, se, lower, upper, note` and what names them, and the families that are ranked."""
    if isinstance(source, Units):
        return _of_units(source, level)
    if isinstance(source, Estimate):
        table = source.table(level=level).iloc[: len(source)]
        apart = [name for name in source.labels if name not in source.by or name == "audience"]
        kept = [*source.labels, "estimate", "se", "lower", "upper", "n", "note"]
        known, kind = _known(table), source.labels.groupby(apart, sort=False, dropna=False).ngroup().to_numpy()
        parts = [np.flatnonzero(known & (kind == number)) for number in np.unique(kind)]
        families = [
            _Family(rows, _normal(table, rows, source.select(rows).covariance())) for rows in parts if len(rows)
        ]
        return table[kept], families
    frame = unit_frame(source, "units are ranked by values with errors", _ASK)
    half = special.ndtri((1 + level) / 2) * frame["se"]
    frame = frame.assign(lower=frame["estimate"] - half, upper=frame["estimate"] + half)
    kind = alike(frame, ("statistic", "item", "family", "reading", "audience"))
    known = _known(frame)
    parts = [np.flatnonzero(known & (kind == number)) for number in np.unique(kind)]
    return frame, [_Family(rows, _normal(frame, rows, None)) for rows in parts]


def _of_units(units: Units, level: float) -> tuple[pd.DataFrame, list[_Family]]:
    """Shrunken units, drawn from their posteriors."""
    table = units.table()
    named = ["statistic", "item", *units.by, "family", "reading"]
    lower, upper = table["lower"].to_numpy(float).copy(), table["upper"].to_numpy(float).copy()
    for rows, posterior in units.posteriors:
        lower[rows], upper[rows] = posterior.quantile((1 - level) / 2), posterior.quantile((1 + level) / 2)
    frame = table[[*named, "estimate", "se", "n", "note"]].assign(lower=lower, upper=upper)
    return frame, [_Family(rows, posterior.draws) for rows, posterior in units.posteriors]


def _known(table: pd.DataFrame) -> np.ndarray:
    """Which rows have a value and an error above 0."""
    values, errors = table["estimate"].to_numpy(float), table["se"].to_numpy(float)
    return np.asarray(np.isfinite(values) & np.isfinite(errors) & (errors > 0))


def _normal(
    table: pd.DataFrame, rows: np.ndarray, covariance: np.ndarray | None
) -> Callable[[int, np.random.Generator], np.ndarray]:
    """Draws of values by their errors, one by one, or by a root of their covariance."""
    values, errors = (table[name].to_numpy(float)[rows] for name in ("estimate", "se"))
    root = None
    if covariance is not None and np.abs(covariance - np.diag(np.diag(covariance))).max(initial=0.0) > 0:
        size, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(size, 0.0))

    def draw(number: int, rng: np.random.Generator) -> np.ndarray:
        noise = rng.standard_normal((number, len(values)))
        return np.asarray(values + (noise * errors if root is None else noise @ root.T))

    return draw


def _ranks(family: _Family, draws: int, rng: np.random.Generator, first: str) -> np.ndarray:
    """Rank of each unit in each draw, (draws, D), 1 for who comes first."""
    units = len(family.rows)
    ranks = np.empty((draws, units), np.int32)
    block = max(1, _CELLS // units)
    for start in range(0, draws, block):
        drawn = family.draw(min(block, draws - start), rng)
        key = {"highest": -drawn, "lowest": drawn, "largest": -np.abs(drawn)}[first]
        order = np.argsort(key, axis=1, kind="stable")
        np.put_along_axis(
            ranks[start : start + len(drawn)], order, np.arange(1, units + 1, dtype=np.int32)[None], axis=1
        )
    return ranks


def _ranked(frame: pd.DataFrame, ranks: np.ndarray, top: int, level: float) -> pd.DataFrame:
    """The table of one family, by expected rank."""
    units = ranks.shape[1]
    ends = min(top, units // 2)
    expected = ranks.mean(axis=0)
    low, high = np.quantile(ranks, [(1 - level) / 2, (1 + level) / 2], axis=0, method="inverted_cdf")
    table = frame.assign(
        rank=expected,
        rank_lower=low.astype(float),
        rank_upper=high.astype(float),
        chance_first=(ranks <= ends).mean(axis=0),
        chance_last=(ranks > units - ends).mean(axis=0),
        units=float(units),
    )
    return table.iloc[np.argsort(expected, kind="stable")]

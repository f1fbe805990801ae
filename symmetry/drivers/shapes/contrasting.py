"""The model behind penalties and rewards: ratings cut into low, between and high, and two columns a driver in one regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design import Design, column_of, refuse_infinite, series_of
from symmetry.drivers.shapes.regressing import regress
from symmetry.errors import DesignError
from symmetry.estimate import Estimate, contrast

__all__ = ["Cut", "cut_of", "rated", "sides_of"]

Cut = float | Mapping[str, float]
_SIDES = ("low", "high")


def cut_of(cut: Cut | None, name: str, usual: float) -> float:
    """Where low ratings of a driver end, or high ones begin."""
    if cut is None:
        return usual
    if not isinstance(cut, Mapping):
        return float(cut)
    if name not in cut:
        raise DesignError(
            f"no low or high ratings are told for driver `{name}`", mend=f"add {name!r} to low= and high="
        )
    return float(cut[name])


def rated(design: Design, name: str, low: float, high: float, usual: bool) -> np.ndarray:
    """Ratings (n,) as -1 low, 0 between, 1 high, NaN where there is none."""
    x = column_of(design, name)
    refuse_infinite(x, f"driver `{name}`")
    if not low < high:
        raise DesignError(
            f"low ratings of `{name}` end at {low:g} and high ones begin at {high:g}", mend="give low below high"
        )
    if usual and (outside := x[(x < 1) | (x > 5)]).size:
        raise DesignError(
            f"`{name}` holds {outside[0]:g}, and low=2, high=5 are for ratings of 1 to 5",
            mend="give low= and high=, by driver where scales differ",
        )
    return np.where(np.isnan(x), np.nan, 1.0 * (x >= high) - (x <= low))


def sides_of(
    design: Design, outcome: tuple[str, np.ndarray], codes: Mapping[str, np.ndarray], controls: Sequence[str]
) -> tuple[Estimate, pd.DataFrame]:
    """Fit one model; of each of its drivers r + p, p and r, side by side, and how many rated it low, between and high.

    outcome : name and values (n,).  codes : driver → -1 low, 0 between, 1 high (n,).
    """
    y = outcome[1]
    held = (design.layout.weight != 0) & np.isfinite(y)
    for name in controls:
        held &= series_of(design, name).notna().to_numpy()
    known = {name: own for name, own in codes.items() if np.isfinite(own[held]).any()}
    for own in known.values():
        held = held & np.isfinite(own)
    number = np.array(
        [[(own[held] == value).sum() if name in known else 0 for value in (-1, 0, 1)] for name, own in codes.items()]
    )
    columns: dict[str, np.ndarray | pd.Series] = {}
    for (name, own), n in zip(codes.items(), number, strict=True):
        for side, value, wanted in zip(_SIDES, (-1, 1), _wanted(n), strict=True):
            if wanted:
                columns[f"{name}, rated {side}"] = np.where(held, own == value, np.nan)
    columns |= {name: series_of(design, name) for name in controls}
    model, names = regress(design, outcome[0], np.where(held, y, np.nan), columns)
    place = {names.get(item): row for row, item in enumerate(model.estimate.labels["item"])}
    counts = pd.DataFrame(number, columns=["n_low", "n_middle", "n_high"])
    return _contrasts(replace(model.estimate, design=design), place, list(codes), counts), counts


def _wanted(n: np.ndarray) -> tuple[bool, bool]:
    """Whether low and high ratings have a column, of the numbers low, between and high: without any between, one side alone."""
    low, middle, high = (bool(count) for count in n)
    return low and middle, high and (middle or low)


def _contrasts(
    coefficients: Estimate, place: Mapping[str | None, int], drivers: Sequence[str], counts: pd.DataFrame
) -> Estimate:
    """Of each driver r + p, p and r, side by side; NaN with a note where a side has nobody."""
    matrix = np.zeros((3 * len(drivers), len(coefficients)))
    known, note = np.ones(len(matrix), bool), []
    shared = coefficients.note[0] if coefficients.note else ""
    for row, (name, (low, middle, high)) in enumerate(zip(drivers, counts.to_numpy(), strict=True)):
        for shift, side, empty in ((1, "low", not (low and middle)), (2, "high", not (high and middle))):
            known[[3 * row, 3 * row + shift]] &= not empty
            if not empty:
                matrix[[3 * row, 3 * row + shift], place[f"{name}, rated {side}"]] = 1.0
        absent = [side for side, n in (("low", low), ("between low and high", middle), ("high", high)) if not n]
        told = "nobody rated it" if len(absent) == 3 else f"nobody rated it {' or '.join(absent)}" if absent else ""
        note += ["; ".join(filter(None, [shared, told]))] * 3
    matrix[~known] = 0.0
    found = contrast(coefficients, sparse.csr_array(matrix))
    labels = {"statistic": ["reward_minus_penalty", "penalty", "reward"] * len(drivers), "item": np.repeat(drivers, 3)}
    size, lost = len(matrix), np.where(known, 1.0, np.nan)
    return replace(
        found,
        labels=pd.DataFrame(labels),
        values=found.values * lost,
        variance=found.variance * lost,
        n=np.repeat(coefficients.n[:1], size),
        psus=np.repeat(coefficients.psus[:1], size),
        df=np.repeat(coefficients.df[:1], size),
        part=np.repeat(coefficients.part[:1], size),
        note=tuple(note) if any(note) else (),
    )

"""The second phase of a two-phase design, counted on the frame of the first: its stages, weights, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from symmetry.design.coding import chances_of, codes_of, names_of, numbers_of
from symmetry.design.layout import Stage
from symmetry.errors import DesignError

__all__ = ["Drawn", "chosen", "draw"]


@dataclass(frozen=True, eq=False)
class Drawn:
    """What the second phase drew out of the n rows of the first: V units of its last stage.

    unit (n,) number of each row's unit, -1 outside; stages over these units; expansion (n,) inverse probability given the first
    phase; probability (V,) where it is a column; psus and strata, labels of the first stage; warning, strata it left empty.
    """

    unit: np.ndarray
    stages: tuple[Stage, ...]
    expansion: np.ndarray
    probability: np.ndarray | None
    psus: np.ndarray
    strata: np.ndarray
    warning: str


def chosen(data: pd.DataFrame, subset: str) -> np.ndarray:
    """Who is in the second phase (n,)."""
    if subset not in data:
        raise DesignError(
            f"the frame has no column `{subset}` to be the subset", mend="name a column of true and false"
        )
    values = data[subset]
    good = values.isin([True, False]).to_numpy()
    if not good.all():
        row = int(np.argmin(good))
        raise DesignError(
            f"the subset `{subset}` is {str(values.iloc[row])!r} on row {row + 1}", mend="it must be true or false"
        )
    inside = values.astype(bool).to_numpy()
    if not inside.any():
        raise DesignError(f"nobody is in the second phase: `{subset}` is false on every row", mend="mark those it drew")
    return np.asarray(inside)


def draw(
    data: pd.DataFrame,
    inside: np.ndarray,
    *,
    stratum: tuple[str, ...],
    psu: tuple[str, ...],
    fpc: tuple[str, ...],
    probability: str | None,
) -> Drawn:
    """Number the stages of the second phase and count what each drew, from how many.

    Raises
    ------
    DesignError : a column is absent, or one too many; a unit is partly in the second phase; an fpc varies in a stratum or is
        smaller than what was drawn; a probability is not above 0 and at most 1.
    """
    _fitting(data, stratum, psu, fpc, probability)
    above, expansion, fraction = np.zeros(len(data), np.int64), np.ones(len(data)), np.ones(len(data))
    found, labels = [], []
    for level in range(max(1, len(psu))):
        row, strata = _column(data, stratum, level, "stratum")
        within, names = codes_of(data[psu[level]], "psu") if psu else (np.arange(len(data)), np.arange(len(data)))
        row = pd.factorize(above * len(strata) + row, sort=True)[0].astype(np.int64)
        above, pairs = pd.factorize(row * len(names) + within, sort=True)
        of_unit = pairs // len(names)
        touched = np.bincount(above[inside], minlength=len(pairs)) > 0
        count = np.bincount(of_unit[touched], minlength=int(of_unit.max()) + 1)
        total = _totals(data[fpc[level]], row, count) if level < len(fpc) else np.bincount(of_unit).astype(float)
        share = np.zeros(len(count))
        share[row] = fraction
        found.append((above, touched, of_unit[touched], total, share))
        labels.append((np.asarray(names)[pairs[touched] % len(names)], strata, int((count == 0).sum())))
        fraction, expansion = fraction * (count / total)[row], expansion * (total / np.maximum(count, 1))[row]
    _whole_units(above, inside, psu)
    unit = np.where(inside, np.cumsum(touched)[above] - 1, -1)
    first_row = np.full(int(touched.sum()), -1)
    first_row[unit[inside][::-1]] = np.flatnonzero(inside)[::-1]
    stages = tuple(
        Stage(None if here is above else (np.cumsum(met) - 1)[here[first_row]], own, total, share)
        for here, met, own, total, share in found
    )
    chance = None
    if probability is not None:
        values = chances_of(data[probability], "a probability", inside)
        expansion, chance = 1 / values, values[first_row]
    psus, strata, empty = labels[0]
    warning = f"{empty} strata of the second phase hold nobody in it: estimates leave them out" if empty else ""
    return Drawn(unit, stages, expansion, chance, psus, strata, warning)


def _fitting(
    data: pd.DataFrame, stratum: tuple[str, ...], psu: tuple[str, ...], fpc: tuple[str, ...], probability: str | None
) -> None:
    """Refuse columns that are absent or too many."""
    for name in (*stratum, *psu, *fpc, *names_of(probability)):
        if name not in data:
            raise DesignError(
                f"the frame of the first phase has no column `{name}`",
                mend="the second phase takes its columns from there",
            )
    depth = max(1, len(psu))
    if len(fpc) > depth or len(stratum) > depth:
        raise DesignError(
            f"the second phase has {depth} stages, {len(stratum)} strata and {len(fpc)} fpc columns",
            mend="give one psu column a stage, and at most one stratum and one fpc column for each",
        )
    if probability is not None and (depth > 1 or fpc):
        raise DesignError(
            "second-phase probabilities go with one stage and no fpc",
            mend="give probability=, or psu= and fpc= with their counts",
        )


def _column(data: pd.DataFrame, names: tuple[str, ...], level: int, role: str) -> tuple[np.ndarray, np.ndarray]:
    """Codes (n,) and labels of a role at a stage; one label for all where it has no column."""
    if level < len(names):
        return codes_of(data[names[level]], role)
    return np.zeros(len(data), int), np.array(["all"], dtype=object)


def _whole_units(unit: np.ndarray, inside: np.ndarray, psu: tuple[str, ...]) -> None:
    """Refuse a unit of the last stage with rows in and out of the second phase."""
    rows = np.bincount(unit)
    drawn = np.bincount(unit[inside], minlength=len(rows))
    partly = int(((drawn > 0) & (drawn < rows)).sum())
    if partly:
        raise DesignError(
            f"{partly} units of `{psu[-1]}` are partly in the second phase",
            mend="where rows were drawn within units, name the rows' own identifier as a last psu column",
        )


def _totals(column: pd.Series, row: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Units to draw from in each stratum (H,), from the fpc of each row."""
    values = numbers_of(column, f"the fpc `{column.name}`")
    total = np.zeros(len(count))
    total[row] = values
    if (total[row] != values).any():
        raise DesignError(
            f"the fpc `{column.name}` varies inside a stratum of the second phase", mend="give one count a stratum"
        )
    if (total < count).any():
        raise DesignError(
            f"the fpc `{column.name}` is below the number drawn in a stratum of the second phase",
            mend="it counts the units of the first phase that could be drawn",
        )
    return total

"""How each driver is rated, from 0 to 100: the mean of who answered it, between the ends of its scale.

Scales are told by driver for both audiences, or by audience where theirs differ; one that belongs to nothing asked is refused,
since a misspelt name would otherwise take a level away in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry import estimate
from symmetry.design import Design
from symmetry.drivers.priorities.sides import Mirrors
from symmetry.drivers.sharing.lattice import Players
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["Ends", "Scales", "ends_of", "level_of", "levels_of", "scales_of"]

Ends = tuple[float, float]
Scales = Mapping[str, Ends | Mapping[str, Ends]]


def scales_of(scales: Scales | None, mirrors: Mirrors) -> tuple[dict[str, Ends], dict[str, Ends]]:
    """Ends of the scale of each item that has one, for either audience.

    Parameters
    ----------
    scales : driver, or an audience's column → (low, high); or audience → the same for it alone, which comes first.

    Raises
    ------
    DesignError : a scale of something that is not asked, or of nobody compared; ends that are no two numbers, low before high.
    """
    common: dict[str, Ends] = {}
    own: dict[str, dict[str, Ends]] = {name: {} for name in mirrors.names}
    for name, told in (scales or {}).items():
        if not isinstance(told, Mapping):
            common |= ends_of({name: told}, {*mirrors.items, *mirrors.all_of(0), *mirrors.all_of(1)})
        elif name in own:
            own[name] = ends_of(told, {*mirrors.items, *mirrors.all_of(mirrors.names.index(name))})
        else:
            raise DesignError(
                f"scales are told for `{name}`, which is no audience",
                mend=f"one of {mirrors.names}, or a driver → (low, high)",
            )
    one, other = (_by_item(own[mirrors.names[side]], common, mirrors, side) for side in (0, 1))
    return one, other


def _by_item(own: Mapping[str, Ends], common: Mapping[str, Ends], mirrors: Mirrors, side: int) -> dict[str, Ends]:
    """Ends of an audience's items: those told of it before those told of both, and by its column before by the driver's name."""
    found = {}
    for item, column in zip(mirrors.items, mirrors.columns[side], strict=True):
        told = [scales[name] for scales in (own, common) for name in (column, item) if name in scales]
        if told:
            found[item] = told[0]
    return found


def ends_of(scales: Mapping[str, Ends], known: Iterable[str]) -> dict[str, Ends]:
    """The ends of scales as numbers, once each is of something known.

    Raises
    ------
    DesignError : it is not, or its ends are no two numbers, low before high.
    """
    asked, found = set(known), {}
    for name, ends in scales.items():
        if name not in asked:
            raise DesignError(
                f"a scale is told for `{name}`, which is not used",
                mend="name drivers or their columns, controls or the outcome",
            )
        try:
            low, high = map(float, ends)
        except (TypeError, ValueError):
            raise DesignError(f"{ends!r} is no scale of `{name}`", mend="give its ends as (low, high)") from None
        if not -np.inf < low < high < np.inf:
            raise DesignError(
                f"the scale of `{name}` goes from {low:g} to {high:g}", mend="give its ends as (low, high)"
            )
        found[name] = (low, high)
    return found


def levels_of(
    both: Design, mirrors: Mirrors, players: Players, scales: Sequence[Mapping[str, Ends]], level: float
) -> pd.DataFrame:
    """Levels from 0 to 100 of each player on both sides, with intervals: a row a player, columns level_a, level_a_lower, ….

    The mean of everyone who answered the driver, put between the ends of its scale (`scales_of`); of a group, the mean of its
    drivers.  Drivers without a scale have none.
    """
    found: dict[str, np.ndarray] = {}
    for side, letter in enumerate("ab"):
        values = np.full((len(players), 3), np.nan)
        for row, columns in enumerate(players.columns):
            ends = [scales[side][mirrors.items[c]] for c in columns if mirrors.items[c] in scales[side]]
            if len(ends) == len(columns):
                means = estimate.mean(both, [mirrors.columns[side][c] for c in columns], by=["audience"], deff=None)
                own = (means.labels["audience"] == mirrors.names[side]).to_numpy()
                values[row] = level_of(means.select(own), ends, level)
        for place, name in enumerate(("", "_lower", "_upper")):
            found[f"level_{letter}{name}"] = values[:, place]
    return pd.DataFrame(found)


def level_of(means: Estimate, ends: Sequence[Ends], level: float) -> tuple[float, float, float]:
    """The average of some means, each between the ends of its scale, from 0 to 100, and its interval."""
    factor = np.array([100.0 / (high - low) / len(ends) for low, high in ends])
    start = sum(low * times for (low, _), times in zip(ends, factor, strict=True))
    mean = estimate.contrast(means, sparse.csr_array(factor[None]))
    lower, upper, _ = estimate.interval(mean, level=level)
    bounds = np.clip([lower[0] - start, upper[0] - start], 0.0, 100.0)
    return float(mean.values[0] - start), float(bounds[0]), float(bounds[1])

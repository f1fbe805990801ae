"""The map of one audience alone: what counts, and how it is rated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from symmetry import estimate
from symmetry.design import Design, design_of, names_of
from symmetry.drivers.covariances import check_columns, complete
from symmetry.drivers.estimating import explained
from symmetry.drivers.players import players_among
from symmetry.drivers.priorities.levels import Ends, ends_of, level_of
from symmetry.drivers.priorities.mapping import Sharing, explaining

__all__ = ["importance_map"]


def importance_map(
    design: Design,
    outcome: str,
    predictors: Sequence[str],
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    always: str | Sequence[str] = (),
    scales: Mapping[str, Ends] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Importance and level of each driver of one audience, with intervals on both axes.

    Parameters
    ----------
    design, outcome, predictors, groups, always : as in `importance`.
    scales : driver → (low, high) of its scale; a group needs those of all its drivers.  Controls and the outcome may have one,
        which tells nothing here; any other name is refused.
    level : of the intervals.

    Returns
    -------
    Frame with a row a driver: item, importance (its share of what is explained, between 0 and 1), importance_lower,
    importance_upper, level (mean of all who rated it, from 0 to 100; NaN without a scale), level_lower, level_upper, n, note.

    Raises
    ------
    DesignError : as `importance`; the drivers explain nothing; a scale of what is not used, or whose ends are no two numbers,
        low before high.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.integers(1, 6, (300, 2)), columns=["kept", "listened"])
    >>> data["y"] = 2 * data["kept"] + data["listened"] + rng.normal(size=300)
    >>> found = importance_map(Design(data), "y", ["kept", "listened"], scales={"kept": (1, 5), "listened": (1, 5)})
    >>> found[["item", "importance", "level"]].round(2)
           item  importance  level
    0      kept         0.8  52.08
    1  listened         0.2  48.83
    """
    design = design_of(design)
    controls = names_of(always)
    drivers = names_of(predictors)
    names = check_columns(outcome, [*drivers, *controls], least=2 + len(controls))
    ends = ends_of(scales or {}, [*names, outcome])
    sharing = Sharing(players_among(names, groups, controls, outcome=outcome), "lmg")
    moments = explaining(complete(design, [*names, outcome]), sharing)
    labels = pd.DataFrame({"statistic": "share_of_r2", "item": sharing.players.names})
    shares = explained(moments, labels, sharing.shares, sharing.slopes(moments.correlation))
    lower, upper, _ = estimate.interval(shares, level=level)
    told = [_level(design, [names[column] for column in held], ends, level) for held in sharing.players.columns]
    return pd.DataFrame(
        {
            "item": sharing.players.names,
            "importance": shares.values,
            "importance_lower": np.clip(lower, 0.0, 1.0),
            "importance_upper": np.clip(upper, 0.0, 1.0),
            **{
                name: [one[place] for one in told] for place, name in enumerate(("level", "level_lower", "level_upper"))
            },
            "n": shares.n,
            "note": shares.note,
        }
    )


def _level(design: Design, columns: list[str], scales: Mapping[str, Ends], level: float) -> tuple[float, float, float]:
    """Mean of some drivers between the ends of their scales, from 0 to 100, and its interval."""
    if any(column not in scales for column in columns):
        return np.nan, np.nan, np.nan
    return level_of(estimate.mean(design, columns, deff=None), [scales[column] for column in columns], level)

"""A weighting as data: the ordered steps a study declares, applied to a frame and, later, replayed on every replicate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from symmetry.weights.raking import rake

__all__ = ["Recipe", "apply"]


@dataclass(frozen=True)
class Recipe:
    """Start from the weights in `weight` (1 if none), then rake to `margins` (variable → category → share) if any."""

    weight: str | None = None
    margins: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def apply(recipe: Recipe, frame: pd.DataFrame, *, name: str = "weight") -> pd.DataFrame:
    """Weight a frame by a recipe.

    Returns
    -------
    A copy with the column `name`; where the recipe rakes, it remembers its calibration.

    Examples
    --------
    >>> sample = pd.DataFrame({"region": ["n", "n", "s"]})
    >>> apply(Recipe(margins={"region": {"n": 0.5, "s": 0.5}}), sample)["weight"].tolist()
    [0.75, 0.75, 1.5]
    """
    if recipe.margins:
        return rake(frame, recipe.margins, weight=recipe.weight, name=name)
    out = frame.copy()
    out[name] = 1.0 if recipe.weight is None else frame[recipe.weight].astype(float)
    return out

"""Recipes run: on a frame, and again from other starting weights, as replicates ask.

Replaying takes the starting weights of R replicates at once, (n, R).  Where every step treats alike all who share their
categories, n may be the cells of the sample in place of its rows: `recipe_cells` says which, `replay_in_cells` gives their
factors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from symmetry.errors import ConvergenceError, DataError
from symmetry.weights.calibrating import calibrate, calibrated
from symmetry.weights.calibration import is_made
from symmetry.weights.coding import as_frame, joint, starting
from symmetry.weights.nonresponse import adjust_nonresponse, adjusted
from symmetry.weights.poststratifying import poststratified, poststratify
from symmetry.weights.raking import rake, raked
from symmetry.weights.recipe import Recipe, Step
from symmetry.weights.refusing import refuse_taken
from symmetry.weights.trimming import trim, trimmed

__all__ = ["apply", "recipe_cells", "replay", "replay_in_cells"]

Kernel = Callable[..., tuple[Any, ...]]
_VERBS: Mapping[str, tuple[Callable[..., pd.DataFrame], Kernel]] = {
    "adjust_nonresponse": (adjust_nonresponse, adjusted),
    "calibrate": (calibrate, calibrated),
    "poststratify": (poststratify, poststratified),
    "rake": (rake, raked),
    "trim": (trim, trimmed),
}


def apply(recipe: Recipe, frame: pd.DataFrame, *, name: str = "weight") -> pd.DataFrame:
    """Weight a frame by a recipe.

    Parameters
    ----------
    name : column that receives the weights.

    Returns
    -------
    A copy with the column `name`, which remembers what its variance must know: the calibration, if that is the only step, the
    steps otherwise.

    Raises
    ------
    DataError, ConvergenceError : whatever a step raises.

    Notes
    -----
    R twin: none; the calls that the steps name, one after the other.

    Examples
    --------
    >>> sample = pd.DataFrame({"region": ["n", "n", "s"]})
    >>> recipe = Recipe([("rake", {"targets": {"region": {"n": 0.5, "s": 0.5}}})])
    >>> apply(recipe, sample)["weight"].tolist()
    [0.75, 0.75, 1.5]
    """
    out, weight = as_frame(frame), recipe.weight
    for step in recipe.steps:
        verb, _ = _VERBS[step.verb]
        out, weight = verb(out, **step.options, weight=weight, name=name), name
    if recipe.steps:
        return out
    refuse_taken(out, recipe.weight, name, made=is_made(out, name))
    out = out.copy(deep=False)
    out[name] = starting(out, recipe.weight)
    return out


def replay(recipe: Recipe, frame: pd.DataFrame, start: np.ndarray, *, copies: np.ndarray | None = None) -> np.ndarray:
    """Run a recipe again from other starting weights.

    Parameters
    ----------
    recipe : as the weighted frame remembers it: its totals are those of the population and stay what they are.
    frame : n rows, or the cells of `recipe_cells`.
    start : (n, R) starting weights of R replicates, or (n,) of one.
    copies : as start, the replicate's factors: a row drawn twice counts double, and trimming bounds the weight of each copy.

    Returns
    -------
    The weights of every replicate, shaped as `start`.

    Raises
    ------
    ConvergenceError : a replicate cannot meet the totals (it may hold nobody of a rare category).

    Examples
    --------
    >>> sample = pd.DataFrame({"region": ["n", "n", "s"]})
    >>> recipe = Recipe([("rake", {"targets": {"region": {"n": 0.5, "s": 0.5}}, "total": 3})])
    >>> replay(recipe, sample, np.array([[1.0, 2.0], [1.0, 0.0], [1.0, 1.0]])).round(2).tolist()
    [[0.75, 1.5], [0.75, 0.0], [1.5, 1.5]]
    """
    weights = np.asarray(start, float)
    if len(weights) != len(frame):
        raise DataError(
            f"{len(weights)} starting weights for {len(frame)} rows", mend="give a row of starting weights for each row"
        )
    for number, step in enumerate(recipe.steps, 1):
        _, kernel = _VERBS[step.verb]
        try:
            more = {"copies": copies} if step.verb == "trim" else {}
            weights = kernel(frame, weights, **step.options, **more)[0]
        except ConvergenceError as error:
            raise ConvergenceError(
                f"step {number} of the recipe fails on a replicate: {error.problems[0].what}",
                mend="a replicate may leave out all of a rare category: merge it with a neighbour, or replicate otherwise",
            ) from error
    return weights


def recipe_cells(recipe: Recipe, frame: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame] | None:
    """Lay a frame out in cells that every step of a recipe treats alike.

    Returns
    -------
    cell (n,) of each row and the frame of the cells; None where a step needs rows: it trims, or it uses numbers.

    Examples
    --------
    >>> sample = pd.DataFrame({"region": ["s", "n", "s"], "x": [1, 2, 3]})
    >>> cell, found = recipe_cells(Recipe([("rake", {"targets": {"region": {"n": 0.5, "s": 0.5}}})]), sample)
    >>> cell.tolist(), found["region"].tolist()
    ([1, 0, 1], ['n', 's'])
    """
    if any(_needs_rows(step) for step in recipe.steps):
        return None
    names = list(dict.fromkeys(name for step in recipe.steps for name in step.columns))
    cell, found = joint(frame, names, missing=True)
    return cell, found


def replay_in_cells(recipe: Recipe, frame_of_cells: pd.DataFrame, totals: np.ndarray) -> np.ndarray:
    """Give the factor by which a recipe multiplies the starting weights of each cell, (cells, R) as their totals are.

    Examples
    --------
    >>> found = pd.DataFrame({"region": ["n", "s"]})
    >>> recipe = Recipe([("rake", {"targets": {"region": {"n": 0.5, "s": 0.5}}, "total": 10})])
    >>> replay_in_cells(recipe, found, np.array([[4.0, 2.0], [1.0, 5.0]])).tolist()
    [[1.25, 2.5], [5.0, 1.0]]
    """
    fitted = replay(recipe, frame_of_cells, totals)
    return np.asarray(np.divide(fitted, totals, out=np.zeros_like(fitted), where=totals != 0))


def _needs_rows(step: Step) -> bool:
    """Whether a step treats people of one cell differently."""
    if step.verb == "calibrate":
        return any(not isinstance(value, Mapping | pd.Series) for value in step.options["totals"].values())
    return step.verb == "trim" or bool(step.options.get("covariates"))

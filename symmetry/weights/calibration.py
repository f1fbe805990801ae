"""What weighting notes on a frame, so that its variances know how the weights were made.

A single calibration is remembered as the variables it was fitted to: the variance takes residuals on them (in `design`).  Any
other weighting is remembered as its steps: the variance replays them on replicates.  The memory is names, targets and sums of
the weights, no column, and is kept in `frame.attrs`: rows may be sorted, and a frame that lost rows or its memory, or whose
weights or targets were edited, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.errors import DataError
from symmetry.weights.checking import Sums, refuse_edited, refuse_margin, refuse_number, sums_of
from symmetry.weights.coding import joint, numbers
from symmetry.weights.recipe import CALIBRATIONS, Recipe, Step
from symmetry.weights.refusing import refuse_taken

__all__ = ["Calibration", "Replay", "forget", "is_made", "memory_of", "remember", "terms_of"]

_KEY = "symmetry.calibration"
_TOLD = 6  # variables that a note names
_MEND = "give the frame that the weighting returned, or drop the column `{}` to take the weights as given"


@dataclass(frozen=True)
class Calibration:
    """Weights of `rows` people in column `weight` were fitted, in one step, from those in `starting`.

    Parameters
    ----------
    variables : the categorical margins, each one column or several crossed.
    rows : how many rows the frame had.
    numeric : columns whose totals were met.
    intercept : whether the size of the population was met on its own.
    recipe : the step, with its targets.
    notes : what the weighting has to tell.
    sums : Σw and Σw² of the weights and of the starting ones; none are not looked at.
    """

    weight: str
    starting: str
    variables: tuple[str | tuple[str, ...], ...]
    rows: int
    numeric: tuple[str, ...] = ()
    intercept: bool = False
    recipe: Recipe = field(default_factory=Recipe, compare=False, repr=False)
    notes: tuple[str, ...] = field(default=(), compare=False)
    sums: tuple[Sums, ...] = field(default=(), compare=False, repr=False)

    @property
    def told(self) -> tuple[str, ...]:
        """What a design on these weights has to tell: the notes, and which variance they take."""
        crossed = [(term,) if isinstance(term, str) else term for term in self.variables]
        terms = [" × ".join(term) for term in crossed] + list(self.numeric)
        named = ", ".join(f"`{term}`" for term in terms[:_TOLD]) + (" …" if len(terms) > _TOLD else "")
        size = ["the population's size"] * self.intercept
        found = " and ".join([*size, *([named] if terms else [])])
        return (*self.notes, f"weights calibrated on {found}: linearised variances are those of the residuals")

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of the frame that the variance needs."""
        crossed = [(term,) if isinstance(term, str) else term for term in self.variables]
        return tuple(dict.fromkeys([*(name for term in crossed for name in term), *self.numeric]))

    def columns(self, frame: pd.DataFrame) -> sparse.csr_array:
        """Give the calibration variables, sparse of shape (rows, q).

        One column for everybody if the size of the population was met, one for each category found of each margin, then the
        numeric ones.  A row where a variable is missing (its starting weight is 0) holds nothing of it.

        Raises
        ------
        DataError : a variable was changed since: the weights no longer meet its total.
        """
        n, steps = len(frame), self.recipe.steps
        weights = numbers(frame, self.weight, "the weight") if steps else np.zeros(n)
        blocks = [sparse.csr_array(np.ones((n, 1)))] if self.intercept else []
        for term in self.variables:
            cell, keys = joint(frame, [term] if isinstance(term, str) else list(term))
            if steps:
                refuse_margin(self.weight, steps[-1], term, cell, keys, weights)
            rows = np.flatnonzero(cell >= 0)
            blocks.append(sparse.csr_array((np.ones(len(rows)), (rows, cell[rows])), shape=(n, len(keys))))
        if self.numeric:
            values = [numbers(frame, name, "the auxiliary", missing=0.0) for name in self.numeric]
            for name, column in zip(self.numeric, values if steps else (), strict=False):
                refuse_number(self.weight, steps[-1], name, column, weights)
            blocks.append(sparse.csr_array(np.column_stack(values)))
        return sparse.csr_array(sparse.hstack(blocks, format="csr")) if blocks else sparse.csr_array((n, 0))

    def __deepcopy__(self, memo: dict[int, Any]) -> Calibration:
        """Nothing in it changes: copies of a frame share it."""
        return self


@dataclass(frozen=True)
class Replay:
    """Weights of `rows` people in column `weight` were made from those in `starting` by the steps of `recipe`.

    The population's totals are part of the steps: `symmetry.weights.replay` meets them anew from other starting weights.
    """

    weight: str
    starting: str
    recipe: Recipe
    rows: int
    notes: tuple[str, ...] = field(default=(), compare=False)
    sums: tuple[Sums, ...] = field(default=(), compare=False, repr=False)

    @property
    def told(self) -> tuple[str, ...]:
        """What a design on these weights has to tell; which variance they take is said by its replicates."""
        return self.notes

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of the frame that the steps need."""
        return tuple(dict.fromkeys(name for step in self.recipe.steps for name in step.columns))

    def __deepcopy__(self, memo: dict[int, Any]) -> Replay:
        """Nothing in it changes: copies of a frame share it."""
        return self


def remember(
    frame: pd.DataFrame,
    weight: str | None,
    name: str,
    start: np.ndarray,
    fitted: np.ndarray,
    step: Step,
    notes: Sequence[str] = (),
) -> pd.DataFrame:
    """Give a copy of a frame with new weights, the starting ones and the memory of how they were made.

    Where the weights it began with were themselves made by steps, the memory goes back to what those began with.

    Parameters
    ----------
    frame : the frame before the step.
    weight, name : columns of the weights before and after.
    start, fitted : the weights before and after, (n,).
    step : what was done, its totals worked out.
    notes : what it has to tell.

    Raises
    ------
    DataError : `name` is a column that no weighting made; the weights it began with are not what was remembered of them.
    """
    refuse_taken(frame, weight, name, made=is_made(frame, name))
    before = memory_of(frame, weight) if weight is not None else None
    out = frame.copy(deep=False)
    starting = f"{name}.starting"
    if before is None:
        recipe, told = Recipe([step], weight=weight), tuple(notes)
        out[starting] = start
    else:
        recipe = Recipe([*before.recipe.steps, step], weight=before.recipe.weight)
        told = (*before.notes, *notes)
        out[starting] = frame[before.starting]
    out[name] = fitted
    sums = (sums_of(fitted), sums_of(out[starting].to_numpy(float)))
    memory: Calibration | Replay
    if before is None and step.verb in CALIBRATIONS:
        variables, numeric, intercept = terms_of(step)
        memory = Calibration(name, starting, variables, len(out), numeric, intercept, recipe, told, sums)
    else:
        memory = Replay(name, starting, recipe, len(out), told, sums)
    out.attrs[_KEY] = {**_memories(frame), name: memory}
    return out


def terms_of(step: Step) -> tuple[tuple[str | tuple[str, ...], ...], tuple[str, ...], bool]:
    """Tell what a calibrating step fits: categorical margins, numeric columns, and whether the population's size alone."""
    options = step.options
    if step.verb == "poststratify":
        by = tuple(options["by"])
        return (by[0] if len(by) == 1 else by,), (), False
    if step.verb == "rake":
        return tuple(options["targets"]), (), False
    totals = options["totals"]
    margins = tuple(name for name, value in totals.items() if isinstance(value, Mapping | pd.Series))
    numeric = tuple(name for name in totals if name not in margins)
    return margins, numeric, options.get("total") is not None and not margins


def memory_of(frame: pd.DataFrame, weight: str | None) -> Calibration | Replay | None:
    """Tell how a column of weights was made, if a verb of this room made it.

    Raises
    ------
    DataError : the weights were fitted, and a column they need, some of their rows or their memory are gone; or the weights were
        changed since, or what the last of several steps was fitted to (of a single calibration `Calibration.columns` tells).
    """
    memory = _memories(frame).get(weight) if weight is not None else None
    if memory is None:
        if f"{weight}.starting" in frame:
            raise DataError(
                f"the weights in `{weight}` were calibrated and the frame no longer remembers how",
                mend=_MEND.format(f"{weight}.starting"),
            )
        return None
    if len(frame) != memory.rows:
        raise DataError(
            f"the weights in `{weight}` were calibrated on {memory.rows} rows and {len(frame)} are here",
            mend="keep every row and look at a part with `by=`, or weight the part anew",
        )
    lost = [name for name in (memory.weight, memory.starting, *memory.names) if name not in frame]
    if lost:
        raise DataError(
            f"the weights in `{weight}` were calibrated with columns that are gone: {', '.join(lost)}",
            mend="keep these columns: the variance of a calibrated weight needs them (or `forget` the calibration)",
        )
    for column, sums in zip((memory.weight, memory.starting), memory.sums, strict=False):
        refuse_edited(frame, column, sums, memory.weight)
    if isinstance(memory, Replay):
        _refuse_changed(frame, memory)
    return memory


def _refuse_changed(frame: pd.DataFrame, memory: Replay) -> None:
    """Refuse columns that no longer have the totals to which the last step fitted the weights."""
    step = memory.recipe.steps[-1] if memory.recipe.steps else None
    if step is None or step.verb not in CALIBRATIONS:
        return
    variables, numeric, _ = terms_of(step)
    weights = numbers(frame, memory.weight, "the weight")
    for term in variables:
        refuse_margin(
            memory.weight, step, term, *joint(frame, [term] if isinstance(term, str) else list(term)), weights
        )
    for name in numeric:
        refuse_number(memory.weight, step, name, numbers(frame, name, "the auxiliary", missing=0.0), weights)


def is_made(frame: pd.DataFrame, name: str) -> bool:
    """Whether a column is one of weights that a verb of this room made."""
    return name in _memories(frame) or f"{name}.starting" in frame


def forget(frame: pd.DataFrame, weight: str = "weight") -> pd.DataFrame:
    """Take a column of fitted weights as given: a copy without its memory and its starting weights.

    Notes
    -----
    R twin: none; ``svydesign(weights = weights(design))`` forgets alike.

    Examples
    --------
    >>> from symmetry.weights import rake
    >>> sample = rake(pd.DataFrame({"region": ["n", "s"]}), {"region": {"n": 0.5, "s": 0.5}})
    >>> list(forget(sample)), memory_of(forget(sample), "weight")
    (['region', 'weight'], None)
    """
    out = frame.drop(columns=f"{weight}.starting", errors="ignore")
    out.attrs[_KEY] = {name: memory for name, memory in _memories(frame).items() if name != weight}
    return out


def _memories(frame: pd.DataFrame) -> dict[str, Calibration | Replay]:
    """Memories of the frame, by weight column."""
    found = frame.attrs.get(_KEY)
    return dict(found) if isinstance(found, Mapping) else {}

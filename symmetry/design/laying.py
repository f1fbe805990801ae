"""From the roles of a design to its layout: stages are numbered, populations and weights read, faults of columns found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design.coding import codes_of, crossed, names_of, numbers_of, probabilities_of, some
from symmetry.design.layout import Fitted, Layout, Stage
from symmetry.design.replicating import automatic, with_replicates
from symmetry.design.unequal import form_of
from symmetry.design.weighting import Weighting
from symmetry.errors import DesignError
from symmetry.weights import Calibration, Replay, memory_of

if TYPE_CHECKING:
    from symmetry.design.nouns import Design

__all__ = ["lay_out"]


def lay_out(design: Design) -> Layout:
    """Code the roles of a design; every fault of its columns is found here.

    Raises
    ------
    DesignError : see `Design`.
    """
    data, roles = design.data, _roles(design)
    depth = max(1, len(roles["fpc"]))
    levels, above = [], None
    for level in range(depth):
        levels.append(_number_stage(data, above, roles, level))
        above = levels[-1].unit
    stages, sampled = _stages(design, levels, roles["fpc"])
    memory, first = memory_of(data, design.weight), levels[0]
    warning = ""
    if len(roles["psu"]) > depth and roles["fpc"]:
        warning = f"later stages have no fpc: the variance within `{roles['psu'][depth - 1]}` is left out"
    made = Layout(
        weight=_weights(design, sampled, calibrated=memory is not None),
        unit=levels[-1].unit.astype(np.int32, copy=False),
        stages=stages,
        psus=first.units,
        strata=first.strata,
        part=np.zeros(len(data), np.int8),
        parts=("",),
        fitted=_fitted(data, memory) if isinstance(memory, Calibration) else None,
        weighting=() if memory is None else (Weighting(0, data[memory.starting].to_numpy(float), memory.recipe, data),),
        warning=warning,
        notes=(*(memory.told if memory else ()), *_reused(first.units, roles["psu"])),
        form=None if design.joint is None else form_of(design, probabilities_of(design), first.unit, first.stratum),
    )
    if not isinstance(memory, Replay):
        return made
    if made.form is not None:
        raise DesignError(
            f"the weights in `{design.weight}` took several steps, and joint probabilities have no replicates to replay them",
            mend="leave out `joint`, or `forget` how the weights were made",
        )
    return with_replicates(made, automatic(made), design.lonely_psu)


@dataclass(frozen=True, eq=False)
class _Numbered:
    """A stage: unit (n,) of each row, stratum (m,) of each unit, and the labels of units and of strata."""

    unit: np.ndarray
    stratum: np.ndarray
    units: np.ndarray
    strata: np.ndarray


def _roles(design: Design) -> dict[str, tuple[str, ...]]:
    """Columns of strata, units and fpc, one a stage; refuses a role without its column."""
    every = ("stratum", "psu", "fpc", "weight", "probability")
    roles = {role: names_of(getattr(design, role)) for role in every}
    for role, names in roles.items():
        for name in names:
            if name not in design.data:
                raise DesignError(
                    f"the frame has no column `{name}` to be the {role}", mend=f"it has {some(design.data.columns)}"
                )
    if not len(design.data):
        raise DesignError("the frame has no rows", mend="a design needs at least one respondent")
    depth = max(1, len(roles["fpc"]))
    if depth > max(1, len(roles["psu"])):
        raise DesignError(
            f"there are {depth} fpc and {len(roles['psu'])} stages of units", mend="give one psu column for each fpc"
        )
    return roles


def _fitted(data: pd.DataFrame, memory: Calibration) -> Fitted:
    """What the weights of a single calibration were fitted to."""
    return Fitted(sparse.csr_array(memory.columns(data)), data[memory.starting].to_numpy(float))


def _number_stage(
    data: pd.DataFrame, above: np.ndarray | None, roles: dict[str, tuple[str, ...]], level: int
) -> _Numbered:
    """Number the units of a stage, within their stratum and, below the first stage, within the unit above."""
    n = len(data)
    stratum, psu = (roles[role][level] if level < len(roles[role]) else None for role in ("stratum", "psu"))
    row, strata = np.zeros(n, np.int64), np.array(["all"], dtype=object)
    if stratum is not None:
        row, strata = codes_of(data[stratum], "stratum")
    if above is not None:
        row = pd.factorize(above * len(strata) + row, sort=True)[0]
    if psu is None:
        every = np.arange(n)
        return _Numbered(every, row, every, strata)
    within, labels = codes_of(data[psu], "psu" if level == 0 else f"unit of stage {level + 1}")
    pairs, unit = crossed(row, within, len(labels), (int(row.max()) + 1) * len(labels))
    return _Numbered(unit, pairs // len(labels), labels[pairs % len(labels)], strata)


def _stages(
    design: Design, levels: list[_Numbered], fpc: tuple[str, ...]
) -> tuple[tuple[Stage, ...], np.ndarray | None]:
    """Stages with their populations, and the product over stages of N / n for each row where fpc are given."""
    finest, stages = levels[-1].unit, []
    if not fpc:  # one stage, from populations without end
        (only,) = levels
        strata = int(only.stratum.max()) + 1
        return (Stage(None, only.stratum, np.full(strata, np.inf), np.ones(strata)),), None
    first_row = np.empty(int(finest.max()) + 1, int)
    first_row[finest[::-1]] = np.arange(len(finest))[::-1]
    share_of_row, expansion = np.ones(len(finest)), np.ones(len(finest))
    for level, stage in enumerate(levels):
        count = np.bincount(stage.stratum)
        of_row = stage.stratum[stage.unit]
        labels = stage.strata if level == 0 else None
        population = _population(design.data[fpc[level]], of_row, count, labels)
        share = np.empty(len(count))
        share[of_row] = share_of_row
        last = level == len(levels) - 1
        stages.append(Stage(None if last else stage.unit[first_row], stage.stratum, population, share))
        share_of_row = share_of_row * (count / population)[of_row]
        expansion = expansion * (population / count)[of_row]
    return tuple(stages), expansion


def _population(column: pd.Series, row: np.ndarray, sampled: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
    """Number of units in the population of each stratum (H,), from the fpc of each row; labels name the strata of stage one."""
    values = numbers_of(column, f"the fpc `{column.name}`")
    low, high = (np.full(len(sampled), fill) for fill in (np.inf, -np.inf))
    np.minimum.at(low, row, values)
    np.maximum.at(high, row, values)
    for wrong in (low != high, low < sampled):
        if not wrong.any():
            continue
        worst = int(np.argmax(wrong))
        name = "a unit of the stage above" if labels is None else f"stratum {labels[worst]!r}"
        if low[worst] != high[worst]:
            raise DesignError(
                f"the fpc `{column.name}` varies inside {name}",
                mend="give the number of units in the population, the same on every row of a stratum",
            )
        raise DesignError(
            f"{name} has {sampled[worst]} units in the sample and {low[worst]:g} in its population",
            mend=f"the fpc `{column.name}` is a count of units in the population (not a fraction)",
        )
    return low


def _weights(design: Design, expansion: np.ndarray | None, *, calibrated: bool) -> np.ndarray:
    """Give the weights (n,): the column, or what fpc or probabilities say, or 1."""
    if design.weight is None:
        if design.probability is not None:
            return 1 / probabilities_of(design)
        return np.ones(len(design.data)) if expansion is None else expansion
    weight = numbers_of(design.data[design.weight], f"the weight `{design.weight}`")
    if not calibrated and (weight < 0).any():
        raise DesignError(
            f"the weight `{design.weight}` is negative on row {int(np.argmax(weight < 0)) + 1}",
            mend="weights are not negative; 0 leaves a respondent out",
        )
    if not weight.any():
        raise DesignError(f"the weight `{design.weight}` is 0 on every row", mend="give somebody a weight")
    return weight


def _reused(labels: np.ndarray, psu: tuple[str, ...]) -> tuple[str, ...]:
    """Say that psu labels found in several strata were taken for different psus."""
    twice = len(labels) - len(pd.unique(labels)) if psu else 0
    return (
        (f"{twice} labels of `{psu[0]}` are reused across strata: each stratum × label is a psu of its own",)
        if twice
        else ()
    )

"""Several audiences in one design, so that differences between them carry the covariance of those who live together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from numbers import Number
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design.coding import design_of, names_of
from symmetry.design.layout import Fitted, Layout, Stage
from symmetry.design.nouns import Design
from symmetry.design.replicating import common_plan, with_replicates, without_replicates
from symmetry.design.weighting import Weighting
from symmetry.errors import DesignError

__all__ = ["stack"]


def stack(designs: Mapping[str, Design], *, units: Literal["shared", "apart"] = "shared") -> Design:
    """Stack the designs of several audiences into one.

    Parameters
    ----------
    designs : audience → its design; lonely-psu rules must agree.
    units : "shared": a psu with the same stratum and label in two audiences is one psu (a branch and its customers), which is
        right where units are sampled or stand for a process; "apart": the audiences share nothing, strata are audience × stratum,
        which is right where all units are surveyed and persons are psus.  A design without psu column shares nothing.

    Returns
    -------
    Design whose frame has the rows of all audiences and a column `audience`; columns an audience lacks are missing there.

    Raises
    ------
    DesignError : an audience is not named by text, units have numbers for labels in one audience and text in another, a shared
        psu lies in different strata, fpc differ for a shared stratum, lonely-psu rules differ, or a design has
        joint probabilities, or replicates of another kind than the others'.

    Examples
    --------
    >>> customers = Design(pd.DataFrame({"branch": [1, 2, 3], "trust": [4, 3, 5]}), psu="branch")
    >>> employees = Design(pd.DataFrame({"branch": [1, 2, 3], "trust": [3, 3, 4]}), psu="branch")
    >>> stack({"customers": customers, "employees": employees})
    Design: 6 rows, 3 psus in 1 stratum; psu `branch`; customers and employees
    """
    if not isinstance(designs, Mapping) or not designs:
        raise DesignError("designs are stacked by audience", mend='stack({"customers": design, "employees": other})')
    if units not in ("shared", "apart"):
        raise DesignError(f"units={units!r} is unknown", mend='"shared" or "apart"')
    names, parts = tuple(designs), [design_of(part) for part in designs.values()]
    for name in names:
        if not isinstance(name, str):
            raise DesignError(f"an audience is named by text, not by {name!r}", mend=f'stack({{"{name}": design, …}})')
    for role in ("lonely_psu", "lonely_domain"):
        if len({getattr(part, role) for part in parts}) > 1:
            raise DesignError(f"the audiences have different {role} rules", mend=f"give every design the same {role}")
    if any(part.layout.form is not None for part in parts):
        raise DesignError(
            "designs with joint probabilities or two phases cannot be stacked",
            mend="compare them as independent samples",
        )
    before = [without_replicates(part.layout) for part in parts]
    frames = [part.data.assign(audience=name) for name, part in designs.items()]
    psus, stratum, labels, strata = _first_stage(names, parts, units)
    stages, unit = _stages(parts, psus, stratum, len(strata))
    layout = Layout(
        weight=np.concatenate([part.layout.weight for part in parts]),
        unit=unit.astype(np.int32),
        stages=stages,
        psus=labels,
        strata=strata,
        part=np.repeat(np.arange(len(parts)), [len(frame) for frame in frames]).astype(np.int8),
        parts=names,
        fitted=_fitted(parts),
        weighting=_weighting(parts),
        warning="; ".join(dict.fromkeys(filter(None, [one.warning for one in before]))),
        notes=tuple(dict.fromkeys(note for one in before for note in one.notes)),
    )
    plan = common_plan([part.layout for part in parts], layout)
    if plan is not None:
        layout = with_replicates(layout, plan, parts[0].lonely_psu)
    common: dict[str, Any] = {
        role: (getattr(parts[0], role) if len({names_of(getattr(part, role)) for part in parts}) == 1 else None)
        for role in ("weight", "stratum", "psu", "fpc")
    }
    for frame in frames:
        frame.attrs.clear()
    data = pd.concat(frames, ignore_index=True)
    return Design(data, **common, lonely_psu=parts[0].lonely_psu, lonely_domain=parts[0].lonely_domain, given=layout)


def _first_stage(
    names: tuple[str, ...], parts: list[Design], units: str
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray, np.ndarray]:
    """Number the psus of each part (P_part,); the stratum (P,) and label of each psu, and the labels of strata."""
    if units == "shared":
        _no_kinds_apart({name: part for name, part in zip(names, parts, strict=True) if part.psu is not None})
    if units == "apart" or all(part.psu is None for part in parts):
        return _apart(names, parts)
    keys = []
    for name, part in zip(names, parts, strict=True):
        layout = part.layout
        own = part.psu is None
        strata = np.empty(len(layout.strata), object)
        strata[:] = [(name, label) for label in layout.strata] if own else list(layout.strata)
        owner = name if own else ""
        keys.append(pd.DataFrame({"owner": owner, "stratum": strata[layout.stratum], "psu": layout.psus}))
    every = pd.concat(keys, ignore_index=True)
    stratum_code, strata_labels = pd.factorize(every["stratum"])
    owner_code = pd.factorize(every["owner"])[0]
    label_code, psu_labels = pd.factorize(every["psu"])
    crossed = (owner_code.astype(np.int64) * len(strata_labels) + stratum_code) * len(psu_labels) + label_code
    code, found = pd.factorize(crossed)
    stratum = found // len(psu_labels) % len(strata_labels)
    labels = np.asarray(psu_labels, dtype=object)[found % len(psu_labels)]
    part_of = np.repeat(np.arange(len(keys)), [len(key) for key in keys])
    _no_psu_in_two_strata(every[every["owner"] == ""], part_of[(every["owner"] == "").to_numpy()])
    cuts = np.cumsum([len(key) for key in keys])[:-1]
    return np.split(code, cuts), stratum, labels, np.asarray(strata_labels, dtype=object)


def _no_kinds_apart(sharing: dict[str, Design]) -> None:
    """Refuse audiences whose units can never meet, because one names them by numbers and another by text."""
    for role in ("stratum", "psu"):
        first: dict[str, tuple[str, object]] = {}
        for name, part in sharing.items():
            labels = part.layout.psus if role == "psu" else part.layout.strata
            if getattr(part, role) is None or len(labels) == 0:
                continue
            kinds = {"text" if issubclass(kind, str) else "numbers" if issubclass(kind, Number) else ""
                     for kind in set(map(type, labels))}  # fmt: skip
            if len(kinds) == 1 and kinds <= {"text", "numbers"}:
                first.setdefault(kinds.pop(), (name, labels[0]))
        if len(first) == 2:
            (number, one), (text, other) = first["numbers"], first["text"]
            raise DesignError(
                f"the {role} labels of {number} are numbers ({one!s}) and those of {text} are text ({other!r}): "
                "no unit would be shared",
                mend=f"write the labels alike in both frames, such as those of {number} as text (astype(str)), "
                'or stack with units="apart"',
            )


def _apart(names: tuple[str, ...], parts: list[Design]) -> tuple[list[np.ndarray], np.ndarray, np.ndarray, np.ndarray]:
    """The same where nothing is shared: psus and strata one part after the other."""
    layouts = [part.layout for part in parts]
    psus, strata = (
        np.cumsum([0, *sizes]) for sizes in zip(*((len(one.psus), len(one.strata)) for one in layouts), strict=True)
    )
    labels = np.empty(strata[-1], object)
    labels[:] = [(name, label) for name, one in zip(names, layouts, strict=True) for label in one.strata]
    return (
        [np.arange(start, stop) for start, stop in pairwise(psus)],
        np.concatenate([start + one.stratum for start, one in zip(strata, layouts, strict=False)]),
        np.concatenate([np.asarray(one.psus, dtype=object) for one in layouts]),
        labels,
    )


def _no_psu_in_two_strata(shared: pd.DataFrame, part: np.ndarray) -> None:
    """Refuse a shared psu that the audiences place in different strata, but for labels one audience reuses across strata."""
    pairs = shared.assign(part=part).drop_duplicates(["part", "stratum", "psu"])
    reused = (
        pairs.groupby(["part", "psu"], sort=False)["stratum"]
        .transform("size")
        .gt(1)
        .groupby(pairs["psu"])
        .transform("any")
    )
    once = pairs[~reused].drop_duplicates(["stratum", "psu"])
    twice = once["psu"].duplicated()
    if not twice.any():
        return
    label = once.loc[twice, "psu"].iloc[0]
    where = sorted(str(value) for value in once.loc[once["psu"] == label, "stratum"])
    raise DesignError(
        f"psu {str(label)!r} lies in several strata: {', '.join(where)}",
        mend='give a unit one stratum in every audience, or stack with units="apart"',
    )


def _stages(
    parts: list[Design], psus: list[np.ndarray], stratum: np.ndarray, strata: int
) -> tuple[tuple[Stage, ...], np.ndarray]:
    """Stages of the stack and the unit of variance of each row (n,); units below the psu belong to one audience."""
    depth = max(len(part.layout.stages) for part in parts)
    population = _populations(parts, psus, stratum, strata)
    share = np.ones(strata)
    if depth == 1:
        unit = np.concatenate([code[part.layout.unit] for part, code in zip(parts, psus, strict=True)])
        return (Stage(None, stratum, population, share),), unit
    first = np.concatenate([code[part.layout.psu_of_unit] for part, code in zip(parts, psus, strict=True)])
    stages = [Stage(first, stratum, population, share)]
    for level in range(1, depth):
        own = [_deeper(part.layout, level) for part in parts]
        units, groups = (
            np.cumsum([0, *(len(getattr(stage, field)) for stage in own)]) for field in ("stratum", "population")
        )
        last = level == depth - 1
        above = None if last else np.concatenate(
            [start + (np.arange(part.layout.units) if stage.unit is None else stage.unit)
             for start, stage, part in zip(units, own, parts, strict=False)]
        )  # fmt: skip
        of = np.concatenate([start + stage.stratum for start, stage in zip(groups, own, strict=False)])
        sizes = np.concatenate([stage.population for stage in own])
        shares = [
            _share(part.layout, stage, code, stages[0]) for part, stage, code in zip(parts, own, psus, strict=True)
        ]
        stages.append(Stage(above, of, sizes, np.concatenate(shares)))
    starts = np.cumsum([0, *(part.layout.units for part in parts)])
    return tuple(stages), np.concatenate([start + part.layout.unit for start, part in zip(starts, parts, strict=False)])


def _share(layout: Layout, stage: Stage, code: np.ndarray, first: Stage) -> np.ndarray:
    """Sampling fraction above each stratum of a later stage (H,), with the stack's fraction of psus in place of the part's."""
    units = np.arange(layout.units) if stage.unit is None else stage.unit
    psu = np.zeros(len(stage.population), int)
    psu[stage.stratum[units]] = layout.psu_of_unit
    own, stacked = layout.stages[0], first.stratum[code[psu]]
    before = (own.count / own.population)[own.stratum[psu]]
    now = (first.count / first.population)[stacked]
    return np.asarray(np.divide(stage.share * now, before, out=np.zeros(len(psu)), where=before > 0))


def _deeper(layout: Layout, level: int) -> Stage:
    """A stage of a part; where the part has fewer, one in which each unit is the whole of its stratum and adds nothing."""
    if level < len(layout.stages):
        return layout.stages[level]
    every = np.arange(layout.units)
    return Stage(None, every, np.ones(layout.units), np.zeros(layout.units))


def _populations(parts: list[Design], psus: list[np.ndarray], stratum: np.ndarray, strata: int) -> np.ndarray:
    """Give the population of psus of each stacked stratum, which the audiences must agree on."""
    found = np.full(strata, np.nan)
    for part, code in zip(parts, psus, strict=True):
        of, size = stratum[code], part.layout.population[part.layout.stratum]
        other = found[of]
        wrong = ~np.isnan(other) & (other != size)
        if wrong.any():
            worst = int(np.argmax(wrong))
            label = part.layout.strata[part.layout.stratum[worst]]
            raise DesignError(
                f"stratum {label!r} has {other[worst]:g} psus for one audience and {size[worst]:g} for another",
                mend='give a shared stratum one fpc, or stack with units="apart"',
            )
        found[of] = size
    return found


def _weighting(parts: list[Design]) -> tuple[Weighting, ...]:
    """How the weights of every part were made, its rows counted in the stack."""
    first = np.cumsum([0, *(len(part.data) for part in parts)])
    return tuple(
        replace(weighting, first=int(start) + weighting.first)
        for start, part in zip(first, parts, strict=False)
        for weighting in part.layout.weighting
    )


def _fitted(parts: list[Design]) -> Fitted | None:
    """Set the calibration columns of the parts side by side, each audience in its own block (zeros elsewhere)."""
    every = [part.layout.fitted for part in parts]
    if all(fitted is None for fitted in every):
        return None
    blocks = [
        sparse.csr_array((len(part.data), 0)) if fitted is None else fitted.columns
        for part, fitted in zip(parts, every, strict=True)
    ]
    starting = [
        part.layout.weight if fitted is None else fitted.starting for part, fitted in zip(parts, every, strict=True)
    ]
    return Fitted(sparse.csr_array(sparse.block_diag(blocks, format="csr")), np.concatenate(starting))

"""The draw itself: everybody, by a rate, or so many in each stratum; in one stage, or people within units drawn first.

In two stages a unit is drawn with chance π, and then t of its N people: P = π · t/N.  "proportional" gives everybody of the
frame the same chance, t = c·N/π, which for units drawn in proportion to their people is the same t everywhere; "equal" takes
the same t = c from each drawn unit; t is at most N, and c such that `size` people are expected.  Where t is no whole number,
the drawn units share the rest out by chance, one person more or none, so that t is exact on average.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from symmetry.errors import DataError, Place, Problem
from symmetry.fieldwork.chances import Floats, Mask, Wholes, Words, allocate, uniform
from symmetry.fieldwork.frames import Frame
from symmetry.fieldwork.selecting import Pool, chance_of, select
from symmetry.spec import SampledUnits, Sampling

__all__ = ["Stages", "in_units", "of_people"]

Labels = npt.NDArray[np.object_]
Stream = Callable[[str, Sequence[str]], Words]


@dataclass(frozen=True)
class Stages:
    """What a draw gives each row of a frame: its stratum and unit ("" without), its chance if free, whether it was drawn."""

    stratum: Labels
    psu: Labels
    given: Floats
    drawn: Mask


def of_people(sampling: Sampling, frame: Frame, base: Mask, could: Mask, stream: Stream) -> Stages:
    """Draw in one stage.

    Parameters
    ----------
    sampling : how many, and how.
    frame : of n rows.
    base : (n,) the rows on which strata are sized: one of each person.
    could : (n,) those of them who may be drawn today.
    stream : random words of (stage, persons).

    Notes
    -----
    A stratum may hold rows and none of the base: interactions that were not chosen.  Nobody is drawn there; the first who was
    chosen would be the only one, and taken.

    Raises
    ------
    DataError : as `draw` says.
    """
    labels = _strata(frame.rows, sampling.by)
    nobody = np.full(len(labels), "", dtype=object)
    if sampling.size == "census":
        return Stages(labels, nobody, np.ones(len(labels)), could.copy())
    luck = stream("person", frame.rows["person"].tolist())
    if sampling.rate is not None:
        drawn = could & (uniform(luck) < sampling.rate)
        return Stages(labels, nobody, np.full(len(labels), float(sampling.rate)), drawn)
    group, strata = pd.factorize(labels, sort=True)
    pool = _pool(sampling, frame, group.astype(np.int64), len(strata), could, luck)
    held = np.bincount(group[base], minlength=len(strata)).astype(np.int64)
    size = None if pool.size is None else pool.size[base]
    weights: Floats = np.bincount(group[base], weights=size, minlength=len(strata)).astype(np.float64)
    wanted = _wanted(sampling, frame, strata, weights, held)
    _check_room(frame, strata, wanted, held, pool.open)
    drawn = select(pool, wanted, stream("start", list(strata)))
    alone = 0.0 if isinstance(sampling.allocation, Mapping) else 1.0
    return Stages(labels, nobody, np.where(held[group] > 0, chance_of(pool, wanted), alone), drawn)


def in_units(sampling: Sampling, first: SampledUnits, frame: Frame, base: Mask, could: Mask, stream: Stream) -> Stages:
    """Draw units as `first` says, then people in them; other arguments as of `of_people`."""
    names = frame.rows[first.of].to_numpy(dtype=object)
    unit, units = pd.factorize(names, sort=True)
    unit = unit.astype(np.int64)
    people = np.bincount(unit[base], minlength=len(units)).astype(np.int64)
    labels = _strata(frame.rows, sampling.by)
    strata = _strata_of_units(frame, labels, unit, units, sampling.by)
    chance, taken = _draw_units(first, frame, units, people, strata, stream)
    share = _shares(sampling, first, frame, people, chance)
    luck = stream("person", frame.rows["person"].tolist())
    pool = _pool(sampling, frame, unit, len(units), could, luck)
    whole = np.floor(share).astype(np.int64)
    part = (share - whole)[unit]
    given = (1 - part) * chance_of(pool, whole) + part * chance_of(pool, whole + 1)
    wanted = np.zeros(len(units), dtype=np.int64)
    rows = np.flatnonzero(taken)
    rows = rows[np.lexsort((stream("share", list(units[rows])),))]
    begin = float(uniform(stream("share start", [""]))[0])
    wanted[rows] = np.diff(np.ceil(np.round(np.cumsum(share[rows]), 9) - begin), prepend=0.0).astype(np.int64)
    inside = _pool(sampling, frame, unit, len(units), could & taken[unit], luck)
    drawn = select(inside, wanted, stream("start", list(units)))
    return Stages(strata[unit], names, chance[unit] * given, drawn)


def _strata(rows: pd.DataFrame, by: Sequence[str]) -> Labels:
    """The stratum of each row: its categories joined, "" where there are no strata."""
    if not by:
        return np.full(len(rows), "", dtype=object)
    labels: Labels = rows[by[0]].to_numpy(dtype=object)
    for name in by[1:]:
        labels = labels + " × " + rows[name].to_numpy(dtype=object)
    return labels


def _pool(sampling: Sampling, frame: Frame, group: Wholes, groups: int, could: Mask, luck: Words) -> Pool:
    """People to draw from, as the sample's method needs them."""
    size = frame.rows[sampling.measure].to_numpy(dtype=np.float64) if sampling.measure else None
    rank = None
    if sampling.order:
        rank = frame.rows.groupby(list(sampling.order), sort=True).ngroup().to_numpy(dtype=np.int64)
    return Pool(group, groups, could, luck, sampling.method, size, rank)


def _wanted(sampling: Sampling, frame: Frame, strata: Labels, weights: Floats, held: Wholes) -> Wholes:
    """How many people of each stratum."""
    shared = sampling.allocation
    if isinstance(shared, Mapping):
        named, there = set(shared), set(strata)
        if named != there:
            lacking, empty = sorted(there - named), sorted(named - there)
            what = f"`allocation` says nothing of the strata {', '.join(lacking)}" if lacking else ""
            what = what or f"`allocation` names {', '.join(empty)}, where the frame has nobody"
            raise _fault(frame, what, "give each stratum of the frame its number", "DRW07")
        return np.array([shared[str(each)] for each in strata], dtype=np.int64)
    size = int(sampling.size or 0)
    _check_size(frame, size, int(held.sum()), len(strata))
    return allocate(weights if shared == "proportional" else np.ones(len(strata)), held, size)


def _check_size(frame: Frame, size: int, held: int, strata: int, what: str = "people") -> None:
    """No more than there are, and enough for every stratum to be drawn from."""
    if size > held:
        told = f"{size:,} {what} are to be drawn, and the frame has {held:,}"
        raise _fault(frame, told, "draw fewer, write `census`, or complete the frame", "DRW05")
    if size < strata:
        told = f"{size:,} {what} are to be drawn from {strata:,} strata: some would have no chance"
        raise _fault(frame, told, "draw more, or leave an item out of `by`", "DRW06")


def _check_room(frame: Frame, strata: Labels, wanted: Wholes, held: Wholes, free: Wholes) -> None:
    """Nowhere more wanted than there are, nor than are free."""
    problems = []
    for label, asked, there, may in zip(strata, wanted, held, free, strict=True):
        where = f"stratum {label}: " if label else ""
        if asked > there:
            what = f"{where}{asked:,} are to be drawn, and the frame has {there:,}"
            problems.append(Problem(Place(frame.path), what, "draw fewer there", "DRW05"))
        elif asked > may:
            what = f"{where}{asked:,} are to be drawn, and contact rules leave {may:,} of {there:,}"
            mend = "draw fewer, or on a later day (`--on`)"
            problems.append(Problem(Place(frame.path), what, mend, "DRW08"))
    if problems:
        rest = len(problems) - 20
        more = [Problem(Place(frame.path), f"and {rest} more strata like these", "", "DRW08")] if rest > 0 else []
        raise DataError(problems[:20] + more)


def _strata_of_units(frame: Frame, labels: Labels, unit: Wholes, units: Labels, by: Sequence[str]) -> Labels:
    """The one stratum of each unit."""
    first = np.full(len(units), len(unit))
    np.minimum.at(first, unit, np.arange(len(unit)))
    strata: Labels = labels[first]
    torn = units[np.unique(unit[strata[unit] != labels])]
    if len(torn):
        what = f"{len(torn):,} units lie in several strata of {', '.join(by)}, as {torn[0]}"
        raise _fault(frame, what, "stratify units by what all their people share", "DRW09")
    return strata


def _draw_units(
    drawn: SampledUnits, frame: Frame, units: Labels, people: Wholes, strata: Labels, stream: Stream
) -> tuple[Floats, Mask]:
    """Chance of each unit, and whether it was drawn; units without anybody have none."""
    chance, taken = np.zeros(len(units)), np.zeros(len(units), dtype=bool)
    live = np.flatnonzero(people > 0)
    group, names = pd.factorize(strata[live], sort=True)
    size = people[live].astype(np.float64)
    if drawn.measure:
        size = np.array([(frame.sizes or {})[str(each)] for each in units[live]])
    held = np.bincount(group).astype(np.int64)
    _check_size(frame, drawn.size, len(live), len(names), "units")
    weights: Floats = np.bincount(group, weights=size if drawn.method == "pps" else None).astype(np.float64)
    wanted = allocate(weights, held, drawn.size)
    luck = stream("unit", list(units[live]))
    pool = Pool(group.astype(np.int64), len(names), np.ones(len(live), dtype=bool), luck, drawn.method, size)
    chance[live] = chance_of(pool, wanted)
    taken[live] = select(pool, wanted, stream("unit start", list(names)))
    return chance, taken


def _shares(sampling: Sampling, first: SampledUnits, frame: Frame, people: Wholes, chance: Floats) -> Floats:
    """How many people of each unit if it is drawn, on average: no more than it has, and so many that `size` are expected."""
    size = sampling.size
    if not isinstance(size, int):
        return people.astype(np.float64)
    _check_size(frame, size, int(people.sum()), first.size)
    expected = float(chance @ people)
    if size > expected + 1e-9:
        what = f"{size:,} people are to be drawn from {first.size:,} units, which hold {expected:,.1f} on average"
        raise _fault(frame, what, "draw fewer people, or more units", "DRW10")
    held = people.astype(np.float64)
    part: Floats = np.minimum(held, 1.0)
    if sampling.allocation != "equal":
        part = held / np.where(chance > 0, chance, 1.0)
    low, high = 0.0, float(people.sum())
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if chance @ np.minimum(middle * part, held) < size else (low, middle)
    share: Floats = np.minimum(high * part, held).round(9)
    return share


def _fault(frame: Frame, what: str, mend: str, code: str) -> DataError:
    return DataError(what, where=Place(frame.path), mend=mend, code=code)

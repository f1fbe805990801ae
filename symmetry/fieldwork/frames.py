"""Frames: the lists from which people are drawn, read and checked against the study before anybody is.

A frame of people (contacts or employees) has a column `person`; one of interactions `interaction`, `contact` and `at`, and
if it likes `event`.  Frame items of the audience are columns by their key.  Other columns are left alone and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from symmetry.errors import DataError, Place
from symmetry.fieldwork.chances import Floats, Mask
from symmetry.fieldwork.files import Texts
from symmetry.fieldwork.frame_checks import Findings, blank_as_none, category, days, filled, identifiers, number
from symmetry.fieldwork.frame_reading import alike, read_listed
from symmetry.fieldwork.quota_notes import notes_on
from symmetry.spec import Item, Sampling, Study, nearest

__all__ = ["Frame", "of_event", "read_frame"]


@dataclass(frozen=True)
class Frame:
    """A checked list of people or of interactions, in the order of their ids.

    Attributes
    ----------
    path, sha256 : the file and its fingerprint.
    kind : what a row is.
    audience : whom it lists.
    rows : one a person or interaction: `person` (its id, sorted), `contact`, `event` ("" without), then the frame items it holds.
    ignored : columns that the study knows nothing of.
    absent : frame items that it does not hold.
    sizes : unit → its size, where units are drawn by a measure that a frame of units gives; None without such a frame.
    units : the units' file and fingerprint, None without.
    notes : what is odd and stops nothing, in sentences; nobody is named.
    """

    path: Path
    sha256: str
    kind: Literal["people", "interactions"]
    audience: str
    rows: pd.DataFrame
    ignored: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    sizes: Mapping[str, float] | None = None
    units: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()


def of_event(events: Texts, event: str | None) -> Mask:
    """Rows that a wave can draw: those of the event that it follows or of no event; all, where it follows none."""
    found: Mask = (events == "") | (events == event) | (event is None)
    return found


def read_frame(
    path: Path,
    study: Study,
    audience: str,
    *,
    wave: str | None = None,
    units: Path | None = None,
    on: date | None = None,
    encoding: str = "utf-8",
) -> Frame:
    """Read a frame and check it against the study, and against what a wave needs to draw from it.

    Parameters
    ----------
    path : a CSV or Parquet file.
    study, audience : whose frame items are its columns.
    wave : key of the wave to be drawn; without, nothing is asked of strata, measures and quotas.
    units : a CSV or Parquet file with a column `unit`, and the measure where units are drawn by one.
    on : no interaction may be later.
    encoding : of CSV files.

    Returns
    -------
    Frame in the order of the ids.

    Raises
    ------
    DataError : the file cannot be read, or, all in one: columns are missing; ids are missing or stand twice; a category, a
        unit, a number or a time is unknown; a stratum, measure, order or quota's item is blank, or its column lacks; a measure
        is not above 0.  At most 20 are named, the rest counted.  Blanks matter in the rows of the wave's event alone.
    """
    sampling = study.waves[wave].sampling.get(audience, Sampling()) if wave is not None else Sampling()
    after = study.waves[wave].after if wave is not None else None
    inside = _inside(sampling) if units is not None else sampling
    items = _items(study, audience)
    ids = {"person", "interaction", "contact"} | ({sampling.units.of} if sampling.units is not None else set())
    raw = read_listed(path, {"event", "at"} | set(items), ids, encoding=encoding, what="the frame")
    findings = Findings(raw)
    kind: Literal["people", "interactions"] = "interactions" if "interaction" in raw.names else "people"
    own = ("interaction", "contact", "at", "event") if kind == "interactions" else ("person",)
    _check_columns(findings, own[:3], inside, items)
    identifiers(findings, own[0])
    cells: dict[str, Any] = {"person": raw.cells[own[0]], "contact": raw.cells[own[0]], "event": ""}
    if kind == "interactions":
        filled(findings, "contact", "so nobody can be written to")
        days(findings, "at", last=on)
        cells |= {"contact": raw.cells["contact"], "event": raw.cells.get("event", "")}
    cells |= {key: _cells(findings, item, inside) for key, item in items.items() if key in raw.cells}
    sizes, file = _units(findings, units, sampling, encoding)
    scope = of_event(raw.cells.get("event", np.full(raw.rows, "", dtype=object)), after)
    _check_needed(findings, inside, scope)
    findings.stop()
    rows = pd.DataFrame(cells)
    rows = rows.iloc[np.argsort(raw.cells[own[0]], kind="stable")].reset_index(drop=True)
    ignored = tuple(name for name in raw.names if name not in own and name not in items)
    absent = tuple(key for key in items if key not in raw.cells)
    known_as = "person" if kind == "people" else "contact"
    notes = (*_alike(known_as, rows), *notes_on(sampling, raw.cells, scope, items))
    return Frame(path, raw.sha256, kind, audience, rows, ignored, absent, sizes, file, notes)


def _alike(name: str, rows: pd.DataFrame) -> list[str]:
    """A warning where one person may stand under two names."""
    count = alike(rows["contact"].unique())
    if not count:
        return []
    return [
        f"{count:,} of the `{name}` differ from another in capitals or invisible characters alone: are they one person?"
    ]


def _inside(sampling: Sampling) -> Sampling:
    """What a draw needs of people's own frame where a frame of units gives the units' sizes."""
    units = sampling.units
    return sampling if units is None else replace(sampling, units=replace(units, measure=None))


def _items(study: Study, audience: str) -> dict[str, Item]:
    """Frame items of an audience."""
    return {
        key: item
        for key, item in study.items.items()
        if item.role == "frame" and (audience in item.audiences or not item.audiences)
    }


def _check_columns(findings: Findings, own: tuple[str, ...], inside: Sampling, items: Mapping[str, Item]) -> None:
    """Stop where columns lack without which nothing else can be said."""
    names = findings.raw.names
    for name, why in {**dict.fromkeys(own, ""), **_needed(inside)}.items():
        if name not in names:
            findings.add(f"there is no column `{name}`{why and ', '}{why}", _like(name, names), "FRM02")
        elif why and name not in items:
            findings.add(f"`{name}` is no frame item of these people, {why}", "mend the wave's sample", "FRM02")
    findings.stop()


def _like(name: str, names: tuple[str, ...]) -> str:
    return f"rename the column that holds it: {nearest(name, list(names))}"


def _needed(sampling: Sampling) -> dict[str, str]:
    """Columns that a draw needs, and what for."""
    found = dict.fromkeys(sampling.order, "by which people are sorted")
    found |= {name: f"which the quota `{quota}` counts by" for quota in sampling.quotas for name in quota.by}
    found |= dict.fromkeys(sampling.by, "by which the sample is stratified")
    found |= {sampling.measure: "which is the measure of size"} if sampling.measure else {}
    if sampling.units is not None:
        why = "which is the units' measure of size (a frame of units, `--units`, may hold it)"
        found |= {sampling.units.measure: why} if sampling.units.measure else {}
        found |= {sampling.units.of: "which names a person's unit"}
    return found


def _check_needed(findings: Findings, sampling: Sampling, scope: Mask) -> None:
    """No blank in what a draw needs."""
    for name, why in _needed(sampling).items():
        if name in findings.raw.cells:
            filled(findings, name, why, scope)


def _cells(findings: Findings, item: Item, sampling: Sampling) -> Any:
    """Cells of one frame item, in its own kind."""
    if item.values is not None:
        return pd.array(category(findings, item), dtype="str")
    measures = {sampling.measure, sampling.units.measure if sampling.units is not None else None}
    if item.numeric and item.key in measures:
        return number(findings, item.key, above=0, why="and nobody of no size can be drawn in proportion to it")
    if item.numeric:
        return number(findings, item.key)
    return pd.array(blank_as_none(findings.raw.cells[item.key]), dtype="str")


def _units(
    findings: Findings, path: Path | None, sampling: Sampling, encoding: str
) -> tuple[dict[str, float] | None, tuple[str, str] | None]:
    """Sizes of units from a frame of units, which must know every unit that people are in."""
    drawn = sampling.units
    if path is None:
        return _sizes_inside(findings, sampling), None
    if drawn is None:
        raise DataError(
            "a frame of units was given, and this sample draws no units",
            where=Place(path),
            mend="leave it out, or write `units:` into the wave's sample",
            code="FRM09",
        )
    raw = read_listed(path, {drawn.measure or "unit"}, {"unit"}, encoding=encoding, what="units")
    own = Findings(raw)
    for name in ("unit", *([drawn.measure] if drawn.measure else [])):
        if name not in raw.names:
            own.add(f"there is no column `{name}`", _like(name, raw.names), "FRM02")
    own.stop()
    identifiers(own, "unit")
    sizes = np.ones(raw.rows)
    if drawn.measure:
        filled(own, drawn.measure, "which is the units' measure of size")
        sizes = number(own, drawn.measure, above=0, why="and no unit of no size can be drawn in proportion to it")
    own.stop()
    known = set(raw.cells["unit"])
    numbers, values = pd.factorize(findings.raw.cells[drawn.of])
    for index, value in enumerate(values):
        if value and value not in known:
            what = f"there is no unit `{value}` in {path.name}"
            findings.add(what, nearest(str(value), sorted(known)), "FRM10", np.flatnonzero(numbers == index))
    found = dict(zip(raw.cells["unit"], sizes.tolist(), strict=True)) if drawn.measure else None
    return found, (path.name, raw.sha256)


def _sizes_inside(findings: Findings, sampling: Sampling) -> dict[str, float] | None:
    """Sizes of units that stand beside their people: one for each unit."""
    drawn = sampling.units
    if drawn is None or drawn.measure is None:
        return None
    size: Floats = number(Findings(findings.raw), drawn.measure)
    of = pd.Series(findings.raw.cells[drawn.of])
    first = pd.Series(size).groupby(of, sort=False).transform("first").to_numpy()
    for row in np.flatnonzero((first != size) & ~np.isnan(size)):
        what = f"`{drawn.measure}` is {size[row]:g} here and {first[row]:g} in an earlier row of the same unit"
        findings.add(what, "give every row of a unit its one size", "FRM11", [int(row)])
    return dict(zip(of, first.tolist(), strict=True))

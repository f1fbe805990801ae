"""One results folder, read once.

A hidden row loses its numbers here, at the door, so that no picture can show them by mistake.  Missing files, columns and
facts are a `ReportError` that names them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from inspect import get_annotations
from pathlib import Path
from typing import Any, TypeVar

from symmetry.errors import Place, ReportError
from symmetry.report.driver_rows import PenaltyRow, PriorityRow, WhatIfRow
from symmetry.report.results_view import View
from symmetry.report.rows import (
    AgreementRow,
    DriverRow,
    EffectRow,
    FieldworkRow,
    GapRow,
    LevelRow,
    PartitionRow,
    RankRow,
    TabulatedRow,
    TrendRow,
    UnitRow,
    WeightRow,
)
from symmetry.report.words import LANGUAGES

__all__ = ["read", "read_cover"]

_R = TypeVar("_R", bound=Any)
_AGAIN = "run `symmetry analyse` again"
_TABLES: Mapping[str, Any] = {
    "levels": LevelRow,
    "gaps": GapRow,
    "drivers": DriverRow,
    "weights": WeightRow,
    "fieldwork": FieldworkRow,
}
# tables that only some studies have, or that an older `analyse` did not write: without them their sections stay away
_LATER: Mapping[str, Any] = {
    "units": UnitRow,
    "agreement": AgreementRow,
    "partition": PartitionRow,
    "effects": EffectRow,
    "ranks": RankRow,
    "trends": TrendRow,
    "tabulated": TabulatedRow,
    "priorities": PriorityRow,
    "penalties": PenaltyRow,
    "whatif": WhatIfRow,
}
# columns that older tables lack
_STANDING = ("present", "p_slope", "floor", "tier", "rank_lower", "rank_upper", "top3", "vif", "halo")
_COUNTED = ("asked", "missing", "asymmetry_lower", "asymmetry_upper")
_SPARE = ("quadrant_chance", *_STANDING, *_COUNTED)


def read(results: str | Path, *, language: str | None = None) -> View:
    """Read a results folder written by `analyse`.

    Parameters
    ----------
    results : folder with `levels`, `gaps`, `drivers`, `weights`, `fieldwork` (Parquet), `manifest.json` and `study.json`;
        `units`, `agreement`, `partition`, `effects`, `ranks`, `trends`, `tabulated`, `priorities`, `penalties` and `whatif`
        are read where they are.
    language : "fr" or "en"; None takes the plan's language, else the study's first.

    Raises
    ------
    ReportError : a file or a column is missing, or the report has no words in this language.
    """
    cover = read_cover(results, language=language)
    rows: dict[str, Any] = {name: _rows(cover.folder / f"{name}.parquet", kind) for name, kind in _TABLES.items()}
    for name, kind in _LATER.items():
        if (path := cover.folder / f"{name}.parquet").is_file():
            rows[name] = _rows(path, kind, needed=("item", *get_annotations(kind)))
    for row in rows["gaps"]:
        if row.reading == "relative" and row.shown and row.general is None:
            what = f"a relative gap of {row.item} lacks the general difference it is counted beyond"
            raise ReportError(what, where=Place(cover.folder / "gaps.parquet"), mend=_AGAIN)
    return replace(cover, **rows)


def read_cover(results: str | Path, *, language: str | None = None) -> View:
    """What stands on the cover of a results folder: manifest and study, no table read (but each must be there).

    Parameters and errors are those of `read`.
    """
    folder = Path(results)
    manifest, study = _json(folder / "manifest.json"), _json(folder / "study.json")
    asked = language or manifest.get("language") or next(iter(study.get("languages") or LANGUAGES))
    if asked not in LANGUAGES:
        raise ReportError(f"the report has no words in {asked!r}", mend=f"choose one of {', '.join(LANGUAGES)}")
    _complete(folder, manifest, study)
    for name in _TABLES:
        if not (folder / f"{name}.parquet").is_file():
            raise ReportError("a table is missing", where=Place(folder / f"{name}.parquet"), mend=_AGAIN)
    return View(folder=folder, language=asked, manifest=manifest, study=study)


def _complete(folder: Path, manifest: Mapping[str, Any], study: Mapping[str, Any]) -> None:
    """Refuse a folder of an older `analyse`, whose facts would be misread."""
    if "lonely_psu" not in manifest:
        raise ReportError("the manifest lacks lonely_psu", where=Place(folder / "manifest.json"), mend=_AGAIN)
    if not all(isinstance(departure, Mapping) for departure in manifest.get("departures") or ()):
        what = "a departure is not said language by language"
        raise ReportError(what, where=Place(folder / "manifest.json"), mend=_AGAIN)
    nameless = [key for key, item in (study.get("items") or {}).items() if "key" not in (item.get("scale") or {})]
    if nameless:
        what = f"the scale of {', '.join(nameless)} lacks its key"
        raise ReportError(what, where=Place(folder / "study.json"), mend=_AGAIN)


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as absent:
        raise ReportError(
            "this is not a folder of results: the file is missing",
            where=Place(path),
            mend="run `symmetry analyse` first",
        ) from absent
    except ValueError as broken:
        raise ReportError(f"the file cannot be read: {broken}", where=Place(path), mend=_AGAIN) from broken
    return dict(content)


def _rows(path: Path, kind: type[_R], *, needed: Sequence[str] = ()) -> tuple[_R, ...]:
    """Rows of a table; `needed` are the columns it must have (none named: all of them), the others may stay at their default."""
    import pandas as pd

    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as broken:
        raise ReportError(f"the table cannot be read: {broken}", where=Place(path), mend=_AGAIN) from broken
    types = {one.name: str(one.type) for one in fields(kind)}
    lacking = [name for name in needed or types if name not in frame.columns and name not in _SPARE]
    if lacking:
        raise ReportError(f"the table lacks {', '.join(lacking)}", where=Place(path), mend=_AGAIN)
    columns = [name for name in types if name in frame.columns]
    plain = frame[columns].astype(object).where(frame[columns].notna(), None)
    return tuple(kind(**_clean(record, types)) for record in plain.to_dict("records"))


def _clean(record: Mapping[Any, Any], types: Mapping[str, str]) -> dict[str, Any]:
    values = {str(name): _value(value, types[str(name)]) for name, value in record.items()}
    if values.get("suppressed"):
        hidden: Iterable[str] = (name for name, kind in types.items() if kind.startswith("float") and name in values)
        values.update(dict.fromkeys(hidden))
    return values


def _value(value: Any, kind: str) -> Any:
    missing = value is None or (isinstance(value, float) and not math.isfinite(value))
    if kind.startswith("float"):
        return None if missing else float(value)
    if kind == "bool":
        return False if missing else bool(value)
    return "" if missing else str(value)

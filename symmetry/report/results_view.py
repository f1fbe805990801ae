"""What the report knows: one results folder, read once, with the words of its study.

The report computes no statistic; it looks rows up.  A hidden row loses its numbers here, at the door, so that no picture can show
them by mistake.  Missing files and columns are a `ReportError` that names them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from symmetry.errors import Place, ReportError

__all__ = ["DriverRow", "FieldworkRow", "GapRow", "LevelRow", "Row", "View", "WeightRow", "read", "read_cover"]


@dataclass(frozen=True)
class Row:
    """One estimate of a results table; a hidden one keeps its keys and has no number."""

    statistic: str = ""
    item: str = ""
    by: str = ""
    domain: str = ""
    wave: str = ""
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    n: float | None = None
    suppressed: bool = False
    note: str = ""

    @property
    def shown(self) -> bool:
        """Whether there is a number to show."""
        return not self.suppressed and self.estimate is not None


@dataclass(frozen=True)
class LevelRow(Row):
    """A mean, a favourable share or an NPS of one face of an item."""

    audience: str = ""
    face: str = ""


@dataclass(frozen=True)
class GapRow(Row):
    """Customers (a) minus employees (b) on one item, with its verdict."""

    a: str = ""
    b: str = ""
    mirror: str = ""
    reading: str = ""
    verdict: str = ""
    grade: str = ""
    quadrant: str = ""
    smallest: float | None = None
    n_a: float | None = None
    n_b: float | None = None
    n_to_settle: float | None = None


@dataclass(frozen=True)
class DriverRow(Row):
    """A driver's share of R² in one audience (statistic `lmg`), or R² itself (`r2`)."""

    audience: str = ""
    outcome: str = ""
    r2: float | None = None
    rank: float | None = None
    share_of_r2: float | None = None


@dataclass(frozen=True)
class WeightRow:
    """One fact about the weights of an audience."""

    audience: str = ""
    wave: str = ""
    measure: str = ""
    variable: str = ""
    category: str = ""
    value: float | None = None
    target: float | None = None
    note: str = ""


@dataclass(frozen=True)
class FieldworkRow:
    """One count of the field: invited, returned, kept, set aside."""

    wave: str = ""
    audience: str = ""
    measure: str = ""
    item: str = ""
    n: float | None = None
    note: str = ""


_R = TypeVar("_R", LevelRow, GapRow, DriverRow, WeightRow, FieldworkRow)
_AGAIN = "run `symmetry analyse` again"
_TABLES: Mapping[str, Any] = {
    "levels": LevelRow,
    "gaps": GapRow,
    "drivers": DriverRow,
    "weights": WeightRow,
    "fieldwork": FieldworkRow,
}


@dataclass(frozen=True)
class View:
    """A results folder as the report sees it, in one language."""

    folder: Path
    language: str
    manifest: Mapping[str, Any]
    study: Mapping[str, Any]
    levels: tuple[LevelRow, ...] = field(default=(), repr=False)
    gaps: tuple[GapRow, ...] = field(default=(), repr=False)
    drivers: tuple[DriverRow, ...] = field(default=(), repr=False)
    weights: tuple[WeightRow, ...] = field(default=(), repr=False)
    fieldwork: tuple[FieldworkRow, ...] = field(default=(), repr=False)

    @property
    def waves(self) -> tuple[str, ...]:
        """Wave keys, the main one first."""
        return tuple(self.manifest.get("waves") or ())

    @property
    def wave(self) -> str:
        """The main wave: gaps and drivers come from it."""
        return self.waves[0] if self.waves else ""

    @property
    def simulated(self) -> bool:
        """Whether the answers were made up by the simulator."""
        return bool(self.manifest.get("simulated"))

    @property
    def mirrored(self) -> bool:
        """Whether two audiences were asked."""
        return bool(self.manifest.get("mirrored", len(self.study.get("audiences", {})) > 1))

    @property
    def outcome(self) -> str:
        """Key of the outcome item."""
        return str(self.manifest.get("outcome") or "")

    @property
    def unit(self) -> str:
        """The frame item of the units' picture, or nothing."""
        return str(self.manifest.get("unit") or "")

    @property
    def level(self) -> float:
        """Confidence level of every interval."""
        return float(self.manifest.get("level") or 0.95)

    def text(self, texts: object, default: str = "") -> str:
        """A study text in the report's language, else in the language the study has."""
        if isinstance(texts, Mapping):
            return str(texts.get(self.language) or next(iter(texts.values()), default))
        return str(texts) if texts else default

    def item(self, key: str) -> Mapping[str, Any]:
        """What the study says of an item (empty if it says nothing)."""
        found = self.study.get("items", {}).get(key, {})
        return found if isinstance(found, Mapping) else {}

    def statistic(self, key: str) -> str:
        """The statistic an item is read by: mean, favourable or nps."""
        named = self.item(key).get("statistic") or ""
        return str(named if isinstance(named, str) else next(iter(named), ""))

    def find_level(
        self, item: str, face: str, statistic: str, *, by: str = "", domain: str = "", wave: str = ""
    ) -> LevelRow | None:
        """One level, or None if the results do not hold it."""
        return self._levels.get((wave or self.wave, item, face, statistic, by, domain))

    def pairs(self, *, by: str = "") -> list[GapRow]:
        """One row per mirrored pair (and domain of `by`): its own statistic, and the reading its verdict stands on."""
        rows = [row for row in self.gaps if row.by == by and row.wave in ("", self.wave)]
        rows = [row for row in rows if row.reading in ("", "relative" if row.mirror == "parallel" else "absolute")]
        offered: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            offered.setdefault((row.item, row.b), []).append(row.statistic)
        return [row for row in rows if row.statistic == self._preferred(row.item, offered[row.item, row.b])]

    def main_levels(self, audience: str, *, by: str = "", wave: str = "") -> list[LevelRow]:
        """Own-face levels of an audience, one row per item and domain, in the item's own statistic."""
        face = {"customers": "customer", "employees": "employee"}.get(audience, audience)
        rows = [row for row in self.levels if row.by == by and row.wave == (wave or self.wave) and row.face == face]
        offered: dict[str, list[str]] = {}
        for row in rows:
            offered.setdefault(row.item, []).append(row.statistic)
        return [row for row in rows if row.statistic == self._preferred(row.item, offered[row.item])]

    def _preferred(self, item: str, offered: list[str]) -> str:
        return self.statistic(item) if self.statistic(item) in offered else offered[0]

    @cached_property
    def _levels(self) -> dict[tuple[str, str, str, str, str, str], LevelRow]:
        return {(row.wave, row.item, row.face, row.statistic, row.by, row.domain): row for row in self.levels}


def read(results: str | Path, *, language: str | None = None) -> View:
    """Read a results folder written by `analyse`.

    Parameters
    ----------
    results : folder with `levels`, `gaps`, `drivers`, `weights`, `fieldwork` (Parquet), `manifest.json` and `study.json`.
    language : "fr" or "en"; None takes the plan's language, else the study's first.

    Raises
    ------
    ReportError : a file or a column is missing, or the report has no words in this language.
    """
    cover = read_cover(results, language=language)
    rows: dict[str, Any] = {name: _rows(cover.folder / f"{name}.parquet", kind) for name, kind in _TABLES.items()}
    return replace(cover, **rows)


def read_cover(results: str | Path, *, language: str | None = None) -> View:
    """What stands on the cover of a results folder: manifest and study, no table read (but each must be there).

    Parameters and errors are those of `read`.
    """
    from symmetry.report.words import LANGUAGES

    folder = Path(results)
    manifest, study = _json(folder / "manifest.json"), _json(folder / "study.json")
    asked = language or manifest.get("language") or next(iter(study.get("languages") or LANGUAGES))
    if asked not in LANGUAGES:
        raise ReportError(f"the report has no words in {asked!r}", mend=f"choose one of {', '.join(LANGUAGES)}")
    for name in _TABLES:
        if not (folder / f"{name}.parquet").is_file():
            raise ReportError("a table is missing", where=Place(folder / f"{name}.parquet"), mend=_AGAIN)
    return View(folder=folder, language=asked, manifest=manifest, study=study)


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


def _rows(path: Path, kind: type[_R]) -> tuple[_R, ...]:
    import pandas as pd

    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as broken:
        raise ReportError(f"the table cannot be read: {broken}", where=Place(path), mend=_AGAIN) from broken
    columns = [one.name for one in fields(kind)]
    lacking = [name for name in columns if name not in frame.columns]
    if lacking:
        raise ReportError(f"the table lacks {', '.join(lacking)}", where=Place(path), mend=_AGAIN)
    types = {one.name: str(one.type) for one in fields(kind)}
    plain = frame[columns].astype(object).where(frame[columns].notna(), None)
    return tuple(kind(**_clean(record, types)) for record in plain.to_dict("records"))


def _clean(record: Mapping[Any, Any], types: Mapping[str, str]) -> dict[str, Any]:
    values = {str(name): _value(value, types[str(name)]) for name, value in record.items()}
    if values.get("suppressed"):
        hidden: Iterable[str] = (name for name, kind in types.items() if kind.startswith("float"))
        values.update(dict.fromkeys(hidden))
    return values


def _value(value: Any, kind: str) -> Any:
    missing = value is None or (isinstance(value, float) and not math.isfinite(value))
    if kind.startswith("float"):
        return None if missing else float(value)
    if kind == "bool":
        return False if missing else bool(value)
    return "" if missing else str(value)

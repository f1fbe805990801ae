"""What the report knows: the rows of one results folder with the words of its study.

The report computes no statistic; it looks rows up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

__all__ = ["DriverRow", "FieldworkRow", "GapRow", "LevelRow", "Row", "View", "WeightRow"]


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
    """Customers (a) minus employees (b) on one item, with its verdict; `general` is what a relative gap is counted beyond."""

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
    general: float | None = None

    @property
    def shown(self) -> bool:
        """Whether there is something to show: of a loose pair two levels, of any other a gap."""
        return super().shown or (self.mirror == "loose" and not self.suppressed)


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

    def scale(self, key: str) -> Mapping[str, Any]:
        """The scale of an item: its key, kind, low and high (empty if the study says nothing of the item)."""
        found = self.item(key).get("scale")
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

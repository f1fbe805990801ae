"""What the report knows: the rows of one results folder with the words of its study.

The report computes no statistic; it looks rows up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from symmetry.report.driver_rows import PenaltyRow, PriorityRow, WhatIfRow
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

__all__ = ["View"]


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
    units: tuple[UnitRow, ...] = field(default=(), repr=False)
    agreement: tuple[AgreementRow, ...] = field(default=(), repr=False)
    partition: tuple[PartitionRow, ...] = field(default=(), repr=False)
    effects: tuple[EffectRow, ...] = field(default=(), repr=False)
    ranks: tuple[RankRow, ...] = field(default=(), repr=False)
    trends: tuple[TrendRow, ...] = field(default=(), repr=False)
    tabulated: tuple[TabulatedRow, ...] = field(default=(), repr=False)
    priorities: tuple[PriorityRow, ...] = field(default=(), repr=False)
    penalties: tuple[PenaltyRow, ...] = field(default=(), repr=False)
    whatif: tuple[WhatIfRow, ...] = field(default=(), repr=False)

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
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that the page is drawn from: those every study has, and the later ones that hold rows."""
        always = ("levels", "gaps", "drivers", "weights", "fieldwork")
        later = (one.name for one in fields(self) if str(one.type).startswith("tuple[") and one.name not in always)
        return (*always, *(name for name in later if getattr(self, name)))

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

    @property
    def unit_level(self) -> float:
        """Probability that a unit's interval and its verdict stand on."""
        return float(self.manifest.get("unit_level") or 0.90)

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

"""The nouns of a study: what is asked, of whom, when, and what was promised about its analysis.

Frozen, with no input or output: `checking` makes them, `mirroring` looks at them.  A text for people is a mapping from
language to string (`Text`); its first language is the study's source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from symmetry.errors import Place

__all__ = [
    "AUDIENCE_OF",
    "FACES",
    "Audience",
    "Comparison",
    "Face",
    "Item",
    "Margin",
    "MirrorType",
    "Privacy",
    "Registered",
    "Scale",
    "Study",
    "Target",
    "Text",
    "Wave",
    "column_of",
]

Text = Mapping[str, str]
Face = Literal["customer", "employee", "guess", "management", "cooperation"]
MirrorType = Literal["literal", "parallel", "projection", "loose"]
FACES: tuple[Face, ...] = ("customer", "employee", "guess", "management", "cooperation")
AUDIENCE_OF: Mapping[str, str] = {
    "customer": "customers",
    "employee": "employees",
    "guess": "employees",
    "management": "employees",
    "cooperation": "employees",
}


def column_of(item: str, face: str) -> str:
    """Name of the data column that holds one face of an item: the bare key for customer and employee, `item.face` else.

    Examples
    --------
    >>> column_of("listened", "employee"), column_of("listened", "guess")
    ('listened', 'listened.guess')
    """
    return item if face in ("customer", "employee") else f"{item}.{face}"


@dataclass(frozen=True)
class Scale:
    """How an item is answered.

    `likert`, `csat`, `ces`: whole codes low..high (1..points), the highest the most favourable unless `reversed`;
    `nps`: 0..10; `percent`: a favourable share between 0 and 100 that a publisher computed for a whole unit.
    `boxes` highest codes count as favourable.  `missing` gives the codes of "na", "dk", "refused", kept apart from an
    empty cell, which means "not asked or not answered".
    """

    key: str
    kind: Literal["likert", "nps", "csat", "ces", "percent"]
    low: float
    high: float
    boxes: int = 2
    reversed: bool = False
    missing: Mapping[str, int] = field(default_factory=dict)
    ends: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def points(self) -> int:
        """Number of codes (a percent scale counts 101)."""
        return int(self.high - self.low) + 1


@dataclass(frozen=True)
class Item:
    """One question in up to five faces, its scale, its role, and the mirror type of each employee-side face.

    A `frame` item is known beforehand and never asked: it has no face, and either `values` (category → label) or
    `numeric=True` or neither (free text such as a school's id).  `audiences` says whose data hold it.
    """

    key: str
    role: Literal["outcome", "driver", "frame", "demographic", "verbatim", "engagement"]
    label: Text
    scale: Scale | None = None
    faces: Mapping[str, Text] = field(default_factory=dict)
    mirrors: Mapping[str, str] = field(default_factory=dict)
    promise: str | None = None
    moment: str | None = None
    values: Mapping[str, Text] | None = None
    numeric: bool = False
    audiences: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True)
class Audience:
    """Customers or employees, under the name the study gives them (parents, teachers, passengers…)."""

    key: str
    name: Text


@dataclass(frozen=True)
class Wave:
    """One run, hot or cold, of some items, for some audiences.

    `sample` gives the number of people invited per audience ("census" = everybody); `after` the event of a hot wave and
    `delay` the wait after it, in hours; `window` the first and last day of a cold wave (ISO dates).
    """

    key: str
    kind: Literal["hot", "cold"]
    audiences: tuple[str, ...]
    items: tuple[str, ...]
    after: str | None = None
    delay: float | None = None
    window: tuple[str, str] | None = None
    sample: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Margin:
    """The smallest gap of interest with its unit: points of the scale, pct (points of a share), or nps."""

    value: float
    unit: Literal["points", "pct", "nps"]

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}"


@dataclass(frozen=True)
class Comparison:
    """Two faces to compare on every item that has both, and the smallest gap of interest per unit of measure."""

    a: str
    b: str
    smallest: tuple[Margin, ...]


@dataclass(frozen=True)
class Registered:
    """The analysis plan fixed before the field: outcome, drivers, segments, comparisons."""

    outcome: str
    drivers: tuple[str, ...]
    segments: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()


@dataclass(frozen=True)
class Privacy:
    """Cells with fewer answers than `min_cell` are never shown (floor 5, default 10)."""

    min_cell: int = 10


@dataclass(frozen=True)
class Target:
    """Population shares of one frame item, with their source and date."""

    variable: str
    shares: Mapping[str, float]
    source: str
    date: str


@dataclass(frozen=True)
class Study:
    """Two mirrored questionnaires (or one, by design), their audiences and waves: what we set out to learn."""

    key: str
    path: Path
    title: Text
    languages: tuple[str, ...]
    audiences: Mapping[str, Audience]
    promise: Mapping[str, Text]
    moments: Mapping[str, Text]
    scales: Mapping[str, Scale]
    items: Mapping[str, Item]
    waves: Mapping[str, Wave]
    registered: Registered
    privacy: Privacy
    targets: Mapping[str, tuple[Target, ...]]
    digest: str
    source: Text = field(default_factory=dict)

    @property
    def mirrored(self) -> bool:
        """Whether the study asks both audiences."""
        return {"customers", "employees"} <= set(self.audiences)

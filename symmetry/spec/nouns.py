"""The nouns of a questionnaire: scales, items with their faces, audiences, and the study that holds them all.

Frozen, with no input or output: `checking` makes them, `mirroring` looks at them.  A text for people is a mapping from
language to string (`Text`); its first language is the study's source.  What was promised to customers stands in
`referential`, when and how people are asked in `running`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from symmetry.errors import Place
from symmetry.spec.referential import Grid, Moment, Referential
from symmetry.spec.running import Contact, Owner, Privacy, Registered, Rotation, Target, Wave
from symmetry.spec.texts import Text

__all__ = [
    "AUDIENCES",
    "AUDIENCE_OF",
    "FACES",
    "RATED",
    "Audience",
    "Face",
    "Item",
    "MirrorType",
    "Role",
    "Scale",
    "ScaleKind",
    "Study",
    "column_of",
]

Face = Literal["customer", "employee", "guess", "management", "cooperation", "observer"]
MirrorType = Literal["literal", "parallel", "projection", "loose"]
Role = Literal["outcome", "driver", "engagement", "verbatim", "demographic", "observation", "frame"]
ScaleKind = Literal["likert", "nps", "csat", "ces", "percent", "score", "single", "multiple", "number", "date", "text"]
FACES: tuple[Face, ...] = ("customer", "employee", "guess", "management", "cooperation", "observer")
AUDIENCES = ("customers", "employees", "observers")
RATED = ("likert", "csat", "ces", "nps", "percent", "score")
_PUBLISHED = ("percent", "score")
AUDIENCE_OF: Mapping[str, str] = {
    "customer": "customers",
    "employee": "employees",
    "guess": "employees",
    "management": "employees",
    "cooperation": "employees",
    "observer": "observers",
}


def column_of(item: str, face: str) -> str:
    """Name of the data column that holds one face of an item: the bare key for an audience's own face, `item.face` else.

    Examples
    --------
    >>> column_of("listened", "employee"), column_of("listened", "guess")
    ('listened', 'listened.guess')
    """
    return item if face in ("customer", "employee", "observer") else f"{item}.{face}"


@dataclass(frozen=True)
class Scale:
    """How an item is answered.

    `likert`, `csat`, `ces`: whole codes low..high (1..points), the highest the most favourable unless `reversed`;
    `nps`: 0..10; `percent`: a favourable share between 0 and 100 that a publisher computed for a whole unit; `score`: a mark
    between low and high, the highest the best, that one computed so, in `unit`.
    `boxes` highest codes count as favourable; `ends` are the words at both ends, `labels` one word for each code, in the
    order of the codes.  `single` and `multiple`: keys of `choices` (of a multiple one, those chosen, separated by spaces;
    a choice in `exclusive` stands alone).  `number`: low..high with `decimals`, in `unit`; `date`: an ISO day between
    `earliest` and `latest`; `text`: up to `longest` characters.

    `missing` gives the codes of "na", "dk", "refused", kept apart from an empty cell, which means "not asked or not
    answered".
    """

    key: str
    kind: ScaleKind
    low: float = 0
    high: float = 0
    boxes: int = 2
    reversed: bool = False
    missing: Mapping[str, int] = field(default_factory=dict)
    ends: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    choices: Mapping[str, Text] = field(default_factory=dict)
    exclusive: tuple[str, ...] = ()
    decimals: int = 0
    unit: Text = field(default_factory=dict)
    earliest: str | None = None
    latest: str | None = None
    longest: int | None = None

    @property
    def rated(self) -> bool:
        """Whether answers are marks of favour, so that a mean, a share and a gap make sense."""
        return self.kind in RATED

    @property
    def published(self) -> bool:
        """Whether it holds figures that a publisher computed for whole units, and no answer of a person."""
        return self.kind in _PUBLISHED

    @property
    def points(self) -> int:
        """Number of codes of a rated scale (a percent scale counts 101), or of choices."""
        return len(self.choices) if self.choices else int(self.high - self.low) + 1


@dataclass(frozen=True)
class Item:
    """One question in up to six faces, its scale, its role, and the mirror type of each employee-side face.

    A `frame` item is known beforehand and never asked: it has no face, and either `values` (category → label) or
    `numeric=True` or neither (free text such as a school's id).  `audiences` says whose data hold it.  `values` of a
    demographic item are the choices of its scale.

    `scales` holds the faces that stand on another scale than `scale`, `negative` those worded the other way round;
    `scale_of` gives the scale of a face with both in mind.  `ask_if` is the routing expression, `waived` the warnings
    that the author answers for, with the reason written, and `sense` that of a sensory walk's item.
    """

    key: str
    role: Role
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
    scales: Mapping[str, Scale] = field(default_factory=dict)
    negative: tuple[str, ...] = ()
    ask_if: str | None = None
    owner: str | None = None
    sense: str | None = None
    waived: Mapping[str, str] = field(default_factory=dict)

    @property
    def rated(self) -> bool:
        """Whether its answers are marks of favour; an open question or a choice has none."""
        return self.scale is not None and self.scale.rated

    def scale_of(self, face: str | None) -> Scale | None:
        """The scale on which one face is answered: its own where it has one, turned over where it is worded negatively.

        Examples
        --------
        >>> agree = Scale("agree5", "likert", 1, 5)
        >>> late = Item("on_time", "driver", {}, agree, negative=("employee",))
        >>> late.scale_of("customer").reversed, late.scale_of("employee").reversed
        (False, True)
        """
        scale = self.scales.get(face or "", self.scale)
        return replace(scale, reversed=not scale.reversed) if scale and face in self.negative else scale


@dataclass(frozen=True)
class Audience:
    """Customers, employees or observers, under the name the study gives them (parents, teachers, mystery shoppers…)."""

    key: str
    name: Text


@dataclass(frozen=True)
class Study:
    """Two mirrored questionnaires (or one, by design), their audiences and waves: what we set out to learn.

    `promise` maps each thing promised to its words; items hang on its keys.  `moments` maps "journey.moment" to a moment of
    truth; `journeys` each journey to its name.  `service`, `management` and `cooperation` are the referentials, on one
    structure; None where the study has none.
    """

    key: str
    path: Path
    title: Text
    languages: tuple[str, ...]
    audiences: Mapping[str, Audience]
    promise: Mapping[str, Text]
    moments: Mapping[str, Moment]
    scales: Mapping[str, Scale]
    items: Mapping[str, Item]
    waves: Mapping[str, Wave]
    registered: Registered
    privacy: Privacy
    targets: Mapping[str, tuple[Target, ...]]
    digest: str
    source: Text = field(default_factory=dict)
    journeys: Mapping[str, Text] = field(default_factory=dict)
    service: Referential | None = None
    management: Referential | None = None
    cooperation: Referential | None = None
    grids: Mapping[str, Grid] = field(default_factory=dict)
    rotation: Rotation | None = None
    contact: Contact | None = None
    owners: Mapping[str, Owner] = field(default_factory=dict)
    trims: Mapping[str, float] = field(default_factory=dict)
    waived: Mapping[str, str] = field(default_factory=dict)

    @property
    def mirrored(self) -> bool:
        """Whether the study asks both audiences."""
        return {"customers", "employees"} <= set(self.audiences)

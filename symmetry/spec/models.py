"""The form of a study file, first half: which keys what is asked has, and of which type.

Private to the room: outside it a study is the frozen nouns of `nouns.py`.  What the keys mean together is left to
`checking`; how a study is run has its forms in `models_running`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from symmetry.spec.forms import Bound, GuessWords, MirrorTypes, Words
from symmetry.spec.nouns import Face, MirrorType
from symmetry.spec.validating import Strict

__all__ = [
    "AskedModel",
    "DemographicModel",
    "FrameModel",
    "GridModel",
    "JourneyModel",
    "MirroredReferentialModel",
    "MomentModel",
    "ObservationModel",
    "RatedModel",
    "ScaleModel",
    "ServiceModel",
    "StudyModel",
    "VerbatimModel",
]


class StudyModel(Strict):
    """The head of a study file; each section below is checked entry by entry with its own model."""

    symmetry: Literal[1]
    study: str
    title: Words
    languages: Annotated[list[str], Field(min_length=1)]
    source: Words | None = None
    audiences: dict[str, Any]
    promise: dict[str, Any] = Field(default_factory=dict)
    service: dict[str, Any] | None = None
    management: dict[str, Any] | None = None
    cooperation: dict[str, Any] | None = None
    journeys: dict[str, Any] = Field(default_factory=dict)
    scales: dict[str, Any]
    items: dict[str, Any]
    grids: dict[str, Any] = Field(default_factory=dict)
    rotation: dict[str, Any] | None = None
    waves: dict[str, Any]
    contact: dict[str, Any] | None = None
    owners: dict[str, Any] = Field(default_factory=dict)
    privacy: dict[str, Any] = Field(default_factory=dict)
    weights: dict[str, Any] = Field(default_factory=dict)
    plan: dict[str, Any]
    waive: dict[str, str] = Field(default_factory=dict)


class ServiceModel(Strict):
    """The service referential: one promise, three attitudes with respect among them."""

    promise: Words
    attitudes: list[str]
    respect: str


class MirroredReferentialModel(Strict):
    """The referential turned inwards, on the same structure: manager to employee, or team to team."""

    promise: Words
    attitudes: dict[str, Words]
    moments: dict[str, Any] = Field(default_factory=dict)


class MomentModel(Strict):
    """A moment of truth, the channel where it is lived, the emotion aimed at, and what brings it about."""

    name: Words
    channel: str | None = None
    emotion: Words | None = None
    rituals: list[Words] = Field(default_factory=list)
    cues: list[Words] = Field(default_factory=list)


class JourneyModel(Strict):
    """A journey and its moments."""

    name: Words
    moments: dict[str, Any] = Field(default_factory=dict)


class ScaleModel(Strict):
    """How an item is answered."""

    type: Literal["likert", "csat", "ces", "nps", "percent", "score", "single", "multiple", "number", "date", "text"]
    points: Annotated[int, Field(ge=2, le=11)] | None = None
    boxes: Annotated[int, Field(ge=1)] | None = None
    reversed: bool = False
    missing: dict[Literal["na", "dk", "refused"], int] = Field(default_factory=dict)
    ends: dict[str, list[str]] = Field(default_factory=dict)
    labels: dict[str, list[str]] = Field(default_factory=dict)
    choices: dict[str, Words] = Field(default_factory=dict)
    exclusive: list[str] = Field(default_factory=list)
    min: Bound = None
    max: Bound = None
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    unit: Words | None = None


class AskedModel(Strict):
    """What every item that is asked has: a label, faces, and when it is asked."""

    role: Literal["outcome", "driver", "engagement", "verbatim", "demographic", "observation", "frame"]
    label: Words
    promise: str | None = None
    at: str | None = None
    ask_if: str | None = None
    owner: str | None = None
    customer: Words | None = None
    employee: Words | None = None
    guess: GuessWords | None = None
    management: Words | None = None
    cooperation: Words | None = None
    observer: Words | None = None
    waive: dict[str, str] = Field(default_factory=dict)


class RatedModel(AskedModel):
    """An outcome, a driver or an engagement item, in up to five faces, each of which says how it mirrors."""

    scale: str
    scales: dict[Face, str] = Field(default_factory=dict)
    negative: list[Face] = Field(default_factory=list)
    mirror: Annotated[dict[Face, MirrorType], MirrorTypes] | None = None


class VerbatimModel(AskedModel):
    """An open question, answered in the respondent's own words."""

    scale: str | None = None


class DemographicModel(AskedModel):
    """A question about the person, to make domains of."""

    scale: str


class ObservationModel(AskedModel):
    """What an observer notes on the spot, in a grid."""

    scale: str
    sense: Literal["sight", "touch", "smell", "hearing"] | None = None


class FrameModel(Strict):
    """An item that is known beforehand and never asked."""

    role: Literal["frame"]
    label: Words
    values: dict[str, Words] | None = None
    type: Literal["category", "number", "text"] | None = None
    of: Literal["customers", "employees", "both"] = "both"


class GridModel(Strict):
    """Observations of one place, filled in together."""

    kind: Literal["walk", "skills"]
    title: Words
    items: Annotated[list[str], Field(min_length=1)]
    unit: str | None = None

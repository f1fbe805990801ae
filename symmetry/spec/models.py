"""The form of a study file: which keys, of which type.  What they mean together is left to `checking`.

Private to the room: outside it a study is the frozen nouns of `nouns.py`.  A text for people is given as
`{language: text}`, or as a bare text where the study has one language, which stands here under the empty language "".
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from symmetry.spec.nouns import Face, Margin, MirrorType
from symmetry.spec.validating import Strict

__all__ = [
    "ALL",
    "AskedModel",
    "ComparisonModel",
    "FrameModel",
    "JourneyModel",
    "MarginText",
    "MomentModel",
    "PlanModel",
    "PrivacyModel",
    "ScaleModel",
    "StudyModel",
    "WaveModel",
    "WeightingModel",
    "Words",
]

ALL = "*all*"
_MARGIN = re.compile(r"([0-9]*\.?[0-9]+)\s+(points|pct|nps)")
_UNITS: dict[str, Literal["points", "pct", "nps"]] = {"points": "points", "pct": "pct", "nps": "nps"}
_WINDOW = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")
_DELAY = re.compile(r"([0-9]*\.?[0-9]+)\s*(min|h|d)")


def _refuse(message: str, mend: str = "", code: str = "SPEC03") -> PydanticCustomError:
    return PydanticCustomError("house", "{message}", {"message": message, "mend": mend, "code": code})


def _words(value: Any) -> Any:
    if isinstance(value, str):
        return {"": value}
    if isinstance(value, dict) and value:
        return value
    raise _refuse("must be a text, or {language: text}", "put it in quotes, if it is meant as text")


def _all_or_list(value: Any) -> Any:
    if value == "all":
        return [ALL]
    if isinstance(value, list):
        return value
    raise _refuse("must be `all`, or a list: [a, b]")


def _guess(value: Any) -> Any:
    return {"": "auto"} if value == "auto" else _words(value)


def _mirror(value: Any) -> Any:
    if value == "none":
        return {}
    if isinstance(value, dict) and value:
        return value
    raise _refuse("must be `none`, or {face: mirror type}", "write `mirror: {employee: literal}` or `mirror: none`")


def _margins(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _margin(value: Any) -> Any:
    if isinstance(value, Margin):
        return value
    found = _MARGIN.fullmatch(value) if isinstance(value, str) else None
    if not found:
        mend = "write `0.3 points` (of the scale), `5 pct` (of a share) or `10 nps`"
        raise _refuse("a margin carries its unit", mend, "MAR01")
    return Margin(float(found[1]), _UNITS[found[2]])


def _window(value: Any) -> Any:
    found = _WINDOW.fullmatch(value) if isinstance(value, str) else None
    if not found or found[1] > found[2] or not all(_is_date(day) for day in found.groups()):
        raise _refuse("must be two days in order", "write `2027-03-01..2027-03-21`")
    return found.groups()


def _is_date(day: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _delay(value: Any) -> Any:
    found = _DELAY.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise _refuse("must be a wait with its unit", "write `30 min`, `2h` or `1d`")
    return float(found[1]) * {"min": 1 / 60, "h": 1, "d": 24}[found[2]]


def _invited(value: Any) -> Any:
    if value == "census" or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise _refuse("must be a number of people above 0, or `census`")


Words = Annotated[dict[str, str], BeforeValidator(_words)]
Listed = Annotated[list[str], BeforeValidator(_all_or_list)]
MarginText = Annotated[Any, BeforeValidator(_margin)]


class StudyModel(Strict):
    """The head of a study file; each section below is checked entry by entry with its own model."""

    symmetry: Literal[1]
    study: str
    title: Words
    languages: Annotated[list[str], Field(min_length=1)]
    source: Words | None = None
    audiences: dict[str, Any]
    promise: dict[str, Any] = Field(default_factory=dict)
    journeys: dict[str, Any] = Field(default_factory=dict)
    scales: dict[str, Any]
    items: dict[str, Any]
    waves: dict[str, Any]
    privacy: dict[str, Any] = Field(default_factory=dict)
    weights: dict[str, Any] = Field(default_factory=dict)
    plan: dict[str, Any]


class MomentModel(Strict):
    """A moment of truth of a journey, and the channel where it is lived."""

    channel: str
    name: Words


class JourneyModel(Strict):
    """A journey and its moments."""

    name: Words
    moments: dict[str, Any] = Field(default_factory=dict)


class ScaleModel(Strict):
    """How an item is answered."""

    type: Literal["likert", "csat", "ces", "nps", "percent"]
    points: Annotated[int, Field(ge=2, le=11)] | None = None
    boxes: Annotated[int, Field(ge=1)] | None = None
    reversed: bool = False
    missing: dict[Literal["na", "dk", "refused"], int] = Field(default_factory=dict)
    ends: dict[str, list[str]] = Field(default_factory=dict)


class AskedModel(Strict):
    """An item that is asked: an outcome, a driver or an engagement item, in up to five faces."""

    role: Literal["outcome", "driver", "engagement", "frame"]
    label: Words
    scale: str
    promise: str | None = None
    at: str | None = None
    customer: Words | None = None
    employee: Words | None = None
    guess: Annotated[dict[str, str], BeforeValidator(_guess)] | None = None
    management: Words | None = None
    cooperation: Words | None = None
    mirror: Annotated[dict[Face, MirrorType], BeforeValidator(_mirror)] | None = None


class FrameModel(Strict):
    """An item that is known beforehand and never asked."""

    role: Literal["frame"]
    label: Words
    values: dict[str, Words] | None = None
    type: Literal["category", "number", "text"] | None = None
    of: Literal["customers", "employees", "both"] = "both"


class WaveModel(Strict):
    """One run of some items, hot or cold."""

    kind: Literal["hot", "cold"]
    audiences: Annotated[list[str], Field(min_length=1)]
    items: Listed
    after: str | None = None
    delay: Annotated[float, BeforeValidator(_delay)] | None = None
    window: Annotated[Any, BeforeValidator(_window)] = None
    sample: dict[str, Annotated[Any, BeforeValidator(_invited)]] = Field(default_factory=dict)


class PrivacyModel(Strict):
    """What may be shown."""

    min_cell: int = 10


class WeightingModel(Strict):
    """How the answers of one audience are made to stand for its population."""

    rake: dict[str, str]


class ComparisonModel(Strict):
    """Two faces to compare, and the smallest gap of interest in each unit."""

    a: Face
    b: Face
    smallest: Annotated[list[MarginText], BeforeValidator(_margins), Field(min_length=1)]


class PlanModel(Strict):
    """The analysis registered before the field."""

    outcome: str
    drivers: Listed
    segments: list[str] = Field(default_factory=list)
    dissonance: list[Any] = Field(default_factory=list)

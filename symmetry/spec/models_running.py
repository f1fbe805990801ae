"""The form of a study file, second half: when and whom it asks, who sees what, and the plan fixed beforehand."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from symmetry.spec.forms import Allocation, DayHours, Hours, Invited, Listed, Margins, QuotaText, Size, Window, Words
from symmetry.spec.nouns import Face
from symmetry.spec.running import COLD_FIRST
from symmetry.spec.validating import Strict

__all__ = [
    "AlertModel",
    "ComparisonModel",
    "ContactModel",
    "ExpectModel",
    "ExpectedHotModel",
    "ExpectedModel",
    "ExpectedUnitsModel",
    "InviteModel",
    "OwnerModel",
    "PlanModel",
    "PrivacyModel",
    "RotationModel",
    "SampleModel",
    "SampledUnitsModel",
    "WaveModel",
    "WeightingModel",
]


class RotationModel(Strict):
    """Blocks of items whose order is drawn for each person."""

    seed: Annotated[int, Field(ge=0)]
    blocks: dict[str, list[str]]


class SampledUnitsModel(Strict):
    """The units that are drawn before the people in them."""

    of: str
    size: Annotated[int, Field(ge=1)]
    method: Literal["pps", "stratified"] = "pps"
    measure: str | None = None


class SampleModel(Strict):
    """Whom a wave invites, in which strata, how they are drawn, and the most answers wanted."""

    size: Size = None
    rate: Annotated[float, Field(gt=0, le=1)] | None = None
    units: dict[str, Any] = Field(default_factory=dict)
    by: list[str] = Field(default_factory=list)
    allocation: Allocation = "proportional"
    method: Literal["stratified", "systematic", "pps"] = "stratified"
    measure: str | None = None
    order: list[str] = Field(default_factory=list)
    quotas: list[QuotaText] = Field(default_factory=list)


class InviteModel(Strict):
    """The words that invite people to a wave, instead of those of the house."""

    subject: Words
    text: Words
    sms: Words | None = None


class WaveModel(Strict):
    """One run of some items, hot or cold."""

    kind: Literal["hot", "cold"]
    audiences: Annotated[list[str], Field(min_length=1)]
    items: Listed
    after: str | None = None
    delay: Hours | None = None
    arms: dict[Hours, Annotated[float, Field(gt=0, lt=1)]] = Field(default_factory=dict)
    open_for: Hours | None = None
    window: Window = None
    sample: dict[str, Annotated[dict[str, Any], Invited]] = Field(default_factory=dict)
    invite: dict[str, Any] = Field(default_factory=dict)
    reminders: list[Hours] = Field(default_factory=list)


class ContactModel(Strict):
    """The rules by which people may be asked."""

    quarantine: Hours | None = None
    max_per_year: Annotated[int, Field(ge=1)] | None = None
    cold_first: Hours = COLD_FIRST
    hours: DayHours = None
    tz: str = "UTC"
    channels: list[Literal["email", "sms", "qr", "phone", "post", "kiosk", "app"]] = Field(default_factory=list)


class OwnerModel(Strict):
    """Someone who answers for results, and what they may see."""

    name: Words
    sees: Annotated[list[Literal["levels", "gaps", "drivers", "verbatims", "alerts"]], Field(min_length=1)]
    of: list[str] = Field(default_factory=list)
    within: str | None = None
    hours: Annotated[float, Field(gt=0, le=10_000)] | None = None


class PrivacyModel(Strict):
    """What may be shown, what employees were promised, and how long what is kept."""

    min_cell: int = 10
    employees: Literal["anonymous", "confidential"] = "anonymous"
    keep_verbatim: Hours | None = None
    keep_identity: Hours | None = None


class WeightingModel(Strict):
    """How the answers of one audience are made to stand for its population."""

    rake: dict[str, str]
    trim: Annotated[float, Field(gt=1)] | None = None


class ComparisonModel(Strict):
    """Two faces to compare, and the smallest gap of interest in each unit."""

    a: Face
    b: Face
    smallest: Annotated[Margins, Field(min_length=1)]


class AlertModel(Strict):
    """An answer that calls for an answer."""

    when: str
    owner: str
    call_back: Hours
    close: Hours
    minutes: Annotated[float, Field(gt=0, le=1440)] = 20.0
    escalate: str | None = None


class ExpectedModel(Strict):
    """What one audience is expected to return, and how its answers will spread."""

    answers: Annotated[int, Field(ge=1)] | None = None
    invited: Annotated[int, Field(ge=1)] | None = None
    response: Annotated[float, Field(gt=0, le=1)] | None = None
    of: Annotated[int, Field(ge=2)] | None = None
    sd: Annotated[float, Field(gt=0, le=100)] | None = None
    share: Annotated[float, Field(gt=0, lt=1)] | None = None
    sd_nps: Annotated[float, Field(gt=0, le=100)] | None = None
    icc: Annotated[float, Field(ge=0, lt=1)] | None = None
    deff: Annotated[float, Field(ge=1)] | None = None
    cost: Annotated[float, Field(ge=0)] | None = None


class ExpectedUnitsModel(Strict):
    """The units that answers come from: how many are drawn, of how many."""

    drawn: Annotated[int, Field(ge=1)] | None = None
    of: Annotated[int, Field(ge=1)] | None = None
    together: Annotated[float, Field(ge=-1, le=1)] | None = None
    cost: Annotated[float, Field(ge=0)] | None = None


class ExpectedHotModel(Strict):
    """What a hot wave meets a day, and how many call for an answer."""

    contacts: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    delivered: Annotated[float, Field(gt=0, le=1)] | None = None
    response: Annotated[float, Field(gt=0, le=1)] | None = None
    alerts: dict[str, Annotated[float, Field(gt=0, le=1)]] = Field(default_factory=dict)


class ExpectModel(Strict):
    """What comes back if all goes as thought: read by the planner alone."""

    units: dict[str, Any] = Field(default_factory=dict)
    customers: dict[str, Any] = Field(default_factory=dict)
    employees: dict[str, Any] = Field(default_factory=dict)
    hot: dict[str, Any] = Field(default_factory=dict)
    finite: bool = False


class PlanModel(Strict):
    """The analysis registered before the field."""

    outcome: str
    drivers: Listed
    segments: list[str] = Field(default_factory=list)
    dissonance: list[Any] = Field(default_factory=list)
    expect: dict[str, Any] = Field(default_factory=dict)
    alerts: dict[str, Any] = Field(default_factory=dict)

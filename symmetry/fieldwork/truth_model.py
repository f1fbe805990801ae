"""The form of truth.yaml: which keys, of which type.  What they mean in a study is left to `truth_checks`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from symmetry.spec import Item, Strict

__all__ = ["TruthModel", "level_of", "shifts_of"]

_Share = Annotated[float, Field(ge=0, le=1)]
_Factor = Annotated[float, Field(ge=0)]
_Positive = Annotated[float, Field(gt=0)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_Audience = Annotated[str, Field(pattern="^(customers|employees)$")]
_Kind = Annotated[str, Field(pattern="^(likert|csat|ces|nps)$")]
_FaceKey = Annotated[str, Field(pattern="^(customer|employee|guess|management|cooperation)$")]
_Path = tuple[str | int, ...]


class _Network(Strict):
    unit: str
    region: str
    payroll: dict[str, list[Annotated[int, Field(ge=1)]]]
    customers: dict[str, _Share]


class _Person(Strict):
    general: _Share
    branch: dict[_Audience, _Share]
    together: Annotated[float, Field(ge=-1, le=1)]
    explained: Annotated[float, Field(gt=0, le=1)]
    blank: _Share = 0.0
    na: _Share = 0.0


class _Field(Strict):
    rate: _Share
    factors: dict[str, dict[str, _Factor]] = Field(default_factory=dict)
    moved: dict[str, _Number] = Field(default_factory=dict)


class _Verbatim(Strict):
    rate: _Share
    texts: Annotated[list[str], Field(min_length=1)]


class TruthModel(Strict):
    """The whole file."""

    symmetry: Literal[1]
    truth: str
    network: _Network
    shares: dict[_Audience, dict[str, dict[str, _Share]]] = Field(default_factory=dict)
    person: _Person
    spread: dict[_Kind, _Positive]
    defaults: dict[_FaceKey, dict[_Kind, _Number]] = Field(default_factory=dict)
    levels: dict[str, dict[_FaceKey, _Number]] = Field(default_factory=dict)
    na: dict[str, _Share] = Field(default_factory=dict)
    verbatims: dict[str, _Verbatim] = Field(default_factory=dict)
    shifts: dict[_Audience, dict[str, dict[str, _Number]]] = Field(default_factory=dict)
    item_shifts: dict[_Audience, dict[str, dict[str, dict[str, _Number]]]] = Field(default_factory=dict)
    drivers: dict[_Audience, dict[str, dict[str, _Number]]] = Field(default_factory=dict)
    field: dict[str, dict[_Audience, _Field]]


def level_of(model: TruthModel, item: Item, face: str) -> float | None:
    """Give the level that the truth states for a face, or its default; None where there is neither."""
    scale = item.scale_of(face)
    kind = scale.kind if scale is not None else ""
    return model.levels.get(item.key, {}).get(face, model.defaults.get(face, {}).get(kind))


def shifts_of(model: TruthModel, item: str, audience: str) -> Mapping[str, Mapping[str, float]]:
    """Add an item's own shifts to those of every item."""
    every = model.shifts.get(audience, {})
    own = model.item_shifts.get(audience, {}).get(item, {})
    return {
        variable: {
            category: every.get(variable, {}).get(category, 0.0) + own.get(variable, {}).get(category, 0.0)
            for category in {**every.get(variable, {}), **own.get(variable, {})}
        }
        for variable in {**every, **own}
    }

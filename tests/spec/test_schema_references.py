"""What an editor underlines: every reference of a study to an id that nobody declared, tried one by one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from symmetry.spec import read_yaml
from symmetry.spec.editing.referring import VALUES
from symmetry.spec.editing.schema import schema_of

FULL = Path(__file__).parent / "full" / "study.yaml"


def faults_of(schema: dict[str, Any], data: object) -> list[str]:
    """Where jsonschema finds something wrong."""
    found = jsonschema.Draft7Validator(schema).iter_errors(data)
    return [".".join(map(str, error.absolute_path)) for error in found]


# Where the full study uses each reference: to be replaced by an id that nobody declared.
ROUTES: dict[str, tuple[str | int, ...]] = {
    "ServiceModel.attitudes": ("service", "attitudes", 0),
    "ServiceModel.respect": ("service", "respect"),
    "RatedModel.scale": ("items", "recommend", "scale"),
    "DemographicModel.scale": ("items", "seniority", "scale"),
    "ObservationModel.scale": ("items", "queue", "scale"),
    "VerbatimModel.scale": ("items", "why", "scale"),
    "AskedModel.promise": ("items", "respected", "promise"),
    "AskedModel.at": ("items", "respected", "at"),
    "AskedModel.owner": ("items", "respected", "owner"),
    "RatedModel.scales": ("items", "answered", "scales", "management"),
    "RatedModel.negative": ("items", "answered", "negative", 0),
    "GridModel.items": ("grids", "walk", "items", 0),
    "GridModel.unit": ("grids", "walk", "unit"),
    "RotationModel.blocks": ("rotation", "blocks", "attitudes", 0),
    "WaveModel.audiences": ("waves", "hot", "audiences", 0),
    "WaveModel.items": ("waves", "hot", "items", 1),
    "SampleModel.by": ("waves", "hot", "sample", "customers", "by", 0),
    "SampleModel.measure": ("waves", "walks-2027", "sample", "observers", "measure"),
    "SampleModel.order": ("waves", "cold-2027", "sample", "customers", "order", 0),
    "SampledUnitsModel.of": ("waves", "cold-2027", "sample", "employees", "units", "of"),
    "SampledUnitsModel.measure": ("waves", "cold-2027", "sample", "employees", "units", "measure"),
    "OwnerModel.of": ("owners", "quality", "of", 0),
    "OwnerModel.within": ("owners", "branch_manager", "within"),
    "PlanModel.outcome": ("plan", "outcome"),
    "PlanModel.segments": ("plan", "segments", 0),
    "ComparisonModel.a": ("plan", "dissonance", 0, "a"),
    "ComparisonModel.b": ("plan", "dissonance", 0, "b"),
    "AlertModel.owner": ("plan", "alerts", "detractor", "owner"),
    "AlertModel.escalate": ("plan", "alerts", "detractor", "escalate"),
}


def test_every_reference_is_tried() -> None:
    """The table of references below leaves none out but the drivers, which this study does not list."""
    assert set(VALUES) == {*ROUTES, "PlanModel.drivers"}


@pytest.mark.parametrize("name", ROUTES)
def test_a_reference_to_nothing_is_seen_while_typing(name: str) -> None:
    """An id that the study does not declare fails its own schema; the grammar alone cannot know."""
    data = copy.deepcopy(read_yaml(FULL).data)
    *route, last = ROUTES[name]
    held = data
    for part in route:
        held = held[part]
    held[last] = "nobody"
    assert [] != faults_of(schema_of(FULL), data)
    closed = name in ("RatedModel.negative", "ComparisonModel.a", "ComparisonModel.b")
    assert closed == bool(faults_of(schema_of(), data))


@pytest.mark.parametrize(
    "route",
    [
        ("management", "attitudes"),
        ("scales", "agree5", "ends"),
        ("scales", "csat5", "labels"),
        ("items", "answered", "scales"),
        ("items", "answered", "mirror"),
        ("items", "answered", "label"),
        ("waves", "hot", "sample"),
        ("waves", "hot", "arms"),
        ("plan", "expect", "hot"),
        ("plan", "expect", "hot", "hot", "contacts"),
        ("plan", "expect", "hot", "hot", "alerts"),
        ("weights",),
        ("weights", "customers", "rake"),
        ("audiences",),
        ("plan", "alerts", "detractor"),
    ],
    ids=".".join,
)
def test_a_key_of_nothing_is_seen_while_typing(route: tuple[str, ...]) -> None:
    """Where keys are ids (or known words), one that nobody declared fails the study's own schema."""
    data = copy.deepcopy(read_yaml(FULL).data)
    held = data
    for part in route:
        held = held[part]
    held["nobody"] = copy.deepcopy(next(iter(held.values())))
    assert [".".join(route)] == faults_of(schema_of(FULL), data)

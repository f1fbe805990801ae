"""The schema an editor is given: the models' own grammar, judged by jsonschema on good studies and on seeded faults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import jsonschema
import pytest

from symmetry.errors import SpecError
from symmetry.spec import check, models, models_running, read_yaml
from symmetry.spec.editing.describing import DESCRIPTIONS, TITLES, described
from symmetry.spec.editing.naming import names_of
from symmetry.spec.editing.referring import ENTRIES, KEYS, PARTS, ROLE_MODELS, VALUES
from symmetry.spec.editing.schema import SCHEMA_FILE, schema_of, schema_text, write_schema
from symmetry.spec.nouns import Role, ScaleKind
from symmetry.spec.scaling import OWN_KEYS
from symmetry.spec.validating import Strict

HERE = Path(__file__).parent
FULL = HERE / "full" / "study.yaml"
GOOD = [FULL, *sorted((HERE.parents[1] / "survey_specs").glob("*/study.yaml"))]
FAULTS = [
    file for file in sorted((HERE / "faults").glob("*.yaml")) if not read_yaml(file).problems
]  # the rest is not YAML
MODELS = [
    each
    for module in (models, models_running)
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, Strict) and each is not Strict
]
FIELDS = [(model, key) for model in MODELS for key in model.model_fields]

# What a schema can say: the form of a file and, given its ids, where a reference leads.
FORM = {
    *("SPEC01", "SPEC02", "SPEC03", "SPEC04", "SPEC05", "SPEC06", "SPEC07", "SPEC08"),
    *("CON01", "MAR01", "MIR07", "OWN01", "PRV01", "QTA01", "REF01", "REF02", "PLN02", "ROT01", "SCA01", "SCA02"),
    *("SCA07", "WAV03", "WAV04"),
}
# The same codes, of faults that no schema can say: two days or hours in order, a day of the calendar, a choice of this scale…
BEYOND = {
    "answers_beside_another_response",
    "closed_before_called",
    "exclusive_unknown",
    "hours_backwards",
    "invitation_untranslated",
    "invited_without_response",
    "measure_of_another_audience",
    "missing_translation",
    "pipe_in_one_language",
    "quota_by_unknown",
    "ritual_untranslated",
    "rotation_twice",
    "units_by_a_number",
    "unknown_sample",
    "unknown_time_zone",
    "window_backwards",
    "window_no_day",
}
# Other codes, because two lists of the file contradict each other, and the schema holds one of them against the other.
BESIDES = {"comparison_with_absent_audience", "mirror_of_no_service"}


def faults_of(schema: dict[str, Any], data: object) -> list[str]:
    """What jsonschema finds wrong, as paths."""
    found = jsonschema.Draft7Validator(schema).iter_errors(data)
    return [".".join(map(str, error.absolute_path)) for error in found]


def inside(schema: object) -> Iterator[dict[str, Any]]:
    """Every mapping of a schema that describes a mapping of a study."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield schema
        for each in schema.values():
            yield from inside(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from inside(each)


@pytest.mark.parametrize("study", [None, *GOOD], ids=str)
def test_the_schema_is_a_schema(study: Path | None) -> None:
    """Draft 07's own schema accepts it, alone and with the ids of every study."""
    jsonschema.Draft7Validator.check_schema(schema_of(study))


@pytest.mark.parametrize("study", GOOD, ids=lambda file: file.parent.name)
def test_a_good_study_is_accepted(study: Path) -> None:
    """The studies that we ship, and the one with every key, pass the grammar and their own schema."""
    data = read_yaml(study).data
    assert [] == faults_of(schema_of(), data)
    assert [] == faults_of(schema_of(study), data)


@pytest.mark.parametrize("file", FAULTS, ids=lambda file: file.stem)
def test_a_fault_of_form_is_seen_while_typing(file: Path) -> None:
    """A seeded fault that a schema can express fails the study's own schema; one that it cannot does not."""
    codes = {problem.code for problem in check(file)}
    expected = (bool(codes & FORM) and file.stem not in BEYOND) or file.stem in BESIDES
    assert expected == bool(faults_of(schema_of(file), read_yaml(file).data)), codes


def test_every_key_says_what_it_means() -> None:
    """No key of any model is without words for the hover."""
    assert [] == [f"{model.__name__}.{key}" for model, key in FIELDS if not described(model, key).endswith((".", "…"))]


def test_no_words_are_idle() -> None:
    """Every description and every title is that of a model and a key that exist."""
    fields = {f"{model.__name__}.{key}" for model, key in FIELDS}
    assert set() == {name.removesuffix("[]") for name in DESCRIPTIONS} - fields
    assert set() == (set(VALUES) | set(KEYS) | set(PARTS) | set(ENTRIES)) - fields
    assert set(TITLES) == {model.__name__ for model in MODELS} - {"AskedModel"}


def test_every_key_of_every_model_is_in_the_schema() -> None:
    """Each model stands in the schema with all its keys, each with its words, and with no key left opaque."""
    found = {
        each["title"]: each["properties"]
        for each in inside(schema_of())
        if each.get("title") in TITLES.values() and each.get("additionalProperties") is False
    }
    for model in MODELS:
        if model in (models.AskedModel, models.ScaleModel, models_running.WaveModel):
            continue  # the first one stands in its roles, the others in branches by type and by kind
        properties = found[TITLES[model.__name__]]
        assert set(model.model_fields) == set(properties)
        for key, held in properties.items():
            if key != "role":
                assert described(model, key) == held["description"]
                assert len(held) > 1, f"{model.__name__}.{key} is opaque"
    for section, model in (("scales", models.ScaleModel), ("waves", models_running.WaveModel)):
        branches = [each["properties"] for each in inside(schema_of()["properties"][section]["additionalProperties"])]
        held = {key: each for branch in branches for key, each in branch.items() if "description" in each}
        held = {key: held[key] for key in model.model_fields if key in held}
        assert set(model.model_fields) == set(held)
        assert {key: described(model, key) for key in held} == {key: each["description"] for key, each in held.items()}


def test_every_role_and_every_kind_of_scale_has_its_keys() -> None:
    """The tables of roles and of scales' own keys are whole."""
    assert get_args(Role) == tuple(sorted(ROLE_MODELS, key=get_args(Role).index))
    assert set(get_args(ScaleKind)) == set(OWN_KEYS)
    for role, model in ROLE_MODELS.items():
        assert role in get_args(get_type_hints(model)["role"])


@pytest.mark.parametrize("kind", OWN_KEYS)
def test_a_scale_has_the_keys_that_the_checker_lets_it_have(kind: str, tmp_path: Path) -> None:
    """The checker refuses (SCA02) exactly the keys that the schema does not offer for this type."""
    raw = {key: "[]" for key in models.ScaleModel.model_fields if key != "type"}
    lines = [f"scales: {{s: {{type: {kind}, {', '.join(f'{key}: {value}' for key, value in raw.items())}}}}}"]
    file = tmp_path / "study.yaml"
    file.write_text("\n".join(["symmetry: 1", *lines]), encoding="utf-8")
    refused = {problem.what.split("has no `")[1].split("`")[0] for problem in check(file) if problem.code == "SCA02"}
    assert set(OWN_KEYS[kind]) | {"missing"} == set(raw) - refused


@pytest.mark.parametrize("section", ["items", "scales", "promise", "journeys", "grids", "owners", "waves"])
def test_a_key_is_a_key_for_both(section: str, tmp_path: Path) -> None:
    """The checker refuses (SPEC07) exactly the keys that the schema refuses, section by section."""
    keys = [
        "all",
        "audience",
        "face",
        "item",
        "respondent",
        "wave",
        "a",
        "a_1",
        "a-1",
        "allow",
        "1a",
        "_a",
        "A",
        "é",
        "a b",
    ]
    names = schema_of()["properties"][section]["propertyNames"]
    file = tmp_path / "study.yaml"
    for key in keys:
        file.write_text(f"symmetry: 1\n{section}: {{{key}: {{}}}}\n", encoding="utf-8")
        refused = "SPEC07" in {problem.code for problem in check(file)}
        assert refused == bool(faults_of(names, key)), key


def test_ids_bring_their_labels() -> None:
    """Each id is shown with its label in the source language of the study."""
    promise = schema_of(FULL)["definitions"]["rated"]["properties"]["promise"]
    assert dict(zip(promise["enum"], promise["enumDescriptions"], strict=True)) == {
        "respectful": "Respectueux",
        "attentive": "Attentifs",
        "reliable": "Fiables",
    }


def test_a_half_written_study_tells_what_it_names(tmp_path: Path) -> None:
    """However far the author has come, the ids of the lines above are known, and never an error of ours."""
    lines = FULL.read_text(encoding="utf-8").splitlines(keepends=True)
    whole = names_of(read_yaml(FULL))
    file, read = tmp_path / "study.yaml", 0
    for end in range(1, len(lines), 5):
        file.write_text("".join(lines[:end]), encoding="utf-8")
        document = read_yaml(file)
        if document.data is None:
            continue
        assert schema_of(file)["properties"]
        names = names_of(document)
        for kind, ids in names.items():
            typed = list(ids)[:-1]  # the last one is being typed, and does not yet say what it is
            assert typed == [each for each in whole[kind] if each in typed]
        read += 1
    assert read > 0.15 * len(lines)


@pytest.mark.parametrize("value", ["~", "word", "[a, [b]]", "{a: }", "{a: [1, {}], b: {c: {d: 1}}}", "3"])
def test_a_section_of_nonsense_names_nothing(value: str, tmp_path: Path) -> None:
    """Sections of the wrong type give a schema all the same."""
    file = tmp_path / "study.yaml"
    for section in models.StudyModel.model_fields:
        file.write_text(f"{section}: {value}\n", encoding="utf-8")
        assert faults_of(schema_of(file), read_yaml(file).data)
    file.write_text("".join(f"{section}: {value}\n" for section in models.StudyModel.model_fields), encoding="utf-8")
    jsonschema.Draft7Validator.check_schema(schema_of(file))


def test_the_schema_is_written_beside_the_study(tmp_path: Path) -> None:
    """`write_schema` writes the same bytes each time, and leaves what was there if the study cannot be read."""
    study = tmp_path / "study.yaml"
    study.write_bytes(FULL.read_bytes())
    file = write_schema(tmp_path)
    first = file.read_bytes()
    assert tmp_path / SCHEMA_FILE == file
    assert schema_of(study) == json.loads(first)
    assert first == schema_text(study).encode() == write_schema(study).read_bytes()
    study.write_text("items: {a: [\n", encoding="utf-8")
    with pytest.raises(SpecError) as error:
        write_schema(study)
    assert ("YAML01", study) == (error.value.problems[0].code, Path(error.value.problems[0].where.file))
    assert first == file.read_bytes()
    assert {"study.yaml", SCHEMA_FILE} == {each.name for each in tmp_path.iterdir()}


def test_a_missing_study_is_a_located_error(tmp_path: Path) -> None:
    """There is no schema of a study that is not there, and no file is made."""
    with pytest.raises(SpecError, match="there is no such file"):
        write_schema(tmp_path / "nowhere")
    assert [] == list(tmp_path.iterdir())

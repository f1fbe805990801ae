"""SurveyJS JSON, read back by the SurveyJS library itself (npm: survey-core) and by its own linter."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from symmetry.errors import SpecError
from symmetry.spec import Study
from symmetry.spec.exchange.questionnaire import frame_of, questionnaire_of
from symmetry.spec.exchange.surveyjs import to_surveyjs
from symmetry.spec.routed import variables_of
from symmetry.spec.routing.python import to_python
from symmetry.spec.routing.reading import read_condition
from tests.node import node_package, run_node
from tests.spec.exchange.cases import (
    CASES,
    ROUTES,
    all_routed,
    cells_of,
    hard_study,
    people,
    routed,
    routed_by,
    study_of,
    with_items,
    with_label,
)

READER = Path(__file__).with_name("surveyjs_reader.js")
VERSION = "3.1.1"
HARD = ("cold-2027", "customers")
Read = dict[str, Any]


def as_given(study: Study, wave: str, audience: str, **more: Any) -> Read:
    """One exported questionnaire, as the reader takes it."""
    survey = json.loads(to_surveyjs(study, wave, audience).content)
    return {"survey": survey, "languages": study.languages, "people": [], **more}


def read_back(given: Iterable[Read]) -> list[Read]:
    """What the library makes of some questionnaires."""
    return json.loads(run_node(READER, modules=node_package("survey-core", VERSION), given=json.dumps(list(given))))


@cache
def cases() -> dict[tuple[str, str, str], Read]:
    """Every case, read back in one go."""
    read = read_back(as_given(study_of(name), wave, audience) for name, wave, audience in CASES)
    return dict(zip(CASES, read, strict=True))


@cache
def questions_of(name: str, wave: str, audience: str) -> dict[str, Read]:
    """The questions of one case as the library shows them, by name."""
    return {each["name"]: each for each in cases()[name, wave, audience]["questions"]}


@pytest.mark.parametrize(("name", "wave", "audience"), CASES)
def test_codes_labels_and_words_come_back(name: str, wave: str, audience: str) -> None:
    """The library shows every question, each code and label in order, and each wording in every language."""
    study, read = study_of(name), questions_of(name, wave, audience)
    known, questions = frame_of(study, audience), questionnaire_of(study, wave, audience)
    assert {each.name for each in (*known, *questions)} == {each for each in read if not each.endswith(".missing")}
    for question in questions:
        shown = read[question.name]["codes"] + read.get(f"{question.name}.missing", {"codes": []})["codes"]
        assert list(cells_of(question).items()) == [(str(code), words) for code, words, _ in shown]
        plain = {x: words.replace("{{", "{").replace("}}", "}") for x, words in question.text.items()}
        assert plain == read[question.name]["title"]
    for each in known:
        labels = [(option.code, option.label) for option in each.codes]
        assert (labels, True) == (
            [(code, words) for code, words, _ in read[each.name]["codes"]],
            read[each.name]["hidden"],
        )


@pytest.mark.parametrize(("name", "wave", "audience"), CASES)
def test_the_library_finds_no_fault(name: str, wave: str, audience: str) -> None:
    """No error when the model is built; its linter minds only the page that is hidden on purpose, and plain braces."""
    read, study = cases()[name, wave, audience], study_of(name)
    hidden = [["page/empty", "frame"]] if frame_of(study, audience) else []
    braces = {"x", "in braces", "entre accolades"}
    assert [] == read["errors"]
    assert hidden == [each for each in read["lint"] if each[0] != "reference/unknown" or each[1] not in braces]
    assert sorted(study.languages) == sorted(read["locales"])
    assert study.title == read["title"]


def test_questions_come_in_the_order_of_the_wave() -> None:
    """Where nothing rotates, as the wave lists them."""
    study = replace(study_of("everyday_bank"), rotation=None)
    known = [each.name for each in frame_of(study, "customers")]
    asked = [each.name for each in questionnaire_of(study, "hot", "customers")]
    [read] = read_back([as_given(study, "hot", "customers")])
    assert [*known, *asked] == [each["name"] for each in read["questions"]]


def test_limits_units_and_exclusive_choices_come_back() -> None:
    """Numbers, days and texts keep their bounds; a choice that stands alone, and a reason among boxes, is exclusive."""
    read = questions_of("hard", *HARD)
    assert ["number", [0, 600, 0.1, -1]] == [read["waited"]["input"], read["waited"]["limits"]]
    assert ["number", [0, 90, 0.01, -1]] == [read["delay"]["input"], read["delay"]["limits"]]
    assert ["number", [0, 100, None, -1]] == [read["share_of"]["input"], read["share_of"]["limits"]]
    assert ["number", [None, None, 1, -1]] == [read["free"]["input"], read["free"]["limits"]]
    assert ["date", ["2026-01-01", "2027-12-31"]] == [read["last_visit"]["input"], read["last_visit"]["limits"][:2]]
    assert [2000, 300] == [read["why"]["limits"][3], read["comment"]["limits"][3]]
    assert {"fr": "minutes", "en": "minutes"} == read["waited"]["unit"]
    assert ["none"] == [code for code, _, alone in read["obstacles"]["codes"] if alone]
    assert ["refused"] == [code for code, _, alone in read["worries"]["codes"] if alone]
    assert ["rating", "radiogroup"] == [read["recommend"]["type"], read["respected"]["type"]]


def test_rotation_keeps_the_faces_of_an_item_together() -> None:
    """Items of a block are panels in random order inside the panel of the block; all faces of an item share one panel."""
    homes = {name: each["panels"] for name, each in questions_of("full", "cold-2027", "employees").items()}
    rotating = {name: panels for name, panels in homes.items() if len(panels) > 1}
    faces = {panels[0][0]: [name for name in rotating if rotating[name] == panels] for panels in rotating.values()}
    assert {"respected", "listened", "answered"} == {names[0].split(".")[0] for names in faces.values()}
    assert [4, 4, 4] == [len(names) for names in faces.values()]
    assert {("default", "random")} == {(panels[0][1], panels[1][1]) for panels in rotating.values()}
    assert 1 == len({panels[1][0] for panels in rotating.values()})


def test_a_torn_block_rotates_in_runs_and_says_so() -> None:
    """Where other questions stand in its midst, a block is two panels, and the losses name it."""
    read = questions_of("hard", *HARD)
    assert 2 == len({read[name]["panels"][1][0] for name in ("respected", "listened", "answered")})
    losses = to_surveyjs(hard_study(), *HARD).losses
    assert 1 == sum("`attitudes`" in loss and "rotates by itself" in loss for loss in losses)
    assert 1 == sum("the seed 2027" in loss for loss in losses)


def as_stored(answers: Read) -> Read:
    """The same answers as SurveyJS keeps them: ticked choices in a list, the reason for a typed question beside it."""
    stored = dict(answers)
    for name in ("delay", "since"):
        if answers.get(name) in (-1, -2, "dk", "refused"):
            stored[f"{name}.missing"] = stored.pop(name)
    for name in ("obstacles", "worries"):
        if name in answers and not isinstance(answers[name], list):
            stored[name] = [answers[name]]
    return stored


@cache
def shown() -> dict[str, list[bool]]:
    """Whom SurveyJS shows the question under each route."""
    [read] = read_back([as_given(all_routed(), *HARD, people=[as_stored(person) for person in people()])])
    return {route: read["routes"][f"r{number}"] for number, route in enumerate(ROUTES)}


@pytest.mark.parametrize("route", ROUTES)
def test_routes_mean_the_same(route: str) -> None:
    """SurveyJS shows a question to exactly the people whom our own Python function asks, whatever is unanswered."""
    asked = to_python(read_condition(route), variables_of(hard_study().items, "customers"))
    expected = [asked(person) for person in people()]
    assert expected == shown()[route]
    assert {True, False} == set(expected)


def test_a_skipped_answer_is_forgotten_and_a_known_one_kept() -> None:
    """At the page itself: an answer repeats in a title, a hidden question loses its answer, and a reason shows on demand."""
    study = hard_study()
    steps = [
        {"channel": "branch", "recommend": 3, "why": "slow"},
        {"delay": 12},
        {"delay": None, "delay.missing": -1},
        {"recommend": 9},
    ]
    [read] = read_back([as_given(study, *HARD, played=steps)])
    (first, titles), (_, typed), (reason, untyped), (last, after), sent = read["played"]
    assert "Vous avez répondu 3. Pourquoi ?" == titles["why"]
    assert {"channel": "branch", "recommend": 3, "why": "slow"} == first
    assert [True, False, True] == ["delay.missing" in each for each in (titles, typed, untyped)]
    assert -1 == reason["delay.missing"]
    assert ("why" in after, last) == (False, {"channel": "branch", "recommend": 9, "delay.missing": -1})
    assert last == sent


def test_a_route_on_what_is_not_asked_is_folded_and_said() -> None:
    """In the hot wave, a question routed by one that is not asked is never shown; the name does not appear."""
    study = study_of("full")
    items = {**study.items, "listened": routed_by(study, "listened", "satisfied <= 2")}
    made = to_surveyjs(with_items(study, items), "hot", "customers")
    [read] = read_back([as_given(with_items(study, items), "hot", "customers", people=[{"satisfied": 1}])])
    assert [False] == read["routes"]["listened"]
    assert b"satisfied" not in made.content
    assert 1 == sum("`satisfied`" in loss and "never shown" in loss for loss in made.losses)


def test_what_cannot_travel_is_refused() -> None:
    """A backslash in a route, an unseen character in a text."""
    with pytest.raises(SpecError) as refused:
        to_surveyjs(routed(hard_study(), r"branch == 'a\\b'"), *HARD)
    assert "EXP04" == refused.value.problems[0].code
    study = hard_study()
    bell = with_items(study, {**study.items, "free": with_label(study, "free", "\x07")})
    with pytest.raises(SpecError) as refused:
        to_surveyjs(bell, *HARD)
    assert "EXP03" == refused.value.problems[0].code


def test_the_same_study_gives_the_same_bytes() -> None:
    """Twice the same, in UTF-8, with losses that are sentences."""
    first, second = (to_surveyjs(hard_study(), *HARD) for _ in range(2))
    assert first == second
    assert all(loss.endswith(".") for loss in first.losses)
    assert len(first.losses) == len(set(first.losses))


def test_plain_braces_that_look_like_a_name_are_said() -> None:
    """SurveyJS would fill them in, so the losses tell."""
    study = hard_study()
    made = to_surveyjs(with_items(study, {**study.items, "free": with_label(study, "free", "{{recommend}}")}), *HARD)
    assert 1 == sum("plain braces around `recommend`" in loss and "`free`" in loss for loss in made.losses)

"""XLSForm: what pyxform makes of a workbook, and what the XPath engine of OpenRosa (npm) makes of its routes and constraints."""

from __future__ import annotations

import io
import json
import os
import random
import re
import sys
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from symmetry.errors import SpecError
from symmetry.spec import Scale
from symmetry.spec.exchange.questionnaire import frame_of, questionnaire_of
from symmetry.spec.exchange.routes import NEVER, routes_of, variables_of
from symmetry.spec.exchange.xlsform import cell_names, to_xlsform
from symmetry.spec.exchange.xlsform_constraints import constraint_of
from symmetry.spec.routing.python import to_python
from symmetry.spec.routing.reading import read_condition
from tests.node import node_package, run_node
from tests.spec.exchange.cases import CASES, ROUTES, answers_to, hard_study, labels_of, routed, study_of, with_label

READER = Path(__file__).parent / "data" / "xlsform_reader.js"
HARD = ("cold-2027", "customers")
X = {"x": "http://www.w3.org/2002/xforms", "h": "http://www.w3.org/1999/xhtml"}
PEOPLE = 60


@cache
def form_of(name: str, wave: str, audience: str) -> ElementTree.Element:
    """The XForm that pyxform makes of one questionnaire; a warning of pyxform fails the test."""
    return converted(to_xlsform(study_of(name), wave, audience).content)


def converted(content: bytes) -> ElementTree.Element:
    """What pyxform makes of a workbook."""
    from pyxform.xls2xform import convert

    warnings: list[str] = []
    made = convert(xlsform=io.BytesIO(content), validate=False, file_type=".xlsx", warnings=warnings)
    assert [] == warnings
    return ElementTree.fromstring(made.xform)


def spoken(form: ElementTree.Element) -> dict[str, dict[str, str]]:
    """Every text of an XForm: id → language → words, an output as `{name}`."""
    found: dict[str, dict[str, str]] = {}
    for translation in form.iterfind(".//x:itext/x:translation", X):
        language = re.search(r"\((.+)\)$", translation.attrib["lang"])[1]
        for text in translation.iterfind("x:text", X):
            value = text.find("x:value", X)
            parts = [value.text or ""]
            for output in value:
                parts += [f"{{{output.attrib['value'].strip().rpartition('/')[2]}}}", output.tail or ""]
            words = "".join(parts)
            found.setdefault(text.attrib["id"], {})[language] = words.strip() if len(value) else words
    return found


def lists(form: ElementTree.Element) -> dict[str, dict[str, dict[str, str]]]:
    """Every list of an XForm: its name → code → language → words, in the order of the list."""
    texts = spoken(form)
    return {
        instance.attrib["id"]: {
            item.findtext("x:name", "", X): texts[item.findtext("x:itextId", "", X)]
            for item in instance.iterfind("x:root/x:item", X)
        }
        for instance in form.iterfind(".//x:instance[@id]", X)
    }


def controls(form: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """What is shown, by the name of the cell."""
    body = form.find("h:body", X)
    return {each.attrib["ref"].rpartition("/")[2]: each for each in body}


def binds(form: ElementTree.Element) -> dict[str, dict[str, str]]:
    """The attributes of each cell."""
    return {each.attrib["nodeset"].rpartition("/")[2]: dict(each.attrib) for each in form.iterfind(".//x:bind", X)}


def plain(words: str) -> str:
    """Words of ours as a form shows them: braces single; pyxform writes curly quotes straight and no-break spaces plain."""
    shown = words.replace("{{", "{").replace("}}", "}")
    return shown.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0xA0: " "})


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_pyxform_reads_every_question_code_and_word(case: tuple[str, str, str]) -> None:
    """In the order of the wave; every code of every list with its words in every language, none added and none lost."""
    name, wave, audience = case
    form, questions = form_of(*case), questionnaire_of(study_of(name), wave, audience)
    texts, shown, found = spoken(form), controls(form), lists(form)
    names = cell_names(
        [*(each.name for each in frame_of(study_of(name), audience)), *(each.name for each in questions)]
    )
    assert [names[question.name] for question in questions] == list(shown)
    for question in questions:
        cell = names[question.name]
        assert {k: plain(v) for k, v in question.text.items()} == texts[f"/data/{cell}:label"], question.name
        if question.codes:
            nodes = shown[cell].find("x:itemset", X).attrib["nodeset"]
            listed = found[re.search(r"instance\('([^']+)'\)", nodes)[1]]
            wanted = labels_of(question)
            assert list(wanted) == list(listed)
            assert wanted == listed
            many = "select" if question.scale.kind == "multiple" else "select1"
            assert f"{{{X['x']}}}{many}" == shown[cell].tag


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_what_is_known_beforehand_is_a_hidden_cell(case: tuple[str, str, str]) -> None:
    """Every frame item has a cell and no control, and its categories stand as a list with their words."""
    form, known = form_of(*case), frame_of(study_of(case[0]), case[2])
    cells, shown, found = binds(form), controls(form), lists(form)
    assert {each.name for each in known} <= set(cells)
    assert not {each.name for each in known} & set(shown)
    for each in known:
        if each.codes:
            assert {str(code.code): dict(code.label) for code in each.codes} == found[f"{each.name}__values"]


def test_the_same_study_is_the_same_bytes() -> None:
    """Twice, and the workbook bears no date but one that is fixed."""
    first, again = (to_xlsform(study_of("full"), *HARD) for _ in range(2))
    assert first == again
    assert "small_bank-cold-2027-customers.xlsx" == first.name
    with zipfile.ZipFile(io.BytesIO(first.content)) as packed:
        assert {(1980, 1, 1, 0, 0, 0)} == {each.date_time for each in packed.infolist()}


@cache
def judged() -> dict[str, tuple[list[bool], list[bool]]]:
    """For every route of the cases: whom our Python function asks, and whom the engine of OpenRosa asks."""
    rng = random.Random(20270301)
    variables = variables_of(hard_study())
    columns = sorted({column for route in ROUTES for column in read_condition(route).columns})
    people = [answers_to({name: variables[name] for name in columns}, rng) for _ in range(PEOPLE)]
    people += [{}, {name: min(variables[name].missing.values()) for name in columns if variables[name].missing}]
    asked = [(xpath_of_route(route), None) for route in ROUTES]
    truths = openrosa(columns, [cells_of(person) for person in people], asked)
    ours = {route: to_python(read_condition(route), variables) for route in ROUTES}
    return {
        route: ([ours[route](person) for person in people], [truth[place] for truth in truths])
        for place, route in enumerate(ROUTES)
    }


def xpath_of_route(route: str) -> str:
    """The `relevant` that pyxform makes of a route."""
    return binds(converted(to_xlsform(routed(hard_study(), route), *HARD).content))["share_of"]["relevant"]


def cells_of(person: dict[str, Any]) -> dict[str, str]:
    """A person's answers as the cells of a form hold them."""
    return {
        name: " ".join(answer)
        if isinstance(answer, list)
        else f"{answer:g}"
        if isinstance(answer, float)
        else str(answer)
        for name, answer in person.items()
    }


def openrosa(cells: list[str], people: list[dict[str, str]], asked: list[tuple[str, str | None]]) -> list[list[bool]]:
    """Whether expressions are true of people, by the engine that Enketo runs."""
    folders = [node_package("openrosa-xpath-evaluator", "3.1.0"), node_package("jsdom", "26.1.0")]
    modules = Path(os.pathsep.join(map(str, folders)))
    given = {"cells": cells, "people": people, "asked": asked}
    return json.loads(run_node(READER, modules=modules, given=json.dumps(given)))


@pytest.mark.parametrize("route", ROUTES)
def test_routes_mean_the_same(route: str) -> None:
    """The engine of OpenRosa asks exactly the people whom our own Python function asks, whatever is unanswered or missing."""
    expected, actual = judged()[route]
    assert expected == actual
    assert {True, False} == set(expected)


def test_constraints_let_lawful_answers_pass_and_no_others() -> None:
    """Bounds, days, lengths, decimals, choices that stand alone and codes of missing answers, asked of the same engine."""
    several = {"a": {"en": "A"}, "b": {"en": "B"}, "none": {"en": "None"}}
    tried = [
        (Scale("n", "number", 0, 600), ["0", "600", "7"], ["-1", "601", "1000"]),
        (Scale("n", "number", 0, 600, missing={"dk": -1}), ["0", "600", "-1"], ["-2", "601"]),
        (Scale("n", "number", 0.5, float("inf"), decimals=1), ["0.5", "3.2", "1000"], ["0.4", "3.25"]),
        (
            Scale("d", "date", earliest="2026-01-01", latest="2026-12-31"),
            ["2026-01-01", "2026-12-31"],
            ["2025-12-31", "2027-01-01"],
        ),
        (Scale("t", "text", longest=5), ["abc", "abcde"], ["abcdef"]),
        (Scale("m", "multiple", choices=several, exclusive=("none",)), ["a", "a b", "none"], ["a none", "none b a"]),
        (Scale("m", "multiple", choices=several, missing={"dk": -1}), ["a b", "-1", "none a"], ["a -1"]),
        (Scale("p", "percent", 0, 100), ["0", "100", "33.3"], ["-0.1", "100.5"]),
    ]
    people = [{"cell": answer} for _, good, bad in tried for answer in (*good, *bad)]
    truths = openrosa(["cell"], people, [(constraint_of(scale), "cell") for scale, _, _ in tried])
    at = 0
    for place, (scale, good, bad) in enumerate(tried):
        verdicts = [truth[place] for truth in truths[at : at + len(good) + len(bad)]]
        assert [True] * len(good) + [False] * len(bad) == verdicts, scale
        at += len(good) + len(bad)


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_only_what_has_a_route_is_relevant_to_some(case: tuple[str, str, str]) -> None:
    """A cell is relevant under a condition where its question has one, and a route that can never hold is false."""
    name, wave, audience = case
    study = study_of(name)
    questions, known = questionnaire_of(study, wave, audience), frame_of(study, audience)
    routes, _ = routes_of(study, questions, known)
    relevant = {cell: each["relevant"] for cell, each in binds(form_of(*case)).items() if "relevant" in each}
    names = cell_names([each.name for each in (*known, *questions)])
    assert {names[key] for key in routes} == set(relevant)
    assert all(("false()" == relevant[names[key]]) == (form == NEVER) for key, form in routes.items())


def test_an_earlier_answer_is_repeated_in_words() -> None:
    """A choice by its label, a mark by its number; what a form cannot say in words is said to be lost."""
    study = hard_study()
    words = "{recommend}, {habit}, {worries}, {region} ${{x}} ${recommend}"
    asked = replace(study, items={**study.items, "share_of": with_label(study, "share_of", words)})
    made = to_xlsform(asked, *HARD)
    form = converted(made.content)
    text = spoken(form)["/data/share_of:label"]["en"]
    assert "{recommend}, {habit__said}, {worries}, {region__said_en} $ {x} ${recommend}" == text
    assert "jr:choice-name( /data/habit , ' /data/habit ')" == binds(form)["habit__said"]["calculate"].replace(
        "  ", " "
    )
    lost = [loss for loss in made.losses if "share_of" in loss]
    assert [
        "`share_of` repeats the choices of `worries` by their keys, not in words.",
        "`share_of`: `${` would name a question there, so that a space stands after the `$`.",
    ] == sorted(lost, key=lambda loss: "worries" not in loss)


def test_every_loss_is_said() -> None:
    """The drawn order, reasons that cannot be typed in, the title's other language, and what is no form's business."""
    assert (
        "`since` is typed in, so that `dk` and `refused` cannot be answered: left empty instead.",
        "`comment` is typed in, so that `dk` and `refused` cannot be answered: left empty instead.",
        "The order of questions cannot be drawn: the block `attitudes` (respected, listened, answered) stands as it is written.",
        "The title is shown in `fr` alone.",
        "Samples, quotas, reminders, contact rules, owners, thresholds, weighting and the plan have no place there.",
    ) == to_xlsform(hard_study(), *HARD).losses


def test_names_never_meet() -> None:
    """A face and an item that would share a name, and words that a form reserves."""
    columns = [
        "listened",
        "listened.guess",
        "listened__guess",
        "meta",
        "data",
        "data_2",
        "tenure__said",
        "tenure__said_fr",
    ]
    names = cell_names(columns)
    assert len(columns) == len(set(names.values()))
    assert ["listened", "listened__guess", "listened__guess_2", "meta_2"] == list(names.values())[:4]
    assert not {"meta", "data", "tenure__said", "tenure__said_fr"} & set(names.values())


def test_what_cannot_be_exported_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wave and an audience that are not there, a character that no workbook holds, a package that is not installed."""
    study = study_of("full")
    for asked, wave, audience, code in (
        (study, "cold", "customers", "EXP01"),
        (study, "hot", "employees", "EXP02"),
        (replace(study, items={**study.items, "obstacles": with_label(study, "obstacles", "a\x0bb")}), *HARD, "EXP03"),
    ):
        with pytest.raises(SpecError) as caught:
            to_xlsform(asked, wave, audience)
        assert {code} == {problem.code for problem in caught.value.problems}
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(SpecError, match="XCH09"):
        to_xlsform(study, *HARD)

"""A study that leaves as an XLSForm comes back whole: read again by another library than wrote it, item by item, code by code."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from symmetry.spec import Study
from symmetry.spec.exchange.drafting_forms import flat
from symmetry.spec.exchange.questionnaire import Question, frame_of, questionnaire_of
from symmetry.spec.exchange.routes import routes_of
from symmetry.spec.exchange.xlsform import to_xlsform
from symmetry.spec.exchange.xlsform_import import from_xlsform
from tests.spec.exchange.cases import CASES, ROUTES, hard_study, routed, study_of
from tests.spec.exchange.xlsform_back import back, legal

HARD = ("cold-2027", "customers")


def seen(question: Question) -> tuple[Any, ...]:
    """All that a questionnaire says of a question, its route apart, and what its item is for."""
    item = question.item
    said = (question.name, question.face, dict(question.text), dict(question.label), question.scale)
    more = (question.codes, question.missing, question.pipes, question.bounds)
    return (*said, *more, item.role, item.promise, item.moment, item.sense)


def mirrored(study: Study, audience: str) -> dict[str, tuple[dict[str, str], tuple[str, ...]]]:
    """How the faces that one audience sees mirror the customer's, and which are worded the other way round."""
    return {key: (dict(item.mirrors), item.negative) for key, item in study.items.items() if audience in item.audiences}


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_questionnaire_comes_back_whole(case: tuple[str, str, str], tmp_path: Path) -> None:
    """Every name, face, word, code, label, scale, route and block, in every language, and no gap; what is known too."""
    name, wave, audience = case
    study = legal(study_of(name)) if name == "hard" else study_of(name)
    draft, again = back(tmp_path, study, wave, audience)
    assert () == draft.gaps
    assert (study.key, dict(study.title), study.languages) == (again.key, dict(again.title), again.languages)
    assert wave in again.waves
    expected, actual = questionnaire_of(study, wave, audience), questionnaire_of(again, wave, audience)
    assert [question.name for question in expected] == [question.name for question in actual]
    for before, after in zip(expected, actual, strict=True):
        assert seen(before) == seen(after)
    assert drawn(expected) == drawn(actual)
    assert meanings(study, wave, audience) == meanings(again, wave, audience)
    known = [
        [(each.name, each.label, each.codes, each.numeric) for each in frame_of(one, audience)]
        for one in (study, again)
    ]
    assert known[0] == known[1]


def drawn(questions: Iterable[Question]) -> dict[str, set[str]]:
    """The blocks in which something can change places."""
    blocks: dict[str, set[str]] = {}
    for question in questions:
        if question.block:
            blocks.setdefault(question.block, set()).add(question.item.key)
    return {block: keys for block, keys in blocks.items() if len(keys) > 1}


def meanings(study: Study, wave: str, audience: str) -> dict[str, Any]:
    """What the routes of a questionnaire mean."""
    routes, _ = routes_of(study, questionnaire_of(study, wave, audience), frame_of(study, audience))
    return {name: flat(form) for name, form in routes.items()}


@pytest.mark.parametrize("name", ["everyday_bank", "full", "nyc_schools_2015"])
def test_an_employees_form_brings_its_mirrors_back(name: str, tmp_path: Path) -> None:
    """The customer faces stand beside the employees' own, so that each mirror and each turned wording is there again."""
    study = study_of(name)
    wave = next(wave.key for wave in study.waves.values() if "employees" in wave.audiences)
    _, again = back(tmp_path, study, wave, "employees")
    asked = set(study.waves[wave].items)
    before = {key: each for key, each in mirrored(study, "employees").items() if key in asked}
    assert before == {key: each for key, each in mirrored(again, "employees").items() if key in asked}
    assert any(mirrors for mirrors, _ in before.values())


REDUNDANT = "since < '2026-06-01' and since != 'dk'"


@pytest.mark.parametrize("route", [route for route in ROUTES if route != REDUNDANT])
def test_a_route_comes_back_with_its_meaning(route: str, tmp_path: Path) -> None:
    """Through XPath and back to our words."""
    study = legal(routed(hard_study(), route))
    _, again = back(tmp_path, study, *HARD)
    assert meanings(study, *HARD) == meanings(again, *HARD)


def test_what_says_nothing_in_a_route_is_left_out(tmp_path: Path) -> None:
    """A comparison of size is false of missing codes by itself."""
    _, again = back(tmp_path, legal(routed(hard_study(), REDUNDANT)), *HARD)
    assert 'since < "2026-06-01"' == again.items["share_of"].ask_if


def test_customers_words_that_repeat_an_answer_stand_without_it(tmp_path: Path) -> None:
    """Beside an employees' form nobody has been asked what they repeat."""
    study = study_of("full")
    words = dict.fromkeys(study.languages, "You gave {recommend}; {{so}}?")
    item = replace(study.items["respected"], faces={**study.items["respected"].faces, "customer": words})
    draft, again = back(tmp_path, replace(study, items={**study.items, "respected": item}), "cold-2027", "employees")
    assert "You gave [recommend]; {{so}}?" == again.items["respected"].faces["customer"]["fr"]
    assert ["respected: the customers' own words repeat an answer of theirs: `[…]` stands for it"] == list(
        map(str, draft.gaps)
    )


def test_a_list_that_was_cut_is_no_longer_what_it_was(tmp_path: Path) -> None:
    """A code deleted from a form of ours: its codes are no scale any more, and it is guessed anew rather than renumbered."""
    from openpyxl import load_workbook

    made = to_xlsform(study_of("full"), *HARD)
    opened = load_workbook(io.BytesIO(made.content))
    rows = opened["choices"]
    gone = next(row[0].row for row in rows.iter_rows() if (row[0].value, row[1].value) == ("csat5", "3"))
    rows.delete_rows(gone)
    opened.save(tmp_path / "cut.xlsx")
    draft = from_xlsform(tmp_path / "cut.xlsx")
    assert "type: csat" not in draft.text
    found = [str(gap) for gap in draft.gaps if gap.item == "satisfied"]
    assert any("have changed: `1` → `c1`, `2` → `c2`, `4` → `c4`, `5` → `c5`" in gap for gap in found)

"""LimeSurvey's structure, read back by a reader written from its manual, and by survey2ddi's where that is installed."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from symmetry.errors import SpecError
from symmetry.spec.exchange.limesurvey import to_limesurvey
from symmetry.spec.exchange.limesurvey_codes import Codes, codes_for
from symmetry.spec.exchange.questionnaire import Question, frame_of, questionnaire_of
from symmetry.spec.routed import variables_of
from symmetry.spec.routing.python import to_python
from symmetry.spec.routing.reading import read_condition
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
from tests.spec.exchange.limesurvey_reader import Survey, evaluate, plain, read_structure

HARD = ("cold-2027", "customers")


def codes_in(name: str, wave: str, audience: str) -> Codes:
    """The codes of one case."""
    study = study_of(name)
    return codes_for(questionnaire_of(study, wave, audience), frame_of(study, audience))


def read_case(name: str, wave: str, audience: str) -> Survey:
    """One case, read back."""
    return read_structure(to_limesurvey(study_of(name), wave, audience).content)


def way_back(losses: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """What the losses say of codes: (question, its code for an answer, or none) → our own."""
    back: dict[tuple[str, str], str] = {}
    for loss in losses:
        words = loss.replace("`", "").removesuffix(" there.").split()
        if loss.endswith(" there.") and " is called " in loss:
            back[words[3], ""] = words[0]
        elif loss.endswith(" there."):
            back[words[4], words[6]] = words[2]
    return back


@pytest.mark.parametrize(("name", "wave", "audience"), CASES)
def test_codes_and_labels_come_back(name: str, wave: str, audience: str) -> None:
    """Every question, code and label in every language; what the losses say leads from LimeSurvey's codes to ours."""
    study = study_of(name)
    made = to_limesurvey(study, wave, audience)
    survey, back = read_structure(made.content), way_back(made.losses)
    names = {back.get((code, ""), code): asked for code, asked in survey.questions.items()}
    questions, known = questionnaire_of(study, wave, audience), frame_of(study, audience)
    asides = [f"{each.name}.missing" for each in questions if each.missing and not each.codes]
    assert {each.name for each in (*known, *questions)} | set(asides) == set(names)
    assert [each.name for each in questions] == [each for each in names if each in {q.name for q in questions}]
    for each in known:
        read = {back.get((each.name, code), code): words for code, words in names[each.name].options.items()}
        assert {option.code: dict(option.label) for option in each.codes} == read
        assert ("1", dict(each.label)) == (names[each.name].row["hidden"], words_of(names[each.name].text))
    for question in questions:
        place = question.name if question.codes or not question.missing else f"{question.name}.missing"
        read = {back.get((place, code), code): words for code, words in names[place].options.items()}
        assert list(cells_of(question).items()) == list(read.items())
        if not question.pipes:
            braced = {x: words.replace("{{", "{").replace("}}", "}") for x, words in question.text.items()}
            assert braced == words_of(names[question.name].text)
    assert {language: title[:200] for language, title in study.title.items()} == survey.titles


def words_of(text: dict[str, str]) -> dict[str, str]:
    """Words without expressions, by language."""
    return {language: plain(words) for language, words in text.items()}


def test_types_bounds_and_exclusive_choices() -> None:
    """The type of each scale; least and greatest answers, decimals, days, lengths, units; what stands alone."""
    survey = read_case("hard", *HARD)
    rows = {name: asked.row for name, asked in survey.questions.items()}
    kinds = {"recommend": "L", "habit": "L", "obstacles": "M", "waited": "N", "shareOf": "N", "lastVisit": "D"}
    kinds |= {"why": "T", "branch": "S", "balance": "N", "channel": "L", "delayMissing": "L"}
    assert kinds == {name: rows[name]["type/scale"] for name in kinds}
    assert ("0", "600", "minutes") == tuple(
        rows["waited"][key] for key in ("min_num_value_n", "max_num_value_n", "suffix")
    )
    assert ("", "", "1") == tuple(
        rows["free"][key] for key in ("min_num_value_n", "max_num_value_n", "num_value_int_only")
    )
    assert ("2026-01-01", "2027-12-31") == (rows["lastVisit"]["date_min"], rows["lastVisit"]["date_max"])
    assert ("2000", "300") == (rows["why"]["maximum_chars"], rows["comment"]["maximum_chars"])
    assert ("none", "refused") == (rows["obstacles"]["exclude_all_others"], rows["worries"]["exclude_all_others"])
    valid = rows["waited"]["em_validation_q"]
    assert [True, True, True, False] == [evaluate(valid, {"waited": each}) for each in ("", "3", "3.5", "3.25")]


def test_settings_follow_the_study() -> None:
    """Languages, one page a group, and anonymity for whom it was promised."""
    assert {"language": "fr", "additional_languages": "en", "format": "G", "anonymized": "N"}.items() <= read_case(
        "full", "hot", "customers"
    ).settings.items()
    assert "Y" == read_case("full", "cold-2027", "employees").settings["anonymized"]


def test_items_of_a_block_are_groups_in_one_random_group() -> None:
    """Each rotating item is a group of its own, all its faces in it; the others are in no random group."""
    survey = read_case("full", "cold-2027", "employees")
    homes = {name: asked.group for name, asked in survey.questions.items()}
    rotating = {name: group["id"] for name, group in homes.items() if group["random_group"] == "attitudes"}
    assert 12 == len(rotating)
    assert 3 == len(set(rotating.values()))
    assert {""} == {group["random_group"] for name, group in homes.items() if name not in rotating}
    scattered = read_case("hard", *HARD)
    assert 3 == sum(row["random_group"] == "attitudes" for row in scattered.groups)


def as_entered(answers: dict[str, Any], codes: Codes, questions: dict[str, Question]) -> dict[str, str]:
    """The same answers as LimeSurvey holds them: its codes, `Y` for what is ticked, the reason for a typed one beside it."""
    entered: dict[str, str] = {}
    for name, answer in answers.items():
        theirs = codes.questions[name]
        if isinstance(answer, list) or (name in questions and questions[name].scale.kind == "multiple"):
            ticked = answer if isinstance(answer, list) else [answer]
            entered |= {f"{theirs}_{codes.answers[name][str(each)]}": "Y" for each in ticked}
        elif f"{name}.missing" in codes.questions and answer in (-1, -2, "dk", "refused"):
            entered[codes.questions[f"{name}.missing"]] = codes.answers[f"{name}.missing"][str(answer)]
        else:
            entered[theirs] = codes.answers.get(name, {}).get(str(answer), str(answer))
    return entered


@cache
def routed_survey() -> tuple[Survey, tuple[dict[str, str], ...]]:
    """The survey with a question under each route, and people's answers as LimeSurvey holds them."""
    study = all_routed()
    questions = questionnaire_of(study, *HARD)
    codes = codes_for(questions, frame_of(study, "customers"))
    names = {each.name: each for each in questions}
    entered = tuple(as_entered(person, codes, names) for person in people())
    return read_structure(to_limesurvey(study, *HARD).content), entered


@pytest.mark.parametrize("route", ROUTES)
def test_routes_mean_the_same(route: str) -> None:
    """Evaluated as loosely as PHP would, a relevance holds for exactly the people whom our own Python function asks."""
    survey, entered = routed_survey()
    relevance = survey.questions[f"r{ROUTES.index(route)}"].row["relevance"]
    asked = to_python(read_condition(route), variables_of(hard_study().items, "customers"))
    expected = [asked(person) for person in people()]
    assert expected == [bool(evaluate(relevance, answers)) for answers in entered]
    assert {True, False} == set(expected)


def test_texts_are_compared_as_texts() -> None:
    """`012` is not `12`, though PHP would take both for the number twelve."""
    survey = read_structure(to_limesurvey(routed(hard_study(), "branch == '12'"), *HARD).content)
    relevance = survey.questions["shareOf"].row["relevance"]
    assert [True, False, False] == [bool(evaluate(relevance, {"branch": each})) for each in ("12", "012", "")]


def test_an_earlier_answer_is_repeated_in_its_own_words() -> None:
    """The label of what was chosen, a list of what was ticked, three dots where there is nothing."""
    study = hard_study()
    words = "{obstacles}, {recommend} & {{recommend}} & {region}"
    survey = read_structure(
        to_limesurvey(with_items(study, {**study.items, "free": with_label(study, "free", words)}), *HARD).content
    )
    text = survey.questions["free"].text["fr"]
    ticked, reply, rest = text.split("}")[0], text.split("}")[1], text.split("}")[2]
    answers = {"obstacles_price": "Y", "obstacles_delay": "Y", "recommend": "7"}
    assert "Y, Y" == evaluate(ticked.lstrip("{"), answers)
    assert ["7", "…"] == [evaluate(reply.split("{")[1], given) for given in (answers, {})]
    assert "&amp; &#123;recommend&#125; &amp; {if((!is_empty(region.NAOK)), region.shown, '…')" == rest.strip()


def test_a_route_on_what_is_not_asked_is_never_relevant() -> None:
    """In the hot wave, a question routed by one that is not asked has the relevance 0, and no unknown name is left."""
    study = study_of("full")
    made = to_limesurvey(
        with_items(study, {**study.items, "listened": routed_by(study, "listened", "satisfied <= 2")}),
        "hot",
        "customers",
    )
    assert "0" == read_structure(made.content).questions["listened"].row["relevance"]
    assert 1 == sum("`satisfied`" in loss and "never shown" in loss for loss in made.losses)


@pytest.mark.parametrize("literal", [r"'a\\b'", "'both \"kinds\" of \\'quotes\\''"])
def test_a_text_that_an_expression_cannot_hold_is_refused(literal: str) -> None:
    """With its code and a remedy."""
    with pytest.raises(SpecError) as refused:
        to_limesurvey(routed(hard_study(), f"branch == {literal}"), *HARD)
    assert "EXP04" == refused.value.problems[0].code
    assert refused.value.problems[0].mend


def test_codes_are_unique_whatever_they_are_cut_to() -> None:
    """Long names that begin alike, names that differ by capitals or dots, reserved words: each gets a code of its own."""
    study = hard_study()
    question = questionnaire_of(study, *HARD)[0]
    names = [
        "a_very_long_name_of_an_item",
        "a_very_long_name_of_an_other",
        "ab_c",
        "abC",
        "ab.c",
        "self",
        "time",
        "q_self",
    ]
    copies = [Question(name, question.item, None, {}, {}, question.scale) for name in names]
    codes = list(codes_for(copies, ()).questions.values())
    assert len(names) == len({code.casefold() for code in codes})
    assert all(code.isalnum() and code[0].isalpha() and len(code) <= 20 for code in codes)
    assert not {"self", "time"} & {code.casefold() for code in codes}


def test_the_same_study_gives_the_same_bytes() -> None:
    """Twice the same, with losses that are sentences, each once."""
    first, second = (to_limesurvey(hard_study(), *HARD) for _ in range(2))
    assert first == second
    assert all(loss.endswith(".") for loss in first.losses)
    assert len(first.losses) == len(set(first.losses))


@pytest.mark.skipif(
    importlib.util.find_spec("limesurvey2ddi") is None,
    reason="PyPI's survey2ddi (Python 3.13 or later) is not installed, so its LimeSurvey reader cannot judge",
)
def test_another_reader_finds_the_same_codes(tmp_path: Path) -> None:
    """The reader of survey2ddi, of the first language, finds every list of codes, in every case."""
    from limesurvey2ddi.lstsv import parse_lstsv

    for name, wave, audience in CASES:
        path = tmp_path / "made.txt"
        path.write_bytes(to_limesurvey(study_of(name), wave, audience).content)
        _, choices, settings = parse_lstsv(path)
        codes = codes_in(name, wave, audience)
        expected = {codes.questions[each]: list(answers.values()) for each, answers in codes.answers.items() if answers}
        assert expected == {key.removesuffix("_list"): [each.name for each in found] for key, found in choices.items()}
        assert study_of(name).languages[0] == settings["default_language"]

"""Triple-S XML, read back by the package of the field (PyPI: triple-s-survey), data included, and by a reader of our own."""

from __future__ import annotations

import csv
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from symmetry.errors import SpecError
from symmetry.fieldwork import columns_of
from symmetry.spec import Study
from symmetry.spec.exchange.questionnaire import Question, frame_of, in_data_order, questionnaire_of
from symmetry.spec.exchange.triple_s import to_triple_s
from tests.spec.exchange.cases import CASES, cells_of, hard_study, people, study_of, with_items, with_label

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
HARD = ("cold-2027", "customers")


def read_by_package(path: Path) -> Any:
    """What the package reads; it measures CSV fields as if they stood at fixed places, and warns of that."""
    triple_s = pytest.importorskip("triple_s", reason="PyPI's triple-s-survey is not installed, so it cannot judge")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s).*exceeds the width defined in question's data location")
        return triple_s.read_datamap(str(path))


def words_of(text: Any, first: str, mode: str | None = None) -> dict[str, str]:
    """A text of the package by language, for one mode."""
    said = {variant.language: variant.value for variant in text.variants if variant.mode == mode}
    return said if mode else {first: text.value, **said}


def keys_of(question: Question) -> list[str]:
    """The codes that a question should have in the file: as in the data, or numbered where several may be ticked."""
    codes = list(cells_of(question))
    return [str(number) for number in range(1, len(codes) + 1)] if question.scale.kind == "multiple" else codes


def values_of(variable: Any) -> list[Any]:
    """The codes of a variable of the package; none where there is no variable, or it has none."""
    return list(variable.response.values) if variable is not None and variable.response else []


@pytest.mark.parametrize(("name", "wave", "audience"), CASES)
def test_the_package_reads_every_code_and_label(name: str, wave: str, audience: str, tmp_path: Path) -> None:
    """Each variable with its codes in order, and labels and wordings in every language."""
    study = study_of(name)
    path = tmp_path / "made.sss"
    path.write_bytes(to_triple_s(study, wave, audience).content)
    read = {each.name: each for each in read_by_package(path).record.content}
    first = study.languages[0]
    for known in frame_of(study, audience):
        codes = {each.code: words_of(each.label, first) for each in values_of(read[known.name])}
        assert {option.code: dict(option.label) for option in known.codes} == codes
    for question in questionnaire_of(study, wave, audience):
        variable = read[question.name]
        values = [*values_of(variable), *values_of(read.get(f"{question.name}.missing"))]
        assert list(map(number, keys_of(question))) == [number(each.code) for each in values]
        assert list(cells_of(question).values()) == [words_of(each.label, first) for each in values]
        assert dict(question.label) == words_of(variable.label, first)
        braced = {x: words.replace("{{", "{").replace("}}", "}") for x, words in question.text.items()}
        assert braced == words_of(variable.label, first, "interview")


@pytest.mark.parametrize(("name", "wave", "audience"), CASES)
def test_columns_stand_in_the_order_of_the_data(name: str, wave: str, audience: str) -> None:
    """The respondent, then the very columns of the fieldwork room, each in the field of its number."""
    study = study_of(name)
    record = ET.fromstring(to_triple_s(study, wave, audience).content).find("survey/record")
    assert record is not None
    names = [variable.findtext("name", "") for variable in record]
    expected = ["respondent", *(column.name for column in columns_of(study, wave, audience))]
    assert expected == [each for each in names if not each.endswith(".missing")]
    numbers = [str(number) for number in range(1, len(names) + 1)]
    assert numbers == [variable.get("ident") for variable in record]
    assert numbers == [position.get("start") for position in record.iter("position")]


@pytest.mark.parametrize(("name", "wave", "audience"), CASES)
def test_the_structure_is_that_of_the_standard(name: str, wave: str, audience: str) -> None:
    """Elements in the order of Triple-S 3.0, values where a type wants them, codes as their format allows, texts declared.

    The rules are those of the standard, "Triple-S XML Version 3.0" (The Triple-S Group, www.triple-s.org).
    """
    root = ET.fromstring(to_triple_s(study_of(name), wave, audience).content)
    languages = root.get("languages", root.get(LANG, "")).split()
    assert ("sss", "3.0", ["origin", "survey"]) == (root.tag, root.get("version"), [child.tag for child in root])
    survey = root.find("survey")
    assert survey is not None
    assert ["name", "title", "record"] == [child.tag for child in survey]
    record = survey[2]
    assert {"ident", "format", "encoding", "skip"} == set(record.keys())
    assert len(record.get("ident", "")) == 1
    names = [variable.findtext("name", "") for variable in record]
    assert len(names) == len(set(names))
    for variable in record:
        check_variable(variable)
    for text in root.iter("text"):
        assert text.get(LANG) in languages
        assert text.get("mode", "interview") == "interview"
        assert text.text


def check_variable(variable: ET.Element) -> None:
    """One variable against the rules of its type."""
    kind, tags = variable.get("type"), [child.tag for child in variable]
    codes = [value.get("code", "") for value in variable.iter("value")]
    ranges = list(variable.iter("range"))
    assert tags[:3] == ["name", "label", "position"]
    assert tags[3:] == {"character": ["size"]}.get(str(kind), ["values"] if codes or ranges else [])
    assert len(codes) == len(set(codes))
    assert kind in ("single", "multiple", "quantity", "character", "date")
    if kind in ("single", "multiple"):
        assert codes
        assert not ranges
    if kind == "multiple" or (kind == "single" and variable.get("format") is None):
        assert all(code.isdecimal() for code in codes)
    if kind == "quantity":
        assert len(ranges) == 1
        assert float(ranges[0].get("from", "")) < float(ranges[0].get("to", ""))
    if kind != "single":
        assert variable.get("format") is None


def test_the_package_loads_data_by_the_description(tmp_path: Path) -> None:
    """Answers written as the losses say are loaded as what they were: codes, ticked choices, numbers, days, words."""
    study = hard_study()
    questions = in_data_order(study, questionnaire_of(study, *HARD))
    made = to_triple_s(study, *HARD)
    (tmp_path / "made.sss").write_bytes(made.content)
    record = ET.fromstring(made.content).find("survey/record")
    assert record is not None
    answers = [{"respondent": f"p{number}", **person} for number, person in enumerate(people())]
    kinds = {each.name: each for each in questions}
    names = [variable.findtext("name", "") for variable in record]
    with (tmp_path / "made.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([cell(person, name, kinds) for name in names] for person in answers)
    survey = read_by_package(tmp_path / "made.sss")
    survey.load_data(str(tmp_path / "made.csv"))
    loaded = survey.to_pandas()
    assert names == list(loaded.columns)
    for name in ("recommend", "respected", "habit", "region", "delay", "balance"):
        expected = ["" if person.get(name) is None else str(person[name]) for person in answers]
        assert [number(each) for each in expected] == [number(each) for each in loaded[name]]
    ticked = [codes_of(person.get("obstacles"), kinds["obstacles"]) for person in answers]
    assert ticked == [sorted(each) if each is not None else [] for each in loaded["obstacles"]]
    days = [person.get("last_visit") or "" for person in answers]
    assert days == ["" if each is None or each != each else str(each)[:10] for each in loaded["last_visit"]]


def cell(person: Mapping[str, Any], name: str, kinds: Mapping[str, Question]) -> Any:
    """One cell of the CSV file, as the losses ask for it."""
    column, aside = name.removesuffix(".missing"), name.endswith(".missing")
    answer = person.get(column)
    question = kinds.get(column)
    if answer is None or question is None:
        return "" if answer is None else answer
    if question.scale.kind == "multiple":
        chosen = codes_of(answer, question)
        return "".join("1" if code in chosen else "0" for code in range(1, len(cells_of(question)) + 1))
    if question.scale.kind in ("date", "text") and ((answer in ("dk", "refused")) != aside):
        return ""
    return str(answer).replace("-", "") if question.scale.kind == "date" and not aside else answer


def codes_of(answer: Any, question: Question) -> list[int]:
    """The numbers of the choices that were ticked, or of the reason for ticking none."""
    chosen = answer if isinstance(answer, list) else [] if answer is None else [answer]
    keys = list(cells_of(question))
    return sorted(keys.index(str(each)) + 1 for each in chosen)


def number(cell: Any) -> Any:
    """A cell without regard to whether a whole number has a point, or how the package says that there is nothing."""
    if cell is None or cell == "" or cell != cell:
        return None
    try:
        return float(cell)
    except ValueError:
        return str(cell)


def test_scores_say_what_is_favourable() -> None:
    """A rated code scores itself, or its mirror image on a face worded the other way round; a reason scores nothing."""
    root = ET.fromstring(to_triple_s(study_of("full"), "cold-2027", "employees").content)
    scores = {
        variable.findtext("name"): {value.get("code"): value.get("score") for value in variable.iter("value")}
        for variable in root.iter("variable")
    }
    assert {"1": "1", "2": "2", "3": "3", "4": "4", "5": "5", "0": None, "-1": None, "-2": None} == scores["answered"]
    turned = {"1": "5", "2": "4", "3": "3", "4": "2", "5": "1", "0": None, "-1": None, "-2": None}
    assert turned == scores["answered.cooperation"]
    assert {"new": None, "old": None, "refused": None} == scores["seniority"]


def test_numbered_choices_are_told() -> None:
    """The losses give the number of every choice and reason, which leads back to the codes of the data."""
    losses = to_triple_s(hard_study(), *HARD).losses
    assert 1 == sum("`obstacles` are numbered (1 is price, 2 is delay, 3 is none)" in loss for loss in losses)
    assert 1 == sum("5 is refused)" in loss and "`worries`" in loss for loss in losses)
    assert all(loss.endswith(".") for loss in losses)
    assert len(losses) == len(set(losses))


def test_the_same_study_gives_the_same_bytes() -> None:
    """Twice the same."""
    assert to_triple_s(hard_study(), *HARD) == to_triple_s(hard_study(), *HARD)


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\r", "\ufffe"])
def test_a_character_that_xml_cannot_hold_is_refused(sign: str) -> None:
    """With its code and a remedy, and no file."""
    study: Study = hard_study()
    with pytest.raises(SpecError) as refused:
        to_triple_s(with_items(study, {**study.items, "free": with_label(study, "free", f"a{sign}b")}), *HARD)
    assert "EXP03" == refused.value.problems[0].code
    assert f"U+{ord(sign):04X}" in refused.value.problems[0].what


@pytest.mark.parametrize(
    ("wave", "audience", "code"), [("cold-2072", "customers", "EXP01"), ("hot", "employees", "EXP02")]
)
def test_an_unknown_wave_or_audience_is_refused(wave: str, audience: str, code: str) -> None:
    """With what there is instead."""
    with pytest.raises(SpecError) as refused:
        to_triple_s(study_of("full"), wave, audience)
    assert code == refused.value.problems[0].code
    assert refused.value.problems[0].mend

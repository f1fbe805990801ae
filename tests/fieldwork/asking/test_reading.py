"""What was posted, and the cell or the fault that it becomes: every kind of question, the values written out by hand."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import copysign
from typing import Literal

import pytest

from symmetry.fieldwork.asking.nouns import Answer, Asked
from symmetry.fieldwork.asking.paging import asked_of
from symmetry.fieldwork.asking.reading import WHATS, prefilled, read_page, stray
from symmetry.spec import Item, Scale
from tests.studies import tiny_study, with_item

NARROW = "\u202f"
LETTERS = {"a": {"en": "A"}, "b": {"en": "B"}, "c": {"en": "C"}, "none": {"en": "None"}}
SCALES = (
    Scale("mark", "likert", 1, 5, missing={"na": 0, "dk": -1}),
    Scale("nps", "nps", 0, 10),
    Scale("one", "single", choices=LETTERS, missing={"refused": -2}),
    Scale("some", "multiple", choices=LETTERS, exclusive=("none",), missing={"dk": 98}),
    Scale("amount", "number", -5, 1_000_000, decimals=2, missing={"na": -9}),
    Scale("count", "number", 0, 99),
    Scale("day", "date", earliest="2026-01-01", latest="2027-12-31", missing={"dk": 98}),
    Scale("anyday", "date"),
    Scale("words", "text", longest=10, missing={"refused": -1}),
    Scale("open", "text"),
    Scale("share", "percent", 0, 100),
)


@pytest.fixture(scope="module")
def asked() -> Asked:
    """One question of each kind."""
    study = replace(tiny_study(), items={}, waves={"hot": replace(tiny_study().waves["hot"], items=())})
    for scale in SCALES:
        study = with_item(study, Item(scale.key, "demographic", {}, scale, {"customer": {"en": "…"}}))
    return asked_of(study, "hot", "customers", first=date(2027, 3, 1))


def read(asked: Asked, column: str, *posted: str) -> Answer | tuple[str, Mapping[str, str]] | None:
    """The cell of one question, or what is wrong with it and the facts."""
    answers, faults = read_page(asked, [asked.columns[column]], {column: posted})
    if not faults:
        assert [column] == list(answers)
        return answers[column]
    assert ({}, [column]) == (answers, [fault.column for fault in faults])
    assert faults[0].what in WHATS
    return faults[0].what, faults[0].facts


@pytest.mark.parametrize(
    ("column", "posted", "cell"),
    [
        ("mark", ["5"], 5),
        ("mark", ["0"], 0),
        ("mark", ["na"], 0),
        ("mark", ["dk"], -1),
        ("nps", ["10"], 10),
        ("nps", [" 7 "], 7),
        ("nps", ["7", "7"], 7),
        ("one", ["b"], "b"),
        ("one", ["refused"], "refused"),
        ("some", ["c", "a"], "a c"),
        ("some", ["b", "b"], "b"),
        ("some", ["none"], "none"),
        ("some", ["dk"], "dk"),
        ("amount", ["3,5"], 3.5),
        ("amount", ["3.50"], 3.5),
        ("amount", ["\u22125"], -5.0),
        ("amount", ["+.25"], 0.25),
        ("amount", ["12,"], 12.0),
        ("amount", ["1 000"], 1000.0),
        ("amount", [f"1{NARROW}000{NARROW}000,00"], 1_000_000.0),
        ("amount", ["na"], -9),
        ("amount", ["", "na"], -9),
        ("share", ["66.6"], 66.6),
        ("day", ["2027-03-01"], "2027-03-01"),
        ("day", ["1/3/2027"], "2027-03-01"),
        ("day", ["01.03.2027"], "2027-03-01"),
        ("day", ["dk"], "dk"),
        ("anyday", ["29/02/2028"], "2028-02-29"),
        ("anyday", ["0001-01-01"], "0001-01-01"),
        ("words", ["  two\r\nlines "], "two\nlines"),
        ("words", ["e\u0301te\u0301"], "\u00e9t\u00e9"),
        ("words", ["a\x00\x1bb\tc"], "ab c"),
        ("words", ["one\u2028two"], "one\ntwo"),
        ("words", ["a\u202eb\ufeff\u00adc\u200b"], "abc"),
        ("words", ["\u0646\u200c\u0645"], "\u0646\u200c\u0645"),
        ("words", ["\U0001f469\u200d\U0001f33e"], "\U0001f469\u200d\U0001f33e"),
        ("open", ["e" + "\u0301" * 30], "\u00e9" + "\u0301" * 29),
        ("nps", ["\u200e7"], 7),
        ("words", ["refused"], "refused"),
        ("words", ["1234567890"], "1234567890"),
        ("words", ["\U0001f600" * 10], "\U0001f600" * 10),
    ],
)
def test_an_answer_becomes_the_cell_that_a_file_would_hold(
    asked: Asked, column: str, posted: Sequence[str], cell: object
) -> None:
    """Codes and missing codes are whole numbers, numbers floats, days ISO, choices keys in the order of the scale."""
    found = read(asked, column, *posted)
    assert cell == found
    assert type(cell) is type(found)


@pytest.mark.parametrize("column", [scale.key for scale in SCALES])
@pytest.mark.parametrize("posted", [[], [""], ["  ", "\r\n\t"], ["\x00"], ["\u200b", " \u200d \u202e"]])
def test_a_blank_is_none(asked: Asked, column: str, posted: Sequence[str]) -> None:
    """Nothing posted, nothing typed and nothing but spaces are all a blank, which clears what was saved."""
    assert read(asked, column, *posted) is None


@pytest.mark.parametrize(
    ("column", "posted", "what", "facts"),
    [
        ("mark", ["6"], "choice", {}),
        ("mark", ["-2"], "choice", {}),
        ("mark", ["05"], "choice", {}),
        ("mark", ["5.0"], "choice", {}),
        ("mark", ["\u0665"], "choice", {}),
        ("mark", ["1", "2"], "one only", {}),
        ("nps", ["na"], "choice", {}),
        ("nps", ["9" * 5000], "choice", {}),
        ("one", ["d"], "choice", {}),
        ("one", ["A"], "choice", {}),
        ("one", ["a", "b"], "one only", {}),
        ("one", ["-2"], "choice", {}),
        ("some", ["a", "z"], "choice", {}),
        ("some", ["a b"], "choice", {}),
        ("some", ["a", "none"], "exclusive", {"choice": "none"}),
        ("some", ["a", "dk"], "exclusive", {"choice": "dk"}),
        ("amount", ["twelve"], "number", {}),
        ("amount", ["1e3"], "number", {}),
        ("amount", ["nan"], "number", {}),
        ("amount", ["."], "number", {}),
        ("amount", ["-"], "number", {}),
        ("amount", ["1 00"], "number", {}),
        ("amount", ["1,000.5"], "number", {}),
        ("amount", ["1" * 31], "number", {}),
        ("amount", ["\u0661"], "number", {}),
        ("amount", ["-5.01"], "number.low", {"low": "-5", "high": "1000000"}),
        ("amount", ["1000000,5"], "number.high", {"low": "-5", "high": "1000000"}),
        ("amount", ["1.005"], "number.decimals", {"most": "2"}),
        ("amount", ["3", "na"], "exclusive", {"choice": "na"}),
        ("amount", ["3", "4"], "one only", {}),
        ("count", ["1,000"], "number.decimals", {"most": "0"}),
        ("count", ["7.0"], "number.decimals", {"most": "0"}),
        ("share", ["100.1"], "number.high", {"low": "0", "high": "100"}),
        ("day", ["tomorrow"], "date", {}),
        ("day", ["2027-02-30"], "date", {}),
        ("day", ["3/1/27"], "date", {}),
        ("day", ["12/31/2027"], "date", {}),
        ("day", ["2025-12-31"], "date.early", {"earliest": "2026-01-01", "latest": "2027-12-31"}),
        ("day", ["2028-01-01"], "date.late", {"earliest": "2026-01-01", "latest": "2027-12-31"}),
        ("day", ["2027-01-01", "dk"], "exclusive", {"choice": "dk"}),
        ("anyday", ["0000-01-01"], "date", {}),
        ("words", ["12345678901"], "too long", {"longest": "10", "length": "11"}),
        ("words", ["\ud83d"], "text", {}),
        ("words", ["yes", "refused"], "exclusive", {"choice": "refused"}),
        ("words", ["yes", "no"], "one only", {}),
        ("open", ["x" * 2001], "too long", {"longest": "2000", "length": "2001"}),
        ("open", ["e" + "\u0301" * 31], "text", {}),
        ("open", ["\u0301\u0316" * 40_000], "too long", {"longest": "2000", "length": "80000"}),
    ],
)
def test_what_cannot_be_taken_is_said(
    asked: Asked, column: str, posted: Sequence[str], what: str, facts: Mapping[str, str]
) -> None:
    """Each fault has its key and plain facts, and no cell is given."""
    assert (what, facts) == read(asked, column, *posted)


def test_no_text_costs_more_work_than_an_answer_is_worth(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Composing characters takes time with the square of the marks in a row: neither long texts nor heaps of marks get there."""
    composed: list[str] = []
    real = unicodedata.normalize

    def counted(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
        composed.append(text)
        return real(form, text)

    monkeypatch.setattr(unicodedata, "normalize", counted)
    marks = "\u0301\u0316"
    for column in ("open", "words", "amount", "nps", "some", "day"):
        for text in (marks * 40_000, "x" + marks * 400, "x" * 80_000, "x" * 15 + marks * 16, "e\u0301"):
            read(asked, column, text)
    assert ["e\u0301", "e\u0301"] == composed


def test_zero_has_no_sign(asked: Asked) -> None:
    """Minus zero is stored as zero, so that two equal answers are the same bytes."""
    found = read(asked, "amount", "-0,00")
    assert isinstance(found, float)
    assert (0.0, 1.0) == (found, copysign(1.0, found))


def test_one_fault_does_not_lose_the_other_answers(asked: Asked) -> None:
    """A page with two faults gives both, in its order, and every other cell."""
    page = [asked.columns[name] for name in ("count", "mark", "day", "one")]
    fields = {"one": ["a"], "day": ["never"], "count": ["no"], "mark": ["3"]}
    answers, faults = read_page(asked, page, fields)
    assert {"mark": 3, "one": "a"} == answers
    assert [("count", "number"), ("day", "date")] == [(fault.column, fault.what) for fault in faults]


def test_only_the_questions_of_the_page_are_read(asked: Asked) -> None:
    """A field of another page is left alone by the reading, and named as a stray."""
    page = [asked.columns["mark"], asked.columns["one"]]
    fields = {"form": ["x"], "lang": ["fr"], "page": ["1"], "go": ["fr"], "mark": ["3"], "nps": ["9"]}
    assert ({"mark": 3, "one": None}, ()) == read_page(asked, page, fields)
    assert "nps" == stray(asked, page, fields)
    assert "mark.guess" == stray(asked, page, {"mark": ["3"], "mark.guess": ["3"]})
    assert stray(asked, page, {name: fields[name] for name in ("form", "lang", "page", "mark")}) is None


def test_a_score_clicked_in_a_mail_is_proposed(asked: Asked) -> None:
    """Valid marks and choices alone: a wrong one, a text, a number or a name that is no question is passed over."""
    page = [asked.columns[scale.key] for scale in SCALES]
    query = {"nps": "9", "mark": ["na"], "one": "b", "words": "buy now", "count": "3", "some": "a", "utm_source": "x"}
    assert {"mark": 0, "nps": 9, "one": "b"} == prefilled(asked, page, query)
    assert {} == prefilled(asked, page, {"nps": "11", "mark": ["1", "2"], "one": ""})
    assert {} == prefilled(asked, [asked.columns["mark"]], {"nps": "9"})

"""A reader of LimeSurvey's tab-separated structure and of its expressions, written from the manual and from nothing of ours.

Sources: manual.limesurvey.org, "Tab Separated Value survey structure" (classes and columns of rows, the primary language first
and the same rows for each other), "ExpressionScript - Presentation" (operators, functions, `.NAOK`, `.shown`), and the tables
of LimeSurvey (codes of questions 20 characters, of answers 5).  Comparisons are as loose as PHP 7's, the loosest there is.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

__all__ = ["Asked", "Survey", "evaluate", "read_structure"]

TYPES = {"L": "A", "M": "SQ", "N": None, "S": None, "T": None, "D": None}
HEADER = (
    *("id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation"),
    *("mandatory", "encrypted", "other", "default", "same_default", "same_script"),
)


@dataclass
class Asked:
    """One question: its row in the first language, its words, and its answers or choices, by language."""

    row: dict[str, str]
    group: dict[str, str]
    text: dict[str, str] = field(default_factory=dict)
    options: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class Survey:
    """What a structure says."""

    settings: dict[str, str]
    titles: dict[str, str]
    questions: dict[str, Asked]
    groups: list[dict[str, str]]


def read_structure(content: bytes) -> Survey:
    """Read a structure, asserting every rule of the manual on the way."""
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter="\t"))
    assert tuple(rows[0])[: len(HEADER)] == HEADER
    assert all(None not in row and None not in row.values() for row in rows)
    order = [row["class"] for row in rows]
    assert set(order) == {"S", "SL", "G", "Q"} | (set(order) & {"SQ", "A"})
    assert order == sorted(order, key=lambda each: {"S": 0, "SL": 1}.get(each, 2))
    settings = {row["name"]: row["text"] for row in rows if row["class"] == "S"}
    languages = [settings["language"], *settings["additional_languages"].split()]
    titles = {row["language"]: plain(row["text"]) for row in rows if row["class"] == "SL"}
    assert list(titles) == languages
    assert all(0 < len(title) <= 200 for title in titles.values())
    body = [row for row in rows if row["class"] not in ("S", "SL")]
    length, rest = divmod(len(body), len(languages))
    assert rest == 0
    copies = [body[length * place : length * (place + 1)] for place in range(len(languages))]
    for language, copy in zip(languages, copies, strict=True):
        assert {row["language"] for row in copy} == {language}
        assert [skeleton(row) for row in copy] == [skeleton(row) for row in copies[0]]
    survey = Survey(settings, titles, {}, [row for row in copies[0] if row["class"] == "G"])
    for copy in copies:
        read_copy(copy, survey)
    check_codes(survey)
    return survey


def skeleton(row: Mapping[str, str]) -> dict[str, str]:
    """A row without what may differ between languages."""
    words = ("text", "help", "language", "suffix", *(["name"] if row["class"] == "G" else []))
    return {key: cell for key, cell in row.items() if key not in words}


def read_copy(copy: list[dict[str, str]], survey: Survey) -> None:
    """The rows of one language: relations are by proximity."""
    assert copy[0]["class"] == "G"
    group: dict[str, str] = {}
    asked: Asked | None = None
    for row in copy:
        if row["class"] == "G":
            group, asked = row, None
            assert row["name"]
            continue
        if row["class"] == "Q":
            asked = survey.questions.setdefault(row["name"], Asked(row, group))
            assert row["language"] not in asked.text
            asked.text[row["language"]] = row["text"]
            continue
        assert asked is not None
        assert TYPES[asked.row["type/scale"]] == row["class"]
        assert row["related_id"] == asked.row["id"]
        assert (row["id"] == asked.row["id"]) == (row["class"] == "A")
        options = asked.options.setdefault(row["name"], {})
        assert row["language"] not in options
        options[row["language"]] = plain(row["text"])


def check_codes(survey: Survey) -> None:
    """Codes that LimeSurvey takes, identifiers that are unique, flags that are Y or N."""
    names = [name.casefold() for name in survey.questions]
    assert len(names) == len(set(names))
    identifiers = [asked.row["id"] for asked in survey.questions.values()]
    assert all(each.isdecimal() for each in identifiers)
    assert len(identifiers) == len(set(identifiers))
    groups = [row["id"] for row in survey.groups]
    assert groups == [str(place) for place in range(1, len(groups) + 1)]
    assert all(len(row["random_group"]) <= 20 for row in survey.groups)
    for name, asked in survey.questions.items():
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,19}", name)
        row = asked.row
        assert {row["mandatory"], row["encrypted"], row["other"]} == {"N"}
        assert bool(asked.options) == (TYPES[row["type/scale"]] is not None)
        longest = 20 if row["type/scale"] == "M" else 5
        for code in asked.options:
            assert re.fullmatch(rf"[A-Za-z0-9]{{1,{longest}}}", code)
        folded = [code.casefold() for code in asked.options]
        assert row["type/scale"] != "M" or len(folded) == len(set(folded))
        assert set(filter(None, row["exclude_all_others"].split(";"))) <= set(asked.options)


def plain(text: str) -> str:
    """What a reader sees of a text in HTML without expressions."""
    assert not re.search(r"[{}\\]", text)
    return html.unescape(text.replace("<br />", "\n"))


TOKEN = re.compile(
    r"\s*(?:(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z]\w*(?:\.\w+)?)|(?P<sign>==|!=|<=|>=|[!<>(),]))"
)


def evaluate(expression: str, answers: Mapping[str, str]) -> Any:
    """The value of an expression, where `answers` gives texts by code, a ticked choice as `question_choice`."""
    tokens: list[tuple[str, str]] = []
    place = 0
    while place < len(expression.rstrip()):
        found = TOKEN.match(expression, place)
        assert found, expression[place:]
        tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
        place = found.end()
    parser = Parser(tokens, answers)
    value = parser.either()
    assert parser.place == len(tokens), tokens[parser.place :]
    return value


class Parser:
    """Recursive descent, loosest operator first."""

    def __init__(self, tokens: list[tuple[str, str]], answers: Mapping[str, str]) -> None:
        self.tokens = tokens
        self.answers = answers
        self.place = 0

    def next_is(self, *words: str) -> str | None:
        """Take the next token if it is one of these."""
        if self.place < len(self.tokens) and self.tokens[self.place][1] in words:
            self.place += 1
            return self.tokens[self.place - 1][1]
        return None

    def either(self) -> Any:
        """Parts joined by `or`."""
        value = self.every()
        while self.next_is("or"):
            other = self.every()
            value = bool(value) or bool(other)
        return value

    def every(self) -> Any:
        """Parts joined by `and`."""
        value = self.compared()
        while self.next_is("and"):
            other = self.compared()
            value = bool(value) and bool(other)
        return value

    def compared(self) -> Any:
        """A comparison."""
        left = self.opposite()
        order = self.next_is("==", "!=", "<", "<=", ">", ">=")
        if order is None:
            return left
        right = self.opposite()
        first, second = loose(left, right)
        return {
            "==": first == second,
            "!=": first != second,
            "<": first < second,
            "<=": first <= second,
            ">": first > second,
            ">=": first >= second,
        }[order]

    def opposite(self) -> Any:
        """`!`, binding tighter than a comparison."""
        return not self.opposite() if self.next_is("!") else self.primary()

    def primary(self) -> Any:
        """A literal, a name, a call, or parentheses."""
        kind, word = self.tokens[self.place]
        self.place += 1
        if word == "(":
            value = self.either()
            assert self.next_is(")")
            return value
        if kind == "text":
            return word[1:-1]
        if kind == "number":
            return float(word)
        assert kind == "name", word
        if self.next_is("("):
            arguments = []
            while not self.next_is(")"):
                arguments.append(self.either())
                self.next_is(",")
            return FUNCTIONS[word](*arguments)
        code, _, property_ = word.partition(".")
        assert property_ in ("NAOK", "shown"), word
        return self.answers.get(code, "")


def loose(left: Any, right: Any) -> tuple[Any, Any]:
    """Both sides as PHP 7 compares them: as numbers where both look like one, or where one of them is one."""
    if isinstance(left, str) and isinstance(right, str) and not (numeric(left) and numeric(right)):
        return left, right
    return number(left), number(right)


def numeric(value: Any) -> bool:
    """PHP's is_numeric."""
    return not isinstance(value, str) or bool(re.fullmatch(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", value))


def number(value: Any) -> float:
    """PHP's conversion: a text that is no number is 0."""
    return float(value) if numeric(value) else 0.0


def strtotime(text: str) -> float:
    """A day as a number; of what is no day PHP makes false, which compares as 0."""
    return float(date.fromisoformat(text).toordinal()) if text else 0.0


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "is_empty": lambda value: value in ("", False),
    "is_numeric": numeric,
    "floatval": number,
    "strtotime": strtotime,
    "strcmp": lambda one, two: float((one > two) - (one < two)),
    "round": lambda value, digits: float(round(number(value), int(digits))),
    "if": lambda condition, yes, no: yes if condition else no,
    "list": lambda *values: ", ".join(str(value) for value in values if value != ""),
}

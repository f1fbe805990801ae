"""The questionnaire of one audience in one wave as a LimeSurvey survey structure (tab-separated, imported as .txt).

The layout is that of LimeSurvey's manual, "Tab Separated Value survey structure": settings (S), texts of the survey (SL),
then for each language in turn the same rows of groups (G), questions (Q), choices that are ticked (SQ) and answers (A), a
question belonging to the group above it.  Texts are HTML in which `{…}` is evaluated, so every sign that means something
there is written as an entity.  What is known beforehand stands in a first group of hidden questions, which the address of
the page fills (`&region=north`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from symmetry.spec.exchange.leaving import check_leaving, leaving_texts
from symmetry.spec.exchange.limesurvey_codes import Codes, codes_for
from symmetry.spec.exchange.limesurvey_routes import Relevance
from symmetry.spec.exchange.losses import common_losses
from symmetry.spec.exchange.nouns import Exported
from symmetry.spec.exchange.questionnaire import Known, Option, Question, frame_of, questionnaire_of
from symmetry.spec.exchange.routes import digits, routes_of, variables_of
from symmetry.spec.exchange.sections import Section, rotation_losses, sections_of
from symmetry.spec.nouns import Study
from symmetry.spec.piping import ABSENT, fill, placeholders
from symmetry.spec.routing.meaning import Form

__all__ = ["COLUMNS", "to_limesurvey"]

_TOOL = "LimeSurvey"
_LONGEST_TITLE, _LONGEST_BLOCK = 200, 20
COLUMNS = (
    *("id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation"),
    *(
        "mandatory",
        "encrypted",
        "other",
        "default",
        "same_default",
        "same_script",
        "date_format",
        "date_max",
        "date_min",
    ),
    *("em_validation_q", "exclude_all_others", "hidden", "max_num_value_n", "maximum_chars", "min_num_value_n"),
    *("num_value_int_only", "random_group", "suffix"),
)
_ENTITIES = {ord(sign): f"&#{ord(sign)};" for sign in '"{}\\\t'} | {ord("\n"): "<br />"}
_ENTITIES |= {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_Row = dict[str, str]


def to_limesurvey(study: Study, wave: str, audience: str) -> Exported:
    r"""Write one questionnaire as a LimeSurvey structure.

    Parameters
    ----------
    study : the study.
    wave : key of one of its waves.
    audience : one that this wave asks.

    Returns
    -------
    The tab-separated text, in UTF-8 with a byte order mark as LimeSurvey writes it, and what it could not carry; among that,
    each code that had to change.

    Raises
    ------
    SpecError : no such wave (EXP01), an audience it does not ask (EXP02), a character that cannot travel (EXP03), a route
        that compares with a text that ExpressionScript cannot hold (EXP04).

    Examples
    --------
    >>> from symmetry.spec import load
    >>> made = to_limesurvey(load("survey_specs/everyday_bank"), "hot", "customers")
    >>> made.name, made.content.decode("utf-8-sig").splitlines()[1].split("\t")[2:7]
    ('everyday_bank.hot.customers.limesurvey.txt', ['S', '', 'language', '', 'fr'])
    """
    questions, known = questionnaire_of(study, wave, audience), frame_of(study, audience)
    check_leaving(study, leaving_texts(study, questions, known))
    codes = codes_for(questions, known)
    routes, folded = routes_of(study, questions, known)
    sections = sections_of(study, questions)
    relevance = Relevance(variables_of(study, audience), codes, study.path)
    writer = _Writer(study, codes, routes, relevance)
    rows = [*_settings(study, audience), *_titles(study)]
    for language in study.languages:
        rows += writer.structure(sections, known, language)
    losses = (
        *common_losses(study, questions, _TOOL),
        *folded,
        *rotation_losses(study, sections, _TOOL, scattered=True),
        *codes.changed(),
        *_own_losses(study, questions, known),
    )
    return Exported(f"{study.key}.{wave}.{audience}.limesurvey.txt", _table(rows), tuple(dict.fromkeys(losses)))


def _table(rows: Iterable[_Row]) -> bytes:
    """The rows as tab-separated text."""
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, restval="", delimiter="\t", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _settings(study: Study, audience: str) -> Iterator[_Row]:
    """The settings of the survey that the study speaks of."""
    anonymous = audience == "employees" and study.privacy.employees == "anonymous"
    settings = {
        "language": study.languages[0],
        "additional_languages": " ".join(study.languages[1:]),
        "format": "G",
        "anonymized": "Y" if anonymous else "N",
        "shownoanswer": "N",
    }
    for name, value in settings.items():
        yield {"class": "S", "name": name, "text": value}


def _titles(study: Study) -> Iterator[_Row]:
    """The title in every language."""
    for language in study.languages:
        title = study.title[language][:_LONGEST_TITLE]
        yield {"class": "SL", "name": "surveyls_title", "text": _html(title), "language": language}


@dataclass(frozen=True)
class _Writer:
    """Writes the rows of one questionnaire, language by language, the same rows each time."""

    study: Study
    codes: Codes
    routes: Mapping[str, Form]
    relevance: Relevance

    def structure(self, sections: Iterable[Section], known: Iterable[Known], language: str) -> list[_Row]:
        """Groups, questions, choices and answers in one language, numbered in their order."""
        rows: list[_Row] = []
        if known:
            rows.append({"class": "G", "name": _html(self.study.title[language]), "relevance": "1"})
            rows += [row for each in known for row in self._known(each, language)]
        blocks: dict[str | None, str] = {None: ""}
        for section in sections:
            block = section.block or ""
            block = blocks.setdefault(section.block, block if len(block) <= _LONGEST_BLOCK else f"block{len(blocks)}")
            name = _html(section.title[language])
            rows.append({"class": "G", "name": name, "relevance": "1", "random_group": block})
            rows += [row for question in section.questions for row in self._question(question, language)]
        return list(_numbered(rows, language))

    def _known(self, known: Known, language: str) -> Iterator[_Row]:
        """A hidden question, to be filled from the address."""
        kind = "L" if known.codes else "N" if known.numeric else "S"
        yield self._head(known.name, kind, _html(known.label[language]), "1") | {"hidden": "1"}
        yield from self._answers(known.name, known.codes, language)

    def _question(self, question: Question, language: str) -> Iterator[_Row]:
        """One question with its answers, and the one for its reasons where it has one."""
        scale, name, options = question.scale, question.name, (*question.codes, *question.missing)
        route = self.relevance.of(self.routes[name]) if name in self.routes else "1"
        words = self._words(question.text[language])
        if scale.kind == "multiple":
            alone = [*scale.exclusive, *(str(each.stored) for each in question.missing)]
            exclusive = ";".join(self.codes.answers[name][each] for each in alone)
            yield self._head(name, "M", words, route) | {"exclude_all_others": exclusive}
            for each in options:
                code = self.codes.answers[name][str(each.stored)]
                yield {"class": "SQ", "type/scale": "0", "name": code, "text": _html(each.label[language])}
        elif question.codes:
            yield self._head(name, "L", words, route)
            yield from self._answers(name, options, language)
        else:
            yield self._typed(question, words, route, language)
            if question.missing:
                empty = f"is_empty({self.codes.questions[name]}.NAOK)"
                both = empty if route == "1" else f"({route} and {empty})"
                yield self._head(f"{name}.missing", "L", _html(question.label[language]), both)
                yield from self._answers(f"{name}.missing", question.missing, language)

    def _typed(self, question: Question, words: str, route: str, language: str) -> _Row:
        """A question whose answer is typed in, with its bounds."""
        scale = question.scale
        if scale.kind == "text":
            return self._head(question.name, "T", words, route) | {"maximum_chars": str(scale.longest or "")}
        if scale.kind == "date":
            days = {"date_format": "yyyy-mm-dd", "date_min": scale.earliest or "", "date_max": scale.latest or ""}
            return self._head(question.name, "D", words, route) | days
        low, high = question.bounds
        limits = {
            "min_num_value_n": "" if low is None else digits(low),
            "max_num_value_n": "" if high is None else digits(high),
        }
        if scale.kind in ("number", "score") and scale.decimals:
            code = f"{self.codes.questions[question.name]}.NAOK"
            limits["em_validation_q"] = f"(is_empty({code}) or round({code}, {scale.decimals}) == {code})"
        elif scale.kind == "number":
            limits["num_value_int_only"] = "1"
        unit = {"suffix": _html(scale.unit[language])} if scale.unit else {}
        return self._head(question.name, "N", words, route) | limits | unit

    def _head(self, name: str, kind: str, words: str, relevance: str) -> _Row:
        """The row of a question; none must be answered."""
        said = {"class": "Q", "type/scale": kind, "name": self.codes.questions[name], "relevance": relevance}
        return said | {"text": words, "mandatory": "N", "encrypted": "N", "other": "N"}

    def _answers(self, name: str, options: Iterable[Option], language: str) -> Iterator[_Row]:
        """The answers of a list."""
        for each in options:
            code = self.codes.answers[name][str(each.stored)]
            yield {"class": "A", "type/scale": "0", "name": code, "text": _html(each.label[language])}

    def _words(self, words: str) -> str:
        """The words of a question, an earlier answer in its own words where they name one."""
        pipes = dict.fromkeys(name for name, _ in placeholders(words))
        marks = {name: f"\ue000{number}\ue001" for number, name in enumerate(pipes)}
        text = _html(fill(words, marks))
        for name, mark in marks.items():
            answered = self.relevance.answered(name)
            text = text.replace(mark, f"{{if({answered}, {self._shown(name)}, '{ABSENT}')}}")
        return text

    def _shown(self, name: str) -> str:
        """An answer as it reads: its label, or those of what was ticked."""
        code = self.codes.questions[name]
        if self.relevance.variables[name].kind != "set":
            return f"{code}.shown"
        return f"list({', '.join(f'{code}_{each}.shown' for each in self.codes.answers[name].values())})"


def _numbered(rows: Iterable[_Row], language: str) -> Iterator[_Row]:
    """The rows with the numbers that tie those of one language to those of another."""
    group = question = 0
    number = 0
    for row in rows:
        if row["class"] == "G":
            group += 1
            yield {**row, "id": str(group), "type/scale": str(group), "language": language}
            continue
        if row["class"] != "A":
            number += 1
        question = number if row["class"] == "Q" else question
        own = str(question if row["class"] == "A" else number)
        related = {"related_id": str(question)} if row["class"] != "Q" else {}
        yield {**row, "id": own, **related, "language": language}


def _html(words: str) -> str:
    """Plain words as HTML in which nothing is evaluated."""
    return words.translate(_ENTITIES)


def _own_losses(study: Study, questions: Iterable[Question], known: Iterable[Known]) -> Iterator[str]:
    """What LimeSurvey in particular cannot hold."""
    yield "The short labels of questions, used in reports, are not in the file."
    if known:
        yield "What is known beforehand stands in hidden questions: fill them by the address, as in `&region=north`."
    if any(len(words) > _LONGEST_TITLE for words in study.title.values()):
        yield f"The title is cut at {_LONGEST_TITLE} characters."
    for question in questions:
        if question.missing and not question.codes:
            yield (
                f"The reasons for not answering `{question.name}` are asked in a question of their own: "
                "put its code into the column where that one is empty."
            )

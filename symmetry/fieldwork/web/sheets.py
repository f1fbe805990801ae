"""What is drawn once and shown to many: templates, and the blocks of questions of one questionnaire in one language."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symmetry.fieldwork.asking.nouns import Asked
from symmetry.fieldwork.asking.once import once
from symmetry.fieldwork.columns import Column
from symmetry.fieldwork.web.questions import Question, entered_of, question_of, source_of
from symmetry.fieldwork.web.speaking import Speaker, speaker_of
from symmetry.fieldwork.web.styling import style
from symmetry.spec import is_day

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["Sheet", "drawn", "sheet_of"]

_FOLDER = Path(__file__).parent


class Sheet:
    """The questions of one questionnaire in one language, drawn as they are needed.

    Only what does not depend on the person is kept: words without piping, with no answer or with one of the choices.
    """

    def __init__(self, language: str) -> None:
        self.speaker = speaker_of(language)
        self._questions: dict[str, Question] = {}
        self._blocks: dict[tuple[str, tuple[str, ...]], str] = {}
        self.kept: dict[object, str] = {}

    def question(self, column: Column) -> Question:
        """The controls of a question."""
        if column.name not in self._questions:
            self._questions[column.name] = question_of(column, self.speaker)
        return self._questions[column.name]

    def possible(self, column: Column, typed: tuple[str, ...]) -> tuple[str, ...]:
        """What a link proposes, where it is one of the choices; nothing otherwise."""
        return typed if {each.value for each in self.question(column).options}.issuperset(typed) else ()

    def block(self, column: Column, words: str, typed: tuple[str, ...], fault: str, *, saved: bool) -> str:
        """A question with what the person typed or saved, and what is wrong with it."""
        question = self.question(column)
        choices = {each.value for each in (*question.options, *question.others)}
        common = (
            not fault and len(typed) <= 1 and choices.issuperset(typed) and "{" not in source_of(column, self.speaker)
        )
        if common and (column.name, typed) in self._blocks:
            return self._blocks[column.name, typed]
        entered = entered_of(column, question, typed, saved=saved, speaker=self.speaker) if question.filled_in else ""
        made = drawn(
            "question",
            self.speaker,
            q=question,
            name=column.name,
            words=words,
            typed=typed,
            entered=entered,
            datelike=not entered or is_day(entered),
            fault=fault,
        )
        if common:
            self._blocks[column.name, typed] = made
        return made


def sheet_of(asked: Asked, language: str) -> Sheet:
    """The sheet of a questionnaire in one of its languages: the same one as long as the questionnaire lives."""
    sheets = _sheets(asked)
    return sheets.setdefault(language, Sheet(language))


@once
def _sheets(asked: Asked) -> dict[str, Sheet]:
    return {}


def drawn(template: str, speaker: Speaker, **view: Any) -> str:
    """A template filled in; whatever is not markup is escaped."""
    made = _environment().get_template(f"{template}.html.j2")
    return made.render(style=style(), say=speaker.say, **view)


@cache
def _environment() -> Environment:
    """Templates without the blanks between their lines, which escape what is not markup and fail on a name not there."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    def load(name: str) -> str:
        return "".join(map(str.strip, (_FOLDER / name).read_text(encoding="utf-8").splitlines()))

    return Environment(loader=FunctionLoader(load), autoescape=True, undefined=StrictUndefined)

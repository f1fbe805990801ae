"""One question as a page shows it: which controls, with which values and words; and an earlier answer told in words.

What does not depend on the person (`question_of`) is apart from what does (`words_of`, `typed_of`), so that a page can keep
the first.  The value of a choice is what a cell of the answers holds, as text (see `fieldwork.columns`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from symmetry.fieldwork.asking.nouns import Answer, Asked
from symmetry.fieldwork.asking.reading import LONGEST
from symmetry.fieldwork.columns import Column
from symmetry.fieldwork.web.speaking import Speaker
from symmetry.spec import Scale, fill_in

__all__ = ["Choice", "Question", "entered_of", "question_of", "source_of", "typed_of", "words_of"]

Kind = Literal["codes", "across", "list", "several", "text", "line", "number", "date"]
_SHORT, _WORD = 24, 12
_LINE = 120


@dataclass(frozen=True)
class Choice:
    """One thing to choose: what is posted, and what people read."""

    value: str
    words: str


@dataclass(frozen=True)
class Question:
    """The controls of one question in one language.

    Attributes
    ----------
    kind : "codes" (a row of numbers), "across" (a row of words where there is room), "list" (one below the other), "several"
        (boxes to tick), "text", "line", "number" or "date".
    options : the choices; `alone` those of several that stand alone; `others` the reasons for not answering.
    ends : the words under the first and the last code.
    hint, unit, low, high, inputmode : what a field to fill in needs.
    """

    kind: Kind
    options: tuple[Choice, ...] = ()
    alone: tuple[Choice, ...] = ()
    others: tuple[Choice, ...] = ()
    ends: tuple[str, str] | None = None
    hint: str = ""
    unit: str = ""
    low: str = ""
    high: str = ""
    inputmode: str = "numeric"

    @property
    def filled_in(self) -> bool:
        """Whether it is written by hand, not chosen."""
        return self.kind in ("text", "line", "number", "date")


def question_of(column: Column, speaker: Speaker) -> Question:
    """The controls of one question.

    Parameters
    ----------
    column : one of the questions of a questionnaire.
    speaker : of the language in which it is read.

    Examples
    --------
    >>> from datetime import date
    >>> from symmetry.fieldwork.asking.paging import asked_of
    >>> from symmetry.fieldwork.web.speaking import speaker_of
    >>> from symmetry.spec import load
    >>> asked = asked_of(load("survey_specs/everyday_bank"), "hot", "customers", first=date(2027, 3, 1))
    >>> made = question_of(asked.columns["recommend"], speaker_of("en"))
    >>> made.kind, len(made.options), made.ends
    ('codes', 11, ('Not at all likely', 'Extremely likely'))
    """
    scale = column.scale
    others = tuple(Choice(_value(code), speaker.say(f"missing.{reason}")) for reason, code in column.missing.items())
    if scale is None or scale.kind == "text":
        longest = (scale.longest if scale else None) or LONGEST
        hint = speaker.say("hint.text", count=speaker.number(longest))
        return Question("line" if longest <= _LINE else "text", others=others, hint=hint)
    if scale.kind in ("single", "multiple"):
        return _chosen(scale, others, speaker)
    if scale.kind == "date":
        low, high = scale.earliest or "", scale.latest or ""
        hint = _between("hint.date", speaker.day(low), speaker.day(high), speaker)
        return Question("date", others=others, hint=hint if low or high else "", low=low, high=high)
    if scale.kind == "number" or scale.published:
        return _numbered(scale, others, speaker)
    return _coded(scale, others, speaker)


def _coded(scale: Scale, others: tuple[Choice, ...], speaker: Speaker) -> Question:
    """Whole codes in a row: under numbers with the words of both ends, or each with its own words."""
    codes = range(int(scale.low), int(scale.high) + 1)
    labels = tuple(map(speaker.set, speaker.of(scale.labels))) if scale.labels else ()
    if labels:
        words = [word for label in labels for word in label.split()]
        short = len(labels) <= 5 and max(map(len, labels)) <= _SHORT and max(map(len, words)) <= _WORD
        options = tuple(Choice(str(code), said) for code, said in zip(codes, labels, strict=True))
        return Question("across" if short else "list", options, others=others)
    first, last = speaker.of(scale.ends) if scale.ends else ("", "")
    ends = (speaker.set(first), speaker.set(last)) if scale.ends else None
    return Question("codes", tuple(Choice(str(code), str(code)) for code in codes), others=others, ends=ends)


def _chosen(scale: Scale, others: tuple[Choice, ...], speaker: Speaker) -> Question:
    """Words to choose from, one or several."""
    options = {key: Choice(key, speaker.read(words)) for key, words in scale.choices.items()}
    if scale.kind == "single":
        return Question("list", tuple(options.values()), others=others)
    free = tuple(each for key, each in options.items() if key not in scale.exclusive)
    alone = tuple(options[key] for key in options if key in scale.exclusive)
    return Question("several", free, alone, others, hint=speaker.say("hint.multiple"))


def _numbered(scale: Scale, others: tuple[Choice, ...], speaker: Speaker) -> Question:
    """A number to write, between the bounds that the study gives."""
    bounded = scale.low < scale.high
    low, high = (speaker.number(bound) if bounded and isfinite(bound) else "" for bound in (scale.low, scale.high))
    mode = "numeric" if scale.decimals == 0 and scale.low >= 0 and not scale.published else "decimal"
    unit = speaker.read(scale.unit) if scale.unit else "%" if scale.kind == "percent" else ""
    hint = _between("hint.number", low, high, speaker)
    return Question("number", others=others, hint=hint, unit=unit, inputmode=mode)


def _between(key: str, low: str, high: str, speaker: Speaker) -> str:
    """A sentence with both bounds, one, or none."""
    which = ".between" if low and high else ".from" if low else ".to" if high else ""
    key = f"{key}{which}"
    return speaker.say(key, low=low, high=high) if speaker.says(key) else ""


def typed_of(column: Column, answer: Answer | None) -> tuple[str, ...]:
    """A saved answer as the form would have posted it.

    Parameters
    ----------
    column : the question.
    answer : its cell; None where there is none.
    """
    if answer is None:
        return ()
    said = _value(answer)
    return tuple(said.split()) if column.kind == "choices" else (said,)


def entered_of(column: Column, question: Question, typed: tuple[str, ...], *, saved: bool, speaker: Speaker) -> str:
    """What stands in a field to fill in: what was typed, as it was typed, or a saved answer as one writes it."""
    reasons = {each.value for each in question.others}
    said = next((each for each in typed if each and each not in reasons), "")
    return said.replace(".", ",") if saved and column.kind == "number" and speaker.language == "fr" else said


def source_of(column: Column, speaker: Speaker) -> str:
    """What a question says in the study, its placeholders not filled in."""
    return speaker.read(column.item.faces[column.face] if column.face else column.item.label)


def words_of(
    asked: Asked, column: Column, speaker: Speaker, known: Mapping[str, str], answers: Mapping[str, Answer]
) -> str:
    """What a question says to this person, earlier answers told in words where it pipes them."""
    text = source_of(column, speaker)
    if "{" not in text and "}" not in text:
        return text
    items = asked.study.items
    told = {
        name: speaker.read(values[value]) if value in values else value
        for name, value in known.items()
        if name in items and value != ""
        for values in [items[name].values or {}]
    }
    for name, answer in answers.items():
        if name in asked.columns:
            told[name] = _told(asked.columns[name], answer, speaker)
    return fill_in(text, told)


def _told(column: Column, answer: Answer, speaker: Speaker) -> str:
    """One answer in words."""
    scale, value = column.scale, _value(answer)
    reasons = {_value(code): reason for reason, code in column.missing.items()}
    if value in reasons:
        return speaker.say(f"missing.{reasons[value]}")
    if scale is not None and scale.labels and column.kind == "code":
        return speaker.set(speaker.of(scale.labels)[int(float(answer) - scale.low)])
    if column.categories:
        chosen = value.split() if column.kind == "choices" else [value]
        return speaker.listed([speaker.read(column.categories[key]) for key in chosen if key in column.categories])
    if column.kind == "date":
        return speaker.day(value)
    return speaker.number(float(answer)) if column.kind in ("code", "share", "number") else value


def _value(answer: Answer) -> str:
    """A cell as text: 3 and 3.0 are the same code."""
    return f"{answer:.15g}" if isinstance(answer, float) else str(answer)

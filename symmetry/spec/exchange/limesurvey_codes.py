"""Codes that LimeSurvey takes, made from ours, and the way back.

A question's code there is a letter followed by letters and digits, 20 at most; the code of an answer has 5 letters or digits
at most, and a longer one is dropped on import without a word.  So `recommend.guess` becomes `recommendGuess`, and a choice
`less_than_a_year` the letter A with its number; whatever already fits stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from symmetry.spec.exchange.questionnaire import Known, Option, Question

__all__ = ["Codes", "codes_for"]

_RESERVED = frozenset(
    ("gid", "id", "lang", "name", "other", "qid", "savedid", "self", "sgq", "sid", "that", "this", "time", "token")
)
_LONGEST, _LONGEST_ANSWER = 20, 5


@dataclass(frozen=True)
class Codes:
    """The code of every question, by its name with us, and of every answer, by the question's name and its own code.

    A typed question with reasons for not answering has a second question for them, under `<name>.missing`.
    """

    questions: Mapping[str, str]
    answers: Mapping[str, Mapping[str, str]]

    def changed(self) -> tuple[str, ...]:
        """A sentence for each code that is not ours."""
        names = [f"`{name}` is called `{code}` there." for name, code in self.questions.items() if name != code]
        answers = (
            f"The code {ours} of `{name}` is `{theirs}` there."
            for name, codes in self.answers.items()
            for ours, theirs in codes.items()
            if ours != theirs
        )
        return (*names, *answers)


def codes_for(questions: Iterable[Question], known: Iterable[Known]) -> Codes:
    """Make the codes of a questionnaire.

    Returns
    -------
    The same codes for the same questionnaire, unique whatever their capitals.
    """
    names: dict[str, str] = {}
    answers: dict[str, dict[str, str]] = {}
    for each in known:
        names[each.name] = _name(each.name, names.values())
        answers[each.name] = _answers(each.codes, long=False)
    for question in questions:
        names[question.name] = _name(question.name, names.values())
        options = (*question.codes, *question.missing)
        if question.missing and not question.codes:
            aside = f"{question.name}.missing"
            names[aside] = _name(aside, names.values())
            answers[aside] = _answers(options, long=False)
        else:
            answers[question.name] = _answers(options, long=question.scale.kind == "multiple")
    return Codes(names, answers)


def _name(name: str, taken: Iterable[str]) -> str:
    """The code of a question, or of a choice that is ticked, which is a question of its own to LimeSurvey."""
    first, *others = re.split(r"[^A-Za-z0-9]+", name)
    plain = first + "".join(part[:1].upper() + part[1:] for part in others)
    if plain.casefold() in _RESERVED or not plain[:1].isalpha():
        plain = f"Q{plain}"
    used = {each.casefold() for each in taken}
    code, number = plain[:_LONGEST], 1
    while code.casefold() in used:
        number += 1
        code = f"{plain[: _LONGEST - len(str(number))]}{number}"
    return code


def _answers(options: Iterable[Option], *, long: bool) -> dict[str, str]:
    """The codes of answers: their own where they fit, else a reason's name, else a letter and a number."""
    codes: dict[str, str] = {}
    everything = list(options)
    ours = {str(option.stored) for option in everything}
    for number, option in enumerate(everything, start=1):
        code = str(option.stored)
        if long:
            codes[code] = _name(option.reason or code, codes.values())
            continue
        fits = code.isascii() and code.isalnum() and len(code) <= _LONGEST_ANSWER
        wish = code if fits else option.reason[:_LONGEST_ANSWER] or f"A{number}"
        taken = {*codes.values(), *(ours - {code})}
        codes[code] = next(each for each in (wish, f"A{number}", f"B{number}", f"C{number}") if each not in taken)
    return codes

"""What comes back: how other tools name the columns of the data and what they write for each answer.

A questionnaire that left by `export` is answered elsewhere; whoever reads those answers asks here for every name, wording
and code under which a column, a choice or a reason may return.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from symmetry.spec.exchange.limesurvey_codes import codes_for
from symmetry.spec.exchange.questionnaire import Known, Option, Question, frame_of, questionnaire_of
from symmetry.spec.nouns import Study
from symmetry.spec.texts import Text

__all__ = ["Answered", "answered_elsewhere"]


@dataclass(frozen=True)
class Answered:
    """One column of the data as it returns from elsewhere.

    Attributes
    ----------
    name : of the column with us.
    names : what exports of ours call it, its own name first; `asides` those of the question that asks for its reasons.
    text : the words of the question, `{name}` where they repeat an answer; `label` its short ones.
    answers : a text (a code of ours) → its words by language, reasons for not answering included.
    reasons : those of `answers` that are no answer.
    codes : LimeSurvey's code of an answer → ours, where they differ.
    """

    name: str
    names: tuple[str, ...]
    text: Text
    label: Text
    answers: Mapping[str, Text] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    asides: tuple[str, ...] = ()


def answered_elsewhere(study: Study, wave: str, audience: str) -> dict[str, Answered]:
    """Every column that one audience fills in one wave, what is known beforehand included, by its name with us.

    Raises
    ------
    SpecError : no such wave (EXP01), or an audience it does not ask (EXP02).

    Examples
    --------
    >>> from symmetry.spec import load
    >>> back = answered_elsewhere(load("survey_specs/everyday_bank"), "cold-2027", "customers")
    >>> back["kept_word"].names, back["channel"].codes, back["kept_word"].answers["0"]["fr"]
    (('kept_word', 'keptWord'), {'A1': 'branch'}, 'Sans objet')
    """
    questions, known = questionnaire_of(study, wave, audience), frame_of(study, audience)
    codes = codes_for(questions, known)
    found: dict[str, Answered] = {}
    everything: tuple[Known | Question, ...] = (*known, *questions)
    for each in everything:
        mark = f"{each.name}.missing"
        options = _options(each)
        apart = mark in codes.questions
        theirs = codes.answers.get(mark if apart else each.name, {})
        found[each.name] = Answered(
            name=each.name,
            names=_names(each.name, codes.questions[each.name]),
            text=each.text if isinstance(each, Question) else {},
            label=each.label,
            answers={str(option.stored): option.label for option in options},
            reasons=tuple(str(option.stored) for option in options if option.reason),
            codes={code: ours for ours, code in theirs.items() if code != ours},
            asides=_names(mark, codes.questions[mark]) if apart else (),
        )
    return found


def _options(each: Known | Question) -> tuple[Option, ...]:
    return (*each.codes, *each.missing) if isinstance(each, Question) else each.codes


def _names(name: str, limesurvey: str) -> tuple[str, ...]:
    """A name with us, with LimeSurvey, in an XLSForm (`a__b`) and where a dot is an underscore."""
    return tuple(dict.fromkeys((name, limesurvey, name.replace(".", "__"), name.replace(".", "_"))))

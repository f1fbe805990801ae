"""The questionnaire of one audience in one wave as SurveyJS JSON, for a page that the SurveyJS library draws.

Rated scales become ratings (or radio buttons where there are reasons for not answering, which a rating cannot set apart),
choices radio buttons and check boxes, everything typed a text.  What is known beforehand stands as hidden questions, to be
filled by whoever hosts the page (`survey.data = {...}`), so that routes and texts may lean on it.  A typed question with
reasons for not answering has a second question beside it, `<name>.missing`, shown while the first is empty.

SurveyJS reads the key `default` as its own default language, English: English texts stand there, or those of the study's
first language where it has no English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from symmetry.spec.exchange.leaving import check_leaving, leaving_texts
from symmetry.spec.exchange.losses import common_losses
from symmetry.spec.exchange.nouns import Exported
from symmetry.spec.exchange.questionnaire import Known, Option, Question, frame_of, questionnaire_of, unbraced
from symmetry.spec.exchange.routes import ALWAYS, routes_of, variables_of
from symmetry.spec.exchange.sections import Section, rotation_losses, sections_of
from symmetry.spec.exchange.surveyjs_routes import expression_of
from symmetry.spec.nouns import Study
from symmetry.spec.texts import Text

__all__ = ["to_surveyjs"]

_TOOL = "SurveyJS"
_Json = dict[str, Any]


def to_surveyjs(study: Study, wave: str, audience: str) -> Exported:
    """Write one questionnaire as SurveyJS JSON.

    Parameters
    ----------
    study : the study.
    wave : key of one of its waves.
    audience : one that this wave asks.

    Returns
    -------
    The JSON, with every text in every language, and what it could not carry.  Names of questions are the columns of the
    data, values of choices their codes.

    Raises
    ------
    SpecError : no such wave (EXP01), an audience it does not ask (EXP02), a character that cannot travel (EXP03), a route
        that compares with a backslash (EXP04).

    Examples
    --------
    >>> from symmetry.spec import load
    >>> made = to_surveyjs(load("survey_specs/everyday_bank"), "hot", "customers")
    >>> made.name, json.loads(made.content)["locale"]
    ('everyday_bank.hot.customers.surveyjs.json', 'fr')
    """
    questions, known = questionnaire_of(study, wave, audience), frame_of(study, audience)
    check_leaving(study, leaving_texts(study, questions, known))
    routes, folded = routes_of(study, questions, known)
    asides = {question.name for question in questions if question.missing and not question.codes}
    variables = variables_of(study, audience)
    shown = {
        name: expression_of(form, variables, asides, study.path) for name, form in routes.items() if form != ALWAYS
    }
    sections = sections_of(study, questions)
    survey = _survey(study, sections, known, shown)
    content = json.dumps(survey, ensure_ascii=False, indent=2) + "\n"
    losses = (
        *common_losses(study, questions, _TOOL),
        *folded,
        *rotation_losses(study, sections, _TOOL, scattered=False),
        *_own_losses(study, questions, known),
    )
    return Exported(f"{study.key}.{wave}.{audience}.surveyjs.json", content.encode(), tuple(dict.fromkeys(losses)))


def _survey(study: Study, sections: Iterable[Section], known: Iterable[Known], shown: Mapping[str, str]) -> _Json:
    """The whole survey: a page of hidden questions where something is known beforehand, and the questionnaire."""
    frame = [_hidden(each, study) for each in known]
    return {
        "title": _text(study.title, study),
        **({"locale": study.languages[0]} if study.languages[0] != "en" else {}),
        "clearInvisibleValues": "onHidden",
        "pages": [
            *([{"name": "frame", "elements": frame}] if frame else []),
            {"name": "questionnaire", "elements": list(_elements(sections, shown, study))},
        ],
    }


def _elements(sections: Iterable[Section], shown: Mapping[str, str], study: Study) -> Iterable[_Json]:
    """The sections as elements: a panel for each block that rotates and for each grid, else the questions themselves."""
    for block, run in groupby(sections, lambda section: section.block):
        inside = list(run)
        if block is None:
            for section in inside:
                plain = _faces(section, shown, study)
                titled = section.title != study.title
                panel = {"type": "panel", "name": section.key, "title": _text(section.title, study), "elements": plain}
                yield from [panel] if titled else plain
        else:
            items = [{"type": "panel", "name": each.key, "elements": _faces(each, shown, study)} for each in inside]
            name = f"block_{inside[0].key}"
            yield {"type": "panel", "name": name, "questionOrder": "random", "elements": items}


def _faces(section: Section, shown: Mapping[str, str], study: Study) -> list[_Json]:
    """The questions of a section, each followed by the one for its reasons where it has one."""
    made: list[_Json] = []
    for question in section.questions:
        route = shown.get(question.name)
        element = {**_question(question, study), **({"visibleIf": route} if route else {})}
        made.append(element)
        if question.missing and not question.codes:
            made.append(_aside(question, route, study))
    return made


def _question(question: Question, study: Study) -> _Json:
    """One question as an element, its route apart."""
    scale = question.scale
    head: _Json = {"type": "", "name": question.name, "title": _text(unbraced(question.text), study)}
    if question.codes and scale.rated and not question.missing:
        return {**head, "type": "rating", **_rating(question, study)}
    if question.codes and scale.kind == "multiple":
        return {**head, "type": "checkbox", "choices": _choices(question, study, exclusive=scale.exclusive)}
    if question.codes:
        row = {"colCount": 0} if scale.rated else {}
        return {**head, "type": "radiogroup", **row, "choices": _choices(question, study)}
    if scale.kind == "text":
        return {**head, "type": "comment", **({"maxLength": scale.longest} if scale.longest else {})}
    unit = {"description": _text(scale.unit, study)} if scale.unit else {}
    if scale.kind == "date":
        days = {"min": scale.earliest, "max": scale.latest}
        return {**head, **unit, "type": "text", "inputType": "date", **_given(days)}
    low, high = question.bounds
    step = 10**-scale.decimals if scale.kind in ("number", "score") else None
    limits = {"min": _plain(low), "max": _plain(high), "step": _plain(step)}
    return {**head, **unit, "type": "text", "inputType": "number", **_given(limits)}


def _rating(question: Question, study: Study) -> _Json:
    """The codes of a rated scale: a word for each, or the words of both ends beside the numbers."""
    if question.scale.labels or not question.scale.ends:
        return {"rateValues": [{"value": each.code, "text": _text(each.label, study)} for each in question.codes]}
    return {
        "rateValues": [each.code for each in question.codes],
        "minRateDescription": _text(question.codes[0].label, study),
        "maxRateDescription": _text(question.codes[-1].label, study),
    }


def _choices(question: Question, study: Study, *, exclusive: Iterable[str] | None = None) -> list[_Json]:
    """The codes, then the reasons for not answering, which among check boxes stand alone as exclusive choices do."""
    alone = None if exclusive is None else {*exclusive, *(each.stored for each in question.missing)}
    return [_choice(each, study, alone) for each in (*question.codes, *question.missing)]


def _choice(option: Option, study: Study, alone: set[int | str] | None) -> _Json:
    """One choice, with its words."""
    mark = {"isExclusive": True} if alone and option.stored in alone else {}
    return {"value": option.stored, "text": _text(option.label, study), **mark}


def _aside(question: Question, route: str | None, study: Study) -> _Json:
    """The reasons for not answering a typed question, offered while nothing is typed."""
    empty = f"{{{question.name}}} empty"
    return {
        "type": "radiogroup",
        "name": f"{question.name}.missing",
        "title": _text(question.label, study),
        "titleLocation": "hidden",
        "showClearButton": True,
        "choices": [_choice(each, study, None) for each in question.missing],
        "visibleIf": f"{route} and {empty}" if route else empty,
    }


def _hidden(known: Known, study: Study) -> _Json:
    """Something known beforehand, as a question that nobody sees."""
    head = {"name": known.name, "title": _text(known.label, study), "visible": False, "clearIfInvisible": "none"}
    if known.codes:
        return {"type": "dropdown", **head, "choices": [_choice(each, study, None) for each in known.codes]}
    return {"type": "text", **head, **({"inputType": "number"} if known.numeric else {})}


def _text(text: Text, study: Study) -> Any:
    """A text in every language, English under `default`."""
    first = "en" if "en" in text else study.languages[0]
    return {"default": text[first], **{language: words for language, words in text.items() if language != "en"}}


def _given(settings: Mapping[str, Any]) -> _Json:
    """The settings that say something."""
    return {key: value for key, value in settings.items() if value is not None}


def _plain(number: float | None) -> float | None:
    """A whole number without its point."""
    return int(number) if number is not None and number == int(number) else number


def _own_losses(study: Study, questions: Iterable[Question], known: Iterable[Known]) -> Iterable[str]:
    """What SurveyJS in particular cannot hold."""
    yield "The short labels of questions, used in reports, are not in the file."
    for question in questions:
        if question.missing and not question.codes:
            yield (
                f"The reasons for not answering `{question.name}` are asked in `{question.name}.missing`: "
                "put its code into the column where that one is empty."
            )
        if question.scale.kind in ("number", "score"):
            yield f"SurveyJS steps `{question.name}` by its decimals, and takes a number with more of them all the same."
        if question.pipes:
            yield f"Where an answer that `{question.name}` repeats is not there, SurveyJS shows nothing instead of “…”."
    named = [*(each.name for each in known), *(question.name for question in questions)]
    for place, words in _plain_words(study, questions, known):
        clash = next((name for name in named if f"{{{name}}}" in words), None)
        if clash:
            yield f"SurveyJS takes the plain braces around `{clash}` in the words of {place} for the answer to `{clash}`."


def _plain_words(study: Study, questions: Iterable[Question], known: Iterable[Known]) -> Iterable[tuple[str, str]]:
    """Words in which a brace is a brace, with the name of their place."""
    texts = [("the survey", study.title), *((f"`{each.name}`", each.label) for each in known)]
    coded: list[Question | Known] = [*questions, *known]
    texts += [(f"`{each.name}`", option.label) for each in coded for option in each.codes]
    yield from dict.fromkeys((place, words) for place, text in texts for words in text.values())
    for question in questions:
        for words in question.text.values():
            plain = "".join(f"{{{part}}}" for part in re.findall(r"\{\{(.*?)\}\}", words))
            yield f"`{question.name}`", plain

"""The data of one audience in one wave as Triple-S XML 3.0: which columns a CSV file has, and what its codes mean.

Triple-S (www.triple-s.org) moves survey data between tabulation packages.  Its variables are described here in the order of
our data: the respondent, what is known beforehand, then the answers.  A scale with codes is a `single`, its codes literal
where one is negative or a word, so that -1 and `new` stay as they are; the choices of a `multiple` must be numbers, and are
numbered in their order.  Codes of a rated scale have their score, the highest the most favourable; reasons for not answering
have none, which keeps them out of means.  A label carries the short label for analysis and the wording for interviewing, in
every language.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence

from symmetry.spec.exchange.leaving import check_leaving, leaving_texts
from symmetry.spec.exchange.losses import common_losses
from symmetry.spec.exchange.nouns import Exported
from symmetry.spec.exchange.questionnaire import (
    Known,
    Option,
    Question,
    frame_of,
    in_data_order,
    questionnaire_of,
    unbraced,
)
from symmetry.spec.exchange.xml_writing import LANG, leaf, lines
from symmetry.spec.nouns import Scale, Study
from symmetry.spec.texts import Text

__all__ = ["to_triple_s"]

_TOOL = "Triple-S"
_RESPONDENT: Text = {"fr": "Répondant", "en": "Respondent"}
_LONGEST = 64
_WIDEST = 999_999_999


def to_triple_s(study: Study, wave: str, audience: str) -> Exported:
    """Describe the data of one questionnaire as Triple-S XML.

    Parameters
    ----------
    study : the study.
    wave : key of one of its waves.
    audience : one that this wave asks.

    Returns
    -------
    The XML of the metadata file, for a CSV file in UTF-8 with one line of names, and what it could not carry.

    Raises
    ------
    SpecError : no such wave (EXP01), an audience it does not ask (EXP02), a character that cannot travel (EXP03).

    Examples
    --------
    >>> from symmetry.spec import load
    >>> made = to_triple_s(load("survey_specs/everyday_bank"), "hot", "customers")
    >>> made.name, made.content.splitlines()[1].split(b" ")[:2]
    ('everyday_bank.hot.customers.sss', [b'<sss', b'version="3.0"'])
    """
    questions = in_data_order(study, questionnaire_of(study, wave, audience))
    known = frame_of(study, audience)
    check_leaving(study, leaving_texts(study, questions, known))
    first = study.languages[0]
    languages = {"languages": " ".join(study.languages)} if len(study.languages) > 1 else {}
    root = ET.Element("sss", {"version": "3.0", LANG: first, **languages, "modes": "interview analysis"})
    leaf(root, "origin", "symmetry")
    survey = ET.SubElement(root, "survey")
    leaf(survey, "name", study.key)
    _text(survey, "title", study.title, study)
    head = {"ident": audience[0].upper(), "format": "csv", "encoding": "UTF-8", "skip": "1"}
    record = ET.SubElement(survey, "record", head)
    _respondent(record, study)
    for each in known:
        _known(record, each, study)
    for question in questions:
        _question(record, question, study)
    lines(root)
    content = ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"
    losses = (*common_losses(study, questions, _TOOL), *_own_losses(questions))
    return Exported(f"{study.key}.{wave}.{audience}.sss", content, tuple(dict.fromkeys(losses)))


def _respondent(record: ET.Element, study: Study) -> None:
    """The column that says who answered."""
    words = {language: _RESPONDENT.get(language, _RESPONDENT["en"]) for language in study.languages}
    variable = _variable(record, "respondent", "character", words, None, study)
    variable.set("use", "serial")
    leaf(variable, "size", str(_LONGEST))


def _known(record: ET.Element, known: Known, study: Study) -> None:
    """A column that is known beforehand."""
    kind = "single" if known.codes else "quantity" if known.numeric else "character"
    variable = _variable(record, known.name, kind, known.label, None, study)
    if known.codes:
        _codes(variable, known.codes, study)
    elif known.numeric:
        _range(ET.SubElement(variable, "values"), None, None, 2)
    else:
        leaf(variable, "size", str(_LONGEST))


def _question(record: ET.Element, question: Question, study: Study) -> None:
    """The column of a question; a day or a text with reasons for not answering has a second one for them."""
    scale, words = question.scale, unbraced(question.text)
    kind = {"multiple": "multiple", "date": "date", "text": "character"}.get(scale.kind, "quantity")
    kind = "single" if question.codes and kind != "multiple" else kind
    variable = _variable(record, question.name, kind, question.label, words, study)
    if kind == "single":
        _codes(variable, (*question.codes, *question.missing), study, scale)
    elif kind == "multiple":
        values = ET.SubElement(variable, "values")
        for number, option in enumerate((*question.codes, *question.missing), start=1):
            _text(values, "value", option.label, study, {"code": str(number)})
    elif kind == "quantity":
        values = ET.SubElement(variable, "values")
        low, high = question.bounds
        _range(values, low, high, scale.decimals if scale.kind in ("number", "score") else 2)
        for option in question.missing:
            _text(values, "value", option.label, study, {"code": str(option.stored)})
    elif kind == "character":
        leaf(variable, "size", str(scale.longest or _LONGEST))
    elif scale.earliest and scale.latest:
        days = {"from": scale.earliest.replace("-", ""), "to": scale.latest.replace("-", "")}
        ET.SubElement(ET.SubElement(variable, "values"), "range", days)
    if kind in ("date", "character") and question.missing:
        aside = _variable(record, f"{question.name}.missing", "single", question.label, words, study)
        _codes(aside, question.missing, study)


def _variable(record: ET.Element, name: str, kind: str, label: Text, words: Text | None, study: Study) -> ET.Element:
    """The head of a variable: its name, label and wording, and its field in the file, counted from 1."""
    number = str(len(record) + 1)
    variable = ET.SubElement(record, "variable", {"ident": number, "type": kind})
    leaf(variable, "name", name)
    element = _text(variable, "label", label, study)
    for language, said in (words or {}).items():
        leaf(element, "text", said, {LANG: language, "mode": "interview"})
    ET.SubElement(variable, "position", {"start": number})
    return variable


def _codes(variable: ET.Element, options: Sequence[Option], study: Study, scale: Scale | None = None) -> None:
    """Codes as they stand in the data, be they numbers, negative numbers or words, each with its score if it has one."""
    if not all(isinstance(option.stored, int) and option.stored >= 0 for option in options):
        variable.set("format", "literal")
    values = ET.SubElement(variable, "values")
    for option in options:
        score = _score(option, scale)
        _text(values, "value", option.label, study, {"code": str(option.stored), **score})


def _score(option: Option, scale: Scale | None) -> dict[str, str]:
    """How favourable a code of a rated scale is."""
    if scale is None or not scale.rated or option.reason or not isinstance(option.code, int):
        return {}
    return {"score": str(int(scale.low + scale.high) - option.code if scale.reversed else option.code)}


def _range(values: ET.Element, low: float | None, high: float | None, decimals: int) -> None:
    """The bounds of a number, written with its decimals."""
    least, most = (-_WIDEST if low is None else low), (_WIDEST if high is None else high)
    ET.SubElement(values, "range", {"from": f"{least:.{decimals}f}", "to": f"{most:.{decimals}f}"})


def _text(
    parent: ET.Element, tag: str, text: Text, study: Study, attributes: dict[str, str] | None = None
) -> ET.Element:
    """An element that says something in the first language, and inside it the same in the others."""
    first, *others = study.languages
    element = leaf(parent, tag, text[first], attributes)
    for language in others:
        leaf(element, "text", text[language], {LANG: language})
    return element


def _own_losses(questions: Iterable[Question]) -> Iterator[str]:
    """What Triple-S in particular cannot hold, or wants otherwise in the data."""
    yield "Only the description is written: the data themselves are a CSV file of these columns, in this order."
    for question in questions:
        scale, name = question.scale, question.name
        if scale.kind == "multiple":
            options = enumerate((*question.codes, *question.missing), start=1)
            codes = ", ".join(f"{number} is {option.stored}" for number, option in options)
            yield f"The choices of `{name}` are numbered ({codes}), and its data a string of 0 and 1, one for each."
        if scale.exclusive:
            yield f"That {', '.join(f'`{key}`' for key in scale.exclusive)} of `{name}` stands alone is not said."
        if scale.kind == "date":
            yield f"The days of `{name}` are written YYYYMMDD in Triple-S data."
        if scale.kind == "date" and bool(scale.earliest) != bool(scale.latest):
            yield f"The one bound of `{name}` is left out: Triple-S wants two, or none."
        if scale.kind in ("date", "text") and question.missing:
            yield f"The reasons for not answering `{name}` have a column of their own, `{name}.missing`."
        if scale.kind == "number" and None in question.bounds:
            yield f"`{name}` is bounded by {_WIDEST:,} where the study sets no bound: Triple-S wants one."
        if scale.unit:
            yield f"The unit of `{name}` is not said."
        if question.route:
            yield f"That `{name}` is asked only if `{question.route}` is not said."
        if question.block:
            yield f"That `{question.item.key}` rotates in the block `{question.block}` is not said."
        if question.pipes:
            yield f"The words of `{name}` repeat the answer to {', '.join(question.pipes)}: its name stands in braces."

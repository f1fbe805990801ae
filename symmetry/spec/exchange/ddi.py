"""A study as a DDI Codebook 2.5: what was asked of whom, when and how, in the form in which archives keep it.

One file is described for each audience of each wave, and one variable for each column of an audience, with the files it
stands in.  A variable has its label and question in every language, its codes with their labels, the codes that are no answer
apart (`invalrng`, `missing="Y"`), the route as the universe of its question, and as its concepts the promise and the moment of
truth it speaks of.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from symmetry.errors import Place, SpecError
from symmetry.spec.exchange.ddi_study import describe_study
from symmetry.spec.exchange.leaving import Leaving, check_leaving, leaving_questions
from symmetry.spec.exchange.losses import spoken_losses
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
from symmetry.spec.exchange.routes import digits
from symmetry.spec.exchange.xml_writing import LANG, each_language, leaf, lines
from symmetry.spec.nouns import Item, Study
from symmetry.spec.texts import Text
from symmetry.spec.validating import nearest

__all__ = ["to_ddi"]

_SPACE = "ddi:codebook:2_5"
_SCHEMA = "https://ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
_RESPONDENT: Text = {"fr": "Répondant", "en": "Respondent"}


@dataclass(frozen=True)
class _File:
    """The data of one audience in one wave."""

    identity: str
    wave: str
    audience: str
    questions: tuple[Question, ...]


def to_ddi(study: Study, wave: str | None = None) -> Exported:
    """Write a study as a DDI codebook.

    Parameters
    ----------
    study : the study.
    wave : key of one of its waves; None means all.

    Returns
    -------
    The XML, and what it could not carry.

    Raises
    ------
    SpecError : no such wave (EXP01), a character that cannot travel (EXP03).

    Examples
    --------
    >>> from symmetry.spec import load
    >>> made = to_ddi(load("survey_specs/everyday_bank"))
    >>> made.name, ET.fromstring(made.content).get("version")
    ('everyday_bank.ddi.xml', '2.5')
    """
    if wave is not None and wave not in study.waves:
        what = f"study `{study.key}` has no wave `{wave}`"
        raise SpecError(what, where=Place(study.path), mend=nearest(wave, study.waves), code="EXP01")
    files = _files(study, [wave] if wave else list(study.waves))
    check_leaving(study, _texts(study, files))
    attributes = {"xmlns": _SPACE, "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"}
    attributes |= {"xsi:schemaLocation": f"{_SPACE} {_SCHEMA}", "version": "2.5", LANG: study.languages[0]}
    root = ET.Element("codeBook", attributes)
    audiences = tuple(dict.fromkeys(file.audience for file in files))
    describe_study(root, study, tuple(dict.fromkeys(file.wave for file in files)), audiences)
    for file in files:
        _describe_file(root, file, study)
    data = ET.SubElement(root, "dataDscr")
    for audience in audiences:
        _describe_columns(data, study, audience, [file for file in files if file.audience == audience])
    lines(root)
    content = ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"
    name = ".".join([study.key, *([wave] if wave else []), "ddi.xml"])
    return Exported(name, content, tuple(dict.fromkeys(_losses(study, files))))


def _files(study: Study, waves: Iterable[str]) -> tuple[_File, ...]:
    """The files, numbered in the order of waves and audiences."""
    pairs = [(wave, audience) for wave in waves for audience in study.waves[wave].audiences]
    return tuple(
        _File(f"F{number}", wave, audience, in_data_order(study, questionnaire_of(study, wave, audience)))
        for number, (wave, audience) in enumerate(pairs, start=1)
    )


def _describe_file(root: ET.Element, file: _File, study: Study) -> None:
    """One file: its name, what it holds, and how many columns."""
    text = ET.SubElement(ET.SubElement(root, "fileDscr", {"ID": file.identity}), "fileTxt")
    leaf(text, "fileName", f"{study.key}.{file.wave}.{file.audience}")
    leaf(text, "fileCont", f"{file.wave}: {study.audiences[file.audience].name[study.languages[0]]}")
    count = 1 + len(frame_of(study, file.audience)) + len(file.questions)
    leaf(ET.SubElement(text, "dimensns"), "varQnty", str(count))


def _describe_columns(data: ET.Element, study: Study, audience: str, files: list[_File]) -> None:
    """The columns of one audience: the respondent, what is known, what is asked in any of its files."""
    everywhere = " ".join(file.identity for file in files)
    words = {language: _RESPONDENT.get(language, _RESPONDENT["en"]) for language in study.languages}
    respondent = _variable(data, "respondent", everywhere, words, {"representationType": "text"})
    leaf(respondent, "varFormat", "", {"type": "character"})
    for known in frame_of(study, audience):
        _known(data, known, everywhere)
    asked = {question.name: question for file in files for question in file.questions}
    for question in in_data_order(study, asked.values()):
        homes = [file.identity for file in files if any(each.name == question.name for each in file.questions)]
        _question(data, question, " ".join(homes), study)


def _variable(data: ET.Element, name: str, files: str, label: Text, attributes: dict[str, str]) -> ET.Element:
    """The head of a variable, its attributes first."""
    number = str(1 + sum(child.tag == "var" for child in data))
    variable = ET.SubElement(data, "var", {"ID": f"V{number}", "name": name, "files": files, **attributes})
    each_language(variable, "labl", label)
    return variable


def _known(data: ET.Element, known: Known, files: str) -> None:
    """A column that is known beforehand."""
    kind = "code" if known.codes else "numeric" if known.numeric else "text"
    interval = {"intrvl": "contin"} if known.numeric else {}
    nature = {"nature": "nominal"} if known.codes else {}
    variable = _variable(data, known.name, files, known.label, {**interval, **nature, "representationType": kind})
    if known.codes:
        _items(variable, "valrng", known.codes)
    _categories(variable, known.codes)
    leaf(variable, "varFormat", "", {"type": "numeric" if known.numeric else "character"})


def _question(data: ET.Element, question: Question, files: str, study: Study) -> None:
    """The column of a question, its parts in the order of the schema."""
    item, scale = question.item, question.scale
    variable = _variable(data, question.name, files, question.label, _measured(question, study))
    each_language(ET.SubElement(variable, "qstn"), "qstnLit", unbraced(question.text))
    _valid(variable, question)
    if question.missing:
        _items(variable, "invalrng", question.missing)
    if question.route:
        leaf(variable, "universe", question.route, {"clusion": "I"})
    if scale.kind == "multiple":
        alone = f"; one of {', '.join(scale.exclusive)} stands alone" if scale.exclusive else ""
        leaf(variable, "txt", f"The codes of all that was chosen, separated by spaces{alone}.", {LANG: "en"})
    _categories(variable, (*question.codes, *question.missing))
    _concepts(variable, item, study)
    numbers = all(isinstance(option.code, int) for option in question.codes) and scale.kind not in ("date", "text")
    category = {"category": "date"} if scale.kind == "date" else {}
    leaf(variable, "varFormat", "", {"type": "numeric" if numbers else "character", **category})
    _notes(variable, question)


def _measured(question: Question, study: Study) -> dict[str, str]:
    """How a column is measured."""
    scale = question.scale
    typed = scale.kind == "number" or scale.published
    kind = "code" if question.codes else {"date": "datetime", "text": "text"}.get(scale.kind, "numeric")
    nature = {"single": "nominal", "multiple": "nominal", "percent": "percent"}.get(scale.kind)
    nature = "ordinal" if question.codes and scale.rated else nature
    return {
        **({"dcml": str(scale.decimals)} if scale.kind in ("number", "score") else {}),
        "intrvl": "contin" if typed else "discrete",
        **({"measUnit": scale.unit[study.languages[0]]} if scale.unit else {}),
        **({"nature": nature} if nature else {}),
        "representationType": kind,
    }


def _valid(variable: ET.Element, question: Question) -> None:
    """The answers there can be: codes one by one, or bounds."""
    scale = question.scale
    low, high = (None if bound is None else digits(bound) for bound in question.bounds)
    if scale.kind == "date":
        low, high = scale.earliest, scale.latest
    if question.codes:
        _items(variable, "valrng", question.codes)
    elif low is not None or high is not None:
        bounds = {"min": low, "max": high}
        given = {key: bound for key, bound in bounds.items() if bound is not None}
        units = {"UNITS": "INT" if scale.decimals == 0 else "REAL"} if scale.kind == "number" else {}
        ET.SubElement(ET.SubElement(variable, "valrng"), "range", {**units, **given})


def _items(variable: ET.Element, tag: str, options: Iterable[Option]) -> None:
    """Codes one by one."""
    values = ET.SubElement(variable, tag)
    for option in options:
        ET.SubElement(values, "item", {"VALUE": str(option.stored)})


def _categories(variable: ET.Element, options: Iterable[Option]) -> None:
    """Codes with their words, those that are no answer marked."""
    for option in options:
        marks = {"missing": "Y", "missType": option.reason} if option.reason else {}
        category = ET.SubElement(variable, "catgry", marks)
        leaf(category, "catValu", str(option.stored))
        each_language(category, "labl", option.label)


def _concepts(variable: ET.Element, item: Item, study: Study) -> None:
    """What the question speaks of: the promise, and the moment of truth."""
    if item.promise:
        each_language(variable, "concept", study.promise[item.promise], {"vocab": "promise"})
    if item.moment:
        each_language(variable, "concept", study.moments[item.moment].name, {"vocab": "moment"})


def _notes(variable: ET.Element, question: Question) -> None:
    """What a reader of the data must know of this face, in words that are the study's own keys."""
    item, face = question.item, question.face
    said = {
        "role": item.role,
        "face": face or "",
        "mirror": item.mirrors.get(face or "", ""),
        "scale": f"{question.scale.kind}, reversed" if question.scale.reversed else question.scale.kind,
        "block": question.block or "",
        "sense": item.sense or "",
    }
    for kind, words in said.items():
        if words:
            leaf(variable, "notes", words, {"type": kind})


def _texts(study: Study, files: Iterable[_File]) -> Iterator[Leaving]:
    """Every text that leaves."""
    yield Leaving("the title of the study", study.title)
    yield Leaving("the source of the study", study.source)
    yield from (Leaving(f"the promise `{key}`", words) for key, words in study.promise.items())
    yield from (Leaving(f"the name of the audience `{each.key}`", each.name) for each in study.audiences.values())
    yield from (Leaving(f"the name of the moment `{key}`", each.name) for key, each in study.moments.items())
    for audience, targets in study.targets.items():
        cited = " ".join(f"{target.source} {target.date}" for target in targets)
        yield Leaving(f"the source of a target of the {audience}", {"": cited})
    for file in files:
        yield from leaving_questions(study, file.questions, frame_of(study, file.audience))
        for question in file.questions:
            yield Leaving(f"the route of `{question.item.key}`", {"": question.route or ""}, question.item.place)


def _losses(study: Study, files: Iterable[_File]) -> Iterator[str]:
    """What a codebook cannot hold."""
    questions = [question for file in files for question in file.questions]
    yield "A codebook has no place for the analysis plan, thresholds, alerts, owners and contact rules of the study."
    yield "Which answers are favourable is not said, beyond a note where a scale is reversed."
    if study.rotation:
        yield f"Blocks are named, the seed {study.rotation.seed} by which they rotate is not."
    for question in questions:
        if question.pipes:
            names = ", ".join(question.pipes)
            yield f"The words of `{question.name}` repeat the answer to {names}: its name stands in braces."
        if question.scale.unit and len(study.languages) > 1:
            yield f"The unit of `{question.name}` is said in `{study.languages[0]}` alone."
    yield from spoken_losses(study, questions)

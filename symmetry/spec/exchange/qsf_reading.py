"""A Qualtrics .qsf as plain parts: its questions, its blocks and its flow, whichever of the shapes the years have brought.

There is no published schema.  What is read here is what the files in the world have in common: `SurveyEntry` with name and
language, `SurveyElements` with one element for the blocks (BL), one for the flow (FL) and one for each question (SQ); a list
there may also come as a mapping with numbers for keys, and an empty mapping as an empty list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symmetry.errors import Place, SpecError
from symmetry.spec.exchange.xlsform_sheets import read_bytes
from symmetry.spec.validating import nearest

__all__ = ["Block", "Survey", "entries", "mapping", "read_survey", "text_of"]


@dataclass(frozen=True)
class Block:
    """A block of questions: what it is called, its elements in order, its options, and whether it is the trash."""

    name: str
    elements: tuple[Mapping[str, Any], ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    trash: bool = False


@dataclass(frozen=True)
class Survey:
    """One survey: its title, the language it was written in, questions by id, blocks by id, flow, and other elements."""

    title: str
    language: str
    questions: Mapping[str, Mapping[str, Any]]
    blocks: Mapping[str, Block]
    flow: tuple[Mapping[str, Any], ...]
    others: tuple[Mapping[str, Any], ...] = ()


def read_survey(path: Path) -> Survey:
    """Read a .qsf.

    Raises
    ------
    SpecError : no such file (XCH01), too large (XCH04), not JSON (XCH06), JSON of something else (XCH07).
    """
    raw = read_bytes(path)
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        what = f"this file is not UTF-8: byte 0x{raw[error.start]:02x} belongs to another encoding"
        raise SpecError(what, where=Place(path), mend="export the survey from Qualtrics again", code="XCH06") from error
    except json.JSONDecodeError as error:
        what, where = f"this is not JSON: {error.msg}", Place(path, error.lineno, error.colno)
        raise SpecError(what, where=where, mend="export the survey from Qualtrics again", code="XCH06") from error
    except (RecursionError, ValueError) as error:
        what = "this JSON is nested too deep, or holds a number too long, to be a survey"
        raise SpecError(what, where=Place(path), mend="export the survey from Qualtrics again", code="XCH06") from error
    if not isinstance(data, dict) or not isinstance(data.get("SurveyElements"), (list, dict)):
        keys = list(data) if isinstance(data, dict) else []
        what = "this JSON is no Qualtrics survey: it has no `SurveyElements`"
        mend = nearest("SurveyElements", keys) if keys else "export it with Tools, Import/Export, Export Survey"
        raise SpecError(what, where=Place(path), mend=mend, code="XCH07")
    return _survey(
        mapping(data.get("SurveyEntry")), [mapping(each) for _, each in entries(data["SurveyElements"])], path
    )


def entries(value: Any) -> Iterator[tuple[str, Any]]:
    """The entries of what may be a mapping or a list, a list by its positions.

    Examples
    --------
    >>> list(entries(["a"])), list(entries({"1": "a"})), list(entries(None))
    ([('0', 'a')], [('1', 'a')], [])
    """
    if isinstance(value, Mapping):
        yield from ((str(key), each) for key, each in value.items())
    elif isinstance(value, list):
        yield from ((str(index), each) for index, each in enumerate(value))


def mapping(value: Any) -> Mapping[str, Any]:
    """A value where it is a mapping, an empty one else."""
    return value if isinstance(value, Mapping) else {}


def text_of(value: Any) -> str:
    """A value as text; nothing, and what holds others, as none."""
    if isinstance(value, bool) or value is None or isinstance(value, (Mapping, list)):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _survey(entry: Mapping[str, Any], elements: list[Mapping[str, Any]], path: Path) -> Survey:
    """The parts of a survey."""
    questions: dict[str, Mapping[str, Any]] = {}
    blocks: dict[str, Block] = {}
    flow: tuple[Mapping[str, Any], ...] = ()
    others: list[Mapping[str, Any]] = []
    for element in elements:
        kind, payload = text_of(element.get("Element")), element.get("Payload")
        if kind == "SQ":
            question = mapping(payload)
            identity = text_of(question.get("QuestionID")) or text_of(element.get("PrimaryAttribute"))
            questions.setdefault(identity, question)
        elif kind == "BL":
            blocks |= dict(_block(key, mapping(each)) for key, each in entries(payload))
        elif kind == "FL":
            flow = tuple(mapping(each) for _, each in entries(mapping(payload).get("Flow")))
        else:
            others.append(element)
    if not questions:
        what = "this survey holds no question (no element `SQ`)"
        raise SpecError(what, where=Place(path), mend="export the whole survey from Qualtrics", code="XCH08")
    title = text_of(entry.get("SurveyName")) or path.stem
    return Survey(title, text_of(entry.get("SurveyLanguage")) or "EN", questions, blocks, flow, tuple(others))


def _block(key: str, block: Mapping[str, Any]) -> tuple[str, Block]:
    """One block by its id."""
    inside = tuple(mapping(each) for _, each in entries(block.get("BlockElements")))
    name = text_of(block.get("Description")) or key
    return text_of(block.get("ID")) or key, Block(
        name, inside, mapping(block.get("Options")), block.get("Type") == "Trash"
    )

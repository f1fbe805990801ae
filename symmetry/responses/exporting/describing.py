"""What each column of a frozen table is called and what its codes mean, in the words of the study and in one language.

The codebook that is frozen with answers knows kinds and codes, and no words: those are the study's.  Every format starts from
this one description, so that a code has the same words wherever it goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symmetry.fieldwork import Column, columns_of
from symmetry.spec import Study, frame_of, questionnaire_of, unbraced

__all__ = ["Coded", "Described", "describe"]


@dataclass(frozen=True)
class Coded:
    """What one cell may hold, and its words; `reason` ("na", "dk", "refused") where it is no answer."""

    cell: int | str
    label: str
    reason: str = ""


@dataclass(frozen=True)
class Described:
    """One column in words: what was asked, its short label, its answers in order, its reasons for not answering.

    `wording` is empty for what is known beforehand; `longest` is the most characters of an answer that is typed in, if said.
    """

    column: Column
    wording: str
    label: str
    codes: tuple[Coded, ...] = ()
    missing: tuple[Coded, ...] = ()
    longest: int | None = None

    @property
    def name(self) -> str:
        """Of the column in the frozen table."""
        return self.column.name

    @property
    def all_codes(self) -> tuple[Coded, ...]:
        """Answers, then reasons for not answering."""
        return (*self.codes, *self.missing)

    def as_data(self) -> dict[str, Any]:
        """The same as plain data, for a file that carries its own codebook."""
        return {
            "item": self.column.item.key,
            "face": self.column.face,
            "kind": self.column.kind,
            "label": self.label,
            "wording": self.wording,
            "codes": [[each.cell, each.label] for each in self.codes],
            "missing": [[each.cell, each.label, each.reason] for each in self.missing],
        }


def describe(study: Study, wave: str, audience: str, language: str) -> tuple[Described, ...]:
    """Describe the columns of one table, the respondent's id apart, in the order of the data.

    Parameters
    ----------
    study : the study that asked.
    wave, audience : which table.
    language : one of the study's.

    Returns
    -------
    One `Described` a column.

    Raises
    ------
    DataError : the study has no such wave, or the wave does not ask this audience.
    """
    columns = columns_of(study, wave, audience)
    known = {each.name: each for each in frame_of(study, audience)}
    asked = {each.name: each for each in questionnaire_of(study, wave, audience)}
    found = []
    for column in columns:
        if column.name in known:
            label = known[column.name].label[language]
            codes = tuple(Coded(each.stored, each.label[language]) for each in known[column.name].codes)
            found.append(Described(column, "", label, codes))
            continue
        question = asked[column.name]
        codes = tuple(Coded(each.stored, each.label[language]) for each in question.codes)
        missing = tuple(Coded(each.stored, each.label[language], each.reason) for each in question.missing)
        wording = unbraced(question.text)[language]
        found.append(Described(column, wording, question.label[language], codes, missing, question.scale.longest))
    return tuple(found)

"""Every text that leaves a study in an export, by its name and place, and the texts that no file can hold.

A text at fault is named as its author knows it (the face of an item, a choice of a scale, a language) and all of them are
told at once, so that one export is enough to mend a study.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from symmetry.errors import Place, Problem, SpecError
from symmetry.spec.exchange.questionnaire import Known, Option, Question
from symmetry.spec.nouns import Study
from symmetry.spec.texts import Text

__all__ = ["Leaving", "check_leaving", "leaving_questions", "leaving_texts", "units"]

_UNSEEN = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Leaving:
    """One text on its way out: what it is in words, the text, and where its author wrote it, as far as that is known."""

    what: str
    text: Text
    place: Place | None = None


def leaving_texts(study: Study, questions: Iterable[Question], known: Iterable[Known]) -> Iterator[Leaving]:
    """The texts of one questionnaire: its titles, what is known beforehand, and its questions."""
    yield Leaving("the title of the study", study.title)
    for key, grid in study.grids.items():
        yield Leaving(f"the title of the grid `{key}`", grid.title)
    yield from leaving_questions(study, questions, known)


def leaving_questions(study: Study, questions: Iterable[Question], known: Iterable[Known]) -> Iterator[Leaving]:
    """The texts of what is known beforehand and of questions: words, short labels, units, answers."""
    for each in known:
        yield Leaving(f"the label of `{each.item.key}`", each.label, each.item.place)
        yield from _answers(each.codes, f"of `{each.item.key}`", each.item.place)
    for question in questions:
        item, scale = question.item, question.scale
        yield Leaving(f"the label of `{item.key}`", question.label, item.place)
        if question.face:
            yield Leaving(f"the face `{question.face}` of `{item.key}`", question.text, item.place)
        shared = scale.key in study.scales
        place = None if shared else item.place
        of = f"of the scale `{scale.key}`" if shared else f"of `{item.key}`"
        yield Leaving(f"the unit {of}", scale.unit, place)
        yield from _answers((*question.codes, *question.missing), of, place)


def check_leaving(study: Study, texts: Iterable[Leaving], longest: int | None = None) -> None:
    """Refuse texts with a character that XML and spreadsheets cannot hold, and texts longer than a cell.

    Parameters
    ----------
    study : the study, whose file is the place of a text that has no other.
    texts : what leaves.
    longest : the most units (of UTF-16, as spreadsheets count) that one text may have; None where there is no such bound.

    Raises
    ------
    SpecError : one problem for each text and language at fault: EXP03 for a character, EXP05 for a length.

    Examples
    --------
    >>> from symmetry.spec import load
    >>> check_leaving(load("survey_specs/everyday_bank"), [Leaving("the title", {"en": "A title"})], longest=7)
    """
    problems: dict[tuple[str, str], Problem] = {}
    for each in texts:
        place = each.place or Place(study.path)
        for language, words in each.text.items():
            said = f"{each.what} in `{language}`" if language else each.what
            found = _UNSEEN.search(words)
            if found:
                around = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", words[max(0, found.start() - 20) : found.end() + 20])
                what = (
                    f"{said} holds the unseen character U+{ord(found[0]):04X} in “{around}”: it cannot leave the study"
                )
                problems.setdefault(("EXP03", said), Problem(place, what, "delete it", "EXP03"))
            if longest is not None and units(words) > longest:
                what = f"{said} has {units(words):,} characters, and one cell of a workbook holds {longest:,}"
                problems.setdefault(("EXP05", said), Problem(place, what, "shorten it", "EXP05"))
    if problems:
        raise SpecError(tuple(problems.values()))


def units(words: str) -> int:
    """The length of a text as spreadsheets count it: a character beyond the first 65,536 of Unicode counts twice.

    Examples
    --------
    >>> units("Œuf"), units("😀")
    (3, 2)
    """
    return len(words) + sum(character > "\uffff" for character in words)


def _answers(options: Iterable[Option], of: str, place: Place | None) -> Iterator[Leaving]:
    """The words of each answer."""
    return (Leaving(f"the answer `{option.code}` {of}", option.label, place) for option in options)

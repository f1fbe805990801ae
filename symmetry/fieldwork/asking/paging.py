"""Pages: which questions stand together, for one person.

Pages depend on the questionnaire and on the person's draw of its rotation alone, never on answers: a page keeps its number
whatever is answered, so that a bookmark, the back button and "page 2 of 7" stay true.  Routing then hides questions
(`visible`) and skips pages on which nothing is left (`next_page`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from symmetry.errors import DataError
from symmetry.fieldwork.asking.nouns import Asked
from symmetry.fieldwork.asking.once import once
from symmetry.fieldwork.asking.routes import next_page, on_route_only, visible
from symmetry.fieldwork.columns import Column, columns_of
from symmetry.spec import Study, fill_in, order_of, read_condition

__all__ = ["MOST", "SPOKEN", "asked_of", "next_page", "on_route_only", "pages_of", "visible"]

MOST = 12
SPOKEN = ("fr", "en")
_PEOPLE = 4096
Pages = tuple[tuple[Column, ...], ...]


def asked_of(
    study: Study, wave: str, audience: str, *, first: date, last: date | None = None, rehearsal: date | None = None
) -> Asked:
    """The questionnaire of one audience of a wave that is fielded.

    Parameters
    ----------
    study : the study, whole or cut to the wave.
    wave : key of the wave.
    audience : one that the wave asks.
    first, last : days on which it opens and closes; no last one while a hot wave runs.
    rehearsal : the day that stands for today, when the wave is only rehearsed.

    Returns
    -------
    Asked, its languages those of the pages (`SPOKEN`) in which every question has words.

    Raises
    ------
    DataError : DATA01 or DATA02, no such wave or audience; OPN20, the wave asks this audience nothing; OPN21, its questions have
        words neither in French nor in English.
    """
    asked = {column.name: column for column in columns_of(study, wave, audience) if column.asked}
    place = {key: number for number, key in enumerate(study.waves[wave].items)}
    columns = dict(sorted(asked.items(), key=lambda one: place[one[1].item.key]))
    if not columns:
        what = f"wave `{wave}` of study `{study.key}` asks {audience} nothing"
        raise DataError(what, mend=f"add items to the wave, or take {audience} out of its audiences", code="OPN20")
    languages = tuple(
        language
        for language in study.languages
        if language in SPOKEN and all(_whole(column, language) for column in columns.values())
    )
    if not languages:
        what = f"the questions of wave `{wave}` to {audience} are whole neither in French nor in English"
        raise DataError(what, mend="pages speak these two: give every question its words in one", code="OPN21")
    sealed = audience == "employees"
    return Asked(study, study.waves[wave], audience, columns, languages, sealed, first, last, rehearsal)


def pages_of(asked: Asked, person: str) -> Pages:
    """The pages of one person, whatever this person answers.

    The faces of an item follow each other, on one page where they fit; a page holds at most twelve questions, and none whose
    route or words need the answer to another on the same page.

    Parameters
    ----------
    asked : the questionnaire.
    person : identifier of the unit in the sample, which decides the order of rotated items.

    Returns
    -------
    One tuple of questions a page; page 1 is the first.

    Examples
    --------
    >>> from symmetry.spec import load
    >>> asked = asked_of(load("survey_specs/everyday_bank"), "hot", "customers", first=date(2027, 3, 1))
    >>> [[question.name for question in page] for page in pages_of(asked, "c-1")]
    [['recommend', 'satisfied', 'welcomed', 'listened', 'solved']]
    """
    return _paged(asked)(person)


@once
def _paged(asked: Asked) -> Callable[[str], Pages]:
    """Who → pages: the same for all without a rotation, else kept for the last few thousand people."""
    study, wave, audience = asked.study, asked.wave.key, asked.audience
    items: dict[str, list[Column]] = {}
    for column in asked.columns.values():
        items.setdefault(column.item.key, []).append(column)
    needs = {name: _needs(column, asked.columns) for name, column in asked.columns.items()}

    @lru_cache(_PEOPLE)
    def drawn(person: str) -> Pages:
        order = order_of(study, wave, audience, person)
        return _cut([items[key] for key in order if key in items], needs)

    turned = study.rotation is not None and any(study.rotation.blocks.values())
    return drawn if turned else lambda person: drawn("")


def _cut(items: list[list[Column]], needs: Mapping[str, frozenset[str]]) -> Pages:
    """Questions in their order, cut into pages."""
    pages: list[list[Column]] = [[]]
    for faces in items:
        if len(pages[-1]) + len(faces) > MOST:
            pages.append([])
        for column in faces:
            here = {other.name for other in pages[-1]}
            if len(here) == MOST or here & needs[column.name]:
                pages.append([])
            pages[-1].append(column)
    return tuple(tuple(page) for page in pages if page)


def _needs(column: Column, columns: Mapping[str, Column]) -> frozenset[str]:
    """The columns whose answers decide whether a question is asked, or stand in its words."""
    route = column.item.ask_if
    named = set(read_condition(route).columns) if route is not None else set()
    for words in _words(column).values():
        if "{" in words:
            plain = fill_in(words, {})
            named |= {name for name in columns if fill_in(words, {name: ""}) != plain}
    return frozenset(named)


def _whole(column: Column, language: str) -> bool:
    """Whether a question and what can be answered to it have words in a language."""
    scale = column.scale
    if scale is None or not _words(column).get(language):
        return False
    told = all(choice.get(language) for choice in scale.choices.values())
    return told and all(not said or language in said for said in (scale.ends, scale.labels, scale.unit))


def _words(column: Column) -> Mapping[str, str]:
    return column.item.faces.get(column.face or "", {})

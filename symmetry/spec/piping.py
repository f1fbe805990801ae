"""Piping: an earlier answer inside the words of a question, as in "You gave {recommend}. Why?".

A placeholder names a data column (`{recommend}`, `{recommend.guess}`) or a frame item (`{branch}`); `{{` and `}}` are
plain braces.  `placeholders` and `fill` read one text, `piping_problems` holds every text of a study against what its
reader has been asked before it.  Pure functions: the caller knows the places of a file.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from operator import itemgetter

from symmetry.spec.nouns import AUDIENCE_OF, FACES, Item, column_of
from symmetry.spec.reading import Route
from symmetry.spec.running import Wave
from symmetry.spec.validating import nearest

__all__ = ["ABSENT", "BraceError", "Piped", "fill", "piping_problems", "placeholders"]

ABSENT = "…"
_BRACE = re.compile(r"[{}]")
_PART = re.compile(r"\{\{|\}\}|\{(?P<name>[a-z][a-z0-9_]*(?:\.[a-z]+)?)\}|(?P<lone>[{}])")

Piped = tuple[str, Route, int, str, str]
"""A problem of piping: its code, the route of the text, the offset in it, what is wrong, and the remedy."""


class BraceError(ValueError):
    """A brace that opens or closes nothing, at `offset` characters from the start of the text."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"a lone brace at character {offset + 1}")
        self.offset = offset


def placeholders(text: str) -> tuple[tuple[str, int], ...]:
    """The names between braces, each with its offset in the text.

    Parameters
    ----------
    text : the words of one face in one language.

    Returns
    -------
    (name, offset of its opening brace) in the order of the text, repeats included.

    Raises
    ------
    BraceError : a brace that is no part of a placeholder and is not doubled.

    Examples
    --------
    >>> placeholders("You gave {recommend} out of {{10}}.")
    (('recommend', 9),)
    """
    found = []
    for part in _PART.finditer(text):
        if part["lone"]:
            raise BraceError(part.start())
        if part["name"]:
            found.append((part["name"], part.start()))
    return tuple(found)


def fill(text: str, answers: Mapping[str, str]) -> str:
    """What the respondent reads: each placeholder replaced by the answer in words, `…` where there is none.

    Parameters
    ----------
    text : the words of one face in one language.
    answers : column → the answer as it should be read; an item that was skipped or not asked is left out.

    Returns
    -------
    The text in one pass: braces inside an answer stay what they are.

    Raises
    ------
    BraceError : as `placeholders`.

    Examples
    --------
    >>> fill("You gave {recommend}. Why?", {"recommend": "7"}), fill("You gave {recommend}. Why?", {})
    ('You gave 7. Why?', 'You gave …. Why?')
    """

    def put(part: re.Match[str]) -> str:
        if part["lone"]:
            raise BraceError(part.start())
        return answers.get(part["name"], ABSENT) if part["name"] else part[0][0]

    return _PART.sub(put, text)


def piping_problems(items: Mapping[str, Item], waves: Mapping[str, Wave], spared: Container[str] = ()) -> list[Piped]:
    """Everything wrong with the placeholders of a study.

    Parameters
    ----------
    items : the items, in the order of the questionnaire.
    waves : the waves; in each, an item that is piped must be asked before the text that names it.
    spared : further items, which are declared and cannot be read: naming them is no fault.

    Returns
    -------
    PIP01 a name that is no column; PIP02 one that this reader has not been asked before; PIP03 languages of one text that
    pipe different things; PIP04 a lone brace.  All are errors.  A guess that only repeats the customer's words is not
    reported twice for the same slip.
    """
    problems: list[Piped] = []
    for item in items.values():
        if not any(_BRACE.search(words) for text in item.faces.values() for words in text.values()):
            continue
        told: set[tuple[str, str | int, str]] = set()
        for face in item.faces:
            said = list(_of_face(item, face, items, waves, spared))
            said = [each for each in said if face != "guess" or (each[0], each[1][-1], each[3]) not in told]
            told |= {(code, route[-1], what) for code, route, _, what, _ in said if code != "PIP02"}
            problems += said
    return problems


def _of_face(
    item: Item, face: str, items: Mapping[str, Item], waves: Mapping[str, Wave], spared: Container[str]
) -> Iterator[Piped]:
    """Problems of one face: of each language, then between them; a misplaced name once, whatever the languages."""
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    misplaced: set[str] = set()
    mistyped: set[str] = set()
    for language, words in item.faces[face].items():
        route: Route = ("items", item.key, face, language)
        try:
            found[language] = placeholders(words)
        except BraceError as error:
            sign = words[error.offset]
            what = f"`{sign}` opens or closes a placeholder here, and there is none"
            yield (
                "PIP04",
                route,
                error.offset,
                what,
                f"write {sign * 2} for the sign, or {{item}} for an earlier answer",
            )
            continue
        for name, offset in sorted(dict(reversed(found[language])).items(), key=itemgetter(1)):
            known = name in misplaced or name.partition(".")[0] in spared
            problem = None if known else _of_name(name, item, face, items, waves)
            if problem:
                misplaced |= {name} if problem[0] == "PIP02" else set()
                mistyped |= {language} if problem[0] == "PIP01" else set()
                yield problem[0], route, offset, *problem[1:]
    yield from _between(item, face, {each: said for each, said in found.items() if each not in mistyped})


def _between(item: Item, face: str, found: Mapping[str, Sequence[tuple[str, int]]]) -> Iterator[Piped]:
    """Every language of a text pipes the same answers as the first."""
    source, *others = found or ("",)
    wanted = {name for name, _ in found.get(source, ())}
    for language in others:
        here = dict(reversed(found[language]))
        for name in sorted(wanted ^ set(here)):
            lacking, having = (language, source) if name in wanted else (source, language)
            what = f"`{{{name}}}` stands in the {having} text and not in the {lacking} one"
            yield (
                "PIP03",
                ("items", item.key, face, language),
                here.get(name, 0),
                what,
                "pipe it in both, or in neither",
            )


def _of_name(
    name: str, item: Item, face: str, items: Mapping[str, Item], waves: Mapping[str, Wave]
) -> tuple[str, str, str] | None:
    """What is wrong with one name for the reader of one face: code, fault, remedy."""
    columns = {key: key for key, each in items.items() if not each.faces}
    columns |= {column_of(key, side): key for key, each in items.items() for side in each.faces}
    if name not in columns:
        key, _, side = name.partition(".")
        bare = key in columns and side in ("customer", "employee", "observer")
        mend = f"write `{{{key}}}`: the bare key is the reader's own answer" if bare else nearest(name, columns)
        return "PIP01", f"`{{{name}}}` names no answer of this study", mend
    source, reader = items[columns[name]], AUDIENCE_OF[face]
    if reader not in _readers(source, name):
        what = f"`{{{name}}}` is {'not known of' if source.role == 'frame' else 'not asked of'} {reader}, who read this"
        return "PIP02", what, "name something that they have answered, or leave it out"
    if source.role == "frame":
        return None
    late = "name an item asked before this one, or move this one after it"
    if not _before(list(items), source, name, item, face):
        return "PIP02", f"`{{{name}}}` is asked later than this text, or in it", late
    for wave in waves.values():
        if item.key in wave.items and reader in wave.audiences:
            if source.key not in wave.items:
                mend = f"add `{source.key}` to the items of the wave, or leave this one out"
                return "PIP02", f"`{{{name}}}` is not asked in the wave `{wave.key}`, which asks `{item.key}`", mend
            if not _before(wave.items, source, name, item, face):
                return "PIP02", f"`{{{name}}}` is asked later than this text in the wave `{wave.key}`", late
    return None


def _readers(source: Item, name: str) -> set[str]:
    """The audiences that have an answer in a column."""
    if not source.faces:
        return set(source.audiences or AUDIENCE_OF.values())
    return {AUDIENCE_OF[face] for face in source.faces if column_of(source.key, face) == name}


def _before(order: Sequence[str], source: Item, name: str, item: Item, face: str) -> bool:
    """Whether a column is asked before a face, in an order of items and, inside an item, of faces."""
    if source.key != item.key:
        return order.index(source.key) < order.index(item.key)
    asked: list[str] = [side for side in FACES if side in item.faces and AUDIENCE_OF[side] == AUDIENCE_OF[face]]
    return name in [column_of(item.key, side) for side in asked[: asked.index(face)]]

"""Where the texts of a study stand: the one table of routes that both ways, out to a catalogue and back, go by.

A text is a mapping from language to words; the ends and labels of a scale are mappings from language to a list of words.
Routes are patterns: `*` stands for any key, `#` for any place in a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from symmetry.spec.nouns import FACES
from symmetry.spec.reading import Document, Route
from symmetry.spec.translating.nouns import Slot
from symmetry.spec.validating import dotted

__all__ = ["LISTED", "TEXTS", "slots"]

_MOMENT = (("name",), ("emotion",), ("rituals", "#"), ("cues", "#"))
_INWARDS = ("management", "cooperation")
LISTED: tuple[tuple[str, ...], ...] = (("scales", "*", "ends"), ("scales", "*", "labels"))
TEXTS: tuple[tuple[str, ...], ...] = (
    ("title",),
    ("source",),
    ("audiences", "*"),
    ("promise", "*"),
    ("service", "promise"),
    *((section, "promise") for section in _INWARDS),
    *((section, "attitudes", "*") for section in _INWARDS),
    *((section, "moments", "*", *part) for section in _INWARDS for part in _MOMENT),
    ("journeys", "*", "name"),
    *(("journeys", "*", "moments", "*", *part) for part in _MOMENT),
    *LISTED,
    ("scales", "*", "choices", "*"),
    ("scales", "*", "unit"),
    ("items", "*", "label"),
    *(("items", "*", face) for face in FACES),
    ("items", "*", "values", "*"),
    ("grids", "*", "title"),
    *(("waves", "*", "invite", part) for part in ("subject", "text", "sms")),
    ("owners", "*", "name"),
)


def slots(document: Document) -> tuple[Slot, ...]:
    """Every text of a study file, in the order of the file.

    Parameters
    ----------
    document : as `read_yaml` gives it; what is not a text where one should be is left to the checker, and a guess that
        is written from a template (`guess: auto`) is none.

    Returns
    -------
    One slot for each text; one for each end and each label of a scale.

    Examples
    --------
    >>> from pathlib import Path
    >>> study = Document(Path("study.yaml"), {"languages": ["fr"], "title": {"fr": "Une banque"}, "study": "bank"})
    >>> [(slot.context, dict(slot.texts)) for slot in slots(study)]
    [('title', {'fr': 'Une banque'})]
    """
    data = document.data if isinstance(document.data, dict) else {}
    listed = data.get("languages")
    source = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], str) else ""
    found: list[Slot] = []
    for route, value in _walk(data, (), TEXTS):
        if isinstance(value, str) and not (value == "auto" and route[-1] == "guess"):
            found.append(Slot(dotted(route), route, None, {source: value}, bare=True))
        elif isinstance(value, dict):
            found += _listed(route, value, source) if _fits(route, LISTED) else _plain(route, value)
    return tuple(found)


def _walk(value: Any, route: Route, patterns: Sequence[tuple[str, ...]]) -> Iterator[tuple[Route, Any]]:
    """Every route that a pattern describes, with what stands there, in the order of the data."""
    if any(len(pattern) == len(route) for pattern in patterns):
        yield route, value
        return
    depth = len(route)
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        sign = "*" if isinstance(value, dict) else "#"
        below = [pattern for pattern in patterns if pattern[depth] in (key, sign)]
        if below:
            yield from _walk(child, (*route, key), below)


def _fits(route: Route, patterns: Sequence[tuple[str, ...]]) -> bool:
    return any(
        len(pattern) == len(route) and all(sign in ("*", "#", part) for sign, part in zip(pattern, route, strict=True))
        for pattern in patterns
    )


def _plain(route: Route, words: dict[str, Any]) -> list[Slot]:
    """One text."""
    return [Slot(dotted(route), route, None, {key: text for key, text in words.items() if isinstance(text, str)})]


def _listed(route: Route, words: dict[str, Any], source: str) -> list[Slot]:
    """One text for each place of the source's list; a language whose list is of another length has none of them."""
    lists = {language: each for language, each in words.items() if isinstance(each, list)}
    size = len(lists.get(source, ()))
    return [
        Slot(
            dotted((*route, index)),
            route,
            index,
            {
                language: each[index]
                for language, each in lists.items()
                if len(each) == size and isinstance(each[index], str)
            },
        )
        for index in range(size)
    ]

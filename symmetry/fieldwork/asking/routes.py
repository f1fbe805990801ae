"""Who is asked what: which questions of a page stand on a person's route, and which answers count.

An answer whose question has left the route since (somebody went back and changed an earlier one) is no answer, neither to the
routes that name it nor in what is kept.  Routes name only what the wave asks before, so one walk in its order settles all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symmetry.fieldwork.asking.nouns import Answer, Asked
from symmetry.fieldwork.asking.once import once
from symmetry.fieldwork.columns import Column
from symmetry.spec import route_of

__all__ = ["next_page", "on_route_only", "visible"]


@dataclass(frozen=True)
class _Routes:
    """Each item with a route, its columns and whether answers lead to it, in the order of the wave; frame items in numbers."""

    items: tuple[tuple[str, tuple[str, ...], Callable[[Mapping[str, Any]], bool]], ...]
    numeric: tuple[str, ...]


def visible(
    asked: Asked, page: Sequence[Column], known: Mapping[str, str], answers: Mapping[str, Answer]
) -> tuple[Column, ...]:
    """The questions of a page that a person is asked.

    Parameters
    ----------
    asked : the questionnaire.
    page : questions, as `pages_of` gives them.
    known : frame item → what is known of the person.
    answers : data column → what the person answered so far; those to this page and later ones change nothing.

    Returns
    -------
    Those on the route, in the order of the page.
    """
    off = _off_route(asked, known, answers)
    return tuple(column for column in page if column.item.key not in off)


def next_page(
    asked: Asked,
    pages: Sequence[Sequence[Column]],
    known: Mapping[str, str],
    answers: Mapping[str, Answer],
    after: int,
) -> int | None:
    """The number of the first page after another on which the person is asked anything.

    Parameters
    ----------
    asked : the questionnaire.
    pages : those of the person, from `pages_of`.
    known, answers : as for `visible`.
    after : a page number; 0 for the first page.

    Returns
    -------
    A number from 1; None when nothing is left to ask.
    """
    off = _off_route(asked, known, answers)
    for number in range(max(after, 0) + 1, len(pages) + 1):
        if any(column.item.key not in off for column in pages[number - 1]):
            return number
    return None


def on_route_only(asked: Asked, known: Mapping[str, str], answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """The answers that count: those to questions that the person is asked, given all the others that count.

    Parameters
    ----------
    asked : the questionnaire.
    known, answers : as for `visible`.

    Returns
    -------
    A part of the answers, in the order of the questionnaire.
    """
    off = _off_route(asked, known, answers)
    return {
        name: answers[name] for name, column in asked.columns.items() if name in answers and column.item.key not in off
    }


def _off_route(asked: Asked, known: Mapping[str, str], answers: Mapping[str, Answer]) -> set[str]:
    """The items that a person is not asked."""
    routes = _routes(asked)
    off: set[str] = set()
    if not routes.items:
        return off
    row: dict[str, Any] = {**known, **answers}
    for name in routes.numeric:
        row[name] = _number(known.get(name, ""))
    for key, columns, leads in routes.items:
        if not leads(row):
            off.add(key)
            for column in columns:
                row.pop(column, None)
    return off


@once
def _routes(asked: Asked) -> _Routes:
    study = asked.study
    columns: dict[str, tuple[str, ...]] = {}
    for name, column in asked.columns.items():
        if column.item.ask_if is not None:
            columns[column.item.key] = (*columns.get(column.item.key, ()), name)
    return _Routes(
        tuple((key, names, route_of(study, key, asked.audience)) for key, names in columns.items()),
        tuple(item.key for item in study.items.values() if item.role == "frame" and item.numeric),
    )


def _number(text: str) -> float | None:
    """What is known of a person in numbers, as a route compares it."""
    try:
        return float(text)
    except ValueError:
        return None

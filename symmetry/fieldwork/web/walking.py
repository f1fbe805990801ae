"""Which way a page leads: the page before it, and whether its button goes on or sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symmetry.fieldwork.asking.nouns import Asked, Standing
from symmetry.fieldwork.asking.once import once
from symmetry.fieldwork.asking.routes import visible
from symmetry.fieldwork.columns import Column
from symmetry.fieldwork.web.speaking import Speaker
from symmetry.spec import read_condition

__all__ = ["button_of", "page_before"]


def page_before(asked: Asked, pages: Sequence[Sequence[Column]], number: int, standing: Standing) -> int | None:
    """The last page before this one on which the person is asked anything."""
    earlier = range(number - 1, 0, -1)
    return next((each for each in earlier if visible(asked, pages[each - 1], standing.known, standing.answers)), None)


def button_of(
    asked: Asked, pages: Sequence[Sequence[Column]], number: int, standing: Standing, speaker: Speaker
) -> tuple[str, str]:
    """What the button of a page says, and what to say before it.

    A page is the last when nothing can follow it.  Where answers still to be given on it decide, its button goes on, and the
    page says that it may send.
    """
    follows = _follows(asked, pages, number, standing)
    final = speaker.say("send.sealed") if asked.sealed else ""
    if follows == "nothing":
        return speaker.say("send"), final
    if follows == "perhaps":
        return speaker.say("continue"), " ".join(part for part in (speaker.say("send.maybe"), final) if part)
    return speaker.say("continue"), ""


def _follows(asked: Asked, pages: Sequence[Sequence[Column]], number: int, standing: Standing) -> str:
    """Whether something comes after a page: "surely", "perhaps" (a route names what is not settled yet) or "nothing"."""
    later = [column for each in pages[number:] for column in each]
    if not later:
        return "nothing"
    needed = _needed(asked)
    unsettled = {column.name for each in pages[number - 1 :] for column in each}
    open_ended = [column for column in later if needed.get(column.item.key, frozenset()) & unsettled]
    settled = [column for column in later if column not in open_ended]
    if visible(asked, settled, standing.known, standing.answers):
        return "surely"
    return "perhaps" if open_ended else "nothing"


@once
def _needed(asked: Asked) -> Mapping[str, frozenset[str]]:
    """Item with a route → the columns that the route names."""
    routes = {column.item.key: column.item.ask_if for column in asked.columns.values()}
    return {key: frozenset(read_condition(route).columns) for key, route in routes.items() if route is not None}

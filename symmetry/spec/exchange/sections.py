"""The parts of a questionnaire that stay together on the way: grids of observation, and items that rotate in a block.

All faces of an item move together when a block rotates, so each rotating item is a part of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from symmetry.spec.exchange.questionnaire import Question
from symmetry.spec.nouns import Study
from symmetry.spec.texts import Text

__all__ = ["Section", "rotation_losses", "sections_of"]


@dataclass(frozen=True)
class Section:
    """Neighbouring questions that stay together: under which title, and in which block they rotate, if any."""

    key: str
    title: Text
    block: str | None
    questions: tuple[Question, ...]


def sections_of(study: Study, questions: Sequence[Question]) -> tuple[Section, ...]:
    """Cut a questionnaire into its sections, every question in one, in order.

    Returns
    -------
    A section for each rotating item, one for each run of questions of one grid (under its title), and one for each run
    of the others (under the title of the study).  Keys are plain and unique.
    """
    grid_of = {key: grid for grid in study.grids.values() for key in grid.items}

    def together(question: Question) -> tuple[str, str]:
        if question.block:
            return f"rotating_{question.block}", question.item.key
        grid = grid_of.get(question.item.key)
        return ("grid", grid.key) if grid else ("part", "")

    sections: list[Section] = []
    for (kind, key), run in groupby(questions, together):
        inside = tuple(run)
        name = "_".join(part for part in (kind, key, str(len(sections) + 1)) if part)
        title = study.grids[key].title if kind == "grid" else study.title
        sections.append(Section(name, title, inside[0].block, inside))
    return tuple(sections)


def rotation_losses(study: Study, sections: Sequence[Section], tool: str, *, scattered: bool) -> tuple[str, ...]:
    """What becomes of rotation: the seed is never kept; blocks with other questions in between only where `scattered`."""
    places: dict[str, list[int]] = {}
    for place, section in enumerate(sections):
        if section.block:
            places.setdefault(section.block, []).append(place)
    if study.rotation is None or not places:
        return ()
    drawn = (
        f"{tool} draws the order of each block anew: the seed {study.rotation.seed} and the order it gives are lost."
    )
    torn = [block for block, at in places.items() if at[-1] - at[0] >= len(at)]
    apart = [
        f"The block `{block}` has other questions in its midst: each of its runs rotates by itself." for block in torn
    ]
    return (drawn, *(() if scattered else apart))

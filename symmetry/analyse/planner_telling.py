"""An outlook as text: tables 80 columns wide, and sentences."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from symmetry.analyse.planner import Outlook
from symmetry.analyse.planner_capacity_saying import load_how, load_sentences, load_table
from symmetry.analyse.planner_saying import (
    assumptions,
    groups,
    judged,
    needs_table,
    places_table,
    sample_told,
    sentences,
    voice_of,
)

__all__ = ["tell"]

_WIDTH = 80


def tell(found: Outlook, *, language: str) -> str:
    """The whole outlook as text: the sample, what is assumed, tables for each margin, sentences.

    Parameters
    ----------
    found : as `outlook` gives it.
    language : "fr" or "en".

    Returns
    -------
    Lines of at most 80 characters.
    """
    voice = voice_of(found, language)
    times, colon = voice.say("times", chance=voice.percent(found.chance)), voice.say("colon")
    parts = [voice.say("title"), "", *_wrapped(sample_told(found, voice)), *_wrapped(assumptions(found, voice))]
    for group in groups(found):
        head = voice.say("head", margin=voice.margin(group.smallest, group.unit))
        parts += ["", head + colon, *_wrapped(judged(group, voice), "  ", "  ")]
        parts += ["", *_grid(*places_table(found, group, voice))]
        parts += ["", f"  {voice.say('cheapest', times=times)}{colon}", *_grid(*needs_table(group, voice))]
    parts += ["", *_wrapped(voice.say("how", times=times))]
    if {cell.by for cell in found.cells} - {"", "unit"}:
        parts += _wrapped(voice.say("how.smallest"))
    parts += ["", voice.say("sentences") + colon]
    parts += [line for sentence in sentences(found, voice) for line in _wrapped(sentence, "- ", "  ")]
    if found.loads:
        parts += ["", voice.say("load") + colon, "", *_grid(*load_table(found.loads, voice)), ""]
        parts += [line for told in load_sentences(found.loads, voice) for line in _wrapped(told, "- ", "  ")]
        how = load_how(found.loads, voice)
        parts += ["", *_wrapped(how)] if how else []
    return "\n".join(line.rstrip() for line in parts) + "\n"


def _wrapped(text: str, first: str = "", others: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)


def _grid(heads: Sequence[Sequence[str]], cells: Sequence[Sequence[str]]) -> list[str]:
    """Aligned columns, the first to the left and as wide as the rest leaves, the others to the right."""
    lines = [*heads, *cells]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    first = max(min(widths[0], _WIDTH - 2 - sum(width + 2 for width in widths[1:])), 12)
    told = []
    for line in lines:
        indent = line[0][: len(line[0]) - len(line[0].lstrip())]
        parts = textwrap.wrap(line[0], first, subsequent_indent=indent) or [""]
        rest = "".join(f"  {cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True))
        told += [f"  {part}" for part in parts[:-1]]
        told.append(f"  {parts[-1]:<{first}}{rest}")
    return told

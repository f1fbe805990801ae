"""What stays known beside sealed answers: as much of the frame as at least five people of the roster share.

Whoever has the roster knows the site and the job of everybody on it, so a crossing of frame items is a name as soon as few
people stand in it.  Frame items are put in order, the broad before the fine, and everybody keeps the longest run of first items
that enough people share; the others lose items from the last to the first and are pooled one step up.  What is
left over up there is a group too, known by subtraction: where it is small, the smallest group beside it is pooled with
it.  So two people whose sealed answers carry the same words can never be told apart by the frame, and there are five or more of
them; this holds for every set of words, which is all that can be said, because the words kept follow from the roster alone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from symmetry.spec import Item, Study

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LEAST", "Words", "cell_of", "coarsened", "lost", "pooled", "words_of"]

LEAST = 5
"""How many people of the roster share what is kept beside sealed answers."""

Words = tuple[tuple[str, str], ...]
"""Frame items and their values, the broadest first."""


def coarsened(study: Study, audience: str, units: pd.DataFrame) -> list[dict[str, str]]:
    """Which frame items, with which values, may stay with the sealed answers of each person.

    Parameters
    ----------
    study : says which items are known of the audience, and in what order they matter: the last are lost first.
    audience : whose frame items.
    units : one row a person on the roster (those invited, not the whole frame), with the frame items as columns; other columns
        are not looked at.

    Returns
    -------
    For each row, in order: item → value as text, the broadest item first.  Equal dictionaries are shared by at least 5 rows, or
    by all rows where there are fewer than 5, and then they are empty.

    Notes
    -----
    An item that follows from another (the borough of a school) is broader and goes before it.  A number stays only
    where each of its values is shared by 5 people, other items only where this holds for half of the people: an id, a
    weight or a remark stays with nobody.  An empty cell is no word.

    Examples
    --------
    >>> import pandas as pd
    >>> from symmetry.spec import load
    >>> branches = ["n1"] * 6 + ["n2"] * 5 + ["n3"] * 3
    >>> units = pd.DataFrame({"region": "north", "branch": branches})
    >>> kept = coarsened(load("survey_specs/everyday_bank"), "employees", units)
    >>> kept[0], kept[6], kept[13]
    ({'region': 'north', 'branch': 'n1'}, {'region': 'north'}, {'region': 'north'})
    """
    items = _known_of(study, audience, units)
    texts = {key: [_text(cell) for cell in units[key]] for key in items}
    shared = [key for key, item in items.items() if _is_shared(item, texts[key])]
    order = _broad_first({key: texts[key] for key in shared})
    each: list[Words] = [tuple((key, texts[key][row]) for key in order if texts[key][row]) for row in range(len(units))]
    counts = Counter(each)
    if len(each) < LEAST:
        return [{} for _ in each]
    kept = pooled(counts, LEAST)
    return [dict(kept[words]) for words in each]


def lost(study: Study, audience: str, units: pd.DataFrame, kept: list[dict[str, str]]) -> dict[str, int]:
    """Frame item → of how many people it is known and does not stay with their sealed answers; items in the study's order."""
    return {
        key: sum(bool(_text(cell)) and key not in words for cell, words in zip(units[key], kept, strict=True))
        for key in _known_of(study, audience, units)
    }


def cell_of(known: Mapping[str, str]) -> str:
    """What is kept of a person as `holding.cell` has it: JSON, the broadest item first."""
    return json.dumps(dict(known), ensure_ascii=False, separators=(",", ":"))


def words_of(cell: str) -> Words:
    """A cell of `holding` read back.

    Examples
    --------
    >>> words_of(cell_of({"region": "north", "branch": "n1"}))
    (('region', 'north'), ('branch', 'n1'))
    """
    return tuple(json.loads(cell).items())


def pooled(counts: Mapping[Words, int], least: int) -> dict[Words, Words]:
    """Shorten words until each is shared by enough.

    Parameters
    ----------
    counts : words → by how many they are shared now.
    least : by how many they must be shared.

    Returns
    -------
    Words → the first of them that are kept.  Those with equal results are at least `least` together, or all of `counts` where
    these are fewer.

    Examples
    --------
    >>> north, south = ("region", "north"), ("region", "south")
    >>> pooled({(north,): 9, (south,): 2}, 5) == {(north,): (), (south,): ()}
    True
    """
    size = Counter({words: n for words, n in counts.items() if n})
    moved: dict[Words, Words] = {}

    def move(words: Words, to: Words) -> None:
        moved[words] = to
        size[to] += size.pop(words)

    for length in range(max(map(len, size), default=0), 0, -1):
        level = sorted(words for words in size if len(words) == length)
        for above, group in groupby(level, key=lambda words: words[:-1]):
            family = sorted(group, key=lambda words: (size[words], words))
            short = sum(size[words] < least for words in family)
            for words in family[:short]:
                move(words, above)
            if short and size[above] < least and family[short:]:
                move(family[short], above)
    if 0 < size[()] < least and len(size) > 1:
        move(min((words for words in size if words), key=lambda words: (size[words], words)), ())
    return {words: _followed(moved, words) for words in counts}


def _known_of(study: Study, audience: str, units: pd.DataFrame) -> dict[str, Item]:
    """The frame items of an audience that the roster holds, in the study's order."""
    return {
        key: item
        for key, item in study.items.items()
        if item.role == "frame" and (audience in item.audiences or not item.audiences) and key in units.columns
    }


def _followed(moved: Mapping[Words, Words], words: Words) -> Words:
    while words in moved:
        words = moved[words]
    return words


def _is_shared(item: Item, texts: list[str]) -> bool:
    """Whether an item may be kept at all: see the notes of `coarsened`."""
    counts = Counter(text for text in texts if text)
    enough = sum(n for n in counts.values() if n >= LEAST)
    return enough == counts.total() if item.numeric else 2 * enough >= counts.total() > 0


def _broad_first(texts: Mapping[str, list[str]]) -> list[str]:
    """Items in the order given, each before the first that it follows from."""
    order: list[str] = []
    for key, mine in texts.items():
        follows = (place for place, other in enumerate(order) if _follows(mine, texts[other]))
        order.insert(next(follows, len(order)), key)
    return order


def _follows(mine: list[str], other: list[str]) -> bool:
    """Whether each value of the other has one of mine, and mine are fewer."""
    return len(set(mine)) < len(set(other)) == len(set(zip(mine, other, strict=True)))


def _text(cell: object) -> str:
    """A cell as text: nothing where it is empty, whole numbers without a point."""
    if cell is None or cell != cell or str(cell) == "<NA>":
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)

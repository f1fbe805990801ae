"""Rotation: the order in which one person meets the items of a block, drawn once and for ever.

Whatever comes first colours what comes next, so items of a block change places between people and the effect averages out.
The draw depends on (seed, wave, block, person) alone: not on other people, the order of rows, the machine or the version of
Python.  It is written out here, from hash to order, so that another program can make the same one:

1. word k of the draw (k = 0, 1, …) is the first 8 bytes, read as a big-endian whole number, of the SHA-256 of the UTF-8
   JSON list `["symmetry rotation 1", seed, wave, block, person, k]`, without spaces, as `JSON.stringify` writes it;
2. a number below n is the next word that is below the largest multiple of n within 2^64, modulo n (others are passed over);
3. Fisher and Yates: for i from the last place down to the second, the items in places i and (a number below i + 1) change
   places.

All faces of an item move together, and one person's order is the same whenever it is asked for again in that wave.  Another
wave draws anew, so that a person's place in the order never becomes a part of that person's trend.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

from symmetry.spec.nouns import AUDIENCE_OF, Item, Study
from symmetry.spec.piping import BraceError, placeholders
from symmetry.spec.reading import Route
from symmetry.spec.running import Rotation, Wave
from symmetry.spec.validating import nearest

__all__ = ["WARNED", "Turned", "asks", "names_in", "order_of", "rotation_problems"]

WARNED = ("ROT04",)
_SPACE = 1 << 64

Turned = tuple[str, Route, str, str]
"""A problem of rotation: its code, its route in the file, what is wrong, and the remedy."""


def order_of(study: Study, wave: str, audience: str, person: str) -> tuple[str, ...]:
    """The items that one person is asked, in the order in which this person sees them.

    Parameters
    ----------
    study : the study; without a `rotation` everybody sees the order of the wave.
    wave : key of one of its waves.
    audience : one that the wave asks.
    person : who answers, by the identifier that the sample keeps.

    Returns
    -------
    Keys of items: those of a block permuted among the places that the block holds, all others where they stand.

    Raises
    ------
    KeyError : the study has no such wave.
    """
    asked = [study.items[key] for key in study.waves[wave].items]
    order = [item.key for item in asked if asks(item, audience)]
    rotation = study.rotation or Rotation(0, {})
    for block, members in rotation.blocks.items():
        places = [place for place, key in enumerate(order) if key in members]
        drawn = _shuffled([order[place] for place in places], rotation.seed, wave, block, person)
        for place, key in zip(places, drawn, strict=True):
            order[place] = key
    return tuple(order)


def rotation_problems(rotation: Rotation | None, items: Mapping[str, Item], waves: Mapping[str, Wave]) -> list[Turned]:
    """Everything wrong with the blocks of a study.

    Parameters
    ----------
    rotation : the blocks, as written; nothing to say where there are none.
    items : the items of the study.
    waves : its waves.

    Returns
    -------
    ROT01 an unknown item, or one that is never asked; ROT02 an item twice; ROT03 an item that could be drawn before another
    whose answer it needs, by its route or in its words; ROT04 a block of one item, in itself or in every wave (a warning).
    """
    if rotation is None:
        return []
    problems: list[Turned] = []
    home: dict[str, str] = {}
    asked = [key for key, item in items.items() if item.role != "frame"]
    for block, members in rotation.blocks.items():
        for index, key in enumerate(members):
            at: Route = ("rotation", "blocks", block, index)
            if key not in items:
                problems.append(("ROT01", at, f"there is no item `{key}` to rotate", nearest(key, asked)))
            elif key not in asked:
                what = f"`{key}` is a frame item: it is known, never asked"
                problems.append(("ROT01", at, what, "leave it out"))
            elif key in home:
                twice = "twice in this block" if home[key] == block else f"in the block `{home[key]}` too"
                problems.append(("ROT02", at, f"`{key}` stands {twice}", "keep it in one place"))
            home.setdefault(key, block)
        problems += _alone(block, members, items, waves)
    problems += _torn(rotation, home, items, waves)
    return problems


def _alone(
    block: str, members: Sequence[str], items: Mapping[str, Item], waves: Mapping[str, Wave]
) -> Iterator[Turned]:
    """A block that changes nothing."""
    at: Route = ("rotation", "blocks", block)
    mend = "name two items or more that a wave asks together, or delete the block"
    if len(set(members)) < 2:
        yield "ROT04", at, f"the block `{block}` has {'one item' if members else 'no item'}: nothing can rotate", mend
    elif (
        waves and set(members) <= set(items) and all(len(set(members) & set(wave.items)) < 2 for wave in waves.values())
    ):
        yield "ROT04", at, f"no wave asks two items of the block `{block}`: nothing can rotate", mend


def _torn(
    rotation: Rotation, home: Mapping[str, str], items: Mapping[str, Item], waves: Mapping[str, Wave]
) -> Iterator[Turned]:
    """Items that could be drawn before one whose answer they need, each pair told once."""
    told: set[tuple[str, str]] = set()
    for wave in waves.values():
        for audience in wave.audiences:
            order = [key for key in wave.items if key in items and asks(items[key], audience)]
            places = {key: place for place, key in enumerate(order)}
            spans = {
                block: sorted(places[key] for key in members if key in places)
                for block, members in rotation.blocks.items()
            }
            for key in order:
                for needed in sorted(_needs(items[key]) & set(order) - {key}):
                    mine, other = home.get(key), home.get(needed)
                    if (key, needed) in told or (mine is None and other is None):
                        continue
                    first = spans[mine][0] if mine is not None else places[key]
                    last = spans[other][-1] if other is not None else places[needed]
                    if mine == other or (places[needed] < places[key] and first < last):
                        told.add((key, needed))
                        yield _pair(rotation, key, needed, mine, other)


def _pair(rotation: Rotation, key: str, needed: str, mine: str | None, other: str | None) -> Turned:
    """The problem of one pair, at the one of the two that stands in a block."""
    block, member = (mine, key) if mine is not None else (str(other), needed)
    at: Route = ("rotation", "blocks", block, rotation.blocks[block].index(member))
    together = f"both are in the block `{block}`" if mine == other else f"the block `{block}` reaches over the other"
    what = f"`{key}` needs the answer to `{needed}` and could be drawn before it: {together}"
    return "ROT03", at, what, f"take `{member}` out of the block, or keep the block's items together in the wave"


def _needs(item: Item) -> set[str]:
    """The items that a route or the words of an item name; what cannot be read is reported elsewhere."""
    named: set[str] = set()
    for words in (text for face in item.faces.values() for text in face.values()):
        try:
            named |= {name.partition(".")[0] for name, _ in placeholders(words)}
        except BraceError:
            continue
    return named | names_in(item.ask_if or "None")


def names_in(expression: str) -> set[str]:
    """The items that a route or an alert names; none where Python cannot read it, which is reported elsewhere.

    Examples
    --------
    >>> sorted(names_in('recommend.guess <= 6 and channel != "app"'))
    ['channel', 'recommend']
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def asks(item: Item, audience: str) -> bool:
    """Whether an item is put to an audience."""
    if not item.faces:
        return audience in item.audiences or not item.audiences
    return any(AUDIENCE_OF[face] == audience for face in item.faces)


def _shuffled(keys: Sequence[str], *parts: int | str) -> list[str]:
    """Keys in the order that the hash of the parts gives."""
    words = _words(parts)
    order = list(keys)
    for last in range(len(order) - 1, 0, -1):
        other = _below(last + 1, words)
        order[last], order[other] = order[other], order[last]
    return order


def _below(count: int, words: Iterator[int]) -> int:
    """A whole number from 0 to count - 1, each as likely."""
    limit = _SPACE - _SPACE % count
    return next(word for word in words if word < limit) % count


def _words(parts: Sequence[int | str]) -> Iterator[int]:
    """Whole numbers below 2^64, one after the other, without end."""
    number = 0
    while True:
        said = json.dumps(["symmetry rotation 1", *parts, number], ensure_ascii=False, separators=(",", ":"))
        yield int.from_bytes(hashlib.sha256(said.encode("utf-8", "surrogatepass")).digest()[:8], "big")
        number += 1

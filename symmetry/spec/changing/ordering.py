"""What is asked before what: the order of questions in every wave that both versions have.

A general judgement asked after particular ones leans on them, so an outcome that now comes after items it came before (or the
other way round) breaks its trend.  Any other move, and a new item before an outcome, leaves trends comparable, with a word of
caution.  Inside a block that rotates there is no order to keep.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from symmetry.spec.changing.judging import Verdict
from symmetry.spec.changing.pairing import Renamed, renames, same_part
from symmetry.spec.changing.telling import Difference
from symmetry.spec.nouns import Item, Study
from symmetry.spec.reading import Route
from symmetry.spec.rotating import asks

__all__ = ["order_differences"]

_LEANS: Verdict = ("breaking", "a general judgement leans on what was asked just before it")
_NEAR: Verdict = ("comparable", "each is asked as before; what stands before a question may colour its answers")


def order_differences(old: Study, new: Study, renamed: Renamed) -> list[Difference]:
    """Every change of order, wave by wave."""
    waves = renames(old.waves, new.waves, same_part)
    found: list[Difference] = []
    for was in old.waves:
        now = waves.get(was, was)
        if now in new.waves:
            found += _of_wave(old, new, was, now, renamed)
    return found


def _of_wave(old: Study, new: Study, was: str, now: str, renamed: Renamed) -> Iterator[Difference]:
    """Outcomes that changed sides, new items before an outcome, then other moves."""
    names = renamed["items"]
    homes = _homes(old, names), _homes(new, {})
    before = _settled([names.get(key, key) for key in old.waves[was].items if key in old.items], *homes)
    after = _settled([key for key in new.waves[now].items if key in new.items], *homes)
    stayed = [key for key in after if key in before]
    before = [key for key in before if key in after]
    old_at, new_at = (("waves", wave, "items") for wave in (was, now))
    outcomes = [key for key in stayed if new.items[key].role == "outcome"]
    for key in outcomes:
        crossed = [other for other in _sides(key, before, stayed) if _meet(new.items[key], new.items[other])]
        if crossed:
            asked = "after" if stayed.index(crossed[0]) < stayed.index(key) else "before"
            what = f"the outcome `{key}` is now asked {asked} {_listed(crossed)}"
            yield _difference(old_at, new_at, before, stayed, what, _LEANS)
        come = [
            other
            for other in after[: after.index(key)]
            if other not in stayed and _meet(new.items[key], new.items[other])
        ]
        if come:
            what = f"the outcome `{key}` is now asked after {_listed(come)}, which {_is_are(come)} new there"
            yield replace(_difference(old_at, new_at, before, after, what, _NEAR), how="added")
    moved = _moved([key for key in before if key not in outcomes], [key for key in stayed if key not in outcomes])
    if moved:
        what = f"{_listed(moved)} moved: {_listed(before)} before, {_listed(stayed)} now"
        yield _difference(old_at, new_at, before, stayed, what, _NEAR)


def _difference(
    old_at: Route, new_at: Route, old: Sequence[str], new: Sequence[str], what: str, verdict: Verdict
) -> Difference:
    return Difference("moved", "Wave.items", old_at, new_at, tuple(old), tuple(new), *verdict, what)


def _homes(study: Study, names: Mapping[str, str]) -> dict[str, str]:
    """The block of each item that rotates, under its new key."""
    blocks = study.rotation.blocks if study.rotation else {}
    return {names.get(key, key): block for block, members in blocks.items() for key in members}


def _settled(order: list[str], before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """An order in which items that share a block in both versions stand by the alphabet among their places."""
    for pair in {(before[key], after[key]) for key in order if key in before and key in after}:
        places = [place for place, key in enumerate(order) if (before.get(key), after.get(key)) == pair]
        for place, key in zip(places, sorted(order[place] for place in places), strict=True):
            order[place] = key
    return order


def _sides(key: str, before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The items that stood on one side of an item and now stand on the other, in their order now."""
    first = set(before[: before.index(key)]) ^ set(after[: after.index(key)])
    return [other for other in after if other in first]


def _meet(one: Item, other: Item) -> bool:
    """Whether some audience is asked both."""
    return any(asks(one, audience) and asks(other, audience) for audience in ("customers", "employees", "observers"))


def _moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The fewest items whose move explains a new order: all but a longest row that kept its order."""
    place = {key: index for index, key in enumerate(before)}
    ends: list[int] = []
    rows: list[list[str]] = []
    for key in after:
        at = bisect_left(ends, place[key])
        row = [*(rows[at - 1] if at else []), key]
        ends[at : at + 1], rows[at : at + 1] = [place[key]], [row]
    kept = set(rows[-1]) if rows else set()
    return [key for key in after if key not in kept]


def _listed(keys: Sequence[str]) -> str:
    """A few keys, then how many more."""
    some = ", ".join(f"`{key}`" for key in keys[:4])
    return some + (f" and {len(keys) - 4} more" if len(keys) > 4 else "")


def _is_are(keys: Sequence[str]) -> str:
    return "is" if len(keys) == 1 else "are"

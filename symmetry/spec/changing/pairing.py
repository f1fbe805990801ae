"""Which part of the new version is which part of the old one: the same key, or the same words under another key.

A key is only a name, so the words decide.  An item that left its key for another is found by its faces, even when another
item took the key it left, and what refers to a renamed part is not a change of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass, replace
from typing import Any

from symmetry.spec.changing.alike import same_texts
from symmetry.spec.nouns import Item, Study

__all__ = ["Renamed", "pairs_of", "renamed_in", "renames", "same_item", "same_part"]

Renamed = Mapping[str, Mapping[str, str]]
"""For each section, the parts that have another key: old key → new key."""

_REFERRED = ("items", "scales", "promise", "moments", "owners")


def renamed_in(old: Study, new: Study) -> Renamed:
    """The parts that other parts refer to and that have another key now, by section."""
    return {
        section: renames(getattr(old, section), getattr(new, section), same_item if section == "items" else same_part)
        for section in _REFERRED
    }


def renames(old: Mapping[str, Any], new: Mapping[str, Any], same: Callable[[Any, Any], bool]) -> dict[str, str]:
    """Old key → new key of the members that say the same under another key, where there is no doubt which.

    Examples
    --------
    >>> renames({"a": {"en": "Yes"}, "b": {"en": "No"}}, {"a": {"en": "Yes"}, "c": {"en": "No"}}, same_part)
    {'b': 'c'}
    """
    gone = [key for key in old if key not in new or not same(old[key], new[key])]
    come = [key for key in new if key not in old or not same(old[key], new[key])]
    found: dict[str, str] = {}
    for key in gone:
        matches = [other for other in come if other != key and same(old[key], new[other])]
        if len(matches) == 1 and sum(same(old[other], new[matches[0]]) for other in gone) == 1:
            found[key] = matches[0]
    return found


def pairs_of(old: Sequence[str], new: Sequence[str], names: Mapping[str, str]) -> list[tuple[str | None, str | None]]:
    """Every key of the old and of the new version with its counterpart, in the order of the new one, then what is gone."""
    taken = set(names.values())
    before = {names.get(key, key): key for key in old if key in names or key not in taken}
    pairs: list[tuple[str | None, str | None]] = [(before.get(key), key) for key in new]
    return pairs + [
        (key, None) for key in old if before.get(names.get(key, key)) != key or names.get(key, key) not in new
    ]


def same_item(old: Item, new: Item) -> bool:
    """Whether two items put the same questions: every face that both have, or the label of two that are never asked."""
    if not old.faces and not new.faces:
        return old.role == new.role and same_texts(old.label, new.label) and old.values == new.values
    common = [face for face in old.faces if face in new.faces]
    return bool(common) and all(same_texts(old.faces[face], new.faces[face]) for face in common)


def same_part(old: Any, new: Any) -> bool:
    """Whether two texts are alike, or two parts are equal but for their key."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return same_texts(old, new)
    if is_dataclass(old) and not isinstance(old, type) and hasattr(old, "key"):
        old = replace(old, key=new.key)
    return bool(old == new)

"""No field is silent, and a new key for the same words is told as such."""

from __future__ import annotations

import re
import types
import typing
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from symmetry.spec import Study, load
from symmetry.spec.changing.comparing import changes
from symmetry.spec.changing.filing import SETS
from symmetry.spec.changing.rules import DERIVED, RULES
from symmetry.spec.changing.walking import differences
from tests.spec.two_versions import edited, small_bank

KEYED = {"Registered.comparisons", "Comparison.smallest", "Study.targets.*"}
WHOLE = {"Target.shares", "Moment.rituals", "Moment.cues", "Wave.reminders"}
BLANK = {"Study.contact", "Study.rotation"}
SPLIT = {"Scale.min", "Scale.max"}


def told(old: Study, new: Study) -> list[tuple[str, str, str]]:
    """Pattern, how and verdict of every difference."""
    return [(each.pattern, each.how, each.kind) for each in differences(old, new)]


def patterns(noun: type, seen: set[type]) -> Iterator[tuple[str, str]]:
    """Every field of a noun and of the nouns inside it, by the types they declare: pattern, and what may become of it."""
    if noun in seen:
        return
    seen.add(noun)
    hints = typing.get_type_hints(noun)
    for field in fields(noun):
        name = f"{noun.__name__}.{field.name}"
        if name not in DERIVED:
            yield from patterns_of(hints[field.name], name, seen)


def patterns_of(hint: Any, name: str, seen: set[type]) -> Iterator[tuple[str, str]]:
    """The patterns under one declared type."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union) and type(None) in inner:
        rest = [each for each in inner if each is not type(None)]
        if is_dataclass(rest[0]) and name not in BLANK and not name.startswith("Item."):
            yield name, "added removed"
        hint = rest[0] if len(rest) == 1 else str
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if name in WHOLE:
        yield name, "changed"
    elif name == "Rotation.blocks":
        yield f"{name}.*", "added removed changed"
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield f"{name}.*", "added removed"
        yield from patterns_of(inner[1], f"{name}.*", seen)
    elif name in SETS or name in KEYED:
        yield f"{name}.*", "added removed"
        if name in KEYED:
            yield from patterns_of(inner[0], f"{name}.*", seen)
    elif is_dataclass(hint) and isinstance(hint, type):
        if name in ("Item.scale", "Item.scales.*"):
            yield name, "changed"
        yield from patterns(hint, seen)
    else:
        yield name, "changed"


def test_every_field_of_every_noun_has_its_rule() -> None:
    """A field added to a noun tomorrow has no rule, and this fails; a rule of a field that is gone fails too."""
    needed: dict[str, set[str]] = {}
    for pattern, hows in patterns(Study, set()):
        needed.setdefault(pattern, set()).update(hows.split())
    assert set(RULES) == set(needed) | SPLIT
    for pattern, hows in needed.items():
        rule = RULES[pattern]
        can = {how for how in ("added", "removed") if getattr(rule, how)}
        can |= {"changed"} if rule.changed or (rule.raised and rule.lowered) else set()
        assert hows <= can, f"{pattern} says nothing of {hows - can}"


def mutations(value: Any, name: str, path: str = "") -> Iterator[tuple[str, str, Any]]:
    """A value with one thing changed in it, once for each thing it holds, at any depth: pattern, path, new value."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            pattern = f"{type(value).__name__}.{field.name}"
            inside = getattr(value, field.name)
            if pattern not in DERIVED and not isinstance(inside, Path):
                for found, at, new in mutations(inside, pattern, f"{path}/{field.name}"):
                    yield found, at, replace(value, **{field.name: new})
    elif isinstance(value, (Mapping, tuple)) and value:
        members = list(value.items()) if isinstance(value, Mapping) else list(enumerate(value))
        for at, (key, inside) in enumerate(members):
            for found, deeper, new in mutations(inside, f"{name}.*", f"{path}/{key}"):
                changed = [*members[:at], (key, new), *members[at + 1 :]]
                yield found, deeper, dict(changed) if isinstance(value, Mapping) else tuple(new for _, new in changed)
        yield name, path, dict(members[1:]) if isinstance(value, Mapping) else value[1:]
    elif isinstance(value, bool):
        yield name, path, not value
    elif isinstance(value, (int, float, str)):
        yield name, path, f"{value}x" if isinstance(value, str) else value + 1


def test_whatever_is_changed_is_told() -> None:
    """One change anywhere in the nouns and there is a difference, unless another field says the same and is compared."""
    bank = small_bank()
    frames = "|".join(key for key, item in bank.items.items() if item.role == "frame")
    asked = rf"/items/(?!{frames})\w+/(values|numeric|audiences).*"
    service = r"/service/(attitudes/\w+|moments).*|/(management|cooperation)/respect"
    twice = re.compile(f"{asked}|{service}")
    tried: Counter[tuple[str, str]] = Counter()
    silent = []
    for name, path, new in mutations(bank, "Study"):
        tried[name, path.split("/")[1]] += 1
        if tried[name, path.split("/")[1]] <= 2 and not twice.fullmatch(path) and not differences(bank, new):
            silent.append(path)
    assert len(tried) > 150
    assert [] == silent


def test_an_item_under_another_key_is_the_same_item_in_another_column(tmp_path: Path) -> None:
    """The words stay: no removal and no new item, but the column moves; what refers to it is not told again."""
    folder, place = edited(
        tmp_path / "new",
        ("  listened:\n    role", "  ¦heard:\n    role"),
        ("items: [recommend, listened, why]", "items: [recommend, heard, why]"),
        ("[respected, listened, answered]", "[respected, heard, answered]"),
    )
    (found,) = changes(small_bank(), load(folder))
    assert ("breaking", "items.heard") == (found.kind, found.path)
    assert "the item `heard` is the one that was `listened`" == found.what
    assert "data column" in found.why
    assert place == (found.where.line, found.where.column)


def test_what_names_a_moved_item_is_no_change(tmp_path: Path) -> None:
    """Routes, placeholders, the plan and alerts follow their item to its new key."""
    folder, _ = edited(
        tmp_path / "new",
        ("  recommend:\n    role", "  loyal:\n    role"),
        ("ask_if: recommend <= 6", "ask_if: loyal <= 6"),
        ("avez répondu {recommend}", "avez répondu {loyal}"),
        ("You answered {recommend}", "You answered {loyal}"),
        ("items: [recommend, listened, why]", "items: [loyal, listened, why]"),
        ("outcome: recommend", "outcome: loyal"),
        ("when: recommend <= 4", "when: loyal <= 4"),
    )
    assert [("Study.items.*", "renamed", "breaking")] == told(small_bank(), load(folder))


def test_two_items_that_exchange_their_keys_are_both_told() -> None:
    """The columns are crossed, which nothing but the words can show."""
    old = small_bank()
    a, b = old.items["listened"], old.items["respected"]
    items = {**old.items, "listened": replace(b, key="listened"), "respected": replace(a, key="respected")}
    found = told(old, replace(old, items=items))
    assert [("Study.items.*", "renamed", "breaking")] * 2 == [each for each in found if each[0] == "Study.items.*"]
    assert not [each for each in found if each[0] == "Item.faces.*.*"]


def test_a_key_that_is_used_again_is_told() -> None:
    """The old words moved to another key and new words took the old one: the column holds two questions."""
    old = small_bank()
    moved = replace(old.items["listened"], key="heard")
    new = replace(old.items["listened"], faces={"customer": {"fr": "Autre chose.", "en": "Something else."}})
    found = differences(old, replace(old, items={**old.items, "heard": moved, "listened": new}))
    come = {each.how: each for each in found if each.pattern == "Study.items.*"}
    assert {"renamed", "added"} == set(come)
    assert ("breaking", "listened") == (come["added"].kind, come["added"].new.key)
    assert "this key named another question before: its data column now holds two" == come["added"].why


def test_what_could_be_either_is_neither() -> None:
    """Two parts that said the same are gone and one like them came: nothing says which of the two it is."""
    old, yes = small_bank(), {"fr": "Oui", "en": "Yes"}
    before = replace(old, promise={**old.promise, "one": yes, "two": yes})
    after = replace(old, promise={**old.promise, "three": yes})
    expected = [("added", "comparable"), ("removed", "comparable"), ("removed", "comparable")]
    assert expected == [(how, kind) for pattern, how, kind in told(before, after) if pattern == "Study.promise.*"]


def test_what_a_new_audience_brings_is_told_once() -> None:
    """Its name, its weights and its samples come with it."""
    new = small_bank()
    without = {
        name: {key: part for key, part in getattr(new, name).items() if key != "employees"}
        for name in ("audiences", "targets", "trims")
    }
    waves = {
        key: replace(wave, sampling={who: drawn for who, drawn in wave.sampling.items() if who != "employees"})
        for key, wave in new.waves.items()
    }
    assert [("Study.audiences.*", "added", "comparable")] == told(replace(new, waves=waves, **without), new)


def test_what_is_reworded_under_another_key_is_another_item() -> None:
    """Nothing says that it is the same: one item is gone, another is new."""
    old = small_bank()
    new = replace(old.items["balance"], key="assets", label={"fr": "Avoirs", "en": "Assets"})
    items = {key: item for key, item in old.items.items() if key != "balance"} | {"assets": new}
    expected = [("Study.items.*", "added", "comparable"), ("Study.items.*", "removed", "breaking")]
    assert expected == told(old, replace(old, items=items))


@pytest.mark.parametrize(
    ("section", "old", "new", "verdict"),
    [
        ("scales", "agree5", "agreement", "cosmetic"),
        ("promise", "attentive", "caring", "cosmetic"),
        ("moments", "visit.welcome", "visit.arrival", "cosmetic"),
        ("owners", "quality", "people", "cosmetic"),
    ],
)
def test_parts_that_only_the_house_knows_may_take_another_key(section: str, old: str, new: str, verdict: str) -> None:
    """A scale, promise, moment or owner under another key is told once, whatever hangs on it."""
    bank = small_bank()

    def moved(item: Any) -> Any:
        scale = replace(item.scale, key=new) if item.scale and item.scale.key == old else item.scale
        hangs = {name: new for name in ("promise", "moment", "owner") if getattr(item, name) == old}
        return replace(item, scale=scale, **hangs)

    parts = {
        new if key == old else key: replace(part, key=new) if key == old and hasattr(part, "key") else part
        for key, part in getattr(bank, section).items()
    }
    after = replace(bank, **{section: parts}, items={key: moved(item) for key, item in bank.items.items()})
    if section == "promise":
        names = {
            name: replace(
                getattr(bank, name),
                attitudes={new if key == old else key: said for key, said in getattr(bank, name).attitudes.items()},
            )
            for name in ("service", "management", "cooperation")
        }
        after = replace(after, **names)
    found = [each for each in told(bank, after) if not each[0].startswith("Referential.")]
    assert [(f"Study.{section}.*", "renamed", verdict)] == found

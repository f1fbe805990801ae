"""From two versions of a study to every difference between them: each field of each noun, judged by its rule.

The walk goes by the dataclasses themselves, so a field can only be left out by having no rule, which is a KeyError.  What one
change implies is told once: a new language, face or item is not told again by each of its parts, nor a new key by each
reference to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from symmetry.spec.changing.alike import names_read, plain, route_form, route_with_names, with_names
from symmetry.spec.changing.conditions import same_condition
from symmetry.spec.changing.filing import SETS, at_field, at_member, members_of
from symmetry.spec.changing.judging import DRAWN, INSIDE, READ, Rule, Verdict, comparable
from symmetry.spec.changing.ordering import order_differences
from symmetry.spec.changing.pairing import Renamed, pairs_of, renamed_in, renames, same_part
from symmetry.spec.changing.rules import DERIVED, RULES
from symmetry.spec.changing.telling import Difference, How, told
from symmetry.spec.nouns import AUDIENCE_OF, Item, Scale, Study
from symmetry.spec.reading import Route
from symmetry.spec.running import Contact, Rotation

__all__ = ["differences"]

_OWN = {"Study.items": "items", "Study.scales": "scales", "Study.promise": "promise", "Study.owners": "owners"}
_OWN |= {"Study.moments": "moments", "Referential.attitudes": "promise"}


def differences(old: Study, new: Study) -> list[Difference]:
    """Every difference between two versions of a study, in the order of the nouns' fields, then the order of questions."""
    walk = _Walk(old, new, renamed_in(old, new))
    walk.noun(old, new, (), ())
    return [*walk.found, *order_differences(old, new, walk.renamed)]


class _Walk:
    """Two studies side by side."""

    def __init__(self, old: Study, new: Study, renamed: Renamed) -> None:
        self.old, self.new, self.renamed = old, new, renamed
        self.found: list[Difference] = []
        self.inside: dict[type, tuple[Any, Any]] = {}
        self.read = names_read(
            text for item in old.items.values() for face in item.faces.values() for text in face.values()
        )

    def noun(self, old: Any, new: Any, old_at: Route, new_at: Route) -> None:
        """Every field of two nouns of one type."""
        self.inside[type(new)] = (old, new)
        for field in fields(new):
            pattern = f"{type(new).__name__}.{field.name}"
            if pattern in DERIVED or self.repeated(pattern, old, new):
                continue
            if isinstance(new, Scale) and new.kind == old.kind == "number":
                pattern = {"Scale.low": "Scale.min", "Scale.high": "Scale.max"}.get(pattern, pattern)
            a, b = _without_none(pattern, getattr(old, field.name), getattr(new, field.name))
            self.value(pattern, a, b, (*old_at, *at_field(pattern)), (*new_at, *at_field(pattern)))

    def repeated(self, pattern: str, old: Any, new: Any) -> bool:
        """Whether a field only says again what another one does: what is asked is known by its faces and its scale."""
        return pattern in ("Item.values", "Item.numeric", "Item.audiences") and "frame" not in (old.role, new.role)

    def value(self, pattern: str, old: Any, new: Any, old_at: Route, new_at: Route) -> None:
        """Two values under one pattern, whatever they are."""
        if old is None and new is None:
            return None
        if isinstance(old, Scale) or isinstance(new, Scale):
            if pattern.startswith("Item."):
                return self.ruler(pattern, old, new, old_at, new_at)
        elif members_of(pattern, old) is not None and members_of(pattern, new) is not None:
            return self.members(pattern, old, new, old_at, new_at)
        if is_dataclass(old) and is_dataclass(new):
            return self.noun(old, new, old_at, new_at)
        if is_dataclass(old) or is_dataclass(new):
            return self.come_or_gone(
                pattern, RULES[pattern], RULES[pattern].name, old_at, new_at, None, None, new is None
            )
        return self.leaf(pattern, old, new, old_at, new_at)

    def members(self, pattern: str, old: Any, new: Any, old_at: Route, new_at: Route) -> None:
        """Members that came, went, took another key or stand in another order; then each that stayed."""
        inner, rule = f"{pattern}.*", RULES[f"{pattern}.*"]
        before, after = members_of(pattern, old) or {}, members_of(pattern, new) or {}
        if pattern == "Rotation.blocks":
            before = members_of(pattern, self.blocks(old, new, old_at, new_at)) or {}
        names = self.names(pattern, rule, before, after)
        pairs = [pair for pair in pairs_of(list(before), list(after), names) if not self.implied(inner, rule, *pair)]
        for was, now in pairs:
            name = f"{rule.name}{' in' * rule.language} `{now or was}`"
            a_at = at_member(pattern, old_at, old, was) if was is not None else None
            b_at = at_member(pattern, new_at, new, now) if now is not None else None
            if was is None or now is None:
                here, there = before.get(was or ""), after.get(now or "")
                self.come_or_gone(inner, rule, name, a_at, b_at, here, there, now is None)
                continue
            if was != now and rule.renamed:
                self.note("renamed", inner, name, a_at, b_at, was, now, rule.renamed)
            if pattern not in SETS and a_at is not None and b_at is not None:
                self.value(inner, before[was], after[now], a_at, b_at)
        stayed = [pair for pair in pairs if None not in pair]
        order = sorted(stayed, key=lambda pair: list(before).index(str(pair[0])))
        if rule.ordered and order != stayed:
            was_order, now_order = ([str(pair[1]) for pair in each] for each in (order, stayed))
            self.note("moved", inner, rule.name, old_at, new_at, tuple(was_order), tuple(now_order), rule.ordered)

    def blocks(self, old: Any, new: Any, old_at: Route, new_at: Route) -> dict[str, tuple[str, ...]]:
        """The old blocks under their new names, each of which is told: the draw is made of the name too."""
        items = self.renamed["items"]
        before, after = (
            {was: {items.get(key, key) for key in old[was]} for was in old},
            {at: set(new[at]) for at in new},
        )
        names = renames(before, after, same_part)
        for was, now in names.items():
            at = (*old_at, was), (*new_at, now)
            self.note("renamed", "Rotation.blocks.*", f"the block `{now}`", *at, was, now, comparable(DRAWN))
        return {names.get(was, was): members for was, members in old.items()}

    def come_or_gone(
        self,
        pattern: str,
        rule: Rule,
        name: str,
        old_at: Route | None,
        new_at: Route | None,
        old: Any,
        new: Any,
        gone: bool,
    ) -> None:
        """What only one version has."""
        if gone:
            return self.note("removed", pattern, name, old_at, None, old, None, rule.removed)
        return self.note("added", pattern, name, None, new_at, None, new, rule.added)

    def names(self, pattern: str, rule: Rule, before: Mapping[str, Any], after: Mapping[str, Any]) -> Mapping[str, str]:
        """Old key → new key of members, as far as they are known under another key now."""
        section = _OWN.get(pattern) or rule.read
        if section in self.renamed:
            names = self.renamed[section]
            return {key: names[key] for key in before if key in names and names[key] in after}
        return renames(before, after, same_part) if rule.renamed else {}

    def implied(self, inner: str, rule: Rule, was: str | None, now: str | None) -> bool:
        """Whether a member came or went with something that is told elsewhere."""
        if rule.language:
            return not {was or now} <= set(self.old.languages) & set(self.new.languages)
        if was is not None and now is not None:
            return False
        key = str(was or now)
        if inner in ("Item.mirrors.*", "Item.scales.*", "Item.negative.*"):
            return not all(key in each.faces for each in self.inside[Item])
        if inner in ("Wave.items.*", "Rotation.blocks.*", "Grid.items.*"):
            here, there = (self.old, self.new) if now is None else (self.new, self.old)
            names = self.renamed["items"] if now is None else {to: was for was, to in self.renamed["items"].items()}
            return key in here.items and names.get(key, key) not in there.items
        if inner in ("Wave.sampling.*", "Study.targets.*", "Study.trims.*"):
            return not (key in self.old.audiences and key in self.new.audiences)
        return False

    def ruler(self, pattern: str, old: Scale | None, new: Scale | None, old_at: Route, new_at: Route) -> None:
        """The scale of an item or of a face: told here if the item took another one, with the scale itself if not."""
        rule = RULES[pattern]
        if old is None or new is None:
            return self.note("changed", pattern, rule.name, old_at, new_at, old, new, rule.changed)
        kept = self.renamed["scales"].get(old.key, old.key) == new.key
        if kept and old == self.old.scales.get(old.key) and new == self.new.scales.get(new.key):
            return None
        if replace(old, key=new.key) == new:
            same: Verdict = ("cosmetic", "the same scale under another key")
            return None if kept else self.note("changed", pattern, rule.name, old_at, new_at, old, new, same)
        if kept:
            return self.noun(old, new, old_at, new_at)
        return self.note("changed", pattern, rule.name, old_at, new_at, old, new, rule.changed)

    def leaf(self, pattern: str, old: Any, new: Any, old_at: Route, new_at: Route) -> None:
        """Two values that hold no others."""
        rule = RULES[pattern]
        common = [language for language in self.old.languages if language in self.new.languages]
        before, after = _in_common(old, common), _in_common(new, common)
        if before == after or self.translated(rule, before) == after:
            return
        name = f"{rule.name}{' in' * rule.language}{f' `{new_at[-1]}`' * rule.language}"
        self.note("changed", pattern, name, old_at, new_at, before, after, self.verdict(pattern, rule, before, after))

    def translated(self, rule: Rule, value: Any) -> Any:
        """An old value under the new keys."""
        if not isinstance(value, str) or not rule.read:
            return value
        if rule.read == "expression":
            return route_with_names(value, self.renamed["items"])
        if rule.read == "text":
            return with_names(value, self.renamed["items"])
        return self.renamed.get(rule.read, {}).get(value, value)

    def verdict(self, pattern: str, rule: Rule, old: Any, new: Any) -> Verdict | None:
        """What a rule says of two values that are not the same."""
        if rule.read == "text" and _flat(self.translated(rule, old)) == _flat(new):
            return "cosmetic", "only the typography differs"
        both = rule.read == "expression" and old and new
        if both and self.same_condition(pattern, self.translated(rule, old), new):
            return "cosmetic", "the same condition, written otherwise"
        if rule.raised is None or rule.lowered is None:
            return rule.changed
        if old is None or new is None:
            return rule.raised if (new is None) == rule.endless else rule.lowered
        return rule.raised if new > old else rule.lowered

    def same_condition(self, pattern: str, old: str, new: str) -> bool:
        """Whether two conditions are written alike, or mean the same to all who are asked."""
        asked = (
            {AUDIENCE_OF[face] for face in self.inside[Item][1].faces} if pattern == "Item.ask_if" else {"customers"}
        )
        return route_form(old) == route_form(new) or same_condition(old, new, self.new.items, asked)

    def note(
        self,
        how: How,
        pattern: str,
        name: str,
        old_at: Route | None,
        new_at: Route | None,
        old: Any,
        new: Any,
        verdict: Verdict | None,
    ) -> None:
        """Keep one difference, in words."""
        if verdict is None:
            raise KeyError(f"no rule says what it is when {pattern} is {how}")
        kind, why = self.in_use(pattern, new_at or old_at or (), verdict)
        if pattern == "Item.values.*.*" and why == INSIDE and old_at and old_at[1] in self.read:
            kind, why = "breaking", READ
        if how == "added" and pattern == "Study.items.*" and new.key in self.old.items:
            kind, why = "breaking", "this key named another question before: its data column now holds two"
        what = told(how, name, old, new, hours=RULES[pattern].hours)
        self.found.append(Difference(how, pattern, old_at, new_at, old, new, kind, why, what))

    def in_use(self, pattern: str, at: Route, verdict: Verdict) -> Verdict:
        """A change of a scale weighs what the items weigh that stand on it."""
        if not (pattern.startswith("Scale.") and at[0] == "scales"):
            return verdict
        users = [item.key for item in self.new.items.values() if at[1] in _scales_of(item)]
        if not users:
            return "cosmetic", "no item stands on this scale"
        some = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
        return verdict[0], f"{verdict[1]} (it is the scale of {some})"


def _without_none(pattern: str, old: Any, new: Any) -> tuple[Any, Any]:
    """Two values of a field, the absent one empty where that means the same; what a referential repeats left out."""
    if pattern == "Study.contact":
        return old or Contact(), new or Contact()
    if pattern == "Study.rotation":
        return old or replace(new or Rotation(0, {}), blocks={}), new or replace(old or Rotation(0, {}), blocks={})
    if pattern == "Study.service":
        old, new = (
            each and replace(each, attitudes={key: {} for key in each.attitudes}, moments={}) for each in (old, new)
        )
    if pattern in ("Study.management", "Study.cooperation"):
        old, new = (each and replace(each, respect="") for each in (old, new))
    if isinstance(old or new, Mapping):
        return old or {}, new or {}
    return old, new


def _scales_of(item: Item) -> set[str]:
    return {scale.key for scale in (item.scale, *item.scales.values()) if scale}


def _in_common(value: Any, languages: Sequence[str]) -> Any:
    """A list of texts in the languages that both versions have; any other value as it is."""
    if isinstance(value, tuple) and any(isinstance(member, Mapping) for member in value):
        return tuple({key: member[key] for key in languages if key in member} for member in value)
    return value


def _flat(value: Any) -> Any:
    """A text, or texts in lists, without their typography."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Mapping):
        return {key: _flat(said) for key, said in value.items()}
    return tuple(_flat(member) for member in value) if isinstance(value, tuple) else value

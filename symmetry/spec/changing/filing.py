"""How nouns lie in a study file: which values hold members, and which keys lead to a field or to a member.

A difference is found in nouns and told at a place of the file, so the way back stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symmetry.spec.reading import Route

__all__ = ["SETS", "at_field", "at_member", "members_of"]

SETS = frozenset(
    (
        "Study.languages",
        "Scale.exclusive",
        "Item.audiences",
        "Item.negative",
        "Wave.audiences",
        "Wave.items",
        "Sampling.by",
        "Sampling.quotas",
        "Sampling.order",
        "Registered.drivers",
        "Registered.segments",
        "Grid.items",
        "Contact.channels",
        "Owner.sees",
        "Owner.of",
    )
)
"""Lists that are compared by their members."""

_KEYED: Mapping[str, Callable[[Any], Mapping[str, Any]]] = {
    "Registered.comparisons": lambda made: {f"{each.a} and {each.b}": each for each in made},
    "Comparison.smallest": lambda made: {each.unit: each for each in made},
    "Study.targets.*": lambda made: {each.variable: each for each in made},
    "Rotation.blocks": lambda made: {item: block for block, items in made.items() for item in items},
}
_LEAVES = ("Sampling.allocation", "Target.shares")
_FIELDS: Mapping[str, Route] = {
    "Study.key": ("study",),
    "Study.moments": ("journeys",),
    "Study.registered": ("plan",),
    "Study.targets": ("weights",),
    "Study.trims": ("weights",),
    "Study.waived": ("waive",),
    "Audience.name": (),
    "Scale.kind": ("type",),
    "Scale.low": ("points",),
    "Scale.high": ("points",),
    "Scale.earliest": ("min",),
    "Scale.latest": ("max",),
    "Scale.longest": ("max",),
    "Item.faces": (),
    "Item.mirrors": ("mirror",),
    "Item.moment": ("at",),
    "Item.numeric": ("type",),
    "Item.audiences": ("of",),
    "Item.waived": ("waive",),
    "Wave.sampling": ("sample",),
    "Registered.comparisons": ("dissonance",),
    "Margin.value": (),
    "Target.shares": (),
    "Target.source": (),
    "Target.date": (),
}


def members_of(pattern: str, value: Any) -> Mapping[str, Any] | None:
    """The members of a mapping, or of a list that is compared by its members; None for any other value."""
    if pattern in _LEAVES:
        return None
    if pattern in SETS:
        return {str(member): member for member in value}
    if pattern in _KEYED:
        return _KEYED[pattern](value)
    return value if isinstance(value, Mapping) else None


def at_field(pattern: str) -> Route:
    """The keys from a noun to one of its fields, as the file writes it.

    Examples
    --------
    >>> at_field("Item.moment"), at_field("Item.faces"), at_field("Item.ask_if"), at_field("Scale.min")
    (('at',), (), ('ask_if',), ('min',))
    """
    return _FIELDS.get(pattern, (pattern.partition(".")[2],))


def at_member(pattern: str, at: Route, value: Any, key: str) -> Route:
    """The keys to one member of a mapping or of a list.

    Examples
    --------
    >>> at_member("Study.moments", ("journeys",), {}, "visit.welcome")
    ('journeys', 'visit', 'moments', 'welcome')
    >>> at_member("Wave.audiences", ("waves", "hot", "audiences"), ("customers", "employees"), "employees")
    ('waves', 'hot', 'audiences', 1)
    """
    if pattern == "Study.moments":
        journey, _, moment = key.partition(".")
        return (*at, journey, "moments", moment)
    if pattern == "Study.journeys.*":
        return (*at, "name", key)
    if pattern == "Item.audiences":
        return at
    if pattern == "Study.targets.*":
        return (*at, "rake", key)
    if pattern == "Study.trims":
        return (*at, key, "trim")
    if pattern == "Rotation.blocks":
        block = next(block for block, members in value.items() if key in members)
        return (*at, block, value[block].index(key))
    if pattern == "Registered.comparisons":
        return (*at, [f"{each.a} and {each.b}" for each in value].index(key))
    if pattern == "Comparison.smallest":
        return (*at, [each.unit for each in value].index(key))
    if isinstance(value, tuple):
        return (*at, [str(member) for member in value].index(key))
    return (*at, key)

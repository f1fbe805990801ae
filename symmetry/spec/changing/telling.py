"""One difference between two versions, and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from symmetry.spec.changing.alike import shown, shown_pair
from symmetry.spec.changing.judging import Kind
from symmetry.spec.reading import Route

__all__ = ["Difference", "How", "told"]

How = Literal["added", "removed", "changed", "renamed", "moved"]


@dataclass(frozen=True)
class Difference:
    """One difference: what kind, by which rule, where in each version, and the values that stood there."""

    how: How
    pattern: str
    old_at: Route | None
    new_at: Route | None
    old: Any
    new: Any
    kind: Kind
    why: str
    what: str


def told(how: How, name: str, old: Any, new: Any, *, hours: bool = False) -> str:
    """A difference in one clause.

    Examples
    --------
    >>> told("changed", "the wait after the event", 2.0, 48.0, hours=True)
    'the wait after the event: `2 h` → `2 d`'
    >>> told("added", "the driver `listened`", None, "listened")
    'new: the driver `listened`'
    """
    if hours:
        old, new = _waits(old), _waits(new)
    if how in ("added", "removed"):
        value = new if how == "added" else old
        said = isinstance(value, (str, int, float, Mapping)) and shown(value).strip("`") not in name.split("`")
        return f"{'new' if how == 'added' else 'gone'}: {name}" + (f", {shown(value)}" if said else "")
    if how == "renamed":
        return f"{name} is the one that was `{old}`"
    before, after = shown_pair(old, new)
    return f"{name}{', in their order' * (how == 'moved')}: {before} → {after}"


def _waits(value: Any) -> Any:
    """Hours as people say them."""
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return ", ".join(f"{_waits(wait)} {share:g}" for wait, share in value)
    if isinstance(value, tuple):
        return ", ".join(_waits(each) for each in value) or None
    if not isinstance(value, (int, float)):
        return value
    return (
        f"{value / 24:g} d"
        if value >= 48 and value % 24 == 0
        else f"{value:g} h"
        if value >= 1
        else f"{value * 60:g} min"
    )

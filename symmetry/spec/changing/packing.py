"""Nouns as plain data, and back: what a sealed wave is written in.

Every field of every noun under its own name, so that a file tells what it holds without this program.  The order of keys means
nothing in JSON, so mappings whose order people see (the choices of a scale, its ways out) become lists of pairs.  A field that
an older file does not have takes its default; one that this version does not know means a later version wrote it.  What came
to the grammar after waves had been sealed is left out while it says nothing new, so that their hashes stay.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

__all__ = ["Unreadable", "pack", "unpack"]

_LEFT = ("Study.path", "Study.digest", "Item.place", "Registered.expected")
_ORDERED = ("Scale.choices", "Scale.missing")
_LATER = (
    *("Sampling.method", "Sampling.measure", "Sampling.order", "Sampling.allocation", "Sampling.units"),
    *("Wave.arms", "Wave.invite", "Contact.cold_first", "Owner.hours", "Alert.minutes", "Alert.escalate"),
)


class Unreadable(ValueError):
    """Data that are not what this version would have written."""


def pack(value: Any) -> Any:
    """A noun, or any value of one, as plain data for JSON.

    Examples
    --------
    >>> from symmetry.spec.running import Quota
    >>> pack(Quota(400, ("region",), "month"))
    {'count': 400, 'by': ['region'], 'period': 'month'}
    """
    if is_dataclass(value) and not isinstance(value, type):
        found = {}
        for field in fields(value):
            name = f"{type(value).__name__}.{field.name}"
            if name in _LATER and getattr(value, field.name) == field.default:
                continue
            if name in _ORDERED:
                found[field.name] = [[key, pack(inner)] for key, inner in getattr(value, field.name).items()]
            elif name not in _LEFT:
                found[field.name] = pack(getattr(value, field.name))
        return found
    if isinstance(value, Mapping):
        return {key: pack(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [pack(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def unpack(kind: Any, data: Any, **given: Any) -> Any:
    """A noun from plain data.

    Parameters
    ----------
    kind : the noun, or the type of a field of one.
    data : as `pack` gave it, perhaps in an earlier version.
    given : fields that are not in the data.

    Raises
    ------
    Unreadable : the data are not of that kind.

    Examples
    --------
    >>> from symmetry.spec.running import Quota
    >>> unpack(Quota, {"count": 400, "by": ["region"], "period": "month"})
    Quota(count=400, by=('region',), period='month')
    """
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        return _noun(kind, data, given)
    if origin in (Union, types.UnionType):
        return _one_of(inner, data)
    if origin is Literal:
        return _sure(data, data in inner, kind)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        pairs = list(data.items()) if isinstance(data, dict) else data
        _sure(data, isinstance(pairs, list) and all(len(pair) == 2 for pair in pairs), kind)
        return {key: unpack(inner[1], value) for key, value in pairs}
    if origin is tuple:
        _sure(data, isinstance(data, list) and (inner[1:] == (...,) or len(data) == len(inner)), kind)
        kinds = [inner[0]] * len(data) if inner[1:] == (...,) else inner
        return tuple(unpack(each, value) for each, value in zip(kinds, data, strict=True))
    number = isinstance(data, (int, float)) and not isinstance(data, bool)
    fits = {
        str: isinstance(data, str),
        int: number and isinstance(data, int),
        float: number,
        bool: data in (True, False),
    }
    return _sure(data, fits.get(kind, data is None), kind)


def _noun(kind: type, data: Any, given: Mapping[str, Any]) -> Any:
    """A noun, each field by its type."""
    _sure(data, isinstance(data, dict), kind)
    hints = _hints(kind)
    known = {field.name: field for field in fields(kind)}
    unknown = [name for name in data if name not in known]
    if unknown:
        raise Unreadable(
            f"a later version wrote this: {kind.__name__} has `{unknown[0]}`, which this one does not know"
        )
    found = dict(given)
    for name, field in known.items():
        if name in data:
            found[name] = unpack(hints[name], data[name])
        elif name not in found and field.default is MISSING and field.default_factory is MISSING:
            raise Unreadable(f"{kind.__name__} lacks `{name}`")
    return kind(**found)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _one_of(kinds: tuple[Any, ...], data: Any) -> Any:
    """The first kind that the data are of."""
    for kind in kinds:
        try:
            return unpack(kind, data)
        except Unreadable as error:
            fault = error
    raise fault


def _sure(data: Any, fits: bool, kind: Any) -> Any:
    if not fits:
        raise Unreadable(f"`{str(data)[:40]}` is no {getattr(kind, '__name__', kind)}")
    return data

"""From the type of a key to JSON Schema: what an editor needs to complete a value, and to see that it is none.

The types are those of the models; the forms that are not plain YAML (texts, waits, windows, margins, quotas) keep the
patterns by which they are read.  Which ids a key may refer to is given by `schema`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from symmetry.spec import forms
from symmetry.spec.editing.describing import KINDS, MIRRORS, ROLES

__all__ = ["Labels", "Schema", "among", "keyed", "shape", "text_of"]

Schema = dict[str, Any]
Labels = Mapping[str, str]

_PLAIN: Mapping[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_LIMITS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_DAY = r"\d{4}-\d{2}-\d{2}"
_SAID = {
    "wait": "a wait with its unit: `30 min`, `2h` or `1d`",
    "window": "two days in order: `2027-03-01..2027-03-21`",
    "margin": "a margin with its unit: `0.3 points` (of the scale), `5 pct` (of the favourable share), `10 nps`, `8 score` "
    "(points of 100) or `5 top` (of the share that chose the highest answer)",
    "quota": "a number, frame items, then day, week or month: `400 per region per month`",
    "hours": "two times of the day: `09:00-19:30`",
    "day": "a day: `2027-03-01`",
}


def shape(form: Any, ids: Labels | None = None, keys: Labels | None = None, text: Schema | None = None) -> Schema:
    """JSON Schema of one type.

    Parameters
    ----------
    form : the annotation of a key of a model.
    ids : the ids that its strings may be, each with its label; None where any text may stand.
    keys : the ids that its keys may be.
    text : the schema of a text for people.

    Examples
    --------
    >>> shape(list[str], {"agree5": "", "nps": ""})
    {'type': 'array', 'items': {'type': 'string', 'enum': ['agree5', 'nps']}}
    """
    origin, parts = get_origin(form), get_args(form)
    if origin is Annotated:
        made = _written(parts[1], parts[0], ids, keys, text or {})
        inner = made if made is not None else shape(parts[0], ids, keys, text)
        return _limited(inner, parts[1:])
    if origin in (Union, UnionType):
        (only,) = [part for part in parts if part is not type(None)]
        return shape(only, ids, keys, text)
    if origin is Literal:
        return _options([part for part in parts if not ids or part in ids] or list(parts))
    if origin is list:
        return {"type": "array", "items": shape(parts[0], ids, keys, text)}
    if origin is dict:
        named = dict.fromkeys(get_args(parts[0]), "") if get_origin(parts[0]) is Literal else None
        return keyed(shape(parts[1], ids, None, text), keys if keys is not None else named, _key_pattern(parts[0]))
    if form is str:
        return among(ids)
    return {"type": _PLAIN[form]}


def among(ids: Labels | None) -> Schema:
    """A string that is one of some ids; any, where there is none to choose from."""
    made: Schema = {"type": "string"}
    if ids:
        made["enum"] = list(ids)
    if ids and any(ids.values()):
        made["enumDescriptions"] = list(ids.values())
    return made


def keyed(entry: Schema, keys: Labels | None = None, names: str = "") -> Schema:
    """A mapping of entries of one shape, under keys that are known, that follow a pattern, or that are free."""
    if keys:
        inside = {key: entry | ({"description": label} if label else {}) for key, label in keys.items()}
        return {"type": "object", "properties": inside, "additionalProperties": False}
    made: Schema = {"type": "object", "additionalProperties": entry}
    return made | ({"propertyNames": {"pattern": names}} if names else {})


def text_of(languages: Labels | None) -> Schema:
    """A text for people: `{language: text}`, or a bare text where there may be one language alone."""
    words = {"type": "string", "pattern": r"\S", "patternErrorMessage": "write the text"}
    known = dict.fromkeys(languages or ("fr", "en"), words)
    mapped: Schema = {"type": "object", "properties": known, "minProperties": 1}
    mapped["additionalProperties"] = False if languages else words
    return mapped if languages and len(languages) > 1 else {"anyOf": [words, mapped]}


def _options(words: list[Any]) -> Schema:
    """One of some words, each with its meaning where it has one."""
    explained = next((table for table in (ROLES, MIRRORS, KINDS) if all(word in table for word in words)), None)
    return {"enum": words} | ({"enumDescriptions": [explained[word] for word in words]} if explained else {})


def _written(mark: Any, base: Any, ids: Labels | None, keys: Labels | None, text: Schema) -> Schema | None:
    """The schema of a form that is not plain YAML, known by its reader; None where it is plain."""
    listed = {"type": "array", "items": among(ids)}
    margin = _pattern("margin")
    size: Schema = {"anyOf": [{"type": "integer", "minimum": 1}, {"enum": ["census"]}]}
    shares: Schema = keyed({"type": "integer", "minimum": 1}, None) | {"minProperties": 1}
    written: list[tuple[Any, Schema]] = [
        (forms.Words, text),
        (forms.GuessWords, {"anyOf": [{"enum": ["auto"]}, text]}),
        (forms.Listed, {"anyOf": [{"enum": ["all"]}, listed]}),
        (forms.MarginText, margin),
        (forms.Margins, {"anyOf": [margin, {"type": "array", "items": margin, "minItems": 1}]}),
        (forms.Window, _pattern("window")),
        (forms.Hours, _pattern("wait")),
        (forms.DayHours, _pattern("hours")),
        (forms.QuotaText, _pattern("quota")),
        (forms.Size, size),
        (forms.Allocation, {"anyOf": [_options(["proportional", "equal"]), shares]}),
        (forms.Bound, {"anyOf": [{"type": "number"}, {"type": "string", **_matching("day", _DAY)}]}),
    ]
    if mark == forms.MirrorTypes:
        return {"anyOf": [{"enum": ["none"]}, shape(base, ids, keys, text) | {"minProperties": 1}]}
    if mark == forms.Invited:
        return size
    return next((made for form, made in written if get_args(form)[1] == mark), None)


def _key_pattern(form: Any) -> str:
    """The pattern of keys that are no plain words, such as waits."""
    made = _written(get_args(form)[1], str, None, None, {}) if get_origin(form) is Annotated else None
    return str((made or {}).get("pattern", ""))


def _pattern(name: str) -> Schema:
    return {"type": "string", **_matching(name, forms.PATTERNS[name])}


def _matching(name: str, pattern: str) -> Schema:
    return {"pattern": f"^(?:{pattern})$", "patternErrorMessage": _SAID[name]}


def _limited(made: Schema, marks: tuple[Any, ...]) -> Schema:
    """A schema within the bounds that a model sets beside the type."""
    limits = [each for mark in marks if isinstance(mark, FieldInfo) for each in mark.metadata]
    for limit in limits:
        for name, word in _LIMITS.items():
            if getattr(limit, name, None) is not None:
                made = made | {word: getattr(limit, name)}
        if getattr(limit, "min_length", None) is not None and made.get("type") == "array":
            made = made | {"minItems": limit.min_length}
    return made

"""Plain data as YAML that our own reader takes back unchanged: short mappings on one line, texts quoted where in doubt.

Written by hand rather than by a library because a draft must be read by people: comments stand above what they speak of,
and a text in two languages stays on one line.  Same data, same text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["emit"]

WIDTH = 120
_FLOW_SAFE = re.compile(r"[^\W\d_](?:[\w.…’/()-]|'(?=\w)| (?=[\w(]))*")
_BLOCK_SAFE = re.compile(r"[^\W\d_(][^\n\r\t#\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]*|\([^\n\r\t#]*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}
_UNSEEN = re.compile(r"[\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff\ud800-\udfff]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(\.\.\d{4}-\d{2}-\d{2})?")
_WAIT = re.compile(r"\d+(\.\d+)?(min|h|d)")


def emit(
    data: Mapping[str, Any],
    *,
    head: Sequence[str] = (),
    comments: Mapping[tuple[str, ...], Sequence[str]] | None = None,
) -> str:
    """Write a mapping of sections as YAML.

    Parameters
    ----------
    data : sections; values are mappings, lists, texts, numbers and booleans.
    head : comments at the top of the file.
    comments : comments to stand above the entry at a route of keys.

    Examples
    --------
    >>> print(emit({"title": {"fr": "Oui, mais non", "en": "Perhaps"}}, head=["a draft"]), end="")
    # a draft
    title: {fr: "Oui, mais non", en: Perhaps}
    """
    lines = [line for comment in head for line in _comment(comment, "")]
    for key, value in data.items():
        nested = isinstance(value, Mapping) and any(isinstance(each, Mapping) for each in value.values())
        if nested:
            lines.append("")
        lines += _block(key, value, (), comments or {})
    return "\n".join(lines).lstrip("\n") + "\n"


def _block(key: str, value: Any, at: tuple[str, ...], comments: Mapping[tuple[str, ...], Sequence[str]]) -> list[str]:
    """The lines of one entry, its comments above it."""
    margin = "  " * len(at)
    above = [line for comment in comments.get((*at, key), ()) for line in _comment(comment, margin)]
    begin = f"{margin}{_key(key)}:"
    if not isinstance(value, (Mapping, list, tuple)):
        return [*above, f"{begin} {_scalar(value, flow=False)}"]
    flow = _flow(value)
    if not value or (len(begin) + len(flow) < WIDTH and not _holds_entries(value, at)):
        return [*above, f"{begin} {flow}"]
    if isinstance(value, Mapping):
        inside = [line for name, each in value.items() for line in _block(str(name), each, (*at, key), comments)]
        return [*above, begin, *inside]
    return [*above, begin, *(f"{margin}  - {_flow(each)}" for each in value)]


def _holds_entries(value: Any, at: tuple[str, ...]) -> bool:
    """Whether a value is a section, or an item, whose entries each want a line of their own."""
    if not isinstance(value, Mapping):
        return False
    deep = any(isinstance(each, Mapping) for each in value.values())
    return (not at and deep) or (at[:1] == ("items",) and len(at) == 1)


def _flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(str(key))}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    return _scalar(value, flow=True)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[a-z][a-z0-9_-]*", key) and key not in _WORDS else _quoted(key)


def _scalar(value: Any, *, flow: bool) -> str:
    """A leaf: bare where no YAML reader could take it for something else, in quotes else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    text = str(value)
    if _DAY.fullmatch(text) or _WAIT.fullmatch(text):
        return text
    if text.lower() in _WORDS or text != text.strip() or _UNSEEN.search(text):
        return _quoted(text)
    if _FLOW_SAFE.fullmatch(text) or (not flow and _BLOCK_SAFE.fullmatch(text) and not re.search(r":(\s|$)", text)):
        return text
    plain = '"' in text and not re.search(r"['\x00-\x1f]", text)
    return f"'{text}'" if plain else _quoted(text)


def _quoted(text: str) -> str:
    """A text in double quotes; what cannot be seen is written as an escape, and half a surrogate pair as a mark."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    shown = json.dumps(whole, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", shown)


def _comment(text: str, margin: str) -> Iterable[str]:
    """A comment, folded at the width of the page; what would break a line or hide in one is left out."""
    words = _UNSEEN.sub("", re.sub(r"[\s\x00-\x1f]+", " ", text)).split(" ")
    line = f"{margin}#"
    for word in words:
        if len(line) + len(word) >= WIDTH and line.strip() not in ("#", "#  "):
            yield line
            line = f"{margin}#  "
        line += f" {word}"
    yield line

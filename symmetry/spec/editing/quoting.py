"""A text as YAML writes it: bare where that is safe, in quotes where it must be.

French questions (` ?`) stay bare; a comma, a colon or a # that would cut a text puts it in quotes.  What a reader of YAML 1.1
takes for something else (`no`, `1:30`, a date) keeps the quotes its author gave it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import yaml

from symmetry.spec.editing.layout import Node

__all__ = ["paragraph", "written"]

_NEVER = re.compile(r"[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_UNSAFE = re.compile(r":[ \t]|:$|[ \t]#|^[ \t]|[ \t]$|\t|^[,\[\]{}#&*!|>'\"%@`]|^[-?:]([ \t]|$)|^(---|\.\.\.)")
_IN_FLOW = re.compile(r"[,\[\]{}]|:\?|^[?:]|^-$")
_STRING = "tag:yaml.org,2002:str"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def written(node: Node, *, flow: bool) -> str:
    """A scalar on one line.

    Parameters
    ----------
    node : a scalar of a layout.
    flow : whether it stands inside `[…]` or `{…}`, where commas and brackets cut.

    Examples
    --------
    >>> written(Node("scalar", 0, 0, text="Un proche ?", style="'"), flow=True)
    'Un proche ?'
    >>> written(Node("scalar", 0, 0, text="Oui, mais non", style="'"), flow=True)
    '"Oui, mais non"'
    """
    text = node.text
    if not node.style and text == "":
        return "null" if flow else ""
    if not _cut(text, flow) and not (node.style and _other(text)):
        return text
    if ('"' in text or "\\" in text) and "'" not in text and not _NEVER.search(text) and "\t" not in text:
        return f"'{text}'"
    return '"' + "".join(_escaped(character) for character in text) + '"'


def paragraph(node: Node, indent: int, width: int) -> list[str]:
    r"""A scalar over several lines, its header first; nothing where one line does better.

    Parameters
    ----------
    node : a scalar of a layout.
    indent, width : the column of its words, and the last column they may reach.

    Examples
    --------
    >>> paragraph(Node("scalar", 0, 0, text="a poem\nof two lines\n", style='"'), 2, 80)
    ['|', '  a poem', '  of two lines']
    """
    body = node.text.removesuffix("\n")
    chomp = "" if body != node.text else "-"
    space = " " * indent
    if not body or body[0] in " \t\n" or body[-1] in " \t\n" or _NEVER.search(body.replace("\n", "")):
        return []
    if node.style == ">" and all(body.split(" ")) and not re.search(r"[\n\t]", body):
        lines = _folded(body.split(" "), width - indent)
        return [f">{chomp}", *(space + line for line in lines)] if len(lines) > 1 or not chomp else []
    if "\n" not in node.text:
        return []
    return [f"|{chomp}", *(space + line if line else "" for line in body.split("\n"))]


def _folded(words: list[str], width: int) -> list[str]:
    """Words in lines of at most a width, where they fit; only plain spaces part them, as in YAML."""
    lines = words[:1]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _cut(text: str, flow: bool) -> bool:
    """Whether YAML would not read a bare text back as it is."""
    return not text or bool(_UNSAFE.search(text) or _NEVER.search(text) or (flow and _IN_FLOW.search(text)))


@cache
def _other(text: str) -> bool:
    """Whether some reader takes a bare text for a number, a date, a truth value or nothing."""
    resolver: Any = yaml.resolver.Resolver()
    return bool(resolver.resolve(yaml.ScalarNode, text, (True, False)) != _STRING) or _like_a_number(text)


def _like_a_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if not _NEVER.match(character):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

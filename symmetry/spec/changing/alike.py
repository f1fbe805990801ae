"""When two values are the same to their readers, and how a value is shown in a message.

Two texts are alike when they differ in typography alone: kinds and counts of spaces, straight or curly quotes and apostrophes,
kinds of dashes, three points or an ellipsis, a space before French punctuation, composed or decomposed accents.  Letters,
case, words, figures and every other sign count.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from symmetry.spec.piping import BraceError, placeholders

__all__ = ["names_read", "plain", "route_form", "route_with_names", "same_texts", "shown", "shown_pair", "with_names"]

_SIGNS = {
    **dict.fromkeys("‘’‚‛ʼ′`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "…": "...",
    "\u00ad": None,
    "\u200b": None,
    "\u2060": None,
    "\ufeff": None,
}
_TABLE = str.maketrans(_SIGNS)
LONGEST = 60


def plain(text: str) -> str:
    r"""A text without its typography.

    Examples
    --------
    >>> plain("« L’accueil » : oui !") == plain('"L\'accueil": oui!')
    True
    >>> plain("It is easy.") == plain("It is not easy.")
    False
    """
    text = " ".join(unicodedata.normalize("NFC", text).translate(_TABLE).split())
    return re.sub(r' (?=[?!;:%])| ?(") ?', r"\1", text)


def same_texts(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Whether two texts are alike in every language that both have, and there is one."""
    common = [language for language in old if language in new]
    return bool(common) and all(old[each] == new[each] or plain(old[each]) == plain(new[each]) for each in common)


def route_form(expression: str) -> str:
    """An expression in one spacing, with one kind of quotes; as written where Python cannot read it.

    Examples
    --------
    >>> route_form('nps<=6   and (a == "x")')
    "nps <= 6 and a == 'x'"
    """
    tree = _tree(expression)
    return ast.unparse(tree) if tree else expression


def route_with_names(expression: str, names: Mapping[str, str]) -> str:
    """An expression under the new names of its items, otherwise as it is written.

    Examples
    --------
    >>> route_with_names('nps<=6 and a == "nps"', {"nps": "recommend"})
    'recommend<=6 and a == "nps"'
    """
    tree = _tree(expression)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name)] if tree else []
    lines = [line.encode() for line in expression.strip().splitlines()]
    for node in sorted(found, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = (
            line[: node.col_offset] + names.get(node.id, node.id).encode() + line[node.end_col_offset :]
        )
    return b"\n".join(lines).decode() if found else expression


def _tree(expression: str) -> ast.Expression | None:
    try:
        return ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        return None


def names_read(texts: Iterable[str]) -> set[str]:
    """The items whose answers some texts show to their readers.

    Examples
    --------
    >>> sorted(names_read(["By {channel}, you gave {recommend.guess}.", "{{plain}}"]))
    ['channel', 'recommend']
    """
    found: set[str] = set()
    for text in texts:
        try:
            found |= {name.partition(".")[0] for name, _ in placeholders(text)}
        except BraceError:
            continue
    return found


def with_names(text: str, names: Mapping[str, str]) -> str:
    """A text whose placeholders take the new names of items."""
    try:
        found = placeholders(text)
    except BraceError:
        return text
    for name, offset in reversed(found):
        key, dot, face = name.partition(".")
        text = text[: offset + 1] + names.get(key, key) + dot + face + text[offset + 1 + len(name) :]
    return text


def shown(value: Any) -> str:
    """A value as a message names it.

    Examples
    --------
    >>> shown("Oui"), shown(None), shown(2.0), shown(True), shown(("a", "b")), shown({"north": 0.25})
    ('`Oui`', 'nothing', '2', 'yes', '`a, b`', '`north 0.25`')
    """
    if value is None or value in ((), {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:g}"
    return f"`{_shortened(_spoken(value), 0)}`"


def shown_pair(old: Any, new: Any) -> tuple[str, str]:
    """Two values that differ, each shortened around the first difference."""
    if not (isinstance(old, (str, tuple, Mapping)) and isinstance(new, (str, tuple, Mapping)) and old and new):
        return shown(old), shown(new)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        same = {key for key in old if old[key] == new.get(key)}
        old, new = ({key: made[key] for key in made if key not in same} for made in (old, new))
        if not old or not new:
            return shown(old), shown(new)
    before, after = _spoken(old), _spoken(new)
    first = next(
        (at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    return f"`{_shortened(before, first)}`", f"`{_shortened(after, first)}`"


def _spoken(value: Any) -> str:
    """Any value in words: a text in its first language, a list by its members."""
    if isinstance(value, Mapping):
        if value and all(isinstance(said, str) for said in value.values()):
            return str(next(iter(value.values())))
        return ", ".join(f"{key} {_spoken(said)}" for key, said in value.items())
    if isinstance(value, Collection) and not isinstance(value, str):
        return ", ".join(_spoken(member) for member in value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(getattr(value, "key", value))


def _shortened(text: str, first: int) -> str:
    """A text of at most `LONGEST` characters, with what stands at `first` in it."""
    if len(text) <= LONGEST:
        return text
    start = max(0, min(first - LONGEST // 3, len(text) - LONGEST))
    end = start + LONGEST
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")

"""HTML and SVG as values: text is escaped once, when it enters an element.

A plain `str` given as a child is text for people and is escaped; an `Html` is markup already and passes as it is.  Attribute
names are written the Python way: `class_`, `aria_label`, `text_anchor`.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

__all__ = ["Html", "element", "join"]

_VOID = {"br", "circle", "hr", "line", "meta", "path", "rect"}


class Html(str):
    """Markup that is safe to print as it stands."""

    __slots__ = ()


def element(name: str, *children: str | None, **attributes: object) -> Html:
    """One element with its children; an attribute that is None or False is left out, True stands alone.

    Examples
    --------
    >>> element("p", "less < more", class_="note")
    '<p class="note">less &lt; more</p>'
    """
    opening = name + "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{opening}/>")
    return Html(f"<{opening}>{join(child for child in children if child is not None)}</{name}>")


def join(parts: Iterable[str]) -> Html:
    """Children one after the other, text escaped, markup kept."""
    return Html("".join(part if isinstance(part, Html) else escape(part, quote=False) for part in parts))


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'

"""Elements of XML for exports: text in them, the same in every language, a line for each."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping

from symmetry.spec.texts import Text

__all__ = ["LANG", "each_language", "leaf", "lines"]

LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def leaf(parent: ET.Element, tag: str, words: str, attributes: Mapping[str, str] | None = None) -> ET.Element:
    """An element with text in it."""
    element = ET.SubElement(parent, tag, dict(attributes or {}))
    element.text = words or None
    return element


def each_language(parent: ET.Element, tag: str, text: Text, attributes: Mapping[str, str] | None = None) -> None:
    """The same element once for each language."""
    for language, words in text.items():
        leaf(parent, tag, words, {**(attributes or {}), LANG: language})


def lines(element: ET.Element) -> None:
    """Put each child of an element without text on a line of its own; texts stay as they are."""
    if len(element) and not element.text:
        element.text = "\n"
        for child in element:
            child.tail = "\n"
            lines(child)

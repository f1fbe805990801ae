"""A page read with the parser of the standard library: its elements, what they say, and in which language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Element", "read_page"]

_VOID = {"br", "input", "meta", "link", "hr", "img"}


@dataclass
class Element:
    """One element, with what stands in it."""

    name: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """The element and all in it."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def text(self) -> str:
        """What it says."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)

    def find(self, name: str = "", **attributes: str) -> list[Element]:
        """Elements in it, by name and attributes; `class_` matches one of the classes."""
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [
            each
            for each in self.walk()
            if name in ("", each.name)
            and all(value in each.attributes.get(key, "").split() for key, value in wanted.items())
        ]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {key: value or "" for key, value in attrs})
        self.open[-1].children.append(made)
        if tag not in _VOID:
            self.open.append(made)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}> {self.open[-1].attributes}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read_page(page: str) -> Element:
    """The tree of a page; every tag that opens must close, in order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert [reader.root] == reader.open
    return reader.root

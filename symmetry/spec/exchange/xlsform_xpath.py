"""The XPath of an XLSForm as a tree: `${age} >= 18 and selected(${why}, 'price')`, read and nothing evaluated.

The grammar of XPath 1.0 expressions, with `${name}` for a question and `.` for the cell itself; arithmetic and paths are
read so far that they can be named as what is outside.  What the tree means for routes and constraints is left to
`xlsform_routes` and `xlsform_constraints`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Call", "Comparison", "Joined", "Number", "Reference", "Self", "Tree", "Words", "XPathError", "read_xpath"]

CHARACTERS, DEPTH = 4000, 40
_TOKEN = re.compile(
    r"\s*(?:(?P<ref>\$\{\s*(?P<name>[^{}$]+?)\s*\})|(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>\d+(?:\.\d*)?|\.\d+)"
    r"|(?P<op><=|>=|!=|=|<|>|\(|\)|,|\+|\*|\||-(?![\w]*\()|-)|(?P<word>[A-Za-z_][\w.:-]*)|(?P<path>[./@]+)|(?P<other>\S))"
)


class XPathError(ValueError):
    """An expression that cannot be read, or goes beyond what is read here."""


@dataclass(frozen=True)
class Reference:
    """`${name}`."""

    name: str


@dataclass(frozen=True)
class Self:
    """`.`, the answer that a constraint is about."""


@dataclass(frozen=True)
class Words:
    """A text in quotes."""

    text: str


@dataclass(frozen=True)
class Number:
    """A number, with its sign."""

    value: float


@dataclass(frozen=True)
class Call:
    """A function and what it is given."""

    name: str
    given: tuple[Tree, ...]


@dataclass(frozen=True)
class Comparison:
    """Two sides and `=`, `!=`, `<`, `<=`, `>` or `>=` between them."""

    left: Tree
    order: str
    right: Tree


@dataclass(frozen=True)
class Joined:
    """Parts joined by `and`, or by `or`."""

    word: str
    parts: tuple[Tree, ...]


Tree: TypeAlias = Reference | Self | Words | Number | Call | Comparison | Joined


def read_xpath(text: str) -> Tree:
    """Read one expression.

    Raises
    ------
    XPathError : it cannot be read, or holds arithmetic or a path.

    Examples
    --------
    >>> read_xpath("${age} >= 18")
    Comparison(left=Reference(name='age'), order='>=', right=Number(value=18.0))
    """
    if len(text) > CHARACTERS:
        raise XPathError(f"it is longer than {CHARACTERS} characters")
    reader = _Reader(list(_tokens(text)))
    tree = reader.either(0)
    if reader.kind():
        raise XPathError(f"`{reader.word()}` stands where the expression should end")
    return tree


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """The kinds and texts of the words of an expression."""
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise XPathError(f"`{text[at : at + 10]}` cannot be read")
        at = found.end()
        kind = str(found.lastgroup)
        if kind == "name" or found["ref"]:
            yield "ref", found["name"]
        elif kind == "text":
            yield "text", found["text"][1:-1]
        elif kind == "path" and found["path"] == ".":
            yield "self", "."
        elif kind in ("other", "path"):
            raise XPathError(f"`{found[kind]}` is a path, or a sign that only XPath knows")
        else:
            yield kind, found[kind]


class _Reader:
    """One reading, from left to right."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def kind(self) -> str:
        """The kind of the next word; empty at the end."""
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def word(self) -> str:
        """The next word itself."""
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, word: str = "") -> str:
        """Go on by one word, which must be this one where one is given."""
        here = self.word()
        if not self.kind() or (word and (self.kind() not in ("op", "word") or here != word)):
            raise XPathError(f"`{word or 'more'}` is wanted where `{here or 'the end'}` stands")
        self.at += 1
        return here

    def either(self, depth: int) -> Tree:
        """Parts joined by `or`."""
        return self.joined("or", depth)

    def joined(self, word: str, depth: int) -> Tree:
        """Parts joined by one word."""
        if depth > DEPTH:
            raise XPathError("it is nested too deep")
        part = self.joined("and", depth) if word == "or" else self.compared(depth)
        parts = [part]
        while self.kind() == "word" and self.word() == word:
            self.take()
            parts.append(self.joined("and", depth) if word == "or" else self.compared(depth))
        return Joined(word, tuple(parts)) if len(parts) > 1 else part

    def compared(self, depth: int) -> Tree:
        """A comparison, or one side alone."""
        left = self.side(depth)
        if self.kind() == "op" and self.word() in ("=", "!=", "<", "<=", ">", ">="):
            order = self.take()
            left = Comparison(left, order, self.side(depth))
        return left

    def side(self, depth: int) -> Tree:
        """A name, a literal, a call, or an expression in parentheses."""
        kind, word = self.kind(), self.word()
        if kind == "op" and word == "(":
            self.take()
            inside = self.either(depth + 1)
            self.take(")")
            return self.alone(inside)
        if kind == "op" and word == "-":
            self.take()
            number = self.take() if self.kind() == "number" else ""
            if not number:
                raise XPathError("a minus stands before something that is no number")
            return self.alone(Number(-float(number)))
        self.take()
        if kind == "word":
            return self.alone(self.call(word, depth))
        if kind == "op":
            raise XPathError(f"`{word}` stands where a name or a value should")
        made: Tree = Reference(word) if kind == "ref" else Self() if kind == "self" else Words(word)
        return self.alone(Number(float(word)) if kind == "number" else made)

    def call(self, name: str, depth: int) -> Tree:
        """A function with its arguments; texts put together are one text."""
        if self.word() != "(" or self.kind() != "op":
            raise XPathError(f"`{name}` is a path, or a question without `${{…}}` around it")
        self.take("(")
        given: list[Tree] = []
        while not (self.kind() == "op" and self.word() == ")"):
            given.append(self.either(depth + 1))
            if not (self.kind() == "op" and self.word() == ")"):
                self.take(",")
        self.take(")")
        words = [each.text for each in given if isinstance(each, Words)]
        return (
            Words("".join(words))
            if name == "concat" and words and len(words) == len(given)
            else Call(name, tuple(given))
        )

    def alone(self, tree: Tree) -> Tree:
        """One side, which no arithmetic follows."""
        if (self.kind() == "op" and self.word() in ("+", "-", "*", "|")) or self.word() in ("div", "mod"):
            raise XPathError("it does arithmetic")
        return tree

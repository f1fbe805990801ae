"""A YAML file as a tree that keeps its comments: what `formatting` rearranges and writes again.

libyaml says where every key and value stands; the comments and empty lines between them are found in what no token covers,
and hung on the entry they speak of.  A comment that stands deeper than the entry below it belongs to the block above.

ruamel.yaml keeps comments too, but hangs each on what stands before it: when keys change places, a comment stays behind
with the wrong one, and those inside a `{…}` are lost.  (It reads the files again in the tests.)
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

__all__ = ["Entry", "Node", "read_layout"]

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_SPACE = " \t\n\r\x85\u2028\u2029"
_COMMENT = re.compile("#[^\n\r\x85\u2028\u2029]*")
_HEADER = re.compile("[|>][0-9+-]*[ \t]+(#[^\n\r\x85\u2028\u2029]*)")


@dataclass(eq=False)
class Node:
    """A scalar with its text and style (the quote, `|`, `>`, or nothing), or a collection with its entries."""

    kind: str
    start: int
    end: int
    flow: bool = False
    text: str = ""
    style: str = ""
    entries: list[Entry] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)
    owner: Entry | None = None


@dataclass(eq=False)
class Entry:
    """One `key: value`, or one item of a list, with the comments above it and the one behind it."""

    parent: Node
    start: int
    key: Node | None
    value: Node
    lead: list[str] = field(default_factory=list)
    behind: str = ""
    column: int = 0


@dataclass(eq=False)
class _Comment:
    start: int
    text: str
    inside: Node | None = None


def read_layout(text: str) -> tuple[list[str], Node]:
    r"""The comments at the head of a file, and its tree.

    Parameters
    ----------
    text : a file that `read_yaml` finds no fault with.

    Examples
    --------
    >>> head, tree = read_layout("# of mine\n\nitems:   # all of them\n  a: 1\n  # nothing yet\n")
    >>> head, tree.entries[0].behind, tree.entries[0].value.foot
    (['# of mine', ''], '# all of them', ['# nothing yet'])
    """
    root = yaml.compose(text, Loader=yaml.CBaseLoader)
    tokens = list(yaml.scan(text, Loader=yaml.CBaseLoader))
    dashes = iter([each.start_mark.index for each in tokens if isinstance(each, yaml.BlockEntryToken)])
    tree = _node(root, dashes, text)
    scalars = [(each.start_mark.index, each.end_mark.index) for each in tokens if isinstance(each, yaml.ScalarToken)]
    head = _Hanging(text, tree, scalars).hang()
    return head, tree


def _node(made: Any, dashes: Iterator[int], text: str) -> Node:
    """The tree of a composed node; the end of a block is that of its last value, not of the space below it."""
    start, end = made.start_mark.index, made.end_mark.index
    if isinstance(made, yaml.ScalarNode):
        if made.style in ("|", ">"):
            end = start + len(text[start:end].rstrip(_SPACE))
        return Node("scalar", start, end, text=made.value, style=made.style or "")
    keyed = isinstance(made, yaml.MappingNode)
    node = Node("mapping" if keyed else "sequence", start, end, bool(made.flow_style))
    for each in made.value:
        if keyed:
            key = _node(each[0], dashes, text)
            entry = Entry(node, key.start, key, _node(each[1], dashes, text))
        else:
            dash = each.start_mark.index if node.flow else next(dashes)
            entry = Entry(node, dash, None, _node(each, dashes, text))
        entry.value.owner = entry
        node.entries.append(entry)
    if not node.flow and node.entries:
        node.end = node.entries[-1].value.end
    return node


def _all(node: Node) -> Iterator[Entry]:
    """Every entry of a tree, in the order of the file."""
    for entry in node.entries:
        yield entry
        yield from _all(entry.value)


class _Hanging:
    """Hangs every comment and empty line on its entry."""

    def __init__(self, text: str, tree: Node, scalars: list[tuple[int, int]]) -> None:
        self.text, self.tree, self.scalars = text, tree, scalars
        self.lines = [0, *(found.end() for found in _BREAK.finditer(text))]
        self.entries = list(_all(tree))
        self.starts = [entry.start for entry in self.entries]
        self.pending: list[str] = []

    def hang(self) -> list[str]:
        """Hang them all; what stands above the first entry, down to its last empty line, is the head of the file."""
        previous = -1
        for start, comment in self.trivia():
            following = bisect_right(self.starts, start)
            if following != previous:
                self.give(previous)
            previous = following
            if comment and self.text[self.line(start) : start].strip(_SPACE):
                self.hang_behind(start, comment)
            else:
                self.hang_above(start, comment, following)
        self.give(previous)
        first = self.entries[0].lead if self.entries else []
        cut = len(first) - first[::-1].index("") if "" in first else len(first)
        head, first[:] = first[:cut], first[cut:]
        return head

    def trivia(self) -> list[tuple[int, str]]:
        """Comments and empty lines with where they start, in the order of the file."""
        found: list[tuple[int, str]] = []
        gaps = zip(
            [0, *(end for _, end in self.scalars)], [*(start for start, _ in self.scalars), len(self.text)], strict=True
        )
        for start, end in gaps:
            found += [(each.start(), each[0].rstrip(_SPACE)) for each in _COMMENT.finditer(self.text, start, end)]
        for start, end in self.scalars:
            header = _HEADER.match(self.text, start, end)
            found += [(header.start(1), header[1].rstrip(_SPACE))] if header else []
        firsts = [start for start, _ in self.scalars]
        for start, end in zip(self.lines, [*self.lines[1:], len(self.text)], strict=True):
            scalar = bisect_right(firsts, start) - 1
            within = scalar >= 0 and start < self.end_of(scalar)
            if start < len(self.text) and not self.text[start:end].strip(_SPACE) and not within:
                found.append((start, ""))
        return sorted(found)

    def end_of(self, scalar: int) -> int:
        """Where the words of a scalar end; empty lines below a block of text are none of it."""
        start, end = self.scalars[scalar]
        return start + len(self.text[start:end].rstrip(_SPACE))

    def line(self, index: int) -> int:
        """Where the line of a character starts."""
        return self.lines[bisect_right(self.lines, index) - 1]

    def hang_behind(self, start: int, comment: str) -> None:
        """A comment behind something: of the outermost entry that stands whole before it on this line."""
        line = self.line(start)
        following = bisect_right(self.starts, start)
        begun = self.entries[bisect_left(self.starts, line) : following]
        whole = [each for each in begun if each.value.end <= start]
        if begun:
            chosen = (whole or begun[::-1])[0]
        else:  # a line that only closes what was opened above
            ended = (each for each in self.entries[:following] if line <= each.value.end <= start)
            chosen = next(ended, self.entries[following - 1])
        if chosen.behind:
            chosen.lead.append(comment)
        else:
            chosen.behind, chosen.column = comment, start - line

    def hang_above(self, start: int, comment: str, following: int) -> None:
        """A comment on a line of its own, or an empty line: of the entry below, or of the block that it closes."""
        last = self.entries[following - 1] if following else None
        if last and start < last.value.start and (last.value.kind == "scalar" or last.value.flow):
            last.lead += [comment] if comment else []  # between a key and its value
            return
        if not comment:
            self.pending.append("")
            return
        block = self.block(start, last)
        below = self.entries[following] if following < len(self.entries) else None
        if below is not None and (any(self.pending) or block in _above(below.parent)):
            self.pending.append(comment)
        else:
            block.foot += [*self.pending, comment]
            self.pending.clear()

    def block(self, start: int, last: Entry | None) -> Node:
        """The innermost collection that is still open here for a comment as deep as this one."""
        column = start - self.line(start)
        for node in _above(last.value) if last else []:
            if node.flow and start < node.end:
                return node
            if not node.flow and self.depth(node) <= column:
                return node
        return self.tree

    def depth(self, node: Node) -> int:
        """The column from which a comment is inside a block; a list may stand as deep as its key, its comments deeper."""
        column = node.start - self.line(node.start)
        above = node.owner
        level = above is not None and above.key is not None and above.start - self.line(above.start) == column
        return column + 1 if level else column

    def give(self, following: int) -> None:
        """Give what was held back to the entry below."""
        if 0 <= following < len(self.entries):
            self.entries[following].lead += self.pending
        self.pending.clear()


def _above(node: Node) -> list[Node]:
    """A collection and those that hold it, from the inside out."""
    found = [node] if node.kind != "scalar" else []
    while node.owner is not None:
        node = node.owner.parent
        found.append(node)
    return found

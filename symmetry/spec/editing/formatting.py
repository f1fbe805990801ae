"""One layout for all studies: `symmetry fmt` puts keys in order, indents by two and quotes only what needs it.

What an author decided stays: the order of items, the comments, the empty lines, and whether something stands in braces,
as long as it fits on a line.  A text for people stands on one line where it can.  The file read before and after gives the
same data, or nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from symmetry.aside import replace_file
from symmetry.errors import Place, SpecError
from symmetry.spec.editing.layout import Entry, Node, read_layout
from symmetry.spec.editing.ordering import in_order, order_of
from symmetry.spec.editing.quoting import paragraph, written
from symmetry.spec.reading import parse_yaml, read_text

__all__ = ["WIDTH", "format_file", "format_study"]

WIDTH = 110
STEP = 2
_HEAD = ("symmetry", "study", "title", "languages", "source", "waive")


def format_study(text: str, file: Path = Path("study.yaml")) -> str:
    r"""A study in the layout of the house.

    Parameters
    ----------
    text : the file as it is.
    file : what to call it in an error.

    Raises
    ------
    SpecError : the file is not YAML, or not of the kind a study is written in; it carries every fault.

    Examples
    --------
    >>> print(format_study("items:\n    pride: {label: 'Pride', role: engagement} # theirs\nsymmetry: 1"), end="")
    symmetry: 1
    items:
      pride: {role: engagement, label: Pride} # theirs
    """
    before = parse_yaml(text.removeprefix("\ufeff"), file)
    if before.problems:
        raise SpecError(before.problems)
    if not isinstance(before.data, dict) or not before.data:
        what, mend = "a study is a mapping: {key: value}", "begin with `symmetry: 1`"
        raise SpecError(what, where=Place(file, 1, 1), mend=mend, code="SPEC03")
    head, tree = read_layout(text.removeprefix("\ufeff"))
    made = _Writer(before.data).file(head, tree)
    if parse_yaml(made, file).data != before.data or _comments(made) != _comments(text.removeprefix("\ufeff")):
        raise AssertionError(f"{file}: the layout would change what the file says")
    return made


def format_file(path: Path | str, *, check: bool = False) -> bool:
    """Write a study in the layout of the house.

    Parameters
    ----------
    path : `study.yaml` or its folder.
    check : only say whether it would change.

    Returns
    -------
    Whether the file changed, or would.

    Raises
    ------
    SpecError : the file is missing or not YAML; nothing is written.
    """
    file = Path(path)
    file = file if file.suffix in (".yaml", ".yml") else file / "study.yaml"
    text = read_text(file)
    made = format_study(text, file)
    changed = made.encode() != file.read_bytes()
    if changed and not check:
        replace_file(file.resolve(), made)
    return changed


class _Writer:
    """Writes a tree again, line by line."""

    def __init__(self, data: Any) -> None:
        listed = data.get("languages") if isinstance(data, dict) else None
        self.languages = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
        self.languages = self.languages or ["fr", "en"]

    def file(self, head: Sequence[str], tree: Node) -> str:
        """The whole file."""
        lines = _tidied(head)
        self.order(tree, ())
        lines += self.block(tree, 0)
        return "\n".join(lines).lstrip("\n") + "\n"

    def order(self, node: Node, route: tuple[str | int, ...]) -> None:
        """Put the entries of a tree in order; what stands above the first key of a list's item stands above the item."""
        named = [(entry.key.text if entry.key else str(place), entry) for place, entry in enumerate(node.entries)]
        if node.kind == "mapping":
            node.entries = in_order(named, order_of(route, [name for name, _ in named], self.languages))
        for name, entry in named:
            self.order(entry.value, (*route, name))
            if entry.key is None and entry.value.entries:
                entry.lead += entry.value.entries[0].lead
                entry.value.entries[0].lead = []

    def block(self, node: Node, indent: int) -> list[str]:
        """A collection with an entry a line (or more); an empty line goes around the sections that take more."""
        lines: list[str] = []
        long = False
        for place, entry in enumerate(node.entries):
            lead, body = self.entry(entry, indent)
            section = node.owner is None and bool(place) and entry.key is not None and entry.key.text not in _HEAD
            apart = [""] if section and (long or len(body) > 1) else []
            above = _tidied([*apart, *lead])
            lines += [f"{' ' * indent}{line}" if line else "" for line in above[above[:1] == [""] and not place :]]
            lines += body
            long = len(body) > 1
        return lines + [f"{' ' * indent}{line}" if line else "" for line in _tidied(node.foot)]

    def entry(self, entry: Entry, indent: int) -> tuple[list[str], list[str]]:
        """One entry: the comments above it, and its lines."""
        mark = f"{' ' * indent}{written(entry.key, flow=False)}:" if entry.key else f"{' ' * indent}-"
        value, lead = entry.value, list(entry.lead)
        if value.kind == "scalar":
            body = paragraph(value, indent + STEP, WIDTH) or [written(value, flow=False)]
            first, rest = f"{mark} {body[0]}" if body[0] else mark, body[1:]
        elif self.fits(value, len(mark) + 1):
            first, rest = f"{mark} {self.braces(value)}", []
        elif entry.key:
            first, rest = mark, self.block(value, indent + STEP)
        else:
            inner = self.block(value, indent + STEP)
            return [*lead, *filter(None, [entry.behind])], [f"{mark} {inner[0].lstrip(' ')}", *inner[1:]]
        return lead, [_with(first, entry), *rest]

    def fits(self, node: Node, column: int) -> bool:
        """Whether a collection stands on one line: as its author had it, or a text for people, if there is room."""
        if not node.entries:
            return True
        words = node.kind == "mapping" and {each.key.text for each in node.entries if each.key} <= set(self.languages)
        words = words and all(each.value.kind == "scalar" for each in node.entries)
        return (node.flow or words) and _bare(node) and column + len(self.braces(node)) <= WIDTH

    def braces(self, node: Node) -> str:
        """A value on one line."""
        if node.kind == "scalar":
            return written(node, flow=True)
        inside = [
            f"{written(each.key, flow=True)}: {self.braces(each.value)}" if each.key else self.braces(each.value)
            for each in node.entries
        ]
        return f"{{{', '.join(inside)}}}" if node.kind == "mapping" else f"[{', '.join(inside)}]"


def _bare(node: Node) -> bool:
    """Whether a collection holds no comment and no text of several lines."""
    if node.kind == "scalar":
        return "\n" not in node.text
    return not node.foot and all(
        not entry.behind and not any(entry.lead) and _bare(entry.value) for entry in node.entries
    )


def _tidied(lines: Sequence[str]) -> list[str]:
    """Comments with at most one empty line between them."""
    found: list[str] = []
    for line in lines:
        if line or not found or found[-1]:
            found.append(line)
    return found


def _with(line: str, entry: Entry) -> str:
    """A line with the comment behind it, in the column where its author had it if there is room."""
    return f"{line.ljust(max(len(line) + 1, entry.column))}{entry.behind}" if entry.behind else line


def _comments(text: str) -> list[str]:
    """Every comment of a file, whatever its place."""
    head, tree = read_layout(text)
    found = [*head, *tree.foot]
    waiting = [*tree.entries]
    while waiting:
        entry = waiting.pop()
        found += [*entry.lead, entry.behind, *entry.value.foot]
        waiting += entry.value.entries
    return sorted(filter(None, found))

"""YAML with the place of every key and value, and the traps of the format caught before they cost an answer.

libyaml composes the text into nodes that know their line and column; we turn them into plain data by the YAML 1.2 core
rules (only true, false, null and numbers are not text: `no`, `yes`, `1:30` and `01` stay what their author wrote) and keep
a table of places beside it.  Found on the way: a key given twice, a text that a comma or a # has cut, tabs, foreign
encodings, and anchors, which this grammar does without.  What a key means is left to `validating` and `checking`.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, cast

import yaml

from symmetry.errors import Place, Problem, SpecError

__all__ = ["Document", "Route", "parse_yaml", "read_text", "read_yaml"]

Route = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_HASH = re.compile(r"\s(#[^\s#!])")
_BRACES = re.compile(r":\s+[^\s\"'{\[][^\"'{,]*\{[a-z_.]+\}")
_BRACKETS = re.compile(r"[\[\]{}]")
_SUSPECT = re.compile(r"^ {80}|[-?:] +(?:[-?:] +){20}", re.MULTILINE)
DEEPEST = 40
LARGEST = 2_000_000
_CORE = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}


@dataclass(frozen=True)
class Document:
    """The data of one YAML file, the place of every key and value, and what was wrong with the file as YAML.

    A path is the keys and positions that lead to a value: `("items", "listened", "scale")`.  `flat` holds the texts that
    stand on one line just as they are, with the width of what opens them (1 for a quote).
    """

    file: Path
    data: Any
    keys: Mapping[Route, tuple[int, int]] = field(default_factory=dict)
    values: Mapping[Route, tuple[int, int]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    flat: Mapping[Route, int] = field(default_factory=dict)

    def place(self, path: Route = (), key: bool = False, offset: int | None = None) -> Place:
        """Where the value at `path` stands, or its key; where there is none, the nearest thing around it.

        Parameters
        ----------
        path : keys and positions from the top; the empty path is the file itself.
        key : the place of the key instead of its value.
        offset : characters into the value, where it is a text on one line.

        Examples
        --------
        >>> Document(Path("study.yaml"), {}, {("items",): (4, 1)}, {("items",): (5, 3)}).place(("items", "x"), key=True)
        Place(file=PosixPath('study.yaml'), line=4, column=1)
        """
        if path in self.values and not key:
            line, column = self.values[path]
            return Place(
                self.file, line, column + (0 if offset is None or path not in self.flat else offset + self.flat[path])
            )
        for end in range(len(path), 0, -1):
            if path[:end] in self.keys or path[:end] in self.values:
                return Place(self.file, *(self.keys.get(path[:end]) or self.values[path[:end]]))
        return Place(self.file, 1, 1)

    def rename(self, old: Route, new: Route) -> None:
        """Let what stands at one route be found at another as well."""
        for table in (self.keys, self.values, self.flat):
            inside = {(*new, *route[len(old) :]): at for route, at in table.items() if route[: len(old)] == old}
            cast("dict[Route, Any]", table).update(inside)

    def at(self, path: Route) -> Any:
        """The value at a path, or None where there is none."""
        value = self.data
        for part in path:
            keyed = isinstance(value, dict) and part in value
            if keyed or (isinstance(value, list) and isinstance(part, int) and part < len(value)):
                value = value[part]
            else:
                return None
        return value


def read_yaml(path: Path | str) -> Document:
    """Read a YAML file into data with places; faults of the file are in `problems`, and then `data` may be None.

    Examples
    --------
    >>> read_yaml("nowhere.yaml").problems[0].code
    'YAML08'
    """
    file = Path(path)
    try:
        return parse_yaml(read_text(file), file)
    except SpecError as error:
        return Document(file, None, problems=error.problems)


def parse_yaml(text: str, file: Path) -> Document:
    """As `read_yaml`, of a text; `file` is what to call it."""
    if not yaml.__with_libyaml__:
        raise ImportError("PyYAML without libyaml refuses French questions (` ?`): reinstall it from a wheel")
    try:
        deep = _too_deep(file, text)
        if deep:
            return Document(file, None, problems=(deep,))
        with _uncollected():
            node = yaml.compose(text, Loader=yaml.CBaseLoader)
            builder = _Builder(file, text.splitlines())
            empty, data = node is None, None if node is None else builder.build(node, ())
            del node  # before the collector wakes: it would walk every mark of every node
    except yaml.YAMLError as error:
        return Document(file, None, problems=(_syntax(file, text, error),))
    if empty:
        problem = Problem(Place(file, 1, 1), "the file is empty", "write it, or restore it from history", "YAML07")
        return Document(file, None, problems=(problem,))
    return Document(file, data, builder.keys, builder.values, tuple(builder.problems), builder.flat)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection: thousands of nodes are made here, none in a cycle, and walking them takes half the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def read_text(file: Path) -> str:
    """The text of a UTF-8 file; SpecError where it is missing, unreadable or in another encoding."""
    try:
        if file.exists() and not file.is_file() and not file.is_dir():
            raise SpecError("this is no file", where=Place(file), mend="check the path", code="YAML08")
        size = file.stat().st_size
        if size > LARGEST:
            what = f"this file is {size / 1e6:.1f} MB: a study of 2,000 lines takes a tenth of one"
            raise SpecError(
                what, where=Place(file, 1, 1), mend="name the right file, or split the study", code="YAML10"
            )
        raw = file.read_bytes()
    except OSError as error:
        what = "there is no such file" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise SpecError(what, where=Place(file), mend="check the path", code="YAML08") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        where = Place(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        what = f"this file is not UTF-8: byte 0x{raw[error.start]:02x} belongs to another encoding"
        raise SpecError(what, where=where, mend="save the file as UTF-8 in your editor", code="YAML06") from error


def _too_deep(file: Path, text: str) -> Problem | None:
    """The problem of a file nested so deep that reading it would break; a quick look spares the slow one."""
    depth = deepest = 0
    for bracket in _BRACKETS.finditer(text):
        depth = max(0, depth + (1 if bracket[0] in "[{" else -1))
        deepest = max(deepest, depth)
    if deepest <= DEEPEST and not _SUSPECT.search(text):
        return None
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                what = f"this is nested more than {DEEPEST} levels deep: no study is"
                return Problem(Place(file, *_start(event)), what, "look for brackets that never close", "YAML10")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


class _Builder:
    """Walks the nodes once, keeping places and problems."""

    def __init__(self, file: Path, lines: list[str]) -> None:
        self.file, self.lines = file, lines
        self.keys: dict[Route, tuple[int, int]] = {}
        self.values: dict[Route, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self.seen: dict[int, Any] = {}
        self.hashed = {number for number, line in enumerate(lines) if "#" in line}
        self.aliased = False
        self.flat: dict[Route, int] = {}

    def build(self, node: Any, path: Route) -> Any:
        """Plain data of one node."""
        self.values[path] = _start(node)
        if id(node) in self.seen:
            if not self.aliased:
                self.fault(node, "YAML09", "anchors and aliases (& and *) are not part of this grammar", "write it out")
            self.aliased = True
            return self.seen[id(node)]
        self.seen[id(node)] = None
        self.seen[id(node)] = self.plain(node, path)
        return self.seen[id(node)]

    def plain(self, node: Any, path: Route) -> Any:
        """Plain data of a node seen for the first time."""
        if node.tag not in _CORE:
            self.fault(node, "YAML09", f"the tag `{node.tag}` is not part of this grammar", "leave the tag out")
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
        opening = len(node.style or "")
        if len(node.value) + 2 * opening == node.end_mark.column - node.start_mark.column:
            self.flat[path] = opening
        self.cut_by_hash(node)
        return _scalar(node)

    def mapping(self, node: Any, path: Route) -> dict[str, Any]:
        """Plain data of a mapping: no key twice, no key that is half a sentence."""
        data: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.fault(key, "YAML01", "a key must be one word", "quote the text, or give the list a key")
                continue
            inner = (*path, key.value)
            if key.value == "<<":
                self.fault(key, "YAML09", "merge keys (<<) are not part of this grammar", "write it out")
            elif node.flow_style and not key.style and _nothing(value) and not self.colon_follows(key):
                what = f"this text was cut by a comma: `{key.value}` became a key of its own"
                self.fault(key, "YAML03", what, 'put the whole text in quotes: "…, …"')
            elif key.value in data:
                what = f"`{key.value}` is given twice (first on line {self.keys[inner][0]})"
                self.fault(key, "YAML02", what, "rename one of them, or delete it")
            else:
                self.keys[inner] = _start(key)
                data[key.value] = self.build(value, inner)
        return data

    def colon_follows(self, key: Any) -> bool:
        """Whether a key is written as one, and only its value is missing."""
        rest: str = self.lines[key.end_mark.line][key.end_mark.column :]
        return rest.lstrip().startswith(":")

    def cut_by_hash(self, node: Any) -> None:
        """A plain text followed by #word lost its end: YAML took it for a comment."""
        if node.end_mark.line not in self.hashed or node.style or _nothing(node):
            return
        if node.start_mark.line != node.end_mark.line:
            return
        line = self.lines[node.end_mark.line]
        found = _HASH.match(line, node.end_mark.column)
        if found:
            where = Place(self.file, node.end_mark.line + 1, found.start(1) + 1)
            self.problems.append(_hash_problem(where, line[found.start(1) :]))

    def fault(self, node: Any, code: str, what: str, mend: str) -> None:
        """Note one problem at the start of a node."""
        self.problems.append(Problem(Place(self.file, *_start(node)), what, mend, code))


def _start(node: Any) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _nothing(node: Any) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value == ""


def _scalar(node: Any) -> str | int | float | bool | None:
    """The YAML 1.2 core reading of a plain scalar; anything quoted, and anything in doubt, is text."""
    text: str = node.value
    if node.style:
        return text
    if text.lower() in _WORDS and text in (text.lower(), text.upper(), text.capitalize()):
        return _WORDS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and not _LEADING_ZERO.match(text) and isfinite(float(text)):
        return float(text)
    return text


def _hash_problem(where: Place, rest: str) -> Problem:
    what = f"this text was cut at `{rest.split()[0]}`: YAML takes what follows ` #` for a comment"
    return Problem(where, what, 'put the whole text in quotes: "… #…"', "YAML04")


def _syntax(file: Path, text: str, error: yaml.YAMLError) -> Problem:
    """A parse error in the author's words: the usual slip first, libyaml's own sentence else."""
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error).split("\n")[0]
    if mark is None:
        position = min(getattr(error, "position", 0) or 0, len(text))
        where = Place(file, text.count("\n", 0, position) + 1, position - (text.rfind("\n", 0, position) + 1) + 1)
        return Problem(where, f"this is not YAML: {reason}", "delete the character", "YAML01")
    lines = [*text.splitlines(), ""]
    line = lines[min(mark.line, len(lines) - 1)]
    where = Place(file, mark.line + 1, mark.column + 1)
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        return Problem(
            Place(file, mark.line + 1, indent.index("\t") + 1), "a tab indents this line", "use spaces", "YAML05"
        )
    opened = getattr(error, "context_mark", None)
    if opened and "quoted scalar" in (getattr(error, "context", None) or ""):
        where = Place(file, opened.line + 1, opened.column + 1)
        return Problem(where, "these quotes are never closed", "close the quote at the end of the text", "YAML01")
    for number in range(opened.line if opened else mark.line, min(mark.line + 1, len(lines))):
        found = _HASH.search(lines[number])
        if found:
            return _hash_problem(Place(file, number + 1, found.start(1) + 1), lines[number][found.start(1) :])
    if "mapping values are not allowed" in reason:
        what = "this text holds a colon, which YAML reads as a key"
        return Problem(where, what, 'put the text in quotes: "… : …"', "YAML01")
    if _BRACES.search(line):
        what = "this text holds braces, which YAML reads as a mapping of their own"
        return Problem(where, what, 'put the text in quotes: "… {item} …"', "YAML01")
    since = f", in what opens on line {opened.line + 1}" if opened and opened.line != mark.line else ""
    return Problem(where, f"this is not YAML: {reason}{since}", "look for a missing quote, comma or bracket", "YAML01")

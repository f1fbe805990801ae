"""The nouns of routing: what may be compared, a condition as read, what is wrong with it, whether it can be met.

A condition keeps the author's text and a small tree of its own, every part of which knows where it stands in that text, so that a
fault can be shown at its column.  Nothing here reads, judges or compiles: see `reading`, `checking`, and one file a target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

from symmetry.errors import SpecError

__all__ = [
    "Answered",
    "Chosen",
    "Compared",
    "Condition",
    "Constant",
    "Either",
    "Every",
    "Fault",
    "Finding",
    "Listed",
    "Name",
    "Node",
    "Opposite",
    "Order",
    "Reach",
    "Variable",
]

Kind = Literal["number", "category", "set", "text", "date"]
Order = Literal["<", "<=", ">", ">=", "==", "!="]


@dataclass(frozen=True)
class Variable:
    """One column of answers, as far as a condition may ask about it.

    Parameters
    ----------
    name : the column, `item` or `item.face`.
    kind : "number"; "category", one of `values`; "set", any of `values`; "text"; "date", an ISO day.
    values : categories or choices; none means that any text may come.
    low, high : the smallest and largest answer, where there is one; of a date as ISO text.
    whole : whether a number is a whole one.
    missing : "na", "dk", "refused" → the code that stands for it in the data; of a number a whole number.

    Raises
    ------
    SpecError : RTE11, a number with a text as code of a missing answer.
    """

    name: str
    kind: Kind
    values: tuple[str, ...] = ()
    low: float | str | None = None
    high: float | str | None = None
    whole: bool = False
    missing: Mapping[str, int | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for word, code in self.missing.items():
            if self.kind == "number" and not isinstance(code, int):
                what = f"`{self.name}` is a number, and the code of `{word}` is the text `{code}`"
                raise SpecError(what, mend="give a whole number outside the scale", code="RTE11")

    @cached_property
    def codes(self) -> tuple[float | str, ...]:
        """The codes of missing answers as they are compared: numbers for a number, texts for the others."""
        return tuple(self.code(word) for word in self.missing)

    def code(self, word: str) -> float | str:
        """The code of one missing answer, as it is compared.

        Examples
        --------
        >>> Variable("nps", "number", missing={"na": 99}).code("na")
        99.0
        """
        return float(self.missing[word]) if self.kind == "number" else str(self.missing[word])


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a condition: a stable code, the column in its text (from 1), the fault, the remedy."""

    code: str
    column: int
    what: str
    mend: str
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True)
class Name:
    """A column of answers, as named from `start` to `stop` of the text."""

    column: str
    start: int
    stop: int


@dataclass(frozen=True)
class Constant:
    """A number or a text written in the condition."""

    value: float | str
    start: int
    stop: int


@dataclass(frozen=True)
class Compared:
    """`nps <= 8`, `3 < nps`, `before < after`: at least one side is a name."""

    left: Name | Constant
    order: Order
    right: Name | Constant
    start: int
    stop: int


@dataclass(frozen=True)
class Listed:
    """`region in ["north", "south"]`, or `not in`."""

    name: Name
    constants: tuple[Constant, ...]
    inside: bool
    start: int
    stop: int


@dataclass(frozen=True)
class Chosen:
    """`"price" in reasons`, or `not in`: a choice among the several that were ticked."""

    constant: Constant
    name: Name
    inside: bool
    start: int
    stop: int


@dataclass(frozen=True)
class Answered:
    """`nps is not None`, or where `given` is false `nps is None`."""

    name: Name
    given: bool
    start: int
    stop: int


@dataclass(frozen=True)
class Every:
    """Parts joined by `and`, or by being one chain: `1 <= x <= 3`."""

    parts: tuple[Node, ...]
    start: int
    stop: int
    chain: bool = False


@dataclass(frozen=True)
class Either:
    """Parts joined by `or`."""

    parts: tuple[Node, ...]
    start: int
    stop: int


@dataclass(frozen=True)
class Opposite:
    """`not` and what follows it."""

    part: Node
    start: int
    stop: int


@dataclass(frozen=True)
class Fault:
    """A stretch of text that is outside the language; a finding says why."""

    start: int
    stop: int


Node: TypeAlias = Compared | Listed | Chosen | Answered | Every | Either | Opposite | Fault


@dataclass(frozen=True)
class Condition:
    """A condition as read: its text, its tree, the names in it in order of appearance, and what is wrong with its form."""

    text: str
    tree: Node
    names: tuple[Name, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is named, once."""
        return tuple(dict.fromkeys(name.column for name in self.names))

    def source(self, node: Node | Name | Constant) -> str:
        """The author's words for one part of the tree, on one line."""
        return " ".join(self.text[node.start : node.stop].split())


@dataclass(frozen=True)
class Reach:
    """Whether a condition is ever true and ever false, each shown by answers that make it so.

    `when_true` and `when_false` map columns to answers (None: not answered), or are None where no answers make it so; a side
    named in `gave_up` was too large to search to the end, and its None says nothing.
    """

    when_true: Mapping[str, Any] | None
    when_false: Mapping[str, Any] | None
    gave_up: tuple[Literal["true", "false"], ...] = ()

    @property
    def never(self) -> bool:
        """Whether no lawful answers make it true."""
        return self.when_true is None and "true" not in self.gave_up

    @property
    def always(self) -> bool:
        """Whether all lawful answers make it true."""
        return self.when_false is None and "false" not in self.gave_up

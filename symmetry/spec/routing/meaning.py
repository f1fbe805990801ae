"""What a condition means, once: every target and the search for witnesses start from the same few questions.

Each question is asked of answers as they are stored, where a column is either not answered or holds one value, which may be the
code of a missing answer.  It is true or false, never unknown: an answer that is not there makes it false.  The rule that a
missing code is no value is spelt out here, as further questions, so that no target has to know it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from symmetry.spec.routing.nouns import Order, Variable

__all__ = [
    "Among",
    "And",
    "Atom",
    "Beside",
    "Form",
    "Has",
    "Not",
    "Or",
    "Picks",
    "Raw",
    "Than",
    "answered",
    "beside",
    "equal",
    "picks",
    "than",
    "truth",
    "unequal",
]

Raw: TypeAlias = float | str | None


@dataclass(frozen=True)
class Has:
    """The column is answered, be it by a missing code."""

    column: str


@dataclass(frozen=True)
class Among:
    """The column holds one of these values."""

    column: str
    values: tuple[float | str, ...]


@dataclass(frozen=True)
class Than:
    """The column holds something smaller, or larger, than a value."""

    column: str
    order: Order
    value: float | str


@dataclass(frozen=True)
class Beside:
    """Both columns are answered, and stand in this order."""

    left: str
    order: Order
    right: str


@dataclass(frozen=True)
class Picks:
    """The ticked choices in the column include this one."""

    column: str
    choice: str


@dataclass(frozen=True)
class And:
    """All parts are true."""

    parts: tuple[Form, ...]


@dataclass(frozen=True)
class Or:
    """One part at least is true."""

    parts: tuple[Form, ...]


@dataclass(frozen=True)
class Not:
    """The part is false."""

    part: Form


Atom: TypeAlias = Has | Among | Than | Beside | Picks
Form: TypeAlias = Atom | And | Or | Not

_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def answered(variable: Variable, given: bool) -> Form:
    """`x is not None`: something was answered, if only "na"; `x is None`: nothing was."""
    return Has(variable.name) if given else Not(Has(variable.name))


def equal(variable: Variable, values: tuple[float | str, ...]) -> Form:
    """`x == v`, `x in [v, w]`; a value may be the code of a missing answer, named on purpose."""
    return Among(variable.name, values)


def unequal(variable: Variable, values: tuple[float | str, ...]) -> Form:
    """`x != v`, `x not in [v, w]`: `x != v and x != w`, each of which wants an answer to compare with.

    Beside a value, every missing code is no answer; where only missing codes are named, all other answers are.
    """
    codes = variable.codes
    others = values if all(value in codes for value in values) else (*values, *(c for c in codes if c not in values))
    return And((Has(variable.name), Not(Among(variable.name, others))))


def than(variable: Variable, order: Order, value: float | str) -> Form:
    """`x < v` and its like, true of values only."""
    passing = tuple(code for code in variable.codes if _ORDERS[order](code, value))
    return _but(Than(variable.name, order, value), variable.name, passing)


def beside(left: Variable, order: Order, right: Variable) -> Form:
    """`x < y` and its like: both hold a value."""
    return _but(_but(Beside(left.name, order, right.name), left.name, left.codes), right.name, right.codes)


def picks(variable: Variable, choice: str, inside: bool) -> Form:
    """`"price" in x`, or `not in`: choices were ticked, and this is, or is not, among them."""
    if inside:
        passing = tuple(code for code in variable.codes if choice in str(code).split(" "))
        return _but(Picks(variable.name, choice), variable.name, passing)
    return And((Has(variable.name), _but(Not(Picks(variable.name, choice)), variable.name, variable.codes)))


def truth(atom: Atom, raw: Callable[[str], Raw]) -> bool:
    """Whether one question is true of stored answers.

    Examples
    --------
    >>> [truth(Than("x", "<", 3.0), {"x": x}.get) for x in (2.0, 3.0, None)]
    [True, False, False]
    """
    if isinstance(atom, Beside):
        left, right = raw(atom.left), raw(atom.right)
        return left is not None and right is not None and _ORDERS[atom.order](left, right)
    value = raw(atom.column)
    if value is None or isinstance(atom, Has):
        return value is not None
    if isinstance(atom, Among):
        return value in atom.values
    if isinstance(atom, Than):
        return _ORDERS[atom.order](value, atom.value)
    return f" {atom.choice} " in f" {value} "


def _but(form: Form, column: str, codes: tuple[float | str, ...]) -> Form:
    """The form, where the column holds none of these codes."""
    inner = form.parts if isinstance(form, And) else (form,)
    return And((*inner, Not(Among(column, codes)))) if codes else form

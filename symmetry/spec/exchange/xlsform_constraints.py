"""What an answer may be, to and from the `constraint` of an XLSForm: bounds, days, lengths, and choices that stand alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import isfinite

from symmetry.spec.exchange.drafting_routes import Untranslatable
from symmetry.spec.exchange.routes import digits
from symmetry.spec.exchange.xlsform_routes import quoted
from symmetry.spec.exchange.xlsform_xpath import (
    Call,
    Comparison,
    Joined,
    Number,
    Self,
    Tree,
    Words,
    XPathError,
    read_xpath,
)
from symmetry.spec.nouns import Scale

__all__ = ["Limits", "constraint_of", "limits_of"]

_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True)
class Limits:
    """What a constraint says: bounds of a number, days, the longest text, choices that stand alone, codes beside the bounds.

    `lost` says why parts of it are not carried over.
    """

    low: float | None = None
    high: float | None = None
    decimals: int | None = None
    earliest: str | None = None
    latest: str | None = None
    longest: int | None = None
    exclusive: tuple[str, ...] = ()
    codes: tuple[float, ...] = ()
    lost: tuple[str, ...] = ()


def constraint_of(scale: Scale) -> str:
    """The constraint of a question on a scale; empty where every answer is allowed.

    Examples
    --------
    >>> constraint_of(Scale("wait", "number", 0, 600, missing={"dk": -1}))
    '(. >= 0 and . <= 600) or . = -1'
    """
    parts: list[str] = []
    if scale.kind == "number" or scale.published:
        bounds = ((">=", scale.low), ("<=", scale.high))
        parts = [f". {sign} {digits(bound)}" for sign, bound in bounds if isfinite(bound)]
        parts += [f"round(., {scale.decimals}) = ."] if scale.decimals else []
        codes = [f". = {code}" for code in scale.missing.values()]
        if parts and codes:
            joined = " and ".join(parts)
            return " or ".join([f"({joined})" if len(parts) > 1 else joined, *codes])
    elif scale.kind == "date":
        days = ((">=", scale.earliest), ("<=", scale.latest))
        parts = [f". {sign} date('{day}')" for sign, day in days if day]
    elif scale.kind == "text" and scale.longest is not None:
        parts = [f"string-length(.) <= {scale.longest}"]
    elif scale.kind == "multiple":
        alone = [*scale.exclusive, *map(str, scale.missing.values())]
        parts = [f"not(selected(., {quoted(choice)})) or count-selected(.) = 1" for choice in alone]
        parts = [f"({part})" for part in parts] if len(parts) > 1 else parts
    return " and ".join(parts)


def limits_of(text: str, *, whole: bool) -> Limits:
    """What a constraint says.

    Parameters
    ----------
    text : XPath about the cell itself, as `constraint` holds it.
    whole : whether answers are whole numbers, so that `. > 0` is `. >= 1`.

    Raises
    ------
    Untranslatable : it cannot be read, or leaves a choice between two rules.

    Examples
    --------
    >>> limits = limits_of(". > 0 and . <= 120 and . != 7", whole=True)
    >>> limits.low, limits.high, limits.lost
    (1.0, 120.0, ('it is no comparison of the answer with a bound',))
    """
    try:
        tree = read_xpath(text)
    except XPathError as error:
        raise Untranslatable(str(error)) from error
    limits = Limits()
    alone = _alone(tree)
    if isinstance(tree, Joined) and tree.word == "or" and alone is None:
        codes = [code for part in tree.parts if (code := _code(part)) is not None]
        rest = [part for part in tree.parts if _code(part) is None]
        if len(rest) != 1 or not codes:
            raise Untranslatable("it leaves a choice between two rules")
        limits, tree = replace(limits, codes=tuple(codes)), rest[0]
    parts = tree.parts if isinstance(tree, Joined) and tree.word == "and" else (tree,)
    for part in parts:
        try:
            limits = _with(limits, part, whole)
        except Untranslatable as error:
            limits = replace(limits, lost=(*limits.lost, str(error)))
    return limits


def _with(limits: Limits, part: Tree, whole: bool) -> Limits:
    """The limits with one more rule."""
    alone = _alone(part)
    if alone is not None:
        return replace(limits, exclusive=(*limits.exclusive, alone))
    if isinstance(part, Joined) and part.word == "and":
        for each in part.parts:
            limits = _with(limits, each, whole)
        return limits
    if not isinstance(part, Comparison):
        raise Untranslatable("it is no comparison of the answer with a bound")
    left, order, right = part.left, part.order, part.right
    if not _measured(left):
        left, order, right = right, _SWAPPED[order], left
    if isinstance(left, Call) and left.name == "round" and right == Self() and order == "=":
        return replace(limits, decimals=int(_number(left.given[1]))) if len(left.given) == 2 else limits
    if isinstance(left, Call) and left.name == "string-length" and order in ("<", "<=") and isinstance(right, Number):
        return replace(limits, longest=int(right.value) - (order == "<"))
    if left == Self() and order in ("<", "<=", ">", ">="):
        return _bound(limits, order, right, whole)
    raise Untranslatable("it is no comparison of the answer with a bound")


def _bound(limits: Limits, order: str, right: Tree, whole: bool) -> Limits:
    """The limits with one bound, of a number or of a day."""
    day = right.given[0] if isinstance(right, Call) and right.name == "date" and len(right.given) == 1 else right
    if isinstance(day, Words):
        try:
            moved = date.fromisoformat(day.text) + timedelta({">": 1, "<": -1}.get(order, 0))
        except (ValueError, OverflowError):
            raise Untranslatable("its bound is no number and no day") from None
        bound = moved.isoformat()
        return replace(limits, earliest=bound) if order[0] == ">" else replace(limits, latest=bound)
    value = _number(right)
    if order in ("<", ">"):
        if not whole or not value.is_integer():
            raise Untranslatable("`<` and `>` leave out the bound itself, which a scale of ours holds")
        value += 1 if order == ">" else -1
    return replace(limits, low=value) if order[0] == ">" else replace(limits, high=value)


def _alone(tree: Tree) -> str | None:
    """The choice that must stand alone, where a rule says that of one: in either of the two ways that people write it."""
    if isinstance(tree, Call) and tree.name == "not" and len(tree.given) == 1:
        inner = tree.given[0]
        if isinstance(inner, Joined) and inner.word == "and" and len(inner.parts) == 2:
            choices = [choice for part in inner.parts if (choice := _selected(part)) is not None]
            more = any(_counted(part, ((">", 1), (">=", 2), ("!=", 1))) for part in inner.parts)
            return choices[0] if len(choices) == 1 and more else None
    if isinstance(tree, Joined) and tree.word == "or" and len(tree.parts) == 2:
        denied = [part.given[0] for part in tree.parts if isinstance(part, Call) and part.name == "not" and part.given]
        choices = [choice for part in denied if (choice := _selected(part)) is not None]
        one = any(_counted(part, (("=", 1), ("<", 2), ("<=", 1))) for part in tree.parts)
        return choices[0] if len(choices) == 1 and one else None
    return None


def _selected(tree: Tree) -> str | None:
    """`selected(., 'choice')`."""
    if isinstance(tree, Call) and tree.name == "selected" and len(tree.given) == 2 and tree.given[0] == Self():
        choice = tree.given[1]
        return choice.text if isinstance(choice, Words) else f"{choice.value:g}" if isinstance(choice, Number) else None
    return None


def _counted(tree: Tree, orders: tuple[tuple[str, float], ...]) -> bool:
    """`count-selected(.)` compared in one of some ways."""
    call = Call("count-selected", (Self(),))
    return isinstance(tree, Comparison) and any(tree == Comparison(call, sign, Number(n)) for sign, n in orders)


def _code(tree: Tree) -> float | None:
    """The number that a cell may hold beside its bounds: `. = -1`."""
    if isinstance(tree, Comparison) and tree.left == Self() and tree.order == "=" and isinstance(tree.right, Number):
        return tree.right.value
    return None


def _measured(tree: Tree) -> bool:
    return tree == Self() or (isinstance(tree, Call) and tree.given[:1] == (Self(),))


def _number(tree: Tree) -> float:
    if isinstance(tree, Number):
        return tree.value
    raise Untranslatable("its bound is no number and no day")

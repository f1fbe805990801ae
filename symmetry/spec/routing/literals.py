"""Whether a literal can be an answer at all: inside the bounds, whole where answers are whole, a category, a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from symmetry.spec.routing.nouns import Variable
from symmetry.spec.validating import nearest

__all__ = ["is_day", "never", "options", "shown"]


def never(variable: Variable, literal: float | str) -> tuple[str, str] | None:
    """Why a literal of the right kind can never be an answer, and the remedy; None where it can.

    Examples
    --------
    >>> never(Variable("nps", "number", low=0, high=10, whole=True), 11)
    ('`nps` runs from 0 to 10: it is never 11', 'compare with an answer that can be given')
    """
    name, low, high = variable.name, variable.low, variable.high
    if literal == "":
        return "an empty text is no answer", f"write `{name} is None`"
    if variable.kind == "date" and not is_day(str(literal)):
        return f"`{literal}` is no day", 'write year, month, day: `"2027-03-01"`'
    if variable.kind == "category" and variable.values and literal not in variable.values:
        return f"`{name}` has no category `{literal}`", options(str(literal), variable.values)
    if variable.kind not in ("number", "date"):
        return None
    bounds = [shown(bound) for bound in (low, high) if bound is not None]
    small, large = low is not None and _less(literal, low), high is not None and _less(high, literal)
    if small or large:
        runs = f"runs from {bounds[0]} to {bounds[1]}" if len(bounds) == 2 else f"has its bound at {bounds[0]}"
        return f"`{name}` {runs}: it is never {shown(literal)}", "compare with an answer that can be given"
    if variable.whole and isinstance(literal, float) and not literal.is_integer():
        return f"`{name}` is a whole number: it is never {shown(literal)}", "compare with a whole number"
    return None


def is_day(text: str) -> bool:
    """Whether a text is a day as YYYY-MM-DD, and no other spelling of one."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _less(a: float | str, b: float | str) -> bool:
    return str(a) < str(b) if isinstance(a, str) or isinstance(b, str) else a < b


def options(word: str, known: Iterable[str]) -> str:
    """What was meant, or some of what is known.

    Examples
    --------
    >>> options("x", "abcdefghijk")
    'one of: a, b, c, d, e, f, g, h, …'
    """
    some = list(known)
    near = nearest(word, some)
    return f"one of: {', '.join(some[:8])}, …" if len(some) > 8 and near.startswith("one of") else near


def shown(value: float | str) -> str:
    """A literal as an author would write it, without its quotes."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)

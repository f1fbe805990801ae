"""Meanings of conditions made short, and told apart: the algebra that the words of `drafting_routes` stand on."""

from __future__ import annotations

from collections.abc import Iterator

from symmetry.spec.routing.meaning import Among, And, Beside, Form, Has, Not, Or, Picks, Than, truth
from symmetry.spec.routing.nouns import Variable

__all__ = ["flat", "holds", "probes"]


def flat(form: Form) -> Form:
    """The same meaning in its shortest form: no `and` within an `and`, no `not not`, one list for each column.

    Examples
    --------
    >>> flat(And((Has("a"), And((Has("b"), Not(Not(Has("c"))))))))
    And(parts=(Has(column='a'), Has(column='b'), Has(column='c')))
    >>> flat(Or((Among("a", (1.0,)), Among("a", (2.0,)))))
    Among(column='a', values=(1.0, 2.0))
    """
    if isinstance(form, Not):
        inner = flat(form.part)
        return inner.part if isinstance(inner, Not) else Not(inner)
    if not isinstance(form, (And, Or)):
        return form
    parts: list[Form] = []
    for part in map(flat, form.parts):
        parts += part.parts if isinstance(part, type(form)) else (part,)
    listed: dict[str, tuple[float | str, ...]] = {}
    for part in parts:
        among = _listed(part, form)
        if among:
            listed[among.column] = tuple(dict.fromkeys((*listed.get(among.column, ()), *among.values)))
    kept: list[Form] = []
    for part in parts:
        among = _listed(part, form)
        whole = part if among is None else Among(among.column, listed[among.column])
        kept.append(Not(whole) if among and isinstance(form, And) else whole)
    kept = _paired(kept) if isinstance(form, And) else kept
    unique = tuple(dict.fromkeys(kept))
    return unique[0] if len(unique) == 1 else type(form)(unique)


def _listed(part: Form, around: Form) -> Among | None:
    """The list of values in a part that joins with others about its column: `in` within `or`, `not in` within `and`."""
    inner = part.part if isinstance(part, Not) and isinstance(around, And) else part if isinstance(around, Or) else None
    return inner if isinstance(inner, Among) else None


def _paired(parts: list[Form]) -> list[Form]:
    """Two answers compared are both there, without saying so; that both are there and not equal is that they differ."""
    made = [
        Beside(part.part.left, "!=", part.part.right)
        if isinstance(part, Not)
        and isinstance(part.part, Beside)
        and part.part.order == "=="
        and {Has(part.part.left), Has(part.part.right)} <= set(parts)
        else part
        for part in parts
    ]
    there = {Has(name) for part in made if isinstance(part, Beside) for name in (part.left, part.right)}
    return [part for part in made if part not in there]


def holds(form: Form, column: str, value: float | str | None) -> bool:
    """Whether a condition about one column is true of one stored answer."""
    if isinstance(form, And):
        return all(holds(part, column, value) for part in form.parts)
    if isinstance(form, Or):
        return any(holds(part, column, value) for part in form.parts)
    if isinstance(form, Not):
        return not holds(form.part, column, value)
    return truth(form, {column: value}.get)


def probes(form: Form, variable: Variable) -> Iterator[float | str | None]:
    """Answers on both sides of every value that a condition about one column names, and every code."""
    named: list[float | str] = [*variable.codes, *variable.values]
    waiting: list[Form] = [form]
    while waiting:
        part = waiting.pop()
        waiting += part.parts if isinstance(part, (And, Or)) else (part.part,) if isinstance(part, Not) else ()
        named += part.values if isinstance(part, Among) else ()
        named += (part.value,) if isinstance(part, Than) else (part.choice,) if isinstance(part, Picks) else ()
    yield None
    for value in dict.fromkeys(named):
        yield value
        yield from (value - 0.25, value + 0.25) if isinstance(value, (int, float)) else (f"{value}~", f"{value} ~")
    if variable.kind != "number":
        yield from ("", "~")

"""The routes of a questionnaire for other tools: what each means, folded to what this wave asks of this audience.

A route may lean on an item that the wave does not ask, or does not ask of this audience: nobody has answered it, so every
question about it is false, and the route is folded accordingly.  Another tool then never meets a name that it does not
have.  Each exporter says what is left in the words of its own tool.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

from symmetry.spec.exchange.questionnaire import Known, Question
from symmetry.spec.nouns import AUDIENCE_OF, Study, column_of
from symmetry.spec.routed import variable_known, variable_of
from symmetry.spec.routing.binding import bind
from symmetry.spec.routing.meaning import And, Beside, Form, Not, Or
from symmetry.spec.routing.nouns import Variable
from symmetry.spec.routing.reading import read_condition

__all__ = ["ALWAYS", "NEVER", "columns_in", "digits", "fold", "routes_of", "variables_of"]

ALWAYS: Form = And(())
NEVER: Form = Or(())


def routes_of(
    study: Study, questions: Collection[Question], known: Collection[Known]
) -> tuple[dict[str, Form], tuple[str, ...]]:
    """What the routes of a questionnaire mean, by the name of the question, and a sentence for each that was folded.

    Parameters
    ----------
    study : the study, whose columns a route may name.
    questions, known : what one audience is asked in one wave, and what is known of it.

    Returns
    -------
    The meanings; `ALWAYS` and `NEVER` stand for routes that hang on nothing that this questionnaire asks.
    """
    faces = [question.face for question in questions if question.face]
    variables = variables_of(study, AUDIENCE_OF[faces[0]] if faces else None)
    present = {question.name for question in questions} | {each.name for each in known}
    routes: dict[str, Form] = {}
    losses: list[str] = []
    for question in questions:
        if question.route is None:
            continue
        whole = bind(read_condition(question.route), variables)
        routes[question.name] = fold(whole, present)
        absent = [column for column in columns_in(whole) if column not in present]
        if absent:
            names = ", ".join(f"`{column}`" for column in absent)
            what = f"the route of `{question.name}` names {names}, which this questionnaire does not hold"
            end = "the question is never shown" if routes[question.name] == NEVER else "taken as not answered"
            losses.append(f"{what}: {end}.")
    return routes, tuple(losses)


def variables_of(study: Study, audience: str | None = None) -> dict[str, Variable]:
    """Every column of a study's answers, as routes may ask about it; a missing answer by the code that its scale declares.

    Where two audiences share a column, each by its own face, it is that of `audience`.
    """
    found: dict[str, Variable] = {}
    for item in study.items.values():
        if item.role == "frame":
            found[item.key] = variable_known(item)
        elif not item.faces:
            scale = item.scale
            found[item.key] = variable_of(item.key, scale, scale.missing) if scale else variable_known(item)
        for face in sorted(item.faces, key=lambda face: AUDIENCE_OF[face] != audience):
            column, scale = column_of(item.key, face), item.scale_of(face)
            made = variable_of(column, scale, scale.missing) if scale else variable_known(item)
            found.setdefault(column, made)
    return found


def fold(form: Form, present: Collection[str]) -> Form:
    """The form where every question about a column that is not present is false.

    Examples
    --------
    >>> from symmetry.spec.routing.meaning import Has
    >>> fold(Or((Has("asked"), Has("absent"))), {"asked"}), fold(Not(Has("absent")), {"asked"})
    (Has(column='asked'), And(parts=()))
    """
    if isinstance(form, Not):
        part = fold(form.part, present)
        return {ALWAYS: NEVER, NEVER: ALWAYS}.get(part, Not(part))
    if not isinstance(form, And | Or):
        return form if set(columns_in(form)) <= set(present) else NEVER
    idle, final = (ALWAYS, NEVER) if isinstance(form, And) else (NEVER, ALWAYS)
    parts = tuple(part for each in form.parts if (part := fold(each, present)) != idle)
    if final in parts:
        return final
    return parts[0] if len(parts) == 1 else replace(form, parts=parts)


def columns_in(form: Form) -> tuple[str, ...]:
    """The columns that a form asks about, each once, in the order in which it does."""
    if isinstance(form, And | Or):
        return tuple(dict.fromkeys(column for part in form.parts for column in columns_in(part)))
    if isinstance(form, Not):
        return columns_in(form.part)
    return (form.left, form.right) if isinstance(form, Beside) else (form.column,)


def digits(value: float) -> str:
    """A number in plain decimal digits, without an exponent.

    Examples
    --------
    >>> digits(3.0), digits(-0.25), digits(1e22)
    ('3', '-0.25', '10000000000000000000000')
    """
    return format(int(value), "d") if value == int(value) else format(Decimal(repr(value)), "f")

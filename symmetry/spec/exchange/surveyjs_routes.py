"""A route in SurveyJS's own expressions: two-valued, and guarded wherever SurveyJS would make something of an empty answer.

Names stand in braces, texts in single quotes; a double quote would end at the first apostrophe inside it, and a number in
an exponent is not understood.  Equality of texts is SurveyJS's own: capitals, spaces at the ends and the spelling of a number
do not count, which matters for frame items of free text alone (categories are plain keys).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from symmetry.errors import Place, SpecError
from symmetry.spec.exchange.routes import digits
from symmetry.spec.routing.meaning import Among, And, Beside, Form, Has, Not, Or, Than
from symmetry.spec.routing.nouns import Variable

__all__ = ["expression_of"]

_ORDERS = {"==": "=", "!=": "<>"}


def expression_of(form: Form, variables: Mapping[str, Variable], asides: Collection[str], path: Path) -> str:
    """Write a route as a SurveyJS expression.

    Parameters
    ----------
    form : what the route means.
    variables : the columns of the study, by name.
    asides : columns whose reasons for not answering are asked in a question of their own, `<name>.missing`.
    path : the study's file, for the error.

    Raises
    ------
    SpecError : EXP04, a text with a backslash, which SurveyJS would take for the start of something.

    Examples
    --------
    >>> expression_of(Than("nps", "<=", 6.0), {"nps": Variable("nps", "number")}, (), Path("study.yaml"))
    '({nps} notempty and {nps} <= 6)'
    """
    if isinstance(form, And | Or):
        if not form.parts:
            return "true" if isinstance(form, And) else "false"
        joint = " and " if isinstance(form, And) else " or "
        return f"({joint.join(expression_of(part, variables, asides, path) for part in form.parts)})"
    if isinstance(form, Not):
        return f"!({expression_of(form.part, variables, asides, path)})"
    if isinstance(form, Beside):
        left, right = f"{{{form.left}}}", f"{{{form.right}}}"
        order = _ORDERS.get(form.order, form.order)
        return f"({left} notempty and {right} notempty and {left} {order} {right})"
    name = f"{{{form.column}}}"
    aside = f"{{{form.column}.missing}}" if form.column in asides else ""
    if isinstance(form, Has):
        return f"({name} notempty or {aside} notempty)" if aside else f"({name} notempty)"
    if isinstance(form, Among):
        return _among(form, variables[form.column], name, aside, path)
    if isinstance(form, Than):
        return f"({name} notempty and {name} {form.order} {_literal(form.value, path)})"
    return f"({name} contains {_literal(form.choice, path)})"


def _among(form: Among, variable: Variable, name: str, aside: str, path: Path) -> str:
    """One of several values; a reason for not answering is its word, wherever cells are not numbers."""
    words = {variable.code(word): word for word in variable.missing}
    parts = []
    for value in form.values:
        place = aside if aside and value in words else name
        operator = "contains" if variable.kind == "set" else "="
        stored = words[value] if value in words and variable.kind != "number" else value
        parts.append(f"{place} {operator} {_literal(stored, path)}")
    return f"({' or '.join(parts)})"


def _literal(value: float | str, path: Path) -> str:
    """A number in plain digits, or a text in single quotes."""
    if not isinstance(value, str):
        return digits(value)
    if "\\" in value:
        what = f"a route compares with “{value}”, whose backslash SurveyJS would not take as it is"
        raise SpecError(
            what, where=Place(path), mend="compare with another text, or leave this route out", code="EXP04"
        )
    return "'" + value.replace("'", "\\'") + "'"

"""A condition as one JavaScript expression (ES2020) over an object of answers, for a page that needs no library of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from symmetry.errors import SpecError
from symmetry.spec.routing.binding import bind
from symmetry.spec.routing.meaning import Among, And, Beside, Form, Has, Not, Or, Than
from symmetry.spec.routing.nouns import Condition, Variable

__all__ = ["to_javascript"]

_NUMBER = 'v=>typeof v==="number"&&v===v?v:null'
_WORDS = 'v=>typeof v==="string"?v||null:Number.isSafeInteger(v)?String(v):null'
_TICKED = '(v=>Array.isArray(v)?v.filter(c=>typeof c==="string").join(" "):v)'
_ORDERS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "===", "!=": "!=="}


def to_javascript(condition: Condition, variables: Mapping[str, Variable], *, answers: str = "answers") -> str:
    """Compile a condition to a JavaScript expression.

    Parameters
    ----------
    condition : as `read_condition` gives it.
    variables : every column that may be asked about, by name.
    answers : the name under which the page knows the object of answers; "form.answers" will do too.

    Returns
    -------
    An expression that is true or false, in ASCII, safe inside a script element.  Not answered are: no such key, null,
    undefined, NaN, an empty text or array, and a value of another type than the column's.

    Raises
    ------
    SpecError : with every finding, where the condition cannot be read or does not fit the variables; RTE13, where `answers`
        is no name of JavaScript.

    Examples
    --------
    >>> from symmetry.spec.routing.reading import read_condition
    >>> print(to_javascript(read_condition("nps <= 8"), {"nps": Variable("nps", "number")}))
    ((x0)=>(x0!==null&&x0<=8))((v=>typeof v==="number"&&v===v?v:null)(answers["nps"]))
    """
    if not re.fullmatch(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*", answers, re.ASCII):
        what = f"`{answers}` is no name of JavaScript"
        raise SpecError(what, mend="give a name such as `answers`", code="RTE13")
    form = bind(condition, variables)
    names = {column: f"x{number}" for number, column in enumerate(condition.columns)}
    read = [_read(variables[column], answers) for column in condition.columns]
    return f"(({','.join(names.values())})=>{_expression(form, names)})({','.join(read)})"


def _expression(form: Form, names: Mapping[str, str]) -> str:
    """One part, over variables that hold null where a column is not answered."""
    if isinstance(form, And | Or):
        joint = "&&" if isinstance(form, And) else "||"
        return f"({joint.join(_expression(part, names) for part in form.parts)})"
    if isinstance(form, Not):
        return f"!{_expression(form.part, names)}"
    if isinstance(form, Beside):
        left, right = names[form.left], names[form.right]
        return f"({left}!==null&&{right}!==null&&{left}{_ORDERS[form.order]}{right})"
    name = names[form.column]
    if isinstance(form, Has):
        return f"({name}!==null)"
    if isinstance(form, Among):
        return f"[{','.join(_literal(value) for value in form.values)}].includes({name})"
    if isinstance(form, Than):
        return f"({name}!==null&&{name}{form.order}{_literal(form.value)})"
    return f'({name}!==null&&(" "+{name}+" ").includes({_literal(f" {form.choice} ")}))'


def _read(variable: Variable, answers: str) -> str:
    """An answer as read: a number or a text, or null."""
    raw = f"{answers}[{_literal(variable.name)}]"
    if variable.kind == "number":
        return f"({_NUMBER})({raw})"
    return f"({_WORDS})({_TICKED}({raw}))" if variable.kind == "set" else f"({_WORDS})({raw})"


def _literal(value: float | str) -> str:
    """A number or a text; a text in ASCII, without a character that ends a script element or an attribute."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    text = json.dumps(value, ensure_ascii=True)
    for sign in "<>&'":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text

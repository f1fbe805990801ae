"""A condition as SQL in DuckDB's dialect: a text that can stand after SELECT or WHERE, true or false and never NULL."""

from __future__ import annotations

from collections.abc import Mapping

from symmetry.spec.routing.binding import bind
from symmetry.spec.routing.meaning import Among, And, Beside, Form, Has, Not, Or, Than
from symmetry.spec.routing.nouns import Condition, Variable

__all__ = ["to_sql"]

_ORDERS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "<>"}


def to_sql(condition: Condition, variables: Mapping[str, Variable]) -> str:
    """Compile a condition to a DuckDB expression.

    Parameters
    ----------
    condition : as `read_condition` gives it.
    variables : every column that may be asked about, by name; the table has columns of these names: numbers of any numeric
        type, days as DATE or VARCHAR, all others as VARCHAR.

    Returns
    -------
    The expression, in parentheses where it needs them.  NULL, NaN and an empty text are not answered.

    Raises
    ------
    SpecError : with every finding, where the condition cannot be read or does not fit the variables.

    Examples
    --------
    >>> from symmetry.spec.routing.reading import read_condition
    >>> print(to_sql(read_condition("nps <= 8"), {"nps": Variable("nps", "number")}))
    coalesce(nullif(try_cast("nps" AS DOUBLE), 'nan'::DOUBLE) <= 8, false)
    """
    return _expression(bind(condition, variables), variables)


def _expression(form: Form, variables: Mapping[str, Variable]) -> str:
    if isinstance(form, And | Or):
        joint = " AND " if isinstance(form, And) else " OR "
        return f"({joint.join(_expression(part, variables) for part in form.parts)})"
    if isinstance(form, Not):
        return f"(NOT {_expression(form.part, variables)})"
    if isinstance(form, Beside):
        left, right = _column(variables[form.left]), _column(variables[form.right])
        return f"coalesce({left} {_ORDERS[form.order]} {right}, false)"
    column = _column(variables[form.column])
    if isinstance(form, Has):
        return f"({column} IS NOT NULL)"
    if isinstance(form, Among):
        return f"coalesce({column} IN ({', '.join(_literal(value) for value in form.values)}), false)"
    if isinstance(form, Than):
        return f"coalesce({column} {form.order} {_literal(form.value)}, false)"
    return f"coalesce(contains(' ' || {column} || ' ', {_literal(f' {form.choice} ')}), false)"


def _column(variable: Variable) -> str:
    """A column as read: NULL where it is not answered."""
    name = '"' + variable.name.replace('"', '""') + '"'
    if variable.kind == "number":
        return f"nullif(try_cast({name} AS DOUBLE), 'nan'::DOUBLE)"
    return f"nullif(cast({name} AS VARCHAR), '')"


def _literal(value: float | str) -> str:
    """A text in quotes, or a number; with a point it takes an exponent, or DuckDB would read a DECIMAL."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    digits = repr(value)
    return digits if "e" in digits else f"{digits}e0"

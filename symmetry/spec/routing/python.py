"""A condition as a Python function of the answers to one questionnaire, as a page or an importer asks it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from numbers import Real
from typing import Any

from symmetry.spec.routing.binding import bind
from symmetry.spec.routing.meaning import And, Beside, Form, Not, Or, Raw, truth
from symmetry.spec.routing.nouns import Condition, Variable

__all__ = ["to_python"]

Answers = Mapping[str, Any]
_SAFE = 2**53 - 1


def to_python(condition: Condition, variables: Mapping[str, Variable]) -> Callable[[Answers], bool]:
    """Compile a condition to a function of answers.

    Parameters
    ----------
    condition : as `read_condition` gives it.
    variables : every column that may be asked about, by name.

    Returns
    -------
    A function from a mapping of columns to answers (a dict, a row of pandas) to True or False.  Not answered are: no such
    key, None, NaN, NA, NaT, an empty text or list, and a value of another type than the column's.

    Raises
    ------
    SpecError : with every finding, where the condition cannot be read or does not fit the variables.

    Examples
    --------
    >>> from symmetry.spec.routing.reading import read_condition
    >>> variables = {"nps": Variable("nps", "number", low=0, high=10, whole=True, missing={"na": 99})}
    >>> asked = to_python(read_condition("nps > 8"), variables)
    >>> [asked({"nps": nps}) for nps in (9, 8, 99, None)]
    [True, False, False, False]
    """
    form = bind(condition, variables)
    readers = {name: _READERS[variables[name].kind] for name in condition.columns}
    return _function(form, readers)


def _function(form: Form, readers: Mapping[str, Callable[[Any], Raw]]) -> Callable[[Answers], bool]:
    """One closure a part."""
    if isinstance(form, And):
        every = [_function(part, readers) for part in form.parts]
        return lambda answers: all(part(answers) for part in every)
    if isinstance(form, Or):
        either = [_function(part, readers) for part in form.parts]
        return lambda answers: any(part(answers) for part in either)
    if isinstance(form, Not):
        inner = _function(form.part, readers)
        return lambda answers: not inner(answers)
    if isinstance(form, Beside):
        first, second = readers[form.left], readers[form.right]
        both = {form.left: first, form.right: second}
        return lambda answers: truth(form, lambda column: both[column](answers.get(column)))
    read = readers[form.column]
    return lambda answers: truth(form, lambda column: read(answers.get(column)))


def _number(answer: Any) -> Raw:
    if not isinstance(answer, Real | Decimal) or isinstance(answer, bool):
        return None
    try:
        value = float(answer)
    except (OverflowError, ValueError):
        return None
    return None if math.isnan(value) else value


def _words(answer: Any) -> Raw:
    """A text; a whole number is its digits, for codes of missing answers are often kept as numbers."""
    if isinstance(answer, str):
        return str(answer) or None
    number = _number(answer)
    if isinstance(number, float) and number.is_integer() and abs(number) <= _SAFE:
        return str(int(number))
    return None


def _day(answer: Any) -> Raw:
    if isinstance(answer, date):
        if answer != answer:  # NaT is a date to Python, and unequal to itself
            return None
        return (answer.date() if isinstance(answer, datetime) else answer).isoformat()
    return _words(answer)


def _ticked(answer: Any) -> Raw:
    """Choices as one text, "price delay", or as a collection of texts."""
    if isinstance(answer, list | tuple | set | frozenset):
        return " ".join(sorted(choice for choice in answer if isinstance(choice, str))) or None
    return _words(answer)


_READERS: Mapping[str, Callable[[Any], Raw]] = {
    "number": _number,
    "category": _words,
    "text": _words,
    "date": _day,
    "set": _ticked,
}

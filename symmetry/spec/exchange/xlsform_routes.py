"""Routes to and from XLSForm: our conditions as XPath in `relevant`, and the XPath of others as our conditions.

Both roads go by the meaning that `routing` gives a condition, so that what is asked of an unanswered question, and of a
missing code, is the same on either side: in XPath `!=` is true of an empty cell, and ours is not.
"""

from __future__ import annotations

from collections.abc import Mapping

from symmetry.spec.exchange.drafting_routes import Untranslatable
from symmetry.spec.exchange.routes import digits
from symmetry.spec.exchange.xlsform_xpath import (
    Call,
    Comparison,
    Joined,
    Number,
    Reference,
    Tree,
    Words,
    XPathError,
    read_xpath,
)
from symmetry.spec.routing.meaning import Among, And, Beside, Form, Has, Not, Or, Picks, Than
from symmetry.spec.routing.nouns import Order, Variable

__all__ = ["Asked", "meaning_of", "quoted", "xpath_of"]

_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_NUMBERS: Mapping[str, Order] = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Asked:
    """A question of a foreign form as its routes see it: our column, and what its choices are called on either side."""

    def __init__(self, variable: Variable, codes: Mapping[str, float | str]) -> None:
        self.variable = variable
        self.codes = codes


def xpath_of(form: Form, names: Mapping[str, str], variables: Mapping[str, Variable]) -> str:
    """The XPath that means a condition.

    Parameters
    ----------
    form : what the condition means.
    names : our columns → the names of their cells in the form.
    variables : the columns.

    Examples
    --------
    >>> nps = Variable("nps", "number", low=0, high=10, whole=True)
    >>> xpath_of(And((Has("nps"), Not(Among("nps", (10.0,))))), {"nps": "nps"}, {"nps": nps})
    "${nps} != '' and ${nps} != 10"
    """
    return _xpath(form, names, variables, 0)


def meaning_of(text: str, asked: Mapping[str, Asked]) -> Form | None:
    """What the XPath of a form asks, None where it is always true.

    Parameters
    ----------
    text : as `relevant` holds it.
    asked : the questions before this one, by the names of their cells.

    Raises
    ------
    Untranslatable : it asks something that our conditions cannot, or of a question that is not there.
    """
    try:
        tree = read_xpath(text)
    except XPathError as error:
        raise Untranslatable(str(error)) from error
    return None if tree == Call("true", ()) else _meant(tree, asked)


def quoted(text: str) -> str:
    """A text as XPath writes it; one with both kinds of quotes is put together from pieces.

    Examples
    --------
    >>> print(quoted("l'app"), quoted("app"))
    "l'app" 'app'
    """
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    return "concat(" + ', "\'", '.join(f"'{piece}'" for piece in text.split("'")) + ")"


def _xpath(form: Form, names: Mapping[str, str], variables: Mapping[str, Variable], level: int) -> str:
    """One part, in parentheses where what is around it binds tighter (0 or, 1 and, 2 a comparison)."""
    if isinstance(form, (And, Or)):
        mine = 1 if isinstance(form, And) else 0
        word = " and " if mine else " or "
        said = word.join(_xpath(part, names, variables, mine + 1) for part in form.parts)
        return f"({said})" if level > mine and len(form.parts) > 1 else said
    if isinstance(form, Not):
        inner = form.part
        if isinstance(inner, Has):
            return f"${{{names[inner.column]}}} = ''"
        if isinstance(inner, Among):
            return _among(inner, names, variables, level, refused=True)
        return f"not({_xpath(inner, names, variables, 0)})"
    if isinstance(form, Beside):
        return _beside(form, names, variables, level)
    cell = f"${{{names[form.column]}}}"
    if isinstance(form, Has):
        return f"{cell} != ''"
    if isinstance(form, Among):
        return _among(form, names, variables, level)
    if isinstance(form, Picks):
        return f"selected({cell}, {quoted(form.choice)})"
    return f"{cell} {form.order} {_value(form.value, variables[form.column])}"


def _among(
    form: Among, names: Mapping[str, str], variables: Mapping[str, Variable], level: int, *, refused: bool = False
) -> str:
    """A cell that holds one of some values, or none of them."""
    cell, sign = f"${{{names[form.column]}}}", "!=" if refused else "="
    said = [f"{cell} {sign} {_value(value, variables[form.column])}" for value in form.values]
    joined = (" and " if refused else " or ").join(said)
    return f"({joined})" if len(said) > 1 and level > (1 if refused else 0) else joined


def _beside(form: Beside, names: Mapping[str, str], variables: Mapping[str, Variable], level: int) -> str:
    """Two cells compared, both of them filled in."""
    left, right = (f"${{{names[column]}}}" for column in (form.left, form.right))
    order = {"==": "=", "!=": "!="}.get(form.order, form.order)
    if order in _NUMBERS:
        return f"{left} {order} {right}"
    said = f"{left} != '' and {right} != '' and {left} {order} {right}"
    return f"({said})" if level > 1 else said


def _value(value: float | str, variable: Variable) -> str:
    """A literal: a number, a day, or a text."""
    if isinstance(value, str):
        return f"date('{value}')" if variable.kind == "date" and value not in variable.codes else quoted(value)
    return digits(value)


def _meant(tree: Tree, asked: Mapping[str, Asked]) -> Form:
    """The meaning of one part of a foreign condition."""
    if isinstance(tree, Joined):
        parts = tuple(_meant(part, asked) for part in tree.parts if part != Call("true", ()) or tree.word == "or")
        return And(parts) if tree.word == "and" else Or(parts)
    if isinstance(tree, Call):
        return _called(tree, asked)
    if not isinstance(tree, Comparison):
        raise Untranslatable("a value alone is no condition")
    left, order, right = tree.left, tree.order, tree.right
    if not isinstance(left, (Reference, Call)) or (isinstance(left, Call) and isinstance(right, Reference)):
        left, order, right = right, _SWAPPED[order], left
    if isinstance(left, Call):
        return _measured(left, order, right, asked)
    if not isinstance(left, Reference):
        raise Untranslatable("a comparison without a question")
    found = _asked(left, asked)
    if isinstance(right, Reference):
        return _paired(found, order, _asked(right, asked))
    if right == Words(""):
        if order not in ("=", "!="):
            raise Untranslatable("an empty text is neither larger nor smaller")
        return Has(found.variable.name) if order == "!=" else Not(Has(found.variable.name))
    return _compared(found, order, right)


def _called(tree: Call, asked: Mapping[str, Asked]) -> Form:
    """`not(…)` and `selected(${x}, 'a')`."""
    if tree.name == "not" and len(tree.given) == 1:
        return Not(_meant(tree.given[0], asked))
    if tree.name == "selected" and len(tree.given) == 2:
        cell, choice = tree.given
        if isinstance(cell, Reference) and isinstance(choice, (Words, Number)):
            found = _asked(cell, asked)
            value = _code(found, choice)
            if found.variable.kind == "set" and value not in found.variable.codes:
                return Picks(found.variable.name, str(value))
            return Among(found.variable.name, (value,))
    raise Untranslatable(f"`{tree.name}(…)` is no question that our conditions can ask")


def _measured(call: Call, order: str, right: Tree, asked: Mapping[str, Asked]) -> Form:
    """`string-length(${x}) > 0`, `count-selected(${x}) >= 1`: whether there is an answer; `number(${x})` for the cell."""
    cell = call.given[0] if len(call.given) == 1 else None
    if isinstance(cell, Reference):
        if call.name in ("number", "int", "string", "date"):
            return _meant(Comparison(cell, order, right), asked)
        if call.name in ("string-length", "count-selected") and isinstance(right, Number):
            some = (order, right.value) in ((">", 0), (">=", 1), ("!=", 0))
            none = (order, right.value) in (("=", 0), ("<", 1), ("<=", 0))
            if some or none:
                has = Has(_asked(cell, asked).variable.name)
                return has if some else Not(has)
    raise Untranslatable(f"`{call.name}(…)` is no value that our conditions can compare")


def _compared(found: Asked, order: str, right: Tree) -> Form:
    """A question compared with a literal."""
    variable = found.variable
    if isinstance(right, Call) and right.name in ("date", "number") and len(right.given) == 1:
        right = right.given[0]
    if not isinstance(right, (Words, Number)):
        raise Untranslatable("the other side of a comparison is no literal")
    value = _code(found, right)
    if order in ("=", "!="):
        if variable.kind == "set" and value not in variable.codes:
            raise Untranslatable(f"`{variable.name}` is a multiple choice: `=` asks for that choice and no other")
        return Among(variable.name, (value,)) if order == "=" else Not(Among(variable.name, (value,)))
    if variable.kind in ("number", "date"):
        return Than(variable.name, _NUMBERS[order], value)
    numbers = {code: own for code, own in found.codes.items() if _is_number(code)}
    if variable.kind != "category" or len(numbers) < len(found.codes) or not isinstance(right, (Words, Number)):
        raise Untranslatable(f"`{variable.name}` is no number: none of its answers is larger than another")
    bound = right.value if isinstance(right, Number) else float(right.text)
    passing = tuple(own for code, own in numbers.items() if _passes(float(code), order, bound))
    if not passing:
        raise Untranslatable("no answer is that large, or that small")
    return Among(variable.name, passing)


def _paired(left: Asked, order: str, right: Asked) -> Form:
    """Two questions compared; `!=` of XPath is true where one of them is empty, which two questions cannot say here."""
    if order == "!=":
        return Not(Beside(left.variable.name, "==", right.variable.name))
    return Beside(left.variable.name, "==" if order == "=" else _NUMBERS[order], right.variable.name)


def _code(found: Asked, literal: Words | Number) -> float | str:
    """A literal of the form as our column stores it."""
    text = literal.text if isinstance(literal, Words) else f"{literal.value:g}"
    if text in found.codes:
        return found.codes[text]
    if found.variable.kind == "number":
        if not _is_number(text):
            raise Untranslatable(f"`{found.variable.name}` is a number, `{text}` is not")
        return float(text)
    if found.variable.kind in ("category", "set"):
        raise Untranslatable(f"`{found.variable.name}` has no choice `{text}`")
    return text


def _asked(cell: Reference, asked: Mapping[str, Asked]) -> Asked:
    if cell.name not in asked:
        raise Untranslatable(f"`${{{cell.name}}}` is no question of this draft that is asked before")
    return asked[cell.name]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.strip() == text and text.lower().strip("+-") not in ("nan", "inf", "infinity")


def _passes(code: float, order: str, bound: float) -> bool:
    return {"<": code < bound, "<=": code <= bound, ">": code > bound, ">=": code >= bound}[order]

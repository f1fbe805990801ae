"""The display, skip and branch logic of a Qualtrics survey as the meaning of our conditions.

Logic is a set of sets: conditions joined by And, which binds tighter, and Or; sets joined by AndIf or OrIf, each in
parentheses.  What asks about devices, quotas, places or whether something was shown has no meaning here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symmetry.spec.exchange.drafting_routes import Untranslatable
from symmetry.spec.exchange.qsf_reading import entries, mapping, text_of
from symmetry.spec.exchange.qsf_texts import plain
from symmetry.spec.routing.meaning import Among, And, Form, Has, Not, Or, Picks, Than
from symmetry.spec.routing.nouns import Order, Variable

__all__ = ["Answered", "described", "logic_of", "skipped"]

_ORDERS: Mapping[str, Order] = {
    "GreaterThan": ">",
    "GreaterThanOrEqual": ">=",
    "LessThan": "<",
    "LessThanOrEqual": "<=",
}
_LOCATOR = re.compile(r"q://(?P<question>QID\d+)/(?P<what>[A-Za-z]+)(?:/(?P<first>\d+))?(?:/(?P<second>\d+))?")


@dataclass(frozen=True)
class Answered:
    """A question that logic may ask about: our column, and our code of each of its choices by Qualtrics' own number."""

    variable: Variable
    codes: Mapping[str, float | str]


def logic_of(logic: Any, asked: Mapping[str, Answered]) -> Form:
    """What a piece of logic asks.

    Parameters
    ----------
    logic : a `DisplayLogic` or a `BranchLogic`.
    asked : questions asked so far by id (`QID1`, a row of a matrix as `QID1/2`), known fields as `e:field`.

    Raises
    ------
    Untranslatable : some part of it asks what our conditions cannot.
    """
    whole: Form | None = None
    for key, group in entries(logic):
        if not key.isdigit():
            continue
        form = _group(mapping(group), asked)
        joined = text_of(mapping(group).get("Type"))
        if whole is None:
            whole = form
        elif joined in ("AndIf", "And"):
            whole = And((whole, form))
        else:
            whole = Or((whole, form))
    if whole is None:
        raise Untranslatable("it holds no condition")
    return whole


def skipped(rule: Mapping[str, Any], asked: Mapping[str, Answered]) -> Form:
    """The condition under which a rule of skip logic leaps forward."""
    operator, locator = (
        text_of(rule.get("Condition")),
        text_of(rule.get("ChoiceLocator")) or text_of(rule.get("Locator")),
    )
    return _question(operator, locator, text_of(rule.get("RightOperand")), asked)


def described(logic: Any) -> str:
    """A piece of logic in Qualtrics' own words, as its editor shows it."""
    found: list[str] = []
    waiting = [logic]
    while waiting:
        here = waiting.pop(0)
        words = plain(text_of(mapping(here).get("Description")))
        found += [words] if words else []
        waiting = [each for key, each in entries(here) if key.isdigit()] + waiting
    return " ".join(found) or "(not described)"


def _group(group: Mapping[str, Any], asked: Mapping[str, Answered]) -> Form:
    """One set of conditions: parts between two Ors are joined by And."""
    alternatives: list[list[Form]] = [[]]
    for key, expression in entries(group):
        if not key.isdigit():
            continue
        inner = mapping(expression)
        word = text_of(inner.get("Conjuction")) or text_of(inner.get("Conjunction"))
        if word == "Or" and alternatives[-1]:
            alternatives.append([])
        alternatives[-1].append(_expression(inner, asked))
    parts = [And(tuple(each)) if len(each) > 1 else each[0] for each in alternatives if each]
    if not parts:
        raise Untranslatable("it holds no condition")
    return Or(tuple(parts)) if len(parts) > 1 else parts[0]


def _expression(expression: Mapping[str, Any], asked: Mapping[str, Answered]) -> Form:
    """One condition."""
    kind, operator = text_of(expression.get("LogicType")), text_of(expression.get("Operator"))
    left, right = text_of(expression.get("LeftOperand")), text_of(expression.get("RightOperand"))
    if kind == "Question":
        return _question(operator, left or text_of(expression.get("ChoiceLocator")), right, asked)
    if kind == "EmbeddedField":
        return _compared(_found(f"e:{left}", asked), operator, right)
    raise Untranslatable(f"it asks about {kind or 'nothing'}, which no question tells")


def _question(operator: str, locator: str, right: str, asked: Mapping[str, Answered]) -> Form:
    """A condition on a question."""
    found = _LOCATOR.fullmatch(locator)
    if found is None:
        raise Untranslatable(f"`{locator}` names no answer")
    if operator in ("Selected", "NotSelected") and found["what"] == "SelectableChoice" and found["first"]:
        question = found["question"] if found["second"] is None else f"{found['question']}/{found['first']}"
        answered = _found(question, asked)
        choice = found["second"] or found["first"]
        if choice not in answered.codes:
            raise Untranslatable(f"`{locator}` is no choice of the draft")
        code, name = answered.codes[choice], answered.variable.name
        many = answered.variable.kind == "set" and code not in answered.variable.codes
        form: Form = Picks(name, str(code)) if many else Among(name, (code,))
        return form if operator == "Selected" else Not(form)
    if found["what"] in ("ChoiceTextEntryValue", "ChoiceNumericEntryValue", "ChoiceValue", "QuestionText"):
        key = f"{found['question']}/{found['first']}"
        answered = _found(key if key in asked else found["question"], asked)
        return _compared(answered, operator, right)
    raise Untranslatable(f"`{operator}` of `{found['what']}` cannot be asked")


def _compared(answered: Answered, operator: str, right: str) -> Form:
    """An answer compared with a value."""
    variable = answered.variable
    if operator in ("Empty", "NotEmpty"):
        return Has(variable.name) if operator == "NotEmpty" else Not(Has(variable.name))
    value: float | str = right
    if variable.kind == "number":
        if not re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", right):
            raise Untranslatable(f"`{variable.name}` is a number, `{right}` is not")
        value = float(right)
    elif variable.kind in ("set", "category"):
        raise Untranslatable(f"`{operator}` of a choice cannot be asked")
    if operator in ("EqualTo", "NotEqualTo"):
        return Among(variable.name, (value,)) if operator == "EqualTo" else Not(Among(variable.name, (value,)))
    if operator in _ORDERS and variable.kind in ("number", "date"):
        return Than(variable.name, _ORDERS[operator], value)
    raise Untranslatable(f"`{operator}` cannot be asked")


def _found(key: str, asked: Mapping[str, Answered]) -> Answered:
    if key not in asked:
        raise Untranslatable(f"`{key.removeprefix('e:')}` is nothing that the draft asks, or knows, before")
    return asked[key]

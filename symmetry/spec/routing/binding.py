"""A condition held against the columns of a study: every name known, like compared with like, every literal one that can come.

What passes has a meaning (`meaning.py`), from which every target is compiled; what does not pass is never compiled.
"""

from __future__ import annotations

from collections.abc import Mapping

from symmetry.errors import Problem, SpecError
from symmetry.spec.routing import meaning
from symmetry.spec.routing.literals import never, options
from symmetry.spec.routing.meaning import Form
from symmetry.spec.routing.nouns import (
    Answered,
    Chosen,
    Compared,
    Condition,
    Constant,
    Either,
    Every,
    Finding,
    Listed,
    Name,
    Node,
    Opposite,
    Order,
    Variable,
)

__all__ = ["Binder", "bind"]

_SWAPPED: Mapping[Order, Order] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_CALLED = {
    "number": "a number",
    "category": "a category",
    "set": "a multiple choice",
    "text": "a text",
    "date": "a date",
}
_MISSING = ("na", "dk", "refused")


def bind(condition: Condition, variables: Mapping[str, Variable]) -> Form:
    """The meaning of a condition without fault.

    Raises
    ------
    SpecError : with every finding of reading and of binding.
    """
    binder = Binder(condition, variables)
    form = binder.form(condition.tree)
    findings = [*condition.findings, *binder.findings]
    if form is None or findings:
        where = f"the condition `{condition.text}`: "
        raise SpecError([Problem(None, where + each.what, each.mend, each.code) for each in findings])
    return form


class Binder:
    """One binding: the meaning of each part of a tree, and the findings on the way."""

    def __init__(self, condition: Condition, variables: Mapping[str, Variable]) -> None:
        self.condition = condition
        self.variables = variables
        self.findings: list[Finding] = []

    def form(self, node: Node) -> Form | None:
        """The meaning of one part, or None where something in it is at fault."""
        if isinstance(node, Every | Either):
            parts = [self.form(part) for part in node.parts]
            kept = tuple(part for part in parts if part is not None)
            if len(kept) < len(parts):
                return None
            return meaning.And(kept) if isinstance(node, Every) else meaning.Or(kept)
        if isinstance(node, Opposite):
            part = self.form(node.part)
            return None if part is None else meaning.Not(part)
        if isinstance(node, Compared):
            return self.compared(node)
        if isinstance(node, Listed):
            return self.listed(node)
        if isinstance(node, Chosen):
            return self.chosen(node)
        if isinstance(node, Answered):
            variable = self.variable(node.name)
            return None if variable is None else meaning.answered(variable, node.given)
        return None

    def variable(self, name: Name) -> Variable | None:
        """The column of a name."""
        found = self.variables.get(name.column)
        if found is None:
            item, _, face = name.column.partition(".")
            mend = options(name.column, self.variables)
            if face in ("customer", "employee") and item in self.variables:
                mend = f"write `{item}`: the faces of customers and of employees bear the bare key"
            self.add("RTE01", name, f"unknown name `{name.column}`", mend)
        return found

    def compared(self, node: Compared) -> Form | None:
        """A comparison with a literal on either side, or of two columns."""
        if isinstance(node.left, Name) and isinstance(node.right, Name):
            return self.beside(node, node.left, node.right)
        name, constant, order = node.left, node.right, node.order
        if isinstance(node.left, Constant):
            name, constant, order = node.right, node.left, _SWAPPED[node.order]
        if not isinstance(name, Name) or not isinstance(constant, Constant):
            return None
        variable = self.variable(name)
        value = None if variable is None else self.value(variable, constant, order)
        if variable is None or value is None:
            return None
        if order == "==":
            return meaning.equal(variable, (value,))
        return meaning.unequal(variable, (value,)) if order == "!=" else meaning.than(variable, order, value)

    def listed(self, node: Listed) -> Form | None:
        """`in` and `not in` a list: the same as `==` and `!=` with each literal."""
        variable = self.variable(node.name)
        if variable is None:
            return None
        values = [self.value(variable, constant, "==") for constant in node.constants]
        kept = tuple(dict.fromkeys(value for value in values if value is not None))
        if None in values:
            return None
        return meaning.equal(variable, kept) if node.inside else meaning.unequal(variable, kept)

    def chosen(self, node: Chosen) -> Form | None:
        """`"price" in reasons`."""
        variable, constant = self.variable(node.name), node.constant
        if variable is None:
            return None
        words = self.condition.source(constant)
        if variable.kind != "set":
            what = f"`{variable.name}` is {_CALLED[variable.kind]}: nothing can be in it"
            self.add("RTE04", node, what, f"write `{variable.name} == {words}`")
            return None
        choice = constant.value
        if not isinstance(choice, str):
            self.add("RTE04", constant, f"the choices of `{variable.name}` are texts", f'write `"{choice}"`')
            return None
        if choice in variable.missing:
            what = f"`{choice}` is a missing answer of `{variable.name}`, not one of its choices"
            self.add("RTE05", constant, what, f'write `{variable.name} == "{choice}"`')
            return None
        known = [value for value in variable.values if value not in variable.codes]
        if not choice or " " in choice:
            mend = f'ask for each: `"a" in {variable.name} and "b" in {variable.name}`'
            self.add("RTE05", constant, f"`{choice}` is not one choice of `{variable.name}`", mend)
            return None
        if variable.values and choice not in known:
            what = f"`{variable.name}` has no choice `{choice}`"
            self.add("RTE05", constant, what, options(choice, known))
            return None
        return meaning.picks(variable, choice, node.inside)

    def beside(self, node: Compared, first: Name, second: Name) -> Form | None:
        """Two columns of one kind."""
        left, right = self.variable(first), self.variable(second)
        if left is None or right is None:
            return None
        if left.kind != right.kind:
            what = f"`{left.name}` is {_CALLED[left.kind]}, `{right.name}` is {_CALLED[right.kind]}"
            self.add("RTE04", node, what, "compare items of one kind")
            return None
        if left.kind == "set":
            self.add("RTE04", node, "two multiple choices cannot be compared", 'ask for one choice: `"a" in item`')
            return None
        if self.unordered(left, node.order, node):
            return None
        return meaning.beside(left, node.order, right)

    def value(self, variable: Variable, constant: Constant, order: Order) -> float | str | None:
        """A literal as the column stores it, or None with a finding where it can never stand there."""
        literal = constant.value
        if isinstance(literal, str) and literal in variable.missing:
            if order in ("==", "!="):
                return variable.code(literal)
            what = f"`{literal}` is a missing answer: it is neither larger nor smaller than another"
            self.add("RTE04", constant, what, f'write `{variable.name} == "{literal}"`')
            return None
        if self.unlike(variable, constant) or self.unordered(variable, order, constant):
            return None
        stored = float(literal) if variable.kind == "number" else str(literal)
        for word, code in zip(variable.missing, variable.codes, strict=True):
            if code == stored:
                what = f"{self.condition.source(constant)} is the code of `{word}`, not an answer of `{variable.name}`"
                self.add("RTE05", constant, what, f'write `{variable.name} == "{word}"`')
                return None
        fault = never(variable, literal)
        if fault is not None:
            self.add("RTE05", constant, *fault)
            return None
        return stored

    def unlike(self, variable: Variable, constant: Constant) -> bool:
        """Whether a literal is of another kind than its column; a finding says so."""
        literal, words = constant.value, self.condition.source(constant)
        text = isinstance(literal, str)
        if variable.kind == "set":
            mend = f"write `{words} in {variable.name}`" if text else f'write `"…" in {variable.name}`'
            self.add("RTE04", constant, f"`{variable.name}` is a multiple choice: it holds several answers", mend)
        elif text and literal in _MISSING and literal not in variable.values and variable.kind != "text":
            what = f"`{variable.name}` has no code for the missing answer `{literal}`"
            self.add("RTE05", constant, what, "declare it in the scale, or delete the comparison")
        elif text is (variable.kind == "number"):
            mend = "write a number, without quotes" if text else _as_text(variable, words)
            self.add("RTE04", constant, f"`{variable.name}` is {_CALLED[variable.kind]}, {words} is not", mend)
        else:
            return False
        return True

    def unordered(self, variable: Variable, order: Order, at: Compared | Constant) -> bool:
        """Whether larger and smaller are asked of something without order; a finding says so."""
        if variable.kind in ("number", "date") or order in ("==", "!="):
            return False
        what = f"`{variable.name}` is {_CALLED[variable.kind]}: none is larger than another"
        self.add("RTE04", at, what, f'write `{variable.name} in ["…", "…"]`')
        return True

    def add(self, code: str, at: Node | Name | Constant, what: str, mend: str) -> None:
        """Note a finding at one part of the tree."""
        finding = Finding(code, at.start + 1, what, mend)
        if finding not in self.findings:  # a name inside a chain is looked at from both sides
            self.findings.append(finding)


def _as_text(variable: Variable, words: str) -> str:
    """What to write in place of a number, where a text is wanted."""
    if variable.kind == "date":
        return 'write year, month, day: `"2027-03-01"`'
    return options(words, variable.values) if variable.values and words not in variable.values else f'write `"{words}"`'

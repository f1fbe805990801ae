"""From the text of a condition to its tree: a subset of Python's comparisons, and nothing else of Python.

The text is parsed by `ast`, so that precedence, quotes and numbers are what everybody knows; every node that is not in the
subset is refused where it stands, and the rest of the text is still read, so that one pass finds all faults.
"""

from __future__ import annotations

import ast
import math
import re
import unicodedata
import warnings

from symmetry.spec.routing.nouns import (
    Answered,
    Chosen,
    Compared,
    Condition,
    Constant,
    Either,
    Every,
    Fault,
    Finding,
    Listed,
    Name,
    Node,
    Opposite,
    Order,
)
from symmetry.spec.routing.scanning import DEPTH, QUOTED, misspelt, refusals

__all__ = ["COMPARISONS", "LARGEST", "read_condition"]

COMPARISONS = 100
LARGEST = 2**53
_NUMBER = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_ORDERS: dict[type[ast.cmpop], Order] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_OUTSIDE: dict[type[ast.AST], tuple[str, str]] = {
    ast.Call: ("a call", "compare the answers as they are, without a function"),
    ast.BinOp: ("arithmetic", "compare with a number; join comparisons by `and`, `or`"),
    ast.Subscript: ("square brackets after a name", "name a face as `item.guess`"),
    ast.Lambda: ("a lambda", "write the comparison itself"),
    ast.IfExp: ("a choice by `if`", "write it with and, or, not"),
    ast.NamedExpr: ("an assignment", "compare with `==`"),
    ast.JoinedStr: ("a text with an `f` before it", "write the text in plain quotes"),
    ast.Attribute: ("a dot that is not `item.face`", "name a face as `item.guess`"),
    ast.UnaryOp: ("a sign before something that is no plain number", "write a number with at most one minus"),
    ast.Starred: ("a star", "write out the list"),
    ast.Dict: ("curly brackets", 'write a list: `["a", "b"]`'),
}


def read_condition(text: str) -> Condition:
    """Read a condition.

    Parameters
    ----------
    text : comparisons of names (`item`, `item.face`) with literals or with each other, `in` and `not in` a list,
        `"choice" in item`, `item is None`, joined by `and`, `or`, `not` and parentheses.

    Returns
    -------
    The condition; its `findings` say what cannot be read (RTE02), what is outside the language (RTE03) and what is too
    large (RTE08).  Whether its names and literals fit the study is for `check_condition`.

    Examples
    --------
    >>> condition = read_condition('nps <= 8 and channel != "kiosk"')
    >>> condition.columns, condition.findings
    (('nps', 'channel'), ())
    >>> [str(finding.column) + " " + finding.what for finding in read_condition("len(why) > 3").findings]
    ['1 a call: a condition compares answers, and does nothing else']
    """
    findings = refusals(text)
    if not findings:
        line = re.sub(r"[\n\r\t\f]", " ", text)
        shift = len(line) - len(line.lstrip())
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                tree = ast.parse(line.lstrip(), mode="eval").body
        except SyntaxError as error:
            findings = [misspelt(text, shift + error.offset if error.offset else len(text.rstrip()) + 1)]
        except (ValueError, MemoryError, RecursionError):
            findings = [Finding("RTE08", 1, "the condition is nested too deep to be read", "write it flatter")]
        else:
            reader = _Reader(line, shift)
            root = reader.node(tree, 0)
            return Condition(text, root, tuple(reader.names), tuple(reader.sorted_findings()))
    return Condition(text, Fault(0, len(text)), (), tuple(findings))


class _Reader:
    """One reading: walks Python's tree once, makes ours, and gathers names and findings on the way."""

    def __init__(self, line: str, shift: int) -> None:
        self.line = line
        self.shift = shift
        self.bytes = None if line.isascii() else line[shift:].encode()
        self.names: list[Name] = []
        self.findings: list[Finding] = []
        self.comparisons = 0

    def sorted_findings(self) -> list[Finding]:
        """The findings in the order of the text."""
        return sorted(self.findings, key=lambda finding: finding.column)

    def node(self, tree: ast.expr, depth: int) -> Node:
        """One condition: a comparison, or conditions joined."""
        start, stop = self.span(tree)
        if depth > DEPTH:
            what = f"conditions within conditions, more than {DEPTH} deep"
            return self.fault(tree, "RTE08", what, "write it flatter")
        if isinstance(tree, ast.BoolOp):
            parts = tuple(self.node(part, depth + 1) for part in tree.values)
            return Every(parts, start, stop) if isinstance(tree.op, ast.And) else Either(parts, start, stop)
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
            return Opposite(self.node(tree.operand, depth + 1), start, stop)
        if isinstance(tree, ast.Compare):
            return self.compare(tree)
        if isinstance(tree, ast.Name) or (isinstance(tree, ast.Attribute) and isinstance(tree.value, ast.Name)):
            words = self.line[start:stop]
            mend = f"compare it: `{words} >= 9`, or `{words} is not None` for: was it answered"
            return self.fault(tree, "RTE03", f"`{words}` alone is no condition", mend)
        if isinstance(tree, ast.Tuple):
            mend = "write a decimal point in a number; join conditions by `and`, `or`"
            return self.fault(tree, "RTE03", "a comma outside a list", mend)
        if isinstance(tree, ast.Constant | ast.List | ast.Set):
            return self.fault(tree, "RTE03", "a value alone is no condition", "compare an item with it")
        return self.outside(tree)

    def compare(self, tree: ast.Compare) -> Node:
        """A comparison, or a chain of them."""
        operands = [tree.left, *tree.comparators]
        self.comparisons += len(tree.ops)
        if self.comparisons > COMPARISONS:
            what = f"more than {COMPARISONS} comparisons"
            return self.fault(tree, "RTE08", what, "use `in` with a list, or split the item", once=True)
        if len(tree.ops) == 1 and isinstance(tree.ops[0], ast.In | ast.NotIn):
            return self.membership(tree, tree.left, tree.comparators[0], isinstance(tree.ops[0], ast.In))
        if len(tree.ops) == 1 and isinstance(tree.ops[0], ast.Is | ast.IsNot):
            return self.answered(tree, tree.left, tree.comparators[0], isinstance(tree.ops[0], ast.IsNot))
        if not all(type(each) in _ORDERS for each in tree.ops):
            return self.fault(
                tree, "RTE03", "`in` or `is` inside a chain of comparisons", "join two conditions by `and`"
            )
        sides = [self.side(operand) for operand in operands]
        parts = [self.pair(*each) for each in zip(sides[:-1], tree.ops, sides[1:], strict=True)]
        return parts[0] if len(parts) == 1 else Every(tuple(parts), *self.span(tree), chain=True)

    def pair(self, left: Name | Constant | Fault, order: ast.cmpop, right: Name | Constant | Fault) -> Node:
        """Two neighbours of a comparison."""
        if isinstance(left, Fault) or isinstance(right, Fault):
            return Fault(left.start, right.stop)
        if isinstance(left, Constant) and isinstance(right, Constant):
            what = "a comparison of two literals: no item is in it"
            self.findings.append(Finding("RTE03", left.start + 1, what, "compare an item, or delete it"))
            return Fault(left.start, right.stop)
        return Compared(left, _ORDERS[type(order)], right, left.start, right.stop)

    def membership(self, tree: ast.Compare, left: ast.expr, right: ast.expr, inside: bool) -> Node:
        """`item in [literals]`, or `"choice" in item`."""
        item = self.side(left)
        if isinstance(item, Fault):
            return Fault(*self.span(tree))
        if isinstance(right, ast.List | ast.Tuple | ast.Set):
            if isinstance(item, Constant):
                return self.fault(tree, "RTE03", "a literal in a list of literals: no item is in it", "name an item")
            if not right.elts:
                return self.fault(right, "RTE03", "an empty list", 'write at least one literal: `["a"]`')
            constants = [self.listed(each) for each in right.elts]
            kept = tuple(each for each in constants if isinstance(each, Constant))
            whole = len(kept) == len(constants)
            return Listed(item, kept, inside, *self.span(tree)) if whole else Fault(*self.span(tree))
        if isinstance(item, Name):
            words = self.line[slice(*self.span(right))]
            mend = (
                f"write a list: `in [{words}]`" if isinstance(right, ast.Constant) else 'write a list: `in ["a", "b"]`'
            )
            return self.fault(right, "RTE03", "`in` after an item wants a list of literals", mend)
        name = self.side(right)
        if not isinstance(name, Name):
            if isinstance(name, Constant):
                return self.fault(right, "RTE03", "`in` wants a list or an item after it", "name an item")
            return Fault(*self.span(tree))
        return Chosen(item, name, inside, *self.span(tree))

    def answered(self, tree: ast.Compare, left: ast.expr, right: ast.expr, given: bool) -> Node:
        """`item is None`, `item is not None`."""
        name = self.side(left)
        if isinstance(name, Fault):
            return Fault(*self.span(tree))
        if not isinstance(name, Name) or not (isinstance(right, ast.Constant) and right.value is None):
            what = "`is` asks only whether an item was answered"
            return self.fault(tree, "RTE03", what, "write `item is None`, or compare with `==` or `!=`")
        return Answered(name, given, *self.span(tree))

    def side(self, tree: ast.expr) -> Name | Constant | Fault:
        """One side of a comparison: a name or a literal."""
        start, stop = self.span(tree)
        column = tree.id if isinstance(tree, ast.Name) else ""
        if isinstance(tree, ast.Attribute) and isinstance(tree.value, ast.Name):
            column = f"{tree.value.id}.{tree.attr}"
        if column:
            self.names.append(Name(column, start, stop))
            return self.names[-1]
        if isinstance(tree, ast.BoolOp | ast.Compare) or (
            isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not)
        ):
            return self.fault(tree, "RTE03", "a condition compared like a value", "join conditions by and, or, not")
        if isinstance(tree, ast.List | ast.Tuple | ast.Set):
            return self.fault(tree, "RTE03", "a list compared like a value", "ask with `in`: `item in [1, 2]`")
        return self.constant(tree)

    def listed(self, tree: ast.expr) -> Constant | Fault:
        """One member of a list."""
        if isinstance(tree, ast.Constant | ast.UnaryOp):
            return self.constant(tree)
        return self.fault(tree, "RTE03", "something that is no literal, inside a list", "list numbers or texts")

    def constant(self, tree: ast.expr) -> Constant | Fault:
        """A literal: a number, perhaps with one minus, or a text."""
        minus = isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub)
        inner = tree.operand if isinstance(tree, ast.UnaryOp) and minus else tree
        if not isinstance(inner, ast.Constant) or (minus and type(inner.value) not in (int, float)):
            return self.outside(tree)
        value, words = inner.value, self.line[slice(*self.span(inner))]
        if isinstance(value, str):
            return self.words(inner, value, words)
        if value is None or isinstance(value, bool) or not isinstance(value, int | float):
            mend = "write `item is None`" if value is None else 'compare with a number, or with a text: `"yes"`'
            return self.fault(tree, "RTE03", f"`{words}` is no value to compare with", mend)
        if not _NUMBER.fullmatch(words):
            return self.fault(tree, "RTE03", f"`{words}` is a number in a spelling of its own", "write decimal digits")
        if value > LARGEST if isinstance(value, int) else math.isinf(value):
            what, mend = "a number too large to be the same everywhere", f"{LARGEST} is the largest whole number"
            return self.fault(tree, "RTE03", what, mend)
        return Constant(-value if minus else value, *self.span(tree))

    def words(self, tree: ast.Constant, value: str, words: str) -> Constant | Fault:
        """A text literal; two side by side, which Python would join without a word, are a comma forgotten."""
        if not QUOTED.fullmatch(words):
            what = "a text with a letter before it, or two texts side by side"
            return self.fault(tree, "RTE03", what, "write plain quotes, and a comma between two texts")
        if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value):
            return self.fault(tree, "RTE03", "a text that holds an unseen character", "no answer holds it: delete it")
        return Constant(value, *self.span(tree))

    def outside(self, tree: ast.expr) -> Fault:
        """Something of Python that is not in the subset."""
        joined = isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.BitAnd | ast.BitOr)
        what, mend = _OUTSIDE.get(type(tree), ("something else of Python", "write comparisons joined by and, or, not"))
        what, mend = ("`&` or `|`", "write `and`, `or`") if joined else (what, mend)
        return self.fault(tree, "RTE03", f"{what}: a condition compares answers, and does nothing else", mend)

    def fault(self, tree: ast.expr, code: str, what: str, mend: str, *, once: bool = False) -> Fault:
        """Note a finding at one node; with `once`, only the first of its code."""
        start, stop = self.span(tree)
        if not (once and any(finding.code == code for finding in self.findings)):
            self.findings.append(Finding(code, start + 1, what, mend))
        return Fault(start, stop)

    def span(self, tree: ast.expr) -> tuple[int, int]:
        """First and last place of a node in the text, in characters; `ast` counts UTF-8 bytes."""
        return self.place(tree.col_offset), self.place(tree.end_col_offset or tree.col_offset)

    def place(self, offset: int) -> int:
        """A byte of the parsed line as a character of the text."""
        return self.shift + (offset if self.bytes is None else len(self.bytes[:offset].decode()))

"""Everything that is wrong with one condition, in one pass: its form, its names and literals, and whether it ever decides.

A fault of form or fit hides nothing else of its kind; only whether the condition can be true waits until there is none, since an
unknown name says nothing about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from symmetry.spec.routing.binding import Binder
from symmetry.spec.routing.meaning import Form, Not
from symmetry.spec.routing.nouns import (
    Compared,
    Condition,
    Constant,
    Either,
    Every,
    Finding,
    Listed,
    Node,
    Opposite,
    Variable,
)
from symmetry.spec.routing.solving import GaveUp, Within
from symmetry.spec.routing.witnessing import STEPS, Grid, asked_when

__all__ = ["check_condition"]


def check_condition(
    condition: Condition, variables: Mapping[str, Variable], routes: Mapping[str, Condition] | None = None
) -> list[Finding]:
    """Every finding of one condition, in the order of its text.

    Parameters
    ----------
    condition : as `read_condition` gives it.
    variables : every column that may be asked about, by name.
    routes : the conditions under which columns are asked, by name.

    Returns
    -------
    Findings RTE01 to RTE10: unknown name, syntax, outside the language, unlike kinds, a literal that cannot come, never true,
    always true, too large, not decided, true of every answer; RTE07, RTE09 and RTE10 are warnings.

    Examples
    --------
    >>> from symmetry.spec.routing.reading import read_condition
    >>> variables = {"nps": Variable("nps", "number", low=0, high=10, whole=True)}
    >>> for text in ("npz <= 8 or nps <= 12", "nps <= 4 and nps >= 9"):
    ...     for finding in check_condition(read_condition(text), variables):
    ...         print(finding.column, finding.code, finding.what)
    1 RTE01 unknown name `npz`
    20 RTE05 `nps` runs from 0 to 10: it is never 12
    1 RTE06 `nps <= 4` and `nps >= 9` are never true together (`nps` = 0 makes `nps >= 9` false)
    """
    binder = Binder(condition, variables)
    form = binder.form(condition.tree)
    findings = [*condition.findings, *binder.findings]
    if form is not None and not findings:
        given = asked_when(condition.columns, variables, routes or {})
        findings = _Judge(condition, binder, Grid([form, *given.values()], variables), given, routes or {}).findings()
    return sorted(findings, key=lambda finding: finding.column)


class _Judge:
    """Whether one condition, without fault of form, decides anything."""

    def __init__(
        self,
        condition: Condition,
        binder: Binder,
        grid: Grid,
        given: Mapping[str, Form],
        routes: Mapping[str, Condition],
    ) -> None:
        self.condition = condition
        self.binder = binder
        self.grid = grid
        self.given = given
        self.routes = routes

    def findings(self) -> list[Finding]:
        """Never or always true as a whole; else in parts."""
        root = self.condition.tree
        form = self.form(root)
        try:
            if self.answers([form]) is None:
                return [self.never()]
            if self.answers([Not(form)]) is None:
                return [self.always()]
        except GaveUp:
            what = f"not decided: a search of {STEPS:,} steps did not tell whether it can be true, or false"
            return [Finding("RTE09", root.start + 1, what, "write it simpler, if you can", "warning")]
        return list(self.parts(root, whole=True))

    def parts(self, node: Node, *, whole: bool = False) -> Iterator[Finding]:
        """Parts that are never, or always, true by themselves; comparisons that every answer passes."""
        source = self.condition.source(node)
        formula = self.grid.formula(self.form(node))
        if formula is False and not whole:
            mend = "mend a bound, or delete this part"
            yield Finding("RTE06", node.start + 1, f"the part `{source}` is never true", mend)
        elif formula is True and not whole:
            yield Finding("RTE07", node.start + 1, f"the part `{source}` is always true", "delete this part", "warning")
        elif isinstance(node, Opposite):
            yield from self.parts(node.part)
        elif isinstance(node, Every | Either) and not (isinstance(node, Every) and node.chain):
            for part in node.parts:
                yield from self.parts(part)
        elif isinstance(formula, Within) and self.passes_all(node, formula):
            (column,) = {name.column for name in self.condition.names if node.start <= name.start < node.stop}
            what = f"`{source}` is true of every answer to `{column}`: it asks only whether there is one"
            mend = f"mend it, or write `{column} is not None`"
            yield Finding("RTE10", node.start + 1, what, mend, "warning")

    def passes_all(self, node: Node, formula: Within) -> bool:
        """Whether a comparison with literals holds for every value of its column, and names no missing answer."""
        if not isinstance(node, Compared | Listed | Every):
            return False
        (column,) = (name for name, number in self.grid.numbers.items() if number == formula.variable)
        variable = self.binder.variables[column]
        if variable.kind == "set" or any(constant.value in variable.missing for constant in _constants(node)):
            return False
        values = [value for value in self.grid.values[column] if value is not None and value not in variable.codes]
        return bool(values) and formula.mask == (1 << len(values)) - 1

    def never(self) -> Finding:
        """The fewest parts that cannot be true together, and answers that come close."""
        root = self.condition.tree
        parts = list(root.parts) if isinstance(root, Every) and not root.chain else [root]
        core = self.fewest(parts)
        sources = [f"`{self.condition.source(part)}`" for part in core]
        what = f"{sources[0]} is never true" if len(core) == 1 else f"{_joined(sources)} are never true together"
        asked = [f"`{column}` is asked only where `{self.routes[column].text}`" for column in self.blamed(core)]
        what += f", as {_joined(asked)}" if asked else ""
        close = self.answers([self.form(part) for part in core[:-1]])
        shown = self.shown(core, close or {})
        what += f" ({shown} makes {sources[-1] if len(core) > 1 else 'it'} false)"
        mend = "mend one of them, or write `or`" if len(core) > 1 else "mend the bound, or delete the condition"
        return Finding("RTE06", core[0].start + 1, what, mend)

    def always(self) -> Finding:
        """True whatever is answered, shown by answers."""
        root = self.condition.tree
        shown = self.shown([root], self.answers([self.form(root)]) or {})
        what = f"`{self.condition.source(root)}` is always true, whatever is answered or not (as with {shown})"
        return Finding("RTE07", root.start + 1, what, "delete it: it decides nothing", "warning")

    def fewest(self, parts: Sequence[Node]) -> list[Node]:
        """Parts of which none can be spared without the rest becoming possible."""
        kept = list(parts)
        for part in parts:
            others = [each for each in kept if each is not part]
            try:
                if others and self.answers([self.form(each) for each in others], STEPS // len(parts)) is None:
                    kept = others
            except GaveUp:
                continue
        return kept

    def blamed(self, core: Sequence[Node]) -> list[str]:
        """The columns whose own routes are needed to make the parts impossible."""
        forms, kept = [self.form(part) for part in core], dict(self.given)
        for column in self.given:
            others = {name: form for name, form in kept.items() if name != column}
            try:
                if self.grid.answers([*forms, *others.values()], STEPS // len(self.given)) is None:
                    kept = others
            except GaveUp:
                continue
        return list(kept)

    def answers(self, forms: Sequence[Form], steps: int = STEPS) -> dict[str, Any] | None:
        """Answers that make forms true, under the routes of the columns."""
        return self.grid.answers([*forms, *self.given.values()], steps)

    def form(self, node: Node) -> Form:
        """The meaning of a part, which binding has found to have one."""
        form = self.binder.form(node)
        if form is None:
            raise AssertionError(f"`{self.condition.source(node)}` was bound before")
        return form

    def shown(self, parts: Sequence[Node], answers: Mapping[str, Any]) -> str:
        """The answers to the columns that some parts name, in words."""
        named = [n.column for n in self.condition.names if any(p.start <= n.start < p.stop for p in parts)]
        return ", ".join(
            f"`{column}` not answered" if answers.get(column) is None else f"`{column}` = {answers[column]}"
            for column in dict.fromkeys(named)
        )


def _constants(node: Compared | Listed | Every) -> Iterator[Constant]:
    """The literals of one comparison or chain."""
    if isinstance(node, Listed):
        yield from node.constants
    elif isinstance(node, Compared):
        yield from (side for side in (node.left, node.right) if isinstance(side, Constant))
    else:
        for part in node.parts:
            if isinstance(part, Compared | Listed):
                yield from _constants(part)


def _joined(words: Sequence[str]) -> str:
    return " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"

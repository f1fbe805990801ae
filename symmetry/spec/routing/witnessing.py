"""Whether a condition is ever true, and ever false, over all answers that people can give: exactly, with answers that show it.

Columns that are themselves asked under a condition are answered only where it is true, so `why is not None and nps == 10` is
never true where `why` is asked of `nps <= 8`.  Answers are first reduced to regions (`regions.py`), then searched (`solving.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from symmetry.errors import SpecError
from symmetry.spec.routing.binding import bind
from symmetry.spec.routing.meaning import And, Atom, Beside, Form, Has, Not, Or, Picks, truth
from symmetry.spec.routing.nouns import Condition, Reach, Variable
from symmetry.spec.routing.regions import atoms, choices, regions
from symmetry.spec.routing.solving import Formula, GaveUp, Linked, Within, both, either, solve

__all__ = ["STEPS", "Grid", "asked_when", "witness"]

STEPS = 20_000
_TICKED = " "


def witness(
    condition: Condition,
    variables: Mapping[str, Variable],
    routes: Mapping[str, Condition] | None = None,
    *,
    steps: int = STEPS,
) -> Reach:
    """Answers that make a condition true, and answers that make it false, where there are any.

    Parameters
    ----------
    condition : as `read_condition` gives it.
    variables : every column that may be asked about, by name.
    routes : the conditions under which columns are asked, by name; such a column is answered only where its condition is
        true.  Any column may also be left empty, or hold the code of a missing answer.
    steps : how many parts of conditions the search may look at, on each side, before it says that it gave up.

    Raises
    ------
    SpecError : with every finding, where the condition cannot be read or does not fit the variables.

    Examples
    --------
    >>> from symmetry.spec.routing.reading import read_condition
    >>> variables = {"nps": Variable("nps", "number", low=0, high=10, whole=True)}
    >>> witness(read_condition("nps > 8"), variables)
    Reach(when_true={'nps': 9}, when_false={'nps': 0}, gave_up=())
    >>> witness(read_condition("nps > 8 and nps < 9"), variables).never
    True
    """
    form = bind(condition, variables)
    given = asked_when(condition.columns, variables, routes or {})
    grid = Grid([form, *given.values()], variables)
    found: dict[str, Mapping[str, Any] | None] = {}
    gave_up: list[Literal["true", "false"]] = []
    sides: tuple[Literal["true", "false"], ...] = ("true", "false")
    for side in sides:
        try:
            found[side] = grid.answers([form if side == "true" else Not(form), *given.values()], steps)
        except GaveUp:
            found[side] = None
            gave_up.append(side)
    return Reach(found["true"], found["false"], tuple(gave_up))


def asked_when(
    columns: Iterable[str], variables: Mapping[str, Variable], routes: Mapping[str, Condition]
) -> dict[str, Form]:
    """For each column, and each that its route asks about in turn: not answered, or its route is true.

    A route at fault is left out: it has findings of its own.
    """
    given: dict[str, Form] = {}
    waiting = list(columns)
    while waiting:
        column = waiting.pop(0)
        if column in routes and column not in given:
            try:
                given[column] = Or((Not(Has(column)), bind(routes[column], variables)))
            except SpecError:
                continue
            waiting += routes[column].columns
    return given


class Grid:
    """The regions of every column that some forms ask about, and formulas over them.

    Parameters
    ----------
    forms : all that will be asked.
    variables : the columns, by name.
    """

    def __init__(self, forms: Sequence[Form], variables: Mapping[str, Variable]) -> None:
        named = dict.fromkeys(column for form in forms for column in _columns(form))
        self.variables = {name: variables[name] for name in named}
        self.values = regions(forms, self.variables)
        self.full: dict[int, int] = {}
        self.numbers: dict[str, int] = {}
        self.picked: dict[str, dict[str, int]] = {}
        self.spare: dict[str, str | None] = {}
        self.masks: dict[Atom, int] = {}
        self.links: dict[tuple[Beside, bool], Linked] = {}
        for name, variable in self.variables.items():
            self.numbers[name] = len(self.full)
            if variable.kind == "set":
                asked, self.spare[name] = choices(forms, variable)
                self.values[name] = [_TICKED, *self.values[name]]
                self.picked[name] = {choice: len(self.full) + 1 + at for at, choice in enumerate(asked)}
            self.full[self.numbers[name]] = (1 << len(self.values[name])) - 1
            self.full.update(dict.fromkeys(self.picked.get(name, {}).values(), 0b11))

    def answers(self, forms: Iterable[Form], steps: int) -> dict[str, Any] | None:
        """Answers that make every form true, or None where there are none.

        Raises
        ------
        GaveUp : after so many steps.
        """
        found = solve(both([*(self.formula(form) for form in forms), *self.ticks()]), self.full, steps)
        return None if found is None else {name: self.answer(name, found) for name in self.variables}

    def formula(self, form: Form, true: bool = True) -> Formula:
        """What a form, or its opposite, asks of the regions."""
        if isinstance(form, Not):
            return self.formula(form.part, not true)
        if isinstance(form, And | Or):
            parts = [self.formula(part, true) for part in form.parts]
            return both(parts) if isinstance(form, And) is true else either(parts, self.full)
        if isinstance(form, Beside) and form.left != form.right:
            return self.linked(form, true)
        if isinstance(form, Picks):
            choice = self.picked[form.column][form.choice]
            ticked = Within(self.numbers[form.column], 1)
            if true:
                return both([ticked, Within(choice, 0b10)])
            return either([Within(ticked.variable, self.full[ticked.variable] & ~1), Within(choice, 0b01)], self.full)
        variable = self.numbers[form.left if isinstance(form, Beside) else form.column]
        mask = self.mask(form) if true else self.full[variable] & ~self.mask(form)
        return mask != 0 and (mask == self.full[variable] or Within(variable, mask))

    def mask(self, atom: Atom) -> int:
        """The regions of the one column of a question where it is true."""
        if atom not in self.masks:
            column = atom.left if isinstance(atom, Beside) else atom.column
            true = [truth(atom, {column: value}.get) for value in self.values[column]]
            self.masks[atom] = sum(1 << at for at, each in enumerate(true) if each)
        return self.masks[atom]

    def linked(self, atom: Beside, true: bool) -> Formula:
        """Two columns: for each region of the first, the regions of the second."""
        left, right = atom.left, atom.right
        if (atom, true) not in self.links:
            values = {left: self.values[left], right: self.values[right]}
            masks = [
                sum(1 << at for at, b in enumerate(values[right]) if truth(atom, {left: a, right: b}.get) is true)
                for a in values[left]
            ]
            self.links[atom, true] = Linked(self.numbers[left], self.numbers[right], tuple(masks))
        return self.links[atom, true]

    def ticks(self) -> list[Formula]:
        """Where choices are ticked, one at least is: one that is asked about, or another."""
        found: list[Formula] = []
        for name, picked in self.picked.items():
            if self.spare[name] is None:
                state = self.numbers[name]
                some = [Within(choice, 0b10) for choice in picked.values()]
                found.append(either([Within(state, self.full[state] & ~1), *some], self.full))
        return found

    def answer(self, name: str, found: Mapping[int, int]) -> Any:
        """One answer as people give it: None, a number, a text, ticked choices as one text."""
        value = self.values[name][found[self.numbers[name]]]
        if value is _TICKED:
            ticked = [choice for choice, number in self.picked[name].items() if found[number]]
            return " ".join(ticked) or self.spare[name]
        return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53 else value


def _columns(form: Form) -> Iterable[str]:
    for atom in atoms(form):
        yield from (atom.left, atom.right) if isinstance(atom, Beside) else (atom.column,)

"""Random questionnaires whose routes and needs are known, people with something to say, and a second way to tell who is asked.

`direct` evaluates routes by the second reading of `tests.spec.routing_truth`, in the order of the wave, and shares no line with
`fieldwork.asking`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hypothesis import strategies as st

from symmetry.fieldwork.asking.nouns import Answer, Asked
from symmetry.fieldwork.asking.paging import asked_of
from symmetry.fieldwork.columns import Column
from symmetry.spec import FACES, Item, Scale, Study, column_of
from symmetry.spec.rotating import rotation_problems
from symmetry.spec.routed import variables_of
from symmetry.spec.running import Rotation
from tests.spec.routing_truth import NONE, State, meant
from tests.studies import tiny_study

__all__ = ["Made", "Mind", "direct", "minds", "questionnaires"]

LETTERS = {"a": {"en": "A"}, "b": {"en": "B"}, "none": {"en": "None"}}
SCALES = (
    Scale("mark", "likert", 1, 5, missing={"na": 0, "dk": -1}),
    Scale("nps", "nps", 0, 10),
    Scale("one", "single", choices=LETTERS, missing={"refused": -2}),
    Scale("some", "multiple", choices=LETTERS, exclusive=("none",), missing={"dk": 98}),
    Scale("amount", "number", 0, 600, decimals=1, missing={"na": -9}),
    Scale("day", "date", earliest="2026-01-01", latest="2027-12-31"),
    Scale("words", "text", longest=40),
)
SAID: Mapping[str, Sequence[tuple[tuple[str, ...], Answer]]] = {
    "mark": ((("1",), 1), (("4",), 4), (("na",), 0), (("-1",), -1)),
    "nps": ((("0",), 0), (("6",), 6), (("10",), 10)),
    "one": ((("a",), "a"), (("none",), "none"), (("refused",), "refused")),
    "some": ((("b", "a"), "a b"), (("none",), "none"), (("dk",), "dk")),
    "amount": ((("12,5",), 12.5), (("0",), 0.0), (("na",), -9)),
    "day": ((("2026-02-28",), "2026-02-28"), (("31/12/2027",), "2027-12-31")),
    "words": ((("Côte d'Or, “x”\r\n2",), "Côte d'Or, “x”\n2"), ((" na ",), "na")),
}
ASKS: Mapping[str, Sequence[str]] = {
    "mark": ("{} <= 3", '{} == "na"', "not {} > 2", "{} is None"),
    "nps": ("{} <= 6", "{} in [9, 10]", "{} is not None"),
    "one": ('{} == "a"', '{} != "a"', '{} == "refused"'),
    "some": ('"a" in {}', 'not "none" in {}', "{} is None"),
    "amount": ("{} > 10", '{} == "na"', "{} is not None"),
    "day": ('{} >= "2027-01-01"', "{} is None"),
    "words": ("{} is None", "{} is not None"),
}
FRAME = (
    Item("region", "frame", {"en": "…"}, values={"north": {"en": "N"}, "south": {"en": "S"}}, audiences=("employees",)),
    Item("balance", "frame", {"en": "…"}, numeric=True, audiences=("employees",)),
)
Mind = Mapping[str, tuple[tuple[str, ...], Answer | None]]
"""What a person would say to each question: the fields as posted, and the cell that they mean."""


@dataclass(frozen=True)
class Made:
    """A questionnaire, each column's needed columns, and what is known of the person."""

    asked: Asked
    needs: Mapping[str, frozenset[str]]
    known: Mapping[str, str]


@st.composite
def questionnaires(draw: st.DrawFn) -> Made:
    """Up to sixteen items in up to three faces, with routes, piping and rotation, all without a fault."""
    items: dict[str, Item] = {}
    before: dict[str, str] = {}
    needs: dict[str, frozenset[str]] = {}
    for number in range(draw(st.integers(1, 16))):
        key, scale = f"q{number}", draw(st.sampled_from(SCALES))
        faces = draw(st.lists(st.sampled_from(["employee", "guess", "management"]), min_size=1, unique=True))
        route, named = draw(_routes(before)) if before and draw(st.booleans()) else (None, set())
        words, piped = {}, {}
        for face in (face for face in FACES if face in faces):
            piped[face] = draw(st.sampled_from(sorted(before))) if before and draw(st.integers(0, 4)) == 0 else ""
            words[face] = {"en": f"You said {{{piped[face]}}}." if piped[face] else "Well {{indeed}}?"}
        items[key] = Item(key, "driver", {}, scale, words, ask_if=route)
        for face in words:
            before[column_of(key, face)] = scale.key
            needs[column_of(key, face)] = frozenset(named | ({piped[face]} if piped[face] else set()))
    study = _study(items, draw(st.permutations(sorted(items))), draw(st.integers(0, 9)), draw(st.integers(1, 4)))
    known = {"region": draw(st.sampled_from(["north", "south"])), "balance": draw(st.sampled_from(["1000", "85.5"]))}
    kept = {name: each for name, each in known.items() if draw(st.integers(0, 3))}
    return Made(asked_of(study, "cold", "employees", first=date(2027, 3, 1)), needs, kept)


def minds(made: Made) -> st.SearchStrategy[Mind]:
    """Something, or nothing, to say to each question."""
    blank: tuple[tuple[str, ...], Answer | None] = ((), None)
    said = {
        name: st.sampled_from([*SAID[column.item.scale.key], blank])
        for name, column in made.asked.columns.items()
        if column.item.scale is not None
    }
    return st.fixed_dictionaries(said)


def direct(made: Made, answers: Mapping[str, Answer | None]) -> dict[str, Answer | None]:
    """What each question that is asked was answered (None: left blank), given all that was ever answered."""
    asked = made.asked
    world = variables_of(asked.study.items, "employees")
    states: dict[str, State] = dict.fromkeys([*world, *asked.columns], NONE)
    states |= {"region": ("value", made.known["region"])} if "region" in made.known else {}
    states |= {"balance": ("value", float(made.known["balance"]))} if "balance" in made.known else {}
    found: dict[str, Answer | None] = {}
    for key in asked.wave.items:
        route = asked.study.items[key].ask_if
        leads: Callable[[Mapping[str, State]], bool] = meant(route, world) if route else bool
        columns = [column for column in asked.columns.values() if column.item.key == key] if leads(states) else []
        found |= {column.name: answers.get(column.name) for column in columns}
        states |= {column.name: _state(column, answers.get(column.name)) for column in columns}
    return found


def _state(column: Column, cell: Answer | None) -> State:
    if cell is None:
        return NONE
    reason = next((reason for reason, code in column.missing.items() if code == cell), None)
    if reason is not None:
        return "code", reason
    return "value", frozenset(str(cell).split()) if column.kind == "choices" else cell


@st.composite
def _routes(draw: st.DrawFn, before: Mapping[str, str]) -> tuple[str, set[str]]:
    """A condition on one or two columns that come before, or are known, and their names."""
    parts, named = [], set()
    for _ in range(draw(st.integers(1, 2))):
        column = draw(st.sampled_from(sorted(before)))
        parts.append(draw(st.sampled_from(ASKS[before[column]])).format(column))
        named.add(column)
    known = draw(st.sampled_from(["", "", 'region == "north"', "balance > 900"]))
    joined = draw(st.sampled_from([" and ", " or "])).join(parts + ([known] if known else []))
    return joined, named


def _study(items: Mapping[str, Item], shuffled: Sequence[str], seed: int, size: int) -> Study:
    """A study that asks the items in one wave, rotated in every block that does no harm."""
    made = tiny_study()
    wave = replace(made.waves["cold"], audiences=("employees",), items=tuple(items))
    whole = {**items, **{item.key: item for item in FRAME}}
    blocks: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(shuffled), size):
        block = {f"b{start}": tuple(shuffled[start : start + size])}
        found = rotation_problems(Rotation(seed, {**blocks, **block}), whole, {"cold": wave})
        blocks |= {} if any(code == "ROT03" for code, *_ in found) else block
    return replace(made, items=whole, waves={"cold": wave}, rotation=Rotation(seed, blocks))

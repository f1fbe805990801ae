"""Never and always are exact: against every answer of small worlds, and with answers that show each side."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from symmetry.spec.routing.binding import bind
from symmetry.spec.routing.nouns import Reach, Variable
from symmetry.spec.routing.python import to_python
from symmetry.spec.routing.reading import read_condition
from symmetry.spec.routing.regions import regions
from symmetry.spec.routing.witnessing import witness
from tests.spec.routing_truth import NONE, WORLD, State, World, expression, meant

WHOLE = {name: Variable(name, "number", low=0, high=3, whole=True, missing=codes) for name, codes in
         {"a": {"na": 9}, "b": {}, "c": {"dk": -1}}.items()}  # fmt: skip
HALVES = {name: Variable(name, "number", low=0, high=1) for name in ("p", "q")}
MIXED = {"n": Variable("n", "number", low=0, high=2, whole=True), **HALVES}
PLAIN = {"more": Variable("more", "text"), "most": Variable("most", "text")}
KINDS = {
    "a": WHOLE["a"],
    "open": Variable("open", "number", whole=True, missing={"na": 2}),
    "place": Variable("place", "category", ("north", "south"), missing={"na": "na"}),
    "other": Variable("other", "category", ("south", "east", "north")),
    "words": Variable("words", "text", missing={"refused": "x"}),
    "more": PLAIN["more"],
    "day": Variable("day", "date", low="2026-12-30", high="2027-01-01", missing={"dk": "98"}),
    "ticks": Variable("ticks", "set", ("price", "delay"), missing={"na": "na"}),
    "boxes": Variable("boxes", "set", ("price", "delay", "staff")),
}


def answers(variable: Variable) -> list[State]:
    """Every answer to a column, or of an endless one more than its few literals can tell apart."""
    values: list[Any]
    if variable.kind == "number" and variable.whole:
        low, high = (-3, 9) if variable.low is None else (int(variable.low), int(variable.high))
        values = [value for value in range(low, high + 1) if value not in variable.missing.values()]
    elif variable.kind == "number":
        values = [at / 8 for at in range(17) if variable.low <= at / 8 <= variable.high]
    elif variable.kind == "date":
        values = ["2026-12-30", "2026-12-31", "2027-01-01"]
    elif variable.kind == "set":
        sizes = range(1, len(variable.values) + 1)
        values = [frozenset(some) for size in sizes for some in itertools.combinations(variable.values, size)]
    else:
        values = list(variable.values or ("slow", "rude", "unheard", "unheard too"))
    return [("value", value) for value in values] + [("code", word) for word in variable.missing] + [NONE]


def literal(rng: random.Random, variable: Variable) -> str:
    """A literal that cuts a small world in the middle, or at its ends."""
    values = [value for state, value in answers(variable) if state == "value"]
    if variable.kind == "text":
        return repr(rng.choice(values[:2]))
    if variable.kind == "number" and not variable.whole:
        return repr(rng.choice([0, 0.5, 1]))
    if variable.name == "open":
        return repr(rng.choice([0, 1, 3, 4]))
    return repr(rng.choice(values))


def small(rng: random.Random, world: World, atoms: int) -> str:
    """A random condition of some comparisons over a small world."""
    if atoms == 1:
        variable = rng.choice(list(world.values()))
        name, ordered = variable.name, variable.kind in ("number", "date")
        orders = ["<", "<=", ">", ">=", "==", "!="] if ordered else ["==", "!="]
        like = [each.name for each in world.values() if each.kind == variable.kind]
        if rng.random() < 0.25:
            return f"{name} is {rng.choice(['', 'not '])}None"
        if variable.missing and rng.random() < 0.25:
            return f'{name} {rng.choice(["==", "!="])} "{rng.choice(list(variable.missing))}"'
        if variable.kind == "set":
            return f'"{rng.choice(variable.values)}" {rng.choice(["in", "not in"])} {name}'
        if rng.random() < 0.4:
            return f"{name} {rng.choice(orders)} {rng.choice(like)}"
        if rng.random() < 0.3:
            some = ", ".join(literal(rng, variable) for _ in range(2))
            return f"{name} {rng.choice(['in', 'not in'])} [{some}]"
        return f"{name} {rng.choice(orders)} {literal(rng, variable)}"
    left = rng.randint(1, atoms - 1)
    parts = [small(rng, world, left), small(rng, world, atoms - left)]
    joint = rng.choice([" and ", " and ", " or "])
    return f"{rng.choice(['', '', '', 'not '])}({joint.join(parts)})"


def people(
    columns: Iterator[str], world: World, routes: Mapping[str, Callable[..., bool]]
) -> Iterator[dict[str, State]]:
    """Everybody: each combination of answers in which nobody answers what was not asked."""
    names = sorted(columns)
    for some in itertools.product(*(answers(world[name]) for name in names)):
        person = dict(zip(names, some, strict=True))
        if all(person[name] == NONE or route(person) for name, route in routes.items() if name in person):
            yield person


def as_state(variable: Variable, answer: Any) -> State:
    """A witness's answer as a state."""
    codes = {str(code): word for word, code in variable.missing.items()}
    if answer is None:
        return NONE
    if str(answer) in codes:
        return ("code", codes[str(answer)])
    return ("value", frozenset(answer.split()) if variable.kind == "set" else answer)


def lawful(variable: Variable, answer: Any) -> bool:
    """Whether people can give an answer."""
    state, value = as_state(variable, answer)
    if state != "value":
        return True
    if variable.kind == "set":
        return value <= set(variable.values)
    if variable.kind == "number":
        inside = (variable.low is None or variable.low <= value) and (variable.high is None or value <= variable.high)
        return inside and math.isfinite(value) and (not variable.whole or float(value).is_integer())
    if variable.kind == "date":
        return variable.low <= value <= variable.high
    return not variable.values or value in variable.values


def agree(text: str, world: World, routes: Mapping[str, str]) -> Reach:
    """Hold a witness against everybody; what it found."""
    condition = read_condition(text)
    reach = witness(condition, world, {name: read_condition(route) for name, route in routes.items()})
    named = set(condition.columns)
    for _ in routes:
        named |= {column for name in named & set(routes) for column in read_condition(routes[name]).columns}
    reads = {name: meant(route, world) for name, route in routes.items() if name in named}
    asked = meant(text, world)
    told = {asked(person) for person in people(iter(named), world, reads)}
    assert (True not in told, False not in told, ()) == (reach.never, reach.always, reach.gave_up), (text, routes)
    for truth, shown in ((True, reach.when_true), (False, reach.when_false)):
        if shown is not None:
            assert named == set(shown)
            assert all(lawful(world[name], answer) for name, answer in shown.items()), (text, shown)
            person = {name: as_state(world[name], answer) for name, answer in shown.items()}
            assert truth is asked(person) is to_python(condition, world)(shown), (text, shown)
            assert all(person[name] == NONE or route(person) for name, route in reads.items()), (text, routes, shown)
    return reach


def sweep(world: World, seed: int, count: int, routes: Mapping[str, str] | None = None) -> tuple[int, int]:
    """Random conditions of at most three columns; how many are never, and always, true."""
    rng = random.Random(seed)
    never = always = 0
    for _ in range(count):
        some = {name: world[name] for name in sorted(rng.sample(sorted(world), min(3, len(world))))}
        reach = agree(small(rng, some, rng.randint(1, 5)), world, routes or {})
        never, always = never + reach.never, always + reach.always
    return never, always


WORLDS = {"whole": WHOLE, "halves": HALVES, "mixed": MIXED, "plain": PLAIN, "kinds": KINDS}
ROUTED = {"b": "a <= 1", "c": "b is not None and b != 2"}


@pytest.mark.parametrize("world", WORLDS)
def test_never_and_always_are_exact(world: str) -> None:
    """Hundreds of random conditions against every answer, whole numbers, numbers between, and all kinds; many are degenerate."""
    never, always = sweep(WORLDS[world], seed=len(world), count=500)
    assert never >= 25
    assert always >= 3


def test_never_and_always_are_exact_where_items_have_routes() -> None:
    """`c` is asked under `b`, and `b` under `a`: nobody answers what was not asked."""
    free, _ = sweep(WHOLE, seed=8, count=300)
    bound, _ = sweep(WHOLE, seed=8, count=300, routes=ROUTED)
    assert bound > free


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
def test_never_and_always_are_exact_at_length(world: str) -> None:
    """The same for thousands."""
    sweep(WORLDS[world], seed=99, count=5000, routes=ROUTED if world == "whole" else {})


@pytest.mark.parametrize(
    ("text", "never", "always"),
    [
        ("a < b and b < c and c < a", True, False),
        ("a < b and b < c and a > 1", True, False),
        ("a < b and b < c and a > 0", False, False),
        ("a != b and b != c and a != c and a > 1 and b > 1 and c > 1", True, False),
        ("a != b and b != c and a != c and a > 0 and b > 0 and c > 0", False, False),
        ("not (a < b) and not (a >= b)", False, False),
        ("not (a < b) and not (a >= b) and a >= 0 and b >= 0", True, False),
        ("a is None or a is not None", False, True),
        ('a == "na" and a == 3', True, False),
        ('a == "na" and a is None', True, False),
        ('a != "na" or a == "na" or a is None', False, True),
        ("not (a > 2 and a < 2)", False, True),
    ],
)
def test_reach_of_known_conditions(text: str, never: bool, always: bool) -> None:
    """Cycles, too few whole numbers for all, missing answers."""
    reach = agree(text, WHOLE, {})
    assert (never, always) == (reach.never, reach.always)


@pytest.mark.parametrize(
    ("world", "text", "never"),
    [
        ("halves", "0 < p < q < 0.5", False),
        ("mixed", "0 < p < q < 0.5 and n > 1", False),
        ("mixed", "n < p and n > 0 and p != 1", True),
        ("mixed", "0 < p < n < 2 and q != p and 0.5 < q < n", False),
        ("plain", 'more != most and more != "slow" and most != "slow"', False),
        ("kinds", 'words != more and words != "slow" and more != "slow"', False),
        ("kinds", 'words != more and words not in ["slow"] and words != more and not (more == "slow")', False),
        ("kinds", 'words == more and words != "slow"', False),
        ("kinds", 'place != other and other != "east" and place == "south" and other != "north"', True),
        ("kinds", '"price" not in ticks and "delay" not in ticks', True),
        ("kinds", '"price" not in boxes and "delay" not in boxes', False),
        ("kinds", 'not "price" in ticks and not "delay" in ticks', False),
        ("kinds", "1 < open < 3 or 3 < open < 4", True),
    ],
)
def test_as_many_answers_stand_for_a_region_as_are_compared(world: str, text: str, never: bool) -> None:
    """Two numbers between two cuts, two texts that nothing mentions, no choice left to tick, only a code between."""
    assert never is agree(text, WORLDS[world], {}).never


def test_a_route_reaches_through_routes() -> None:
    """`why` is asked of low scores: a condition that wants it of a high one is never true, and only with the route."""
    world = {"nps": Variable("nps", "number", low=0, high=10, whole=True), "why": Variable("why", "text")}
    asked, routes = read_condition("why is not None and nps > 8"), {"why": read_condition("nps <= 8")}
    assert not witness(asked, world).never
    assert witness(asked, world, routes).never
    assert not witness(read_condition("why is None and nps > 8"), world, routes).never


def test_narrow_places_between_numbers_are_found() -> None:
    """Between two neighbouring doubles there is nothing; between the next two there is one."""
    low, middle, high = 1.0, math.nextafter(1.0, 2), math.nextafter(math.nextafter(1.0, 2), 2)
    world = {"x": Variable("x", "number"), "y": Variable("y", "number")}
    assert witness(read_condition(f"{low!r} < x < {middle!r}"), world).never
    assert {"x": middle} == witness(read_condition(f"{low!r} < x < {high!r}"), world).when_true
    assert witness(read_condition(f"{low!r} < x < y < {high!r}"), world).never
    assert {"x": 2**53} == witness(read_condition("x > 9007199254740991 and x < 9007199254740994.0"), world).when_true
    assert not witness(read_condition("1e300 < x < y"), world).never
    assert not witness(read_condition("y < x < -1e300"), world).never
    assert witness(read_condition("x > 1.7976931348623157e308"), world).never
    whole = {"x": Variable("x", "number", whole=True)}
    assert {"x": 1e16 + 2} == witness(read_condition("1e16 < x < 1.0000000000000004e16"), whole).when_true
    assert witness(read_condition("1e16 < x < 1.0000000000000002e16"), whole).never


def test_a_fault_of_a_route_is_not_of_the_condition() -> None:
    """A route that cannot be read is left out."""
    world = {"a": WHOLE["a"], "b": WHOLE["b"]}
    assert not witness(read_condition("b > 2"), world, {"b": read_condition("a >")}).never


def test_many_items_are_no_many_times_as_long() -> None:
    """Parts that share no item are searched apart: fifty pairs, the last of them impossible."""
    names = [f"{letter}{number}" for number in range(25) for letter in "xy"]
    world = {name: Variable(name, "number", low=0, high=10, whole=True) for name in names}
    pairs = [f"(x{n} < y{n} or y{n} < 3) and (y{n} > x{n} or x{n} > 7)" for n in range(25)]
    reach = witness(read_condition(" and ".join(pairs[:24])), world)
    assert (False, False, ()) == (reach.never, reach.always, reach.gave_up)
    clash = "(x24 > 7 or y24 > 7) and x24 < 3 and y24 < 3"
    assert witness(read_condition(" and ".join([*pairs[:20], clash])), world).never


def test_a_search_without_end_says_so() -> None:
    """Pigeons in holes: seven items, all different, of six values; the search gives up and claims nothing."""
    names = [f"x{number}" for number in range(7)]
    world = {name: Variable(name, "category", tuple("abcdef")) for name in names}
    pigeons = read_condition(" and ".join(f"{a} != {b}" for a, b in itertools.combinations(names, 2)))
    reach = witness(pigeons, world, steps=50)
    assert (None, ("true",), False) == (reach.when_true, reach.gave_up, reach.never)
    assert witness(pigeons, world, steps=10**6).never


def test_regions_hold_cuts_neighbours_codes_and_nothing() -> None:
    """Of a whole number: its literals and bounds, one between each, the codes, None; never a code as a value."""
    world = {"x": Variable("x", "number", low=1, high=9, whole=True, missing={"na": 0, "dk": 5})}
    assert [1, 2, 3, 4, 6, 9, 0, 5, None] == regions([bind(read_condition("x > 3"), world)], world)["x"]


def test_random_conditions_of_the_large_world_are_decided() -> None:
    """Whatever the generator of the targets' test makes, each side is shown by answers that the Python target confirms."""
    rng = random.Random(77)
    for _ in range(150):
        condition = read_condition(expression(rng, WORLD))
        reach, asked = witness(condition, WORLD), to_python(condition, WORLD)
        assert () == reach.gave_up
        assert reach.when_true is None or asked(reach.when_true) is True
        assert reach.when_false is None or asked(reach.when_false) is False

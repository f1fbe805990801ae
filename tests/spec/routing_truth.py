"""A second reading of conditions, written from docs/methods/routing.md alone, random worlds, and the three engines to ask.

`meant` walks Python's own tree of the text over *states* ("none", "code" or "value" and what), and shares no line with the room.
"""

from __future__ import annotations

import ast
import json
import math
import operator
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry.spec.routing.nouns import Variable

State = tuple[str, Any]
World = Mapping[str, Variable]
NONE: State = ("none", None)
NASTY = (
    "O'Hara", 'say "hi"', "back\\slash", "</script>", "a\u2028b\u2029c", "côte d'or", "𝒳 😀", "x'; DROP TABLE t; --", "${x} `y`",
    "%s {0}", "<!--", "NaN", "null", "]]>", "\\", "'", '"', "\\'", "--", "true", "e\u0301", "\u00e9", "A", "a",
)  # fmt: skip

WORLD: World = {
    each.name: each
    for each in (
        Variable("nps", "number", low=0, high=10, whole=True, missing={"na": 99, "dk": 98}),
        Variable("nps.guess", "number", low=0, high=10, whole=True),
        Variable("agree", "number", low=1, high=5, whole=True, missing={"na": 0, "refused": -1}),
        Variable("amount", "number"),
        Variable("share", "number", low=0, high=100, missing={"na": -1}),
        Variable("visits", "number", low=0, whole=True, missing={"dk": -8}),
        Variable("big", "number", whole=True),
        Variable("region", "category", ("north", "south", "east")),
        Variable("channel", "category", ("phone", "web", "north", "na_"), missing={"na": "na", "dk": 98}),
        Variable("quirk", "category", NASTY),
        Variable("quirk.management", "category", NASTY, missing={"refused": "refused"}),
        Variable("why", "text"),
        Variable("comment", "text", missing={"refused": "-7"}),
        Variable("day", "date"),
        Variable("since", "date", low="2020-01-01", missing={"na": "na", "dk": 98}),
        Variable("reasons", "set", ("price", "delay", "price_match", "staff"), missing={"na": "na"}),
        Variable("reasons.cooperation", "set", ("price", "rice"), missing={"refused": 99}),
    )
}
COLUMNS = {
    "agree": "BIGINT", "share": "DECIMAL(9, 4)", "visits": "INTEGER", "big": "BIGINT", "day": "DATE",
    "region": "ENUM('north', 'south', 'east', '')",
}  # fmt: skip
_ORDERS = {ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
           ast.Eq: operator.eq, ast.NotEq: operator.ne}  # fmt: skip


def meant(text: str, world: World) -> Callable[[Mapping[str, State]], bool]:
    """What a condition says of states, by the words of the methods page."""
    return _meant(ast.parse(text.strip(), mode="eval").body, world)


def _meant(tree: ast.expr, world: World) -> Callable[[Mapping[str, State]], bool]:
    if isinstance(tree, ast.BoolOp):
        parts = [_meant(part, world) for part in tree.values]
        together = all if isinstance(tree.op, ast.And) else any
        return lambda states: together([part(states) for part in parts])
    if isinstance(tree, ast.UnaryOp):
        inner = _meant(tree.operand, world)
        return lambda states: not inner(states)
    assert isinstance(tree, ast.Compare)
    sides = [tree.left, *tree.comparators]
    links = [_link(a, op, b, world) for a, op, b in zip(sides[:-1], tree.ops, sides[1:], strict=True)]
    return lambda states: all(link(states) for link in links)


def _link(left: ast.expr, op: ast.cmpop, right: ast.expr, world: World) -> Callable[[Mapping[str, State]], bool]:
    if isinstance(op, ast.Is | ast.IsNot):
        answered = isinstance(op, ast.IsNot)
        return lambda states: (states[_name(left)][0] != "none") is answered
    if isinstance(op, ast.In | ast.NotIn) and _name(right):
        wanted, ticked = isinstance(op, ast.In), ast.literal_eval(left)
        return lambda states: states[_name(right)][0] == "value" and (ticked in states[_name(right)][1]) is wanted
    if isinstance(op, ast.In | ast.NotIn):
        same = operator.eq if isinstance(op, ast.In) else operator.ne
        each = [_one(_name(left), same, value, world) for value in ast.literal_eval(right)]
        several = any if isinstance(op, ast.In) else all
        return lambda states: several([one(states) for one in each])
    compare = _ORDERS[type(op)]
    if _name(left) and _name(right):
        return lambda states: (
            states[_name(left)][0] == states[_name(right)][0] == "value"
            and compare(states[_name(left)][1], states[_name(right)][1])
        )
    if _name(left):
        return _one(_name(left), compare, ast.literal_eval(right), world)
    return _one(_name(right), lambda a, b: compare(b, a), ast.literal_eval(left), world)


def _one(column: str, compare: Callable[[Any, Any], bool], value: Any, world: World) -> Callable[..., bool]:
    if isinstance(value, str) and value in world[column].missing:
        if compare(1, 1):  # it is that code
            return lambda states: states[column] == ("code", value)
        return lambda states: states[column] not in (NONE, ("code", value))
    return lambda states: states[column][0] == "value" and compare(states[column][1], value)


def _name(tree: ast.expr) -> str:
    if isinstance(tree, ast.Attribute):
        return f"{_name(tree.value)}.{tree.attr}"
    return tree.id if isinstance(tree, ast.Name) else ""


def value_of(rng: random.Random, variable: Variable) -> Any:
    """A random lawful value, near to what literals are drawn from."""
    low, high = variable.low, variable.high
    if variable.name == "big":
        return rng.choice([1, -1]) * (2**53 - rng.randrange(3)) if rng.random() < 0.7 else rng.randrange(-3, 4)
    if variable.kind == "number" and variable.whole:
        return rng.randint(int(low or 0), int(10 if high is None else high))
    if variable.kind == "number":
        spread = [0, 1, -1, 0.1, 0.3, -0.0, 2.5, 1e-7, 33.3333, 99.9, 1e300, 5e-324, -1234567.875, 0.1 + 0.2]
        if low is None:
            return rng.choice([*spread, rng.uniform(-5, 5)])
        return rng.choice([0, 100, 0.1, 33.3333, 50, 50.5, round(rng.uniform(0, 100), 4)])
    if variable.kind == "date":
        return (date(2026, 12, 29) + timedelta(days=rng.randrange(6))).isoformat()
    if variable.kind == "set":
        return frozenset(rng.sample(variable.values, rng.randint(1, len(variable.values))))
    return rng.choice(variable.values or (*NASTY, "too slow", "na", "98"))


def states_of(rng: random.Random, world: World) -> dict[str, State]:
    """One person's answers."""
    found = {}
    for name, variable in world.items():
        kind = rng.choices(["value", "none", "code" if variable.missing else "value"], [6, 2, 2])[0]
        found[name] = (kind, value_of(rng, variable)) if kind == "value" else NONE
        if kind == "code":
            found[name] = (kind, rng.choice(list(variable.missing)))
    return found


def literal(rng: random.Random, value: Any) -> str:
    """A literal as an author might write it."""
    if isinstance(value, str):
        return f'"{value}"' if rng.random() < 0.5 and not set(value) & set('"\\') else repr(value)
    if isinstance(value, int) and rng.random() < 0.2:
        return f"{value}.0"
    return repr(value)


def atom(rng: random.Random, world: World) -> str:
    """A random comparison that fits the world."""
    variable = rng.choice(list(world.values()))
    name, kind = variable.name, variable.kind
    words = list(variable.missing)

    def drawn() -> str:
        return literal(rng, value_of(rng, variable))

    orders = ["<", "<=", ">", ">=", "==", "!="] if kind in ("number", "date") else ["==", "!="]
    shape = rng.choice(["literal", "literal", "flipped", "chain", "list", "none", "missing", "pair"])
    if shape == "none":
        return f"{name} {rng.choice(['is', 'is not'])} None"
    if shape == "missing" and words:
        word = f'"{rng.choice(words)}"'
        some = ", ".join([word, *(drawn() for _ in range(rng.randrange(3)) if kind != "set")])
        return rng.choice(
            [f"{name} {rng.choice(['==', '!='])} {word}", f"{name} {rng.choice(['in', 'not in'])} [{some}]"]
        )
    if kind == "set":
        return f'"{rng.choice(variable.values)}" {rng.choice(["in", "not in"])} {name}'
    if shape == "flipped":
        return f"{drawn()} {rng.choice(orders)} {name}"
    if shape == "list":
        some = ", ".join(drawn() for _ in range(rng.randint(1, 4)))
        return f"{name} {rng.choice(['in', 'not in'])} {rng.choice(['[%s]', '{%s}', '(%s,)']) % some}"
    like = rng.choice([each.name for each in world.values() if each.kind == kind])
    if shape == "pair":
        return f"{name} {rng.choice(orders)} {like}"
    if shape == "chain":
        return f"{drawn()} {rng.choice(orders)} {name} {rng.choice(orders)} {rng.choice([drawn(), like])}"
    return f"{name} {rng.choice(orders)} {drawn()}"


def expression(rng: random.Random, world: World, depth: int = 3) -> str:
    """A random condition that fits the world."""
    if depth == 0 or rng.random() < 0.3:
        return atom(rng, world)
    shape = rng.choice(["and", "or", "not", "brackets"])
    if shape == "not":
        inner = expression(rng, world, depth - 1)
        return f"not ({inner})" if " and " in inner or " or " in inner or rng.random() < 0.5 else f"not {inner}"
    parts = [expression(rng, world, depth - 1) for _ in range(rng.randint(2, 3))]
    joined = f" {shape} ".join(parts) if shape != "brackets" else parts[0]
    return f"({joined})" if rng.random() < 0.6 else joined


def in_python(rng: random.Random, states: Mapping[str, State], world: World) -> dict[str, Any]:
    """Answers as Python may hold them."""
    found: dict[str, Any] = {}
    for name, (state, value) in states.items():
        variable = world[name]
        if state == "none":
            empty: list[Any] = [None, math.nan, "", pd.NA, np.float64("nan"), ...]
            empty += {"set": [[], ()], "date": [pd.NaT], "number": ["7", Decimal("NaN"), True]}.get(variable.kind, [])
            value = rng.choice(empty)
            if value is ...:
                continue
        elif state == "code":
            code = variable.missing[value]
            value = rng.choice([code, float(code), np.int64(code)]) if isinstance(code, int) else code
            if variable.kind != "number" and isinstance(code, int):
                value = rng.choice([value, str(code)])
        elif variable.kind == "number" and isinstance(value, int):
            value = rng.choice([value, float(value), np.int64(value), Decimal(value)])
        elif variable.kind == "number":
            value = rng.choice([value, np.float64(value), Decimal(value)])
        elif variable.kind == "date":
            value = rng.choice([value, date.fromisoformat(value), pd.Timestamp(value)])
        elif variable.kind == "set":
            ticked = rng.sample(sorted(value), len(value))
            value = rng.choice([" ".join(ticked), ticked, tuple(ticked), value])
        found[name] = value
    return found


def in_javascript(rng: random.Random, states: Mapping[str, State], world: World) -> str:
    """Answers as a page may hold them: the text of an object."""
    parts = []
    for name, (state, value) in states.items():
        variable = world[name]
        if state == "none":
            text = rng.choice(["undefined", "null", "NaN", '""', "", "[]" if variable.kind == "set" else "{}", "true"])
        elif state == "code":
            code = variable.missing[value]
            as_text = variable.kind != "number" and rng.random() < 0.5
            text = json.dumps(str(code) if as_text else code)
        elif variable.kind == "set":
            ticked = rng.sample(sorted(value), len(value))
            text = json.dumps(rng.choice([" ".join(ticked), ticked]))
        else:
            text = json.dumps(value)
        if text:
            parts.append(f"{json.dumps(name)}: {text}")
    return "{" + ", ".join(parts) + "}"


def in_sql(rng: random.Random, states: Mapping[str, State], world: World) -> list[Any]:
    """Answers as a row of a table."""
    row = []
    for name, (state, value) in states.items():
        variable = world[name]
        double = variable.kind == "number" and COLUMNS.get(name, "DOUBLE") == "DOUBLE"
        if state == "none":
            typed = name in COLUMNS and name != "region"
            empty = [None, math.nan] if double else [None] if typed else [None, ""]
            row.append(rng.choice(empty))
        elif state == "code":
            code = variable.missing[value]
            row.append(code if variable.kind == "number" else str(code))
        else:
            row.append(" ".join(rng.sample(sorted(value), len(value))) if variable.kind == "set" else value)
    return row


def ask_duckdb(expressions: Sequence[str], rows: Sequence[Sequence[Any]], world: World) -> list[list[Any]]:
    """What DuckDB says, row by row."""
    duckdb = pytest.importorskip("duckdb", reason="no DuckDB: `pip install -c constraints.txt -e '.[test]'`")
    with duckdb.connect() as connection:
        columns = [
            f'"{name}" {COLUMNS.get(name, "DOUBLE" if each.kind == "number" else "VARCHAR")}'
            for name, each in world.items()
        ]
        connection.execute(f"CREATE TABLE answers (place INTEGER, {', '.join(columns)})")
        marks = ", ".join("?" for _ in range(len(columns) + 1))
        connection.executemany(f"INSERT INTO answers VALUES ({marks})", [[at, *row] for at, row in enumerate(rows)])
        found: list[list[Any]] = [[] for _ in rows]
        for start in range(0, len(expressions), 100):
            some = ", ".join(f"{each} AS e{at}" for at, each in enumerate(expressions[start : start + 100]))
            for told, row in zip(
                found, connection.execute(f"SELECT {some} FROM answers ORDER BY place").fetchall(), strict=True
            ):
                told += row
    return found


def ask_javascript(expressions: Sequence[str], rows: Sequence[str]) -> list[list[Any]]:
    """What V8 says, row by row; anything that is not a boolean comes back as null."""
    racer = pytest.importorskip("py_mini_racer", reason="no JavaScript: `pip install -c constraints.txt -e '.[test]'`")
    with racer.MiniRacer() as engine:
        functions = ", ".join(f"(answers)=>{each}" for each in expressions)
        asked = f"[{', '.join(rows)}].map(row=>[{functions}].map(f=>f(row)).map(t=>typeof t==='boolean'?t:null))"
        told: list[list[Any]] = json.loads(engine.eval(f"JSON.stringify({asked})"))
    return told

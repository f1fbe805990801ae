"""One condition, three targets: Python, SQL and JavaScript never differ, nor from what the methods page says."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from symmetry.errors import SpecError
from symmetry.spec.routing.javascript import to_javascript
from symmetry.spec.routing.nouns import Variable
from symmetry.spec.routing.python import to_python
from symmetry.spec.routing.reading import read_condition
from symmetry.spec.routing.sql import to_sql
from tests.spec.routing_truth import (
    NONE,
    WORLD,
    State,
    World,
    ask_duckdb,
    ask_javascript,
    expression,
    in_javascript,
    in_python,
    in_sql,
    meant,
    states_of,
)

PAGE = Path(__file__).parents[2] / "docs" / "methods" / "routing.md"
X = Variable("x", "number", low=0, high=10, whole=True, missing={"na": 99, "dk": 98})
Y = Variable("y", "set", ("price", "delay"), missing={"na": "na"})
SMALL: World = {"x": X, "y": Y}


def tables() -> list[tuple[str, str, str, bool]]:
    """Condition, column, answer and truth, of both tables of the methods page."""
    found, heads = [], {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if cells[-1] == "not answered":
            heads = dict(enumerate(cells))
        elif heads and cells[-1] in ("true", "false"):
            column = "y" if "price" in heads.values() else "x"
            found += [(cells[0], column, heads[at], cells[at] == "true") for at in range(1, len(cells))]
        elif not line.startswith("|"):
            heads = {}
    return found


def state(column: str, answer: str) -> State:
    """An answer as the page names it."""
    if answer == "not answered":
        return NONE
    if answer in ("na", "dk"):
        return ("code", answer)
    return ("value", int(answer) if column == "x" else frozenset(answer.split()))


def three(
    texts: Sequence[str], people: Sequence[dict[str, State]], world: World, seed: int
) -> dict[str, list[list[Any]]]:
    """What each target says of each person, condition by condition."""
    rng = random.Random(seed)
    conditions = [read_condition(text) for text in texts]
    functions = [to_python(condition, world) for condition in conditions]
    rows = [in_python(rng, each, world) for each in people]
    tables = [in_sql(rng, each, world) for each in people]
    objects = [in_javascript(rng, each, world) for each in people]
    return {
        "python": [[function(row) for function in functions] for row in rows],
        "sql": [list(row) for row in ask_duckdb([to_sql(each, world) for each in conditions], tables, world)],
        "javascript": ask_javascript([to_javascript(each, world) for each in conditions], objects),
    }


def compare(seed: int, texts: int, people: int) -> tuple[int, float]:
    """Ask all roads about random pairs; how many pairs, and the share of them that is true."""
    rng = random.Random(seed)
    asked = [expression(rng, WORLD) for _ in range(texts)]
    answers = [states_of(rng, WORLD) for _ in range(people)]
    readers = [meant(text, WORLD) for text in asked]
    truth = [[reader(each) for reader in readers] for each in answers]
    for target, told in three(asked, answers, WORLD, seed).items():
        wrong = [
            (
                target,
                asked[j],
                {name: answers[i][name] for name in read_condition(asked[j]).columns},
                truth[i][j],
                told[i][j],
            )
            for i in range(people)
            for j in range(texts)
            if told[i][j] is not truth[i][j]
        ]
        assert [] == wrong[:3], f"{len(wrong)} of {texts * people}"
    return texts * people, sum(map(sum, truth)) / (texts * people)


def test_the_tables_of_the_methods_page_hold_in_every_target() -> None:
    """Each cell, and the second reading of the page agrees with it."""
    rows = tables()
    assert 24 * 5 == len(rows)
    people = [{"x": NONE, "y": NONE, column: state(column, answer)} for _, column, answer, _ in rows]
    expected = [truth for *_, truth in rows]
    texts = [text for text, *_ in rows]
    assert expected == [meant(text, SMALL)(each) for text, each in zip(texts, people, strict=True)]
    for target, told in three(texts, people, SMALL, 1).items():
        assert expected == [told[at][at] for at in range(len(rows))], target


def test_random_pairs_are_equal_in_every_target() -> None:
    """Twenty thousand pairs of a random condition and a person's random answers; both truths are common."""
    pairs, share = compare(seed=2027, texts=200, people=100)
    assert 20_000 == pairs
    assert 0.25 < share < 0.75


@pytest.mark.slow
def test_a_million_random_pairs_are_equal_in_every_target() -> None:
    """Ten worlds of 250 conditions and 400 people."""
    assert 1_000_000 == sum(compare(seed, texts=250, people=400)[0] for seed in range(10))


def test_a_table_never_answers_null() -> None:
    """Where a WHERE would lose a row in silence, false is told: every column empty, every shape of question."""
    texts = ["x > 3", "x != 3", "not x > 3", "x not in [3]", "x is None", '"price" in y', '"price" not in y', "x == x"]
    told = ask_duckdb([to_sql(read_condition(text), SMALL) for text in texts], [[None, None]], SMALL)
    assert [(False, False, True, False, True, False, False, False)] == [tuple(row) for row in told]


def test_what_is_compiled_can_be_read() -> None:
    """The text of one condition in both languages, letter for letter; a number with a point is a DOUBLE, not a DECIMAL."""
    condition, world = read_condition('x > 0.5 or "price" in y'), {"x": Variable("x", "number"), "y": Y}
    assert to_sql(condition, world) == (
        """(coalesce(nullif(try_cast("x" AS DOUBLE), 'nan'::DOUBLE) > 0.5e0, false) OR """
        """coalesce(contains(' ' || nullif(cast("y" AS VARCHAR), '') || ' ', ' price '), false))"""
    )
    assert to_javascript(condition, world) == (
        """((x0,x1)=>((x0!==null&&x0>0.5)||(x1!==null&&(" "+x1+" ").includes(" price "))))"""
        """((v=>typeof v==="number"&&v===v?v:null)(answers["x"]),"""
        """(v=>typeof v==="string"?v||null:Number.isSafeInteger(v)?String(v):null)"""
        """((v=>Array.isArray(v)?v.filter(c=>typeof c==="string").join(" "):v)(answers["y"])))"""
    )


def test_sql_stands_after_where() -> None:
    """The text is an expression, `or` at its top or not."""
    duckdb = pytest.importorskip("duckdb", reason="no DuckDB")
    told = to_sql(read_condition("x > 8 or x is None"), SMALL)
    rows = duckdb.sql(f"SELECT x FROM (VALUES (9), (3), (NULL)) t(x) WHERE x IS DISTINCT FROM 4 AND {told} ORDER BY x")
    assert [(9,), (None,)] == rows.fetchall()


def test_texts_that_attack_are_texts() -> None:
    """Quotes, backslashes, ends of scripts and of statements, line separators: in a name, a category, a literal."""
    nasty = [
        "'; DROP TABLE t; --",
        '"); alert(1); ("',
        "</script><script>",
        "\u2028\u2029",
        "\\",
        "\\'",
        "`${1}`",
        "<!--",
    ]
    world = {f"a{at}": Variable(f"a{at}", "category", (text,)) for at, text in enumerate(nasty)}
    texts = [f"a{at} == {text!r}" for at, text in enumerate(nasty)]
    people = [{f"a{at}": ("value", text) for at, text in enumerate(nasty)}, dict.fromkeys(world, NONE)]
    for target, told in three(texts, people, world, 3).items():
        assert [[True] * len(nasty), [False] * len(nasty)] == told, target
    scripts = [to_javascript(read_condition(text), world) for text in texts]
    assert [] == [script for script in scripts if not script.isascii() or "</" in script or "<!" in script]


def test_a_column_of_any_name_is_quoted() -> None:
    """A name is data: here one of the machine's own words, and one with a dot."""
    world = {name: Variable(name, "number") for name in ("constructor", "select", "valueOf", "order.guess")}
    texts = [f"{name} == 3" for name in world]
    people = [dict.fromkeys(world, ("value", 3)), dict.fromkeys(world, NONE)]
    for target, told in three(texts, people, world, 4).items():
        assert [[True] * 4, [False] * 4] == told, target
    assert '"a""b"' in to_sql(
        read_condition("é == 3"), {"é": Variable('a"b', "number")} | {'a"b': Variable('a"b', "number")}
    )


def test_javascript_reads_the_object_the_page_names() -> None:
    """Any dotted name will do, and nothing but a name."""
    script = to_javascript(read_condition("x > 8"), SMALL, answers="form.answers")
    told = ask_javascript([f"(form=>{script})({{answers}})"], ['{"x": 9}', '{"x": 8}', "{}"])
    assert [[True], [False], [False]] == told
    with pytest.raises(SpecError, match="RTE13"):
        to_javascript(read_condition("x > 8"), SMALL, answers="a;b")


def test_choices_are_whole_keys() -> None:
    """`price` is not in `price_match`, nor in `prices`, wherever it stands."""
    world = {"y": Variable("y", "set", ("price", "price_match", "delay"))}
    asked = to_python(read_condition('"price" in y'), world)
    answers = [
        "price",
        "delay price",
        "price delay",
        "price_match",
        "delay price_match",
        ["price_match"],
        {"delay", "price"},
    ]
    assert [True, True, True, False, False, False, True] == [asked({"y": each}) for each in answers]
    objects = [f'{{"y": {json.dumps(sorted(each) if isinstance(each, set) else each)}}}' for each in answers]
    told = ask_javascript([to_javascript(read_condition('"price" in y'), world)], objects)
    assert [[True], [True], [True], [False], [False], [False], [True]] == told


def test_a_number_where_a_text_is_wanted_is_its_digits_if_whole() -> None:
    """Codes are often kept as numbers; a number that is not whole, or too large to be told apart, is no text."""
    world = {"t": Variable("t", "text", missing={"dk": 98})}
    texts = ['t == "dk"', 't == "7"', "t is None"]
    rows = [98, 98.0, "98", 7, 7.0, 7.5, 2**53, 1e300, True]
    dk, seven, none = (True, False, False), (False, True, False), (False, False, True)
    expected = [dk, dk, dk, seven, seven, none, none, none, none]
    functions = [to_python(read_condition(text), world) for text in texts]
    assert expected == [tuple(function({"t": row}) for function in functions) for row in rows]
    scripts = [to_javascript(read_condition(text), world) for text in texts]
    assert expected == [tuple(told) for told in ask_javascript(scripts, [json.dumps({"t": row}) for row in rows])]


@pytest.mark.parametrize("compile_to", [to_python, to_sql, to_javascript])
@pytest.mark.parametrize(
    ("text", "codes"),
    [("x >", ["RTE02"]), ("f(x) > 3 and z > 3", ["RTE03", "RTE01"]), ("x > 11", ["RTE05"]), ("y > 3", ["RTE04"])],
)
def test_no_target_compiles_a_faulty_condition(compile_to: Any, text: str, codes: list[str]) -> None:
    """Every finding is raised, each with its code and its remedy."""
    with pytest.raises(SpecError) as caught:
        compile_to(read_condition(text), SMALL)
    assert codes == [problem.code for problem in caught.value.problems]
    assert all(problem.mend and text in problem.what for problem in caught.value.problems)


def test_a_number_has_numbers_as_missing_codes() -> None:
    """A text could not stand in a numeric column."""
    with pytest.raises(SpecError, match="RTE11"):
        Variable("x", "number", missing={"na": "na"})

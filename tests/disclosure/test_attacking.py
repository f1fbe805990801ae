"""What an attacker cannot know: intervals against every whole-number filling of small tables, and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry.disclosure import cells_of
from symmetry.disclosure.attacking import attack, unknowns
from symmetry.disclosure.exchanging import exchanged
from symmetry.disclosure.protecting import Rules, protect
from symmetry.disclosure.puzzle import puzzle_of
from tests.disclosure.attacks import Key, cells, fillings

ONE = [[], ["region"]]
TWO = [[], ["region"], ["channel"]]
CROSSED = [[], ["region"], ["channel"], ["region", "channel"]]


def crowd(sizes: dict[tuple[str, str], list[int]]) -> pd.DataFrame:
    """People of each region and channel, with the answers they gave."""
    rows = [(*key, answer) for key, given in sizes.items() for answer in given]
    return pd.DataFrame(rows, columns=["region", "channel", "x"])


FEW_PEOPLE = crowd(
    {
        ("a", "p"): [1, 2],
        ("a", "w"): [2, 2, 1],
        ("b", "p"): [1],
        ("b", "w"): [2],
        ("c", "p"): [2, 1],
        ("c", "w"): [1, 1],
    }
)
HIDDEN: list[tuple[list[list[str]], set[Key]]] = [
    (ONE, {("region", "a"), ("region", "b")}),
    (TWO, {("region", "b"), ("region", "c")}),
    (
        CROSSED,
        {
            *(("region × channel", f"{r} × {c}") for r in "ab" for c in "pw"),
        },
    ),
    (CROSSED, {("region × channel", "b × p"), ("region × channel", "c × p"), ("region", "b"), ("region", "c")}),
]


@pytest.mark.parametrize(("tables", "hidden"), HIDDEN)
def test_the_interval_holds_every_filling(tables: list[list[str]], hidden: set[Key]) -> None:
    """No way of filling the groups with whole people lies outside, and the true one is among them."""
    laid = cells_of(FEW_PEOPLE, tables)
    puzzle = puzzle_of(laid, FEW_PEOPLE["x"], statistics=["score"])
    gone = np.array([key in hidden for key in laid.keys])
    made = cells(FEW_PEOPLE, tables)[2]
    possible = list(fillings(FEW_PEOPLE, tables, hidden, (1, 2)))
    assert possible
    for key in sorted(hidden):
        cell = laid.keys.index(key)
        counts = np.array([[sum(way[name][k] for name in made[key]) for k in (0, 1)] for way in possible])
        n, total = counts.sum(axis=1), counts @ [1, 2]
        true = int(laid.n[cell])
        found = attack(puzzle, gone, cell).interval
        assert found[0] - 1e-6 <= n.min() <= true <= n.max() <= found[1] + 1e-6
        means = total[n == true] / true
        assert found[2] - 1e-6 <= means.min() <= means.max() <= found[3] + 1e-6
        inner = exchanged(puzzle, gone)[cell]
        assert found[0] - 1e-6 <= inner[0] <= inner[1] <= found[1] + 1e-6
        assert found[2] - 1e-6 <= inner[2] <= inner[3] <= found[3] + 1e-6


@pytest.mark.parametrize(("tables", "hidden"), HIDDEN[:2])
def test_one_way_intervals_are_reached(tables: list[list[str]], hidden: set[Key]) -> None:
    """Of one-way tables the interval is no wider than whole people make it: both ends are some filling's."""
    laid = cells_of(FEW_PEOPLE, tables)
    puzzle = puzzle_of(laid, FEW_PEOPLE["x"], statistics=["score"])
    gone = np.array([key in hidden for key in laid.keys])
    made = cells(FEW_PEOPLE, tables)[2]
    for key in sorted(hidden):
        counts = [sum(sum(way[name]) for name in made[key]) for way in fillings(FEW_PEOPLE, tables, hidden, (1, 2))]
        found = attack(puzzle, gone, laid.keys.index(key)).interval
        assert pytest.approx([min(counts), max(counts)], abs=1e-6) == found[:2].tolist()


def test_one_way_by_hand() -> None:
    """Of 18 in two hidden regions, sum 84 on a scale of 1 to 5: the region of 3 has 0 to 18 people and a mean of 3 to 5."""
    frame = pd.DataFrame(
        {"region": ["a"] * 3 + ["b"] * 15 + ["c"] * 20, "x": [4, 5, 3, *[5] * 12, 4, 4, 4, *[1, 2, 3, 4] * 5]}
    )
    laid = cells_of(frame, ONE)
    puzzle = puzzle_of(laid, frame["x"], statistics=["score"])
    gone = np.array([key in {("region", "a"), ("region", "b")} for key in laid.keys])
    cell = laid.keys.index(("region", "a"))
    # the 15 others sum to 75 at most, so the 3 to 84 - 75 = 9 at least; the largest sum of three is 15
    expected = [0.0, 18.0, 3.0, 5.0]
    assert pytest.approx(expected, abs=1e-6) == attack(puzzle, gone, cell).interval.tolist()


def test_rounding_leaves_more_open() -> None:
    """Means printed with one decimal leave a wider interval than exact ones, and one that holds it."""
    frame = FEW_PEOPLE.loc[FEW_PEOPLE.index.repeat(3)].assign(x=np.tile([1, 2, 3], len(FEW_PEOPLE)))
    laid = cells_of(frame, ONE)
    puzzle = puzzle_of(laid, frame["x"])
    gone = np.array([key == ("region", "b") for key in laid.keys])
    cell = laid.keys.index(("region", "b"))
    exact, rounded = (attack(puzzle, gone, cell, digits=digits).interval for digits in (None, 1))
    assert exact[2] == pytest.approx(exact[3], abs=1e-6)
    assert rounded[3] - rounded[2] > 0.1
    assert rounded[2] - 1e-6 <= exact[2] <= rounded[3] + 1e-6


def test_a_single_hidden_cell_is_known() -> None:
    """Total less the rest: the programme closes in on the true count and mean, and names the cells that tell."""
    laid = cells_of(FEW_PEOPLE, ONE)
    puzzle = puzzle_of(laid, FEW_PEOPLE["x"])
    cell = laid.keys.index(("region", "a"))
    found = attack(puzzle, np.arange(len(laid.keys)) == cell, cell)
    assert pytest.approx([5.0, 5.0, 1.6, 1.6], abs=1e-6) == found.interval.tolist()
    assert {("", ""), ("region", "b"), ("region", "c")} == {laid.keys[other] for other in found.given_by}


def test_nothing_published_tells_nothing() -> None:
    """With all hidden any count and any mean of the scale are possible."""
    laid = cells_of(FEW_PEOPLE, ONE)
    everything = np.ones(len(laid.keys), bool)
    puzzle = puzzle_of(laid, FEW_PEOPLE["x"])
    assert [0.0, np.inf, 1.0, 2.0] == attack(puzzle, everything, 1).interval.tolist()
    assert [[0.0, np.inf, 1.0, 2.0]] * len(laid.keys) == exchanged(puzzle, everything).tolist()


@pytest.mark.parametrize("weighted", [False, True])
def test_both_roads_agree_where_tables_are_one_way(weighted: bool) -> None:
    """Exchanges and the programme give the same interval of a breakdown beside the total, weighted or not."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"region": rng.choice(list("abcdef"), 90, p=[0.4, 0.3, 0.2, 0.04, 0.03, 0.03])})
    answers, weight = rng.integers(1, 6, 90).astype(float), rng.uniform(0.5, 2.0, 90) if weighted else None
    laid = cells_of(frame, ONE)
    puzzle = puzzle_of(laid, answers, weight=weight, statistics=["score"], scale=(1.0, 5.0))
    gone = np.array([key in {("region", name) for name in "cdef"} for key in laid.keys])
    for cell in np.flatnonzero(gone):
        programme, exchange = attack(puzzle, gone, int(cell)).interval, exchanged(puzzle, gone)[cell]
        assert pytest.approx(programme[:2], abs=1e-6) == exchange[:2]
        assert programme[2] - 1e-6 <= exchange[2] <= exchange[3] <= programme[3] + 1e-6


def test_a_pool_that_is_nearly_all_alike_is_too_narrow() -> None:
    """A region of 4 beside one of 16 who nearly all answered 5 would be known to within a tenth: a third region goes too."""
    frame = pd.DataFrame({"region": ["a"] * 4 + ["b"] * 16 + ["c"] * 20 + ["d"] * 40})
    frame["x"] = [5, 5, 5, 4, *[5] * 15, 4, *[1, 2, 3, 4, 5] * 4, *[1, 2, 3, 4, 5] * 8]
    laid = cells_of(frame, ONE)
    puzzle = puzzle_of(laid, frame["x"], statistics=["mean"])
    tight, loose = (protect(puzzle, Rules(width=width)).hidden for width in (0.2, 0.01))
    assert [("region", "a"), ("region", "b")] == [laid.keys[cell] for cell in np.flatnonzero(loose)]
    assert [("region", "a"), ("region", "b"), ("region", "c")] == [laid.keys[cell] for cell in np.flatnonzero(tight)]


def test_a_programme_too_large_hides_more_and_says_so() -> None:
    """Where nothing may be solved, a cell that exchanges cannot clear counts as unprotected: the search still ends."""
    frame = crowd({(r, c): [1, 2, 3, 4] * 3 for r in "abc" for c in "pq"} | {("a", "s"): [1, 5], ("b", "s"): [2, 3]})
    laid = cells_of(frame, CROSSED)
    puzzle = puzzle_of(laid, frame["x"])
    free, bound = protect(puzzle, Rules()), protect(puzzle, Rules(limit=1))
    assert unknowns(puzzle, free.hidden, int(np.flatnonzero(free.hidden)[0])) > 1
    assert free.hidden.sum() <= bound.hidden.sum()
    assert not free.unsolved.any()


def test_remainders_are_closed_without_algebra(monkeypatch: pytest.MonkeyPatch) -> None:
    """In populations too large to solve for, four people without a region are still not left over by the total."""
    monkeypatch.setattr("symmetry.disclosure.companions.ALGEBRA", 0)
    frame = pd.DataFrame({"region": ["a"] * 12 + ["b"] * 20 + [None] * 4, "x": [1, 2, 3, 4] * 9})
    laid = cells_of(frame, ONE)
    found = protect(puzzle_of(laid, frame["x"]), Rules())
    assert [("region", "a")] == [laid.keys[cell] for cell in np.flatnonzero(found.hidden)]

"""Law 14 (house style, section 9): nothing hidden follows from what is published, by an attacker with code of his own."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from symmetry.disclosure import cells_of, hidden_cells, recoverable
from tests.disclosure.attacks import cells, groups_given_away, published_rows, widths
from tests.strategies import FEW

ONE = [[], ["region"]]
TWO = [[], ["region"], ["channel"]]
CROSSED = [[], ["region"], ["channel"], ["region", "channel"]]


@st.composite
def people(draw: st.DrawFn, *, kind: str) -> pd.DataFrame:
    """A few dozen people in regions and channels of very unequal size.

    "free": any crossing, with people who lack a variable; "nested": the channel is a branch of the region; "partial": a channel
    exists in some regions only.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(12, 120))
    region = rng.choice(list("abcd"), n, p=rng.dirichlet(np.full(4, 0.6))).astype(object)
    channel = rng.choice(list("xyz"), n, p=rng.dirichlet(np.full(3, 0.7))).astype(object)
    if kind == "nested":
        channel = np.array([f"{name}{rng.integers(1, 4)}" for name in region], dtype=object)
    if kind == "partial":
        channel = np.array(
            [rng.choice(list({"a": "x", "b": "xy", "c": "yz", "d": "z"}[name])) for name in region], dtype=object
        )
    if kind == "free":
        region[rng.random(n) < 0.06], channel[rng.random(n) < 0.06] = None, None
    return pd.DataFrame({"region": region, "channel": channel, "x": rng.integers(1, 6, n).astype(float)})


any_people = st.sampled_from(["free", "nested", "partial"]).flatmap(lambda kind: people(kind=kind))


@FEW
@given(any_people, st.sampled_from([ONE, TWO, CROSSED]), st.sampled_from([5, 10]))
def test_no_hidden_cell_can_be_computed(frame: pd.DataFrame, tables: list[list[str]], minimum: int) -> None:
    """Every small cell is hidden, and none follows from the published ones; the attacker and our own audit agree."""
    hidden = hidden_cells(frame, tables, answers=frame["x"], minimum=minimum)
    _, count, made = cells(frame, tables)
    assert {key for key, groups in made.items() if sum(count[name] for name in groups) < minimum} <= hidden
    assert published_rows(frame, tables, hidden)[1] == []
    ours = cells_of(frame, tables)
    assert not recoverable(ours, np.array([key in hidden for key in ours.keys])).any()


@FEW
@given(any_people, st.sampled_from([5, 10]))
def test_our_audit_finds_what_the_attacker_finds(frame: pd.DataFrame, minimum: int) -> None:
    """With only the small cells hidden, both name the same cells as recoverable."""
    ours = cells_of(frame, CROSSED)
    small = np.array([size < minimum for size in ours.n])
    exposed = {key for key, found in zip(ours.keys, recoverable(ours, small), strict=True) if found}
    hidden = {key for key, gone in zip(ours.keys, small, strict=True) if gone}
    assert exposed == set(published_rows(frame, CROSSED, hidden)[1])


@FEW
@given(any_people, st.sampled_from([5, 10]))
def test_one_breakdown_leaves_no_small_remainder(frame: pd.DataFrame, minimum: int) -> None:
    """Total and one breakdown: no group below the minimum is left over by any sums and differences."""
    hidden = hidden_cells(frame, ONE, answers=frame["x"], minimum=minimum)
    assert groups_given_away(frame[["region", "x"]], ONE, hidden, minimum) == []


@FEW
@given(people(kind="nested"), st.sampled_from([5, 10]))
def test_branches_inside_regions_leave_no_small_remainder(frame: pd.DataFrame, minimum: int) -> None:
    """Total, regions and the branches inside them: no small group is left over either."""
    hidden = hidden_cells(frame, TWO, answers=frame["x"], minimum=minimum)
    assert groups_given_away(frame, TWO, hidden, minimum) == []


def test_two_breakdowns_leave_no_small_remainder() -> None:
    """Regions a and b less channel x leave people who are in no cell of their own: eight, below the minimum of ten."""
    sizes = {("a", "x"): 20, ("a", "y"): 4, ("b", "x"): 20, ("b", "z"): 4, ("c", "y"): 20, ("c", "z"): 20}
    rows = [key for key, size in sizes.items() for _ in range(size)]
    frame = pd.DataFrame(rows, columns=["region", "channel"]).assign(x=np.arange(len(rows)) % 5 + 1.0)
    hidden = hidden_cells(frame, TWO, answers=frame["x"], minimum=10)
    assert groups_given_away(frame, TWO, hidden, 10) == []


def test_hidden_cells_of_one_answer_stay_hidden_together() -> None:
    """Two groups in which all answered 5 are hidden; what is left of the total would say that all answered 5."""
    frame = pd.DataFrame({"region": ["a"] * 12 + ["b"] * 12 + ["c"] * 30, "x": [5.0] * 24 + [1.0, 2, 3] * 10})
    hidden = hidden_cells(frame, ONE, answers=frame["x"], minimum=10)
    published = {key for key in cells(frame, ONE)[2] if key not in hidden}
    assert not {("", ""), ("region", "c")} <= published


@FEW
@given(any_people, st.sampled_from([ONE, TWO, CROSSED]), st.sampled_from([5, 10]))
def test_no_attacker_comes_close_to_a_small_cell(frame: pd.DataFrame, tables: list[list[str]], minimum: int) -> None:
    """A programme over all thinkable crossings leaves `minimum` people open, and a fifth of the scale to one told the count."""
    hidden = hidden_cells(frame, tables, answers=frame["x"], minimum=minimum)
    _, count, made = cells(frame, tables)
    small = [key for key, groups in made.items() if sum(count[name] for name in groups) < minimum]
    for key in small[:3]:
        people, mean = widths(frame, tables, hidden, key)
        assert people >= minimum - 1e-4, key
        assert mean >= 0.2 * np.ptp(frame["x"]) - 1e-4, key

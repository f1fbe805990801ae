"""The audit by hand: cells as sums of smallest groups, and what can be subtracted back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry.disclosure import cells_of, recoverable

PEOPLE = pd.DataFrame(
    {"region": ["n", "n", "n", "s", "s", None], "channel": ["p", "w", "w", "p", "w", "p"], "x": [1, 2, 3, 4, 5, 1]}
)


def test_cells_are_written_as_in_stored_tables() -> None:
    """Keys are (by, domain), crossings with ×; a person who lacks a variable is in no cell of its tables."""
    found = cells_of(PEOPLE, [[], ["region"], ["region", "channel"]])
    expected = {
        ("", ""): 6,
        ("region", "n"): 3,
        ("region", "s"): 2,
        ("region × channel", "n × p"): 1,
        ("region × channel", "n × w"): 2,
        ("region × channel", "s × p"): 1,
        ("region × channel", "s × w"): 1,
    }
    assert expected == dict(zip(found.keys, found.n.tolist(), strict=True))


@pytest.mark.parametrize(
    ("hidden", "exposed"),
    [
        (set(), set()),
        ({("region", "s")}, set()),  # one person has no region: the total less the north is not the south
        ({("region", "n"), ("region", "s")}, set()),
        ({("channel", "p")}, {("channel", "p")}),
        ({("channel", "p"), ("channel", "w")}, set()),
        ({("", "")}, {("", "")}),
        ({("", ""), ("channel", "p")}, set()),
    ],
)
def test_what_follows_by_subtraction(hidden: set[tuple[str, str]], exposed: set[tuple[str, str]]) -> None:
    """A hidden cell is recoverable when published ones add and subtract up to it."""
    cells = cells_of(PEOPLE, [[], ["region"], ["channel"]])
    found = recoverable(cells, np.array([key in hidden for key in cells.keys]))
    assert exposed == {key for key, given in zip(cells.keys, found, strict=True) if given}


def test_no_tables_but_the_whole() -> None:
    """The whole population alone is one cell, and hiding it leaves nothing to compute it from."""
    cells = cells_of(PEOPLE, [[]])
    assert [6] == cells.n.tolist()
    assert [False] == recoverable(cells, np.array([True])).tolist()

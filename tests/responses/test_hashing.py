from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry.responses import content_hash
from tests.studies import tiny_answers

COLUMNS = list(tiny_answers("customers").columns)


@given(st.permutations(range(4)), st.permutations(COLUMNS))
def test_order_is_not_content(rows: list[int], columns: list[str]) -> None:
    """Neither the order of rows nor that of columns touches the identity of answers."""
    answers = tiny_answers("customers")
    assert content_hash(answers) == content_hash(answers.iloc[rows][columns])


@pytest.mark.parametrize(
    ("column", "cells", "dtype"),
    [
        ("kept", [1, 2, 3, 5], "Int64"),
        ("kept", [1, 2, 3, None], "Int64"),
        ("kept", [1, 2, 3, 4], "float64"),
        ("recommend", [10, 7, 0, 0], "Int64"),
        ("branch", ["north-01", "north-01", "south-01", ""], "str"),
        ("branch", ["north-0", "1north-01", "south-01", None], "str"),
    ],
)
def test_any_difference_is_content(column: str, cells: list[object], dtype: str) -> None:
    """Another value, an absent one for a zero or an empty text, another type, a shifted letter: another identity."""
    answers = tiny_answers("customers")
    assert content_hash(answers) != content_hash(answers.assign(**{column: pd.array(cells, dtype=dtype)}))


def test_the_hash_is_written_down() -> None:
    """The identity of the tiny answers never changes: a new canonical form would orphan every frozen folder."""
    expected = "9d8c051eb012a721d6c72cc9c3866db596df141c032432a74582d759dd8fdc7c"
    assert expected == content_hash(tiny_answers("customers"))


def test_minus_zero_is_zero() -> None:
    """Two floats that are equal have one identity."""
    one, other = (pd.DataFrame({"respondent": ["a"], "x": [value]}) for value in (0.0, -0.0))
    assert content_hash(one) == content_hash(other)

"""Frames as they come: every kind of column weighs the same, and what is no number or no frame is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import weights
from symmetry.errors import DataError

SAMPLE = pd.DataFrame(
    {"region": ["n", "n", "s", "s", "s"], "age": [1, 2, 1, 2, 2], "w": [1.0, 2, 3, 4, 2], "x": [1.0, 2, 3, 5, 4]}
)
TARGETS = {"region": {"n": 0.5, "s": 0.5}, "age": {1: 0.4, 2: 0.6}}


class Foreign:
    """A table of another library, as polars has them."""

    def to_pandas(self) -> pd.DataFrame:
        """The table as pandas has it."""
        return SAMPLE


def raked(frame: Any) -> list[float]:
    """Weights raked to region and age."""
    return weights.rake(frame, TARGETS, weight="w")["weight"].round(12).tolist()


@pytest.mark.parametrize(
    ("column", "dtypes"),
    [
        ("region", ["category", "string", "string[pyarrow]", "object", "str"]),
        ("age", ["Int64", "int64[pyarrow]", "float", "Float64", "int8", "uint8", "category", "double[pyarrow]", "object"]),
        ("w", ["Int64", "int64[pyarrow]", "float32", "Float64", "int8", "double[pyarrow]", "object"]),
    ],
)  # fmt: skip
def test_the_type_of_a_column_never_matters(column: str, dtypes: list[str]) -> None:
    """Nullable, categorical and Arrow columns weigh as plain ones."""
    for dtype in dtypes:
        assert raked(SAMPLE) == raked(SAMPLE.astype({column: dtype})), dtype


def test_yes_and_no_are_categories() -> None:
    """A column of booleans, plain, nullable or Arrow, is raked to True and False."""
    for dtype in ("bool", "boolean", "bool[pyarrow]"):
        frame = SAMPLE.assign(own=pd.Series([True, False, True, False, False]).astype(dtype))
        assert [0.5] * 2 + [1.0] * 3 == [
            round(value, 9)
            for value in sorted(weights.rake(frame, {"own": {True: 1 / 4, False: 3 / 4}}, total=4)["weight"])
        ]


def test_tables_of_other_libraries_are_taken() -> None:
    """A table that can become a pandas frame is weighted as that frame."""
    assert raked(SAMPLE) == raked(Foreign())
    with pytest.raises(DataError, match="takes a pandas frame, not a dict"):
        raked(SAMPLE.to_dict())
    with pytest.raises(DataError, match="the frame has no rows"):
        raked(SAMPLE.iloc[:0])


def test_wide_ranges_and_many_columns_make_only_the_cells_there_are() -> None:
    """Integers far apart and crossings far more numerous than people are numbered by what is found."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"v{k}": rng.integers(0, 50, 3000) for k in range(6)})
    frame["far"] = rng.choice([-(2**61), 5, 2**61], 3000)
    targets: dict[str, Any] = {f"v{k}": dict.fromkeys(range(50), 1 / 50) for k in range(2)}
    targets["far"] = {-(2**61): 0.2, 5: 0.3, 2**61: 0.5}
    targets["v2", "v3", "v4", "v5"] = frame.groupby(["v2", "v3", "v4", "v5"]).size() / 3000
    found = weights.rake(frame, {"v0": targets["v0"], "far": targets["far"]})["weight"]
    np.testing.assert_allclose(found.groupby(frame["far"]).sum() / 3000, [0.2, 0.3, 0.5], rtol=1e-10)
    many = weights.rake(frame, {("v2", "v3", "v4", "v5"): targets["v2", "v3", "v4", "v5"]})["weight"]
    np.testing.assert_allclose(many, 1.0, rtol=1e-10)


def test_a_missing_category_matters_only_with_a_weight() -> None:
    """A row without weight may miss its category; one with weight may not."""
    lost = SAMPLE.assign(age=pd.array([1, None, 1, 2, 2], dtype="Int64"))
    found = weights.rake(lost.assign(w=[1, 0, 3, 4, 2]), {"age": TARGETS["age"]}, weight="w")["weight"]
    assert [1.0, 0.0, 3.0, 4.0, 2.0] == found.round(12).tolist()
    with pytest.raises(DataError, match=r"`age` is missing for 1 respondents \(first row 2\)"):
        raked(lost)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, None, 1, 1, 1], "the starting weight `w` is missing on row 2 (1 such rows)"),
        ([1, np.inf, 1, 1, 1], "the starting weight `w` is 'inf' on row 2"),
        ([1, -1, -2, 1, 1], "the starting weight `w` is '-1.0' on row 2 (2 below 0)"),
        ([0] * 5, "the starting weight `w` is 0 on every row"),
        (list("12345"), "the starting weight `w` is '1' (text) on row 1 (5 such rows)"),
        (pd.Series([1, "2", 3, 4, 5], dtype=object), "the starting weight `w` is '2' (text) on row 2 (1 such rows)"),
        (pd.Series([1, None, 3, 4, 5], dtype="Int64"), "the starting weight `w` is missing on row 2"),
        (pd.Series([1, None, 3, 4, 5], dtype="double[pyarrow]"), "the starting weight `w` is missing on row 2"),
    ],
)
def test_weights_that_are_no_weights_are_refused(values: Any, message: str) -> None:
    """Missing, infinite, negative and zero weights and text are told with their row."""
    with pytest.raises(DataError) as caught:
        raked(SAMPLE.assign(w=values))
    assert message in caught.value.problems[0].what


def test_keys_of_another_type_are_pointed_out() -> None:
    """Targets keyed by text for a column of numbers: the message says that only the types differ."""
    with pytest.raises(DataError, match="write the same categories in different types"):
        weights.rake(SAMPLE, {"age": {"1": 0.4, "2": 0.6}})


def test_a_column_that_stands_twice_is_refused() -> None:
    """Two columns of one name are not guessed at."""
    with pytest.raises(DataError, match="the frame has 2 columns `region`"):
        raked(pd.concat([SAMPLE, SAMPLE[["region"]]], axis=1))

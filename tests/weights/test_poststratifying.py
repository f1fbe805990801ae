"""Post-stratified classes hold the population's counts, crossed or not, however many they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate, weights
from symmetry.design import Design
from symmetry.errors import ConvergenceError, DataError, SymmetryError

SAMPLE = pd.DataFrame({"region": ["n", "n", "s", "s"], "age": [1, 2, 1, 2], "w": [1.0, 3.0, 2.0, 2.0]})
CROSSED = {("n", 1): 10, ("n", 2): 20, ("s", 1): 30, ("s", 2): 40}


@pytest.mark.parametrize(
    "targets",
    [
        CROSSED,
        pd.Series(CROSSED),
        pd.DataFrame([(*key, value) for key, value in CROSSED.items()], columns=["region", "age", "N"]),
        pd.Series(CROSSED).rename_axis(["region", "age"]),
    ],
    ids=["mapping", "series", "frame", "named series"],
)
def test_targets_may_be_written_in_several_ways(targets: Any) -> None:
    """A mapping, a Series and a frame of counts say the same; names are read where they are written."""
    assert [10, 20, 30, 40] == weights.poststratify(SAMPLE, targets, by=["region", "age"], weight="w")[
        "weight"
    ].tolist()
    if (not isinstance(targets, dict) and targets.index.names != [None, None]) or isinstance(targets, pd.DataFrame):
        assert [10, 20, 30, 40] == weights.poststratify(SAMPLE, targets)["weight"].tolist()


def test_shares_keep_the_sum_of_the_starting_weights() -> None:
    """Shares sum to the starting weights or to `total`; counts to their own sum or to `total`."""
    shares, counts = {"n": 0.25, "s": 0.75}, {"n": 25, "s": 75}
    for targets, total, expected in ((shares, None, 8), (shares, 20, 20), (counts, None, 100), (counts, 20, 20)):
        found = weights.poststratify(SAMPLE, targets, by="region", weight="w", total=total)["weight"]
        np.testing.assert_allclose(found, np.array([1, 3, 6, 6]) / 16 * expected, rtol=1e-12)


def test_a_million_classes() -> None:
    """A class a person, by number and by text: each has its count, and the calibration variables stay sparse."""
    n = 1_000_000
    order = np.random.default_rng(1).permutation(n)
    frame = pd.DataFrame({"id": order, "name": pd.Series(order).astype(str)})
    counts = pd.Series(np.arange(n) % 7 + 1.0)
    found = weights.poststratify(frame[["id"]], counts, by="id")
    assert (order % 7 + 1.0).tolist() == found["weight"].tolist()
    counts.index = counts.index.astype(str)
    assert found["weight"].tolist() == weights.poststratify(frame[["name"]], counts, by="name")["weight"].tolist()
    memory = weights.memory_of(found, "weight")
    assert n == memory.columns(found).nnz


def test_classes_without_respondents_may_be_left_out() -> None:
    """`absent="ignore"` leaves their people out of the population, and the description says how many classes."""
    found = weights.poststratify(SAMPLE, {"n": 10, "s": 20, "west": 5}, by="region", weight="w", absent="ignore")
    assert 30 == found["weight"].sum()
    assert ["post-stratification: 1 classes of the population have no respondent and are left out"] == [
        note for note in weights.describe(found)["note"] if note.startswith("post")
    ]


def test_the_classes_explain_all_of_their_own_indicator() -> None:
    """The share of a class is known: its standard error is 0."""
    found = weights.poststratify(SAMPLE, CROSSED, by=["region", "age"], weight="w")
    found["north"] = (found["region"] == "n").astype(float)
    share = estimate.mean(Design(found, weight="weight"), "north")
    np.testing.assert_allclose([share.values[0], share.se[0]], [0.3, 0.0], atol=1e-12)


@pytest.mark.parametrize(
    ("targets", "options", "error", "message"),
    [
        ({"n": 10}, {"by": "region"}, DataError, "categories without a target: s (2)"),
        (
            {"n": 1, "s": 1, "west": 2},
            {"by": "region"},
            ConvergenceError,
            "nobody in the sample is west (1 of 3 categories, 50.00% of",
        ),
        (CROSSED, {"by": "region"}, DataError, "keyed by 2 values, and it has 1 columns"),
        ({"n": 10, "s": 5}, {}, DataError, "does not know its columns"),
        ({"n": 10, "s": 5}, {"by": []}, DataError, "post-stratification has no column to make its classes of"),
        ({"n": 10, "s": 5}, {"by": "region", "absent": "drop"}, DataError, "absent='drop' is unknown"),
        ({"n": 10, "s": 5}, {"by": "region", "targets_in": "percent"}, DataError, "targets_in='percent' is unknown"),
        ({"n": 10, "s": 5}, {"by": "region", "targets_in": "shares"}, DataError, "target shares of `region` sum to 15"),
        ({"n": 10, "s": 5}, {"by": "region", "total": -1}, DataError, "total is -1"),
        (pd.Series([1, 2, 3], index=["n", "s", "s"]), {"by": "region"}, DataError, "two targets for s"),
        (
            pd.DataFrame({"region": ["n", "s"], "N": [1, 2], "M": [1, 2]}),
            {"by": "region"},
            DataError,
            "needs the columns region and one of counts",
        ),
    ],
)
def test_classes_that_do_not_fit_are_refused(
    targets: Any, options: dict[str, Any], error: type[SymmetryError], message: str
) -> None:
    """Each fault is told, with how many people and categories it touches."""
    with pytest.raises(error) as caught:
        weights.poststratify(SAMPLE, targets, weight="w", **options)
    assert message in caught.value.problems[0].what

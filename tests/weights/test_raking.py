"""Raking agrees with R's calibrate(calfun = "raking"), and refuses what it cannot do, with the remedy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import weights
from symmetry.errors import ConvergenceError, DataError, SymmetryError
from tests.golden.reading import golden, raked_customers

SAMPLE = pd.DataFrame({"region": ["n", "n", "s"], "channel": ["p", "w", "p"], "w": [1.0, 2.0, 1.0]})


@pytest.mark.parametrize(("name", "start"), [("plain", None), ("started", "weight")])
def test_weights_agree_with_r(name: str, start: str | None) -> None:
    """Every raked weight is R's, from equal weights and from unequal ones (both stop below 1e-12 of the margins)."""
    raked = raked_customers(start)
    expected = golden("weights", name).xs("weight", level="what").droplevel("domain")
    np.testing.assert_allclose(raked["fitted"], expected[raked["respondent"].astype(str)], rtol=1e-10)
    told = weights.describe(raked, weight="fitted").set_index("measure")["value"]
    measures = ["n", "kish_deff", "n_eff", "cv", "min", "max"]
    np.testing.assert_allclose(told[measures], [golden("weights", name)["", "", what] for what in measures], rtol=1e-10)


def test_the_frame_given_is_left_as_it_was() -> None:
    """Raking returns a copy: neither values nor memory of the caller's frame change."""
    before = SAMPLE.copy()
    raked = weights.rake(SAMPLE, {"region": {"n": 0.5, "s": 0.5}}, weight="w")
    pd.testing.assert_frame_equal(SAMPLE, before)
    assert {} == SAMPLE.attrs
    assert SAMPLE["w"].tolist() == raked["weight.starting"].tolist()


def test_a_target_of_zero_empties_a_category() -> None:
    """Who belongs to a category the population does not have ends with weight 0."""
    raked = weights.rake(SAMPLE, {"region": {"n": 1.0, "s": 0.0}})
    assert [1.5, 1.5, 0.0] == raked["weight"].tolist()


@pytest.mark.parametrize(
    ("frame", "targets", "error", "message", "mend"),
    [
        (SAMPLE, {"sector": {"a": 1.0}}, DataError, "raking needs the column `sector`", "drop this margin"),
        (
            SAMPLE.assign(region=["n", None, "s"]),
            {"region": {"n": 0.5, "s": 0.5}},
            DataError,
            "`region` is missing for 1 respondents (first row 2)",
            "give them a category",
        ),
        (SAMPLE, {"region": {"n": 0.5, "s": 0.4}}, DataError, "the target shares of `region` sum to 0.9", "sum to 1"),
        (
            SAMPLE,
            {"region": {"n": 1.5, "s": -0.5}},
            DataError,
            "the target shares of `region` sum to 1",
            "not negative",
        ),
        (SAMPLE, {"region": {"n": 1.0}}, DataError, "`region` has categories without a target: s", "recode"),
        (
            SAMPLE,
            {"region": {"n": 0.5, "s": 0.3, "west": 0.2}},
            ConvergenceError,
            "cannot reach the target of `region`: nobody in the sample is west",
            "merge the empty categories",
        ),
    ],
)
def test_margins_that_cannot_be_reached_are_refused(
    frame: pd.DataFrame, targets: dict[str, dict[str, float]], error: type[SymmetryError], message: str, mend: str
) -> None:
    """Each fault of margins is told with its remedy."""
    with pytest.raises(error) as caught:
        weights.rake(frame, targets)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend


def test_raking_that_does_not_end_says_how_far_it_is() -> None:
    """After the last round the error names the rounds, the worst margin and its distance."""
    frame = pd.DataFrame({"region": ["n", "s"], "channel": ["p", "w"]})
    with pytest.raises(ConvergenceError, match=r"after 7 rounds: the margin of `\w+` is still 0\.\d+ from") as caught:
        weights.rake(frame, {"region": {"n": 0.3, "s": 0.7}, "channel": {"p": 0.6, "w": 0.4}}, steps=7)
    assert "drop a margin" in caught.value.problems[0].mend

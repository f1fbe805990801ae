"""Raking agrees with R's calibrate(calfun = "raking"), and refuses what it cannot do, with the remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps=0 is no number of steps"),
        ({"steps": 2.5}, "steps=2.5 is no number of steps"),
        ({"tolerance": -1}, "tolerance=-1 is no misfit"),
        ({"tolerance": 0.0}, "tolerance=0.0 is no misfit"),
        ({"tolerance": 1}, "tolerance=1 is no misfit"),
        ({"tolerance": float("nan")}, "tolerance=nan is no misfit"),
    ],
)
def test_rounds_that_fit_nothing_are_refused(options: dict[str, Any], message: str) -> None:
    """No steps would leave the weights unraked, a tolerance below 0 could not be reached: by raking and by calibration."""
    for fit in (
        lambda: weights.rake(SAMPLE, {"region": {"n": 0.5, "s": 0.5}}, **options),
        lambda: weights.calibrate(SAMPLE, {"region": {"n": 5, "s": 5}}, **options),
        lambda: weights.apply(weights.Recipe([("rake", {"targets": {"region": {"n": 0.5, "s": 0.5}}, **options})]), SAMPLE),
    ):  # fmt: skip
        with pytest.raises(DataError, match=message):
            fit()


def test_targets_are_a_mapping() -> None:
    """A list of names or of pairs in place of targets is refused with the form they have."""
    form = r"give \{variable: \{category: share or count\}\}"
    with pytest.raises(DataError, match=rf"the targets of raking are a list, not a mapping\n  mend: {form}"):
        weights.rake(SAMPLE, ["region"])
    with pytest.raises(DataError, match="the totals of the calibration are a list, not a mapping"):
        weights.calibrate(SAMPLE, [("x", 1)])
    for look in (weights.describe, weights.plot):
        with pytest.raises(DataError, match=rf"the targets to describe are a list, not a mapping\n  mend: {form}"):
            look(weights.rake(SAMPLE, {"region": {"n": 0.5, "s": 0.5}}), targets=["region"])


@pytest.mark.parametrize(
    ("ask", "mend"),
    [
        (lambda: weights.rake(SAMPLE, {"age": {1: 1.0}}), "drop this margin"),
        (lambda: weights.rake(SAMPLE, {"region": {"n": 1.0}}, weight="d"), "name the column of weights with `weight=`"),
        (lambda: weights.describe(SAMPLE), "name the column of weights with `weight=`"),
        (lambda: weights.calibrate(SAMPLE, {"age": 3}), "add it to the frame, or drop its total"),
        (lambda: weights.poststratify(SAMPLE, {1: 1.0}, by="age"), "name columns of the frame in `by`"),
        (lambda: weights.trim(SAMPLE, weight="w", upper=2, by="age"), "name columns of the frame in `by`"),
        (lambda: weights.adjust_nonresponse(SAMPLE, "came"), "name the column that tells who answered"),
        (lambda: weights.adjust_nonresponse(SAMPLE.assign(a=1), "a", classes="age"), "of the frame in `classes`"),
        (lambda: weights.adjust_nonresponse(SAMPLE.assign(a=1), "a", covariates="age"), "of the frame in `covariates`"),
        (lambda: weights.balance(SAMPLE, SAMPLE, "age"), "both frames have every covariate"),
        (lambda: weights.balance(SAMPLE.assign(age=1), SAMPLE, "age"), "both frames have every covariate"),
    ],
)
def test_an_absent_column_is_mended_by_its_role(ask: Callable[[], Any], mend: str) -> None:
    """What helps where a column is absent depends on what it was to be."""
    with pytest.raises(DataError, match="needs the column") as caught:
        ask()
    assert mend in caught.value.problems[0].mend


def test_raking_that_does_not_end_says_how_far_it_is() -> None:
    """After the last round the error names the rounds, the worst margin and its distance."""
    frame = pd.DataFrame({"region": ["n", "s"], "channel": ["p", "w"]})
    with pytest.raises(ConvergenceError, match=r"after 7 rounds: the margin of `\w+` is still 0\.\d+ from") as caught:
        weights.rake(frame, {"region": {"n": 0.3, "s": 0.7}, "channel": {"p": 0.6, "w": 0.4}}, steps=7)
    assert "drop a margin" in caught.value.problems[0].mend

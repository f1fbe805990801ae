"""Laws of quantiles (house style, section 9, laws 1, 2, 3, 5, 7), on random designs."""

from __future__ import annotations

from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry import estimate
from symmetry.estimate.quantiles.rules import PLAIN, RULES
from tests.strategies import FEW, Sample, samples

POINTS = [0.1, 0.25, 0.5, 0.8]
COLUMNS = ["estimate", "se", "lower", "upper"]


def table(
    design: object, rule: str, items: tuple[str, ...] = ("x", "y"), by: tuple[str, ...] = ("group",)
) -> np.ndarray:
    """Values, errors and bounds."""
    return (
        estimate.quantile(design, list(items), POINTS, rule=rule, by=by, interval="xlogit")
        .table()[COLUMNS]
        .to_numpy(float)
    )


def assert_same(one: np.ndarray, other: np.ndarray) -> None:
    """The same numbers up to rounding, and missing in the same places."""
    np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-10)


@FEW
@given(samples(weight=True), st.floats(0.01, 100), st.sampled_from(RULES))
def test_the_unit_of_weights_never_matters(sample: Sample, c: float, rule: str) -> None:
    """Law 1: multiplying every weight by one number changes nothing, by any rule."""
    other = sample.design(sample.frame.assign(weight=sample.frame["weight"] * c))
    assert_same(table(sample.design(), rule), table(other, rule))


@FEW
@given(samples(), st.randoms(use_true_random=False), st.sampled_from(PLAIN))
def test_the_order_of_respondents_never_matters(sample: Sample, random: Random, rule: str) -> None:
    """Law 2: shuffled rows give the same numbers, by the rules that see no rows."""
    order = list(range(len(sample.frame)))
    random.shuffle(order)
    assert_same(table(sample.design(), rule), table(sample.design(sample.frame.iloc[order]), rule))


@FEW
@given(samples(psu=True), st.sampled_from(PLAIN))
def test_twins_inside_a_psu_change_nothing(sample: Sample, rule: str) -> None:
    """Law 3: every row twice inside its own psu leaves quantiles and their errors as they were."""
    twice = pd.concat([sample.frame, sample.frame], ignore_index=True)
    assert_same(table(sample.design(), rule), table(sample.design(twice), rule))


@FEW
@given(samples(), st.sampled_from(RULES))
def test_a_domain_is_a_subset_with_its_strata(sample: Sample, rule: str) -> None:
    """Law 5: by domain, or with all other answers missing, is the same."""
    design = sample.design()
    by = estimate.quantile(design, "y", POINTS, rule=rule, by=["group"], interval="xlogit").table()
    for group in by["group"].unique():
        alone = sample.design(sample.frame.assign(y=sample.frame["y"].where(sample.frame["group"] == group)))
        assert_same(table(alone, rule, ("y",), ()), by.loc[by["group"] == group, COLUMNS].to_numpy(float))


@FEW
@given(samples(), st.sampled_from(RULES), st.floats(-50, 50), st.floats(0.01, 100))
def test_a_line_moves_quantiles_as_it_moves_answers(sample: Sample, rule: str, a: float, b: float) -> None:
    """Law 7: quantiles of a + b·x are a + b times those of x, their errors times b."""
    moved = sample.design(sample.frame.assign(y=a + b * sample.frame["y"]))
    ours, theirs = table(sample.design(), rule, ("y",)), table(moved, rule, ("y",))
    shift = np.array([a, 0.0, a, a])
    np.testing.assert_allclose(theirs, shift + b * ours, rtol=1e-7, atol=1e-9 * (abs(a) + b))


@FEW
@given(samples(), st.sampled_from(["math", "hf1", "hf3"]))
def test_any_growing_function_moves_quantiles(sample: Sample, rule: str) -> None:
    """Rules that take an answer take the same one after any growing function, bounds among them."""
    grown = sample.design(sample.frame.assign(y=np.exp(sample.frame["y"])))
    ours, theirs = table(sample.design(), rule, ("y",)), table(grown, rule, ("y",))
    np.testing.assert_allclose(np.log(theirs[:, [0, 2, 3]]), ours[:, [0, 2, 3]], rtol=1e-9, atol=1e-12)


@given(st.lists(st.integers(0, 10), min_size=2, max_size=40), st.sampled_from(RULES))
def test_quantiles_grow_with_their_probability(answers: list[int], rule: str) -> None:
    """From the smallest answer at 0 to the largest at 1, never down."""
    from symmetry.design import Design

    frame = pd.DataFrame({"x": np.array(answers, float), "w": np.arange(len(answers)) % 5 + 0.3})
    found = estimate.quantile(Design(frame, weight="w"), "x", np.linspace(0, 1, 41), rule=rule).values
    assert (np.diff(found) >= -1e-12).all()
    assert min(answers) <= found[0]
    assert max(answers) == pytest.approx(found[-1])

"""The numbers behind a draw: the recipe of a random word, sizes to probabilities, samples shared out among strata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symmetry.fieldwork.chances import allocate, proportional, uniform, words
from tests.studies import tiny_study

GOLDEN = Path(__file__).parents[1] / "golden" / "sampling.csv"
COUNT = 100_000


def numbers(wave: str = "cold", stage: str = "person", seed: int = 7) -> np.ndarray:
    """Uniform numbers of many people in one draw."""
    people = [f"c{number:06d}" for number in range(COUNT)]
    return uniform(words(people, seed=seed, study=tiny_study(), wave=wave, audience="customers", stage=stage))


def test_words_follow_the_recipe() -> None:
    """A word is what coreutils' `b2sum -l 64` prints of the seven lines that the recipe names."""
    drawn = words(["c0001", "Élodie"], seed=7, study=tiny_study(), wave="cold", audience="customers", stage="person")
    assert [int("56ba40176b9ead02", 16), int("de2a503f71f9fc64", 16)] == drawn.tolist()


def test_uniform_numbers_are_inside_the_interval() -> None:
    """The least and the greatest word give numbers above 0 and below 1, or at most its nearest neighbour."""
    ends = uniform(np.array([0, 2**64 - 1], dtype=np.uint64))
    assert (2.0**-54, True) == (ends[0], ends[1] <= 1.0)


def test_numbers_are_uniform() -> None:
    """Kolmogorov's distance of 100,000 numbers is below 1.95/√n, which chance passes once in a thousand."""
    found = np.sort(numbers())
    steps = np.arange(1, COUNT + 1) / COUNT
    assert max((steps - found).max(), (found - steps + 1 / COUNT).max()) < 1.95 / COUNT**0.5


@pytest.mark.parametrize("other", [{"wave": "hot"}, {"stage": "choice"}, {"seed": 8}])
def test_another_draw_is_independent(other: dict[str, Any]) -> None:
    """Another wave, stage or seed gives numbers without correlation, and pairs that fill 100 cells evenly (chi-square)."""
    one, two = numbers(), numbers(**other)
    cells = np.histogram2d(one, two, bins=10, range=[[0, 1], [0, 1]])[0]
    assert abs(np.corrcoef(one, two)[0, 1]) < 4 / COUNT**0.5
    assert ((cells - COUNT / 100) ** 2 / (COUNT / 100)).sum() < 99 + 4 * (2 * 99) ** 0.5


def test_probabilities_agree_with_r() -> None:
    """Certainties are taken out one after the other as R's `sampling::inclusionprobabilities` does."""
    golden = pd.read_csv(GOLDEN, comment="#")
    for (_, count), part in golden.groupby(["population", "count"]):
        found = proportional(part["size"].to_numpy(float), int(count))
        np.testing.assert_allclose(found, part["probability"].to_numpy(), rtol=1e-12)


@given(st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=60), st.data())
def test_probabilities_sum_to_the_sample(sizes: list[float], data: st.DataObject) -> None:
    """They sum to the count, lie in (0, 1], and are in proportion among those below 1."""
    count = data.draw(st.integers(1, len(sizes)))
    chance = proportional(np.array(sizes), count)
    assert chance.sum() == pytest.approx(count, rel=1e-9)
    assert ((chance > 0) & (chance <= 1)).all()
    ratio = (chance / sizes)[chance < 1]
    assert ratio.max(initial=0) == pytest.approx(ratio.min(initial=ratio.max(initial=0)), rel=1e-9)


@settings(max_examples=200)
@given(st.lists(st.integers(1, 500), min_size=1, max_size=20), st.data())
def test_allocation_keeps_its_bounds(held: list[int], data: st.DataObject) -> None:
    """All is shared out, none above what it holds, each with two where the sample suffices, larger ones never below smaller."""
    total = data.draw(st.integers(1, sum(held)))
    most = np.array(held)
    found = allocate(most.astype(float), most, total)
    assert total == found.sum()
    assert (found <= most).all()
    if np.minimum(most, 2).sum() <= total:
        assert (found >= np.minimum(most, 2)).all()
    order = np.argsort(most, kind="stable")
    assert (np.diff(found[order])[np.diff(most[order]) > 0] >= 0).all()


def test_an_empty_stratum_gets_nothing() -> None:
    """Where nobody is there is nothing to share out, and the others share as without it."""
    weights, most = np.array([0.0, 700.0, 290.0, 10.0]), np.array([0, 700, 290, 10])
    assert [0, 69, 29, 2] == allocate(weights, most, 100).tolist()
    assert [0, 0] == allocate(np.zeros(2), np.zeros(2, dtype=np.int64), 0).tolist()


def test_largest_remainders_by_hand() -> None:
    """Shares 47.6, 31.2, 21.2 of 100 give 48, 31, 21; ties go to the larger stratum, then to the first."""
    assert [48, 31, 21] == allocate(np.array([476.0, 312.0, 212.0]), np.array([476, 312, 212]), 100).tolist()
    assert [3, 3, 2] == allocate(np.ones(3), np.array([9, 9, 9]), 8).tolist()
    assert [2, 4, 4] == allocate(np.ones(3), np.array([2, 9, 9]), 10).tolist()

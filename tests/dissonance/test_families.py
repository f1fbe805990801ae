"""Families of tests: R's p.adjust, statsmodels, and two stages by a program of the test's own; what each p would have to be."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from symmetry.dissonance.families import adjusted, bars
from symmetry.errors import DesignError
from tests.golden.reading import golden

WAYS = ["bh", "by", "holm", "two_stage"]
NAMES = {"bh": "fdr_bh", "by": "fdr_by", "holm": "holm"}


@pytest.mark.parametrize("adjust", list(NAMES))
@pytest.mark.parametrize("example", ["bh1995", "ties"])
def test_agrees_with_r(example: str, adjust: str) -> None:
    """Fifteen published p-values, and some with ties, by p.adjust."""
    expected = golden("verdicts", example)
    p = expected.xs("p", level="what").sort_index()
    theirs = expected.xs(f"adjusted.{adjust}", level="what").sort_index()
    found = adjusted(p.to_numpy(), np.zeros(len(p)), adjust)
    np.testing.assert_allclose(found, theirs, rtol=1e-12)
    if example == "bh1995":
        assert {"bh": 4, "by": 3, "holm": 3}[adjust] == (found <= 0.05).sum()


@pytest.mark.parametrize("adjust", list(NAMES))
def test_many_families_at_once(adjust: str) -> None:
    """Families are adjusted each for itself, as statsmodels does one by one; negative dependence makes bh by."""
    rng = np.random.default_rng(1)
    family, p = rng.choice(["a", "b", "c"], 200), rng.uniform(size=200) ** 3
    for name in "abc":
        mine = family == name
        theirs = multipletests(p[mine], method=NAMES[adjust])[1]
        np.testing.assert_allclose(adjusted(p, family, adjust)[mine], theirs, rtol=1e-12)
    negative = adjusted(p, family, "bh", negative=True)
    np.testing.assert_array_equal(negative, adjusted(p, family, "by"))


def found_in_two_stages(p: np.ndarray, item: np.ndarray, q: float) -> np.ndarray:
    """Benjamini and Bogomolov at one q, step by step as the paper tells it."""
    names = np.unique(item)
    simes = []
    for name in names:
        own = np.sort(p[item == name])
        simes.append(min(len(own) * value / (rank + 1) for rank, value in enumerate(own)))
    chosen = multipletests(simes, alpha=q, method="fdr_bh")[0]
    rejected = np.zeros(len(p), bool)
    for name in names[chosen]:
        mine = np.flatnonzero(item == name)
        rejected[mine] = multipletests(p[mine], alpha=q * chosen.sum() / len(names), method="fdr_bh")[0]
    return rejected


@pytest.mark.parametrize("seed", range(40))
def test_two_stages_reject_what_the_paper_rejects(seed: int) -> None:
    """At every q the adjusted p tell which tests the two stages find; with negative dependence, at q over 1 + 1/2 + … + 1/m."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 40))
    item, p = rng.integers(0, 5, size), rng.uniform(size=size) ** 4
    found = adjusted(p, np.zeros(size), "two_stage", item=item)
    careful = adjusted(p, np.zeros(size), "two_stage", item=item, negative=True)
    factor = sum(1 / k for k in range(1, len(np.unique(item)) + 1))
    for q in (0.01, 0.05, 0.2, 0.45):
        np.testing.assert_array_equal(found <= q, found_in_two_stages(p, item, q))
        np.testing.assert_array_equal(careful <= q, found_in_two_stages(p, item, q / factor))


def test_two_stages_in_two_families() -> None:
    """Items of one name in two families are two items."""
    rng = np.random.default_rng(3)
    p, item, family = rng.uniform(size=60) ** 3, rng.integers(0, 4, 60), np.repeat([0, 1], 30)
    both = adjusted(p, family, "two_stage", item=item)
    for one in (0, 1):
        mine = family == one
        np.testing.assert_array_equal(both[mine], adjusted(p[mine], family[mine], "two_stage", item=item[mine]))


@pytest.mark.parametrize("adjust", WAYS)
@pytest.mark.parametrize("negative", [False, True])
def test_bars_are_where_a_test_is_just_found(adjust: str, negative: bool) -> None:
    """A hair below its bar a test is found and a hair above it is not, all others staying as they are."""
    rng = np.random.default_rng(5)
    for _ in range(12):
        size = int(rng.integers(2, 25))
        p, item, family = rng.uniform(size=size) ** 4, rng.integers(0, 4, size), rng.integers(0, 2, size)
        found = adjusted(p, family, adjust, item=item, negative=negative)
        bar = bars(p, family, adjust, 0.05, item=item, negative=negative)
        for row in np.flatnonzero(found > 0.05):
            for times, expected in ((1 - 1e-6, True), (1 + 1e-6, False)):
                moved = p.copy()
                moved[row] = bar[row] * times
                assert expected == (adjusted(moved, family, adjust, item=item, negative=negative)[row] <= 0.05)


@pytest.mark.parametrize("adjust", WAYS)
def test_a_family_of_one_or_of_none(adjust: str) -> None:
    """One test is its own p and its bar the level; no test at all is no fault."""
    np.testing.assert_allclose(adjusted(np.array([0.04]), np.zeros(1), adjust, item=np.zeros(1)), [0.04])
    np.testing.assert_allclose(bars(np.array([0.3]), np.zeros(1), adjust, 0.05, item=np.zeros(1)), [0.05])
    nothing = np.array([])
    assert len(adjusted(nothing, nothing, adjust, item=nothing)) == 0
    assert len(bars(nothing, nothing, adjust, 0.05, item=nothing)) == 0


def test_what_is_no_adjustment_is_refused() -> None:
    """An unknown name, and two stages without items."""
    with pytest.raises(DesignError, match="no adjustment is called 'bonferroni'"):
        adjusted(np.array([0.1]), np.zeros(1), "bonferroni")
    with pytest.raises(DesignError, match="which item each test is of"):
        adjusted(np.array([0.1]), np.zeros(1), "two_stage")

"""What would settle a gap has the power it promises, by the exact chances of planned samples."""

from __future__ import annotations

import numpy as np
import pytest

from symmetry import design
from symmetry.design.planning.chances import different, equivalent
from symmetry.dissonance.settling import growth

M = 0.3


@pytest.mark.parametrize("df", [4, 10, 40, 1000])
@pytest.mark.parametrize("bar", [0.05, 0.002])
def test_the_chance_of_the_verdict_is_eight_in_ten(df: float, bar: float) -> None:
    """With that many times the sample, noncentral t with |g| ≥ m, and Owen's Q, give power .8: within .015, which is what five
    nodes leave and a step of a few thousandths in the sample."""
    size = np.array([0.0, 0.1, 0.2, 0.24, 0.36, 0.4, 0.6, 0.9])
    for se in (0.15, 0.4):
        found = growth(
            size, np.full(8, M), np.full(8, se), np.full(8, df), zero=np.full(8, bar), beyond=np.full(8, bar)
        )
        assert not np.isnan(found).any()
        for g, times in zip(size, found, strict=True):
            after = se / np.sqrt(times)
            chance = (
                different(g, after, df * times, level=1 - bar, sides=2, smallest=M)
                if g >= M
                else equivalent(g, after, df * times, level=1 - bar, within=M)
            )
            if times > 1:
                np.testing.assert_allclose(chance, 0.8, atol=0.015)
            else:
                assert chance >= 0.79


def test_it_is_the_sample_size_of_the_planner() -> None:
    """Two simple samples of 60 each, grown by what would settle them, are what `design.sample_size` finds, within 2 %."""
    now = design.power(n={"a": 60, "b": 60}, sd={"a": 1.0, "b": 1.0}).iloc[2]
    bar = np.full(2, 0.05)
    facts = (np.full(2, M), np.full(2, now["se"]), np.full(2, now["df"]))
    times = growth(np.array([0.45, 0.0]), *facts, zero=bar, beyond=bar)
    free = {"n": {"a": None, "b": None}, "sd": {"a": 1.0, "b": 1.0}}
    dissonant = design.sample_size(difference=0.45, smallest=M, **free).iloc[0]["n"]
    aligned = design.sample_size(equivalence=M, difference=0.0, **free).iloc[0]["n"]
    np.testing.assert_allclose(60 * times, [dissonant, aligned], rtol=0.02)


def test_what_cannot_be_settled_has_no_number() -> None:
    """A gap at its very smallest gap of interest, one without error or degrees of freedom; one that is settled needs no more."""
    size, se, df = np.array([0.3, 0.5, 0.5, 0.9]), np.array([0.2, 0.0, 0.2, 0.05]), np.array([40, 40, 0, 40])
    found = growth(size, np.full(4, M), se, df, zero=np.full(4, 0.05), beyond=np.full(4, 0.05))
    assert [True, True, True, False] == np.isnan(found).tolist()
    assert 1.0 == found[3]


def test_more_is_needed_near_the_margin_and_in_a_larger_family() -> None:
    """From either side, the nearer the margin the more answers; the smaller the bar the more."""
    size = np.array([0.0, 0.15, 0.25, 0.35, 0.5, 0.8])
    one, few = (
        growth(size, np.full(6, M), np.full(6, 0.3), np.full(6, 50.0), zero=np.full(6, bar), beyond=np.full(6, bar))
        for bar in (0.05, 0.001)
    )
    assert (np.diff(one[:3]) > 0).all()
    assert (np.diff(one[3:]) < 0).all()
    assert (few >= one).all()
    assert (few > one).sum() >= 5

"""Tails: against R's pf and pt, scipy, and a series of positive terms for weighted sums of chi-squares; none is ever 0."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from symmetry.errors import DesignError
from symmetry.estimate.comparing.mixtures import mixture_tail
from symmetry.estimate.tails import SMALLEST, chi2_tail, f_tail, t_tail


def series(x: float, weights: np.ndarray, df2: float) -> float:
    """Ruben's series (1962): a sum of chi-squares as a mixture of chi-squares of one scale, each term over χ²(df2) / df2.

    Its terms are positive and, with the smallest weight as scale, sum to 1: nothing cancels, however small the tail.
    """
    scale, k = float(weights.min()), len(weights)
    rest, terms, sums = 1 - scale / weights, [float(np.sqrt(scale / weights).prod())], []
    while len(terms) < 900:
        sums.append(float((rest ** (len(sums) + 1)).sum()))
        terms.append(float(np.dot(sums[::-1], terms)) / (2 * len(terms)))
    df = k + 2 * np.arange(len(terms))
    return float(np.dot(terms, np.asarray(f_tail(x / (scale * df), df, df2))))


@pytest.mark.parametrize(
    ("found", "theirs"),
    [
        (lambda: f_tail(1.5, 16, 1e9), 0.08950449946110747),
        (lambda: f_tail(100, 16, 1e4), 7.661068659237633e-307),
        (lambda: f_tail(3, 16, 1e9), 4.749993361602679e-05),
        (lambda: f_tail(4, 2, 20), 0.03457161303360778),
        (lambda: t_tail(-30, 1e9), 9.815419687967424e-198),
        (lambda: t_tail(5, 1e8), 5.733041101267267e-07),
        (lambda: chi2_tail(24, 16), 0.08950449684017583),
    ],
)
def test_tails_are_those_of_r(found: object, theirs: float) -> None:
    """pf, pt and pchisq, upper tails, printed by R 4.2.2 to sixteen digits; degrees of freedom of a billion among them."""
    np.testing.assert_allclose(found(), theirs, rtol=1e-9)


@pytest.mark.parametrize(
    "tail",
    [
        f_tail(np.inf, 2, 5),
        t_tail(1e200, 4),
        chi2_tail(1e6, 3),
        mixture_tail(1e9, [1, 2]),
        mixture_tail(1e15, [1.0]),
        mixture_tail(1e15, [1.0, 2.0], df2=900),
    ],
)
def test_what_underflows_is_the_smallest_number_and_not_0(tail: float) -> None:
    """p is above 0, whatever the statistic."""
    assert tail == SMALLEST > 0


def test_without_degrees_of_freedom_there_is_no_tail() -> None:
    """NaN where a degree of freedom is not positive or the statistic is missing; the rest of an array has its own."""
    assert np.isnan(
        [f_tail(2, 0, 5), f_tail(2, 3, -1), t_tail(1, 0), chi2_tail(1, 0), mixture_tail(np.nan, [1.0])]
    ).all()
    assert np.isnan([mixture_tail(1, [1.0], df2=0), mixture_tail(1, [np.nan])]).all()
    expected = [stats.f.sf(1.0, 2, 7), np.nan, stats.chi2.sf(6, 2)]
    np.testing.assert_allclose(f_tail(np.array([1.0, 2.0, 3.0]), 2, np.array([7.0, 0.0, np.inf])), expected, rtol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 3, 16, 100, 1000])
@pytest.mark.parametrize("df2", [0.5, 2.3, 20.92, 1e4, 1e9, np.inf])
@pytest.mark.parametrize("x", [1e-6, 0.3, 1.0, 1.5, 10.0])
def test_equal_weights_make_f_and_chi_squared(k: int, df2: float, x: float) -> None:
    """The sum of k χ² of one weight over χ²/df is F: to 1e-9 of the tail itself, down to 1e-300."""
    expected = f_tail(x, k, df2)
    np.testing.assert_allclose(mixture_tail(x * k * 2.5, np.full(k, 2.5), df2=df2), expected, rtol=1e-9)
    np.testing.assert_allclose(mixture_tail(x * k, [1.0], df=float(k), df2=df2), expected, rtol=1e-9)


@given(
    st.lists(st.floats(0.1, 1.0), min_size=1, max_size=8),
    st.one_of(st.floats(0.7, 300), st.just(np.inf)),
    st.floats(0.01, 40),
)
def test_unequal_weights_agree_with_a_series(weights: list[float], df2: float, ratio: float) -> None:
    """Imhof's integral through the saddlepoint, and Ruben's series: two roads, to 1e-9 of the tail."""
    terms = np.array(weights)
    x = ratio * terms.sum()
    np.testing.assert_allclose(mixture_tail(x, terms, df2=df2), series(x, terms, df2), rtol=1e-9)


def test_weights_below_0_are_differences() -> None:
    """χ²₂ - χ²₂ is Laplace's: its tail above x is exp(-x / 2) / 2, and above -x the rest; zeros drop out."""
    for x in (0.0, 0.5, 3.0, 60.0):
        np.testing.assert_allclose(mixture_tail(x, [1, -1, 0], df=2.0), np.exp(-x / 2) / 2, rtol=1e-10)
        np.testing.assert_allclose(mixture_tail(-x, [1, -1], df=2.0), 1 - np.exp(-x / 2) / 2, rtol=1e-10)
    with pytest.raises(DesignError, match="no weight of the sum is above 0"):
        mixture_tail(1.0, [-1.0, 0.0])
    assert mixture_tail(0.0, [1.0, 2.0]) == 1.0


def test_fractional_degrees_of_freedom_are_not_cut() -> None:
    """Between 20 and 21 degrees of freedom the tail moves all the way; a hundred thousand draws agree with 20.92."""
    weights, rng = np.array([1.7, 0.6]), np.random.default_rng(5)
    tails = [mixture_tail(12.0, weights, df2=df2) for df2 in (20, 20.3, 20.92, 21)]
    assert tails == sorted(tails, reverse=True)
    assert len(set(tails)) == 4
    draws = rng.chisquare(1, (100_000, 2)) @ weights > 12 * rng.chisquare(20.92, 100_000) / 20.92
    assert abs(draws.mean() - tails[2]) < 4 * np.sqrt(tails[2] / 100_000)


@given(
    st.lists(st.tuples(st.floats(-8, 3), st.sampled_from([1, 1, 1, -1])), min_size=1, max_size=12),
    st.one_of(st.floats(0.5, 1e8), st.just(np.inf)),
    st.floats(-4, 3),
)
def test_any_weights_have_a_tail_that_falls(powers: list[tuple[float, int]], df2: float, far: float) -> None:
    """Weights eleven orders of magnitude apart, some below 0: p is above 0, at most 1, and less for a larger statistic."""
    weights = np.array([sign * 10**power for power, sign in powers] + [10.0**3])
    x = 10**far * np.abs(weights).sum()
    found = [mixture_tail(x * more, weights, df2=df2) for more in (1.0, 1.01, 2.0)]
    assert 0 < found[2] <= found[1] * (1 + 1e-9)
    assert found[1] <= found[0] * (1 + 1e-9) <= 1 + 1e-9

"""Alerts a day against the hours there are: the worked example of the practice, the gamma function, brute force, made-up days."""

from __future__ import annotations

from itertools import product
from math import exp, factorial, log, prod

import numpy as np
import pytest
from scipy.special import pdtri

from symmetry.fieldwork.watching.capacity import (
    BORNE,
    alerts_a_day,
    bearable,
    bearable_together,
    load_hours,
    most_a_day,
)


def test_the_worked_example_comes_out() -> None:
    """3,000 contacts at 0.30: 23.6 alerts a day, at most 32 on 19 days in 20, which at 20 minutes each are 10.7 hours."""
    mean = alerts_a_day(3000, 0.30, 0.97, 0.15, 0.18)
    assert [23.6, 32, 10.7] == [round(mean, 1), most_a_day(mean), round(load_hours([(mean, 20)]), 1)]


@pytest.mark.parametrize("hours", [0.5, 2.0, 6.0, 13.5, 40.0])
@pytest.mark.parametrize("minutes", [7.5, 20.0, 45.0])
def test_the_rate_borne_is_that_of_the_gamma_function(hours: float, minutes: float) -> None:
    """With one kind of case, the mean whose 95 % quantile just fits is an inverse of the incomplete gamma function."""
    most = int(BORNE * hours * 60 / minutes + 1e-9)
    everybody = alerts_a_day(9000, 1.0, 0.97, 0.15, 0.18)
    assert min(1.0, pdtri(most, 0.95) / everybody) == pytest.approx(
        bearable(9000, 0.97, 0.15, 0.18, minutes, hours), rel=1e-9
    )


@pytest.mark.parametrize("hours", [1.0, 3.0, 8.0])
def test_a_little_more_would_not_be_borne(hours: float) -> None:
    """At the rate found the load fits in four fifths of the hours; a thousandth above it does not."""
    kinds = [(40.0, 20.0), (12.0, 45.0)]
    rate = bearable_together(kinds, hours)
    loads = [load_hours([(mean * rate * times, minutes) for mean, minutes in kinds]) for times in (1.0, 1.001)]
    assert loads[0] <= BORNE * hours < loads[1]


def by_hand(kinds: list[tuple[float, float]], most: int = 40) -> float:
    """The 95 % quantile of a day's hours: every combination of counts, its chance written out, sorted by its time."""
    chances = [[exp(-mean) * mean**n / factorial(n) for n in range(most)] for mean, _ in kinds]
    days = []
    for counts in product(range(most), repeat=len(kinds)):
        chance = prod(chances[kind][n] for kind, n in enumerate(counts))
        days.append((sum(n * minutes for n, (_, minutes) in zip(counts, kinds, strict=True)), chance))
    reached = 0.0
    for minutes, chance in sorted(days):
        reached += chance
        if reached >= 0.95:
            return minutes / 60
    raise AssertionError("no quantile")


@pytest.mark.parametrize(
    "kinds",
    [[(3.0, 20.0), (1.5, 45.0)], [(0.4, 10.0), (0.2, 90.0)], [(2.0, 12.5), (2.0, 20.0), (1.0, 30.0)], [(6.0, 20.0)]],
    ids=str,
)
def test_cases_of_different_lengths_are_added_exactly(kinds: list[tuple[float, float]]) -> None:
    """The convolution gives the quantile that every combination of counts gives."""
    assert by_hand(kinds) == pytest.approx(load_hours(kinds), abs=1e-9)


def test_made_up_days_exceed_the_load_one_time_in_twenty() -> None:
    """Of 200,000 days made up at random, 19 in 20 or a little more take no longer than the load told."""
    kinds = [(30.0, 20.0), (9.0, 35.0)]
    random = np.random.default_rng(9)
    hours = sum(random.poisson(mean, 200_000) * minutes for mean, minutes in kinds) / 60
    told = load_hours(kinds)
    assert 0.948 < np.mean(hours <= told) < 0.955
    assert np.mean(hours < told - 1e-9) < 0.952


def test_several_alerts_of_the_same_length_are_one_kind() -> None:
    """Their numbers are Poisson together, however they are listed."""
    assert load_hours([(23.6, 20.0)]) == load_hours([(10.0, 20.0), (13.6, 20.0)])


def test_what_comes_besides_takes_its_part() -> None:
    """Alerts of another wave lower the rate, down to none at all."""
    alone = bearable_together([(100.0, 20.0)], 10.0)
    beside = bearable_together([(100.0, 20.0)], 10.0, besides=[(10.0, 20.0)])
    assert 0 < beside < alone < 1
    assert alone - beside == pytest.approx(0.1, abs=1e-9)
    assert 0.0 == bearable_together([(100.0, 20.0)], 10.0, besides=[(90.0, 20.0)])


def test_few_alerts_are_borne_by_everybody() -> None:
    """Where the load fits, all may be asked; without contacts too; and a first alert that does not fit needs rare ones."""
    assert 1.0 == bearable(10, 0.97, 0.15, 0.18, 20, 6) == bearable(0, 0.97, 0.15, 0.18, 20, 6)
    assert -log(0.95) / 100 == pytest.approx(bearable_together([(100.0, 60.0)], 1.0), rel=1e-6)

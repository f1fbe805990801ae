"""Control limits against probabilities summed term by term, and R's quantiles; runs against a reading day by day."""

from __future__ import annotations

import random
from fractions import Fraction
from math import comb, exp, lgamma, log

import pytest

from symmetry.fieldwork.watching.limits import RUN, TAIL, runs, share_limits, volume_limits

# qpois(0.00135, m) and qpois(0.00135, m, lower.tail = FALSE) in R 4.2.2
BY_R = [
    (0.2, (0, 2)),
    (1, (0, 5)),
    (5, (0, 13)),
    (8.73, (1, 19)),
    (40, (22, 60)),
    (420, (360, 483)),
    (1234.5, (1130, 1341)),
]


def _beyond(chances: list[float], low: int, high: int) -> tuple[float, float, float, float]:
    """The chance of lying below, of lying below one more, above, and above one less."""
    return sum(chances[:low]), sum(chances[: low + 1]), 1 - sum(chances[: high + 1]), 1 - sum(chances[:high])


@pytest.mark.parametrize("mean", [0.1, 0.5, 1, 3.3, 8.7, 25, 60, 120])
def test_a_volume_beyond_its_limits_is_as_rare_as_three_standard_deviations(mean: float) -> None:
    """Each tail holds at most 0.00135, and one step nearer it holds more: terms of Poisson's series by hand."""
    chances = [exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(160)]
    low, high = volume_limits(mean)
    below, nearer_below, above, nearer_above = _beyond(chances, low, high)
    assert below <= TAIL < nearer_below
    assert above <= TAIL + 1e-12
    assert nearer_above > TAIL


@pytest.mark.parametrize(("mean", "expected"), BY_R)
def test_limits_are_those_of_r(mean: float, expected: tuple[int, int]) -> None:
    """R's qpois from both ends."""
    assert expected == volume_limits(mean)


@pytest.mark.parametrize(("n", "share"), [(1, 0.5), (20, 0.3), (100, 0.02), (400, 0.97), (900, 0.005)])
def test_a_share_beyond_its_limits_is_as_rare(n: int, share: float) -> None:
    """Binomial terms in exact fractions."""
    p = Fraction(share).limit_denominator(1000)
    chances = [float(comb(n, k) * p**k * (1 - p) ** (n - k)) for k in range(n + 1)]
    low, high = share_limits(n, share)
    below, nearer_below, above, nearer_above = _beyond(chances, low, high)
    assert below <= TAIL < nearer_below
    assert above <= TAIL + 1e-12
    assert nearer_above > TAIL


def test_what_is_certain_has_no_room() -> None:
    """Nothing expected, or all of them."""
    assert ((0, 0), (0, 0), (7, 7), (0, 0)) == (
        volume_limits(0), share_limits(7, 0), share_limits(7, 1), share_limits(0, 0.3)
    )  # fmt: skip
    with pytest.raises(ValueError, match="expected"):
        volume_limits(-1)
    with pytest.raises(ValueError, match="expected"):
        share_limits(10, 1.2)


def test_runs_are_those_found_day_by_day() -> None:
    """Two hundred random months read one day after the other: eight or more on one side, a tie ends it."""
    chance = random.Random(1)
    for _ in range(200):
        counts = [chance.choice([3, 5, 5, 7, 7, 7, 7, 7]) for _ in range(40)]
        expected, start = [], 0
        for place in range(1, len(counts) + 1):
            if (
                place == len(counts)
                or (counts[place] > 5) != (counts[start] > 5)
                or 5 in (counts[place], counts[start])
            ):
                if counts[start] != 5 and place - start >= RUN:
                    expected.append((start, place - 1, counts[start] > 5))
                start = place
        assert expected == runs(counts, [5] * len(counts))

"""Response rates against the worked vector of AAPOR's formulas in our reference, by hand, and against one another."""

from __future__ import annotations

from itertools import product

import pytest

from symmetry.fieldwork.watching.rates import rates

VECTOR = (812, 64, 41, 2210, 18, 2700, 155, 120)


def test_the_worked_vector_comes_out_at_every_printed_digit() -> None:
    """E and RR1 to RR6 of the reference, with what e was taken from."""
    found = rates(*VECTOR)
    shares = (found.e, found.rr1, found.rr2, found.rr3, found.rr4, found.rr5, found.rr6)
    assert ["0.9632", "0.1353", "0.1460", "0.1377", "0.1486", "0.2582", "0.2785"] == [f"{each:.4f}" for each in shares]
    assert (3145, 120) == (found.eligible, found.not_eligible)


def test_weights_that_are_all_alike_change_no_rate() -> None:
    """Rates of counts four times as large are the same."""
    one, four = rates(*VECTOR), rates(*(4 * n for n in VECTOR))
    for name in ("e", "rr1", "rr2", "rr3", "rr4", "rr5", "rr6"):
        assert getattr(one, name) == pytest.approx(getattr(four, name), rel=1e-14)


def test_rates_lie_in_their_order() -> None:
    """RR1 ≤ RR3 ≤ RR5 and RR1 ≤ RR2, RR3 ≤ RR4, RR5 ≤ RR6 for every small count with somebody eligible."""
    for counts in product((0, 1, 3), repeat=8):
        found = rates(*counts)
        if found.rr5 is None:
            continue
        assert 0 <= found.rr1 <= found.rr3 <= found.rr5 <= 1
        assert found.rr1 <= found.rr2
        assert found.rr3 <= found.rr4
        assert found.rr5 <= found.rr6 <= 1


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0,) * 8, (None,) * 7),
        ((0, 0, 0, 0, 0, 0, 0, 5), (None, None, None, None, None, None, 0.0)),
        ((0, 0, 0, 0, 0, 10, 0, 0), (0.0, 0.0, None, None, None, None, None)),
        ((3, 1, 0, 0, 0, 0, 0, 0), (0.75, 1.0, 0.75, 1.0, 0.75, 1.0, 1.0)),
    ],
)
def test_nobody_below_the_line_is_no_rate_of_nothing(
    counts: tuple[int, ...], expected: tuple[float | None, ...]
) -> None:
    """A rate of nobody is none, never 0: RR1 to RR6, then e."""
    found = rates(*counts)
    assert expected == (found.rr1, found.rr2, found.rr3, found.rr4, found.rr5, found.rr6, found.e)


def test_a_count_below_nothing_is_refused() -> None:
    """No rates of minus one refusal, or of no number."""
    for wrong in (-1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="below zero"):
            rates(1, 1, wrong, 0, 0, 0, 0, 0)

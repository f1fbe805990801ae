"""Laws of planned samples: what more answers, more alikeness, smaller populations and other units of measurement do."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from symmetry.design import power, sample_size

PSUS, PER_PSU = st.integers(3, 80), st.integers(1, 40)
ICC, SD = st.floats(0, 0.6), st.floats(0.2, 50)
EFFECT = st.floats(0.02, 2)


def gap(**facts: Any) -> Any:
    """The row of the difference between two audiences in the same psus."""
    return power(**{"sd": {"a": 1.0, "b": 1.0}, "sharing": "units"} | facts).iloc[-1]


@given(PSUS, PER_PSU, ICC)
def test_large_populations_have_kish_s_effect(m: int, b: int, icc: float) -> None:
    """Without populations the design effect is 1 + (b - 1) icc, and the standard error follows from it."""
    told = power(sd=3.0, psus=m, per_psu=b, icc=icc).iloc[0]
    np.testing.assert_allclose(told["deff"], 1 + (b - 1) * icc, rtol=1e-12)
    np.testing.assert_allclose(told["se"], 3 * np.sqrt((1 + (b - 1) * icc) / (m * b)), rtol=1e-12)
    np.testing.assert_allclose(told["n_eff"], 9 / told["se"] ** 2, rtol=1e-12)


@given(PSUS, PER_PSU, ICC, EFFECT, st.floats(0.01, 100))
def test_the_unit_of_answers_never_matters(m: int, b: int, icc: float, effect: float, c: float) -> None:
    """In another unit, answers and differences have the same power, and errors and margins that unit."""
    one, other = (
        power(sd=unit, psus=m, per_psu=b, icc=icc, difference=unit * effect).iloc[0] for unit in (1.0, c)
    )  # fmt: skip
    np.testing.assert_allclose(other["power"], one["power"], rtol=1e-9)
    np.testing.assert_allclose([other["se"], other["margin"]], [c * one["se"], c * one["margin"]], rtol=1e-12)


@given(PSUS, PER_PSU, ICC, EFFECT, st.sampled_from(["difference", "smallest", "equivalence"]))
def test_power_is_a_chance_that_psus_raise(m: int, b: int, icc: float, effect: float, claim: str) -> None:
    """Power lies between 0 and 1, and three psus more raise it where the claim is true (TOST: once it has some)."""
    facts = {"equivalence": effect} if claim == "equivalence" else {"difference": effect}
    facts |= {"smallest": effect / 2} if claim == "smallest" else {}
    few, many = (gap(psus=count, per_psu=b, icc=icc, **facts)["power"] for count in (m, m + 3))
    assert 0 <= few <= 1 + 1e-12
    assert few <= many + 1e-12 or (claim == "equivalence" and few < 0.2)
    assert many <= 1 + 1e-12


@given(PSUS, PER_PSU, st.floats(0.01, 0.6), st.floats(-1, 1), EFFECT)
def test_sides_are_interchangeable(m: int, b: int, icc: float, r: float, effect: float) -> None:
    """Swapping audiences changes no error; a difference and its opposite are found as often."""
    facts = {"psus": m, "icc": icc, "correlation": r}
    one = gap(**facts, per_psu={"a": b, "b": 2 * b}, difference=effect)
    other = gap(**facts, per_psu={"a": 2 * b, "b": b}, difference=-effect)
    np.testing.assert_allclose(
        one[["se", "df", "power"]].astype(float), other[["se", "df", "power"]].astype(float), rtol=1e-9, atol=1e-15
    )


@given(PSUS, PER_PSU, st.floats(0.01, 0.6), st.floats(0, 0.95))
def test_what_units_share_leaves_the_gap(m: int, b: int, icc: float, r: float) -> None:
    """The more alike both audiences of a unit are, the smaller the error of their gap; alone each stays as it is."""
    apart, together = (gap(psus=m, per_psu=b, icc=icc, correlation=value) for value in (r, r + 0.05))
    np.testing.assert_allclose(apart["se"] ** 2 - together["se"] ** 2, 2 * 0.05 * icc / m, rtol=1e-7)


@given(PSUS, PER_PSU, ICC, st.integers(0, 200), st.integers(0, 200))
def test_finite_populations_only_help(m: int, b: int, icc: float, units: int, persons: int) -> None:
    """The fewer there are, the smaller the error, down to 0 in a census; a population without end is none."""
    size = {"sd": 1.0, "psus": m, "per_psu": b, "icc": icc}
    m_all, b_all = m + units, b + persons
    errors = [
        power(**size, population_psus=count, population=count * inside)["se"][0]
        for count, inside in ((m, b), (m_all, b_all), (m_all + 1, b_all + 1), (10**9, 10**9))
    ]
    assert errors[0] <= 1e-12
    assert errors == sorted(errors)
    np.testing.assert_allclose(errors[-1], power(**size)["se"][0], rtol=1e-6)


@given(st.floats(0.005, 0.2), st.floats(0.02, 0.98), st.integers(50, 100_000))
def test_a_margin_found_is_kept(margin: float, share: float, population: int) -> None:
    """The sample found for a margin keeps it, is no larger than its population, and one person fewer does not."""
    found = sample_size(margin=margin, share=share, population=population).iloc[0]
    assert found["margin"] <= margin
    assert found["n"] <= population
    fewer = power(share=share, n=found["n"] - 1, population=population)["margin"][0] if found["n"] > 1 else np.nan
    assert not fewer <= margin

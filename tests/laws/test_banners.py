"""Laws of banner tables, on random samples."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from symmetry import estimate
from symmetry.design import Design
from symmetry.estimate import Banner

METHODS = st.sampled_from(["holm", "hochberg", "bh", "by", "bonferroni", "sidak", None])


@st.composite
def samples(draw: st.DrawFn) -> tuple[pd.DataFrame, dict[str, str]]:
    """Respondents of three columns with missing answers, and the roles of a design: persons or clusters."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(40, 160))
    frame = pd.DataFrame(
        {"side": rng.choice(list("abc"), n), "w": rng.lognormal(0, 0.5, n), "stratum": np.arange(n) % 2}
    )
    frame["psu"] = frame["stratum"] * 10 + rng.integers(0, 8, n)
    frame["x"] = np.where(rng.random(n) < 0.1, np.nan, rng.integers(1, 5, n))
    roles = draw(st.sampled_from([{}, {"stratum": "stratum"}, {"stratum": "stratum", "psu": "psu"}]))
    return frame, {"weight": "w", "lonely_psu": "centre", **roles}


def made(frame: pd.DataFrame, roles: dict[str, str], method: str | None = "holm") -> Banner:
    """A table of one item by one head."""
    return estimate.banner(Design(frame, **roles), "x", "side", adjust=method, base_at_least=5, level=(0.8, 0.6))


@given(samples(), st.floats(0.01, 100), st.integers(0, 99))
def test_neither_the_unit_of_weights_nor_the_order_of_rows_matters(
    sample: tuple[pd.DataFrame, dict[str, str]], c: float, seed: int
) -> None:
    """Weights times one number, rows shuffled: the same p-values, letters and effective bases."""
    frame, roles = sample
    one, other = made(frame, roles), made(frame.assign(w=frame["w"] * c).sample(frac=1, random_state=seed), roles)
    np.testing.assert_allclose(other.tests["p"], one.tests["p"], rtol=1e-6)
    np.testing.assert_allclose(other.cells["base_effective"], one.cells["base_effective"], rtol=1e-8)
    np.testing.assert_allclose(other.cells["base_weighted"], c * one.cells["base_weighted"], rtol=1e-10)


@given(samples(), METHODS)
def test_letters_follow_from_tests(sample: tuple[pd.DataFrame, dict[str, str]], method: str | None) -> None:
    """0 < p ≤ adjusted p ≤ 1; each pair below a level gives one letter, to the higher column, and no other gives any."""
    table = made(*sample, method)
    tests = table.tests[table.tests["note"] == ""]
    assert (tests["p"] > 0).all()
    assert (tests["p_adjusted"] >= tests["p"]).all()
    assert (tests["p_adjusted"] <= 1).all()
    told = table.cells.set_index(["line", "column"])["higher_than"]
    for row in tests.itertuples():
        a, b = (
            row.letter_b in told[row.line, row.column_a].upper(),
            row.letter_a in told[row.line, row.column_b].upper(),
        )
        assert [a, b] == [row.p_adjusted < 0.4 and row.difference > 0, row.p_adjusted < 0.4 and row.difference <= 0]
    assert (tests["p_adjusted"] < 0.4).sum() == told.str.len().sum()


@given(samples())
def test_shares_of_a_column_sum_to_1(sample: tuple[pd.DataFrame, dict[str, str]]) -> None:
    """The shares of an item sum to 1 in every column somebody answered in."""
    table = made(*sample)
    shares = table.cells[(table.cells["statistic"] == "share") & (table.cells["base"] > 0)]
    np.testing.assert_allclose(shares.groupby("column")["estimate"].sum(), 1.0, rtol=1e-12)

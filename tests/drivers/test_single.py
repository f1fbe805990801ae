"""The map of one audience: shares over all orders on the rows, errors by moving each row's weight, levels by hand, bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry.design import Design
from symmetry.drivers.priorities.single import importance_map
from symmetry.errors import DesignError
from tests.drivers.two_sides import DRIVERS, branches, shares_over_orders, weighted_covariance

NAMES = [*DRIVERS, "overall"]


def customers() -> Design:
    """Customers of 40 branches."""
    return branches(units=40)["customers"]


def rows(design: Design) -> tuple[np.ndarray, np.ndarray]:
    """Answers, the outcome last, and weights."""
    return design.data[NAMES].to_numpy(float), design.data["weight"].to_numpy(float)


def test_importance_is_shares_over_all_orders_of_the_rows() -> None:
    """Shares of the weighted rows, which sum to 1, in the order of the drivers, with the answers behind them."""
    found = importance_map(customers(), "overall", DRIVERS)
    np.testing.assert_allclose(
        found["importance"], shares_over_orders(weighted_covariance(*rows(customers()))), rtol=1e-10
    )
    assert found["item"].tolist() == DRIVERS
    assert found["n"].tolist() == [360] * 3
    assert found["note"].tolist() == [""] * 3
    assert found[["level", "level_lower", "level_upper"]].isna().all(axis=None)


def test_intervals_of_importance_follow_what_each_row_moves() -> None:
    """Each row's weight moved a little, its pull summed by branch: t intervals of the spread among branches, inside 0 and 1."""
    x, w = rows(customers())
    branch = customers().data["branch"].to_numpy()
    pull = np.zeros((40, 3))
    for row in range(len(w)):
        step = np.zeros(len(w))
        step[row] = 1e-4
        up, down = (shares_over_orders(weighted_covariance(x, w + sign * step)) for sign in (1, -1))
        pull[branch[row]] += w[row] * (up - down) / 2e-4
    se = np.sqrt(40 / 39 * ((pull - pull.mean(axis=0)) ** 2).sum(axis=0))
    shares = shares_over_orders(weighted_covariance(x, w))
    for level in (0.95, 0.8):
        reach = stats.t.ppf((1 + level) / 2, 39) * se
        found = importance_map(customers(), "overall", DRIVERS, level=level)
        np.testing.assert_allclose(found["importance_lower"], np.maximum(shares - reach, 0), rtol=1e-6)
        np.testing.assert_allclose(found["importance_upper"], np.minimum(shares + reach, 1), rtol=1e-6)


def test_levels_lie_between_the_ends_of_each_scale() -> None:
    """Weighted means by hand, 0 at the low end and 100 at the high one, errors by branch; a driver without scale has none."""
    found = importance_map(customers(), "overall", DRIVERS, scales={"clean": (-5, 5), "kind": (-4.0, 8.0)})
    x, w = rows(customers())
    branch = customers().data["branch"].to_numpy()
    for place, (low, high) in enumerate(((-5, 5), (-4, 8))):
        mean = w @ x[:, place] / w.sum()
        pull = np.bincount(branch, w * (x[:, place] - mean) / w.sum())
        reach = stats.t.ppf(0.975, 39) * np.sqrt(40 / 39 * (pull**2).sum())
        expected = [100 * (value - low) / (high - low) for value in (mean, mean - reach, mean + reach)]
        told = found.loc[place, ["level", "level_lower", "level_upper"]].astype(float)
        np.testing.assert_allclose(told, expected, rtol=1e-10)
    assert found.loc[2, ["level", "level_lower", "level_upper"]].isna().all()


def test_a_group_has_one_share_and_the_mean_of_its_levels() -> None:
    """Two players: a group's share is half of what it explains alone and half of what it adds; its level needs all its scales."""
    x, w = rows(customers())
    c = weighted_covariance(x, w)

    def r2(some: list[int]) -> float:
        return float(c[3, some] @ np.linalg.solve(c[np.ix_(some, some)], c[some, 3]) / c[3, 3])

    whole = r2([0, 1, 2])
    manner = (r2([0, 1]) + whole - r2([2])) / 2 / whole
    groups, scales = {"manner": ["clean", "kind"]}, {"clean": (-5, 5), "kind": (-4, 8), "fast": (-5, 5)}
    found = importance_map(customers(), "overall", DRIVERS, groups=groups, scales=scales)
    assert found["item"].tolist() == ["manner", "fast"]
    np.testing.assert_allclose(found["importance"], [manner, 1 - manner], rtol=1e-10)
    mean = w @ x / w.sum()
    by_hand = [(10 * (mean[0] + 5) + 100 * (mean[1] + 4) / 12) / 2, 10 * (mean[2] + 5)]
    np.testing.assert_allclose(found["level"], by_hand, rtol=1e-10)
    del scales["kind"]
    found = importance_map(customers(), "overall", DRIVERS, groups=groups, scales=scales)
    assert found["level"].isna().tolist() == [True, False]


def test_a_control_has_no_row_and_takes_its_part_before() -> None:
    """What drivers add to the control, shared over both orders."""
    x, w = rows(customers())
    c = weighted_covariance(x, w)
    rest = c[1:, 1:] - np.outer(c[1:, 0], c[0, 1:]) / c[0, 0]
    found = importance_map(customers(), "overall", ["kind", "fast"], always="clean")
    np.testing.assert_allclose(found["importance"], shares_over_orders(rest), rtol=1e-9)
    assert found["item"].tolist() == ["kind", "fast"]


def test_scales_of_controls_and_of_the_outcome_do_no_harm() -> None:
    """One set of scales serves the map, the what-if and the comparison."""
    scales = {"kind": (-5, 5), "fast": (-5, 5)}
    plain = importance_map(customers(), "overall", ["kind", "fast"], always="clean", scales=scales)
    more = scales | {"clean": (-5, 5), "overall": (0, 10)}
    pd.testing.assert_frame_equal(
        importance_map(customers(), "overall", ["kind", "fast"], always=["clean"], scales=more), plain
    )


BAD = [
    ({"predictors": "clean"}, "1 drivers are given"),
    ({"scales": {"clean": (1, 1), "kind": (1, 5)}}, "scale of `clean` goes from 1 to 1"),
    ({"scales": {"clean": (5, 1)}}, "scale of `clean` goes from 5 to 1"),
    ({"scales": {"clean": (np.nan, 5)}}, "scale of `clean` goes from nan to 5"),
    ({"scales": {"clean": (0, np.inf)}}, "scale of `clean` goes from 0 to inf"),
    ({"scales": {"clean": 5}}, "5 is no scale of `clean`"),
    ({"scales": {"clean": (1, 2, 3)}}, r"\(1, 2, 3\) is no scale of `clean`"),
    ({"scales": {"cleen": (1, 5)}}, "a scale is told for `cleen`, which is not used"),
    ({"predictors": ["clean", "overall"]}, "outcome `overall` is among its own drivers"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "message"), BAD)
def test_bad_input_is_told(options: dict[str, Any], message: str) -> None:
    """Each fault is named with its column, and can be mended."""
    with pytest.raises(DesignError, match=message) as caught:
        importance_map(customers(), **{"outcome": "overall", "predictors": DRIVERS} | options)
    assert caught.value.problems[0].mend


def test_a_name_of_two_letters_is_one_column() -> None:
    """A driver named by a text is that column, never its letters."""
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(50, 4)), columns=["a", "b", "ab", "y"])
    with pytest.raises(DesignError, match="1 drivers are given"):
        importance_map(Design(frame), "y", "ab")


def test_drivers_that_explain_nothing_have_no_shares() -> None:
    """An outcome without any correlation with its drivers is refused, as the comparison of two audiences refuses it."""
    x = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]] * 10, float)
    frame = pd.DataFrame(x, columns=["a", "b"]).assign(y=x[:, 0] * x[:, 1])
    with pytest.raises(DesignError, match="^error the drivers explain nothing of the outcome"):
        importance_map(Design(frame), "y", ["a", "b"])

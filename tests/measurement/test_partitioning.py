"""Variance partitions by a dense road of the tests' own (V written out), by likelihood searched on a grid; edges told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from symmetry.design import Design
from symmetry.errors import ConvergenceError, DataError
from symmetry.measurement import icc, partition
from symmetry.measurement.minimising import Function, lowest
from tests.golden.reading import data


def nested(regions: int = 5, units: int = 4, people: int = 4, seed: int = 2, **sd: float) -> pd.DataFrame:
    """Normal answers of people in units in regions, sizes unlike, with the levels' standard deviations."""
    rng = np.random.default_rng(seed)
    region = np.repeat(np.arange(regions), units)
    size = 1 + rng.integers(0, 2 * people - 1, len(region))
    y = rng.normal(0, sd.get("region", 0.6), regions)[region] + rng.normal(0, sd.get("unit", 0.5), len(region))
    unit = np.repeat(np.arange(len(region)), size)
    return pd.DataFrame({"region": region[unit], "unit": unit, "y": y[unit] + rng.normal(0, 1, len(unit))})


def dense_deviance(frame: pd.DataFrame, levels: list[str], variances: np.ndarray) -> float:
    """-2 × the restricted log-likelihood with V written out, n by n, up to its constant."""
    v = variances[-1] * np.eye(len(frame))
    for level, variance in zip(levels, variances, strict=False):
        v += variance * (frame[level].to_numpy()[:, None] == frame[level].to_numpy())
    one, y = np.ones(len(frame)), frame["y"].to_numpy()
    inverse = np.linalg.inv(v)
    mean = (one @ inverse @ y) / (one @ inverse @ one)
    away = y - mean
    return float(np.linalg.slogdet(v)[1] + np.log(one @ inverse @ one) + away @ inverse @ away)


def dense_fit(
    frame: pd.DataFrame, levels: list[str], share: tuple[int, float] | None = None
) -> tuple[np.ndarray, float]:
    """Variances and the lowest deviance by scipy's search on V written out, with one share held if asked."""

    def variances(logs: np.ndarray) -> np.ndarray:
        found = np.exp(logs)
        if share is not None:
            place, held = share
            found[place] = (found.sum() - found[place]) * held / (1 - held)
        return np.asarray(found)

    start = np.zeros(len(levels) + 1)
    options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000, "maxfev": 4000}
    best = optimize.minimize(
        lambda x: dense_deviance(frame, levels, variances(x)), start, method="Nelder-Mead", options=options
    )
    return variances(best.x), float(best.fun)


@pytest.mark.parametrize("levels", [["unit"], ["region", "unit"]])
def test_the_likelihood_written_out_has_the_same_highest_point(levels: list[str]) -> None:
    """Variances are those of REML with V written out (to 1e-5, where Nelder and Mead's search ends)."""
    frame = nested()
    theirs, _ = dense_fit(frame, levels)
    table = partition(frame, "y", levels=levels).table()
    np.testing.assert_allclose(table["variance"], theirs, rtol=1e-5)
    np.testing.assert_allclose(table["share"], theirs / theirs.sum(), rtol=1e-5)
    assert table["level"].tolist() == [*levels, "person"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_ends_of_intervals_lie_where_the_likelihood_has_fallen(place: int) -> None:
    """With a share held at either end, V written out, twice the log-likelihood is 3.84 below its highest."""
    frame, levels = nested(), ["region", "unit"]
    _, best = dense_fit(frame, levels)
    row = partition(frame, "y", levels=levels).table().iloc[place]
    assert row["lower"] < row["share"] < row["upper"]
    for end in (row["lower"], row["upper"]):
        if end > 0:
            held = dense_fit(frame, levels, (place, end))[1]
            np.testing.assert_allclose(held - best, stats.chi2.ppf(0.95, 1), rtol=1e-4)
        else:
            assert dense_fit(frame, levels, (place, 1e-9))[1] - best <= stats.chi2.ppf(0.95, 1)


def test_three_levels_lie_inside_their_intervals() -> None:
    """On three levels each share lies in its interval, shares add up to 1, and a wider level gives wider intervals."""
    frame, levels = data("nested"), ["company", "region", "unit"]
    narrow = partition(frame, ["trust", "voice"], levels=levels, level=0.8).table()
    wide = partition(frame, ["trust", "voice"], levels=levels).table()
    for table in (narrow, wide):
        assert ((table["lower"] <= table["share"]) & (table["share"] <= table["upper"])).all()
    assert ((wide["lower"] <= narrow["lower"]) & (narrow["upper"] <= wide["upper"])).all()
    np.testing.assert_allclose(wide.groupby("item")["share"].sum(), 1, rtol=1e-12)


def test_balanced_units_have_the_variances_of_their_mean_squares() -> None:
    """One level, units of one size: REML is (MSB - MSW)/k and MSW, and the unit's share is ICC(1)."""
    frame = nested(people=1, seed=5).drop_duplicates("unit")[["unit"]]
    rng = np.random.default_rng(8)
    frame = frame.loc[frame.index.repeat(6)].reset_index(drop=True)
    frame["y"] = rng.normal(0, 0.7, 20)[frame["unit"]] + rng.normal(0, 1, len(frame))
    row = icc(frame, "y", unit="unit").table().iloc[0]
    found = partition(frame, "y", levels=["unit"]).table()
    np.testing.assert_allclose(found["variance"], [(row["between"] - row["within"]) / 6, row["within"]], rtol=1e-9)
    np.testing.assert_allclose(found["share"][0], row["icc1"], rtol=1e-9)


def test_counts_order_names_and_equal_weights_change_nothing() -> None:
    """Counts of answers, shuffled rows, one label in two regions, equal weights: the same partition; units of answers square."""
    wide, levels = data("nested"), ["company", "region", "unit"]
    plain = partition(wide, "trust", levels=levels).table()
    counted = wide.groupby([*levels, "trust"]).size().rename("many").reset_index()
    unique = wide.assign(unit=wide["company"] + wide["region"] + wide["unit"]).sample(frac=1, random_state=1)
    others: list[tuple[Any, dict[str, Any]]] = [
        (counted, {"count": "many"}),
        (unique, {}),
        (Design(wide.assign(w=3.0), weight="w"), {}),
    ]
    for frame, options in others:
        found = partition(frame, "trust", levels=levels, **options).table()
        pd.testing.assert_frame_equal(found, plain, rtol=1e-7)
    tenfold = partition(wide.assign(trust=wide["trust"] * 10 - 3), "trust", levels=levels).table()
    np.testing.assert_allclose(tenfold["variance"], plain["variance"] * 100, rtol=1e-7)
    np.testing.assert_allclose(tenfold[["share", "lower", "upper"]], plain[["share", "lower", "upper"]], rtol=1e-6)


def test_the_unit_of_weights_never_matters() -> None:
    """Weights of a design are used, and their unit is not."""
    frame = nested()
    frame["w"] = np.random.default_rng(9).uniform(0.3, 3, len(frame))
    one = partition(frame, "y", levels=["region", "unit"], weight="w").table()
    two = partition(Design(frame.assign(w=frame["w"] * 50), weight="w"), "y", levels=["region", "unit"]).table()
    pd.testing.assert_frame_equal(one, two, rtol=1e-7)
    assert abs(one["share"][0] - partition(frame, "y", levels=["region", "unit"]).table()["share"][0]) > 1e-4


def test_a_level_that_does_not_differ_is_zero_and_told() -> None:
    """Regions alike by chance: variance 0, share 0, an interval from 0, and a note."""
    frame = nested(seed=6)
    frame["y"] -= frame.groupby("region")["y"].transform("mean")
    found = partition(frame, "y", levels=["region", "unit"]).table()
    assert found["variance"][0] == found["lower"][0] == 0 < found["upper"][0]
    assert "estimated as 0" in found["note"][0]


def test_levels_that_cannot_be_told_apart_are_left_out() -> None:
    """One region, one unit a region, one answer a unit: that level has a note, the others their variances."""
    frame = nested()
    plain = partition(frame, "y", levels=["unit"]).table()
    one = partition(frame.assign(all=1, twin=frame["unit"]), "y", levels=["all", "unit", "twin"]).table()
    assert one["note"][0] == "one group: nothing to compare it with"
    assert one["note"][1].startswith("one twin in each")
    assert one["variance"][:2].isna().all()
    np.testing.assert_allclose(one["variance"][2:], plain["variance"], rtol=1e-9)
    persons = partition(frame.assign(who=np.arange(len(frame))), "y", levels=["unit", "who"]).table()
    assert persons["note"][1].startswith("one answer in each")
    assert np.isnan(persons["share"][1])
    np.testing.assert_allclose(persons["variance"][[0, 2]], plain["variance"], rtol=1e-9)


@pytest.mark.parametrize(
    ("answers", "units", "note"),
    [
        ([1, 1, 1, 1], [1, 1, 2, 2], "all answers are the same"),
        ([1, 1, 2, 2], [1, 1, 2, 2], "people of one unit all give the same answer: the shares have no likelihood"),
        ([1, 2, 3, 4], [1, 2, 3, 4], "no level can be told from persons"),
        ([1, 2, 3, 4], [1, 1, 1, 1], "no level can be told from persons"),
        ([np.nan] * 4, [1, 1, 2, 2], "nobody answered"),
        ([1, 2, 3, 4], [None] * 4, "nobody answered"),
    ],
)
def test_what_has_no_partition_says_why(answers: list[float], units: list[Any], note: str) -> None:
    """No spread, none inside units, one answer a unit, one unit, no answers, no units: no numbers, and a note on each row."""
    found = partition(pd.DataFrame({"unit": units, "y": answers}), "y", levels=["unit"])
    table = found.table()
    assert table[["variance", "share", "lower", "upper"]].isna().all(axis=None)
    assert table["note"].str.endswith(note).all()
    assert found.summary()["note"][0].startswith(note)


def test_few_groups_are_told() -> None:
    """Of a level of fewer than five groups the note warns."""
    found = partition(nested(regions=3, seed=3, unit=1.0), "y", levels=["region", "unit"]).table()
    assert found["note"][0].endswith("3 groups: the interval is wide and only roughly right")
    assert not found["note"][1]


@pytest.mark.parametrize("levels", [[], ["unit", "unit"], ["person"], ["areas"]])
def test_levels_that_are_none_are_refused(levels: list[str]) -> None:
    """No level, one named twice, one called like the innermost row, an absent column."""
    with pytest.raises(DataError, match="levels are columns|no column `areas`"):
        partition(nested(), "y", levels=levels)


def test_a_function_without_a_lowest_point_is_refused() -> None:
    """Where the search has no end it says so, and does not hand back where it stopped."""
    with pytest.raises(ConvergenceError, match="no lowest point"):
        lowest(lambda points: -(points.sum(axis=1) ** 2), np.array([1.0]))


def test_the_lowest_point_in_a_box() -> None:
    """Inside the box, on its sides and in its corner, from either side, on a valley that turns."""

    def bowl(goal: float) -> Function:
        return lambda x: np.asarray(100 * (x[:, 1] - x[:, 0] ** 2) ** 2 + (goal - x[:, 0]) ** 2)

    for goal, place in ((0.8, [0.8, 0.64]), (-1.0, [0.0, 0.0])):
        found, _ = lowest(bowl(goal), np.array([0.1, 0.9]), upper=1.0)
        np.testing.assert_allclose(found, place, atol=1e-8)
    found, value = lowest(lambda points: (points[:, 0] - 3) ** 2, np.array([0.5]), upper=1.0)
    assert (found[0], value) == (1.0, 4.0)

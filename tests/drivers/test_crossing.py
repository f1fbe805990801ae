"""Cross-source drivers: svyglm and lme4, V written down, nudged units, measurement's ICC, planted slopes, bad input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design
from symmetry.drivers.crossing.crossing import CrossSource, Level, cross_source
from symmetry.drivers.moving.caution import caution
from symmetry.errors import DesignError
from symmetry.measurement import icc
from tests.golden.reading import data, golden

TWO = ["listened", "kept"]


def bank(level: str, **options: Any) -> CrossSource:
    """Customers' recommendation on what the branch's employees say, given the customers' own `helped`."""
    sides = [
        Design(data(f"bank_{side}"), weight="weight", stratum="region", psu="branch")
        for side in ("customers", "employees")
    ]
    asked: dict[str, Any] = {"unit": "branch", "case_mix": "helped", "level": level} | options
    return cross_source(sides[0], sides[1], "recommend", TWO, **asked)


def rows(found: CrossSource, *statistics: str) -> pd.DataFrame:
    """Rows of some statistics, by item."""
    table = found.table()
    return table[table["statistic"].isin(statistics)].set_index("item")


def made(
    units: int = 60, slope: float = 0.5, people: tuple[int, int] = (20, 4), seed: int = 1, noise: float = 1.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customers and employees of units whose true climate moves the customers' answers by `slope`; `age` moves them too."""
    rng = np.random.default_rng(seed)
    climate = rng.normal(size=units)
    level = slope * climate + 0.5 * rng.normal(size=units)
    served, staff = (np.repeat(np.arange(units), size) for size in people)
    guests = pd.DataFrame({"shop": served, "age": rng.normal(size=len(served)), "w": rng.uniform(0.5, 2, len(served))})
    guests["trust"] = 7 + level[served] + 0.3 * guests["age"] + rng.normal(size=len(served))
    workers = pd.DataFrame({"shop": staff, "helped": 3 + climate[staff] + noise * rng.normal(size=len(staff))})
    return guests, workers.assign(heard=rng.normal(size=len(staff)), w=rng.uniform(0.5, 2, len(staff)))


@pytest.mark.parametrize("level", ["unit", "clustered"])
def test_slopes_and_errors_agree_with_svyglm(level: Level) -> None:
    """Unit means on unit means, and customers by branch with weights: closed forms, to 1e-8; degrees of freedom of svyglm."""
    expected, found = golden("crossing", level), bank(level)
    slopes = rows(found, "slope", "control")
    for ours, theirs in (("estimate", "value"), ("se", "se")):
        np.testing.assert_allclose(slopes[ours], [expected[item, "", theirs] for item in slopes.index], rtol=1e-8)
    if level == "clustered":
        assert set(slopes["df"]) == {expected["recommend", "", "df"]}
        return
    table = found.table().set_index(["statistic", "item"])["estimate"]
    np.testing.assert_allclose(table["r2", "recommend"], expected["recommend", "", "r2"], rtol=1e-10)
    np.testing.assert_allclose(table["correlation"][TWO], [expected[item, "", "r"] for item in TWO], rtol=1e-10)
    np.testing.assert_allclose(table["lmg"].sum() + table["always", "helped"], table["r2", "recommend"], rtol=1e-12)


def test_multilevel_slopes_and_variances_agree_with_lme4() -> None:
    """REML estimates, their model errors and both variances, to 1e-5: lme4's optimiser stops about there."""
    expected, found = golden("crossing", "multilevel"), bank("multilevel")
    slopes, facts = rows(found, "slope", "control"), found.summary().iloc[0]
    np.testing.assert_allclose(slopes["estimate"], [expected[item, "", "value"] for item in slopes.index], rtol=1e-5)
    np.testing.assert_allclose(slopes["se_model"], [expected[item, "", "se"] for item in slopes.index], rtol=1e-5)
    for name in ("between", "within"):
        np.testing.assert_allclose(facts[name], expected["recommend", "", name], rtol=1e-5)
    assert facts["customers"] == expected["recommend", "", "n"] == slopes["n"].iloc[0]


def test_multilevel_errors_are_those_of_the_matrix_written_down() -> None:
    """With V of all answers as a matrix: generalised least squares, and squares of each unit's score, G / (G - 1)."""
    guests, staff = made(12, people=(5, 3))
    guests = guests.drop(index=[0, 1, 2, 20])
    found = cross_source(
        Design(guests), Design(staff), "trust", "helped", unit="shop", case_mix="age", level="multilevel"
    )
    facts, units = found.summary().iloc[0], guests["shop"].to_numpy()
    v = facts["within"] * np.eye(len(units)) + facts["between"] * (units[:, None] == units)
    means = staff.groupby("shop")["helped"].mean()
    x = np.column_stack([np.ones(len(units)), means.loc[units], guests["age"]])
    inner = np.linalg.inv(x.T @ np.linalg.solve(v, x))
    slopes = inner @ x.T @ np.linalg.solve(v, guests["trust"])
    weighted = x * np.linalg.solve(v, guests["trust"].to_numpy() - x @ slopes)[:, None]
    scores = np.array([weighted[units == unit].sum(axis=0) for unit in range(12)]) @ inner
    np.testing.assert_allclose(found.estimate.values, slopes[1:], rtol=1e-9)
    np.testing.assert_allclose(found.estimate.se, np.sqrt(12 / 11 * (scores**2).sum(axis=0))[1:], rtol=1e-8)
    np.testing.assert_allclose(found.table()["se_model"], np.sqrt(np.diag(inner))[1:], rtol=1e-8)


def test_units_that_do_not_differ_leave_least_squares() -> None:
    """Where units differ less than chance would have it, their variance is 0 and the slopes are those of all answers alike."""
    guests, staff = made(10, slope=0.0, people=(6, 3))
    guests["trust"] -= 0.9 * guests.groupby("shop")["trust"].transform("mean")
    found = cross_source(
        Design(guests), Design(staff), "trust", "helped", unit="shop", case_mix="age", level="multilevel"
    )
    means = staff.groupby("shop")["helped"].mean()
    x = np.column_stack([np.ones(60), means.loc[guests["shop"]], guests["age"]])
    np.testing.assert_allclose(
        found.estimate.values, np.linalg.lstsq(x, guests["trust"], rcond=None)[0][1:], rtol=1e-9, atol=1e-12
    )
    assert found.summary()["between"].iloc[0] == 0.0


def test_reliabilities_are_those_of_measurement() -> None:
    """ICC(2) of the outcome and of each driver, with weights, is `measurement.icc`'s of the units that have both sides."""
    guests, staff = made(30)
    staff.loc[staff["shop"] == 3, "helped"] = np.nan
    found = cross_source(
        Design(guests, weight="w"), Design(staff, weight="w"), "trust", ["helped", "heard"], unit="shop"
    )
    kept = [one[one["shop"] != 3] for one in (guests, staff)]
    expected = icc(kept[1], ["helped", "heard"], unit="shop", weight="w").table().set_index("item")["icc2"]
    np.testing.assert_allclose(rows(found, "slope")["reliability"], expected, rtol=1e-10)
    own = icc(kept[0], "trust", unit="shop", weight="w").table()["icc2"][0]
    np.testing.assert_allclose(
        [found.summary()["reliability"][0], rows(found, "r2")["reliability"].iloc[0]], own, rtol=1e-10
    )


def test_errors_of_correlations_are_those_of_units_nudged_one_by_one() -> None:
    """r and r / √(ICC(2) ICC(2)) with each unit weighing a little more or less: their spread, up to the G - 1 of the two ICC."""
    guests, staff = made(40, people=(20, 6))
    guests, staff = guests.sample(frac=0.6, random_state=1), staff.sample(frac=0.8, random_state=1)
    found = cross_source(Design(guests), Design(staff), "trust", "helped", unit="shop")
    sides = [
        one.groupby("shop")[name].agg(["size", "mean", "var"]) for one, name in ((guests, "trust"), (staff, "helped"))
    ]

    def statistics(count: np.ndarray) -> np.ndarray:
        away = [side["mean"].to_numpy() - count @ side["mean"] / count.sum() for side in sides]
        r = count @ (away[0] * away[1]) / np.sqrt((count @ away[0] ** 2) * (count @ away[1] ** 2))
        reliable = []
        for side in sides:
            n, m = side["size"].to_numpy(), side["mean"].to_numpy()
            between = count @ (n * (m - (count * n) @ m / (count @ n)) ** 2) / (count.sum() - 1)
            within = count @ ((n - 1) * side["var"].to_numpy()) / (count @ (n - 1))
            reliable.append(1 - within / between)
        return np.array([r, r / np.sqrt(reliable[0] * reliable[1])])

    h = 1e-5
    nudged = np.array([(statistics(1 + h * one) - statistics(1 - h * one)) / (2 * h) for one in np.eye(40)])
    se = np.sqrt(40 / 39 * ((nudged - nudged.mean(axis=0)) ** 2).sum(axis=0))
    ours = found.table().set_index("statistic").loc[["correlation", "disattenuated"]]
    np.testing.assert_allclose(ours["estimate"], statistics(np.ones(40)), rtol=1e-10)
    np.testing.assert_allclose(ours["se"], se, rtol=1e-6)


@pytest.mark.parametrize("level", ["unit", "multilevel", "clustered"])
def test_few_employees_draw_the_slope_to_zero_by_their_reliability(level: Level) -> None:
    """Of a planted slope of 0.5, 4,000 units of 4 employees show 0.5 × ICC(2); r over both roots is the true one."""
    guests, staff = made(4_000, people=(6, 4))
    found = cross_source(Design(guests), Design(staff), "trust", "helped", unit="shop", level=level)
    slope, reliable = rows(found, "slope").loc["helped", ["estimate", "reliability"]]
    assert reliable == pytest.approx(1 / (1 + 1 / 4), abs=0.015)
    assert slope == pytest.approx(0.5 * reliable, abs=0.03)
    if level == "unit":
        assert rows(found, "disattenuated")["estimate"].iloc[0] == pytest.approx(0.5 / np.sqrt(0.5), abs=0.03)
        assert rows(found, "correlation")["estimate"].iloc[0] < 0.61


@pytest.mark.slow
@pytest.mark.parametrize("level", ["unit", "multilevel", "clustered"])
def test_intervals_hold_the_planted_slope_as_often_as_they_say(level: Level) -> None:
    """1,500 networks of 100 units: 95 % intervals cover 0.5 × reliability, and the true correlation, in 93 to 97 %."""
    covered = []
    for seed in range(1_500):
        guests, staff = made(100, people=(6, 4), seed=seed)
        table = (
            cross_source(Design(guests), Design(staff), "trust", "helped", unit="shop", level=level)
            .table()
            .set_index("statistic")
        )
        truths = {"slope": 0.5 * 0.8} | ({"disattenuated": 0.5 / np.sqrt(0.5)} if level == "unit" else {})
        covered.append(
            [table.loc[name, "lower"] <= truth <= table.loc[name, "upper"] for name, truth in truths.items()]
        )
    share = np.mean(covered, axis=0)
    assert ((share >= 0.93) & (share <= 0.97)).all(), share


def test_what_is_left_out_or_thin_is_told() -> None:
    """Units of one side, people without a unit, lost answers, few employees, few units, weak means: all have words."""
    guests, staff = made(26, people=(6, 6))
    guests["shop"] = guests["shop"].astype(float)
    guests.loc[guests["shop"] == 0, "shop"] = np.nan
    guests.loc[guests.index[-1], "trust"] = np.nan
    staff = staff.drop(index=staff.index[staff["shop"] == 1]).drop(index=staff.index[staff["shop"] == 2][:4])
    note = rows(cross_source(Design(guests), Design(staff), "trust", "heard", unit="shop"), "slope")["note"].iloc[0]
    for words in (
        "155 of 156 customers answered every item used",
        "1 units without answers of employees left out",
        "1 units without answers of customers left out",
        "6 customers and 0 employees without a unit left out",
        "1 of 24 units have fewer than 5 employees",
        "24 units: fewer than 30",
        "draw it towards 0",
    ):
        assert words in note
    ignored = cross_source(Design(guests, weight="w"), Design(staff), "trust", "heard", unit="shop", level="multilevel")
    assert "the customers' weights are not used" in ignored.table()["note"].iloc[0]


def test_a_reliability_that_is_not_known_leaves_a_noted_row() -> None:
    """One employee a unit, or noise alone: no disattenuated value, and the note says why; the plain correlation stays."""
    guests, staff = made(40, people=(5, 1))
    one = (
        cross_source(Design(guests), Design(staff), "trust", "helped", unit="shop", few=1)
        .table()
        .set_index("statistic")
    )
    assert np.isnan(one.loc["disattenuated", ["estimate", "se", "lower"]].astype(float)).all()
    assert "not known" in one.loc["disattenuated", "note"]
    assert "one answer a unit" in one.loc["correlation", "note"]
    assert np.isfinite(one.loc["correlation", ["estimate", "se", "lower"]].astype(float)).all()
    guests, staff = made(40, people=(5, 2))
    staff["helped"] = np.tile([1.0, 5.0], 40) + 1e-3 * staff["helped"]
    noise = cross_source(Design(guests), Design(staff), "trust", "helped", unit="shop").table().set_index("statistic")
    assert noise.loc["slope", "reliability"] < 0
    assert "not above 0" in noise.loc["disattenuated", "note"]


def test_weights_units_and_rows_keep_their_meaning() -> None:
    """Weights times 3, rows in another order, units under other names: the same numbers."""
    guests, staff = made(20)
    asked: dict[str, Any] = {"unit": "shop", "case_mix": ["age"]}
    for level in ("unit", "multilevel", "clustered"):
        one = cross_source(
            Design(guests, weight="w"), Design(staff, weight="w"), "trust", "helped", level=level, **asked
        )
        names = np.random.default_rng(1).permutation(20)
        turned = [
            Design(
                side.assign(w=3 * side["w"], shop=[f"s{names[unit]}" for unit in side["shop"]]).sample(
                    frac=1, random_state=2
                ),
                weight="w",
            )
            for side in (guests, staff)
        ]
        other = cross_source(turned[0], turned[1], "trust", "helped", level=level, **asked)
        pd.testing.assert_frame_equal(one.table(), other.table(), rtol=1e-9)


def test_the_caution_of_two_sources_stands_with_the_table() -> None:
    """Links between units are told apart from those inside one head, in both languages, with what nature offers."""
    found = bank("unit")
    assert found.table().attrs["caution"] == found.caution() == caution(source="cross")
    assert "0.2 to 0.4" in found.caution("en")
    assert "0,2 à 0,4" in found.caution("fr")


def test_teachers_on_parents_in_new_york(shared_data: Path) -> None:
    """School percentages of 2015: slopes are least squares over schools, correlations pandas'; no reliability can be known."""
    parents, teachers = (pd.read_csv(shared_data / "nyc_school_2015" / f"{side}.csv") for side in ("parent", "teacher"))
    drivers = ["T10f", "T11b", "T11d"]
    found = cross_source(Design(parents), Design(teachers), "P8b", drivers, unit="dbn", few=1)
    both = parents[["dbn", "P8b"]].dropna().merge(teachers[["dbn", *drivers]].dropna(), on="dbn")
    x = np.column_stack([np.ones(len(both)), both[drivers]])
    np.testing.assert_allclose(
        rows(found, "slope")["estimate"], np.linalg.lstsq(x, both["P8b"], rcond=None)[0][1:], rtol=1e-8
    )
    np.testing.assert_allclose(rows(found, "correlation")["estimate"], both[drivers].corrwith(both["P8b"]), rtol=1e-10)
    assert found.summary()["units"][0] == len(both) > 1_000
    assert rows(found, "disattenuated")["estimate"].isna().all()


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"customers": "frame"}, "wants a Design"),
    ({"level": "person"}, "no reading is called"),
    ({"predictors": []}, "0 drivers are given"),
    ({"predictors": ["helped", "helped"]}, "named twice"),
    ({"case_mix": ["trust"]}, "in its own case mix"),
    ({"predictors": ["absent"]}, "absent"),
    ({"case_mix": ["absent"]}, "absent"),
    ({"unit": "absent"}, "absent"),
    ({"predictors": ["flat"]}, "`flat` is the same in all"),
    ({"predictors": ["even"]}, "`even` is the same in all"),
    ({"predictors": ["helped", "twin"]}, "determine each other"),
    ({"predictors": ["helped", "empty"]}, "no `shop` has both"),
    ({"outcome": "empty"}, "no `shop` has both"),
    ({"outcome": "flat"}, "`flat` is the same in all"),
    ({"outcome": "text"}, "not numeric"),
    ({"predictors": ["endless"]}, "infinite"),
    ({"case_mix": ["flat"], "level": "multilevel"}, "same answer to `flat`"),
    ({"case_mix": ["age", "twin"], "level": "multilevel"}, "determine each other"),
    ({"case_mix": ["age", "twin"]}, "determine each other"),
    ({"unit": "other"}, "no `other` has both"),
    ({"unit": "three"}, "3 units have both sides"),
]


@pytest.mark.parametrize(("options", "told"), REFUSED, ids=[f"{told} {options}" for options, told in REFUSED])
def test_what_cannot_be_asked_is_refused_with_a_mend(options: dict[str, Any], told: str) -> None:
    """Every refusal says what is wrong and what to do."""
    guests, staff = made(20, people=(6, 4))
    guests = guests.assign(
        twin=2 * guests["age"], flat=1.0, empty=np.nan, text="x", other="here", three=guests["shop"] % 3
    )
    staff = staff.assign(twin=2 * staff["helped"], flat=1.0, empty=np.nan, other="there", three=staff["shop"] % 3)
    staff = staff.assign(even=np.tile([1.0, 2.0, 3.0, 4.0], 20), endless=np.inf)
    asked: dict[str, Any] = {
        "customers": Design(guests),
        "employees": Design(staff),
        "outcome": "trust",
        "predictors": "helped",
    }
    with pytest.raises(DesignError, match=told) as caught:
        cross_source(**(asked | {"unit": "shop"} | options))
    assert all(problem.mend for problem in caught.value.problems)


def test_one_side_alone_is_no_second_source() -> None:
    """The same answers on both sides are refused, and sent to `importance`."""
    guests, _ = made(20)
    one = Design(guests)
    with pytest.raises(DesignError, match="same answers"):
        cross_source(one, one, "trust", "age", unit="shop")


def test_units_that_answer_as_one_are_sent_to_the_unit_level() -> None:
    """Customers of a unit who all say the same leave no variance within for the multilevel reading."""
    guests, staff = made(20)
    guests["trust"] = guests["shop"] + 1.0
    with pytest.raises(DesignError, match="all but agree"):
        cross_source(Design(guests), Design(staff), "trust", "helped", unit="shop", level="multilevel")

"""Shrunken gaps by unit: pooled errors against answers counted by hand, posteriors and sae's milk values, what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design, Influence, stack
from symmetry.dissonance import Gap, Pair, gap
from symmetry.dissonance.posterior import integrated
from symmetry.dissonance.shrinking import shrink
from symmetry.errors import DataError, DesignError
from symmetry.estimate import Estimate
from tests.golden.reading import data, golden

FAMILY = "customer - employee"
PAIRS = [Pair(name, ("customers", name), ("employees", name), FAMILY, "literal", "mean", 0.3) for name in "pqr"]


def gaps_of(
    values: np.ndarray,
    psi: np.ndarray,
    *,
    mirror: Any = "literal",
    smallest: float = 0.3,
    item: Any = "x",
    **labels: Any,
) -> Gap:
    """Gaps by unit of chosen values and error variances, both sides of 20 answers; `item` may name one for each value."""
    size = len(values)
    design = Design(pd.DataFrame({"audience": ["customers", "employees"]}))
    frame = pd.DataFrame({"statistic": "mean", "item": item, "unit": range(size), **labels, "family": FAMILY,
                          "mirror": mirror, "smallest": smallest, "reading": "absolute", "scale": ""})  # fmt: skip

    def of(values: np.ndarray, variance: np.ndarray) -> Estimate:
        every = np.full(len(values), 20)
        labels = pd.concat([frame] * (len(values) // size), ignore_index=True)
        return Estimate(design, labels, values, Influence.of(np.zeros((2, len(values)))), variance, every * 0, every, every,
                        every - 1.0, np.ones(len(values)))  # fmt: skip

    sides = pd.DataFrame({"a": np.arange(size), "b": np.arange(size, 2 * size)})
    levels = of(np.concatenate([values, 0 * values]), np.concatenate([psi, psi]) / 2)
    return Gap(of(values, psi), levels, sides, ("unit", *labels), {})


def answers(seed: int = 3, units: int = 12, weighted: bool = False) -> dict[str, pd.DataFrame]:
    """Answers of two audiences in units of unequal size, one unit with a single employee."""
    rng, sides = np.random.default_rng(seed), {}
    for side, most in (("customers", 12), ("employees", 5)):
        unit = np.repeat(np.arange(units), [1 + k % most for k in range(units)])
        shift = rng.normal(0, 0.6, units)[unit]
        frame = pd.DataFrame({name: np.clip(np.round(3 + shift + rng.normal(0, 1, len(unit))), 1, 5) for name in "pqr"})
        w = np.round(rng.uniform(0.5, 3, len(unit)), 2) if weighted else 1.0
        sides[side] = frame.assign(unit=unit, w=w)
    return sides


def stacked(sides: dict[str, pd.DataFrame], **roles: Any) -> Design:
    """Persons as psus, strata unit × audience."""
    roles = {"stratum": "unit", "lonely_psu": "remove", **roles}
    return stack({side: Design(frame, weight="w", **roles) for side, frame in sides.items()}, units="apart")


def pooled(values: pd.Series, unit: pd.Series) -> float:
    """Variance of an answer inside units, by hand."""
    inside = values - values.groupby(unit).transform("mean")
    return float((inside**2).sum() / (len(values) - unit.nunique()))


@pytest.mark.parametrize("roles", [{}, {"fpc": "payroll"}, {"stratum": None, "lonely_psu": "fail"}])
def test_errors_are_pooled_over_units(roles: dict[str, Any]) -> None:
    """An audience's variance inside units over n, of each side: without finite population, however persons are laid out."""
    sides = {side: frame.assign(payroll=40.0) for side, frame in answers().items()}
    table = shrink(gap(stacked(sides, **roles), PAIRS[:1], by=["unit"])).table()
    expected = sum(pooled(frame["p"], frame["unit"]) / frame.groupby("unit")["p"].size() for frame in sides.values())
    np.testing.assert_allclose(table["direct_se"] ** 2, expected, rtol=1e-10)
    assert 12 == len(table)
    assert table["estimate"].notna().all()


def test_relative_gaps_have_the_error_of_what_they_are() -> None:
    """Of a gap counted from the mean of its family: the pooled variance of each person's answer less the mean answer."""
    sides = answers()
    table = shrink(gap(stacked(sides), PAIRS, by=["unit"])).table()
    for item in "pqr":
        mine = table[(table["item"] == item) & (table["reading"] == "relative")]
        expected = sum(
            pooled(frame[item] - frame[list("pqr")].mean(axis=1), frame["unit"]) / frame.groupby("unit")[item].size()
            for frame in sides.values()
        )
        np.testing.assert_allclose(mine["direct_se"] ** 2, expected, rtol=1e-9)


def test_unequal_weights_cost_what_kish_says() -> None:
    """n Σw² / (Σw)² in each unit, times a variance of answers that units share."""
    sides = answers(weighted=True)
    table = shrink(gap(stacked(sides), PAIRS[:1], by=["unit"])).table()
    plain = shrink(
        gap(stacked({side: frame.assign(w=2.0) for side, frame in sides.items()}), PAIRS[:1], by=["unit"])
    ).table()
    ratio = []
    for unit in range(12):
        kish = [(w := frame.loc[frame["unit"] == unit, "w"]).pow(2).sum() / w.sum() ** 2 for frame in sides.values()]
        ratio.append(kish)
    a, b = np.linalg.lstsq(np.array(ratio), table["direct_se"].to_numpy() ** 2, rcond=None)[0]
    np.testing.assert_allclose(np.array(ratio) @ [a, b], table["direct_se"] ** 2, rtol=1e-9)
    for found, frame in ((a, sides["customers"]), (b, sides["employees"])):
        assert 0.8 < found / pooled(frame["p"], frame["unit"]) < 1.25
    assert (table["direct_se"][plain["n_b"] > 1] > plain["direct_se"][plain["n_b"] > 1] * 0.9).all()


def test_shared_schools_lend_the_gap_their_covariance() -> None:
    """Districts of schools that both audiences share: errors follow the gaps' own, not the two sides' as if apart."""
    rng = np.random.default_rng(4)
    school = np.arange(400)
    good = rng.normal(0, 1, 400)
    frames = {
        side: pd.DataFrame({"school": school, "district": school // 20, "p": 3 + good + rng.normal(0, 0.3, 400)})
        for side in ("customers", "employees")
    }
    found = gap(
        stack({side: Design(frame, psu="school") for side, frame in frames.items()}), PAIRS[:1], by=["district"]
    )
    difference = frames["customers"]["p"] - frames["employees"]["p"]
    expected = pooled(difference, frames["customers"]["district"]) / 20
    np.testing.assert_allclose(shrink(found).table()["direct_se"] ** 2, expected, rtol=0.06)  # psus less one, per unit


def test_posteriors_are_those_of_the_arrays() -> None:
    """Each pair and reading is shrunk alone, with its own margin; columns are the posterior's."""
    found = gap(stacked(answers()), PAIRS, by=["unit"])
    units = shrink(found, smallest={"q": 0.6}, level=0.8)
    table = units.table()
    for (item, _), rows in table.groupby(["item", "reading"]):
        mine = integrated(rows["direct"].to_numpy(), rows["direct_se"].to_numpy() ** 2, np.ones((12, 1)))
        margin = np.full(12, 0.6 if item == "q" else 0.3)
        expected = {"estimate": mine.mean(), "se": mine.sd(), "lower": mine.quantile(0.1), "upper": mine.quantile(0.9)}
        expected |= {
            "chance_dissonant": np.maximum(1 - mine.below(margin), mine.below(-margin)),
            "chance_aligned": 1 - mine.ways(margin).sum(axis=0),
            "own": mine.own,
        }
        for name, values in expected.items():
            np.testing.assert_allclose(rows[name], values, rtol=1e-10, err_msg=name)
        assert rows["smallest"].tolist() == margin.tolist()
        np.testing.assert_allclose(rows["between"], mine.between, rtol=1e-12)
    assert (table["df"] == 11).all()
    assert (len(units), ("unit",)) == (72, units.by)
    np.testing.assert_allclose(table["direct"], found.estimate.values, rtol=1e-12)


def test_the_published_milk_example() -> None:
    """REML plugged in: τ², predictors and mean squared errors of R's dense matrices, and as package sae printed them."""
    milk = data("milk")
    areas = pd.DataFrame({"unit": range(43), "region": milk["region"].astype(str)})
    found = gaps_of(milk["y"].to_numpy(), milk["sd"].to_numpy() ** 2)
    table = shrink(found, covariates=areas, variances="own", method="reml").table()
    np.testing.assert_allclose(table["between"], 0.01855022, rtol=7e-6)  # sae stops when A moves less than 1e-4 of it
    np.testing.assert_allclose(table["estimate"][[0, 42]], [1.0219703, 0.6810870], atol=2e-6)
    np.testing.assert_allclose(table["se"][[0, 42]] ** 2, [0.013460220, 0.009903626], atol=1e-7)
    for method in ("reml", "adjusted_reml", "ml"):
        theirs = golden("areas", "milk").loc[method]
        table = shrink(found, covariates=areas, variances="own", method=method).table()
        for name, what in (("estimate", "value"), ("se", "mse")):
            expected = np.array([theirs[str(area), what] for area in milk["area"]])
            np.testing.assert_allclose(table[name] ** (2 if what == "mse" else 1), expected, rtol=1e-9)
        np.testing.assert_allclose(table["upper"] - table["estimate"], 1.6448536269514722 * table["se"], rtol=1e-9)
    whole = shrink(found, covariates=areas, variances="own").table()
    assert (whole["se"] > 0.9 * table["se"]).all()


def test_verdicts_take_the_chance_they_are_asked() -> None:
    """Dissonant or aligned at nine chances in ten, the words of perception for projections, none for a loose pair or reading."""
    rng = np.random.default_rng(6)
    values = np.concatenate([rng.normal(0, 0.02, 30), [1.0, -1.0, 0.35]])
    psi = np.full(33, 0.01)
    table = shrink(gaps_of(values, psi)).table()
    assert ["dissonant", "dissonant", "undetermined"] == table["verdict"][30:].tolist()
    assert {"aligned"} == set(table["verdict"][:30])
    words = np.select(
        [table["chance_dissonant"] >= 0.9, table["chance_aligned"] >= 0.9], ["dissonant", "aligned"], "undetermined"
    )
    assert words.tolist() == table["verdict"].tolist()
    strict = shrink(gaps_of(values, psi), chance=1 - 1e-9).table()
    assert {"undetermined"} == set(strict["verdict"][:30])
    perceived = shrink(gaps_of(values, psi, mirror="projection")).table()
    assert ["misjudged", "accurate", "undetermined"] == perceived["verdict"][[30, 0, 32]].tolist()
    assert {""} == set(shrink(gaps_of(values, psi, mirror="parallel")).table()["verdict"])
    readings = shrink(
        gap(stacked(answers()), [replace(pair, mirror="parallel") for pair in PAIRS], by=["unit"])
    ).table()
    assert (readings["verdict"] != "").tolist() == (readings["reading"] == "relative").tolist()


def test_loose_and_one_sided_units_have_a_row_and_a_note() -> None:
    """No gap, no posterior: a row that says why, and the others as if it were not there."""
    sides = answers()
    sides["employees"] = sides["employees"][sides["employees"]["unit"] != 4]
    pairs = [PAIRS[0], replace(PAIRS[1], mirror="loose")]
    table = shrink(gap(stacked(sides), pairs, by=["unit"])).table()
    nothing = table[table["estimate"].isna()]
    assert (nothing["note"] != "").all()
    assert {""} == set(nothing["verdict"])
    assert {"q"} == set(nothing.loc[nothing["unit"] != 4, "item"])
    assert 4 in set(nothing["unit"])
    alone = shrink(gap(stacked(sides), PAIRS[:1], by=["unit"])).table()
    kept = table[(table["item"] == "p") & table["estimate"].notna()]
    np.testing.assert_allclose(kept["estimate"], alone["estimate"].dropna(), rtol=1e-12)


def test_every_row_says_what_it_is() -> None:
    """Shares are told; so is a side of one answer, whose error is that of the other units."""
    table = shrink(gap(stacked(answers()), PAIRS[:1], by=["unit"])).table()
    row = table.iloc[3]
    assert f"shrunken: {row['own']:.0%} its own answers" in row["note"]
    assert table["note"].str.contains("one answer on a side").tolist() == (table["n_b"] == 1).tolist()
    flat = shrink(gaps_of(np.array([0.0, 0.1, -0.1, 0.05, 0.0, 0.02]), np.full(6, 1.0)), method="reml").table()
    assert flat["note"].str.endswith("no difference between units was found, and the error is too small").all()


def test_too_few_units_keep_their_direct_values() -> None:
    """Five units, or as many as a category has: not shrunk, no chances, undetermined, and a note that says how many it takes."""
    values, psi = np.array([0.1, 0.9, -0.4, 0.2, 0.0]), np.full(5, 0.04)
    table = shrink(gaps_of(values, psi)).table()
    assert ["not shrunken: 5 units, 6 are needed"] * 5 == table["note"].tolist()
    np.testing.assert_allclose(table["estimate"], values, rtol=1e-12)
    np.testing.assert_allclose(table["se"], 0.2, rtol=1e-12)
    assert {"undetermined"} == set(table["verdict"])
    many = gaps_of(np.linspace(-1, 1, 10), np.full(10, 0.04), side=list("nnnnnnssss"))
    apart = shrink(many, within=["side"]).table()
    assert [True] * 6 + [False] * 4 == apart["own"].notna().tolist()
    alone = shrink(gaps_of(np.linspace(-1, 1, 10)[:6], np.full(6, 0.04))).table()
    np.testing.assert_allclose(apart["estimate"][:6], alone["estimate"], rtol=1e-12)


def test_answers_all_alike_are_not_shrunk() -> None:
    """Zero variance in every unit: the value stays, its error is 0, and the note says why; with own errors, only there."""
    sides = answers()
    for frame in sides.values():
        frame["p"] = 4.0 - (frame["unit"] == 3)
    table = shrink(gap(stacked(sides), PAIRS[:1], by=["unit"])).table()
    assert {"not shrunken: no error, all answers of all units are alike"} == set(table["note"].str.split("; ").str[-1])
    assert (table["se"] == 0).all()
    own = shrink(gap(stacked(answers()), PAIRS[:1], by=["unit"]), variances="own").table()
    none = own["own"].isna()
    assert 0 < none.sum() < 6
    assert (own.loc[none, "note"] != "").all()
    assert own["direct"].notna().all()


def test_a_census_has_no_guide_to_its_process() -> None:
    """Everybody of every unit answered: no sampling error to shrink by, and the row says so."""
    sides = {
        side: frame.assign(payroll=frame.groupby("unit")["p"].transform("size")) for side, frame in answers().items()
    }
    table = shrink(gap(stacked(sides, fpc="payroll"), PAIRS[:1], by=["unit"])).table()
    assert table["estimate"].notna().all()
    assert (table["note"] != "").all()
    assert table["note"].str.contains("a census, or one answer a unit").all()


def test_units_lean_on_what_is_known_of_them() -> None:
    """A covariate that explains the gaps draws units to its line; numbers given as variances are taken as they are."""
    rng = np.random.default_rng(9)
    known = pd.DataFrame({"unit": range(40), "size": np.linspace(0, 4, 40)})
    psi = rng.uniform(0.1, 0.4, 40)
    values = known["size"].to_numpy() + rng.normal(0, np.sqrt(psi))
    plain, leaning = (shrink(gaps_of(values, psi), covariates=x, variances=psi).table() for x in (None, known))
    line = known["size"]
    assert np.mean((leaning["estimate"] - line) ** 2) < 0.3 * np.mean((plain["estimate"] - line) ** 2)
    assert (leaning["df"] == 38).all()
    doubled = shrink(gaps_of(values, psi), variances=2 * psi).table()
    np.testing.assert_allclose(doubled["direct_se"], np.sqrt(2 * psi), rtol=1e-12)
    assert (doubled["own"] < plain["own"]).all()


@pytest.mark.parametrize(
    ("options", "message", "mend"),
    [
        ({"level": 90}, "level=90 is no level", "between 0 and 1"),
        ({"chance": 0.5}, "chance=0.5 settles nothing", "above a half"),
        ({"method": "bayes"}, "no method is called 'bayes'", "'integrated'"),
        ({"variances": "smooth"}, "variances='smooth' is unknown", '"pooled", "own"'),
        ({"variances": [1.0]}, "variances are not one number", "give 8"),
        ({"variances": [-1.0] * 8}, "variances are not one number", "give 8"),
        ({"variances": ["a"] * 8}, "variances are not one number", "give 8"),
        ({"level": "x"}, "level='x' is no level", "between 0 and 1"),
        ({"chance": float("nan")}, "chance=nan settles nothing", "above a half"),
        ({"smallest": {"x": 0.0}}, "smallest gap of interest of 'x' is not positive", "before the field"),
        ({"smallest": {"x": float("nan")}}, "'x' is not positive", "above 0"),
        ({"smallest": {"x": float("inf")}}, "'x' is not positive", "above 0"),
        ({"smallest": {"x": "0.3"}}, "'x' is not positive", "above 0"),
        ({"smallest": "0.3"}, "'x' is not positive", "above 0"),
        ({"smallest": True}, "'x' is not positive", "above 0"),
        ({"smallest": {"trust": 0.2}}, "given for 'trust', which no gap is called", "name an item"),
        ({"smallest": {("x", "nps"): 0.2}}, "which no gap is called", "name an item, or"),
        ({"within": ["town"]}, "`town` is no column of the units", "'unit'"),
        ({"covariates": pd.DataFrame({"unit": [1], "z": [1]})}, "a domain has no covariates: 0", "one row a domain"),
        (
            {"covariates": pd.DataFrame({"unit": range(8), "z": range(8), "y": range(0, 16, 2)})},
            "covariate `y` follows",
            "leave one of them out",
        ),
    ],
)
def test_what_cannot_be_shrunk_is_refused(options: dict[str, Any], message: str, mend: str) -> None:
    """Options out of range, variances and covariates that do not fit are told, with the remedy."""
    with pytest.raises((DesignError, DataError), match=message) as caught:
        shrink(gaps_of(np.linspace(-1, 1, 8), np.full(8, 0.1)), **options)
    assert mend in str(caught.value)


def test_little_known_is_not_dissonant() -> None:
    """NPS gaps of a handful of answers, of which ± 2 matter, are far out one way or the other, and which way nobody knows:
    undetermined.  Nor is a unit dissonant whose interval holds 0, however small the smallest gap of interest."""
    values = np.array([33.0, -20.0, 5.0, -8.0, 0.0, 12.0])
    table = shrink(gaps_of(values, np.full(6, 60.0**2), smallest=2.0), variances="own").table()
    assert (1 - table["chance_aligned"] > 0.9).all()
    assert {"undetermined"} == set(table["verdict"])
    values = np.array([1.0, -0.4, 0.3, 0.2, -0.1, 0.0]) + 0.45
    table = shrink(gaps_of(values, np.full(6, 0.3), smallest=1e-6), variances="own").table()
    crossing = (table["lower"] < 0) & (table["upper"] > 0)
    assert (crossing & (table["chance_dissonant"] >= 0.9)).any()
    assert {"undetermined"} == set(table.loc[crossing, "verdict"])
    far = shrink(gaps_of(values + 1, np.full(6, 0.3), smallest=1e-6), variances="own").table()
    assert {"dissonant"} == set(far["verdict"])


def test_both_chances_leave_the_doubt_of_the_other_direction() -> None:
    """Beyond m on either side and within it add up to 1; the chance told of a dissonance is that of the likelier side alone."""
    table = shrink(gaps_of(np.linspace(-0.4, 0.6, 8), np.full(8, 0.3))).table()
    assert (table["chance_dissonant"] + table["chance_aligned"] < 1).all()
    both = shrink(gaps_of(np.linspace(-0.4, 0.6, 8) + 50, np.full(8, 0.3))).table()
    np.testing.assert_allclose(both["chance_dissonant"] + both["chance_aligned"], 1, rtol=1e-12)


@pytest.mark.parametrize(
    ("asked", "margin"), [(0.7, 0.7), ({"x": 0.7}, 0.7), ({("x", "mean"): 0.7, "x": 0.2}, 0.7), (None, 0.3)]
)
def test_margins_are_given_as_to_detect(asked: Any, margin: float) -> None:
    """One number for all, an item's, or an item's and statistic's, which goes first; else the pair's own."""
    table = shrink(gaps_of(np.linspace(-1, 1, 8), np.full(8, 0.1)), smallest=asked).table()
    assert [margin] * 8 == table["smallest"].tolist()


@pytest.mark.parametrize("method", ["integrated", "reml"])
def test_where_a_covariate_starts_never_matters(method: Any) -> None:
    """A covariate + 1e9, in thousands, or with a category beside it: the same estimates to the last digits."""
    rng = np.random.default_rng(12)
    known = pd.DataFrame({"unit": range(24), "x": np.arange(24.0), "kind": list("abc") * 8})
    found = gaps_of(rng.normal(0, 1, 24), rng.uniform(0.1, 0.4, 24))
    near, far, wide = (
        shrink(found, covariates=known.assign(x=x), method=method).table()[["estimate", "se", "lower", "own"]]
        for x in (known["x"], known["x"] + 1e9, known["x"] * 1e3 - 7)
    )
    np.testing.assert_allclose(far, near, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(wide, near, rtol=1e-8, atol=1e-10)


def test_covariates_of_other_libraries_are_read() -> None:
    """A polars frame is taken through its own `to_pandas`."""
    polars = pytest.importorskip("polars")
    known = pd.DataFrame({"unit": range(10), "x": np.linspace(0, 1, 10)})
    found = gaps_of(np.linspace(-1, 1, 10) ** 3, np.full(10, 0.1))
    one, two = (shrink(found, covariates=x).table() for x in (known, polars.from_pandas(known)))
    pd.testing.assert_frame_equal(one, two)


def test_an_error_of_rounding_is_none() -> None:
    """Answers all alike at a third, whose error comes out as 1e-17: no error, and the note says why."""
    values = np.full(8, 1 / 3)
    table = shrink(gaps_of(values, np.full(8, 1e-34)), variances="own").table()
    assert {"not shrunken: no error, all answers of all units are alike"} == set(table["note"])
    assert (table["direct_se"] == 0).all()
    tiny = shrink(gaps_of(np.linspace(-1, 1, 8), np.full(8, 1e-16)), variances="own").table()
    assert tiny["own"].notna().all()


@pytest.mark.parametrize("given", [pd.DataFrame({"estimate": [1.0]}), None, 1])
def test_what_is_no_gap_is_refused(given: Any) -> None:
    """A table, nothing or a number in the place of gaps."""
    with pytest.raises(DesignError, match="shrink wants gaps") as caught:
        shrink(given)
    assert "dissonance.gap" in str(caught.value)


def test_gaps_without_units_are_refused() -> None:
    """Of everybody there is nobody to borrow from."""
    with pytest.raises(DesignError, match="without units have nothing to borrow from"):
        shrink(gap(stacked(answers()), PAIRS[:1]))

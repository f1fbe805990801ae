"""Designs with replicates: what they say, what they refuse, and the same numbers as weights of every row made the slow way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, replicate, replicated, stack
from symmetry.design.replicating import Replicates
from symmetry.errors import ConvergenceError, DesignError
from symmetry.weights import Recipe, adjust_nonresponse, apply, calibrate, memory_of, poststratify, rake, replay, trim
from tests.golden.reading import data

METHODS = ("bootstrap", "canty_davison", "jackknife", "sdr")
TARGETS = {"sex": {"f": 0.5, "m": 0.5}, "age": {"old": 0.4, "young": 0.6}}
ROLES = {"stratum": "stratum", "psu": "psu"}


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """400 people in 24 psus of three strata, with two weights, two categories, an auxiliary and an answer some withhold."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"stratum": rng.integers(0, 3, 400)})
    frame["psu"] = [f"{stratum}-{psu}" for stratum, psu in zip(frame["stratum"], rng.integers(0, 8, 400), strict=True)]
    frame["w"] = rng.uniform(1, 4, 400)
    frame["sex"], frame["age"] = rng.choice(["f", "m"], 400), rng.choice(["old", "young"], 400)
    frame["came"] = rng.random(400) < 0.7
    frame["aux"] = rng.normal(3, 1, 400)
    frame["x"] = np.where(frame["came"], rng.normal(5, 1, 400) + (frame["sex"] == "f"), np.nan)
    return frame


def made_of(design: Design) -> Replicates:
    """The replicates of a design that has some."""
    made = design.layout.replicates
    assert made is not None
    return made


def slow_se(design: Design, weights: np.ndarray, x: pd.Series) -> float:
    """Standard error of a mean from the weights of every row in every replicate."""
    made, here, values = made_of(design), x.notna().to_numpy(), x.fillna(0).to_numpy()
    full = design.layout.weight
    thetas = (weights.T @ values) / (weights.T @ here)
    centre = (full @ values) / (full @ here) if made.centre == "estimate" else thetas.mean()
    return float(np.sqrt(made.scale * (made.rscales * (thetas - centre) ** 2).sum()))


@pytest.mark.parametrize("centre", ["estimate", "mean"])
@pytest.mark.parametrize("method", METHODS)
def test_sums_over_psus_are_sums_over_rows(people: pd.DataFrame, method: Any, centre: Any) -> None:
    """Means by domain from psu sums times factors are those from a weight for every row and replicate."""
    design = replicate(Design(people, weight="w", **ROLES), method, replicates=60, centre=centre)
    weights = made_of(design).weights(slice(0, made_of(design).size))
    est = estimate.mean(design, "x", by=["sex"])
    slow = [slow_se(design, weights, people["x"].where(people["sex"] == sex)) for sex in ("f", "m")]
    np.testing.assert_allclose(est.se, slow, rtol=1e-10)
    np.testing.assert_allclose(
        est.values, estimate.mean(Design(people, weight="w", **ROLES), "x", by=["sex"]).values, rtol=1e-12
    )


def made_by(people: pd.DataFrame, steps: str) -> pd.DataFrame:
    """People weighted by some steps, all of which leave their weights in `fit`."""
    frame, weight = people, "w"
    for step in steps.split():
        match step:
            case "respond":
                frame = adjust_nonresponse(
                    frame, respondent="came", classes=["stratum", "sex"], weight=weight, name="fit"
                )
            case "rake":
                frame = rake(frame, TARGETS, weight=weight, name="fit")
            case "post":
                frame = poststratify(frame, {"f": 600, "m": 500}, by="sex", weight=weight, name="fit")
            case "linear":
                frame = calibrate(frame, {"sex": {"f": 600, "m": 500}, "aux": 3400}, weight=weight, name="fit")
            case _:
                frame = trim(frame, upper=6.0, weight=weight, name="fit")
        weight = "fit"
    return frame


@pytest.mark.parametrize("method", ["jackknife", "bootstrap"])
@pytest.mark.parametrize(
    "steps", ["rake", "post", "linear", "respond", "respond rake", "respond rake trim", "post linear"]
)
def test_the_weighting_is_made_again_on_every_replicate(people: pd.DataFrame, steps: str, method: Any) -> None:
    """On cells or on rows, factors of every row are those of the recipe run on the replicate's own starting weights."""
    frame = made_by(people, steps)
    design = replicate(Design(frame, weight="fit", **ROLES), method, replicates=20)
    made = made_of(design)
    found = made.weights(slice(0, made.size))
    start = made_of(replicate(Design(people, weight="w", **ROLES), method, replicates=20)).weights(slice(0, made.size))
    memory = memory_of(frame, "fit")
    assert memory is not None
    copies = start / people["w"].to_numpy()[:, None]
    np.testing.assert_allclose(found, replay(memory.recipe, frame, start, copies=copies), rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(made.start * made.full[made.unit], frame["fit"], rtol=1e-12)
    est = estimate.mean(design, "x")
    np.testing.assert_allclose(est.se[0], slow_se(design, found, people["x"].where(frame["fit"] > 0)), rtol=1e-10)
    np.testing.assert_allclose(
        est.values[0], np.average(people["x"].fillna(0), weights=frame["fit"] * people["came"]), rtol=1e-12
    )


@pytest.mark.parametrize("relative_to", [None, "median", "mean"])
@pytest.mark.parametrize("spread", ["proportional", "equal"])
def test_a_row_drawn_twice_is_two_rows(people: pd.DataFrame, relative_to: Any, spread: Any) -> None:
    """Run on whole copies of rows, a recipe that trims gives them the weights of the frame that has these rows so many times."""
    upper = 6.0 if relative_to is None else 1.5
    trimming = {"upper": upper, "relative_to": relative_to, "spread": spread, "by": ["age"]}
    recipe = Recipe([("rake", {"targets": TARGETS, "total": 1500.0}), ("trim", trimming)], weight="w")
    counts = np.random.default_rng(6).integers(0, 4, len(people)).astype(float)
    found = replay(recipe, people, (people["w"] * counts).to_numpy(), copies=counts)
    longer = people.loc[people.index.repeat(counts.astype(int))]
    slow = replay(recipe, longer, longer["w"].to_numpy())
    assert (slow < people["w"].max() * 3).all()
    np.testing.assert_allclose(
        found, np.bincount(longer.index, weights=slow, minlength=len(people)), rtol=1e-8, atol=1e-12
    )


def test_a_recipe_on_cells_never_has_more_units_than_psus_and_cells(people: pd.DataFrame) -> None:
    """Raking to two by two categories makes at most four units of each psu, one where it is held fixed."""
    design = Design(made_by(people, "rake"), weight="fit", **ROLES)
    assert made_of(replicate(design, "jackknife")).units <= 4 * 24
    assert made_of(replicate(design, "jackknife", weighting="fixed")).units == 24


def test_a_recipe_takes_replicates_by_itself(people: pd.DataFrame) -> None:
    """A jackknife of up to 200 psus and 500 bootstraps of more, told by the design; one calibration keeps its residuals."""
    several, one = made_by(people, "respond rake"), made_by(people, "rake")
    assert "variances from 24 jackknife replicates, the weighting made again on each" in repr(
        Design(several, weight="fit", **ROLES)
    )
    many = Design(several, weight="fit", stratum="stratum")
    assert made_of(many).method == "500 bootstrap replicates (seed 0)"
    assert Design(one, weight="fit", **ROLES).layout.replicates is None
    by_recipe = apply(
        Recipe([("rake", {"targets": TARGETS}), ("trim", {"upper": 6.0})], weight="w"), people, name="fit"
    )
    assert made_of(Design(by_recipe, weight="fit", **ROLES)).size == 24


def test_residuals_and_replicates_tell_the_same_story(people: pd.DataFrame) -> None:
    """A raked mean's error by replayed jackknife is that by residuals to a tenth; held fixed, it misses what raking explains."""
    design = Design(made_by(people, "rake"), weight="fit", **ROLES)
    residuals = estimate.total(design, "aux").se[0]
    replayed, fixed = (
        estimate.total(replicate(design, "jackknife", weighting=how), "aux").se[0] for how in ("replayed", "fixed")
    )
    np.testing.assert_allclose(replayed, residuals, rtol=0.1)
    assert fixed > 2 * residuals


def test_audiences_are_replicated_together(people: pd.DataFrame) -> None:
    """Stacked, a shared psu is drawn once for both, each audience's weighting is made again, and a difference knows it."""
    sides = {"all": made_by(people, "respond rake"), "raked": made_by(people, "rake")}
    apart = {name: Design(frame, weight="fit", **ROLES) for name, frame in sides.items()}
    both = stack(apart)
    assert made_of(both).method == "24 jackknife replicates"
    levels = estimate.mean(both, "x", by=["audience"])
    np.testing.assert_allclose(levels.se[0], estimate.mean(apart["all"], "x").se[0], rtol=1e-10)
    alone = estimate.mean(replicate(apart["raked"], "jackknife"), "x")
    np.testing.assert_allclose(levels.se[1], alone.se[0], rtol=1e-10)
    gap = estimate.contrast(levels, {"gap": {0: 1, 1: -1}})
    assert gap.se[0] < 0.5 * np.hypot(*levels.se)
    again = replicate(both, "bootstrap", replicates=30)
    assert repr(again).count("variances from") == 1
    kinds = {"one": replicate(apart["raked"], "bootstrap"), "other": replicate(apart["raked"], "jackknife")}
    with pytest.raises(DesignError, match="differ"):
        stack(kinds)


def test_a_replicate_without_a_rare_category_is_left_out_and_told(people: pd.DataFrame) -> None:
    """Bootstraps that draw nobody of it are left out, the note counts them; a jackknife, which needs them all, is refused."""
    psus = sorted(people["psu"].unique())
    rare = people["psu"].isin(psus[:2]) & (people.groupby("psu").cumcount() == 0)
    frame = rake(
        people.assign(kind=np.where(rare, "rare", "usual")),
        {"kind": {"rare": 0.02, "usual": 0.98}},
        weight="w",
        name="fit",
    )
    design = Design(frame, weight="fit", **ROLES)
    table = estimate.mean(replicate(design, "bootstrap", replicates=200), "x").table()
    count = int(table["note"][0].split()[0])
    assert table["note"][0] == f"{count} of 200 replicates gave no value and were left out"
    assert 0 < count < 80
    assert np.isfinite(table["se"][0])
    assert np.isfinite(estimate.mean(replicate(design, "jackknife"), "x").se[0])
    lone = people.assign(kind=np.where(people.index == 0, "rare", "usual"))
    only = Design(rake(lone, {"kind": {"rare": 0.02, "usual": 0.98}}, weight="w", name="fit"), weight="fit", **ROLES)
    with pytest.raises(ConvergenceError, match="fails on a replicate"):
        estimate.mean(replicate(only, "jackknife"), "x")


def test_a_domain_that_leaves_a_replicate_is_left_out_of_it(people: pd.DataFrame) -> None:
    """A domain of two psus is not in every bootstrap: its mean there does not exist, its total is 0."""
    small = people.assign(few=people["psu"].isin(sorted(people["psu"].unique())[:2]))
    design = replicate(Design(small, weight="w", **ROLES), "bootstrap", replicates=100)
    assert "were left out" in estimate.mean(design, "aux", by=["few"]).table()["note"][1]
    assert estimate.total(design, "aux", by=["few"]).table()["note"].tolist() == ["", ""]


def test_rows_may_come_in_any_order(people: pd.DataFrame) -> None:
    """Psus are drawn in the order of their labels: the same seed gives the same errors, whatever the order of rows."""
    shuffled = people.sample(frac=1, random_state=3)
    for method in ("bootstrap", "canty_davison", "jackknife"):
        first, second = (
            estimate.mean(replicate(Design(frame, weight="w", **ROLES), method), "x").se for frame in (people, shuffled)
        )
        np.testing.assert_allclose(first, second, rtol=1e-10)


def test_seeds_make_the_difference(people: pd.DataFrame) -> None:
    """One seed, one answer; another seed, another, not far."""
    design = Design(people, weight="w", **ROLES)
    a, b, c = (estimate.mean(replicate(design, seed=seed), "x").se[0] for seed in (1, 1, 2))
    assert a == b != c
    np.testing.assert_allclose(a, c, rtol=0.2)


@pytest.mark.parametrize(("rule", "words"), [("fail", "strata have one psu"), ("centre", "says nothing of bootstrap")])
def test_lonely_strata_are_refused_where_the_design_says_so(rule: Any, words: str) -> None:
    """Under "fail", and under "centre" but for the jackknife."""
    frame = pd.DataFrame({"s": [1, 1, 2, 3, 3, 3], "x": [1.0, 4, 2, 8, 5, 7]})
    with pytest.raises(DesignError, match=words):
        replicate(Design(frame, stratum="s", lonely_psu=rule), "bootstrap")


def test_lonely_strata_are_kept_or_averaged() -> None:
    """``as.svrepdesign(type = "JKn")`` of six rows, a total: R's "remove", "average" and "adjust"; bootstraps weigh strata."""
    frame = pd.DataFrame({"s": [1, 1, 2, 3, 3, 3], "x": [1.0, 4, 2, 8, 5, 7]})
    within = 9.0 + 7.0  # Σ n/(n - 1) Σ (x - x̄)²
    of_rule = {
        rule: Design(frame, stratum="s", lonely_psu=rule) for rule in ("remove", "certainty", "average", "centre")
    }
    found = {rule: estimate.total(replicate(design, "jackknife"), "x").variance[0] for rule, design in of_rule.items()}
    lone = 2 / 3 * (27 * 1.5 - 1.5 * 2 - 27) ** 2
    expected = {"remove": within, "certainty": within, "average": within * 6 / 5, "centre": within + lone}
    assert found == pytest.approx(expected, rel=1e-12)
    kept, averaged = (estimate.total(replicate(of_rule[rule]), "x").variance[0] for rule in ("remove", "average"))
    np.testing.assert_allclose(averaged, 1.5 * kept, rtol=1e-12)


def test_what_replicates_leave_out_is_said(people: pd.DataFrame) -> None:
    """Half samples drop the fpc, and first-stage replicates what later stages add: every estimate's note says so."""
    pairs = pd.DataFrame({"s": [1, 1, 2, 2], "x": [1.0, 2, 3, 5], "size": 10})
    halves = replicate(Design(pairs, stratum="s", fpc="size"), "brr")
    assert estimate.mean(halves, "x").table()["note"][0] == "half samples leave the fpc out"
    stages = Design(data("apiclus2"), psu=["dnum", "snum"], fpc=["fpc1", "fpc2"])
    assert "later stages" in estimate.mean(replicate(stages, "jackknife"), "api00").table()["note"][0]
    assert (
        estimate.mean(replicate(replicate(stages, "brr", uneven="merge"), "jackknife"), "api00").note[0].count("fpc")
        == 1
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "jack"}, "no replicates are called"),
        ({"centre": "median"}, "is unknown"),
        ({"weighting": "no"}, "is unknown"),
    ],
)
def test_unknown_words_are_refused(people: pd.DataFrame, options: dict[str, Any], words: str) -> None:
    """A method, centre or weighting that is not one names those that are."""
    with pytest.raises(DesignError, match=words):
        replicate(Design(people, weight="w"), **options)


def test_negative_factors_are_not_weighted_again(people: pd.DataFrame) -> None:
    """Bootstraps of more draws than n - 1 have some: fine for weights as they are, refused where they are made again."""
    given = Design(people, weight="w", **ROLES)
    assert (made_of(replicate(given, "bootstrap", draws=12)).factor(slice(0, 50)) < 0).any()
    assert estimate.mean(replicate(given, "bootstrap", draws=12), "x").se[0] > 0
    with pytest.raises(DesignError, match="negative factors"):
        estimate.mean(replicate(Design(made_by(people, "rake"), weight="fit", **ROLES), "bootstrap", draws=12), "x")


def test_designs_that_are_no_stages_are_not_replicated(people: pd.DataFrame) -> None:
    """Joint probabilities have no psus to draw; supplied replicates are not replaced."""
    schools = data("apisrs").assign(p=0.03)
    with pytest.raises(DesignError, match="joint probabilities"):
        replicate(Design(schools, probability="p", joint="brewer"))
    given = replicated(people, weight="w", replicates=np.column_stack([people["w"], people["w"] * 2]), scale=1.0)
    with pytest.raises(DesignError, match="supplied"):
        replicate(given)


def test_a_design_with_replicates_prints_them(people: pd.DataFrame) -> None:
    """The number, the method and the seed, once, however often it is replicated."""
    design = replicate(replicate(Design(people, weight="w", **ROLES), "jackknife"), "fay", uneven="merge")
    assert repr(design).splitlines()[1:] == ["  variances from 4 Fay replicates"]

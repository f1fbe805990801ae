"""Sizes and power against R, a published table, every sample of small populations, and surveys that are really drawn."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import estimate
from symmetry.design import Design, power, sample_size, stack
from symmetry.errors import DesignError
from tests.golden.reading import designs_in, wide

SIDES = {"two.sided": "two_sided", "one.sided": "one_sided"}
# Krejcie and Morgan (1970), table 1: population → sample, shares of one half within 5 points, 95 %; rounded to the nearest there
KREJCIE_MORGAN = {
    10: 10, 15: 14, 20: 19, 25: 24, 30: 28, 35: 32, 40: 36, 45: 40, 50: 44, 55: 48, 60: 52, 65: 56, 70: 59, 75: 63, 80: 66,
    85: 70, 90: 73, 95: 76, 100: 80, 110: 86, 120: 92, 220: 140, 230: 144, 240: 148, 250: 152, 500: 217, 1000: 278, 1200: 291,
    1300: 297, 1400: 302, 1500: 306, 2800: 338, 9000: 368, 10000: 370, 1000000: 384,
}  # fmt: skip


def cases(test: str) -> list[dict[str, float]]:
    """What R was asked in each case, and what it said."""
    told = wide("sizes", test)
    return [{str(name): value for name, value in case.dropna().items()} for _, case in told.iterrows()]


def each(value: float, other: float | None = None) -> dict[str, float]:
    """One number, or two, for two groups."""
    return {"a": value, "b": value if other is None else other}


def asked(kind: str, side: str, case: dict[str, float]) -> dict[str, Any]:
    """Our arguments for a case of R's."""
    options: dict[str, Any] = {"alternative": SIDES[side], "level": case.get("level", 0.95)}
    if kind == "prop":
        both = {"share": each(case["p1"], case["p2"]), "n": each(case["n"])}
        return options | both | {"test": "pooled", "distribution": "normal"}
    options |= {"difference": case["delta"], "n": case["n"], "sd": case["sd"]}
    if kind == "two.sample":
        return options | {"n": each(case["n"])}
    # of the same persons: with a correlation of one half, differences vary as much as answers
    return options | ({"sd": each(case["sd"]), "sharing": "persons", "correlation": 0.5} if kind == "paired" else {})


@pytest.mark.parametrize("test", [name for name in designs_in("sizes") if name.split()[-1] in SIDES])
def test_power_is_that_of_r(test: str) -> None:
    """t tests of one sample, two samples and pairs, and tests of two shares, one-sided and two-sided."""
    found = [power(**asked(*test.split(), case))["power"].iloc[-1] for case in cases(test)]
    np.testing.assert_allclose(found, [case["power"] for case in cases(test)], rtol=1e-9, atol=1e-11)


def test_sizes_are_those_of_r_rounded_up() -> None:
    """`power.t.test` and `power.prop.test` solved for n, the next whole number."""
    for test, groups in (("size one.sample", None), ("size two.sample", each(1))):
        for case in cases(test):
            wanted = {"difference": case["delta"], "power": case["power"]}
            assert np.ceil(case["n"]) == sample_size(**wanted, sd=groups or 1)["n"].iloc[0]
    for case in cases("size prop"):
        both = {"share": each(case["p1"], case["p2"]), "test": "pooled", "distribution": "normal"}
        assert np.ceil(case["n"]) == sample_size(**both, power=case["power"])["n"].iloc[0]


def test_clusters_are_the_t_test_of_their_means() -> None:
    """Two arms of clusters of one size: R's t test of cluster means, power and number of clusters."""
    for case in cases("clusters"):
        sample = {"psus": each(case["m"]), "per_psu": case["b"], "icc": case["icc"]}
        found = power(sd=1, difference=case["delta"], **sample)["power"].iloc[-1]
        np.testing.assert_allclose(found, case["power"], rtol=1e-9)
    for case in cases("size clusters"):
        sides = {"sd": each(1), "per_psu": case["b"], "icc": case["icc"]}
        assert np.ceil(case["n"]) == sample_size(difference=case["delta"], **sides)["psus"].iloc[0]


def test_the_table_of_krejcie_and_morgan() -> None:
    """The published table for a share of one half; it rounds to the nearest, we round up."""
    for population, published in KREJCIE_MORGAN.items():
        found = sample_size(share=0.5, margin=0.05, population=population, distribution="normal")["n"].iloc[0]
        assert found - published in (0, 1)


def moments(y: np.ndarray) -> dict[str, float]:
    """Standard deviation and intraclass correlation of a population of units (M, B)."""
    inside = y.var(axis=1, ddof=1).mean()
    among = y.mean(axis=1).var(ddof=1) - inside / y.shape[1]
    return {"sd": float(np.sqrt(among + inside)), "icc": float(among / (among + inside))}


Y = np.array([[1.0, 2, 4], [5, 3, 4], [8, 9, 7], [2, 4, 1]])
Z = np.array([[2.0, 1, 4], [6, 9, 7], [7, 6, 8], [4, 2, 2]])


@pytest.mark.parametrize(("m", "b"), [(2, 2), (3, 1), (4, 2), (2, 3), (4, 3)])
def test_the_variance_is_that_of_every_sample(m: int, b: int) -> None:
    """Of four units of three persons, every sample in two stages is drawn: their means vary as the formula says."""
    means = [
        np.mean([Y[unit, list(persons)].mean() for unit, persons in zip(units, drawn, strict=True)])
        for units in combinations(range(4), m)
        for drawn in product(combinations(range(3), b), repeat=m)
    ]
    told = power(**moments(Y), psus=m, per_psu=b, population=12, population_psus=4)
    np.testing.assert_allclose(told["se"][0], np.std(means), rtol=1e-12, atol=1e-12)


def test_the_covariance_of_shared_units_is_that_of_every_sample() -> None:
    """One audience in three of four units, the other in two of these three: every pair of samples of units."""
    y, z = Y.mean(axis=1), Z.mean(axis=1)
    pairs = [
        (y[list(larger)].mean(), z[list(smaller)].mean())
        for larger in combinations(range(4), 3)
        for smaller in combinations(larger, 2)
    ]
    true = np.cov(np.array(pairs).T, ddof=0)[0, 1]
    one, other = moments(Y), moments(Z)
    r = np.cov(y, z)[0, 1] / (one["sd"] * other["sd"] * np.sqrt(one["icc"] * other["icc"]))
    both = {name: each(one[name], other[name]) for name in one}
    told = power(
        **both, psus=each(3, 2), per_psu=2, population=12, population_psus=4, sharing="units", correlation=r
    )  # fmt: skip
    np.testing.assert_allclose(told["se"][2] ** 2, told["se"][0] ** 2 + told["se"][1] ** 2 - 2 * true, rtol=1e-12)
    assert 3 == told["psus"][2]


def test_the_whole_population_has_no_error() -> None:
    """In a census the standard error is 0 and a difference is found for certain; alike is alike."""
    told = power(share=0.3, n=500, population=500, difference=0.01)
    assert [0.0, 0.0, 0.0, 1.0, 500] == told[["se", "margin", "deff", "power", "n_eff"]].iloc[0].tolist()
    assert 0.0 == power(share=0.3, n=500, population=500, equivalence=0.01, difference=0.02)["power"][0]
    told = power(sd={"a": 1, "b": 2}, icc=0.1, psus=5, per_psu=8, population=40, population_psus=5, difference=0.1)
    assert [0.0, 1.0] == told[["se", "power"]].iloc[-1].tolist()


def test_all_units_make_strata() -> None:
    """Where every unit is in the sample, units add nothing, nor does what they share, and persons count as psus."""
    settled = {"sd": each(1), "icc": 0.2, "psus": 10, "per_psu": 6, "population": 10**9, "population_psus": 10}
    told = power(**settled, sharing="units", correlation=0.9, difference=0.2)
    np.testing.assert_allclose(told["se"][0] ** 2, 0.8 / 60, rtol=1e-6)
    np.testing.assert_allclose(told["se"][2] ** 2, 1.6 / 60, rtol=1e-6)
    assert [50.0, 50.0, 100.0] == told["df"].round(6).tolist()


def test_margins_are_those_of_the_interval() -> None:
    """Half the interval that an estimate of such a sample would print, weights and strata counted."""
    told = power(sd=2.0, n=50, deff=1.4, strata=5, level=0.9)
    np.testing.assert_allclose(told["se"][0], 2 * np.sqrt(1.4 / 50), rtol=1e-12)
    np.testing.assert_allclose(told["margin"][0] / told["se"][0], 1.6794274, rtol=1e-7)  # qt(0.95, 45)
    assert [45.0, 50 / 1.4] == told[["df", "n_eff"]].iloc[0].tolist()


def test_persons_are_invited_and_psus_whole() -> None:
    """Who does not answer is invited too; more invitations than people are told, and a part of a psu is a psu."""
    told = power(share=0.5, n=130, per_psu=12, icc=0.1, response=0.3, population_psus=500, population=10_000)
    assert [434, 11, 130] == told[["invited", "psus", "n"]].iloc[0].tolist()
    told = power(share=0.5, n=130, response=0.3, population=400)
    assert "434 invitations for 400 persons: too few would answer" == told["note"][0]
    told = power(share=0.5, n=130, per_psu=10, icc=0.1, population=400)
    assert told["note"][0].startswith("no finite population correction")


@pytest.mark.parametrize(
    ("sample", "free"),
    [
        ({"sd": 1}, "n"),
        ({"sd": each(1)}, "n"),
        ({"sd": 1, "icc": 0.05, "per_psu": 7, "population": 90_000, "population_psus": 3000}, "psus"),
        ({"sd": each(1), "icc": 0.05, "psus": 60, "sharing": "units", "correlation": 0.4}, "per_psu"),
        ({"sd": each(1), "n": {"a": 400, "b": None}}, "n"),
        ({"sd": each(1, 0.8), "ratio": 0.25}, "n"),
    ],
)
@pytest.mark.parametrize("goal", [{"margin": 0.25}, {"difference": 0.3}, {"equivalence": 0.4, "power": 0.9}])
def test_the_size_is_the_smallest(sample: dict[str, Any], free: str, goal: dict[str, float]) -> None:
    """The sample found is enough; with one psu, or one person, less it is not."""
    found = sample_size(**sample, **goal)
    last = len(found) - 1
    ratio, facts = sample.get("ratio", 1.0), {name: value for name, value in sample.items() if name != "ratio"}
    claim = {name: value for name, value in goal.items() if name in ("difference", "equivalence")}
    for less in (0, 1):
        amounts = {name: row[free] - less for name, row in found.set_index("audience").iterrows()}
        if len(found) > 1:
            settled = facts.get("n", {}).get("a") if isinstance(facts.get("n"), dict) else None
            amounts = {
                "a": settled or amounts["a"], "b": amounts["b"] if settled else np.ceil(ratio * amounts["a"] - 1e-9),
            }  # fmt: skip
        told = power(**{**facts, free: amounts if len(found) > 1 else amounts["all"]}, **claim).iloc[last]
        enough = told["margin"] <= 0.25 if "margin" in goal else told["power"] >= goal.get("power", 0.8)
        assert enough == (less == 0)


def test_verdicts_by_simulation() -> None:
    """Dissonant and aligned, as a plan prints them before launch: two million gaps and errors drawn at random."""
    rng = np.random.default_rng(4)
    for truth, m in ((0.0, 0.3), (0.2, 0.3), (0.3, 0.3)):
        told = {"n": {"c": 400, "e": 60}, "sd": {"c": 1, "e": 1}, "difference": truth}
        aligned, dissonant = power(**told, equivalence=m).iloc[-1], power(**told, smallest=m).iloc[-1]
        se, df = aligned["se"], aligned["df"]
        gap = np.abs(rng.normal(truth, se, 2_000_000))
        s = se * np.sqrt(rng.chisquare(df, 2_000_000) / df)
        wald, tost = stats.t.ppf([0.975, 0.95], df)
        np.testing.assert_allclose(aligned["power"], (gap + tost * s < m).mean(), atol=1.5e-3)
        np.testing.assert_allclose(dissonant["power"], ((gap > wald * s) & (gap >= m)).mean(), atol=1.5e-3)


BAD: list[tuple[Any, dict[str, Any], str, str]] = [
    (power, {"n": 10}, "answers have no spread", "say sd= for a mean, or share= for a share"),
    (power, {"n": 10, "sd": 1, "share": 0.5}, "answers have no spread", "say sd="),
    (power, {"n": 10, "sd": {"a": 1}, "icc": {"b": 0.1}, "per_psu": 2}, "b: answers have no spread", "say its sd"),
    (power, {"sd": 1}, "the number of answers is not given", "n=, or psus= and per_psu="),
    (power, {"sd": 1, "n": 10, "icc": 0.1}, "answers are alike inside psus \\(icc=0.1\\)", "say per_psu="),
    (power, {"sd": 1, "n": 10, "icc": 1.0}, "icc=1.0 cannot be", "at least 0 and below 1"),
    (power, {"sd": each(1, -2), "n": 10}, "sd=-2 of b cannot be", "0 or more"),
    (power, {"share": 1.2, "n": 10}, "share=1.2 cannot be", "between 0 and 1"),
    (power, {"sd": 1, "n": 0}, "n=0 cannot be", "a number above 0"),
    (power, {"sd": 1, "n": 10.5}, "n=10.5 is no whole number", "are counted: round up"),
    (power, {"sd": 1, "n": each(10, 9.5)}, "n=9.5 of b is no whole number", "round up"),
    (power, {"sd": 1, "n": 10, "psus": 3.7, "icc": 0.1}, "psus=3.7 is no whole number", "round up"),
    (sample_size, {"sd": 1, "margin": 0.1, "strata": 2.5}, "strata=2.5 is no whole number", "round up"),
    (power, {"sd": 1, "n": 10, "level": 95}, "level=95 cannot be", "0.95 is usual"),
    (power, {"sd": 1, "n": 10, "test": "z"}, "test='z' is unknown", "wald"),
    (power, {"sd": 1, "n": 10, "test": "pooled"}, "pooled", "leave test"),
    (power, {"sd": 1, "n": 10, "population": 9}, "10 answers of 9 persons", "no more than there are"),
    (power, {"sd": 1, "psus": 5, "per_psu": 2, "icc": 0, "population_psus": 4}, "5 of 4 psus", "no more than there"),
    (power, {"sd": 1, "psus": 4, "per_psu": 9, "icc": 0, "population_psus": 5, "population": 40},
     "9 answers a psu, which holds 8 persons", "no more than there are"),
    (power, {"sd": {"a": 1, "b": 1, "c": 1}, "n": 10}, "3 audiences", "two at a time"),
    (power, {"sd": 1, "n": 10, "sharing": "units"}, "takes two audiences", "name them"),
    (power, {"sd": each(1), "n": 10, "sharing": "units"}, "shared units need an icc for both", "say icc="),
    (power, {"sd": each(1), "n": each(10, 9), "sharing": "persons"}, "the same persons have one number", "give numbers"),
    (power, {"share": each(0.5, 0.4), "n": 10, "difference": 0.2}, "do not differ by 0.2", "and no difference"),
    (power, {"share": 0.1, "n": 10, "difference": 0.2}, "does not differ by 0.2 from a share", "between 0 and 1"),
    (power, {"sd": 1, "n": 50, "psus": 60}, "60 psus for 50 answers", "one answer or more"),
    (power, {"sd": 1, "n": 10, "icc": 0.1, "per_psu": 0.5}, "20 psus for 10 answers", "one answer or more"),
    (power, {"share": each(0.9, 0.1), "n": 10, "sharing": "persons", "correlation": 1.0},
     "shares of 0.9 and 0.1 cannot correlate by 1", "between -1.000 and 0.111"),
    (power, {"sd": 1, "n": 10, "equivalence": 0.5, "smallest": 0.3}, "smallest=0.3 cannot be", "leave equivalence= out"),
    (power, {"sd": "a", "n": 10}, "sd='a' is no number", "a number"),
    (power, {"sd": 1, "n": [1, 2]}, "is no number", "a number"),
    (power, {"sd": 1, "n": 10, "level": "high"}, "level='high' is no number", "a number"),
    (power, {"sd": 1e200, "n": 10}, r"sd=1e\+200 cannot be", "below 1e150"),
    (sample_size, {"sd": 1, "margin": "a"}, "a margin of 'a' cannot be reached", "above 0"),
    (sample_size, {"share": each(0.5, 0.6), "ratio": np.inf}, "ratio=inf cannot be", "above 0"),
    (sample_size, {"sd": 1}, "for a margin, or for a claim", "say margin="),
    (sample_size, {"sd": 1, "margin": 1, "difference": 1}, "for a margin, or for a claim", "say margin="),
    (sample_size, {"sd": 1, "margin": 0}, "a margin of 0 cannot be reached", "above 0"),
    (sample_size, {"sd": 1, "difference": 1, "power": 1}, "a power of 1 cannot be reached", "below 1"),
    (sample_size, {"sd": 1, "margin": 1, "n": 10}, "nothing is left to be found", "ask `power`"),
    (sample_size, {"share": each(0.5), "margin": None}, "two equal shares", "shares that differ"),
    (sample_size, {"sd": 1, "margin": 0.1, "psus": 20, "icc": 0.1},
     "no sample gives a margin of 0.1: .* it is 0.148", "more psus"),
    (sample_size, {"sd": 1, "equivalence": 0.2, "n": {"a": 200, "b": None}},
     "no sample gives a power of 0.8", "more of the audience"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "facts", "message", "mend"), BAD)
def test_plans_that_cannot_be_are_refused(verb: Any, facts: dict[str, Any], message: str, mend: str) -> None:
    """What is missing, impossible or beyond reach is told, with the remedy."""
    with pytest.raises(DesignError, match=message) as caught:
        verb(**facts)
    assert mend in str(caught.value)


def test_a_sample_short_of_all_psus_is_found() -> None:
    """With all psus in the sample and a person in each there are no degrees of freedom; fewer psus have them, and do."""
    plan: dict[str, Any] = {"sd": 1, "icc": 0.1, "per_psu": 1, "population": 2000, "population_psus": 20}
    assert np.isnan(power(n=20, **plan)["margin"][0])
    assert 17 == sample_size(margin=0.5, **plan)["psus"][0]
    assert power(n=16, **plan)["margin"][0] > 0.5 >= power(n=17, **plan)["margin"][0]
    with pytest.raises(DesignError, match="there are no degrees of freedom"):
        sample_size(margin=0.3, **plan)


def test_a_small_part_of_a_ratio_is_one_person() -> None:
    """A ratio near 0 asks at least one of the second audience."""
    found = sample_size(sd=each(1), margin=3.0, ratio=1e-3, distribution="normal")
    assert 1 == found["n"][1]


def test_no_degrees_of_freedom_are_told() -> None:
    """One psu has a standard error that nobody can estimate: no margin, no power, and the note says why."""
    told = power(sd=1, psus=1, per_psu=20, icc=0.1, difference=1).iloc[0]
    assert ("no degrees of freedom", 0.0) == (told["note"], told["df"])
    assert np.isnan([told["margin"], told["power"]]).all()
    assert told["se"] > 0
    assert power(sd=1, psus=1, per_psu=20, icc=0.1, distribution="normal")["margin"][0] > 0


@pytest.mark.slow
@pytest.mark.parametrize(("r", "units"), [(0.8, 40), (0.0, 15)])
def test_real_surveys_find_what_was_promised(r: float, units: int) -> None:
    """Branches of a network are drawn, customers and employees in them, and the gap is tested as analysts do."""
    rng = np.random.default_rng(11)
    sizes, icc = {"customers": 8, "employees": 3}, 0.15
    promised = power(
        sd=dict.fromkeys(sizes, 1.0), icc=icc, psus=units, per_psu=sizes,
        sharing="units", correlation=r, difference=0.35,
    ).iloc[-1]  # fmt: skip
    found = []
    for _ in range(2000):
        among = rng.multivariate_normal([0.35, 0], icc * np.array([[1, r], [r, 1]]), units)
        sides = {}
        for place, (name, size) in enumerate(sizes.items()):
            branch = np.repeat(np.arange(units), size)
            x = among[branch, place] + rng.normal(0, np.sqrt(1 - icc), len(branch))
            sides[name] = Design(pd.DataFrame({"branch": branch, "x": x}), psu="branch")
        both = estimate.mean(stack(sides, units="shared"), "x", by=["audience"])
        lower, upper, _ = estimate.interval(estimate.contrast(both, {"gap": {0: 1, 1: -1}}))
        found.append(lower[0] > 0 or upper[0] < 0)
    np.testing.assert_allclose(np.mean(found), promised["power"], atol=0.031)  # three errors of 2000 draws


@pytest.mark.slow
def test_finite_populations_are_covered() -> None:
    """Samples in two stages from one finite population of branches: the error promised is the one found, and it is covered."""
    rng = np.random.default_rng(12)
    units, persons, m, b = 30, 20, 12, 8
    y = rng.normal(0, 0.5, (units, 1)) + rng.normal(0, 1, (units, persons))
    told = power(**moments(y), psus=m, per_psu=b, population=units * persons, population_psus=units).iloc[0]
    values, covered = [], []
    for draw in range(30_000):
        drawn = rng.choice(units, m, replace=False)
        x = np.concatenate([rng.choice(y[unit], b, replace=False) for unit in drawn])
        values.append(x.mean())
        if draw % 20 == 0:
            frame = pd.DataFrame(
                {"x": x, "unit": np.repeat(drawn, b), "person": range(m * b), "M": units, "B": persons}
            )
            found = estimate.mean(Design(frame, psu=["unit", "person"], fpc=["M", "B"]), "x")
            lower, upper, _ = estimate.interval(found)
            covered.append(lower[0] <= y.mean() <= upper[0])
    np.testing.assert_allclose(np.std(values), told["se"], rtol=0.015)  # 30000 draws know it to 0.4 %
    assert 0.93 <= np.mean(covered) <= 0.97

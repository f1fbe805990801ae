"""The planner's chances, samples and places, against published tables, simulated verdicts and samples found by trying all."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symmetry import design, spec
from symmetry.analyse.planner import COLUMNS, NEEDS, Outlook, outlook
from symmetry.analyse.planner_chances import Cell, chances, error, found_from, sample
from symmetry.analyse.planner_cheapest import cheapest, cost_of
from symmetry.analyse.planner_facts import Facts, Returns, facts_of
from symmetry.analyse.planner_saying import deciding, sentences, voice_of
from symmetry.analyse.planner_scope import Compared, compared
from symmetry.analyse.planner_telling import tell
from symmetry.analyse.planner_writing import curves, ground
from symmetry.errors import SpecError
from symmetry.report.outlook_page import outlook_page

ROOT = Path(__file__).parents[2]
# docs: methods A2, "Employees needed for 80 % power to conclude aligned", by normal approximation: margin, customers, employees
NEEDED = [(0.3, 200, 182), (0.3, 1000, 105), (0.2, 500, 374), (0.5, 200, 41)]
# methods A2, simulated for one pair with SD 1: sizes, margin, dissonant and aligned at true gaps 0, 0.2, 0.3 and 0.5
SIMULATED = [
    (100, 15, 0.3, [(0.05, 0.00), (0.11, 0.00), (0.19, 0.00), (0.44, 0.00)]),
    (200, 30, 0.3, [(0.05, 0.00), (0.18, 0.00), (0.33, 0.00), (0.72, 0.00)]),
    (400, 60, 0.3, [(0.03, 0.40), (0.24, 0.15), (0.50, 0.05), (0.93, 0.00)]),
    (1000, 150, 0.2, [(0.02, 0.48), (0.50, 0.05), (0.87, 0.00), (1.00, 0.00)]),
    (2000, 400, 0.2, [(0.00, 0.96), (0.50, 0.05), (0.97, 0.00), (1.00, 0.00)]),
]


def bank(*faces: str, smallest: str = "points") -> spec.Study:
    """The demonstration, with one margin of some of its comparisons and nothing expected."""
    study = spec.load(ROOT / "survey_specs" / "everyday_bank")
    kept = tuple(
        replace(each, smallest=tuple(margin for margin in each.smallest if margin.unit == smallest))
        for each in study.registered.comparisons
        if each.b in faces
    )
    return replace(study, registered=replace(study.registered, comparisons=kept, expected=None))


def facts(units: int | None = None, **changed: Any) -> Facts:
    """A small network: 400 customers and 60 employees answer."""
    side = Returns("customers", 400, 5000.0, 1000.0, 1.0, 0.5, 60.0, 0.05, 1.0, 2.0)
    staff = replace(side, name="employees", answers=60, population=120.0, reach=90.0, cost=5.0)
    every = math.inf if units is None else 1.5 * units
    return replace(Facts(side, staff, units, every, 0.3, 10.0, False, ()), **changed)


@pytest.mark.parametrize(("margin", "customers", "employees"), NEEDED)
def test_the_published_numbers_of_employees_come_out(margin: float, customers: int, employees: int) -> None:
    """The normal approximation gives the published numbers but for rounding up, the exact test one or two more."""
    both = {"customers": customers, "employees": None}
    normal = design.sample_size(n=both, sd=1.0, equivalence=margin, distribution="normal")["n"].iloc[1]
    exact = design.sample_size(n=both, sd=1.0, equivalence=margin)["n"].iloc[1]
    assert 0 <= normal - employees <= 1
    assert 0 <= exact - normal <= 2


@pytest.mark.parametrize(("customers", "employees", "margin", "published"), SIMULATED)
def test_the_published_operating_characteristics_come_out(
    customers: int, employees: int, margin: float, published: list[tuple[float, float]]
) -> None:
    """Each simulated chance of the methods' table is met within its two digits and the error of its simulation."""
    made = {"n": {"customers": customers, "employees": employees}, "sd": 1.0, "distribution": "normal"}
    for gap, (dissonant, aligned) in zip((0.0, 0.2, 0.3, 0.5), published, strict=True):
        found = chances(made, margin, gap)
        assert found.dissonant == pytest.approx(dissonant, abs=0.025)
        assert found.aligned == pytest.approx(aligned, abs=0.025)
        assert found.undetermined == pytest.approx(1 - dissonant - aligned, abs=0.035)


@pytest.mark.parametrize("strict", [1.0, 9.0])
@pytest.mark.parametrize("gap", [0.0, 0.2, 0.3, 0.45])
def test_chances_are_those_of_verdicts_given_to_simulated_samples(gap: float, strict: float) -> None:
    """Estimates and their errors are drawn, verdicts are given by the rules in words; all four chances agree."""
    from scipy import stats

    made = sample(Cell("", "", 400, 60, 20, 30.0), facts(20), {"customers": 1.0, "employees": 1.0})
    told, margin, times = error(made).iloc[2], 0.3, 400_000
    rng = np.random.default_rng(6)
    estimate = gap + told["se"] * rng.standard_normal(times)
    se = told["se"] * np.sqrt(rng.chisquare(told["df"], times) / told["df"])
    different = 2 * stats.t.sf(np.abs(estimate) / se, told["df"]) < 0.05 / strict
    dissonant = different & (np.abs(estimate) >= margin)
    material = stats.t.sf((np.abs(estimate) - margin) / se, told["df"]) < 0.025 / strict
    aligned = stats.t.sf((margin - np.abs(estimate)) / se, told["df"]) < 0.05 / strict
    found = chances(made, margin, gap, strict=strict)
    drawn = [dissonant.mean(), material.mean(), aligned.mean()]
    assert [found.dissonant, found.material, found.aligned] == pytest.approx(drawn, abs=0.003)


def test_the_smallest_gap_found_is_found_that_often() -> None:
    """At the gap that is told, the chance is the one asked for; where no gap on the scale is found so often, there is none."""
    made = {"n": {"customers": 400, "employees": 60}, "sd": 1.0}
    gap = found_from(made, 0.3, chance=0.8, strict=1, widest=4)
    assert chances(made, 0.3, gap).dissonant == pytest.approx(0.8, abs=1e-5)
    assert math.isnan(found_from(made, 0.3, chance=0.8, strict=1, widest=0.35))


def cheapest_of_all(known: Facts, spread: dict[str, float], claim: dict[str, Any], floor: float) -> float:
    """The cost of the cheapest sample, every whole number of both audiences in every number of units tried by `power`."""
    units, prices = range(2, known.most_units + 1) if known.units else [None], [math.inf]
    for number in units:
        most = [side.reach if number is None else side.reach * number // known.most_units for side in known.sides]
        for staff in range(10, int(most[1]) + 1):
            low, high = 10, int(most[0]) + 1  # one more than there are: none is enough
            while low < high:
                middle = (low + high) // 2
                told = design.power(**sample(Cell("", "", middle, staff, number, floor), known, spread), **claim)
                enough = told["n_eff"].iloc[:2].min() >= floor and told["power"].iloc[2] >= 0.8
                low, high = (low, middle) if enough else (middle + 1, high)
            prices += [cost_of(known, number, low, staff)] if low <= most[0] else []
    return min(prices)


@pytest.mark.parametrize("claim", [{"difference": 0.6, "smallest": 0.4}, {"equivalence": 0.5}])
@pytest.mark.parametrize(
    ("units", "finite", "customers", "employees"),
    [(4, False, (150, 2.0), (61, 5.0)), (None, False, (90, 1.5), (55, 4.0)), (4, True, (119, 1.0), (50, 0.0))],
)
def test_the_cheapest_sample_is_the_cheapest_of_all(
    claim: dict[str, Any],
    units: int | None,
    finite: bool,
    customers: tuple[int, float],
    employees: tuple[int, float],
) -> None:
    """No other sample costs less and gives the same chance, be its answers a multiple of its units or not: all are tried."""
    known = facts(units, finite=finite, all_units=math.inf if units is None else 5.0)
    sides = [
        replace(side, answers=20, population=float(most), reach=float(most), cost=cost)
        for side, (most, cost) in zip(known.sides, (customers, employees), strict=True)
    ]
    known, spread = replace(known, customers=sides[0], employees=sides[1]), {"customers": 0.6, "employees": 0.6}
    found = cheapest(known, spread, claim, chance=0.8, floor=20, least=10)
    assert found is not None
    assert found.cost == cheapest_of_all(known, spread, claim, 20)
    cell = Cell("", "", found.customers, found.employees, found.units, 20.0)
    assert design.power(**sample(cell, known, spread), **claim)["power"].iloc[2] >= 0.8
    assert found.cost == cost_of(known, found.units, found.customers, found.employees)


def test_answers_need_be_no_multiple_of_the_units() -> None:
    """One employee more than a multiple of the units, of as many as there are, is enough where the multiple is not."""
    known, spread = facts(10, all_units=10.0), {"customers": 1.0, "employees": 1.0}
    claim = {"equivalence": 0.5}

    def cost(employees: int) -> Any:
        staff = replace(known.employees, reach=float(employees), answers=10)
        return cheapest(replace(known, employees=staff), spread, claim, chance=0.8, floor=30, least=10)

    fewest = next(number for number in range(31, 200) if cost(number) is not None)
    assert fewest % 10 != 0
    assert (cost(fewest).employees, cost(fewest - 1)) == (fewest, None)


def test_no_sample_costs_more_than_a_plan_that_is_enough() -> None:
    """On the demonstration the hardest of 18 pairs costs less than the plan that reaches it, also with other answers."""
    study = spec.load(ROOT / "survey_specs" / "everyday_bank")
    for changed in ({}, {"customers": 1892, "employees": 528}, {"customers": 1681, "employees": 525}):
        needs = outlook(study, changed=changed).needs
        enough = needs[needs["planned_chance"] >= 0.8]
        assert len(enough) > 10
        assert (enough["cost"] <= enough["planned_cost"]).all()
    hardest = needs[(needs["b"] == "management") & (needs["within"] == "strict") & (needs["claim"] == "aligned")]
    assert hardest["cost"].iloc[0] == hardest["planned_cost"].iloc[0] == 44 * 40 + 1681 * 4 + 525 * 6


def test_without_units_the_cheapest_is_a_number_of_each() -> None:
    """Where nobody spoke of units there are none in the sample, and it is cheaper than its neighbours that are enough."""
    known, spread = facts(), {"customers": 1.0, "employees": 1.0}
    found = cheapest(known, spread, {"equivalence": 0.5}, chance=0.8, floor=30, least=10)
    assert found is not None
    assert found.units is None
    for customers, employees in ((found.customers - 1, found.employees), (found.customers, found.employees - 1)):
        fewer = design.power(n={"customers": customers, "employees": employees}, sd=1.0, equivalence=0.5)
        assert fewer["power"].iloc[2] < 0.8


def test_a_claim_that_no_sample_reaches_has_none() -> None:
    """With ninety employees at most, a margin of 0.1 is out of reach."""
    spread = {"customers": 1.0, "employees": 1.0}
    assert cheapest(facts(10), spread, {"equivalence": 0.1}, chance=0.8, floor=30, least=10) is None


@pytest.fixture(scope="module")
def found() -> Outlook:
    """An outlook of the demonstration's employees' faces, with numbers given by hand."""
    changed = {"customers": 600, "employees": 200, "units": 20, "all_units": 40, "all_employees": 700, "icc": 0.04}
    return outlook(bank("employee", "guess"), changed=changed, samples=False)


def test_every_place_and_true_gap_has_a_row(found: Outlook) -> None:
    """Two comparisons, everybody, four regions and one unit, four true gaps; chances add up to 1."""
    assert list(found.table.columns) == COLUMNS
    assert (list(found.needs.columns), len(found.needs)) == (NEEDS, 0)
    assert len(found.table) == 2 * (1 + 4 + 1) * 4
    for suffix in ("", "_strict"):
        names = [f"{name}{suffix}" for name in ("dissonant", "aligned", "undetermined")]
        assert found.table[names].sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert (found.table["dissonant_strict"] <= found.table["dissonant"] + 1e-12).all()


def test_a_region_has_its_share_of_answers_and_units(found: Outlook) -> None:
    """Sizes of regions follow the study's targets, and persons are the psus inside a unit."""
    study = bank("employee")
    for cell in found.cells[1:5]:
        a, b = (
            next(target.shares[cell.domain] for target in study.targets[audience] if target.variable == cell.by)
            for audience in ("customers", "employees")
        )
        assert (cell.customers, cell.employees, cell.units) == (round(600 * a), round(200 * b), round(20 * b))
    inside = found.cells[5]
    assert (inside.customers, inside.employees, inside.inside) == (30, 10, True)
    assert "psus" not in sample(inside, found.facts, {"customers": 1.0, "employees": 1.0})


def test_families_are_those_of_detect(found: Outlook) -> None:
    """Hardest cases: all pairs of one reading, under BH for absolute gaps, under BY for relative ones, times the places."""
    pairs = [pair for pair in spec.pairs(bank("employee")) if pair.lawful and pair.b == "employee"]
    relative = sum(pair.mirror == "parallel" for pair in pairs)
    everybody = found.table[(found.table["b"] == "employee") & (found.table["by"] == "")].iloc[0]
    assert everybody["family"] == relative
    assert everybody["strict"] == pytest.approx(relative * sum(1 / k for k in range(1, relative + 1)))
    regions = found.table[(found.table["b"] == "guess") & (found.table["by"] == "region")]
    guesses = sum(pair.lawful and pair.b == "guess" for pair in spec.pairs(bank("guess")))
    assert set(regions["strict"]) == {4.0 * guesses}


def test_few_answers_give_no_verdict() -> None:
    """Below the anonymity floor nothing is shown; below thirty effective answers, or ten in a unit, nothing is decided."""
    study = bank("employee")
    told = {
        employees: outlook(study, changed={"customers": 300, "employees": employees}, samples=False)
        for employees in (9, 29, 31)
    }
    notes = {employees: each.table[each.table["by"] == ""]["note"].iloc[0] for employees, each in told.items()}
    assert notes == {9: "hidden", 29: "few", 31: ""}
    first = told[29].table.iloc[0]
    assert (first["undetermined"], first["dissonant"], first["aligned"]) == (1.0, 0.0, 0.0)
    alone = outlook(study, changed={"customers": 300, "employees": 100, "units": 1, "icc": 0.0}, samples=False)
    assert set(alone.table["note"]) == {"lone"}


def test_whether_aligned_can_ever_be_said() -> None:
    """With 200 customers a margin of 0.2 is out of reach whatever the employees; with 500, more employees reach it."""
    study = bank("employee")
    margin = replace(study.registered.comparisons[0].smallest[0], value=0.2)
    comparison = replace(study.registered.comparisons[0], smallest=(margin,))
    study = replace(study, registered=replace(study.registered, comparisons=(comparison,), segments=()))
    told = {
        customers: outlook(study, changed={"customers": customers, "employees": 60, "sd": 1.0}, samples=False)
        for customers in (200, 500)
    }
    word = {customers: each.table["ever"].iloc[0] for customers, each in told.items()}
    assert word == {200: "never", 500: "employees"}
    enough = outlook(study, changed={"customers": 500, "employees": 376, "sd": 1.0}, samples=False)
    assert enough.table["ever"].iloc[0] == "yes"


def test_what_nobody_says_is_assumed_and_told() -> None:
    """Defaults are kept as assumptions; what is told, by the study or by an option, is none."""
    named = {
        (each.name, each.audience) for each in facts_of(bank("employee"), {"customers": 9, "employees": 9}).assumed
    }
    assert named == {(name, "") for name in ("sd", "share", "sd_nps", "deff", "cost")}
    study = spec.load(ROOT / "survey_specs" / "everyday_bank")
    assert {(each.name, each.audience) for each in facts_of(study, {}).assumed} == {("deff", "employees")}
    told = facts_of(study, {"deff": 1.3, "customers": 100})
    assert (told.assumed, told.customers.answers, told.employees.answers) == ((), 100, 525)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "nobody says how many customers"),
        ({"customers": 100}, "nobody says how many employees"),
        ({"customers": 100, "employees": 50, "all_employees": 40}, "50 employees are expected, and there are 40"),
        ({"customers": 100, "employees": 50, "units": 9, "all_units": 8}, "9 units are expected, and there are 8"),
    ],
)
def test_impossible_facts_are_refused(changed: dict[str, Any], said: str) -> None:
    """Nobody's answers, and more than there are, are errors that say what to give."""
    with pytest.raises(SpecError, match=said) as caught:
        outlook(bank("employee"), changed=changed)
    assert "--" in caught.value.problems[0].mend


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("share", 1.5), ("share", 0.0), ("sd", 0.0), ("sd", 9.0), ("sd", -1.0), ("sd", math.nan), ("sd_nps", 101.0)),
        *(("deff", 0.1), ("deff", math.inf), ("icc", 2.0), ("together", -1.5), ("cost_unit", -300.0)),
        *(("cost_customer", math.inf), ("customers", 10**20), ("all_employees", 0), ("units", 10**11)),
    ],
)
def test_a_fact_out_of_range_is_refused(option: str, value: float) -> None:
    """What cannot be is an error that names the option, says what it must be and how to mend it."""
    with pytest.raises(SpecError, match="--" + option.replace("_", "-")) as caught:
        outlook(bank("employee"), changed={"customers": 100, "employees": 50, "units": 5} | {option: value})
    assert caught.value.problems[0].mend


def test_half_of_the_scale_is_the_most_spread_there_is() -> None:
    """Half of the answers at each end of five points: 2; a study that says more is told where."""
    told = {"customers": 100, "employees": 50}
    assert outlook(bank("employee"), changed=told | {"sd": 2.0}, samples=False).facts.customers.sd == 2.0
    study = spec.load(ROOT / "survey_specs" / "everyday_bank")
    assert study.registered.expected is not None
    wide = replace(study.registered.expected, customers=replace(study.registered.expected.customers, sd=2.1))
    with pytest.raises(SpecError, match="standard deviation of 2.1") as caught:
        outlook(replace(study, registered=replace(study.registered, expected=wide)))
    place = caught.value.problems[0].where
    assert place is not None
    line = study.path.read_text(encoding="utf-8").splitlines()[place.line - 1]
    assert line[place.column - 1 :].startswith("1.05, share")


def test_margins_in_points_of_100_are_those_in_points() -> None:
    """8 points of 100 on five points are 0.32 points: the same chances, with a spread in points of 100; NPS is told too."""
    study = bank("guess", smallest="nps")
    first = study.registered.comparisons[0]
    told, changed = {}, {"customers": 600, "employees": 200, "units": 20, "icc": 0.04, "sd": 1.1}
    for unit, value in (("score", spec.Margin(8.0, "score")), ("points", spec.Margin(0.32, "points"))):
        both = (value, first.smallest[0])
        one = replace(study.registered, comparisons=(replace(first, smallest=both),), segments=())
        found = outlook(replace(study, registered=one), changed=changed)
        for language in ("en", "fr"):
            assert tell(found, language=language)
            page = outlook_page(found, {"curves": curves(found), "ground": ground(found)}, language=language)
            assert "nan" not in page.split()
        told[unit] = found
    names = ["dissonant", "aligned", "dissonant_strict", "aligned_ever"]
    score, points = (told[unit].table.query("unit == @unit") for unit in ("score", "points"))
    assert score[names].to_numpy() == pytest.approx(points[names].to_numpy(), abs=1e-9)
    assert score["found_from"].to_numpy() == pytest.approx(25 * points["found_from"].to_numpy(), nan_ok=True, rel=1e-4)
    assert score["se"].to_numpy() == pytest.approx(25 * points["se"].to_numpy())
    assert told["score"].needs["cost"].to_numpy() == pytest.approx(told["points"].needs["cost"].to_numpy(), nan_ok=True)
    assert set(told["score"].table["unit"]) == {"score", "nps"}


def test_plain_words_are_of_margins_that_carry_a_verdict() -> None:
    """The 5 percentage points told beside 0.3 points are in the tables alone; the hardest case comes with its cost."""
    study = spec.load(ROOT / "survey_specs" / "everyday_bank")
    found = outlook(study)
    assert {group.unit for group in deciding(found)} == {"points", "nps"}
    assert set(curves(found)["unit"]) == set(ground(found)["unit"]) == {"points", "nps"}
    words = " ".join(sentences(found, voice_of(found, "en")))
    assert "percentage" not in words
    hardest = found.needs.query("b == 'management' and unit == 'points' and within == 'strict' and claim == 'aligned'")
    assert f"in the hardest case of 18: {hardest['customers'].iloc[0]:,.0f} customers" in words
    assert f"for {hardest['cost'].iloc[0]:,.0f} (planned" in words
    assert "for a pair judged alone" in words


def test_a_plan_that_compares_nothing_is_refused() -> None:
    """Without comparisons there is no verdict to plan."""
    with pytest.raises(SpecError, match="compares nothing"):
        outlook(bank(), changed={"customers": 100, "employees": 50})


def test_margins_that_carry_no_verdict_say_so() -> None:
    """The verdict of a pair is in the first margin that its scale can be held to."""
    study = spec.load(ROOT / "survey_specs" / "everyday_bank")
    by_unit = {(one.b, one.unit): one.judged for one in compared(study)}
    assert by_unit["employee", "points"] == by_unit["guess", "nps"] == ""
    assert by_unit["employee", "pct"] == "points"


def test_a_census_of_these_people_has_no_error() -> None:
    """Where verdicts are on these people alone and all answer, the standard error is 0 and every verdict sure."""
    one = facts(10, finite=True, all_units=10.0)
    one = replace(
        one, customers=replace(one.customers, population=400.0), employees=replace(one.employees, population=60.0)
    )
    made = sample(Cell("", "", 400, 60, 10, 30.0), one, {"customers": 1.0, "employees": 1.0})
    assert error(made)["se"].iloc[2] == pytest.approx(0.0, abs=1e-12)
    assert chances(made, 0.3, 0.0).aligned == 1.0
    assert chances(made, 0.3, 0.45).dissonant == 1.0


def test_the_hardest_case_of_a_family() -> None:
    """K for absolute gaps, K times the sum of 1/i for relative ones, whichever is more."""
    assert Compared("customer", "employee", "points", 0.3, 9, 9, 0, 4.0).strict(4) == 36.0
    assert Compared("customer", "employee", "points", 0.3, 4, 2, 4, 4.0).strict(1) == pytest.approx(25 / 3)

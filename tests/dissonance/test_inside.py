"""Inside units: persons as psus, what stays of the design, when it happens by itself, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import dissonance, estimate, weights
from symmetry.design import Design, replicate, replicated, stack
from symmetry.dissonance import Pair
from symmetry.dissonance.inside import INSIDE, inside
from symmetry.errors import DesignError

CLEAN = Pair("clean", ("customers", "clean"), ("employees", "clean"), "customer - employee", "literal", "mean", 0.3)
ROLES = {"weight": "w", "stratum": "region", "psu": "branch"}


def people(seed: int, each: int, branches: int = 4) -> pd.DataFrame:
    """Answers of some persons in each branch; a good branch is good for all."""
    rng = np.random.default_rng(seed)
    branch = np.repeat(np.arange(branches), each)
    clean = np.clip(np.round(3 + 0.5 * (branch % 2) + rng.normal(size=len(branch))), 1, 5)
    region = np.where(branch < branches / 2, "north", "south")
    sex = np.where(rng.uniform(size=len(branch)) < 0.5, "f", "m")
    weight = rng.uniform(1, 3, len(branch))
    return pd.DataFrame(
        {"branch": branch, "region": region, "clean": clean, "w": weight, "person": np.arange(len(branch)), "sex": sex}
    )


def both(**roles: object) -> Design:
    """Customers and employees of the same branches."""
    asked = ROLES | roles
    return stack({"customers": Design(people(1, 12), **asked), "employees": Design(people(2, 6), **asked)})


def test_inside_a_unit_a_gap_has_the_error_of_two_samples() -> None:
    """Without weights, Welch's t-test branch by branch: value, error and degrees of freedom."""
    table = dissonance.gap(both(weight=None), [CLEAN], by=["branch"]).table()
    customers, employees = people(1, 12), people(2, 6)
    for row in table.to_dict("records"):
        a, b = (frame.loc[frame["branch"] == row["branch"], "clean"] for frame in (customers, employees))
        welch = stats.ttest_ind(a, b, equal_var=False)
        np.testing.assert_allclose(row["estimate"] / row["se"], welch.statistic, rtol=1e-10)
        np.testing.assert_allclose(row["df"], welch.df, rtol=1e-10)
    assert {INSIDE} == set(table["note"])


def test_persons_are_psus_only_where_a_domain_is_one_psu() -> None:
    """By region, by sex or over all the psus stay branches; by branch, alone or crossed, persons are psus in its strata."""
    design = both()
    for by in ((), ("region",), ("sex",)):
        assert design is dissonance.gap(design, [CLEAN], by=by).levels.design
    for by in (("branch",), ("branch", "sex")):
        table = dissonance.gap(design, [CLEAN], by=by).table()
        direct = dissonance.gap(inside(design), [CLEAN], by=by).table()
        pd.testing.assert_frame_equal(table, direct)
        alone = table[["n_a", "n_b"]].min(axis=1) == 1
        assert (table["se"] > 0).tolist() == (~alone).tolist()


def test_the_stack_of_units_as_strata_is_the_same_design() -> None:
    """`inside` gives what designs of the audiences give where branches are strata and rows psus, over several branches too."""
    by_hand = stack(
        {"customers": Design(people(1, 12), weight="w", stratum="branch"),
         "employees": Design(people(2, 6), weight="w", stratum="branch")},
        units="apart",
    )  # fmt: skip
    for by in ([], ["branch"], ["region"], ["sex"]):
        found = [dissonance.gap(design, [CLEAN], by=by).table() for design in (inside(both(), "branch"), by_hand)]
        columns = ["estimate", "se", "df", "lower", "upper", "n_a", "n_b"]
        pd.testing.assert_frame_equal(found[0][columns], found[1][columns], rtol=1e-12)


def test_values_never_move() -> None:
    """Levels, weights and rows are those of the design; only errors are others."""
    design = both()
    before, after = (estimate.mean(one, "clean", by=["audience", "region"]) for one in (design, inside(design)))
    np.testing.assert_array_equal(before.values, after.values)
    assert not np.allclose(before.se, after.se)
    assert len(inside(design).data) == len(design.data)


def test_answers_of_one_person_stay_one_psu() -> None:
    """Everybody twice: by the person's column the errors are those of once; by rows they would be smaller."""
    once = both()
    twice = {
        name: pd.concat([frame, frame]) for name, frame in (("customers", people(1, 12)), ("employees", people(2, 6)))
    }
    design = stack({name: Design(frame, **ROLES) for name, frame in twice.items()})
    staged = stack({name: Design(frame, **ROLES | {"psu": ["branch", "person"]}) for name, frame in twice.items()})
    want = dissonance.gap(once, [CLEAN], by=["branch"]).estimate
    for found in (
        dissonance.gap(inside(design, person="person"), [CLEAN], by=["branch"]).estimate,
        dissonance.gap(staged, [CLEAN], by=["branch"]).estimate,
    ):
        np.testing.assert_allclose(found.se, want.se, rtol=1e-12)
        np.testing.assert_allclose(found.df, want.df, rtol=1e-12)
    rows = dissonance.gap(inside(design), [CLEAN], by=["branch"]).estimate
    assert (rows.se < want.se).all()


def test_an_audience_without_psus_is_laid_by_the_domain() -> None:
    """Customers drawn in branches, employees without psu: by branch both have persons, in strata of branch × audience."""
    design = stack(
        {"customers": Design(people(1, 12), weight="w", psu="branch"), "employees": Design(people(2, 6), weight="w")}
    )
    found = dissonance.gap(design, [CLEAN], by=["branch"]).table()
    want = dissonance.gap(inside(both()), [CLEAN], by=["branch"]).table()
    pd.testing.assert_frame_equal(found, want)


def test_a_census_of_a_units_staff_leaves_the_customers_error() -> None:
    """Where the whole payroll answered, the gap's error is that of the customers alone."""
    staff = people(2, 6).assign(payroll=6)
    design = stack(
        {"customers": Design(people(1, 12).assign(payroll=np.nan), **ROLES), "employees": Design(staff, **ROLES)}
    )
    gap = dissonance.gap(inside(design, fpc="payroll"), [CLEAN], by=["branch"])
    np.testing.assert_allclose(gap.estimate.se, gap.levels.se[gap.sides["a"]], rtol=1e-12)
    assert (gap.levels.se[gap.sides["b"]] == 0).all()


def test_a_person_alone_has_no_error() -> None:
    """A unit with one employee has a gap and no error, and the note says it."""
    staff = people(2, 6)
    staff = staff[(staff["branch"] != 3) | (staff["person"] == staff["person"].max())]
    design = stack({"customers": Design(people(1, 12), **ROLES), "employees": Design(staff, **ROLES)})
    table = dissonance.gap(design, [CLEAN], by=["branch"]).table()
    assert [False, False, False, True] == table["se"].isna().tolist()
    assert "no degrees of freedom" in table["note"][3]
    assert np.isfinite(table["estimate"][3])


def test_calibrated_weights_stay_so() -> None:
    """Raked weights: inside branches the errors know of the raking, as in designs made by hand."""
    targets = {"sex": {"f": 0.4, "m": 0.6}}
    raked = {name: weights.rake(frame, targets, weight="w", name="fitted")
             for name, frame in (("customers", people(1, 12)), ("employees", people(2, 6)))}  # fmt: skip
    drawn, by_hand = (
        stack({name: Design(frame, weight="fitted", **roles) for name, frame in raked.items()}, units=units)
        for roles, units in (({"stratum": "region", "psu": "branch"}, "shared"), ({"stratum": "branch"}, "apart"))
    )
    one, two = (dissonance.gap(design, [CLEAN], by=["branch"]).estimate for design in (drawn, by_hand))
    np.testing.assert_allclose(one.se, two.se, rtol=1e-10)
    bare = dissonance.gap(both(), [CLEAN], by=["branch"]).estimate
    assert not np.allclose(one.se, bare.se)


def test_replicates_are_made_again_of_persons() -> None:
    """A jackknife of branches becomes one of persons."""
    found = dissonance.gap(replicate(both(), "jackknife"), [CLEAN], by=["branch"])
    linear = dissonance.gap(both(), [CLEAN], by=["branch"])
    assert 72 == found.levels.design.layout.replicates.size
    np.testing.assert_allclose(found.estimate.se, linear.estimate.se, rtol=0.1)


def supplied() -> Design:
    """A stack with replicate weights that were handed in."""
    frame, rng = both().data, np.random.default_rng(5)
    names = [f"r{r}" for r in range(8)]
    frame = frame.assign(**{name: frame["w"] * rng.uniform(0.5, 1.5, len(frame)) for name in names})
    return replicated(frame, weight="w", replicates=names, method="bootstrap")


def staged() -> Design:
    """Three stages with fpc: branches, teams, persons."""
    frame = people(1, 12).assign(team=lambda one: one["person"] % 3, N=9, M=5, K=50)
    roles = {"psu": ["branch", "team", "person"], "fpc": ["N", "M", "K"]}
    return stack({name: Design(frame, **roles) for name in ("customers", "employees")})


def test_weights_of_several_steps_are_replayed_over_persons() -> None:
    """Raked, then trimmed: the replicates that such weights take are those of designs made by hand."""
    steps = [("rake", {"targets": {"sex": {"f": 0.4, "m": 0.6}}}), ("trim", {"upper": 1.5, "relative_to": "median"})]
    made = {name: weights.apply(weights.Recipe(steps, weight="w"), frame)
            for name, frame in (("customers", people(1, 12)), ("employees", people(2, 6)))}  # fmt: skip
    drawn, by_hand = (
        stack({name: Design(frame, weight="weight", **roles) for name, frame in made.items()}, units=units)
        for roles, units in (({"stratum": "region", "psu": "branch"}, "shared"), ({"stratum": "branch"}, "apart"))
    )
    one, two = (dissonance.gap(design, [CLEAN], by=["branch"]).table() for design in (drawn, by_hand))
    np.testing.assert_allclose(one[["estimate", "se", "df"]], two[["estimate", "se", "df"]], rtol=1e-10)


def test_a_third_stage_leaves_a_branch_without_error() -> None:
    """Persons in teams in branches, all with fpc: by branch there is a gap, no error, and a note; never an error of 0."""
    table = dissonance.gap(staged(), [CLEAN], by=["branch"]).table()
    assert table["se"].isna().all()
    assert table["note"].str.contains("see dissonance.inside").all()


def test_a_frame_with_an_audience_is_laid_alike() -> None:
    """A design of one frame that holds both audiences, never stacked, has the same errors inside branches."""
    design = Design(both().data, **ROLES)
    found, want = (dissonance.gap(one, [CLEAN], by=["branch"]).table() for one in (design, both()))
    np.testing.assert_allclose(found[["estimate", "se"]], want[["estimate", "se"]], rtol=1e-12)
    silent = replace(CLEAN, item="warm", a=("customers", "warm"))
    lonely = Design(both().data.assign(warm=np.nan), **ROLES)
    assert "no answer from customers" == dissonance.gap(lonely, [CLEAN, silent]).table()["note"][1]


def test_supplied_replicates_are_their_own_errors() -> None:
    """Replicate weights that were handed in say what varies inside a unit: nothing is laid anew."""
    table = dissonance.gap(supplied(), [CLEAN], by=["branch"]).table()
    assert (table["se"] > 0).all()
    assert set(table["note"]) == {""}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: inside(Design(people(1, 2), psu="branch")), "needs a stacked design"),
        (lambda: inside(supplied()), "supplied replicates"),
        (lambda: inside(staged()), "more than two stages"),
        (lambda: inside(both(), "region"), "units hold several psus that the audiences share"),
        (lambda: inside(both(), person="nobody"), "no column `nobody`"),
        (lambda: inside(both(), fpc="payroll"), "no column `payroll`"),
        (lambda: inside(both(), fpc="person"), "has several populations"),
        (
            lambda: inside(stack({"a": Design(people(1, 3).assign(N=2), psu="branch")}), fpc="N"),
            "more persons than its population",
        ),
    ],
)
def test_what_cannot_be_laid_anew_is_refused(make: object, message: str) -> None:
    """Each fault has its own words and a remedy."""
    with pytest.raises(DesignError) as caught:
        make()
    assert message in caught.value.problems[0].what
    assert caught.value.problems[0].mend


def test_persons_of_two_waves_taken_for_two_are_told() -> None:
    """Where the second psu column names one label in both parts of a branch, each row says so and how to say they are one."""
    first, second = people(1, 12), people(1, 12).assign(clean=people(2, 12)["clean"])
    pair = replace(CLEAN, a=("cold-2027", "clean"), b=("cold-2026", "clean"))
    roles = {"weight": "w", "psu": ["branch", "person"]}

    def table(later: pd.DataFrame) -> pd.DataFrame:
        waves = stack({"cold-2027": Design(later, **roles), "cold-2026": Design(first, **roles)})
        return dissonance.gap(waves, [pair], by=["branch"]).table()

    same = table(second)
    assert same["note"].str.contains('inside(…, person="person", people="shared")', regex=False).all()
    assert same["note"].str.contains("cold-2027 and cold-2026 share labels of `person`").all()
    assert {INSIDE} == set(table(second.assign(person=second["person"] + 1000))["note"])
    moved = second.assign(
        person=(second["person"] + 12) % 48
    )  # each label lies in another branch: never met inside one
    assert {INSIDE} == set(table(moved)["note"])


def test_only_the_audiences_that_share_labels_are_told() -> None:
    """Of three audiences two share labels: the gap to the third has no such note."""
    roles = {"psu": ["branch", "person"]}
    frames = {
        "customers": people(1, 5),
        "employees": people(2, 5),
        "managers": people(3, 5).assign(person=range(900, 920)),
    }
    design = stack({name: Design(frame, **roles) for name, frame in frames.items()})
    other = replace(CLEAN, family="other", b=("managers", "clean"))
    told = dissonance.gap(design, [CLEAN, other], by=["branch"]).table().groupby("family")["note"].first()
    assert "share labels" in told["customer - employee"]
    assert INSIDE == told["other"]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"people": "share"}, "people='share' is unknown"), ({"fpc": "sex"}, "the fpc is no number")],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, str], message: str) -> None:
    """An unknown word, and text where populations are counted; a missing population stays none."""
    with pytest.raises(DesignError, match=message) as caught:
        inside(both(), **options)
    assert caught.value.problems[0].mend
    counted = both()
    data = counted.data.assign(payroll=np.where(counted.data["audience"] == "employees", 6.0, np.nan))
    table = dissonance.gap(inside(replace(counted, data=data), fpc="payroll"), [CLEAN], by=["branch"]).table()
    assert (table["se"] > 0).all()

"""Two phases: R's numbers, joint probabilities written out pair by pair, and the designs that two phases fall back to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry import estimate, weights
from symmetry.design import Design, replicate, two_phase
from symmetry.errors import DesignError
from tests.design.pairs import counted, written_out
from tests.golden.asking import agree_with_r
from tests.golden.reading import data

SEEDS = st.integers(0, 2**32 - 1)
ROLES = {"full": "full", "approx": "approximate"}
"""R's methods → ours."""


def children() -> pd.DataFrame:
    """The tumour study: everybody of the first phase, and who is in the subcohort or relapsed."""
    frame = data("nwtco")
    return frame.assign(
        subcohort=frame["subcohort"] == 1,
        drawn=frame["drawn"] == 1,
        relapse_by_stage=frame["relapse"] * 10 + frame["stage"],
    )


def marked(name: str, every: str = "EHM") -> pd.DataFrame:
    """Schools with a made-up second phase, as probability.R makes it."""
    frame = data(name)
    frame = frame[frame["stype"].isin(list(every))].reset_index(drop=True)
    row = np.arange(1, len(frame) + 1)
    return frame.assign(
        measured=row * 7 % 11 < 5,
        kind=np.where(frame["ell"] > 20, "many", "few"),
        chance=0.2 + (row % 7) / 10,
        inner=frame["dnum"] % 3 < 2,
        p=1 / frame["pw"],
        row=row,
    )


def areas() -> pd.DataFrame:
    """Municipalities of five clusters, three of each measured (the others at 0, which nobody reads)."""
    return data("mu284_phases").fillna({"y": 0})


@pytest.mark.parametrize("method", list(ROLES))
@pytest.mark.parametrize(
    ("name", "subset", "stratum", "by"),
    [
        ("subcohort", "subcohort", "relapse", "stage"),
        ("case_cohort", "drawn", "relapse", "histology"),
        ("case_control", "drawn", "relapse_by_stage", "hospital"),
    ],
)
def test_strata_of_the_second_phase_are_as_in_r(name: str, subset: str, stratum: str, by: str, method: str) -> None:
    """Case-cohort and case-control samples out of an endless population, by both of R's methods."""
    design = two_phase(Design(children()), subset=subset, stratum=stratum, method=ROLES[method])
    agree_with_r(f"{name}_{method}", design, ["age", "days"], "stage", by)


@pytest.mark.parametrize("method", list(ROLES))
def test_a_random_half_is_as_in_r(method: str) -> None:
    """One random sample inside another, no strata anywhere."""
    design = two_phase(Design(data("pbc")), subset="randomized", method=ROLES[method])
    agree_with_r(f"randomized_{method}", design, ["bilirubin"], "bilirubin", "sex")


@pytest.mark.parametrize("method", list(ROLES))
def test_two_stages_are_two_phases(method: str) -> None:
    """Clusters, then rows within them: R's twophase, and our own two-stage design, to the last digit."""
    frame = areas()
    design = two_phase(
        Design(frame, psu="cluster", fpc="clusters"), subset="measured", stratum="cluster", method=ROLES[method]
    )
    agree_with_r(f"areas_{method}", design, ["y"], "row", "kind")
    frame["size"] = frame.groupby("cluster")["row"].transform("size")
    staged = Design(frame[frame["measured"] == 1], psu=["cluster", "row"], fpc=["clusters", "size"])
    for verb in (estimate.total, estimate.mean):
        np.testing.assert_allclose(verb(design, "y").se, verb(staged, "y").se, rtol=1e-12)


def test_strata_and_probabilities_of_the_first_phase_are_as_in_r() -> None:
    """A stratified first phase with fpc, and one of independent draws."""
    frame = marked("apistrat", "HM")
    stratified = Design(frame, stratum="stype", fpc="fpc")
    agree_with_r(
        "schools_full", two_phase(stratified, subset="measured", stratum="kind"), ["api00", "meals"], "enroll", "stype"
    )
    independent = two_phase(Design(frame, probability="p", joint="poisson"), subset="measured", stratum="kind")
    agree_with_r("schools_poisson_full", independent, ["api00", "meals"], "enroll", "stype")


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("districts_full", {"subset": "measured", "stratum": "kind"}),
        ("districts_chance_full", {"subset": "measured", "stratum": "kind", "probability": "chance"}),
        ("whole_districts_full", {"subset": "inner", "psu": "dnum"}),
    ],
)
def test_clusters_of_the_first_phase_are_as_in_r(name: str, second: dict[str, str]) -> None:
    """A first phase of clusters; a second of rows in strata across them, of unequal probability, or of whole clusters."""
    design = two_phase(Design(marked("apiclus1"), psu="dnum", fpc="fpc"), **second)
    agree_with_r(name, design, ["api00", "meals"], "enroll", "stype")


def test_strata_of_different_size_are_told_apart() -> None:
    """A first phase of three strata, 100, 50 and 50 schools: the sum over all pairs (R takes the first size for all of them)."""
    frame = marked("apistrat").assign(one=1)
    frame["n1"], frame["total"] = counted(frame, ["stype"], "row"), counted(frame, ["kind"], "row")
    inside = frame[frame["measured"]].copy()
    inside["drawn"] = counted(inside, ["kind"], "row")
    design = two_phase(Design(frame, stratum="stype", fpc="fpc"), subset="measured", stratum="kind")
    z = (inside["fpc"] / inside["n1"] * inside["total"] / inside["drawn"] * inside["api00"]).to_numpy()
    phases = [[("stype", "row", "n1", "fpc")], [("kind", "row", "drawn", "total")]]
    expected = written_out(inside, phases, z)
    np.testing.assert_allclose(estimate.total(design, "api00").se, np.sqrt(expected), rtol=1e-10)


def test_stages_within_both_phases() -> None:
    """Two stages at the first phase and two at the second, with strata: the sum over all pairs of rows."""
    towns = pd.DataFrame({"town": np.repeat(np.arange(6), 8), "street": np.tile(np.repeat(np.arange(4), 2), 6)})
    frame = towns.assign(
        coast=towns["town"] % 2, row=np.arange(48), towns=np.where(towns["town"] % 2, 9, 14), streets=5 + towns["town"],
        y=np.random.default_rng(3).normal(50, 9, 48), block=towns["street"] % 2, key=towns["town"] * 10 + towns["street"],
    )  # fmt: skip
    frame["n1"], frame["n2"] = counted(frame, ["coast"], "town"), counted(frame, ["town"], "key")
    frame["inside"] = (frame["town"] != 5) & ~((frame["town"] == 2) & (frame["street"] == 1))
    first = Design(frame, stratum="coast", psu=["town", "street"], fpc=["towns", "streets"])
    design = two_phase(first, subset="inside", psu=["town", "key"])
    frame["all"], frame["towns2"], frame["streets2"] = 0, 6, counted(frame, ["town"], "key")
    inside = frame[frame["inside"]].copy()
    inside["m1"], inside["m2"] = 5, counted(inside, ["town"], "key")
    weight = (
        inside["towns"] / inside["n1"] * inside["streets"] / inside["n2"] * 6 / 5 * inside["streets2"] / inside["m2"]
    )
    phases = [
        [("coast", "town", "n1", "towns"), ("town", "street", "n2", "streets")],
        [("all", "town", "m1", "towns2"), ("town", "key", "m2", "streets2")],
    ]
    found = estimate.total(design, "y")
    np.testing.assert_allclose(found.values, weight @ inside["y"], rtol=1e-12)
    expected = written_out(inside, phases, (weight * inside["y"]).to_numpy())
    np.testing.assert_allclose(found.covariance(), expected, rtol=1e-9)


@given(SEEDS, st.booleans(), st.booleans())
def test_a_second_phase_of_everybody_changes_nothing(seed: int, with_fpc: bool, with_psu: bool) -> None:
    """Whoever draws all of the first phase again has its errors: strata, clusters, weights and fpc included."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"h": np.repeat([0, 1], 12), "c": np.tile(np.repeat(np.arange(4), 3), 2), "in": True})
    frame = frame.assign(
        y=rng.normal(size=24), w=rng.uniform(1, 3, 24), N=np.where(frame["h"] == 0, 40, 15), g=frame["c"] % 2
    )
    psu, fpc = "c" if with_psu else None, "N" if with_fpc else None
    first = Design(frame, weight="w", stratum="h", psu=psu, fpc=fpc)
    for method in ("full", "approximate"):
        second = two_phase(first, subset="in", stratum="g", method=method)
        for verb in (estimate.mean, estimate.total):
            expected, actual = verb(first, "y", by=["g"]), verb(second, "y", by=["g"])
            np.testing.assert_allclose(actual.values, expected.values, rtol=1e-10)
            np.testing.assert_allclose(actual.covariance(), expected.covariance(), rtol=1e-8, atol=1e-10)


@given(SEEDS)
def test_a_census_first_leaves_the_second_alone(seed: int) -> None:
    """Where the first phase took the whole population, the second is a sample from it like any other."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"h": np.repeat([0, 1], [14, 10]), "N": 24, "y": rng.normal(size=24)})
    frame["in"] = np.isin(np.arange(24), [0, 3, 5, 9, 15, 16, 22])
    frame["size"] = counted(frame.assign(row=np.arange(24)), ["h"], "row")
    second = two_phase(Design(frame, fpc="N"), subset="in", stratum="h")
    alone = Design(frame[frame["in"]], stratum="h", fpc="size")
    for verb in (estimate.mean, estimate.total):
        np.testing.assert_allclose(verb(second, "y").se, verb(alone, "y").se, rtol=1e-9)


@pytest.mark.parametrize("method", ["full", "approximate"])
def test_the_order_of_rows_never_matters(method: str) -> None:
    """Rows of the first phase in any order give the same errors."""
    frame = areas()
    shuffled = frame.sample(frac=1, random_state=2)
    both = [
        two_phase(Design(rows, psu="cluster", fpc="clusters"), subset="measured", stratum="cluster", method=method)
        for rows in (frame, shuffled)
    ]
    expected, actual = (estimate.mean(design, "y", by=["kind"]) for design in both)
    np.testing.assert_allclose(actual.covariance(), expected.covariance(), rtol=1e-10)


def test_the_approximation_is_close_where_it_should_be() -> None:
    """With 4028 children first and strata second, plugging in differs from the full formula by less than 1 in 1000."""
    full, near, simple = (
        estimate.mean(two_phase(Design(children()), subset="subcohort", stratum="relapse", method=method), "age").se
        for method in ("full", "approximate", "simple")
    )
    np.testing.assert_allclose(near, full, rtol=1e-3)
    assert near.tolist() == simple.tolist()


def test_a_large_second_phase_needs_no_large_matrix() -> None:
    """Fifty thousand units make a form of sums over groups, and a mean in a moment."""
    n = 100_000
    frame = pd.DataFrame({"h": np.arange(n) % 7, "in": np.arange(n) % 2 == 0, "y": np.arange(n) % 11})
    design = two_phase(Design(frame), subset="in", stratum="h")
    assert design.layout.form is not None
    assert design.layout.form.matrix is None
    np.testing.assert_allclose(estimate.mean(design, "y").se, frame["y"].std() / np.sqrt(n / 2), rtol=1e-2)


def test_counts_given_are_counts_taken() -> None:
    """Second-phase fpc that say what the frame holds change nothing; larger ones give larger weights."""
    frame = areas()
    frame["size"] = frame.groupby("cluster")["row"].transform("size")
    first = Design(frame, psu="cluster", fpc="clusters")
    taken = two_phase(first, subset="measured", stratum="cluster")
    given_counts = two_phase(first, subset="measured", stratum="cluster", fpc="size")
    np.testing.assert_allclose(estimate.total(given_counts, "y").se, estimate.total(taken, "y").se, rtol=1e-12)
    doubled = two_phase(Design(frame.assign(size=2 * frame["size"]), psu="cluster", fpc="clusters"),
                        subset="measured", stratum="cluster", fpc="size")  # fmt: skip
    np.testing.assert_allclose(estimate.total(doubled, "y").values, 2 * estimate.total(taken, "y").values)


def test_an_empty_stratum_is_told() -> None:
    """A second-phase stratum that nobody was drawn from leaves every estimate with a note."""
    frame = pd.DataFrame({"h": [1, 1, 1, 2, 2], "in": [1, 1, 0, 0, 0], "y": [1.0, 2.0, 3.0, 4.0, 5.0]})
    design = two_phase(Design(frame), subset="in", stratum="h")
    (note,) = estimate.mean(design, "y").table()["note"]
    assert "1 strata of the second phase hold nobody in it: estimates leave them out" in note


def test_lonely_strata_are_refused_or_left_out() -> None:
    """A second-phase stratum that keeps one of several is refused, and under "remove" adds only what the first phase varies."""
    frame = pd.DataFrame({"h": [1, 1, 1, 2, 2], "in": [1, 1, 0, 1, 0], "y": [1.0, 2.0, 3.0, 4.0, 5.0], "N": 5})
    with pytest.raises(DesignError, match="1 strata of a phase have one unit") as caught:
        two_phase(Design(frame), subset="in", stratum="h")
    assert 'lonely_psu="remove" or "certainty"' in caught.value.problems[0].mend
    kept = two_phase(Design(frame, fpc="N", lonely_psu="remove"), subset="in", stratum="h")
    two_of_three = np.array([1.0, 2.0]) * 3 / 2
    expected = (1 - 2 / 3) * 2 * two_of_three.var(ddof=1)
    np.testing.assert_allclose(estimate.total(kept, "y").se ** 2, expected, rtol=1e-12)


BASE = pd.DataFrame({
    "in": [True, True, False, True], "h": [1, 1, 1, 1], "c": [1, 1, 1, 2], "p": [0.5, 2.0, 0.5, 0.5], "N": [1, 1, 1, 1],
    "M": [5, 4, 5, 5], "word": ["a", "b", "c", "d"], "none": [False] * 4, "y": [1.0, 2.0, 3.0, 4.0],
})  # fmt: skip


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ({"subset": "out"}, "no column `out` to be the subset"),
        ({"subset": "word"}, "the subset `word` is 'a' on row 1"),
        ({"subset": "none"}, "nobody is in the second phase"),
        ({"subset": "in", "stratum": "g"}, "the frame of the first phase has no column `g`"),
        ({"subset": "in", "psu": "c"}, "1 units of `c` are partly in the second phase"),
        ({"subset": "in", "fpc": ["N", "N"]}, "has 1 stages, 0 strata and 2 fpc columns"),
        ({"subset": "in", "probability": "p", "fpc": "N"}, "go with one stage and no fpc"),
        ({"subset": "in", "probability": "p"}, "the probability `p` is 2 on row 2"),
        ({"subset": "in", "fpc": "N"}, "the fpc `N` is below the number drawn"),
        ({"subset": "in", "fpc": "M"}, "the fpc `M` varies inside a stratum"),
        ({"subset": "in", "method": "exact"}, "method='exact' is unknown"),
    ],
)
def test_a_second_phase_that_cannot_be_is_refused(second: dict[str, object], message: str) -> None:
    """Every fault of the second phase is said in words, with a remedy."""
    with pytest.raises(DesignError, match=message) as caught:
        two_phase(Design(BASE), **second)
    assert caught.value.problems[0].mend


@pytest.mark.parametrize(
    ("first", "method", "message"),
    [
        (lambda: replicate(Design(BASE), "jackknife"), "full", "calibrated weights or replicates of its own"),
        (
            lambda: Design(weights.rake(BASE, {"c": {1: 0.5, 2: 0.5}}, weight=None, name="w"), weight="w"),
            "full",
            "calibrated weights or replicates of its own",
        ),
        (lambda: Design(BASE.assign(p=0.5), probability="p", joint="brewer"), "full", "without joint probabilities"),
        (
            lambda: Design(BASE.assign(p=0.5), probability="p", joint="overton"),
            "approximate",
            "one stage of random sampling",
        ),
        (lambda: Design(BASE.assign(c=[1, 1, 3, 2]), psu="c"), "approximate", "every psu of it in the second"),
        (lambda: Design(BASE.assign(c=[1, 2, 3, 4]), stratum="c"), "full", "4 strata of a phase have one unit"),
    ],
)
def test_a_first_phase_that_cannot_bear_a_second_is_refused(first: object, method: str, message: str) -> None:
    """Weights already calibrated, replicates, forms without joint probabilities, and what the approximation cannot do."""
    with pytest.raises(DesignError, match=message) as caught:
        two_phase(first(), subset="in", method=method)
    assert caught.value.problems[0].mend

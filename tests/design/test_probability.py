"""Unequal probabilities without replacement: R's numbers, the textbook where probabilities are equal, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry import estimate
from symmetry.design import Design, HartleyRao, covariance, variances
from symmetry.design.forms import Form, Term
from symmetry.design.probability import brewer, hartley_rao, joint_probabilities, overton, poisson
from symmetry.errors import DesignError
from tests.golden.asking import agree_with_r
from tests.golden.reading import data

SEEDS = st.integers(0, 2**32 - 1)
JOINT = data("election_joint").to_numpy()
ELECTION = {
    "with_replacement": {},
    "brewer": {"joint": "brewer"},
    "brewer_strata": {"joint": "brewer", "stratum": "half"},
    "overton_ht": {"joint": "overton", "pps": "horvitz_thompson"},
    "overton_yg": {"joint": "overton"},
    "hartley_rao_ht": {"joint": "hartley_rao", "pps": "horvitz_thompson"},
    "hartley_rao_yg": {"joint": "hartley_rao"},
    "hartley_rao_known_ht": {"joint": "known", "pps": "horvitz_thompson"},
    "hartley_rao_known_yg": {"joint": "known"},
    "joint_ht": {"joint": JOINT, "pps": "horvitz_thompson"},
    "joint_yg": {"joint": JOINT},
    "poisson": {"joint": "poisson"},
}
"""The designs of probability.R on the elections → what is told of joint probabilities."""


def counties(**roles: object) -> Design:
    """The 40 counties or states, drawn with probability proportional to their votes."""
    frame = data("election")
    if isinstance(roles.get("joint"), str) and roles["joint"] == "known":
        roles["joint"] = HartleyRao(frame["squares"].iloc[0])
    return Design(frame, probability="p", **roles)


def districts() -> pd.DataFrame:
    """Schools of 15 districts, in the order of the file, as if the districts were drawn with probabilities of their own."""
    frame = data("apiclus1")
    return frame.assign(p=0.02 + 0.9 * (frame["dnum"] % 17) / 17)


def overton_pairs(probability: np.ndarray) -> np.ndarray:
    """Overton's joint probabilities, pair by pair."""
    n = len(probability)
    pairs = (n - 1) * np.outer(probability, probability) / (n - np.add.outer(probability, probability) / 2)
    np.fill_diagonal(pairs, probability)
    return pairs


def drawn(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities, strata of two units at least, and influences."""
    stratum = np.sort(np.concatenate([np.repeat(np.arange(3), 2), rng.integers(0, 3, size)]))
    return rng.uniform(0.05, 0.9, len(stratum)), stratum, rng.normal(size=(len(stratum), 2))


@pytest.mark.parametrize("name", list(ELECTION))
def test_the_elections_are_as_in_r(name: str) -> None:
    """Every way to know joint probabilities gives R's totals, means, ratios and domains."""
    agree_with_r(name, counties(**ELECTION[name]), ["bush", "kerry", "nader"], "votes", "size")


@pytest.mark.parametrize("name", ["brewer", "overton_ht", "overton_yg", "joint_ht"])
def test_drawn_clusters_are_as_in_r(name: str) -> None:
    """Psus of several rows, in any order, take the probabilities of psus (R's own brewer needs them sorted)."""
    frame = districts()
    first_named = frame["p"][~frame["dnum"].duplicated()].to_numpy()
    joint = {"brewer": "brewer", "joint_ht": overton_pairs(first_named)}.get(name, "overton")
    pps = "horvitz_thompson" if name.endswith("ht") else "yates_grundy"
    design = Design(frame, probability="p", psu="dnum", joint=joint, pps=pps)
    agree_with_r(f"districts_{name}", design, ["api00", "ell"], "enroll", "stype")


@given(SEEDS, st.integers(2, 30))
def test_equal_probabilities_give_the_textbook(seed: int, n: int) -> None:
    """Joint probabilities of simple random sampling give (1 - n/N) n s² exactly, by either formula and by Brewer's."""
    rng = np.random.default_rng(seed)
    population = n + int(rng.integers(0, 50))
    joint = np.full((n, n), n * (n - 1) / (population * (population - 1)))
    probability = np.full(n, n / population)
    np.fill_diagonal(joint, probability)
    z = rng.normal(size=(n, 1))
    expected = (1 - n / population) * n * z.var(ddof=1)
    one = np.zeros(n, int)
    squares = np.array([n**2 / population])
    for form in (
        joint_probabilities(joint, probability, pps="horvitz_thompson"),
        joint_probabilities(joint, probability),
        brewer(probability, one),
        overton(probability, one),
        hartley_rao(probability, one, squares=squares),
    ):
        np.testing.assert_allclose((z.T @ (form @ z)).item(), expected, rtol=1e-9, atol=1e-9)


@given(SEEDS, st.integers(1, 20))
def test_independent_draws_add_up(seed: int, n: int) -> None:
    """Poisson sampling: Σ (1 - π) z², whether told by name or by π_i π_j for every pair."""
    rng = np.random.default_rng(seed)
    probability, z = rng.uniform(0.05, 1, n), rng.normal(size=(n, 1))
    joint = np.outer(probability, probability)
    np.fill_diagonal(joint, probability)
    expected = ((1 - probability) @ z**2).item()
    for form in (poisson(probability), joint_probabilities(joint, probability, pps="horvitz_thompson")):
        np.testing.assert_allclose((z.T @ (form @ z)).item(), expected, rtol=1e-12)


@given(SEEDS, st.integers(0, 12))
def test_strata_are_drawn_apart(seed: int, size: int) -> None:
    """Overton within strata is the matrix with his joint probabilities inside and products across, by both formulas."""
    probability, stratum, z = drawn(np.random.default_rng(seed), size)
    joint = np.outer(probability, probability)
    for h in range(3):
        inside = np.flatnonzero(stratum == h)
        joint[np.ix_(inside, inside)] = overton_pairs(probability[inside])
    joint = np.minimum(joint, np.minimum.outer(probability, probability))
    for pps in ("horvitz_thompson", "yates_grundy"):
        expected = joint_probabilities(joint, probability, pps=pps) @ z
        np.testing.assert_allclose(overton(probability, stratum, pps=pps) @ z, expected, rtol=1e-9, atol=1e-9)


@given(SEEDS, st.integers(0, 12))
def test_brewer_is_his_sum(seed: int, size: int) -> None:
    """Σ_h n/(n-1) Σ (1 - π)(z - z̄_h)², written out."""
    probability, stratum, z = drawn(np.random.default_rng(seed), size)
    expected = 0.0
    for h in range(3):
        inside = stratum == h
        n, spread = inside.sum(), z[inside] - z[inside].mean(axis=0)
        expected = expected + n / (n - 1) * (1 - probability[inside]) @ spread**2
    form = brewer(probability, stratum)
    np.testing.assert_allclose(np.diag(z.T @ (form @ z)), expected, rtol=1e-10)


@given(SEEDS, st.integers(0, 12))
def test_brewer_is_yates_and_grundy_with_hartley_and_rao(seed: int, size: int) -> None:
    """Two roads to one form: with Σπ² of the population estimated by Σπ of the sample they are the same."""
    probability, stratum, _ = drawn(np.random.default_rng(seed), size)
    expected = hartley_rao(probability, stratum).toarray()
    np.testing.assert_allclose(brewer(probability, stratum).toarray(), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("joint", ["overton", "hartley_rao", "matrix"])
def test_yates_and_grundy_see_no_variance_in_constants(joint: str) -> None:
    """A variable proportional to the probabilities has a total without error in a sample of fixed size."""
    frame = data("election").assign(own=lambda frame: 3 * frame["p"])
    design = Design(frame, probability="p", joint=JOINT if joint == "matrix" else joint)
    np.testing.assert_allclose(estimate.total(design, "own").se, 0, atol=1e-6)


@pytest.mark.parametrize("pps", ["horvitz_thompson", "yates_grundy"])
@pytest.mark.parametrize("psu", [None, "dnum"])
def test_the_order_of_rows_never_matters(psu: str | None, pps: str) -> None:
    """Rows shuffled, and the matrix with them, give the same errors."""
    frame = districts() if psu else data("election").rename(columns={"bush": "api00"})
    joint = overton_pairs(frame["p"][~frame[psu].duplicated()].to_numpy()) if psu else JOINT
    order = np.random.default_rng(5).permutation(len(frame))
    shuffled = frame.iloc[order].reset_index(drop=True)
    if psu:
        named, before = shuffled[psu].unique(), list(frame[psu].unique())
        order = np.array([before.index(label) for label in named])
    again = Design(shuffled, probability="p", psu=psu, joint=joint[np.ix_(order, order)], pps=pps)
    known = Design(frame, probability="p", psu=psu, joint=joint, pps=pps)
    expected, actual = (estimate.total(design, "api00") for design in (known, again))
    np.testing.assert_allclose(actual.values, expected.values, rtol=1e-12)
    np.testing.assert_allclose(actual.se, expected.se, rtol=1e-10)


@pytest.mark.parametrize("rule", ["remove", "certainty", "centre", "average"])
def test_lonely_units_of_brewer_are_those_of_any_design(rule: str) -> None:
    """With equal probabilities in strata, Brewer under each lonely-psu rule is stratified random sampling under it."""
    frame = pd.DataFrame({"h": [1, 1, 1, 2, 3, 3], "N": [9, 9, 9, 4, 6, 6], "y": [3.0, 1.0, 4.0, 1.0, 5.0, 9.0]})
    frame["p"] = [3 / 9] * 3 + [1 / 4] + [2 / 6] * 2
    expected = estimate.total(Design(frame, stratum="h", fpc="N", lonely_psu=rule), "y").se
    actual = estimate.total(Design(frame, stratum="h", probability="p", joint="brewer", lonely_psu=rule), "y").se
    np.testing.assert_allclose(actual, expected, rtol=1e-12)


@pytest.mark.parametrize("joint", ["brewer", "overton", "hartley_rao"])
def test_a_certain_unit_is_not_lonely(joint: str) -> None:
    """One unit of a stratum, drawn with probability 1, adds nothing and needs no rule; below 1 it is refused."""
    frame = pd.DataFrame({"h": [1, 1, 2], "p": [0.4, 0.3, 1.0], "y": [3.0, 1.0, 4.0]})
    alone = Design(frame[:2], probability="p", joint=joint)
    design = Design(frame, stratum="h", probability="p", joint=joint)
    np.testing.assert_allclose(estimate.total(design, "y").se, estimate.total(alone, "y").se, rtol=1e-12)
    with pytest.raises(DesignError, match="1 strata have one unit, drawn with a probability below 1") as caught:
        Design(frame.assign(p=[0.4, 0.3, 0.9]), stratum="h", probability="p", joint=joint)
    assert 'lonely_psu="remove"' in caught.value.problems[0].mend


def test_a_variance_below_zero_is_no_standard_error() -> None:
    """Horvitz and Thompson's estimator can fall below 0: the error is empty and the note says why; elsewhere nothing changes."""
    joint = np.full((3, 3), 0.05)
    np.fill_diagonal(joint, 0.5)
    frame = pd.DataFrame({"p": [0.5] * 3, "x": [1.0, 1.0, 1.2]})
    row = estimate.total(Design(frame, probability="p", joint=joint, pps="horvitz_thompson"), "x").table().iloc[0]
    assert [True] * 4 == [np.isnan(row[name]) for name in ("se", "lower", "upper", "n_eff")]
    assert row["note"].startswith("the estimated variance is below 0")
    assert 6.4 == pytest.approx(row["estimate"])


def test_variances_are_the_diagonal_of_covariances() -> None:
    """Both doors of the variance agree under a form, and the covariance is symmetric."""
    design = counties(joint=JOINT)
    z = np.random.default_rng(1).normal(size=(40, 3))
    found = covariance(design, z)
    np.testing.assert_allclose(variances(design, z), np.diag(found), rtol=1e-10)
    np.testing.assert_allclose(found, found.T, rtol=1e-12)


@given(SEEDS)
def test_forms_multiply_and_add_as_their_matrices(seed: int) -> None:
    """Sums, entry by entry products and products with influences agree with the matrices written out."""
    rng = np.random.default_rng(seed)
    probability, stratum, z = drawn(rng, 6)
    size = len(stratum)
    loose = np.outer(probability, probability) * rng.uniform(0.2, 1, (size, size))
    joint = np.sqrt(loose * loose.T)
    np.fill_diagonal(joint, probability)
    tilted = Form(rng.normal(size=size), (Term(rng.integers(0, 4, size), rng.normal(size=4), rng.normal(size=size)),))
    forms = [
        brewer(probability, stratum),
        overton(probability, stratum),
        joint_probabilities(joint, probability),
        tilted,
    ]
    for one in forms:
        np.testing.assert_allclose(one @ z, one.toarray() @ z, rtol=1e-9, atol=1e-9)
        unit = rng.integers(0, size, 9)
        np.testing.assert_allclose(one.take(unit).toarray(), one.toarray()[np.ix_(unit, unit)], rtol=1e-9, atol=1e-9)
        for two in forms:
            product, total = one.toarray() * two.toarray(), one.toarray() - 2 * two.toarray()
            np.testing.assert_allclose(one.times(two).toarray(), product, rtol=1e-9, atol=1e-9)
            np.testing.assert_allclose(one.plus(two, -2.0).toarray(), total, rtol=1e-9, atol=1e-9)


GOOD = np.array([[0.5, 0.2, 0.2], [0.2, 0.5, 0.2], [0.2, 0.2, 0.5]])


@pytest.mark.parametrize(
    ("change", "message", "mend"),
    [
        (
            lambda joint: joint[:2],
            "are 2 × 3 and the sample has 3 units",
            "in the order in which the frame first names it",
        ),
        (lambda joint: joint * [1, 1, np.nan], "of units 1 and 3 .* is not a finite number", "give every pair one"),
        (lambda joint: joint + np.eye(3, k=1) * 0.1, "not symmetric: of units 1 and 2", "the same probability"),
        (lambda joint: joint + np.diag([0, 0.1, 0]), "unit 2 has probability 0.5 and 0.6", "the diagonal holds"),
        (
            lambda joint: joint * (1 - np.eye(3)[::-1] + np.diag([0, 1, 0])),
            "of units 1 and 3 .* is not above 0",
            "systematic",
        ),
        (lambda joint: joint + 0.4 * (1 - np.eye(3)), "is above the probability of one of its units", "never likelier"),
    ],
)
def test_a_wrong_matrix_is_refused_where_it_is_wrong(change: object, message: str, mend: str) -> None:
    """Every fault of joint probabilities is named with its pair and how to mend it."""
    frame = pd.DataFrame({"p": [0.5] * 3, "y": [1.0, 2.0, 3.0]})
    with pytest.raises(DesignError, match=message) as caught:
        Design(frame, probability="p", joint=change(GOOD.copy()))
    assert mend in caught.value.problems[0].mend


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        ({"joint": "brewer"}, "joint probabilities are given and no probability"),
        ({"joint": "brewster", "probability": "p"}, "joint='brewster' is unknown"),
        ({"joint": "overton", "probability": "p", "pps": "ht"}, "pps='ht' is unknown"),
        ({"joint": "overton", "probability": "p", "fpc": "N"}, "two accounts of the same draw"),
        ({"joint": "overton", "probability": "p", "psu": "c"}, "is 0.2 on row 2 and 0.1 on another row of its psu"),
        (
            {"joint": HartleyRao((1.0, 2.0)), "probability": "p"},
            "2 sums of squared probabilities are given for 1 strata",
        ),
    ],
)
def test_roles_that_contradict_each_other_are_refused(roles: dict[str, object], message: str) -> None:
    """Names that do not exist, and accounts of the draw that do not fit, are refused with a remedy."""
    frame = pd.DataFrame({"p": [0.1, 0.2, 0.3], "N": [30, 30, 30], "c": [1, 1, 2]})
    with pytest.raises(DesignError, match=message) as caught:
        Design(frame, **roles)
    assert caught.value.problems[0].mend


def test_lonely_units_that_cannot_be_averaged_are_refused() -> None:
    """With one unit in every stratum there is nothing to average."""
    frame = pd.DataFrame({"p": [0.1, 0.2], "h": [1, 2]})
    with pytest.raises(DesignError, match="every stratum has one unit") as caught:
        Design(frame, probability="p", joint="brewer", stratum="h", lonely_psu="average")
    assert "merge strata" in caught.value.problems[0].mend

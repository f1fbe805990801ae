"""EM of incomplete answers: lavaan's likelihood, its sandwich and a jackknife; complete answers; by simulation, coverage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design, replicate
from symmetry.drivers.covariances import complete
from symmetry.drivers.importance import importance, shares_of
from symmetry.drivers.missing.em import em
from symmetry.drivers.sharing.lattice import Players
from symmetry.errors import DesignError
from tests.golden.reading import data, golden, sample_designs

ITEMS = ["listened", "kept", "helped", "recommend"]
THREE = Players(("listened", "kept", "helped"), ((0,), (1,), (2,)))
PAIRS = np.triu_indices(4, 1)


def thinned() -> pd.DataFrame:
    """The bank's customers with the answers gone that covariances.R takes away."""
    customers = data("bank_customers").astype(dict.fromkeys(ITEMS, float))
    row = np.arange(1, len(customers) + 1)
    customers.loc[(row * 7) % 10 < 3, "kept"] = np.nan
    customers.loc[(customers["listened"] <= 3) & (row % 2 == 0), "helped"] = np.nan
    customers.loc[(row * 3) % 11 == 0, "recommend"] = np.nan
    return customers


def correlations(covariance: np.ndarray) -> np.ndarray:
    """Correlations above the diagonal (..., 6)."""
    root = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    return np.asarray((covariance / root[..., :, None] / root[..., None, :])[..., PAIRS[0], PAIRS[1]])


@pytest.mark.parametrize(("name", "weight"), [("plain", None), ("weighted", "weight")])
def test_means_and_covariances_are_those_of_full_information_maximum_likelihood(name: str, weight: str | None) -> None:
    """lavaan with missing = "ml", with and without sampling weights, to ten digits."""
    expected = golden("covariances", name)
    found = em(Design(thinned(), weight=weight), ITEMS)
    covariance = found.correlation * np.outer(found.deviation, found.deviation)
    np.testing.assert_allclose(found.mean, [expected[item, "", "mean"] for item in ITEMS], rtol=1e-10)
    for a in range(4):
        for b in range(a, 4):
            assert covariance[a, b] == pytest.approx(expected[f"{ITEMS[a]}:{ITEMS[b]}", "", "covariance"], rel=1e-10)


def test_linearised_errors_are_the_sandwich_of_scores_by_cluster() -> None:
    """Errors of the ten covariances agree with lavaan's robust ones for weights and clusters (whose derivatives are numeric)."""
    expected = golden("covariances", "weighted")
    found = em(Design(thinned(), weight="weight", psu="branch"), ITEMS)
    a, b = np.triu_indices(4)
    one = np.zeros((10, 4, 4))
    one[np.arange(10), a, b] += 0.5
    one[np.arange(10), b, a] += 0.5
    _, variance = found.linear(one)
    ours = np.sqrt(variance) * found.deviation[a] * found.deviation[b]
    theirs = [expected[f"{ITEMS[i]}:{ITEMS[j]}", "", "lavaan.se"] for i, j in zip(a, b, strict=True)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_a_jackknife_refits_without_each_branch() -> None:
    """Errors of correlations agree with lavaan fitted anew without each branch, as far as lavaan's fits are exact."""
    expected = golden("covariances", "weighted")
    found = em(replicate(Design(thinned(), weight="weight", psu="branch"), "jackknife"), ITEMS)
    assert found.again is not None
    spread, variance, lost = found.again(correlations, correlations(found.correlation))
    names = [f"{ITEMS[i]}:{ITEMS[j]}" for i, j in zip(*PAIRS, strict=True)]
    np.testing.assert_allclose(np.sqrt(variance), [expected[name, "", "jackknife.se"] for name in names], rtol=1e-7)
    assert [0] * 6 == lost.tolist()
    assert (26, 6) == spread.presence.shape


@pytest.mark.parametrize("name", ["weights_alone", "bank", "bank_raked", "bank_raked_alone"])
def test_with_complete_answers_it_is_what_they_say(name: str) -> None:
    """Shares and their errors on weights, strata and clusters with fpc, raked weights: as from the complete covariance."""
    design = Design(data("bank_customers"), weight="weight") if name == "weights_alone" else sample_designs()[name]
    answered = design.data[ITEMS].notna().all(axis=1).to_numpy()
    told = shares_of(complete(design, ITEMS, within=answered), THREE)
    found = shares_of(em(design, ITEMS, within=answered), THREE)
    np.testing.assert_allclose(found.values, told.values, rtol=1e-10)
    np.testing.assert_allclose(found.se, told.se, rtol=1e-10)
    assert told.df.tolist() == found.df.tolist()
    assert ("",) * 4 == found.note
    again = shares_of(em(replicate(design, "jackknife"), ITEMS, within=answered), THREE)
    theirs = shares_of(complete(replicate(design, "jackknife"), ITEMS, within=answered), THREE)
    np.testing.assert_allclose(again.se, theirs.se, rtol=1e-6)  # replicates stop at 1e-7 of a deviation


def test_linearised_errors_of_shares_are_near_the_jackknife() -> None:
    """With 26 branches the two roads to the error of a share differ by a few per cent."""
    design = Design(thinned(), weight="weight", psu="branch")
    linear = shares_of(em(design, ITEMS), THREE)
    jackknife = shares_of(em(replicate(design, "jackknife"), ITEMS), THREE)
    np.testing.assert_allclose(linear.se, jackknife.se, rtol=0.12)
    assert linear.df.tolist() == jackknife.df.tolist()


def test_a_row_weighs_as_its_derivative_says() -> None:
    """What a little more weight for one respondent does to the shares is their influence, by central differences."""
    frame = thinned().assign(weight=lambda one: one["weight"].astype(float))
    row = int(np.flatnonzero(frame[ITEMS].isna().sum(axis=1) == 1)[0])
    step = 1e-4 * frame.loc[row, "weight"]

    def shares(change: float) -> np.ndarray:
        moved = frame["weight"].where(frame.index != row, frame["weight"] + change)
        found = em(Design(frame.assign(weight=moved), weight="weight"), ITEMS)
        return shares_of(found, THREE).values

    expected = (shares(step) - shares(-step)) / (2 * step)
    psus = Design(frame.assign(row=np.arange(len(frame))), weight="weight", psu="row", lonely_psu="centre")
    found = shares_of(em(psus, ITEMS), THREE)
    np.testing.assert_allclose(found.influence.dense()[row] / frame.loc[row, "weight"], expected, rtol=1e-5)


def test_the_note_says_who_answered() -> None:
    """All, some and none of the items; a row that answered none is not counted."""
    found = em(Design(thinned()), ITEMS)
    assert (309, 310) == (found.n, found.asked)
    assert (
        "112 of 310 respondents answered every item used, 197 some of them, 1 none; EM takes what is missing as missing at random"
        == found.note
    )


def test_units_and_order_of_weights_do_not_matter() -> None:
    """Items in other units, weights times 7 and rows in another order leave shares and errors alone."""
    frame = thinned()
    told = shares_of(em(Design(frame, weight="weight", psu="branch"), ITEMS), THREE)
    other = frame.assign(
        kept=1000 - 20 * frame["kept"], listened=1e-12 * frame["listened"], weight=7 * frame["weight"]
    ).sample(frac=1, random_state=1)
    found = shares_of(em(Design(other, weight="weight", psu="branch"), ITEMS), THREE)
    np.testing.assert_allclose(found.values, told.values, rtol=1e-10)
    np.testing.assert_allclose(found.se, told.se, rtol=1e-9)


def test_what_nobody_answered_together_is_refused() -> None:
    """Halves of a questionnaire that share no respondent say nothing of how their items go together."""
    frame = thinned()
    frame.loc[frame["listened"].notna(), "helped"] = np.nan
    frame.loc[:20, ["listened", "helped"]] = [np.nan, 3.0]
    frame.loc[:10, "helped"] = 4.0
    with pytest.raises(DesignError, match="nobody answered both `listened` and `helped`"):
        em(Design(frame), ITEMS)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kept": np.nan}, "nobody answered `kept`"),
        ({"kept": 3.0}, "everybody gave the same answer to `kept`"),
        ({"kept": np.inf}, "`kept` holds infinite values"),
        ({"kept": lambda one: one["listened"] + one["helped"]}, "determine each other"),
        ({"recommend": lambda one: one["listened"] + one["helped"]}, "determine each other"),
    ],
)
def test_columns_that_say_nothing_are_refused(change: dict[str, object], said: str) -> None:
    """Empty, constant or infinite columns, and columns that follow from others, the outcome too."""
    with pytest.raises(DesignError, match=said):
        em(Design(thinned().assign(**change)), ITEMS)


def test_too_few_respondents_are_refused() -> None:
    """Three people with two answers each do not bear four items."""
    with pytest.raises(DesignError, match="3 respondents answered two or more"):
        em(Design(pd.DataFrame({item: [1.0, 2.0, 4.0] for item in ITEMS})), ITEMS)


def test_a_replicate_without_a_solution_is_left_out_and_counted() -> None:
    """Where one branch holds all who answered two items together, the replicate without it has no value."""
    frame = thinned()
    alone = frame["branch"] == frame["branch"].iloc[0]
    frame.loc[~alone & (np.arange(len(frame)) % 2 == 0), "kept"] = np.nan
    frame.loc[~alone & frame["kept"].notna(), "helped"] = np.nan
    frame.loc[alone, ["kept", "helped"]] = np.random.default_rng(1).integers(1, 6, (int(alone.sum()), 2))
    found = shares_of(em(replicate(Design(frame, psu="branch"), "jackknife"), ITEMS), THREE)
    assert all("1 of 26 replicates gave no value and were left out" in note for note in found.note)
    assert np.isfinite(found.se).all()


def rehearsed(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Answers to six items and an outcome by a known normal law."""
    common = rng.normal(size=(n, 1))
    x = 0.6 * common + 0.8 * rng.normal(size=(n, 6))
    y = x @ SLOPES + rng.normal(size=n)
    return pd.DataFrame(np.column_stack([x, y]), columns=[*"abcdef", "y"])


SLOPES = np.array([0.8, 0.5, 0.3, 0.2, 0.1, 0.1])


def truth() -> np.ndarray:
    """R² and shares under that law."""
    inside = 0.36 + 0.64 * np.eye(6)
    c = inside @ SLOPES
    whole = np.block([[inside, c[:, None]], [c[None], np.array([[SLOPES @ c + 1.0]])]])
    exact = complete(
        Design(pd.DataFrame(np.eye(8, 7) + np.arange(7) * 0.01, columns=[*"abcdef", "y"])), [*"abcdef", "y"]
    )
    root = np.sqrt(np.diag(whole))
    players = Players(tuple("abcdef"), tuple((column,) for column in range(6)))
    return shares_of(replace(exact, correlation=whole / root[:, None] / root), players).values


@pytest.mark.slow
def test_planned_missing_is_made_good() -> None:
    """1,000 surveys in which each of 2,000 respondents gets a random half of six items: shares unbiased (R² as little above the
    truth as it is with complete answers), 95 % intervals cover 93 to 97 % of the time, and nobody answered all six.
    """
    rng = np.random.default_rng(7)
    players = Players(tuple("abcdef"), tuple((column,) for column in range(6)))
    exact, values, covered = truth(), [], []
    for _ in range(1000):
        frame = rehearsed(rng, 2000)
        out = np.argsort(rng.random((2000, 6)), axis=1) < 3
        frame[list("abcdef")] = frame[list("abcdef")].mask(out)
        found = shares_of(em(Design(frame), [*"abcdef", "y"]), players)
        values.append(found.values)
        covered.append(np.abs(found.values - exact) < 1.96 * found.se)
    bias = np.mean(values, axis=0) - exact
    assert abs(bias[0]) < 0.005, bias
    assert (np.abs(bias[1:]) < 0.002).all(), bias
    share = np.mean(covered, axis=0)
    assert ((share > 0.93) & (share < 0.97)).all(), share
    with pytest.raises(DesignError, match="0 respondents answered all"):
        complete(Design(frame), [*"abcdef", "y"])


def test_a_driver_that_does_not_vary_in_a_replicate_explains_nothing_there() -> None:
    """A driver used in one psu alone: without that psu its share is 0 and the others' are EM's without it, by hand."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(rng.normal(size=(240, 3)), columns=["a", "b", "y"]).assign(psu=np.repeat(np.arange(12), 20))
    frame["rare"] = np.where(frame["psu"] == 3, rng.normal(size=240), 0.0)
    frame["y"] += frame["a"] + frame["rare"]
    for name in ("a", "b"):
        frame.loc[rng.random(240) < 0.2, name] = np.nan
    found = importance(replicate(Design(frame, psu="psu"), "jackknife"), "y", ["a", "b", "rare"], missing="em")
    left = np.zeros((12, 4))
    for psu in range(12):
        names = ["a", "b"] if psu == 3 else ["a", "b", "rare"]
        values = importance(Design(frame[frame["psu"] != psu]), "y", names, missing="em").values
        left[psu, : len(values)] = values
    expected = np.sqrt(11 / 12 * ((left - found.values) ** 2).sum(axis=0))
    np.testing.assert_allclose(found.se, expected, rtol=1e-5)
    assert not any("left out" in note for note in found.note)

"""Dominance: domir's published mtcars examples, R by lm over all subsets, brute force over pairs, replicates, and bad input."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry.design import Design, replicate, replicates_of
from symmetry.drivers.importance import importance
from symmetry.drivers.sharing.dominance import Dominance, complete_dominance, conditional_dominance, dominance
from symmetry.drivers.sharing.lattice import explained_by_subset, players_of
from symmetry.drivers.sharing.shapley import shared_out
from symmetry.errors import DesignError
from tests.golden.reading import data, golden
from tests.strategies import FEW

SIX = ["am", "cyl", "carb", "hp", "wt", "qsec"]


def cars(predictors: list[str], **options: Any) -> Dominance:
    """Dominance in mtcars over mpg."""
    return dominance(Design(data("mtcars")), "mpg", predictors, **options)


def won(found: Dominance) -> dict[tuple[str, str], float]:
    """Share of comparisons that one player wins over another, both ways."""
    rows = found.complete[["item", "other", "share"]].itertuples(index=False)
    return {
        pair: share for item, other, one in rows for pair, share in (((item, other), one), ((other, item), 1 - one))
    }


def test_the_published_example_of_domir_with_three_drivers() -> None:
    """mpg on am, cyl, carb as domir's introduction prints it: general, conditional and complete dominance, to the last digit."""
    found = cars(["am", "cyl", "carb"])
    np.testing.assert_allclose(found.general.values, [0.8113023, 0.2156848, 0.4173094, 0.1783081], atol=5.1e-8)
    conditional = [
        [0.3597989, 0.2164938, 0.07076149],
        [0.7261800, 0.4181185, 0.10762967],
        [0.3035184, 0.1791172, 0.05228872],
    ]
    np.testing.assert_allclose(found.conditional[["at_1", "at_2", "at_3"]], conditional, atol=5.1e-8)
    assert {
        ("am", "cyl"): 0,
        ("cyl", "am"): 1,
        ("am", "carb"): 1,
        ("carb", "am"): 0,
        ("cyl", "carb"): 1,
        ("carb", "cyl"): 0,
    } == won(found)
    assert found.complete["complete"].tolist() == ["dominated", "dominates", "dominates"]


def test_the_published_example_of_domir_without_complete_dominance() -> None:
    """mpg on am, vs, cyl as domir's front page prints it; neither am nor vs dominates completely, each wins half."""
    found = cars(["am", "vs", "cyl"])
    np.testing.assert_allclose(found.general.values, [0.7619773, 0.1774892, 0.2027032, 0.3817849], atol=5.1e-8)
    conditional = [
        [0.3597989, 0.1389842, 0.033684441],
        [0.4409477, 0.1641982, 0.002963748],
        [0.7261800, 0.3432799, 0.075894823],
    ]
    np.testing.assert_allclose(found.conditional[["at_1", "at_2", "at_3"]], conditional, atol=5.1e-8)
    assert found.complete["complete"].tolist() == ["none", "dominated", "dominated"]
    assert found.complete["share"].tolist() == [0.5, 0.0, 0.0]
    assert found.complete["strongest"].tolist() == ["general", "complete", "complete"]


@pytest.mark.parametrize(("name", "predictors"), [("cars_three", SIX[:3]), ("cars_six", SIX)])
def test_dominance_agrees_with_r(name: str, predictors: list[str]) -> None:
    """General and conditional dominance, and the comparisons won, by lm over all subsets."""
    theirs, found = golden("decompositions", name), cars(predictors)
    np.testing.assert_allclose(
        found.general.values[1:], [theirs[item, "", "general"] for item in predictors], rtol=1e-10
    )
    for size in range(1, len(predictors) + 1):
        expected = [theirs[item, f"at_{size}", "conditional"] for item in predictors]
        np.testing.assert_allclose(found.conditional[f"at_{size}"], expected, rtol=1e-9)
    ours = won(found)
    assert {pair: theirs[(*pair, "won")] for pair in permutations(predictors, 2)} == ours
    assert [1 << (len(predictors) - 2)] * len(found.complete) == found.complete["comparisons"].tolist()


def brute(worth: np.ndarray) -> tuple[list[int], list[int]]:
    """Comparisons won and lost of each pair, subset by subset."""
    count = len(worth).bit_length() - 1
    ahead, behind = [], []
    for i, j in combinations(range(count), 2):
        lack = [s for s in range(len(worth)) if not (s >> i) & 1 and not (s >> j) & 1]
        ahead.append(sum(bool(worth[s | 1 << i] > worth[s | 1 << j]) for s in lack))
        behind.append(sum(bool(worth[s | 1 << i] < worth[s | 1 << j]) for s in lack))
    return ahead, behind


@FEW
@given(st.integers(0, 10_000), st.integers(2, 7))
def test_comparisons_are_those_of_brute_force(seed: int, count: int) -> None:
    """Wins and losses, ties among them, are what going through the subsets one by one gives, also in a batch."""
    worth = np.random.default_rng(seed).integers(0, 4, (1 << count, 2)).astype(float)
    ahead, behind = complete_dominance(worth)
    for column in range(2):
        alone = complete_dominance(worth[:, column])
        for found in ((ahead[:, column], behind[:, column]), alone):
            assert [*map(list, brute(worth[:, column]))] == [part.tolist() for part in found]


@FEW
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_complete_implies_conditional_implies_general(seed: int, count: int) -> None:
    """The sorts of dominance follow from each other; conditional gains average to shares and start at squared correlations."""
    rng = np.random.default_rng(seed)
    covariance = np.cov(rng.normal(size=(count + 1, 50)) + rng.normal(size=50))
    deviation = np.sqrt(np.diag(covariance))
    worth = explained_by_subset(covariance, players_of(count))
    shares, gains = shared_out(worth), conditional_dominance(worth)
    np.testing.assert_allclose(gains.mean(axis=1), shares, atol=1e-12)
    np.testing.assert_allclose(gains[:, 0], (covariance / np.outer(deviation, deviation))[:-1, -1] ** 2, atol=1e-12)
    for (i, j), ahead, behind in zip(combinations(range(count), 2), *complete_dominance(worth), strict=True):
        if not behind:
            assert (gains[i] > gains[j] - 1e-12).all()
        if not ahead:
            assert (gains[j] > gains[i] - 1e-12).all()
        if (gains[i] > gains[j]).all():
            assert shares[i] > shares[j]


def test_conditional_gains_are_averages_over_orders() -> None:
    """The gain at a place is what a driver adds there, averaged over the orders in which drivers may enter."""
    frame = data("swiss")
    names = ["agriculture", "examination", "education", "catholic"]
    correlation = frame[[*names, "fertility"]].corr().to_numpy()

    def r2(columns: tuple[int, ...]) -> float:
        some = list(columns)
        return (
            float(correlation[-1, some] @ np.linalg.solve(correlation[np.ix_(some, some)], correlation[some, -1]))
            if some
            else 0.0
        )

    gains, orders = np.zeros((4, 4)), list(permutations(range(4)))
    for order in orders:
        for place, driver in enumerate(order):
            gains[driver, place] += (r2(order[: place + 1]) - r2(order[:place])) * 4 / len(orders)
    found = dominance(Design(frame), "fertility", names).conditional
    np.testing.assert_allclose(found.drop(columns="item"), gains, atol=1e-10)


def test_general_dominance_is_importance() -> None:
    """The general part is the LMG shares with their errors; the table sets conditional gains beside them."""
    design = Design(data("bank_customers"), weight="weight", stratum="region", psu="branch")
    three = ["listened", "kept", "helped"]
    found, shares = dominance(design, "recommend", three), importance(design, "recommend", three)
    np.testing.assert_allclose(found.general.values, shares.values, rtol=1e-12)
    np.testing.assert_allclose(found.general.se, shares.se, rtol=1e-12)
    table = found.table()
    assert table["item"].tolist() == three
    assert ["at_1", "at_2", "at_3"] == table.columns.tolist()[-3:]
    np.testing.assert_allclose(table[["at_1", "at_2", "at_3"]].mean(axis=1), table["estimate"], rtol=1e-10)
    assert "reproduced" not in found.complete


def test_groups_and_controls_are_players_and_baseline() -> None:
    """A group enters as one; what a control explains is in every regression, so first gains are beyond it."""
    found = cars(["cyl", "hp", "wt", "qsec"], groups={"engine": ["cyl", "hp"]}, always="am")
    assert found.conditional["item"].tolist() == ["engine", "wt", "qsec"]
    assert found.general.labels["statistic"].tolist() == ["r2", "lmg", "lmg", "lmg", "always"]
    correlation = data("mtcars")[["cyl", "hp", "am", "mpg"]].corr().to_numpy()
    both = correlation[-1, :3] @ np.linalg.solve(correlation[:3, :3], correlation[:3, -1])
    np.testing.assert_allclose(found.conditional["at_1"][0], both - correlation[2, 3] ** 2, rtol=1e-10)


def test_twins_tie() -> None:
    """Two drivers that play the same part tie to the last rounding: half a share each, and no dominance of any sort."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(30, 3)) + rng.normal(size=(30, 1))
    y = x @ [1.0, 1.0, 0.5] + rng.normal(size=30)
    one = pd.DataFrame(x, columns=["a", "b", "c"]).assign(y=y)
    both = pd.concat([one, one.rename(columns={"a": "b", "b": "a"})], ignore_index=True)
    found = dominance(Design(both.assign(a=both["a"] * 7 + 0.3)), "y", ["a", "b", "c"])
    assert found.complete["complete"][0] == "none"
    assert found.complete["share"][0] == 0.5
    assert found.complete["strongest"][0] == "none"
    assert found.complete["complete"][1] == found.complete["complete"][2] == "dominates"


def test_replicates_say_how_often_a_verdict_comes_again() -> None:
    """The share of bootstrap replicates with the same verdict, from regressions in each replicate's own weights."""
    customers = data("bank_customers").dropna(subset=["listened", "kept", "helped", "recommend"])
    design = replicate(
        Design(customers, weight="weight", stratum="region", psu="branch"), "bootstrap", replicates=40, seed=3
    )
    three = ["listened", "kept", "helped"]
    found = dominance(design, "recommend", three)
    z = customers[[*three, "recommend"]].to_numpy(float)
    verdicts = []
    for w in replicates_of(design).weights(slice(0, 40)).T:
        centred = z - w @ z / w.sum()
        worth = explained_by_subset(centred.T @ (w[:, None] * centred), players_of(3))
        ahead, behind = map(np.array, brute(worth))
        verdicts.append(
            [("dominates" if not b else "dominated" if not a else "none") for a, b in zip(ahead, behind, strict=True)]
        )
    expected = [
        np.mean([one[pair] == verdict for one in verdicts]) for pair, verdict in enumerate(found.complete["complete"])
    ]
    assert expected == found.complete["reproduced"].tolist()
    assert 0 < min(expected) < 1


def test_a_jackknife_says_nothing_of_coming_again() -> None:
    """Replicates that are no draws have no share of verdicts: leaving one branch out is not a new sample."""
    customers = data("bank_customers")
    design = replicate(Design(customers, weight="weight", stratum="region", psu="branch"), "jackknife")
    assert "reproduced" not in dominance(design, "recommend", ["listened", "kept"]).complete


@pytest.mark.parametrize(
    ("predictors", "options", "message"),
    [
        (["wt"], {}, "1 drivers are given"),
        (["wt", "mpg"], {}, "the outcome `mpg` is among its own drivers"),
        (["wt", "hp", "wt"], {}, "driver `wt` is named twice"),
        (["wt", "weight"], {}, "no column `weight`"),
        (["wt", "hp"], {"groups": {"both": ["wt", "hp"]}}, "cannot share R² among 1 players"),
        (["wt", "hp"], {"groups": {"one": ["vs"]}}, "group `one` holds `vs`, which is no driver"),
    ],
)
def test_drivers_that_cannot_be_compared_are_refused(predictors: list[str], options: Any, message: str) -> None:
    """Each fault of drivers is told, with its remedy."""
    with pytest.raises(DesignError) as caught:
        cars(predictors, **options)
    assert message in caught.value.problems[0].what
    assert caught.value.problems[0].mend


def test_more_than_twenty_players_are_refused() -> None:
    """Twenty-one drivers are told of groups and of relative weights."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(60, 22)), columns=[*(f"x{place}" for place in range(21)), "y"])
    with pytest.raises(DesignError) as caught:
        dominance(Design(frame), "y", [f"x{place}" for place in range(21)])
    assert "cannot share R² among 21 players" in caught.value.problems[0].what
    assert "johnson" in caught.value.problems[0].mend


def test_outcome_and_missing_answers_are_read_as_in_importance() -> None:
    """A top box and the EM covariance reach dominance by the same options as they reach shares."""
    design = Design(data("bank_customers"), weight="weight", stratum="region", psu="branch")
    three = ["listened", "kept", "helped"]
    asked: list[dict[str, Any]] = [{"statistic": "top_box", "at_least": 9}, {"missing": "em"}]
    for options in asked:
        found = dominance(design, "recommend", three, **options)
        np.testing.assert_allclose(
            found.general.values, importance(design, "recommend", three, **options).values, rtol=1e-10
        )
        np.testing.assert_allclose(
            found.conditional.drop(columns="item").mean(axis=1), found.general.values[1:], rtol=1e-9
        )


def test_too_many_comparisons_are_left_out() -> None:
    """With very many comparisons in all, the share of replicates is not worked out and has no column."""
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(rng.normal(size=(60, 15)), columns=[*"abcdefghijklmn", "y"])
    design = replicate(Design(frame), "bootstrap", replicates=1000)
    assert "reproduced" not in dominance(design, "y", list("abcdefghijklmn")).complete
    assert "reproduced" in dominance(design, "y", list("abc")).complete

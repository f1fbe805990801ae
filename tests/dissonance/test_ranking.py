"""Ranks: orders by hand, bounds that hold the truth as often as they promise, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from symmetry import dissonance
from symmetry.design import Design, stack
from symmetry.dissonance import Gap, Pair
from symmetry.dissonance.ranking import ranks
from symmetry.errors import DesignError


def pairs(items: str, **options: object) -> list[Pair]:
    """Literal pairs of one family."""
    return [
        replace(Pair(x, ("customers", x), ("employees", x), "customer - employee", "literal", "mean", 0.3), **options)
        for x in items
    ]


def gap(means: dict[str, list[float]], n: int, seed: int = 1, by: tuple[str, ...] = ()) -> Gap:
    """Gaps of items with these means, of n persons a side in branches."""
    rng, sides = np.random.default_rng(seed), {}
    for name, mean in means.items():
        items = [chr(97 + k) for k in range(len(mean))]
        frame = pd.DataFrame(rng.normal(mean, 1, (n, len(mean))), columns=items)
        sides[name] = Design(
            frame.assign(branch=np.arange(n) % 20, region=np.where(np.arange(n) % 2, "n", "s")), psu="branch"
        )
    return dissonance.gap(stack(sides), pairs("".join(items)), by=by)


FAR = {"customers": [4.5, 3.5, 2.5, 1.5], "employees": [1.5, 4.5, 3.5, 2.5]}


def test_far_apart_items_have_their_true_ranks() -> None:
    """What is surely ordered has no doubt left in its ranks."""
    found = ranks(gap(FAR, 400), seed=1)
    assert [[1, 2, 3, 4], [4, 1, 2, 3]] == [found[side].tolist() for side in ("rank_a", "rank_b")]
    for column in ("estimate", "lower", "upper"):
        assert [-3, 1, 1, 1] == found[column].tolist()


def test_items_that_are_alike_have_any_rank() -> None:
    """Few answers and equal means: every difference of ranks is possible."""
    found = ranks(gap({"customers": [3.0] * 4, "employees": [3.0] * 4}, 20), seed=1)
    assert (found["upper"] - found["lower"]).min() >= 4
    assert ((found["lower"] <= found["estimate"]) & (found["estimate"] <= found["upper"])).all()


def test_ranks_are_within_domains_and_families() -> None:
    """By region each has its own order; another family of one item has none, and says so."""
    found = ranks(gap(FAR, 400, by=("region",)), seed=1)
    assert [("a", "n"), ("a", "s")] == sorted(
        found.loc[found["item"] == "a", ["item", "region"]].itertuples(index=False, name=None)
    )
    assert {-3.0, 1.0} == set(found["estimate"])
    both = gap(FAR, 400)
    asked = [*pairs("ab"), *pairs("c", family="customer - guess")]
    table = ranks(dissonance.gap(both.levels.design, asked), seed=1)
    assert "alone in its family: no order" == table["note"][2]
    assert np.isnan(table["estimate"][2])


def test_the_order_of_pairs_and_the_sides_never_matter() -> None:
    """Pairs in another order have the same ranks; seen from the other side differences are opposites."""
    design = gap({"customers": [3.2, 3.0, 2.9], "employees": [2.9, 3.0, 3.1]}, 60).levels.design
    one = ranks(dissonance.gap(design, pairs("abc")), seed=1).set_index("item")
    two = ranks(dissonance.gap(design, pairs("cab")), seed=1).set_index("item").loc[list("abc")]
    pd.testing.assert_frame_equal(one[["rank_a", "rank_b", "estimate"]], two[["rank_a", "rank_b", "estimate"]])
    turned = [replace(pair, a=pair.b, b=pair.a) for pair in pairs("abc")]
    other = ranks(dissonance.gap(design, turned), seed=1).set_index("item")
    np.testing.assert_array_equal(-other["estimate"], one["estimate"])


def test_the_same_seed_gives_the_same_bounds() -> None:
    """Bounds are drawn, and drawn again alike."""
    found = gap({"customers": [3.2, 3.0, 2.9], "employees": [2.9, 3.0, 3.1]}, 60)
    pd.testing.assert_frame_equal(ranks(found, seed=7), ranks(found, seed=7))


def test_ties_share_their_ranks() -> None:
    """Equal levels share the mean of their ranks."""
    frame = pd.DataFrame({"a": [3.0, 4, 5], "b": [5.0, 4, 3], "c": [1.0, 2, 1]})
    design = stack({name: Design(frame) for name in ("customers", "employees")})
    found = ranks(dissonance.gap(design, pairs("abc")), seed=1)
    assert [1.5, 1.5, 3.0] == found["rank_a"].tolist()


def test_one_psu_has_ranks_and_no_bounds() -> None:
    """Without degrees of freedom there is an order, no bounds, and a note."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(4, 2)), columns=list("ab")).assign(branch=1)
    design = stack({name: Design(frame, psu="branch", lonely_psu="remove") for name in ("customers", "employees")})
    found = ranks(dissonance.gap(design, pairs("ab")), seed=1)
    assert found["estimate"].notna().all()
    assert found[["lower", "upper"]].isna().all(axis=None)
    assert found["note"].str.contains("no degrees of freedom").all()


def test_many_levels_are_compared_without_their_whole_covariance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Family by family, or by the sparse covariance of thousands of domains: the same bounds."""
    found = gap({"customers": [3.2, 3.0, 2.9], "employees": [2.9, 3.0, 3.1]}, 120, by=("region",))
    one = ranks(found, seed=3)
    monkeypatch.setattr(import_module("symmetry.dissonance.ranking"), "_ALL_AT_ONCE", 0)
    pd.testing.assert_frame_equal(one, ranks(found, seed=3))


@pytest.mark.parametrize("options", [{"seed": -1}, {"seed": 1.5}, {"seed": 1, "draws": 3}, {"seed": 1, "level": 1.0}])
def test_no_draws_and_no_level_are_refused(options: dict[str, object]) -> None:
    """Each fault of an option is told."""
    with pytest.raises(DesignError) as caught:
        ranks(gap(FAR, 20), **options)
    assert caught.value.problems[0].mend


LAWS = {
    "spread": ([3.0, 3.1, 3.2, 3.3, 3.4, 3.5], [3.5, 3.0, 3.1, 3.2, 3.3, 3.4]),
    "groups": ([3.0, 3.001, 3.002, 3.3, 3.301, 3.302], [3.302, 3.301, 3.3, 3.002, 3.001, 3.0]),
    "nearly tied": ([3.0, 3.001, 3.002, 3.003, 3.004, 3.005], [3.005, 3.004, 3.003, 3.002, 3.001, 3.0]),
}


@pytest.mark.slow
@pytest.mark.parametrize("law", list(LAWS))
def test_bounds_hold_the_true_difference_of_ranks(law: str) -> None:
    """Over 1,000 surveys of shared branches, each item's bounds hold its true difference 95 times in 100 or more."""
    customers, employees = LAWS[law]
    order = [np.argsort(np.argsort(-np.array(side))) for side in (customers, employees)]
    truth, rng, held = order[0] - order[1], np.random.default_rng(11), np.zeros(6)
    for rehearsal in range(1000):
        branch = np.repeat(np.arange(20), 6)
        common = rng.normal(0, 0.3, (20, 6))[branch]
        sides = {}
        for name, mean in (("customers", customers), ("employees", employees)):
            answers = mean + common + rng.normal(0, 0.8, (120, 6))
            sides[name] = Design(pd.DataFrame(answers, columns=list("abcdef")).assign(branch=branch), psu="branch")
        found = ranks(dissonance.gap(stack(sides), pairs("abcdef")), seed=rehearsal, draws=400)
        held += ((found["lower"] <= truth) & (truth <= found["upper"])).to_numpy()
    assert (held / 1000).min() >= 0.95 - 2 * np.sqrt(0.95 * 0.05 / 1000)

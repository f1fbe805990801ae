"""League tables: chances of ranks against closed forms of normals, every permutation counted, and what is refused."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import estimate
from symmetry.design import Design
from symmetry.dissonance.leagues import league
from symmetry.dissonance.shrinking import shrink
from symmetry.errors import DesignError
from tests.dissonance.test_shrinking import gaps_of

UNITS = pd.DataFrame({"unit": list("abcd"), "estimate": [1.0, 1.2, 3.0, -2.0], "se": [0.5, 0.4, 0.3, 0.2]})


def test_two_units_change_places_as_often_as_normals_do() -> None:
    """The chance to come first is that of a difference of two normals; the expected rank is one plus that of coming second."""
    found = league(UNITS[:2], seed=3, top=1, draws=100_000).set_index("unit")
    ahead = stats.norm.cdf(0.2 / np.hypot(0.5, 0.4))
    np.testing.assert_allclose(found.loc["b", "chance_first"], ahead, atol=0.005)
    np.testing.assert_allclose(found.loc["b", "rank"], 2 - ahead, atol=0.005)
    assert (1.0, 2.0) == (found.loc["a", "rank_lower"], found.loc["a", "rank_upper"])


def test_units_alike_share_all_ranks() -> None:
    """Four units alike: expected rank 2.5, each place one time in four, intervals over all places, as permutations have it."""
    alike = UNITS.assign(estimate=0.0, se=1.0)
    found = league(alike, seed=4, top=1, draws=40_000)
    places = np.array(list(permutations(range(1, 5))))[:, 0]
    np.testing.assert_allclose(found["rank"], places.mean(), atol=0.03)
    np.testing.assert_allclose(found["chance_first"], (places == 1).mean(), atol=0.01)
    assert (found["rank_lower"] == 1).all()
    assert (found["rank_upper"] == 4).all()
    assert (found["units"] == 4).all()


def test_who_comes_first_is_chosen() -> None:
    """Highest, lowest, or largest whatever the sign; chances of the first and the last change sides."""
    order = {first: league(UNITS, seed=1, first=first)["unit"].tolist() for first in ("highest", "lowest", "largest")}
    assert "cbad" == "".join(order["highest"])
    assert "dabc" == "".join(order["lowest"])
    assert "cdba" == "".join(order["largest"])
    up, down = (league(UNITS, seed=1, first=first, top=2).set_index("unit") for first in ("highest", "lowest"))
    np.testing.assert_allclose(up["chance_first"], down["chance_last"].loc[up.index], atol=1e-12)
    np.testing.assert_allclose(up["chance_first"].sum(), 2.0, rtol=1e-12)


def test_one_seed_gives_one_table() -> None:
    """Same seed, same bytes; another seed, another Monte Carlo error and no more."""
    one, two, other = (league(UNITS, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two)
    np.testing.assert_allclose(one.sort_values("unit")["rank"], other.sort_values("unit")["rank"], atol=0.1)


def test_shrunken_units_are_ranked_by_their_posterior() -> None:
    """Ranks come from draws that share the common mean; values and intervals are the posterior's at the level asked."""
    rng = np.random.default_rng(5)
    units = shrink(gaps_of(rng.normal(0, 0.5, 12), np.full(12, 0.1), smallest=0.3))
    found = league(units, seed=6, level=0.8, draws=20_000).set_index("unit").sort_index()
    (rows, posterior), table = units.posteriors[0], units.table()
    np.testing.assert_allclose(found["estimate"], table["estimate"], rtol=1e-12)
    np.testing.assert_allclose(found["lower"], posterior.quantile(0.1), rtol=1e-12)
    drawn = posterior.draws(20_000, np.random.default_rng(77))
    ranks = stats.rankdata(-drawn, axis=1)
    np.testing.assert_allclose(found["rank"], ranks.mean(axis=0), atol=0.1)
    assert 12 == len(rows)
    direct = league(
        table.drop(columns=["lower", "upper"]).assign(estimate=table["direct"], se=table["direct_se"]), seed=6
    )
    assert direct["estimate"].is_monotonic_decreasing


def test_estimates_by_domain_are_ranked_by_their_covariance() -> None:
    """Domains that share psus go up and down together: they change places less than errors apart would have it."""
    rng = np.random.default_rng(8)
    psu = np.tile(np.arange(12), 2)
    frame = pd.DataFrame({"psu": psu, "shift": np.repeat(["am", "pm"], 12)})
    frame["y"] = 3 * rng.normal(size=12)[psu] + 0.5 * (frame["shift"] == "pm") + rng.normal(0, 0.3, 24)
    est = estimate.mean(Design(frame, psu="psu"), "y", by=["shift"])
    found = league(est, seed=9, top=1, draws=40_000).set_index("shift")
    covariance = est.covariance()
    difference = est.values[1] - est.values[0]
    ahead = stats.norm.cdf(difference / np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]))
    np.testing.assert_allclose(found.loc["pm", "chance_first"], ahead, atol=0.01)
    np.testing.assert_allclose(found.loc["pm", "lower"], est.table(level=0.9)["lower"][1], rtol=1e-12)
    apart = stats.norm.cdf(difference / np.sqrt(covariance[0, 0] + covariance[1, 1]))
    assert abs(ahead - apart) > 0.05


def test_each_item_has_a_table_of_its_own() -> None:
    """Items are ranked apart; who has no error comes last, unranked, and says so."""
    both = pd.concat([UNITS.assign(item="x"), UNITS.assign(item="y")], ignore_index=True)
    both.loc[7, "se"] = np.nan
    found = league(both, seed=1, top=9)
    assert list("xxxxyyyy") == found["item"].tolist()
    assert [4.0] * 4 + [3.0] * 3 == found["units"].tolist()[:7]
    last = found.iloc[7]
    assert ("d", "not ranked: no value with an error, or alone") == (last["unit"], last["note"])
    assert np.isnan(last["rank"])
    np.testing.assert_allclose(found["chance_first"][:4].sum(), 2.0, rtol=1e-12)  # cut to half of the units


@pytest.mark.parametrize(
    ("source", "options", "message", "mend"),
    [
        (UNITS, {"level": None}, "without intervals of its ranks is not printed", "show a funnel"),
        (UNITS, {"level": 95}, "level=95 is no level", "between 0 and 1"),
        (UNITS, {"top": 0}, "top=0", "at least 1"),
        (UNITS, {"level": "x"}, "level='x' is no level", "between 0 and 1"),
        (UNITS, {"draws": 10}, "draws=10", "100 draws"),
        (UNITS, {"draws": 100.5}, "draws=100.5", "100 draws"),
        (UNITS, {"seed": None}, "seed=None is no seed", "the same gives the same table"),
        (UNITS, {"seed": "x"}, "seed='x' is no seed", "a whole number"),
        (UNITS, {"seed": -1}, "seed=-1 is no seed", "0 or more"),
        (UNITS.assign(estimate="high"), {}, "`estimate` holds 'high'", "as NaN"),
        (1, {}, "a int was given", "dissonance.shrink"),
        (UNITS, {"first": "best"}, "first='best' is unknown", "highest"),
        (UNITS.drop(columns="se"), {}, "ranked by values with errors", "dissonance.shrink"),
        (UNITS.assign(se=np.nan), {}, "fewer than 2 units have a value and an error", "dissonance.shrink"),
        (UNITS.assign(se=0.0), {}, "fewer than 2 units have a value and an error", "dissonance.shrink"),
        (UNITS[:1], {}, "fewer than 2 units have a value and an error", "dissonance.shrink"),
        ([1.0, 2.0], {}, "ranked by values with errors", "dissonance.shrink"),
    ],
)
def test_a_table_without_intervals_is_refused(source: Any, options: dict[str, Any], message: str, mend: str) -> None:
    """No level, no errors or nobody to rank: refused, with the remedy."""
    with pytest.raises(DesignError, match=message) as caught:
        league(source, **{"seed": 1, **options})
    assert mend in str(caught.value)


def test_units_too_few_to_shrink_are_told_so() -> None:
    """Five gaps with values and errors have no posterior: the refusal says that, and how many shrinking needs."""
    units = shrink(gaps_of(np.linspace(-1, 1, 5), np.full(5, 0.1)))
    with pytest.raises(DesignError, match="no unit has a posterior") as caught:
        league(units, seed=1)
    assert "6 without covariates" in str(caught.value)


def test_frames_of_other_libraries_are_ranked() -> None:
    """A polars frame is taken through its own `to_pandas`."""
    polars = pytest.importorskip("polars")
    pd.testing.assert_frame_equal(league(polars.from_pandas(UNITS), seed=2), league(UNITS, seed=2))


def test_an_estimate_without_errors_is_refused() -> None:
    """A domain that is one psu has a value and no error: no ranks are made of such."""
    frame = pd.DataFrame({"unit": [1, 1, 2, 2], "y": [1.0, 2.0, 3.0, 5.0]})
    est = estimate.mean(Design(frame, psu="unit"), "y", by=["unit"])
    with pytest.raises(DesignError, match="fewer than 2 units have a value and an error"):
        league(est, seed=1)

"""Rank tests by other roads (every pair of people, scipy, ranks made anew in every replicate) and on bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import estimate
from symmetry.design import Design, replicate, stack
from symmetry.errors import DesignError

RNG = np.random.default_rng(5)
N = 160
FRAME = pd.DataFrame(
    {"psu": np.repeat(np.arange(20), 8), "g": RNG.choice(["l", "m"], N), "h": RNG.choice(list("abc"), N)}
)
FRAME["w"] = RNG.uniform(0.5, 3, N)
FRAME["y"] = RNG.integers(0, 11, N).astype(float)
FRAME.loc[::17, "y"] = np.nan
FRAME["nothing"] = np.nan
FRAME["mute"] = np.where(FRAME["h"] == "b", np.nan, FRAME["y"])
FRAME["words"] = "good"
DESIGN = Design(FRAME, weight="w", psu="psu")


def test_wilcoxon_counts_pairs_of_people() -> None:
    """The difference is the weighted share of pairs in which the second group's is higher, ties half, less one half."""
    told = estimate.rank_test(DESIGN, "y", by="g").iloc[0]
    known = FRAME.dropna(subset="y")
    low, high = known[known["g"] == "l"], known[known["g"] == "m"]
    above = np.sign(np.subtract.outer(high["y"].to_numpy(), low["y"].to_numpy())) / 2 + 0.5
    share = np.average(np.average(above, axis=1, weights=low["w"]), weights=high["w"])
    np.testing.assert_allclose(told["estimate"], share - 0.5, rtol=1e-12)
    assert [len(known), "Wilcoxon", "m - l", "t", 18.0] == told[
        ["n", "test", "contrast", "distribution", "df"]
    ].tolist()


def test_simple_samples_are_near_the_classical_tests() -> None:
    """Without design the statistics are those of Mann and Whitney and of Kruskal and Wallis, up to the form of the variance."""
    frame = pd.DataFrame({"y": RNG.normal(size=3000), "g": RNG.choice(list("abc"), 3000)})
    parts = [frame.loc[frame["g"] == name, "y"] for name in "abc"]
    two = estimate.rank_test(Design(frame), "y", by="g", groups=["a", "b"]).iloc[0]
    np.testing.assert_allclose(two["p"], stats.mannwhitneyu(*parts[:2]).pvalue, rtol=0.01)
    three = estimate.rank_test(Design(frame), "y", by="g").iloc[0]
    np.testing.assert_allclose(2 * three["statistic"], stats.kruskal(*parts).statistic, rtol=0.03)
    assert ["Kruskal-Wallis", 2.0, 2997.0] == three[["test", "df", "df2"]].tolist()


@pytest.mark.parametrize("scores", ["wilcoxon", "normal", "median"])
def test_only_the_order_of_answers_counts(scores: str) -> None:
    """Answers in any growing unit, and rows in any order, give the same test, tied answers and uneven weights among them."""
    told = estimate.rank_test(DESIGN, "y", by="g", scores=scores).iloc[0]
    other = FRAME.assign(y=np.exp(FRAME["y"] / 3) - 100).sample(frac=1, random_state=1)
    again = estimate.rank_test(Design(other, weight="w", psu="psu"), "y", by="g", scores=scores).iloc[0]
    for what in ("estimate", "se", "statistic", "p"):
        np.testing.assert_allclose(told[what], again[what], rtol=1e-10)


def test_two_of_three_groups_are_ranked_among_themselves() -> None:
    """Groups left out, and missing ones, are not among those who are ranked."""
    told = estimate.rank_test(DESIGN, "y", by="h", groups=["a", "c"]).iloc[0]
    alone = FRAME.assign(h=FRAME["h"].where(FRAME["h"] != "b"))
    other = estimate.rank_test(Design(alone, weight="w", psu="psu"), "y", by="h").iloc[0]
    pd.testing.assert_series_equal(told, other)


def test_a_lost_group_is_told_and_the_others_tested() -> None:
    """Where nobody of a group answered, the rest are compared and the note names it; items without answers keep a row."""
    told = estimate.rank_test(DESIGN, ["mute", "y", "nothing"], by="h")
    assert ["nobody answered in 'b'", "", "nobody answered in 'a', 'b', 'c'"] == told["note"].tolist()
    assert ["t", "F", ""] == told["distribution"].tolist()
    assert [False, False, True] == told["p"].isna().tolist()


def test_ranks_held_and_made_again() -> None:
    """On replicates: again is the statistic in every replicate, and near the held ranks where groups do not differ."""
    design = replicate(DESIGN, "jackknife")

    def difference(weights: np.ndarray, data: pd.DataFrame) -> np.ndarray:
        kept = data["y"].notna().to_numpy()
        y, w, m = data["y"].to_numpy()[kept], weights[kept], (data["g"] == "m").to_numpy()[kept]
        below = np.array([w[y < one].sum() + w[y == one].sum() / 2 for one in y]) / w.sum()
        return np.array([np.average(below[m], weights=w[m]) - np.average(below[~m], weights=w[~m])])

    again = estimate.rank_test(design, "y", by="g", ranks="again").iloc[0]
    other = estimate.statistic(design, difference)
    np.testing.assert_allclose([again["estimate"], again["se"]], [other.values[0], other.se[0]], rtol=1e-10)
    held = estimate.rank_test(design, "y", by="g").iloc[0]
    np.testing.assert_allclose(held["se"], again["se"], rtol=0.1)
    linear = estimate.rank_test(DESIGN, "y", by="g").iloc[0]
    np.testing.assert_allclose([held["estimate"], held["se"]], [linear["estimate"], linear["se"]], rtol=1e-10)
    several = estimate.rank_test(design, "y", by="h").iloc[0]
    np.testing.assert_allclose(
        several["statistic"], estimate.rank_test(DESIGN, "y", by="h")["statistic"][0], rtol=1e-10
    )


def test_what_cannot_be_tested_is_noted() -> None:
    """Answers that do not vary, and groups inside one psu, leave no p and say why."""
    same = Design(FRAME.assign(y=3.0), weight="w", psu="psu")
    for by in ("g", "h"):
        told = estimate.rank_test(same, "y", by=by).iloc[0]
        assert np.isnan(told["p"])
        assert "no error" in told["note"]
    one = Design(FRAME.assign(g=np.where(FRAME["psu"] == 3, "one", "rest")), weight="w", psu="psu")
    told = estimate.rank_test(one, "y", by="g").iloc[0]
    assert np.isnan(told["p"])
    assert told["note"] == "no degrees of freedom"


def test_two_audiences_take_satterthwaite() -> None:
    """Between audiences of a stacked design the degrees of freedom are those of a contrast of their means."""
    small = FRAME[FRAME["psu"] < 5].assign(psu=lambda table: table["psu"] + 100)
    both = stack({"customers": DESIGN, "employees": Design(small, weight="w", psu="psu")}, units="apart")
    told = estimate.rank_test(both, "y", by="audience").iloc[0]
    assert 4 <= told["df"] < 10
    assert 0 < told["p"] <= 1


@pytest.mark.parametrize(
    ("ask", "match"),
    [
        ({"items": "y", "by": "words"}, "`words` makes one group"),
        ({"items": "y", "by": "nowhere"}, "no column `nowhere`"),
        ({"items": "words", "by": "g"}, "column `words` is not numeric"),
        ({"items": "nothing", "by": "g"}, "nobody answered in two groups of `g`"),
        ({"items": "y", "by": "g", "scores": "savage"}, "no scores are called 'savage'"),
        ({"items": "y", "by": "g", "scores": 3}, "no scores are called 3"),
        ({"items": "y", "by": "g", "scores": lambda r, total: np.log(r - r)}, "not a finite number each"),
        ({"items": "y", "by": "g", "scores": lambda r, total: 1.0}, "not a finite number each"),
        ({"items": "y", "by": "g", "ranks": "new"}, "ranks='new' is unknown"),
        ({"items": "y", "by": "g", "ranks": "again"}, "needs replicates"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_what_is_no_rank_test_is_refused(ask: dict[str, Any], match: str) -> None:
    """Groups, scores and options that cannot be are told by name."""
    with pytest.raises(DesignError, match=match):
        estimate.rank_test(DESIGN, **ask)

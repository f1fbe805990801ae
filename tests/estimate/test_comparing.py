"""t tests by other roads (scipy, models, contrasts) and on bad input: one group, three, nobody who answered, no df."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import estimate
from symmetry.design import Design, replicate, stack
from symmetry.errors import DesignError

RNG = np.random.default_rng(4)
N = 120
FRAME = pd.DataFrame(
    {"psu": np.repeat(np.arange(20), 6), "g": RNG.choice(["l", "m"], N), "h": RNG.choice(list("abc"), N)}
)
FRAME["w"] = RNG.uniform(0.5, 3, N)
FRAME["y"] = 2 + (FRAME["g"] == "m") + RNG.normal(size=20)[FRAME["psu"]] + RNG.normal(size=N)
FRAME["z"] = FRAME["y"] + RNG.normal(0.3, 1, N)
FRAME["nothing"] = np.nan
FRAME["mute"] = np.where(FRAME["g"] == "m", np.nan, FRAME["y"])
FRAME["words"] = "good"
DESIGN = Design(FRAME, weight="w", psu="psu")


def test_simple_samples_are_the_textbook() -> None:
    """Without weights or psus: Student's one-sample and paired tests, and Welch's error for two groups."""
    simple = Design(FRAME)
    told = estimate.t_test(simple, "y", against=2.5).iloc[0]
    other = stats.ttest_1samp(FRAME["y"], 2.5)
    np.testing.assert_allclose(
        [told["statistic"], told["df"], told["p"]], [other.statistic, other.df, other.pvalue], rtol=1e-10
    )
    interval = other.confidence_interval()
    np.testing.assert_allclose([told["lower"], told["upper"]], [interval.low, interval.high], rtol=1e-10)
    told = estimate.t_test(simple, "y", paired="z").iloc[0]
    paired = stats.ttest_rel(FRAME["y"], FRAME["z"])
    np.testing.assert_allclose(
        [told["statistic"], told["df"], told["p"]], [paired.statistic, paired.df, paired.pvalue], rtol=1e-10
    )
    low, high = (FRAME.loc[FRAME["g"] == name, "y"] for name in "lm")
    told = estimate.t_test(simple, "y", by="g").iloc[0]
    error = np.sqrt(
        sum(x.var() / len(x) for x in (low, high)) * N / (N - 1)
    )  # sums over domains have n / (n - 1) of all rows
    error = np.sqrt(sum(x.var() * (len(x) - 1) / len(x) ** 2 for x in (low, high)) * N / (N - 1))
    np.testing.assert_allclose(
        [told["estimate"], told["se"], told["df"]], [high.mean() - low.mean(), error, N - 2], rtol=1e-10
    )
    told = estimate.t_test(simple, "y", by="g", df="bell_mccaffrey").iloc[0]
    np.testing.assert_allclose(told["statistic"], stats.ttest_ind(high, low, equal_var=False).statistic, rtol=1e-10)


@pytest.mark.parametrize("design", [DESIGN, replicate(DESIGN, "jackknife")])
def test_two_groups_are_a_model_of_two_groups(design: Design) -> None:
    """The same difference, error and degrees of freedom as a gaussian model; groups the other way round turn the sign."""
    told = estimate.t_test(design, "y", by="g").iloc[0]
    fit = estimate.glm(design, "y ~ C(g)").estimate
    np.testing.assert_allclose(
        [told["estimate"], told["se"], told["df"]], [fit.values[1], fit.se[1], fit.df[1]], rtol=1e-10
    )
    turned = estimate.t_test(design, "y", by="g", groups=["m", "l"]).iloc[0]
    assert [-told["estimate"], told["se"], told["p"]] == [turned["estimate"], turned["se"], turned["p"]]
    assert ["m - l", "l - m"] == [told["contrast"], turned["contrast"]]


def test_pairs_are_arithmetic_of_columns() -> None:
    """A pair, arithmetic in the item and a column of differences are one test; who lacks one of the two is out."""
    design = Design(
        FRAME.assign(d=FRAME["y"] - FRAME["mute"].fillna(0.0).where(FRAME["g"] == "l")), weight="w", psu="psu"
    )
    told = [estimate.t_test(design, *ask, **more).iloc[0].drop(["test", "item", "contrast"]).to_dict()
            for ask, more in ((("y",), {"paired": "mute"}), (("y - mute",), {}), (("d",), {}))]  # fmt: skip
    assert told[0] == told[1] == told[2]
    assert int((FRAME["g"] == "l").sum()) == told[0]["n"]


def test_two_audiences_take_satterthwaite() -> None:
    """Between the audiences of a stacked design df are those of a contrast, unless the plain count is asked for."""
    small = FRAME[FRAME["psu"] < 5].assign(psu=lambda table: table["psu"] + 100)
    both = stack({"customers": DESIGN, "employees": Design(small, weight="w", psu="psu")}, units="apart")
    told = estimate.t_test(both, "y", by="audience").iloc[0]
    means = estimate.mean(both, "y", by=["audience"])
    gap = estimate.contrast(means, {"e - c": {1: 1, 0: -1}})
    np.testing.assert_allclose(
        [told["estimate"], told["se"], told["df"]], [gap.values[0], gap.se[0], gap.df[0]], rtol=1e-12
    )
    assert [22.0] == estimate.t_test(both, "y", by="audience", df="design")["df"].tolist()


def test_rules_of_degrees_of_freedom() -> None:
    """Small-sample rules are those of small_sample; a number is taken as it is, infinity makes it normal."""
    means = estimate.mean(DESIGN, "y", by=["g"])
    for rule in ("bell_mccaffrey", "imbens_kolesar", "satterthwaite"):
        told = estimate.t_test(DESIGN, "y", by="g", df=rule).iloc[0]
        other = estimate.small_sample(means, {"m - l": "m - l"}, method=rule)
        np.testing.assert_allclose([told["se"], told["df"]], [other.se[0], other.df[0]], rtol=1e-12)
        assert rule in told["note"]
    told = estimate.t_test(DESIGN, "y", by="g", df=np.inf).iloc[0]
    np.testing.assert_allclose(told["p"], 2 * stats.norm.sf(abs(told["statistic"])), rtol=1e-12)


def test_items_without_answers_are_noted_rows() -> None:
    """Of several items, one without answers, or with answers in one group only, keeps a row that says so."""
    told = estimate.t_test(DESIGN, ["y", "nothing", "mute"], by="g")
    assert ["", "nobody answered in `g` = 'l' or `g` = 'm'", "nobody answered in `g` = 'm'"] == told["note"].tolist()
    assert [False, True, True] == told["p"].isna().tolist()
    assert [N, 0, 0] == told["n"].tolist()
    told = estimate.t_test(DESIGN, ["nothing", "y"])
    assert ["nobody answered", ""] == told["note"].tolist()


def test_no_degrees_of_freedom_is_no_p() -> None:
    """A group inside one psu has a mean and no error; few degrees of freedom of one group are told."""
    one = Design(FRAME.assign(g=np.where(FRAME["psu"] == 3, "one", "rest")), weight="w", psu="psu")
    told = estimate.t_test(one, "y", by="g").iloc[0]
    assert "no degrees of freedom" in told["note"]
    assert told[["se", "lower", "upper", "statistic", "p"]].isna().all()
    assert np.isfinite(told["estimate"])
    few = Design(FRAME.assign(g=np.where(FRAME["psu"] < 4, "few", "rest")), weight="w", psu="psu")
    assert "one group alone has 3 degrees of freedom" in estimate.t_test(few, "y", by="g")["note"][0]
    alone = Design(FRAME.head(1), lonely_psu="certainty")
    assert estimate.t_test(alone, "y")["note"].tolist() == ["no degrees of freedom"]


def test_no_error_is_certain() -> None:
    """A census, or answers that do not vary, leave no doubt: p is 1 or as small as a number can be, never empty or 0."""
    same = Design(FRAME.assign(y=3.0))
    told = estimate.t_test(same, "y", against=3.0).iloc[0]
    assert [0.0, 1.0] == [told["statistic"], told["p"]]
    told = estimate.t_test(same, "y", against=1.0).iloc[0]
    assert "no sampling error" in told["note"]
    assert 0 < told["p"] < 1e-300


@pytest.mark.parametrize(
    ("ask", "match"),
    [
        ({"items": "y", "by": "h"}, r"`h` makes 3 groups: 'a', 'b', 'c'"),
        ({"items": "y", "by": "words"}, r"`words` makes one group, 'good'"),
        ({"items": "y", "by": "h", "groups": ["a", "a"]}, "a group twice"),
        ({"items": "y", "by": "h", "groups": ["a", "z"]}, "nobody has `h` = 'z'"),
        ({"items": "y", "by": "nowhere"}, "no column `nowhere`"),
        ({"items": "y", "by": ["g"]}, r"\['g'\] is no column of groups"),
        ({"items": "y", "by": "nothing"}, "`nothing` is missing on every row"),
        ({"items": "words", "by": "g"}, "column `words` is not numeric"),
        ({"items": "nowhere"}, "no column `nowhere`"),
        ({"items": "y - nowhere"}, "'y - nowhere' cannot be worked out"),
        ({"items": "y - words"}, "'y - words' cannot be worked out"),
        ({"items": "nothing"}, "nobody answered nothing"),
        ({"items": "mute", "by": "g"}, "nobody answered mute in both groups of `g`"),
        ({"items": "y", "by": "g", "paired": "z"}, "two groups or of pairs"),
        ({"items": "y", "groups": ["l", "m"]}, "groups are values of a column"),
        ({"items": "y", "against": np.nan}, "cannot be tested against nan"),
        ({"items": "y", "against": "3"}, "cannot be tested against '3'"),
        ({"items": "y", "df": 0}, "df=0 is no rule"),
        ({"items": "y", "df": -2.0}, "df=-2.0 is no rule"),
        ({"items": "y", "df": "welch"}, "df='welch' is no rule"),
        ({"items": "y", "level": 95}, "level of 95 is not between"),
        ({"items": []}, "no item was named"),
    ],
)
def test_what_is_no_test_is_refused(ask: dict[str, Any], match: str) -> None:
    """Groups, items and options that cannot be tested are told by name."""
    with pytest.raises(DesignError, match=match):
        estimate.t_test(DESIGN, **ask)


@pytest.mark.parametrize("verb", [estimate.t_test, estimate.rank_test])
def test_infinite_answers_are_refused(verb: Any) -> None:
    """An infinite answer has no mean, and is not dropped as if it were missing: item and row are told."""
    frame = FRAME.assign(endless=FRAME["y"].where(FRAME.index != 4, np.inf))
    with pytest.raises(DesignError, match="`endless` is infinite on row 5"):
        verb(Design(frame, weight="w", psu="psu"), "endless", by="g")

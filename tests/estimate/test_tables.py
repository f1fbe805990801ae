"""Tests of tables by other roads: scipy's on simple samples, a table a domain, t tests, replicates; bad tables are told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import estimate
from symmetry.design import Design, replicate, stack
from symmetry.errors import DesignError
from symmetry.estimate.comparing.crossing import crossed

STATISTICS = ("F", "chisq", "lincom", "wald", "adjusted_wald")
RNG = np.random.default_rng(12)
N = 240
FRAME = pd.DataFrame(
    {
        "psu": np.repeat(np.arange(24), 10),
        "h": np.repeat([1, 2, 3], 80),
        "a": RNG.choice(list("xyz"), N),
        "b": RNG.choice([True, False], N),
        "c": RNG.choice([1.0, 2.0, 5.0, np.nan], N),
        "g": RNG.choice(["left", "right"], N),
        "w": RNG.uniform(0.5, 3, N),
        "one": "k",
        "nothing": np.nan,
    }
)
DESIGN = Design(FRAME, weight="w", stratum="h", psu="psu")


def numbers(table: pd.DataFrame) -> np.ndarray:
    """The numbers of every test."""
    return table[["statistic", "df", "df2", "p", "pearson", "n"]].to_numpy(float)


def test_simple_random_samples_have_the_textbooks_statistic() -> None:
    """Without weights, strata or psus every design effect is n / (n - 1), and Pearson's is scipy's."""
    found = estimate.chisq(Design(FRAME), "a", "g", statistic="chisq").iloc[0]
    theirs = stats.chi2_contingency(pd.crosstab(FRAME["a"], FRAME["g"]), correction=False)
    np.testing.assert_allclose([theirs.statistic, N / (N - 1)], [found["pearson"], found["deff"]], rtol=1e-12)
    np.testing.assert_allclose(stats.chi2.sf(theirs.statistic * (N - 1) / N, 2), found["p"], rtol=1e-10)
    fit = estimate.goodness_of_fit(Design(FRAME), "a", {"x": 2, "y": 1, "z": 1}, statistic="chisq").iloc[0]
    counts = FRAME["a"].value_counts().loc[["x", "y", "z"]]
    assert pytest.approx(stats.chisquare(counts, N * np.array([0.5, 0.25, 0.25])).statistic) == fit["pearson"]


def test_two_shares_are_a_t_test() -> None:
    """Goodness of fit of two categories is the square of a share's distance over its error, by F and by Wald."""
    share = estimate.share(DESIGN, "g")
    t = (share.values[0] - 0.4) / share.se[0]
    for statistic in ("F", "wald", "lincom"):
        found = estimate.goodness_of_fit(DESIGN, "g", {"left": 40, "right": 60}, statistic=statistic).iloc[0]
        np.testing.assert_allclose([t**2, 2 * stats.t.sf(abs(t), 21)], [found["statistic"], found["p"]], rtol=1e-9)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_rows_and_columns_may_change_places(statistic: str) -> None:
    """A table and its transpose are one test, and so are other names of the categories."""
    found = numbers(estimate.chisq(DESIGN, "a", "c", statistic=statistic))
    np.testing.assert_allclose(found, numbers(estimate.chisq(DESIGN, "c", "a", statistic=statistic)), rtol=1e-9)
    renamed = FRAME.assign(a=FRAME["a"].map({"x": "q", "y": "b", "z": "a"}), c=-FRAME["c"])
    other = Design(renamed, weight="w", stratum="h", psu="psu")
    np.testing.assert_allclose(found, numbers(estimate.chisq(other, "a", "c", statistic=statistic)), rtol=1e-9)


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("roles", [{"psu": "psu", "stratum": "h"}, {"stratum": "h"}, {}])
def test_a_domain_is_who_answered_in_it(statistic: str, roles: dict[str, str]) -> None:
    """A test in each domain is that of a column missing everywhere else, on designs of psus and of rows."""
    design = Design(FRAME, weight="w", **roles)
    found = estimate.chisq(design, "a", "b", statistic=statistic, by=["g"])
    assert ["left", "right"] == found["g"].tolist()
    for row, side in enumerate(["left", "right"]):
        alone = Design(FRAME.assign(a=FRAME["a"].where(FRAME["g"] == side)), weight="w", **roles)
        one = estimate.chisq(alone, "a", "b", statistic=statistic)
        np.testing.assert_allclose(numbers(found)[row], numbers(one)[0], rtol=1e-9)


def test_replicates_give_shares_again_in_each() -> None:
    """With replicates F is that of shares worked out in every one, by the share verb on the crossed column."""
    design = replicate(DESIGN, "jackknife")
    crossed = design.data.assign(cell=FRAME["a"] + FRAME["g"])
    share = estimate.share(replicate(Design(crossed, weight="w", stratum="h", psu="psu"), "jackknife"), "cell")
    p = share.values
    contrasts = np.array([[1, -1, -1, 1, 0, 0], [1, -1, 0, 0, -1, 1]]).T / p[:, None]
    middle = np.linalg.inv(contrasts.T @ np.diag(p) @ contrasts)
    form = N * middle @ contrasts.T @ share.covariance() @ contrasts
    found = estimate.chisq(design, "a", "g").iloc[0]
    np.testing.assert_allclose([np.trace(form) / 2, 21], [found["deff"], found["df2"] / found["df"]], rtol=1e-9)
    np.testing.assert_allclose(found["df"], np.trace(form) ** 2 / np.trace(form @ form), rtol=1e-9)


def test_a_small_audience_decides_the_degrees_of_freedom_of_a_stack() -> None:
    """Three branches against twenty-one: fewer than the pooled psus minus strata, and the same for both audiences apart."""
    few = Design(FRAME[FRAME["psu"] < 3], weight="w", psu="psu")
    many = Design(FRAME[FRAME["psu"] >= 3], weight="w", psu="psu")
    for units, pooled in (("apart", 22), ("shared", 23)):
        both = stack({"few": few, "many": many}, units=units)
        found = estimate.chisq(both, "audience", "a").iloc[0]
        gap = estimate.contrast(estimate.share(both, "g", by=["audience"]).select([0, 1]), {"gap": {0: 1, 1: -1}})
        two = estimate.chisq(both, "audience", "g").iloc[0]
        assert 0 < found["df2"] / found["df"] < pooled
        assert 0 < two["df2"] < pooled
        assert pytest.approx(gap.df[0], rel=0.35) == two["df2"]


def test_what_is_left_out_is_told() -> None:
    """Categories that nobody of some weight holds, of a domain or of all; empty cells that leave interactions nothing."""
    frame = FRAME.assign(
        a=pd.Categorical(FRAME["a"], categories=list("wxyz")),
        w=FRAME["w"].where(FRAME["a"] != "z", 0.0),
        same=FRAME["a"],
    )
    found = estimate.chisq(Design(frame, weight="w", psu="psu"), "a", "g").iloc[0]
    assert ("nobody answers 'w', 'z' of `a`: left out", 1.0) == (found["note"], found["df"])
    perfect = estimate.chisq(Design(frame.assign(a=FRAME["a"]), psu="psu"), "a", "same").iloc[0]
    assert "empty cells: design effects at the shares expected" == perfect["note"]
    assert perfect["p"] < 1e-12
    table = estimate.chisq(DESIGN, "a", "one", by=["g"])
    assert ["one category: nothing to compare"] * 2 == table["note"].tolist()
    assert table["p"].isna().all()


def test_without_degrees_of_freedom_there_is_no_p() -> None:
    """One psu, too few psus for Wald's, or nobody left out of the sample: NaN and why."""
    alone = Design(FRAME[FRAME["psu"] == 1], psu="psu", lonely_psu="remove")
    three = Design(FRAME[FRAME["psu"] < 3], psu="psu")
    census = Design(FRAME.assign(all=24), psu="psu", fpc="all")
    cases = [
        *((alone, "a", statistic, "no degrees of freedom") for statistic in STATISTICS),
        *((three, "c", s, "2 degrees of freedom are too few for 4 differences") for s in ("wald", "adjusted_wald")),
        *((census, "a", statistic, "no sampling error to judge it by") for statistic in ("F", "chisq", "lincom")),
        (census, "a", "wald", "some differences follow from others, or have no error"),
    ]
    for design, rows, statistic, note in cases:
        columns = "g" if rows == "a" else "a"
        found = estimate.chisq(design, rows, columns, statistic=statistic).iloc[0]
        assert note == found["note"]
        assert np.isnan(found["p"])


@pytest.mark.parametrize(
    ("rows", "columns", "options", "message", "mend"),
    [
        ("a", "nobody", {}, "no column `nobody`", "one of its columns"),
        ("a", "a", {}, "`a` is named twice", "name another"),
        ("a", "b", {"by": ["a"]}, "`a` is named twice", "name another"),
        ("a", "one", {}, "`one` has one category, 'k'", "several categories"),
        ("one", "a", {}, "`one` has one category", "several categories"),
        ("a", "nothing", {}, "nobody answered `a` and `nothing`", "missing everywhere"),
        ("a", "b", {"statistic": "Chisq"}, "no statistic is called 'Chisq'", "'adjusted_wald'"),
        ("w", "psu", {}, "has 240 × 24 cells: more than 2,500", "cut a number into classes"),
        ("a", ["b"], {}, r"no column `\['b'\]`", "one of its columns"),
    ],
)
def test_tables_that_cannot_be_are_refused(
    rows: str, columns: str, options: dict[str, object], message: str, mend: str
) -> None:
    """Absent, doubled, empty and single-category columns: each with its remedy."""
    with pytest.raises(DesignError, match=message) as caught:
        estimate.chisq(DESIGN, rows, columns, **options)
    assert mend in caught.value.problems[0].mend


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"x": 1, "y": 1}, "`a` holds 'z', to which no share is given"),
        ({"x": 1, "y": 1, "z": 0}, "the share of 'z' is not above 0"),
        ({"x": 1, "y": np.nan, "z": 1}, "the share of 'y' is not above 0"),
        ({"x": "many", "y": 1}, "a share is no number"),
        ({"x": 1}, "at least two categories"),
        ([0.5, 0.5], "at least two categories"),
    ],
)
def test_shares_that_cannot_be_are_refused(shares: object, message: str) -> None:
    """Goodness of fit wants a positive share for every category that somebody holds."""
    with pytest.raises(DesignError, match=message):
        estimate.goodness_of_fit(DESIGN, "a", shares)


def test_a_share_that_nobody_holds_counts() -> None:
    """A category with a share and no answers adds its share to Pearson's statistic."""
    found = estimate.goodness_of_fit(DESIGN, "a", {"x": 0.3, "y": 0.3, "z": 0.3, "q": 0.1}).iloc[0]
    p = estimate.share(DESIGN, "a").values
    assert pytest.approx(N * (((p - 0.3) ** 2 / 0.3).sum() + 0.1)) == found["pearson"]
    assert found["p"] < 0.01


@pytest.mark.parametrize("rule", ["centre", "average"])
def test_lonely_psus_count_in_a_table_as_in_its_shares(rule: str) -> None:
    """A rule that asks which strata hold answers asks it of the whole table: as the shares of the crossing have it."""
    frame = FRAME[(FRAME["h"] != 1) | (FRAME["psu"] == 0)].reset_index(drop=True)
    frame.loc[(frame["h"] == 1) & (frame["a"] == "x"), "a"] = "y"  # a category that the lonely stratum lacks
    for psu in ("psu", None):
        alone = frame if psu else frame[(frame["h"] != 1) | (frame.index == 0)].reset_index(drop=True)
        alone = alone.assign(cell=alone["a"] + "/" + alone["g"])
        design = Design(alone, weight="w", stratum="h", psu=psu, lonely_psu=rule)
        (table,) = crossed(design, ("a", "g"))
        shares = estimate.share(design, "cell")
        np.testing.assert_allclose(table.shares, shares.values, rtol=1e-12)
        np.testing.assert_allclose(table.spread, shares.covariance(), rtol=1e-9, atol=1e-18)


def test_a_table_of_the_psus_themselves_has_no_error() -> None:
    """Where rows of the table are psus nothing in them is sampled, and rounding is no error to divide by."""
    found = estimate.chisq(DESIGN, "psu", "g").iloc[0]
    assert "no sampling error to judge it by" in found["note"]
    assert np.isnan(found["p"])

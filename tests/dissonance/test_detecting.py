"""Verdicts on gaps of known size and error: published examples, words by mirror type, notes, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

from symmetry import dissonance
from symmetry.design import Design, stack
from symmetry.dissonance import Gap, Pair
from symmetry.errors import DesignError
from tests.golden.reading import golden
from tests.strategies import made_up

BH_1995 = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]
"""The fifteen p-values of Benjamini and Hochberg (1995), section 4.1."""


def with_p(p: list[float]) -> Gap:
    """Gaps whose p of zero are these, beyond a margin so small that every one counts."""
    sizes = [float(stats.t.isf(value / 2, 50)) for value in p]
    return made_up([size + (1e-12 if size == 0 else 0) for size in sizes], [1.0] * len(p), smallest=1e-15)


@pytest.mark.parametrize(("adjust", "rejected"), [("bh", 4), ("holm", 3)])
def test_the_example_of_benjamini_and_hochberg(adjust: str, rejected: int) -> None:
    """Their fifteen p-values give four rejections by the false discovery rate and three by Bonferroni's family."""
    found = dissonance.detect(with_p(BH_1995), adjust=adjust)
    np.testing.assert_allclose(found["p"], BH_1995, rtol=1e-8, atol=1e-10)
    assert rejected == (found["verdict"] == "dissonant").sum()


@pytest.mark.parametrize(("adjust", "name"), [("bh", "fdr_bh"), ("by", "fdr_by"), ("holm", "holm")])
def test_adjustments_are_those_of_statsmodels(adjust: str, name: str) -> None:
    """A second road beside R's p.adjust."""
    found = dissonance.detect(with_p(BH_1995), adjust=adjust)
    np.testing.assert_allclose(found["p_adjusted"], multipletests(BH_1995, method=name)[1], rtol=1e-7, atol=1e-9)


def test_equivalence_is_schuirmanns() -> None:
    """The p of "beyond the margin" is statsmodels' two one-sided tests of a paired difference."""
    rng = np.random.default_rng(4)
    a, b = rng.normal(3.5, 1, 80), rng.normal(3.45, 1, 80)
    sides = {
        name: Design(pd.DataFrame({"unit": range(80), "x": x}), psu="unit")
        for name, x in (("customers", a), ("employees", b))
    }
    pair = Pair("x", ("customers", "x"), ("employees", "x"), "customer - employee", "literal", "mean", 0.4)
    found = dissonance.detect(dissonance.gap(stack(sides), [pair]))
    p, _, _ = DescrStatsW(a - b).ttost_mean(-0.4, 0.4)
    np.testing.assert_allclose(found["p_aligned"], p, rtol=1e-9)
    np.testing.assert_allclose(found["p"], stats.ttest_rel(a, b).pvalue, rtol=1e-9)


@pytest.mark.parametrize(
    ("gap", "se", "verdict", "grade"),
    [
        (0.50, 0.05, "dissonant", "material"),
        (0.32, 0.05, "dissonant", ""),
        (0.28, 0.01, "aligned", ""),
        (0.28, 0.05, "undetermined", ""),
        (0.00, 0.05, "aligned", ""),
        (0.60, 0.40, "undetermined", ""),
        (-0.50, 0.05, "dissonant", "material"),
        (0.50, 0.00, "dissonant", "material"),
        (0.10, 0.00, "aligned", ""),
        (0.30, 0.00, "dissonant", ""),
    ],
)
def test_each_size_and_error_has_its_verdict(gap: float, se: float, verdict: str, grade: str) -> None:
    """Against a margin of 0.3: not zero and at least the margin; surely within it; or not known yet. A census is sure."""
    row = dissonance.detect(made_up([gap], [se])).iloc[0]
    assert (verdict, grade) == (row["verdict"], row["grade"])
    assert row["comparability"] == "untestable"


def test_material_is_adjusted_in_the_family() -> None:
    """A gap surely beyond the margin alone (p = .016) is not so among three (.049): the grade reckons with the choice."""
    alone, among = (dissonance.detect(made_up(gaps, [0.05] * len(gaps))) for gaps in ([0.41], [0.41, 0.2, 0.2]))
    assert ("dissonant", "material") == tuple(alone.loc[0, ["verdict", "grade"]])
    assert ("dissonant", "") == tuple(among.loc[0, ["verdict", "grade"]])


def test_a_domain_of_one_psu_has_no_verdict() -> None:
    """Its error looks like 0 and is unknown: no p, no verdict, however many answers it has."""
    row = dissonance.detect(made_up([0.5], [0.0], df=0)).iloc[0]
    assert ("", True, True) == (row["verdict"], np.isnan(row["p"]), np.isnan(row["p_aligned"]))
    assert "no degrees of freedom" in row["note"]


def test_a_projection_is_a_matter_of_judgement() -> None:
    """What employees guess is misjudged or accurate, never a dissonance of experience."""
    found = dissonance.detect(made_up([0.5, 0.0, 0.4], [0.05, 0.05, 0.5], mirror="projection"))
    assert ["misjudged", "accurate", "undetermined"] == found["verdict"].tolist()


def test_a_loose_mirror_has_no_verdict() -> None:
    """Unlike questions are shown side by side, and the note says why there is no word."""
    row = dissonance.detect(made_up([0.5], [0.01], mirror="loose")).iloc[0]
    assert ("", "", "not comparable") == (row["verdict"], row["grade"], row["comparability"])
    assert np.isnan(row["p_adjusted"])
    assert "without a gap" in row["note"]


def test_a_parallel_mirror_is_judged_by_its_relative_gap() -> None:
    """Its absolute gap has no verdict and a note; alone in its family it has none at all."""
    rng = np.random.default_rng(6)
    sides = {}
    for name, shift in (("customers", [0, 0, 0]), ("employees", [-1, -1, 0.5])):
        frame = pd.DataFrame(rng.normal(3, 0.5, (200, 3)) + shift, columns=["a", "b", "c"])
        sides[name] = Design(frame)
    pairs = [
        Pair(item, ("customers", item), ("employees", item), "customer - management", "parallel", "mean", 0.3)
        for item in "abc"
    ]
    found = dissonance.detect(dissonance.gap(stack(sides), pairs)).set_index(["item", "reading"])
    assert ["", "", ""] == found.xs("absolute", level="reading")["verdict"].tolist()
    assert found.loc[("c", "absolute"), "note"].startswith("parallel mirror: each speaks of its own relation")
    assert found.loc[("c", "relative"), "verdict"] == "dissonant"
    assert ("over", "under") == (found.loc[("c", "relative"), "quadrant"], found.loc[("a", "relative"), "quadrant"])
    alone = dissonance.detect(dissonance.gap(stack(sides), pairs[:1])).iloc[0]
    assert ("", "parallel mirror without a family to compare with: no verdict") == (alone["verdict"], alone["note"])


def test_few_effective_answers_leave_a_gap_undetermined() -> None:
    """Below 30 effective answers on one side the word is undetermined, with a note, whatever the p."""
    gap = made_up([0.5], [0.01])
    few = replace(gap, levels=replace(gap.levels, n=np.array([200, 29])))
    row = dissonance.detect(few).iloc[0]
    assert ("undetermined", "fewer than 30 effective answers on one side") == (row["verdict"], row["note"])
    assert dissonance.detect(few, n_eff=29).iloc[0]["verdict"] == "dissonant"


def test_margins_can_be_given_by_item() -> None:
    """Another smallest gap for one item replaces its pair's own, one for item and statistic goes before it, and one number is
    for all."""
    gap = made_up([0.5, 0.5], [0.05, 0.05])
    found = dissonance.detect(gap, smallest={"item1": 0.9})
    assert [0.3, 0.9] == found["smallest"].tolist()
    assert ["dissonant", "aligned"] == found["verdict"].tolist()
    twice = dissonance.detect(gap, smallest={"item1": 0.9, ("item1", "mean"): 0.4, ("item0", "mean"): 0.8})
    assert [0.8, 0.4] == twice["smallest"].tolist()
    assert ["aligned", "dissonant"] == twice["verdict"].tolist()
    assert [0.7, 0.7] == dissonance.detect(gap, smallest=0.7)["smallest"].tolist()


def test_what_would_settle_an_undetermined_gap() -> None:
    """On the smaller side, were all sides to grow alike, rounded up to two digits; a settled one needs none, and one at its very
    smallest gap says why no number is given."""
    found = dissonance.detect(made_up([0.6, 0.0, 0.30001, 0.6], [0.4, 0.2, 0.4, 0.01]))
    assert ["undetermined", "undetermined", "undetermined", "dissonant"] == found["verdict"].tolist()
    needs = found["n_to_settle"]
    assert (needs[:2] > 200).all()
    assert [0.0, 0.0] == (needs[:2] % 10).tolist()
    assert needs[2:].isna().all()
    assert found["note"].str.contains("so close to its smallest gap of interest").tolist() == [
        False,
        False,
        True,
        False,
    ]


def test_few_effective_answers_tell_how_many_would_do() -> None:
    """A clear gap that fails only for want of 30 effective answers on a side needs as many times more as it lacks."""
    gap = made_up([0.6], [0.01])
    few = replace(gap, levels=replace(gap.levels, n=np.array([200, 12])))
    assert [30.0] == dissonance.detect(few)["n_to_settle"].tolist()


def test_needs_are_whole_answers() -> None:
    """From 10 on two digits, below them the next whole answer: nobody asks 7.1 people."""
    gap = made_up([0.5], [0.4])
    small = replace(gap, levels=replace(gap.levels, n=np.array([200, 2])))
    needs = [
        float(dissonance.detect(small, n_eff=least)["n_to_settle"].iloc[0]) for least in (2.5, 3.2, 7.1, 9.99, 10.1)
    ]
    assert all(need == int(need) for need in needs)
    few = made_up([0.6], [0.01])
    few = replace(few, levels=replace(few.levels, n=np.array([200, 2])))
    needs = [float(dissonance.detect(few, n_eff=least)["n_to_settle"].iloc[0]) for least in (2.5, 7.1, 9.99, 10.1, 101)]
    assert [3.0, 8.0, 10.0, 11.0, 110.0] == needs


@pytest.mark.parametrize(("units", "least"), [(True, 10), (False, 30)])
def test_inside_units_ten_effective_answers_do(units: bool, least: int) -> None:
    """Unless told otherwise a verdict takes 30 effective answers a side, and 10 where persons are psus inside a unit."""
    rng = np.random.default_rng(3)
    unit = np.repeat(np.arange(6), 12)
    frames = {
        side: pd.DataFrame({"unit": unit, "person": range(72), "x": rng.normal(shift, 0.3, 72)})
        for side, shift in (("customers", 5.0), ("employees", 3.0))
    }
    both = stack(
        {side: Design(frame, psu="unit" if units else "person") for side, frame in frames.items()}, units="apart"
    )
    pair = Pair("x", ("customers", "x"), ("employees", "x"), "f", "literal", "mean", 0.3)
    gap = dissonance.gap(both, [pair], by=["unit"])
    found, told = dissonance.detect(gap), dissonance.detect(gap, n_eff=least)
    pd.testing.assert_frame_equal(found, told)
    assert {"dissonant" if units else "undetermined"} == set(found["verdict"])


@pytest.mark.parametrize("given", [pd.DataFrame({"estimate": [1.0]}), None, 1])
def test_what_is_no_gap_is_refused(given: Any) -> None:
    """A table, nothing or a number in the place of gaps."""
    with pytest.raises(DesignError, match="detect wants gaps") as caught:
        dissonance.detect(given)
    assert "dissonance.gap" in str(caught.value)


def one_sided() -> Gap:
    """Three parallel and a loose pair in two regions; the employees of the south were not asked `b`."""
    rng = np.random.default_rng(6)
    sides = {}
    for name in ("customers", "employees"):
        frame = pd.DataFrame(rng.integers(1, 6, (120, 4)).astype(float), columns=list("abcd"))
        frame["region"] = np.repeat(["n", "s"], 60)
        if name == "employees":
            frame.loc[frame["region"] == "s", "b"] = np.nan
        sides[name] = Design(frame)
    mirrors = dict(zip("abcd", ["parallel", "parallel", "parallel", "loose"], strict=True))
    pairs = [Pair(x, ("customers", x), ("employees", x), "c - m", kind, "mean", 0.3) for x, kind in mirrors.items()]
    return dissonance.gap(stack(sides), pairs, by=["region"])


@pytest.mark.parametrize("adjust", ["bh", "by", "holm", "two_stage"])
def test_rows_without_a_gap_are_carried_through(adjust: str) -> None:
    """Sides that are alone and loose mirrors keep their row and note, have no p, no verdict and no quadrant, and count in no
    family; every missing number has a note."""
    gap = one_sided()
    found = dissonance.detect(gap, adjust=adjust)
    assert len(gap.table()) == len(found)
    without = found[found["estimate"].isna()]
    assert {("b", "s"), ("d", "n"), ("d", "s")} == set(zip(without["item"], without["region"], strict=True))
    assert {""} == set(without["verdict"]) | set(without["quadrant"]) | set(without["grade"])
    assert without[["p", "p_adjusted", "p_aligned_adjusted", "n_to_settle", "quadrant_chance"]].isna().all(axis=None)
    assert (without["note"] != "").all()
    assert ["not comparable"] == without.query("item == 'd'")["comparability"].unique().tolist()


def test_a_parallel_pair_without_company_in_its_domain_says_so() -> None:
    """In the south two pairs are left, of which each would be half their difference: no verdict there, and the note says why."""
    found = dissonance.detect(one_sided()).query("item == 'a' and reading == 'absolute'").set_index("region")["note"]
    assert "the verdict is on the relative gap" in found["n"]
    assert "without a family to compare with" in found["s"]


def test_no_number_is_missing_without_a_reason() -> None:
    """Answers all equal on both sides: error 0, p of 0 or 1, a verdict, never NaN."""
    flat = Design(pd.DataFrame({"x": np.full(40, 3.0), "y": np.full(40, 4.0), "unit": np.arange(40)}), psu="unit")
    both = stack({"customers": flat, "employees": flat})
    pairs = [Pair(x, ("customers", x), ("employees", y), "f", "literal", "mean", 0.3) for x, y in ("xx", "yx")]
    found = dissonance.detect(dissonance.gap(both, pairs))
    assert ["aligned", "dissonant"] == found["verdict"].tolist()
    assert [1.0, 0.0] == found["p"].tolist()
    assert [0.0, 1.0] == found["p_aligned"].tolist()
    assert [1.0, 0.0] == found["p_material"].tolist()
    assert "material" == found["grade"].iloc[1]


def test_two_stages_look_at_items_first() -> None:
    """An item with gaps in all its units lets one family of all tests find a doubtful unit of another item; in two stages that
    item must first be found itself.  With one item, or one unit, two stages are Benjamini and Hochberg's."""
    gap = made_up([2.0] * 9 + [0.48] + [0.02] * 8, [0.2] * 18, smallest=0.01)
    item = np.repeat(["trust", "kind"], 9)
    labels = gap.estimate.labels.assign(item=item, unit=np.tile(np.arange(9), 2))
    units = replace(gap, estimate=replace(gap.estimate, labels=labels), by=("unit",))
    one, two = (dissonance.detect(units, adjust=adjust) for adjust in ("bh", "two_stage"))
    assert 10 == (one["verdict"] == "dissonant").sum()
    assert {"trust"} == set(two.loc[two["verdict"] == "dissonant", "item"])
    for alone, options in ((gap, {}), (units, {"within": "family"})):
        found = dissonance.detect(alone, adjust="two_stage", **options)["p_adjusted"]
        np.testing.assert_allclose(found, one["p_adjusted"], rtol=1e-12)


@pytest.mark.parametrize("example", ["eskine", "eskine_wide", "unequal"])
def test_published_equivalence_tests(example: str) -> None:
    """Two samples with the published means and deviations: t, df and p as R's formulas have them; TOSTER's help page prints
    t = -2.69 and p = .004 for a replication of Eskine (2013), unequal variances, margin 0.43 standard deviations."""
    expected = golden("verdicts", example).droplevel(["item", "domain"])
    sides = {}
    for name, side in (("customers", "a"), ("employees", "b")):
        n = int(expected[f"n.{side}"])
        shape = stats.norm.ppf((np.arange(n) + 0.5) / n)
        shape = (shape - shape.mean()) / shape.std(ddof=1)
        sides[name] = Design(pd.DataFrame({"x": expected[f"mean.{side}"] + expected[f"sd.{side}"] * shape}))
    m = float(expected["margin"])
    pair = Pair("x", ("customers", "x"), ("employees", "x"), "customer - employee", "literal", "mean", m)
    row = dissonance.detect(dissonance.gap(stack(sides), [pair])).iloc[0]
    for ours, theirs in (("df", "df"), ("p", "p"), ("p_aligned", "p.tost"), ("p_material", "p.material")):
        np.testing.assert_allclose(row[ours], expected[theirs], rtol=1e-9)
    lower = dissonance.gap(stack(sides), [pair]).table(level=0.9).iloc[0]
    np.testing.assert_allclose([lower["lower"], lower["upper"]], expected[["lower.90", "upper.90"]], rtol=1e-9)
    if example == "eskine":
        t = (row["estimate"] - m) / row["se"]
        assert ("-2.69", "0.004") == (f"{t:.2f}", f"{row['p_aligned']:.3f}")
        assert "aligned" == row["verdict"]


@pytest.mark.parametrize(
    ("options", "message", "mend"),
    [
        ({"smallest": {"item0": 0.0}}, "the smallest gap of interest of 'item0' is not positive", "before the field"),
        ({"smallest": {"item0": float("nan")}}, "'item0' is not positive", "before the field"),
        ({"smallest": -0.1}, "is not positive", "before the field"),
        ({"smallest": {"trust": 0.2}}, "given for 'trust', which no gap is called", "name an item"),
        ({"smallest": {("item0", "nps"): 0.2}}, "which no gap is called", "name an item, or (item, statistic)"),
        ({"smallest": "0.3"}, "is not positive", "above 0"),
        ({"n_eff": "x"}, "n_eff='x' is no number of answers", "None for 30"),
        ({"n_eff": float("nan")}, "n_eff=nan is no number of answers", "0 or more"),
        ({"n_eff": -1}, "n_eff=-1 is no number of answers", "0 or more"),
        ({"level": "x"}, "level='x' is no level", "between 0 and 1"),
        ({"within": "unit"}, "no column `unit`", "one of the gap's domains"),
        ({"adjust": "bonferroni"}, "no adjustment is called 'bonferroni'", "bh, by, holm or two_stage"),
    ],
)
def test_rules_that_are_not_are_refused(options: dict[str, object], message: str, mend: str) -> None:
    """A margin that is not positive, or an unknown adjustment, is told with its remedy."""
    with pytest.raises(DesignError) as caught:
        dissonance.detect(made_up([0.5], [0.1]), **options)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend

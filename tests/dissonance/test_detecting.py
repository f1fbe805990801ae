"""Verdicts on gaps of known size and error: published examples, words by mirror type, notes, and what is refused."""

from __future__ import annotations

from dataclasses import replace

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
    assert "no verdict" in row["note"]


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


def test_what_would_settle_a_gap() -> None:
    """Four times the answers halve the error; to be settled eight times in ten a gap of 0.4 ± 0.4 needs 7.8 times its 200."""
    row = dissonance.detect(made_up([0.4, 0.1], [0.4, 0.2]))
    # 200 · (1.9600 + 0.8416)² = 1570 → 1600; 200 · (0.2 · (1.6449 + 0.8416) / 0.2)² = 1237 → 1300
    assert [1600.0, 1300.0] == row["n_to_settle"].tolist()


def test_margins_can_be_given_by_item() -> None:
    """Another smallest gap for one item replaces its pair's own."""
    found = dissonance.detect(made_up([0.5, 0.5], [0.05, 0.05]), smallest={"item1": 0.9})
    assert [0.3, 0.9] == found["smallest"].tolist()
    assert ["dissonant", "aligned"] == found["verdict"].tolist()


def test_quadrants_say_who_sees_it_better() -> None:
    """Settled gaps: under where customers are above employees, over where below; aligned ones by their own mean item."""
    gap = made_up([0.6, -0.6, 0.0, 0.0], [0.05] * 4)
    values = np.array([3.6, 3.0, 4.0, 2.0, 3.0, 3.6, 4.0, 2.0])
    found = dissonance.detect(replace(gap, levels=replace(gap.levels, values=values)))
    assert ["under", "over", "strength", "weakness"] == found["quadrant"].tolist()


@pytest.mark.parametrize(
    ("options", "message", "mend"),
    [
        ({"smallest": {"item0": 0.0}}, "the smallest gap of interest of 'item0' is not positive", "before the field"),
        ({"smallest": {"item0": float("nan")}}, "'item0' is not positive", "before the field"),
        ({"adjust": "bonferroni"}, "no adjustment is called 'bonferroni'", "bh, by or holm"),
    ],
)
def test_rules_that_are_not_are_refused(options: dict[str, object], message: str, mend: str) -> None:
    """A margin that is not positive, or an unknown adjustment, is told with its remedy."""
    with pytest.raises(DesignError) as caught:
        dissonance.detect(made_up([0.5], [0.1]), **options)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend

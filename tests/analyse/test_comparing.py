"""Tables that come of comparing: units, effects, ranks, agreement and trends, held against the levels and gaps beside them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from symmetry import dissonance, estimate, weights
from symmetry.analyse import Plan, Results, collect, framing, load_plan, run
from symmetry.design import Design, stack
from symmetry.responses import Responses
from symmetry.responses import score as score_of
from symmetry.spec import Margin
from tests.analyse.conftest import REPO

PAIR = ["statistic", "item", "by", "domain", "a", "b", "reading"]


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The demonstration."""
    return load_plan(REPO / "analyses/everyday_bank")


@pytest.fixture(scope="module")
def answers(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Responses:
    """Its answers."""
    return collect(plan, tmp_path_factory.mktemp("answers") / "responses")


def alike(plan: Plan) -> Plan:
    """The demonstration if its hot wave were a cold one, without breakdowns."""
    waves = {**plan.study.waves, "hot": replace(plan.study.waves["hot"], kind="cold")}
    return replace(plan, study=replace(plan.study, waves=waves), segments=(), unit=None)


def test_units_lean_on_the_gaps_beside_them(bank: Results) -> None:
    """Each unit's direct value is its gap; the shrunken one lies between it and the others; hidden gaps have hidden units."""
    gaps, units = (bank.tables[name].set_index(PAIR) for name in ("gaps", "units"))
    told = gaps["suppressed"].astype(bool) | gaps["estimate"].notna()
    assert set(units.index) == set(gaps.index[told & (gaps.index.get_level_values("by") == "branch")])
    both = units.join(gaps[["estimate", "suppressed"]].add_suffix("_gap"))
    shown = both[~both["suppressed"]]
    assert len(shown) > 1000
    np.testing.assert_allclose(shown["direct"], shown["estimate_gap"], rtol=1e-12)
    assert both.loc[both["suppressed_gap"].astype(bool), ["estimate", "direct", "target", "own"]].isna().all(axis=None)
    moved = shown["own"].between(1e-9, 1 - 1e-9)
    assert (np.sign(shown["direct"] - shown["estimate"]) == np.sign(shown["estimate"] - shown["target"]))[
        moved
    ].mean() > 0.9
    assert (shown["chance_dissonant"] + shown["chance_aligned"] <= 1 + 1e-9).all()


def test_hidden_units_take_no_part_in_what_the_others_lean_on(bank: Results) -> None:
    """The target of the funnel is the mean of the shown units by 1/s² alone: nothing is left to solve for."""
    units = bank.tables["units"]
    keys = ["statistic", "item", "a", "b", "reading"]
    hiding = units.groupby(keys)["suppressed"].transform("sum").astype(int)
    rows = units[~units["suppressed"].astype(bool) & (hiding > 0)]
    assert len(rows) > 100
    weighted = rows.assign(w=rows["direct_se"] ** -2.0).assign(wy=lambda table: table["w"] * table["direct"])
    sums = weighted.groupby(keys)[["w", "wy", "target"]].agg({"w": "sum", "wy": "sum", "target": "first"})
    np.testing.assert_allclose(sums["target"], sums["wy"] / sums["w"], rtol=1e-9)


def test_effects_and_ranks_belong_to_lawful_pairs(bank: Results) -> None:
    """One row of each for each lawful pair overall; superiority is half of Cliff's delta and a half."""
    effects, ranks, gaps = (bank.tables[name].query("by == ''") for name in ("effects", "ranks", "gaps"))
    lawful = gaps[(gaps["reading"] == "absolute") & (gaps["mirror"] != "loose")]
    wide = effects[effects["mirror"] != "loose"].pivot_table("estimate", ["item", "a", "b"], "statistic")
    assert len(lawful) == len(wide)
    np.testing.assert_allclose(wide["superiority"], (wide["cliff_delta"] + 1) / 2, rtol=1e-12)
    signs = wide.join(lawful.set_index(["item", "a", "b"])["estimate"])
    assert (np.sign(signs["hedges_g"]) == np.sign(signs["estimate"])).all()
    assert (ranks["estimate"] == ranks["rank_a"] - ranks["rank_b"])[ranks["estimate"].notna()].all()
    assert (ranks["lower"] <= ranks["estimate"])[ranks["estimate"].notna()].all()


def test_agreement_and_partition_say_where_answers_differ(bank: Results) -> None:
    """A row an item and face of each wave; shares of an item's variance sum to 1; ICC(2) is Spearman and Brown's of ICC(1)."""
    agreement, partition = bank.tables["agreement"], bank.tables["partition"]
    shown = agreement[~agreement["suppressed"].astype(bool)]
    assert len(shown) > 50
    stepped = shown["k"] * shown["icc1"] / (1 + (shown["k"] - 1) * shown["icc1"])
    np.testing.assert_allclose(shown["icc2"], stepped, atol=2e-3)  # both are told to four digits
    parts = partition[~partition["suppressed"].astype(bool)]
    assert ["region", "branch", "person"] == list(dict.fromkeys(parts["level"]))
    sums = parts.groupby(["wave", "audience", "item", "face"])["share"].sum()
    assert len(sums) > 50
    np.testing.assert_allclose(sums, 1.0, atol=2e-4)  # told to four digits


def test_hot_waves_are_no_trend_of_cold_ones(bank: Results) -> None:
    """Hot waves sample interactions, cold ones persons: no difference is told."""
    assert bank.tables["trends"].empty


def test_trends_are_gaps_between_waves_that_share_branches(plan: Plan, answers: Responses) -> None:
    """Values are differences of the levels beside them; errors those of one stack in which a branch is one psu."""
    cold = alike(plan)
    found = run(cold, answers).tables
    trends = found["trends"].query("reading == 'absolute'").set_index(["statistic", "item"])
    levels = found["levels"].query("face == 'customer'").set_index(["wave", "statistic", "item"])["estimate"]
    assert len(trends) > 3
    for (statistic, item), row in trends.iterrows():
        expected = levels["cold-2027", statistic, item] - levels["hot", statistic, item]
        np.testing.assert_allclose(row["estimate"], expected, rtol=1e-10)
        assert ("customer", "hot", "cold-2027") == (row["face"], row["earlier"], row["wave"])
    recipe = framing.recipe(cold, "customers")
    waves = ("cold-2027", "hot")
    frames = {wave: weights.apply(recipe, score_of(answers, wave, "customers", plan.study)) for wave in waves}
    designs = {wave: Design(frame, **framing.roles(cold, "customers", frame)) for wave, frame in frames.items()}
    sides = estimate.mean(stack(designs, units="shared"), "listened", by=["audience"])
    by_hand = estimate.contrast(sides, {"gap": {0: 1, 1: -1}})
    np.testing.assert_allclose(trends.loc[("mean", "listened"), "se"], by_hand.se[0], rtol=1e-10)


def test_surveyed_units_are_strata_of_persons(plan: Plan, answers: Responses) -> None:
    """With every branch in the survey, gaps speak of these branches: their errors are those of persons in 2 × branches strata."""
    bare = replace(plan, segments=(), unit=None, waves=plan.waves[:1])
    drawn, every = (run(replace(bare, units=units), answers) for units in ("shared", "surveyed"))
    assert "every unit was surveyed" in every.facts["df_rule"]
    keys = ["item", "a", "b", "reading"]
    one, other = (found.tables["gaps"].set_index(keys)[["estimate", "se", "df"]].dropna() for found in (drawn, every))
    np.testing.assert_allclose(one["estimate"], other["estimate"], rtol=1e-10)
    assert (other["df"] > 5 * one["df"]).all()
    assert other["se"].median() < one["se"].median()


def test_two_stages_are_a_choice_of_the_plan(plan: Plan, answers: Responses) -> None:
    """Items first, then units: where no item stands out, no unit of it is called dissonant."""
    staged = replace(plan, segments=(), adjust="two_stage", waves=plan.waves[:1])
    gaps = run(staged, answers).tables["gaps"].query("by == 'branch' and reading == 'absolute' and mirror == 'literal'")
    assert "two_stage" == staged.adjust
    found = gaps[gaps["verdict"] == "dissonant"]
    assert {"kept_word"} <= set(found["item"]) <= set(gaps["item"])


def test_a_plan_may_judge_scores_and_top_boxes(plan: Plan, answers: Responses) -> None:
    """A margin of 8 of 100 is one of 0.32 points of five: the same verdicts on gaps 25 times as large; a top box is a share."""
    bare = replace(plan, segments=(), unit=None, waves=plan.waves[:1])
    tables = {}
    for unit, value in (("points", 0.32), ("score", 8.0), ("top", 5.0)):
        margins = (Margin(value, unit), Margin(10, "nps"))
        found = run(
            replace(bare, comparisons=tuple(replace(one, smallest=margins) for one in plan.comparisons)), answers
        )
        tables[unit] = found.tables["gaps"].set_index(["item", "a", "b", "reading"])
        assert set(tables[unit]["statistic"]) - {"nps"} == {
            {"points": "mean", "score": "score", "top": "top_box"}[unit]
        }
        levels = found.tables["levels"].set_index(["item", "face", "statistic"])["estimate"]
    points, score, top = (tables[unit].query("statistic != 'nps'") for unit in ("points", "score", "top"))
    np.testing.assert_allclose(score["estimate"], 25 * points["estimate"], rtol=1e-10)
    np.testing.assert_allclose(score["se"], 25 * points["se"], rtol=1e-10)
    assert points["verdict"].equals(score["verdict"])
    expected = levels["kept_word", "customer", "top_box"] - levels["kept_word", "employee", "top_box"]
    np.testing.assert_allclose(
        top.loc[("kept_word", "customer", "employee", "absolute"), "estimate"], expected, rtol=1e-10
    )


def test_gaps_by_unit_say_that_persons_are_psus(bank: Results) -> None:
    """Branches are psus of the plan; inside one, persons are, and the row says so."""
    rows = bank.tables["gaps"].query("by == 'branch' and estimate.notna()", engine="python")
    assert rows["note"].str.contains("persons are psus inside a unit").all()
    assert (rows["se"] > 0).all()


def test_the_flow_leaves_frames_as_they_were(plan: Plan, answers: Responses) -> None:
    """Running twice on the same answers gives the same tables."""
    bare = replace(plan, segments=(), unit=None, waves=plan.waves[:1])
    one, other = run(bare, answers).tables, run(bare, answers).tables
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, other[name])


def test_pairs_know_the_ends_of_their_scales(plan: Plan) -> None:
    """What the wing needs for scores and top boxes travels with each pair; gaps of them are made from the same pairs."""
    pairs = {(pair.item, pair.family): pair for pair in framing.pairs(plan)}
    clean = pairs["kept_word", "customer - employee"]
    likely = pairs["recommend", "customer - guess"]
    assert ((1, 5), (0, 10)) == ((clean.low, clean.high), (likely.low, likely.high))
    assert isinstance(clean, dissonance.Pair)

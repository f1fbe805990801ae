"""Driver tables of a run: planted priorities are found, and each table against the verb or the frame it comes from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from symmetry import drivers, responses, weights
from symmetry.analyse import Plan, Results, collect, driving, framing, load_plan
from symmetry.design import Design
from symmetry.responses import Responses
from symmetry.spec import Scale
from tests.analyse.conftest import REPO

PLANTED = {"customers": ["kept_word", "solved", "listened"], "employees": ["recognised", "respected", "trusted"]}


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The demonstration."""
    return load_plan(REPO / "analyses/everyday_bank")


@pytest.fixture(scope="module")
def answers(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Responses:
    """Its answers."""
    return collect(plan, tmp_path_factory.mktemp("answers") / "responses")


def designs_of(plan: Plan, answers: Responses) -> dict[str, Design]:
    """Weighted designs of the main wave."""
    scored = {a: responses.score(answers, plan.waves[0], a, plan.study) for a in ("customers", "employees")}
    standing = {a: weights.apply(framing.recipe(plan, a), frame) for a, frame in scored.items()}
    return {a: Design(frame, **framing.roles(plan, a, frame)) for a, frame in standing.items()}


def test_planted_drivers_lead_and_are_told_from_noise(bank: Results) -> None:
    """The driver that weighs most in the truth of each audience has rank 1, is present and can only be among the first."""
    table = bank.tables["drivers"].query("statistic == 'lmg'").set_index(["audience", "item"])
    for audience, (first, *others) in PLANTED.items():
        own = table.loc[audience]
        assert (1.0, 1.0, "present") == tuple(own.loc[first, ["rank", "tier", "present"]])
        assert own.loc[others, "rank_lower"].max() <= 4
        assert (own["rank_lower"] <= own["rank"]).all()
        assert (own["rank"] <= own["rank_upper"]).all()
        np.testing.assert_allclose(own["top3"].sum(), 3.0, atol=1e-9)


def test_planted_priorities_are_found_apart(bank: Results) -> None:
    """A kept word counts more for customers, recognition for employees; the distance of all shares is far above chance."""
    table = bank.tables["priorities"].set_index(["statistic", "item"])
    gaps = table.loc["share_gap"]
    assert gaps.loc["kept_word", "estimate"] > 0 > gaps.loc["recognised", "estimate"]
    assert (gaps.loc[["kept_word", "recognised"], "p"] < 0.01).all()
    total = table.loc[("total_variation", "recommend")]
    assert total["p"] < 0.01
    assert total["estimate"] > 2 * total["null"]
    np.testing.assert_allclose(total["estimate"], gaps["estimate"].abs().sum() / 2, rtol=1e-12)
    np.testing.assert_allclose(gaps[["importance_a", "importance_b"]].sum(), 1.0, rtol=1e-9)


def test_what_if_and_penalties_are_those_of_the_verbs(bank: Results, plan: Plan, answers: Responses) -> None:
    """A tenth of customers one box up, on the study's scale; low is 1 and 2 of five points, high is 5."""
    design, names = designs_of(plan, answers)["customers"], framing.driver_columns(plan, "customers")
    scales = dict.fromkeys(names, (1.0, 5.0)) | {"recommend": (0.0, 10.0)}
    moves = drivers.what_if(design, "recommend", names, scales=scales).table()
    shown = bank.tables["whatif"].query("audience == 'customers'")
    np.testing.assert_allclose(shown["estimate"], moves["estimate"], rtol=1e-12)
    np.testing.assert_allclose(shown["moved"], 0.1)
    costs = drivers.penalty_reward(design, "recommend", names, low=2, high=5).table()
    table = bank.tables["penalties"].query("audience == 'customers'")
    np.testing.assert_allclose(table["penalty"], costs["penalty"], rtol=1e-12)
    assert costs["kind"].tolist() == table["kind"].tolist()


def test_missing_answers_go_the_way_the_plan_says(plan: Plan, answers: Responses) -> None:
    """By EM everybody who answered something counts, more than those who answered all; the note says what was assumed."""
    found = {}
    for way in ("listwise", "em"):
        tables = dict(driving.driven(replace(plan, missing=way), designs_of(plan, answers), answers, print))
        found[way] = tables["drivers"].iloc[0]
    assert found["em"]["n"] > found["listwise"]["n"]
    assert "missing at random" in found["em"]["note"]
    assert "answered every item used" in found["listwise"]["note"]


def test_a_plan_says_how_missing_answers_are_read(tmp_path: Path) -> None:
    """`missing: em` is read and told in the facts of the run; a word that is no way is refused with the ways there are."""
    from symmetry.errors import SpecError

    text = (REPO / "analyses/everyday_bank/plan.yaml").read_text("utf-8").replace("../../", f"{REPO}/")
    text = text.replace("simulate: truth.yaml", f"simulate: {REPO}/analyses/everyday_bank/truth.yaml")
    (tmp_path / "plan.yaml").write_text(f"{text}\nmissing: em\n", "utf-8")
    assert "em" == load_plan(tmp_path).missing
    (tmp_path / "plan.yaml").write_text(f"{text}\nmissing: guess\n", "utf-8")
    with pytest.raises(SpecError, match="`guess` is not known here"):
        load_plan(tmp_path)


def test_published_figures_have_priorities_and_no_boxes(nyc: Results) -> None:
    """Schools' percentages: labels are swapped school by school; nobody there could move a box up."""
    assert nyc.tables["penalties"].empty
    assert nyc.tables["whatif"].empty
    table = nyc.tables["priorities"].set_index("statistic")
    units = table.loc["unit_total_variation"]
    assert units["units"] > 1500
    assert units["p"] < 0.01
    assert table.loc["share_gap", "level_a"].between(50, 100).all()


def test_one_audience_has_half_a_map(sfo: Results) -> None:
    """Importance is the share of R² in the table of drivers, level the mean in the table of levels between 1 and 5."""
    table = sfo.tables["priorities"].set_index("item")
    assert {""} == set(table["b"])
    lmg = sfo.tables["drivers"].query("statistic == 'lmg'").set_index("item")["share_of_r2"]
    np.testing.assert_allclose(table["importance_a"], lmg[table.index], rtol=1e-9)
    means = sfo.tables["levels"].query("statistic == 'mean' and by == ''").set_index("item")["estimate"]
    np.testing.assert_allclose(table["level_a"], 25 * (means[table.index] - 1), rtol=1e-9)
    assert table[["estimate", "p"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("kind", "low", "high", "cuts"),
    [
        ("likert", 1, 5, (2, 5)),
        ("likert", 1, 4, (2, 4)),
        ("likert", 1, 7, (3, 7)),
        ("likert", 1, 3, (1, 3)),
        ("csat", 1, 10, (4, 9)),
        ("nps", 0, 10, (6, 9)),
    ],
)
def test_low_and_high_on_every_scale(kind: str, low: float, high: float, cuts: tuple[float, float]) -> None:
    """Two fifths of the boxes are low and one fifth is high, with a box between; NPS has its own classes."""
    scale = Scale(key="s", kind=kind, low=low, high=high)
    assert cuts == driving.cuts_of(scale)


def test_tables_without_the_second_audience_compare_nothing(plan: Plan, answers: Responses) -> None:
    """With one driver left for employees there is no comparison, customers keep their own map, and the analyst is told."""
    names = framing.driver_columns(plan, "customers")
    some = {**plan.study.items}
    for name in names[1:]:
        some[name] = replace(some[name], faces={"customer": some[name].faces["customer"]})
    alone = replace(plan, study=replace(plan.study, items=some))
    told: list[str] = []
    tables = [(name, table) for name, table in driving.driven(alone, designs_of(plan, answers), answers, told.append)]
    assert ["no drivers of employees: `welcomed` alone shares nothing out; name two or more in `drivers:`"] == told
    assert ["drivers", "penalties", "whatif", "priorities"] == [name for name, _ in tables]
    assert {""} == set(pd.concat([table for name, table in tables if name == "priorities"])["b"])


def test_answers_that_bear_nothing_are_a_row_and_a_remark(plan: Plan, answers: Responses) -> None:
    """Twelve employees who answered all, a driver all customers rate alike: rows without numbers; why is for the analyst."""
    designs = designs_of(plan, answers)
    rated, staff = designs["customers"].data, designs["employees"].data
    alike = rated["solved"].where(rated["solved"].isna(), 4.0)
    few = staff.assign(listened=staff["listened"].where(np.arange(len(staff)) < 12))
    remarks: list[str] = []
    own = {"customers": Design(rated.assign(solved=alike), psu="branch"), "employees": Design(few, psu="branch")}
    tables = [table for _, table in driving.driven(plan, own, answers, remarks.append)]
    assert 7 == len(tables)
    untold = [table["note"].tolist() for table in tables if table["estimate"].isna().all()]
    assert [["these answers do not bear it"]] * len(untold) == untold
    assert len(untold) >= 5
    assert any("no drivers of customers: everybody gave the same answer to `solved`" in text for text in remarks)
    assert any(text.startswith("no priorities of customers and employees: ") for text in remarks)
    assert [("r2", "recommend", 0)] == list(tables[0][["statistic", "item", "n"]].itertuples(index=False, name=None))

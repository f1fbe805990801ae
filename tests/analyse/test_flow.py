"""The whole flow on the demonstration: house columns, planted gaps, privacy, and the same bytes twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from symmetry.analyse import Results, collect, load_plan, run, write
from symmetry.aside import replacing
from tests.analyse.conftest import REPO, results_of

HOUSE = [
    *("statistic", "item", "by", "domain", "estimate", "se", "lower", "upper"),
    *("df", "deff", "n", "n_eff", "suppressed", "note"),
]


def _row(table: pd.DataFrame, **keys: str) -> pd.Series:
    """The one row with these keys, overall unless `by` says otherwise."""
    for name, value in {"by": "", "domain": "", **keys}.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


@pytest.mark.parametrize("name", ["levels", "gaps", "drivers"])
def test_tables_open_with_the_house_columns(bank: Results, name: str) -> None:
    """Every table of estimates has the columns settled for the house, in order."""
    assert list(bank.tables[name].columns[: len(HOUSE)]) == HOUSE


def test_every_row_of_every_table_says_simulated(bank: Results) -> None:
    """No table made from simulated answers can be cut loose from the word."""
    for table in bank.tables.values():
        assert table["note"].str.startswith("simulated").all()


def test_planted_dissonances_are_found_and_planted_agreement_too(bank: Results) -> None:
    """The two gaps beyond the margin are dissonant, the two experiences that are one are aligned."""
    gaps = bank.tables["gaps"]
    found = {
        item: _row(gaps, item=item, a="customer", b="employee", reading="absolute")["verdict"]
        for item in ("kept_word", "available", "solved", "simple")
    }
    expected = {"kept_word": "dissonant", "available": "dissonant", "solved": "aligned", "simple": "aligned"}
    assert expected == found


def test_each_mirror_type_gets_only_its_lawful_verdict(bank: Results) -> None:
    """Literal: absolute; parallel: relative; projection: words of perception; loose: a note and nothing else."""
    gaps = bank.tables["gaps"]
    overall = gaps[gaps["by"] == ""]
    told = overall[overall["verdict"] != ""].groupby("mirror")
    assert {"literal": {"absolute"}, "parallel": {"relative"}, "projection": {"absolute"}} == {
        mirror: set(rows["reading"]) for mirror, rows in told
    }
    assert set(overall.loc[overall["mirror"] == "projection", "verdict"]) <= {
        "misjudged",
        "accurate",
        "undetermined",
        "",
    }
    loose = overall[overall["mirror"] == "loose"]
    assert len(loose) > 0
    assert loose["note"].str.contains("without a gap").all()
    assert set(overall["comparability"]) == {"untestable", "not comparable"}


def test_the_unit_with_three_employees_shows_no_employee_number(bank: Results) -> None:
    """The smallest branch is hidden wherever its employees could be seen, with at least one companion in its region."""
    levels = bank.tables["levels"]
    units = levels[(levels["by"] == "branch") & (levels["audience"] == "employees")]
    numbers = [name for name in HOUSE if name in ("estimate", "se", "lower", "upper", "df", "deff", "n", "n_eff")]
    hidden = units[units["suppressed"]]
    assert hidden[numbers].isna().all().all()
    assert not (units["n"] < 10).any()
    gaps = bank.tables["gaps"]
    sides = set(zip(hidden["item"], hidden["domain"], strict=True))
    touched = [(item, domain) in sides for item, domain in zip(gaps["item"], gaps["domain"], strict=True)]
    customers_employees = (gaps["by"] == "branch") & (gaps["b"] == "employee")
    own = hidden[hidden["face"] == "employee"]
    pairs = set(zip(own["item"], own["domain"], strict=True))
    rows = gaps[customers_employees & pd.Series(touched, index=gaps.index)]
    exposed = rows[[key in pairs for key in zip(rows["item"], rows["domain"], strict=True)]]
    assert exposed["suppressed"].all()
    assert exposed[["estimate", "p", "n_a", "n_b"]].isna().all().all()


def test_shares_of_r2_sum_to_r2(bank: Results) -> None:
    """Driver shares of each audience add up to the explained variance."""
    for _, rows in bank.tables["drivers"].groupby("audience"):
        total = float(rows.loc[rows["statistic"] == "r2", "estimate"].iloc[0])
        assert total == pytest.approx(rows.loc[rows["statistic"] == "lmg", "estimate"].sum(), rel=1e-12)


def test_raking_meets_its_targets(bank: Results) -> None:
    """The weighted margins are the population's to ten digits."""
    weights = bank.tables["weights"]
    after = weights[weights["measure"] == "margin_after"]
    assert len(after) > 0
    np.testing.assert_allclose(after["value"], after["target"], rtol=1e-10)


def test_two_runs_give_the_same_bytes(bank: Results, tmp_path: Path) -> None:
    """Tables, words and manifest do not differ by one byte between two runs of a plan."""
    again = results_of("everyday_bank", tmp_path / "responses")
    for name, results in (("first", bank), ("second", again)):
        with replacing(tmp_path / name, holds="results") as staging:
            write(results, staging)
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert len(files) == 30
    for name in files:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_the_manifest_names_what_made_the_results(bank: Results) -> None:
    """Hashes of study, plan and data, package versions and the seed are there."""
    facts = bank.facts
    assert facts["seed"] == 2027
    assert facts["simulated"] is True
    assert {"cold-2027/customers", "cold-2027/employees", "hot/customers"} == set(facts["data"])
    for digest in (facts["study"]["digest"], facts["plan"]["digest"], *facts["data"].values()):
        assert len(digest) == 64
    assert {"numpy", "pandas", "scipy", "symmetry"} <= set(facts["packages"])


def test_frozen_answers_give_the_results_of_their_plan(bank: Results, tmp_path: Path) -> None:
    """Analysing what was frozen equals analysing what the plan takes in."""
    from symmetry.analyse.collecting import frozen

    plan = load_plan(REPO / "analyses/everyday_bank")
    collect(plan, tmp_path / "responses")
    again = run(plan, frozen(plan, tmp_path / "responses"))
    for name, table in bank.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])


def test_no_count_below_the_threshold_leaves_with_weights_or_fieldwork(bank: Results) -> None:
    """Missing answers are split by reason only where every reason has enough people, and so are margins before weighting."""
    fieldwork = bank.tables["fieldwork"]
    split = fieldwork[(fieldwork["item"] != "") & (fieldwork["measure"] != "answered")]
    assert not split["n"].dropna().between(1, 9).any()
    assert split["n"].isna().any()


def test_a_category_with_few_people_hides_its_margin_whole(tmp_path: Path) -> None:
    """One blanked share would follow from the others, and from the extreme weights."""
    from symmetry.analyse.housing import weights_table

    plan = load_plan(REPO / "analyses/everyday_bank")
    people = pd.DataFrame({"region": ["north"] * 40 + ["east"] * 30 + ["south"] * 30 + ["west"] * 4})
    told = weights_table(plan, "cold-2027", {"employees": people.assign(weight=1.0)})
    before = told[told["measure"] == "margin_before"]
    assert before["value"].isna().all()
    assert told.loc[told["measure"].isin(["min", "max"]), "value"].isna().all()
    assert before["note"].str.contains("fewer than 10").all()


def test_no_shown_unit_has_everybody_on_one_side(bank: Results) -> None:
    """A share of 0 or 1 tells what each person of a unit answered."""
    levels = bank.tables["levels"]
    shares = levels[(levels["statistic"] == "favourable") & ~levels["suppressed"]]
    assert shares["estimate"].between(0, 1, inclusive="neither").all()

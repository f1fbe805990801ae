"""Levels and spread from counts: what one person a row would give, by hand; and plans that cannot mean what they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from symmetry import fieldwork, measurement
from symmetry.analyse.plan import Plan, load_plan
from symmetry.analyse.tabulating import COLUMNS, table
from symmetry.errors import SpecError
from tests.golden.reading import agree, data, golden

ROOT = Path(__file__).parents[2]
BANK = f"study: {(ROOT / 'survey_specs' / 'everyday_bank').as_posix()}\n"
DATA = "waves: [hot]\ndata: {hot: {customers: {file: answers.csv, columns: {recommend: Q1}}}}\n"
COUNTS = """tabulated:
  file: counts.csv
  unit: branch
  columns: {unit: u, audience: a, item: q, option: o, n: n}
  audiences: {people: customers}
  others: [passers]
  options:
    missing: {5: [5]}
    favourable: {4: [1, 2], 5: [1, 2]}
    lists: [7]
"""


@pytest.fixture
def plan(tmp_path: Path):
    """Load a plan from its text."""

    def _plan(text: str = BANK + DATA + COUNTS) -> Plan:
        (tmp_path / "truth.yaml").write_text("anything\n", encoding="utf-8")
        (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
        return load_plan(tmp_path)

    return _plan


def counted(folder: Path, plan: Plan, rows: pd.DataFrame) -> fieldwork.Tabulated:
    """Write rows `u, a, q, o, n` beside a plan and read them as it says."""
    rows.to_csv(folder / "counts.csv", index=False)
    assert plan.tabulated is not None
    return fieldwork.read_tabulated(plan.tabulated.source)


def crowd(
    seed: int = 3, *, units: int = 12, options: int = 5, audience: str = "people", item: str = "q1"
) -> pd.DataFrame:
    """Counts of one item: units of unlike size that lean one way or the other, every option chosen somewhere."""
    rng = np.random.default_rng(seed)
    size = rng.integers(20, 200, units)
    lean = rng.dirichlet(np.linspace(4, 1, options), units)
    many = np.array([rng.multinomial(n, p) for n, p in zip(size, lean, strict=True)]) + 1
    return pd.DataFrame({
        "u": np.repeat([f"b{number}" for number in range(units)], options), "a": audience, "q": item,
        "o": np.tile(np.arange(1, options + 1), units), "n": many.ravel(),
    })  # fmt: skip


def people(rows: pd.DataFrame, *, without: tuple[int, ...] = ()) -> pd.DataFrame:
    """One row a person: what the package never makes, for a second road."""
    kept = rows[~rows["o"].isin(without)]
    return kept.loc[np.repeat(kept.index, kept["n"])].reset_index(drop=True)


def test_levels_agree_with_r(plan, tmp_path: Path) -> None:
    """R's `survey` on one person a row: means, shares, errors, df, design effects and intervals of six items."""
    text = (BANK + DATA + COUNTS).replace("[passers]", "[staff]")
    rows = data("tabulated").set_axis(["u", "a", "q", "o", "n"], axis=1)
    declared = plan(text)
    found = table(declared, counted(tmp_path, declared, rows)).replace({"audience": {"customers": "people"}})
    theirs = golden("tabulated", "counts")
    ours = {
        (row["item"], row["audience"], what): float(row[what])
        for row in found.to_dict("records")
        for what in theirs.index.unique("what")
    }
    assert 84 == len(theirs)
    agree(theirs, ours, rtol=1e-8)  # R solves the logit interval by iteration


def test_levels_are_those_of_one_person_a_row(plan, tmp_path: Path) -> None:
    """Mean, share and errors with units as primary units; "don't know" is left out and counted."""
    declared, rows = plan(), pd.concat([crowd(), crowd(4, audience="passers")])
    found = table(declared, counted(tmp_path, declared, rows)).set_index("audience").loc["customers"]
    persons = people(crowd(), without=(5,))
    y, unit = persons["o"].to_numpy(float), persons["u"]
    for value, name, error in ((y, "estimate", "se"), ((y <= 2).astype(float), "share", "share_se")):
        totals = pd.Series(value - value.mean()).groupby(unit).sum() / len(value)
        m = unit.nunique()
        assert found[name] == pytest.approx(value.mean(), rel=1e-12)
        assert found[error] == pytest.approx(np.sqrt(m / (m - 1) * (totals**2).sum()), rel=1e-10)
    assert (len(y), 12, 11) == (found["n"], found["units"], found["df"])
    assert crowd().query("o == 5")["n"].sum() == found["left_out"]
    assert found["deff"] == pytest.approx(found["se"] ** 2 / (y.var(ddof=1) / len(y)), rel=1e-10)
    assert found["n_eff"] == pytest.approx(len(y) / found["deff"], rel=1e-12)


def test_the_spread_is_that_of_one_person_a_row(plan, tmp_path: Path) -> None:
    """ICC by the analysis of variance, rwg and AD by hand from persons, medians over units."""
    declared, rows = plan(), pd.concat([crowd(), crowd(4, audience="passers")])
    found = table(declared, counted(tmp_path, declared, rows)).set_index("audience").loc["customers"]
    persons = people(crowd(), without=(5,))
    groups = persons.groupby("u")["o"]
    size, total, units = groups.size(), len(persons), persons["u"].nunique()
    inside = ((persons["o"] - groups.transform("mean")) ** 2).sum() / (total - units)
    between = (size * (groups.mean() - persons["o"].mean()) ** 2).sum() / (units - 1)
    k = (total - (size**2).sum() / total) / (units - 1)
    assert found["sd_within"] == pytest.approx(np.sqrt(inside), rel=1e-12)
    assert found["icc1"] == pytest.approx((between - inside) / (between + (k - 1) * inside), rel=1e-9)
    assert found["icc2"] == pytest.approx(1 - inside / between, rel=1e-9)
    rwg = 1 - groups.var(ddof=1) / ((4**2 - 1) / 12)
    assert found["rwg"] == pytest.approx(rwg.median(), rel=1e-12)
    assert found["rwg_low"] == pytest.approx((rwg < 0.7).mean())
    away = (persons["o"] - groups.transform("mean")).abs().groupby(persons["u"]).mean()
    assert found["ad"] == pytest.approx(away.median(), rel=1e-12)
    by_person = measurement.agreement(persons, "o", unit="u", low=1, high=4).table().iloc[0]
    for name in ("icc1", "icc1_lower", "icc1_upper", "icc2", "k", "rwg", "ad"):
        assert found[name] == pytest.approx(by_person[name], rel=1e-9), name


def test_every_number_that_is_not_there_has_a_note(plan, tmp_path: Path) -> None:
    """Lists, one unit, one answer for all, nobody but "don't know": rows with words, no silent NaN, no crash."""
    one = pd.DataFrame({"u": "b0", "a": "people", "q": "alone", "o": [1, 2, 3], "n": 30})
    same = pd.DataFrame({"u": ["b0", "b1"] * 2, "a": "people", "q": "same", "o": [2, 2, 5, 5], "n": [30, 40, 1, 1]})
    silent = pd.DataFrame({"u": ["b0", "b1"], "a": "people", "q": "silent", "o": 5, "n": 30})
    parts = [crowd(), one, same, silent, crowd(5, options=7, item="grade"), crowd(6, audience="passers")]
    declared = plan(BANK + DATA + COUNTS)
    found = table(declared, counted(tmp_path, declared, pd.concat(parts)))
    assert list(COLUMNS) == list(found.columns)
    assert "" == found.query("item == 'q1'")["note"].iloc[0]
    told = found.set_index("item")["note"]
    assert "one unit alone" in told["alone"]
    assert "all of one class" in told["same"]
    assert "no answer" in told["silent"]
    assert "a list of options" in told["grade"]
    lacking = found.drop(columns=["note", "suppressed"]).isna().any(axis=1)
    assert (found.loc[lacking, "note"] != "").all()
    rows = found.set_index("item")
    assert np.isnan(rows.loc["alone", "se"])
    assert rows.loc["alone", "estimate"] == 2.0
    assert 60 == rows.loc["silent", "left_out"]


def test_a_file_of_one_unit_has_levels_without_errors(plan, tmp_path: Path) -> None:
    """Nothing can be said of other units, and the run goes on."""
    rows = [pd.DataFrame({"u": "b0", "a": a, "q": "q1", "o": [1, 2, 3, 4], "n": 30}) for a in ("people", "passers")]
    declared = plan()
    found = table(declared, counted(tmp_path, declared, pd.concat(rows)))
    assert (found["estimate"] == 2.5).all()
    assert found[["se", "lower", "upper", "deff", "n_eff", "icc1"]].isna().all(axis=None)
    assert found["note"].str.contains("one unit alone").all()


SMALL = {"few answers": ([1, 2, 3, 4, 5], [3, 2, 2, 2, 30]), "all favourable": ([1, 2, 5], [20, 20, 1])}


@pytest.mark.parametrize("name", SMALL)
def test_what_tells_of_few_people_or_of_all_is_hidden(plan, tmp_path: Path, name: str) -> None:
    """Nine answers, or none that is not favourable: the row keeps its keys alone; public figures keep their numbers."""
    options, many = SMALL[name]
    small = pd.DataFrame({"u": "b0", "a": "people", "q": "small", "o": options, "n": many})
    rows = pd.concat([crowd(), small, small.assign(u="b1", n=0), crowd(6, audience="passers")])
    declared = plan()
    counts = counted(tmp_path, declared, rows)
    found = table(declared, counts).query("audience == 'customers'").set_index("item")
    keys = ("wave", "audience", "item", "unit", "options", "suppressed", "note")
    assert found.loc["small", [name for name in COLUMNS if name not in keys]].isna().all()
    assert [False, True] == found["suppressed"].tolist()
    assert found.loc["small", "note"] == "fewer than 10 answers, or all of one class"
    public = table(replace(declared, published="an office"), counts).query("audience == 'customers'").set_index("item")
    assert public.loc["small", "n"] == sum(many[:-1])
    assert not public["suppressed"].any()
    assert ("already public" in public.loc["small", "note"]) == (name == "few answers")


def test_a_plan_without_counts_has_none(plan) -> None:
    """No file of counts: an empty table with its columns."""
    declared = plan(BANK + DATA)
    assert declared.tabulated is None
    empty = fieldwork.Tabulated(pd.DataFrame(), "", "", pd.DataFrame())
    assert list(COLUMNS) == list(table(declared, empty).columns)


def test_the_plan_says_how_counts_are_read(plan, tmp_path: Path) -> None:
    """File, columns, audiences, rules and wave arrive as they are used."""
    told = plan().tabulated
    assert tmp_path / "counts.csv" == told.source.file
    assert {"unit": "u", "audience": "a", "item": "q", "option": "o", "n": "n"} == told.source.columns
    assert {"people": "customers", "passers": "passers"} == told.source.audiences
    assert ("hot", "branch") == (told.wave, told.unit)
    assert ({5: (5,)}, {4: (1, 2), 5: (1, 2)}, (7,)) == (told.missing, told.favourable, told.lists)
    assert (1, 4) == told.ends(5) == told.ends(4)


def _counts(old: str, new: str) -> str:
    assert old in COUNTS
    return BANK + DATA + COUNTS.replace(old, new)


SIMULATED = BANK + "waves: [hot]\ndata: {simulate: truth.yaml, seed: 1}\n"
FAULTS = {
    "no file": (_counts("tabulated:\n  file: counts.csv\n", "¤tabulated:\n"), "SPEC02", "add `file"),
    "no columns": (_counts("  columns: {unit: u, audience: a, item: q, option: o, n: n}\n", "").replace(
        "tabulated:", "¤tabulated:"), "SPEC02", "add `columns"),
    "a column too few": (_counts("columns: {unit: u, ", "¤columns: {"), "SPEC02", "add `unit"),
    "a column too many": (_counts("n: n}", "n: n, ¤weight: w}"), "SPEC01", "unit"),
    "a mistyped column": (_counts("option: o", "¤optoin: o"), "SPEC01", "did you mean `option`"),
    "an unknown key": (_counts("  others:", "  ¤othres:"), "SPEC01", "did you mean `others`"),
    "an unknown rule": (_counts("    missing:", "    ¤mising:"), "SPEC01", "did you mean `missing`"),
    "an unknown unit": (_counts("unit: branch", "unit: ¤brunch"), "SPEC04", "did you mean `branch`"),
    "an unknown audience": (_counts("people: customers", "people: ¤custmers"), "SPEC04", "did you mean `customers`"),
    "an unknown wave": (_counts("  unit: branch", "  wave: ¤cold-2027\n  unit: branch"), "SPEC04", "one of: hot"),
    "no audience": (_counts("{people: customers}", "¤{}"), "SPEC03", ""),
    "an audience twice": (_counts("customers}", "customers, folk: ¤customers}"), "PLA10", "in `others:`"),
    "an audience among the others": (_counts("[passers]", "[passers, ¤people]"), "PLA10", "delete it here"),
    "one of the others twice": (_counts("[passers]", "[passers, ¤passers]"), "SPEC10", "delete one"),
    "an option that is not there": (_counts("{5: [5]}", "{5: ¤[6]}"), "PLA11", "take some of: 1, 2, 3, 4, 5"),
    "no answer left": (_counts("{5: [5]}", "{5: [5], 2: ¤[1, 2]}"), "PLA11", "leave one out"),
    "a hole among the answers": (_counts("{5: [5]}", "{5: [5], 6: ¤[3]}"), "PLA11", "options at an end"),
    "every answer favourable": (_counts("{4: [1, 2],", "{4: ¤[1, 2, 3, 4],"), "PLA11", "leave one out"),
    "a favourable non-answer": (_counts("5: [1, 2]}", "5: ¤[1, 5]}"), "PLA11", "take some of: 1, 2, 3, 4"),
    "a list with an answer": (_counts("missing: {5: [5]}", "missing: {5: [5], 7: ¤[7]}"), "PLA11", "delete 7"),
    "rules by no number": (_counts("{5: [5]}", "¤{five: [5]}"), "SPEC03", "write `{5: [5]}`"),
    "an option in words": (_counts("{5: [5]}", "¤{5: [five]}"), "SPEC03", "write `{5: [5]}`"),
    "counts beside a simulation": (SIMULATED + "¤" + COUNTS, "PLA12", "delete `tabulated:`"),
    "counts that are a text": (BANK + DATA + "tabulated: ¤counts.csv\n", "SPEC03", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_place_and_remedy(plan, tmp_path: Path, name: str) -> None:
    """One fault, its own code, at the line and column marked ¤, with a remedy."""
    text, code, remedy = FAULTS[name]
    line = text[: text.index("¤")].count("\n") + 1
    column = len(text[: text.index("¤")].split("\n")[-1]) + 1
    with pytest.raises(SpecError) as caught:
        plan(text.replace("¤", ""))
    found = caught.value.problems
    assert [code] == [problem.code for problem in found], "\n".join(map(str, found))
    assert (tmp_path / "plan.yaml", line, column) == (
        found[0].where.file,
        found[0].where.line,
        found[0].where.column,
    )
    assert remedy in found[0].mend

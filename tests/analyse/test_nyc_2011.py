"""New York 2011, whole: every count of the file, gaps and levels by plain pandas, and one item blown up to persons."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry.analyse import Results, load_plan
from symmetry.analyse.tabulating import COLUMNS
from symmetry.fieldwork import Tabulated, read_tabulated
from tests.analyse.conftest import REPO, SHARED, results_of

FOLDER = SHARED / "nyc_school_2011"
DOMAINS = {"academic": "aca", "communication": "com", "engagement": "eng", "safety": "saf"}
AUDIENCES = {"parent": "customers", "teacher": "employees", "student": "student"}


def _needs_data() -> None:
    if not FOLDER.is_dir():
        pytest.skip(f"REAL DATA ABSENT: {FOLDER} is not there, so nyc_schools_2011 was NOT run end to end")


@pytest.fixture(scope="module")
def nyc_2011(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Results of the plan on its own data."""
    _needs_data()
    return results_of("nyc_schools_2011", tmp_path_factory.mktemp("nyc_2011") / "responses")


@pytest.fixture(scope="module")
def counts() -> Tabulated:
    """The file of counts, as the plan reads it."""
    _needs_data()
    tabulated = load_plan(REPO / "analyses" / "nyc_schools_2011").tabulated
    assert tabulated is not None
    return read_tabulated(tabulated.source)


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    """The file of counts, as pandas reads it."""
    _needs_data()
    return pd.read_csv(FOLDER / "counts_long.csv.gz")


def _scores() -> list[pd.DataFrame]:
    """Parents' and teachers' scores, a row a school, a column a domain."""
    schools = pd.read_csv(FOLDER / "schools.csv").set_index("dbn")
    columns = [[f"{short}_{whose}_11" for short in DOMAINS.values()] for whose in "pt"]
    return [schools[names].set_axis(list(DOMAINS), axis=1) for names in columns]


def test_every_answer_is_counted(counts: Tabulated, nyc_2011: Results) -> None:
    """511 schools; 5.8 million answers of parents and teachers, 12.1 million with students', and all of them in the table."""
    assert counts.frame["unit"].nunique() == 511
    answers = counts.log.query("measure == 'answers'").set_index("audience")["n"].to_dict()
    assert {"customers": 4_395_761, "employees": 1_391_311, "student": 6_362_745} == answers
    assert 5_787_072 == answers["customers"] + answers["employees"]
    found = nyc_2011.tables["tabulated"]
    assert answers == (found["n"] + found["left_out"]).groupby(found["audience"]).sum().to_dict()
    assert {"customers": 79, "employees": 109, "student": 65} == found["audience"].value_counts().to_dict()


def test_counts_are_those_of_the_file(counts: Tabulated, raw: pd.DataFrame) -> None:
    """Row by row what pandas reads."""
    plain = counts.frame.astype({"unit": str, "audience": str, "item": str})
    assert (plain["audience"] == raw["audience"].map(AUDIENCES)).all()
    for name, column in (("unit", "dbn"), ("item", "item"), ("option", "option"), ("n", "n")):
        assert (plain[name] == raw[column]).all(), name


def test_levels_and_errors_of_every_item(nyc_2011: Results, raw: pd.DataFrame) -> None:
    """Mean option, favourable share and their errors from sums over schools; items that are lists have none, and a note."""
    found = nyc_2011.tables["tabulated"].set_index(["audience", "item"])
    seen = 0
    for (audience, item), rows in raw.groupby(["audience", "item"]):
        row = found.loc[(AUDIENCES[audience], item)]
        many = rows["option"].max()
        if many not in (4, 5):
            assert np.isnan(row["estimate"])
            assert "list of options" in row["note"]
            continue
        answers = rows[rows["option"] < 5]
        y, n, total = answers["option"], answers["n"], answers["n"].sum()
        for value, name, error in ((y, "estimate", "se"), ((y <= 2).astype(float), "share", "share_se")):
            mean = (value * n).sum() / total
            by_school = (n * (value - mean) / total).groupby(answers["dbn"]).sum()
            assert row[name] == pytest.approx(mean, rel=1e-10)
            # 511 schools are in the file; one that nobody of this audience answered from adds nothing to the sum
            assert row[error] == pytest.approx(np.sqrt(511 / 510 * (by_school**2).sum()), rel=1e-8)
        assert (total, answers["dbn"].nunique()) == (row["n"], row["units"])
        seen += 1
    assert seen == 215


def test_one_item_blown_up_to_persons(nyc_2011: Results, raw: pd.DataFrame) -> None:
    """ICC(1), ICC(2), sd, rwg and AD of 98,000 parents, one a row, are those of 2,300 counts."""
    rows = raw.query("audience == 'parent' and item == 'q6a' and option < 5")
    persons = rows.loc[np.repeat(rows.index, rows["n"]), ["dbn", "option"]].reset_index(drop=True)
    found = nyc_2011.tables["tabulated"].set_index(["audience", "item"]).loc[("customers", "q6a")]
    assert found["n"] == len(persons) > 90_000
    groups = persons.groupby("dbn")["option"]
    size, centre, total = groups.size(), groups.transform("mean"), len(persons)
    inside = ((persons["option"] - centre) ** 2).sum() / (total - len(size))
    between = (size * (groups.mean() - persons["option"].mean()) ** 2).sum() / (len(size) - 1)
    k = (total - (size**2).sum() / total) / (len(size) - 1)
    assert found["k"] == pytest.approx(k, rel=1e-9)
    assert found["icc1"] == pytest.approx((between - inside) / (between + (k - 1) * inside), rel=1e-8)
    assert found["icc2"] == pytest.approx(1 - inside / between, rel=1e-8)
    assert found["sd_within"] == pytest.approx(np.sqrt(inside), rel=1e-10)
    assert found["rwg"] == pytest.approx((1 - groups.var() / 1.25).median(), rel=1e-9)
    assert found["ad"] == pytest.approx(
        (persons["option"] - centre).abs().groupby(persons["dbn"]).mean().median(), rel=1e-9
    )


def test_levels_of_the_scores_are_plain_means(nyc_2011: Results) -> None:
    """A published score is averaged as it stands, in points of 0 to 10, one school one observation; no share is made of it."""
    levels = nyc_2011.tables["levels"].query("by == ''")
    assert {"mean"} == set(levels["statistic"])
    for audience, frame in zip(("customers", "employees"), _scores(), strict=True):
        found = levels[levels["audience"] == audience].set_index("item")
        for domain in DOMAINS:
            values = frame[domain].dropna()
            assert found.loc[domain, "estimate"] == pytest.approx(values.mean(), rel=1e-12)
            assert found.loc[domain, "n"] == len(values)
            # schools without a score of this audience stay in the design and add nothing
            assert found.loc[domain, "se"] == pytest.approx(values.std() / np.sqrt(len(values)), rel=1e-4)


def test_gaps_are_paired_within_schools(nyc_2011: Results) -> None:
    """The error is that of the schools' summed influence, and within a hundredth of the paired t on schools with both."""
    gaps = nyc_2011.tables["gaps"].query("by == '' and reading == 'absolute' and statistic == 'mean'").set_index("item")
    assert set(DOMAINS) == set(gaps.index)
    parents, teachers = _scores()
    for domain in DOMAINS:
        a, b = parents[domain], teachers[domain]
        found = gaps.loc[domain]
        assert found["estimate"] == pytest.approx(a.mean() - b.mean(), rel=1e-10)
        influence = ((a - a.mean()) / a.count()).fillna(0) - ((b - b.mean()) / b.count()).fillna(0)
        assert found["se"] == pytest.approx(np.sqrt(511 / 510 * (influence**2).sum()), rel=1e-9)
        both = a.notna() & b.notna()
        paired = stats.ttest_rel(a[both], b[both])
        assert found["se"] == pytest.approx(abs((a - b)[both].mean() / paired.statistic), rel=1e-2)
        assert (509, 511) == (found["n_a"], found["n_b"])
        assert "parallel" == found["mirror"]


def test_parallel_pairs_are_judged_against_each_other(nyc_2011: Results) -> None:
    """Unlike questions on one domain: the verdict stands on the relative reading, each gap less the mean of the four."""
    gaps = nyc_2011.tables["gaps"].query("by == '' and statistic == 'mean'")
    relative = gaps[gaps["reading"] == "relative"].set_index("item")
    absolute = gaps[gaps["reading"] == "absolute"].set_index("item")["estimate"]
    for domain in DOMAINS:
        assert relative.loc[domain, "estimate"] == pytest.approx(absolute[domain] - absolute.mean(), rel=1e-9)
    assert relative["verdict"].isin(["dissonant", "aligned", "undetermined"]).all()


def test_small_cells_are_noted_and_shown(nyc_2011: Results) -> None:
    """The publisher showed each school: nothing is hidden, and what rests on few says so."""
    for name in ("levels", "gaps", "tabulated"):
        frame = nyc_2011.tables[name]
        assert not frame["suppressed"].any()
        small = frame["n"] < nyc_2011.facts["min_cell"]
        assert frame.loc[small, "note"].str.contains("already public").all()


def test_no_number_is_missing_without_a_word(nyc_2011: Results) -> None:
    """A row of counts without a level says why; the columns are those announced."""
    frame = nyc_2011.tables["tabulated"]
    assert list(COLUMNS) == list(frame.columns)
    assert (frame.loc[frame.isna().any(axis=1), "note"] != "").all()
    inside = (frame["icc1_lower"] <= frame["icc1"]) & (frame["icc1"] <= frame["icc1_upper"])
    assert frame.loc[~inside & frame["icc1"].notna(), "note"].str.contains("outside its interval").all()


def test_the_counts_stand_in_the_manifest(nyc_2011: Results) -> None:
    """By the hash of the file, beside those of the answers."""
    sha256 = hashlib.sha256((FOLDER / "counts_long.csv.gz").read_bytes()).hexdigest()
    assert sha256 == nyc_2011.facts["data"]["tabulated"]

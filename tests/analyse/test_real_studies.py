"""The two real studies, end to end, against numbers that plain pandas, scipy and statsmodels find on the raw files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry.analyse import Results
from tests.analyse.conftest import SHARED


def _levels(results: Results, **keys: str) -> pd.DataFrame:
    table = results.tables["levels"]
    for name, value in {"by": "", **keys}.items():
        table = table[table[name] == value]
    return table.set_index(["item", "domain"] if keys.get("by") else "item")


def _nyc_pairs() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    folder = SHARED / "nyc_school_2015"
    parents, teachers = (pd.read_csv(folder / f"{name}.csv").set_index("dbn") for name in ("parent", "teacher"))
    return parents, teachers, pd.read_csv(folder / "mirror_pairs.csv").set_index("pair")


def test_nyc_levels_are_plain_means_over_schools(nyc: Results) -> None:
    """Each level is the mean of the published shares, its error s/√n, with one school one observation."""
    parents, teachers, pairs = _nyc_pairs()
    for audience, frame, column in (
        ("customers", parents, "customer_item"),
        ("employees", teachers, "employee_item"),
    ):
        found = _levels(nyc, audience=audience, wave="wave-2015")
        assert len(pairs) == len(found)
        for pair, item in pairs[column].items():
            values = frame[item].dropna() / 100
            row = found.loc[pair]
            assert row["statistic"] == "favourable"
            assert row["n"] == len(values)
            assert row["estimate"] == pytest.approx(values.mean(), rel=1e-12)


def test_nyc_gaps_are_paired_within_schools(nyc: Results) -> None:
    """The error is that of the schools' summed influence, and within a hundredth of scipy's paired t on schools with both."""
    parents, teachers, pairs = _nyc_pairs()
    gaps = nyc.tables["gaps"].query("by == '' and reading == 'absolute'").set_index("item")
    assert len(gaps) == 18
    for pair, row in pairs.iterrows():
        a, b = parents[row["customer_item"]] / 100, teachers[row["employee_item"]] / 100
        found = gaps.loc[pair]
        if found["mirror"] == "loose":
            assert found[["estimate", "se", "lower", "upper", "p"]].isna().all()
            continue
        assert found["estimate"] == pytest.approx(a.mean() - b.mean(), rel=1e-9)
        schools = a.notna() | b.notna()
        # by hand: a school's influence is (x - mean)/n for each audience it has, 0 where it has none
        influence = ((a - a.mean()) / a.count()).fillna(0) - ((b - b.mean()) / b.count()).fillna(0)
        assert found["df"] == schools.sum() - 1
        total = len(_in_design(parents, teachers, pairs))
        se = np.sqrt(total / (total - 1) * (influence**2).sum())
        assert found["se"] == pytest.approx(se, rel=1e-9)
        both = a.notna() & b.notna()
        paired = stats.ttest_rel(a[both], b[both])
        assert found["se"] == pytest.approx(abs((a - b)[both].mean() / paired.statistic), rel=1e-2)


def _in_design(parents: pd.DataFrame, teachers: pd.DataFrame, pairs: pd.DataFrame) -> set[str]:
    """Schools with an answer to any of the paired items, from either audience."""
    a = parents[pairs["customer_item"]].notna().any(axis=1)
    b = teachers[pairs["employee_item"]].notna().any(axis=1)
    return set(parents.index[a]) | set(teachers.index[b])


def test_nyc_loose_pairs_are_rows_without_a_verdict(nyc: Results) -> None:
    """The outcome pair asks unlike questions: its levels stand side by side with a note, and there is no gap of it."""
    gaps = nyc.tables["gaps"].query("by == ''")
    loose = gaps[gaps["mirror"] == "loose"]
    assert {"overall", "safe_orderly", "regular_communication"} == set(loose["item"])
    assert (loose["verdict"] == "").all()
    assert loose["note"].str.contains("without a gap").all()
    judged = gaps[(gaps["mirror"] == "literal") & (gaps["reading"] == "absolute")]
    assert judged["verdict"].isin(["dissonant", "aligned", "undetermined"]).all()


def test_nyc_small_districts_are_noted_and_shown(nyc: Results) -> None:
    """The publisher already showed each school: thresholds on respondents note and hide nothing."""
    for name in ("levels", "gaps", "drivers"):
        assert not nyc.tables[name]["suppressed"].any()
        small = nyc.tables[name]["n"] < nyc.facts["min_cell"]
        assert nyc.tables[name].loc[small, "note"].str.contains("already public").all()


def test_nyc_drivers_are_the_shapley_shares_of_ols(nyc: Results) -> None:
    """R² is that of statsmodels' OLS on complete schools; first and last places are within their brackets."""
    import statsmodels.api as sm

    parents, _, pairs = _nyc_pairs()
    found = nyc.tables["drivers"].query("audience == 'customers'").set_index("item")
    names = [name for name in found.index if name != "overall"]
    assert len(names) == 17
    frame = parents[[pairs.loc[name, "customer_item"] for name in ("overall", *names)]].dropna()
    fit = sm.OLS(frame.iloc[:, 0], sm.add_constant(frame.iloc[:, 1:])).fit()
    assert found.loc["overall", "n"] == len(frame)
    assert found.loc["overall", "estimate"] == pytest.approx(fit.rsquared, rel=1e-9)
    assert found.loc[names, "estimate"].sum() == pytest.approx(fit.rsquared, rel=1e-9)
    alone = frame.corr().iloc[0, 1:] ** 2
    assert (found.loc[names, "estimate"].to_numpy() <= alone.to_numpy() + 1e-12).all()


def _sfo() -> pd.DataFrame:
    frame = pd.read_csv(SHARED / "sfo_airport/sfo_2014_2017.csv.gz")
    return frame[frame["wave"] == 2017]


def test_sfo_levels_are_weighted_means_with_clustered_errors(sfo: Results) -> None:
    """Mean, favourable share and NPS, and errors by run inside parts of the day, agree with a groupby written out by hand."""
    frame = _sfo()
    overall, likely = frame["q7_overall"], frame["nps_0_10"]
    coded = {
        ("overall", "mean"): overall,
        ("overall", "favourable"): (overall >= 4).where(overall.notna()),
        ("recommend", "nps"): (100.0 * (likely >= 9) - 100.0 * (likely <= 6)).where(likely.notna()),
    }
    every = sfo.tables["levels"].query("by == ''")
    for (item, statistic), answers in coded.items():
        row = every[(every["item"] == item) & (every["statistic"] == statistic)].iloc[0]
        kept = answers.notna()
        y, w = answers.astype(float).fillna(0), frame["weight"].where(kept, 0)
        mean = (w * y).sum() / w.sum()
        totals = (w * (y - mean) / w.sum()).groupby([frame["strata"], frame["run"]]).sum()
        by_stratum = totals.groupby(level=0)
        variance = (by_stratum.var(ddof=1) * by_stratum.size()).sum()
        assert row["estimate"] == pytest.approx(mean, rel=1e-12)
        assert row["se"] == pytest.approx(np.sqrt(variance), rel=1e-10)
        assert row["n"] == kept.sum()
        assert row["df"] == frame.loc[kept, "run"].nunique() - 3


def test_sfo_by_boarding_area_agrees_with_pandas(sfo: Results) -> None:
    """Weighted means by boarding area are those of a plain groupby."""
    frame = _sfo().dropna(subset=["q7_overall"])
    plain = frame.groupby(frame["boarding_area"].str.lower()).apply(
        lambda rows: np.average(rows["q7_overall"], weights=rows["weight"])
    )
    rows = sfo.tables["levels"].query("by == 'boarding_area' and item == 'overall' and statistic == 'mean'")
    assert len(rows) == 7
    found = rows.set_index(rows["domain"].str.lower())["estimate"]
    pd.testing.assert_series_equal(plain, found.reindex(plain.index), rtol=1e-12, check_names=False)


def test_sfo_has_no_mirror_by_design(sfo: Results) -> None:
    """One audience: no gap, and the manifest says so."""
    assert sfo.tables["gaps"].empty
    assert sfo.facts["mirrored"] is False

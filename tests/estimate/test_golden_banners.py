"""Banner tables agree with R: shares, means and scores by segment, every pair of columns, adjusted p-values, effective bases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, replicate
from symmetry.estimate import Banner
from tests.golden.reading import BANK, agree, data, golden, raked_customers, school_designs

TOLERANCE = 1e-8
SCHOOLS = ["srs", "stratified", "one_stage", "two_stage", "ultimate_cluster"]


def told(banner: Banner, adjusted: str, wanted: pd.Index) -> dict[tuple[str, str, str], float]:
    """Numbers of a table under the golden names, those that R was asked for."""
    ours: dict[tuple[str, str, str], float] = {}
    for row in banner.tests[banner.tests["note"] == ""].itertuples():
        category = {"mean": "", "nps": "nps"}.get(row.statistic, str(row.category))
        domain = f"{row.head}:{category}:{row.column_a}:{row.column_b}"
        facts = {"difference": row.difference, "se": row.se, "df": row.df, "p": row.p, adjusted: row.p_adjusted}
        ours |= {(row.item, domain, what): value for what, value in facts.items()}
    for row in banner.cells.itertuples():
        category = {"mean": "", "nps": "nps"}.get(row.statistic, str(row.category))
        ours[row.item, f"{row.head}:{category}:{row.column}", "value"] = row.estimate
        ours[row.item, f"{row.head}::{row.column}", "base_effective"] = row.base_effective
    return {key: value for key, value in ours.items() if key in wanted}


def compare(name: str, design: Design, items: list[str], heads: list[str], statistics: dict[str, str]) -> None:
    """A table of these items and heads against R's, by two adjustments."""
    theirs = golden("banners", name)
    theirs = theirs[
        theirs.index.get_level_values("item").isin(items)
        & theirs.index.get_level_values("domain").str.split(":").str[0].isin(heads)
    ]
    ours = {}
    for method in ("holm", "by"):
        table = estimate.banner(design, items, heads, statistics=statistics, adjust=method, base_at_least=0)
        ours |= told(table, method, theirs.index)
    assert len(theirs) > 10
    agree(theirs, ours, rtol=TOLERANCE, atol=1e-12)


@pytest.mark.parametrize("name", SCHOOLS)
@pytest.mark.parametrize("head", ["stype", "award"])
def test_shares_and_means_by_segment_agree_with_r(name: str, head: str) -> None:
    """Values, differences, errors, degrees of freedom, p-values by Holm and Benjamini–Yekutieli, effective bases."""
    compare(name, school_designs()[name], ["met", "api00"], [head], {"api00": "mean", "met": "share"})


@pytest.mark.parametrize("name", SCHOOLS)
def test_missing_answers_agree_with_r(name: str) -> None:
    """Who did not answer is out of the item, not of the design."""
    compare(name, school_designs()[name], ["agree"], ["stype"], {"agree": "share"})


def test_replicates_agree_with_r() -> None:
    """A jackknife's differences are made again in each replicate."""
    design = replicate(school_designs()["one_stage"], "jackknife")
    compare("jackknife", design, ["met"], ["award"], {"met": "share"})
    compare("jackknife", design, ["api00"], ["stype"], {"api00": "mean"})


@pytest.mark.parametrize("name", ["bank", "persons", "raked"])
def test_the_bank_agrees_with_r(name: str) -> None:
    """Two heads side by side, five answers and a score, with psus, with persons as psus, with raked weights."""
    frame = raked_customers() if name == "raked" else data("bank_customers")
    roles = {"bank": BANK, "persons": {"stratum": "region"}, "raked": BANK}[name]
    design = Design(frame, weight="fitted" if name == "raked" else "weight", **roles)
    wanted = {"listened": "share", "recommend": "nps"}
    compare(name, design, ["listened", "recommend"], ["age", "region"], wanted)
    if name != "raked":
        compare(name, design, ["channel"], ["age"], {"channel": "share"})


def test_no_pair_of_r_is_left_out() -> None:
    """Every pair R tested, ours tests; those without error, neither does."""
    table = estimate.banner(school_designs()["two_stage"], "met", "stype", base_at_least=0)
    tested = (table.tests["note"] == "").sum()
    theirs = golden("banners", "two_stage").loc["met"].reset_index()
    assert ((theirs["what"] == "p") & theirs["domain"].str.startswith("stype")).sum() == tested
    assert np.isfinite(table.cells["estimate"]).all()

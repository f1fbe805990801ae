"""rwg, rwg(j), AD and their summaries by plain pandas, unit by unit; weights, edges and refusals."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design
from symmetry.errors import DataError
from symmetry.measurement import ad, agreement, icc, rwg, rwg_j
from tests.golden.reading import data


def bank() -> pd.DataFrame:
    """The bank's customers."""
    return data("bank_customers")


def weighted_variance(rows: pd.DataFrame, item: str) -> float:
    """n/(n - 1) Σw(y - ȳ)²/Σw of the rows that answered."""
    rows = rows.dropna(subset=item)
    mean = np.average(rows[item], weights=rows["weight"])
    return float(np.average((rows[item] - mean) ** 2, weights=rows["weight"]) * len(rows) / (len(rows) - 1))


def weighted_median(rows: pd.DataFrame, item: str) -> float:
    """The answer at which half of the weight is reached, by sorting."""
    rows = rows.dropna(subset=item).sort_values(item)
    share = rows["weight"].cumsum() / rows["weight"].sum()
    return float(rows[item][share >= 0.5].iloc[0])


def test_weights_of_a_design_are_used() -> None:
    """rwg and AD of a design are of weighted variances, means and medians, branch by branch."""
    frame = bank()
    design = Design(frame, weight="weight", stratum="region", psu="branch")
    variances = frame.groupby("branch")[["kept", "weight"]].apply(lambda rows: weighted_variance(rows, "kept"))
    found = rwg(design, "kept", unit="branch", low=1, high=5).table().set_index("branch")
    np.testing.assert_allclose(found["estimate"], 1 - variances / 2, rtol=1e-12)
    np.testing.assert_allclose(found["variance"], variances, rtol=1e-12)
    for about in ("mean", "median"):
        centre = {
            branch: weighted_median(rows, "kept") if about == "median"
            else np.average(rows["kept"].dropna(), weights=rows["weight"][rows["kept"].notna()])
            for branch, rows in frame.groupby("branch")
        }  # fmt: skip
        rows = frame.dropna(subset="kept").assign(away=lambda d, c=centre: (d["kept"] - d["branch"].map(c)).abs())
        theirs = rows.groupby("branch")[["away", "weight"]].apply(lambda d: np.average(d["away"], weights=d["weight"]))
        ours = ad(design, "kept", unit="branch", low=1, high=5, about=about).table().set_index("branch")["estimate"]
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("step", [1.0, 1 / 3])
def test_medians_of_whole_and_of_broken_answers(step: float) -> None:
    """The median of even and odd numbers of answers is numpy's, of codes (counted) and of scale means (sorted)."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"unit": rng.integers(0, 40, 300), "y": 1 + rng.integers(0, int(4 / step) + 1, 300) * step})
    frame = frame[frame.groupby("unit")["y"].transform("size") > 1]
    ours = ad(frame, "y", unit="unit", low=1, high=5, about="median").table().set_index("unit")["estimate"]
    theirs = frame.groupby("unit")["y"].apply(lambda y: np.abs(y - np.median(y)).mean())
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


def test_a_scale_of_who_answered_what() -> None:
    """rwg(j) of available answers takes each item's variance over those who gave it, and J of the items that have one."""
    frame = bank()
    items = ["listened", "kept", "helped"]
    found = rwg_j(frame, items, unit="branch", low=1, high=5, scale="care").table().set_index("branch")
    variances = frame.groupby("branch")[items].var()
    many, r = variances.notna().sum(axis=1), 1 - variances.mean(axis=1) / 2
    np.testing.assert_allclose(found["estimate"], many * r / (many * r + 1 - r), rtol=1e-12)
    np.testing.assert_array_equal(found["n"], frame.groupby("branch")[items].count().min(axis=1))
    assert set(found["item"]) == {"care"}


def test_an_item_that_a_unit_hardly_answered_is_left_out_of_its_scale() -> None:
    """One answer to an item has no variance: J is smaller there."""
    frame = pd.DataFrame({"unit": [1, 1, 1], "a": [4, 4, 5], "b": [3, 4, 4], "c": [5, np.nan, np.nan]})
    three = rwg_j(frame, ["a", "b", "c"], unit="unit", low=1, high=5).table()
    two = rwg_j(frame, ["a", "b"], unit="unit", low=1, high=5).table()
    assert three["estimate"][0] == two["estimate"][0]
    assert (three["note"][0], two["note"][0]) == ("of 2 items of 3, those with two answers", "")


def test_a_divided_unit_is_told() -> None:
    """rwg below 0 stays and is told; rwg(j) is 0 there, and told; a unit of one answer or of none has a note."""
    frame = pd.DataFrame({"unit": [1, 1, 2, 3, 3, 4], "a": [1, 5, 3, 4, 4, np.nan], "b": [1, 5, 2, 4, 5, np.nan]})
    one = rwg(frame, "a", unit="unit", low=1, high=5).table()
    assert one["estimate"][:3].fillna(-9).tolist() == [-3, -9, 1]
    assert one["n"].tolist() == [2, 1, 2, 0]
    assert [note.split(":")[0] for note in one["note"]] == ["below 0", "one answer", "", "nobody answered"]
    scale = rwg_j(frame, ["a", "b"], unit="unit", low=1, high=5).table()
    assert scale["estimate"][0] == 0
    assert scale["note"][0].startswith("taken as 0")
    assert ad(frame, "a", unit="unit", low=1, high=5).table()["note"].tolist() == [
        "",
        one["note"][1],
        "",
        "nobody answered",
    ]


def test_the_summary_is_of_units_and_no_gate() -> None:
    """Median unit, units with a value, share below .70 (or above A/6): by numpy, and the note says it is no gate."""
    frame = bank()
    found = rwg(frame, ["kept", "helped"], unit="branch", low=1, high=5)
    values = found.table().groupby("item", sort=False)["estimate"]
    summary = found.summary()
    np.testing.assert_allclose(summary["estimate"], values.median())
    np.testing.assert_allclose(summary["share_low"], values.apply(lambda v: (v < 0.7).mean()))
    assert summary["note"].str.startswith("information, not a gate").all()
    assert (summary["units"] == 26).all()
    apart = ad(frame, "kept", unit="branch", low=1, high=5)
    share = (apart.table()["estimate"] > 5 / 6).mean()
    assert apart.summary()["share_high"][0] == share
    assert 0 < share < 1


def test_the_bar_itself_is_not_below_the_bar() -> None:
    """A unit of rwg .70 exactly counts as reaching it, whatever the last digit of 1 - .6/2."""
    frame = pd.DataFrame({"unit": [1] * 5, "y": [3, 3, 3, 4, 5]})
    variance = frame["y"].var()
    found = rwg(frame, "y", unit="unit", low=1, high=5, null=variance / 0.3)
    assert found.summary()["share_low"][0] == 0


def test_the_overview_is_its_parts() -> None:
    """`agreement` tells what icc, rwg and ad tell one by one, with ends item by item."""
    frame = bank().assign(unit=lambda d: d["branch"])
    items, low, high = ["kept", "recommend"], {"kept": 1, "recommend": 0}, {"kept": 5, "recommend": 10}
    table = agreement(frame, items, unit="unit", low=low, high=high, level=0.9).table()
    parts = icc(frame, items, unit="unit", level=0.9).table()
    for ours, theirs in {
        "icc1": "icc1",
        "icc1_lower": "lower",
        "icc1_upper": "upper",
        "icc2": "icc2",
        "k": "k",
        "n": "n",
    }.items():
        np.testing.assert_array_equal(table[ours], parts[theirs])
    agreed = rwg(frame, items, unit="unit", low=low, high=high).summary()
    apart = ad(frame, items, unit="unit", low=low, high=high).summary()
    np.testing.assert_array_equal(table[["rwg", "rwg_low"]], agreed[["estimate", "share_low"]])
    np.testing.assert_array_equal(table[["ad", "ad_high"]], apart[["estimate", "share_high"]])
    assert apart["cutoff"].tolist() == [5 / 6, 11 / 6]


def test_skewed_chance_by_its_probabilities() -> None:
    """The slight skew of James, Demaree and Wolf (1984) has variance 1.34 on five codes."""
    frame = bank()
    slight = rwg(frame, "kept", unit="branch", low=1, high=5, null=[0.05, 0.15, 0.20, 0.35, 0.25]).table()
    variance = rwg(frame, "kept", unit="branch", low=1, high=5, null=1.34).table()
    np.testing.assert_allclose(slight["estimate"], variance["estimate"], rtol=1e-12)


@pytest.mark.parametrize(
    ("says", "options"),
    [
        ("no end of a scale", {"low": 1.5}),
        ("no end of a scale", {"high": np.inf}),
        ("no two answers", {"low": 5}),
        ("no end for `kept`", {"low": {"heard": 1}}),
        ("its scale runs from 1 to 4", {"high": 4}),
        ("its scale runs from 2 to 5", {"low": 2}),
        ("low='1' is no end of a scale", {"low": "1"}),
        ("low=None is no end of a scale", {"low": None}),
        ("cutoff='x' is no bar", {"cutoff": "x"}),
        ("holds no numbers", {"null": ["a"] * 5}),
        ("is unknown", {"null": "normal"}),
        ("is no variance", {"null": 0.0}),
        ("no probabilities of the 5 codes", {"null": [0.5, 0.5]}),
        ("no probabilities of the 5 codes", {"null": [0.5, 0.5, 0.5, 0, 0]}),
        ("all answers on one code", {"null": [0, 0, 1, 0, 0]}),
    ],
)
def test_scales_that_are_none_are_refused(says: str, options: dict[str, Any]) -> None:
    """Ends that are not whole, chance that is none, answers beyond the ends."""
    with pytest.raises(DataError, match=says):
        rwg(bank(), "kept", **({"unit": "branch", "low": 1, "high": 5} | options))


def test_what_agreement_cannot_be_asked_is_refused() -> None:
    """An unknown centre, a scale of one item, complete people in a table of counts, a unit called like a result's column."""
    frame, centre = bank().assign(n=1), cast("Any", "mode")
    with pytest.raises(DataError, match="no centre"):
        ad(frame, "kept", unit="branch", low=1, high=5, about=centre)
    with pytest.raises(DataError, match="two items or more"):
        rwg_j(frame, ["kept"], unit="branch", low=1, high=5)
    with pytest.raises(DataError, match="do not tell who gave all"):
        rwg_j(frame, ["kept"], unit="branch", low=1, high=5, item="channel", missing="complete")
    with pytest.raises(DataError, match="rename the column"):
        rwg(frame, "kept", unit="n", low=1, high=5)


def test_a_scale_of_counts_is_that_of_rows() -> None:
    """rwg(j) of counts long by item is that of the rows, where everybody answered all."""
    wide = bank()[["branch", "listened", "kept", "helped"]].dropna()
    counts = wide.melt("branch", var_name="question", value_name="answer").value_counts().rename("many").reset_index()
    rows = rwg_j(wide, ["listened", "kept", "helped"], unit="branch", low=1, high=5, scale="care").table()
    table = rwg_j(counts, "answer", item="question", count="many", unit="branch", low=1, high=5, scale="care").table()
    pd.testing.assert_frame_equal(rows, table, rtol=1e-12)


def test_nobody_in_any_unit() -> None:
    """Answers of people without a unit, and an item nobody answered: no rows or empty ones, and a summary that says so."""
    lost = pd.DataFrame({"unit": [None, None], "y": [1, 2]})
    found = rwg(lost, "y", unit="unit", low=1, high=5)
    assert len(found) == 0
    silent = ad(pd.DataFrame({"unit": [1, 2], "y": [np.nan] * 2}), "y", unit="unit", low=1, high=5, about="median")
    assert silent.table()["note"].tolist() == ["nobody answered"] * 2
    for summary in (found.summary(), silent.summary()):
        assert summary[["item", "units", "note"]].to_numpy().tolist() == [["y", 0, "no unit has two answers"]]

"""Suppression hides a number everywhere or nowhere: in levels, in gaps read absolutely or relatively, and in drivers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import disclosure, dissonance, drivers, estimate
from symmetry.design import Design, stack
from symmetry.dissonance import Pair
from symmetry.errors import DisclosureError

WAVE, ITEMS = "cold", ["clean", "kind", "quick"]
KEYS = [
    "statistic",
    "item",
    "by",
    "domain",
    "audience",
    "face",
    "wave",
    "mirror",
    "a",
    "b",
    "reading",
    "smallest",
    "comparability",
]
Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def answers(sizes: dict[str, int], seed: int, blank: float = 0.05) -> pd.DataFrame:
    """Scored answers of one audience, by region."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"region": [region for region, size in sizes.items() for _ in range(size)]})
    for item in ITEMS:
        frame[item] = np.where(rng.random(len(frame)) < blank, np.nan, rng.integers(1, 6, len(frame)))
    return frame


def hide(tables: Tables, **known: Any) -> Tables:
    """The release of three tables, in their order."""
    out = disclosure.suppress(dict(zip(("levels", "gaps", "drivers"), tables, strict=True)), **known)
    assert ["levels", "gaps", "drivers"] == list(out)
    return out["levels"], out["gaps"], out["drivers"]


def housed(table: pd.DataFrame, by: list[str], **constant: str) -> pd.DataFrame:
    """A table with the `by` and `domain` of stored tables."""
    domain = table[by].astype(str).agg(" × ".join, axis=1) if by else ""
    return table.assign(by=" × ".join(by), domain=domain, wave=WAVE, **constant)


def released(customers: pd.DataFrame, employees: pd.DataFrame) -> tuple[Tables, dict[tuple[str, str], pd.DataFrame]]:
    """Levels, gaps and drivers before suppression, and the people behind them."""
    sides = {"customers": Design(customers), "employees": Design(employees)}
    both = stack(sides)
    faces = {"customers": "customer", "employees": "employee"}
    pairs = [
        Pair(item, ("customers", item), ("employees", item), "customer - employee", "literal", "mean", 0.3)
        for item in ITEMS
    ]
    levels, gaps = [], []
    for by in ([], ["region"]):
        domain = ["audience", *by]
        both_statistics = [
            estimate.mean(both, ITEMS, by=domain),
            estimate.favourable(both, ITEMS, at_least=4, by=domain),
        ]
        levels.extend(housed(est.table(), by) for est in both_statistics)
        gaps.append(housed(dissonance.detect(dissonance.gap(both, pairs, by=by)), by, a="customer", b="employee"))
    level = pd.concat(levels, ignore_index=True)
    level["face"] = level["audience"].map(faces)
    ranks = [
        housed(drivers.importance(design, "clean", ["kind", "quick"]).table(), [], audience=name, outcome="clean")
        for name, design in sides.items()
    ]
    people = {(WAVE, "customers"): customers, (WAVE, "employees"): employees}
    return (level, pd.concat(gaps, ignore_index=True), pd.concat(ranks, ignore_index=True)), people


def numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Every cell of a table that is neither a key nor the note nor the flag."""
    return table.drop(
        columns=[name for name in [*KEYS, "region", "family", "suppressed", "note", "outcome"] if name in table]
    )


SIZES = {
    "plain": ({"n": 40, "s": 30, "w": 20}, {"n": 30, "s": 25, "w": 20}),
    "a small region": ({"n": 40, "s": 30, "w": 8}, {"n": 30, "s": 25, "w": 14}),
    "small among employees": ({"n": 40, "s": 30, "w": 20}, {"n": 30, "s": 7, "w": 14}),
    "everything small": ({"n": 6, "s": 2}, {"n": 5, "s": 3}),
}


@pytest.mark.parametrize("sizes", list(SIZES))
@pytest.mark.parametrize("seed", range(4))
def test_a_hidden_row_has_no_number_anywhere(sizes: str, seed: int) -> None:
    """Estimates, errors, counts, p-values, verdicts, ranks: all empty in a hidden row; a shown row is as it was."""
    before, people = released(answers(SIZES[sizes][0], seed), answers(SIZES[sizes][1], seed + 100))
    after = hide(before, people=people, cuts={}, minimum=10)
    for was, now in zip(before, after, strict=True):
        hidden = now["suppressed"].to_numpy(bool)
        left = numbers(now[hidden])
        texts = left.select_dtypes("str")
        assert left.drop(columns=texts.columns).isna().all(axis=None)
        assert (texts == "").all(axis=None) or texts.empty
        assert {"fewer than 10 answers, or hidden to protect a group that small"} >= set(now.loc[hidden, "note"])
        pd.testing.assert_frame_equal(
            was[~hidden].drop(columns="suppressed"), now[~hidden].drop(columns="suppressed"), check_dtype=False
        )
        pd.testing.assert_frame_equal(was[[k for k in KEYS if k in was]], now[[k for k in KEYS if k in now]])


@pytest.mark.parametrize("sizes", list(SIZES))
def test_a_gap_is_hidden_with_either_side(sizes: str) -> None:
    """A gap is shown only where both its levels are; relative gaps of a family there are hidden together."""
    before, people = released(answers(SIZES[sizes][0], 1), answers(SIZES[sizes][1], 2))
    levels, gaps, _ = hide(before, people=people, cuts={}, minimum=10)
    gone = levels[levels["suppressed"]].groupby(["item", "by", "domain"]).size().index
    absolute = gaps[gaps["reading"] == "absolute"].set_index(["item", "by", "domain"])
    assert absolute["suppressed"].tolist() == [key in gone for key in absolute.index]
    for (by, domain), family in gaps.groupby(["by", "domain"]):
        read = family.groupby("reading")["suppressed"]
        assert read.get_group("relative").all() == read.get_group("absolute").any(), (by, domain)
        assert len(set(read.get_group("relative"))) == 1


def test_one_hidden_gap_hides_the_relative_gaps_of_its_family() -> None:
    """Relative gaps sum to 0: where one item is small, the others' absolute gaps stay and all relative ones go."""
    customers = answers({"n": 40, "s": 30, "w": 15}, 17, blank=0.0)
    customers.loc[customers.index[customers["region"] == "w"][:9], "kind"] = np.nan
    before, people = released(customers, answers(SIZES["plain"][1], 18))
    _, gaps, _ = hide(before, people=people, cuts={}, minimum=10)
    west = gaps[gaps["domain"] == "w"].set_index(["item", "reading"])["suppressed"]
    assert {"clean": False, "kind": True, "quick": False} == west.xs("absolute", level="reading").to_dict()
    assert {"clean": True, "kind": True, "quick": True} == west.xs("relative", level="reading").to_dict()
    assert not gaps.loc[gaps["domain"] == "n", "suppressed"].any()


def test_levels_of_one_cell_are_hidden_for_every_statistic() -> None:
    """The mean and the favourable share of a small cell go together."""
    before, people = released(answers(*SIZES["a small region"][:1], 3), answers(SIZES["plain"][1], 4))
    levels, _, _ = hide(before, people=people, cuts={}, minimum=10)
    per_cell = levels.groupby(["item", "audience", "by", "domain"])["suppressed"].nunique()
    assert (per_cell == 1).all()
    small = levels[(levels["audience"] == "customers") & (levels["domain"] == "w")]
    assert small["suppressed"].all()
    # hidden too, or the total less the two others would be the small one
    assert levels[(levels["audience"] == "customers") & (levels["domain"] == "s")]["suppressed"].all()


def test_answers_count_and_not_people() -> None:
    """A region of fifteen in which six answered an item is small for that item only."""
    customers = answers({"n": 40, "s": 30, "w": 15}, 5, blank=0.0)
    customers.loc[customers.index[customers["region"] == "w"][:9], "kind"] = np.nan
    before, people = released(customers, answers(SIZES["plain"][1], 6))
    levels, _, _ = hide(before, people=people, cuts={}, minimum=10)
    hidden = levels[(levels["domain"] == "w") & (levels["audience"] == "customers")].set_index("item")["suppressed"]
    assert hidden["kind"].all()
    assert not hidden["clean"].any()


def test_people_without_weight_do_not_fill_a_cell() -> None:
    """Nine who count and two of weight 0 are nine: the cell is hidden."""
    customers = answers({"n": 40, "s": 30, "w": 11}, 7, blank=0.0).assign(weight=1.0)
    customers.loc[customers.index[-2:], "weight"] = 0.0
    before, people = released(customers, answers(SIZES["plain"][1], 8))
    weighted = stack({"customers": Design(customers, weight="weight"), "employees": Design(people[WAVE, "employees"])})
    by = estimate.mean(weighted, ITEMS, by=["audience", "region"]).table()
    levels = housed(by, ["region"]).assign(face=by["audience"].map({"customers": "customer", "employees": "employee"}))
    counted = people | {(WAVE, "customers"): customers[customers["weight"] > 0]}
    shown, _, _ = hide((levels, before[1].iloc[:0], before[2].iloc[:0]), people=counted, cuts={}, minimum=10)
    regions = shown[(shown["by"] == "region") & (shown["audience"] == "customers")]
    assert regions[regions["domain"] == "w"]["suppressed"].all()


def test_a_cell_where_all_are_favourable_is_hidden() -> None:
    """Codes 4 and 5 differ and say the same: everybody there is favourable, so the share may not be shown."""
    before, people = released(answers({"n": 40, "s": 30, "w": 20}, 7, blank=0.0), answers(SIZES["plain"][1], 8))
    customers = people[WAVE, "customers"]
    inside = customers["region"] == "w"
    customers.loc[inside, "clean"] = [4.0, 5.0] * (inside.sum() // 2)
    kept, hidden = (hide(before, people=people, cuts=cuts, minimum=10)[0] for cuts in ({}, {"clean": (4.0,)}))
    at_west = [
        table[(table["domain"] == "w") & (table["audience"] == "customers") & (table["item"] == "clean")]
        for table in (kept, hidden)
    ]
    assert not at_west[0]["suppressed"].any()
    assert at_west[1]["suppressed"].all()


def test_a_cell_where_all_answered_alike_is_hidden() -> None:
    """Everybody's answer would be known: the cell goes, however large."""
    people = pd.DataFrame({"region": ["a"] * 20 + ["b"] * 20 + ["c"] * 30, "x": [5.0] * 20 + [1.0, 2, 3, 4, 5] * 10})
    assert ("region", "a") in disclosure.hidden_cells(people, [[], ["region"]], answers=people["x"], minimum=10)


def test_drivers_of_few_people_are_hidden() -> None:
    """Shares that rest on fewer complete answers than the minimum go, with the note that counts them."""
    before, people = released(answers({"n": 12, "s": 11}, 9, blank=0.45), answers(SIZES["plain"][1], 10))
    _, _, ranks = hide(before, people=people, cuts={}, minimum=10)
    hidden = ranks[ranks["audience"] == "customers"]
    assert (before[2].loc[before[2]["audience"] == "customers", "n"] < 10).all()
    assert hidden["suppressed"].all()
    assert not hidden["note"].str.contains("answered every item").any()


def test_what_is_public_is_noted_and_shown() -> None:
    """Figures that a publisher has made public keep their numbers; small cells carry a note."""
    before, people = released(answers(SIZES["a small region"][0], 11), answers(SIZES["plain"][1], 12))
    after = hide(before, people=people, cuts={}, minimum=10, published=True)
    for was, now in zip(before, after, strict=True):
        pd.testing.assert_frame_equal(was.drop(columns="note"), now.drop(columns="note"))
        assert now.loc[now["n"] < 10, "note"].str.contains("fewer than 10 units; shown because").all()
        assert now.loc[now["n"] >= 10, "note"].equals(was.loc[was["n"] >= 10, "note"])


def test_tables_without_gaps_stay_without() -> None:
    """One audience by design: no gaps in, no gaps out."""
    before, people = released(answers(SIZES["plain"][0], 13), answers(SIZES["plain"][1], 14))
    _, gaps, _ = hide((before[0], before[1].iloc[:0], before[2]), people=people, cuts={}, minimum=10)
    assert gaps.empty


def test_cells_below_five_are_never_allowed() -> None:
    """A minimum below five people is refused."""
    before, people = released(answers(SIZES["plain"][0], 15), answers(SIZES["plain"][1], 16))
    with pytest.raises(DisclosureError, match="cells of 4 people may not be shown") as caught:
        hide(before, people=people, cuts={}, minimum=4)
    assert caught.value.problems[0].mend == "the minimum is 5 or more"

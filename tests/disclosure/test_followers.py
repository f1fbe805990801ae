"""What a hidden level takes with it: units, effects, ranks, agreement, partition; rows counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import disclosure
from symmetry.disclosure.tables import follow
from symmetry.errors import DisclosureError

UNITS, REGIONS, ITEMS = ["u1", "u2", "u3", "u4", "u5", "u6"], ["r1", "r2", "r3"], ["clean", "kind"]
WAVE, NOTE = "cold", "hidden"


def levels(*gone: tuple[str, str, str]) -> pd.DataFrame:
    """Levels of both audiences by unit and region, some (item, face, domain) hidden."""
    rows = [
        {"wave": WAVE, "audience": f"{face}s", "item": item, "face": face, "by": by, "domain": domain, "n": 30.0}
        for item in ITEMS
        for face in ("customer", "employee")
        for by, domains in (("unit", UNITS), ("region", REGIONS))
        for domain in domains
    ]
    table = pd.DataFrame(rows).assign(statistic="mean", estimate=3.0, note="")
    keys = table[["item", "face", "domain"]].itertuples(index=False, name=None)
    return table.assign(suppressed=[key in gone for key in keys])


def pairs(**more: object) -> pd.DataFrame:
    """One row an item and unit, absolute and relative."""
    rows = [
        {"item": item, "by": "unit", "domain": unit, "reading": reading, "estimate": 0.4, "n": 60, "n_a": 30, "n_b": 30}
        for reading in ("absolute", "relative")
        for item in ITEMS
        for unit in UNITS
    ]
    constant = {"statistic": "mean", "wave": WAVE, "a": "customer", "b": "employee", "suppressed": False, "note": ""}
    return pd.DataFrame(rows).assign(**constant, **more)


def hidden(name: str, table: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table that are hidden, emptied."""
    out = follow(name, table, known, 10, NOTE)
    assert out.columns.equals(table.columns)
    shown = ~out["suppressed"].to_numpy(bool)
    pd.testing.assert_frame_equal(out[shown], table[shown], check_dtype=False)
    return out[~shown]


TWO = (("clean", "customer", "u1"), ("clean", "customer", "u2"))


def test_a_hidden_unit_goes_whole() -> None:
    """Shrunken and direct value, own share, chances, funnel and verdict: all gone where a side is hidden, keys stay."""
    numbers = ["direct", "direct_se", "own", "between", "chance_dissonant", "chance_aligned", "funnel_se", "funnel_z"]
    table = pairs(verdict="dissonant", funnel="above 95", target=0.1, **dict.fromkeys(numbers, 0.5))
    gone = hidden("units", table, levels(*TWO))
    absolute = gone[gone["reading"] == "absolute"]
    assert [("clean", "u1"), ("clean", "u2")] == list(zip(absolute["item"], absolute["domain"], strict=True))
    assert gone[[*numbers, "target", "estimate", "n", "n_a", "n_b"]].isna().all(axis=None)
    assert (gone[["verdict", "funnel"]] == "").all(axis=None)
    assert {NOTE} == set(gone["note"])


def test_a_column_of_later_days_is_emptied_too() -> None:
    """A number or word that this room has never heard of does not stay in a hidden row."""
    gone = hidden("units", pairs(novelty=1.0, saying="three of them"), levels(*TWO))
    assert gone["novelty"].isna().all()
    assert (gone["saying"] == "").all()


def test_one_hidden_unit_hides_its_pair() -> None:
    """All shrunken values share a target: with one unit hidden, the others and the target would leave it over."""
    gone = hidden("units", pairs(), levels(TWO[0]))
    absolute = gone[gone["reading"] == "absolute"]
    assert len(UNITS) == (absolute["item"] == "clean").sum()
    assert 0 == (absolute["item"] == "kind").sum()


def test_effects_go_pair_by_pair() -> None:
    """An effect size has the sides of its gap, and goes with either; few answers on one side hide it too."""
    table = pairs(size="small").query("reading == 'absolute'").reset_index(drop=True)
    table.loc[(table["item"] == "kind") & (table["domain"] == "u6"), "n_b"] = 9
    gone = hidden("effects", table, levels(*TWO))
    expected = [("clean", "u1"), ("clean", "u2"), ("kind", "u6")]
    assert expected == list(zip(gone["item"], gone["domain"], strict=True))
    assert (gone["size"] == "").all()


def test_ranks_of_a_family_go_together() -> None:
    """Where one pair is hidden, the places of the others would leave its place open: none is shown there."""
    table = pairs(rank_a=1.0, rank_b=2.0).query("reading == 'absolute'").reset_index(drop=True)
    gone = hidden("ranks", table, levels(*TWO))
    assert {("clean", "u1"), ("clean", "u2"), ("kind", "u1"), ("kind", "u2")} == set(
        zip(gone["item"], gone["domain"], strict=True)
    )
    assert gone[["rank_a", "rank_b"]].isna().all(axis=None)


def test_waves_side_by_side() -> None:
    """A gap between two waves goes where the level of either wave is hidden."""
    known = pd.concat([levels(), levels(*TWO).assign(wave="before")], ignore_index=True)
    table = pairs().query("reading == 'absolute'").assign(a="cold", b="before").reset_index(drop=True)
    gone = hidden("gaps", table, known)
    assert [("clean", "u1"), ("clean", "u2")] == list(zip(gone["item"], gone["domain"], strict=True))


def agreement(**more: object) -> pd.DataFrame:
    """Agreement of the two items among employees."""
    table = pd.DataFrame({"item": ITEMS, "units": [6, 6], "n": [180, 180], "icc1": [0.1, 0.2], "rwg": [0.7, 0.8]})
    return table.assign(
        wave=WAVE, audience="employees", face="employee", unit="unit", suppressed=False, note=""
    ).assign(**more)


def test_agreement_of_few_units_or_answers() -> None:
    """Figures of fewer than five units, or of fewer answers than the minimum, are not shown."""
    assert [] == hidden("agreement", agreement(), levels(*TWO))["item"].tolist()
    assert ["clean"] == hidden("agreement", agreement(units=[4, 5]), levels())["item"].tolist()
    few = hidden("agreement", agreement(n=[180, 9]), levels())
    assert ["kind"] == few["item"].tolist()
    assert few[["units", "n", "icc1", "rwg"]].isna().all(axis=None)


def partition(regions: int, units: int) -> pd.DataFrame:
    """Shares of the variance of both items."""
    rows = [
        {"item": item, "level": level, "share": share, "groups": groups}
        for item in ITEMS
        for level, share, groups in (("region", 0.1, regions), ("unit", 0.2, units), ("person", 0.7, 200))
    ]
    return pd.DataFrame(rows).assign(wave=WAVE, audience="employees", face="employee", suppressed=False, note="")


@pytest.mark.parametrize(
    ("regions", "units", "gone", "expected"),
    [
        (3, 6, (), []),
        (3, 4, (), ITEMS),
        (3, 6, (("kind", "employee", "r1"),), ["kind"]),
        (3, 6, (("kind", "employee", "u1"),), []),
        (5, 6, (("kind", "employee", "r1"),), []),
        (3, 6, (("kind", "customer", "r1"),), []),
    ],
)
def test_parts_of_the_variance_go_together(
    regions: int, units: int, gone: tuple[tuple[str, str, str], ...], expected: list[str]
) -> None:
    """Few units, or few regions of which one is hidden: all parts of that item go, since they sum to the whole."""
    found = hidden("partition", partition(regions, units), levels(*gone))
    assert expected == list(dict.fromkeys(found["item"]))
    assert 3 * len(expected) == len(found)


def test_a_trend_goes_with_either_wave() -> None:
    """A level hidden in the wave before hides its trend, and with it the relative ones of the family, which sum to 0."""
    both = pd.concat([levels(), levels(("kind", "employee", "u1")).assign(wave="before")], ignore_index=True)
    rows = [
        {"item": item, "by": "unit", "domain": unit, "reading": reading, "estimate": 0.1, "n_a": 30, "n_b": 30}
        for item in ITEMS
        for unit in UNITS
        for reading in ("absolute", "relative")
    ]
    table = pd.DataFrame(rows).assign(wave=WAVE, earlier="before", face="employee", suppressed=False, note="")
    found = hidden("trends", table, both)
    assert {"u1"} == set(found["domain"])
    assert [("clean", "relative"), ("kind", "absolute"), ("kind", "relative")] == list(
        zip(found["item"], found["reading"], strict=True)
    )


def test_empty_tables_stay_empty() -> None:
    """A release without pairs or units has tables without rows."""
    for name in ("gaps", "units", "effects", "ranks"):
        assert follow(name, pairs().iloc[:0], levels(), 10, NOTE).empty


@pytest.mark.parametrize("width", [0.0, -0.1, 1.5])
def test_a_width_that_is_no_share_is_refused(width: float) -> None:
    """What must stay open is a share of the scale."""
    with pytest.raises(DisclosureError, match="is no share of a scale"):
        disclosure.suppress({"levels": levels()}, people={}, cuts={}, width=width)


def test_the_floor_is_ten_unless_said_otherwise() -> None:
    """Nine answers are hidden by default, ten are shown."""
    frame = pd.DataFrame({"unit": ["u1"] * 9 + ["u2"] * 10 + ["u3"] * 30, "clean": np.arange(49) % 5 + 1.0})
    table = levels().query("item == 'clean' and face == 'customer' and domain in ['u1', 'u2', 'u3']")
    out = disclosure.suppress({"levels": table}, people={(WAVE, "customers"): frame}, cuts={})["levels"]
    assert [True, False, False] == out["suppressed"].tolist()  # no total is published, so none follows


def overall(*gone: tuple[str, str]) -> pd.DataFrame:
    """Levels over all of both audiences, some (audience, item) hidden."""
    rows = [
        {"wave": WAVE, "audience": f"{face}s", "face": face, "item": item, "by": "", "domain": "", "n": 300.0}
        for face in ("customer", "employee")
        for item in (*ITEMS, "again")
    ]
    table = pd.DataFrame(rows).assign(statistic="mean", estimate=3.0, note="")
    keys = table[["audience", "item"]].itertuples(index=False, name=None)
    return table.assign(suppressed=[key in gone for key in keys])


def of_audience(**more: object) -> pd.DataFrame:
    """One row a driver and audience."""
    rows = [{"audience": audience, "item": item} for audience in ("customers", "employees") for item in ITEMS]
    constant = {
        "statistic": "x",
        "wave": WAVE,
        "outcome": "again",
        "by": "",
        "domain": "",
        "suppressed": False,
        "note": "",
    }
    return pd.DataFrame(rows).assign(estimate=0.2, n=300, **{**constant, **more})


def test_a_penalty_that_few_people_paid_is_hidden() -> None:
    """Nine who rated low, nine who rated high or nine between: each would be told by a mean of their own; nobody is no cell."""
    for low, high, gone in ((9, 60, 4), (60, 9, 4), (191, 100, 4), (60, 60, 0), (0, 60, 0)):
        table = of_audience(n_low=low, n_high=high, kind="basic", penalty=-1.0).assign(n=300)
        assert gone == len(hidden("penalties", table, overall()))


@pytest.mark.parametrize("name", ["drivers", "penalties", "whatif"])
def test_what_is_told_of_drivers_follows_their_levels(name: str) -> None:
    """A driver or the outcome hidden over all takes all of that audience with it, and nothing of the other."""
    table = of_audience(n_low=60, n_high=60, moved=0.1, n_top=150)
    for item in ("clean", "again"):
        assert ["customers"] * 2 == hidden(name, table, overall(("customers", item)))["audience"].tolist()


def test_a_top_box_of_few_people_hides_the_move() -> None:
    """Where 9 of 300 are in the top box already, or below it, what a move would change goes; nobody there is no cell."""
    for people, gone in ((9, 4), (291, 4), (150, 0), (0, 0)):
        assert gone == len(hidden("whatif", of_audience(moved=0.1, n_top=people), overall()))


def test_priorities_go_when_either_side_goes() -> None:
    """A comparison of shares that sum to one goes whole, other waves stay."""
    table = of_audience(a="customers", b="employees", n_a=300, n_b=40).query("audience == 'customers'")
    table = table.drop(columns="audience").reset_index(drop=True)
    table = pd.concat([table, table.assign(wave="hot")], ignore_index=True)
    for side in ("customers", "employees"):
        assert [WAVE] * 2 == hidden("priorities", table, overall((side, "clean")))["wave"].tolist()
    assert ["hot"] * 2 == hidden("priorities", table.assign(n_b=[40, 40, 9, 40]), overall())["wave"].tolist()
    assert 0 == len(hidden("priorities", table, overall()))

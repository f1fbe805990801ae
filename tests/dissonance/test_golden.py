"""Gaps, relative gaps, effect sizes and p-values agree with svyby, svycontrast, pt and p.adjust on R's stacked design."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import dissonance
from symmetry.design import Design, stack
from symmetry.dissonance import Pair
from symmetry.dissonance.effects import effects
from symmetry.dissonance.inside import INSIDE, inside
from tests.golden.reading import bank_stacked, data, golden

DESIGNS = ("shared", "shared_no_fpc", "apart", "persons", "raked")
TOLERANCE = 1e-10
FAMILY = "customer - employee"


def pair(item: str, statistic: str = "mean", smallest: float = 0.3, **options: object) -> Pair:
    """A literal pair of one column on both sides."""
    return Pair(item, ("customers", item), ("employees", item), FAMILY, "literal", statistic, smallest, **options)


PAIRS = {
    "points": [pair("listened"), pair("kept"), pair("helped")],
    "top": [pair("listened", "favourable", 0.05, at_least=4)],
    "nps": [pair("recommend", "nps", 10)],
    "score": [pair("listened", "score", 7.5, low=1, high=5)],
    "box": [pair("listened", "top_box", 0.05, high=5)],
    "guess": [
        Pair("guess", ("customers", "listened"), ("employees", "guess"), "customer - guess", "projection", "mean", 0.3)
    ],
}


@pytest.fixture(scope="module")
def designs() -> dict[str, Design]:
    """Every stacked design of gaps.R."""
    return bank_stacked()


def rows(design: Design, asked: str, **options: str) -> pd.DataFrame:
    """Verdicts of all and by age, under R's name for the item."""
    tables = [dissonance.detect(dissonance.gap(design, PAIRS[asked], by=by), **options) for by in ([], ["age"])]
    table = pd.concat(tables, ignore_index=True).fillna({"age": ""})
    return table if asked in ("points", "guess") else table.assign(item=asked)


@pytest.mark.parametrize("asked", list(PAIRS))
@pytest.mark.parametrize("name", DESIGNS)
def test_gaps_agree_with_r(designs: dict[str, Design], name: str, asked: str) -> None:
    """Absolute and relative gaps: value, error, Satterthwaite's df, interval, p of no gap and of a gap beyond the margin."""
    expected = golden("gaps", name)
    whats = {
        "value": "estimate",
        "se": "se",
        "df": "df",
        "lower": "lower",
        "upper": "upper",
        "p": "p",
        "p_aligned": "p_aligned",
    }
    table = rows(designs[name], asked)
    assert len(table) == 4 * (6 if asked == "points" else 1)
    for row in table.to_dict("records"):
        theirs = [expected[row["item"], row["age"], f"{row['reading']}.{what}"] for what in whats]
        # p-values fall by 1e-4 and more: a relative error of the gap comes back some ten times larger in them
        np.testing.assert_allclose([row[ours] for ours in whats.values()], theirs, rtol=TOLERANCE, atol=1e-12)


@pytest.mark.parametrize("adjust", ["bh", "by", "holm"])
@pytest.mark.parametrize("name", DESIGNS)
def test_adjusted_p_values_agree_with_r(designs: dict[str, Design], name: str, adjust: str) -> None:
    """Families adjusted by p.adjust, with p = 1 inside the margin before adjusting, for zero gaps and for equivalence."""
    expected = golden("gaps", name)
    table = rows(designs[name], "points", adjust=adjust).query("reading == 'absolute'")
    keys = list(zip(table["item"], table["age"], strict=True))
    for ours, theirs in (("p_adjusted", "adjusted"), ("p_aligned_adjusted", "aligned")):
        values = [expected[(*key, f"{theirs}.{adjust}")] for key in keys]
        np.testing.assert_allclose(table[ours], values, rtol=TOLERANCE, atol=1e-12)


def test_what_is_shared_moves_the_error_of_a_gap(designs: dict[str, Design]) -> None:
    """Branches good for customers are good for employees here: counting them twice would overstate the gap's error."""
    together = dissonance.gap(designs["shared"], PAIRS["points"]).estimate.se[:3]
    apart = dissonance.gap(designs["apart"], PAIRS["points"]).estimate.se[:3]
    assert (together < apart).all()


def peopled(frame: pd.DataFrame, times: int, more: int) -> pd.DataFrame:
    """The frame with the persons of each branch in the population, as gaps.R counts them."""
    return frame.assign(people=frame.groupby("branch")["branch"].transform("size") * times + more)


def surveyed(**options: object) -> Design:
    """All branches surveyed: strata are audience × branch, each with its own persons in the population."""
    sides = {"customers": peopled(data("bank_customers"), 3, 0), "employees": peopled(data("bank_employees"), 1, 2)}
    return stack({name: Design(frame, weight="weight", **options) for name, frame in sides.items()}, units="apart")


def panel(**roles: str) -> Design:
    """Two waves of the bank's customers, who are psus of both where they answered both."""
    people = data("bank_customers")
    late = people[people["respondent"] % 3 != 0]
    early = people[people["respondent"] % 4 != 0]
    early = early.assign(listened=early["kept"], weight=early["weight"] * 1.5)
    return stack(
        {"cold-2027": Design(late, weight="weight", **roles), "cold-2026": Design(early, weight="weight", **roles)}
    )


WAVES = [Pair("listened", ("cold-2027", "listened"), ("cold-2026", "listened"), "wave", "literal", "mean", 0.3)]
ALL = {
    "listened": pair("listened"),
    "kept": pair("kept"),
    "helped": pair("helped"),
    "top": pair("listened", "favourable", 0.05, at_least=4),
    "nps": pair("recommend", "nps", 10),
    "score": pair("listened", "score", 7.5, low=1, high=5),
    "box": pair("listened", "top_box", 0.05, high=5),
}


def against(name: str, design: Design, asked: dict[str, Pair], by: list[str]) -> pd.DataFrame:
    """Compare value, error and df of every absolute gap with R's; the table of the last."""
    expected = golden("gaps", name)
    for item, one in asked.items():
        table = dissonance.gap(design, [one], by=by).table()
        assert len(table) == sum(
            key[0] == item and bool(key[1]) == bool(by) and key[2] == "value" for key in expected.index
        )
        for row in table.to_dict("records"):
            domain = row[by[0]] if by else ""
            theirs = [expected[item, domain, what] for what in ("value", "se", "df")]
            theirs[1] = theirs[1] if theirs[2] > 0 else np.nan
            np.testing.assert_allclose([row[what] for what in ("estimate", "se", "df")], theirs, rtol=1e-8, atol=1e-10)
    return table


def test_gaps_inside_branches_agree_with_r(designs: dict[str, Design]) -> None:
    """Branch by branch, branches being psus: persons become the psus by themselves, and each row says so."""
    asked = {item: ALL[item] for item in ("listened", "top", "nps", "score")}
    table = against("inside", designs["shared"], asked, ["branch"])
    assert table["note"].str.contains(INSIDE).all()
    assert (table.loc[table["df"] > 0, "se"] > 0).mean() > 0.9


def test_gaps_inside_branches_by_their_payroll_agree_with_r() -> None:
    """The second stage's fpc is kept inside branches, and so is a column of payrolls that is named."""
    asked = {item: ALL[item] for item in ("listened", "top", "nps", "score")}
    sides = {"customers": peopled(data("bank_customers"), 3, 0), "employees": peopled(data("bank_employees"), 1, 2)}
    one, two = (
        stack({name: Design(frame, weight="weight", stratum="region", **roles) for name, frame in sides.items()})
        for roles in ({"psu": "branch"}, {"psu": ["branch", "respondent"], "fpc": ["branches", "people"]})
    )
    against("inside_fpc", inside(one, fpc="people"), asked, ["branch"])
    against("inside_fpc", two, asked, ["branch"])


@pytest.mark.parametrize("by", [[], ["region"]])
def test_gaps_of_units_all_surveyed_agree_with_r(by: list[str]) -> None:
    """Strata are branch × audience, persons psus, each audience has its own fpc: by `stack`, and by `inside`."""
    against("surveyed", surveyed(stratum="branch", fpc="people"), ALL, by)
    against("surveyed", inside(surveyed(psu="branch"), "branch", fpc="people"), ALL, by)


WAVE_ROLES = {
    "waves_persons": {"stratum": "region", "psu": "respondent"},
    "waves_branches": {"stratum": "region", "psu": "branch", "fpc": "branches"},
}


@pytest.mark.parametrize(("name", "roles"), WAVE_ROLES.items())
def test_gaps_between_waves_agree_with_r(name: str, roles: dict[str, str]) -> None:
    """Who answered both waves is one psu in both, and so is a branch."""
    for by in ([], ["age"]):
        against(name, panel(**roles), {"listened": WAVES[0]}, by)


def test_gaps_between_waves_inside_branches_agree_with_r() -> None:
    """A panel's persons are psus of both waves in the stratum of their branch."""
    design = inside(panel(stratum="region", psu="branch"), person="respondent", people="shared")
    against("waves_inside", design, {"listened": WAVES[0]}, ["branch"])


@pytest.mark.parametrize("name", ["shared", "shared_no_fpc", "apart", "persons"])
def test_effect_sizes_agree_with_r(designs: dict[str, Design], name: str) -> None:
    """Hedges' g by the delta method, Cliff's delta and superiority by their influence: values and errors, by age too."""
    expected = golden("effects", name)
    asked = [pair("listened"), pair("kept"), pair("recommend"), *PAIRS["guess"]]
    tables = [effects(designs[name], asked, by=by).table() for by in ([], ["age"])]
    table = pd.concat(tables, ignore_index=True).fillna({"age": ""})
    assert len(table) == len(expected) / 2
    for row in table.to_dict("records"):
        theirs = [expected[row["item"], row["age"], f"{row['statistic']}.{what}"] for what in ("value", "se")]
        np.testing.assert_allclose([row["estimate"], row["se"]], theirs, rtol=1e-9, atol=1e-12)

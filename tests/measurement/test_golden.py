"""ICC, rwg, rwg(j), AD and variance partitions against R: packages multilevel, psych and lme4 (tests/golden/agreement.R)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry.measurement import Agreement, ad, icc, partition, rwg, rwg_j
from tests.golden.reading import agree, data, golden

LEVELS = {"one": ["branch"], "two": ["area", "branch"], "three": ["company", "region", "unit"]}
ITEMS = {"bhr2000": ["af06", "ap12"], "cohesion": ["coh01", "coh02", "coh05"], "nested": ["trust", "voice"]}
SCALES = {
    "bhr2000": ["af06", "af07", "ap12", "ap17"],
    "cohesion": ["coh01", "coh02", "coh03", "coh04", "coh05"],
}


def people(name: str) -> pd.DataFrame:
    """The data of agreement.R, their units in a column `g` of texts."""
    frame = data(name)
    if name == "bhr2000":
        return frame.assign(g=frame["grp"].astype(str))
    if name == "cohesion":
        return frame.assign(g=frame["unit"] + " " + frame["platoon"])
    area = frame["company"] + " " + frame["region"]
    return frame.assign(area=area, branch=area + " " + frame["unit"], g=area + " " + frame["unit"])


def told(name: str, items: list[str], what: list[str]) -> pd.Series:
    """R's values of some items and things told of them."""
    found = golden("agreement", name)
    keys = found.index
    return found[keys.get_level_values("item").isin(items) & keys.get_level_values("what").isin(what)]


def by_unit(found: Agreement, what: str) -> dict[tuple[str, str, str], float]:
    """Values of units, those below 0 shown as 0 as R does."""
    table = found.table()
    keys = zip(table["item"], table["g"], [what] * len(table), strict=True)
    return dict(zip(keys, np.maximum(table["estimate"], 0.0), strict=True))


@pytest.mark.parametrize("name", ITEMS)
def test_correlations_are_those_of_r(name: str) -> None:
    """ICC(1) and ICC(2) by both sizes of a unit, F, its p, and Wald's interval at 95 and 90 %, solved by R's uniroot."""
    items = [*ITEMS[name], *(["hrs"] if name == "bhr2000" else [])]
    ours: dict[tuple[str, str, str], float] = {}
    for k, level, names in (
        ("n0", 0.95, {n: n for n in ("icc1", "icc2", "k", "f", "p", "lower", "upper")}),
        ("mean", 0.90, {"icc1": "icc1.mean", "k": "k.mean", "lower": "lower90", "upper": "upper90"}),
    ):
        for _, row in icc(people(name), items, unit="g", k=k, level=level).table().iterrows():
            ours |= {(row["item"], "", theirs): row[mine] for mine, theirs in names.items()}
    theirs = told(name, items, [*{what for _, _, what in ours}])
    assert len(theirs) == len(ours)
    agree(theirs, ours, rtol=1e-8)


@pytest.mark.parametrize("name", ITEMS)
def test_agreement_of_each_unit_is_that_of_r(name: str) -> None:
    """rwg against uniform and slightly skewed chance, AD about mean and median, of every unit with two answers."""
    frame, items = people(name), ITEMS[name]
    ours = by_unit(rwg(frame, items, unit="g", low=1, high=5), "rwg")
    ours |= by_unit(rwg(frame, items, unit="g", low=1, high=5, null=1.34), "rwg.skew")
    ours |= by_unit(ad(frame, items, unit="g", low=1, high=5), "ad.mean")
    ours |= by_unit(ad(frame, items, unit="g", low=1, high=5, about="median"), "ad.median")
    theirs = told(name, items, ["rwg", "rwg.skew", "ad.mean", "ad.median"])
    assert len(theirs) == np.isfinite(list(ours.values())).sum()
    agree(theirs, ours, rtol=1e-8, atol=1e-13)


@pytest.mark.parametrize("name", SCALES)
def test_agreement_on_a_scale_is_that_of_r(name: str) -> None:
    """rwg(j) of four and of five items, of people who answered them all."""
    found = rwg_j(people(name), SCALES[name], unit="g", low=1, high=5, missing="complete")
    agree(told(name, [" + ".join(SCALES[name])], ["rwg.j"]), by_unit(found, "rwg.j"), rtol=1e-8, atol=1e-13)


@pytest.mark.parametrize(("level", "tail"), [(0.95, "95"), (0.90, "90")])
def test_shrout_and_fleiss(level: float, tail: str) -> None:
    """The example of Shrout and Fleiss (1979), table 4, prints .17 and .44; psych::ICC gives its digits and both intervals."""
    judges = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    frame = pd.DataFrame({"target": np.repeat(np.arange(6), 4), "y": np.ravel(judges)})
    row = icc(frame, "y", unit="target", level=level).table().iloc[0]
    assert (round(row["icc1"], 2), round(row["icc2"], 2), row["k"]) == (0.17, 0.44, 4)
    names = {"icc1": "ICC1", "lower": "ICC1.lower", "upper": "ICC1.upper"}
    names |= {"icc2": "ICC1k", "icc2_lower": "ICC1k.lower", "icc2_upper": "ICC1k.upper"}
    ours = {("y", "", f"{theirs}.{tail}"): row[mine] for mine, theirs in names.items()}
    agree(told("shrout", ["y"], [what for _, _, what in ours]), ours, rtol=1e-8)


@pytest.mark.parametrize("name", LEVELS)
def test_variances_of_nested_levels_are_those_of_lme4(name: str) -> None:
    """Variances and the mean on one, two and three levels; lme4's own search leaves 1e-7 of them, and zeros as 1e-15."""
    found = partition(people("nested"), ["trust", "care", "voice", "score"], levels=LEVELS[name])
    table, summary = found.table(), found.summary()
    ours = {(row["item"], row["level"], "variance"): row["variance"] for _, row in table.iterrows()}
    ours |= {(row["item"], "", "mean"): row["mean"] for _, row in summary.iterrows()}
    theirs = golden("agreement", name)
    assert len(theirs) == len(ours)
    agree(theirs, ours, rtol=1e-5, atol=1e-9)


def test_variances_of_the_army_are_those_of_lme4() -> None:
    """Hours worked and one item of leadership in 99 companies of 8 to 188 soldiers."""
    found = partition(people("bhr2000"), ["hrs", "ap12"], levels=["grp"]).table()
    ours = {(row["item"], row["level"], "variance"): row["variance"] for _, row in found.iterrows()}
    agree(told("bhr2000", ["hrs", "ap12"], ["variance"]), ours, rtol=1e-5)

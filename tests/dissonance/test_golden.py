"""Gaps, relative gaps and their p-values agree with svyby, svycontrast, pt and p.adjust on R's stacked design."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import dissonance
from symmetry.design import Design
from symmetry.dissonance import Pair
from tests.golden.reading import bank_stacked, golden

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

"""Gaps: which rows there are, what is relative to what, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from symmetry import dissonance
from symmetry.design import Design, stack
from symmetry.dissonance import Pair
from symmetry.errors import DesignError

CLEAN = Pair("clean", ("customers", "clean"), ("employees", "clean"), "customer - employee", "literal", "mean", 0.3)
KIND = replace(CLEAN, item="kind", a=("customers", "kind"), b=("employees", "kind"), mirror="parallel")
WARM = replace(CLEAN, item="warm", a=("customers", "warm"), b=("employees", "warm"))
LOOSE = replace(CLEAN, item="loyal", a=("customers", "loyal"), b=("employees", "loyal"), mirror="loose")


def both(regions: str = "nnnsss") -> Design:
    """Six branches with one customer and one employee each; the employees of the south were not asked `kind` and `warm`."""
    rng = np.random.default_rng(2)
    sides = {}
    for audience in ("customers", "employees"):
        frame = pd.DataFrame(rng.integers(1, 6, (6, 4)).astype(float), columns=["clean", "kind", "warm", "loyal"])
        frame = frame.assign(branch=range(6), region=list(regions))
        if audience == "employees":
            frame.loc[frame["region"] == "s", ["kind", "warm"]] = np.nan
        sides[audience] = Design(frame, psu="branch")
    return stack(sides)


def test_a_gap_is_customers_minus_employees() -> None:
    """Side a minus side b, with the number of answers of each."""
    design = both()
    table = dissonance.gap(design, [CLEAN]).table()
    means = design.data.groupby("audience")["clean"].mean()
    np.testing.assert_allclose(table["estimate"], means["customers"] - means["employees"], rtol=1e-12)
    assert (6, 6, 12) == tuple(table.loc[0, ["n_a", "n_b", "n"]])


def test_a_gap_needs_both_sides() -> None:
    """A domain where one side has no answer gives no row, and then the family there has nothing to be relative to."""
    table = dissonance.gap(both(), [CLEAN, KIND, WARM], by=["region"]).table()
    rows = set(table[["item", "region", "reading"]].itertuples(index=False, name=None))
    expected = {(item, "n", reading) for item in ("clean", "kind", "warm") for reading in ("absolute", "relative")}
    assert expected | {("clean", "s", "absolute")} == rows


def test_loose_mirrors_are_never_in_the_mean_of_a_family() -> None:
    """A loose pair has an absolute gap and no relative one, and does not move the others'."""
    with_it, without = (
        dissonance.gap(both(), pairs).table() for pairs in ([CLEAN, KIND, WARM, LOOSE], [CLEAN, KIND, WARM])
    )
    assert "loyal" not in set(with_it.loc[with_it["reading"] == "relative", "item"])
    columns = ["item", "estimate", "se", "df"]
    relative = [
        table.loc[table["reading"] == "relative", columns].reset_index(drop=True) for table in (with_it, without)
    ]
    pd.testing.assert_frame_equal(*relative)


def test_families_and_statistics_are_read_apart() -> None:
    """The mean of a family is over its own pairs on one statistic: points and NPS points are not averaged together."""
    other = replace(KIND, family="customer - management")
    score = replace(KIND, statistic="nps")
    assert len(dissonance.gap(both(), [CLEAN, other]).table()) == 2
    assert len(dissonance.gap(both(), [CLEAN, score]).table()) == 2


@pytest.mark.parametrize(
    ("design", "pairs", "message", "mend"),
    [
        (Design(pd.DataFrame({"clean": [1.0, 2.0]})), [CLEAN], "a gap needs a stacked design", "design.stack"),
        (both(), [replace(CLEAN, b=("employees", "tidy"))], "no column `tidy`", "name one of its columns"),
        (both(), [replace(CLEAN, b=("partners", "clean"))], "no pair has answers on both sides", "check the columns"),
    ],
)
def test_pairs_that_cannot_be_compared_are_refused(design: Design, pairs: list[Pair], message: str, mend: str) -> None:
    """Each fault of pairs is told with its remedy."""
    with pytest.raises(DesignError) as caught:
        dissonance.gap(design, pairs)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend

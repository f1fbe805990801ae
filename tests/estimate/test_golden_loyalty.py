"""NPS, CSAT, CES, top and bottom boxes agree with R: value, error, df, interval, design effect; one stage, two, replicated."""

from __future__ import annotations

import pytest

from symmetry import estimate
from symmetry.design import Design, replicate
from symmetry.estimate import Estimate
from tests.golden.reading import agree, designs_in, golden, school_designs

TOLERANCE = 1e-9
"""Relative; closed forms on both sides, but for the log odds of replicates, which R fits to 1e-14."""
ZERO = 1e-13
"""Beside shares: the error of a share of 0 or 1, and an NPS of 0."""


@pytest.fixture(scope="module")
def designs() -> dict[str, Design]:
    """The designs of loyalty.R."""
    found = school_designs()
    return found | {"jackknife": replicate(found["one_stage"], "jackknife", centre="mean")}


def asked(design: Design, by: list[str]) -> dict[str, Estimate]:
    """Every score of loyalty.R."""
    likely, agreed = {"scale": (0, 10), "by": by}, {"scale": (1, 5), "by": by}
    return {
        "nps": estimate.nps(design, "likely", by=by),
        "top_box": estimate.top_box(design, "likely", **likely),
        "top_three": estimate.top_box(design, "likely", boxes=3, **likely),
        "bottom_box": estimate.bottom_box(design, "likely", boxes=4, **likely),
        "csat": estimate.csat(design, "agree", **agreed),
        "ces": estimate.ces(design, "agree", **agreed),
        "favourable": estimate.favourable(design, "agree", at_least=3, by=by),
    }


@pytest.mark.parametrize("name", designs_in("loyalty"))
def test_scores_of_loyalty_agree_with_r(designs: dict[str, Design], name: str) -> None:
    """Every column of the table is R's, of all schools and by type; a share of 0 or 1 has an interval of ours alone."""
    ours = {}
    for by in ([], ["stype"]):
        for score, est in asked(designs[name], by).items():
            for row in est.table().to_dict("records"):
                key = (row["item"], row["stype"] if by else "")
                told = {"value": "estimate", "se": "se", "lower": "lower", "upper": "upper", "df": "df", "deff": "deff"}
                ours |= {(*key, f"{score}.{what}"): row[column] for what, column in told.items()}
    agree(golden("loyalty", name), ours, rtol=TOLERANCE, atol=ZERO)

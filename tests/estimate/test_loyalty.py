"""Boxes, satisfaction and effort are shares and means of codes; scales are as given, or told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design
from symmetry.errors import DesignError

RNG = np.random.default_rng(5)
N = 80
FRAME = pd.DataFrame(
    {
        "five": RNG.integers(1, 6, N),
        "seven": np.where(RNG.random(N) < 0.2, np.nan, RNG.integers(1, 8, N)),
        "psu": RNG.integers(0, 12, N),
        "w": RNG.uniform(0.5, 2, N),
        "g": RNG.choice(["a", "b"], N),
    }
)
DESIGN = Design(FRAME, weight="w", psu="psu")


def same(one: estimate.Estimate, other: estimate.Estimate) -> None:
    """Two estimates say the same of the same people."""
    np.testing.assert_allclose(one.values, other.values, rtol=1e-12)
    np.testing.assert_allclose(one.covariance(), other.covariance(), rtol=1e-10, atol=1e-18)


def test_boxes_are_favourable_shares_and_their_complements() -> None:
    """Top boxes are the share at or above a code, bottom boxes one less the share above theirs, missing answers out."""
    top = estimate.top_box(DESIGN, "seven", boxes=3, scale=(1, 7), by=["g"])
    same(estimate.favourable(DESIGN, "seven", at_least=5, by=["g"]), top)
    bottom = estimate.bottom_box(DESIGN, "seven", boxes=2, scale=(1, 7))
    above = estimate.favourable(DESIGN, "seven", at_least=3)
    np.testing.assert_allclose([bottom.values[0], bottom.se[0]], [1 - above.values[0], above.se[0]], rtol=1e-12)
    assert ["top_box", "bottom_box"] == [found.labels["statistic"][0] for found in (top, bottom)]


def test_satisfaction_is_two_top_boxes_and_effort_a_mean_or_a_share() -> None:
    """CSAT: 4 and 5 of five. CES: the mean of 1 to 7, or those who agree, 5 to 7."""
    same(estimate.favourable(DESIGN, "five", at_least=4), estimate.csat(DESIGN, "five", scale=(1, 5)))
    same(estimate.mean(DESIGN, "seven"), estimate.ces(DESIGN, "seven", scale=(1, 7)))
    same(estimate.favourable(DESIGN, "seven", at_least=5), estimate.ces(DESIGN, "seven", of="agree", scale=(1, 7)))


def test_a_scale_that_is_not_given_is_taken_from_the_answers_and_told() -> None:
    """Each item has its own scale, in the order asked, and every row says which."""
    found = estimate.top_box(DESIGN, ["seven", "five"], by=["g"])
    assert ["seven", "seven", "five", "five"] == list(found.labels["item"])
    notes = found.table()["note"].tolist()
    assert [f"scale taken from the answers: 1 to {high}" for high in (7, 7, 5, 5)] == notes
    same(estimate.top_box(DESIGN, "five", scale=(1, 5), by=["g"]), found.select([2, 3]))
    assert not any(estimate.top_box(DESIGN, "five", scale=(1, 5)).note)


def test_a_name_finds_its_verb() -> None:
    """Callers that hold statistics as data get what the verb says."""
    for name in ("csat", "ces", "top_box", "bottom_box", "median"):
        found = estimate.named(DESIGN, "five", name)
        same(getattr(estimate, name)(DESIGN, "five"), found)
        assert name == found.labels["statistic"][0]


@pytest.mark.parametrize(
    ("ask", "message", "mend"),
    [
        (
            lambda: estimate.top_box(DESIGN, "seven", scale=(1, 5)),
            "`seven` holds 7, which is no code",
            "mend the scale",
        ),
        (lambda: estimate.csat(DESIGN, "w"), "which is no code of a scale", "score the answers first"),
        (lambda: estimate.top_box(DESIGN, "five", boxes=5), "5 boxes do not fit a scale from 1 to 5", "fewer boxes"),
        (lambda: estimate.bottom_box(DESIGN, "five", boxes=0), "0 boxes do not fit a scale", "at least 1"),
        (lambda: estimate.csat(DESIGN, "five", scale=(5, 1)), "a scale from 5 to 1 has no codes", "the lowest code"),
        (
            lambda: estimate.ces(DESIGN, "five", of="ease"),
            "of='ease' is unknown for customer effort",
            '"mean" or "agree"',
        ),
        (
            lambda: estimate.csat(Design(FRAME.assign(none=np.nan)), "none"),
            "nobody answered none",
            "check the column",
        ),
    ],
)
def test_what_fits_no_scale_is_refused(ask, message: str, mend: str) -> None:
    """Codes outside the scale, boxes that leave nothing out, a scale upside down, words unknown."""
    with pytest.raises(DesignError) as caught:
        ask()
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend

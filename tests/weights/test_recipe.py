"""A recipe weighs as its steps do, and calibrated weights keep what their variance needs."""

from __future__ import annotations

import pandas as pd
import pytest

from symmetry import estimate, weights
from symmetry.design import Design
from symmetry.errors import DataError
from tests.golden.reading import BANK_MARGINS, data

SAMPLE = pd.DataFrame({"region": ["n", "n", "s"], "w": [1, 2, 1], "x": [1.0, 2.0, 4.0]})
TARGET = {"region": {"n": 0.5, "s": 0.5}}


def test_a_recipe_without_steps_weighs_everybody_alike() -> None:
    """No starting weight and no margins: 1 for everybody; a starting weight alone is taken as it is."""
    assert [1.0, 1.0, 1.0] == weights.apply(weights.Recipe(), SAMPLE)["weight"].tolist()
    assert [1.0, 2.0, 1.0] == weights.apply(weights.Recipe("w"), SAMPLE)["weight"].tolist()


def test_a_recipe_rakes_from_its_starting_weight() -> None:
    """Margins are reached by raking, from the recipe's starting weight."""
    customers = data("bank_customers")
    by_recipe = weights.apply(weights.Recipe("weight", BANK_MARGINS), customers, name="fitted")
    pd.testing.assert_frame_equal(by_recipe, weights.rake(customers, BANK_MARGINS, weight="weight", name="fitted"))


def test_calibration_is_remembered_through_sorts() -> None:
    """Rows may move after raking: the calibration is still known, and only for its own weight column."""
    raked = weights.rake(SAMPLE, TARGET, weight="w", name="fitted")
    moved = raked.sort_values("x", ascending=False)
    expected = weights.Calibration("fitted", "fitted.starting", ("region",), len(SAMPLE))
    assert expected == weights.calibration_of(moved, "fitted")
    assert weights.calibration_of(moved, "w") is None
    assert weights.calibration_of(SAMPLE, "w") is None


def test_calibrated_weights_without_their_columns_are_refused() -> None:
    """A design on raked weights whose margins are gone is refused: its variance would be too large, silently."""
    raked = weights.rake(SAMPLE, TARGET, weight="w")
    with pytest.raises(DataError, match="calibrated with columns that are gone: weight.starting, region") as caught:
        Design(raked.drop(columns=["region", "weight.starting"]), weight="weight")
    assert "keep these columns" in caught.value.problems[0].mend


def test_a_calibrated_frame_that_lost_rows_or_memory_is_refused() -> None:
    """A part of a raked sample no longer meets the margins; a frame without its memory would take the wrong variance."""
    raked = weights.rake(SAMPLE, TARGET, weight="w", name="fitted")
    with pytest.raises(DataError, match=r"calibrated on \d+ rows and 2 are here\n  mend: keep every row"):
        Design(raked.iloc[:2], weight="fitted")
    forgotten = raked.copy()
    forgotten.attrs.clear()
    with pytest.raises(DataError, match="no longer remembers how"):
        Design(forgotten, weight="fitted")


def test_forgetting_the_calibration_moves_the_error() -> None:
    """The memory matters: where margins explain answers, the plain formula gives another standard error."""
    customers = data("bank_customers")
    raked = weights.rake(customers, BANK_MARGINS, weight="weight", name="fitted")
    plain = raked.drop(columns="fitted.starting")
    plain.attrs.clear()
    known, forgotten = (estimate.mean(Design(frame, weight="fitted"), "listened") for frame in (raked, plain))
    assert known.values.tolist() == forgotten.values.tolist()
    assert known.se[0] < forgotten.se[0]

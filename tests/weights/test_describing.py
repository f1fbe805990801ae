"""What weighting did: Kish's effect by hand, and margins before and after."""

from __future__ import annotations

import numpy as np
import pandas as pd

from symmetry import weights

SAMPLE = pd.DataFrame({"region": ["n", "n", "n", "s"], "start": [1.0, 1.0, 2.0, 1.0]})
TARGET = {"region": {"n": 0.5, "s": 0.5}}


def margins(frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Measure and category → share."""
    told = weights.describe(frame, targets=TARGET)
    told = told[told["variable"] == "region"]
    assert [0.5] * 4 == told["target"].tolist()
    return dict(zip(zip(told["measure"], told["category"], strict=True), told["value"], strict=True))


def test_margins_before_are_those_of_the_starting_weights() -> None:
    """Before raking the margins are those of the weights raking began with; after it they are the targets."""
    found = margins(weights.rake(SAMPLE, TARGET, weight="start"))
    expected = {("margin_before", "n"): 0.8, ("margin_before", "s"): 0.2}
    expected |= {("margin_after", "n"): 0.5, ("margin_after", "s"): 0.5}
    assert expected.keys() == found.keys()
    np.testing.assert_allclose([found[key] for key in expected], list(expected.values()), rtol=1e-12)


def test_margins_of_weights_not_fitted_start_from_heads() -> None:
    """A frame without memory of a calibration is compared with everybody counting once."""
    found = margins(SAMPLE.assign(weight=SAMPLE["start"]))
    assert (0.75, 0.8) == (found["margin_before", "n"], found["margin_after", "n"])


def test_kish_by_hand() -> None:
    """Weights 1, 1, 2, 4: deff = 4·22/64 and n_eff = 64/22 (Kish 1965, section 11.7)."""
    told = weights.describe(pd.DataFrame({"weight": [1.0, 1, 2, 4]})).set_index("measure")["value"]
    np.testing.assert_allclose(told["kish_deff"], 4 * 22 / 64, rtol=1e-12)
    np.testing.assert_allclose(told["n_eff"], 64 / 22, rtol=1e-12)
    np.testing.assert_allclose(told["cv"], np.sqrt(4 * 22 / 64 - 1), rtol=1e-12)
    assert (4, 1, 4) == (told["n"], told["min"], told["max"])

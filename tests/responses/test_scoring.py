from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from symmetry.errors import DataError
from symmetry.responses import freeze, score
from symmetry.spec import Item
from tests.studies import SHARE, tiny_intakes, tiny_study, with_item

WORDS = {"en": "…"}


def test_missing_codes_become_absent(tmp_path: Path) -> None:
    """Code 0 of an agreement scale is "not applicable" and no score; 0 of the NPS scale is an answer."""
    scored = score(freeze(tiny_intakes(), tiny_study(), tmp_path / "r"), "cold", "customers", tiny_study())
    np.testing.assert_array_equal([5.0, 4.0, np.nan, np.nan], scored["listened"])
    np.testing.assert_array_equal([10.0, 7.0, 0.0, np.nan], scored["recommend"])
    assert scored["listened"].dtype == np.float64


def test_frame_items_stay_what_they_are(tmp_path: Path) -> None:
    """Categories and texts stay text, numbers stay numbers; the respondent stands first."""
    study = with_item(tiny_study(), Item("weight", "frame", WORDS, numeric=True, audiences=("customers",)))
    first, second = tiny_intakes()
    intakes = [replace(first, answers=first.answers.assign(weight=[1.0, 2.0, 3.0, np.nan])), second]
    scored = score(freeze(intakes, study, tmp_path / "r"), "cold", "customers", study)
    assert ["respondent", "region", "channel", "branch", "weight", "recommend", "listened", "kept"] == list(
        scored.columns
    )
    assert scored["region"].tolist() == ["north", "north", "south", "south"]
    assert scored["weight"].dtype == np.float64


def test_a_reversed_scale_is_turned_over(tmp_path: Path) -> None:
    """On a reversed scale 1 is the best: it becomes 5, and a missing code stays missing."""
    kept = tiny_study().items["kept"]
    assert kept.scale is not None
    study = with_item(tiny_study(), replace(kept, scale=replace(kept.scale, reversed=True)))
    first, second = tiny_intakes()
    codes = pd.array([1, 2, 0, None], dtype="Int64")
    intakes = [replace(first, answers=first.answers.assign(kept=codes)), second]
    scored = score(freeze(intakes, study, tmp_path / "r"), "cold", "customers", study)
    np.testing.assert_array_equal([5.0, 4.0, np.nan, np.nan], scored["kept"])


def test_a_percentage_becomes_a_share(tmp_path: Path) -> None:
    """A published 92.5 % is 0.925."""
    study = with_item(tiny_study(), Item("kept", "driver", WORDS, SHARE, {"customer": WORDS, "employee": WORDS}))
    shares = [92.5, 0.0, np.nan, 100.0]
    intakes = [replace(each, answers=each.answers.assign(kept=shares)) for each in tiny_intakes()]
    intakes[1] = replace(intakes[1], answers=intakes[1].answers.drop(columns="kept.guess"))
    scored = score(freeze(intakes, study, tmp_path / "r"), "cold", "employees", study)
    np.testing.assert_array_equal([0.925, 0.0, np.nan, 1.0], scored["kept"])


def test_answers_that_are_not_there_are_named(tmp_path: Path) -> None:
    """An audience or wave that was not frozen is refused with what there is."""
    frozen = freeze(tiny_intakes(), tiny_study(), tmp_path / "r")
    with pytest.raises(
        DataError, match=r"(?s)no answers of customers in wave `hot`.*hold customers in cold; employees in cold"
    ):
        score(frozen, "hot", "customers", tiny_study())
    with pytest.raises(DataError, match="did you mean wave `cold`"):
        score(frozen, "cald", "customers", tiny_study())

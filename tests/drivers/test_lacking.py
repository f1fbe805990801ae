"""Why answers are missing, and what an item says that does not apply to all: counts and columns by hand; misfits refused."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design
from symmetry.drivers.missing.answering import moments_of
from symmetry.drivers.missing.lacking import losses, with_usage
from symmetry.errors import DesignError
from tests.drivers.test_answering import passengers


def test_the_rating_is_centred_among_users() -> None:
    """Those who did not use it stand at the average user's rating; what is missing for another reason stays missing."""
    answers = pd.DataFrame({"train": [4.0, 2.0, np.nan, np.nan], "food": [1.0, 2, 3, 4], "y": [1.0, 2, 3, 5]})
    why = pd.DataFrame({"train": ["", "", "not applicable", "refused"]})
    columns, names, pairs = with_usage(
        Design(answers.assign(w=[3.0, 1, 1, 1]), weight="w"), ["train", "food"], why, "y"
    )
    assert ["train: used", "train: rating", "food", "y"] == names
    assert {"train": ("train: used", "train: rating")} == pairs
    np.testing.assert_array_equal([1.0, 1.0, 0.0, np.nan], columns[0])
    np.testing.assert_array_equal([0.5, -1.5, 0.0, np.nan], columns[1])
    assert ["food", "y"] == columns[2:]


def test_losses_count_every_reason() -> None:
    """Each respondent without an item is counted under one reason, and in the last row under every reason they have."""
    answers = pd.DataFrame(
        {
            "a": [1, np.nan, np.nan, np.nan, np.nan, np.nan, 2],
            "y": [1, 2, np.nan, 4, 5, np.nan, 3],
            "w": [3, 1, 1, 1, 1, 1, 0],
        }
    )
    why = pd.DataFrame(
        {
            "a": ["", "not asked", "not applicable", "don't know", "refused", "", ""],
            "y": ["", "", "refused", "", "", "", ""],
        }
    )
    found = losses(Design(answers, weight="w"), ["a", "y"], why).set_index("item")
    assert [1, 1, 1, 1, 1, 1] == found.loc["a"].drop("answered_share").astype(int).tolist()
    assert [4, 0, 0, 0, 1, 1] == found.loc["y"].drop("answered_share").astype(int).tolist()
    assert [1, 1, 1, 1, 2, 1] == found.loc["all of them"].drop("answered_share").astype(int).tolist()
    assert [3 / 8, 6 / 8, 3 / 8] == found["answered_share"].tolist()
    inside = losses(Design(answers, weight="w"), ["a", "y"], why, within=np.arange(7) < 2).set_index("item")
    assert [1, 2, 1] == inside["answered"].tolist()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda why: why.assign(train="unsure"), "'unsure' is no reason"),
        (lambda why: why.assign(train="refused"), "`train` is answered in row 0 and the reasons say 'refused'"),
        (lambda why: why.head(10), "10 rows and the design 300"),
        (lambda why: why.rename(columns={"train": "Train"}), "say nothing of train, which some did not answer"),
        (lambda why: why.to_numpy(), "the reasons are a ndarray"),
        (lambda why: pd.concat([why, why], axis=1), "have the column `train` twice"),
    ],
)
def test_reasons_that_do_not_fit_are_refused(change: object, said: str) -> None:
    """Unknown words, a reason for an answer, other rows, columns of other names, twice the same, no frame."""
    answers, why = passengers(300)
    assert callable(change)
    for missing in ("users", "indicator", "em"):
        with pytest.raises(DesignError, match=said):
            moments_of(Design(answers), "overall", ["food", "train"], cast(Any, missing), change(why))
    with pytest.raises(DesignError, match=said):
        losses(Design(answers), ["food", "train"], change(why))


def test_reasons_are_asked_for_where_there_are_blanks_alone() -> None:
    """Where all answered all, a frame without their columns is no fault; where two have blanks, one of them is enough."""
    answers, why = passengers(300)
    whole = answers.fillna(0.0)
    assert 300 == moments_of(Design(whole), "overall", ["food", "train"], "users", why[[]])[0].n
    answers.loc[:9, "food"] = np.nan
    assert [10, 0] == losses(Design(answers), ["food", "train"], why)["no answer"].tolist()[:2]


def test_one_item_may_be_named_by_itself() -> None:
    """A string is a name, not letters; what is no name is refused."""
    answers, why = passengers(300)
    design = Design(answers)
    pd.testing.assert_frame_equal(losses(design, ["train"], why), losses(design, "train", why))
    with pytest.raises(DesignError, match="the items: 1 is no name of a column"):
        losses(design, cast(Any, [1]), why)


def test_who_tells_of_one_item_tells_of_the_other() -> None:
    """Where one of two items of the same users is blank for another reason, the other says who used them."""
    answers = pd.DataFrame(
        {
            "train": [4.0, 2.0, np.nan, np.nan, np.nan],
            "staff": [1.0, np.nan, np.nan, np.nan, 3.0],
            "y": [1.0, 2, 3, 5, 4],
        }
    )
    why = pd.DataFrame(
        {
            "train": ["", "", "not applicable", "not applicable", "refused"],
            "staff": ["", "refused", "not applicable", "refused", ""],
        }
    )
    columns, names, pairs = with_usage(Design(answers), ["train", "staff"], why, "y")
    assert ["train: rating", "train, staff: used", "staff: rating", "y"] == names
    assert {name: ("train, staff: used", f"{name}: rating") for name in ("train", "staff")} == pairs
    np.testing.assert_array_equal([1.0, -1.0, 0.0, 0.0, np.nan], columns[0])
    np.testing.assert_array_equal([1.0, 1.0, 0.0, 0.0, 1.0], columns[1])
    np.testing.assert_array_equal([-1.0, np.nan, 0.0, 0.0, 1.0], columns[2])
    apart = why.assign(staff=["not applicable", "refused", "not applicable", "refused", ""])
    answers.loc[0, "staff"] = np.nan
    assert ("staff: used", "staff: rating") == with_usage(Design(answers), ["train", "staff"], apart, "y")[2]["staff"]


def test_an_empty_mark_of_imputation_is_none() -> None:
    """Marks with pd.NA: the answer of such a row is the respondent's own; marks that are no marks are refused."""
    answers, why = passengers(300)
    marks = pd.array([pd.NA, True, *[False] * 298], dtype="boolean")
    answers.loc[:1, "food"] = 1.0
    reasons = why.assign(food=["", "refused", *[""] * 298])
    for kind in ("boolean", "object"):
        marked = answers.assign(food_imputed=pd.Series(marks).astype(kind))
        assert 300 == losses(Design(marked), ["food", "overall"], reasons)["answered"][0]
        with pytest.raises(DesignError, match="`food` is answered in row 0"):
            losses(Design(marked), ["food", "overall"], reasons.assign(food=["refused", "", *[""] * 298]))
    with pytest.raises(DesignError, match="column `food_imputed` does not say true or false"):
        losses(Design(answers.assign(food_imputed="perhaps")), ["food"], reasons)

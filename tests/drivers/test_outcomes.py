"""The outcome as one column: its weighted mean is the statistic's own estimate, and what cannot be cut is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design
from symmetry.drivers.covariances import complete
from symmetry.drivers.importance import players_among, shares_of
from symmetry.drivers.outcomes.outcomes import outcome_of
from symmetry.errors import DesignError
from tests.golden.reading import data


def customers() -> Design:
    """The bank's customers."""
    return Design(data("bank_customers"), weight="weight", stratum="region", psu="branch")


def test_the_columns_mean_is_the_statistic() -> None:
    """Weighted means of the three columns are those of `mean`, `top_box` and `nps`; missing answers stay missing."""
    design = customers()
    recommend = design.data["recommend"].to_numpy(float)
    expected = {
        "mean": estimate.mean(design, "recommend").values[0],
        "top_box": estimate.mean(
            Design(design.data.assign(r=np.where(np.isnan(recommend), np.nan, recommend > 8)), weight="weight"), "r"
        ).values[0],
        "nps": estimate.nps(design, "recommend").values[0],
    }
    for statistic, value in expected.items():
        x, _ = outcome_of(design, "recommend", statistic, at_least=9 if statistic == "top_box" else None)
        assert np.isnan(recommend).tolist() == np.isnan(x).tolist()
        answered = ~np.isnan(x)
        np.testing.assert_allclose(np.average(x[answered], weights=design.data["weight"][answered]), value, rtol=1e-12)


def test_columns_are_named_after_what_they_hold() -> None:
    """A table of drivers tells the three outcomes apart."""
    design = customers()
    names = [
        outcome_of(design, "recommend")[1],
        outcome_of(design, "recommend", "top_box", at_least=9)[1],
        outcome_of(design, "recommend", "nps")[1],
    ]
    assert ["recommend", "recommend at least 9", "NPS of recommend"] == names


def test_shares_of_a_column_are_those_of_a_column_made_by_hand() -> None:
    """The array takes the place of a column: same shares and errors as with the column in the frame."""
    design = customers()
    drivers = ["listened", "kept", "helped"]
    x, name = outcome_of(design, "recommend", "nps")
    found = shares_of(complete(design, [*drivers, x], [*drivers, name]), players_among(drivers, None, ()))
    frame = design.data.assign(
        score=np.select([design.data["recommend"] >= 9, design.data["recommend"] >= 7], [100, 0], -100)
    )
    frame["score"] = frame["score"].where(frame["recommend"].notna())
    by_hand = shares_of(
        complete(Design(frame, weight="weight", stratum="region", psu="branch"), [*drivers, "score"]),
        players_among(drivers, None, ()),
    )
    assert by_hand.values.tolist() == found.values.tolist()
    assert by_hand.se.tolist() == found.se.tolist()
    assert "NPS of recommend" == found.labels["item"][0]


@pytest.mark.parametrize(
    ("values", "statistic", "at_least", "message", "mend"),
    [
        ([1, 2, 3], "median", None, "no statistic of an outcome is called 'median'", "top_box"),
        ([1, 2, 3], "top_box", None, "a top box has a lowest answer", "at_least=4"),
        ([1, 2, 3], "nps", 9, 'at_least= means nothing with "nps"', "leave it out"),
        ([1, 2, 3], "top_box", 1, "all answers to `y` are at least 1", "another at_least="),
        ([1, 2, None], "top_box", 5, "all answers to `y` are below 5", "another at_least="),
        ([1, 11, 3], "nps", None, "`y` holds 11 in row 2", "score the answers first"),
        ([1, None, 3.5], "nps", None, "`y` holds 3.5 in row 3", "score the answers first"),
        ([1, 6, 0], "nps", None, "all answers to `y` are detractors (0 to 6)", 'statistic="mean"'),
        ([8, None, 7], "nps", None, "all answers to `y` are passive (7 or 8)", 'statistic="mean"'),
        ([9, None, 10], "nps", None, "all answers to `y` are promoters (9 or 10)", 'statistic="mean"'),
        ([1, None, -1], "nps", None, "`y` holds -1 in row 3", "score the answers first"),
    ],
)
def test_outcomes_that_cannot_be_cut_are_refused(
    values: list[float | None], statistic: str, at_least: float | None, message: str, mend: str
) -> None:
    """Each fault is told with its remedy, a wrong code with its row."""
    with pytest.raises(DesignError) as caught:
        outcome_of(Design(pd.DataFrame({"y": values})), "y", statistic, at_least=at_least)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend


def test_values_in_the_place_of_a_name_are_refused() -> None:
    """An outcome is a column of the design: an array is told so."""
    design = Design(pd.DataFrame({"y": [1.0, 2, 3]}))
    with pytest.raises(DesignError, match="the outcome is no name of a column"):
        outcome_of(design, np.array([1.0, 2, 3]), "top_box", at_least=2)

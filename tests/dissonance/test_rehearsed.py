"""Error rates of rehearsals: counted by hand on a dozen rows, and promises kept or broken."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry.dissonance.rehearsed import error_rates
from symmetry.errors import DataError

ROWS = pd.DataFrame(
    [
        # rehearsal, item, truth, lower, upper, verdict, grade
        (1, "a", 0.0, -0.1, 0.2, "aligned", ""),
        (1, "b", 0.0, 0.1, 0.6, "dissonant", ""),
        (1, "c", 0.3, 0.1, 0.4, "aligned", ""),
        (1, "d", 0.8, 0.5, 0.9, "dissonant", "material"),
        (2, "a", 0.0, -0.3, 0.2, "undetermined", ""),
        (2, "b", 0.0, -0.1, 0.2, "aligned", ""),
        (2, "c", -0.3, -0.9, -0.4, "misjudged", "material"),
        (2, "d", 0.8, 0.7, 0.9, "misjudged", "material"),
        (2, "e", 0.8, np.nan, np.nan, "", ""),
    ],
    columns=["rehearsal", "item", "truth", "lower", "upper", "verdict", "grade"],
).assign(family="f", smallest=0.3)


def test_rates_by_hand() -> None:
    """Each share over the gaps of which the claim would be false; false discoveries by rehearsal; no verdict, not counted."""
    found = error_rates(ROWS).query("family == 'f'").set_index("statistic")
    expected = {
        "covered": 6 / 8,
        "dissonant_at_zero": 1 / 4,
        "aligned_at_margin": 1 / 4,
        "material_within_margin": 1 / 6,
        "fdr_dissonant": (1 / 2 + 0) / 2,
        "fdr_aligned": (1 / 2 + 0) / 2,
        "fdr_material": (0 + 1 / 2) / 2,
        "dissonant_beyond": 3 / 4,
        "aligned_within": 2 / 4,
        "undetermined": 1 / 8,
    }
    assert list(expected) == list(found.index)
    np.testing.assert_allclose(found["estimate"], list(expected.values()), rtol=1e-12)
    assert [8, 4, 4, 6] == found["n"].tolist()[:4]
    assert {2} == set(found["rehearsals"])


def test_monte_carlo_errors_are_over_rehearsals() -> None:
    """Two rehearsals with 1 and 0 of 2 wrong: the rate is 1/4, its error that of a mean of two."""
    row = error_rates(ROWS).query("family == 'f'").set_index("statistic").loc["dissonant_at_zero"]
    np.testing.assert_allclose(row["se"], np.std([0.5, 0.0], ddof=1) / np.sqrt(2), rtol=1e-12)
    assert "" == row["kept"]
    right = pd.concat([ROWS.assign(rehearsal=k).query("verdict != 'dissonant'") for k in range(40)])
    assert "yes" == error_rates(right).query("family == 'f'").set_index("statistic").loc["dissonant_at_zero", "kept"]
    many = pd.concat([ROWS.assign(rehearsal=ROWS["rehearsal"] + 2 * k) for k in range(50)])
    assert "no" == error_rates(many).query("family == 'f'").set_index("statistic").loc["dissonant_at_zero", "kept"]


def test_false_discoveries_inside_the_items_that_were_found() -> None:
    """In two stages: the mean, over the items in which anything was called so, of the false share there."""
    rows = pd.concat([ROWS.assign(item="x"), ROWS.iloc[[3, 3]].assign(item="y")])
    found = error_rates(rows, within="item").query("family == 'f'").set_index("statistic")["estimate"]
    # rehearsal 1: x has one false of two, y none of two; rehearsal 2: x alone, none of two
    np.testing.assert_allclose(found["fdr_dissonant"], ((1 / 2 + 0) / 2 + 0) / 2, rtol=1e-12)


def test_intervals_keep_their_promise_from_both_sides() -> None:
    """Covering too often breaks it too."""
    rows = pd.concat([ROWS.iloc[[0]].assign(rehearsal=k) for k in range(400)])
    found = error_rates(rows).query("family == ''").set_index("statistic").loc["covered"]
    assert (1.0, "no") == (found["estimate"], found["kept"])


def test_all_families_together() -> None:
    """The empty family is all of them: its false discovery rate is the mean over families and rehearsals."""
    two = pd.concat([ROWS, ROWS.assign(family="g", verdict=ROWS["verdict"].where(ROWS["truth"] != 0, "undetermined"))])
    found = error_rates(two).set_index(["family", "statistic"])["estimate"]
    assert 0.0 == found["g", "fdr_dissonant"]
    np.testing.assert_allclose(found["", "fdr_dissonant"], found["f", "fdr_dissonant"] / 2, rtol=1e-12)


def test_one_rehearsal_has_no_monte_carlo_error() -> None:
    """Its rates are there, their error is not, and the note says why."""
    found = error_rates(ROWS.query("rehearsal == 1"))
    assert found["se"].isna().all()
    assert set(found["kept"]) == {""}
    assert set(found["note"]) == {"fewer than 30 rehearsals: nothing is judged"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [(ROWS.drop(columns="truth"), "lack the column `truth`"), (ROWS.assign(verdict=""), "no rehearsal has a verdict")],
)
def test_what_cannot_be_counted_is_refused(rows: pd.DataFrame, message: str) -> None:
    """A missing column, and rehearsals without any verdict."""
    with pytest.raises(DataError, match=message):
        error_rates(rows)

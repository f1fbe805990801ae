"""A design knows its weights, strata, psus and populations, and refuses columns that cannot be them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design
from symmetry.errors import DesignError

FRAME = pd.DataFrame(
    {
        "stratum": ["n", "n", "n", "s", "s"],
        "psu": [1, 1, 2, 1, 2],
        "weight": [1.0, 2.0, 1.5, 1.0, 0.0],
        "fpc": [8, 8, 8, 4, 4],
        "x": [1.0, 2.0, 3.0, 4.0, 5.0],
    }
)


def test_a_label_used_in_two_strata_is_two_psus() -> None:
    """Psus are nested in strata, as in svydesign(nest = TRUE)."""
    layout = Design(FRAME, stratum="stratum", psu="psu", weight="weight", fpc="fpc").layout
    assert [0, 0, 1, 2, 3] == layout.psu.tolist()
    assert [0, 0, 1, 1] == layout.stratum.tolist()
    assert [8.0, 4.0] == layout.population.tolist()
    assert [1, 2, 1, 2] == layout.psus.tolist()


def test_a_design_without_roles_counts_everybody_once() -> None:
    """No weight: 1; no psu: each row; no stratum: one; no fpc: an infinite population."""
    layout = Design(FRAME).layout
    assert [1.0] * 5 == layout.weight.tolist()
    assert [0, 1, 2, 3, 4] == layout.psu.tolist()
    assert ["all"] == layout.strata.tolist()
    assert [np.inf] == layout.population.tolist()


def test_weights_follow_from_a_population() -> None:
    """Without a weight column, population psus over sample psus."""
    layout = Design(FRAME, stratum="stratum", psu="psu", fpc="fpc").layout
    assert [4.0, 4.0, 4.0, 2.0, 2.0] == layout.weight.tolist()


REUSED = "\n  2 labels of `psu` are reused across strata: each stratum × label is a psu of its own"


def test_a_design_tells_what_it_is() -> None:
    """Its text counts rows, psus and strata, and names the columns."""
    design = Design(FRAME, stratum="stratum", psu="psu", fpc="fpc")
    assert repr(design) == f"Design: 5 rows, 4 psus in 2 strata; stratum `stratum`, psu `psu`, fpc `fpc`{REUSED}"


@pytest.mark.parametrize(
    ("frame", "roles", "message", "mend"),
    [
        (FRAME, {"weight": "poids"}, "no column `poids` to be the weight", "it has `stratum`, `psu`"),
        (FRAME.iloc[:0], {}, "the frame has no rows", "at least one respondent"),
        (
            FRAME.assign(psu=[1, None, 2, 1, 2]),
            {"psu": "psu"},
            "the psu `psu` is missing on 1 rows (first: row 2)",
            "every respondent",
        ),
        (
            FRAME.assign(stratum=["n", "n", "n", "s", None]),
            {"stratum": "stratum"},
            "first: row 5",
            "give every respondent a stratum",
        ),
        (FRAME.assign(weight=[1, -2, 1, 1, 1]), {"weight": "weight"}, "negative on row 2", "0 leaves a respondent out"),
        (
            FRAME.assign(weight=[1, None, 1, 1, 1]),
            {"weight": "weight"},
            "the weight `weight` is 'nan' on row 2",
            "finite number",
        ),
        (
            FRAME.assign(weight=["1", "a", "1", "1", "1"]),
            {"weight": "weight"},
            "is the text '1' on row 1",
            "finite number",
        ),
        (FRAME.assign(weight=0), {"weight": "weight"}, "0 on every row", "give somebody a weight"),
        (FRAME, {"fpc": "fpc"}, "varies inside stratum 'all'", "the same on every row"),
        (
            FRAME.assign(fpc=0.5),
            {"fpc": "fpc"},
            "has 5 units in the sample and 0.5 in its population",
            "not a fraction",
        ),
        (FRAME.assign(fpc=None), {"fpc": "fpc"}, "the fpc `fpc` is 'None' on row 1", "finite number"),
        (FRAME, {"lonely_psu": "adjust"}, "lonely_psu='adjust' is unknown", "'centre'"),
    ],
)
def test_columns_that_cannot_be_roles_are_refused(
    frame: pd.DataFrame, roles: dict[str, Any], message: str, mend: str
) -> None:
    """Each fault of a role is told at birth, with the row and the remedy."""
    with pytest.raises(DesignError) as caught:
        Design(frame, **roles)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend

"""Priorities compared, bad input: each fault is named with its audience and column, and what is named as a way out works."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design, two_phase
from symmetry.drivers.priorities.priorities import compare_priorities
from symmetry.drivers.priorities.single import importance_map
from symmetry.errors import DesignError
from tests.drivers.two_sides import DRIVERS, branches, compared


def spoiled(change: Any) -> dict[str, Design]:
    """Branches, the employees' frame changed."""
    designs = branches(units=40)
    frame = change(designs["employees"].data.copy())
    return {"customers": designs["customers"], "employees": Design(frame, weight="weight", psu="branch")}


BAD = [
    (lambda f: f.iloc[:20], {}, "employees: 20 respondents answered every driver"),
    (lambda f: f.assign(kind=3.0), {}, "employees: everybody gave the same answer to `kind`"),
    (lambda f: f.assign(kind=np.nan), {}, "employees: 0 respondents"),
    (lambda f: f.assign(kind=f["clean"] - f["fast"]), {}, "employees: clean, kind, fast determine each other"),
    (lambda f: f.drop(columns="kind"), {}, "employees have no column `kind`"),
    (lambda f: f, {"outcome": "kind"}, "outcome `kind` is among its own drivers"),
    (lambda f: f, {"predictors": ["clean", "clean"]}, "named twice"),
    (lambda f: f, {"predictors": ["clean", 3]}, "names no driver of two audiences"),
    (lambda f: f, {"method": "pratt"}, "not made of 'pratt'"),
    (lambda f: f, {"unit": "shop"}, "no column `shop`"),
    (lambda f: f, {"scales": {"kind": (5, 5)}}, "scale of `kind` goes from 5 to 5"),
    (lambda f: f, {"scales": {"kind": (np.nan, 5)}}, "scale of `kind` goes from nan to 5"),
    (lambda f: f, {"scales": {"kind": 5}}, "5 is no scale of `kind`"),
    (lambda f: f, {"scales": {"kid": (1, 5)}}, "a scale is told for `kid`, which is not used"),
    (lambda f: f, {"scales": {"staff": {"kind": (1, 5)}}}, "scales are told for `staff`, which is no audience"),
    (lambda f: f, {"scales": {"employees": {"kid": (1, 5)}}}, "a scale is told for `kid`, which is not used"),
    (lambda f: f, {"permutations": 3}, "permutations=3"),
    (lambda f: f, {"seed": -1}, "seed=-1"),
    (lambda f: f, {"level": 95}, "level=95"),
    (lambda f: f, {"unit": "branch", "reliability": {"staff": 0.5}}, "no audience"),
    (lambda f: f, {"unit": "branch", "reliability": {"employees": 1.5}}, "not above 0 and at most 1"),
    (lambda f: f, {"unit": "branch", "reliability": {"employees": [0.5, 0.4]}}, "2 reliabilities are given for 4"),
    (lambda f: f, {"unit": "branch", "reliability": {"employees": {"kind": 0.5}}}, "no reliability is given for `clean`"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "options", "message"), BAD)
def test_bad_input_is_told(change: Any, options: dict[str, Any], message: str) -> None:
    """Each fault is named with its audience and column, and can be mended."""
    given = {"outcome": "overall", "predictors": DRIVERS} | options
    with pytest.raises(DesignError, match=message) as caught:
        compare_priorities(spoiled(change), **given)
    assert caught.value.problems[0].mend


def test_one_or_three_audiences_are_refused() -> None:
    """Priorities are compared between two."""
    designs = branches(units=40)
    with pytest.raises(DesignError, match="between two audiences"):
        compared({"customers": designs["customers"]})


def two_phases(frame: pd.DataFrame) -> Design:
    """Every other one of the first phase."""
    return two_phase(Design(frame.assign(called=np.arange(len(frame)) % 2 == 0)), subset="called")


@pytest.mark.parametrize(
    "special", [two_phases, lambda f: Design(f.assign(p=1 / (1 + f["weight"])), probability="p", joint="brewer")]
)
def test_designs_without_stages_are_told_what_to_do(special: Any) -> None:
    """Two phases and joint probabilities have no common error with another audience's; each way out that is named works."""
    designs = branches(units=40)
    frame = designs["employees"].data
    with pytest.raises(
        DesignError, match="^error employees: a design with joint probabilities or two phases"
    ) as caught:
        compared(designs | {"employees": special(frame)})
    mend = caught.value.problems[0].mend
    assert "probability= without joint=" in mend
    assert "importance_map(design" in mend
    alone = importance_map(special(frame), "overall", DRIVERS)
    assert alone["importance"].sum() == pytest.approx(1.0)
    assert (alone["importance_lower"] < alone["importance_upper"]).all()
    for plain in (
        Design(special(frame).data, psu="branch"),
        Design(frame.assign(p=1 / (1 + frame["weight"])), probability="p"),
    ):
        assert (compared(designs | {"employees": plain}).gaps.se > 0).all()

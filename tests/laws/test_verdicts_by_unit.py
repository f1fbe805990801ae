"""Verdicts unit by unit, all units surveyed: families of items × units err as seldom as they promise, in one stage and in two.

``python -m pytest -q -s -n 0 -m slow tests/laws/test_verdicts_by_unit.py`` prints the figures of docs/methods/dissonance.md.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import dissonance
from symmetry.design import Design, stack
from symmetry.dissonance.rehearsed import error_rates
from tests.laws.test_verdicts import (
    BETWEEN,
    PERSON,
    REST,
    SEED,
    Rehearsal,
    answers,
    broken,
    mean_code,
    pairs,
    rehearsed,
    solved,
)

pytestmark = pytest.mark.slow


def all_units(customers: int = 120, employees: int = 60, units: int = 15, m: float = 0.5) -> Rehearsal:
    """Every unit is surveyed: units are strata, persons psus; some items have no gap anywhere, some in a few units."""
    levels = np.resize([4.2, 3.9, 3.6, 4.4, 4.0], 10)
    truths = np.zeros((units, 10))
    truths[: units // 3, 5:7] = [1.0, -1.0]
    truths[units // 3 : 2 * units // 3, 7:9] = [0.15, -0.15]
    truths[2 * units // 3 :, 7:9] = [m, -m]
    spread = float(np.hypot(PERSON, REST))
    here = levels + BETWEEN * np.random.default_rng(SEED).normal(size=truths.shape)
    here = np.clip(here, 2.5, 4.6)
    staff = solved(lambda x: mean_code(x, spread), mean_code(here, spread) - truths)
    asked = pairs("absolute", range(10), m=m) + pairs("relative", range(10), "parallel", m=m)

    def once(rng: np.random.Generator) -> pd.DataFrame:
        sides = {}
        for name, centre, each in (("customers", here, customers), ("employees", staff, employees)):
            unit = np.repeat(np.arange(units), each)
            frame = answers(rng, centre[unit]).assign(unit=unit, w=np.exp(0.4 * rng.normal(size=len(unit))))
            sides[name] = Design(frame, weight="w", stratum="unit")
        gap = dissonance.gap(stack(sides, units="apart"), asked, by=["unit"])
        ways = [dissonance.detect(gap, n_eff=5, adjust=way).assign(adjust=way) for way in ("bh", "two_stage")]
        found = pd.concat(ways)
        return found.assign(truth=truths[found["unit"], found["item"].str[1:].astype(int)])

    return once


def test_items_by_units() -> None:
    """Ten items in fifteen units, all surveyed: false shares of the whole family by Benjamini and Hochberg; in two stages, on
    average over the items in which something was found."""
    ways = dict(list(rehearsed(all_units()).groupby("adjust")))
    for way, within in (("bh", None), ("two_stage", "item")):
        print(f"\n{way}", end="")
        rates = error_rates(ways[way], within=within).query("family != ''")
        assert broken(rates) == []
        assert rates.set_index(["family", "statistic"])["estimate"]["absolute", "dissonant_beyond"] > 0.3

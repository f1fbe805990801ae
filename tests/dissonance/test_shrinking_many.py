"""Many families of units, read several at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from symmetry.design import Design, stack
from symmetry.dissonance import Pair, gap, shrink


def test_many_gaps_are_read_as_few_are() -> None:
    """Families that are read several at once give what each gives alone."""
    rng = np.random.default_rng(5)
    unit = np.repeat(np.arange(260), 3)
    names = [f"q{k}" for k in range(40)]
    sides = {
        side: Design(
            pd.DataFrame({"unit": unit} | {name: rng.integers(1, 6, len(unit)).astype(float) for name in names})
        )
        for side in ("customers", "employees")
    }
    both = stack(sides, units="apart")
    pairs = [Pair(name, ("customers", name), ("employees", name), "c - e", "literal", "mean", 0.3) for name in names]
    every = shrink(gap(both, pairs, by=["unit"])).table()
    assert len(every) >= 20_000
    alone = shrink(gap(both, pairs[7:8], by=["unit"])).table()
    some = every[(every["item"] == "q7") & (every["reading"] == "absolute")].reset_index(drop=True)
    for name in ("estimate", "se", "lower", "chance_dissonant", "chance_aligned", "funnel_z"):
        np.testing.assert_allclose(some[name], alone[name], rtol=1e-9, atol=1e-12)


def test_people_of_no_unit_are_in_no_unit() -> None:
    """Answers whose unit is not known stop nothing: units are read as if those people had no weight."""
    unit = np.repeat([f"u{number:02d}" for number in range(30)], 12)
    lost = np.arange(len(unit)) % 12 == 0

    def sides(hidden: bool) -> dict[str, Design]:
        made = {}
        for side in ("customers", "employees"):
            draw = np.random.default_rng(7)
            frame = pd.DataFrame({"unit": unit.astype(object), "psu": unit, "w": draw.uniform(0.5, 2, len(unit))})
            frame["q"] = draw.integers(1, 6, len(unit)).astype(float) + (side == "employees")
            if hidden:
                frame.loc[lost, "unit"] = None
            else:
                frame.loc[lost, "w"] = 0.0
            made[side] = Design(frame, weight="w", psu="psu")
        return made

    pair = Pair("q", ("customers", "q"), ("employees", "q"), "c - e", "literal", "mean", 0.3)
    hidden, weightless = (
        shrink(gap(stack(sides(each), units="shared"), [pair], by=["unit"])).table() for each in (True, False)
    )
    assert len(hidden) > 0
    np.testing.assert_allclose(hidden["estimate"], weightless["estimate"], rtol=1e-10)

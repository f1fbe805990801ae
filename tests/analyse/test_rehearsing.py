"""A rehearsal compares what the flow finds with what was planted."""

from __future__ import annotations

import pytest

from symmetry.analyse import load_plan, rehearse
from symmetry.errors import SpecError
from tests.analyse.conftest import REPO


def test_a_plan_of_real_answers_cannot_be_rehearsed() -> None:
    """Without a truth there is nothing to compare with, and the message says so."""
    plan = load_plan(REPO / "analyses/nyc_schools_2015")
    with pytest.raises(SpecError, match=r"no truth to rehearse with\n  mend: give a plan whose data say"):
        rehearse(plan, seed=1)


@pytest.mark.slow
def test_rehearsals_find_the_planted_gaps_and_cover_the_truth() -> None:
    """Over 200 rehearsals intervals hold the truth as often as they promise, verdicts err as seldom as theirs, and settled ones
    are nearly always right."""
    rehearsal = rehearse(load_plan(REPO / "analyses/everyday_bank"), seed=1, times=200)
    found = rehearsal.pairs
    assert 0.93 <= found["covered"].mean() <= 0.97
    assert found["covered"].min() >= 0.90
    # nearer to the margin a real gap that is a little smaller is called dissonant now and then, as methods A2 says it must
    sure = found[(found["truth"].abs() - found["smallest"]).abs() > 0.5 * found["smallest"]]
    assert len(sure) > 12
    assert (sure["right"].dropna() >= 0.95).all()
    assert {"covered", "material_within_margin", "fdr_material"} <= set(rehearsal.rates["statistic"])
    assert "no" not in set(rehearsal.rates["kept"])

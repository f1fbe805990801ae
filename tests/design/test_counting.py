"""Covariances of counts where rows are psus against those of the door, on the same rows as psus of their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Counts, Design, covariance, gather, influence
from symmetry.estimate import total

RNG = np.random.default_rng(8)
N = 90
FRAME = pd.DataFrame(
    {
        "row": np.arange(N),
        "h": RNG.choice(list("abc"), N),
        "w": RNG.uniform(0.5, 3, N) * (RNG.random(N) > 0.1),
        "answer": RNG.choice(["x", "y", "z", None], N),
    }
)
FRAME["fpc"] = FRAME["h"].map({"a": 60, "b": 70, "c": 90})


@pytest.mark.parametrize("roles", [{}, {"stratum": "h"}, {"stratum": "h", "fpc": "fpc"}])
@pytest.mark.parametrize("psu", [None, "row"])
def test_counts_have_the_covariance_of_totals(roles: dict[str, str], psu: str | None) -> None:
    """Of weighted counts by answer, some of them in another order, whether or not a design knows that its psus are rows."""
    design = Design(FRAME, weight="w", psu=psu, **roles)
    totals = gather(design, [[np.ones(N)]], lambda parts: [], by=["answer"])
    spread, _ = influence(totals, np.ones((1, 3, 1, 1)))
    chosen = np.array([2, 0])
    expected = covariance(design, spread)[np.ix_(chosen, chosen)]
    np.testing.assert_allclose(Counts(totals).covariance(chosen), expected, rtol=1e-12)
    np.testing.assert_allclose(np.sqrt(np.diag(expected)), total(design, by=["answer"]).se[chosen], rtol=1e-12)


def test_degrees_of_freedom_are_of_those_who_count() -> None:
    """Psus minus strata among the respondents of some weight who gave one of the answers, by hand."""
    heard = FRAME[FRAME["answer"].isin(["x", "z"]) & (FRAME["w"] > 0)]
    for psu in (None, "row"):
        totals = gather(
            Design(FRAME, weight="w", stratum="h", psu=psu), [[np.ones(N)]], lambda parts: [], by=["answer"]
        )
        assert len(heard) - heard["h"].nunique() == Counts(totals).df(np.array([0, 2]))

"""The designs of golden/decompositions.R under the same names, what R found there, and made-up covariances."""

from __future__ import annotations

import numpy as np

from symmetry.design import Design
from tests.golden.reading import data, golden, sample_designs

__all__ = ["CARS", "SWISS", "THREE", "Case", "cases", "covariances", "expected"]

THREE = ["listened", "kept", "helped"]
SWISS = ["agriculture", "examination", "education", "catholic", "infant_mortality"]
CARS = ["cyl", "disp", "hp", "wt"]

Case = tuple[Design, str, list[str], list[str]]


def cases() -> dict[str, Case]:
    """The designs of decompositions.R, under the same names."""
    staff = Design(data("bank_employees"), weight="weight", stratum="region", psu="branch")
    return {
        "swiss": (Design(data("swiss")), "fertility", SWISS, []),
        "swiss_always": (Design(data("swiss")), "fertility", SWISS[:3], SWISS[3:]),
        "mtcars": (Design(data("mtcars")), "mpg", CARS, []),
        "bank": (sample_designs()["bank"], "recommend", THREE, []),
        "bank_no_fpc": (sample_designs()["bank_no_fpc"], "recommend", THREE, []),
        "employees": (staff, "recommend", THREE, ["guess"]),
    }


def expected(name: str, statistic: str, what: str) -> list[float]:
    """R's numbers of a decomposition: R², its parts, and what controls explain."""
    _, outcome, predictors, always = cases()[name]
    theirs = golden("decompositions", name)
    keys = [
        (outcome, "r2"),
        *((item, statistic) for item in predictors),
        *([(" + ".join(always), "always")] if always else []),
    ]
    return [theirs[item, part, what] for item, part in keys]


def covariances(size: int, seed: int = 3, k: int = 6) -> np.ndarray:
    """Covariance matrices of made-up answers with unlike spreads (size, k, k)."""
    rng = np.random.default_rng(seed)
    answers = rng.normal(size=(size, k, 60)) + rng.normal(size=(size, 1, 60))
    return np.stack([np.cov(one * np.linspace(0.5, 2.0, k)[:, None]) for one in answers])

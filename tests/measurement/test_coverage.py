"""By simulation (slow): intervals of ICC(1), ICC(2) and of shares of variance cover the truth as often as they promise.

Each rehearsal is an item of one wide frame: answers of people in units (in regions), all effects normal.
"""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest

from symmetry.measurement import icc, partition

REHEARSALS = int(os.environ.get("REHEARSALS", "2000"))
SIZES = {
    "equal": [8] * 25,
    "unlike": [2, 3, 3, 4, 4, 5, 5, 6, 8, 8, 9, 10, 12, 15, 20, 30, 40, 60, 90, 150],
    "pairs": [2] * 40,
    "few": [3, 5, 9, 20],
}


def rehearsed(
    sizes: list[int], share: float, many: int, seed: int, region: list[int] | None = None, above: float = 0.0
) -> pd.DataFrame:
    """Answers of total variance 1 by units (and regions of so many units each), a column each rehearsal."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(len(sizes)), sizes)
    y = (
        rng.normal(0, np.sqrt(1 - share - above), (len(unit), many))
        + rng.normal(0, np.sqrt(share), (len(sizes), many))[unit]
    )
    columns = {f"y{number}": y[:, number] for number in range(many)}
    if region is None:
        return pd.DataFrame({"unit": unit, **columns})
    place = np.repeat(np.arange(len(region)), region)[unit]
    y += rng.normal(0, np.sqrt(above), (len(region), many))[place]
    return pd.DataFrame({"unit": unit, "region": place, **columns})


def margin(level: float, many: int) -> float:
    """Three Monte Carlo errors of a share."""
    return 3 * np.sqrt(level * (1 - level) / many)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 0.8])
@pytest.mark.parametrize("sizes", SIZES)
def test_intervals_of_correlations_cover(sizes: str, share: float) -> None:
    """Wald's interval is exact: 95 % to Monte Carlo error, however unlike the units, half of the misses on either side."""
    frame = rehearsed(SIZES[sizes], share, REHEARSALS, seed=11)
    found = icc(frame, [name for name in frame if name != "unit"], unit="unit").table()
    below, above = (found["upper"] < share - 1e-12).mean(), (found["lower"] > share + 1e-12).mean()
    print(f"{sizes} {share}: covers {1 - below - above:.4f}, misses {below:.4f} {above:.4f}")
    assert max(below, above) <= 0.025 + margin(0.025, REHEARSALS)
    assert 0.93 <= 1 - below - above <= 0.97
    k = found["k"][0]
    mean = k * share / (1 + (k - 1) * share)
    inside = (found["icc2_lower"] <= mean + 1e-12) & (mean <= found["icc2_upper"] + 1e-12)
    assert inside.mean() == pytest.approx(1 - below - above)


@pytest.mark.slow
def test_correlations_of_weighted_answers_are_unbiased_and_cover_nearly() -> None:
    """With weights of variation .5 ICC(1)'s variances stay unbiased, and its interval covers 93 to 97 %."""
    frame = rehearsed(SIZES["equal"], 0.2, REHEARSALS, seed=12)
    frame["w"] = np.random.default_rng(13).lognormal(0, 0.47, len(frame))
    found = icc(frame, [name for name in frame if name.startswith("y")], unit="unit", weight="w").table()
    between = (found["between"] - found["within"]) / found["k"]
    error = 2 * between.std() / np.sqrt(REHEARSALS)
    inside = ((found["lower"] <= 0.2) & (found["upper"] >= 0.2)).mean()
    print(f"weighted: between {between.mean():.4f} ± {error:.4f}, covers {inside:.4f}")
    assert abs(between.mean() - 0.2) <= error
    assert 0.93 <= inside <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize(
    ("regions", "unit", "above"), [(12, 0.1, 0.1), (12, 0.1, 0.0), (6, 0.15, 0.1), (30, 0.05, 0.05)]
)
def test_intervals_of_shares_cover(regions: int, unit: float, above: float) -> None:
    """Profile intervals of the shares of regions, units and people cover 93 % or more, of a true share of 0 too."""
    many = REHEARSALS // 2
    region = [3 + number % 4 for number in range(regions)]
    sizes = [3 + (7 * number) % 15 for number in range(sum(region))]
    frame = rehearsed(sizes, unit, many, seed=14, region=region, above=above)
    found = partition(frame, [name for name in frame if name.startswith("y")], levels=["region", "unit"]).table()
    truth = found["level"].map({"region": above, "unit": unit, "person": 1 - unit - above})
    inside = ((found["lower"] <= truth + 1e-9) & (truth <= found["upper"] + 1e-9)).groupby(found["level"]).mean()
    print(f"{regions} regions, unit {unit}, region {above}: {inside.round(4).to_dict()}")
    assert (inside >= 0.95 - margin(0.95, many)).all()

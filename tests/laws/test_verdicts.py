"""Verdicts err as seldom as they promise, in rehearsals with clusters, unequal weights, ceilings and shared units.

``python -m pytest -q -s -n 0 -m slow tests/laws/test_verdicts.py`` prints the figures that docs/methods/dissonance.md records.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import special

from symmetry import dissonance
from symmetry.design import Design, stack
from symmetry.dissonance import Pair
from symmetry.dissonance.rehearsed import error_rates

pytestmark = pytest.mark.slow
TIMES, SEED = 1000, 20270406
SHARE, SHIFT = np.array([0.7, 0.3]), np.array([0.15, -0.35])
BETWEEN, PERSON, REST = 0.35, 0.6, 0.8
M = 0.3
NULLS, SMALL, EDGES, LARGE = [0.0] * 6, [0.12, -0.12] * 3, [M, -M] * 3, [0.6, -0.6]
TRUTHS = np.array([*NULLS, *SMALL, *EDGES, *LARGE])
LEVELS = np.resize([4.3, 4.0, 3.6, 4.5, 4.1], len(TRUTHS))
SCENARIOS = {"few units": (16, 8, 5, 0.7), "opposed": (40, 10, 5, -0.7), "precise": (60, 40, 20, 0.7)}
"""Units, customers and employees in each, correlation of the true unit effects."""

Rehearsal = Callable[[np.random.Generator], pd.DataFrame]


def mean_code(centre: np.ndarray, spread: float) -> np.ndarray:
    """Expected answer on five points, latent answers being normal and rounded, all beyond the ends piled up there."""
    return 1 + sum(special.ndtr((centre - cut) / spread) for cut in (1.5, 2.5, 3.5, 4.5))


def population(centre: np.ndarray) -> np.ndarray:
    """Population mean over both regions and the process behind the units."""
    spread = float(np.sqrt(BETWEEN**2 + PERSON**2 + REST**2))
    return sum(share * mean_code(centre + shift, spread) for share, shift in zip(SHARE, SHIFT, strict=True))


def solved(expected: Callable[[np.ndarray], np.ndarray], wanted: np.ndarray) -> np.ndarray:
    """Centres at which the expected answers are these, by halving."""
    low, high = np.full(wanted.shape, -6.0), np.full(wanted.shape, 12.0)
    for _ in range(80):
        middle = (low + high) / 2
        less = expected(middle) < wanted
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    return middle


def answers(rng: np.random.Generator, centre: np.ndarray) -> pd.DataFrame:
    """Codes of persons (n, J) around their centres, each person mild or severe on all items."""
    latent = centre + PERSON * rng.normal(size=(len(centre), 1)) + REST * rng.normal(size=centre.shape)
    return pd.DataFrame(np.clip(np.round(latent), 1, 5), columns=[f"i{j}" for j in range(centre.shape[1])])


def pairs(family: str, items: np.ndarray | range, mirror: str = "literal", m: float = M) -> list[Pair]:
    """Pairs of the same column on both sides."""
    return [Pair(f"i{j}", ("customers", f"i{j}"), ("employees", f"i{j}"), family, mirror, "mean", m) for j in items]


def shared_units(units: int, customers: int, employees: int, correlation: float) -> Rehearsal:
    """Sampled units are the psus of both audiences, in two regions sampled alike and weighted back; weights vary besides."""
    every = np.arange(len(TRUTHS))
    asked = [pair for j in every for pair in pairs(f"alone {j}", [j])]
    for name, some in (("mixed", every), ("zero", every[TRUTHS == 0]), ("edge", every[np.abs(TRUTHS) == M])):
        asked += pairs(name, some) + pairs(f"relative {name}", some, "parallel")
    asked += pairs("guess", every, "projection")
    staff = solved(population, population(LEVELS) - TRUTHS)
    region = np.arange(units) % 2

    def once(rng: np.random.Generator) -> pd.DataFrame:
        effect = rng.normal(size=(2, units, len(TRUTHS)))
        effect[1] = correlation * effect[0] + np.sqrt(1 - correlation**2) * effect[1]
        sides = {}
        for name, centre, own, each in (
            ("customers", LEVELS, effect[0], customers),
            ("employees", staff, effect[1], employees),
        ):
            unit = np.repeat(np.arange(units), each)
            frame = answers(rng, centre + SHIFT[region[unit], None] + BETWEEN * own[unit])
            weight = SHARE[region[unit]] * np.exp(0.5 * rng.normal(size=len(unit)))
            sides[name] = Design(
                frame.assign(unit=unit, region=region[unit], w=weight), weight="w", stratum="region", psu="unit"
            )
        found = dissonance.detect(dissonance.gap(stack(sides), asked), n_eff=10)
        return found.assign(truth=TRUTHS[found["item"].str[1:].astype(int)])

    return once


def rehearsed(once: Rehearsal) -> pd.DataFrame:
    """Many rehearsals, those rows that carry a verdict."""
    rng = np.random.default_rng(SEED)
    found = [once(rng).query("verdict != ''").assign(rehearsal=turn) for turn in range(TIMES)]
    return pd.concat(found, ignore_index=True)


@cache
def rows_of(name: str) -> pd.DataFrame:
    """The rehearsals of a scenario of shared units."""
    return rehearsed(shared_units(*SCENARIOS[name]))


def broken(rates: pd.DataFrame) -> list[str]:
    """Promises that were not kept, with their figures; prints all."""
    print("\n" + rates.query("promise.notna()").round(4).drop(columns=["note", "n"]).to_string(index=False))
    return [
        f"{row.family} {row.statistic} {row.estimate:.4f} ± {row.se:.4f}"
        for row in rates.itertuples()
        if row.kept == "no"
    ]


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_one_gap_is_called_wrongly_as_seldom_as_promised(name: str) -> None:
    """A pair alone: dissonant at a true gap of 0, aligned at the margin or beyond, material at the margin or below; and each
    item's interval holds its truth in 93 to 97 % of 1,000 rehearsals."""
    alone = rows_of(name).query("family.str.startswith('alone')")
    rates = error_rates(alone.assign(family="alone")).query("family == 'alone' and not statistic.str.startswith('fdr')")
    assert broken(rates) == []
    assert 0.93 <= rates.set_index("statistic").loc["covered", "estimate"] <= 0.97
    by_item = error_rates(alone.assign(family=alone["item"])).query("statistic != 'fdr_aligned' and promise == promise")
    single = by_item[~by_item["statistic"].str.startswith("fdr")]
    far = single["estimate"] - single["promise"] - 4 * single["se"]
    assert single[(single["statistic"] != "covered") & (far > 0)].empty
    cover = single[single["statistic"] == "covered"]
    assert cover[(cover["estimate"] - 0.95).abs() > 0.02 + 3 * cover["se"]].empty


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_families_keep_their_false_discovery_rates(name: str) -> None:
    """Many small precise gaps among nulls, large ones and such at the margin; families of nulls alone, where any find is false;
    the same for relative gaps (Benjamini-Yekutieli) and for what employees guess.

    With 16 units the t distribution is not to be trusted so far out: where every gap of a family lies exactly at its margin,
    twice the promise is kept (the methods page says so), in mixed families the promise itself.
    """
    rates = error_rates(rows_of(name).query("not family.str.startswith('alone')")).query("family != ''")
    pure = rates["family"].isin(["zero", "edge"]) & rates["statistic"].str.startswith("fdr") & (name == "few units")
    assert broken(rates[~pure]) == []
    assert (rates[pure]["estimate"] <= 2 * rates[pure]["promise"] + 2 * rates[pure]["se"]).all()

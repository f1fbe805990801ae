"""Priorities compared, by simulation: equal ones are rejected as seldom as said, whatever the noise; planted ones are found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design, stack
from symmetry.drivers.priorities.mapping import Sharing
from symmetry.drivers.priorities.priorities import compare_priorities
from symmetry.drivers.priorities.sides import rows_of
from symmetry.drivers.priorities.swapping import Swapped, idle, swap
from symmetry.drivers.priorities.unit_means import UnitMeans, shared_units, unit_means
from symmetry.drivers.sharing.lattice import players_of

SEED, TIMES = 2026, 1000
LEVEL = 0.05
ALLOWED = LEVEL + 2 * np.sqrt(LEVEL * (1 - LEVEL) / TIMES)


def truths(rng: np.random.Generator, units: int, slopes: tuple[np.ndarray, np.ndarray]) -> list[np.ndarray]:
    """What units are for both sides (units, p + 1): drivers correlated .4, sides .3, R² .6."""
    p = len(slopes[0])
    root = np.linalg.cholesky(np.full((p, p), 0.4) + 0.6 * np.eye(p))
    shared = rng.normal(size=(units, p + 1))
    made = []
    for slope in slopes:
        own = np.sqrt(0.3) * shared + np.sqrt(0.7) * rng.normal(size=shared.shape)
        x = own[:, :p] @ root.T
        fit = x @ slope / np.linalg.norm(root.T @ slope)
        made.append(np.column_stack([x, np.sqrt(0.6) * fit + np.sqrt(0.4) * own[:, p]]))
    return made


def seen(rng: np.random.Generator, truth: np.ndarray, reliability: float, each: tuple[int, int]) -> UnitMeans:
    """Unit means of `each` answers, of a given reliability, with halo in their noise, and what answers tell of that noise."""
    units, k = truth.shape
    size = rng.integers(*each, size=units).astype(float)
    root = np.linalg.cholesky(np.full((k, k), 0.5) + 0.5 * np.eye(k))
    scale = np.sqrt((1 - reliability) / reliability / np.mean(1 / size))
    noise = scale * rng.normal(size=(units, k)) @ root.T / np.sqrt(size)[:, None]
    told = scale * rng.normal(size=(min(int(size.sum()) - units, 3000), k)) @ root.T
    names = tuple(f"x{j}" for j in range(k))
    return UnitMeans(names, np.arange(units), truth + noise, told.T @ told / len(told), size, known=True)


def found_in(
    rng: np.random.Generator, units: int, slopes: tuple[np.ndarray, np.ndarray], reliability: tuple[float, float]
) -> Swapped | None:
    """One rehearsal: 200 customers and 15 employees a unit on average, labels swapped 99 times; None where all is noise."""
    truth = truths(rng, units, slopes)
    sides = [
        seen(rng, one, level, each) for one, level, each in zip(truth, reliability, ((20, 380), (4, 27)), strict=True)
    ]
    if idle(*sides, ("customers", "employees")):
        return None
    return swap(*sides, Sharing(players_of(len(slopes[0])), "lmg"), permutations=99, rng=rng)


def rejected(
    units: int, slopes: tuple[np.ndarray, np.ndarray], reliability: tuple[float, float], times: int
) -> np.ndarray:
    """Shares of rehearsals in which total variation, and any driver, is told apart; where all is noise, or the units cannot tell
    the drivers apart, none is."""
    rng = np.random.default_rng(SEED)
    every = [found_in(rng, units, slopes, reliability) for _ in range(times)]
    tested = [one for one in every if one is not None and not one.why]
    return np.sum([(one.p_total <= LEVEL, one.p.min() <= LEVEL) for one in tested], axis=0) / times


@pytest.mark.slow
@pytest.mark.parametrize("p", [4, 8])
@pytest.mark.parametrize("units", [100, 300])
@pytest.mark.parametrize("reliability", [(0.9, 0.4), (0.9, 0.9)])
def test_equal_priorities_are_rejected_as_seldom_as_said(units: int, p: int, reliability: tuple[float, float]) -> None:
    """Unit means of reliabilities .9 and .4, or .9 both: at most 5 % and two Monte Carlo errors of 1,000 rehearsals."""
    slopes = np.arange(p, 0, -1.0)
    assert (rejected(units, (slopes, slopes), reliability, TIMES) <= ALLOWED).all()


@pytest.mark.slow
def test_swapping_without_care_for_noise_would_reject_too_often() -> None:
    """The trap: with the noise of unit means not known, equal priorities at reliabilities .9 and .4 are rejected in over 10 %."""
    rng, slopes = np.random.default_rng(SEED), np.arange(4, 0, -1.0)
    hits = 0
    for _ in range(300):
        truth = truths(rng, 300, (slopes, slopes))
        sides = [seen(rng, one, level, (15, 25)) for one, level in zip(truth, (0.9, 0.4), strict=True)]
        bare = [UnitMeans(s.names, s.units, s.values, s.within, s.size, known=False) for s in sides]
        hits += swap(*bare, Sharing(players_of(4), "lmg"), permutations=99, rng=rng).p_total <= LEVEL
    assert hits / 300 > 0.10


@pytest.mark.slow
def test_planted_dissonance_is_found() -> None:
    """Turned priorities in 300 units: found in over 90 % at reliabilities .9 both, in over half at .9 and .4."""
    slopes = np.arange(4, 0, -1.0), np.arange(1.0, 5)
    assert rejected(300, slopes, (0.9, 0.9), 200)[0] > 0.9
    assert rejected(300, slopes, (0.9, 0.4), 200)[0] > 0.5


def answers(rng: np.random.Generator, truth: np.ndarray, n: int, noise: float) -> Design:
    """Answers of n people in each unit."""
    unit = np.repeat(np.arange(len(truth)), n)
    x = truth[unit] + noise * (
        rng.normal(size=(len(unit), truth.shape[1])) + rng.normal(size=(len(unit), 1))
    ) / np.sqrt(2)
    return Design(pd.DataFrame(x, columns=[*"abc", "y"][: x.shape[1]]).assign(unit=unit), psu="unit")


@pytest.mark.slow
def test_from_answers_to_the_test_across_units() -> None:
    """20 customers and 4 employees a unit, noise worth reliabilities .9 and .4 found from their answers: level held."""
    rng, slopes, hits = np.random.default_rng(SEED), np.array([3.0, 2.0, 1.0]), np.zeros(2)
    for _ in range(TIMES):
        one, other = truths(rng, 100, (slopes, slopes))
        both = stack({"c": answers(rng, one, 20, np.sqrt(20 / 9)), "e": answers(rng, other, 4, np.sqrt(6.0))})
        sides = [unit_means(both, [*"abc", "y"], "unit", within=rows_of(both, side)) for side in (0, 1)]
        sides = list(shared_units(*sides))
        if idle(*sides, ("c", "e")):
            continue
        found = swap(*sides, Sharing(players_of(3), "lmg"), permutations=99, rng=rng)
        hits += [found.p_total <= LEVEL, found.p.min() <= LEVEL] if not found.why else [0, 0]
    assert (hits / TIMES <= ALLOWED).all()


@pytest.mark.slow
def test_the_joint_test_on_respondents_holds_its_level_and_its_intervals() -> None:
    """80 shared psus, equal priorities: total variation and max-T reject at most 5 % and two Monte Carlo errors, the total's
    interval holds 0 otherwise; intervals of gaps cover at least 93 %, as linearised errors are a little small."""
    rng, slopes = np.random.default_rng(SEED), np.array([3.0, 2.0, 1.0])
    hits, inside, held = np.zeros(2), 0.0, 0
    for _ in range(TIMES):
        one, other = truths(rng, 80, (slopes, slopes))
        sides = {"c": answers(rng, one, 4, 0.8), "e": answers(rng, other, 4, 0.8)}
        found = compare_priorities(sides, "y", list("abc"))
        gaps = found.gaps.table()
        hits += [found.joint.p_total <= LEVEL, found.joint.p.min() <= LEVEL]
        held += found.joint.lower[0] <= 0
        inside += ((gaps["lower"] <= 0) & (gaps["upper"] >= 0)).mean()
    assert (hits / TIMES <= ALLOWED).all()
    assert inside / TIMES >= 0.93
    assert held / TIMES >= 1 - ALLOWED

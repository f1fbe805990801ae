"""Units read together, by simulation: intervals cover on average over units as they promise, verdicts err as seldom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from symmetry.design import Design, stack
from symmetry.dissonance import Pair, gap
from symmetry.dissonance.funnels import funnel
from symmetry.dissonance.shrinking import shrink
from tests.dissonance.test_shrinking import gaps_of
from tests.strategies import FEW

SEED, TIMES = 2026, 1000
CLEAN = Pair("x", ("customers", "x"), ("employees", "x"), "customer - employee", "literal", "mean", 0.4)
numbers = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.05, 0.8)), min_size=6, max_size=25)


@FEW
@given(numbers, st.floats(0.05, 1.0), st.floats(1.05, 4.0))
def test_a_larger_margin_never_adds_a_dissonance(gaps: list[tuple[float, float]], m: float, times: float) -> None:
    """Law 13 for units: raising the smallest gap of interest never makes a unit dissonant, nor un-aligns one."""
    values, errors = map(np.array, zip(*gaps, strict=True))
    low, high = (shrink(gaps_of(values, errors**2, smallest=margin)).table() for margin in (m, m * times))
    assert (high["chance_dissonant"] <= low["chance_dissonant"] + 1e-12).all()
    assert set(high.index[high["verdict"] == "dissonant"]) <= set(low.index[low["verdict"] == "dissonant"])
    assert set(low.index[low["verdict"] == "aligned"]) <= set(high.index[high["verdict"] == "aligned"])


@FEW
@given(numbers)
def test_swapping_audiences_flips_the_sign(gaps: list[tuple[float, float]]) -> None:
    """Law 11 for units: opposite gaps have opposite estimates, mirrored intervals and z, the same chances and verdicts."""
    values, errors = map(np.array, zip(*gaps, strict=True))
    one, two = (shrink(gaps_of(sign * values, errors**2)).table() for sign in (1.0, -1.0))
    np.testing.assert_allclose(two["estimate"], -one["estimate"], atol=1e-10)
    np.testing.assert_allclose(two["lower"], -one["upper"], atol=1e-9)
    np.testing.assert_allclose(two["funnel_z"], -one["funnel_z"], atol=1e-9)
    np.testing.assert_allclose(two["chance_dissonant"], one["chance_dissonant"], atol=1e-10)


@FEW
@given(numbers, st.integers(0, 2**32 - 1))
def test_the_order_of_units_never_matters(gaps: list[tuple[float, float]], seed: int) -> None:
    """Law 2 for units: shuffled units have the same posteriors and places in the funnel."""
    values, errors = map(np.array, zip(*gaps, strict=True))
    order = np.random.default_rng(seed).permutation(len(values))
    one, two = (shrink(gaps_of(values[o], errors[o] ** 2)).table() for o in (np.arange(len(values)), order))
    for name in ("estimate", "lower", "upper", "chance_dissonant", "funnel_se"):
        np.testing.assert_allclose(two[name], one[name].to_numpy()[order], rtol=1e-8, atol=1e-9)
    f1, f2 = (funnel(gaps_of(values[o], errors[o] ** 2), variances="own") for o in (np.arange(len(values)), order))
    np.testing.assert_allclose(f2["z_adjusted"], f1["z_adjusted"].to_numpy()[order], rtol=1e-8, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("units", "between", "most"),
    [
        *((15, between, 1.0) for between in (0.0, 0.2, 0.5)),
        *((40, between, most) for between, most in ((0.0, 1.0), (0.2, 0.93), (0.3, 0.92), (0.6, 0.92))),
        *((120, between, most) for between, most in ((0.1, 1.0), (0.2, 0.92), (0.4, 0.92))),
        (400, 0.6, 0.92),
    ],
)
def test_intervals_cover_on_average_over_units(units: int, between: float, most: float) -> None:
    """90 % intervals over units of unequal n (error variances 0.07 to 0.7): never below 88 %, nor above 92 % where units differ;
    where they hardly do, too wide rather than too short.  Verdicts err seldom, and squared errors fall."""
    rng = np.random.default_rng([SEED, units, int(100 * between)])
    n_a, n_b = 5 + np.arange(units) * 7 % 56, 2 + np.arange(units) * 5 % 19
    psi = 1 / n_a + 1 / n_b
    rehearsal = np.repeat(np.arange(TIMES), units)  # each an item of its own, hence shrunk alone
    error = np.tile(np.sqrt(psi), TIMES)
    truth = 0.2 + rng.normal(0, between, units * TIMES)
    made = gaps_of(truth + rng.normal(0, error), error**2, smallest=0.4, item=rehearsal)
    called = np.zeros(4)
    covers, squared, raw = compared(shrink(made, variances="own").table(), truth, 0.4, called)
    said(f"direct, {units} units, tau {between}", covers, squared, raw, called)
    assert 0.88 <= covers <= most
    assert squared < raw
    seldom(called, units * TIMES)


def compared(table: pd.DataFrame, truth: np.ndarray, m: float, called: np.ndarray) -> np.ndarray:
    """Share of intervals that cover, squared errors shrunken and direct; `called` counts verdicts of each kind, all and wrong."""
    covered = (table["lower"] <= truth) & (truth <= table["upper"])
    far, near = (table["verdict"] == word for word in ("dissonant", "aligned"))
    called += [far.sum(), (far & (abs(truth) < m)).sum(), near.sum(), (near & (abs(truth) >= m)).sum()]
    return np.array([covered.mean(), *(((table[name] - truth) ** 2).mean() for name in ("estimate", "direct"))])


def seldom(called: np.ndarray, units: int) -> None:
    """One verdict in ten is wrong at most; where units hardly differ and hardly any is right, wrong ones are 5 in 1,000 units."""
    for all_, wrong in called.reshape(-1, 2):
        assert wrong <= 0.1 * all_ + 0.005 * units


def said(scenario: str, covers: float, squared: float, raw: float, called: np.ndarray) -> None:
    """Print what the methods page records (`pytest -s`)."""
    wrong = [f"{bad / max(all_, 1):.1%} of {all_:.0f}" for all_, bad in called.reshape(-1, 2)]
    print(
        f"\n{scenario}: covers {covers:.1%}; squared error {raw:.4f} -> {squared:.4f};",
        f"wrong: dissonant {wrong[0]}, aligned {wrong[1]}",
    )


@pytest.mark.slow
@pytest.mark.parametrize("units", [6, 8, 12])
@pytest.mark.parametrize("share", [0.1, 0.2, 0.5, 1.0])
def test_units_of_which_nothing_is_known_are_not_called_dissonant(units: int, share: float) -> None:
    """All true gaps 0, the smallest of interest a share of the direct error: few units are called dissonant, and none of them has
    0 inside its interval."""
    rng = np.random.default_rng([SEED, units, int(100 * share)])
    error = np.tile(np.sqrt(np.linspace(0.7, 1.3, units)), 2 * TIMES)
    made = gaps_of(rng.normal(0, error), error**2, smallest=share, item=np.repeat(np.arange(2 * TIMES), units))
    unknown(f"{units} units, m = {share} errors", shrink(made, variances="own").table())


@pytest.mark.slow
@pytest.mark.parametrize(("units", "customers", "employees", "m"), [(6, 6, 3, 10), (6, 10, 5, 5), (8, 20, 8, 5)])
def test_recommending_units_of_few_answers_are_not_called_dissonant(
    units: int, customers: int, employees: int, m: float
) -> None:
    """The same of the NPS of units with a handful of answers each, both sides recommending alike, through the public verbs."""
    rng, tables = np.random.default_rng([SEED, units, customers]), []
    pair = Pair("x", ("customers", "x"), ("employees", "x"), "customer - employee", "literal", "nps", m)
    for _ in range(TIMES // 2):
        designs = {}
        for side, n in (("customers", customers), ("employees", employees)):
            x = rng.choice([3.0, 7.0, 9.0], size=units * n, p=[0.4, 0.3, 0.3])
            designs[side] = Design(
                pd.DataFrame({"unit": np.repeat(np.arange(units), n), "x": x}), stratum="unit", lonely_psu="remove"
            )
        tables.append(shrink(gap(stack(designs, units="apart"), [pair], by=["unit"])).table())
    unknown(f"nps, {units} units of {customers} + {employees}, m = {m}", pd.concat(tables, ignore_index=True))


def unknown(scenario: str, table: pd.DataFrame) -> None:
    """Share called dissonant of units that have no gap, by the rule and by both directions together (`pytest -s`)."""
    far = table["verdict"] == "dissonant"
    both = (1 - table["chance_aligned"] >= 0.9).mean()
    print(f"\n{scenario}: dissonant {far.mean():.2%} of {len(table)}; both directions together {both:.2%}")
    assert far.mean() <= 0.08
    assert ((table["lower"] > 0) | (table["upper"] < 0))[far].all()


def coded_mean(level: np.ndarray) -> np.ndarray:
    """Expected answer, 1 to 5, of people who are normal around a level with deviation 1, rounded and kept on the scale."""
    return 5 - stats.norm.cdf(np.arange(1.5, 5)[:, None] - level.ravel()).sum(axis=0).reshape(level.shape)


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
def test_intervals_cover_through_the_public_verbs(weighted: bool) -> None:
    """Customers and employees answering 1 to 5 in 60 units, ceilings and unequal n: stack, gap, shrink cover 88 to 92 %."""
    rng = np.random.default_rng([SEED, 60, weighted])
    unit = {
        "customers": np.repeat(np.arange(60), 4 + np.arange(60) * 7 % 37),
        "employees": np.repeat(np.arange(60), 2 + np.arange(60) * 5 % 11),
    }
    w = {side: rng.uniform(0.5, 2.0, len(who)) if weighted else np.ones(len(who)) for side, who in unit.items()}
    sums, called = np.zeros(3), np.zeros(4)
    for _ in range(TIMES):
        level = {"customers": 3.9 + rng.normal(0, 0.35, 60), "employees": 3.6 + rng.normal(0, 0.45, 60)}
        designs = {}
        for side, who in unit.items():
            x = np.clip(np.round(level[side][who] + rng.normal(size=len(who))), 1, 5)
            designs[side] = Design(pd.DataFrame({"unit": who, "x": x, "w": w[side]}), weight="w", stratum="unit")
        table = shrink(gap(stack(designs, units="apart"), [CLEAN], by=["unit"])).table()
        truth = coded_mean(level["customers"]) - coded_mean(level["employees"])
        sums += compared(table, truth, 0.4, called)
    covers, squared, raw = sums / TIMES
    said(f"answers 1 to 5, 60 units, weighted {weighted}", covers, squared, raw, called)
    assert 0.88 <= covers <= 0.92
    assert squared < 0.8 * raw
    seldom(called, 60 * TIMES)


@pytest.mark.slow
@pytest.mark.parametrize(("parents", "teachers", "times"), [(10, 4, 60), (25, 8, 40), (50, 15, 20)])
def test_thinned_schools_are_told_better(shared_data: Path, parents: int, teachers: int, times: int) -> None:
    """New York schools 2011 thinned to a few parents and teachers each: shrunken gaps are nearer those of everybody."""
    counts = pd.read_csv(shared_data / "nyc_school_2011" / "counts_long.csv.gz")
    items = {
        "parent": "q11f",
        "teacher": "q11e",
    }  # four answers each; no wording is known, so this is no finding on schools
    counts = counts[counts["audience"].map(items) == counts["item"]]
    full = counts.pivot_table(index="dbn", columns=["audience", "option"], values="n", fill_value=0).astype(int)
    size = {"parent": parents, "teacher": teachers}
    full = full[np.all([full[side].sum(axis=1) >= 2 * n for side, n in size.items()], axis=0)]
    mean = {side: (full[side] @ full[side].columns.to_numpy()) / full[side].sum(axis=1) for side in size}
    truth = (mean["parent"] - mean["teacher"]).to_numpy()
    pair = Pair("thinned", ("parent", "x"), ("teacher", "x"), "parent - teacher", "literal", "mean", 0.5)
    rng = np.random.default_rng([SEED, parents])
    sums, called = np.zeros(3), np.zeros(4)
    for _ in range(times):
        designs = {}
        for side, n in size.items():
            drawn = np.array([rng.multivariate_hypergeometric(row, n) for row in full[side].to_numpy()])
            codes = np.tile(full[side].columns.to_numpy(float), len(full))
            frame = pd.DataFrame({"school": np.repeat(full.index, n), "x": np.repeat(codes, drawn.ravel())})
            designs[side] = Design(frame, stratum="school")
        table = (
            shrink(gap(stack(designs, units="apart"), [pair], by=["school"]))
            .table()
            .set_index("school")
            .loc[full.index]
        )
        sums += compared(table, truth, 0.5, called)
    covers, squared, raw = sums / times
    said(f"{len(full)} schools, {parents} parents + {teachers} teachers", covers, squared, raw, called)
    assert squared < raw
    assert covers >= 0.86

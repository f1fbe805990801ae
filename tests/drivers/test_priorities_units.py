"""Priorities across units: the swap test written out in loops, unit means in loops, stated reliabilities, and NYC schools."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design
from symmetry.drivers.priorities.mapping import Sharing
from symmetry.drivers.priorities.priorities import compare_priorities
from symmetry.drivers.priorities.swapping import swap
from symmetry.drivers.priorities.unit_means import UnitMeans, unit_means, with_reliability
from symmetry.drivers.sharing.lattice import players_of
from tests.drivers.two_sides import DRIVERS, branches, compared, shares_over_orders

SCHOOLS = Path(__file__).parents[3] / "shared" / "data" / "nyc_school_2015"


def some_means(rng: np.random.Generator, units: int, each: float) -> UnitMeans:
    """Means of three columns in some units of different sizes, on a scale of their own."""
    size = rng.uniform(0.5, 1.5, units) * each
    noise = np.array([[2.0, 0.5, 0.3], [0.5, 1.0, 0.2], [0.3, 0.2, 1.5]])
    x = rng.normal(size=(units, 2))
    truth = np.column_stack([x, x @ [1.0, 0.6] + 0.5 * rng.normal(size=units)])
    seen = truth + rng.multivariate_normal(np.zeros(3), noise, units) / np.sqrt(size)[:, None]
    return UnitMeans(("a", "b", "y"), np.arange(units), 4.0 + 2.0 * seen, 4.0 * noise, size, known=True)


def levelled(a: UnitMeans, b: UnitMeans) -> Callable[[list[tuple[int, int]]], np.ndarray]:
    """Covariance of a set of (side, unit), built unit by unit: noise out, variances of 1, common noise in."""
    k = a.values.shape[1]
    scores, noises = [], []
    for means in (a, b):
        true = [
            np.var(means.values[:, j]) - means.within[j, j] * np.mean([1 / size for size in means.size])
            for j in range(k)
        ]
        scores.append((means.values - means.values.mean(axis=0)) / np.sqrt(true))
        noises.append([means.within / np.sqrt(np.outer(true, true)) / size for size in means.size])
    mean_noise = [np.mean(noise, axis=0) for noise in noises]
    values, vectors = np.linalg.eigh(mean_noise[1] - mean_noise[0])
    common = mean_noise[0] + sum(
        max(value, 0) * np.outer(vector, vector) for value, vector in zip(values, vectors.T, strict=True)
    )

    def covariance(who: list[tuple[int, int]]) -> np.ndarray:
        z = np.array([scores[side][u] for side, u in who])
        c = np.cov(z.T, bias=True) - np.mean([noises[side][u] for side, u in who], axis=0)
        scale = np.sqrt(np.maximum(np.diag(c), 0.05))
        return np.asarray(c / np.outer(scale, scale) + common)

    return covariance


@pytest.mark.parametrize(("seed", "widened"), [(8, False), (11, True)])
def test_swapping_agrees_with_loops_over_units(seed: int, widened: bool) -> None:
    """Every set of every swap and draw built unit by unit, its shares over all orders."""
    rng = np.random.default_rng(seed)
    a, b = some_means(rng, 40, 50.0), some_means(rng, 40, 6.0)
    found = swap(a, b, Sharing(players_of(2), "lmg"), permutations=39, rng=np.random.default_rng(11))
    again = np.random.default_rng(11)
    sides = np.vstack([np.ones(40, int), again.integers(0, 2, size=(39, 40))])
    drawn = again.multinomial(40, np.full(40, 1 / 40), size=100)
    covariance = levelled(a, b)

    def shares(who: list[tuple[int, int]]) -> np.ndarray:
        return shares_over_orders(covariance(who))

    gaps = [
        shares([(1 - keep, u) for u, keep in enumerate(kept)]) - shares([(keep, u) for u, keep in enumerate(kept)])
        for kept in sides
    ]
    boots = [
        np.subtract(*[shares([(side, u) for u, times in enumerate(some) for _ in range(times)]) for side in (0, 1)])
        for some in drawn
    ]
    apart = np.array(gaps)
    se = np.sqrt((apart**2).mean(axis=0))
    wider = np.maximum(1.0, np.std(boots, axis=0) / se)
    apart[1:] *= wider
    total = np.abs(apart).sum(axis=1) / 2
    t = np.abs(apart) / (se * wider)
    assert (wider > 1).any() == widened
    np.testing.assert_allclose(found.shares[0] - found.shares[1], apart[0], atol=1e-10)
    np.testing.assert_allclose(found.se, se * wider, rtol=1e-9)
    assert found.null == pytest.approx(total[1:].mean(), rel=1e-9)
    assert found.p_total == (1 + (total[1:] >= total[0] - 1e-10).sum()) / 40
    expected = [(1 + (t[1:].max(axis=1) >= one - 1e-10).sum()) / 40 for one in t[0]]
    np.testing.assert_allclose(found.p, expected)


def crowded(count: int) -> tuple[dict[str, Design], list[str]]:
    """Few answers in each of 44 units to drivers that go together: once their noise is out, little tells the drivers apart."""
    rng = np.random.default_rng(1)
    names, made = [f"x{j}" for j in range(count)], {}
    shared = rng.normal(size=(44, 1))
    for who, n in (("customers", 9), ("employees", 6)):
        u = np.repeat(np.arange(44), n)
        true = 0.5 * (shared + 0.3 * rng.normal(size=(44, count)))
        x = true[u] + rng.normal(size=(len(u), count)) + rng.normal(size=(len(u), 1))
        y = x.mean(axis=1) + 0.5 * rng.normal(size=len(u))
        made[who] = Design(pd.DataFrame(x, columns=names).assign(y=y, u=u), psu="u")
    return made, names


@pytest.mark.parametrize("count", [4, 8])
def test_swaps_without_a_regression(count: int) -> None:
    """Those whose drivers, in loops over units, have no positive definite covariance: a few count against a difference, more
    than 5 % leave no value on any row across units and say why; the rows on respondents stand.
    """
    designs, names = crowded(count)
    covariance = levelled(*(unit_means(design, [*names, "y"], "u") for design in designs.values()))
    lost = 0
    for kept in np.random.default_rng([0, 1]).integers(0, 2, size=(99, 44)):
        sets = [[(side if keep else 1 - side, u) for u, keep in enumerate(kept)] for side in (0, 1)]
        lost += any(np.linalg.eigvalsh(covariance(one)[:-1, :-1])[0] <= 1e-9 for one in sets)
    table = compare_priorities(designs, "y", names, unit="u", permutations=99).table()
    across = table[table["statistic"].str.startswith("unit")]
    assert len(across) == count + 2
    if count == 4:
        assert 0 < lost <= 0.05 * 99
        assert across["note"].str.endswith(f"bear no regression and count against a difference: {lost}").all()
        assert across["estimate"].notna().all()
        assert across["p"].dropna().ge((1 + lost) / 100).all()
        return
    assert lost > 0.05 * 99
    assert (across["note"] == f"44 units cannot tell 8 drivers apart: {lost} of 99 swaps bear no regression; "
            "use fewer drivers or groups, or the comparison on respondents").all()  # fmt: skip
    told = ["estimate", "se", "p", "null", "importance_a", "importance_b"]
    assert across[told].isna().all(axis=None)
    assert table.loc[table["statistic"] == "total_variation", ["estimate", "p", "null"]].notna().all(axis=None)


def test_where_the_spread_is_unknown_nothing_is_tested() -> None:
    """20 drivers in 32 units, one row each: draws of 20 different units or fewer bear no regression.  Shares stand, two groups by
    hand; errors and probabilities do not, and the note counts the draws.
    """
    rng, names = np.random.default_rng(4), [f"x{j}" for j in range(20)]
    frames = [pd.DataFrame(rng.normal(size=(32, 21)), columns=[*names, "y"]) for _ in range(2)]
    designs = {who: Design(f.assign(u=np.arange(32)), psu="u") for who, f in zip("ab", frames, strict=True)}
    groups = {"first": names[:10], "second": names[10:]}
    table = compare_priorities(designs, "y", names, unit="u", permutations=99, groups=groups).table()
    across = table[table["statistic"].str.startswith("unit")]

    def r2(frame: pd.DataFrame, some: list[str]) -> float:
        x = np.column_stack([np.ones(32), frame[some]])
        left = frame["y"] - x @ np.linalg.lstsq(x, frame["y"], rcond=None)[0]
        return float(1 - left.var() / frame["y"].var())

    first = [(r2(f, names[:10]) + r2(f, names) - r2(f, names[10:])) / 2 / r2(f, names) for f in frames]
    gap = first[0] - first[1]
    np.testing.assert_allclose(across["estimate"], [gap, -gap, abs(gap), -1.0], rtol=1e-8)
    np.testing.assert_allclose(across["importance_a"][:2], [first[0], 1 - first[0]], rtol=1e-8)
    assert across[["se", "p", "null"]].isna().all(axis=None)
    again = np.random.default_rng([0, 1])
    again.integers(0, 2, size=(99, 32))
    drawn = again.multinomial(32, np.full(32, 1 / 32), size=100)
    lost = int(((drawn > 0).sum(axis=1) <= 20).sum())
    assert lost > 50
    assert (across["note"] == f"not tested, as the spread is unknown: {lost} of 100 draws of the 32 units bear no regression; "
            "use fewer drivers or groups, or the comparison on respondents").all()  # fmt: skip
    assert (across["test"] == "").all()


def test_rows_across_units_rest_on_answers() -> None:
    """n is the number of answers, as elsewhere, units that of units; so it is where eight branches allow no test."""
    for units in (40, 8):
        table = compared(branches(units=units), unit="branch", permutations=19).table()
        across = table["statistic"].str.startswith("unit")
        assert (table.loc[across, "n"] == units * 9 + units * 4).all()
        assert (table.loc[across, "units"] == units).all()
        assert table.loc[~across, "units"].isna().all()
        assert (table.loc[across, "estimate"].isna() == (table.loc[across, "note"].str.contains("fewer than 30"))).all()


def test_unit_means_and_their_noise() -> None:
    """Means, answers' worth and pooled covariance within units, in loops over units."""
    design = branches(units=30)["customers"]
    names = [*DRIVERS, "overall"]
    found = unit_means(design, names, "branch")
    pooled, freedom = np.zeros((4, 4)), 0.0
    for row, (label, frame) in enumerate(design.data.groupby("branch")):
        w, x = frame["weight"].to_numpy(), frame[names].to_numpy()
        mean, size = w @ x / w.sum(), w.sum() ** 2 / (w**2).sum()
        assert found.units[row] == label
        np.testing.assert_allclose(found.values[row], mean, rtol=1e-12)
        assert found.size[row] == pytest.approx(size, rel=1e-12)
        pooled += size * sum(one * np.outer(y - mean, y - mean) for one, y in zip(w, x, strict=True)) / w.sum()
        freedom += size - 1
    np.testing.assert_allclose(found.within, pooled / freedom, rtol=1e-10)
    assert found.known


def test_the_noise_of_answers_is_found_back() -> None:
    """Answers with noise of variance 4, weights unrelated to it: the pooled noise is 4 within 3 %."""
    rng = np.random.default_rng(1)
    unit = np.repeat(np.arange(500), 20)
    frame = pd.DataFrame({"x": rng.normal(size=500)[unit] + 2 * rng.normal(size=10_000), "u": unit})
    frame["w"] = rng.uniform(0.2, 3.0, 10_000)
    found = unit_means(Design(frame, weight="w"), ["x"], "u")
    assert found.within[0, 0] == pytest.approx(4.0, rel=0.03)


def test_reliabilities_stand_for_noise() -> None:
    """One for all, one a column or by name: noise is what true variance leaves of the variance seen."""
    means = some_means(np.random.default_rng(0), 50, 10.0)
    seen = means.values.var(axis=0, ddof=1)
    np.testing.assert_allclose(np.diag(with_reliability(means, 0.75).within), 0.25 * seen)
    by_column = np.diag(with_reliability(means, [0.5, 1.0, 0.9]).within)
    np.testing.assert_allclose(by_column, [0.5, 0.0, 0.1] * seen, atol=1e-12)
    by_name = with_reliability(means, {"a": 0.5, "b": 1.0, "y": 0.9})
    np.testing.assert_allclose(np.diag(by_name.within), by_column)


def test_unit_means_alone_are_taken_as_equally_noisy() -> None:
    """One row a unit: no noise is known and the row says so; with reliabilities of both it says equal noise."""
    designs = {
        name: Design(design.data.groupby("branch", as_index=False).mean(), psu="branch")
        for name, design in branches().items()
    }
    bare = compared(designs, unit="branch", permutations=19).table()
    assert bare["test"].iloc[-1] == "labels swapped in 120 units: all exchangeable, unit means taken as equally noisy"
    told = compared(designs, unit="branch", permutations=19, reliability={"customers": 0.9, "employees": 0.8}).table()
    assert told["test"].iloc[-1] == "labels swapped in 120 units: equal priorities at equal noise"


@pytest.mark.parametrize("units", [20, 0])
def test_too_few_shared_units_are_noted(units: int) -> None:
    """Rows across units without value, each with the reason; the test on respondents stands."""
    designs = branches(units=60)
    staff = designs["employees"].data
    moved = Design(staff.assign(branch=staff["branch"] + 60 - units), weight="weight", psu="branch")
    table = compared({"customers": designs["customers"], "employees": moved}, unit="branch").table()
    across = table[table["statistic"].str.startswith("unit")]
    assert across["estimate"].isna().all()
    assert across["p"].isna().all()
    assert (across["note"] == f"{units} units have answers of both, fewer than 30").all()
    assert table["p"].notna().sum() == 4


def test_unit_means_of_nothing_but_noise_are_noted() -> None:
    """Employees whose branches do not differ: nothing is left to share out, and the rows say of what."""
    designs = branches()
    staff = designs["employees"].data
    shuffled = staff.assign(branch=np.random.default_rng(5).permutation(staff["branch"]))
    table = compared(
        {"customers": designs["customers"], "employees": Design(shuffled, weight="weight", psu="branch")}, unit="branch"
    ).table()
    assert table["note"].iloc[-1].endswith("hold little but noise for employees")


def test_rows_without_unit_leave_the_units_alone() -> None:
    """A respondent without unit is out of the unit means and stays among the respondents."""
    designs = branches(units=40)
    frame = designs["customers"].data.assign(shop=lambda f: f["branch"].astype(float))
    frame.loc[:8, "shop"] = np.nan
    sides = {
        "customers": Design(frame, weight="weight", psu="branch"),
        "employees": Design(
            designs["employees"].data.assign(shop=lambda f: f["branch"]), weight="weight", psu="branch"
        ),
    }
    table = compared(sides, unit="shop", permutations=19).table()
    assert table["units"].dropna().unique().tolist() == [39.0]
    assert (table["n_a"] == 360).all()


@pytest.mark.skipif(not SCHOOLS.exists(), reason="the NYC school survey is not at hand: ../shared/data/nyc_school_2015")
def test_parents_and_teachers_of_new_york_do_not_share_priorities() -> None:
    """NYC 2015, 8 literal mirrors over 1,600 schools: the order of priorities is unlike, and swapped labels never look so."""
    pairs = pd.read_csv(SCHOOLS / "mirror_pairs.csv")
    drivers = {row.pair: (row.customer_item, row.employee_item) for row in pairs[:-1].itertuples()}
    kept = {name: drivers[name] for name in list(drivers)[:4] + list(drivers)[8:12]}
    sides = {}
    for place, (name, file) in enumerate((("customers", "parent"), ("employees", "teacher"))):
        columns = ["dbn", *(pair[place] for pair in kept.values()), ("P8b", "T15d")[place]]
        sides[name] = Design(pd.read_csv(SCHOOLS / f"{file}.csv", usecols=columns), psu="dbn")
    table = compare_priorities(sides, ("P8b", "T15d"), kept, unit="dbn", permutations=199).table()
    table = table.set_index(["statistic", "item"])
    assert table.loc[("rank_correlation", "spearman"), "estimate"] < 0.3
    for name in ("total_variation", "unit_total_variation"):
        row = table.loc[(name, "P8b")]
        assert row["p"] < 0.01
        assert row["estimate"] > 2 * row["null"]
    assert not table["note"].str.contains("regression").any()
    assert table.loc["unit_share_gap", ["estimate", "se", "p"]].notna().all(axis=None)

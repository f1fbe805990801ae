"""Priorities compared: brute force on rows, a joint cluster bootstrap and a jackknife written here, scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import estimate
from symmetry.design import Design, replicate
from symmetry.drivers.estimating import gradient_of
from symmetry.drivers.players import players_among
from symmetry.drivers.priorities.distances import kendall, spearman, total_variation
from symmetry.drivers.priorities.mapping import Sharing
from symmetry.drivers.priorities.priorities import compare_priorities
from symmetry.errors import DesignError
from tests.drivers.two_sides import DRIVERS, branches, compared, shares_over_orders, weighted_covariance


def test_shares_are_those_of_the_rows_of_each_audience() -> None:
    """Each side's importance is LMG over all orders on its own weighted rows; gaps and total variation follow."""
    designs = branches()
    table = compared(designs).table()
    gaps = table[table["statistic"] == "share_gap"]
    expected = [
        shares_over_orders(
            weighted_covariance(d.data[[*DRIVERS, "overall"]].to_numpy(), d.data["weight"].to_numpy(float))
        )
        for d in designs.values()
    ]
    np.testing.assert_allclose(gaps["importance_a"], expected[0], rtol=1e-10)
    np.testing.assert_allclose(gaps["importance_b"], expected[1], rtol=1e-10)
    np.testing.assert_allclose(gaps["estimate"], expected[0] - expected[1], atol=1e-12)
    total = table.loc[table["statistic"] == "total_variation", "estimate"].item()
    assert np.abs(expected[0] - expected[1]).sum() / 2 == pytest.approx(total, abs=1e-12)
    assert gaps["item"].tolist() == DRIVERS
    assert set(table["a"]) == {"customers"}
    assert set(table["b"]) == {"employees"}


def bootstrapped(designs: dict[str, Design], times: int, seed: int) -> np.ndarray:
    """Standard errors of share gaps where branches are drawn with both their audiences."""
    rng = np.random.default_rng(seed)
    sums = []
    for design in designs.values():
        z = np.column_stack([np.ones(len(design.data)), design.data[[*DRIVERS, "overall"]].to_numpy()])
        products = z[:, :, None] * z[:, None, :] * design.data["weight"].to_numpy(float)[:, None, None]
        of_branch = np.zeros((design.data["branch"].max() + 1, 5, 5))
        np.add.at(of_branch, design.data["branch"].to_numpy(), products)
        sums.append(of_branch)
    units = len(sums[0])
    drawn = rng.multinomial(units, np.full(units, 1 / units), size=times)
    gaps = np.zeros((times, 3))
    for sign, of_branch in zip((1, -1), sums, strict=True):
        total = np.tensordot(drawn, of_branch, axes=1)
        mean = total[:, 0, 1:] / total[:, :1, 0]
        c = total[:, 1:, 1:] / total[:, :1, :1] - mean[:, :, None] * mean[:, None, :]
        gaps += sign * np.array([shares_over_orders(one) for one in c])
    return np.asarray(gaps.std(axis=0))


def test_the_error_of_a_gap_knows_the_branches_both_share() -> None:
    """Within 6 % of 2,000 joint draws of branches; the two errors added as if independent would be too large."""
    designs = branches()
    found = compared(designs)
    expected = bootstrapped(designs, 2000, 1)
    np.testing.assert_allclose(found.gaps.se, expected, rtol=0.06)
    apart = np.sqrt(found.shares.variance[:3] + found.shares.variance[3:])
    assert (np.abs(apart / expected - 1) > np.abs(found.gaps.se / expected - 1)).all()


def test_two_waves_with_the_same_persons() -> None:
    """Persons asked twice are one psu: errors within 2 % of a jackknife that leaves out a person with both answers."""
    rng = np.random.default_rng(3)
    x, more = rng.normal(size=(400, 3)), rng.normal(size=400)
    waves = {}
    for wave, slopes in (("spring", [1.0, 1.0, 0.5]), ("autumn", [0.6, 1.0, 1.0])):
        seen = x + 0.5 * rng.normal(size=x.shape)
        frame = pd.DataFrame(seen, columns=DRIVERS).assign(overall=seen @ slopes + more, person=np.arange(400))
        waves[wave] = frame.iloc[: 400 if wave == "spring" else 340]
    found = compared({name: Design(frame, psu="person") for name, frame in waves.items()})

    def gaps(kept: np.ndarray) -> np.ndarray:
        sides = [frame[kept[frame["person"]]][[*DRIVERS, "overall"]].to_numpy() for frame in waves.values()]
        return np.subtract(*[shares_over_orders(np.cov(side.T)) for side in sides])

    left = np.array([gaps(np.arange(400) != person) for person in range(400)])
    jackknife = np.sqrt(399 / 400 * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    np.testing.assert_allclose(found.gaps.se, jackknife, rtol=0.02)
    assert found.n == (400, 340)


def test_a_design_with_itself_has_no_difference() -> None:
    """The same rows twice: every gap 0 ± 0, total variation 0, all p 1, on respondents and across units."""
    one = branches()["customers"]
    table = compared({"now": one, "again": one}, unit="branch", permutations=99).table()
    gaps = table["statistic"].isin(["share_gap", "unit_share_gap"])
    np.testing.assert_allclose(table.loc[gaps, "estimate"], 0.0, atol=1e-12)
    np.testing.assert_allclose(table.loc[gaps, "se"], 0.0, atol=1e-12)
    assert (table["p"].dropna() == 1).all()
    assert table["p"].notna().sum() == 8
    assert table.set_index("item").loc["kendall", "estimate"] == pytest.approx(1.0)


def test_swapping_the_audiences_flips_the_sign() -> None:
    """Gaps change sign and keep their errors; distances and p across units stay."""
    designs = branches()
    one = compared(designs, unit="branch", permutations=99).table()
    two = compared(dict(reversed(designs.items())), unit="branch", permutations=99).table()
    gaps = one["statistic"].isin(["share_gap", "unit_share_gap"]).to_numpy()
    np.testing.assert_allclose(two["estimate"], np.where(gaps, -one["estimate"], one["estimate"]), atol=1e-10)
    np.testing.assert_allclose(two["importance_a"], one["importance_b"], rtol=1e-10)
    units = one["statistic"].str.startswith("unit").to_numpy()
    np.testing.assert_allclose(two["se"][gaps], one["se"][gaps], rtol=1e-7)
    np.testing.assert_allclose(two["p"][units], one["p"][units])
    np.testing.assert_allclose(two["null"][units], one["null"][units])


def test_where_priorities_differ_all_tests_say_so() -> None:
    """Planted opposites: clean and fast differ, kind does not; total variation lies far above its mean at equal priorities."""
    table = compared(branches(units=300), unit="branch", permutations=199).table().set_index(["statistic", "item"])
    assert (table.loc[[("share_gap", "clean"), ("share_gap", "fast")], "p"] < 0.01).all()
    assert (table.loc[[("unit_share_gap", "clean"), ("unit_share_gap", "fast")], "p"] < 0.05).all()
    assert table.loc[("share_gap", "kind"), "p"] > 0.05
    for name in ("total_variation", "unit_total_variation"):
        row = table.loc[(name, "overall")]
        assert row["p"] < 0.05
        assert row["estimate"] > 2 * row["null"] > 0
    assert table.loc[("total_variation", "overall"), "lower"] > 0


def test_levels_are_means_between_the_ends_of_the_scale() -> None:
    """Level and interval are those of the mean, put between 0 and 100; without a scale there is none; groups take the mean."""
    designs = branches()
    table = compared(designs, scales={"clean": (-5.0, 5.0)}).table().iloc[:3]
    for side, design in zip("ab", designs.values(), strict=True):
        mean = estimate.mean(design, "clean").table().iloc[0]
        names = [f"level_{side}{end}" for end in ("", "_lower", "_upper")]
        expected = [10 * (mean[name] + 5) for name in ("estimate", "lower", "upper")]
        np.testing.assert_allclose(table.loc[0, names].astype(float), expected, rtol=1e-10)
        assert table.loc[1:, names].isna().all(axis=None)
    ends = dict.fromkeys(DRIVERS, (-5.0, 5.0))
    alone = compared(designs, scales=ends).levels
    together = compared(designs, scales=ends, groups={"manner": ["clean", "kind"]}).levels
    np.testing.assert_allclose(together["level_a"], [alone["level_a"][:2].mean(), alone["level_a"][2]], rtol=1e-10)


def test_columns_of_one_name_may_have_two_scales() -> None:
    """Scales told by audience come before those told of both; in a pair, an audience's column says whose scale it is."""
    designs = branches()
    x = [d.data["clean"] @ d.data["weight"] / d.data["weight"].sum() for d in designs.values()]
    table = compared(
        designs, scales={"employees": {"clean": (-8, 8)}, "clean": (-5, 5), "customers": {"kind": (-5, 5)}}
    ).table()
    levels = table.set_index("item")[["level_a", "level_b"]]
    np.testing.assert_allclose(levels.loc["clean"], [10 * (x[0] + 5), 100 * (x[1] + 8) / 16], rtol=1e-10)
    assert levels.loc["kind"].notna().tolist() == [True, False]
    own = Design(designs["employees"].data.rename(columns={"clean": "t_clean"}), weight="weight", psu="branch")
    sides = {"customers": designs["customers"], "employees": own}
    for scales in ({"clean": (-5, 5), "t_clean": (-8, 8)}, {"clean": (-5, 5), "employees": {"clean": (-8, 8)}}):
        found = compare_priorities(sides, "overall", [("clean", "t_clean"), "kind", "fast"], scales=scales).levels
        np.testing.assert_allclose(found.loc[0, ["level_a", "level_b"]].astype(float), levels.loc["clean"], rtol=1e-10)


def test_each_audience_may_have_its_own_columns() -> None:
    """Pairs of columns, or a mapping from names to pairs, tell the same as equal columns do."""
    designs = branches()
    renamed = Design(
        designs["employees"].data.rename(columns={"clean": "t_clean", "overall": "t_overall"}),
        weight="weight",
        psu="branch",
    )
    both = {"customers": designs["customers"], "employees": renamed}
    expected = compared(designs, unit="branch", permutations=19).table()
    pairs = compare_priorities(
        both, ("overall", "t_overall"), [("clean", "t_clean"), "kind", "fast"], unit="branch", permutations=19
    ).table()
    pd.testing.assert_frame_equal(pairs, expected)
    named = compare_priorities(
        both, ("overall", "t_overall"), {"tidy": ("clean", "t_clean"), "kind": "kind", "fast": "fast"}
    )
    assert named.table()["item"][:3].tolist() == ["tidy", "kind", "fast"]


@pytest.mark.parametrize(("method", "always"), [("lmg", ()), ("lmg", ("fast",)), ("johnson", ())])
def test_derivatives_of_shares_agree_with_differences(method: Any, always: tuple[str, ...]) -> None:
    """Shares with groups and controls, by central differences of the shares themselves; they sum to 1."""
    rng = np.random.default_rng(5)
    c = np.corrcoef((rng.normal(size=(60, 6)) + rng.normal(size=(60, 1))).T)
    players = players_among(["a", "b", "c", "d", "fast"], {"ab": ["a", "b"]}, always)
    sharing = Sharing(players, method)
    assert sharing.shares(c).sum() == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(sharing.slopes(c), gradient_of(sharing.shares, c), atol=1e-8)


def test_johnson_serves_any_number_of_drivers() -> None:
    """22 drivers, too many for exact shares: relative weights do, and lmg says what to do."""
    rng = np.random.default_rng(2)
    names = [f"x{j}" for j in range(22)]
    sides = {}
    for name in ("one", "two"):
        x = rng.normal(size=(300, 22)) + rng.normal(size=(300, 1))
        sides[name] = Design(pd.DataFrame(x, columns=names).assign(y=x.sum(axis=1) + rng.normal(size=300)))
    found = compare_priorities(sides, "y", names, method="johnson")
    assert found.shares.values[:22].sum() == pytest.approx(1.0)
    with pytest.raises(DesignError, match="22 players"):
        compare_priorities(sides, "y", names)


def test_replicates_tell_nearly_the_same_error() -> None:
    """Jackknifed by branch, each audience's design and so their stack: errors within 4 % of the linearised ones."""
    designs = branches()
    linear = compared(designs).gaps
    again = compared({name: replicate(design, "jackknife") for name, design in designs.items()}).gaps
    np.testing.assert_allclose(again.values, linear.values, rtol=1e-10)
    np.testing.assert_allclose(again.se, linear.se, rtol=0.04)


def test_rank_correlations_agree_with_scipy() -> None:
    """Spearman and Kendall's tau b, with ties, batched."""
    rng = np.random.default_rng(4)
    a, b = rng.integers(0, 5, size=(2, 20, 7)).astype(float)
    np.testing.assert_allclose(spearman(a, b), [stats.spearmanr(x, y)[0] for x, y in zip(a, b, strict=True)])
    np.testing.assert_allclose(kendall(a, b), [stats.kendalltau(x, y)[0] for x, y in zip(a, b, strict=True)])
    assert np.isnan(spearman(np.ones(4), np.arange(4.0)))
    assert total_variation(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1.0


def test_the_same_seed_gives_the_same_table() -> None:
    """Same input and seed, same numbers to the last bit; another seed, other draws."""
    designs = branches(units=40)
    one, two, other = (compared(designs, unit="branch", permutations=99, seed=s).table() for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert not one["null"].equals(other["null"])

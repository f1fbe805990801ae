"""R² of every subset: against regressions of each subset on its own, alone and in batches; Shapley values by all orders."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from symmetry.drivers.sharing.lattice import Players, coefficients, explained_by_subset, members, players_of
from symmetry.drivers.sharing.shapley import lmg, shared_out


def matrices(k: int, count: int) -> np.ndarray:
    """Covariance matrices (count, k, k)."""
    x = np.random.default_rng(k).normal(size=(count, 4 * k, k))
    return np.asarray(x.transpose(0, 2, 1) @ x)


def alone(covariance: np.ndarray, inside: list[int]) -> float:
    """R² of the last column on some others."""
    if not inside:
        return 0.0
    c = covariance[inside, -1]
    return float(c @ np.linalg.solve(covariance[np.ix_(inside, inside)], c) / covariance[-1, -1])


def test_every_subset_has_the_r2_of_its_own_regression() -> None:
    """Six drivers, three matrices at once: all 64 subsets, each at the place its members say."""
    every = matrices(7, 3)
    found = explained_by_subset(every, players_of(6))
    assert (64, 3) == found.shape
    expected = [[alone(one, [j for j in range(6) if s >> j & 1]) for one in every] for s in range(64)]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    assert [bin(s).count("1") for s in range(64)] == members(6).tolist()


def test_groups_and_controls_are_columns_that_enter_together() -> None:
    """Columns 0 and 3 enter together, 2 alone, 4 and 1 are there before."""
    (one,) = matrices(6, 1)
    players = Players(("g", "c"), ((0, 3), (2,)), (4, 1))
    inside: list[list[int]] = [[4, 1], [4, 1, 0, 3], [4, 1, 2], [4, 1, 0, 3, 2]]
    expected = [alone(one, columns) for columns in inside]
    np.testing.assert_allclose(explained_by_subset(one, players), expected, rtol=1e-10)
    beta, r2 = coefficients(one, players)
    np.testing.assert_allclose(r2, expected, rtol=1e-10)
    for place, columns in enumerate(inside):
        slopes = np.zeros(6)
        slopes[columns] = np.linalg.solve(one[np.ix_(columns, columns)], one[columns, -1])
        slopes[-1] = -1.0
        np.testing.assert_allclose(beta[:, place], slopes, rtol=1e-9, atol=1e-12)


def test_shares_in_batches_are_those_of_each_matrix() -> None:
    """Matrices of any leading shape are shared out one by one, whatever the size of the block."""
    every = matrices(12, 70).reshape(7, 10, 12, 12)
    found = lmg(every, players_of(11))
    assert (7, 10, 11) == found.shape
    np.testing.assert_allclose(found[3, 4], lmg(every[3, 4], players_of(11)), rtol=1e-12)


def test_shapley_values_are_mean_gains_over_all_orders() -> None:
    """Any game of four players, not only explained variance."""
    worth = np.random.default_rng(4).normal(size=16)
    gains = np.zeros(4)
    orders = list(permutations(range(4)))
    for order in orders:
        inside = 0
        for j in order:
            gains[j] += (worth[inside | 1 << j] - worth[inside]) / len(orders)
            inside |= 1 << j
    np.testing.assert_allclose(shared_out(worth), gains, rtol=1e-12)


def test_a_matrix_that_bears_no_regression_gives_nan_and_spares_the_others() -> None:
    """Of two matrices one has twins among its drivers: it has no R² anywhere, the other matrix has its own."""
    good, bad = matrices(4, 2)
    bad[:, 1], bad[1, :] = bad[:, 0], bad[0, :]
    bad[1, 1] = bad[0, 0]
    found = explained_by_subset(np.stack([good, bad]), players_of(3))
    assert np.isfinite(found[:, 0]).all()
    assert np.isnan(found[:, 1]).all()


def test_a_column_that_does_not_vary_adds_nothing_to_any_subset() -> None:
    """Rounding where a driver, one of a group or a control has a variance: every subset has the R² it has without the column."""
    (one,) = matrices(5, 1)
    one /= np.sqrt(np.outer(np.diag(one), np.diag(one)))
    flat = one.copy()
    flat[1] = flat[:, 1] = 3e-17
    expected = [alone(one, [j for j in range(4) if s >> j & 1 and j != 1]) for s in range(16)]
    np.testing.assert_allclose(explained_by_subset(flat, players_of(4)), expected, rtol=1e-10)
    grouped = Players(("g", "c"), ((0, 1), (2,)), (3,))
    inside: list[list[int]] = [[3], [3, 0], [3, 2], [3, 0, 2]]
    np.testing.assert_allclose(explained_by_subset(flat, grouped), [alone(one, some) for some in inside], rtol=1e-10)
    controlled = Players(("a", "c"), ((0,), (2,)), (1, 3))
    np.testing.assert_allclose(explained_by_subset(flat, controlled), [alone(one, some) for some in inside], rtol=1e-10)
    assert lmg(flat, players_of(4))[1] == 0.0


def test_an_outcome_that_does_not_vary_has_no_r2() -> None:
    """There is nothing to explain, and no number says otherwise."""
    (one,) = matrices(4, 1)
    one[-1] = one[:, -1] = 1e-17
    assert np.isnan(explained_by_subset(one, players_of(3))).all()

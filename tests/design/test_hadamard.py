"""Hadamard matrices are what they are called: rows orthogonal, first row and column of ones, orders the smallest in reach."""

from __future__ import annotations

import numpy as np
import pytest

from symmetry.design.hadamard import hadamard


@pytest.mark.parametrize("least", [*range(1, 130), 200, 401, 666])
def test_every_two_rows_are_orthogonal(least: int) -> None:
    """H H' = R I, entries are 1 and -1, the first row and the first column are 1."""
    matrix = hadamard(least).astype(int)
    np.testing.assert_array_equal(matrix @ matrix.T, len(matrix) * np.eye(len(matrix)))
    assert set(np.unique(matrix)) <= {-1, 1}
    assert (matrix[0] == 1).all()
    assert (matrix[:, 0] == 1).all()


def test_orders_are_the_smallest_in_reach() -> None:
    """Below 200 only these multiples of 4 give way to the next: they take prime powers, Williamson's or later constructions."""
    skipped = [order for order in range(4, 200, 4) if len(hadamard(order)) > order]
    assert skipped == [52, 92, 100, 116, 156, 172, 184, 188]
    assert [len(hadamard(least)) for least in (1, 2, 3, 5, 9, 13, 52)] == [1, 2, 4, 8, 12, 16, 56]

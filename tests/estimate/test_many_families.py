"""P-values adjusted in many families at once agree with `adjust`, family by family."""

from __future__ import annotations

import numpy as np
import pytest

from symmetry import estimate
from symmetry.errors import DesignError
from symmetry.estimate.banners.families import adjust_families


@pytest.mark.parametrize("method", ["holm", "hochberg", "bonferroni", "sidak", "bh", "by"])
def test_families_agree_with_one_family_at_a_time(method: str) -> None:
    """Families of many sizes, rows in any order, missing ones among them, ties and very small p-values."""
    rng = np.random.default_rng(5)
    family = rng.integers(0, 12, 80)
    p = np.where(rng.random(80) < 0.1, np.nan, rng.random(80) ** 4)
    p[:3] = 1e-300, 0.02, 0.02
    expected = np.full(80, np.nan)
    for one in np.unique(family):
        expected[family == one] = estimate.adjust(p[family == one], method=method)
    np.testing.assert_allclose(adjust_families(p, family, method=method), expected, rtol=1e-12)


def test_no_adjustment_leaves_them_alone() -> None:
    """None hands the p-values back; an unknown name is told."""
    p = np.array([0.2, np.nan, 0.01])
    np.testing.assert_array_equal(adjust_families(p, np.zeros(3, int), method=None), p)
    assert adjust_families(np.array([np.nan]), np.zeros(1, int), method="holm").shape == (1,)
    with pytest.raises(DesignError, match="no adjustment is called 'tukey'"):
        adjust_families(p, np.zeros(3, int), method="tukey")

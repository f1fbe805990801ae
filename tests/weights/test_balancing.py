"""A balanced group has the moments of its reference, with the smallest entropy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import weights
from symmetry.errors import ConvergenceError, DataError

RNG = np.random.default_rng(4)
GROUP = pd.DataFrame({"age": RNG.normal(40, 10, 300), "sex": RNG.choice(["f", "m"], 300), "w": RNG.uniform(1, 2, 300)})
OTHER = pd.DataFrame({"age": RNG.normal(45, 8, 200), "sex": RNG.choice(["f", "m"], 200, p=[0.7, 0.3])})
OTHER["w"] = RNG.uniform(1, 2, 200)


def test_moments_become_those_of_the_reference() -> None:
    """Weighted mean, variance and third moment of age, and the shares of sex, are those of the other group."""
    found = weights.balance(GROUP, OTHER, ["age", "sex"], moments=3, weight="w", reference_weight="w")
    for power in (1, 2, 3):
        ours, theirs = (
            np.average(frame["age"] ** power, weights=w) for frame, w in ((GROUP, found["weight"]), (OTHER, OTHER["w"]))
        )
        assert ours == pytest.approx(theirs, rel=1e-9)
    shares = [
        frame[sex == "f"].sum() / frame.sum()
        for frame, sex in ((found["weight"], GROUP["sex"]), (OTHER["w"], OTHER["sex"]))
    ]
    assert shares[0] == pytest.approx(shares[1], rel=1e-10)
    assert found["weight"].sum() == pytest.approx(GROUP["w"].sum(), rel=1e-12)
    assert (found["weight"] > 0).all()


def test_the_logarithm_of_the_factor_is_linear_in_the_moments() -> None:
    """Entropy balancing solves exp(a + b x + c x²): Hainmueller (2012), equation 10."""
    found = weights.balance(GROUP, OTHER, ["age"], moments=2, weight="w")
    line = np.column_stack([np.ones(300), GROUP["age"], GROUP["age"] ** 2])
    factor = np.log(found["weight"] / GROUP["w"])
    np.testing.assert_allclose(line @ np.linalg.lstsq(line, factor)[0], factor, atol=1e-8)


def test_one_covariate_may_be_named_alone() -> None:
    """A column by its name is a list of that one."""
    alone, listed = (weights.balance(GROUP, OTHER, names)["weight"] for names in ("age", ["age"]))
    assert listed.tolist() == alone.tolist()


def test_a_reference_out_of_reach_is_told() -> None:
    """A mean outside the group's range cannot be met; unknown moments and categories are refused."""
    with pytest.raises(ConvergenceError, match="the total of `age` is still|the population's size is still"):
        weights.balance(GROUP, OTHER.assign(age=200.0), ["age"])
    with pytest.raises(DataError, match="moments=4 is unknown"):
        weights.balance(GROUP, OTHER, ["age"], moments=4)
    with pytest.raises(DataError, match="categories without a target"):
        weights.balance(GROUP, OTHER.assign(sex="f"), ["sex"])
    with pytest.raises(DataError, match="missing for 1 people of the reference"):
        weights.balance(GROUP, OTHER.assign(sex=[None, *OTHER["sex"][1:]]), ["sex"])
    with pytest.raises(DataError, match="balancing has no covariates"):
        weights.balance(GROUP, OTHER, [])

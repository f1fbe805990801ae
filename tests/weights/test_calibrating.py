"""Calibrated weights meet their totals by the shortest way, stay in their bounds, and say what cannot be met."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from symmetry import weights
from symmetry.errors import ConvergenceError, DataError, SymmetryError
from symmetry.weights.distances import distance
from tests.golden.reading import data

SCHOOLS = data("apiclus1")
TYPES = {"E": 4421, "H": 755, "M": 1018}
TOTALS = {"stype": TYPES, "api99": 3914069}
SMALL = pd.DataFrame({"region": ["n", "n", "s", "s"], "x": [1.0, 2.0, 3.0, 5.0], "w": [1.0, 2.0, 3.0, 4.0]})


def columns() -> np.ndarray:
    """The three types and the score of each school, (n, 4)."""
    return np.column_stack([pd.get_dummies(SCHOOLS["stype"]).to_numpy(float), SCHOOLS["api99"].to_numpy(float)])


def fitted(**options: Any) -> tuple[np.ndarray, np.ndarray]:
    """Final weights, and their ratio to the starting ones."""
    found = weights.calibrate(SCHOOLS, TOTALS, weight="pw", **options)["weight"].to_numpy()
    return found, found / SCHOOLS["pw"].to_numpy()


def test_linear_weights_are_those_of_the_formula() -> None:
    """w = d (1 + x' (Σ d x x')⁻¹ (t - Σ d x)): Deville and Särndal (1992), equation 1.3."""
    x, d = columns(), SCHOOLS["pw"].to_numpy()
    slope = np.linalg.solve(x.T @ (d[:, None] * x), np.array([4421, 755, 1018, 3914069]) - x.T @ d)
    np.testing.assert_allclose(fitted()[0], d * (1 + x @ slope), rtol=1e-10)


@pytest.mark.parametrize(
    ("options", "inverse"),
    [
        ({"method": "raking"}, np.log),
        ({"method": "logit", "bounds": (0.4, 2.2)}, lambda g: np.log((g - 0.4) / (2.2 - g))),
        ({"method": "sinh"}, lambda g: np.sinh(g - 1 / g)),
    ],
)
def test_ratios_are_a_curve_of_one_line(options: dict[str, Any], inverse: Any) -> None:
    """The derivative of the distance at every ratio is x'λ, and the totals are met: that makes the optimum."""
    found, ratio = fitted(**options)
    x, target = columns(), inverse(ratio)
    np.testing.assert_allclose(x @ np.linalg.lstsq(x, target)[0], target, atol=1e-8)
    np.testing.assert_allclose(x.T @ found, [4421, 755, 1018, 3914069], rtol=1e-11)


def test_bounded_linear_weights_are_cut_lines() -> None:
    """Ratios inside the bounds lie on one line, those at a bound beyond it."""
    found, ratio = fitted(bounds=(0.7, 1.6))
    x, inside = columns(), (ratio > 0.7) & (ratio < 1.6)
    line = x @ np.linalg.lstsq(x[inside], ratio[inside])[0]
    assert 0 < inside.sum() < len(inside)
    np.testing.assert_allclose(np.clip(line, 0.7, 1.6), ratio, atol=1e-9)
    np.testing.assert_allclose(x.T @ found, [4421, 755, 1018, 3914069], rtol=1e-11)


def test_a_large_sample_takes_the_same_weights() -> None:
    """Beyond 160,000 rows the search warms up on a part: every school 1,000 times has a thousandth of its weight."""
    many = pd.concat([SCHOOLS[["stype", "api99", "pw"]]] * 1000, ignore_index=True)
    totals = {"stype": {key: 1000 * value for key, value in TYPES.items()}, "api99": 3914069000}
    for options in ({}, {"method": "raking"}, {"method": "logit", "bounds": (0.4, 2.2)}, {"bounds": (0.7, 1.6)}):
        found = weights.calibrate(many, totals, weight="pw", **options)["weight"].to_numpy()
        np.testing.assert_allclose(found[: len(SCHOOLS)], fitted(**options)[0], rtol=1e-9)


def test_numbers_alone_and_the_populations_size() -> None:
    """One numeric total without a constant scales by d(1 + λx); `total=` adds the constant."""
    x, d = SMALL["x"].to_numpy(), SMALL["w"].to_numpy()
    alone = weights.calibrate(SMALL, {"x": 50}, weight="w")["weight"]
    np.testing.assert_allclose(alone, d * (1 + x * (50 - d @ x) / (d @ x**2)), rtol=1e-12)
    both = weights.calibrate(SMALL, {"x": 50}, total=12, weight="w")["weight"]
    np.testing.assert_allclose([both.sum(), both @ x], [12, 50], rtol=1e-12)


def test_linear_weights_below_zero_are_counted() -> None:
    """Linear calibration may give negative weights: they meet the totals, and `describe` says how many there are."""
    found = weights.calibrate(SMALL, {"region": {"n": 5, "s": 5}, "x": 20}, weight="w")
    told = weights.describe(found).set_index("measure")
    assert (found["weight"] < 0).sum() == told.loc["n_negative", "value"]
    assert "bounds prevent it" in told.loc["n_negative", "note"]
    assert 20 == pytest.approx(told.loc["total_after", "value"])


def test_who_has_no_weight_may_miss_a_variable() -> None:
    """A row with weight 0 may have no category and no number; the others are weighted as without it."""
    more = pd.concat([SMALL, pd.DataFrame({"region": [None], "x": [np.nan], "w": [0.0]})], ignore_index=True)
    totals = {"region": {"n": 5, "s": 5}, "x": 28}
    found = weights.calibrate(more, totals, weight="w")
    assert [*weights.calibrate(SMALL, totals, weight="w")["weight"], 0.0] == found["weight"].tolist()
    memory = weights.memory_of(found, "weight")
    assert memory is not None
    assert [0.0, 0.0, 0.0] == memory.columns(found).toarray()[-1].tolist()


def test_linear_is_a_property_of_the_distance() -> None:
    """Only the plain linear distance ends after one step, however often a distance is asked for anew."""
    known = {(method, bounds): distance(method, bounds).linear
             for method in ("linear", "raking", "sinh") for bounds in (None, (0.5, 2.0))}  # fmt: skip
    assert {("linear", None)} == {which for which, linear in known.items() if linear}
    assert distance("linear", None) == distance("linear", None)


@pytest.mark.parametrize("method", ["linear", "logit"])
def test_bounds_without_a_solution_name_the_nearest(method: Any) -> None:
    """The error names the worst total and bounds, widened alike, that a linear programme finds to be the nearest."""
    with pytest.raises(
        ConvergenceError, match=r"the total of `stype` = \w is still .* no weights within 0.9 and 1.1"
    ) as caught:
        fitted(method=method, bounds=(0.9, 1.1))
    told = caught.value.problems[0].mend.split("(")[1].rstrip(")").split(", ")
    x, d, one = columns(), SCHOOLS["pw"].to_numpy(), np.ones((len(SCHOOLS), 1))
    flat = np.vstack([np.hstack([np.eye(len(d)), -0.1 * one]), np.hstack([-np.eye(len(d)), -0.1 * one])])
    found = linprog(
        [*np.zeros(len(d)), 1.0],
        A_ub=flat, b_ub=np.concatenate([one[:, 0], -one[:, 0]]),
        A_eq=np.hstack([(x * d[:, None]).T, np.zeros((4, 1))]), b_eq=[4421, 755, 1018, 3914069],
        bounds=(None, None),
    )  # fmt: skip
    np.testing.assert_allclose([float(bound) for bound in told], [1 - found.fun / 10, 1 + found.fun / 10], atol=0.01)
    fitted(bounds=tuple(float(bound) for bound in told))


@pytest.mark.parametrize(
    ("options", "error", "message", "mend"),
    [
        ({"totals": {}}, DataError, "calibration has no totals", "give {column: total}"),
        ({"totals": {"y": 3}}, DataError, "the auxiliary needs the column `y`", "add it to the frame"),
        ({"totals": {"region": 3}}, DataError, "the auxiliary `region` is 'n' (text) on row 1", "pd.to_numeric"),
        ({"totals": {"x": "3"}}, DataError, "the total of `x` is '3'", "a finite number"),
        ({"totals": {"x": None}}, DataError, "the total of `x` is None", "a finite number"),
        ({"totals": {"x": np.inf}}, DataError, "the total of `x` is inf", "a finite number"),
        (
            {"totals": {"region": {"n": 5, "s": 5}}, "total": 11},
            DataError,
            "the total is 11 and the counts of `region` sum to 10",
            "counts of one population",
        ),
        (
            {"totals": {"region": {"n": 5, "s": 5, "west": 2}}},
            ConvergenceError,
            "cannot reach the target of `region`: nobody in the sample is west (1 of 3 categories, 16.67% of the population)",
            "merge the empty",
        ),
        (
            {"totals": {"region": {"n": 5, "west": 5}}},
            DataError,
            "categories without a target: s (2) (1 of them, 2 respondents in all); of the target nobody is west (1)",
            "recode",
        ),
        ({"totals": {"x": 30}, "bounds": (1.2, 3)}, DataError, "do not hold 1 strictly between them", "such as (0.5, 2)"),
        ({"totals": {"x": 30}, "bounds": (1, 1.01)}, DataError, "(1, 1.01) do not hold 1 strictly between", "below and above 1"),
        ({"totals": {"x": 30}, "bounds": 2}, DataError, "the bounds 2 do not hold 1 strictly", "such as (0.5, 2)"),
        ({"totals": {"x": 30}, "method": "logit"}, DataError, '"logit" needs bounds', "bounds=(least, largest)"),
        ({"totals": {"x": 30}, "method": "chi"}, DataError, "method 'chi' is unknown", "one of ('linear'"),
        (
            {"totals": {"region": {"n": 5, "s": 5}, "x": 60}, "method": "raking"},
            ConvergenceError,
            "calibration stopped: the total of",
            "cannot be met together",
        ),
        (
            {"totals": {"region": dict.fromkeys(range(5000), 1.0)}, "frame": SMALL.assign(region=range(4))},
            ConvergenceError,
            "nobody in the sample is 4, 5, 6",
            "merge",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_calibrated_is_refused(
    options: dict[str, Any], error: type[SymmetryError], message: str, mend: str
) -> None:
    """Each fault is told with its remedy."""
    with pytest.raises(error) as caught:
        weights.calibrate(**{"frame": SMALL, "weight": "w", **options})
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend


def test_a_missing_auxiliary_is_refused() -> None:
    """A number missing for somebody with a weight is told, with its row."""
    with pytest.raises(DataError, match=r"the auxiliary `x` is missing on row 3 \(1 such rows\)"):
        weights.calibrate(SMALL.assign(x=[1.0, 2.0, np.nan, 5.0]), {"x": 30}, total=12)


def test_too_many_totals_are_refused() -> None:
    """Calibration to thousands of categories is refused, and raking offered in its place."""
    many = pd.DataFrame({"id": range(5000)})
    with pytest.raises(DataError, match="calibration to 5000 totals at once is too much"):
        weights.calibrate(many, {"id": dict.fromkeys(range(5000), 1.0)})
    assert [1.0] * 5000 == weights.poststratify(many, dict.fromkeys(range(5000), 1.0), by="id")["weight"].tolist()

"""First, last, Pratt and CAR: R by regressions on the rows, gradients and a jackknife, and what theory makes of their sums."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design, Influence, replicate
from symmetry.drivers.covariances import complete
from symmetry.drivers.importance import shares_of
from symmetry.drivers.nouns import Moments
from symmetry.drivers.players import players_among
from symmetry.drivers.sharing.diagnostics import VALUES, decomposed, diagnostics
from symmetry.errors import DesignError
from symmetry.estimate import Estimate
from tests.drivers.decompositions import SWISS, cases, covariances, expected
from tests.golden.reading import data

METHODS = ["first", "last", "pratt", "car"]


def moments_of(design: Design, outcome: str, predictors: list[str]) -> Moments:
    """Moments of complete answers."""
    return complete(design, [*predictors, outcome])


def parts(design: Design, outcome: str, predictors: list[str], always: list[str], method: str) -> Estimate:
    """A decomposition of complete answers."""
    names = [*predictors, *always]
    return decomposed(moments_of(design, outcome, names), players_among(names, None, always), method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["swiss", "swiss_always", "mtcars", "bank", "bank_no_fpc", "employees"])
def test_parts_and_errors_agree_with_r(name: str, method: str) -> None:
    """Parts from lm and svd on the rows, controls residualised row by row; errors by a numeric gradient on vcov(svytotal)."""
    est = parts(*cases()[name], method)
    np.testing.assert_allclose(est.values, expected(name, method, "value"), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(est.se, expected(name, method, "se"), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_a_jackknife_makes_the_parts_again(method: str) -> None:
    """A design with replicates has R's errors: withReplicates over as.svrepdesign(type = "JKn", mse = TRUE)."""
    design, outcome, predictors, always = cases()["bank_no_fpc"]
    est = parts(replicate(design, "jackknife"), outcome, predictors, always, method)
    np.testing.assert_allclose(est.se, expected("bank_no_fpc", method, "jackknife"), rtol=1e-8)


@pytest.mark.parametrize("method", [*METHODS, "johnson"])
def test_uncorrelated_drivers_share_alike_by_all_methods(method: str) -> None:
    """Where drivers do not correlate every method gives squared correlations."""
    r = np.array([0.5, -0.3, 0.1])
    correlation = np.eye(4)
    correlation[:3, 3] = correlation[3, :3] = r
    np.testing.assert_allclose(VALUES[method](correlation), r**2, rtol=1e-12)


@pytest.mark.parametrize("method", ["johnson", "pratt", "car"])
def test_three_methods_sum_to_r2(method: str) -> None:
    """Pratt's parts, CAR scores and relative weights sum to R², of covariances in any unit and in batches."""
    many = covariances(5)
    found = VALUES[method](many)
    x, c = many[:, :-1, :-1], many[:, :-1, -1]
    r2 = (np.linalg.solve(x, c[..., None])[..., 0] * c).sum(axis=1) / many[:, -1, -1]
    np.testing.assert_allclose(found.sum(axis=1), r2, rtol=1e-12)
    unit = np.linspace(0.1, 30.0, 6)
    np.testing.assert_allclose(VALUES[method](many * np.outer(unit, unit)), found, rtol=1e-10)


def test_suppression_is_told_on_its_row() -> None:
    """Pratt's part of agriculture in swiss is below 0: slope and correlation differ in sign, and the note says so."""
    est = parts(Design(data("swiss")), "fertility", SWISS, [], "pratt")
    assert est.values[1] < 0
    assert est.note[1] == "suppression: slope and correlation differ in sign; no share of R²"
    assert [""] * 5 == [est.note[0], *est.note[2:]]


def r2_of(frame: pd.DataFrame, columns: list[str]) -> float:
    """R² of fertility by least squares on the rows."""
    x = frame[columns].to_numpy(float)
    y = frame["fertility"].to_numpy(float)
    y, x = y - y.mean(), x - x.mean(axis=0)
    left = y - x @ np.linalg.lstsq(x, y)[0]
    return float(1 - left @ left / (y @ y))


def test_a_group_enters_as_one() -> None:
    """First and last of a group are regressions with and without all its drivers; Pratt and CAR parts are sums over members."""
    swiss = data("swiss")
    moments = moments_of(Design(swiss), "fertility", SWISS)
    players = players_among(SWISS, {"school": ["examination", "education"]}, [])
    others = ["agriculture", "catholic", "infant_mortality"]
    first, last = decomposed(moments, players, "first"), decomposed(moments, players, "last")
    np.testing.assert_allclose(first.values[2], r2_of(swiss, ["examination", "education"]), rtol=1e-10)
    np.testing.assert_allclose(last.values[2], r2_of(swiss, SWISS) - r2_of(swiss, others), rtol=1e-10)
    assert first.labels["item"].tolist() == ["fertility", "agriculture", "school", "catholic", "infant_mortality"]
    alone = players_among(SWISS, None, [])
    for method in ("pratt", "car"):
        each, together = decomposed(moments, alone, method), decomposed(moments, players, method)
        np.testing.assert_allclose(together.values[2], each.values[2:4].sum(), rtol=1e-10)


@pytest.mark.parametrize("method", [*METHODS, "johnson"])
def test_derivatives_agree_with_differences(method: str) -> None:
    """With a group and a control, the derivatives that make errors are those of values at moments a little apart, to 1e-8."""
    moments = moments_of(Design(data("swiss")), "fertility", SWISS)
    players = players_among(SWISS, {"school": ["examination", "education"]}, ["catholic"])
    given: list[np.ndarray] = []

    def linear(gradient: np.ndarray) -> tuple[Influence, np.ndarray]:
        given.append(gradient)
        return moments.linear(gradient)

    decomposed(replace(moments, linear=linear), players, method)
    k, step = len(moments.names), 1e-4
    for a, b in combinations_with_replacement(range(k), 2):
        moved = np.zeros((k, k))
        moved[a, b] = moved[b, a] = step
        at = [
            decomposed(replace(moments, correlation=moments.correlation + t * moved), players, method).values
            for t in (-2, -1, 1, 2)
        ]
        slope = (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * step)
        np.testing.assert_allclose(given[0][:, a, b] * (1 if a == b else 2), slope, atol=1e-8)


def test_all_stand_side_by_side() -> None:
    """One Estimate holds R² once, then first, last, Pratt and CAR of every driver, with covariances among them."""
    moments = moments_of(Design(data("swiss")), "fertility", SWISS)
    players = players_among(SWISS, None, [])
    est = diagnostics(moments, players)
    assert est.labels["statistic"].tolist() == ["r2", *(method for method in METHODS for _ in SWISS)]
    assert est.labels["item"].tolist() == ["fertility", *SWISS * 4]
    for place, method in enumerate(METHODS):
        one = decomposed(moments, players, method)
        np.testing.assert_allclose(est.values[1 + 5 * place : 6 + 5 * place], one.values[1:], rtol=1e-12)
    assert est.covariance().shape == (21, 21)


def test_lmg_lies_between_the_first_and_the_last_of_two() -> None:
    """With two drivers the LMG share is the middle of first and last."""
    moments = moments_of(Design(data("swiss")), "fertility", SWISS[1:3])
    players = players_among(SWISS[1:3], None, [])
    first, last, middle = (
        decomposed(moments, players, "first"),
        decomposed(moments, players, "last"),
        shares_of(moments, players),
    )
    np.testing.assert_allclose(middle.values[1:], (first.values + last.values)[1:] / 2, rtol=1e-12)


@pytest.mark.parametrize("method", sorted(VALUES))
def test_matrices_without_a_regression_have_no_parts(method: str) -> None:
    """Among many matrices, one that is singular, unknown or has nothing to explain gives NaN and leaves the others alone."""
    good = covariances(4)
    many = good.copy()
    many[1], many[2], many[3, -1], many[3, :, -1] = np.nan, 1.0, 1e-17, 1e-17
    found = VALUES[method](many)
    assert [True, False, False, False] == np.isfinite(found).all(axis=1).tolist()
    np.testing.assert_allclose(found[0], VALUES[method](good[0]), rtol=1e-10)


@pytest.mark.parametrize("method", sorted(VALUES))
def test_a_driver_that_does_not_vary_has_no_part(method: str) -> None:
    """Its part is 0 and the others' are those without it, also where its variance is not 0 for rounding alone."""
    many = covariances(3)
    less = VALUES[method](many[:, 1:, 1:])
    many[0, 0] = many[0, :, 0] = 0.0
    many[1, 0] = many[1, :, 0] = 3e-17
    found = VALUES[method](many)
    assert found[:2, 0].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(found[:2, 1:], less[:2], rtol=1e-9)
    assert found[2, 0] != 0.0


@pytest.mark.parametrize("method", sorted(VALUES))
def test_controls_that_determine_the_outcome_leave_nothing(method: str) -> None:
    """R² is what they explain, 1; every part and its error are 0."""
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(50, 4)), columns=list("abcd"))
    frame["y"] = 2 * frame["c"] - frame["d"]
    moments = moments_of(Design(frame), "y", ["a", "b", "c", "d"])
    found = decomposed(moments, players_among(["a", "b", "c", "d"], None, ["c", "d"]), method)
    np.testing.assert_allclose(found.values, [1.0, 0.0, 0.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(found.se, 0.0, atol=1e-12)


def test_an_unknown_method_is_refused() -> None:
    """A method there is not is told with those there are."""
    moments = moments_of(Design(data("swiss")), "fertility", SWISS)
    with pytest.raises(DesignError) as caught:
        decomposed(moments, players_among(SWISS, None, []), "pmvd")
    assert caught.value.problems[0].what == "no decomposition is called 'pmvd'"
    assert '"johnson", "first", "last"' in caught.value.problems[0].mend

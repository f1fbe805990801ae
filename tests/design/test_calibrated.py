"""Calibrated weights where each row is a psu: cross-products give what the residuals of rows give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate, weights
from symmetry.design import Counts, Design, covariance, covariances_apart, cube_of, gather, stack
from symmetry.design.layout import Fitted
from symmetry.design.nouns import LonelyPsu
from symmetry.estimate import Estimate

ROADS = 1e-10
TOTALS = {"m": {"a": 900.0, "b": 1100.0, "c": 1000.0}, "k": {1: 1700.0, 2: 1300.0}}


def sample(seed: int, n: int = 700) -> pd.DataFrame:
    """Answers with missing ones, rows of weight 0 or in no domain, strata of different sizes, numbers beside the margins."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "stratum": rng.integers(0, 5, n) ** 2 // 4,
            "m": rng.choice(list("abc"), n),
            "k": rng.integers(1, 3, n),
            "g": rng.choice(["x", "y", "z", None], n, p=[0.3, 0.3, 0.3, 0.1]),
            "w": rng.uniform(0.5, 4, n) * (rng.random(n) > 0.05),
            "person": rng.permutation(n),
        }
    )
    frame["age"] = rng.normal(40, 10, n)
    frame["coded"] = np.where(rng.random(n) < 0.1, np.nan, rng.integers(1, 6, n) + (frame["m"] == "a"))
    frame["float"] = np.where(rng.random(n) < 0.2, np.nan, frame["age"] / 10 + rng.normal(size=n))
    frame["text"] = frame["coded"].map(lambda code: None if np.isnan(code) else str(code))
    frame["people"] = frame.groupby("stratum")["w"].transform("size") * 3
    return frame


def fitted(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The frame with weights `f` of a kind of calibration."""
    numeric = {**TOTALS, "age": 3000.0 * 41}
    made: dict[str, Callable[[], pd.DataFrame]] = {
        "raked": lambda: weights.rake(frame, TOTALS, weight="w", name="f"),
        "cells": lambda: weights.poststratify(
            frame, {(m, k): 500.0 for m in "abc" for k in (1, 2)}, by=["m", "k"], weight="w", name="f"
        ),
        "greg": lambda: weights.calibrate(frame, numeric, weight="w", name="f"),
        "negative": lambda: weights.calibrate(frame, {**numeric, "age": 3000.0 * 60}, weight="w", name="f"),
    }
    return made[kind]()


KINDS = ["raked", "cells", "greg", "negative"]
ROLES: dict[str, dict[str, Any]] = {
    "strata": {"stratum": "stratum"},
    "fpc": {"stratum": "stratum", "fpc": "people"},
    "weights alone": {},
    "named persons": {"stratum": "stratum", "psu": "person"},
}


def asked(design: Design, by: list[str]) -> list[Estimate]:
    """Statistics of items with a cube and without."""
    return [
        estimate.mean(design, ["coded", "float"], by=by),
        estimate.variance(design, "coded", by=by),
        estimate.share(design, ["coded", "text"], by=by),
        estimate.total(design, ["coded", "float"], by=by),
        estimate.ratio(design, "float", "coded", by=by),
    ]


def by_hand(design: Design, z: np.ndarray) -> np.ndarray:
    """Covariance from the linearised values of rows (n, D), regressed on the calibration columns by least squares."""
    layout = design.layout
    assert layout.fitted is not None
    x, root = layout.fitted.columns.toarray(), np.sqrt(layout.fitted.starting)
    u = layout.weight[:, None] * (z - x @ np.linalg.lstsq(x * root[:, None], z * root[:, None])[0])
    found = np.zeros((z.shape[1],) * 2)
    for rows in pd.Series(range(len(u))).groupby(layout.strata[layout.stratum[layout.unit]]).groups.values():
        own, n = u[rows], len(rows)
        share = n / design.data["people"].iloc[rows[0]] if design.fpc else 0.0
        found += (1 - share) * n * np.cov(own.T, ddof=1).reshape(found.shape)
    return found


@pytest.mark.parametrize("by", [[], ["g"]])
@pytest.mark.parametrize("roles", list(ROLES))
@pytest.mark.parametrize("kind", KINDS)
def test_cross_products_give_what_residuals_give(kind: str, roles: str, by: list[str]) -> None:
    """Variances of means, shares, totals and ratios are those of the influence of rows; codes and texts go different roads."""
    design = Design(fitted(sample(len(kind)), kind), weight="f", **ROLES[roles])
    assert design.element
    assert cube_of(design, "coded", by) is not None
    for found in asked(design, by):
        np.testing.assert_allclose(np.diag(found.covariance()), found.variance, rtol=ROADS)
    coded, text = (estimate.share(design, item, by=by) for item in ("coded", "text"))
    np.testing.assert_allclose(coded.values, text.values, rtol=ROADS)
    np.testing.assert_allclose(coded.se, text.se, rtol=ROADS)


@pytest.mark.parametrize("roles", list(ROLES))
@pytest.mark.parametrize("kind", KINDS)
def test_residuals_are_those_of_least_squares(kind: str, roles: str) -> None:
    """Errors of means by domain, by hand: residuals of a regression by the starting weights, strata one by one."""
    design = Design(fitted(sample(3), kind), weight="f", **ROLES[roles])
    frame, w = design.data, design.layout.weight
    found = estimate.mean(design, "coded", by=["g"])
    z = []
    for group, value in zip("xyz", found.values, strict=True):
        inside = ((frame["g"] == group) & frame["coded"].notna()).to_numpy()
        z.append(np.where(inside, frame["coded"] - value, 0.0) / w[inside].sum())
    expected = by_hand(design, np.array(z).T)
    np.testing.assert_allclose(expected, found.covariance(), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(np.diag(expected), found.variance, rtol=1e-8)


@pytest.mark.parametrize("roles", list(ROLES))
@pytest.mark.parametrize("kind", KINDS)
def test_covariances_of_domains_need_no_rows(kind: str, roles: str) -> None:
    """Pairs of domains have the covariance that the influence of rows gives, selected and joined statistics too."""
    design = Design(fitted(sample(5), kind), weight="f", **ROLES[roles])
    means, totals = (verb(design, ["coded", "float"], by=["g"]) for verb in (estimate.mean, estimate.total))
    for found in (
        means,
        totals,
        estimate.join([means, totals]),
        estimate.share(design, "text", by=["g"]).select([2, 0, 1]),
    ):
        every = np.arange(len(found)).reshape(-1, 3)
        a, b = every[:, [0, 0, 1]].ravel(), every[:, [1, 2, 2]].ravel()
        whole = found.covariance()
        apart = covariances_apart(design, found.influence, a, b)
        assert apart is not None
        size = np.sqrt(found.variance[a] * found.variance[b])
        np.testing.assert_allclose(whole[a, b] / size, apart / size, rtol=ROADS, atol=ROADS)


def test_a_fit_that_explains_nearly_everything_keeps_its_digits() -> None:
    """Where residuals are a millionth of the answers they are made row by row; a margin itself has no error."""
    frame = fitted(sample(8), "greg")
    rng = np.random.default_rng(1)
    frame["near"] = 50 * frame["age"] + 1e-4 * rng.normal(size=len(frame))
    frame["none"] = rng.random(len(frame))
    design = Design(frame, weight="f", stratum="stratum")
    found = estimate.total(design, ["near", "none"])
    np.testing.assert_allclose(np.diag(by_hand(design, frame[["near", "none"]].to_numpy())), found.variance, rtol=1e-6)
    np.testing.assert_allclose(np.diag(found.covariance()), found.variance, rtol=ROADS)
    margin = estimate.total(design, "age")
    np.testing.assert_allclose(margin.se, 0.0, atol=1e-9 * margin.values[0])


def test_nearly_nothing_left_on_two_sides_keeps_the_digits_of_their_covariance() -> None:
    """Totals by a margin of answers that hardly differ: the little that is left goes together as the rows say."""
    frame = fitted(sample(8), "raked")
    frame["near"] = 5e3 + 1e-4 * np.random.default_rng(1).normal(size=len(frame))
    sides = estimate.total(Design(frame, weight="f", stratum="stratum"), "near", by=["k"])
    apart = covariances_apart(sides.design, sides.influence, np.array([0]), np.array([1]))
    assert apart is not None
    expected = sides.covariance()
    size = np.sqrt(expected[0, 0] * expected[1, 1])
    np.testing.assert_allclose(expected[0, 1] / size, apart / size, atol=1e-5)


def test_audiences_are_fitted_each_to_its_own() -> None:
    """A stack of raked customers and employees without weights: errors of each alone, and a difference by rows."""
    sides = {
        "customers": Design(fitted(sample(1), "raked"), weight="f", stratum="stratum"),
        "employees": Design(sample(2, 300), stratum="stratum"),
    }
    both = stack(sides, units="apart")
    assert both.element
    found = estimate.mean(both, "coded", by=["audience"])
    alone = [estimate.mean(side, "coded").se[0] for side in sides.values()]
    np.testing.assert_allclose(alone, found.se, rtol=ROADS)
    np.testing.assert_allclose(np.diag(found.covariance()), found.variance, rtol=ROADS)


def test_columns_without_profiles_are_summed_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the different rows of the calibration columns are few or many changes no number."""
    frame = fitted(sample(4), "raked")
    expected = [found.table() for found in asked(Design(frame, weight="f", stratum="stratum"), ["g"])]
    monkeypatch.setattr(Fitted, "profiles", None)
    for before, found in zip(expected, asked(Design(frame, weight="f", stratum="stratum"), ["g"]), strict=True):
        pd.testing.assert_frame_equal(before, found.table(), rtol=ROADS)


def test_counts_know_their_covariance() -> None:
    """Weighted counts of domains, calibrated: the covariance of the influence of rows."""
    design = Design(fitted(sample(6), "raked"), weight="f", stratum="stratum")
    counts = Counts(gather(design, [[np.ones(700)]], lambda parts: [], by=["g"]))
    total = estimate.total(Design(design.data.assign(one=1.0), weight="f", stratum="stratum"), "one", by=["g"])
    expected = covariance(total.design, total.influence)
    np.testing.assert_allclose(expected[np.ix_([2, 0], [2, 0])], counts.covariance(np.array([2, 0])), rtol=1e-8)


@pytest.mark.parametrize("lonely_psu", ["remove", "certainty", "centre", "average"])
@pytest.mark.parametrize("weight", ["w", "f"])
def test_lonely_persons_count_as_their_rule_says(weight: str, lonely_psu: LonelyPsu) -> None:
    """A stratum of one person adds nothing, which needs no rows, or what only the rows can tell."""
    frame = fitted(sample(7), "raked")
    frame.loc[0, ["stratum", "g", "float"]] = [99, "x", 200.0]
    design = Design(frame, weight=weight, stratum="stratum", lonely_psu=lonely_psu)
    assert design.element == (lonely_psu in ("remove", "certainty"))
    for found in asked(design, ["g"]):
        np.testing.assert_allclose(np.diag(found.covariance()), found.variance, rtol=ROADS)


def test_lonely_persons_of_a_domain_take_the_rows() -> None:
    """Through calibration every person bears on every domain, so none is lonely; the rule finds that out from the rows."""
    frame = fitted(sample(7), "raked")
    ruled = Design(frame, weight="f", stratum="stratum", lonely_psu="centre", lonely_domain="apply")
    kept = Design(frame, weight="f", stratum="stratum")
    assert (False, True) == (ruled.element, kept.element)
    one, other = (estimate.mean(design, "float", by=["g"]) for design in (ruled, kept))
    np.testing.assert_allclose(one.se, other.se, rtol=ROADS)


def test_persons_named_in_any_order_are_rows() -> None:
    """A psu column that names each row gives the errors of a design without one, whatever the order of the names."""
    frame = sample(9)
    plain, named = (Design(frame, weight="w", stratum="stratum", psu=psu) for psu in (None, "person"))
    for one, other in zip(asked(plain, ["g"]), asked(named, ["g"]), strict=True):
        np.testing.assert_allclose(one.se, other.se, rtol=ROADS)
        np.testing.assert_allclose(one.covariance(), other.covariance(), rtol=1e-9, atol=1e-12)
        assert one.df.tolist() == other.df.tolist()

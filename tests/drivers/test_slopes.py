"""Slopes: R's svyglm, standardised slopes by a numeric gradient in R, marginal effects by hand, and bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design, replicate
from symmetry.drivers.shapes.slopes import slopes
from symmetry.errors import ConvergenceError, DesignError
from tests.golden.reading import data, golden, sample_designs

THREE = ["listened", "kept", "helped"]


def cases() -> dict[str, Design]:
    """The designs of penalties.R, under the same names."""
    bank = sample_designs()
    made = {"weights_alone": Design(data("bank_customers"), weight="weight")}
    return made | {name: bank[name] for name in ("bank", "bank_no_fpc", "bank_raked")}


@pytest.mark.parametrize("name", ["weights_alone", "bank", "bank_raked"])
def test_slopes_agree_with_r(name: str) -> None:
    """Slopes and errors, next to a control that is a category, are svyglm's."""
    expected = golden("penalties", name)
    found = slopes(cases()[name], "recommend", THREE, always="age")
    assert ["slope"] * 3 == found.labels["statistic"].tolist()
    assert found.labels["item"].tolist() == THREE
    np.testing.assert_allclose(found.values, [expected[item, "slope", "value"] for item in THREE], rtol=1e-8)
    np.testing.assert_allclose(found.se, [expected[item, "slope", "se"] for item in THREE], rtol=1e-8)


@pytest.mark.parametrize("name", ["weights_alone", "bank", "bank_raked"])
def test_standardised_slopes_know_that_deviations_are_estimates(name: str) -> None:
    """Values and errors are those of a numeric gradient on R's vcov(svytotal), good to eight digits."""
    expected = golden("penalties", name)
    found = slopes(cases()[name], "recommend", THREE, standardised=True)
    np.testing.assert_allclose(found.values, [expected[item, "standardised", "value"] for item in THREE], rtol=1e-9)
    np.testing.assert_allclose(found.se, [expected[item, "standardised", "se"] for item in THREE], rtol=1e-7)


def test_standardised_slopes_are_slopes_of_standardised_answers() -> None:
    """The values are those of `slopes` itself on answers less mean over deviation, controls in both; the errors are not."""
    design = cases()["bank_no_fpc"]
    names = [*THREE, "recommend"]
    whole = design.data[names].notna().all(axis=1)
    w = design.layout.weight * whole
    frame = design.data[names].where(whole)
    centred = frame - (frame.fillna(0).T @ w) / w.sum()
    scaled = centred / np.sqrt((centred.fillna(0) ** 2).T @ w / w.sum())
    unit = replace(design, data=design.data.assign(**scaled), given=design.layout)
    expected = slopes(unit, "recommend", THREE[:2], always=THREE[2])
    found = slopes(design, "recommend", THREE[:2], always=THREE[2], standardised=True)
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-10)
    assert (np.abs(found.se / expected.se - 1) > 1e-3).all()


def test_standardised_slopes_are_made_again_in_every_replicate() -> None:
    """A jackknife's errors are squares of the slopes without each branch, refitted by least squares on rows."""
    design = replicate(cases()["bank_no_fpc"], "jackknife")
    found = slopes(design, "recommend", THREE, standardised=True)
    names = [*THREE, "recommend"]
    x = design.data[names].to_numpy(float)
    whole = np.isfinite(x).all(axis=1)
    made = design.layout.replicates
    assert made is not None

    def again(w: np.ndarray) -> np.ndarray:
        c = np.cov(x[whole].T, aweights=w[whole], ddof=0)
        return np.linalg.solve(c[:-1, :-1], c[:-1, -1]) * np.sqrt(np.diag(c)[:-1] / c[-1, -1])

    away = np.array([again(w) for w in made.weights(slice(0, made.size)).T]) - again(design.layout.weight)
    np.testing.assert_allclose(found.variance, made.scale * (made.rscales @ away**2), rtol=1e-9)


def test_a_yes_or_no_has_average_marginal_effects() -> None:
    """The effect of a point is the mean of p (1 - p) times the coefficient of statsmodels' weighted logit."""
    import statsmodels.api as sm

    design = cases()["weights_alone"]
    frame = design.data.assign(
        top=(design.data["recommend"] >= 9).where(design.data["recommend"].notna()).astype(float)
    )
    whole = frame[["top", *THREE]].notna().all(axis=1)
    found = slopes(Design(frame, weight="weight"), "top", THREE, family="binomial")
    x, w = sm.add_constant(frame.loc[whole, THREE]), frame.loc[whole, "weight"].to_numpy()
    fit = sm.GLM(frame.loc[whole, "top"], x, family=sm.families.Binomial(), freq_weights=w).fit(tol=1e-12)
    p = fit.predict(x).to_numpy()
    expected = np.average(p * (1 - p), weights=w) * fit.params[THREE].to_numpy()
    assert ["marginal_effect"] * 3 == found.labels["statistic"].tolist()
    np.testing.assert_allclose(found.values, expected, rtol=1e-6)
    assert (found.se > 0).all()


def test_names_need_not_be_identifiers() -> None:
    """Items called by sentences give the numbers of items called by letters, also in the errors' words."""
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(100, 3)), columns=["a b: c?", "é (1)", "y ~ z"])
    found = slopes(Design(frame), "y ~ z", ["a b: c?", "é (1)"])
    expected = slopes(Design(frame.set_axis(list("abc"), axis=1)), "c", ["a", "b"])
    assert found.values.tolist() == expected.values.tolist()
    assert ["a b: c?", "é (1)"] == found.labels["item"].tolist()
    with pytest.raises(DesignError, match=r"a b: c\?"):
        slopes(Design(frame.assign(twin=frame["a b: c?"])), "y ~ z", ["a b: c?", "twin"])


def test_controls_may_be_of_any_kind_of_column() -> None:
    """A control held as text, categories or nullable integers gives what its 0 and 1 give, wherever the index starts."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(80, 2)), columns=["a", "y"]).assign(side=np.arange(80) % 2)
    frame["y"] += frame["side"]
    expected = slopes(Design(frame), "y", ["a"], always="side")
    texts = frame["side"].map({0: "left", 1: "right"})
    for column in (texts, texts.astype("category"), frame["side"].astype("Int64")):
        found = slopes(Design(frame.assign(side=column).set_index(np.arange(7, 87))), "y", ["a"], always="side")
        np.testing.assert_allclose([found.values[0], found.se[0]], [expected.values[0], expected.se[0]], rtol=1e-10)


def test_bad_input_is_refused_in_words() -> None:
    """Each fault has its sentence."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(60, 2)), columns=["a", "y"])
    frame = frame.assign(yes=(frame["a"] > 0) * 1.0, same=1.0, none=np.nan, text="x")
    design = Design(frame)
    with pytest.raises(DesignError, match="standardised slopes are of a linear model"):
        slopes(design, "yes", ["a"], family="binomial", standardised=True)
    with pytest.raises(DesignError, match="among its own drivers"):
        slopes(design, "y", ["a", "y"])
    with pytest.raises(DesignError, match="same"):
        slopes(design, "y", ["a", "same"])
    with pytest.raises(DesignError, match="nobody has every variable"):
        slopes(design, "y", ["a", "none"])
    with pytest.raises(DesignError, match="`text` is not numeric"):
        slopes(design, "y", ["a", "text"])
    with pytest.raises(ConvergenceError, match="separat"):
        slopes(design, "yes", ["a"], family="binomial")
    with pytest.raises(DesignError, match="cannot tell"):
        slopes(Design(frame.head(2)), "y", ["a"])

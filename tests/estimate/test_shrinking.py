"""Shrunken domains against the published milk example, R with dense matrices, and truths that are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import estimate
from symmetry.design import Design, replicate, stack
from symmetry.errors import DataError, DesignError
from symmetry.estimate.areas.area_level import fit_areas
from tests.golden.reading import data, golden

# Molina and Marhuenda (2015), sae: An R package for small area estimation, R Journal 7, 81-98, milk example, REML with steps of
# 1e-4; the same values stand in the tests of samplics. A, β, its errors, the first and last predictors, the first and last MSE.
PUBLISHED = {
    "between": 0.01855022,
    "beta": [0.9681890, 0.1327801, 0.2269462, -0.2413011],
    "beta.se": [0.06936208, 0.10300072, 0.09232981, 0.08161707],
    "value": [1.0219703, 1.0476018, 1.0679513, 0.7608170, 0.7701918, 0.7481164, 0.8040773, 0.6810870],
    "mse": [0.013460220, 0.005372876, 0.005701990, 0.008541740, 0.008470277, 0.005484860, 0.009205133, 0.009903626],
}
ENDS = [0, 1, 2, 3, 39, 40, 41, 42]


def direct(y: np.ndarray, sd: np.ndarray, **labels: Any) -> estimate.Estimate:
    """An estimate with these values and standard errors: each a stratum of two psus, as far from it as its error."""
    size = len(y)
    frame = pd.DataFrame({"area": np.arange(size), **labels})
    frame = pd.concat([frame.assign(y=y - sd), frame.assign(y=y + sd)])
    return estimate.mean(Design(frame, stratum="area"), "y", by=["area", *labels])


def milk() -> tuple[estimate.Estimate, pd.DataFrame]:
    """Milk expenditure of 43 areas, and their regions."""
    table = data("milk")
    areas = pd.DataFrame({"area": np.arange(43), "region": table["region"].astype(str)})
    return direct(table["y"].to_numpy(), table["sd"].to_numpy()), areas


def branches() -> tuple[estimate.Estimate, pd.DataFrame]:
    """Means of the bank's branches, and the share of answers that each got inside."""
    customers = data("bank_customers")
    inside = customers["channel"].eq("branch").groupby(customers["branch"]).mean().rename("inside").reset_index()
    return estimate.mean(Design(customers, weight="weight", stratum="region"), "kept", by=["branch"]), inside


def test_the_published_milk_example() -> None:
    """Values of the package sae, as printed in its paper."""
    est, areas = milk()
    found = estimate.shrink(est, covariates=areas, variances="own")
    np.testing.assert_allclose(
        found.between, PUBLISHED["between"], rtol=7e-6
    )  # sae stops when A moves less than 1e-4 of it
    np.testing.assert_allclose(found.values[ENDS], PUBLISHED["value"], atol=2e-6)
    np.testing.assert_allclose(found.variance[ENDS], PUBLISHED["mse"], atol=1e-7)


@pytest.mark.parametrize("method", ["reml", "ml", "adjusted_reml"])
@pytest.mark.parametrize("name", ["milk", "milk_mean", "branches"])
def test_predictors_and_errors_are_those_of_dense_matrices(name: str, method: Any) -> None:
    """R, by the general formulas of the mixed model: variance between domains, predictors, mean squared errors."""
    theirs = golden("areas", name).loc[method]
    est, known = branches() if name == "branches" else milk()
    found = estimate.shrink(est, covariates=None if name == "milk_mean" else known, method=method, variances="own")
    labels = est.labels["branch"] if name == "branches" else (est.labels["area"] + 1).astype(str)
    np.testing.assert_allclose(found.between, theirs["", "between"], rtol=1e-9)
    np.testing.assert_allclose(found.values, [theirs[label, "value"] for label in labels], rtol=1e-9)
    np.testing.assert_allclose(found.variance, [theirs[label, "mse"] for label in labels], rtol=1e-9)


def test_the_direct_estimate_comes_back() -> None:
    """Every row says that it is shrunken and what it was; `direct` is the estimate as it came."""
    est, areas = milk()
    found = estimate.shrink(est, covariates=areas, variances="own")
    table = found.table()
    assert found.direct is est
    assert (table["statistic"] == "shrunken mean").all()
    assert "shrunken: 41% its own answers; direct 1.099 ± 0.16" == table["note"][0]
    assert [39.0] == table["df"].unique().tolist()
    assert table["deff"].isna().all()
    assert (found.se < est.se).all()
    np.testing.assert_allclose(found.own, found.between / (found.between + est.variance), rtol=1e-12)


def test_contrasts_know_the_errors() -> None:
    """A difference of two shrunken values takes their squared errors and what they have in common; its direct value is kept."""
    est, _ = milk()
    found = estimate.shrink(est, variances="own")
    made = estimate.contrast(found, {"first - second": {0: 1, 1: -1}, "ratio": lambda v: v[0] / v[1]})
    errors, ratio = found.covariance(), found.values[0] / found.values[1]
    slopes = np.array([1, -ratio]) / found.values[1]
    expected = [errors[0, 0] + errors[1, 1] - 2 * errors[0, 1], slopes @ errors[:2, :2] @ slopes]
    np.testing.assert_allclose(made.variance, expected, rtol=1e-10)
    np.testing.assert_allclose(made.values, [found.values[0] - found.values[1], ratio], rtol=1e-12)
    assert errors[0, 1] > 0
    assert isinstance(made, estimate.Shrunken)
    np.testing.assert_allclose(made.direct.values[0], est.values[0] - est.values[1], rtol=1e-12)
    assert 0 < estimate.wald(found, {"first - second": {0: 1, 1: -1}})["p"][0] < 1


def test_rows_are_chosen_and_scaled_with_their_errors() -> None:
    """Some rows, in another order or unit, keep their errors, their direct values, and what they borrowed."""
    found = estimate.shrink(milk()[0], variances="own")
    some = found.select([5, 2]).scaled(np.array([100.0, 100.0]))
    np.testing.assert_allclose(some.covariance(), 1e4 * found.covariance()[np.ix_([5, 2], [5, 2])], rtol=1e-12)
    np.testing.assert_allclose(some.se, 100 * found.se[[5, 2]], rtol=1e-12)
    np.testing.assert_allclose(some.direct.values, 100 * found.direct.values[[5, 2]], rtol=1e-12)
    np.testing.assert_allclose(some.sparse_covariance().toarray(), some.covariance(), rtol=1e-12)
    assert found.own[[5, 2]].tolist() == some.own.tolist()
    both = estimate.join([found, found.direct])
    assert 86 == len(both.table())
    with pytest.raises(DesignError, match="set beside others have no covariance"):
        both.covariance()


def test_no_influence_is_made_up() -> None:
    """What asks for the influence of a shrunken value is told that there is none."""
    found = estimate.shrink(milk()[0], variances="own")
    for asked in ("direct", "presence"):
        with pytest.raises(DesignError, match="no influence") as caught:
            getattr(found.influence, asked)
        assert "`direct` estimate" in str(caught.value)


def test_variances_are_pooled_over_domains() -> None:
    """An answer's variance over n, from all domains; a domain of one answer, or of answers alike, borrows like the others."""
    rng = np.random.default_rng(3)
    unit = np.repeat(np.arange(12), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    y = rng.normal(0, 1, 12)[unit] + rng.normal(0, 2, len(unit))
    y[unit == 1] = 4.0
    frame = pd.DataFrame({"unit": unit, "y": y, "stratum": unit})
    est = estimate.mean(Design(frame, stratum="stratum", lonely_psu="certainty"), "y", by=["unit"])
    found = estimate.shrink(est)
    free = est.df
    pooled = np.sum(free * est.n * est.variance) / free.sum()
    squares = frame.groupby("unit")["y"].agg(["var", "size"])
    by_hand = (squares["var"] * (squares["size"] - 1)).sum() / (squares["size"] - 1).sum()  # every psu an answer
    np.testing.assert_allclose(pooled, by_hand, rtol=1e-12)
    np.testing.assert_allclose(found.own, found.between / (found.between + pooled / est.n), rtol=1e-10)
    own = estimate.shrink(est, variances="own")
    assert ["mean", "mean", "shrunken mean"] == own.labels["statistic"][:3].tolist()
    assert "not shrunken: no error of its own, or too few domains" == own.table()["note"][0].split("; ")[-2]
    assert np.isnan(own.table()["se"][0])
    assert est.values[1] == own.values[1]
    given = estimate.shrink(est, variances=pooled / est.n)
    np.testing.assert_allclose(given.values, found.values, rtol=1e-12)


def test_families_are_shrunk_apart() -> None:
    """Each item, audience and value of `within` is shrunk among its own, as if it were alone."""
    rng = np.random.default_rng(5)
    frames = {
        side: pd.DataFrame({"unit": np.repeat(np.arange(20), 6), "side": np.repeat(["n", "s"], 60)})
        for side in ("customers", "employees")
    }
    for shift, frame in enumerate(frames.values()):
        frame["x"] = rng.normal(shift, 1, 20)[frame["unit"]] + rng.normal(0, 1, 120)
        frame["y"] = rng.normal(shift, 1, 20)[frame["unit"]] + rng.normal(0, 1, 120)
    sides = {side: Design(frame) for side, frame in frames.items()}
    est = estimate.mean(stack(sides), ["x", "y"], by=["audience", "unit", "side"])
    found = estimate.shrink(est, within=["side"])
    labels = est.labels
    for (item, audience, side), rows in labels.groupby(["item", "audience", "side"]).groups.items():
        alone = est.select(np.asarray(rows))
        np.testing.assert_allclose(estimate.shrink(alone).values, found.values[rows], rtol=1e-10)
        assert 1 == len(set(found.between[rows])), (item, audience, side)
    assert 8 == len(set(found.between))
    assert np.isclose(0, found.covariance()[0, labels.index[labels["item"] == "y"]]).all()


def test_no_difference_between_domains_is_said() -> None:
    """Where domains differ less than chance would have it REML finds 0: everything is the mean, and the note warns."""
    est = direct(np.array([3.0, 3.1, 2.9, 3.05, 2.95, 3.0]), np.full(6, 1.0))
    found = estimate.shrink(est, variances="own")
    assert (found.between == 0).all()
    np.testing.assert_allclose(found.values, 3.0, rtol=1e-12)
    assert found.table()["note"][0].endswith("no difference between domains was found, and the error is too small")
    surer = estimate.shrink(est, variances="own", method="adjusted_reml")
    assert (surer.between > 0).all()
    assert (surer.se > found.se).all()


def test_shares_stay_shares() -> None:
    """Shrunken shares keep an interval inside 0 and 1, linearised or from replicates, one or none pleased included."""
    frame = pd.DataFrame({"unit": np.repeat(np.arange(15), 4), "w": 1.0})
    frame["pleased"] = (np.arange(60) % 7 < 2 + frame["unit"] % 4).astype(int)
    frame.loc[frame["unit"] == 0, "pleased"] = 0
    for design in (Design(frame), replicate(Design(frame, weight="w"), "jackknife")):
        found = estimate.shrink(estimate.favourable(design, "pleased", at_least=1, by=["unit"]))
        table = found.table()
        assert ((table["lower"] > 0) & (table["upper"] < 1)).all()
        assert (table["estimate"].between(table["lower"], table["upper"])).all()
        assert 0 == found.direct.values[0] < found.values[0]


def test_gaps_by_unit_are_shrunk() -> None:
    """Contrasts are shrunk by their own names and errors."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"unit": np.repeat(np.arange(10), 20), "side": np.tile(["a", "b"], 100)})
    frame["y"] = rng.normal(0, 1, 10)[frame["unit"]] * (frame["side"] == "a") + rng.normal(0, 1, 200)
    levels = estimate.mean(Design(frame), "y", by=["unit", "side"])
    gaps = estimate.contrast(levels, {f"unit {unit}": {2 * unit: 1, 2 * unit + 1: -1} for unit in range(10)})
    known = pd.DataFrame({"item": [f"unit {unit}" for unit in range(10)], "size": np.arange(10.0)})
    found = estimate.shrink(gaps, variances="own", covariates=known)
    assert [8.0] == np.unique(found.df).tolist()
    assert np.ptp(found.values) < np.ptp(gaps.values)
    with pytest.raises(DesignError, match="does not go with its n") as caught:
        estimate.shrink(gaps)
    assert 'variances="own"' in str(caught.value)


@pytest.mark.parametrize(
    ("covariates", "options", "message", "mend"),
    [
        (None, {"method": "bayes"}, "no method is called 'bayes'", "'reml'"),
        (None, {"variances": "smooth"}, "variances='smooth' is unknown", "or numbers"),
        (None, {"variances": [1.0, 2.0]}, "2 variances for 43 values", "each value its error variance"),
        (None, {"variances": ["a"] * 43}, "a variance is no number", "each value its error variance"),
        (None, {"variances": [np.inf] + [1.0] * 42}, "a variance is no number, below 0 or infinite", "each value"),
        ({"area": range(43), "x": [np.inf] + [1] * 42}, {}, "the covariate `x` is infinite for 0", "a number"),
        (None, {"within": ["town"]}, "`town` is no column of the domains", "'area'"),
        ({"area": [1, 2]}, {}, "covariates have the columns", "a column for each thing known"),
        ({"town": [1, 2], "x": [1, 2]}, {}, "covariates have the columns", "the columns of `by`"),
        ({"area": [1, 1], "x": [1, 2]}, {}, "a domain has two rows of covariates: 1", "one row a domain"),
        ({"area": [0, 1], "x": [1, 2]}, {}, "a domain has no covariates: 2", "one row a domain"),
        ({"area": range(43), "x": [np.nan] + [1] * 42}, {}, "the covariate `x` is missing for 0", "fill it"),
        (
            {"area": range(43), "x": range(43), "z": range(0, 86, 2)},
            {},
            "covariate `z` follows",
            "leave one of them out",
        ),
        (
            {"area": range(43), "x": [str(area) for area in range(43)]},
            {},
            "43 domains with an error, for 43",
            "finer `by`",
        ),
    ],
)
def test_what_cannot_be_shrunk_is_refused(covariates: Any, options: dict[str, Any], message: str, mend: str) -> None:
    """Unknown options, covariates that do not fit and families too small are told, with the remedy."""
    known = None if covariates is None else pd.DataFrame(covariates)
    with pytest.raises((DesignError, DataError), match=message) as caught:
        estimate.shrink(milk()[0], covariates=known, **options)
    assert mend in str(caught.value)


def test_what_has_no_domains_is_refused() -> None:
    """A mean of everybody has nobody to borrow from; what is shrunken is not shrunk again."""
    est, _ = milk()
    with pytest.raises(DesignError, match="without domains has nothing to borrow from"):
        estimate.shrink(estimate.mean(est.design, "y"))
    with pytest.raises(DesignError, match="shrunken already"):
        estimate.shrink(estimate.shrink(est, variances="own"))
    with pytest.raises(DesignError, match="wants an Estimate, and a DataFrame was given"):
        estimate.shrink(est.table())
    with pytest.raises(DataError, match="covariates are a ndarray"):
        estimate.shrink(est, covariates=np.ones((43, 1)))


def test_totals_are_not_pooled_over_their_n() -> None:
    """The error of a total grows with its domain: an answer's variance over n would turn it round."""
    est = milk()[0]
    totals = estimate.total(est.design, "y", by=["area"])
    with pytest.raises(DesignError, match="the variance of a total does not go with its n") as caught:
        estimate.shrink(totals)
    assert 'variances="own"' in str(caught.value)
    assert len(totals) == len(estimate.shrink(totals, variances="own"))


def test_domains_with_few_answers_are_pointed_to_it() -> None:
    """The provenance of an estimate by domain counts those with few answers and names the verb; of shrunken ones it says so."""
    est = branches()[0]
    told = estimate.provenance(est).set_index("about")["value"]
    few = int((est.n_eff < 10).sum())
    assert (
        f"{few} of 26 domains have fewer than 10 effective answers: estimate.shrink lets them borrow"
        == told["few answers"]
    )
    told = estimate.provenance(estimate.shrink(est)).set_index("about")["value"]
    assert "mean squared error of Fay and Herriot's model, on: linearised, ultimate clusters" == told["variance"]
    assert ("", "25: domains minus coefficients") == (told["R call"], told["degrees of freedom"])
    assert "shrunken" == told["few answers"]
    whole = estimate.mean(est.design, "kept")
    assert "no domains" == estimate.provenance(whole).set_index("about")["value"]["few answers"]


@pytest.mark.slow
@pytest.mark.parametrize(("between", "size"), [(1.0, 60), (0.3, 25)])
def test_mean_squared_errors_are_as_told(between: float, size: int) -> None:
    """Truths are drawn: errors are as REML tells, the adjusted ones are on the safe side, and intervals cover as they should."""
    rng = np.random.default_rng(21)
    psi = np.repeat([0.3, 0.5, 1.0, 2.0, 4.0], size // 5)
    x = np.column_stack([np.ones(size), rng.normal(size=size)])
    facts: dict[Any, np.ndarray] = {method: np.zeros((3, size)) for method in ("reml", "adjusted_reml")}
    draws, raw = 800, 0.0
    for _ in range(draws):
        truth = x @ [2.0, 1.0] + rng.normal(0, np.sqrt(between), size)
        y = truth + rng.normal(0, np.sqrt(psi))
        raw += np.mean((y - truth) ** 2) / draws
        for method, sums in facts.items():
            fit = fit_areas(y, psi, x, method)
            error, away = np.diag(fit.errors), np.abs(fit.values - truth)
            sums += np.array([away**2, error, away < stats.t.ppf(0.975, size - 2) * np.sqrt(error)]) / draws
    (squared, told, covered), (_, safe, safely) = (sums.mean(axis=1) for sums in facts.values())
    np.testing.assert_allclose(told, squared, rtol=0.08)  # of second order in the number of domains
    assert squared < 0.6 * raw
    assert safe > told
    assert 0.92 <= covered <= 0.96
    assert safely >= 0.945

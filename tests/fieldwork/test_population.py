from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry.fieldwork import Truth, expected, read_truth, simulate
from symmetry.fieldwork.population import group_shares, population_values
from symmetry.spec import Study, load
from tests.studies import tiny_study, write_truth


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    """The tiny truth."""
    return read_truth(write_truth(tmp_path_factory.mktemp("truth")), tiny_study())


def test_levels_are_population_values(truth: Truth) -> None:
    """The latent centre is solved so that mean and NPS are exactly what the truth states, cells and all."""
    study = tiny_study()
    assert population_values(study, "cold", truth, "kept", "customer")["mean"] == pytest.approx(3.3, abs=1e-10)
    assert population_values(study, "cold", truth, "recommend", "customer")["nps"] == pytest.approx(10, abs=1e-9)
    assert population_values(study, "hot", truth, "listened", "customer")["mean"] == pytest.approx(4.0, abs=1e-10)


def test_expected_gaps_are_customers_minus_the_other_face(truth: Truth) -> None:
    """Every mirrored pair the wave asks, in each statistic of its scale."""
    gaps = expected(tiny_study(), "cold", truth).set_index(["item", "b", "statistic"])["gap"]
    assert gaps["kept", "employee", "mean"] == pytest.approx(-0.6, abs=1e-10)
    assert gaps["recommend", "guess", "nps"] == pytest.approx(-20, abs=1e-9)
    assert gaps["listened", "management", "mean"] == pytest.approx(0.3, abs=1e-10)
    assert gaps["kept", "employee", "favourable"] < -0.2
    assert len(gaps) == 12
    assert expected(tiny_study(), "hot", truth).empty


def test_a_favourable_share_agrees_with_a_plain_sample(truth: Truth) -> None:
    """A second road: draw a million latent opinions cell by cell and count."""
    rng = np.random.default_rng(7)
    shares = group_shares(truth, "customers")
    n = 1_000_000
    region = rng.choice(["north", "south"], n, p=list(shares["region"].values()))
    channel = rng.choice(["branch", "app"], n, p=list(shares["channel"].values()))
    latent = rng.standard_normal(n) - 0.1 * (region == "north") - 0.3 * (channel == "app")
    values = population_values(tiny_study(), "cold", truth, "kept", "customer")
    grid = np.linspace(3.2, 3.6, 81)
    means = [np.clip(np.floor(mu + latent + 0.5), 1, 5).mean() for mu in grid]
    mu = np.interp(3.3, means, grid)
    favourable = (np.floor(mu + latent + 0.5) >= 4).mean()
    assert values["favourable"] == pytest.approx(favourable, abs=0.003)  # four standard errors of the second road


@given(st.floats(1.2, 4.8), st.floats(1.2, 4.8))
def test_a_higher_mean_is_a_higher_share(tmp_path_factory: pytest.TempPathFactory, a: float, b: float) -> None:
    """On one scale with one spread, the order of levels is the order of favourable shares."""
    folder = tmp_path_factory.mktemp("order")
    change = ("kept: {customer: 3.3, employee: 3.9}", f"kept: {{customer: {a}, employee: {b}}}")
    flat = ("shifts:\n  customers: {region: {north: -0.1}, channel: {app: -0.3}}\n", "")
    gaps = expected(tiny_study(), "cold", read_truth(write_truth(folder, change, flat), tiny_study()))
    row = gaps[(gaps["item"] == "kept") & (gaps["b"] == "employee")].set_index("statistic")["gap"]
    assert row["mean"] == pytest.approx(a - b, abs=1e-9)
    assert row["mean"] * row["favourable"] >= -1e-12


def replicate(study: Study, truth: Truth, wave: str, seed: int) -> pd.Series:
    """Means of every face of one simulated sample, customers weighted by what the field did to each of their cells."""
    means = {}
    for audience, intake in simulate(study, wave, truth, seed).items():
        answers, field = intake.answers, truth.field[wave, audience]
        weight = np.ones(len(answers))
        for variable, factors in field.factors.items():
            weight /= answers[variable].map(lambda label, by=factors: by.get(label, 1.0)).to_numpy(dtype=float)
        for column in answers.columns:
            if pd.api.types.is_integer_dtype(answers[column].dtype):
                key, _, face = column.partition(".")
                scale = study.items[key].scale
                valid = (answers[column].notna() & ~answers[column].isin(list(scale.missing.values()))).to_numpy()
                codes = answers[column].to_numpy(dtype=float, na_value=np.nan)[valid]
                scores = 100.0 * ((codes >= 9).astype(float) - (codes <= 6)) if scale.kind == "nps" else codes
                name = face or ("customer" if audience == "customers" else "employee")
                means[key, name] = np.average(scores, weights=weight[valid])
    return pd.Series(means)


@pytest.mark.slow
@pytest.mark.parametrize("wave", ["cold-2027", "hot"])
def test_samples_average_to_the_truth(root: Path, wave: str) -> None:
    """Over 200 seeds of the demonstration, weighted means of every face average to the population value: |z| < 4.2.

    With 40-odd faces the largest |z| of honest noise stays below 4.2 in 999 runs of 1,000.
    """
    study = load(root / "survey_specs" / "everyday_bank")
    truth = read_truth(root / "analyses" / "everyday_bank" / "truth.yaml", study)
    draws = pd.DataFrame([replicate(study, truth, wave, seed) for seed in range(200)])
    for key, face in draws.columns:
        values = population_values(study, wave, truth, key, face)
        true = values["nps"] if "nps" in values else values["mean"]
        z = (draws[key, face].mean() - true) / (draws[key, face].std() / np.sqrt(len(draws)))
        assert abs(z) < 4.2, (key, face, z)

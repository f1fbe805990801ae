"""Small-sample errors by matrices of all rows written out, their expectation under the model, and what they refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import estimate, weights
from symmetry.design import Design, replicate, two_phase
from symmetry.errors import DesignError

RNG = np.random.default_rng(8)
SIZES = [3, 7, 2, 5, 9, 4, 6, 3, 8, 2, 5, 4]
FRAME = pd.DataFrame({"psu": np.repeat(np.arange(12), SIZES)})
N = len(FRAME)
FRAME["stratum"] = np.where(FRAME["psu"] < 5, "a", "b")
FRAME["psus"] = np.where(FRAME["psu"] < 5, 20.0, 60.0)
FRAME["w"] = RNG.uniform(0.5, 3, N)
FRAME["x"] = RNG.normal(size=N)
FRAME["g"] = RNG.choice(["l", "m"], N)
FRAME["y"] = 2 + FRAME["x"] + RNG.normal(size=12)[FRAME["psu"]] + RNG.normal(size=N)
FRAME["yes"] = (RNG.random(N) < 0.5).astype(float)
ROLES = {"weight": "w", "psu": "psu"}
DESIGNS = {
    "clusters": {},
    "fpc": {"fpc": "psus", "stratum": "stratum"},
    "strata": {"stratum": "stratum"},
}


def by_matrices(roles: dict[str, str], x: np.ndarray, term: np.ndarray, method: str) -> tuple[float, float, float]:
    """Variance, df and bias under the model of a combination of coefficients of y on x, from n × n matrices."""
    w, y, psu = FRAME["w"].to_numpy(), FRAME["y"].to_numpy(), FRAME["psu"].to_numpy()
    inside = (x != 0).any(axis=1)
    bread = np.linalg.inv(x.T @ (w[:, None] * x))
    maker = np.eye(N) - x @ bread @ x.T @ np.diag(w)
    e = np.where(inside, maker @ y, 0.0)
    g = w * (x @ bread @ term)
    q, scores = g.copy(), np.zeros((12, N))
    for cluster in range(12):
        rows = np.flatnonzero(psu == cluster)
        if method != "satterthwaite":
            values, vectors = np.linalg.eigh(maker[rows] @ maker[rows].T)
            root = np.where(values > 1e-10, 1 / np.sqrt(np.maximum(values, 1e-10)), 0)
            q[rows] = vectors @ np.diag(root) @ vectors.T @ g[rows]
        scores[cluster, rows] = q[rows]
    strata = np.where(np.arange(12) < 5, 0, 1) if "stratum" in roles else np.zeros(12, int)
    form, model = np.zeros((12, 12)), np.eye(N)
    if method == "imbens_kolesar":
        same = psu[:, None] == psu[None, :]
        pairs = np.outer(e, e)[same & ~np.eye(N, dtype=bool) & np.outer(inside, inside)]
        rho = max(pairs.mean(), 0.0)
        model = np.diag(np.full(N, e @ e / inside.sum() - rho)) + rho * same
    spread = scores @ maker @ maker.T @ scores.T
    for stratum in np.unique(strata):
        here = (strata == stratum).astype(float)
        size, share = here.sum(), 1 - here.sum() / (20.0 if stratum == 0 else 60.0) if "fpc" in roles else 1.0
        centre = np.diag(here) - (np.outer(here, here) / size if "stratum" in roles else 0.0)
        target = (g**2)[here[psu] == 1].sum()
        factor = size / (size - 1) if method == "satterthwaite" else target / np.trace(centre @ spread)
        form += share * factor * centre
    product = form @ scores @ maker @ model @ maker.T @ scores.T
    z = scores @ e
    return (
        float(z @ form @ z),
        float(np.trace(product) ** 2 / np.trace(product @ product)),
        float(np.trace(form @ spread)),
    )


@pytest.mark.parametrize("method", ["bell_mccaffrey", "imbens_kolesar", "satterthwaite"])
@pytest.mark.parametrize("kind", list(DESIGNS))
def test_coefficients_are_those_of_matrices(kind: str, method: str) -> None:
    """A regression's coefficients and a contrast of them, with strata and fpc, by matrices of all rows."""
    roles = ROLES | DESIGNS[kind]
    fit = estimate.glm(Design(FRAME, **roles), "y ~ x + C(g)")
    x = np.column_stack([np.ones(N), FRAME["x"], FRAME["g"] == "m"]).astype(float)
    place = {label: row for row, label in enumerate(fit.estimate.labels["item"])}
    terms = {"x": [0, 1, 0], "m": [0, 0, 1], "both": [0, 1, -2]}
    columns = [place["Intercept"], place["x"], place["C(g)[T.m]"]]
    asked = {name: {row: float(size) for row, size in zip(columns, term, strict=True) if size}
             for name, term in terms.items()}  # fmt: skip
    found = estimate.small_sample(fit, asked, method=method)
    for row, term in enumerate(terms.values()):
        variance, df, _ = by_matrices(roles, x, np.array(term, float), method)
        np.testing.assert_allclose([found.variance[row], found.df[row]], [variance, df], rtol=1e-9)


@pytest.mark.parametrize("method", ["bell_mccaffrey", "imbens_kolesar", "satterthwaite"])
@pytest.mark.parametrize("kind", list(DESIGNS))
def test_domains_and_their_difference_are_those_of_matrices(kind: str, method: str) -> None:
    """Means of domains are a regression on indicators, and so is their difference."""
    roles = ROLES | DESIGNS[kind]
    means = estimate.mean(Design(FRAME, **roles), "y", by=["g"])
    x = np.column_stack([FRAME["g"] == "l", FRAME["g"] == "m"]).astype(float)
    gap = estimate.small_sample(means, {"m - l": "m - l"}, method=method)
    variance, df, _ = by_matrices(roles, x, np.array([-1.0, 1.0]), method)
    np.testing.assert_allclose([gap.variance[0], gap.df[0]], [variance, df], rtol=1e-9)
    np.testing.assert_allclose(gap.values, np.diff(means.values), rtol=1e-12)
    if method != "imbens_kolesar":  # whose spread is that of both domains
        alone = estimate.small_sample(means, method=method)
        for row in range(2):
            variance, df, _ = by_matrices(roles, x[:, [row]], np.array([1.0]), method)
            np.testing.assert_allclose([alone.variance[row], alone.df[row]], [variance, df], rtol=1e-9)


@pytest.mark.parametrize("kind", list(DESIGNS))
def test_the_error_is_unbiased_under_the_model(kind: str) -> None:
    """Its expectation, were errors alike and independent, is Σ (1 - f) g²; the linearised one's is smaller."""
    x = np.column_stack([np.ones(N), FRAME["x"]])
    term, w = np.array([0.0, 1.0]), FRAME["w"].to_numpy()
    roles = ROLES | DESIGNS[kind]
    g = w * (x @ np.linalg.inv(x.T @ (w[:, None] * x)) @ term)
    share = 1 - np.where(FRAME["psu"] < 5, 5 / 20, 7 / 60) if "fpc" in roles else 1.0
    truth = float((share * g**2).sum())
    np.testing.assert_allclose(by_matrices(roles, x, term, "bell_mccaffrey")[2], truth, rtol=1e-10)
    assert by_matrices(roles, x, term, "satterthwaite")[2] < truth


def test_a_textbook_sample_keeps_its_error_and_df() -> None:
    """Equal psus and weights: nothing to mend, n - 1 degrees of freedom; two groups of rows: Welch's error and a df between."""
    frame = pd.DataFrame({"y": RNG.normal(size=30), "g": ["a"] * 25 + ["b"] * 5})
    mean = estimate.mean(Design(frame), "y")
    found = estimate.small_sample(mean)
    np.testing.assert_allclose([found.se[0], found.df[0]], [mean.se[0], 29.0], rtol=1e-12)
    gap = estimate.small_sample(estimate.mean(Design(frame), "y", by=["g"]), {"a - b": "a - b"})
    a, b = frame["y"][:25], frame["y"][25:]
    np.testing.assert_allclose(gap.variance, a.var() / 25 + b.var() / 5, rtol=1e-12)  # HC2 of two groups is Welch's
    shares = np.array([24 * (1 / 25 / 24) ** 2, 4 * (1 / 5 / 4) ** 2])
    np.testing.assert_allclose(gap.df, (1 / 25 + 1 / 5) ** 2 / shares.sum(), rtol=1e-10)
    assert 4 < gap.df[0] < 28


def test_shares_and_calibrated_weights_are_known() -> None:
    """A share is the mean of its indicator; calibrated weights keep their error times the ratio of the others."""
    design = Design(FRAME, **ROLES)
    share = estimate.small_sample(estimate.share(design, "yes"))
    mean = estimate.small_sample(estimate.mean(design, "yes"))
    np.testing.assert_allclose([share.se[1], share.df[1]], [mean.se[0], mean.df[0]], rtol=1e-12)
    raked = weights.rake(FRAME, {"g": {"l": 0.5, "m": 0.5}}, weight="w", name="fitted")
    plain = estimate.mean(Design(raked, weight="fitted", psu="psu"), "y")
    found = estimate.small_sample(plain)
    told = float(found.note[0].split("× ")[1].split(",")[0])
    np.testing.assert_allclose(found.se / plain.se, told, atol=5e-4)
    assert 0 < found.df[0] < 11


def test_a_domain_of_one_psu_has_no_degrees_of_freedom() -> None:
    """What cannot be known stays unknown, and the note says so."""
    frame = FRAME.assign(alone=np.where(FRAME["psu"] == 3, "one", "rest"))
    table = estimate.small_sample(estimate.mean(Design(frame, **ROLES), "y", by=["alone"])).table()
    assert [0.0] == table["df"][:1].tolist()
    assert table["se"].isna().tolist() == [True, False]
    assert "no degrees of freedom" in table["note"][0]


def test_a_census_has_no_error_and_keeps_its_count() -> None:
    """Where every psu was drawn there is nothing to mend."""
    census = Design(FRAME.assign(all=12.0), **ROLES, fpc="all")
    found = estimate.small_sample(estimate.mean(census, "y"))
    assert [0.0, 11.0] == [found.se[0], found.df[0]]
    told = estimate.t_test(census, "y", by="g", df="bell_mccaffrey").iloc[0]
    assert "no sampling error" in told["note"]


def test_many_psus_go_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few psus are taken at a time, the numbers are the same."""
    fit = estimate.glm(Design(FRAME, **ROLES), "y ~ x + C(g)")
    whole = estimate.small_sample(fit)
    monkeypatch.setattr("symmetry.estimate.comparing.bias_reduction._ENTRIES", 200)
    parts = estimate.small_sample(fit)
    np.testing.assert_allclose([parts.se, parts.df], [whole.se, whole.df], rtol=1e-12)


def test_what_is_not_worked_out_is_refused() -> None:
    """Methods, statistics and designs for which there is no such error."""
    design = Design(FRAME, **ROLES)
    mean = estimate.mean(design, "y")
    with pytest.raises(DesignError, match="no small-sample method is called 'kenward'"):
        estimate.small_sample(mean, method="kenward")
    for est in (estimate.total(design, "y"), estimate.median(design, "y"), estimate.contrast(mean, {"double": {0: 2}})):
        with pytest.raises(DesignError, match="is no mean or share of a column"):
            estimate.small_sample(est)
    with pytest.raises(DesignError, match="from rows, not from replicates"):
        estimate.small_sample(estimate.mean(replicate(design, "jackknife"), "y"))
    staged = FRAME.assign(row=np.arange(N), rows=50.0)
    for other in (
        Design(staged, psu=["psu", "row"], fpc=["psus", "rows"], stratum="stratum"),
        two_phase(Design(FRAME.assign(on=FRAME["yes"] == 1), psu="psu"), subset="on"),
    ):
        with pytest.raises(DesignError, match="one stage of sampling"):
            estimate.small_sample(estimate.mean(other, "y"))
    lonely = Design(
        FRAME.assign(alone=np.where(FRAME["psu"] == 0, 1, 2)), **ROLES, stratum="alone", lonely_psu="centre"
    )
    with pytest.raises(DesignError, match="do not know lonely_psu='centre'"):
        estimate.small_sample(estimate.mean(lonely, "y"))


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.0, 0.2])
def test_intervals_cover_with_few_uneven_psus(rho: float) -> None:
    """Six psus, one of them half the sample: the usual interval of a mean misses too often, this one does not."""
    rng, sizes = np.random.default_rng(3), [30, 10, 5, 5, 5, 5]
    psu, hits = np.repeat(np.arange(6), sizes), np.zeros(2)
    for _ in range(2000):
        y = np.sqrt(rho) * rng.normal(size=6)[psu] + np.sqrt(1 - rho) * rng.normal(size=60)
        mean = estimate.mean(Design(pd.DataFrame({"psu": psu, "y": y}), psu="psu"), "y")
        for place, est in enumerate((mean, estimate.small_sample(mean, method="imbens_kolesar"))):
            hits[place] += abs(est.values[0]) <= stats.t.ppf(0.975, est.df[0]) * est.se[0]
    usual, mended = hits / 2000
    assert usual < 0.93
    assert mended > 0.93

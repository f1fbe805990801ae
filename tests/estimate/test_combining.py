"""Combined estimates by other roads: each part treated apart and combined by the formula written out, on every kind of design."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from symmetry import dissonance, drivers, estimate
from symmetry.design import Design, replicate, stack
from symmetry.dissonance import Pair
from symmetry.errors import DesignError
from symmetry.estimate import Estimate
from tests.golden.reading import data, school_designs

M = 4
RNG = np.random.default_rng(11)
N = 240
FRAME = pd.DataFrame({"psu": np.repeat(np.arange(24), 10), "w": RNG.uniform(0.5, 3, N), "g": RNG.choice(["l", "m"], N)})
FRAME["x"] = RNG.integers(1, 6, N).astype(float)
FRAME["y"] = 0.5 * FRAME["x"] + RNG.normal(size=N)
FRAME["z"] = 0.5 * FRAME["y"] + RNG.normal(size=N)
DESIGN = Design(FRAME, weight="w", psu="psu")


def guesses(design: Design, items: list[str], m: int = M) -> list[Design]:
    """A design with a fifth of the answers replaced by others', m times."""
    made = []
    for k in range(m):
        rng = np.random.default_rng(k)
        frame = design.data.copy()
        rows = np.arange(0, len(frame), 5)
        frame.loc[rows, items] = frame[items].to_numpy()[rng.integers(0, len(frame), len(rows))]
        made.append(replace(design, data=frame, given=design.layout))
    return made


def designs() -> dict[str, tuple[Design, list[str]]]:
    """One design of every kind, and its items."""
    two = stack({"c": Design(FRAME, weight="w", psu="psu"), "e": Design(FRAME.iloc[::3], weight="w", psu="psu")})
    schools = school_designs()
    crowd = Design(data("election"), probability="p", joint="brewer")
    return {
        "psus": (DESIGN, ["x", "y"]),
        "rows": (Design(FRAME, weight="w"), ["x", "y"]),
        "stages": (schools["two_stage"], ["api00", "meals"]),
        "finite": (schools["stratified"], ["api00", "meals"]),
        "jackknife": (replicate(DESIGN, "jackknife"), ["x", "y"]),
        "bootstrap": (replicate(DESIGN, "bootstrap", replicates=50, seed=1), ["x", "y"]),
        "stacked": (two, ["x", "y"]),
        "unequal": (crowd, ["bush", "kerry"]),
    }


KINDS = ["psus", "rows", "stages", "finite", "jackknife", "bootstrap", "stacked", "unequal"]


@pytest.mark.parametrize("kind", KINDS)
def test_rubin_by_hand_on_every_design(kind: str) -> None:
    """Mean of the values; mean of the covariances and (1 + 1/m) times that of the values, of means and what is made of them."""
    design, items = designs()[kind]
    parts = [estimate.mean(one, items) for one in guesses(design, items)]
    both = estimate.combine(parts)
    asked = {"gap": {0: 1.0, 1: -1.0}, "log": lambda v: np.log(v[0]) - 2 * np.log(v[1])}
    for found, apart in (
        (both, parts),
        (estimate.contrast(both, asked), [estimate.contrast(part, asked) for part in parts]),
        (both.select([1]), [part.select([1]) for part in parts]),
        (both.scaled(np.array([2.0, -3.0])), [part.scaled(np.array([2.0, -3.0])) for part in parts]),
        (estimate.join([both, both.select([0])]), [estimate.join([part, part.select([0])]) for part in parts]),
    ):
        values = np.array([part.values for part in apart])
        total = np.mean([part.covariance() for part in apart], axis=0) + (1 + 1 / M) * np.cov(values.T, ddof=1)
        np.testing.assert_allclose(found.values, values.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.covariance(), np.atleast_2d(total), rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(found.se**2, np.diag(found.covariance()), rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(found.sparse_covariance().toarray(), found.covariance(), rtol=1e-12)


STATISTICS: dict[str, Callable[[Design], Estimate | estimate.Model]] = {
    "total": lambda d: estimate.total(d, "x"),
    "share": lambda d: estimate.share(d, "x"),
    "ratio": lambda d: estimate.ratio(d, "x", "z"),
    "nps": lambda d: estimate.top_box(d, "x"),
    "variance": lambda d: estimate.variance(d, "x"),
    "correlation": lambda d: estimate.correlation(d, ["x", "y"]),
    "median": lambda d: estimate.median(d, "y"),
    "model": lambda d: estimate.glm(d, "z ~ x + y"),
    "domains": lambda d: estimate.mean(d, ["x", "y"], by=["g"]),
    "drivers": lambda d: drivers.importance(d, "z", ["x", "y"]),
}


@pytest.mark.parametrize("statistic", list(STATISTICS))
def test_every_statistic_is_combined(statistic: str) -> None:
    """Any estimate has a combined table: mean of the values, a larger error, fewer df, bounds on either side, told in a note."""
    made = [STATISTICS[statistic](one) for one in guesses(DESIGN, ["x", "y"])]
    parts = [one if isinstance(one, Estimate) else one.estimate for one in made]
    both = estimate.combine(made)
    table = both.table()
    np.testing.assert_allclose(table["estimate"], np.mean([part.values for part in parts], axis=0), rtol=1e-12)
    assert (both.se > np.sqrt(np.mean([part.variance for part in parts], axis=0))).all()
    assert (both.df < np.min([part.df for part in parts], axis=0)).all()
    assert ((table["lower"] < table["estimate"]) & (table["estimate"] < table["upper"])).all()
    assert table["note"].str.contains(r"4 imputations, \d+% of information missing").all()


def test_shrunken_domains_are_combined_and_combined_domains_shrunk() -> None:
    """Either way round the covariance is the combination's: of mean squared errors, or of what is shrunk."""
    frame = FRAME.assign(unit=FRAME["psu"] % 8)
    made = [estimate.mean(one, "x", by=["unit"]) for one in guesses(Design(frame, weight="w", psu="psu"), ["x"])]
    parts = [estimate.shrink(one) for one in made]
    both, values = estimate.combine(parts), np.array([part.values for part in parts])
    total = np.mean([part.covariance() for part in parts], axis=0) + (1 + 1 / M) * np.cov(values.T, ddof=1)
    np.testing.assert_allclose(both.covariance(), total, rtol=1e-9, atol=1e-12)
    gap = estimate.contrast(both, {"gap": {0: 1.0, 1: -1.0}})
    np.testing.assert_allclose(gap.variance, total[0, 0] + total[1, 1] - 2 * total[0, 1], rtol=1e-9)
    direct = estimate.combine(made)
    np.testing.assert_allclose(estimate.shrink(direct).direct.variance, direct.variance)


def test_shares_keep_their_intervals_between_0_and_1() -> None:
    """Every interval of shares works on the combined error, one with replicates too."""
    for design in (DESIGN, replicate(DESIGN, "jackknife")):
        both = estimate.combine([estimate.share(one, "x") for one in guesses(design, ["x"])])
        for method in ("logit", "wilson", "likelihood", "beta", "asin"):
            table = both.table(method=method)
            assert ((table["lower"] > 0) & (table["upper"] < 1)).all()
            assert ((table["lower"] < both.values) & (both.values < table["upper"])).all()


def test_quantiles_take_the_error_they_are_combined_with() -> None:
    """A combined median has value ± t·se: Woodruff's interval is of one sample."""
    both = estimate.combine([estimate.median(one, "y") for one in guesses(DESIGN, ["y"])])
    table = both.table()
    np.testing.assert_allclose(table["upper"] - both.values, both.values - table["lower"], rtol=1e-10)


def test_imputations_that_agree_change_nothing() -> None:
    """Where nothing was missing the combination has the values, errors, df and design effects it was made of."""
    one = estimate.mean(DESIGN, ["x", "y"], by=["g"])
    both = estimate.combine([one] * 3)
    for field in ("values", "variance", "df", "deff", "n", "psus", "n_eff"):
        np.testing.assert_allclose(getattr(both, field), getattr(one, field), rtol=1e-14)
    assert ["3 imputations"] * 4 == list(both.note)
    assert [0.0] * 4 == estimate.missing_information(both)["missing"].tolist()
    plain, combined = (estimate.wald(est.select([0, 1])) for est in (one, both))
    pd.testing.assert_frame_equal(plain, combined, rtol=1e-10)


def test_a_joint_test_of_one_value_is_its_t_test() -> None:
    """F of one contrast is t² with the contrast's own df."""
    both = estimate.combine([estimate.mean(one, "x", by=["g"]) for one in guesses(DESIGN, ["x"])])
    gap = estimate.contrast(both, {"gap": "l - m"})
    test = estimate.wald(both, {"gap": "l - m"})
    np.testing.assert_allclose([test["statistic"][0], test["df2"][0]], [(gap.values / gap.se)[0] ** 2, gap.df[0]])


def test_what_was_not_imputed_stands_beside_what_was() -> None:
    """An estimate of one data set joins a combined one and moves with it."""
    made = guesses(DESIGN, ["x"])
    beside = estimate.join([estimate.combine([estimate.mean(one, "x") for one in made]), estimate.mean(DESIGN, "y")])
    together = estimate.combine([estimate.mean(one, ["x", "y"]) for one in made])
    np.testing.assert_allclose(beside.covariance(), together.covariance(), rtol=1e-12)
    with pytest.raises(DesignError, match="estimates of 3 and 4 imputations do not stand side by side"):
        estimate.join([together, estimate.combine([estimate.mean(one, "x") for one in made[:3]])])


def test_gaps_of_two_audiences_are_combined() -> None:
    """A gap between stacked audiences combines, each with its own degrees of freedom."""
    both, items = designs()["stacked"]
    pair = Pair("x", ("c", "x"), ("e", "x"), "c - e", "literal", "mean", 0.3)
    gaps = [dissonance.gap(one, [pair]) for one in guesses(both, items)]
    found = estimate.combine(gaps)
    levels = estimate.combine([estimate.mean(one, "x", by=["audience"]) for one in guesses(both, items)])
    other = estimate.contrast(levels, {"c - e": "c - e"})
    np.testing.assert_allclose([found.values, found.se, found.df], [other.values, other.se, other.df], rtol=1e-12)


def test_a_domain_that_is_sometimes_empty_says_so() -> None:
    """Domains of an imputed variable: those that are empty in some imputations have no value, and their row tells."""
    frames = [FRAME.assign(side=np.where(FRAME.index < 3, label, "u")) for label in ("v", "v", "t")]
    parts = [estimate.mean(Design(frame, weight="w", psu="psu"), "x", by=["side"]) for frame in frames]
    table = estimate.combine(parts).table().set_index("side")
    assert ["u", "v", "t"] == table.index.tolist()
    np.testing.assert_allclose(table["estimate"].isna(), [False, True, True])
    assert "answered in 2 of 3 imputations: not combined" == table.loc["v", "note"]
    nobody = FRAME.assign(side=np.where(FRAME.index < 3, "v", "u"), x=FRAME["x"].where(FRAME.index > 2))
    alone = estimate.mean(Design(nobody, weight="w", psu="psu"), "x", by=["side"])
    assert ["nobody answered"] == estimate.combine([alone, alone]).table()["note"].tolist()[1:]


def test_no_degrees_of_freedom_is_told() -> None:
    """A sample of one psu has values and no errors, combined too."""
    parts = [
        estimate.mean(Design(FRAME.assign(psu=1, x=FRAME["x"] + k), psu="psu", lonely_psu="remove"), "x")
        for k in (0, 1)
    ]
    table = estimate.combine(parts).table()
    assert np.isnan(table["se"][0])
    assert "2 imputations; no degrees of freedom" == table["note"][0]
    told = estimate.missing_information(estimate.combine(parts))
    assert told[["missing", "enough"]].isna().all(axis=None)


def test_notes_of_the_parts_are_told_once() -> None:
    """What every imputation says stands once; what some say is marked."""
    part = estimate.mean(DESIGN, "x")
    both = estimate.combine([part.noted(["alike"]), part.noted(["alike"])])
    some = estimate.combine([part.noted(["alike"]), part])
    assert ("alike; 2 imputations", "alike (in some imputations); 2 imputations") == (both.note[0], some.note[0])


def test_provenance_tells_of_imputations() -> None:
    """How the variance and the degrees of freedom were made, and no R call of one data set."""
    both = estimate.combine([estimate.mean(one, "x") for one in guesses(DESIGN, ["x"])])
    told = estimate.provenance(both).set_index("about")["value"]
    assert "within and between 4 imputations (Rubin)" in told["variance"]
    assert "Barnard and Rubin" in told["degrees of freedom"]
    assert "" == told["R call"]


def test_how_many_imputations_would_do() -> None:
    """The more is missing the more imputations it takes, and a few suffice where little is (von Hippel 2020)."""
    told = estimate.missing_information(estimate.combine([estimate.mean(d, "x") for d in guesses(DESIGN, ["x"], 20)]))
    gamma, m = told["missing"][0], 20
    logit = np.log(gamma / (1 - gamma)) + 1.959964 * np.sqrt(2 / m)
    assert int(np.ceil(1 + (1 / (1 + np.exp(-logit)) / 0.05) ** 2 / 2)) == told["enough"][0]


def other_sample() -> list[Estimate]:
    """Means of two samples."""
    return [estimate.mean(DESIGN, "x"), estimate.mean(Design(FRAME.head(100), weight="w", psu="psu"), "x")]


@pytest.mark.parametrize(
    ("asked", "message", "mend"),
    [
        (list, "0 estimates cannot be combined", "impute at least twice"),
        (lambda: [estimate.mean(DESIGN, "x")], "1 estimate cannot be combined", "impute at least twice"),
        (other_sample, "samples of different psus", "impute one design"),
        (
            lambda: [estimate.mean(DESIGN, "x"), estimate.mean(DESIGN, "y")],
            "estimates of different things",
            "same call",
        ),
        (
            lambda: [estimate.mean(DESIGN, "x"), estimate.mean(DESIGN, "x", by=["g"])],
            "estimates of different things",
            "same call",
        ),
        (lambda: [DESIGN, DESIGN], "this wants Estimates, and a Design was given", "estimate.mean"),
        (
            lambda: [estimate.combine([estimate.mean(DESIGN, "x")] * 2)] * 2,
            "combined already",
            "single imputed designs",
        ),
    ],
)
def test_what_cannot_be_combined_is_refused(asked: Callable[[], list[Estimate]], message: str, mend: str) -> None:
    """One imputation, other values, other samples, no estimates: each with its remedy."""
    with pytest.raises(DesignError, match=message) as caught:
        estimate.combine(asked())
    assert mend in caught.value.problems[0].mend


def test_information_is_told_of_combined_estimates_alone() -> None:
    """An estimate of one data set has no missing information to tell."""
    with pytest.raises(DesignError, match="made on one data set"):
        estimate.missing_information(estimate.mean(DESIGN, "x"))
    with pytest.raises(DesignError, match="one estimate cannot be combined"):
        estimate.combine(estimate.mean(DESIGN, "x"))

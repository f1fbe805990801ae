"""Correlations behind ordinal answers: psych, lavaan, scipy's integrals and minimiser, derivatives by refitting, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from symmetry.design import Design, replicate
from symmetry.drivers.covariances import complete
from symmetry.drivers.importance import players_among, shares_of
from symmetry.drivers.nouns import Moments
from symmetry.drivers.outcomes import retabled
from symmetry.drivers.outcomes.polychoric import polychoric
from symmetry.drivers.sharing.lattice import players_of
from symmetry.drivers.sharing.shapley import lmg
from symmetry.errors import DesignError
from symmetry.estimate import Estimate
from tests.golden.reading import data, golden

ALL = ["a", "b", "c", "d", "y"]
FIRST, SECOND = np.triu_indices(5, 1)


def answers(n: int = 2500) -> pd.DataFrame:
    """The answers of polychoric.R, in psus of twenty."""
    return data("ordinal").head(n).assign(psu=np.arange(n) // 20)


def lmg_of(moments: Moments) -> Estimate:
    """R² and shares of all drivers."""
    return shares_of(moments, players_among(moments.predictors, None, ()))


def errors_of(moments: Moments) -> np.ndarray:
    """Standard errors of the correlations of all pairs of five."""
    gradient = np.zeros((10, 5, 5))
    gradient[np.arange(10), FIRST, SECOND] = gradient[np.arange(10), SECOND, FIRST] = 0.5
    return np.asarray(np.sqrt(moments.linear(gradient)[1]))


def test_correlations_agree_with_lavaan() -> None:
    """Polychoric and polyserial ones to 1e-8: lavaan's optimiser stops there, on 1e-9 of its likelihood."""
    expected = golden("polychoric", "lavaan")
    found = polychoric(Design(answers()), ALL).correlation
    for a, b in zip(FIRST, SECOND, strict=True):
        np.testing.assert_allclose(found[a, b], expected[ALL[a], ALL[b], "value"], rtol=0, atol=1e-8)


@pytest.mark.parametrize(("name", "weight"), [("psych", None), ("psych_weighted", "weight")])
def test_correlations_agree_with_psych(name: str, weight: str | None) -> None:
    """With weights and without, to 3e-5: R's optimize() stops at a quarter of 1e-4."""
    expected = golden("polychoric", name)
    found = polychoric(Design(answers(), weight=weight), ALL).correlation
    for a, b in zip(*np.triu_indices(4, 1), strict=True):
        np.testing.assert_allclose(found[a, b], expected[ALL[a], ALL[b], "value"], rtol=0, atol=3e-5)


def test_a_weighted_table_has_the_most_likely_correlation() -> None:
    """A second road: scipy's normal integrals cell by cell and its own minimiser, to 1e-7."""
    frame = answers(500)
    table = frame.pivot_table(index="a", columns="c", values="weight", aggfunc="sum", fill_value=0.0).to_numpy()
    table = table / table.sum()
    h = [-np.inf, *stats.norm.ppf(np.cumsum(table.sum(axis=1))[:-1]), np.inf]
    k = [-np.inf, *stats.norm.ppf(np.cumsum(table.sum(axis=0))[:-1]), np.inf]

    def below(x: float, y: float, rho: float) -> float:
        if -np.inf in (x, y):
            return 0.0
        return float(stats.multivariate_normal.cdf(np.minimum([x, y], 40), cov=[[1, rho], [rho, 1]]))

    def unlikely(rho: float) -> float:
        corners = np.array([[below(x, y, rho) for y in k] for x in h])
        return -float((table * np.log(np.diff(np.diff(corners, axis=0), axis=1))).sum())

    expected = optimize.minimize_scalar(unlikely, bounds=(-0.9, 0.9), method="bounded", options={"xatol": 1e-9}).x
    found = polychoric(Design(frame, weight="weight"), ["a", "c", "d"]).correlation[0, 1]
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_a_weighted_number_and_category_have_the_most_likely_correlation() -> None:
    """A second road for the polyserial: the likelihood of the rows by scipy's minimiser, to 1e-7."""
    frame = answers(500)
    w = (frame["weight"] / frame["weight"].sum()).to_numpy()
    z = (frame["y"] - w @ frame["y"]).to_numpy()
    z = z / np.sqrt(w @ z**2)
    shares = np.bincount(frame["c"], weights=w)[1:]
    tau = np.concatenate([[-np.inf], stats.norm.ppf(np.cumsum(shares)[:-1]), [np.inf]])
    code = frame["c"].to_numpy()

    def unlikely(rho: float) -> float:
        upper, lower = ((edge - rho * z) / np.sqrt(1 - rho**2) for edge in (tau[code], tau[code - 1]))
        return -float(w @ np.log(stats.norm.cdf(upper) - stats.norm.cdf(lower)))

    expected = optimize.minimize_scalar(unlikely, bounds=(-0.9, 0.9), method="bounded", options={"xatol": 1e-9}).x
    found = polychoric(Design(frame, weight="weight"), ["a", "c", "y"]).correlation[1, 2]
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_errors_agree_with_lavaan() -> None:
    """Within 3 %: lavaan takes the information by squared scores, ours by curvature, equal only in expectation."""
    expected = golden("polychoric", "lavaan")
    found = errors_of(polychoric(Design(answers()), ALL))
    for a, b, se in zip(FIRST, SECOND, found, strict=True):
        if b < 4:
            np.testing.assert_allclose(se, expected[ALL[a], ALL[b], "se"], rtol=0.03)


def test_errors_are_the_derivatives_by_the_weights() -> None:
    """Polychoric, polyserial: what a psu's weight moves each by, refitted with it changed; then the textbook variance."""
    frame = answers(400).assign(z=np.random.default_rng(1).normal(size=400) + data("ordinal")["y"].head(400))
    names, first, second = ["a", "c", "d", "z", "y"], FIRST, SECOND
    full = polychoric(Design(frame, weight="weight", psu="psu"), names)
    step, moves = 1e-4, []
    for psu in frame["psu"].unique():
        sides = [
            polychoric(
                Design(frame.assign(w=frame["weight"] * np.where(frame["psu"] == psu, 1 + h, 1.0)), weight="w"), names
            ).correlation[first, second]
            for h in (step, -step)
        ]
        moves.append((sides[0] - sides[1]) / (2 * step))
    spread, count = np.array(moves), frame["psu"].nunique()
    expected = np.sqrt(count / (count - 1) * (spread**2).sum(axis=0))
    pairs = (
        np.arange(10) != 9
    )  # the plain pair's derivative asks for the diagonal too: see the shares of numeric columns
    np.testing.assert_allclose(errors_of(full)[pairs], expected[pairs], rtol=1e-6)


def test_shares_have_the_errors_of_a_jackknife() -> None:
    """LMG of the correlations behind the answers: one psu in 50 left out at a time gives the linearised errors within 5 %."""
    frame = answers(1000)
    full = lmg_of(polychoric(Design(frame, weight="weight", psu="psu"), ALL))
    left = np.array(
        [lmg_of(polychoric(Design(frame[frame["psu"] != psu], weight="weight"), ALL)).values for psu in range(50)]
    )
    np.testing.assert_allclose(full.se, np.sqrt(49 / 50 * ((left - full.values) ** 2).sum(axis=0)), rtol=0.05)


def test_numeric_columns_alone_give_the_linear_shares() -> None:
    """With nothing ordinal, moments, shares and errors are those of `complete`, and the note says no more."""
    design = Design(answers(), weight="weight", psu="psu")
    found, expected = polychoric(design, ALL, ordinal=()), complete(design, ALL)
    np.testing.assert_allclose(found.correlation, expected.correlation, rtol=1e-12)
    np.testing.assert_allclose(lmg_of(found).se, lmg_of(expected).se, rtol=1e-10)
    assert expected.note == found.note == ""


def test_a_replicate_gives_the_correlations_of_its_weights() -> None:
    """Ordinal answers: a jackknife's error is that of shares refitted with one psu left out at a time, exactly."""
    frame = answers(600)
    names = ["a", "b", "c", "d"]
    found = lmg_of(polychoric(replicate(Design(frame, weight="weight", psu="psu"), "jackknife"), names))
    left = np.array(
        [lmg_of(polychoric(Design(frame[frame["psu"] != psu], weight="weight"), names)).values for psu in range(30)]
    )
    np.testing.assert_allclose(found.se, np.sqrt(29 / 30 * ((left - found.values) ** 2).sum(axis=0)), rtol=1e-8)


def test_replicates_move_polyserial_correlations_along_the_tangent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A numeric outcome, or too many units: within 3 % of the error by refitting in each replicate."""
    frame = answers(1000)
    design = Design(frame, weight="weight", psu="psu")
    left = np.array(
        [lmg_of(polychoric(Design(frame[frame["psu"] != psu], weight="weight"), ALL)).values for psu in range(50)]
    )
    again = replicate(design, "jackknife")
    some = lmg_of(polychoric(again, ALL))
    expected = np.sqrt(49 / 50 * ((left - some.values) ** 2).sum(axis=0))
    np.testing.assert_allclose(some.se, expected, rtol=0.03)
    monkeypatch.setattr(retabled, "_NUMBERS", 0)
    np.testing.assert_allclose(lmg_of(polychoric(again, ALL)).se, expected, rtol=0.03)


def test_replicates_without_a_category_or_a_correlation_are_told() -> None:
    """A replicate that lacks all who gave an answer is refitted without it; a driver that does not vary has no share
    there; where the outcome does not, the replicate is left out and counted."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(240, 3)) + rng.normal(size=(240, 1))
    frame = pd.DataFrame(np.digitize(x, [-0.5, 0.8]), columns=["a", "b", "y"]).assign(psu=np.arange(240) // 40)
    frame.loc[frame["psu"] > 0, "a"] = frame.loc[frame["psu"] > 0, "a"].clip(upper=1)
    found = lmg_of(polychoric(replicate(Design(frame, psu="psu"), "jackknife"), ["a", "b", "y"]))
    assert np.isfinite(found.se).all()
    assert "left out" not in found.note[0]
    frame.loc[frame["psu"] > 0, "a"] = 0
    found = lmg_of(polychoric(replicate(Design(frame, psu="psu"), "jackknife"), ["a", "b", "y"]))
    assert "left out" not in found.note[0]
    left = [lmg_of(polychoric(Design(frame[frame["psu"] != psu]), ["a", "b", "y"])).values for psu in range(1, 6)]
    alone = polychoric(Design(frame[frame["psu"] > 0]), ["b", "y"]).correlation[0, 1] ** 2
    left = np.array([[alone, 0.0, alone], *left])
    np.testing.assert_allclose(found.se, np.sqrt(5 / 6 * ((left - found.values) ** 2).sum(axis=0)), rtol=1e-8)
    frame["number"] = np.where(frame["psu"] > 0, 0.0, x[:, 0])
    some = polychoric(replicate(Design(frame, psu="psu"), "jackknife"), ["number", "b", "y"], ordinal=["b", "y"])
    assert "left out" not in lmg_of(some).note[0]
    frame.loc[frame["psu"] > 0, "y"] = 0
    found = lmg_of(polychoric(replicate(Design(frame, psu="psu"), "jackknife"), ["a", "b", "y"]))
    assert "1 of 6 replicates gave no value and were left out" in found.note[0]


def test_codes_are_names_only() -> None:
    """Other numbers in the same order, other weights' unit and other rows' order change nothing; turned around, a sign."""
    frame = answers(800)
    found = polychoric(Design(frame, weight="weight"), ["a", "b", "c"])
    other = frame.assign(a=frame["a"] ** 3, weight=frame["weight"] * 7).sample(frac=1, random_state=2)
    same = polychoric(Design(other, weight="weight"), ["a", "b", "c"])
    np.testing.assert_allclose(same.correlation, found.correlation, rtol=1e-9)
    turned = polychoric(Design(frame.assign(a=6 - frame["a"]), weight="weight"), ["a", "b", "c"])
    np.testing.assert_allclose(turned.correlation * [[1, -1, -1], [-1, 1, 1], [-1, 1, 1]], found.correlation, rtol=1e-9)


def test_who_counts_and_what_is_ordinal_is_told() -> None:
    """Arrays under their names, a domain, missing answers: who is counted; whole numbers of ten values at most are ordinal."""
    frame = answers(300)
    a = frame["a"].to_numpy(float)
    a[:10] = np.nan
    within = np.arange(300) < 200
    found = polychoric(Design(frame), [a, "b", "y"], ["first", "b", "y"], within=within)
    assert (190, 200) == (found.n, found.asked)
    assert found.note.startswith("190 of 200 respondents answered every item used; R² of the normal variables")
    alone = polychoric(Design(frame.iloc[10:200]), ["a", "b", "y"])
    np.testing.assert_allclose(found.correlation, alone.correlation, rtol=1e-12)
    np.testing.assert_allclose(found.mean, alone.mean, rtol=1e-12)
    eleven = frame.assign(y=np.arange(300) % 11)
    plain = polychoric(Design(eleven), ["a", "b", "y"]).correlation
    ranked = polychoric(Design(eleven), ["a", "b", "y"], ordinal=["a", "b", "y"]).correlation
    np.testing.assert_allclose(plain[0, 1], ranked[0, 1], rtol=1e-12)
    assert abs(plain[0, 2] - ranked[0, 2]) > 1e-4


def coded(**columns: list[float]) -> Design:
    """Thirty answers to three items."""
    rng = np.random.default_rng(6)
    plain = {name: rng.integers(1, 4, 30).astype(float) for name in ("a", "b", "y")}
    return Design(pd.DataFrame({**plain, **columns}))


def tied() -> Design:
    """Three items of two answers whose correlations no three normal variables have."""
    table = [
        (0, 0, 1, 9),
        (0, 1, 0, 9),
        (1, 0, 0, 9),
        (0, 1, 1, 1),
        (1, 0, 1, 1),
        (1, 1, 0, 1),
        (0, 0, 0, 1),
        (1, 1, 1, 1),
    ]
    rows = [row for *row, count in table for _ in range(count)]
    return Design(pd.DataFrame(rows, columns=["a", "b", "y"], dtype=float))


@pytest.mark.parametrize(
    ("design", "options", "message", "mend"),
    [
        (coded(b=[2.0] * 30), {}, "same answer to `b`", "leave it out"),
        (coded(b=[1.0, 2, 3] + [None] * 27), {}, "3 respondents answered all of", "fewer drivers"),
        (coded(b=[None] * 30), {}, "0 respondents answered all of", "fewer drivers"),
        (coded(b=[1.0, np.inf] * 15), {}, "`b` holds infinite values", "leave them empty"),
        (coded(b=list(np.arange(30.0))), {"ordinal": ["b"]}, "`b` has 30 different answers", "20 at most"),
        (coded(), {"ordinal": ["z"]}, "ordinal= names `z`", "one of a, b, y"),
        (
            coded(a=[1.0, 2, 3] * 10, b=[2.0, 4, 6] * 10),
            {},
            "`a` and `b` order respondents alike",
            "merge rare answers",
        ),
        (coded(a=[0.0, 0, 1] * 10, b=[0.0, 1, 1] * 10), {}, "`a` and `b` order respondents alike", "leave one out"),
        (tied(), {}, "not positive definite (smallest eigenvalue -", "fewer drivers"),
    ],
)
def test_answers_that_bear_no_correlations_are_refused(
    design: Design, options: dict[str, object], message: str, mend: str
) -> None:
    """Each fault is told with its remedy: perfect pairs by name, an impossible matrix with its smallest eigenvalue."""
    with pytest.raises(DesignError) as caught:
        polychoric(design, ["a", "b", "y"], **options)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend


def test_drivers_that_make_each_other_up_are_named() -> None:
    """A total among its own items, all ordinal: the three are told, not the one that goes with none; an outcome likewise."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.integers(1, 5, (200, 4)), columns=["a", "b", "free", "y"])
    frame["total"] = frame["a"] + frame["b"]
    with pytest.raises(DesignError, match="a, b, total determine each other exactly"):
        polychoric(Design(frame), ["a", "b", "free", "total", "y"])
    with pytest.raises(DesignError, match="`total` is made of a, b exactly"):
        polychoric(Design(frame), ["a", "b", "free", "total"])


@pytest.mark.slow
def test_intervals_cover_the_shares_behind_the_answers() -> None:
    """Of 1,000 samples of 400, cut into five, 95 % intervals hold each true share in 93 to 97 %; two Monte Carlo errors: 1.4."""
    truth = np.array([[1, 0.5, 0.3, 0.6], [0.5, 1, 0.4, 0.5], [0.3, 0.4, 1, 0.4], [0.6, 0.5, 0.4, 1]])
    names = ["a", "b", "c", "y"]
    shares = lmg(truth, players_of(3))
    expected = np.array([shares.sum(), *shares])
    rng = np.random.default_rng(13)
    held = np.zeros(4)
    for _ in range(1000):
        x = rng.multivariate_normal(np.zeros(4), truth, size=400)
        frame = pd.DataFrame(np.digitize(x, [-1.2, -0.5, 0.4, 1.3]), columns=names)
        table = lmg_of(polychoric(Design(frame), names)).table()
        held += (table["lower"] <= expected) & (expected <= table["upper"])
    assert (held / 1000 > 0.93).all(), held
    assert (held / 1000 < 0.97).all(), held

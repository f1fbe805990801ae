"""Pseudo-R² shared out: statsmodels on every subset and every order, a jackknife, exact populations, and bad input."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy import special

from symmetry.design import Design, replicate
from symmetry.drivers.outcomes.binary import binary_shares
from symmetry.errors import DesignError
from tests.golden.reading import data

FOUR = ["a", "b", "c", "d"]


def frame_of(n: int = 600, seed: int = 3) -> pd.DataFrame:
    """Related drivers of five points, an outcome of two values, weights, psus of twenty."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4)) + 0.7 * rng.normal(size=(n, 1))
    y = x @ [0.8, 0.4, 0.1, 0.6] - 0.5 + rng.logistic(size=n) > 0
    frame = pd.DataFrame(np.digitize(x, [-1.2, -0.4, 0.4, 1.2]) + 1, columns=FOUR)
    return frame.assign(y=y.astype(float), w=rng.uniform(0.5, 2, n), psu=np.arange(n) // 20)


def likelihood_on(frame: pd.DataFrame, columns: list[str]) -> float:
    """Log-likelihood of a logistic regression by statsmodels, weights summing to n."""
    from statsmodels.api import GLM, families

    w = frame["w"] / frame["w"].mean()
    x = frame[columns].assign(one=1.0)
    mu = GLM(frame["y"], x, family=families.Binomial(), var_weights=w).fit(tol=1e-14, maxiter=100).mu
    return float((w * (frame["y"] * np.log(mu) + (1 - frame["y"]) * np.log(1 - mu))).sum())


def measure_of(frame: pd.DataFrame, measure: str) -> Callable[[list[str]], float]:
    """A pseudo-R² as its paper writes it."""
    null, n = likelihood_on(frame, []), len(frame)
    if measure == "mcfadden":
        return lambda columns: 1 - likelihood_on(frame, columns) / null
    return lambda columns: 1 - (likelihood_on(frame, columns) / null) ** (-2 * null / n)


@pytest.mark.parametrize("measure", ["mcfadden", "estrella"])
def test_shares_are_mean_gains_of_statsmodels_regressions(measure: str) -> None:
    """Over all 24 orders of entry, each model fitted by statsmodels on the rows with weights."""
    frame = frame_of()
    worth = measure_of(frame, measure)
    known = {frozenset(): 0.0}
    gains = dict.fromkeys(FOUR, 0.0)
    for order in permutations(FOUR):
        for place, name in enumerate(order):
            before, after = frozenset(order[:place]), frozenset(order[: place + 1])
            known.setdefault(after, worth(sorted(after)))
            gains[name] += (known[after] - known[before]) / 24
    table = binary_shares(Design(frame, weight="w", psu="psu"), "y", FOUR, measure=measure).table()
    np.testing.assert_allclose(table["estimate"], [known[frozenset(FOUR)], *gains.values()], rtol=1e-10)
    np.testing.assert_allclose(table["estimate"][1:].sum(), table["estimate"][0], rtol=1e-13)
    assert ["r2", *[measure] * 4] == table["statistic"].tolist()
    assert ["y", *FOUR] == table["item"].tolist()


def test_groups_enter_together_after_the_controls() -> None:
    """A group has one share, a control none: gains by statsmodels over both orders, the control before them."""
    frame = frame_of()
    worth = measure_of(frame, "mcfadden")
    found = binary_shares(Design(frame, weight="w"), "y", ["a", "b", "c"], groups={"g": ["a", "b"]}, always="d").table()
    control, both = worth(["d"]), worth(["a", "b", "c", "d"])
    group, alone = worth(["a", "b", "d"]), worth(["c", "d"])
    shares = [(group - control + both - alone) / 2, (alone - control + both - group) / 2]
    assert ["y", "g", "c", "d"] == found["item"].tolist()
    assert ["r2", "mcfadden", "mcfadden", "always"] == found["statistic"].tolist()
    np.testing.assert_allclose(found["estimate"], [both, *shares, control], rtol=1e-10)


@pytest.mark.parametrize("measure", ["mcfadden", "estrella"])
def test_errors_are_the_derivatives_by_the_weights(measure: str) -> None:
    """What a psu's weight moves each share by, from shares made again with that weight changed; then the textbook variance."""
    frame = frame_of(160)
    found = binary_shares(Design(frame, weight="w", psu="psu"), "y", ["a", "b", "d"], measure=measure, always="c")
    step, moves = 1e-4, []
    for psu in frame["psu"].unique():
        sides = [
            binary_shares(
                Design(frame.assign(w=frame["w"] * np.where(frame["psu"] == psu, 1 + h, 1.0)), weight="w"),
                "y",
                ["a", "b", "d"],
                measure=measure,
                always="c",
            ).values
            for h in (step, -step)
        ]
        moves.append((sides[0] - sides[1]) / (2 * step))
    spread = np.array(moves)
    count = len(spread)
    np.testing.assert_allclose(found.se, np.sqrt(count / (count - 1) * (spread**2).sum(axis=0)), rtol=1e-6)


def test_errors_agree_with_a_jackknife() -> None:
    """Leaving out one of thirty psus at a time gives the linearised errors within 6 %: second-order terms."""
    frame = frame_of()
    found = binary_shares(Design(frame, weight="w", psu="psu"), "y", FOUR)
    left = np.array(
        [binary_shares(Design(frame[frame["psu"] != psu], weight="w"), "y", FOUR).values for psu in range(30)]
    )
    np.testing.assert_allclose(found.se, np.sqrt(29 / 30 * ((left - found.values) ** 2).sum(axis=0)), rtol=0.06)


def test_replicates_take_the_tangent() -> None:
    """A jackknife design gives the error of the linearised shares: within 6 % of the linearised one, the values untouched."""
    design = Design(frame_of(), weight="w", psu="psu")
    plain, again = binary_shares(design, "y", FOUR), binary_shares(replicate(design, "jackknife"), "y", FOUR)
    assert plain.values.tolist() == again.values.tolist()
    np.testing.assert_allclose(again.se, plain.se, rtol=0.06)


def test_equal_rows_and_units_do_not_matter() -> None:
    """Weights times ten, rows in another order, a driver in other units: same shares, same errors."""
    frame = frame_of()
    first = binary_shares(Design(frame, weight="w", psu="psu"), "y", FOUR)
    other = frame.assign(w=frame["w"] * 10, a=100 - 3 * frame["a"]).sample(frac=1, random_state=1)
    second = binary_shares(Design(other, weight="w", psu="psu"), "y", FOUR)
    np.testing.assert_allclose(second.values, first.values, rtol=1e-9)
    np.testing.assert_allclose(second.se, first.se, rtol=1e-8)


def test_an_array_takes_the_place_of_the_outcome() -> None:
    """The bank's promoters as an array, under the name given; who lacks an answer is counted in the note."""
    customers = data("bank_customers")
    top = np.where(customers["recommend"].isna(), np.nan, customers["recommend"] >= 9)
    drivers = ["listened", "kept", "helped"]
    found = binary_shares(Design(customers, weight="weight"), top, drivers, name="promoters")
    by_name = binary_shares(Design(customers.assign(top=top), weight="weight"), "top", drivers)
    assert by_name.values.tolist() == found.values.tolist()
    assert "promoters" == found.labels["item"][0]
    answered = int(customers[[*drivers, "recommend"]].notna().all(axis=1).sum())
    assert f"{answered} of {len(customers)} respondents answered every item used" == found.note[0]
    assert [answered] * 4 == found.n.tolist()


def test_near_separation_is_fitted_and_not_refused() -> None:
    """One row on the wrong side is enough for finite coefficients, however far they are."""
    x = np.repeat(np.arange(1.0, 11.0), 30)
    y = (x > 5).astype(float)
    y[0] = 1.0
    frame = pd.DataFrame({"a": x, "b": np.tile([1.0, 2, 3, 1, 5], 60), "y": y, "w": 1.0})
    found = binary_shares(Design(frame), "y", ["a", "b"])
    np.testing.assert_allclose(found.values[0], measure_of(frame, "mcfadden")(["a", "b"]), rtol=1e-8)


def separated(**columns: list[float]) -> Design:
    """Twelve rows, of which an outcome is 1 on six."""
    rng = np.random.default_rng(2)
    plain = {name: rng.normal(size=12) for name in ("a", "b", "c")}
    return Design(pd.DataFrame({"y": [0.0, 1] * 6, **plain, **columns}))


@pytest.mark.parametrize(
    ("design", "predictors", "options", "message", "mend"),
    [
        (separated(y=[0.0, 1, 2] * 4), ["a", "b"], {}, "`y` holds 2 in row 3", "top_box"),
        (separated(y=[1.0] * 12), ["a", "b"], {}, "everybody gave the same answer to `y`", "leave it out"),
        (
            separated(b=[0.0, 2] * 6),
            ["a", "b", "c"],
            {},
            "`b` separates the two values of `y`",
            "merge its rare answers",
        ),
        (
            separated(b=[0.0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 0]),
            ["a", "b"],
            {},
            "`b` separates the two values of `y`",
            "leave a column out",
        ),
        (
            separated(a=[0.0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6], b=[0.0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
            ["a", "b", "c"],
            {},
            "`a`, `b` separate the two values of `y`",
            "linear model",
        ),
        (separated(b=[3.0] * 12), ["a", "b"], {}, "same answer to `b`", "leave it out"),
        (separated(), ["a", "y"], {}, "the outcome `y` is among its own drivers", "leave it out"),
        (separated(), ["a"], {}, "1 drivers are given", "2 or more"),
        (separated(), ["a", "b"], {"measure": "tjur"}, "no pseudo-R² is called 'tjur'", "mcfadden"),
        (separated(), ["a", "z"], {}, "no column `z`", "one of its columns"),
        (separated(b=[None] * 9 + [1.0, 2, 3]), ["a", "b"], {}, "3 respondents answered all of", "fewer drivers"),
    ],
)
def test_outcomes_that_bear_no_regressions_are_refused(
    design: Design, predictors: list[str], options: dict[str, object], message: str, mend: str
) -> None:
    """Each fault is told with its remedy; separation with the columns behind it, no others."""
    with pytest.raises(DesignError) as caught:
        binary_shares(design, "y", predictors, **options)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend


def test_one_name_is_one_driver() -> None:
    """A single name is not read letter by letter."""
    with pytest.raises(DesignError, match="1 drivers are given"):
        binary_shares(Design(frame_of()), "y", "abd")


def test_twins_and_too_many_players_are_refused() -> None:
    """Drivers that determine each other, and thirteen players."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(80, 13)), columns=[f"x{i}" for i in range(13)]).assign(y=[0.0, 1] * 40)
    with pytest.raises(DesignError, match="among 13 players"):
        binary_shares(Design(frame), "y", list(frame.columns[:13]))
    with pytest.raises(DesignError, match="x0, x1, x13 determine each other"):
        binary_shares(Design(frame.assign(x13=frame["x0"] + frame["x1"])), "y", ["x0", "x1", "x2", "x13"])


def population() -> pd.DataFrame:
    """Every answer to three items of three points with its chance, the outcome logistic in them."""
    codes = np.array([[a, b, c, y] for a in range(3) for b in range(3) for c in range(3) for y in (0, 1)], float)
    frame = pd.DataFrame(codes, columns=["a", "b", "c", "y"])
    apart = np.abs(frame["a"] - frame["b"]) + np.abs(frame["b"] - frame["c"])
    one = special.expit(0.9 * frame["a"] + 0.8 * frame["b"] + 0.7 * frame["c"] - 2.4)
    chance = np.exp(-0.4 * apart) * np.where(frame["y"] == 1, one, 1 - one)
    return frame.assign(chance=chance / chance.sum())


@pytest.mark.slow
def test_intervals_cover_the_shares_of_a_known_population() -> None:
    """Of 1,000 samples of 600, 95 % intervals hold each share, all far from 0, in 93 to 97 %; two Monte Carlo errors: 1.4."""
    every = population()
    truth = binary_shares(Design(every, weight="chance"), "y", ["a", "b", "c"]).values
    rng = np.random.default_rng(11)
    held = np.zeros(4)
    for _ in range(1000):
        sample = every.iloc[rng.choice(len(every), 600, p=every["chance"])].drop(columns="chance")
        table = binary_shares(Design(sample.reset_index(drop=True)), "y", ["a", "b", "c"]).table()
        held += (table["lower"] <= truth) & (truth <= table["upper"])
    assert (held / 1000 > 0.93).all(), held
    assert (held / 1000 < 0.97).all(), held

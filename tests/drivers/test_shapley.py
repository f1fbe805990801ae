"""LMG shares: R by brute force, Grömping's published example, numeric gradients, a jackknife, and bad input."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import drivers
from symmetry.design import Design, replicate
from symmetry.drivers.covariances import complete
from symmetry.drivers.estimating import explained
from symmetry.drivers.importance import players_among
from symmetry.drivers.sharing.shapley import lmg
from symmetry.errors import DesignError
from tests.golden.reading import data, golden, sample_designs

THREE = ["listened", "kept", "helped"]
SWISS = ["agriculture", "examination", "education", "catholic", "infant_mortality"]


def cases() -> dict[str, tuple[Design, str, list[str]]]:
    """The designs of drivers.R, under the same names."""
    bank = sample_designs()
    staff = Design(data("bank_employees"), weight="weight", stratum="region", psu="branch")
    return {
        "swiss": (Design(data("swiss")), "fertility", SWISS),
        "weights_alone": (Design(data("bank_customers"), weight="weight"), "recommend", THREE),
        "bank": (bank["bank"], "recommend", THREE),
        "bank_raked": (bank["bank_raked"], "recommend", THREE),
        "employees": (staff, "recommend", [*THREE, "guess"]),
    }


@pytest.mark.parametrize("name", ["swiss", "weights_alone", "bank", "bank_raked", "employees"])
def test_shares_and_errors_agree_with_r(name: str) -> None:
    """Shares over all orders of entry; errors by a numeric gradient on vcov(svytotal), good to nine digits."""
    design, outcome, predictors = cases()[name]
    expected = golden("drivers", name)
    table = drivers.importance(design, outcome, predictors).table()
    items = [outcome, *predictors]
    np.testing.assert_allclose(table["estimate"], [expected[item, "", "value"] for item in items], rtol=1e-10)
    np.testing.assert_allclose(table["se"], [expected[item, "", "se"] for item in items], rtol=1e-8)
    assert [expected[outcome, "", "df"]] * len(items) == table["df"].tolist()
    assert [expected[outcome, "", "n"]] * len(items) == table["n"].tolist()


def test_the_published_shares_of_swiss_fertility() -> None:
    """relaimpo's swiss example, R² and LMG as printed in Grömping (2006), to the four digits printed."""
    values = drivers.importance(Design(data("swiss")), "fertility", SWISS).values
    expected = [0.7067, 0.0571, 0.1712, 0.2601, 0.1056, 0.1128]
    np.testing.assert_allclose(values, expected, atol=5.1e-5)


def shares_over_orders(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """LMG by least squares on the rows, predictor after predictor, averaged over all orders."""
    root = np.sqrt(w)
    y = y - w @ y / w.sum()
    x = x - w @ x / w.sum()

    def r2(columns: tuple[int, ...]) -> float:
        if not columns:
            return 0.0
        left = y * root - (x[:, columns] * root[:, None]) @ np.linalg.lstsq(x[:, columns] * root[:, None], y * root)[0]
        return float(1 - left @ left / (w @ y**2))

    gains = np.zeros(x.shape[1])
    orders = list(permutations(range(x.shape[1])))
    for order in orders:
        for place, j in enumerate(order):
            gains[j] += r2(order[: place + 1]) - r2(order[:place])
    return gains / len(orders)


def test_shares_are_those_of_least_squares_on_rows() -> None:
    """A second road in Python: regressions on the rows themselves, over all orders of entry, with weights."""
    customers = data("bank_customers").dropna(subset=[*THREE, "recommend"])
    x, y, w = (customers[names].to_numpy(float) for names in (THREE, "recommend", "weight"))
    est = drivers.importance(Design(customers, weight="weight"), "recommend", THREE)
    np.testing.assert_allclose(est.values[1:], shares_over_orders(x, y, w), rtol=1e-10)


def test_errors_agree_with_a_jackknife() -> None:
    """Leaving out one branch at a time gives the linearised errors within 6 %: second-order terms, 26 branches."""
    customers = data("bank_customers").dropna(subset=[*THREE, "recommend"])
    full = drivers.importance(Design(customers, weight="weight", stratum="region", psu="branch"), "recommend", THREE)
    variance = np.zeros(4)
    for _, region in customers.groupby("region"):
        branches = region["branch"].unique()
        left = []
        for branch in branches:
            scale = np.where(customers["region"] == region["region"].iloc[0], len(branches) / (len(branches) - 1), 1.0)
            one_less = customers.assign(w=customers["weight"] * scale * (customers["branch"] != branch))
            left.append(drivers.importance(Design(one_less, weight="w"), "recommend", THREE).values)
        spread = np.array(left) - full.values
        variance += (len(branches) - 1) / len(branches) * (spread**2).sum(axis=0)
    np.testing.assert_allclose(full.se, np.sqrt(variance), rtol=0.06)


def test_errors_agree_with_a_bootstrap() -> None:
    """600 resamples of 400 people give the linearised errors within 10 %: the bootstrap's own error is 3 %."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(400, 3)) @ np.array([[1, 0.4, 0.2], [0, 1, 0.5], [0, 0, 1]])
    frame = pd.DataFrame(x, columns=["a", "b", "c"]).assign(y=x @ [0.5, 0.3, 0.4] + rng.normal(size=400))
    est = drivers.importance(Design(frame), "y", ["a", "b", "c"])
    values = frame.to_numpy()
    again = []
    for _ in range(600):
        sample = pd.DataFrame(values[rng.integers(0, 400, 400)], columns=frame.columns)
        again.append(drivers.importance(Design(sample), "y", ["a", "b", "c"]).values)
    np.testing.assert_allclose(est.se, np.std(again, axis=0, ddof=1), rtol=0.1)


def test_who_lacks_an_answer_is_left_out_and_counted() -> None:
    """The note says how many answered everything; respondents without weight are not counted at all."""
    frame = pd.DataFrame({"a": [1, 2, 3, 4, 5, 6, 2.0], "b": [2, 1, 4, 3, 6, None, 5], "y": [1, 2, 3, 5, 4, 6, 9]})
    est = drivers.importance(Design(frame.assign(w=[1, 1, 1, 1, 1, 1, 0]), weight="w"), "y", ["a", "b"])
    assert est.note[0] == "5 of 6 respondents answered every item used"
    assert [5, 5, 5] == est.n.tolist()
    alone = drivers.importance(Design(frame.iloc[:5]), "y", ["a", "b"])
    np.testing.assert_allclose(est.values, alone.values, rtol=1e-12)
    assert alone.note[0] == ""


def frame_of(**columns: Sequence[float | None]) -> Design:
    """A design of a few complete rows."""
    return Design(pd.DataFrame({"y": [1.0, 2, 3, 4, 6, 5], "a": [1.0, 3, 2, 5, 4, 6], **columns}))


def many(p: int) -> Design:
    """A design of many drivers."""
    rng = np.random.default_rng(0)
    return Design(pd.DataFrame(rng.normal(size=(60, p + 1)), columns=[*(f"x{i}" for i in range(p)), "y"]))


@pytest.mark.parametrize(
    ("design", "predictors", "options", "message", "mend"),
    [
        (frame_of(), ["a"], {}, "1 drivers are given", "2 or more different columns"),
        (frame_of(), ["a", "a"], {}, "driver `a` is named twice", "different columns"),
        (frame_of(), ["a", "y"], {}, "the outcome `y` is among its own drivers", "leave it out"),
        (many(21), [f"x{i}" for i in range(21)], {}, "cannot share R² among 21 players", "at most 20"),
        (frame_of(), ["a", "b"], {}, "no column `b`", "one of its columns"),
        (frame_of(b=[1, 2, 3, np.inf, 4, 5]), ["a", "b"], {}, "`b` holds infinite values", "leave them empty"),
        (frame_of(b=[1, 2, 2, 1, 2, 5]), ["a", "b"], {"always": "y"}, "the outcome `y` is among", "leave it out"),
        (frame_of(b=[1, 2, 2, 1, 2, 5]), ["a", "b"], {"groups": {"g": ["a", "c"]}}, "`g` holds `c`", "predictors"),
        (
            frame_of(b=[1, 2, 2, 1, 2, 5]),
            ["a", "b"],
            {"groups": {"g": ["a"], "h": ["a"]}},
            "`a` is in groups `g` and `h`",
            "one group",
        ),
        (frame_of(b=[1, 2, 2, 1, 2, 5]), ["a", "b"], {"groups": {"a": ["b"]}}, "called like a driver", "another name"),
        (
            frame_of(b=[1, 2, 2, 1, 2, 5]),
            ["a", "b"],
            {"groups": {"g": ["a", "b"]}},
            "among 1 players",
            "2 drivers or groups",
        ),
        (frame_of(b=[2.0] * 6), ["a", "b"], {}, "same answer to `b`", "leave it out"),
        (frame_of(b=[2.0, 6, 4, 10, 8, 12]), ["a", "b"], {}, "a, b determine each other", "leave one of them out"),
        (
            frame_of(b=[1.0, 2, 3, None, None, None]),
            ["a", "b"],
            {},
            "3 respondents answered all of a, b, y",
            "fewer drivers",
        ),
        (
            frame_of(b=[None] * 6),
            ["a", "b"],
            {},
            "0 respondents answered all of a, b, y; nobody answered `b`",
            "fewer drivers",
        ),
        (frame_of(), ["a", "b"], {"method": "pmvd"}, "no decomposition is called 'pmvd'", "lmg"),
    ],
)
def test_drivers_that_cannot_be_ranked_are_refused(
    design: Design, predictors: list[str], options: dict[str, Any], message: str, mend: str
) -> None:
    """Each fault of predictors is told with its remedy."""
    with pytest.raises(DesignError) as caught:
        drivers.importance(design, "y", predictors, **options)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend


BLOCKS = {"care": ["a", "b"], "price": ["d", "e"]}


def five() -> tuple[pd.DataFrame, list[str]]:
    """Answers to five related drivers, with weights, and an outcome."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(150, 5)) + rng.normal(size=(150, 1))
    frame = pd.DataFrame(x, columns=list("abcde"))
    return frame.assign(y=x @ [0.5, 0.2, 0.4, 0.1, 0.3] + rng.normal(size=150), w=rng.uniform(0.5, 2, 150)), list(
        "abcde"
    )


def r2_on(frame: pd.DataFrame, columns: list[str]) -> float:
    """R² of a weighted regression on the rows."""
    from statsmodels.api import WLS, add_constant

    return float(WLS(frame["y"], add_constant(frame[columns]), weights=frame["w"]).fit().rsquared) if columns else 0.0


def test_groups_enter_together_after_the_controls() -> None:
    """Shares of two groups and a driver alone are those over all orders of entry, the control before them in every order."""
    frame, names = five()
    frame["control"] = frame["a"] - frame["e"] + np.random.default_rng(1).normal(size=len(frame))
    found = drivers.importance(Design(frame, weight="w"), "y", names, groups=BLOCKS, always="control").table()
    players = [["a", "b"], ["c"], ["d", "e"]]
    gains = np.zeros(3)
    for order in permutations(range(3)):
        inside = ["control"]
        for j in order:
            gains[j] += (r2_on(frame, [*inside, *players[j]]) - r2_on(frame, inside)) / 6
            inside += players[j]
    assert ["r2", "lmg", "lmg", "lmg", "always"] == found["statistic"].tolist()
    assert ["y", "care", "c", "price", "control"] == found["item"].tolist()
    expected = [r2_on(frame, ["control", *names]), *gains, r2_on(frame, ["control"])]
    np.testing.assert_allclose(found["estimate"], expected, rtol=1e-10)
    np.testing.assert_allclose(found["estimate"][1:].sum(), found["estimate"][0], rtol=1e-12)


@pytest.mark.parametrize(
    ("groups", "always"),
    [(None, ()), (BLOCKS, ()), (None, ["c"]), (BLOCKS, ["c"])],
    ids=["alone", "groups", "control", "both"],
)
def test_derivatives_are_those_of_the_shares(groups: dict[str, list[str]] | None, always: list[str]) -> None:
    """Errors by the closed derivative are those by central differences of the shares, to seven digits."""
    frame, names = five()
    rest = [name for name in names if name not in always]
    design = Design(frame, weight="w")
    found = drivers.importance(design, "y", rest, groups=groups, always=always)
    moments = complete(design, [*rest, *always, "y"])
    players = players_among([*rest, *always], groups, always)
    slow = explained(moments, found.labels[1 : len(players) + 1], lambda c: lmg(c, players))
    np.testing.assert_allclose(found.se[1 : len(players) + 1], slow.se, rtol=1e-7)
    rows = slice(1, len(players) + 1)
    np.testing.assert_allclose(found.covariance()[rows, rows], slow.covariance(), atol=1e-10)


def test_a_replicate_gives_the_shares_of_its_weights() -> None:
    """A jackknife's error is that of the shares made anew with one psu left out at a time, exactly."""
    frame, names = five()
    frame["psu"] = np.repeat(np.arange(15), 10)
    found = drivers.importance(replicate(Design(frame, weight="w", psu="psu"), "jackknife"), "y", names)
    left = np.array(
        [drivers.importance(Design(frame[frame["psu"] != psu], weight="w"), "y", names).values for psu in range(15)]
    )
    np.testing.assert_allclose(found.se, np.sqrt(14 / 15 * ((left - found.values) ** 2).sum(axis=0)), rtol=1e-9)


def rarely_used() -> pd.DataFrame:
    """Answers of 12 psus to three drivers, `rare` used in the first psu alone."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(180, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0], [0, 0, 1.0]])
    frame = pd.DataFrame(x, columns=["a", "b", "rare"]).assign(psu=np.repeat(np.arange(12), 15))
    frame["rare"] = np.where(frame["psu"] == 0, 2 + frame["rare"], 0.1)
    return frame.assign(y=x @ [0.6, 0.3, 0.0] + 0.3 * frame["rare"] + rng.normal(size=180))


@pytest.mark.parametrize("method", ["lmg", "johnson", "car", "pratt", "first", "last"])
@pytest.mark.parametrize("always", [[], ["b"]], ids=["alone", "control"])
def test_a_driver_that_does_not_vary_in_a_replicate_explains_nothing_there(method: Any, always: list[str]) -> None:
    """A jackknife's error is that of shares made anew, without the driver where its only psu is out; no replicate is lost."""
    frame = rarely_used().assign(c=np.random.default_rng(1).normal(size=180))
    names = [name for name in ["a", "b", "rare", "c"] if name not in always]

    def shares(rows: pd.DataFrame) -> dict[str, float]:
        used = [name for name in names if np.ptp(rows[name]) > 0]
        table = drivers.importance(Design(rows), "y", used, always=always, method=method).table()
        return dict(zip(table["item"], table["estimate"], strict=True))

    found = drivers.importance(
        replicate(Design(frame, psu="psu"), "jackknife"), "y", names, always=always, method=method
    )
    left = [shares(frame[frame["psu"] != psu]) for psu in range(12)]
    assert "rare" not in left[0]
    squares = [
        sum((each.get(item, 0.0) - value) ** 2 for each in left)
        for item, value in zip(found.labels["item"], found.values, strict=True)
    ]
    np.testing.assert_allclose(found.se, np.sqrt(11 / 12 * np.array(squares)), rtol=1e-8)
    assert not any("left out" in note for note in found.note)


def test_a_control_that_does_not_vary_in_a_replicate_explains_nothing_there() -> None:
    """Where the only psu that uses a control is out, shares are those without controls, and what it explains is 0."""
    frame = rarely_used()
    for method in ("lmg", "johnson"):
        found = drivers.importance(
            replicate(Design(frame, psu="psu"), "jackknife"), "y", ["a", "b"], always="rare", method=method
        )
        design = [Design(frame[frame["psu"] != psu]) for psu in range(12)]
        left = [[*drivers.importance(design[0], "y", ["a", "b"], method=method).values.tolist(), 0.0]]
        left += [
            drivers.importance(each, "y", ["a", "b"], always="rare", method=method).values.tolist()
            for each in design[1:]
        ]
        expected = np.sqrt(11 / 12 * ((np.array(left) - found.values) ** 2).sum(axis=0))
        np.testing.assert_allclose(found.se, expected, rtol=1e-8)


@pytest.mark.parametrize("method", ["lmg", "johnson", "last"])
def test_replicates_whose_drivers_determine_each_other_are_left_out_and_counted(method: Any) -> None:
    """Two drivers that differ in one psu alone are one driver without it: who explains what has no answer there."""
    frame = rarely_used()
    frame["twin"] = np.where(frame["psu"] == 0, frame["b"], frame["a"])
    design = replicate(Design(frame, psu="psu"), "jackknife")
    found = drivers.importance(design, "y", ["a", "twin", "b"], method=method)
    assert ["1 of 12 replicates gave no value and were left out"] * 4 == list(found.note)
    assert np.isfinite(found.se).all()

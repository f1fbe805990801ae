"""LMG shares: R by brute force, Grömping's published example, numeric gradients, a jackknife, and bad input."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from symmetry import drivers
from symmetry.design import Design
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


def frame_of(**columns: list[float]) -> Design:
    """A design of a few complete rows."""
    return Design(pd.DataFrame({"y": [1.0, 2, 3, 4, 6, 5], "a": [1.0, 3, 2, 5, 4, 6], **columns}))


@pytest.mark.parametrize(
    ("design", "predictors", "options", "message", "mend"),
    [
        (frame_of(), ["a"], {}, "cannot share R² among 1 predictors", "2 to 20"),
        (frame_of(), ["a", "a"], {}, "cannot share R² among 2 predictors", "different columns"),
        (frame_of(), ["a", "y"], {}, "cannot share R² among 2 predictors", "not the outcome"),
        (frame_of(), ["a"] * 21, {}, "cannot share R² among 21 predictors", "2 to 20"),
        (frame_of(), ["a", "b"], {}, "no column `b`", "columns of its data"),
        (frame_of(b=[2.0] * 6), ["a", "b"], {}, "same answer to `b`", "leave it out"),
        (frame_of(b=[2.0, 6, 4, 10, 8, 12]), ["a", "b"], {}, "a, b determine each other", "leave one of them out"),
        (
            frame_of(b=[1.0, 2, 3, None, None, None]),
            ["a", "b"],
            {},
            "3 respondents answered all of a, b, y",
            "fewer drivers",
        ),
        (frame_of(), ["a", "b"], {"method": "pratt"}, "no decomposition is called 'pratt'", "lmg"),
    ],
)
def test_drivers_that_cannot_be_ranked_are_refused(
    design: Design, predictors: list[str], options: dict[str, str], message: str, mend: str
) -> None:
    """Each fault of predictors is told with its remedy."""
    with pytest.raises(DesignError) as caught:
        drivers.importance(design, "y", predictors, **options)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend

"""ICC by roads of the tests' own: pingouin, expected mean squares by quadratic forms, rows against tables; what it refuses."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import weights
from symmetry.design import Design
from symmetry.errors import DataError, DesignError
from symmetry.measurement import agreement, icc, rwg
from tests.golden.reading import data

NAMES = ["icc1", "lower", "upper", "icc2", "icc2_lower", "icc2_upper", "k", "f", "df1", "df2", "p", "between", "within"]


def made_up(sizes: list[int], seed: int = 1, between: float = 0.5) -> pd.DataFrame:
    """Normal answers `y` and answers 1 to 5 `code` of units of these sizes."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(len(sizes)), sizes)
    y = rng.normal(0, between, len(sizes))[unit] + rng.normal(0, 1, len(unit))
    return pd.DataFrame({"unit": unit, "y": y, "code": np.clip(np.round(3 + y), 1, 5)})


def one(data: Any, item: str = "y", **options: Any) -> pd.Series:
    """The only row of an ICC table."""
    return icc(data, item, unit="unit", **options).table().iloc[0]


def same(a: pd.Series, b: pd.Series, names: list[str] = NAMES) -> None:
    """Two rows tell the same numbers."""
    np.testing.assert_allclose(a[names].astype(float), b[names].astype(float), rtol=1e-10, atol=1e-13)


def test_pingouin_tells_the_same_of_units_of_one_size() -> None:
    """ICC(1) and ICC(1,k) with their intervals (two digits there), F and p, by pingouin."""
    import pingouin

    frame = made_up([5] * 12)
    frame["person"] = np.tile(np.arange(5), 12)
    with warnings.catch_warnings(action="ignore"):  # of what pingouin does inside
        theirs = pingouin.intraclass_corr(frame, targets="unit", raters="person", ratings="y").set_index("Type")
    ours = one(frame)
    single, mean = theirs.iloc[0], theirs.iloc[3]
    np.testing.assert_allclose([ours["icc1"], ours["icc2"]], [single["ICC"], mean["ICC"]], rtol=1e-8)
    np.testing.assert_allclose([ours["f"], ours["p"]], [single["F"], single["pval"]], rtol=1e-8)
    bounds = next(name for name in theirs if name.startswith("CI"))
    np.testing.assert_allclose(ours[["lower", "upper"]].astype(float), single[bounds], atol=0.0051)
    np.testing.assert_allclose(ours[["icc2_lower", "icc2_upper"]].astype(float), mean[bounds], atol=0.0051)


def test_weighted_mean_squares_estimate_what_plain_ones_do() -> None:
    """E(MSW) = σ² and E(MSB) = σ² + n0 τ² whatever the weights, summed from the squares of single answers and of units."""
    frame = made_up([2, 3, 5, 4, 1])
    rng = np.random.default_rng(3)
    frame["w"] = rng.uniform(0.2, 4, len(frame))
    size = one(frame, weight="w")["k"]

    def squares(y: np.ndarray) -> np.ndarray:
        found = one(frame.assign(y=y.astype(float)), weight="w")
        return found[["between", "within"]].to_numpy(float)

    persons = sum(squares(np.arange(len(frame)) == row) for row in range(len(frame)))
    units = sum(squares(frame["unit"].to_numpy() == unit) for unit in range(5))
    np.testing.assert_allclose(persons, [1, 1], rtol=1e-12)
    np.testing.assert_allclose(units, [size, 0], atol=1e-12)


def test_equal_weights_change_nothing() -> None:
    """A design of equal weights, a weight column of one number, and no weights tell the same; so does any unit of weights."""
    frame = made_up([2, 3, 5, 4]).assign(w=2.5)
    rng = np.random.default_rng(5)
    frame["v"] = rng.uniform(0.5, 3, len(frame))
    plain = one(frame)
    same(plain, one(frame, weight="w"))
    same(plain, one(Design(frame)))
    same(one(frame, weight="v"), one(Design(frame.assign(v=frame["v"] * 100), weight="v", psu="unit")))
    assert abs(one(frame, weight="v")["icc1"] - plain["icc1"]) > 1e-3


def test_tabulated_answers_are_their_rows() -> None:
    """Counts of answers by unit, one item or several long by item, tell what the rows do; a count of 0 is nobody."""
    wide = data("nested").assign(unit=lambda d: d["company"] + d["region"] + d["unit"])
    items = ["trust", "care", "voice"]
    long = wide.melt("unit", items, "question", "answer").dropna()
    counted = long.value_counts(sort=False).rename("many").reset_index()
    counted = pd.concat([counted, counted.head(3).assign(answer=1.0, many=0)]).sample(frac=1, random_state=1)
    options: dict[str, Any] = {"unit": "unit", "low": 1, "high": 5}
    rows = agreement(wide, items, **options).table().set_index("item").sort_index()
    table = (
        agreement(counted, "answer", item="question", count="many", **options).table().set_index("item").sort_index()
    )
    pd.testing.assert_frame_equal(rows, table, rtol=1e-10)
    single = counted[counted["question"] == "trust"].rename(columns={"answer": "trust"})
    table = agreement(single, "trust", count="many", **options).table().set_index("item")
    pd.testing.assert_frame_equal(rows.loc[["trust"]], table, rtol=1e-10)


def test_weights_of_counted_people_are_each_ones() -> None:
    """A row of three people with a weight is three rows with that weight: correlations, rwg, AD."""
    frame = made_up([4, 5, 6, 3])
    rng = np.random.default_rng(6)
    frame["w"], frame["many"] = rng.uniform(0.3, 3, len(frame)), rng.integers(1, 5, len(frame))
    rows = frame.loc[frame.index.repeat(frame["many"])]
    options: dict[str, Any] = {"unit": "unit", "weight": "w", "low": 1, "high": 5}
    counted = agreement(frame, "code", count="many", **options).table()
    pd.testing.assert_frame_equal(counted, agreement(rows, "code", **options).table(), rtol=1e-10)


def test_order_names_and_units_of_answers_change_nothing() -> None:
    """Shuffled rows, renamed units, answers in another unit: the same correlations and intervals."""
    frame = made_up([2, 7, 5, 4, 3])
    other = frame.sample(frac=1, random_state=2).assign(
        unit=lambda d: "u" + (9 - d["unit"]).astype(str), y=lambda d: 40 - 10 * d["y"]
    )
    same(one(frame), one(other), [name for name in NAMES if name not in ("between", "within")])


def test_missing_answers_and_units_are_left_out_and_told() -> None:
    """A missing answer is out of its item; an answer without a unit is out, and the note counts it."""
    frame = made_up([4, 4, 4])
    holed = pd.concat([frame, pd.DataFrame({"unit": [0, np.nan, np.nan], "y": [np.nan, 2.0, 3.0]})])
    found = one(holed)
    same(found, one(frame))
    assert (found["n"], found["note"]) == (12, "2 answers without a unit left out")


def test_a_negative_correlation_is_kept_and_told() -> None:
    """People of one unit who differ more than the units do have an ICC(1) below 0, -1/(k - 1) at the least."""
    frame = pd.DataFrame({"unit": [1, 1, 2, 2, 3, 3], "y": [1, 5, 1, 5, 2, 5.0]})
    found = one(frame)
    assert -1 < found["icc1"] < 0
    assert found["note"].startswith("negative")
    flat = one(frame.assign(y=[1, 5, 5, 1, 1, 5]))
    assert (flat["icc1"], flat["lower"]) == (-1, -1)
    assert np.isnan(flat["icc2"])
    assert "ICC(2) has no value" in flat["note"]


@pytest.mark.parametrize(
    ("units", "answers", "note"),
    [
        ([1, 1, 1], [1, 2, 3], "one unit: nothing to compare it with"),
        ([1, 2, 3], [1, 2, 3], "one answer a unit: people and units cannot be told apart"),
        ([1, 1, 2], [0.1, 0.1, 0.1], "all answers are the same"),
        ([1, 1, 2], [np.nan] * 3, "nobody answered"),
        ([None, None, None], [1, 2, 3], "nobody answered; 3 answers without a unit left out"),
    ],
)
def test_what_has_no_correlation_says_why(units: list[Any], answers: list[float], note: str) -> None:
    """One unit, one answer a unit, no spread, no answers: no numbers, a note, no warning."""
    found = one(pd.DataFrame({"unit": units, "y": answers}))
    assert np.isnan(found[["icc1", "lower", "upper", "icc2", "p"]].astype(float)).all()
    assert found["note"] == note


def test_an_estimate_outside_its_interval_is_told() -> None:
    """Where large units are alike and small ones far apart, Wald's interval lies above ICC(1), and the note says so."""
    rng = np.random.default_rng(1)
    sizes = [400, 300] + [3] * 40
    level = np.array([0.0, 0.02, *rng.normal(0, 1.5, 40)])
    unit = np.repeat(np.arange(42), sizes)
    found = one(pd.DataFrame({"unit": unit, "y": level[unit] + rng.normal(0, 1, len(unit))}))
    assert found["icc1"] < found["lower"]
    assert found["note"].startswith("outside its interval")


def test_people_who_answer_alike_in_each_unit() -> None:
    """No spread inside any unit: both correlations are 1, and the note says so."""
    found = one(pd.DataFrame({"unit": [1, 1, 2, 2], "y": [0.1, 0.1, 0.3, 0.3]}))
    assert (found["icc1"], found["icc2"], found["f"]) == (1, 1, np.inf)
    assert "same answer" in found["note"]


def test_a_failed_item_leaves_the_others() -> None:
    """An item of equal answers has a note; the other item of the same call has its numbers."""
    table = icc(made_up([3, 4, 5]).assign(flat=2), ["flat", "y"], unit="unit").table()
    assert np.isnan(table["icc1"][0])
    assert table["note"][0] == "all answers are the same"
    same(table.loc[1], one(made_up([3, 4, 5])))


@pytest.mark.parametrize(
    ("error", "says", "call"),
    [
        (DataError, "did you mean `code`", lambda d: icc(d, "cod", unit="unit")),
        (DataError, "no column `branch`", lambda d: icc(d, "y", unit="branch")),
        (DataError, "did you mean `unit`", lambda d: icc(d, "y", unit="unti")),
        (DesignError, "not numeric", lambda d: icc(d.assign(y="often"), "y", unit="unit")),
        (DesignError, "infinite on row 1", lambda d: icc(d.assign(y=np.inf), "y", unit="unit")),
        (DesignError, "frame", lambda d: icc(d["y"].to_numpy(), "y", unit="unit")),
        (DataError, "is -1 on row 1", lambda d: icc(d.assign(m=-1), "y", unit="unit", count="m")),
        (DataError, "is 1.5 on row 1", lambda d: icc(d.assign(m=1.5), "y", unit="unit", count="m")),
        (DataError, "is nan on row 1", lambda d: icc(d.assign(m=np.nan), "y", unit="unit", count="m")),
        (DesignError, "weight", lambda d: icc(d.assign(w=np.nan), "y", unit="unit", weight="w")),
        (DesignError, "weight", lambda d: icc(d.assign(w=-1.0), "y", unit="unit", weight="w")),
        (DataError, "own weights", lambda d: icc(Design(d), "y", unit="unit", weight="code")),
        (DataError, "once each", lambda d: icc(d, ["y", "y"], unit="unit")),
        (DataError, "once each", lambda d: icc(d, [], unit="unit")),
        (DataError, "items=0 are no names of columns", lambda d: icc(d, 0, unit="unit")),
        (DataError, "one column of answers", lambda d: icc(d, ["y", "code"], unit="unit", item="unit")),
        (DataError, "no confidence level", lambda d: icc(d, "y", unit="unit", level=95)),
        (DataError, "no size of a unit", lambda d: icc(d, "y", unit="unit", k="median")),
        (DataError, "its scale runs from 1 to 5", lambda d: rwg(d, "y", unit="unit", low=1, high=5)),
    ],
)
def test_what_cannot_be_read_is_refused(error: type[Exception], says: str, call: Any) -> None:
    """Absent columns (with the nearest name), texts, infinities, counts and weights that are none, unknown options."""
    with pytest.raises(error, match=says.replace("(", r"\(")):
        call(made_up([3, 3]))


def test_weights_of_zero_are_nobody() -> None:
    """Answers of weight 0 count nowhere, nor do units that have no other."""
    frame = made_up([4, 4, 4, 2]).assign(w=lambda d: np.where(d["unit"] < 3, 1.0, 0.0))
    found = one(frame, weight="w")
    same(found, one(made_up([4, 4, 4, 2]).query("unit < 3")))
    assert (found["units"], found["n"]) == (3, 12)


def test_a_level_of_numpys_own_kind_is_one() -> None:
    """Any real number between 0 and 1 is a level."""
    frame = made_up([4, 3, 5])
    same(one(frame, level=np.float64(0.9)), one(frame, level=0.9))
    assert one(frame, level=np.float32(0.9))["lower"] == pytest.approx(one(frame, level=0.9)["lower"], abs=1e-6)


def test_negative_calibrated_weights_are_refused() -> None:
    """Linear calibration far from the sample leaves weights below 0: people are not dropped in silence, their number is told."""
    frame = made_up([4, 4, 4]).assign(x=[0.0] * 6 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    weighted = weights.calibrate(frame, {"x": frame["x"].sum() * 0.35}, total=len(frame))
    below = int((weighted["weight"] < 0).sum())
    assert below > 0
    with pytest.raises(DesignError, match=f"{below} of 12 weights are below 0") as caught:
        icc(Design(weighted, weight="weight"), "y", unit="unit")
    assert "raking" in str(caught.value)

"""A recipe weighs as its steps do, and calibrated weights keep what their variance needs."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate, weights
from symmetry.design import Design
from symmetry.errors import DataError
from tests.golden.reading import BANK_MARGINS, data

SAMPLE = pd.DataFrame({"region": ["n", "n", "s"], "w": [1, 2, 1], "x": [1.0, 2.0, 4.0]})
TARGET = {"region": {"n": 0.5, "s": 0.5}}
RAKED = weights.Step("rake", {"targets": BANK_MARGINS})


def test_a_recipe_without_steps_weighs_everybody_alike() -> None:
    """No starting weight and no margins: 1 for everybody; a starting weight alone is taken as it is."""
    assert [1.0, 1.0, 1.0] == weights.apply(weights.Recipe(), SAMPLE)["weight"].tolist()
    assert [1.0, 2.0, 1.0] == weights.apply(weights.Recipe(weight="w"), SAMPLE)["weight"].tolist()


def test_a_recipe_rakes_from_its_starting_weight() -> None:
    """Margins are reached by raking, from the recipe's starting weight."""
    customers = data("bank_customers")
    by_recipe = weights.apply(weights.Recipe([RAKED], weight="weight"), customers, name="fitted")
    pd.testing.assert_frame_equal(by_recipe, weights.rake(customers, BANK_MARGINS, weight="weight", name="fitted"))


def test_calibration_is_remembered_through_sorts() -> None:
    """Rows may move after raking: the calibration is still known, and only for its own weight column."""
    raked = weights.rake(SAMPLE, TARGET, weight="w", name="fitted")
    moved = raked.sort_values("x", ascending=False)
    expected = weights.Calibration("fitted", "fitted.starting", ("region",), len(SAMPLE))
    assert expected == weights.memory_of(moved, "fitted")
    assert weights.memory_of(moved, "w") is None
    assert weights.memory_of(SAMPLE, "w") is None


def test_calibrated_weights_without_their_columns_are_refused() -> None:
    """A design on raked weights whose margins are gone is refused: its variance would be too large, silently."""
    raked = weights.rake(SAMPLE, TARGET, weight="w")
    with pytest.raises(DataError, match="calibrated with columns that are gone: weight.starting, region") as caught:
        Design(raked.drop(columns=["region", "weight.starting"]), weight="weight")
    assert "keep these columns" in caught.value.problems[0].mend


def test_a_calibrated_frame_that_lost_rows_or_memory_is_refused() -> None:
    """A part of a raked sample no longer meets the margins; a frame without its memory would take the wrong variance."""
    raked = weights.rake(SAMPLE, TARGET, weight="w", name="fitted")
    with pytest.raises(DataError, match=r"calibrated on \d+ rows and 2 are here\n  mend: keep every row"):
        Design(raked.iloc[:2], weight="fitted")
    forgotten = raked.copy()
    forgotten.attrs.clear()
    with pytest.raises(DataError, match="no longer remembers how"):
        Design(forgotten, weight="fitted")


@pytest.mark.parametrize("edited", ["weight", "weight.starting"])
def test_edited_weights_are_refused(edited: str) -> None:
    """Weights cut by hand after raking would keep the calibrated error: refused, unless trimmed by the verb or forgotten."""
    raked = weights.rake(SAMPLE, TARGET, weight="w")
    assert weights.memory_of(raked.sort_values("x", ascending=False), "weight") is not None
    raked[edited] = raked[edited].clip(upper=1.1)
    with pytest.raises(DataError, match=f"the weights in `{edited}` were changed after the weighting") as caught:
        Design(raked, weight="weight")
    assert "`trim` caps weights" in caught.value.problems[0].mend
    assert '`forget(frame, "weight")`' in caught.value.problems[0].mend
    assert "weight `weight`" in repr(Design(weights.forget(raked), weight="weight"))


def test_one_weight_among_a_million_is_seen() -> None:
    """Two weights that trade a thousandth keep their sum; the sum of squares tells."""
    rng = np.random.default_rng(2)
    many = pd.DataFrame({"region": rng.choice(["n", "s"], 1_000_000), "w": rng.uniform(1, 2, 1_000_000)})
    raked = weights.rake(many, TARGET, weight="w")
    assert weights.memory_of(raked.sample(frac=1, random_state=1), "weight") is not None
    moved = raked["weight"].to_numpy(copy=True)
    moved[0], moved[1] = moved[:2].sum() + 1, -1
    with pytest.raises(DataError, match="were changed after the weighting"):
        weights.memory_of(raked.assign(weight=moved), "weight")


@pytest.mark.parametrize(
    ("how", "column", "values", "message"),
    [
        ("rake", "region", ["s", "n", "s"], "the total of `region` = n is 1.333333333, and `weight` was fitted to 2"),
        ("rake", "region", ["n", None, "s"], "the total of `region` = n is 0.6666666667"),
        ("rake", "region", ["n", "n", "west"], "the total of `region` = s is 0"),
        ("calibrate", "x", [1.0, 2.0, 5.0], "the total of `x` is 14, and `weight` was fitted to 12"),
        ("poststratify", "region", ["s", "n", "s"], "`region` was changed after the weighting"),
        ("crossed", "region", ["s", "n", "s"], "`region × w` was changed after the weighting"),
        ("several", "region", ["s", "n", "s"], "`region` was changed after the weighting"),
        ("several numbers", "x", [1.0, 2.0, 5.0], "`x` was changed after the weighting"),
    ],
)
def test_edited_targets_are_refused(how: str, column: str, values: list[Any], message: str) -> None:
    """A column that the weights were fitted to, edited afterwards: the weights no longer meet its totals."""
    calibrated = {"totals": {"region": {"n": 2, "s": 2}, "x": 12}}
    steps: dict[str, list[Any]] = {
        "rake": [("rake", {"targets": TARGET})],
        "calibrate": [("calibrate", calibrated)],
        "poststratify": [("poststratify", {"targets": {"n": 9, "s": 5, "w": 2}, "by": "region", "absent": "ignore"})],
        "crossed": [("rake", {"targets": {("region", "w"): {("n", 1): 1, ("n", 2): 1, ("s", 1): 2}}})],
        "several": [("trim", {"upper": 1.5}), ("rake", {"targets": TARGET})],
        "several numbers": [("trim", {"upper": 1.5}), ("calibrate", calibrated)],
    }
    found = weights.apply(weights.Recipe(steps[how], weight="w"), SAMPLE)
    assert found["weight"].sum() == Design(found, weight="weight", lonely_psu="remove").layout.weight.sum()
    with pytest.raises(DataError, match=re.escape(message)) as caught:
        Design(found.assign(**{column: values}), weight="weight")
    assert "weight the changed frame anew" in caught.value.problems[0].mend


def test_other_columns_and_other_types_are_free() -> None:
    """Answers may change, categories may change their type, and a loosely raked margin is held to its own tolerance."""
    found = weights.rake(SAMPLE, TARGET, weight="w", tolerance=0.01)
    Design(found.assign(x=0.0, region=found["region"].astype("category")), weight="weight")


def test_a_design_says_how_its_weights_were_made() -> None:
    """One calibration: what its residuals are of; several steps: what each has to tell, and no calibration."""
    customers = data("apiclus1")
    totals = {"stype": {"E": 4421, "H": 755, "M": 1018}, "api99": 3914069}
    one = weights.calibrate(customers, totals, weight="pw")
    said = "weights calibrated on `stype`, `api99`: linearised variances are those of the residuals"
    assert said in repr(Design(one, weight="weight", psu="dnum")).splitlines()[1]
    size = weights.calibrate(customers, {"api99": 3914069}, total=6194, weight="pw")
    assert "calibrated on the population's size and `api99`" in repr(Design(size, weight="weight", psu="dnum"))
    many = pd.DataFrame(np.random.default_rng(3).normal(5, 1, (50, 7)), columns=list("abcdefg"))
    wide = weights.calibrate(many, dict.fromkeys("abcdefg", 260.0))
    assert "calibrated on `a`, `b`, `c`, `d`, `e`, `f` …: linearised" in repr(Design(wide, weight="weight"))
    several = repr(Design(weights.trim(one, upper=60), weight="weight", psu="dnum"))
    assert "trimming: " in several
    assert "calibrated on" not in several
    assert "the weighting made again on each" in several


def test_an_answer_is_not_written_over() -> None:
    """Weights go to a new column, to `weight`, to the starting one or to earlier weights; an answer is refused."""
    with pytest.raises(DataError, match="has a column `x` already, which no weighting made") as caught:
        weights.rake(SAMPLE, TARGET, name="x")
    assert "`name=` that is free" in caught.value.problems[0].mend
    with pytest.raises(DataError, match="has a column `x` already"):
        weights.apply(weights.Recipe(weight="w"), SAMPLE, name="x")
    over = weights.rake(SAMPLE.assign(weight=7.0), TARGET)
    again = weights.rake(weights.rake(SAMPLE, TARGET, name="fit"), TARGET, weight="w", name="fit")
    own = weights.rake(SAMPLE, TARGET, weight="w", name="w")
    assert [4 / 3, 4 / 6] == pytest.approx([again["fit"].iloc[1], again["fit"].iloc[0]])
    assert again["fit"].tolist() == own["w"].tolist()
    assert 3 == pytest.approx(over["weight"].sum())


def test_forgetting_the_calibration_moves_the_error() -> None:
    """The memory matters: where margins explain answers, the plain formula gives another standard error."""
    customers = data("bank_customers")
    raked = weights.rake(customers, BANK_MARGINS, weight="weight", name="fitted")
    plain = raked.drop(columns="fitted.starting")
    plain.attrs.clear()
    known, forgotten = (estimate.mean(Design(frame, weight="fitted"), "listened") for frame in (raked, plain))
    assert known.values.tolist() == forgotten.values.tolist()
    assert known.se[0] < forgotten.se[0]

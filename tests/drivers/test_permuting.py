"""Permutation importance: losses made again row by row, what a straight line cannot see, psus kept whole, and bad input."""

from __future__ import annotations

import importlib.util

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design, replicate
from symmetry.drivers.shapes import permuting
from symmetry.drivers.shapes.permuting import permutation_importance
from symmetry.errors import DesignError

if importlib.util.find_spec("sklearn") is None:
    pytest.skip("scikit-learn is not installed: pip install 'symmetry[forest]'", allow_module_level=True)


def made(n: int = 600, seed: int = 1) -> pd.DataFrame:
    """A driver that works as a parabola, one as a line, one not at all, with psus, strata and weights."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=["bowl", "line", "none"])
    frame = frame.assign(psu=np.arange(n) % (n // 10), weight=rng.uniform(0.5, 2.0, n))
    return frame.assign(stratum=frame["psu"] % 3, y=frame["bowl"] ** 2 + frame["line"] + 0.7 * rng.normal(size=n))


def designed(frame: pd.DataFrame) -> Design:
    """With its roles."""
    return Design(frame, weight="weight", psu="psu", stratum="stratum")


NAMES = ["bowl", "line", "none"]


def test_what_no_line_can_see_is_seen() -> None:
    """The parabola matters to the forest and not to the line; of the driver without effect next to nothing is lost."""
    found = permutation_importance(designed(made(1200)), "y", NAMES).table().set_index(["statistic", "item"])
    assert found.loc[("r2_gain", "y"), "lower"] > 0.3
    assert found.loc[("permutation", "bowl"), "lower"] > 0.5
    assert found.loc[("permutation", "line"), "lower"] > 0.2
    assert abs(found.loc[("permutation", "none"), "estimate"]) < 0.02
    assert found["note"].str.contains("less than the whole").all()


def test_on_a_straight_truth_forest_and_line_explain_alike() -> None:
    """Where the truth is a line, the line explains what is there to explain, 4 / 5 here, and the forest gains nothing."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(2000, 2)), columns=["a", "b"])
    frame["y"] = frame["a"] * np.sqrt(3) + frame["b"] + rng.normal(size=2000)
    found = permutation_importance(Design(frame), "y", ["a", "b"]).table()
    assert found["estimate"][1] == pytest.approx(0.8, abs=0.03)
    assert -0.05 < found["estimate"][2] <= 0.005
    assert found["estimate"][3] == pytest.approx(2 * 3 / 5, abs=0.12)  # a dealt anew adds its variance twice
    assert found["estimate"][4] == pytest.approx(2 * 1 / 5, abs=0.06)


def test_values_and_errors_are_weighted_sums_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the losses of each row: ratios of weighted sums of squares, and errors of psu totals of what is left, by groupby."""
    frame, kept = made(), {}
    predicted = permuting._predicted

    def spy(sample: permuting._Sample, repeats: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        kept["sample"], kept["losses"] = sample, predicted(sample, repeats, seed)
        return kept["losses"]

    monkeypatch.setattr(permuting, "_predicted", spy)
    found = permutation_importance(designed(frame), "y", NAMES, repeats=2)
    rows, (forest, line, lost) = kept["sample"].rows, kept["losses"]
    own = frame.iloc[rows]
    w, y = own["weight"].to_numpy(), own["y"].to_numpy()
    spread = (y - np.average(y, weights=w)) ** 2
    scores = {0: spread - forest, 1: spread - line, 2: line - forest, 3: lost[:, 0], 4: lost[:, 1], 5: lost[:, 2]}
    for place, score in scores.items():
        ratio = (w @ score) / (w @ spread)
        left = own.assign(left=w * (score - ratio * spread) / (w @ spread))
        totals = left.groupby(["stratum", "psu"])["left"].sum()
        by = totals.groupby(level=0)
        assert found.values[place] == pytest.approx(ratio, rel=1e-12)
        assert found.variance[place] == pytest.approx((by.var() * by.size()).sum(), rel=1e-9)


def test_the_line_is_predicted_out_of_fold() -> None:
    """R² of the line is that of statsmodels' weighted regressions, each fold from the others."""
    import statsmodels.api as sm

    design = designed(made())
    sample = permuting._sample(design, "y", NAMES, 5, 0)
    _, line, _ = permuting._predicted(sample, 1, 0)
    for fold in range(5):
        out = sample.fold == fold
        fit = sm.WLS(sample.y[~out], sm.add_constant(sample.x[~out]), weights=sample.weight[~out]).fit()
        np.testing.assert_allclose(
            line[out], (sample.y[out] - fit.predict(sm.add_constant(sample.x[out]))) ** 2, rtol=1e-8
        )


def test_no_psu_is_on_both_sides() -> None:
    """Each psu is in one fold, each fold has psus of each stratum, and folds are of one size, give or take a psu."""
    frame = made()
    sample = permuting._sample(designed(frame), "y", NAMES, 5, 0)
    dealt = frame.iloc[sample.rows].assign(fold=sample.fold)
    assert len(dealt[["psu", "fold"]].drop_duplicates()) == 60
    assert (dealt.groupby("fold")["stratum"].nunique() == 3).all()
    counts = dealt.drop_duplicates("psu")["fold"].value_counts()
    assert counts.max() - counts.min() <= 1


def test_psus_that_are_only_remembered_explain_nothing() -> None:
    """An outcome that is its psu's own noise, with a driver that names the psu, is remembered and not explained."""
    rng = np.random.default_rng(5)
    psu = np.repeat(np.arange(60), 20)
    frame = pd.DataFrame(
        {
            "psu": psu,
            "name": rng.permutation(60)[psu] * 1.0,
            "y": rng.normal(size=60)[psu] + 0.1 * rng.normal(size=1200),
        }
    )
    whole = permutation_importance(Design(frame, psu="psu"), "y", ["name"]).values[0]
    apart = permutation_importance(Design(frame), "y", ["name"]).values[0]
    assert whole < 0.1
    assert apart > 0.6


def test_the_order_of_rows_and_the_unit_of_weights_never_matter() -> None:
    """Shuffled rows, other labels of psus in the same order and weights times 3 give the same numbers; another seed does not."""
    frame = made().round(1)
    first = permutation_importance(designed(frame), "y", NAMES, repeats=2)
    mixed = frame.sample(frac=1, random_state=2).assign(weight=lambda d: d["weight"] * 3, psu=lambda d: d["psu"] + 100)
    other = permutation_importance(designed(mixed), "y", NAMES, repeats=2)
    np.testing.assert_allclose(other.values, first.values, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(other.se, first.se, rtol=1e-9)
    again = permutation_importance(designed(frame), "y", NAMES, repeats=2)
    assert again.values.tobytes() == first.values.tobytes()
    assert (permutation_importance(designed(frame), "y", NAMES, repeats=2, seed=1).values != first.values).any()


def test_weights_are_respected_in_what_is_learnt_and_in_what_is_scored() -> None:
    """Two halves with opposite slopes: where one has all but none of the weight, its slope is what is explained."""
    rng = np.random.default_rng(6)
    x = rng.normal(size=1500)
    half = np.arange(1500) % 2
    frame = pd.DataFrame(
        {"x": x, "y": np.where(half, x, -x) + 0.3 * rng.normal(size=1500), "w": np.where(half, 1.0, 0.001)}
    )
    assert permutation_importance(Design(frame, weight="w"), "y", ["x"]).values[0] > 0.8
    assert permutation_importance(Design(frame), "y", ["x"]).values[0] < 0.1


def test_unequal_weights_deal_answers_out_as_often_as_they_weigh() -> None:
    """Over many deals each answer is dealt in proportion to its weight; with equal weights each exactly once."""
    w = np.array([1.0, 2.0, 3.0, 4.0])
    rng = np.random.default_rng(7)
    often = sum(np.bincount(permuting._deal(w, rng), minlength=4) for _ in range(20_000)) / 20_000
    np.testing.assert_allclose(often, 4 * w / w.sum(), atol=0.02)
    assert [0, 1, 2, 3] == sorted(permuting._deal(np.full(4, 0.7), rng))


def test_missing_answers_go_in_as_they_are() -> None:
    """Rows without some answers count, a missing answer may itself explain, and an item nobody answered loses 0 and says why."""
    frame = made()
    lacks = np.random.default_rng(8).random(600) < 0.3
    frame = frame.assign(line=frame["line"].mask(lacks), y=frame["y"] + 3 * lacks, empty=np.nan, same=2.0)
    table = permutation_importance(designed(frame), "y", [*NAMES, "empty", "same"], repeats=2).table().set_index("item")
    assert (table["n"] == 600).all()
    assert table.loc["line", "estimate"] > 0.3
    assert ["everybody gave the same answer"] * 2 == [
        note.split("; ")[1] for note in table.loc[["empty", "same"], "note"]
    ]
    assert table.loc[["empty", "same"], "estimate"].tolist() == [0.0, 0.0]


def test_replicates_give_nearly_the_linearised_errors() -> None:
    """A jackknife of the same design, its forests as they are, agrees with the linearised errors."""
    plain = designed(made())
    one = permutation_importance(plain, "y", NAMES, repeats=2)
    other = permutation_importance(replicate(plain, "jackknife"), "y", NAMES, repeats=2)
    np.testing.assert_allclose(other.values, one.values, rtol=1e-12)
    np.testing.assert_allclose(other.se, one.se, rtol=0.05)


def test_bad_input_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fault has its sentence, that of a missing package included."""
    frame = made().assign(same=1.0)
    design = designed(frame)
    with pytest.raises(DesignError, match="among its own drivers"):
        permutation_importance(design, "y", ["y", "line"])
    with pytest.raises(DesignError, match="`same` does not vary"):
        permutation_importance(design, "same", NAMES)
    with pytest.raises(DesignError, match="1 folds"):
        permutation_importance(design, "y", NAMES, folds=1)
    with pytest.raises(DesignError, match="60 psus do not make 61 folds"):
        permutation_importance(design, "y", NAMES, folds=61)
    with pytest.raises(DesignError, match="0 times"):
        permutation_importance(design, "y", NAMES, repeats=0)
    with pytest.raises(DesignError, match="`line` is infinite"):
        permutation_importance(designed(frame.assign(line=np.inf)), "y", NAMES)
    monkeypatch.setattr(permuting, "find_spec", lambda name: None)
    with pytest.raises(DesignError, match="scikit-learn") as told:
        permutation_importance(design, "y", NAMES)
    assert "pip install 'symmetry[forest]'" in told.value.problems[0].mend

"""Imputation by what it must keep: answers given, codes, classes, relations, weights; one seed, the same answers; bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, replicate, stack, two_phase
from symmetry.errors import DesignError

RNG = np.random.default_rng(3)
N = 400
FRAME = pd.DataFrame(
    {"psu": np.repeat(np.arange(40), 10), "side": RNG.choice(["l", "m"], N), "w": RNG.uniform(1, 3, N)}
)
FRAME["full"] = RNG.integers(1, 6, N) + 5.0 * (FRAME["side"] == "m")
FRAME["twin"] = FRAME["full"] * 10
FRAME["word"] = np.where(FRAME["full"] > 5, "high", "low")
GONE = RNG.random(N) < 0.3
FRAME["x"] = FRAME["full"].where(~GONE)
FRAME["y"] = FRAME["twin"].where(~GONE)
FRAME["text"] = FRAME["word"].where(~GONE)
FRAME["code"] = FRAME["x"].astype("Int64")
FRAME["kind"] = FRAME["text"].astype("category")
FRAME["other"] = (FRAME["full"] + RNG.normal(size=N)).where(RNG.random(N) > 0.2)
DESIGN = Design(FRAME, weight="w", psu="psu")
METHODS: list[dict[str, Any]] = [{"by": "side"}, {"method": "chained", "by": "side", "predictors": "other"}]
TWICE: dict[str, Any] = {"imputations": 2}


@pytest.mark.parametrize("options", METHODS)
def test_answers_given_stay_and_missing_ones_take_answers_given(options: dict[str, Any]) -> None:
    """Nothing is missing afterwards, nobody's answer is changed, only codes that somebody gave are there, marked and noted."""
    for one in estimate.impute(DESIGN, "x", **options, imputations=3):
        made = one.data["x"]
        assert not made.isna().any()
        pd.testing.assert_series_equal(made[~GONE], FRAME["x"][~GONE])
        assert set(made.unique()) <= set(FRAME["x"].dropna().unique())
        assert GONE.tolist() == one.data["x_imputed"].tolist()
        assert f"`x`: {GONE.sum()} of {N} answers imputed" in repr(one)
        assert FRAME["other"].isna().sum() == one.data["other"].isna().sum()


@pytest.mark.parametrize("options", METHODS)
def test_one_seed_gives_the_same_answers(options: dict[str, Any]) -> None:
    """The same call is the same to the byte, however many imputations; another seed and another imputation are not."""
    one, again = (estimate.impute(DESIGN, "x", **options, imputations=k, seed=5) for k in (2, 3))
    other = estimate.impute(DESIGN, "x", **options, **TWICE, seed=6)
    assert one[1].data["x"].to_numpy().tobytes() == again[1].data["x"].to_numpy().tobytes()
    assert not one[0].data["x"].equals(one[1].data["x"])
    assert not one[0].data["x"].equals(other[0].data["x"])


def test_one_donor_gives_a_row_all_it_lacks_of_any_type() -> None:
    """Numbers, texts, whole numbers with gaps and categories keep their types, and what belongs together stays together."""
    items = ["x", "y", "text", "code", "kind"]
    for one in estimate.impute(DESIGN, items, by="side", **TWICE):
        made = one.data
        assert FRAME[items].dtypes.tolist() == made[items].dtypes.tolist()
        np.testing.assert_array_equal(made["y"], 10 * made["x"])
        np.testing.assert_array_equal(made["text"] == "high", made["x"] > 5)
        np.testing.assert_array_equal(made["code"].to_numpy(float), made["x"])
        np.testing.assert_array_equal(made["kind"].astype(str), made["text"])
        assert ((made["x"] > 5) == (made["side"] == "m")).all()


def test_classes_with_few_donors_are_widened_and_told() -> None:
    """A class of too few donors takes the next wider one; the narrowest is kept where it can be."""
    frame = FRAME.assign(own=np.where(FRAME.index < 6, "few", "many"))
    frame.loc[:3, "x"] = np.nan
    one = estimate.impute(Design(frame), "x", by=["side", "own"], **TWICE)[0]
    wider = int(frame["x"].isna()[frame["own"] == "few"].sum())
    assert f"{wider} of {frame['x'].isna().sum()} rows from a wider class" in repr(one)
    assert ((one.data["x"] > 5) == (one.data["side"] == "m")).all()


def test_few_donors_of_all_are_told() -> None:
    """Where all donors together are fewer than a class should hold, the note says that errors are too small."""
    frame = FRAME.assign(x=FRAME["full"].where(FRAME.index < 2))
    one = estimate.impute(Design(frame), "x", **TWICE)[0]
    assert f"{N - 2} rows from fewer than 5 donors: errors too small" in repr(one)
    assert "fewer than" not in repr(estimate.impute(DESIGN, "x", by="side", **TWICE)[0])


@pytest.mark.parametrize("kind", ["boolean", object])
def test_yes_or_no_stays_yes_or_no(kind: Any) -> None:
    """Chained equations give a column of true and false back as such."""
    frame = FRAME.assign(yes=(FRAME["full"] > 3).astype(kind).where(~GONE))
    made = estimate.impute(Design(frame), "yes", method="chained", by="side", **TWICE)[0].data["yes"]
    assert frame["yes"].dtype == made.dtype
    assert {True, False} == set(made.tolist())
    assert "boolean" == pd.api.types.infer_dtype(made)


def test_donors_are_drawn_by_weight() -> None:
    """Of two answers, one of which stands for nine times as many people, that one is taken nine times in ten."""
    frame = pd.DataFrame({"x": np.tile([1.0, 0.0, np.nan], 2000), "w": np.tile([9.0, 1.0, 1.0], 2000)})
    one = estimate.impute(Design(frame, weight="w"), "x", **TWICE)[0]
    assert 0.9 == pytest.approx(one.data["x"][frame["x"].isna()].mean(), abs=0.03)


def test_donors_of_tied_predictions_are_many() -> None:
    """Predicted by a code, everybody of that code may be the donor, and not the same five each time."""
    rng = np.random.default_rng(8)
    n = 1000
    frame = pd.DataFrame({"level": rng.integers(1, 4, n).astype(float)})
    frame["x"] = frame["level"] + np.arange(n) / 1e6
    gone = rng.random(n) < 0.5
    truth, frame["x"] = frame["x"].copy(), frame["x"].where(~gone)
    made = [
        one.data["x"][gone]
        for one in estimate.impute(Design(frame), "x", method="chained", predictors="level", **TWICE)
    ]
    assert (np.round(made[0]) == np.round(truth[gone])).all()
    assert pd.concat(made).nunique() > 300


def test_chained_equations_keep_relations() -> None:
    """Items that go together go together among the imputed too, where a mean of classes would tear them apart."""
    rng = np.random.default_rng(4)
    z = rng.normal(size=1500)
    frame = pd.DataFrame({name: np.round(5 + 2 * z + rng.normal(size=1500)) for name in ("a", "b", "c")})
    whole = estimate.correlation(Design(frame), ["a", "b"]).values[0]
    for name in ("a", "b"):
        frame[name] = frame[name].where(rng.random(1500) > 0.3)
    made = estimate.impute(Design(frame), ["a", "b"], method="chained", predictors="c", imputations=3)
    both = estimate.combine([estimate.correlation(one, ["a", "b"]) for one in made])
    assert whole == pytest.approx(both.values[0], abs=0.03)


def test_audiences_are_imputed_apart_and_what_one_was_never_asked_stays_missing() -> None:
    """In a stacked design donors are of one's own audience; an item of one audience alone is not made up for the other."""
    customers, employees = FRAME[["psu", "x", "other"]], FRAME[["psu", "x"]].assign(x=FRAME["x"] + 100).head(200)
    both = stack({"c": Design(customers, psu="psu"), "e": Design(employees, psu="psu")})
    for options in ({}, {"method": "chained"}):
        made = estimate.impute(both, ["x", "other"], **options, **TWICE)[0].data
        assert ((made["x"] > 50) == (made["audience"] == "e")).all()
        assert (made["other"].isna() == (made["audience"] == "e")).all()


@pytest.mark.parametrize("options", METHODS)
def test_who_was_not_asked_gets_no_answer(options: dict[str, Any]) -> None:
    """What does not apply stays missing, by a column or an array."""
    due = np.arange(N) % 2 == 0
    for asked in ("due", due):
        made = estimate.impute(Design(FRAME.assign(due=due)), "x", asked=asked, **options, **TWICE)[0].data
        assert (GONE & ~due).tolist() == made["x"].isna().tolist()


def test_replicates_two_phases_and_calibrated_weights_stay_with_the_design() -> None:
    """An imputed design has the errors of the design it came from: the same replicates, phases and weights."""
    inside = np.arange(N) % 2 == 0
    for design in (
        replicate(DESIGN, "jackknife"),
        two_phase(Design(FRAME.assign(inside=inside), weight="w"), subset="inside"),
    ):
        made = estimate.impute(design, "x", **TWICE)
        np.testing.assert_array_equal(design.layout.weight, made[0].layout.weight)
        assert not made[0].data["x"].isna().any()
        one, other = (estimate.mean(each, "full") for each in (design, made[1]))
        np.testing.assert_allclose(one.se, other.se, rtol=1e-12)


def test_a_clustered_design_without_its_psus_as_classes_says_so() -> None:
    """Errors are too small where members of a psu answer alike and donors come from anywhere: the note travels."""
    without, among = (estimate.impute(DESIGN, "x", by=by, **TWICE)[0] for by in ("side", ["side", "psu"]))
    assert "psus are no classes" in repr(without)
    assert "psus are no classes" not in repr(among)
    combined = estimate.combine([estimate.mean(one, "x") for one in estimate.impute(DESIGN, "x", **TWICE)])
    assert "psus are no classes" in estimate.provenance(combined).set_index("about").loc["assumed", "value"]


def test_predictors_may_be_categories_or_missing() -> None:
    """Categories become indicators, a missing predictor one of its own; what does not vary tells nothing."""
    frame = FRAME.assign(same=1.0, colour=pd.Series(np.where(FRAME["full"] > 5, "red", None), dtype="string"))
    made = estimate.impute(Design(frame), "x", method="chained", predictors=["colour", "same", "other"], **TWICE)[
        0
    ].data
    assert ((made["x"] > 5) == (made["side"] == "m")).all()


@pytest.mark.parametrize(
    ("items", "options", "message", "mend"),
    [
        ("x", {"imputations": 1}, "imputations=1 is fewer than 2", "20 are usual"),
        ("x", {"imputations": 2.5}, "imputations=2.5", "20 are usual"),
        ("x", {"seed": -1}, "seed=-1", "whole number"),
        ("x", {"at_least": 0}, "at_least=0", "whole number"),
        ("nobody", {}, "have no column `nobody`", "name one of its columns"),
        ("x", {"by": "nobody"}, "have no column `nobody`", "name one of its columns"),
        ("gone", {}, "nobody answered `gone`", "missing everywhere"),
        ("gone", {"method": "chained"}, "nobody answered `gone`", "missing everywhere"),
        ("x", {"method": "mean"}, "no way to impute is called 'mean'", "hot_deck"),
        ("x", {"predictors": "other"}, "takes classes and no predictors", "chained"),
        ("x", {"by": "x"}, "named twice", "once"),
        ("text", {"method": "chained"}, "`text` is not numeric", "codes"),
        ("x", {"method": "chained", "predictors": "gone"}, "predictor `gone` is missing everywhere", "leave it out"),
        ("x", {"asked": "nobody"}, "`asked` says of every row", "true and false"),
        ("x", {"asked": np.ones(3, bool)}, "`asked` says of every row", "true and false"),
        ("endless", {"method": "chained"}, "`endless` is infinite on row 1", "leave it missing"),
        ("x", {"method": "chained", "predictors": "endless"}, "`endless` is infinite on row 1", "leave it missing"),
        (["first", "second"], {}, "nobody answered all of `first`, `second`", "chained"),
    ],
)
def test_what_cannot_be_imputed_is_refused(items: Any, options: dict[str, Any], message: str, mend: str) -> None:
    """One imputation, an item nobody answered, absent columns and wrong options: each with its remedy."""
    half = np.arange(N) < N // 2
    frame = FRAME.assign(
        gone=np.nan,
        endless=FRAME["full"].where(FRAME.index > 0, np.inf),
        first=FRAME["full"].where(half),
        second=FRAME["full"].where(~half),
    )
    with pytest.raises(DesignError, match=message) as caught:
        estimate.impute(Design(frame), items, **options)
    assert mend in caught.value.problems[0].mend


def test_a_predictor_with_a_value_a_row_is_refused() -> None:
    """Thousands of effects, a respondent's number for instance, are told before they fill the memory."""
    size = 8000
    frame = pd.DataFrame({"name": [f"r{row}" for row in range(size)], "x": np.arange(size, dtype=float)})
    frame.loc[0, "x"] = np.nan
    with pytest.raises(DesignError, match="`name` has 8,000 different values") as caught:
        estimate.impute(Design(frame), "x", method="chained", predictors="name", **TWICE)
    assert "hot deck" in caught.value.problems[0].mend


def test_what_is_imputed_is_not_imputed_again() -> None:
    """An imputed item is refused, other items of the same design are not."""
    made = estimate.impute(DESIGN, "x", **TWICE)[0]
    with pytest.raises(DesignError, match="`x` is imputed already"):
        estimate.impute(made, "x")
    more = estimate.impute(made, "other", method="chained", predictors="x", **TWICE)[0]
    assert not more.data["other"].isna().any()
    assert "`x`:" in repr(more)

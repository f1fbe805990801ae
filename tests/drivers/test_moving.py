"""What-ifs: R's svyglm, svyolr and vcov(svytotal), rows moved by brute force, weights nudged, known causes, bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design, replicate
from symmetry.drivers.moving.caution import caution
from symmetry.drivers.moving.moving import WhatIf, what_if
from symmetry.errors import DesignError
from tests.golden.reading import data, golden, sample_designs

THREE = ["listened", "kept", "helped"]


def expected(name: str, found: WhatIf, what: str) -> list[float]:
    """R's numbers in the order of our rows."""
    theirs, table = golden("moving", name), found.table()
    return [theirs[item, end, what] for item, end in zip(table["item"], table["statistic"], strict=True)]


def answers(n: int = 60, seed: int = 1) -> pd.DataFrame:
    """Coded answers `a` (codes 1 2 4 7), `b` (1 to 5), a control and an outcome 0 to 10, with weights."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": rng.choice([1, 2, 4, 7], n), "c": rng.normal(size=n), "w": rng.uniform(0.5, 2, n)})
    frame["b"] = np.clip(np.round(frame["a"] / 3 + rng.normal(2, 1, n)), 1, 5)
    frame["y"] = np.clip(np.round(2 + 0.5 * frame["a"] + 0.8 * frame["b"] + frame["c"] + rng.normal(0, 1.5, n)), 0, 10)
    return frame


@pytest.mark.parametrize("name", ["weights_alone", "bank", "bank_raked"])
def test_changes_and_errors_agree_with_r(name: str) -> None:
    """Slopes times the mean step of those who can move; errors by a numeric gradient on vcov(svytotal), good to nine digits."""
    designs = sample_designs() | {"weights_alone": Design(data("bank_customers"), weight="weight")}
    found = what_if(designs[name], "recommend", THREE)
    np.testing.assert_allclose(found.estimate.values, expected(name, found, "value"), rtol=1e-10)
    np.testing.assert_allclose(found.estimate.se, expected(name, found, "se"), rtol=1e-8)


@pytest.mark.parametrize("name", ["weights_alone", "bank"])
def test_where_all_can_move_it_is_the_slope_of_svyglm(name: str) -> None:
    """On a scale whose top box nobody has, the change is a tenth of the partial or simple slope, and so is its error."""
    design = {"weights_alone": Design(data("bank_customers"), weight="weight"), "bank": sample_designs()["bank"]}[name]
    found = what_if(design, "recommend", THREE, scales=dict.fromkeys(THREE, (1, 6)))
    np.testing.assert_allclose(found.estimate.values, expected(name, found, "value.free"), rtol=1e-9)
    np.testing.assert_allclose(found.estimate.se, expected(name, found, "se.free"), rtol=1e-8)
    assert found.top.tolist() == [0.0] * 6


def test_the_ordinal_change_agrees_with_svyolr() -> None:
    """Expected codes of everybody at the coefficients of svyolr, run as far as its optimiser goes."""
    found = what_if(sample_designs()["bank"], "recommend", THREE, model="ordinal")
    np.testing.assert_allclose(found.estimate.values, expected("bank", found, "value.ordinal"), rtol=1e-6)


@pytest.mark.parametrize("move", [0.1, 0.9])
def test_moving_rows_by_hand_gives_the_same(move: float) -> None:
    """Each respondent below the top box takes the next code, weighs what moves of him, and is predicted anew."""
    frame = answers()
    found = what_if(Design(frame, weight="w"), "y", ["a", "b"], move=move, always="c").table()
    w, following = frame["w"].to_numpy(), {1: 2, 2: 4, 4: 7, 7: 7}

    def predicted(columns: list[str], changed: pd.DataFrame) -> np.ndarray:
        x, at = (np.column_stack([np.ones(len(frame)), one[columns]]) for one in (frame, changed))
        return np.asarray(at @ np.linalg.lstsq(x * np.sqrt(w)[:, None], frame["y"] * np.sqrt(w), rcond=None)[0])

    for row, (end, item) in enumerate([("direct", "a"), ("direct", "b"), ("total", "a"), ("total", "b")]):
        up = frame["a"].map(following) if item == "a" else np.minimum(frame["b"] + 1, 5)
        free = (up > frame[item]).to_numpy()
        moved = min(move, w[free].sum() / w.sum())
        columns = ["a", "b", "c"] if end == "direct" else [item, "c"]
        gain = predicted(columns, frame.assign(**{item: up})) - predicted(columns, frame)
        by_hand = moved * (w * gain)[free].sum() / w[free].sum()
        assert [found["statistic"][row], found["item"][row]] == [end, item]
        np.testing.assert_allclose([found["estimate"][row], found["moved"][row]], [by_hand, moved], rtol=1e-10)
        assert ("can move" in found["note"][row]) == (moved < move)


NUDGED: list[dict[str, Any]] = [
    {},
    {"always": "c"},
    {"move": 0.95},
    {"statistic": "nps", "move": 0.3},
    {"scales": {"y": (0, 10), "a": (1, 3)}, "move": 1.0},
    {"model": "ordinal", "always": "c", "move": 0.95},
    {"model": "ordinal", "statistic": "top_box", "at_least": 7},
]


@pytest.mark.parametrize("options", NUDGED, ids=str)
def test_errors_are_those_of_weights_nudged_one_by_one(options: dict[str, Any]) -> None:
    """Each respondent's weight a little up and down gives his influence, by nothing but the value; their squares the variance."""
    frame = answers(40)
    if options.get("scales"):
        frame["a"] = np.minimum(frame["a"], 2)
        frame["y"] = np.where(frame["a"] > 1, 10, frame["y"])

    def values(w: np.ndarray) -> np.ndarray:
        return what_if(Design(frame.assign(w=w), weight="w"), "y", ["a", "b"], **options).estimate.values

    w, h = frame["w"].to_numpy(), 1e-4
    nudged = np.array([(values(w * (1 + h * one)) - values(w * (1 - h * one))) / (2 * h) for one in np.eye(len(frame))])
    se = np.sqrt(len(w) / (len(w) - 1) * ((nudged - nudged.mean(axis=0)) ** 2).sum(axis=0))
    found = what_if(Design(frame, weight="w"), "y", ["a", "b"], **options)
    assert any("held where" in note for note in found.estimate.note) == ("scales" in options)
    np.testing.assert_allclose(found.estimate.se, se, rtol=2e-6)


def test_replicates_make_the_linear_change_anew() -> None:
    """A jackknife design's error is that of the what-if asked again without each branch, others weighing more."""
    frame = data("bank_customers").dropna(subset=[*THREE, "recommend"]).reset_index(drop=True)
    design = Design(frame, weight="weight", stratum="region", psu="branch")
    jackknife = what_if(replicate(design, "jackknife"), "recommend", THREE, move=0.8).estimate
    whole = what_if(design, "recommend", THREE, move=0.8).estimate
    variance = np.zeros(6)
    for _, region in frame.groupby("region"):
        size = region["branch"].nunique()
        for branch in region["branch"].unique():
            factor = np.where(frame["region"] == region["region"].iloc[0], size / (size - 1), 1.0)
            w = frame["weight"] * factor * (frame["branch"] != branch)
            without = what_if(
                Design(frame.assign(weight=w), weight="weight"), "recommend", THREE, move=0.8
            ).estimate.values
            variance += (size - 1) / size * (without - whole.values) ** 2
    np.testing.assert_allclose(jackknife.values, whole.values, rtol=1e-12)
    np.testing.assert_allclose(jackknife.se, np.sqrt(variance), rtol=1e-9)
    np.testing.assert_allclose(jackknife.se, whole.se, rtol=0.15)


def test_replicates_serve_the_ordinal_change_too() -> None:
    """With replicates the coefficients' own spread is used: near the linearised error, the change the same."""
    design = Design(data("bank_customers"), weight="weight", stratum="region", psu="branch")
    found = [
        what_if(one, "recommend", THREE, model="ordinal").estimate for one in (design, replicate(design, "jackknife"))
    ]
    np.testing.assert_allclose(found[1].values, found[0].values, rtol=1e-10)
    np.testing.assert_allclose(found[1].se, found[0].se, rtol=0.08)


def test_the_new_mean_never_leaves_the_outcomes_scale() -> None:
    """However steep the slope, a mean plus its change stops at the outcome's end, and the note says so."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.choice([1, 2, 3], 200, p=[0.2, 0.75, 0.05])})
    frame["y"] = np.where(frame["a"] > 1, 4, 1) * rng.choice([1, 0.5], 200, p=[0.95, 0.05])
    frame["down"] = 5 - frame["y"]
    for made in (Design(frame), replicate(Design(frame), "bootstrap", replicates=50)):
        for outcome, end in (("y", 4.0), ("down", 1.0)):
            found = what_if(made, outcome, "a", move=1.0)
            np.testing.assert_allclose(frame[outcome].mean() + found.estimate.values, end, rtol=1e-12)
            assert all("held where" in note for note in found.estimate.note)
            bounds = frame[outcome].mean() + found.table()[["lower", "upper"]].to_numpy()
            assert ((bounds >= 1 - 1e-12) & (bounds <= 4 + 1e-12)).all()
            free = what_if(made, outcome, "a", move=0.1).estimate
            assert 1 < frame[outcome].mean() + free.values[0] < 4
            assert not any(free.note)
            np.testing.assert_allclose(
                free.table()["upper"] - free.values, free.values - free.table()["lower"], rtol=1e-9
            )


def test_the_two_ends_hold_the_truth_of_a_known_chain() -> None:
    """A driver that half causes and half only goes along with another: the true change lies between direct and total."""
    rng = np.random.default_rng(5)
    n = 100_000
    common, noise = rng.normal(size=(2, n))
    taste, luck = rng.normal(size=(2, n))

    def world(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        b = np.clip(np.round(1.5 + 0.3 * a + 0.6 * common + 0.8 * noise), 1, 5)
        return b, 0.7 * a + 0.5 * b + luck

    a = np.clip(np.round(3 + 0.9 * common + 0.8 * taste), 1, 5)
    b, y = world(a)
    movers = (a < 5) & (rng.random(n) < 0.2 / (a < 5).mean())
    truth = world(a + movers)[1].mean() - y.mean()
    direct, total = what_if(Design(pd.DataFrame({"a": a, "b": b, "y": y})), "y", ["a", "b"], move=0.2).estimate.values[
        [0, 2]
    ]
    assert 0.14 - 0.004 < direct < 0.14 + 0.004  # 0.2 of a slope of 0.7
    assert direct + 0.01 < truth < total - 0.01


def test_mood_alone_makes_both_ends_and_nothing_is_moved() -> None:
    """Where a mood colours driver and outcome, both ends promise a change that never comes: why the caution is printed."""
    rng = np.random.default_rng(6)
    mood = rng.normal(size=5_000)
    frame = pd.DataFrame({name: np.clip(np.round(3 + mood + rng.normal(size=5_000)), 1, 5) for name in "aby"})
    found = what_if(Design(frame), "y", ["a", "b"]).table()
    assert (found["lower"] > 0.01).all()


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """1,500 samples of 120 clusters: 95 % intervals of direct and total changes cover the population's in 93 to 97 %."""
    rng = np.random.default_rng(11)

    def sample(clusters: int, size: int = 10) -> pd.DataFrame:
        unit = np.repeat(np.arange(clusters), size)
        mood = rng.normal(size=clusters)[unit] * 0.5 + rng.normal(size=len(unit))
        a, b = (np.clip(np.round(3 + 0.7 * mood + rng.normal(size=len(unit))), 1, 5) for _ in range(2))
        return pd.DataFrame(
            {"u": unit, "a": a, "b": b, "y": 0.5 * a + 0.3 * b + 0.5 * mood + rng.normal(size=len(unit))}
        )

    truth = what_if(Design(sample(100_000), psu="u"), "y", ["a", "b"]).estimate.values
    covered = np.zeros(4)
    for _ in range(1_500):
        table = what_if(Design(sample(120), psu="u"), "y", ["a", "b"]).table()
        covered += ((table["lower"] <= truth) & (truth <= table["upper"])).to_numpy()
    assert ((1_395 <= covered) & (covered <= 1_455)).all(), covered


def test_every_table_carries_the_caution_in_both_languages() -> None:
    """The table's attributes, the printed what-if and `caution` tell the same text; another language is refused."""
    found = what_if(Design(answers()), "y", ["a", "b"])
    assert found.table().attrs["caution"] == found.caution() == caution("en")
    assert found.table(language="fr").attrs["caution"] == found.caution("fr") == caution("fr")
    assert str(found).endswith(caution("en"))
    assert "direct" in str(found)
    for told, words in (
        ("en", ["association", "promise", "mood", "direction"]),
        ("fr", ["liens", "promesse", "humeur", "sens"]),
    ):
        assert all(word in caution(told) for word in words)
    with pytest.raises(DesignError, match="caution is not written in 'de'"):
        caution("de")


def test_the_unit_of_weights_and_the_order_of_drivers_change_nothing() -> None:
    """Weights times 7 and drivers in another order: the same rows."""
    frame = answers()
    one = what_if(Design(frame, weight="w"), "y", ["a", "b"]).table().set_index(["statistic", "item"])
    other = what_if(Design(frame.assign(w=7 * frame["w"]), weight="w"), "y", ["b", "a"]).table()
    other = other.set_index(["statistic", "item"]).loc[one.index]
    pd.testing.assert_frame_equal(one, other, rtol=1e-10)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"design": "frame"}, "wants a Design"),
    ({"outcome": "a"}, "among its own drivers"),
    ({"predictors": ["a", "a"]}, "named twice"),
    ({"predictors": []}, "0 drivers"),
    ({"predictors": ["a", "absent"]}, "absent"),
    ({"predictors": ["a", "flat"]}, "same answer to `flat`"),
    ({"predictors": ["a", "twin"]}, "determine each other"),
    ({"predictors": ["a", "twin"], "model": "ordinal"}, "determine each other"),
    ({"predictors": ["a", "empty"]}, "0 respondents answered"),
    ({"predictors": ["a", "c"]}, "60 different answers"),
    ({"predictors": ["a", "text"]}, "not numeric"),
    ({"scales": {"a": (1, 5)}}, "`a` holds 7"),
    ({"scales": {"a": (7, 1)}}, "codes that grow"),
    ({"scales": {"d": (1, 5)}}, "not used"),
    ({"scales": {"y": (1, 5)}}, "which its scale"),
    ({"move": 0}, "no share"),
    ({"move": 10}, "no share"),
    ({"move": True}, "no share"),
    ({"move": "some"}, "no share"),
    ({"move": np.nan}, "no share"),
    ({"model": "forest"}, "no model"),
    ({"statistic": "median"}, "no statistic"),
    ({"statistic": "top_box"}, "lowest answer"),
    ({"outcome": "c", "predictors": ["a", "b"], "statistic": "nps"}, "0-10"),
    ({"predictors": ["a", "rare"]}, "3 respondents answered"),
]


@pytest.mark.parametrize(("options", "told"), REFUSED, ids=[told for _, told in REFUSED])
def test_what_cannot_be_asked_is_refused_with_a_mend(options: dict[str, Any], told: str) -> None:
    """Every refusal says what is wrong and what to do."""
    frame = answers().assign(flat=3, empty=np.nan, text="yes")
    frame = frame.assign(twin=2 * frame["a"] + 1, rare=frame["b"].where(frame.index < 3))
    asked: dict[str, Any] = {"design": Design(frame, weight="w"), "outcome": "y", "predictors": ["a", "b"]}
    with pytest.raises(DesignError, match=told) as caught:
        what_if(**(asked | options))
    assert all(problem.mend for problem in caught.value.problems)

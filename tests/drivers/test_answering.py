"""Ways to deal with missing answers: regressions and Rubin's rules by hand, San Francisco airport; by simulation, what EM makes
of answers that do not apply.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from symmetry import drivers, estimate
from symmetry.design import Design
from symmetry.drivers.covariances import complete
from symmetry.drivers.importance import shares_of
from symmetry.drivers.missing.answering import entering, moments_of
from symmetry.drivers.missing.em import em
from symmetry.drivers.missing.lacking import losses, users, with_usage
from symmetry.drivers.missing.pairwise import pairwise
from symmetry.drivers.players import players_among
from symmetry.errors import DesignError

AIRPORT = Path(__file__).parents[3] / "shared" / "data" / "sfo_airport" / "sfo_2014_2017.csv.gz"


def passengers(n: int, seed: int = 1, share: float = 0.6) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Food rated by all, a train rated by the share who took it, an outcome; and why ratings are absent."""
    rng = np.random.default_rng(seed)
    took = rng.random(n) < share
    food, train = rng.normal(size=n), rng.normal(size=n)
    overall = 0.6 * food + np.where(took, 0.8 * train - 0.5, 0.0) + rng.normal(size=n)
    answers = pd.DataFrame({"food": food, "train": np.where(took, train, np.nan), "overall": overall})
    return answers, pd.DataFrame({"train": np.where(took, "", "not applicable")})


def r2(columns: list[np.ndarray], y: np.ndarray, w: np.ndarray) -> float:
    """R² of a weighted regression on the rows."""
    x = np.column_stack([np.ones(len(y)), *columns])
    root = np.sqrt(w)
    fit = x @ np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0]
    middle = w @ y / w.sum()
    return float(1 - w @ (y - fit) ** 2 / (w @ (y - middle) ** 2))


def test_used_it_and_its_rating_are_one_player() -> None:
    """Shares by hand: two players, the second of which is the two columns of the item that does not apply to all."""
    answers, why = passengers(300)
    answers["weight"] = np.random.default_rng(2).uniform(0.5, 2.0, 300)
    design = Design(answers, weight="weight")
    moments, groups = moments_of(design, "overall", ["food", "train"], "indicator", why)
    assert groups == {"train": ("train: used", "train: rating")}
    found = shares_of(moments, players_among(moments.predictors, groups, ()))
    y, w, took = (answers["overall"].to_numpy(), answers["weight"].to_numpy(), why["train"].to_numpy() == "")
    rating = np.where(took, answers["train"].fillna(0.0), 0.0)  # another centre, the same fit
    both, food, train = (
        r2(some, y, w) for some in ([answers["food"], took, rating], [answers["food"]], [took, rating])
    )
    expected = [both, (food + both - train) / 2, (train + both - food) / 2]
    np.testing.assert_allclose(found.values, expected, rtol=1e-10)
    assert ["overall", "food", "train"] == found.labels["item"].tolist()
    assert (300, "") == (moments.n, moments.note)


def test_the_rating_is_centred_among_users() -> None:
    """Those who did not use it stand at the average user's rating; what is missing for another reason stays missing."""
    answers = pd.DataFrame({"train": [4.0, 2.0, np.nan, np.nan], "food": [1.0, 2, 3, 4], "y": [1.0, 2, 3, 5]})
    why = pd.DataFrame({"train": ["", "", "not applicable", "refused"]})
    columns, names, pairs = with_usage(
        Design(answers.assign(w=[3.0, 1, 1, 1]), weight="w"), ["train", "food"], why, "y"
    )
    assert ["train: used", "train: rating", "food", "y"] == names
    assert {"train": ("train: used", "train: rating")} == pairs
    np.testing.assert_array_equal([1.0, 1.0, 0.0, np.nan], columns[0])
    np.testing.assert_array_equal([0.5, -1.5, 0.0, np.nan], columns[1])
    assert ["food", "y"] == columns[2:]


def test_users_are_those_to_whom_every_item_applies() -> None:
    """The moments are those of users alone, the others keep their place in the design; the note counts."""
    answers, why = passengers(300)
    took = answers["train"].notna().to_numpy()
    design = Design(answers.assign(psu=np.arange(300) % 20), psu="psu")
    moments, groups = moments_of(design, "overall", ["food", "train"], "users", why)
    expected = complete(design, ["food", "train", "overall"], within=took)
    np.testing.assert_allclose(moments.correlation, expected.correlation, rtol=1e-12)
    assert groups is None
    assert f"of users: {took.sum()} of 300 respondents, those to whom every item applies" == moments.note


def test_what_users_left_blank_goes_by_em() -> None:
    """Among those to whom an item applies, a refusal is missing at random and the note says so."""
    answers, why = passengers(300)
    took = answers["train"].notna().to_numpy()
    answers.loc[:40, "food"] = np.nan
    moments, _ = moments_of(Design(answers), "overall", ["food", "train"], "users", why)
    expected = em(Design(answers), ["food", "train", "overall"], within=took)
    np.testing.assert_allclose(moments.correlation, expected.correlation, rtol=1e-12)
    assert "EM takes what is missing as missing at random; of users:" in moments.note


def test_each_way_is_its_own_road() -> None:
    """By name: listwise, EM, pairs."""
    answers, _ = passengers(300)
    design, names = Design(answers), ["food", "train", "overall"]
    for missing, road in (("listwise", complete), ("em", em), ("pairwise", pairwise)):
        moments, groups = moments_of(design, "overall", ["food", "train"], missing)
        np.testing.assert_array_equal(road(design, names).correlation, moments.correlation)
        assert groups is None
    assert "of 300 respondents answered every item used" in moments_of(design, "overall", ["food", "train"])[0].note


def test_em_on_what_does_not_apply_says_so() -> None:
    """EM of answers that are no answers is done as asked, and the note names the items and the other ways."""
    answers, why = passengers(300)
    why.loc[why.index[why["train"] == "not applicable"][:7], "train"] = "don't know"
    for missing, word in (("em", "EM fills in"), ("pairwise", "pairs leave out")):
        note = moments_of(Design(answers), "overall", ["food", "train"], missing, why)[0].note
        assert f'train: "not applicable" is not missing, and {word} as if they had an opinion' in note
        assert "don't know (7 respondents) taken as missing at random" in note
    assert "not applicable" not in moments_of(Design(answers), "overall", ["food", "train"], "em")[0].note


def test_groups_take_in_the_columns_their_items_became() -> None:
    """An item of a group keeps its place in it; a control's columns stand among the controls."""
    answers, why = passengers(300)
    answers["gate"] = np.random.default_rng(3).normal(size=300)
    _, groups = moments_of(
        Design(answers), "overall", ["food", "train", "gate"], "indicator", why, groups={"way": ["train", "gate"]}
    )
    assert groups == {"way": ("train: used", "train: rating", "gate")}
    _, alone = moments_of(Design(answers), "overall", ["food", "train", "gate"], "indicator", why)
    assert entering(["train"], alone) == (("train: used", "train: rating"), None)
    assert entering(["gate"], None) == (("gate",), None)


def test_losses_count_every_reason() -> None:
    """Each respondent without an item is counted under one reason, and in the last row under every reason they have."""
    answers = pd.DataFrame(
        {
            "a": [1, np.nan, np.nan, np.nan, np.nan, np.nan, 2],
            "y": [1, 2, np.nan, 4, 5, np.nan, 3],
            "w": [3, 1, 1, 1, 1, 1, 0],
        }
    )
    why = pd.DataFrame(
        {
            "a": ["", "not asked", "not applicable", "don't know", "refused", "", ""],
            "y": ["", "", "refused", "", "", "", ""],
        }
    )
    found = losses(Design(answers, weight="w"), ["a", "y"], why).set_index("item")
    assert [1, 1, 1, 1, 1, 1] == found.loc["a"].drop("answered_share").astype(int).tolist()
    assert [4, 0, 0, 0, 1, 1] == found.loc["y"].drop("answered_share").astype(int).tolist()
    assert [1, 1, 1, 1, 2, 1] == found.loc["all of them"].drop("answered_share").astype(int).tolist()
    assert [3 / 8, 6 / 8, 3 / 8] == found["answered_share"].tolist()
    inside = losses(Design(answers, weight="w"), ["a", "y"], why, within=np.arange(7) < 2).set_index("item")
    assert [1, 2, 1] == inside["answered"].tolist()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda why: why.assign(train="unsure"), "'unsure' is no reason"),
        (lambda why: why.assign(train="refused"), "`train` is answered in row 0 and the reasons say 'refused'"),
        (lambda why: why.head(10), "10 rows and the design 300"),
    ],
)
def test_reasons_that_do_not_fit_are_refused(change: object, said: str) -> None:
    """Unknown words, a reason for an answer, other rows."""
    answers, why = passengers(300)
    assert callable(change)
    with pytest.raises(DesignError, match=said):
        moments_of(Design(answers), "overall", ["food", "train"], "users", change(why))


def test_ways_that_cannot_be_gone_are_refused() -> None:
    """An unknown way, one without reasons, an outcome that does not apply, a train nobody rated, nobody to whom all applies."""
    answers, why = passengers(300)
    design, unknown = Design(answers), cast(Any, "mean")
    with pytest.raises(DesignError, match="missing='mean' is unknown"):
        moments_of(design, "overall", ["food", "train"], unknown)
    with pytest.raises(DesignError, match='missing="users" needs to know why'):
        moments_of(design, "overall", ["food", "train"], "users")
    with pytest.raises(DesignError, match="the outcome `train` does not apply to some"):
        moments_of(design, "train", ["food", "overall"], "indicator", why)
    with pytest.raises(DesignError, match="nobody rated `train`"):
        moments_of(
            Design(answers.assign(train=np.nan)), "overall", ["food", "train"], "indicator", why.replace("", "refused")
        )
    none = answers.assign(food=answers["food"].where(answers["train"].isna()))
    reasons = why.assign(food=np.where(none["food"].isna(), "not applicable", ""))
    with pytest.raises(DesignError, match="nobody to whom all of food, train"):
        users(Design(none), ["food", "train"], reasons)


def test_shares_of_imputations_are_pooled_by_rubins_rules() -> None:
    """The combination of shares over imputed designs has the mean, the variance and the labels that arithmetic by hand gives."""
    rng = np.random.default_rng(5)
    common = rng.normal(size=(150, 1))
    frame = pd.DataFrame(common + rng.normal(size=(150, 3)), columns=["food", "staff", "overall"])
    frame["overall"] += frame["food"]
    frame.loc[rng.random(150) < 0.25, "food"] = np.nan
    frame.loc[rng.random(150) < 0.25, "staff"] = np.nan
    filled = estimate.impute(
        Design(frame), ["food", "staff"], method="chained", predictors=["overall"], imputations=4, seed=3
    )
    parts = [drivers.importance(one, "overall", ["food", "staff"]) for one in filled]
    found = estimate.combine(parts)
    values, variances = np.array([one.values for one in parts]), np.array([one.se**2 for one in parts])
    between = values.var(axis=0, ddof=1)
    np.testing.assert_allclose(found.values, values.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.se**2, variances.mean(axis=0) + 1.25 * between, rtol=1e-12)
    assert (between > 0).all()
    assert ["r2", "lmg", "lmg"] == found.table()["statistic"].tolist()
    assert ["overall", "food", "staff"] == found.table()["item"].tolist()
    assert found.values[0] == pytest.approx(found.values[1:].sum(), rel=1e-12)
    assert all("4 imputations" in note for note in found.note)


def test_imputed_answers_need_no_reason() -> None:
    """Who was not asked is imputed and then has an answer; whom the train does not apply to is neither imputed nor refused."""
    answers, why = passengers(300)
    out = np.arange(300) % 3 == 0
    answers.loc[out, "food"] = np.nan
    reasons = why.assign(food=np.where(out, "not asked", ""))
    (first, _) = estimate.impute(Design(answers), "food", method="chained", predictors=["overall"], imputations=2)
    moments, groups = moments_of(first, "overall", ["food", "train"], "indicator", reasons)
    assert (300, "", ["train"]) == (moments.n, moments.note, list(groups or ()))
    with pytest.raises(DesignError, match="`food` is answered in row 0"):
        moments_of(Design(first.data.drop(columns="food_imputed")), "overall", ["food", "train"], "indicator", reasons)


TOUCHPOINTS = [
    *("art", "food", "store", "sign", "walkways", "screens", "infodown", "infoup", "wifi", "roads", "park", "airtrain"),
    *("ltparking", "rental"),
]


def test_at_the_airport_listwise_deletion_leaves_few() -> None:
    """Of 14 touchpoints most were never used: complete answers leave a fraction, counted with pandas alone; EM uses everybody."""
    if not AIRPORT.exists():
        pytest.skip(f"REAL DATA ABSENT: {AIRPORT} is not there")
    everybody = pd.read_csv(AIRPORT, low_memory=False)
    frame = everybody[everybody["wave"] == 2017].reset_index(drop=True)
    items = [f"q7_{name}" for name in TOUCHPOINTS]
    design = Design(frame, weight="weight", psu="run")
    kept = int(frame[[*items, "q7_overall"]].notna().all(axis=1).sum())
    lost = losses(design, [*items, "q7_overall"]).set_index("item")
    assert (kept, len(frame)) == (lost.loc["all of them", "answered"], len(frame))
    assert kept < 0.2 * len(frame)
    players = players_among(items, None, ())
    by_em = shares_of(em(design, [*items, "q7_overall"]), players)
    assert by_em.values[0] == pytest.approx(by_em.values[1:].sum(), rel=1e-10)
    assert (by_em.values > 0).all()
    assert (by_em.se > 0).all()
    assert by_em.n[0] > 0.95 * len(frame)


@pytest.mark.slow
def test_em_makes_users_of_those_who_never_were() -> None:
    """1,000 surveys of 1,500, of whom three in ten took the train; the truth is its worth to people as they are.  The indicator
    finds it; EM, which gives non-users an opinion of the train, is wrong by many errors: its intervals seldom hold the truth.
    """
    large, why = passengers(400_000, 99, 0.3)
    moments, groups = moments_of(Design(large), "overall", ["food", "train"], "indicator", why)
    players = players_among(moments.predictors, groups, ())
    exact = shares_of(moments, players).values
    held: dict[str, list[np.ndarray]] = {"indicator": [], "em": []}
    for seed in range(1000):
        answers, why = passengers(1500, seed, 0.3)
        for missing, some in held.items():
            moments, groups = moments_of(Design(answers), "overall", ["food", "train"], missing, why)
            found = shares_of(moments, players_among(moments.predictors, groups, ()))
            some.append(np.abs(found.values - exact) < 1.96 * found.se)
    by_indicator, by_em = (np.mean(some, axis=0) for some in held.values())
    assert ((by_indicator > 0.93) & (by_indicator < 0.97)).all(), by_indicator
    assert (by_em[[0, 2]] < 0.2).all(), by_em

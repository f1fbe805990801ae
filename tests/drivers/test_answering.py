"""Ways to deal with missing answers: regressions and Rubin's rules by hand, San Francisco airport; by simulation, what EM makes
of answers that do not apply.
"""

from __future__ import annotations

from itertools import permutations
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
from symmetry.drivers.missing.lacking import losses, users
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
    told = f'"used it" beside the rating: train does not apply to {(~took).sum()} of 300'
    assert (300, told) == (moments.n, moments.note)


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
    ways = {
        "em": "EM fills in as if they had an opinion",
        "pairwise": "pairs leave them out as if they had not answered",
    }
    for missing, word in ways.items():
        note = moments_of(Design(answers), "overall", ["food", "train"], cast(Any, missing), why)[0].note
        assert f'train: "not applicable" is not missing, and {word}; missing="indicator"' in note
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
    assert entering(["train"], alone, alone or {}) == (("train: used", "train: rating"), None)
    assert entering(["gate"], None, {}) == (("gate",), None)


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
    told = f'"used it" beside the rating: train does not apply to {answers["train"].isna().sum()} of 300'
    assert (300, told, ["train"]) == (moments.n, moments.note, list(groups or ()))
    with pytest.raises(DesignError, match="`food` is answered in row 0"):
        moments_of(Design(first.data.drop(columns="food_imputed")), "overall", ["food", "train"], "indicator", reasons)


def by_hand(players: dict[str, list[np.ndarray]], y: np.ndarray, always: list[np.ndarray]) -> list[float]:
    """R² of all, and Shapley shares of players over all orders of entry, by regressions on their columns."""
    orders = list(permutations(players))
    shares = dict.fromkeys(players, 0.0)
    for order in orders:
        inside, before = list(always), r2(always, y, np.ones(len(y))) if always else 0.0
        for name in order:
            inside = inside + players[name]
            after = r2(inside, y, np.ones(len(y)))
            shares[name] += (after - before) / len(orders)
            before = after
    return [before, *shares.values()]


def riders(n: int = 400) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, np.ndarray]]:
    """Food rated by all, a train and its staff by those who took it; why ratings are absent; the columns of a regression."""
    answers, why = passengers(n)
    took = (why["train"] == "").to_numpy()
    staff = 0.5 * answers["train"] + np.random.default_rng(7).normal(size=n)
    answers = answers.assign(staff=staff, overall=answers["overall"] + 0.5 * staff.fillna(0.0))
    columns = {name: answers[name].fillna(0.0).to_numpy() for name in ("food", "train", "staff")}
    return answers, why.assign(staff=why["train"]), columns | {"took": took.astype(float)}


def test_items_of_the_same_users_enter_together_with_one_used() -> None:
    """A train and its staff: as a group, "used", two ratings and food make the shares of regressions by hand."""
    answers, why, x = riders()
    found = drivers.importance(
        Design(answers),
        "overall",
        ["food", "train", "staff"],
        groups={"railway": ["train", "staff"]},
        missing="indicator",
        reasons=why,
    )
    players = {"food": [x["food"]], "railway": [x["took"], x["train"], x["staff"]]}
    expected = by_hand(players, answers["overall"].to_numpy(), [])
    np.testing.assert_allclose(found.values, expected, rtol=1e-10)
    told = f"does not apply to {int((x['took'] == 0).sum())} of 400"
    assert f'"used it" beside the rating: train {told}, staff {told}' == found.note[0]


def test_a_control_takes_used_with_it() -> None:
    """With the staff as control who used it is in before anybody, and the train's share is that of its rating beyond."""
    answers, why, x = riders()
    design = Design(answers)
    found = drivers.importance(design, "overall", ["train", "food"], always="staff", missing="indicator", reasons=why)
    controls = [x["took"], x["staff"]]
    y = answers["overall"].to_numpy()
    whole, train, food = by_hand({"train": [x["took"], x["train"]], "food": [x["food"]]}, y, controls)
    expected = [whole, train, food, r2(controls, y, np.ones(400))]
    np.testing.assert_allclose(found.values, expected, rtol=1e-10)
    assert "train, staff: used + staff: rating" == found.labels["item"][3]
    table = drivers.overview(
        design, "overall", ["train", "food"], always="staff", missing="indicator", reasons=why
    ).table()
    np.testing.assert_allclose(table.set_index("item").loc[["train", "food"], "estimate"], [train, food], rtol=1e-10)


def test_used_is_of_one_player_alone() -> None:
    """A train and its staff as two players: refused, and the error says how they can enter; so in two groups."""
    answers, why, _ = riders()
    design, names = Design(answers), ["food", "train", "staff"]
    with pytest.raises(DesignError, match="`train` and `staff` apply to the same people") as caught:
        drivers.importance(design, "overall", names, missing="indicator", reasons=why)
    assert "groups={…: ['train', 'staff']}" in caught.value.problems[0].mend
    with pytest.raises(DesignError, match="`train` and `staff` apply to the same people"):
        drivers.importance(
            design, "overall", names, groups={"way": ["food", "train"]}, missing="indicator", reasons=why
        )


def test_the_note_counts_answers_and_not_what_stands_in_for_them() -> None:
    """With other blanks too: who answered all that applies to them, EM for the rest, and to whom the train does not apply."""
    answers, why = passengers(300)
    answers.loc[:40, "food"] = np.nan
    answers.loc[:4, "overall"] = np.nan
    rated = answers["train"].notna()
    rode = int((answers[["food", "overall"]].notna().all(axis=1)).sum())
    note = moments_of(Design(answers), "overall", ["food", "train"], "indicator", why)[0].note
    assert (
        f"{rode} of 300 respondents answered every item that applies to them, {300 - rode} some of them; "
        "EM takes what is missing as missing at random; "
        f'"used it" beside the rating: train does not apply to {(~rated).sum()} of 300'
    ) == note
    inside = np.arange(300) < 200
    note = moments_of(Design(answers), "overall", ["food", "train"], "indicator", why, within=inside)[0].note
    assert f"train does not apply to {(~rated[:200]).sum()} of 200" in note
    assert f"{rode - 100} of 200 respondents answered every item that applies to them" in note


def test_what_does_not_apply_stays_so_when_it_is_imputed() -> None:
    """Non-users with an imputed rating are no users: as if it had not been imputed; ways that use it say so."""
    answers, why = passengers(300)
    plain, names = Design(answers), ["food", "train"]
    (first, _) = estimate.impute(plain, "train", method="chained", predictors=["overall"], imputations=2)
    ways: tuple[Any, ...] = ("users", "indicator")
    for missing in ways:
        told, found = (moments_of(design, "overall", names, missing, why)[0] for design in (plain, first))
        np.testing.assert_allclose(found.correlation, told.correlation, rtol=1e-12)
        assert (found.n, found.note) == (told.n, told.note)
    pd.testing.assert_frame_equal(losses(first, names, why), losses(plain, names, why))
    ways = ("listwise", "em", "pairwise")
    for missing in ways:
        note = moments_of(first, "overall", names, missing, why)[0].note
        assert 'train: "not applicable" is not missing, and imputed answers stand for an opinion' in note


def test_a_column_called_like_one_that_is_made_is_refused() -> None:
    """A driver or outcome of one's own that is called "train: used" is not taken for the one that is made."""
    answers, why = passengers(300)
    answers["train: used"] = np.random.default_rng(3).normal(size=300)
    for outcome, names in (("overall", ["food", "train", "train: used"]), ("train: used", ["food", "train"])):
        with pytest.raises(DesignError, match="makes a column `train: used`, and one is called so"):
            drivers.importance(Design(answers), outcome, names, missing="indicator", reasons=why)


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

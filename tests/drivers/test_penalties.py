"""Penalties and rewards: R's svyglm and svycontrast, Fieller's interval by inverting its test, planted kinds, and bad input."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry.design import Design, replicate
from symmetry.drivers.shapes.kinds import Sides, asymmetry, kinds
from symmetry.drivers.shapes.penalties import penalty_reward
from symmetry.errors import DesignError
from symmetry.estimate import glm
from tests.golden.reading import data, golden, sample_designs

THREE = ["listened", "kept", "helped"]


def cases() -> dict[str, Design]:
    """The designs of penalties.R, under the same names, with a top box of recommendation."""
    bank = sample_designs()
    jackknife = replicate(bank["bank_no_fpc"], "jackknife")
    return {"weights_alone": Design(data("bank_customers"), weight="weight"), "jackknife": jackknife} | {
        name: bank[name] for name in ("bank", "bank_raked")
    }


def with_top(design: Design) -> Design:
    """The same with the top box as a column."""
    liked = design.data["recommend"]
    return replace(
        design, data=design.data.assign(top=(liked >= 9).where(liked.notna()).astype(float)), given=design.layout
    )


@pytest.mark.parametrize("name", ["weights_alone", "bank", "bank_raked", "jackknife"])
@pytest.mark.parametrize("model", ["jointly", "top", "controlled", "alone"])
def test_penalties_rewards_and_their_difference_agree_with_r(name: str, model: str) -> None:
    """Coefficients of low and high ratings, their sum, errors and df are those of svyglm and svycontrast."""
    expected, design = golden("penalties", name), cases()[name]
    if model == "top":
        found = penalty_reward(with_top(design), "top", THREE)
    else:
        found = penalty_reward(
            design, "recommend", THREE, jointly=model != "alone", always="age" if model == "controlled" else ()
        )
    ours = {
        "penalty": found.penalty.values,
        "penalty.se": found.penalty.se,
        "reward": found.reward.values,
        "reward.se": found.reward.se,
        "value": found.estimate.values,
        "se": found.estimate.se,
        "df": found.estimate.df,
    }
    for what, values in ours.items():
        theirs = [expected[item, model, what] for item in THREE]
        np.testing.assert_allclose(values, theirs, rtol=1e-8, err_msg=what)


def test_low_and_high_ratings_are_counted_among_those_who_are_in_the_model() -> None:
    """n_low, n_middle and n_high are R's counts among complete answers, and sum to n."""
    expected = golden("penalties", "counts")
    table = penalty_reward(cases()["bank"], "recommend", THREE).table()
    for side in ("low", "middle", "high"):
        assert [expected[item, "", side] for item in THREE] == table[f"n_{side}"].tolist()
    assert table["n"].tolist() == table[["n_low", "n_middle", "n_high"]].sum(axis=1).tolist()
    assert table["note"].str.contains("of 247 respondents|respondents have every variable").all()


def made(n: int = 1500, seed: int = 1, effects: dict[str, tuple[float, float]] | None = None) -> pd.DataFrame:
    """Ratings 1 to 5 that share a halo and psus, and an outcome with planted penalties and rewards, its own halo and psus."""
    rng = np.random.default_rng(seed)
    planted = effects or {"safe": (-1.0, 0.0), "food": (-0.6, 0.6), "art": (0.0, 1.0), "gate": (0.0, 0.0)}
    psu = np.arange(n) % (n // 10)
    halo, run = rng.normal(size=n), rng.normal(size=n // 10)[psu]
    frame = pd.DataFrame({"psu": psu, "weight": rng.uniform(0.5, 1.5, n)})
    y = 7 + 0.3 * run + rng.normal(size=n)
    for name, (low, high) in planted.items():
        latent = 0.6 * halo + 0.3 * run + 0.75 * rng.normal(size=n)
        frame[name] = np.searchsorted([-1.5, -0.8, 0.0, 0.8], latent) + 1.0
        y += low * (frame[name] <= 2) + high * (frame[name] == 5)
    return frame.assign(y=y)


def test_planted_kinds_are_named() -> None:
    """What only costs is basic, what only pleases excites, what does both alike performs, what does neither is indifferent."""
    frame = made(6000)
    found = penalty_reward(
        Design(frame, weight="weight", psu="psu"), "y", ["safe", "food", "art", "gate"], small=0.2
    ).table()
    assert ["basic", "performance", "excitement", "indifferent"] == found["kind"].tolist()
    assert found["asymmetry"].between(found["asymmetry_lower"], found["asymmetry_upper"]).all()


def test_few_answers_name_nothing() -> None:
    """With hardly any answers no kind is claimed: what is not shown is undetermined, and never indifferent."""
    frame = made(120, effects={"food": (-0.2, 0.2), "gate": (0.0, 0.0)})
    found = penalty_reward(Design(frame, weight="weight", psu="psu"), "y", ["food", "gate"], at_least=1).table()
    assert ["undetermined"] * 2 == found["kind"].tolist()
    assert "can be told from 0" in found["note"][1]


def sides_at(p: float, r: float, se_p: float, se_r: float, both: float, df: float) -> Sides:
    """One driver's sides."""
    return Sides(*(np.array([value]) for value in (p, r, se_p**2, se_r**2, both, df)))


@pytest.mark.parametrize(
    ("p", "r", "se_p", "se_r", "both"),
    [(-0.6, 0.2, 0.1, 0.08, 0.002), (-0.3, 0.35, 0.05, 0.1, -0.001), (-0.2, 0.9, 0.15, 0.1, 0.0)],
)
def test_the_interval_of_asymmetry_holds_what_its_test_does_not_refuse(
    p: float, r: float, se_p: float, se_r: float, both: float
) -> None:
    """Fieller's bounds are where a t-test of r + p = a (r - p) turns, found by trying every a between -1 and 1."""
    a = np.linspace(-1, 1, 200_001)
    error = np.sqrt((1 - a) ** 2 * se_r**2 + (1 + a) ** 2 * se_p**2 + 2 * (1 - a) * (1 + a) * both)
    kept = a[2 * stats.t.sf(np.abs((1 - a) * r + (1 + a) * p) / error, 40) >= 0.05]
    value, lower, upper, unknown = asymmetry(sides_at(p, r, se_p, se_r, both, 40), 0.95)
    assert not unknown[0]
    assert value[0] == pytest.approx((r - abs(p)) / (r + abs(p)), rel=1e-12)
    assert (lower[0], upper[0]) == pytest.approx((kept[0], kept[-1]), abs=1.1e-5)


def test_bounds_of_asymmetry_use_the_joint_covariance_of_the_model() -> None:
    """At each printed bound a, (1 - a) r + (1 + a) p of a regression on columns made by hand is at its critical t."""
    frame = made()
    for name in ("safe", "food", "art"):
        frame = frame.assign(**{f"{name}_low": (frame[name] <= 2) * 1.0, f"{name}_high": (frame[name] == 5) * 1.0})
    model = glm(
        Design(frame, weight="weight", psu="psu"),
        "y ~ safe_low + safe_high + food_low + food_high + art_low + art_high",
    )
    found = penalty_reward(Design(frame, weight="weight", psu="psu"), "y", ["safe", "food", "art"]).table()
    critical, seen = stats.t.ppf(0.975, 149 - 6), 0
    for place, row in found.iterrows():
        for a in (row["asymmetry_lower"], row["asymmetry_upper"]):
            if abs(a) < 1:
                weights = np.zeros(7)
                weights[[1 + 2 * int(place), 2 + 2 * int(place)]] = 1 + a, 1 - a
                t = weights @ model.estimate.values / np.sqrt(weights @ model.covariance() @ weights)
                assert abs(t) == pytest.approx(critical, rel=1e-9)
                seen += 1
    assert seen >= 4


def test_nothing_is_known_of_the_asymmetry_where_high_and_low_hardly_differ() -> None:
    """Where r - p may be 0 the interval is everything, and where it is not above 0 there is no value."""
    value, lower, upper, unknown = asymmetry(sides_at(-0.1, 0.1, 0.3, 0.3, 0.0, 40), 0.95)
    assert (value[0], lower[0], upper[0], unknown[0]) == (0.0, -1.0, 1.0, True)
    value, lower, upper, unknown = asymmetry(sides_at(0.5, -0.5, 0.1, 0.1, 0.0, 40), 0.95)
    assert np.isnan(value[0])
    assert (lower[0], upper[0], unknown[0]) == (-1.0, 1.0, True)


def test_a_driver_that_works_the_wrong_way_round_has_no_kind() -> None:
    """Where low ratings go with higher outcomes than high ones, the note says so and no kind is given."""
    kind, _, _, told = kinds(
        sides_at(0.2, -0.9, 0.05, 0.05, 0.0, 100),
        equal=1 / 3,
        small=0.05,
        few=np.array([False]),
        alpha=0.05,
        adjust="holm",
    )
    assert (kind[0], told[0]) == ("undetermined", "rated high, the outcome is lower than rated low")


def test_a_trifling_difference_that_many_answers_show_is_performance() -> None:
    """Reward and penalty that differ for certain, and by less than `equal`, are alike for the reader."""
    sides = sides_at(-0.5, 0.55, 0.005, 0.005, 0.0, 1000)
    ask = {"small": 0.05, "few": np.array([False]), "alpha": 0.05, "adjust": "none"}
    kind, p, _, _ = kinds(sides, equal=1 / 3, **ask)
    assert p[0] < 1e-6
    assert kind[0] == "performance"
    assert kinds(sides, equal=0.0, **ask)[0][0] == "excitement"


def test_kinds_pay_for_the_number_of_drivers() -> None:
    """p_adjusted is Holm's over the drivers by default, and p itself when a driver was chosen beforehand."""
    design = Design(made(), weight="weight", psu="psu")
    names = ["safe", "food", "art", "gate"]
    table = penalty_reward(design, "y", names).table()
    order = np.argsort(table["p"].to_numpy())
    steps = np.maximum.accumulate(table["p"].to_numpy()[order] * np.arange(4, 0, -1))
    np.testing.assert_allclose(table["p_adjusted"].to_numpy()[order], np.minimum(steps, 1.0), rtol=1e-12)
    alone = penalty_reward(design, "y", names, adjust="none").table()
    assert alone["p"].tolist() == alone["p_adjusted"].tolist()


def test_cuts_may_differ_by_driver() -> None:
    """A 0 to 10 item with its own cuts gives what the same item cut by hand gives."""
    frame = made()
    wide = frame.assign(safe=frame["safe"].map({1.0: 0.0, 2.0: 6.0, 3.0: 7.0, 4.0: 8.0, 5.0: 9.0}))
    cuts = {"low": {"safe": 6, "art": 2}, "high": {"safe": 9, "art": 5}}
    found = penalty_reward(Design(wide, psu="psu"), "y", ["safe", "art"], **cuts)
    expected = penalty_reward(Design(frame, psu="psu"), "y", ["safe", "art"])
    pd.testing.assert_frame_equal(found.table(), expected.table())


@pytest.mark.parametrize("jointly", [True, False])
def test_a_side_that_nobody_is_on_is_a_noted_row(jointly: bool) -> None:
    """Without low ratings there is a reward alone; without any ratings, or one kind of them, neither; the others stay."""
    frame = made()
    gate = frame["gate"]
    frame = frame.assign(gate=gate.clip(lower=3), art=frame["art"].where(frame["art"] < 0), safe=5.0)
    frame["fine"] = np.where(gate <= 2, 1.0, 5.0)
    found = penalty_reward(Design(frame, psu="psu"), "y", ["gate", "art", "safe", "food", "fine"], jointly=jointly)
    table = found.table().set_index("item")
    assert np.isnan(table.loc["gate", ["estimate", "penalty", "penalty_lower", "asymmetry"]].astype(float)).all()
    assert np.isfinite(table.loc["gate", ["reward", "reward_lower", "reward_upper"]].astype(float)).all()
    assert np.isnan(table.loc[["art", "safe", "fine"], ["estimate", "penalty", "reward"]].astype(float)).all(axis=None)
    assert np.isfinite(table.loc["food", ["estimate", "lower", "penalty", "reward"]].astype(float)).all()
    told = [
        "rated it low",
        "nobody rated it",
        "rated it low or between low and high",
        "",
        "rated it between low and high",
    ]
    assert all(text in note for text, note in zip(told, table["note"], strict=True))
    assert ["undetermined"] * 4 == table.loc[["gate", "art", "safe", "fine"], "kind"].tolist()
    assert table.loc["art", ["n_low", "n_middle", "n_high"]].tolist() == [0, 0, 0]


def test_names_need_not_be_identifiers() -> None:
    """Items called by whole sentences give the numbers of items called by letters."""
    frame = made()
    names = {"safe": "q7: how safe? (1-5)", "food": "q8 ~ été", "y": "overall, x"}
    one = penalty_reward(Design(frame, psu="psu"), "y", ["safe", "food"]).estimate
    other = penalty_reward(
        Design(frame.rename(columns=names), psu="psu"), names["y"], [names["safe"], names["food"]]
    ).estimate
    assert one.values.tolist() == other.values.tolist()
    assert [names["safe"], names["food"]] == other.labels["item"].tolist()


def test_bad_input_is_refused_in_words() -> None:
    """Each fault has its sentence."""
    frame = made().assign(same=3.0)
    frame["copy"], frame["wide"] = frame["safe"], frame["safe"] * 2
    design = Design(frame, psu="psu")
    with pytest.raises(DesignError, match="among its own drivers"):
        penalty_reward(design, "y", ["safe", "y"])
    with pytest.raises(DesignError, match="named twice"):
        penalty_reward(design, "y", ["safe"], always="safe")
    with pytest.raises(DesignError, match="low=2, high=5 are for ratings of 1 to 5"):
        penalty_reward(design, "y", ["wide"])
    with pytest.raises(DesignError, match="told for driver `art`"):
        penalty_reward(design, "y", ["safe", "art"], low={"safe": 2}, high=5)
    with pytest.raises(DesignError, match="begin at 2"):
        penalty_reward(design, "y", ["safe"], low=4, high=2)
    with pytest.raises(DesignError, match="same answer to the outcome `same`"):
        penalty_reward(design, "same", ["safe"])
    with pytest.raises(DesignError, match="safe, rated (low|high).*copy, rated|copy, rated (low|high).*safe, rated"):
        penalty_reward(design, "y", ["safe", "copy"])
    with pytest.raises(DesignError, match="no column `absent`"):
        penalty_reward(design, "y", ["absent"])
    for option in ({"equal": 1.0}, {"small": -1.0}, {"level": 1.0}, {"at_least": 0}):
        with pytest.raises(DesignError):
            penalty_reward(design, "y", ["safe"], **option)


SFO = [
    "q7_food",
    "q7_sign",
    "q7_walkways",
    "q7_screens",
    "clean_boarding",
    "clean_restroom",
    "safe",
    "find_way",
    "security_ease",
]


def test_san_francisco_airport_by_least_squares_and_groupby(shared_data: Path) -> None:
    """Of real passengers: coefficients by numpy's least squares, errors by a sandwich of psu sums; and some kinds."""
    frame = pd.read_csv(shared_data / "sfo_airport/sfo_2014_2017.csv.gz").query("wave == 2017").reset_index(drop=True)
    table = penalty_reward(Design(frame, weight="weight", stratum="strata", psu="run"), "q7_overall", SFO).table()
    own = frame.dropna(subset=[*SFO, "q7_overall"])
    sides = [(own[name] <= 2, own[name] == 5) for name in SFO]
    x = np.column_stack([np.ones(len(own)), *(side for both in sides for side in both)]).astype(float)
    y, w = own["q7_overall"].to_numpy(), own["weight"].to_numpy()
    bread = np.linalg.inv(x.T @ (w[:, None] * x))
    beta = bread @ (x.T @ (w * y))
    sums = (
        pd.DataFrame((w * (y - x @ beta))[:, None] * (x @ bread))
        .groupby([own["strata"].to_numpy(), own["run"].to_numpy()])
        .sum()
    )
    size = frame.groupby("strata")["run"].nunique()
    first = sums.index.get_level_values(0)
    cov = np.zeros((len(beta), len(beta)))
    for stratum, m in size.items():  # psus without a complete answer hold zeros
        mine, held = sums[first == stratum].to_numpy(), int((first == stratum).sum())
        mean = mine.sum(axis=0) / m
        centred = mine - mean
        cov += m / (m - 1) * (centred.T @ centred + (m - held) * np.outer(mean, mean))
    for place, row in table.iterrows():
        low, high = 1 + 2 * int(place), 2 + 2 * int(place)
        assert (row["penalty"], row["reward"]) == pytest.approx((beta[low], beta[high]), rel=1e-9)
        assert row["se"] == pytest.approx(np.sqrt(cov[low, low] + cov[high, high] + 2 * cov[low, high]), rel=1e-9)
    told = table.set_index("item")["kind"]
    assert ["performance", "basic", "undetermined"] == told[["q7_food", "q7_sign", "safe"]].tolist()
    assert table.set_index("item").loc["safe", "note"].endswith("nothing is known of the asymmetry")


@pytest.mark.slow
def test_planted_kinds_are_found_and_the_symmetric_one_is_hardly_ever_called_lopsided() -> None:
    """In 1,000 clustered, weighted samples lopsided claims of symmetric drivers are at most 5 % (+ 2 Monte Carlo errors).

    Intervals of the difference cover its truth as they promise, and planted kinds are found.
    """
    times, names = 1000, ["safe", "food", "art", "gate"]
    truth = np.array([-1.0, 0.0, 1.0, 0.0])
    kind, inside = np.empty((times, 4), object), np.empty((times, 4), bool)
    for number in range(times):
        frame = made(1200, seed=number)
        table = penalty_reward(Design(frame, weight="weight", psu="psu"), "y", names).table()
        kind[number] = table["kind"]
        inside[number] = (table["lower"] <= truth) & (truth <= table["upper"])
    allowed = 0.05 + 2 * np.sqrt(0.05 * 0.95 / times)
    assert np.isin(kind[:, [1, 3]], ["basic", "excitement"]).any(axis=1).mean() <= allowed
    assert (np.abs(inside.mean(axis=0) - 0.95) <= 3 * np.sqrt(0.05 * 0.95 / times) + 0.005).all()
    assert (kind[:, 0] == "basic").mean() >= 0.9
    assert (kind[:, 2] == "excitement").mean() >= 0.9
    assert (kind[:, 1] == "performance").mean() >= 0.5
    assert not np.isin(kind[:, 0], ["excitement", "indifferent"]).any()

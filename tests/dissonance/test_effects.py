"""Effect sizes: textbook formulas on simple samples, pairs of answers by brute force, words, and pairs that have none."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import dissonance
from symmetry.design import Design, stack
from symmetry.dissonance import Pair
from symmetry.dissonance.effects import effects
from symmetry.dissonance.inside import INSIDE
from symmetry.errors import DesignError

CLEAN = Pair("clean", ("customers", "clean"), ("employees", "clean"), "customer - employee", "literal", "mean", 0.3)


def answers(seed: int, n: int, mean: float, codes: bool = True) -> pd.DataFrame:
    """Answers of n persons in six branches."""
    rng = np.random.default_rng(seed)
    x = rng.normal(mean, 1.1, n)
    return pd.DataFrame({"branch": rng.integers(0, 6, n), "w": rng.uniform(0.5, 3, n),
                         "clean": np.clip(np.round(x), 1, 5) if codes else x, "region": rng.choice(["n", "s"], n)})  # fmt: skip


def both(codes: bool = True, **roles: str) -> Design:
    """Customers and employees."""
    frames = {"customers": answers(1, 80, 3.6, codes), "employees": answers(2, 40, 3.1, codes)}
    return stack({name: Design(frame, **roles) for name, frame in frames.items()})


def values(design: Design, **options: object) -> dict[str, float]:
    """Effects of the one pair by name."""
    table = effects(design, [CLEAN], **options).table()
    return dict(zip(table["statistic"], table["estimate"], strict=True))


def test_a_simple_sample_has_the_textbook_values() -> None:
    """Without weights: Hedges' g of two samples of 80 and 40, Cliff's delta and superiority over all pairs of answers."""
    a, b = (answers(seed, n, mean)["clean"].to_numpy() for seed, n, mean in ((1, 80, 3.6), (2, 40, 3.1)))
    s = np.sqrt((79 * a.var(ddof=1) + 39 * b.var(ddof=1)) / 118)
    sign = np.sign(a[:, None] - b[None, :])
    found = values(both())
    np.testing.assert_allclose(found["hedges_g"], (a.mean() - b.mean()) / s * (1 - 3 / (4 * 118 - 1)), rtol=1e-12)
    np.testing.assert_allclose(found["cliff_delta"], sign.mean(), rtol=1e-12)
    np.testing.assert_allclose(found["superiority"], (sign > 0).mean() + (sign == 0).mean() / 2, rtol=1e-12)


def test_the_error_of_g_in_a_simple_sample_is_about_the_textbooks() -> None:
    """Normal answers, no weights: Hedges and Olkin's 1 / n_a + 1 / n_b + g² / 2 (n_a + n_b), within 3 per cent at 4,000."""
    rng = np.random.default_rng(4)
    frames = {"customers": rng.normal(0.5, 1, 4000), "employees": rng.normal(0, 1, 2000)}
    design = stack({name: Design(pd.DataFrame({"clean": x})) for name, x in frames.items()})
    row = effects(design, [CLEAN]).table().iloc[0]
    theirs = np.sqrt(1 / 4000 + 1 / 2000 + row["estimate"] ** 2 / (2 * 6000))
    np.testing.assert_allclose(row["se"], theirs, rtol=0.03)


@pytest.mark.parametrize("codes", [True, False])
@pytest.mark.parametrize("by", [[], ["region"]])
def test_delta_and_its_error_by_brute_force(codes: bool, by: list[str]) -> None:
    """Every pair of answers, weighted; the error is a jackknife of branches', but for terms of second order."""
    design = both(codes, weight="w", psu="branch")
    table = effects(design, [CLEAN], by=by).table().query("statistic == 'cliff_delta'")

    def delta(frame: pd.DataFrame) -> float:
        a, b = (frame[frame["audience"] == name] for name in ("customers", "employees"))
        sign = np.sign(a["clean"].to_numpy()[:, None] - b["clean"].to_numpy()[None, :])
        return float(a["w"] @ sign @ b["w"] / a["w"].sum() / b["w"].sum())

    for row in table.to_dict("records"):
        frame = design.data if not by else design.data[design.data["region"] == row["region"]]
        np.testing.assert_allclose(row["estimate"], delta(frame), rtol=1e-12)
        left_out = np.array([delta(frame[frame["branch"] != branch]) for branch in range(6)])
        np.testing.assert_allclose(row["se"], np.sqrt(5 / 6 * ((left_out - row["estimate"]) ** 2).sum()), rtol=0.2)


def test_many_distinct_answers_in_many_domains_are_ranked_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """The road of many cells gives what the road of few gives."""
    design = both(False, weight="w", psu="branch")
    few = effects(design, [CLEAN], by=["region"])
    monkeypatch.setattr(import_module("symmetry.dissonance.standing"), "_CELLS", 1)
    many = effects(design, [CLEAN], by=["region"])
    np.testing.assert_allclose(many.estimate.values, few.estimate.values, rtol=1e-12)
    np.testing.assert_allclose(many.estimate.se, few.estimate.se, rtol=1e-12)


@pytest.mark.parametrize("by", [[], ["region"], ["branch"]])
def test_codes_and_rows_are_two_roads(monkeypatch: pytest.MonkeyPatch, by: list[str]) -> None:
    """Delta from shares of codes and from what each answer is worth: the same value, error and degrees of freedom."""
    design = both(weight="w", psu="branch")
    codes = effects(design, [CLEAN], by=by).table()
    monkeypatch.setattr(import_module("symmetry.dissonance.standing"), "_CODES", 0)
    pd.testing.assert_frame_equal(effects(design, [CLEAN], by=by).table(), codes, rtol=1e-10)


def test_pairs_taken_a_few_at_a_time_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many pairs are ranked at once moves nothing."""
    design = both(weight="w", psu="branch")
    twin = replace(CLEAN, item="again", b=("employees", "w"))
    one = effects(design, [CLEAN, twin], by=["region"]).table()
    monkeypatch.setattr(import_module("symmetry.dissonance.standing"), "_ENTRIES", 1)
    pd.testing.assert_frame_equal(one, effects(design, [CLEAN, twin], by=["region"]).table())


def test_the_unit_of_a_scale_and_of_weights_never_matters() -> None:
    """Answers times ten plus three, weights times seven: the same effects and errors."""
    design = both(weight="w", psu="branch")
    frame = design.data.assign(clean=lambda one: 10 * one["clean"] + 3, w=lambda one: 7 * one["w"])
    other = stack({name: Design(part, weight="w", psu="branch") for name, part in frame.groupby("audience")})
    one, two = (effects(one, [CLEAN]).estimate for one in (design, other))
    np.testing.assert_allclose(one.values, two.values, rtol=1e-10)
    np.testing.assert_allclose(one.se, two.se, rtol=1e-9)


def test_swapped_audiences_flip_the_sign() -> None:
    """Seen from the other side g and delta are opposites, superiority its complement, errors the same."""
    design = both(weight="w", psu="branch")
    one, two = (effects(design, [pair]).estimate for pair in (CLEAN, replace(CLEAN, a=CLEAN.b, b=CLEAN.a)))
    np.testing.assert_allclose([-one.values[0], -one.values[1], 1 - one.values[2]], two.values, rtol=1e-10)
    np.testing.assert_allclose(one.se, two.se, rtol=1e-10)


def test_sides_that_share_units_share_their_covariance() -> None:
    """The same answers on both sides of shared branches are 0 ± 0, though each side alone varies."""
    frame = answers(1, 80, 3.6)
    twice = stack({name: Design(frame, psu="branch") for name in ("customers", "employees")})
    found = effects(twice, [CLEAN]).estimate
    np.testing.assert_allclose(found.values, [0, 0, 0.5], atol=1e-14)
    np.testing.assert_allclose(found.se, 0, atol=1e-12)


@pytest.mark.parametrize(
    ("shift", "words"),
    [(0.0, ["negligible"] * 3), (0.3, ["small"] * 3), (0.6, ["medium"] * 3), (-1.5, ["large"] * 3)],
)
def test_each_size_has_its_word(shift: float, words: list[str]) -> None:
    """Of normal answers: nothing, three tenths, six tenths of a deviation, and far; the sign does not matter."""
    x = np.random.default_rng(1).normal(size=3000)
    design = stack(
        {"customers": Design(pd.DataFrame({"clean": x + shift})), "employees": Design(pd.DataFrame({"clean": x}))}
    )
    assert words == effects(design, [CLEAN]).table()["size"].tolist()


def test_intervals_stay_where_effects_can_be() -> None:
    """Nearly parted answers: delta stays below 1, superiority too; wholly parted, the exact interval of the psus."""
    a, b = np.r_[np.full(30, 5.0), 2.0], np.r_[np.full(20, 2.0), 1.0]
    for customers in (a, a[:-1]):
        sides = {"customers": customers, "employees": b}
        table = effects(stack({name: Design(pd.DataFrame({"clean": x})) for name, x in sides.items()}), [CLEAN]).table()
        assert (table["upper"][1:] <= 1).all()
        assert (table["lower"][1:] < table["estimate"][1:]).all()
        np.testing.assert_allclose(table["lower"][1], 2 * table["lower"][2] - 1)


def test_pairs_without_an_effect_have_their_reason() -> None:
    """Loose mirrors, unlike scales and sides without answers have rows with a note; equal answers have no g."""
    design = both(weight="w", psu="branch")
    pairs = [CLEAN, replace(CLEAN, item="loose", mirror="loose"), replace(CLEAN, item="unlike", scale="a", scale_b="b"),
             replace(CLEAN, item="alone", b=("partners", "clean"))]  # fmt: skip
    table = effects(design, pairs).table()
    assert 3 * 4 == len(table)
    rest = table[table["item"] != "clean"]
    assert rest["estimate"].isna().all()
    assert (rest["note"] != "").all()
    assert set(rest["size"]) == {""}
    flat = stack(
        {name: Design(pd.DataFrame({"clean": [x] * 4})) for name, x in (("customers", 3.0), ("employees", 4.0))}
    )
    table = effects(flat, [CLEAN]).table()
    assert [True, False, False] == table["estimate"].isna().tolist()
    assert table["note"].str.contains("no spread").all()


def test_too_few_effective_answers_have_no_pooled_deviation() -> None:
    """One answer a side: no g, and the note says so."""
    sides = {"customers": [3.0], "employees": [4.0]}
    design = stack({name: Design(pd.DataFrame({"clean": x}), lonely_psu="remove") for name, x in sides.items()})
    row = effects(design, [CLEAN]).table().iloc[0]
    assert np.isnan(row["estimate"])
    assert row["note"] != ""


def test_inside_branches_persons_are_psus() -> None:
    """Branch by branch the errors are those of persons, and each row says so."""
    table = effects(both(weight="w", psu="branch"), [CLEAN], by=["branch"]).table()
    assert 18 == len(table)
    assert (table["se"] > 0).all()
    assert table["note"].str.contains(INSIDE).all()


def test_nothing_to_compare_is_refused() -> None:
    """Loose pairs alone have no effect size."""
    with pytest.raises(DesignError, match="no pair can be compared"):
        effects(both(), [replace(CLEAN, mirror="loose")])


def test_the_same_items_for_two_statistics_are_one_effect() -> None:
    """An effect is of answers, not of a statistic; a gap has two rows."""
    pairs = [CLEAN, replace(CLEAN, statistic="favourable", at_least=4)]
    assert (3, 2) == (len(effects(both(), pairs).table()), len(dissonance.gap(both(), pairs).table()))


@pytest.mark.slow
def test_intervals_cover_the_true_effects() -> None:
    """Over 1,000 surveys of 40 shared branches, unequal weights: g, delta and superiority are held 95 times in 100."""
    rng, held, shift = np.random.default_rng(21), np.zeros(3), 0.4
    whole = np.sqrt(1 + 0.35**2)
    delta = 2 * stats.norm.cdf(shift / whole / np.sqrt(2)) - 1
    truth = np.array([shift / whole, delta, (delta + 1) / 2])
    for _ in range(1000):
        branch = np.repeat(np.arange(40), 6)
        quality = rng.normal(0, 0.35, 40)[branch]
        sides = {}
        for name, mean in (("customers", shift), ("employees", 0.0)):
            frame = pd.DataFrame({"branch": branch, "clean": mean + quality + rng.normal(size=240)})
            sides[name] = Design(frame.assign(w=rng.uniform(0.5, 2, 240)), weight="w", psu="branch")
        table = effects(stack(sides), [CLEAN]).table()
        held += (table["lower"] <= truth) & (truth <= table["upper"])
    error = 2 * np.sqrt(0.95 * 0.05 / 1000)
    assert (held / 1000 >= 0.93 - error).all()
    assert (held / 1000 <= 0.97 + error).all()


def test_a_namesake_on_other_columns_is_refused() -> None:
    """Cliff's delta of a pair never comes from another pair of the same name."""
    with pytest.raises(DesignError, match="two pairs are called 'clean'"):
        effects(both(), [CLEAN, replace(CLEAN, b=("employees", "w"))])
    pairs = [CLEAN, replace(CLEAN, family="other", b=("employees", "w"))]
    alone = [effects(both(), [pair]).table()["estimate"].tolist() for pair in pairs]
    together = effects(both(), pairs).table()
    assert alone == [together.loc[together["family"] == pair.family, "estimate"].tolist() for pair in pairs]


@pytest.mark.parametrize("codes", [True, False])
def test_without_error_the_df_are_those_of_the_smaller_side(codes: bool) -> None:
    """All customers above all employees: delta is 1, its error 0 and its df those of 29 employees, in any order of rows."""
    rng = np.random.default_rng(12)
    low, high = (rng.integers(1, 4, 30) if codes else rng.normal(2, 0.3, 30)), rng.integers(4, 6, 80) + 2.0
    for seed in range(4):
        order = np.random.default_rng(seed)
        frames = {"customers": order.permutation(high), "employees": order.permutation(low).astype(float)}
        design = stack({name: Design(pd.DataFrame({"clean": x, "w": 1 / 3}), weight="w") for name, x in frames.items()})
        table = effects(design, [CLEAN]).table().iloc[1:]
        assert [1.0, 1.0] == table["estimate"].tolist()
        assert [0.0, 0.0] == table["se"].tolist()
        assert [29.0, 29.0] == table["df"].tolist()


def test_where_every_answer_is_equal_nothing_differs() -> None:
    """Both sides say 4 only: delta is 0 and superiority a half, without error and with the note that gaps have; no g."""
    frames = {"customers": np.full(9, 4.0), "employees": np.full(5, 4.0)}
    design = stack({name: Design(pd.DataFrame({"clean": x})) for name, x in frames.items()})
    table = effects(design, [CLEAN]).table().set_index("statistic")
    assert [0.0, 0.5] == table.loc[["cliff_delta", "superiority"], "estimate"].tolist()
    assert [0.0, 0.0] == table.loc[["cliff_delta", "superiority"], "se"].tolist()
    assert [4.0, 4.0] == table.loc[["cliff_delta", "superiority"], "df"].tolist()
    assert {"no spread: every answer equal"} == set(table["note"])
    assert np.isnan(table.loc["hedges_g", "estimate"])

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from symmetry.errors import SpecError
from symmetry.fieldwork import Truth, columns_of, read_truth, simulate
from symmetry.spec import Item, load
from tests.studies import AGREE, tiny_study, with_item, write_truth

WORDS = {"en": "…"}


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    """The tiny truth."""
    return read_truth(write_truth(tmp_path_factory.mktemp("truth")), tiny_study())


@given(st.integers(0, 2**32))
@settings(max_examples=10)
def test_one_seed_gives_one_sample(truth: Truth, seed: int) -> None:
    """The same seed gives the same answers and log, another seed others."""
    first, second = (simulate(tiny_study(), "cold", truth, seed) for _ in range(2))
    other = simulate(tiny_study(), "cold", truth, seed + 1)
    for audience, intake in first.items():
        assert_frame_equal(intake.answers, second[audience].answers)
        assert_frame_equal(intake.log, second[audience].log)
        assert not intake.answers.equals(other[audience].answers)
        assert intake.simulated
        assert intake.source == f"simulated, seed {seed}"


def test_columns_are_those_of_the_study(truth: Truth) -> None:
    """Exactly the faces that the wave asks, with codes of their scales, and a missing code where the scale has one."""
    study = tiny_study()
    for audience, intake in simulate(study, "cold", truth, 3).items():
        columns = columns_of(study, "cold", audience)
        assert ["respondent", *(column.name for column in columns)] == list(intake.answers.columns)
        for column in columns:
            cells = set(intake.answers[column.name].dropna())
            scale = column.item.scale
            if scale is not None:
                allowed = {int(code) for code in range(int(scale.low), int(scale.high) + 1)} | set(
                    scale.missing.values()
                )
                assert cells <= allowed
        assert 0 in set(intake.answers["kept"])
        assert intake.answers.isna().any(axis=None)
        assert intake.answers["respondent"].is_unique


def test_an_item_more_changes_no_other_answer(truth: Truth, tmp_path: Path) -> None:
    """Each column has a stream of its own, so a study may grow and its demonstration stays what it was."""
    study = with_item(tiny_study(), Item("clear", "driver", WORDS, AGREE, {"customer": WORDS, "employee": WORDS}))
    more = read_truth(write_truth(tmp_path, ("  kept: {", "  clear: {customer: 3, employee: 4}\n  kept: {")), study)
    before, after = simulate(tiny_study(), "cold", truth, 5), simulate(study, "cold", more, 5)
    for audience, intake in before.items():
        assert_frame_equal(intake.answers, after[audience].answers.drop(columns="clear"))


def test_a_lower_response_rate_only_removes_people(truth: Truth, tmp_path: Path) -> None:
    """Who answers when fewer do is a part of those who would have answered, with the same answers."""
    fewer = read_truth(write_truth(tmp_path, ("rate: 0.4", "rate: 0.2")), tiny_study())
    many = simulate(tiny_study(), "cold", truth, 5)["customers"].answers.set_index("respondent")
    few = simulate(tiny_study(), "cold", fewer, 5)["customers"].answers.set_index("respondent")
    assert len(few) < len(many)
    assert_frame_equal(many.loc[few.index], few)


def test_invited_and_returned_are_counted(truth: Truth) -> None:
    """Customers are drawn in the number that the wave says; employees are the payroll; shares follow the truth."""
    intakes = simulate(tiny_study(), "cold", truth, 11)
    logs = {audience: intake.log.set_index("measure")["n"] for audience, intake in intakes.items()}
    assert (800, 91) == (logs["customers"]["invited"], logs["employees"]["invited"])
    for audience, intake in intakes.items():
        assert logs[audience]["returned"] == len(intake.answers)
        assert set(intake.log["note"]) == {"simulated, seed 11"}
    staff = intakes["employees"].answers.groupby("branch").size()
    assert staff["south-03"] <= 3


def test_response_follows_the_factors(truth: Truth) -> None:
    """Where the app halves the chance to answer, app customers are about half as many as their share says."""
    big = replace(tiny_study().waves["cold"], sample={"customers": 200_000}, audiences=("customers",))
    answers = simulate(replace(tiny_study(), waves={"cold": big}), "cold", truth, 2)["customers"].answers
    assert (answers["channel"] == "app").mean() == pytest.approx(0.3 * 0.5 / (0.7 + 0.3 * 0.5), abs=0.005)
    assert (answers["region"] == "north").mean() == pytest.approx(0.4, abs=0.006)


def test_a_sample_of_employees_is_drawn_without_replacement(truth: Truth) -> None:
    """A wave may invite fewer employees than the payroll holds."""
    wave = replace(tiny_study().waves["cold"], sample={"customers": 10, "employees": 40})
    log = simulate(replace(tiny_study(), waves={"cold": wave}), "cold", truth, 2)["employees"].log
    assert log["n"].iloc[0] == 40


def test_the_population_behind_is_the_one_planted(truth: Truth) -> None:
    """A very large sample shows the level, the correlation of two items and the weights of the drivers."""
    big = replace(tiny_study().waves["cold"], sample={"customers": 200_000}, audiences=("customers",))
    answers = simulate(replace(tiny_study(), waves={"cold": big}), "cold", truth, 2)["customers"].answers
    scores = answers[["recommend", "listened", "kept"]].astype("Float64")
    scores = scores.mask(scores.isin([0]) & [False, True, True])
    complete = scores.dropna().to_numpy(dtype=float)
    correlation = np.corrcoef(complete.T)
    # 0.45² + 0.2² = 0.24 between latent opinions: a little less for the coarse scale, a little more for shared shifts
    assert 0.18 < correlation[1, 2] < 0.30
    slopes = np.linalg.lstsq(np.c_[np.ones(len(complete)), complete[:, 1:]], complete[:, 0], rcond=None)[0]
    # loose, because codes are rounded and cut at the ends of their scales, `listened` more than `kept`
    assert slopes[2] / slopes[1] == pytest.approx(0.7 / 0.3, rel=0.15)


def test_a_branch_good_for_one_audience_tends_to_be_good_for_the_other(tmp_path: Path) -> None:
    """With `together: 1` branch means of both audiences move alike; with −1 they oppose."""
    wave = replace(tiny_study().waves["cold"], sample={"customers": 40_000, "employees": "census"})
    study = replace(tiny_study(), waves={"cold": wave, "hot": tiny_study().waves["hot"]})
    sizes = ("[12, 20, 8, 15, 9], south: [10, 14, 3]", "[900, 900, 900, 900, 900], south: [900, 900, 900]")
    found = {}
    for together in (1.0, -1.0):
        truth = read_truth(write_truth(tmp_path, sizes, ("together: 0.5", f"together: {together}")), study)
        intakes = simulate(study, "cold", truth, 4)
        means = pd.DataFrame({key: each.answers.groupby("branch")["kept"].mean() for key, each in intakes.items()})
        found[together] = np.corrcoef(means.to_numpy(dtype=float).T)[0, 1]
    assert found[1.0] > 0.8
    assert found[-1.0] < -0.8


def test_a_reversed_scale_is_answered_the_other_way_round(tmp_path: Path) -> None:
    """Levels speak of favourable answers; on a reversed scale a low code is favourable."""
    study = tiny_study()
    item = replace(study.items["kept"], scale=replace(AGREE, reversed=True))
    truth = read_truth(write_truth(tmp_path), study)
    plain = simulate(study, "cold", truth, 9)["customers"].answers["kept"]
    turned = simulate(with_item(study, item), "cold", truth, 9)["customers"].answers["kept"]
    given_codes = plain.notna() & (plain != 0)
    assert (plain[given_codes] + turned[given_codes] == 6).all()
    assert (plain[~given_codes].dropna() == turned[~given_codes].dropna()).all()


def test_a_wave_that_does_not_say_how_many_is_refused(truth: Truth) -> None:
    """There is no census of customers."""
    wave = replace(tiny_study().waves["hot"], sample={"customers": "census"})
    with pytest.raises(SpecError, match="how many customers"):
        simulate(replace(tiny_study(), waves={"hot": wave}), "hot", truth, 1)


def test_a_column_without_truth_is_refused(truth: Truth) -> None:
    """A study that has grown since its truth was read is not answered with silent numbers."""
    study = with_item(tiny_study(), Item("tenure", "frame", WORDS, values={"new": WORDS}, audiences=("customers",)))
    with pytest.raises(SpecError, match="the truth says nothing of `tenure`"):
        simulate(study, "cold", truth, 1)


def test_the_demonstration_is_answered(root: Path) -> None:
    """Both waves of the bank, 9,000 customers and 700 employees invited: thousands answer, in each wave's audiences."""
    study = load(root / "survey_specs" / "everyday_bank")
    truth = read_truth(root / "analyses" / "everyday_bank" / "truth.yaml", study)
    intakes = [intake for wave in ("cold-2027", "hot") for intake in simulate(study, wave, truth, 2027).values()]
    assert len(intakes[0].answers) > 1500
    assert {intake.audience for intake in intakes} == {"customers", "employees"}

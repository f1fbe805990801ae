"""Contact rules: who is at rest, and that probabilities over many draws are those of the rules, by brute force and by trial."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symmetry.errors import DataError
from symmetry.fieldwork.drawing import draw
from symmetry.fieldwork.nouns import Sample
from symmetry.fieldwork.resting import Contacted, Rules, in_order, read_contacted, rest_of
from symmetry.spec.running import SampledUnits, Sampling
from tests.fieldwork.framing import DAY, days_on, frame_of, people, study_of

WIDE = 4.5


def sample_of(
    day: int, chances: Sequence[float], drawn: Sequence[bool], rules: Rules, after: Sequence[Sample] = ()
) -> Sample:
    """An earlier sample with these chances and fates."""
    units = pd.DataFrame({
        "person": [f"p{number}" for number in range(len(chances))],
        "given": chances,
        "drawn": drawn,
        "elsewhere": 0,
    })  # fmt: skip
    units["contact"] = units["person"]
    facts = {
        "on": days_on(day).isoformat(),
        "rules": {"quarantine": rules.quarantine, "most": rules.most},
        "after": [sample.manifest["content"] for sample in after],
        "content": f"{day}",
    }
    return Sample("tiny", f"w{day}", "customers", units, facts)


def by_brute_force(days: Sequence[int], chances: Sequence[float], rules: Rules, now: int) -> float:
    """Chance of being free: every history of all draws written out, each with the product of its conditional chances."""
    total = 0.0
    for fates in product([False, True], repeat=len(days)):
        weight, invited = 1.0, list[int]()
        for day, chance, fate in zip(days, chances, fates, strict=True):
            free = is_free(day, invited, rules)
            weight *= chance if fate and free else 0.0 if fate else 1 - chance * free
            invited += [day] if fate else []
        total += weight * is_free(now, invited, rules)
    return total


def is_free(day: int, invited: Sequence[int], rules: Rules) -> bool:
    """Whether rules let a person be invited, having been on those days."""
    rested = all((day - each) * 24 >= (rules.quarantine or 0) for each in invited)
    few = rules.most is None or sum(day - each < 365 for each in invited) < rules.most
    return rested and few


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=6, unique=True),
    st.sampled_from([None, 24.0, 240.0, 2160.0, 4320.0]),
    st.sampled_from([None, 1, 2, 3]),
    st.data(),
)
def test_chances_agree_with_every_history_written_out(
    days: list[int], quarantine: float | None, most: int | None, data: st.DataObject
) -> None:
    """The chance of being free is the sum over all histories, whatever the days and the rules."""
    rules, days = Rules(quarantine, most), sorted(days)
    chances = [data.draw(st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.6, 1.0]), min_size=3, max_size=3)) for _ in days]
    history: list[Sample] = []
    for day, each in zip(days, chances, strict=True):
        history.append(sample_of(day, each, [False] * 3, rules, history))
    now = days[-1] + data.draw(st.integers(0, 200))
    found = rest_of(pd.Series(["p0", "p1", "p2"]), rules, days_on(now), history)
    expected = [by_brute_force(days, [each[person] for each in chances], rules, now) for person in range(3)]
    np.testing.assert_allclose(found.chance, expected, atol=1e-12)


def test_rest_and_yearly_cap_by_hand() -> None:
    """Rest lasts exactly as many hours as the rule says; the invitation of 365 days ago no longer counts."""
    rules = Rules(2160.0, 2)
    first = sample_of(0, [0.5, 0.5, 0.0], [True, False, False], rules)
    second = sample_of(90, [0.5, 0.5, 0.5], [True, True, False], rules, [first])
    reasons = {
        day: rest_of(pd.Series(["p0", "p1", "p2"]), rules, days_on(day), [first, second]).reason.tolist()
        for day in (179, 180, 364, 365)
    }
    assert ["resting", "resting", ""] == reasons[179]
    assert ["most a year", "", ""] == reasons[180] == reasons[364]
    assert ["", "", ""] == reasons[365]


def test_contacts_elsewhere_are_a_condition() -> None:
    """Who was written to by others rests without any chance; earlier contacts use up the year; a sample's own are its own."""
    rules = Rules(2160.0, 2)
    first = sample_of(0, [0.5] * 4, [True, False, False, False], rules)
    facts = [("p0", 0), ("p1", 50), ("p2", -200), ("p2", -150), ("p3", 400), ("p9", 10)]
    contacted = Contacted(
        "log.csv", "", np.array([who for who, _ in facts], dtype=object),
        np.array([DAY.toordinal() + day for _, day in facts]),
    )  # fmt: skip
    found = rest_of(pd.Series(["p0", "p1", "p2", "p3"]), rules, days_on(100), [first], contacted)
    assert ["", "resting", "most a year", ""] == found.reason.tolist()
    np.testing.assert_allclose(found.chance, [1.0, 0.0, 0.0, 1.0])
    assert [0, -1, -1, 0] == found.elsewhere.tolist()


def test_a_known_contact_leaves_room_for_fewer(tmp_path: Path) -> None:
    """With one of two a year used elsewhere, an earlier draw with chance 1/2 leaves a person free half the time."""
    rules = Rules(None, 2)
    first = sample_of(0, [0.5, 0.5], [False, False], rules)
    path = tmp_path / "log.csv"
    path.write_text(f"contact,day,by\np0,{days_on(3).isoformat()},mail\n", encoding="utf-8")
    found = rest_of(pd.Series(["p0", "p1"]), rules, days_on(10), [first], read_contacted(path))
    np.testing.assert_allclose(found.chance, [0.5, 1.0])
    assert [1, 0] == found.elsewhere.tolist()


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("contact\np1\n", "FRM02", ""),
        ("contact,day\n,2027-01-01\n", "FRM06", ":2"),
        ("contact,day\np1,2027-01-01\np2,soon\n", "FRM08", ":3"),
    ],
)
def test_a_faulty_list_of_contacts_is_refused(tmp_path: Path, content: str, code: str, line: str) -> None:
    """A missing column, a blank contact, a day that is none: with its line."""
    path = tmp_path / "log.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_contacted(path)
    assert (code, f"{path}{line}") == (error.value.problems[0].code, str(error.value.problems[0].where))


def test_histories_that_do_not_fit_are_refused() -> None:
    """Another audience, a sample twice, a later one, one whose own history is not given; and the order is that of the draws."""
    rules = Rules(2160.0)
    first = sample_of(0, [0.5], [False], rules)
    second = sample_of(30, [0.5], [False], rules, [first])
    assert (first, second) == in_order([second, first], "tiny", "customers", days_on(30))
    for history, audience, code in (
        ([first], "employees", "RST01"),
        ([first, first], "customers", "RST02"),
        ([first, second], "customers", "RST03"),
        ([second], "customers", "RST04"),
    ):
        with pytest.raises(DataError) as error:
            in_order(history, "tiny", audience, days_on(20 if code == "RST03" else 60))
        assert [code] == [problem.code for problem in error.value.problems]


VISITS = Sampling(size=12, method="pps", measure="visits")
CASES = {
    "three waves, one rest": ((0, 30, 60), 90, None, [Sampling(size=10, by=("region",))] * 3),
    "the first rest is over": ((0, 30, 100), 90, None, [Sampling(size=12, by=("channel",))] * 3),
    "a cap a year": ((0, 30, 60, 90), 20, 2, [Sampling(size=20, by=("channel",))] * 4),
    "other strata each time": (
        (0, 30, 60), 90, None, [Sampling(size=10, by=(name,)) for name in ("region", "channel", "region")]
    ),
    "pps, then strata": ((0, 30, 60), 90, None, [VISITS, Sampling(size=10, by=("channel",)), Sampling(size=8)]),
    "units, then people": (
        (0, 30, 60), 90, None, [Sampling(size=9, units=SampledUnits("branch", 4)), VISITS, Sampling(size=8)]
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_probabilities_hold_over_many_histories(case: str) -> None:
    """Over 600 histories of all draws each person is drawn last as often as told, on average, within 4.5 standard errors.

    The weighted total of a mark that goes with being drawn early is right with `probability`, and wrong with `given`.
    """
    told, drawn, given = run(case, 600)
    gap = drawn - told
    spread = gap.std(axis=0, ddof=1) / 600**0.5
    assert (np.abs(gap.mean(axis=0)) <= WIDE * spread + 1e-12).all()
    mark = np.where(people()["region"] == "south", 9.0, 1.0) * people()["visits"].to_numpy()
    right, wrong = ((drawn / chance) @ mark for chance in (told, given))
    error = right.std(ddof=1) / 600**0.5
    assert abs(right.mean() - mark.sum()) <= WIDE * error
    if case != "a cap a year":
        assert abs(wrong.mean() - mark.sum()) > 10 * error


def run(case: str, seeds: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probability, fate and chance in the last draw alone of 48 people, a row a seed."""
    days, quarantine, most, plans = CASES[case]
    waves = {f"w{day}": plan for day, plan in zip(days, plans, strict=True)}
    study, frame = study_of(waves, quarantine=quarantine, most=most), frame_of(people())
    rows = []
    for seed in range(seeds):
        history: list[Sample] = []
        for day in days:
            history.append(draw(study, f"w{day}", "customers", frame, seed=seed, on=days_on(day), history=history))
        rows.append(history[-1].units)
    told, drawn, given = (
        np.array([row[name] for row in rows], dtype=float) for name in ("probability", "drawn", "given")
    )
    return told, drawn, given


def test_probabilities_sum_to_the_size_whoever_rests() -> None:
    """With the same strata and sizes under one rest, everybody's probability is the sampling fraction, wave after wave."""
    plan = Sampling(size=10, by=("region",))
    study, frame = study_of({f"w{day}": plan for day in (0, 30, 60)}, quarantine=90), frame_of(people())
    history: list[Sample] = []
    for day in (0, 30, 60):
        sample = draw(study, f"w{day}", "customers", frame, seed=5, on=days_on(day), history=history)
        held = sample.units.groupby("stratum")["drawn"].transform("mean")
        np.testing.assert_allclose(sample.units["probability"], held)
        assert len(history) * 10 == (sample.units["reason"] == "resting").sum()
        history.append(sample)


def test_more_than_rests_leave_is_refused() -> None:
    """Where too few are free the draw stops and says how many there are; nobody is drawn in their place."""
    study = study_of({"w0": Sampling(size=30), "w1": Sampling(size=30)}, quarantine=90)
    first = draw(study, "w0", "customers", frame_of(people()), seed=1, on=DAY)
    with pytest.raises(DataError, match="contact rules leave 18 of 48") as error:
        draw(study, "w1", "customers", frame_of(people()), seed=1, on=date(2027, 2, 1), history=[first])
    assert "DRW08" == error.value.problems[0].code

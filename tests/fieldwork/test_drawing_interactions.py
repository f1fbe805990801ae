"""Draws from interactions: one of each contact, those of the wave's event alone, and as often as told with every seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry.errors import DataError
from symmetry.fieldwork.drawing import draw
from symmetry.fieldwork.frames import Frame, read_frame
from symmetry.spec.running import Quota, SampledUnits, Sampling
from tests.fieldwork.framing import DAY, days_on, frame_of, study_of

WIDE = 4.5
"""Standard errors within which every frequency must lie."""


def interactions() -> Frame:
    """24 contacts with one to four interactions each, some of them of another event."""
    rows = [
        {"person": f"i{contact:03d}-{visit}", "contact": f"c{contact:03d}", "event": "visit.welcome"}
        for contact in range(24)
        for visit in range(1 + contact % 4)
    ]
    table = pd.DataFrame([*rows, {"person": "x1", "contact": "c001", "event": "call.end"}])
    table["channel"] = ["app" if number % 3 else "branch" for number in range(len(table))]
    return frame_of(table, kind="interactions")


def test_one_interaction_of_a_contact_at_most() -> None:
    """One of k is chosen and drawn at the rate: rate/k for each; another event's have no chance."""
    study = study_of(Sampling(rate=0.4))
    study = replace(study, waves={"cold": replace(study.waves["cold"], after="visit.welcome")})
    times, frame = 0, interactions()
    for seed in range(120):
        sample = draw(study, "cold", "customers", frame, seed=seed, on=DAY)
        assert sample.units.groupby("contact")["drawn"].sum().max() <= 1
        times = times + sample.units["drawn"].to_numpy(dtype=float)
    inside = sample.units["person"] != "x1"
    held = sample.units[inside].groupby("contact")["person"].transform("size")
    np.testing.assert_allclose(sample.units.loc[inside, "probability"], 0.4 / held)
    assert (0.0, "another event") == tuple(sample.units.loc[~inside, ["probability", "reason"]].iloc[0])
    chance = sample.units["probability"].to_numpy()
    assert (np.abs(times / 120 - chance) <= WIDE * np.sqrt(chance * (1 - chance) / 120)).all()
    assert {"another interaction", "another event", ""} == set(sample.units["reason"])


def test_strata_of_which_nobody_is_chosen_stop_no_draw() -> None:
    """Fixed sizes over strata with interactions unchosen or of another event alone: drawn with every seed, as often as told."""
    sampling = Sampling(size=12, by=("branch",))
    study = study_of(sampling)
    study = replace(study, waves={"cold": replace(study.waves["cold"], after="visit.welcome")})
    frame = interactions()
    rows = frame.rows.assign(branch=np.where(frame.rows["contact"] < "c010", "b1", "b2"))
    rows.loc[rows["person"] == "i003-1", "branch"] = "b3"
    rows.loc[rows["person"] == "x1", "branch"] = "b9"
    times, weights, alone = np.zeros(len(rows)), np.zeros(len(rows)), set()
    for seed in range(200):
        sample = draw(study, "cold", "customers", replace(frame, rows=rows), seed=seed, on=DAY)
        took = sample.units["drawn"].to_numpy()
        assert 12 == took.sum()
        times, weights[took] = times + took, weights[took] + 1 / sample.units.loc[took, "probability"]
        alone.add(tuple(sample.units.loc[sample.units["stratum"] == "b3", ["drawn", "probability"]].iloc[0]))
    facts: Any = sample.manifest
    assert ["b1", "b2", "b3"] == [each["stratum"] for each in facts["strata"]]
    assert {(True, 0.25), (False, 0.25)} == alone
    assert 0 == facts["never"]
    inside = rows["event"] == "visit.welcome"
    np.testing.assert_allclose(weights[inside] / 200, 1, atol=1)
    assert weights[inside].mean() / 200 == pytest.approx(1, abs=0.05)


def test_units_of_another_event_stop_no_draw() -> None:
    """In two stages, rows of another event neither tear a unit nor need one."""
    study = study_of(Sampling(size=6, by=("channel",), units=SampledUnits("branch", 4)))
    study = replace(study, waves={"cold": replace(study.waves["cold"], after="visit.welcome")})
    rows = interactions().rows
    rows["branch"] = "b" + rows["contact"].str[-1]
    rows["channel"] = np.where(rows["branch"] < "b5", "app", "branch")
    rows.loc[rows["person"] == "x1", ["branch", "channel"]] = ["b1", "branch"]
    for seed in range(20):
        sample = draw(study, "cold", "customers", frame_of(rows, kind="interactions"), seed=seed, on=DAY)
        assert sample.units["drawn"].any()
        assert ("", "", 0.0) == tuple(sample.units.query("person == 'x1'")[["stratum", "psu", "given"]].iloc[0])


def test_a_wave_after_nothing_takes_every_event() -> None:
    """A cold wave on interactions: each contact once, whatever the event."""
    sample = draw(study_of(Sampling(size="census")), "cold", "customers", interactions(), seed=1, on=DAY)
    assert 24 == sample.units["drawn"].sum()
    assert {"", "another interaction"} == set(sample.units["reason"])


def test_a_frame_of_the_wrong_event_is_refused(tmp_path: Path) -> None:
    """Quotas and blanks do not hide that no row is of the wave's event."""
    study = study_of(Sampling(rate=0.5, by=("region",), quotas=(Quota(5, ("region",)),)))
    study = replace(study, waves={"cold": replace(study.waves["cold"], after="visit.welcome")})
    path = tmp_path / "frame.csv"
    path.write_text("interaction,contact,at,event,region\ni1,c1,2027-01-02,call,\n", encoding="utf-8")
    frame = read_frame(path, study, "customers", wave="cold")
    with pytest.raises(DataError, match="of the event `visit.welcome`") as error:
        draw(study, "cold", "customers", frame, seed=1, on=DAY)
    assert "DRW04" == error.value.problems[0].code


def test_only_rows_of_the_event_are_counted() -> None:
    """The table's frame and those without a chance leave out rows of other events."""
    study = study_of(Sampling(rate=0.4))
    study = replace(study, waves={"cold": replace(study.waves["cold"], after="visit.welcome")})
    frame = interactions()
    facts: Any = draw(study, "cold", "customers", frame, seed=1, on=DAY).manifest
    assert (len(frame.rows) - 1, 0, 1) == (
        facts["strata"][0]["frame"],
        facts["never"],
        facts["reasons"]["another event"],
    )


def test_hot_draws_follow_each_other_with_rests() -> None:
    """On the second day a contact is drawn with the rate times the chance not to have been on the first: 0.6 · 0.4 in all."""
    study = study_of(Sampling(rate=0.4), quarantine=30)
    study = replace(study, waves={"cold": replace(study.waves["cold"], after="visit.welcome")})
    today = interactions()
    rows = today.rows.assign(person=today.rows["person"] + "-2")
    first = draw(study, "cold", "customers", today, seed=1, on=DAY)
    later = draw(study, "cold", "customers", replace(today, rows=rows), seed=1, on=days_on(1), history=[first])
    second = later.units.query("person != 'x1-2'")
    chance = second.groupby("contact")["probability"].sum()
    np.testing.assert_allclose(chance, 0.6 * 0.4)
    rested = set(first.units.query("drawn")["contact"])
    assert rested == set(second.query("reason == 'resting'")["contact"])
    assert not rested & set(second.query("drawn")["contact"])

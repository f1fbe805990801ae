"""Hot waves opened without a sample: asked as events happen, served before anybody was, and never so for employees."""

from __future__ import annotations

from pathlib import Path

import pytest

from symmetry import spec
from symmetry.errors import DataError
from symmetry.fieldwork.store.keeping import open_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.web import serving
from tests.fieldwork.inviting.happenings import OPENED, everything, open_hot, study_of
from tests.fieldwork.store.waves import sample_of


def test_a_hot_wave_opens_without_a_sample(store: Store, tmp_path: Path) -> None:
    """Nobody is invited yet; opened again it changes nothing."""
    study = study_of(tmp_path)
    opened = open_hot(store, study)
    assert (opened.invited, opened.added, opened.triggered) == ({}, (), ("customers",))
    before = everything(store)
    assert open_hot(store, study) == opened
    assert everything(store) == before


def test_it_is_served_before_anybody_was_invited(store: Store, tmp_path: Path) -> None:
    """With its audience, and nobody in it."""
    open_hot(store, study_of(tmp_path))
    assert serving._open_waves(store) == ["hot, customers: 0 invited, from 2027-03-01, without a last day"]


def test_a_cold_wave_needs_its_samples(store: Store, tmp_path: Path) -> None:
    """It follows no event."""
    with pytest.raises(DataError) as refused:
        open_wave(store, study_of(tmp_path), "cold", [], on=OPENED)
    assert [problem.code for problem in refused.value.problems] == ["OPN04", "OPN04"]


def test_employees_are_drawn_beforehand(store: Store, tmp_path: Path) -> None:
    """What stays with their answers is what five of a whole roster share: no roster that grows can keep that promise."""
    home = study_of(tmp_path).path
    both, one = "audiences: [customers, employees]\n    items: [rec", "audiences: [customers]\n    items: [rec"
    text = (
        home.read_text("utf-8")
        .replace(one, both)
        .replace("census}\n    open_for", "census, employees: census}\n    open_for")
    )
    home.write_text(text, "utf-8")
    study = spec.load(home)
    for samples in ([], [sample_of("customers", wave="hot")]):
        with pytest.raises(DataError) as refused:
            open_wave(store, study, "hot", samples, on=OPENED)
        assert [problem.code for problem in refused.value.problems] == ["OPN25"]
    opened = open_wave(store, study, "hot", [sample_of("employees", wave="hot")], on=OPENED)
    assert (opened.added, opened.triggered) == (("employees",), ("customers",))

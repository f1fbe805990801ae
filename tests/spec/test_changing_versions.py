"""Two versions of any kind: a study as it is, a wave as it was fielded, two waves of different years."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from symmetry.errors import SpecError
from symmetry.spec import load
from symmetry.spec.changing.comparing import changes, describe
from symmetry.spec.changing.sealing import seal
from symmetry.spec.changing.versions import read_version
from tests.spec.two_versions import edited, small_bank


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """The cold wave of the small bank, sealed."""
    folder, _ = edited(tmp_path / "then")
    return seal(load(folder), "cold-2027", on="2027-02-01")


def test_a_version_is_a_study_or_a_sealed_wave(sealed: Path) -> None:
    """Read by what the path is; a damaged or missing one is told."""
    assert small_bank() == replace(read_version(sealed.parents[1]), path=small_bank().path, items=small_bank().items)
    assert ["cold-2027"] == list(read_version(sealed).waves)
    for wrong in (sealed.with_name("cold-2020.json"), sealed.parent / "nowhere"):
        with pytest.raises(SpecError):
            read_version(wrong)


def test_a_study_against_what_was_fielded(sealed: Path, tmp_path: Path) -> None:
    """Only what that wave asks and promises counts: not the label, not the other waves; either way round."""
    folder, _ = edited(
        tmp_path / "now",
        ("en: Listening}", "en: Being heard}"),
        ("delay: 2h", "delay: 1d"),
        ("en: I am proud to work here.", "en: I am glad to work here."),
    )
    assert () == changes(read_version(sealed), small_bank())
    (found,) = changes(read_version(sealed), load(folder))
    assert ("breaking", "items.pride.employee.en") == (found.kind, found.path)
    assert folder / "study.yaml" == found.where.file
    (back,) = changes(load(folder), read_version(sealed))
    assert (sealed, "`I am glad to work here.` → `I am proud to work here.`") == (
        back.where.file,
        back.what.split(": ", 1)[1],
    )


def test_two_waves_are_one_wave_at_two_times(sealed: Path, tmp_path: Path) -> None:
    """Is this year comparable with last year?  The window moved, one wording changed, and nothing else is told."""
    folder, _ = edited(
        tmp_path / "now",
        ("  cold-2027:", "  cold-2028:"),
        ("window: 2027-03-01..2027-03-21", "window: 2028-03-01..2028-03-21"),
        ("en: I am proud to work here.", "en: I am glad to work here."),
    )
    later = seal(load(folder), "cold-2028", on="2028-02-01")
    found = changes(read_version(sealed), read_version(later))
    assert {("comparable", "waves.cold-2028.window"), ("breaking", "items.pride.employee.en")} == {
        (each.kind, each.path) for each in found
    }
    assert str(later) in describe(found)


def test_a_wave_that_is_not_there_cannot_be_compared(sealed: Path, tmp_path: Path) -> None:
    """With the wave that was meant."""
    folder, _ = edited(tmp_path / "now", ("  cold-2027:", "  cold-2028:"))
    with pytest.raises(SpecError, match="no wave `cold-2027`") as told:
        changes(read_version(sealed), load(folder))
    assert ("SPEC04", "did you mean `cold-2028`?") == (told.value.problems[0].code, told.value.problems[0].mend)

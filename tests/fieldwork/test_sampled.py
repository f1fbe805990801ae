"""Samples on disk: the same bytes for the same sample, and no byte of them changed unnoticed."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from symmetry.errors import DataError
from symmetry.fieldwork.drawing import draw
from symmetry.fieldwork.nouns import Sample
from symmetry.fieldwork.sampled import content_of, read_sample, write_sample
from symmetry.spec.running import Sampling
from tests.fieldwork.framing import DAY, frame_of, people, study_of

PLAN = Sampling(size=13, by=("region", "channel"))
STUDY = study_of(PLAN, quarantine=90)


def sample(seed: int = 1) -> Sample:
    """A sample with an unknown number and an unknown category in it, and a letter beyond ASCII."""
    rows = people()
    rows.loc[3, "visits"] = np.nan
    rows.loc[4, "branch"] = None
    rows.loc[5, "branch"] = "Évry"
    return draw(STUDY, "cold", "customers", frame_of(rows), seed=seed, on=DAY)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Table, types and manifest come back as they were; written again, not a byte differs."""
    one = sample()
    write_sample(one, tmp_path / "one")
    back = read_sample(tmp_path / "one", STUDY)
    assert_frame_equal(one.units, back.units)
    assert (one.study, one.wave, one.audience, one.manifest) == (back.study, back.wave, back.audience, back.manifest)
    write_sample(back, tmp_path / "two")
    for name in ("units.parquet", "manifest.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_only_its_owner_may_open_it(tmp_path: Path) -> None:
    """Folder 0700, files 0600, whatever the umask."""
    before = os.umask(0)
    try:
        write_sample(sample(), tmp_path / "s")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "s", *(tmp_path / "s").iterdir())}
    assert {"s": 0o700, "units.parquet": 0o600, "manifest.json": 0o600} == modes


def test_an_earlier_sample_is_replaced_and_a_foreign_folder_left_alone(tmp_path: Path) -> None:
    """A sample takes the place of a sample, and of nothing else."""
    write_sample(sample(1), tmp_path / "s")
    write_sample(sample(2), tmp_path / "s")
    assert 2 == read_sample(tmp_path / "s", STUDY).manifest["seed"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match="left alone"):
        write_sample(sample(), tmp_path / "mine")
    assert ["diary.txt"] == [path.name for path in (tmp_path / "mine").iterdir()]


@pytest.mark.parametrize("name", ["units.parquet", "manifest.json"])
def test_a_changed_byte_is_noticed(tmp_path: Path, name: str) -> None:
    """Any byte of either file: forty places spread over each."""
    write_sample(sample(), tmp_path / "s")
    path = tmp_path / "s" / name
    whole = path.read_bytes()
    for place in np.linspace(0, len(whole) - 1, 40).astype(int):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(DataError) as error:
            read_sample(tmp_path / "s", STUDY)
        assert error.value.problems[0].code in ("SMP04", "SMP05")
    path.unlink()
    with pytest.raises(DataError, match="is missing"):
        read_sample(tmp_path / "s", STUDY)


def test_a_table_swapped_with_its_fingerprint_is_noticed(tmp_path: Path) -> None:
    """A manifest sealed anew over another table's bytes still names the content it was drawn with."""
    import hashlib

    write_sample(sample(1), tmp_path / "one")
    write_sample(sample(2), tmp_path / "two")
    table = (tmp_path / "two" / "units.parquet").read_bytes()
    facts = json.loads((tmp_path / "one" / "manifest.json").read_text(encoding="utf-8"))
    facts = {name: value for name, value in facts.items() if name != "seal"} | {
        "sha256": hashlib.sha256(table).hexdigest()
    }
    text = json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
    facts["seal"] = hashlib.sha256(text.encode()).hexdigest()
    (tmp_path / "one" / "units.parquet").write_bytes(table)
    (tmp_path / "one" / "manifest.json").write_text(
        json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    with pytest.raises(DataError, match="says other things"):
        read_sample(tmp_path / "one", STUDY)


def test_a_sample_of_another_study_or_wave_is_refused(tmp_path: Path) -> None:
    """The study's key, its waves and their audiences must fit."""
    write_sample(sample(), tmp_path / "s")
    wave = replace(STUDY.waves["cold"], audiences=("employees",))
    others = {
        "SMP02": replace(STUDY, key="other"),
        "SMP03": replace(STUDY, waves={"cold": wave}),
    }
    for code, study in others.items():
        with pytest.raises(DataError) as error:
            read_sample(tmp_path / "s", study)
        assert code == error.value.problems[0].code


def test_the_content_is_that_of_every_cell() -> None:
    """A probability, a fate, a stratum or an absent number changed: another fingerprint."""
    units = sample().units
    seen = {content_of(units)}
    for name, value in (("probability", 0.5), ("drawn", not units.loc[3, "drawn"]), ("stratum", "x"), ("visits", 0.0)):
        changed = units.copy()
        changed.loc[3, name] = value
        seen.add(content_of(changed))
    seen.add(content_of(units.rename(columns={"visits": "visit"})))
    assert 6 == len(seen)

"""`symmetry freeze` on a store: a whole rehearsed programme goes through the databases and comes out as it was simulated."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Table, insert, update

from symmetry import fieldwork, responses, spec
from symmetry.cli import main
from symmetry.fieldwork.nouns import Intake
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import close, create
from symmetry.fieldwork.store.tables import ANSWERS, INVITATIONS, RESPONSES, WAVES
from symmetry.spec import Study
from symmetry.spec.changing.compiling import hash_of

ROOT = Path(__file__).resolve().parents[2]
BANK = ROOT / "survey_specs" / "everyday_bank"
PUT = ("cold-2027", "hot")


@pytest.fixture(scope="module")
def study() -> Study:
    """The bank that we ship."""
    return spec.load(BANK)


@pytest.fixture(scope="module")
def simulated(study: Study) -> list[Intake]:
    """The hot wave, and the cold one of 2027, made up."""
    truth = fieldwork.read_truth(next((ROOT / "analyses" / "everyday_bank").glob("truth*.yaml")), study)
    return [intake for wave in PUT for intake in fieldwork.simulate(study, wave, truth, 7).values()]


@pytest.fixture(scope="module")
def folder(study: Study, simulated: Sequence[Intake], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds those answers as if people had given them, each wave closed."""
    store = create(tmp_path_factory.mktemp("bank") / "field")
    for wave in PUT:
        add_wave(store, study, wave)
    for intake in simulated:
        add_answers(store, study, intake)
    close(store)
    return store.folder


def add_wave(store: Store, study: Study, wave: str) -> None:
    """A wave, opened and closed."""
    compiled = spec.compile_wave(study, wave)
    row = {"wave": wave, "study": study.key, "compiled": json.dumps(compiled), "sha256": hash_of(compiled)}
    days = {"state": "closed", "opened": "2027-01-01", "first": "2027-01-01", "closed": "2027-12-31"}
    write(store, WAVES, [row | days])


def add_answers(store: Store, study: Study, intake: Intake) -> None:
    """Answers where the field keeps them: what is asked apart from what is known, employees in the sealed store."""
    columns = fieldwork.columns_of(study, intake.wave, intake.audience)
    known = [column.name for column in columns if not column.asked]
    asked = [column.name for column in columns if column.asked]
    people, answers, sealed = [], [], []
    for row in intake.answers.drop(columns="respondent").to_dict("records"):
        token, key = secrets.token_bytes(16), secrets.token_bytes(16)
        facts = json.dumps({name: str(row[name]) for name in known if pd.notna(row[name])})
        said = json.dumps({name: row[name] for name in asked if pd.notna(row[name])})
        asked_of = {"wave": intake.wave, "audience": intake.audience}
        here = {"contact": token.hex(), "person": token.hex(), "stratum": "", "psu": "", "probability": 1.0}
        people.append(asked_of | here | {"token": token, "known": facts, "state": "complete", "day": None})
        answers.append({"token": token, "key": key, "language": "fr", "answers": said, "page": 1, "complete": True})
        sealed.append(asked_of | {"key": key, "known": facts, "answers": said})
    write(store, INVITATIONS, people)
    if intake.audience != "employees":
        write(store, RESPONSES, answers)
        return
    write(store, ANSWERS, sealed)
    note = json.dumps({"released": {"employees": len(sealed)}})
    (store.folder / f"closed-{intake.wave}.json").write_text(note, encoding="utf-8")


def write(store: Store, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put rows into a table."""
    with to_write(store.sealed if table is ANSWERS else store.field) as connection:
        connection.execute(insert(table), list(rows))


def rows_of(table: pd.DataFrame) -> pd.DataFrame:
    """The rows without their keys, in an order of their own."""
    plain = table.drop(columns="respondent")
    return plain.sort_values(list(plain.columns), ignore_index=True)


def test_a_programme_comes_out_as_it_went_in(
    folder: Path, study: Study, simulated: Sequence[Intake], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every wave and audience of the bank: each answer, each frame item, each type; nothing is printed but where and what."""
    out = tmp_path / "frozen"
    assert 0 == main(["freeze", str(folder), "--study", str(BANK), "--out", str(out)])
    assert f"{out}\n" == capsys.readouterr().out
    found = responses.read(out, study)
    assert {(each.wave, each.audience) for each in simulated} == set(found.answers)
    assert 1000 < sum(map(len, found.answers.values()))
    for each in simulated:
        frozen = found.answers[each.wave, each.audience]
        pd.testing.assert_frame_equal(
            rows_of(each.answers)[list(frozen.columns[1:])], rows_of(frozen), check_dtype=False
        )


def test_one_wave_is_frozen_alone(folder: Path, study: Study, tmp_path: Path) -> None:
    """`--wave` names it; the others are left out."""
    out = tmp_path / "frozen"
    assert 0 == main(["freeze", str(folder), "--study", str(BANK), "--wave", "hot", "--out", str(out)])
    assert {"hot"} == {wave for wave, _ in responses.read(out, study).answers}


def test_a_wave_that_is_not_there_is_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown wave is named with the one it may be; nothing is written."""
    assert 0 != main(["freeze", str(folder), "--study", str(BANK), "--wave", "hott", "--out", str(tmp_path / "frozen")])
    said = capsys.readouterr().err
    assert "COL01" in said
    assert "did you mean `hot`?" in said
    assert not (tmp_path / "frozen").exists()


@pytest.fixture
def opened(folder: Path) -> Iterator[None]:
    """The hot wave is open for a while."""
    state(folder, "open")
    yield
    state(folder, "closed")


def state(folder: Path, word: str) -> None:
    """Set the state of the hot wave."""
    from symmetry.fieldwork.store.opening import open_store

    store = open_store(folder)
    with to_write(store.field) as connection:
        connection.execute(update(WAVES).where(WAVES.c.wave == "hot").values(state=word))
    close(store)


@pytest.mark.usefixtures("opened")
def test_an_open_wave_stays_out(folder: Path, study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without `--wave` what is closed is frozen; an open wave that is asked for is refused, with the command that closes it."""
    out = tmp_path / "frozen"
    assert 0 == main(["freeze", str(folder), "--study", str(BANK), "--out", str(out)])
    assert "hot" not in {wave for wave, _ in responses.read(out, study).answers}
    assert 0 != main(["freeze", str(folder), "--study", str(BANK), "--wave", "hot", "--out", str(out)])
    assert f"symmetry field close hot --store {folder}" in capsys.readouterr().err


def test_waves_are_chosen_of_a_store_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Imported answers are frozen whole."""
    assert 0 != main(["freeze", str(tmp_path), "--study", str(BANK), "--wave", "hot"])
    assert "COL07" in capsys.readouterr().err

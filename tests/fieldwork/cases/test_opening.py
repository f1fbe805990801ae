"""Cases opened: exactly those that the alerts call for, once each, in the transaction that records the answer."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from symmetry.errors import DataError
from symmetry.fieldwork.cases import opening
from symmetry.fieldwork.cases.opening import open_cases
from symmetry.fieldwork.cases.owning import House, KnownOwner, house_of, keep_owners, owners_of
from symmetry.fieldwork.collecting import collect
from symmetry.fieldwork.store import recording
from symmetry.fieldwork.store.closing import close_wave
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.recording import record
from symmetry.fieldwork.store.standing import invitations_in
from symmetry.fieldwork.store.tables import CASES, INVITATIONS
from symmetry.spec import load
from tests.fieldwork.cases.calling import field_on, finish
from tests.fieldwork.store.waves import NOON, Field


@pytest.fixture
def field(store: Store, tmp_path: Path) -> Field:
    """The wave, open for twelve customers and twelve employees."""
    return field_on(store, tmp_path)


def raised(field: Field) -> list[tuple[str, str]]:
    """Who raised which alert."""
    joined = select(INVITATIONS.c.person, CASES.c.alert).join(CASES, CASES.c.token == INVITATIONS.c.token)
    with field.store.field.connect() as connection:
        return sorted((row.person, row.alert) for row in connection.execute(joined))


def test_a_case_has_its_owner_unit_and_clocks(field: Field) -> None:
    """Opened at the moment of the last page; both clocks are hours that pass; the unit is the site, for whom sees one alone."""
    finish(field, "c-000", 4, 5)
    (row,) = field.rows(CASES)
    assert {name: cell for name, cell in row.items() if cell is not None and name not in ("case", "token")} == {
        "wave": "cold",
        "alert": "detractor",
        "owner": "manager",
        "unit": "north",
        "opened": "2027-03-04T12:00:00Z",
        "call_back_by": "2027-03-05T12:00:00Z",
        "close_by": "2027-03-06T12:00:00Z",
    }
    assert (len(row["case"]), row["case"].isalnum()) == (8, True)


def test_clocks_run_on_when_the_clocks_change(field: Field) -> None:
    """24 hours are 24 hours, also over the night that has 23."""
    finish(field, "c-000", 4, 5, datetime(2027, 3, 27, 17, tzinfo=UTC))
    (row,) = field.rows(CASES)
    assert (row["call_back_by"], row["close_by"]) == ("2027-03-28T17:00:00Z", "2027-03-29T17:00:00Z")


def test_a_rehearsal_goes_by_its_own_day(store: Store, tmp_path: Path) -> None:
    """Cases are opened at noon of the day that stands for today, by the clock of Paris."""
    field = field_on(store, tmp_path, rehearse_on=date(2027, 3, 4))
    finish(field, "c-000", 4, 5, datetime(2026, 11, 23, 3, tzinfo=UTC))
    assert [(row["opened"], row["call_back_by"]) for row in field.rows(CASES)] == [
        ("2027-03-04T11:00:00Z", "2027-03-05T11:00:00Z")
    ]


def test_cases_are_those_that_the_answers_call_for(store: Store, tmp_path: Path) -> None:
    """Held against the conditions worked out by hand, of what was posted and of what is frozen once the wave is closed."""
    field = field_on(store, tmp_path, people=60)
    draw = random.Random(9)
    said: dict[str, tuple[int, str]] = {}
    for number in range(60):
        said[f"c-{number:03d}"] = draw.randrange(11), draw.choice(["1", "2", "3", "4", "5", "na"])
        finish(field, f"c-{number:03d}", *said[f"c-{number:03d}"])
    expected = [(person, "detractor") for person, (score, _) in said.items() if score <= 4]
    expected += [(p, "unheard") for p, (_, heard) in said.items() if heard in "12" and int(p[2:]) % 2 == 0]
    assert raised(field) == sorted(expected)
    units = Counter((row["alert"], row["unit"]) for row in field.rows(CASES))
    close_wave(store, "cold", now=datetime(2027, 4, 12, 12, tzinfo=UTC))
    frozen = collect(store, field.study, "cold", "customers").answers
    low = frozen[frozen["recommend"].le(4).fillna(False)]
    unheard = frozen[frozen["listened"].isin([1, 2]) & frozen["site"].eq("north")]
    assert units == Counter(("detractor", site) for site in low["site"]) + Counter({("unheard", ""): len(unheard)})


def test_employees_open_none(field: Field) -> None:
    """Whatever an employee answers: nothing of it is anywhere but in the box."""
    finish(field, "e-000", 0, 1)
    assert field.rows(CASES) == []


def test_only_finished_answers_do(field: Field) -> None:
    """A page that is saved opens nothing."""
    field.post("c-000", recommend="0")
    assert field.rows(CASES) == []


def test_an_answer_over_quota_opens_none(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finishes when there are enough is not counted, and nobody calls."""
    monkeypatch.setattr(recording, "take", lambda *_: False)
    field.post("c-000", recommend="0")
    assert field.post("c-000", 2, listened="5", why="Slow").kind == "over quota"
    assert field.rows(CASES) == []


def test_one_case_an_alert_and_answer(field: Field) -> None:
    """Clicked twice, posted again, or opened again by hand: still one."""
    field.post("c-000", recommend="0")
    last = field.submission("c-000", 2, listened="1", why="Slow")
    assert [each.kind for each in field.send(last, last)] == ["complete", "complete"]
    field.send(last)
    before = field.rows(CASES)
    assert raised(field) == [("c-000", "detractor"), ("c-000", "unheard")]
    with to_write(field.store.field) as connection:
        found = invitations_in(connection, {last.token: last.secret})[last.token]
        assert open_cases(connection, field.store, [(found, NOON)]) == 0
    assert field.rows(CASES) == before


def test_what_is_rolled_back_opens_nothing(field: Field) -> None:
    """The case and the answer stand or fall together."""
    field.post("c-000", recommend="0")
    with field.store.field.connect() as connection:
        record(connection, field.store, [field.submission("c-000", 2, listened="1")])
        connection.rollback()
    assert field.rows(CASES) == []


def test_names_that_meet_are_told_apart(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two cases would have one name, the second gets another."""
    monkeypatch.setattr(opening, "_letters", lambda said: f"case{sum(said) % 7:04d}")
    for number in range(6):
        finish(field, f"c-{number:03d}", 0, 5)
    assert len({row["case"] for row in field.rows(CASES)}) == len(field.rows(CASES)) == 6


def test_owners_are_those_of_the_study_as_it_is(store: Store, tmp_path: Path) -> None:
    """Opening a wave writes them down; changed in the study, they change when it is opened again; other studies stay."""
    field = field_on(store, tmp_path)
    keep_owners(store.folder, replace(field.study, key="other", owners={}))
    home = field.study.path
    home.write_text(home.read_text("utf-8").replace("within: site", "within: wait"), encoding="utf-8")
    keep_owners(store.folder, load(home))
    found = owners_of(store.folder, "small")
    assert found["manager"] == KnownOwner("manager", {"fr": "Directeur", "en": "Manager"}, ("alerts",), "wait")
    assert house_of(store.folder, "other") == House({}, ("visit",), ("visit.welcome",))
    assert house_of(store.folder, "small").touchpoints == {"visit.closed", "visit.welcome"}
    assert (store.folder / "owners.json").stat().st_mode & 0o777 == 0o600
    (store.folder / "owners.json").write_text("[", encoding="utf-8")
    with pytest.raises(DataError, match="CAS01"):
        owners_of(store.folder, "small")


def test_an_answer_is_not_lost_with_the_file_of_owners(field: Field, caplog: pytest.LogCaptureFixture) -> None:
    """The case is opened without its unit, and the log says so."""
    (field.store.folder / "owners.json").write_text("[", encoding="utf-8")
    finish(field, "c-000", 0, 5)
    assert [(row["owner"], row["unit"]) for row in field.rows(CASES)] == [("manager", "")]
    assert caplog.messages == ["cases are opened without a unit: CAS01"]

"""What is kept no longer than the study says; and what a close takes off the outbox.

Truth: the calendar of the study, and the rows of waves made by hand.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import update

from symmetry.fieldwork.collecting import collect
from symmetry.fieldwork.contacts.erasing import forget_outbox, retain
from symmetry.fieldwork.contacts.ledger import ledger_key, pseudonym, verdicts
from symmetry.fieldwork.store import keeping
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import (
    ADDRESSES,
    ANSWERS,
    CONTACTED,
    EVENTS,
    INVITATIONS,
    LINKS,
    OUTBOX,
    RESPONSES,
    WAVES,
)
from symmetry.fieldwork.store.tokens import hash_of
from symmetry.spec import Study, load
from tests.fieldwork.contacts.past import (
    address,
    elsewhere,
    event,
    invitation,
    message,
    put,
    rows_of,
    study_for,
    utc,
    wave,
)
from tests.fieldwork.store.waves import Field, field_on, study_with

DAY = 24.0


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """The small study, which keeps names for 90 days and words for a year."""
    return study_for(tmp_path, keep_identity=90 * DAY, keep_verbatim=365 * DAY)


def closed_wave(store: Store, study: Study) -> None:
    """A wave that was closed on 22 March, with c-1, whom another wave asks too, and c-2, whom an event waits for, and c-3."""
    wave(store, study, "cold", state="closed", closed="2027-03-22")
    wave(store, study, "next")
    for contact in ("c-1", "c-2", "c-3"):
        invitation(store, contact, "cold")
        message(store, contact, "cold", "2027-03-02T08:00:00Z")
        event(store, contact, "2027-03-01T10:00:00Z", state="invited", wave="cold")
        address(store, contact)
        elsewhere(store, contact, "2026-12-24")
    invitation(store, "c-1", "next")
    event(store, "c-2", "2027-06-19T10:00:00Z")
    address(store, "c-4")  # came in for a wave to come


@pytest.mark.parametrize(
    ("at", "done"),
    [
        ("2027-06-19 21:59", {}),
        ("2027-06-19 22:01", {"names": 3, "addresses": 1}),  # the 90th day after the close, in Paris
    ],
)
def test_names_go_when_their_time_is_over(store: Store, study: Study, at: str, done: dict[str, int]) -> None:
    """In the wave, its messages and its events; addresses of those whom nothing else needs.  The second time there is nothing."""
    closed_wave(store, study)
    assert retain(store, utc(at)) == Counter(done)
    named = [
        row["contact"] for row in rows_of(store, INVITATIONS) if row["wave"] == "cold" and row["contact"][0] != "~"
    ]
    assert len(named) == (0 if done else 3)
    assert retain(store, utc(at)) == Counter()


def test_what_another_wave_or_an_event_needs_stays(store: Store, study: Study) -> None:
    """The young wave and the waiting event keep their names; the others are pseudonyms wherever they stand."""
    closed_wave(store, study)
    retain(store, utc("2027-07-01 12:00"))
    names = {contact: pseudonym(ledger_key(store.folder), contact) for contact in ("c-1", "c-2", "c-3")}
    old = set(names.values())
    assert {(row["wave"], row["contact"]) for row in rows_of(store, INVITATIONS)} == {
        *(("cold", name) for name in old),
        ("next", "c-1"),
    }
    assert {row["contact"] for row in rows_of(store, OUTBOX)} == old
    assert {(row["state"], row["contact"]) for row in rows_of(store, EVENTS)} == {
        *(("invited", name) for name in old),
        ("waiting", "c-2"),
    }
    assert {row["contact"] for row in rows_of(store, ADDRESSES)} == {"c-1", "c-2", "c-4"}
    assert {row["contact"] for row in rows_of(store, CONTACTED)} == {"c-1", "c-2", names["c-3"]}


def test_rules_of_contact_hold_after_the_name_is_gone(store: Store, study: Study) -> None:
    """Whoever was invited under a name that is forgotten is still at rest under it."""
    closed_wave(store, study)
    with to_write(store.field) as connection:
        connection.execute(update(OUTBOX).values(sent="2027-06-15T08:00:00Z"))
    retain(store, utc("2027-07-01 12:00"))
    address(store, "c-3")
    with store.field.connect() as connection:
        key = ledger_key(store.folder)
        asked = verdicts(connection, key, study, "next", "customers", ["c-3", "c-4"], utc("2027-07-01 12:00"))
    assert asked == ["resting", ""]


def answered(store: Store, folder: Path) -> Field:
    """A wave that was closed, in which a customer and eight employees wrote why."""
    (study_with(folder).path).write_text(
        study_with(folder)
        .path.read_text()
        .replace("employees: anonymous}", "employees: anonymous, keep_verbatim: 30d}")
    )
    field = field_on(store, load(folder / "small"))
    for person in ("c-001", *(f"e-{number:03d}" for number in range(8))):
        field.post(person, recommend="3")
        field.post(person, 2, why="Trop d'attente", listened="4")
    keeping.close_wave(store, "cold", now=utc("2027-03-22 12:00"))
    return field


def test_what_people_wrote_goes_when_its_time_is_over(store: Store, tmp_path: Path) -> None:
    """Of customers and of employees; every other answer stays, and what is collected says on which day."""
    field = answered(store, tmp_path)
    before = {audience: collect(store, field.study, "cold", audience) for audience in ("customers", "employees")}
    assert retain(store, utc("2027-04-20 12:00")) == Counter()
    assert retain(store, utc("2027-04-21 12:00")) == Counter({"verbatims": 9})
    assert retain(store, utc("2027-04-22 12:00")) == Counter()
    for table in (RESPONSES, ANSWERS):
        assert "attente" not in str(field.rows(table))
    for audience, was in before.items():
        now = collect(store, field.study, "cold", audience)
        words = [name for name in was.answers.columns if name.startswith("why")]
        assert now.answers[words].isna().all(axis=None)
        assert now.answers.drop(columns=words).equals(was.answers.drop(columns=words))
        assert [row.note for row in now.log.itertuples() if row.measure == "verbatims erased"] == [
            "on 2027-04-21: what people wrote is kept no longer"
        ]


def test_a_study_that_says_nothing_keeps_everything(store: Store, tmp_path: Path) -> None:
    """No name, address or word goes by itself."""
    closed_wave(store, study_for(tmp_path))
    assert retain(store, utc("2037-01-01 12:00")) == Counter()


@pytest.mark.parametrize(
    ("state", "rehearsal", "left"),
    [
        ("closed", None, {"young.csv"}),
        ("open", None, {"old.csv", "young.csv"}),  # it may run for years: rows set aside still wait for somebody
        ("closed", "2027-03-04", {"old.csv", "young.csv"}),  # the disk knows no days of rehearsals
    ],
)
def test_files_of_people_go_when_every_wave_is_over(
    store: Store, study: Study, state: str, rehearsal: str | None, left: set[str]
) -> None:
    """By the day on which they were written; younger ones stay."""
    wave(store, study, "cold", state=state, closed="2027-03-22" if state == "closed" else None, rehearsal=rehearsal)
    folders = [store.folder / name for name in ("aside", "drop/done", "print")]
    for folder in folders:
        folder.mkdir(parents=True)
        for name, at in (("old.csv", "2027-03-01 12:00"), ("young.csv", "2027-04-10 12:00")):
            (folder / name).write_text("contact\nc-1\n")
            os.utime(folder / name, (utc(at).timestamp(),) * 2)
    assert retain(store, utc("2027-06-25 12:00")) == Counter({"files": 3 * (2 - len(left))})
    assert [{path.name for path in folder.iterdir()} for folder in folders] == [left] * 3


def test_names_that_no_wave_holds_go_when_every_wave_is_over(store: Store, study: Study) -> None:
    """An event that none followed, a day of others, an address of somebody never asked; younger ones, and what waits, stay."""
    wave(store, study, "cold", state="closed", closed="2027-03-22")
    for contact, at in (("old", "2027-03-05"), ("new", "2027-06-24"), ("waits", "2027-03-05")):
        event(store, contact, f"{at}T10:00:00Z", state="waiting" if contact == "waits" else "not asked")
        elsewhere(store, contact, at)
        put(store, ADDRESSES, contact=contact, email=f"{contact}@example.org", bad="", day=at)
    assert retain(store, utc("2027-06-19 12:00")) == Counter()
    assert retain(store, utc("2027-06-25 12:00")) == Counter({"events": 1, "addresses": 1})
    assert retain(store, utc("2027-06-25 12:00")) == Counter()
    gone = pseudonym(ledger_key(store.folder), "old")
    for table in (EVENTS, CONTACTED):
        assert {row["contact"] for row in rows_of(store, table)} == {gone, "new", "waits"}
    assert {row["contact"] for row in rows_of(store, ADDRESSES)} == {"new", "waits"}
    assert "old" not in str(rows_of(store, EVENTS))


def test_no_message_of_a_forgotten_name_can_be_worked_out(store: Store, study: Study) -> None:
    """Its id was a hash of wave, audience and person, which the frame knows; now it is another one."""
    closed_wave(store, study)
    before = {bytes(row["id"]) for row in rows_of(store, OUTBOX)}
    retain(store, utc("2027-07-01 12:00"))
    assert len(before | {bytes(row["id"]) for row in rows_of(store, OUTBOX)}) == 6


def outbox_of(store: Store, study: Study, promise: str) -> None:
    """Messages of a customer and of three employees, before the close."""
    wave(store, study, "cold")
    for contact, audience in (("c-1", "customers"), *((name, "employees") for name in ("e-1", "e-2", "e-3"))):
        token = invitation(store, contact, "cold", audience)
        put(store, LINKS, mark=hash_of(f"short {contact}"), kind="short", token=token)
        put(store, LINKS, mark=hash_of(f"out {contact}"), kind="out", token=token)
        first = (
            ("dropped", "answered")
            if contact == "e-2"
            else ("dropped", "no address")
            if contact == "e-3"
            else ("sent", "")
        )
        message(store, contact, "cold", "2027-03-02T08:00:00Z", state=first[0], reason=first[1], audience=audience)
        message(store, contact, "cold", "2027-03-06T08:00:00Z", state="sent", step=1, audience=audience)
        message(store, contact, "cold", "2027-03-11T08:00:00Z", state="planned", step=2, audience=audience)
    if promise == "confidential":
        with to_write(store.field) as connection:
            compiled = rows_of(store, WAVES)[0]["compiled"].replace(
                '"employees": "anonymous"', '"employees": "confidential"'
            )
            connection.execute(update(WAVES).values(compiled=compiled))


@pytest.mark.parametrize("promise", ["anonymous", "confidential"])
def test_a_close_drops_what_was_planned_and_of_anonymous_employees_every_reminder(
    store: Store, study: Study, promise: str
) -> None:
    """Their invitations say no more than who could be reached; of everybody the short links go.  Again: nothing."""
    outbox_of(store, study, promise)
    anonymous = promise == "anonymous"
    with to_write(store.field) as connection:
        assert forget_outbox(connection, "cold") == {"dropped": 4, "forgotten": 6 if anonymous else 0}
        assert forget_outbox(connection, "cold") == {"dropped": 0, "forgotten": 0}
    told = {(row["contact"], row["step"]): (row["state"], row["reason"]) for row in rows_of(store, OUTBOX)}
    assert [told["c-1", step] for step in range(3)] == [("sent", ""), ("sent", ""), ("dropped", "wave closed")]
    assert [told[f"e-{number}", 0] for number in (1, 2, 3)] == [
        ("sent", ""),
        ("sent", "") if anonymous else ("dropped", "answered"),
        ("dropped", "no address"),
    ]
    assert len(told) == (6 if anonymous else 12)
    assert Counter(row["kind"] for row in rows_of(store, LINKS)) == Counter({"out": 4})
    early = [row for row in rows_of(store, OUTBOX) if row["contact"] in ("e-1", "e-2") and row["step"] == 0]
    facts = ("channel", "due", "expires", "state", "reason", "sender", "claimed", "tries", "sent")
    alike = {tuple(row[fact] for fact in facts) for row in early}
    assert len(alike) == (1 if anonymous else 2)


def test_closing_a_wave_deletes_its_letters(store: Store, tmp_path: Path) -> None:
    """They name people, and who was reminded; of another wave, whose name begins alike, they stay."""
    field = field_on(store, study_with(tmp_path))
    folder = store.folder / "print"
    folder.mkdir()
    for name in ("cold-2027-03-05-1.html", "cold-2027-03-05-12.html", "cold-2027-2027-03-05-1.html"):
        (folder / name).write_text("e-007")
    keeping.close_wave(field.store, "cold", now=utc("2027-03-22 12:00"))
    assert [path.name for path in folder.iterdir()] == ["cold-2027-2027-03-05-1.html"]


def test_closing_a_wave_takes_its_messages_off(store: Store, tmp_path: Path) -> None:
    """The close itself: afterwards no message of the wave is planned, and no reminder of an employee is there."""
    field = field_on(store, study_with(tmp_path))
    for person, audience in (("c-001", "customers"), ("e-001", "employees")):
        message(store, person, "cold", "2027-03-25T08:00:00Z", state="planned", step=1, audience=audience)
    keeping.close_wave(field.store, "cold", now=utc("2027-03-22 12:00"))
    left = [(row["contact"], row["state"], row["reason"]) for row in rows_of(store, OUTBOX)]
    assert left == [("c-001", "dropped", "wave closed")]

"""Recording: what each posted page does to the store, on SQLite and on PostgreSQL, and what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select

from symmetry.fieldwork.asking.nouns import Fault
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.recording import record
from symmetry.fieldwork.store.sealing import unboxed, unlocked
from symmetry.fieldwork.store.tables import DRAFTS, HOLDING, INVITATIONS, KEYS, RESPONSES
from symmetry.fieldwork.store.tokens import hash_of, secret_of, token_of
from symmetry.spec import Study, load
from tests.fieldwork.store.waves import Field, field_on, study_with


@pytest.fixture
def field(store: Store, tmp_path: Path) -> Field:
    """The wave, open for twelve customers and twelve employees."""
    return field_on(store, study_with(tmp_path))


def state(field: Field, person: str) -> tuple[str, str | None]:
    """State and day of somebody's invitation."""
    found = [row for row in field.rows(INVITATIONS) if row["person"] == person]
    return found[0]["state"], found[0]["day"]


def three_pages(folder: Path) -> Study:
    """The study, with a third page that asks about the second."""
    home = study_with(folder).path
    route = "    role: driver\n    ask_if: recommend is not None or why is not None\n"
    home.write_text(home.read_text("utf-8").replace("    role: driver\n", route), encoding="utf-8")
    return load(home)


def answers(field: Field) -> list[dict[str, object]]:
    """What was saved of customers."""
    return [json.loads(row["answers"]) for row in field.rows(RESPONSES)]


def test_pages_are_saved_one_by_one_and_finished_by_the_last(field: Field) -> None:
    """The first page starts the answer, the last completes it; its random key never changes."""
    first = field.post("c-000", recommend="3")
    assert (first.kind, first.page, first.standing.answers) == ("saved", 2, {"recommend": 3})
    before = field.rows(RESPONSES)
    assert state(field, "c-000") == ("started", "2027-03-04")
    assert [(row["complete"], row["page"], row["language"]) for row in before] == [(False, 2, "fr")]
    last = field.post("c-000", 2, why="Trop long", listened="4", language="en", at=datetime(2027, 3, 5, tzinfo=UTC))
    assert (last.kind, state(field, "c-000")) == ("complete", ("complete", "2027-03-05"))
    assert answers(field) == [{"recommend": 3, "why": "Trop long", "listened": 4}]
    after = field.rows(RESPONSES)
    assert [(row["key"], row["complete"], row["language"]) for row in after] == [(before[0]["key"], True, "en")]
    assert len(before[0]["key"]) == 16


def test_two_clicks_in_one_batch_are_one_answer(field: Field) -> None:
    """The second of two clicks finds what the first one did, in the order in which they came."""
    field.post("c-000", recommend="9")
    clicks = [field.submission("c-000", 2, listened=mark) for mark in ("5", "5", "1")]
    assert [each.kind for each in field.send(*clicks)] == ["complete", "complete", "used"]
    assert answers(field) == [{"recommend": 9, "listened": 5}]


def test_only_a_second_click_is_thanked_again(field: Field) -> None:
    """A customer who sends the same again is done; whoever says something else, or cannot be compared, is told."""
    for person in ("c-000", "e-000"):
        field.post(person, recommend="9")
        field.post(person, 2, listened="5")
    again = [field.post("c-000", recommend="9"), field.post("c-000", 2, listened="5", why="")]
    again += [field.post("c-000", 2, action="keep", listened="5")]
    assert [each.kind for each in again] == ["complete"] * 3
    other = [field.post("c-000"), field.post("c-000", 2, listened="4"), field.post("c-000", 2, action="refuse")]
    other += [field.post("c-000", 2, action="keep", listened="4"), field.post("e-000", 2, listened="5")]
    assert [each.kind for each in other] == ["used"] * 5
    assert answers(field) == [{"recommend": 9, "listened": 5}]


@pytest.mark.parametrize("person", ["c-000", "e-000"])
def test_who_turns_back_keeps_what_is_sound(field: Field, person: str) -> None:
    """A page that is left by another button is saved without its faults, in its language, and never finishes anything."""
    kept = field.post(person, action="keep", recommend="3", language="en")
    assert (kept.kind, kept.page, kept.faults) == ("saved", 1, ())
    standing = field.standing(person)
    assert (standing.answers, standing.page, standing.language) == ({"recommend": 3}, 1, "en")
    field.post(person, recommend="3")
    kept = field.post(person, 2, action="keep", why="Slow", listened="6")
    assert (kept.kind, kept.page, kept.standing.answers) == ("saved", 2, {"recommend": 3, "why": "Slow"})
    kept = field.post(person, 2, action="keep", listened="5")
    assert (kept.kind, kept.page, field.standing(person).answers) == ("saved", 2, {"recommend": 3, "listened": 5})
    assert state(field, person)[0] == "started"


@pytest.mark.parametrize("person", ["c-000", "e-000"])
def test_to_keep_an_empty_page_begins_nothing(field: Field, person: str) -> None:
    """Who only changes the language of a blank page has not begun, and who refused has not come back."""
    assert (field.post(person, action="keep").kind, state(field, person)) == ("saved", ("invited", None))
    field.post(person, action="refuse")
    kept = field.post(person, action="keep")
    assert (kept.kind, kept.standing.kind, state(field, person)[0]) == ("saved", "refused", "refused")
    assert (field.rows(RESPONSES), field.rows(DRAFTS)) == ([], [])
    assert field.post(person, action="keep", recommend="9").standing.kind == "asked"
    assert state(field, person)[0] == "started"


def test_what_a_page_cannot_hold_is_not_kept_either(field: Field) -> None:
    """A page or a field of somebody else's is stray, whatever button was pressed."""
    assert [field.post("c-000", 2, action="keep", recommend="9").kind, field.post("c-000", 9, action="keep").kind] == [
        "stray",
        "stray",
    ]


@pytest.mark.parametrize(("action", "page"), [("next", 3), ("keep", 1)])
@pytest.mark.parametrize("person", ["c-000", "e-000"])
def test_who_goes_back_does_not_lose_their_place(
    new_store: Callable[[], Store], tmp_path: Path, person: str, action: str, page: int
) -> None:
    """From the third page back to the first: the same questions, so on at the third; other questions, so page by page."""
    field = field_on(new_store(), three_pages(tmp_path))
    field.post(person, recommend="3")
    assert field.post(person, 2, why="Slow").page == 3
    assert field.post(person, action=action, recommend="4").page == page
    assert field.standing(person).page == 3
    assert field.post(person, action=action, recommend="9").page == (1 if action == "keep" else 3)
    assert field.post(person, action=action, recommend="2").page == (1 if action == "keep" else 2)
    assert field.standing(person).page == (1 if action == "keep" else 2)


def test_a_batch_keeps_people_apart(field: Field) -> None:
    """Of many people in one batch each gets what that person sent, and each outcome stands in its place."""
    batch = [field.submission(f"c-{number:03d}", recommend=str(number)) for number in range(11)]
    batch += [field.submission(f"e-{number:03d}", recommend=str(number)) for number in range(11)]
    assert [each.standing.answers["recommend"] for each in field.send(*batch)] == [*range(11), *range(11)]
    for number in range(11):
        assert field.standing(f"c-{number:03d}").answers == {"recommend": number}
        assert field.standing(f"e-{number:03d}").answers == {"recommend": number}


@pytest.mark.parametrize("person", ["c-000", "e-000"])
def test_a_finished_answer_is_final(field: Field, person: str) -> None:
    """Whatever is sent after the end changes nothing, a refusal included."""
    field.post(person, recommend="9")
    field.post(person, 2, listened="5")
    before = [field.rows(table) for table in (INVITATIONS, RESPONSES, DRAFTS, HOLDING)]
    late = [field.post(person, recommend="0"), field.post(person, recommend="x"), field.post(person, foreign="1")]
    late += [field.post(person, action="refuse"), field.post(person, 2, listened="1"), field.post(person, 99)]
    assert [each.kind for each in late] == ["used"] * 6
    assert [field.rows(table) for table in (INVITATIONS, RESPONSES, DRAFTS, HOLDING)] == before


def test_an_unknown_token_is_told_so_and_leaves_nothing(field: Field) -> None:
    """A forged token, and one made for another audience or wave, meet nobody's invitation."""
    posted = field.submission("c-000", recommend="9")
    for forged in (
        "a" * 20,
        token_of(field.key, "cold", "employees", "c-000"),
        token_of(field.key, "x", "customers", "c-000"),
    ):
        sent = replace(posted, token=hash_of(forged), secret=secret_of(forged))
        assert field.send(sent)[0].kind == "unknown"
    assert field.rows(RESPONSES) == []


def test_a_wave_begins_and_ends_at_midnight_of_its_time_zone(field: Field) -> None:
    """In Paris, in winter, midnight is 23:00 of the day before in UTC."""
    moments = ["2027-02-28T22:59+00:00", "2027-02-28T23:01+00:00", "2027-03-21T22:59+00:00", "2027-03-21T23:01+00:00"]
    posted = [
        field.post(f"c-{number:03d}", at=datetime.fromisoformat(moment), recommend="9")
        for number, moment in enumerate(moments)
    ]
    assert [each.kind for each in posted] == ["early", "saved", "saved", "closed"]
    assert len(field.rows(RESPONSES)) == 2


@pytest.mark.parametrize("person", ["c-000", "e-000"])
def test_who_refuses_takes_their_answers_along_and_may_come_back(field: Field, person: str) -> None:
    """A refusal deletes what was saved; it stays until the person answers after all."""
    field.post(person, recommend="9")
    assert field.post(person, action="refuse").kind == "refused"
    assert state(field, person) == ("refused", "2027-03-04")
    assert (field.rows(RESPONSES), field.rows(DRAFTS)) == ([], [])
    later = datetime(2027, 3, 9, 9, tzinfo=UTC)
    assert field.post(person, action="refuse", at=later).kind == "refused"
    assert state(field, person) == ("refused", "2027-03-04")
    assert (field.standing(person).kind, field.standing(person).page) == ("refused", 1)
    assert field.post(person, recommend="2", at=later).kind == "saved"
    assert state(field, person) == ("started", "2027-03-09")


def test_what_belongs_to_no_page_of_this_person_is_not_recorded(field: Field) -> None:
    """A page that is none, or a field of another page, a frame item included: "stray", and the store stays as it was."""
    kinds = [field.post("c-000", page, recommend="9").kind for page in (-1, 0, 2, 3, 10**9)]
    kinds += [field.post("c-000", listened="5").kind, field.post("c-000", recommend="9", site="north").kind]
    assert kinds == ["stray"] * 7
    assert (field.rows(RESPONSES), state(field, "c-000")) == ([], ("invited", None))


def test_answers_to_questions_that_routing_hid_are_never_stored(field: Field) -> None:
    """The field of a hidden question of the page is passed over."""
    field.post("c-000", recommend="9")
    assert field.post("c-000", 2, why="Hidden", listened="5").kind == "complete"
    assert answers(field) == [{"recommend": 9, "listened": 5}]


def test_who_goes_back_keeps_only_what_is_on_the_new_route(field: Field) -> None:
    """An answer whose question left the route is dropped at the end, though it was saved meanwhile."""
    field.post("c-000", recommend="3")
    with to_write(field.store.field) as connection:  # as a page in between would have saved it
        connection.execute(RESPONSES.update().values(answers=json.dumps({"recommend": 3, "why": "Slow"})))
    assert field.post("c-000", recommend="9").standing.answers == {"recommend": 9, "why": "Slow"}
    assert field.post("c-000", 2, listened="5").kind == "complete"
    assert answers(field) == [{"recommend": 9, "listened": 5}]


def test_a_page_with_a_fault_records_nothing(field: Field) -> None:
    """Faults come back with the page, and what was saved before stays."""
    field.post("c-000", recommend="3")
    outcome = field.post("c-000", 2, why="Slow", listened="6")
    assert (outcome.kind, outcome.page, outcome.faults) == ("invalid", 2, (Fault("listened", "choice"),))
    assert answers(field) == [{"recommend": 3}]


def test_a_blank_clears_and_nothing_at_all_is_no_answer(field: Field) -> None:
    """Questions may be left blank, a saved answer may be taken back, and somebody must have said something in the end."""
    field.post("c-000", recommend="9")
    assert field.post("c-000", 1).standing.answers == {}
    outcome = field.post("c-000", 2)
    assert (outcome.kind, outcome.faults) == ("invalid", (Fault("", "nothing answered"),))
    assert state(field, "c-000")[0] == "started"
    assert field.post("c-000", 2, listened="na").kind == "complete"
    assert answers(field) == [{"listened": 0}]


def test_no_language_is_stored_but_one_of_the_questionnaire(field: Field) -> None:
    """Whatever language a form names, the store keeps one that the pages speak."""
    field.post("c-000", recommend="9", language="tlh")
    assert [row["language"] for row in field.rows(RESPONSES)] == ["fr"]


def test_an_employee_is_saved_under_a_lock_and_sent_in_a_box(field: Field) -> None:
    """The draft opens with the person's secret alone; at the end there is a box, which the sealed database's key opens."""
    words = "Je dis tout"
    field.post("e-000", recommend="3")
    field.post("e-000", 1, recommend="4")
    drafts = field.rows(DRAFTS)
    assert [unlocked(secret_of(field.token("e-000")), row["box"]) for row in drafts] == [({"recommend": 4}, 2, "fr")]
    assert field.post("e-000", 2, why=words, listened="1").kind == "complete"
    assert (field.rows(DRAFTS), field.rows(RESPONSES), state(field, "e-000")[0]) == ([], [], "complete")
    (held,), (key,) = field.rows(HOLDING), field.rows(KEYS)
    assert held["seal"] == key["seal"]
    _, said, known = unboxed(key["private"], held["box"])
    assert (said, known) == ({"recommend": 4, "why": words, "listened": 1}, {"site": "north"})
    assert (held["wave"], json.loads(held["cell"])) == ("cold", {"site": "north"})
    assert field.standing("e-000").answers == {}


def test_what_is_rolled_back_never_was(field: Field) -> None:
    """Nothing of a batch stays when its transaction fails, and the same batch can be recorded again."""
    batch = [field.submission("c-000", recommend="9"), field.submission("e-000", recommend="9")]
    with field.store.field.connect() as connection:
        assert [each.kind for each in record(connection, field.store, batch)] == ["saved", "saved"]
        connection.rollback()
    assert [field.rows(table) for table in (RESPONSES, DRAFTS)] == [[], []]
    assert [each.kind for each in field.send(*batch)] == ["saved", "saved"]


def test_two_writers_complete_one_invitation_once(new_store: Callable[[], Store], tmp_path: Path) -> None:
    """Two machines that record the same invitation at the same moment: one of them wins, and the other is told so."""
    field = field_on(new_store(), study_with(tmp_path, customers="{size: census, quotas: [12 per wave]}"))
    people = [f"c-{number:03d}" for number in range(12)]
    for person in people:
        field.post(person, recommend="9")
    together = Barrier(2)

    def write(mark: str) -> list[str]:
        told: list[str] = []
        for person in people:
            together.wait()
            told.append(field.post(person, 2, listened=mark).kind)
        return told

    with ThreadPoolExecutor(2) as pool:
        kinds = list(pool.map(write, ["1", "5"]))
    assert [sorted(pair) for pair in zip(*kinds, strict=True)] == [["complete", "used"]] * 12
    assert len(field.rows(RESPONSES)) == 12
    with field.store.field.connect() as connection:
        taken = connection.exec_driver_sql("SELECT taken FROM quotas").scalars().all()
        done = connection.execute(select(INVITATIONS.c.person).where(INVITATIONS.c.state == "complete")).scalars().all()
    assert (taken, len(done)) == ([12], 12)

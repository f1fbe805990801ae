"""What is told of a person: every message and its reason, with figures; and of an employee nothing that an answer could change.

Truth: pasts made by hand, and sentences written beforehand.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from symmetry import cli
from symmetry.errors import DataError
from symmetry.fieldwork.contacts.erasing import forget_outbox
from symmetry.fieldwork.contacts.explaining import Explained, Told, explain
from symmetry.fieldwork.contacts.ledger import ledger_key, pseudonym
from symmetry.fieldwork.contacts.opting import opt_out
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import create
from symmetry.spec import Study
from tests.fieldwork.contacts.past import address, elsewhere, event, invitation, message, study_for, utc, wave

NOW = utc("2027-04-01 10:00")


def lived(store: Store, study: Study) -> None:
    """A customer who was invited to the cold wave, and had a visit before and after."""
    wave(store, study, "cold")
    wave(store, study, "hot", opened="2027-01-01")
    address(store, "c-1", "zoe@example.org", "+33612345678", bad="sms")
    invitation(store, "c-1", "cold", state="complete", day="2027-03-08")
    message(store, "c-1", "cold", "2027-03-03T08:00:00Z")
    message(store, "c-1", "cold", "2027-03-07T08:00:00Z", step=1)
    message(store, "c-1", "cold", "2027-03-12T08:00:00Z", step=2, state="dropped", reason="answered")
    event(store, "c-1", "2027-02-20T10:00:00Z", wave="hot", state="not asked", reason="cold first")
    event(store, "c-1", "2027-03-20T23:30:00Z", wave="hot", state="not asked", reason="resting")
    elsewhere(store, "c-1", "2026-12-01")


def test_a_timeline_says_what_happened_and_why(store: Store, tmp_path: Path) -> None:
    """Every message with its day in Paris, every event with the figure of the rule that kept the person out."""
    lived(store, study_for(tmp_path))
    assert explain(store, "c-1", NOW) == Explained(
        "c-1",
        "2027-04-01",
        ("e-mail: known", "telephone: does not work"),
        (
            Told("2026-12-01", "", "invited by others"),
            Told(
                "2027-02-20",
                "hot",
                "visit.closed (v-c-1-2027-02-20T10:00:00Z): not asked about: a cold wave comes first: cold",
            ),
            Told("2027-03-03", "cold", "the invitation was sent by e-mail"),
            Told("2027-03-07", "cold", "reminder 1 was sent by e-mail"),
            Told("2027-03-08", "cold", "answered"),
            Told("2027-03-12", "cold", "reminder 2 was not sent: the person had answered"),
            Told(
                "2027-03-21",
                "hot",
                "visit.closed (v-c-1-2027-03-20T23:30:00Z): not asked about: resting until 2027-06-01: invited on 2027-03-03 "
                "to cold, and the quarantine is 90 days",
            ),
        ),
        ("may be asked for another wave from 2027-06-01 on",),
    )


def test_what_comes_next_is_told_by_the_clock_of_the_study(store: Store, tmp_path: Path) -> None:
    """The next message with its hour in Paris, and the first day that both rest and cap leave free."""
    study = study_for(tmp_path)
    wave(store, study, "next")
    for day in ("2026-07-01", "2026-09-01", "2026-12-01"):
        elsewhere(store, "c-1", day)
    invitation(store, "c-1", "next")
    message(store, "c-1", "next", "2027-06-01T07:00:00Z", state="planned")
    message(store, "c-1", "next", "2027-06-05T07:00:00Z", state="planned", step=1)
    assert explain(store, "c-1", NOW).next == (
        "the invitation of next by e-mail, due on 2027-06-01 at 09:00",
        "may be asked for another wave from 2027-08-30 on",
    )


def test_who_opted_out_is_told_to_be_asked_no_more(store: Store, tmp_path: Path) -> None:
    """By the contact, or under an address that is theirs too."""
    wave(store, study_for(tmp_path), "cold")
    address(store, "c-1", "zoe@example.org")
    with to_write(store.field) as connection:
        opt_out(connection, ledger_key(store.folder), ["c-1"], NOW, "one click")
    address(store, "n-1", "zoe@example.org")
    assert explain(store, "c-1", NOW).reached[0] == "opted out on 2027-04-01 (one click)"
    told = explain(store, "n-1", NOW)
    assert told.reached[0] == "opted out on 2027-04-01 (one click, under an address that is theirs too)"
    assert told.next == ("nothing: opted out on 2027-04-01",)


def test_somebody_whose_name_is_forgotten_is_found_by_it(store: Store, tmp_path: Path) -> None:
    """The pseudonym follows from the name, by the key of the ledger."""
    wave(store, study_for(tmp_path), "cold")
    name = pseudonym(ledger_key(store.folder), "c-1")
    invitation(store, name, "cold")
    message(store, name, "cold", "2027-03-03T08:00:00Z")
    assert explain(store, "c-1", NOW).timeline == (Told("2027-03-03", "cold", "the invitation was sent by e-mail"),)


def test_an_unknown_contact_is_refused_without_a_hint(store: Store, tmp_path: Path) -> None:
    """Near names would tell who is in the field."""
    lived(store, study_for(tmp_path))
    with pytest.raises(DataError) as refused:
        explain(store, "c-2", NOW)
    assert [problem.code for problem in refused.value.problems] == ["LED01"]
    assert "c-1" not in str(refused.value)


@pytest.mark.parametrize("at", ["2027-03-04 10:00", "2027-03-10 10:00", "2027-04-01 10:00"])
@pytest.mark.parametrize("closed", [False, True])
def test_of_an_employee_an_answer_changes_no_word(
    new_store: Callable[[], Store], tmp_path: Path, at: str, closed: bool
) -> None:
    """Who answered, before or after being written to, reads letter for letter as who did not, while the wave runs and after."""

    def told(name: str, *steps: tuple[str, str], state: str) -> str:
        store, study = new_store(), study_for(tmp_path / name)
        wave(store, study, "cold")
        address(store, "e-1")
        invitation(store, "e-1", "cold", "employees", state=state, day=None if state == "invited" else "2027-03-05")
        for step, (day, (how, reason)) in enumerate(zip(("03", "07", "12"), steps, strict=True)):
            due = f"2027-03-{day}T08:00:00Z"
            message(store, "e-1", "cold", due, step=step, state=how, reason=reason, audience="employees")
        if closed:
            with to_write(store.field) as connection:
                forget_outbox(connection, "cold")
        return json.dumps(explain(store, "e-1", utc(at)), default=vars)

    sent, planned, answered = ("sent", ""), ("planned", ""), ("dropped", "answered")
    silent = told("a", sent, sent, planned, state="invited")
    assert "reminder" not in silent
    assert told("b", sent, answered, planned, state="complete") == silent
    assert told("c", answered, answered, answered, state="complete") == silent
    assert told("d", sent, sent, ("dropped", "refused"), state="refused") == silent
    assert told("e", planned, planned, planned, state="started") == silent


def test_the_verb_prints_lines_or_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same things in both; somebody unknown is an error of the input."""
    store = create(tmp_path / "field")
    lived(store, study_for(tmp_path))
    monkeypatch.setattr("symmetry.fieldwork.now_of", lambda _: NOW)
    verb = ["field", "explain", "c-1", "--store", str(store.folder)]
    assert cli.main(verb) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "contact c-1, seen on 2027-04-01"
    assert "2027-03-07  cold  reminder 1 was sent by e-mail" in lines
    assert cli.main([*verb, "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["timeline"][2] == {"day": "2027-03-03", "wave": "cold", "what": "the invitation was sent by e-mail"}
    assert cli.main(["field", "explain", "c-7", "--store", str(store.folder)]) == 1
    assert "LED01" in capsys.readouterr().err
    store.field.dispose()
    store.sealed.dispose()

"""A whole run of the field: in order, once, whatever fails on the way; and a rehearsal that is moved on."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from symmetry import cli
from symmetry.errors import DataError
from symmetry.fieldwork.inviting import running
from symmetry.fieldwork.inviting.rehearsing import is_rehearsal, moment_in, move
from symmetry.fieldwork.inviting.running import Ran, alone, run
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.keeping import links, open_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import close, create
from symmetry.fieldwork.store.standing import standing_of
from symmetry.fieldwork.store.tables import EVENTS, INVITATIONS, OUTBOX, WAVES
from symmetry.fieldwork.store.tokens import hash_of, secret_of
from symmetry.fieldwork.timing import now_of, stamp
from tests.fieldwork.inviting.happenings import DAY, everything, happen, open_hot, put, reach, rows_of, study_of, visits
from tests.fieldwork.store.waves import sample_of

MORNING = datetime(2027, 3, 4, 7, tzinfo=UTC)


def ran(store: Store, at: datetime, told: list[str] | None = None) -> Ran:
    """Run without sending."""
    return run(store, at, send=False, tell=(told if told is not None else []).append)


def busy(store: Store, folder: Path) -> None:
    """A cold wave with a roster and a hot one with events, all reached."""
    study = study_of(folder)
    open_wave(store, study, "cold", [sample_of("customers", 8), sample_of("employees", 8)], on=date(2027, 2, 1))
    open_hot(store, study)
    reach(store, [*(f"c-{n:03d}@example.org" for n in range(8)), *(f"c-{n:06d}" for n in range(10))])
    put(store, EVENTS, visits(12, MORNING))


def test_a_run_decides_plans_and_tells_in_one_go(store: Store, tmp_path: Path) -> None:
    """Events and roster in one run; the counts say what was done, and lines say it in words."""
    busy(store, tmp_path)
    told: list[str] = []
    found = ran(store, MORNING + timedelta(hours=1), told)
    assert found.failed == {}
    assert found.done["events"] == {"invited": 10, "no address": 2}
    assert found.done["planned"] == {"invitations": 8, "reminders": 16, "no address": 8}
    assert "events: 10 invited, 2 no address" in told


def test_running_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    """Not a row of any table, on the same day."""
    busy(store, tmp_path)
    ran(store, MORNING + timedelta(hours=1))
    before = everything(store)
    again = ran(store, MORNING + timedelta(hours=2))
    assert ({step: dict(counts) for step, counts in again.done.items() if counts}, again.failed) == ({}, {})
    assert everything(store) == before


def test_a_step_that_fails_does_not_stop_the_others(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its error is kept under its name; what comes after it was done."""

    def fail(*_: object, **__: object) -> None:
        raise DataError("no luck", code="XYZ01")

    def away(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "/nowhere")

    busy(store, tmp_path)

    def fault(*_: object, **__: object) -> None:
        raise UnicodeError("secret")

    monkeypatch.setattr(running, "decide_events", fail)
    monkeypatch.setattr(running, "_minded", fault)
    monkeypatch.setattr(running, "release", away)
    found = ran(store, MORNING)
    assert {step: error.problems[0].code for step, error in found.failed.items()} == {
        "cases": "INV06",
        "events": "XYZ01",
        "released": "INV05",
    }
    assert "secret" not in str(found.failed["cases"])
    assert found.done["planned"]["invitations"] == 8
    assert "forgotten" in found.done


def test_without_settings_nothing_is_sent_and_it_is_said(store: Store, tmp_path: Path) -> None:
    """Messages stay planned."""
    busy(store, tmp_path)
    told: list[str] = []
    found = run(store, MORNING + timedelta(days=1), tell=told.append)
    assert ("sent" in found.done, {row["state"] for row in rows_of(store, OUTBOX)}) == (False, {"planned", "dropped"})
    assert any("no sending.yaml" in line for line in told)


def test_a_wave_whose_last_day_is_over_is_named_and_stays_open(store: Store, tmp_path: Path) -> None:
    """Closing is for good: somebody decides it."""
    busy(store, tmp_path)
    told: list[str] = []
    ran(store, datetime(2027, 3, 22, 12, tzinfo=UTC), told)
    assert [line for line in told if line.startswith("cold is over since 2027-03-21: symmetry field close cold")]
    assert {row["wave"]: row["state"] for row in rows_of(store, WAVES)} == {"cold": "open", "hot": "open"}


def test_one_runs_at_a_time(store: Store) -> None:
    """The second is told so; after the first has gone the next may run."""
    with alone(store) as first:
        with alone(store) as second:
            assert (first, second) == (True, False)
        with alone(store) as third:
            assert third is False
    with alone(store) as last:
        assert last is True


def test_sending_keeps_nobody_from_running(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one sends, another run does everything else and leaves the sending to it; what a sender counted is kept."""
    busy(store, tmp_path)
    (store.folder / "sending.yaml").write_text("address: http://127.0.0.1:8000\n", encoding="utf-8")
    (store.folder / "sending.yaml").chmod(0o600)
    inner: list[Ran] = []
    told: list[str] = []

    def send(*words: Any) -> None:
        if not inner:
            inner.append(run(store, MORNING, tell=told.append))
        words[-1]["sent"] += 3
        raise KeyError

    monkeypatch.setattr(running, "_sent", send)
    found = run(store, MORNING, tell=lambda _: None)
    assert ({"sent": 3}, ["sent"]) == (found.done["sent"], [*found.failed])
    assert ("forgotten" in inner[0].done, "sent" in inner[0].done) == (True, False)
    assert "another run is sending what is due" in told


def test_an_invitation_after_an_event_ends(store: Store, tmp_path: Path) -> None:
    """It can be answered until it expires, and not at that moment."""
    open_hot(store, study_of(tmp_path))
    reach(store, ["zoe"])
    happen(store, [("v-1", "zoe", "2027-03-04T10:15")])
    ran(store, MORNING + timedelta(hours=3))
    ((_, link),) = links(store, "hot", "customers")
    token = link.rpartition("/")[2]
    (invitation,) = rows_of(store, INVITATIONS)
    ends = datetime.fromisoformat(invitation["expires"])
    with store.field.connect() as field:
        kinds = [
            standing_of(field, store, hash_of(token), secret_of(token), ends + timedelta(seconds=shift)).kind
            for shift in (-1, 0)
        ]
    assert kinds == ["asked", "closed"]


def rehearsed(store: Store, folder: Path) -> None:
    """The hot wave, rehearsed from 4 March."""
    open_wave(store, study_of(folder), "hot", [], on=date(2027, 3, 1), rehearse_on=date(2027, 3, 4))


def test_a_rehearsal_moves_on_and_never_back(store: Store, tmp_path: Path) -> None:
    """The day that stands for today is the new one, for whoever asks what time it is; opening again changes nothing."""
    rehearsed(store, tmp_path)
    assert (is_rehearsal(store), stamp(now_of(store))) == (True, "2027-03-04T11:00:00Z")
    move(store, moment_in(store, "2027-03-06T18:00"))
    assert stamp(now_of(store)) == "2027-03-06T11:00:00Z"
    with pytest.raises(DataError, match="does not go back to 2027-03-05") as refused:
        move(store, moment_in(store, "2027-03-05"))
    assert refused.value.problems[0].code == "INV02"
    before = everything(store)
    rehearsed(store, tmp_path)
    assert everything(store) == before


def test_a_server_sees_the_new_day(store: Store, tmp_path: Path) -> None:
    """An invitation that stands on one day is over when the rehearsal has moved past its end."""
    rehearsed(store, tmp_path)
    reach(store, ["zoe"])
    happen(store, [("v-1", "zoe", "2027-03-04T10:15")])
    ran(store, now_of(store))
    ((_, link),) = links(store, "hot", "customers")
    token = link.rpartition("/")[2]
    kinds = []
    for day in ("2027-03-04", "2027-03-11", "2027-03-12"):
        move(store, moment_in(store, day))
        with store.field.connect() as field:
            kinds.append(standing_of(field, store, hash_of(token), secret_of(token), DAY).kind)
    assert kinds == ["asked", "asked", "closed"]


def test_a_day_in_earnest_cannot_be_chosen(store: Store, tmp_path: Path) -> None:
    """Now is now."""
    open_hot(store, study_of(tmp_path))
    with pytest.raises(DataError, match="is in earnest") as refused:
        move(store, moment_in(store, "2027-03-05"))
    assert refused.value.problems[0].code == "INV01"
    assert is_rehearsal(store) is False


@pytest.mark.parametrize("text", ["soon", "2027-02-30", "2027-03-28T02:30"])
def test_a_moment_that_is_none_is_refused(store: Store, tmp_path: Path, text: str) -> None:
    """With the reason."""
    rehearsed(store, tmp_path)
    with pytest.raises(DataError) as refused:
        moment_in(store, text)
    assert refused.value.problems[0].code == "INV03"


def test_field_run_in_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts as JSON on stdout and words on stderr; again it does nothing; a second run at the same time does nothing."""
    store = create(tmp_path / "field")
    rehearsed(store, tmp_path)
    reach(store, ["zoe"])
    happen(store, [("v-1", "zoe", "2027-03-05T10:15")])
    words = ["field", "run", "--store", str(store.folder), "--plan-only"]
    assert cli.main([*words, "--at", "2027-03-05"]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["events"], json.loads(out)["failed"]) == ({"invited": 1}, [])
    assert "events: 1 invited" in err
    assert cli.main(words) == 0
    assert json.loads(capsys.readouterr().out)["events"] == {}
    assert cli.main([*words, "--at", "2027-03-04"]) == 1
    assert "INV02" in capsys.readouterr().err
    with alone(store):
        assert cli.main(words) == 0
    assert "another run is under way" in capsys.readouterr().err
    with to_write(store.field) as field:
        field.exec_driver_sql("DROP TABLE events")
    assert cli.main(words) == 1
    out, err = capsys.readouterr()
    assert ("events" in json.loads(out)["failed"], "STO20" in err) == (True, True)
    close(store)

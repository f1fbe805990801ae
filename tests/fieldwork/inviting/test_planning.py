"""Messages planned for rosters that were drawn: each once, in the wave's days and hours, by a channel that reaches the person."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from symmetry.fieldwork.contacts.ledger import ledger_key
from symmetry.fieldwork.contacts.opting import opt_out
from symmetry.fieldwork.inviting import planning
from symmetry.fieldwork.inviting.planning import plan_invitations
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.keeping import close_wave, open_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import ADDRESSES, CONTACTED, INVITATIONS, OUTBOX
from tests.fieldwork.inviting.happenings import everything, put, reach, rows_of, study_of
from tests.fieldwork.store.waves import sample_of

BEFORE = datetime(2027, 2, 20, 3, tzinfo=UTC)
PEOPLE = [f"c-{n:03d}@example.org" for n in range(6)]


def opened(store: Store, folder: Path, people: int = 6, **study: str) -> None:
    """Open the cold wave for so many customers and as many employees, the customers with addresses."""
    samples = [sample_of(audience, people) for audience in ("customers", "employees")]
    open_wave(store, study_of(folder, **study), "cold", samples, on=date(2027, 2, 1))
    reach(store, [f"c-{n:03d}@example.org" for n in range(people)])


def planned(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Contact → its messages."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for row in sorted(rows_of(store, OUTBOX), key=lambda row: (row["contact"], row["step"])):
        told = tuple(row[name] for name in ("step", "channel", "due", "state", "reason"))
        found.setdefault(row["contact"], []).append(told)
    return found


def test_a_roster_is_planned_for_the_opening_of_its_first_day(store: Store, tmp_path: Path) -> None:
    """An invitation and two reminders for each, long before; employees without an address keep a row that says so."""
    opened(store, tmp_path)
    assert plan_invitations(store, BEFORE) == {"invitations": 6, "reminders": 12, "no address": 6}
    found = planned(store)
    steps = ((0, "2027-03-01"), (1, "2027-03-05"), (2, "2027-03-10"))
    assert found[PEOPLE[0]] == [(step, "email", f"{day}T08:00:00Z", "planned", "") for step, day in steps]
    assert found["e-000@example.org"] == [(0, "", "2027-03-01T08:00:00Z", "dropped", "no address")]
    assert {row["expires"] for row in rows_of(store, OUTBOX)} == {"2027-03-21T23:00:00Z"}
    assert {row["expires"] for row in rows_of(store, INVITATIONS)} == {None}


def test_planning_again_plans_nothing(store: Store, tmp_path: Path) -> None:
    """Not a row, now or later."""
    opened(store, tmp_path)
    plan_invitations(store, BEFORE)
    before = everything(store)
    assert (plan_invitations(store, BEFORE), plan_invitations(store, datetime(2027, 3, 5, tzinfo=UTC))) == ({}, {})
    assert everything(store) == before


def test_a_wave_that_runs_already_is_written_to_at_once(store: Store, tmp_path: Path) -> None:
    """In opening hours; reminders that would come after the last day are not planned, and after it nothing is."""
    opened(store, tmp_path)
    last = datetime(2027, 3, 16, 21, tzinfo=UTC)
    assert plan_invitations(store, last) == {"invitations": 6, "reminders": 6, "no address": 6}
    assert planned(store)[PEOPLE[0]] == [
        (0, "email", "2027-03-17T08:00:00Z", "planned", ""),
        (1, "email", "2027-03-21T08:00:00Z", "planned", ""),
    ]


@pytest.mark.parametrize("at", [datetime(2027, 3, 21, 19, tzinfo=UTC), datetime(2027, 3, 22, 9, tzinfo=UTC)])
def test_after_its_last_opening_hour_a_wave_is_not_planned(store: Store, tmp_path: Path, at: datetime) -> None:
    """On the evening of its last day, and later."""
    opened(store, tmp_path)
    assert plan_invitations(store, at) == {}
    assert rows_of(store, OUTBOX) == []


def test_the_rules_are_looked_at_again(store: Store, tmp_path: Path) -> None:
    """Who opted out since the draw, whose address went bad, whom somebody else has written to; the others are asked."""
    opened(store, tmp_path, channels="email")
    with to_write(store.field) as field:
        opt_out(field, ledger_key(store.folder), PEOPLE[:1], BEFORE, "page")
        field.execute(update(ADDRESSES).where(ADDRESSES.c.contact == PEOPLE[1]).values(bad="email"))
    put(store, CONTACTED, [{"contact": PEOPLE[2], "day": "2027-02-10"}])
    plan_invitations(store, BEFORE)
    found = {contact: [each[3:] for each in rows] for contact, rows in planned(store).items() if contact in PEOPLE}
    dropped = {PEOPLE[0]: "opted out", PEOPLE[1]: "bounced", PEOPLE[2]: "resting"}
    assert found == {name: [("dropped", reason)] for name, reason in dropped.items()} | {
        name: [("planned", "")] * 3 for name in PEOPLE[3:]
    }


def test_an_address_that_comes_in_later_is_written_to(store: Store, tmp_path: Path) -> None:
    """Who had none is planned as soon as there is one."""
    opened(store, tmp_path)
    plan_invitations(store, BEFORE)
    reach(store, ["e-000@example.org"])
    assert plan_invitations(store, datetime(2027, 3, 2, 12, tzinfo=UTC)) == {"invitations": 1, "reminders": 2}
    assert planned(store)["e-000@example.org"][0] == (0, "email", "2027-03-02T12:00:00Z", "planned", "")
    assert plan_invitations(store, datetime(2027, 3, 2, 13, tzinfo=UTC)) == {}


def test_the_first_channel_that_reaches_a_person(store: Store, tmp_path: Path) -> None:
    """A telephone number where the e-mail address is bad; a letter needs no address."""
    opened(store, tmp_path, channels="email, sms, qr")
    with to_write(store.field) as field:
        field.execute(
            update(ADDRESSES).where(ADDRESSES.c.contact == PEOPLE[1]).values(bad="email", phone="+33612345678")
        )
    plan_invitations(store, BEFORE)
    found = {contact: {each[1] for each in rows} for contact, rows in planned(store).items()}
    assert [found[name] for name in (PEOPLE[0], PEOPLE[1], "e-000@example.org")] == [{"email"}, {"sms"}, {"qr"}]


def test_a_study_without_channels_is_not_written_for(store: Store, tmp_path: Path) -> None:
    """Its links are used as files; the run says so."""
    opened(store, tmp_path, contact="contact: {tz: Europe/Paris}")
    told: list[str] = []
    assert plan_invitations(store, BEFORE, told.append) == {}
    assert (len(told), "cold, customers" in told[0], rows_of(store, OUTBOX)) == (2, True, [])


def test_closed_waves_and_erased_people_are_left_alone(store: Store, tmp_path: Path) -> None:
    """No message for somebody whose name is forgotten, and none after the close."""
    opened(store, tmp_path)
    with to_write(store.field) as field:
        field.execute(update(INVITATIONS).where(INVITATIONS.c.person == "c-000").values(person=f"~{0:032x}"))
    assert plan_invitations(store, BEFORE)["invitations"] == 5
    open_wave(store, study_of(tmp_path), "next", [sample_of("customers", 3, wave="next")], on=date(2027, 2, 1))
    close_wave(store, "next", now=BEFORE)
    assert plan_invitations(store, BEFORE) == {}


def test_a_drawn_hot_wave_is_written_to_and_its_invitations_expire(store: Store, tmp_path: Path) -> None:
    """Seven days after they are due."""
    open_wave(store, study_of(tmp_path), "hot", [sample_of("customers", 3, wave="hot")], on=date(2027, 3, 1))
    reach(store, PEOPLE[:3])
    plan_invitations(store, datetime(2027, 3, 1, 12, tzinfo=UTC))
    assert {row["expires"] for row in rows_of(store, INVITATIONS)} == {"2027-03-08T12:00:00Z"}
    assert [each[2] for each in planned(store)[PEOPLE[0]]] == ["2027-03-01T12:00:00Z", "2027-03-03T12:00:00Z"]


def test_two_at_once_plan_each_message_once(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs side by side, over many parts."""
    monkeypatch.setattr(planning, "MANY", 50)
    opened(store, tmp_path, people=400)
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda _: plan_invitations(store, BEFORE), range(2)))
    assert sum((Counter(each) for each in counts), Counter()) == {
        "invitations": 400,
        "reminders": 800,
        "no address": 400,
    }
    assert len(rows_of(store, OUTBOX)) == 1600

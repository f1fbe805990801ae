"""The ledger says of everybody what a slow reading of the whole past says.

Truth: a second road in plain Python, row by row and day by day, on pasts drawn from seeds; and the calendar, by hand.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from symmetry.fieldwork.contacts import counting
from symmetry.fieldwork.contacts.ledger import channel_of, ledger_key, mark, pseudonym, verdicts
from symmetry.fieldwork.contacts.opting import opt_out
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import ADDRESSES, CONTACTED, INVITATIONS, OUTBOX
from symmetry.fieldwork.timing import stamp
from symmetry.spec import Contact, Study
from tests.fieldwork.contacts.past import RULES, address, elsewhere, invitation, message, rows_of, study_for, utc, wave

PARIS = ZoneInfo("Europe/Paris")
NOW = utc("2027-06-01 10:00")


def ask(store: Store, study: Study, *contacts: str, at: datetime = NOW, key: str = "hot") -> list[str]:
    """The verdicts on some contacts."""
    with store.field.connect() as connection:
        return verdicts(connection, ledger_key(store.folder), study, key, "customers", contacts, at)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """The small study, with all rules of contact."""
    return study_for(tmp_path)


@pytest.mark.parametrize(
    ("days", "verdict"), [(0, "resting"), (89, "resting"), (90, ""), (91, ""), (-3, "resting")], ids=str
)
def test_who_was_invited_rests_for_the_quarantine_and_may_be_asked_on_its_last_day(
    store: Store, study: Study, days: int, verdict: str
) -> None:
    """Days are the calendar's in Paris: a message at 00:30 there is of that day, though it is the day before in UTC."""
    there = datetime(2027, 6, 1, 0, 30, tzinfo=PARIS) - timedelta(days=days)
    ways = ("sent", "uncertain", "sending", "planned", "elsewhere")
    for how in ways:
        address(store, how)
        if how == "elsewhere":
            elsewhere(store, how, there.date().isoformat())
        else:
            message(store, how, "cold", stamp(there), state=how)
    assert ask(store, study, *ways) == [verdict] * 5


def test_most_a_year_looks_back_over_the_turn_of_the_year_and_no_further_than_365_days(
    store: Store, tmp_path: Path
) -> None:
    """The fourth invitation counts until its 364th day after; on the 365th the person may be asked again."""
    study = study_for(tmp_path, Contact(max_per_year=4, tz="Europe/Paris", channels=("email",)))
    address(store, "c")
    for day in ("2026-06-02", "2026-09-01", "2026-12-31"):
        message(store, "c", "cold", f"{day}T09:00:00Z")
    elsewhere(store, "c", "2027-01-01")
    assert ask(store, study, "c") == ["most a year"]
    assert ask(store, study, "c", at=NOW + timedelta(days=1)) == [""]


def test_what_others_sent_on_the_day_of_one_of_ours_is_that_one(store: Store, tmp_path: Path) -> None:
    """The ledger may be given to others and come back: nobody is counted twice by it, under either form of the name."""
    study = study_for(tmp_path, Contact(max_per_year=2, tz="Europe/Paris", channels=("email",)))
    address(store, "c")
    name = pseudonym(ledger_key(store.folder), "c")
    message(store, name, "cold", "2027-03-01T23:30:00Z")  # the second of March in Paris
    elsewhere(store, "c", "2027-03-02")
    assert ask(store, study, "c") == [""]
    elsewhere(store, "c", "2027-03-01")
    assert ask(store, study, "c") == ["most a year"]


@pytest.mark.parametrize(
    ("first", "step", "verdict"),
    [
        ("2027-06-15", None, "cold first"),
        ("2027-06-16", None, ""),
        ("2027-05-20", None, "cold first"),
        ("2027-05-20", "planned", "cold first"),
        ("2027-05-20", "sent", "resting"),
        ("2027-05-20", "dropped", ""),
    ],
)
def test_a_cold_wave_comes_first(store: Store, study: Study, first: str, step: str | None, verdict: str) -> None:
    """From 14 days before its first day until it has written, or a rule forbade it; a cold wave waits for none."""
    wave(store, study, "cold", first=first, last="2027-06-30")
    invitation(store, "c", "cold")
    for contact in ("c", "other"):
        address(store, contact)
    if step is not None:
        message(store, "c", "cold", "2027-05-21T08:00:00Z", state=step, reason="resting" if step == "dropped" else "")
    assert ask(store, study, "c", "other") == [verdict, ""]
    if verdict == "cold first" and step is None:
        assert ask(store, study, "c", key="next") == [""]
        assert ask(store, study, "c", at=utc("2027-07-01 10:00")) == [""]


def test_a_contact_is_asked_about_one_event_at_a_time(store: Store, study: Study) -> None:
    """The second place of a contact is another event; of who may not be asked, every place says why."""
    address(store, "a")
    assert ask(store, study, "a", "b", "a", "b") == ["", "no address", "another event", "no address"]


@pytest.mark.parametrize(("key", "stranger"), [("hot", "no address"), ("next", "")])
def test_a_letter_goes_to_nobody_whom_only_an_event_names(
    store: Store, tmp_path: Path, key: str, stranger: str
) -> None:
    """On paper a hot wave reaches who is on a roster, or stands among the addresses; a sample is a roster."""
    study = study_for(tmp_path, Contact(channels=("email", "qr"), tz="Europe/Paris"))
    invitation(store, "drawn", "cold")
    address(store, "known")
    assert ask(store, study, "drawn", "known", "ghost", key=key) == ["", "", stranger]


def test_an_employee_rests_alike_whether_an_answer_or_the_clock_stopped_the_invitation(
    store: Store, study: Study
) -> None:
    """What dropped an employee's invitation may have been an answer: it counts, and by the day on which it was due."""
    employees: dict[str, Any] = {"audience": "employees"}
    for contact, changed in (
        ("answered", {"state": "dropped", "reason": "answered"}),
        ("silent", {"sent": "2027-03-04T08:00:00Z"}),
        ("forgotten", {"state": "dropped", "reason": ""}),
    ):
        address(store, contact)
        message(store, contact, "cold", "2027-03-03T08:00:00Z", **(employees | changed))
    people = ("answered", "silent", "forgotten")
    assert ask(store, study, *people, at=utc("2027-05-31 10:00")) == ["resting"] * 3
    assert ask(store, study, *people) == [""] * 3


CHANNELS = [
    (("email", "sms"), {"email": "a@example.org", "phone": "+33612345678", "bad": ""}, "email"),
    (("email", "sms"), {"email": "a@example.org", "phone": "+33612345678", "bad": "email"}, "sms"),
    (("email", "sms"), {"email": "a@example.org", "phone": "+33612345678", "bad": "email sms"}, ""),
    (("sms",), {"email": "a@example.org", "phone": None, "bad": ""}, ""),
    (("chat", "email", "qr"), {"email": None, "phone": None, "bad": ""}, "qr"),
    (("email", "post"), None, "post"),
    ((), {"email": "a@example.org", "phone": None, "bad": ""}, ""),
]


@pytest.mark.parametrize(("channels", "row", "channel"), CHANNELS)
def test_the_first_channel_that_reaches_the_person_is_taken(
    tmp_path: Path, channels: tuple[str, ...], row: dict[str, str | None] | None, channel: str
) -> None:
    """In the order of the study; a letter needs no address of ours."""
    study = study_for(tmp_path, Contact(channels=channels))
    assert channel_of(study, row) == channel


# The second road: every rule as it is said, one contact and one day after the other.


def slow(store: Store, study: Study, contacts: Collection[str], at: datetime, opted: set[str], cold: Any) -> list[str]:
    """The verdicts, without a set, a threshold or an index."""
    rules, today = study.contact or Contact(), at.astimezone(PARIS).date()
    seen: list[str] = []
    found = []
    for contact in contacts:
        reason = _slow_one(store, study, contact, rules, today, opted, cold)
        if not reason and contact in seen:
            reason = "another event"
        seen.append(contact)
        found.append(reason)
    return found


def _slow_one(store: Store, study: Study, contact: str, rules: Contact, today: date, opted: set[str], cold: Any) -> str:
    forms = (contact, f"~{mark(ledger_key(store.folder), 'contact', contact).hex()}")
    row = next((each for each in rows_of(store, ADDRESSES) if each["contact"] == contact), None)
    if contact in opted:
        return "opted out"
    reachable = [name for name, column in (("email", "email"), ("sms", "phone")) if row and row[column]]
    if not reachable:
        return "no address"
    if all(name in (row or {})["bad"].split() for name in reachable):
        return "bounced"
    written = {
        bytes(each["token"]) for each in rows_of(store, OUTBOX) if each["step"] == 0 and each["state"] != "planned"
    }
    for each in rows_of(store, INVITATIONS):
        near = each["wave"] == "cold" and today >= cold[0] - timedelta(days=14) and today <= cold[1]
        if near and each["contact"] in forms and bytes(each["token"]) not in written:
            return "cold first"
    days = {date.fromisoformat(each["day"]) for each in rows_of(store, CONTACTED) if each["contact"] in forms}
    ours = [
        datetime.fromisoformat(each["sent"] or each["claimed"] or each["due"]).astimezone(PARIS).date()
        for each in rows_of(store, OUTBOX)
        if each["contact"] in forms and each["step"] == 0 and each["state"] not in ("dropped", "bounced")
    ]
    days_made = sorted([*ours, *(days - set(ours))])
    if any(day + timedelta(days=90) > today for day in days_made):
        return "resting"
    return "most a year" if sum(day + timedelta(days=365) > today for day in days_made) >= 4 else ""


def drawn_past(store: Store, study: Study, drawn: random.Random) -> tuple[list[str], set[str], tuple[date, date]]:
    """A past of 30 people around the turn of a year: contacts, who opted out, and the window of the cold wave."""
    key = ledger_key(store.folder)
    contacts = [f"c{number}" for number in range(30)]
    first = date(2027, 1, 10) + timedelta(days=drawn.randrange(-20, 20))
    cold = (first, first + timedelta(days=10))
    wave(store, study, "cold", first=cold[0].isoformat(), last=cold[1].isoformat())
    for number, contact in enumerate(contacts):
        form = contact if drawn.random() < 0.7 else pseudonym(key, contact)
        if drawn.random() < 0.9:
            phone = f"+336{number:08d}" if drawn.random() < 0.5 else None
            address(
                store, contact, f"{contact}@example.org", phone, drawn.choice(["", "", "", "email", "sms", "email sms"])
            )
        if drawn.random() < 0.3:
            invitation(store, contact, "cold", contact=form)
            if drawn.random() < 0.6:
                message(
                    store,
                    contact,
                    "cold",
                    "2027-01-09T08:00:00Z",
                    state=drawn.choice(["sent", "planned"]),
                    contact=form,
                )
        for _ in range(drawn.choice([0, 0, 1, 2, 5])):
            at = utc("2027-01-12 10:00") - timedelta(
                hours=drawn.choice([24 * 89, 24 * 90, 24 * 365, drawn.randrange(10_000)])
            )
            state = drawn.choice(["sent", "uncertain", "sending", "planned", "bounced", "dropped"])
            step = drawn.choice([0, 0, 1])
            message(store, contact, "hot", stamp(at), state=state, step=step, contact=form, reason="resting")
        for back in {drawn.choice([89, 90, 364, 365, drawn.randrange(500)]) for _ in range(drawn.choice([0, 0, 2, 4]))}:
            elsewhere(store, form, (date(2027, 1, 12) - timedelta(days=back)).isoformat())
    opted = set(drawn.sample(contacts, 4))
    with to_write(store.field) as connection:
        opt_out(connection, key, sorted(opted), NOW, "file")
    return contacts, opted, cold


@pytest.mark.parametrize(("seed", "many"), [(0, 5000), (1, 5), (2, 5000), (3, 5)])
def test_the_ledger_agrees_with_a_slow_reading_of_the_past(
    new_store: Callable[[], Store], study: Study, seed: int, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the turn of the year, with pseudonyms, bad addresses, contacts made elsewhere and a cold wave near."""
    monkeypatch.setattr(counting, "_MANY", many)
    drawn = random.Random(seed)
    store = new_store()
    contacts, opted, cold = drawn_past(store, study, drawn)
    asked = [*contacts, *drawn.choices(contacts, k=5)]
    at = utc("2027-01-12 10:00")
    found = ask(store, study, *asked, at=at)
    assert found == slow(store, study, asked, at, opted, cold)
    assert len(set(found)) >= 5


def test_rules_left_unsaid_forbid_nothing(store: Store, tmp_path: Path) -> None:
    """Without a quarantine and a cap, who was just invited may be asked again."""
    study = study_for(tmp_path, Contact(channels=RULES.channels))
    address(store, "c")
    message(store, "c", "hot", stamp(NOW))
    assert ask(store, study, "c") == [""]
    assert ask(store, study) == []

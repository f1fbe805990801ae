"""Events decided: who is invited after something happened, when, and why the others are not."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from scipy.stats import binomtest, chisquare

from symmetry.fieldwork.contacts.ledger import ledger_key
from symmetry.fieldwork.contacts.opting import opt_out
from symmetry.fieldwork.inviting import triggering
from symmetry.fieldwork.inviting.following import arm_of, luck
from symmetry.fieldwork.inviting.triggering import decide_events
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.keeping import close_wave, open_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import links_key
from symmetry.fieldwork.store.tables import EVENTS, INVITATIONS, OUTBOX, QUOTAS
from symmetry.fieldwork.store.tokens import hash_of, token_of
from symmetry.fieldwork.timing import moment
from tests.fieldwork.inviting.happenings import (
    DAY,
    decided,
    everything,
    happen,
    open_hot,
    put,
    reach,
    rows_of,
    study_of,
    visits,
)
from tests.fieldwork.store.waves import sample_of


def test_an_event_becomes_an_invitation_and_its_messages(store: Store, tmp_path: Path) -> None:
    """The person is the event; asked two hours later, reminded two days after that, for seven days."""
    open_hot(store, study_of(tmp_path, hot="{rate: 1, by: [site]}"))
    reach(store, ["zoe"])
    happen(store, [("v-1", "zoe", "2027-03-04T10:15")], known=json.dumps({"site": "north"}))
    assert decide_events(store, DAY - timedelta(hours=2)) == {"invited": 1}
    (event,), (invitation,), messages = (rows_of(store, table) for table in (EVENTS, INVITATIONS, OUTBOX))
    assert [event[name] for name in ("state", "reason", "wave", "delay")] == ["invited", "", "hot", 2.0]
    token = token_of(links_key(store.folder), "hot", "customers", "v-1")
    names = ("token", "person", "contact", "stratum", "psu", "probability", "state", "expires")
    expected = [hash_of(token), "v-1", "zoe", "north", "", 1.0, "invited", "2027-03-11T11:15:00Z"]
    assert [invitation[name] for name in names] == expected
    assert json.loads(invitation["known"]) == {"site": "north"}
    found = sorted((row["step"], row["channel"], row["due"], row["expires"], row["state"]) for row in messages)
    assert found == [
        (0, "email", "2027-03-04T11:15:00Z", "2027-03-11T11:15:00Z", "planned"),
        (1, "email", "2027-03-06T11:15:00Z", "2027-03-11T11:15:00Z", "planned"),
    ]
    assert {row["token"] for row in messages} == {hash_of(token)}


def test_deciding_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    """Not a row, at whatever moment."""
    open_hot(store, study_of(tmp_path, hot="{rate: 0.5}"))
    put(store, EVENTS, visits(40))
    reach(store, [f"c-{n:06d}" for n in range(30)])
    first = decide_events(store, DAY)
    before = everything(store)
    assert (decide_events(store, DAY), decide_events(store, DAY + timedelta(days=3))) == ({}, {})
    assert everything(store) == before
    assert (first["no address"], first["invited"] + first["not sampled"]) == (10, 30)


@pytest.mark.parametrize(
    ("happened", "invited", "reminded"),
    [
        ("2027-03-27T18:00", "2027-03-28T09:00+02:00", "2027-03-30T09:00+02:00"),  # the clock goes forward at night
        ("2027-03-26T12:00", "2027-03-26T14:00+01:00", "2027-03-28T14:00+02:00"),  # two days of 47 hours
        ("2027-10-30T12:00", "2027-10-30T14:00+02:00", "2027-11-01T14:00+01:00"),  # two days of 49 hours
        ("2027-10-31T02:30+02:00", "2027-10-31T09:00+01:00", "2027-11-02T09:00+01:00"),
        ("2027-03-04T19:29", "2027-03-05T09:00+01:00", "2027-03-07T09:00+01:00"),
    ],
)
def test_events_across_a_change_of_the_clock(
    store: Store, tmp_path: Path, happened: str, invited: str, reminded: str
) -> None:
    """Asked in opening hours by the clock of that day, reminded at the same hour of the clock."""
    open_hot(store, study_of(tmp_path))
    reach(store, ["zoe"])
    happen(store, [("v-1", "zoe", happened)])
    decide_events(store, datetime.fromisoformat(invited) - timedelta(hours=1))
    found = [moment(row["due"]) for row in sorted(rows_of(store, OUTBOX), key=lambda row: row["step"])]
    assert found == [datetime.fromisoformat(invited), datetime.fromisoformat(reminded)]


def test_a_run_that_comes_late_asks_at_once_or_not_at_all(store: Store, tmp_path: Path) -> None:
    """Up to 48 hours after the moment at which somebody should be asked; within opening hours."""
    open_hot(store, study_of(tmp_path))
    reach(store, ["a", "b", "c"])
    events = [("v-1", "a", "2027-03-04T10:00"), ("v-2", "b", "2027-03-02T21:00"), ("v-3", "c", "2027-03-02T20:59")]
    happen(store, events)
    decide_events(store, datetime(2027, 3, 4, 22, tzinfo=UTC))
    assert decided(store) == {"v-1": "invited", "v-2": "invited", "v-3": "too late"}
    assert {row["due"] for row in rows_of(store, OUTBOX) if row["step"] == 0} == {"2027-03-05T08:00:00Z"}


WAITED = "  delay: {role: frame, type: number, of: customers, label: {fr: Attente, en: Waited}}\n"


def test_what_is_too_late_is_so_in_every_arm(store: Store, tmp_path: Path) -> None:
    """Counted from the shortest wait, whichever was drawn: the chance that is told is that of every event in time."""
    open_hot(store, study_of(tmp_path, arms="arms: {24h: 0.3, 7d: 0.4}", items=WAITED))
    put(store, EVENTS, visits(40, every=timedelta(minutes=1)))
    reach(store, [f"c-{n:06d}" for n in range(40)])
    decide_events(store, DAY + timedelta(hours=50, minutes=20))
    told = decided(store)
    assert [told[f"v-{n:06d}"] for n in range(40)] == ["too late"] * 20 + ["invited"] * 20
    assert {row["delay"] for row in rows_of(store, EVENTS) if row["state"] == "invited"} == {2.0, 24.0, 168.0}


def test_one_event_a_contact_and_day_the_first(store: Store, tmp_path: Path) -> None:
    """In whatever order they came in, and whether they are decided together or one by one."""
    contact = "contact: {hours: 09:00-19:30, tz: Europe/Paris, channels: [email]}"
    open_hot(store, study_of(tmp_path, contact=contact))
    reach(store, ["zoe"])
    early, late, next_day = (
        ("v-2", "zoe", "2027-03-03T10:00"),
        ("v-1", "zoe", "2027-03-03T11:00"),
        ("v-3", "zoe", "2027-03-04T00:10"),
    )
    happen(store, [late, next_day, early])
    happen(store, [("v-0", "zoe", "2027-03-04T09:00")], touchpoint="visit.opened")
    decide_events(store, DAY)
    expected = {"v-0": "no open wave", "v-1": "another event", "v-2": "invited", "v-3": "invited"}
    assert decided(store) == expected
    happen(store, [("v-4", "zoe", "2027-03-03T09:00"), ("v-5", "zoe", "2027-03-04T13:00")])
    decide_events(store, DAY)
    assert decided(store) == expected | {"v-4": "another event", "v-5": "another event"}


def test_who_was_asked_rests(store: Store, tmp_path: Path) -> None:
    """The next day's event of somebody invited in the same run is looked at after the invitation."""
    open_hot(store, study_of(tmp_path))
    reach(store, ["zoe"])
    happen(store, [("v-1", "zoe", "2027-03-03T10:00"), ("v-2", "zoe", "2027-03-04T10:00")])
    assert decide_events(store, DAY) == {"invited": 1, "resting": 1}
    assert decided(store) == {"v-1": "invited", "v-2": "resting"}


def test_the_ledger_is_asked(store: Store, tmp_path: Path) -> None:
    """Opted out, without an address, and reached."""
    open_hot(store, study_of(tmp_path))
    reach(store, ["zoe", "yan"])
    with to_write(store.field) as field:
        opt_out(field, ledger_key(store.folder), ["zoe"], DAY, "page")
    happen(store, [(f"v-{name}", name, "2027-03-04T10:00") for name in ("zoe", "yan", "nil")])
    decide_events(store, DAY)
    assert decided(store) == {"v-zoe": "opted out", "v-yan": "invited", "v-nil": "no address"}


def test_cold_comes_before_hot(store: Store, tmp_path: Path) -> None:
    """Who is on the roster of a cold wave that begins within two weeks is not asked about an event; others are."""
    study = study_of(tmp_path)
    open_wave(store, study, "next", [sample_of("customers", 2, wave="next")], on=date(2027, 3, 1))
    open_hot(store, study)
    reach(store, ["c-000@example.org", "zoe"])
    happen(store, [("v-1", "c-000@example.org", "2027-05-18T10:00"), ("v-2", "zoe", "2027-05-18T10:00")])
    decide_events(store, datetime(2027, 5, 18, 9, tzinfo=UTC))
    assert decided(store) == {"v-1": "cold first", "v-2": "invited"}


def test_a_rate_and_arms_are_drawn_by_event(store: Store, tmp_path: Path) -> None:
    """Shares as declared, and what was drawn stands beside the answers: the wait, and the weight of one over the rate."""
    number = "{role: frame, type: number, of: customers, label: {fr: Nombre, en: Number}}"
    items = f"  delay: {number}\n  weight: {number}\n"
    study = study_of(tmp_path, hot="{rate: 0.25}", arms="arms: {24h: 0.1, 7d: 0.2}", items=items)
    open_hot(store, study)
    put(store, EVENTS, visits(400))
    reach(store, [f"c-{n:06d}" for n in range(400)])
    done = decide_events(store, DAY + timedelta(minutes=10))
    rows, key = rows_of(store, INVITATIONS), ledger_key(store.folder)
    assert set(done) == {"invited", "not sampled"}
    assert {row["person"] for row in rows} == {
        f"v-{n:06d}" for n in range(400) if luck(key, "rate", "hot", f"v-{n:06d}") < 0.25
    }
    delays = {row["event"]: row["delay"] for row in rows_of(store, EVENTS)}
    assert set(delays.values()) == {2.0, 24.0, 168.0}
    assert all(
        json.loads(row["known"]) | {"site": ""} == {"site": "", "delay": f"{delays[row['person']]:g}", "weight": "4"}
        for row in rows
    )
    assert {row["probability"] for row in rows} == {0.25}


def test_luck_is_even_and_arms_have_their_shares() -> None:
    """Over 20,000 events with a fixed key: chi-square over 50 cells, the three arms, and no tie of the two draws."""
    key = bytes(range(32))
    drawn = {kind: [luck(key, kind, "hot", f"v-{n}") for n in range(20_000)] for kind in ("rate", "arm")}
    for each in drawn.values():
        counts = Counter(int(number * 50) for number in each)
        assert chisquare([counts[cell] for cell in range(50)]).pvalue > 0.001
    arms = Counter(arm_of(2, ((24, 0.1), (168, 0.2)), number) for number in drawn["arm"])
    assert chisquare([arms[2], arms[24], arms[168]], [14_000, 2_000, 4_000]).pvalue > 0.001
    both = sum(rate < 0.5 and arm < 0.5 for rate, arm in zip(*drawn.values(), strict=True))
    assert binomtest(both, 20_000, 0.25).pvalue > 0.001


def test_another_key_draws_others() -> None:
    """Nobody tells beforehand who will be asked without the key of this field."""
    asked = [{n for n in range(1000) if luck(bytes([k] * 32), "rate", "hot", f"v-{n}") < 0.5} for k in (1, 2)]
    assert 150 < len(asked[0] & asked[1]) < 350


def test_enough_is_enough(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first so many that may be asked, over as many parts and runs as it takes."""
    monkeypatch.setattr(triggering, "MANY", 4)
    open_hot(store, study_of(tmp_path, hot="{size: 7}"))
    reach(store, [f"c-{n:06d}" for n in range(1, 20)])
    said: list[str] = []
    put(store, EVENTS, visits(20)[:10])
    assert decide_events(store, DAY, said.append) == {"no address": 1, "invited": 7, "enough": 2}
    assert [line[: line.index(":")] for line in said] == ["hot"]
    put(store, EVENTS, visits(20)[10:])
    assert decide_events(store, DAY, said.append) == {"enough": 10}
    assert len(said) == 1
    assert sorted(row["person"] for row in rows_of(store, INVITATIONS)) == [f"v-{n:06d}" for n in range(1, 8)]


def test_a_full_cell_invites_no_more(store: Store, tmp_path: Path) -> None:
    """Of the cell and month in which the person would be asked."""
    open_hot(store, study_of(tmp_path, hot="{rate: 1, quotas: [5 per site per month]}"))
    reach(store, [f"c-{n:06d}" for n in range(4)])
    put(store, EVENTS, visits(4))
    full = {"wave": "hot", "audience": "customers", "quota": "5 per site per month", "cell": '["north"]', "most": 5}
    put(
        store,
        QUOTAS,
        [full | {"period": "2027-03", "taken": 5}, full | {"period": "2027-02", "cell": '["south"]', "taken": 5}],
    )
    assert decide_events(store, DAY) == {"over quota": 2, "invited": 2}
    assert {json.loads(row["known"])["site"] for row in rows_of(store, INVITATIONS)} == {"south"}


def test_waves_that_are_closed_or_drawn_or_not_begun_follow_nothing(store: Store, tmp_path: Path) -> None:
    """Of another touchpoint, before the first day, and after the close."""
    study = study_of(tmp_path)
    open_hot(store, study)
    reach(store, ["a", "b", "c"])
    happen(store, [("v-1", "a", "2027-02-28T23:59")])
    happen(store, [("v-2", "b", "2027-03-02T12:00")], audience="observers")
    decide_events(store, datetime(2027, 3, 1, tzinfo=UTC))
    close_wave(store, "hot", now=DAY)
    happen(store, [("v-3", "c", "2027-03-04T12:00")])
    decide_events(store, DAY)
    assert decided(store) == dict.fromkeys(["v-1", "v-2", "v-3"], "no open wave")


def test_a_drawn_hot_wave_follows_no_event(store: Store, tmp_path: Path) -> None:
    """Its roster was drawn, and stays what it is."""
    study = study_of(tmp_path)
    opened = open_wave(store, study, "hot", [sample_of("customers", 3, wave="hot")], on=date(2027, 3, 1))
    assert opened.triggered == ()
    reach(store, ["zoe"])
    happen(store, [("v-1", "zoe", "2027-03-04T10:00")])
    assert decide_events(store, DAY) == {"no open wave": 1}
    assert len(rows_of(store, INVITATIONS)) == 3


def test_two_at_once_decide_each_event_once(store: Store, tmp_path: Path) -> None:
    """Two runs side by side, each with connections of its own."""
    open_hot(store, study_of(tmp_path, hot="{rate: 0.5}"))
    put(store, EVENTS, visits(6000))
    reach(store, [f"c-{n:06d}" for n in range(6000)])
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda _: decide_events(store, DAY + timedelta(hours=2)), range(2)))
    total = sum((Counter(each) for each in counts), Counter())
    rows = rows_of(store, INVITATIONS)
    assert (total.total(), total["invited"]) == (6000, len(rows))
    assert Counter(row["step"] for row in rows_of(store, OUTBOX)) == {0: len(rows), 1: len(rows)}

"""Cases minded and cared for: each told and escalated once, marks that stay, and what an owner may see."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from symmetry.errors import DataError
from symmetry.fieldwork.cases.caring import mark_called, mark_closed
from symmetry.fieldwork.cases.minding import mind_cases
from symmetry.fieldwork.cases.nouns import Case
from symmetry.fieldwork.cases.reading import cases_of, seen
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import ADDRESSES, CASES
from tests.fieldwork.cases.calling import field_on, finish
from tests.fieldwork.store.waves import NOON, Field


@pytest.fixture
def field(store: Store, tmp_path: Path) -> Field:
    """The wave, with three cases: two detractors, the first of whom also was not heard."""
    made = field_on(store, tmp_path)
    finish(made, "c-000", 0, 1)
    finish(made, "c-001", 3, 1)
    finish(made, "c-002", 9, 5)
    return made


class Heard:
    """Hears messages, and says whether they arrive."""

    def __init__(self, *deaf: str) -> None:
        self.deaf = set(deaf)
        self.said: list[tuple[str, str, str]] = []

    def __call__(self, owner: str, title: str, text: str) -> bool:
        """Hear one."""
        self.said.append((owner, title, text))
        return owner not in self.deaf


def hours(number: float) -> datetime:
    """So long after the cases were opened."""
    return NOON + timedelta(hours=number)


def named(field: Field, alert: str) -> list[str]:
    """The names of the cases of an alert."""
    return sorted(row["case"] for row in field.rows(CASES) if row["alert"] == alert)


def test_owners_hear_once_of_new_cases_and_of_nobody(field: Field) -> None:
    """One message an owner, with names of cases, wave, alert, unit and deadlines in Paris, in the study's first language."""
    heard = Heard()
    assert mind_cases(field.store, hours(0.1), heard) == Counter(told=3)
    assert mind_cases(field.store, hours(0.2), heard) == Counter()
    messages = {owner: (title, text) for owner, title, text in heard.said}
    (unheard,) = named(field, "unheard")
    assert messages["quality"] == (
        "Dossiers ouverts : 1",
        f"{unheard} : vague cold, alerte unheard ; rappeler avant le 2027-03-05 01:00, clore avant le 2027-03-07 13:00",
    )
    title, text = messages["manager"]
    assert (title, sorted(re.findall(r"unité (\w+)", text))) == ("Dossiers ouverts : 2", ["north", "south"])
    assert not re.search(r"c-00|example|slow", text, re.IGNORECASE)


def test_a_message_that_does_not_arrive_is_tried_again(field: Field) -> None:
    """The claim is given back, also where sending fails with an error."""
    assert mind_cases(field.store, hours(0.1), Heard("manager")) == Counter({"told": 1, "not told": 2})

    def fail(owner: str, title: str, text: str) -> bool:
        raise DataError("no network")

    with pytest.raises(DataError):
        mind_cases(field.store, hours(0.2), fail)
    assert mind_cases(field.store, hours(0.3), Heard()) == Counter(told=2)


def test_it_is_said_which_setting_lacks(field: Field) -> None:
    """Of an owner for whom no place is named, and of one whose places took nothing; of those who were told, nothing."""
    said: list[str] = []
    mind_cases(field.store, hours(0.1), Heard("manager", "quality"), named=["quality"], say=said.append)
    assert [each.partition(" in sending.yaml took")[0] for each in said] == [
        "`manager` was not told of 2 cases: sending.yaml says no `alerts: {manager: [URL]}`",
        "`quality` was not told of 1 case: no place under `alerts: quality:`",
    ]
    mind_cases(field.store, hours(0.2), Heard(), named=["quality"], say=said.append)
    assert len(said) == 2


def test_an_owner_whom_nobody_knows_is_refused(field: Field) -> None:
    """With those there are; an owner of the study without a case has none, and one of a case alone is known."""
    with pytest.raises(DataError, match="CAS04") as refused:
        cases_of(field.store, owner="nobdy")
    assert refused.value.problems[0].mend == "there are: manager, quality"
    with to_write(field.store.field) as connection:
        connection.execute(CASES.update().where(CASES.c.owner == "quality").values(owner="former"))
    assert (cases_of(field.store, owner="quality"), len(cases_of(field.store, owner="former"))) == ([], 1)


def test_what_waits_too_long_is_escalated_once(field: Field) -> None:
    """At four fifths of the time to call back, to whom the alert says; an alert that says nobody is not."""
    heard = Heard()
    mind_cases(field.store, hours(0), heard)
    assert mind_cases(field.store, hours(19.19), heard) == Counter()
    assert mind_cases(field.store, hours(19.2), heard) == Counter(escalated=2)
    assert mind_cases(field.store, hours(47), heard) == Counter()
    assert heard.said[-1][:2] == ("quality", "Dossiers dont le délai s'achève : 2")


def test_whoever_was_called_is_escalated_by_the_second_clock(field: Field) -> None:
    """Called back in time, a case waits for four fifths of the time to close; a closed one for nothing."""
    first, second = named(field, "detractor")
    mark_called(field.store, first, hours(2))
    mark_closed(field.store, second, hours(2))
    heard = Heard()
    assert mind_cases(field.store, hours(38.3), heard)["escalated"] == 0
    assert mind_cases(field.store, hours(38.4), heard) == Counter(escalated=1)
    assert second not in "".join(text for _, _, text in heard.said)


def test_two_runs_at_the_same_time_tell_once(field: Field) -> None:
    """Of many runs at the same moment, each case is told by one."""
    together, heard = Barrier(4), Heard()

    def run(_: int) -> Counter[str]:
        together.wait()
        return mind_cases(field.store, hours(20), heard)

    with ThreadPoolExecutor(4) as pool:
        counts = sum(pool.map(run, range(4)), Counter())
    assert counts == Counter(told=3, escalated=2)
    lines = [line for _, _, text in heard.said for line in text.splitlines()]
    assert len(lines) == 5


def test_marks_stay(field: Field) -> None:
    """The first moment and the first name count; closing needs no call, and no call follows it."""
    first, second = named(field, "detractor")
    case, new = mark_called(field.store, first, hours(3), by="Zoé")
    assert (case.called_back, case.by, new) == (hours(3), "Zoé", True)
    assert mark_called(field.store, first, hours(5), by="Max") == (case, False)
    closed, _ = mark_closed(field.store, first, hours(1), by="Max")
    assert (closed.closed, closed.by) == (hours(3), "Zoé")
    assert mark_closed(field.store, first, hours(9)) == (closed, False)
    assert mark_closed(field.store, second, hours(4))[0].called_back is None
    with pytest.raises(DataError, match="CAS03"):
        mark_called(field.store, second, hours(5))
    for mark in (mark_called, mark_closed):
        with pytest.raises(DataError, match="CAS02"):
            mark(field.store, "nocase22", hours(5))


def test_clocks_say_what_is_next_and_what_is_late() -> None:
    """To call back, then to close, then nothing; a case that was late stays so."""
    case = Case("a", "w", "x", "o", "", hours(0), hours(24), hours(48))
    assert (case.todo, case.due, case.warned_at) == ("call back", hours(24), hours(19.2))
    assert (case.late(hours(24)), case.late(hours(30))) == (timedelta(), timedelta(hours=6))
    called = Case("a", "w", "x", "o", "", hours(0), hours(24), hours(48), called_back=hours(26))
    assert (called.todo, called.due, called.late(hours(27)), called.late(hours(51))) == (
        "close",
        hours(48),
        timedelta(hours=2),
        timedelta(hours=3),
    )
    closed = Case("a", "w", "x", "o", "", hours(0), hours(24), hours(48), called_back=hours(2), closed=hours(47))
    assert (closed.todo, closed.late(hours(99))) == ("", timedelta())


def test_cases_due_first_come_first_and_closed_ones_last(field: Field) -> None:
    """By the clock that runs out next; of one owner where one is named."""
    (unheard,), (first, second) = named(field, "unheard"), named(field, "detractor")
    mark_called(field.store, first, hours(1))
    mark_closed(field.store, unheard, hours(1))
    assert [case.case for case in cases_of(field.store)] == [second, first, unheard]
    assert [case.case for case in cases_of(field.store, owner="quality")] == [unheard]


def test_an_owner_sees_what_the_study_lets_them_see(field: Field) -> None:
    """The answer that the alert names; words that people wrote only where the owner sees verbatims."""
    with to_write(field.store.field) as connection:
        made = {"contact": "c-000@example.org", "email": "c@example.org", "phone": "+33612345678", "bad": "", "day": ""}
        connection.execute(ADDRESSES.insert().values(made))
    people = {seen(field.store, name).contact: seen(field.store, name) for name in named(field, "detractor")}
    shown = people["c-000@example.org"]
    assert (shown.email, shown.phone, shown.language) == ("c@example.org", "+33612345678", "fr")
    assert shown.answers == {"Recommanderiez-vous notre entreprise à un proche ?": 0}
    assert people["c-001@example.org"].email is None
    (unheard,) = named(field, "unheard")
    assert seen(field.store, unheard).answers == {
        "Qu'est-ce qui explique votre note ?": "Too slow",
        "L'entreprise m'écoute.": 1,
        "site": "north",
    }
    with pytest.raises(DataError, match="CAS02"):
        seen(field.store, "nocase22")


def test_moments_are_utc(field: Field) -> None:
    """Whatever the clock of whoever asks."""
    assert {case.opened for case in cases_of(field.store)} == {datetime(2027, 3, 4, 12, tzinfo=UTC)}

"""What status tells of employees: against every history of small groups, and stores that differ in one person's answer."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import insert, select, update

from symmetry.fieldwork.store.closing import close_wave, note_of
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.standing import asked_in
from symmetry.fieldwork.store.tables import INVITATIONS, OUTBOX
from symmetry.fieldwork.watching.dispositions import Dispositions
from symmetry.fieldwork.watching.loads import delivery
from symmetry.fieldwork.watching.saying import json_of, teller_of
from symmetry.fieldwork.watching.sealed import _in_steps, of_sealed
from symmetry.fieldwork.watching.status import status_of
from symmetry.fieldwork.watching.tabling import audience_grids
from tests.fieldwork.watching import exhibit

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

Figures = tuple[tuple[tuple[str, int], ...], ...]


def _found(store: Store) -> Dispositions:
    with store.field.connect() as connection:
        return of_sealed(connection, store, asked_in(connection, "cold", "employees"))


def _told(store: Store) -> str:
    """All that status tells, as data."""
    return json_of(status_of(store, exhibit.NOW))


def _acts(store: Store, person: str, state: str) -> None:
    with to_write(store.field) as connection:
        connection.execute(update(INVITATIONS).where(INVITATIONS.c.person == person).values(state=state))


def _letters(store: Store, *steps: int) -> None:
    """Messages to everybody, sent; those of a step above 0 to who has not answered."""
    with to_write(store.field) as connection:
        for row in connection.execute(select(INVITATIONS)).all():
            for step in steps:
                if step and row.state == "complete":
                    continue
                made = {"id": row.token[:15] + bytes([step]), "token": row.token, "contact": row.contact, "step": step}
                made |= {"wave": row.wave, "audience": row.audience, "channel": "email", "reason": "", "tries": 1}
                made |= {"due": "2027-03-01T08:00:00Z", "expires": "2027-04-05T08:00:00Z", "state": "sent"}
                connection.execute(insert(OUTBOX).values(**made, sent="2027-03-01T08:00:00Z"))


def _figures(strata: dict[str, dict[str, int]]) -> Figures:
    """What is shown of the whole and of each group."""
    heads, groups = _in_steps(strata)
    return tuple(tuple(sorted((+each).items())) for each in (heads, *(states for _, states in groups)))


def test_groups_are_of_five_and_counts_go_down_to_fives(store: Store, tmp_path: Path) -> None:
    """Four people of the isles stand with the south; of 22 and 21 answers 20 each are told, of all 43 forty; it says so."""
    exhibit.employees(store, exhibit.study_in(tmp_path))
    found = _found(store)
    assert {"complete": 40, "no reply": 34} == {line.fate: line.n for line in found.lines}
    assert [("north", 40, 0.5), ("isles, south", 34, 20 / 34)] == [
        (cell.value, cell.n, cell.rr1) for cell in found.segments["group"]
    ]
    assert (None, {None}, {}) == (found.weighted, {line.weighted for line in found.lines}, found.outside)
    (wave,) = status_of(store, exhibit.NOW).waves
    grids = audience_grids(wave.audiences[0], teller_of("en").knowing(wave.names))
    assert any("multiple of 5" in note for grid in grids for note in grid.notes)
    assert ["north", "isles, south"] == [row[0] for grid in grids if grid.title == "By group" for row in grid.rows]


@pytest.mark.parametrize("reason", ["opted out", "no address", "resting", "most a year", "bounced"])
def test_status_tells_on_nobody_whose_reason_is_known(store: Store, tmp_path: Path, reason: str) -> None:
    """One employee was not written to, and everybody may know; she answers or refuses by a link she was given: nothing moves."""
    exhibit.employees(store, exhibit.study_in(tmp_path))
    _letters(store, 0)
    with to_write(store.field) as connection:
        token = connection.execute(select(INVITATIONS.c.token).where(INVITATIONS.c.person == "e-003")).scalar_one()
        fate = {"state": "bounced" if reason == "bounced" else "dropped", "reason": reason}
        connection.execute(update(OUTBOX).where(OUTBOX.c.token == token).values(**fate))
    told = []
    for state in ("invited", "started", "complete", "refused"):
        _acts(store, "e-003", state)
        told.append(_told(store))
    assert [told[0]] * 4 == told


def test_reminders_of_employees_are_not_counted(store: Store, tmp_path: Path) -> None:
    """One less would tell who has answered: whoever did, the messages told are the invitations."""
    exhibit.employees(store, exhibit.study_in(tmp_path))
    _letters(store, 0, 1)
    with store.field.connect() as connection:
        found = delivery(connection, asked_in(connection, "cold", "employees"), (), exhibit.NOW)
    assert (74, {("delivered", 74, 74), ("bounced", 0, 74)}) == (
        found.sent,
        {(each.what, each.n, each.of) for each in found.shares},
    )


def test_a_figure_changes_only_when_five_more_have_come() -> None:
    """Thirty wards fill up one by one, in any order: between two changes of a figure there are five acts or more."""
    chance = np.random.default_rng(7)
    for _ in range(30):
        sizes = {f"s{number}": int(size) for number, size in enumerate(chance.integers(1, 25, 4))}
        people = [site for site, size in sizes.items() for _ in range(size)]
        acts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        seen: list[dict[str, Counter[str]]] = []
        for place in chance.permutation(len(people)):
            acts[people[place]][str(chance.choice(["complete", "complete", "refused", "started"]))] += 1
            silent = {site: {"invited": size - acts[site].total()} for site, size in sizes.items()}
            heads, groups = _in_steps({site: {**acts[site], **silent[site]} for site in sizes})
            seen.append({"": heads, **dict(groups)})
        for name in seen[-1]:
            for state in ("complete", "refused"):
                shown = [each[name][state] for each in seen if name in each]
                changes = [place for place in range(1, len(shown)) if shown[place] != shown[place - 1]]
                assert {0} >= {n % 5 for n in shown}
                assert all(later - earlier >= 5 for earlier, later in pairwise(changes))


def test_of_no_group_is_it_told_that_all_of_it_answered() -> None:
    """Every composition of groups of 5, 6 and 10: whatever is shown, some history leaves out one of each group."""
    sizes = {"a": 5, "b": 6, "c": 10}
    left: defaultdict[Figures, set[str]] = defaultdict(set)
    for counts in product(*(range(size + 1) for size in sizes.values())):
        of = dict(zip(sizes, counts, strict=True))
        shown = _figures({site: {"complete": of[site], "invited": sizes[site] - of[site]} for site in sizes})
        left[shown] |= {site for site in sizes if of[site] < sizes[site]}
    assert {frozenset(sizes)} == {frozenset(each) for each in left.values()}


@pytest.mark.parametrize("answering", [0, 4])
def test_of_few_employees_nothing_is_told(store: Store, tmp_path: Path, answering: int) -> None:
    """Four people are never told of; nor that of twelve none has answered."""
    study = exhibit.study_in(tmp_path)
    exhibit.employees(store, study, north=4 if answering else 12, south=0, isles=0)
    if not answering:
        with to_write(store.field) as connection:
            connection.execute(update(INVITATIONS).values(state="invited"))
    found = _found(store)
    assert not found.told
    assert not found.lines
    assert found.rates.rr1 is None
    assert not found.segments


def test_a_closed_anonymous_wave_tells_what_its_note_holds(store: Store, tmp_path: Path) -> None:
    """After the close the roster knows nothing, and the exact counts of its note are told."""
    exhibit.employees(store, exhibit.study_in(tmp_path))
    close_wave(store, "cold", now=exhibit.NOW + timedelta(days=30))
    groups = json.loads(note_of(store, "cold").read_text("utf-8"))["groups"]
    found = _found(store)
    assert sum(each["complete"] for each in groups) == next(line.n for line in found.lines if line.fate == "complete")
    assert [", ".join(each["strata"]) for each in groups] == [cell.value for cell in found.segments["group"]]
    assert (43, 1) == (next(line.n for line in found.lines if line.fate == "complete"), found.steps)

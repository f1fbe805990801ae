"""Dispositions against rows told one by one, and what may not be found again in tables against every sum and difference."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import insert, update

from symmetry.fieldwork.contacts.ledger import ledger_key
from symmetry.fieldwork.contacts.opting import opt_out
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.standing import asked_in
from symmetry.fieldwork.store.tables import INVITATIONS, OUTBOX
from symmetry.fieldwork.watching.dispositions import Dispositions, of_units
from symmetry.fieldwork.watching.hiding import hidden
from symmetry.fieldwork.watching.rates import rates
from symmetry.fieldwork.watching.units import units_of
from tests.fieldwork.store import waves
from tests.fieldwork.watching import exhibit

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store


def _found(store: Store, wave: str, audience: str) -> Dispositions:
    with store.field.connect() as connection:
        asked = asked_in(connection, wave, audience)
        return of_units(connection, asked, units_of(connection, store, asked))


def _heads(found: Dispositions) -> dict[str, int]:
    return {line.fate: line.n for line in found.lines}


def _set(store: Store, person: str, **values: Any) -> None:
    with to_write(store.field) as connection:
        connection.execute(update(INVITATIONS).where(INVITATIONS.c.person == person).values(**values))


def _letter(store: Store, person: str, **values: Any) -> None:
    """The invitation of somebody, in the outbox."""
    with to_write(store.field) as connection:
        row = connection.execute(INVITATIONS.select().where(INVITATIONS.c.person == person)).one()
        made = {"id": row.token, "wave": row.wave, "audience": row.audience, "token": row.token, "contact": row.contact}
        made |= {"step": 0, "channel": "email", "due": "2027-03-01T08:00:00Z", "expires": "2027-03-22T08:00:00Z"}
        made |= {"state": "sent", "reason": "", "tries": 1, "sent": "2027-03-01T08:00:00Z"}
        connection.execute(insert(OUTBOX).values(**{**made, **values}))


def test_links_that_were_handed_out_make_everybody_asked(store: Store, tmp_path: Path) -> None:
    """Without a single message planned, silence is no reply; shares of what was asked decide the others."""
    field = waves.field_on(store, waves.study_with(tmp_path))
    field.post("c-000", recommend="9")  # `why` is off the route
    field.post("c-000", page=2, listened="4")
    field.post("c-001", recommend="3")  # one of three
    field.post("c-002", recommend="3")
    field.post("c-002", page=2, why="Slow")
    field.post("c-003", action="refuse")
    found = _found(store, "cold", "customers")
    answered = {row["state"] for row in field.rows(INVITATIONS) if row["person"] in ("c-000", "c-002")}
    assert {"complete"} == answered
    assert {"complete": 1, "partial": 1, "refusal": 1, "break-off": 1, "no reply": 8} == _heads(found)
    assert found.by_hand
    assert not found.outside
    assert rates(1, 1, 2, 0, 0, 8, 0, 0) == found.rates


def test_what_was_asked_decides_how_much_of_it_is_answered(store: Store, tmp_path: Path) -> None:
    """The same two answers are all of it to who was happy, and two of three to who was asked why."""
    field = waves.field_on(store, waves.study_with(tmp_path))
    for person, score in (("c-000", "9"), ("c-001", "2")):
        field.post(person, recommend=score)
        field.post(person, page=2, listened="4")
    assert {"complete": 1, "partial": 1, "no reply": 10} == _heads(_found(store, "cold", "customers"))


def test_the_outbox_says_who_was_asked(store: Store, tmp_path: Path) -> None:
    """Sent and uncertain messages are asked people, bounced ones are unknown, dropped and waiting ones are outside the rates."""
    waves.field_on(store, waves.study_with(tmp_path))
    letters: list[Mapping[str, str]] = [
        {"state": "sent"},
        {"state": "uncertain"},
        {"state": "bounced"},
        {"state": "dropped", "reason": "resting"},
        {"state": "dropped", "reason": "no address"},
        {"state": "planned"},
        {"state": "sending"},
    ]
    for number, letter in enumerate(letters):
        _letter(store, f"c-{number:03d}", **letter)
    _set(store, "c-007", state="over quota")
    found = _found(store, "cold", "customers")
    assert {"no reply": 2, "bounced mail": 1, "over quota": 1} == _heads(found)
    assert {"no address": 1, "resting": 1, "not yet invited": 6} == found.outside
    assert ["3.19", "3.30", "4.8"] == [line.code for line in found.lines]
    assert [8.0, 4.0, 4.0] == [line.weighted for line in found.lines]  # drawn with a chance of one in four
    assert not found.by_hand


def test_who_opts_out_after_the_invitation_refuses(store: Store, tmp_path: Path) -> None:
    """An opt-out of an earlier day is none of this wave's refusals."""
    waves.field_on(store, waves.study_with(tmp_path))
    _letter(store, "c-000", sent="2027-03-02T08:00:00Z")
    _letter(store, "c-001", sent="2027-03-06T08:00:00Z")
    key = ledger_key(store.folder)
    contacts = ["c-000@example.org", "c-001@example.org"]
    with to_write(store.field) as connection:
        opt_out(connection, key, contacts, waves.NOON, "page")
    found = _found(store, "cold", "customers")
    assert {"refusal": 1, "no reply": 1} == _heads(found)
    assert {"not yet invited": 10} == found.outside


def test_a_month_of_events_is_told_as_it_was_written(store: Store, tmp_path: Path) -> None:
    """Every figure of the exhibit counted again from the rows that were written."""
    rows = exhibit.month(store, exhibit.study_in(tmp_path))
    found = _found(store, "hot", "customers")
    reasons = Counter(row["reason"] for row in rows["events"] if row["reason"])
    dropped = sum(row["state"] == "dropped" for row in rows["outbox"])
    assert {"no address": dropped, **reasons} == found.outside
    shares = {}
    for row in rows["responses"]:
        answers = json.loads(row["answers"])
        shares[row["token"]] = len(answers) / (7 if answers["recommend"] <= 6 else 6)
    expected: Counter[str] = Counter()
    letters = {row["token"]: row["state"] for row in rows["outbox"]}
    for row in rows["invitations"]:
        share = shares.get(row["token"])
        if share is not None:
            expected["complete" if share >= 0.8 else "partial" if share >= 0.5 else "break-off"] += 1
        elif row["state"] == "refused":
            expected["refusal"] += 1
        elif letters[row["token"]] != "dropped":
            expected["bounced mail" if letters[row["token"]] == "bounced" else "no reply"] += 1
    assert dict(expected) == _heads(found)
    assert [2 * line.n for line in found.lines] == [line.weighted for line in found.lines]
    for cells in found.segments.values():
        assert all((cell.n is None) == (cell.rr1 is None) for cell in cells)
    assert {"isles", "south"} == {cell.value for cell in found.segments["region"] if cell.n is None}
    assert sum(expected.values()) == sum(cell.n or 0 for cell in found.segments["channel"])


def test_no_hidden_cell_is_the_difference_of_shown_ones() -> None:
    """Sixty random populations: no combination of shown cells and the total gives a hidden cell."""
    chance = np.random.default_rng(3)
    for _ in range(60):
        sites = [f"s{site}" for site in chance.choice(5, size=120, p=[0.5, 0.3, 0.1, 0.06, 0.04])]
        # a site lies in one region: a table of regions tells on a table of sites
        people = [{"site": site, "region": "r" + str(int(site[1]) // 2)} for site in sites]
        gone = hidden(people, ["site", "region"], 10)
        cells = {
            (item, value): np.array([person[item] == value for person in people], dtype=int)
            for item in ("site", "region")
            for value in {person[item] for person in people}
        }
        shown = [inside for (item, value), inside in cells.items() if value not in gone[item]]
        secret = [inside for (item, value), inside in cells.items() if value in gone[item]]
        total = np.ones(len(people), dtype=int)
        for signs in product((-1, 0, 1), repeat=len(shown) + 1):
            sum_of = sum((sign * each for sign, each in zip(signs, [total, *shown], strict=True)), 0 * total)
            assert not any((sum_of == inside).all() for inside in secret)
        for (item, value), inside in cells.items():
            assert value in gone[item] or inside.sum() >= 10

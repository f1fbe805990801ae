"""Somebody who holds both databases and joins people and answers by whatever order he finds; and the waves he attacks."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import pytest
from sqlalchemy import select, text

from symmetry.errors import DataError
from symmetry.fieldwork.store.keeping import close_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.releasing import release
from symmetry.fieldwork.store.sealing import unboxed
from symmetry.fieldwork.store.tables import ANSWERS, HOLDING, INVITATIONS, KEYS
from tests.fieldwork.store.employees import Staff, night

SITES = {"north": 140, "south": 130, "east": 120, "three": 3, "seven": 7}
DAYS = 5
Rows = list[Mapping[str, Any]]
Ordered = dict[str, list[str]]
"""Site → people, or marks, in an order that the attacker found."""


@dataclass
class Tally:
    """What an attack achieved, over all trials: right guesses, all guesses, groups that nothing tells apart."""

    right: int = 0
    guesses: int = 0
    groups: int = 0

    @property
    def rate(self) -> float:
        """Share of people re-linked."""
        return self.right / self.guesses

    @property
    def chance(self) -> float:
        """What guessing gives."""
        return self.groups / self.guesses

    @property
    def error(self) -> float:
        """Standard error of the rate where it is chance: a random pairing has about as much variance as groups."""
        return sqrt(self.groups) / self.guesses


@dataclass
class Evening:
    """A copy of both databases, taken before the night's release."""

    answers: Rows
    holding: Rows
    keys: Rows


@dataclass
class Field:
    """One trial: the staff, who finished on which day, and the copies of the evenings."""

    staff: Staff
    day: dict[str, int] = field(default_factory=dict)
    evenings: list[Evening] = field(default_factory=list)

    @property
    def finished(self) -> list[str]:
        """Who answered, in the order in which they did: what the attacker is after."""
        return list(self.day)


def fielded(staff: Staff, chosen: random.Random, share: float) -> Field:
    """Have a share of the people, and all of the small sites, answer in random order over the days; then close."""
    small = [*staff.of("three"), *staff.of("seven")]
    people = small + chosen.sample([each for each in staff.site if each not in small], int(share * len(staff.site)))
    chosen.shuffle(people)
    staff.begin(*sorted(people))
    run = Field(staff)
    for day in range(DAYS):
        today = people[day * len(people) // DAYS : (day + 1) * len(people) // DAYS]
        while today:
            some, today = today[:3], today[3:]
            staff.finish(*some, day=day)  # a commit of the writer
            run.day |= dict.fromkeys(some, day)
        run.evenings.append(Evening(*(staff.field.rows(table) for table in (ANSWERS, HOLDING, KEYS))))
        if day < DAYS - 1:
            release(staff.store, now=night(day))
    close_wave(staff.store, "cold", now=night(DAYS - 1))
    return run


def said(row: Mapping[str, Any]) -> tuple[str, str]:
    """Site and mark of sealed answers."""
    return json.loads(row["known"]).get("site", ""), json.loads(row["answers"])["why"]


def by_site(pairs: Sequence[tuple[str, str]]) -> Ordered:
    """Group people or marks by site, in their order."""
    found: Ordered = defaultdict(list)
    for site, each in pairs:
        found[site].append(each)
    return found


def guess(tally: Tally, run: Field, people: Ordered, marks: Ordered, groups: int) -> None:
    """Join people and answers of each site by their place, and count."""
    for site, mine in marks.items():
        pairs = list(zip(people[site], mine, strict=True))
        tally.right += sum(run.staff.marks[person] == mark for person, mark in pairs)
        tally.guesses += len(pairs)
    tally.groups += groups


def kept_site(run: Field) -> dict[str, str]:
    """Person → the site told with their answers: the attacker can work out that of the pooled ones by elimination."""
    told = {site for site, _ in map(said, run.staff.field.rows(ANSWERS))}
    return {person: site if site in told else "" for person, site in run.staff.site.items()}


def as_stored(store: Store) -> tuple[list[str], Rows]:
    """People and answers as the databases give them when asked for no order."""
    with store.field.connect() as connection:
        people = list(connection.scalars(select(INVITATIONS.c.person)))
    with store.sealed.connect() as connection:
        return people, [dict(row) for row in connection.execute(select(ANSWERS)).mappings()]


def by_place(store: Store) -> tuple[list[str], Rows]:
    """The same by where they lie: in the bytes of the raw file on SQLite; by transaction, then on the heap, on PostgreSQL."""
    if store.embedded:
        people, answers = as_stored(store)
        files = [(store.folder / f"{name}.sqlite").read_bytes() for name in ("field", "sealed")]
        people.sort(key=lambda person: files[0].index(f"{person}@".encode()))
        return people, sorted(answers, key=lambda row: files[1].index(row["key"]))
    place = text("xmin::text::bigint, ctid")
    with store.field.connect() as connection:
        people = list(connection.scalars(select(INVITATIONS.c.person).order_by(place)))
    with store.sealed.connect() as connection:
        return people, [dict(row) for row in connection.execute(select(ANSWERS).order_by(place)).mappings()]


def batches(run: Field) -> dict[bytes, int]:
    """Key of answers → the evening in whose copy of the sealed database they are first seen."""
    seen: dict[bytes, int] = {row["key"]: DAYS for row in run.staff.field.rows(ANSWERS)}
    for number, evening in reversed(list(enumerate(run.evenings))):
        seen |= {row["key"]: number for row in evening.answers}
    return seen


def attack(run: Field, tallies: Mapping[str, Tally]) -> None:
    """Every join of people and answers, counted."""
    store, site, batch = run.staff.store, kept_site(run), batches(run)
    day = {row["person"]: row["day"] for row in run.staff.field.rows(INVITATIONS) if row["state"] == "complete"}
    rows = run.staff.field.rows(ANSWERS)
    told = {(said(row)[0], batch[row["key"]]) for row in rows}
    seen = len({each for each, _ in told})  # batches leave no trace, not even the transaction of a row on PostgreSQL

    def joined(name: str, people: Sequence[str], answers: Rows, groups: int) -> None:
        mine = by_site([(site[person], person) for person in people if person in day])
        guess(tallies[name], run, mine, by_site([said(row) for row in answers]), groups)

    joined("as stored", *as_stored(store), len({each for each, _ in told}))
    people, answers = by_place(store)
    joined("by place", people, answers, seen)
    joined("by day", sorted(people, key=lambda person: day.get(person, "")), answers, seen)
    evenings = sorted(answers, key=lambda row: batch[row["key"]])
    joined("copies of the sealed database", sorted(people, key=lambda person: day.get(person, "")), evenings, len(told))
    _attack_holding(run, site, tallies["copies of the holding"], people)
    _attack_both(run, site, tallies["copies of both, with keys"])


def _attack_holding(run: Field, site: Mapping[str, str], tally: Tally, people: Sequence[str]) -> None:
    """Who copied the field's database every evening knows whose boxes were new, and cannot open or find them any more."""
    keys = [row["private"] for row in run.staff.field.rows(KEYS)]
    stored = {row["key"]: said(row) for row in run.staff.field.rows(ANSWERS)}
    new: list[bytes] = []
    for evening in run.evenings:
        for row in evening.holding:
            assert row["key"] not in stored
            for key in keys:
                with pytest.raises(DataError):
                    unboxed(key, row["box"])
        new += [row["key"] for row in evening.holding]
    order = sorted(stored, key=lambda key: min(new, key=lambda other: abs(int.from_bytes(key) - int.from_bytes(other))))
    mine = by_site([(site[person], person) for person in sorted(run.finished, key=people.index)])
    marks = by_site([stored[key] for key in order])
    guess(tally, run, mine, marks, len(marks))


def _attack_both(run: Field, site: Mapping[str, str], tally: Tally) -> None:
    """Who copied both databases every evening, keys included, opens the boxes: the day's own answers of a cell are a group."""
    known: set[str] = set()
    for number, evening in enumerate(run.evenings):
        keys = {row["seal"]: row["private"] for row in evening.keys}
        opened = [unboxed(keys[row["seal"]], row["box"]) for row in evening.holding]
        new = sorted((known_of.get("site", ""), str(answers["why"])) for _, answers, known_of in opened)
        marks = by_site([pair for pair in new if pair[1] not in known])
        known |= {mark for _, mark in new}
        people = by_site([(site[person], person) for person in sorted(run.day) if run.day[person] == number])
        guess(tally, run, people, marks, len(marks))

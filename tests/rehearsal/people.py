"""The people of a rehearsed wave: everybody in the frames, what each would answer, and what each will do with the mails.

Opinions and willingness come from the planted truth: whoever would answer is drawn by it, and what everybody would say is the
same simulation with nobody unwilling.  Of the others some refuse, opt out or break off, and most do nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from symmetry.fieldwork import Truth, columns_of, simulate
from symmetry.spec import Study

__all__ = ["COLD", "HOT", "Person", "Population", "population", "write_addresses", "write_frame"]

COLD, HOT = "cold-2027", "hot"
Plan = Literal["answers", "refuses", "opts out", "breaks off", "nothing"]
_OTHERS: Mapping[Plan, float] = {"refuses": 0.03, "opts out": 0.03, "breaks off": 0.05}
_STEPS = {COLD: (0.6, 0.25, 0.15), HOT: (0.7, 0.3)}  # at which message people act


@dataclass
class Person:
    """Somebody with a mailbox.

    Attributes
    ----------
    contact, email : as the frame and the file of addresses say.
    wave, audience : of the questionnaire.
    known : frame items.
    answers : column → what is posted for it; "" where the person leaves it blank.
    plan, step : what the person does, and at which message (0 the invitation).
    done : what was done in the end, as the person saw it: "" nothing yet.
    pages, mails : sent, and received.
    """

    contact: str
    email: str
    wave: str
    audience: str
    known: Mapping[str, str]
    answers: Mapping[str, str]
    plan: Plan
    step: int
    done: str = ""
    pages: int = 0
    mails: int = 0


@dataclass(frozen=True)
class Population:
    """Everybody: those in the frames of the cold wave by audience, and those of whom a visit will be reported."""

    cold: Mapping[str, list[Person]]
    hot: list[Person]

    @property
    def by_email(self) -> dict[str, Person]:
        """Mailbox → its owner."""
        everyone = [*self.hot, *(person for people in self.cold.values() for person in people)]
        return {person.email: person for person in everyone}


def population(study: Study, truth: Truth, seed: int, *, customers: int, employees: int, visits: int) -> Population:
    """Make everybody up.

    Parameters
    ----------
    study, truth : the bank and what is true of it.
    seed : of opinions and plans.
    customers, employees : in the frames of the cold wave.
    visits : people of whom a visit is reported in the hot wave.
    """
    cold = {
        "customers": _people(study, COLD, "customers", truth, seed, customers, "c"),
        "employees": _people(study, COLD, "employees", truth, seed, employees, "e"),
    }
    return Population(cold, _people(study, HOT, "customers", truth, seed, visits, "v"))


def write_frame(path: Path, people: Iterable[Person]) -> None:
    """The frame, as a CRM exports it."""
    _write(path, [{"person": each.contact, **each.known} for each in people])


def write_addresses(path: Path, people: Iterable[Person]) -> None:
    """Mailboxes, in a file of their own."""
    _write(path, [{"contact": each.contact, "email": each.email, "language": "fr"} for each in people])


def _people(study: Study, wave: str, audience: str, truth: Truth, seed: int, size: int, letter: str) -> list[Person]:
    """So many people of one audience in one wave."""
    given = study.waves[wave]
    sized = replace(study, waves={wave: replace(given, audiences=(audience,), sample={audience: size})})
    willing = replace(truth.field[wave, audience], rate=1.0, factors={})
    everyone = simulate(sized, wave, replace(truth, field={**truth.field, (wave, audience): willing}), seed)[
        audience
    ].answers
    answering = set(simulate(sized, wave, truth, seed)[audience].answers["respondent"])
    columns = columns_of(sized, wave, audience)
    luck = np.random.default_rng([seed, size, len(letter), ord(letter)])
    steps, chances = range(len(_STEPS[wave])), _STEPS[wave]
    people = []
    for number, row in enumerate(everyone.to_dict("records")):
        plan: Plan = "answers" if row["respondent"] in answering else _plan(luck.random(), wave)
        contact = f"{letter}{number:05d}"
        known = {column.name: _text(row[column.name]) for column in columns if not column.asked}
        answers = {column.name: _text(row[column.name]) for column in columns if column.asked}
        step = int(luck.choice(steps, p=chances))
        people.append(Person(contact, f"{contact}@example.org", wave, audience, known, answers, plan, step))
    return people


def _plan(drawn: float, wave: str) -> Plan:
    """What somebody does who does not answer; one page alone cannot be broken off."""
    for plan, share in _OTHERS.items():
        if drawn < share:
            return "nothing" if plan == "breaks off" and wave == HOT else plan
        drawn -= share
    return "nothing"


def _text(cell: Any) -> str:
    """A cell as a form posts it."""
    return "" if pd.isna(cell) else str(cell)


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    """A CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

"""The course of a rehearsed wave, day by day: frames, draws, mails, visits, answers, the close, and the report.

The cold wave of the bank runs for customers and employees; the hot one follows visits that a file and a system report.
Everything that the field does is done by its own commands; people only ever see mails and pages.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from symmetry import fieldwork, spec
from symmetry.spec import Study
from tests.benchmarks.field_serving import free_port
from tests.rehearsal.browsing import act
from tests.rehearsal.chromium import act_in_chromium
from tests.rehearsal.commands import Commands
from tests.rehearsal.inbox import Inbox, Mail, inbox
from tests.rehearsal.people import COLD, HOT, Person, Population, population, write_addresses, write_frame

__all__ = ["Course", "Run", "rehearse"]

ROOT = Path(__file__).resolve().parents[2]
BANK, TRUTH = ROOT / "survey_specs" / "everyday_bank", ROOT / "analyses" / "everyday_bank" / "truth.yaml"
FIRST = "2027-03-01"
SENDING = """\
address: {address}
email:
  host: 127.0.0.1
  port: {port}
  security: none
  sender: {{name: Everyday bank, address: survey@bank.example}}
  a_minute: 60000
"""
PLAN = """\
study: ../study
language: en
waves: [{cold}, {hot}]
data: {{frozen: ../responses}}
design:
  customers: {{stratum: region}}
  employees: {{stratum: region}}
  units: apart
"""


@dataclass(frozen=True)
class Course:
    """How large a rehearsal is: customers drawn, employees, visits, and how many people use a real browser."""

    customers: int = 6000
    employees: int = 700
    visits: int = 600
    chromium: int = 0
    seed: int = 2027

    @classmethod
    def of(cls, people: int, chromium: int, seed: int) -> Course:
        """So many customers drawn, and of the others in proportion."""
        return cls(people, max(120, min(700, people * 7 // 60)), max(120, people // 10), chromium, seed)


@dataclass
class Run:
    """What a rehearsal leaves: where it lies, its people, its commands, and what the field said at the end.

    `late` are those who got a mail when they were done; `taken` is what became of the rows of dropped files.
    """

    folder: Path
    people: Population
    drawn: dict[str, set[str]]
    commands: Commands
    mails: int = 0
    in_chromium: int = 0
    status: str = ""
    late: list[str] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)

    @property
    def store(self) -> Path:
        """Of the field."""
        return self.folder / "field"


def rehearse(folder: Path, course: Course, tell: Callable[[str], None]) -> Run:
    """Run the whole programme.

    Parameters
    ----------
    folder : to make; everything lies in it.
    course : how large it is.
    tell : hears what is under way.

    Returns
    -------
    Run, with everything done that the last command leaves.
    """
    folder.mkdir(parents=True)
    study = _study(folder, course)
    truth = fieldwork.read_truth(TRUTH, spec.load(BANK))
    tell(f"making up {course.customers * 5 // 4:,} customers, {course.employees} employees and {course.visits} visits")
    people = population(
        study, truth, course.seed, customers=course.customers * 5 // 4, employees=course.employees, visits=course.visits
    )
    run = Run(folder, people, {}, Commands(folder / "commands.log"))
    tell("drawing and opening")
    _open(run, course)
    with inbox(free_port()) as box:
        port = free_port()
        _set_up(run, box, port)
        with run.commands.serving(run.store, port) as address:
            _days(run, box, address, course, tell)
    tell("closing, freezing, analysing")
    _end(run)
    return run


def _study(folder: Path, course: Course) -> Study:
    """A copy of the bank's study whose cold wave draws as many customers as this rehearsal asks."""
    shutil.copytree(BANK, folder / "study", ignore=shutil.ignore_patterns("fielded", "*.html"))
    file = folder / "study" / "study.yaml"
    text = file.read_text(encoding="utf-8")
    if text.count("size: 6000") != 1:
        raise AssertionError("the study of the bank does not draw 6,000 customers any more: mend the rehearsal")
    file.write_text(text.replace("size: 6000", f"size: {course.customers}"), encoding="utf-8")
    return spec.load(folder / "study")


def _open(run: Run, course: Course) -> None:
    """Draw both audiences, and open both waves: the hot one without a sample, to follow visits."""
    study = run.folder / "study"
    samples: list[str | Path] = []
    for audience, people in run.people.cold.items():
        frame, sample = run.folder / f"{audience}.csv", run.folder / "samples" / audience
        write_frame(frame, people)
        words: list[str | Path] = [
            "--audience",
            audience,
            "--frame",
            frame,
            "--seed",
            str(course.seed),
            "--out",
            sample,
        ]
        run.commands.run("draw", study, COLD, *words)
        units = fieldwork.read_sample(sample, spec.load(study)).units
        run.drawn[audience] = set(units.loc[units["drawn"], "contact"])
        samples += ["--sample", sample]
    opened: list[str | Path] = ["--store", run.store, "--rehearse-on", FIRST]
    run.commands.run("field", "open", study, COLD, *samples, *opened)
    run.commands.run("field", "open", study, HOT, *opened)


def _set_up(run: Run, box: Inbox, port: int) -> None:
    """How mails leave, and the addresses to which they go."""
    settings = run.store / "sending.yaml"
    settings.write_text(SENDING.format(address=f"http://127.0.0.1:{port}", port=box.port), encoding="utf-8")
    settings.chmod(0o600)
    addresses = run.folder / "addresses.csv"
    write_addresses(addresses, [person for people in run.people.cold.values() for person in people])
    run.commands.run("field", "take", "addresses", addresses, "--store", run.store)


def _days(run: Run, box: Inbox, address: str, course: Course, tell: Callable[[str], None]) -> None:
    """The days of the field: each a visit of the clock, and then of everybody who has mail."""
    some = len(run.people.hot) // 2
    key = run.commands.run("field", "key", "tills", "--store", run.store).split()[-1]
    for day, hour in ((FIRST, "09:30"), ("2027-03-02", "18:30"), ("2027-03-05", "10:00"), ("2027-03-10", "10:00")):
        if day == "2027-03-02":
            run.commands.run("field", "run", "--store", run.store, "--at", f"{day}T12:30")
            _drop(run.store / "drop" / f"interactions-{day}.csv", run.people.hot[:some], f"{day}T10:15:00+01:00")
            _post(address, key, run.people.hot[some:], f"{day}T11:40:00+01:00")
        tell(f"{day}: sending")
        _go_on(run, box, course, tell, f"{day}T{hour}")
    run.status = run.commands.run("field", "status", "--store", run.store, "--format", "json", codes=(0, 4))
    _go_on(run, box, course, tell, "2027-03-22T10:00")


def _go_on(run: Run, box: Inbox, course: Course, tell: Callable[[str], None], at: str) -> None:
    """Move the field on, and have everybody read what it sent."""
    told = json.loads(run.commands.run("field", "run", "--store", run.store, "--at", at))
    run.taken.update(told["taken"])
    new = box.new()
    run.mails += len(new)
    _read_mail(run, new, course, tell, at[:10])


def _read_mail(
    run: Run, new: Sequence[tuple[str, Mail]], course: Course, tell: Callable[[str], None], day: str
) -> None:
    """Have those act whose turn it is: the first so many in a real browser, everybody else by HTTP."""
    owners = run.people.by_email
    seen = Counter(address for address, _ in new)
    if seen and max(seen.values()) > 1:
        raise AssertionError(f"somebody got {max(seen.values())} mails on one day")
    turn: list[tuple[Person, Mail]] = []
    for address, mail in new:
        person = owners[address]
        person.step -= 1
        person.mails += 1
        if person.done in ("answered", "refused", "opted out"):
            run.late.append(person.contact)
        if person.step < 0 and not person.done and person.plan != "nothing":
            turn.append((person, mail))
    answering = [each for each in turn if each[0].plan == "answers"]
    chosen = answering[: max(0, course.chromium - run.in_chromium)]
    tell(f"{day}: {len(new):,} mails; {len(turn):,} people act, {len(chosen)} of them in Chromium")
    if chosen:
        act_in_chromium(chosen)
        run.in_chromium += len(chosen)
    act([each for each in turn if each not in chosen])


def _drop(path: Path, people: Sequence[Person], at: str) -> None:
    """Visits in a file, as a system exports them every night; one stands twice, and one at a touchpoint that is none."""
    rows = [_visit(person, at) for person in people]
    rows += [rows[0], {**_visit(people[0], at), "interaction": "visit-nowhere", "touchpoint": "nowhere"}]
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    hour_ago = time.time() - 3600
    os.utime(path, (hour_ago, hour_ago))  # a file that was just written waits: it may not be whole


def _post(address: str, key: str, people: Sequence[Person], at: str) -> None:
    """Visits that a till tells of, as they happen."""
    for first in range(0, len(people), 100):
        body = json.dumps([_visit(person, at) for person in people[first : first + 100]]).encode()
        head = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"{address}/events", body, head), timeout=60) as told:
            if told.status != 200:
                raise AssertionError(f"posting visits met {told.status}: {told.read()!r}")


def _visit(person: Person, at: str) -> dict[str, str]:
    """One visit: whose it was, when, where, and what is known of the person."""
    event = {
        "interaction": f"visit-{person.contact}",
        "contact": person.contact,
        "touchpoint": "visit.closed",
        "at": at,
    }
    return event | {"email": person.email, "language": "fr", **person.known}


def _end(run: Run) -> None:
    """Close both waves, freeze what was answered, analyse it."""
    for wave in (COLD, HOT):
        run.commands.run("field", "close", wave, "--store", run.store)
    study, responses = run.folder / "study", run.folder / "responses"
    run.commands.run("freeze", run.store, "--study", study, "--out", responses)
    home = run.folder / "analysis"
    home.mkdir()
    (home / "plan.yaml").write_text(PLAN.format(cold=COLD, hot=HOT), encoding="utf-8")
    run.commands.run("analyse", home)

"""The rehearsal itself, small: the judges are the people who answered, by what they did, and the frozen answers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from tests.rehearsal.browsing import form_in
from tests.rehearsal.course import Course, rehearse
from tests.rehearsal.judging import frozen_as_sent, judged
from tests.rehearsal.people import COLD, Person

PAGE = """
<form id="language"><input name="lang" value="en"></form>
<form id="questions" action="/s/abc/2"><input type="hidden" name="form" value="f">
<label><input type="radio" name="kept_word" value="1"></label><label><input type="radio" name="kept_word" value="2"></label>
<textarea name="why"></textarea><button name="go" value="back">Back</button></form>
<button form="questions" name="go" value="refuse">No</button>
"""


def test_a_form_is_read_as_a_browser_reads_it() -> None:
    """The form of the questions alone: its hidden fields, its choices, its fields to write in."""
    form = form_in(PAGE)
    assert form is not None
    assert ("/s/abc/2", {"form": "f"}) == (form.action, form.hidden)
    assert ({"kept_word": ["1", "2"]}, {"why"}) == (form.choices, form.written)
    assert form_in("<p>Thank you</p>") is None


@pytest.mark.slow
def test_a_small_wave_runs_from_draw_to_report(tmp_path: Path) -> None:
    """A hundred and twenty customers, as many employees and visits: everybody does what they want to, and it is counted so."""
    run = rehearse(tmp_path / "wave", Course.of(120, 0, 2027), lambda line: None)
    assert [] == [each for each in judged(run, planted=False) if not each.kept]
    assert {"answered", "refused", "opted out", "broke off"} >= Counter(
        person.done for people in run.people.cold.values() for person in people if person.done
    ).keys()
    assert (tmp_path / "wave" / "analysis" / "results").is_dir()


def somebody(done: str, audience: str = "customers", **answers: str) -> Person:
    """Somebody who was asked, and what they did."""
    return Person("c1", "c1@example.org", COLD, audience, {}, answers, "answers", 0, done)


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([("7", "north"), ("3", "south"), ("5", None)], True),  # the third broke off before the second question
        ([("7", "north"), ("3", "south")], True),
        ([("7", "south"), ("3", "north"), ("5", None)], False),  # each column as it should be, people mixed up
        ([("7", "north"), ("5", None)], False),
        ([("7", "north"), ("3", "south"), ("4", None)], False),
        ([("7", "north"), ("3", "south"), ("5", None), ("5", None)], False),
        ([], False),
    ],
)
def test_answers_that_were_lost_made_up_or_mixed_are_found(rows: list[tuple[str, str | None]], kept: bool) -> None:
    """Whole rows are compared, both ways; what people who broke off had sent may be there, and no more than that."""
    people = [
        somebody("answered", recommend="7", site="north"),
        somebody("answered", recommend="3", site="south"),
        somebody("broke off", recommend="5", site="east"),
        somebody("", recommend="1", site="west"),
    ]
    table = pd.DataFrame(rows, columns=["recommend", "site"])
    assert kept == frozen_as_sent("cold/customers", table, people).kept
    assert not frozen_as_sent("cold/customers", None, people).kept
    assert not frozen_as_sent("cold/customers", table[["site"]], people).kept


def test_unfinished_answers_of_employees_are_never_frozen() -> None:
    """Their drafts stay drafts."""
    people = [somebody("answered", "employees", recommend="7"), somebody("broke off", "employees", recommend="5")]
    assert frozen_as_sent("cold/employees", pd.DataFrame({"recommend": ["7"]}), people).kept
    assert not frozen_as_sent("cold/employees", pd.DataFrame({"recommend": ["7", "5"]}), people).kept

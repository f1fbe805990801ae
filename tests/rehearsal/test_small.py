"""The rehearsal itself, small: the judges are the people who answered, by what they did, and the frozen answers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.rehearsal.browsing import form_in
from tests.rehearsal.course import Course, rehearse
from tests.rehearsal.judging import judged

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

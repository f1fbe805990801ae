"""Scores that a publisher made of whole units: their ends, what may rest on them, and that no person is ever asked for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from symmetry.errors import SpecError
from symmetry.spec import Study, load

STUDY = """symmetry: 1
study: schools
title: Schools
languages: [en]
audiences: {customers: Parents, employees: Teachers}
scales: {mark: {type: score}}
items:
  safety:
    role: outcome
    scale: mark
    label: Safety
    customer: The school keeps everybody safe.
    employee: The school keeps everybody safe.
    mirror: {employee: parallel}
waves: {once: {kind: cold, audiences: [customers, employees], items: all}}
waive: {MIR12: The survey was written by others.}
plan: {outcome: safety, drivers: [], dissonance: [{a: customer, b: employee, smallest: 0.5 points}]}
"""


def study_of(folder: Path, **changed: str) -> Study:
    """Load the study, with words of it changed."""
    text = STUDY
    for old, new in changed.items():
        was = {"scale": "{type: score}", "smallest": "0.5 points"}[old]
        assert was in text
        text = text.replace(was, new)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return load(folder)


@pytest.mark.parametrize(
    ("scale", "ends"),
    [
        ("{type: score}", (0, 10)),
        ("{type: score, min: 1}", (1, 10)),
        ("{type: score, max: 100}", (0, 100)),
        ("{type: score, min: -2.5, max: 2.5, decimals: 1}", (-2.5, 2.5)),
    ],
)
def test_a_score_runs_from_0_to_10_unless_told(tmp_path: Path, scale: str, ends: tuple[float, float]) -> None:
    """Its ends are declared or 0 and 10; it is rated, published, and never turned round."""
    found = study_of(tmp_path, scale=scale).scales["mark"]
    assert ends == (found.low, found.high)
    assert (True, True, False) == (found.rated, found.published, found.reversed)


@pytest.mark.parametrize(
    ("scale", "code"),
    [
        ("{type: score, min: 10}", "SCA09"),
        ("{type: score, max: -1}", "SCA09"),
        ("{type: score, min: 5, max: 5}", "SCA09"),
        ("{type: score, points: 10}", "SCA02"),
        ("{type: score, min: 2027-03-01}", "SPEC03"),
        ("{type: score, missing: {na: 7}}", "SCA04"),
    ],
)
def test_a_score_at_fault_is_told(tmp_path: Path, scale: str, code: str) -> None:
    """Ends the wrong way round, also against the one that was not written, and keys of other scales."""
    with pytest.raises(SpecError) as caught:
        study_of(tmp_path, scale=scale)
    assert [code] == [problem.code for problem in caught.value.problems], str(caught.value)


def test_only_published_figures_are_published(tmp_path: Path) -> None:
    """Answers of persons, a number of theirs among them, are not."""
    assert not study_of(tmp_path, scale="{type: likert, points: 5}").scales["mark"].published
    assert study_of(tmp_path, scale="{type: percent}", smallest="5 pct").scales["mark"].published

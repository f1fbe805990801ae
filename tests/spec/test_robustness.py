"""Whatever is written in a study or a plan, the checker answers with problems and never with a crash."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symmetry.errors import Problem
from symmetry.spec import check

STUDY = yaml.load((Path(__file__).parent / "faults" / "small_cells.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
ODD = [
    None,
    0,
    -3,
    1.5,
    True,
    "",
    "x",
    "auto",
    "none",
    "all",
    [],
    {},
    [1],
    ["x", "x"],
    {"fr": "x"},
    {"": ""},
    "é×",
    10**30,
]


def spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path inside a nest of mappings and lists."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [spot for key, child in pairs for spot in ((*path, key), *spots(child, (*path, key)))]


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.sampled_from(spots(STUDY)), st.sampled_from([*ODD, "delete"])), min_size=1, max_size=4))
def test_no_study_crashes_the_checker(tmp_path: Path, changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    """Parts deleted, or replaced by what does not belong there, give problems with a place in the file."""
    study = copy.deepcopy(STUDY)
    for path, odd in changes:
        inside = study
        for part in path[:-1]:
            inside = inside.get(part) if isinstance(inside, dict) else None
        if isinstance(inside, dict):
            inside.pop(path[-1], None)
            inside |= {} if odd == "delete" else {path[-1]: copy.deepcopy(odd)}
    (tmp_path / "study.yaml").write_text(yaml.dump(study, allow_unicode=True, sort_keys=False), encoding="utf-8")
    problems = check(tmp_path)
    assert all(isinstance(problem, Problem) and problem.where and problem.where.line for problem in problems)

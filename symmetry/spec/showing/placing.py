"""Which remark of the check belongs to which item: by the lines of the study file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

from symmetry.errors import Problem
from symmetry.spec.nouns import Study
from symmetry.spec.reading import read_yaml

__all__ = ["sorted_by_item"]


def sorted_by_item(study: Study, problems: Sequence[Problem]) -> tuple[dict[str, list[Problem]], list[Problem]]:
    """The problems that stand inside an item of the study file, by item, and all others.

    Parameters
    ----------
    study : whose `path` the problems were found in.
    problems : as `check` gives them.
    """
    inside: dict[str, list[Problem]] = {}
    others: list[Problem] = []
    starts = _starts(study.path) if problems else []
    lines = [line for line, _ in starts]
    for problem in problems:
        here = problem.where is not None and Path(problem.where.file) == study.path
        place = bisect_right(lines, problem.where.line) if problem.where and here else 0
        key = starts[place - 1][1] if place else ""
        if key in study.items and study.items[key].faces:
            inside.setdefault(key, []).append(problem)
        else:
            others.append(problem)
    return inside, others


def _starts(file: Path) -> list[tuple[int, str]]:
    """The line on which each item begins, and each section (under an empty key), in order."""
    keys = read_yaml(file).keys
    items = [(line, str(route[1])) for route, (line, _) in keys.items() if len(route) == 2 and route[0] == "items"]
    sections = [(line, "") for route, (line, _) in keys.items() if len(route) == 1]
    return sorted([*items, *sections])

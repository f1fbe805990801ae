"""The verb `check`: everything that is wrong with studies and plans, for people, for programs, for a code host."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.errors import Place, Problem, SpecError

if TYPE_CHECKING:
    from symmetry.cli import Verbs

__all__ = ["add"]


def add(verbs: Verbs) -> None:
    """Describe the verb."""
    check = verbs.add_parser("check", help="find everything that is wrong with studies and plans")
    check.add_argument(
        "paths",
        type=Path,
        nargs="*",
        help="each a study.yaml or plan.yaml, its folder, or a folder of such folders (default: survey_specs)",
    )
    check.add_argument(
        "--format", choices=("text", "json", "github"), default="text", help="json and github go to stdout"
    )
    check.add_argument("--matrix", action="store_true", help="show which items cover which promise in which face")
    check.add_argument("--explain", metavar="CODE", help="say what a code means, with an example, and stop")
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    from symmetry import spec

    if options.explain:
        print(spec.explain(options.explain))
        return 0
    errors = 0
    told: list[Problem] = []
    for path in _found(options.paths or [Path("survey_specs")]):
        problems = _problems(path)
        told += problems
        wrong = sum(problem.severity == "error" for problem in problems)
        errors += wrong
        if options.format == "text":
            for problem in problems:
                print(problem, file=sys.stderr)
            warnings = len(problems) - wrong
            print(f"{path}: {_count(wrong, 'error')}, {_count(warnings, 'warning')}")
        if options.matrix and options.format == "text" and not wrong and not _is_plan(path):
            print(spec.matrix(spec.load(path)))
    if options.format == "json":
        _print_json(told)
    elif options.format == "github":
        for problem in told:
            print(_github(problem))
    return 1 if errors else 0


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'s' * (number > 1 or (what == 'warning' and not number))}"


def _found(paths: Sequence[Path]) -> list[Path]:
    """What each path holds: itself, or the studies and plans one level below it."""
    found: list[Path] = []
    for path in paths:
        if not (path / "study.yaml").exists() and (path / "survey_specs").is_dir():
            path = path / "survey_specs"
        below = sorted([*path.glob("*/study.yaml"), *path.glob("*/plan.yaml")]) if path.is_dir() else []
        alone = not below or (path / "study.yaml").exists() or (path / "plan.yaml").exists()
        found += [path] if alone else [file.parent for file in below]
    return list({_file(path).absolute(): path for path in found}.values())


def _file(path: Path) -> Path:
    return next((path / name for name in ("study.yaml", "plan.yaml") if (path / name).exists()), path)


def _problems(path: Path) -> list[Problem]:
    """Every problem of one study or plan; what a plan leaves unregistered is told on the way."""
    from symmetry import spec

    if not _is_plan(path):
        return spec.check(path)
    from symmetry.analyse import load_plan

    try:
        plan = load_plan(path)
    except SpecError as error:
        return list(error.problems)
    for departure in plan.departures:
        print(f"{plan.path}: not pre-registered: {departure[plan.language]}", file=sys.stderr)
    return []


def _is_plan(path: Path) -> bool:
    """Tell a plan from a study: a folder by its file, a file by its `data:`."""
    from symmetry import spec

    if path.is_dir() or not path.exists():
        return (path / "plan.yaml").exists() or path.name == "plan.yaml"
    if path.name in ("study.yaml", "plan.yaml"):
        return path.name == "plan.yaml"
    data = spec.read_yaml(path).data
    return isinstance(data, dict) and "data" in data and "symmetry" not in data


def _print_json(problems: Sequence[Problem]) -> None:
    """Every problem as one object of a list."""
    import json

    rows = [
        {
            "file": str(where.file),
            "line": where.line,
            "column": where.column,
            "severity": problem.severity,
            "code": problem.code,
            "message": problem.what,
            "mend": problem.mend,
        }
        for problem in problems
        for where in [problem.where or Place("")]
    ]
    print(json.dumps(rows, ensure_ascii=False, indent=2))


def _github(problem: Problem) -> str:
    """One problem as a code host shows it beside the line of a change."""
    where = problem.where or Place("")
    spots = {"file": str(where.file), "line": where.line, "col": where.column, "title": problem.code}
    named = ",".join(f"{key}={_escaped(str(value), ',:')}" for key, value in spots.items() if value)
    return f"::{problem.severity} {named}::{_escaped(f'{problem.what} — {problem.mend}' if problem.mend else problem.what)}"


def _escaped(text: str, also: str = "") -> str:
    """A text without what would end a workflow command: percent signs, line ends, and in its properties , and :."""
    for sign in ("%", "\r", "\n", *also):
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text

"""Times `symmetry.responses.export` of a million answers into each format, from frozen folder to written folder.

    python -m tests.benchmarks.exporting [--times 3] [--page results-exporting.md]

Two shapes of a million: 50,000 respondents with 20 questions, and 1,000,000 respondents with one.  Each export runs in a process
of its own, imports counted; medians, and the largest memory of any.  Promised: at most 10 s for each format.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from symmetry.fieldwork import Intake, columns_of
from symmetry.responses import export, freeze, read
from symmetry.spec import Item, Study
from tests.studies import tiny_study

FORMATS = ("sav", "triple-s", "csv", "parquet")
SHAPES = {"50,000 × 20": (50_000, 20), "1,000,000 × 1": (1_000_000, 1)}


def study_of(questions: int) -> Study:
    """The tiny study whose wave asks customers this many questions on a scale of agreement."""
    study = tiny_study()
    asked = study.items["listened"]
    items = [replace(asked, key=f"q{number:02d}") for number in range(questions)]
    known: list[Item] = [item for item in study.items.values() if item.role == "frame"]
    wave = replace(study.waves["cold"], audiences=("customers",), items=tuple(item.key for item in items))
    return replace(study, items={item.key: item for item in (*known, *items)}, waves={"cold": wave})


def answers_of(study: Study, people: int) -> pd.DataFrame:
    """Made-up answers: codes 0 (not applicable) to 5, one in ten absent; random keys as the store gives them."""
    rng = np.random.default_rng(9)
    cells: dict[str, object] = {"respondent": [f"{number:016x}" for number in rng.permutation(people)]}
    for column in columns_of(study, "cold", "customers"):
        if column.kind == "code":
            codes = pd.array(rng.integers(0, 6, people), dtype="Int64")
            codes[rng.random(people) < 0.1] = pd.NA
            cells[column.name] = codes
        elif column.categories:
            cells[column.name] = rng.choice(list(column.categories), people)
        else:
            cells[column.name] = [f"branch {number:03d}" for number in rng.integers(0, 400, people)]
    return pd.DataFrame(cells)


def one(to: str, shape: str, folder: Path) -> dict[str, float]:
    """Seconds and memory (MB) of one export of frozen answers, read and verified first."""
    _, questions = SHAPES[shape]
    start = time.perf_counter()
    study = study_of(questions)
    responses = read(folder / "frozen", study)
    verified = time.perf_counter()
    made = export(responses, study, folder / "out", to)
    done = time.perf_counter()
    size = sum(path.stat().st_size for path in made.files) / 1e6
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "reading": verified - start,
        "writing": done - verified,
        "seconds": done - start,
        "size": size,
        "memory": memory,
    }


def measured(times: int) -> str:
    """A table of medians."""
    head = ("answers", "format", "s", "of them reading", "of them writing", "MB written", "MB memory")
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for shape, (people, questions) in SHAPES.items():
        with tempfile.TemporaryDirectory() as folder:
            study = study_of(questions)
            log = pd.DataFrame([], columns=["measure", "item", "n", "note"])
            freeze(
                [Intake("cold", "customers", answers_of(study, people), True, "made up", log)],
                study,
                Path(folder) / "frozen",
            )
            for to in FORMATS:
                command = [sys.executable, "-m", "tests.benchmarks.exporting", "--one", to, shape, folder]
                runs = [
                    json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                    for _ in range(times)
                ]
                middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
                worst = max(run["memory"] for run in runs)
                lines.append(
                    f"| {shape} | {to} | {middle['seconds']:.2f} | {middle['reading']:.2f} | {middle['writing']:.2f} "
                    f"| {middle['size']:.1f} | {worst:.0f} |"
                )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure every format in both shapes, and print or write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--page", type=Path, help="file to write as a page")
    parser.add_argument("--one", nargs=3, metavar=("FORMAT", "SHAPE", "FOLDER"))
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one[0], options.one[1], Path(options.one[2]))))
        return
    table = measured(options.times)
    if options.page is None:
        print(table)
        return
    head = (
        "# A million answers exported\n\n"
        "Written by `python -m tests.benchmarks.exporting --page tests/benchmarks/results-exporting.md`. "
        f"Medians of {options.times}; promised: at most 10 s a format.\n"
        f"Python {platform.python_version()}, {platform.machine()}; every run verifies the frozen answers first.\n\n"
    )
    options.page.write_text(head + table, encoding="utf-8")


if __name__ == "__main__":
    main()

"""Times survey statistics side by side: symmetry, R `survey` (Debian) and `svy` (PyPI), and compares their numbers.

`just bench-statistics`, or from the repository's root `python -m tests.benchmarks.side_by_side --sizes 1e4,1e5 --times 5`.
Every tool reads the same answers (`answers.py`) before it is timed, in a process of its own for each task (`children.py`); the
numbers it gives must agree with the others' to nine digits.  A run of all tools and tasks writes `results-statistics.md` and
`docs/benchmarks.md`, others print their page; ends with 1 when numbers disagree or a promise is not kept.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import psutil

from tests.benchmarks import answers, page
from tests.benchmarks.children import Runs, measured
from tests.benchmarks.overheads import calls, imports
from tests.benchmarks.tasks import TASKS, Task

ROOT = Path(__file__).resolve().parents[2]
PAGES = (Path(__file__).with_name("results-statistics.md"), ROOT / "docs" / "benchmarks.md")
SVY = "0.35.0"
TOOLS = ("R", "svy", "symmetry")
ONE = {
    "symmetry": (),
    "R": ("everything", "gaps"),
    "svy": ("everything", "gaps", "logit", "raking"),
}  # what a tool has not


def main() -> int:
    """Prepare answers and tools, measure, compare, write the pages; 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="1e4,1e5,1e6,1e7", help="numbers of rows (default 1e4,1e5,1e6,1e7)")
    parser.add_argument("--times", type=int, default=5, help="warm runs of each call (default 5)")
    parser.add_argument("--tools", default=",".join(TOOLS), help="which of R, svy, symmetry (default all)")
    parser.add_argument("--tasks", default="", help="keys of tests/benchmarks/tasks.py (default all)")
    parser.add_argument("--largest-r", type=float, default=1e6, help="largest size handed to R (default 1e6)")
    parser.add_argument(
        "--work", type=Path, default=Path(tempfile.gettempdir()) / "symmetry-bench", help="answers, svy"
    )
    asked = parser.parse_args()
    tools = [tool for tool in TOOLS if tool in asked.tools.split(",")]
    tasks = [task for task in TASKS if not asked.tasks or task.key in asked.tasks.split(",")]
    asked.work.mkdir(parents=True, exist_ok=True)
    commands, versions = installed(asked.work, tools)
    load = [os.getloadavg()[0]]
    runs: dict[tuple[int, str, str], Runs] = {}
    faults: list[str] = []
    for size in sorted(int(float(size)) for size in asked.sizes.split(",")):
        home = answers.prepare(asked.work, size)
        warm = answers.prepare(asked.work, min(size, 10**4))
        for task in tasks:
            if size > task.largest:
                continue
            for tool in tools:
                found = reason(task, tool, size, runs, asked.largest_r)
                if not found:
                    found = measured([*commands[tool], task.key, str(home), str(warm)], asked.times)
                runs[size, task.key, tool] = found if isinstance(found, Runs) else Runs(left=found)
                print(page.line(size, task, tool, runs[size, task.key, tool]), flush=True)
            told = disagreements(size, task, {tool: runs[size, task.key, tool] for tool in tools})
            print(*told, sep="\n", end="\n" if told else "", flush=True)
            faults += told
        load.append(os.getloadavg()[0])
    small = asked.work / f"answers-{10**4}-{answers.EDITION}"
    overheads = (calls(small, asked.times), imports(asked.times)) if "symmetry" in tools else ([], [])
    text, kept = page.page(runs, tasks, *overheads, faults, machine(versions, load, asked.times))
    if len(tasks) < len(TASKS) or len(tools) < len(TOOLS):
        print(text)
    else:
        for path in PAGES:
            path.write_text(text, encoding="utf-8")
    print("every promise kept" if kept else "A PROMISE IS NOT KEPT")
    return 0 if kept else 1


def reason(task: Task, tool: str, size: int, runs: dict[tuple[int, str, str], Runs], largest_r: float) -> str:
    """Why a tool is not asked, or nothing."""
    if task.key in ONE[tool]:
        return "has none"
    if tool == "R" and size > largest_r:
        return f"not run above {largest_r:,.0f} rows"
    smaller = [key for key in runs if key[1:] == (task.key, tool) and runs[key].left.startswith("over")]
    return f"{runs[smaller[-1]].left} at {smaller[-1][0]:,} rows already" if smaller else ""


def disagreements(size: int, task: Task, found: dict[str, Runs]) -> list[str]:
    """Where a tool failed, or numbers of two differ by more than the task allows."""
    told = [f"{task.what}, {size:,} rows: {tool} failed: {runs.fault}" for tool, runs in found.items() if runs.fault]
    ran = {tool: runs.numbers for tool, runs in found.items() if len(runs.numbers)}
    truth = next(iter(ran), "")
    for tool, numbers in ran.items():
        expected = ran[truth]
        if task.values_only:
            numbers, expected = numbers[: len(numbers) // 2], expected[: len(expected) // 2]
        if numbers.shape != expected.shape:
            told.append(f"{task.what}, {size:,} rows: {tool} gives {len(numbers)} numbers, {truth} {len(expected)}")
            continue
        apart = np.abs(numbers - expected) / np.maximum(np.abs(expected), np.finfo(float).tiny)
        worst = int(np.argmax(np.where(np.isnan(apart), np.inf, apart)))
        if not apart[worst] <= task.apart:
            told.append(
                f"{task.what}, {size:,} rows: {tool} and {truth} disagree in {np.sum(~(apart <= task.apart))} of {len(apart)} "
                f"numbers, most in number {worst}: {numbers[worst]!r} and {expected[worst]!r}"
            )
    return told


def installed(work: Path, tools: list[str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The command that starts each tool, and its version; svy gets an environment of its own."""
    worker = ["-m", "tests.benchmarks.worker"]
    commands, versions = {}, {}
    if "R" in tools:
        if not shutil.which("Rscript"):
            raise SystemExit(
                "there is no Rscript here: apt-get install r-base-core r-cran-survey, or --tools svy,symmetry"
            )
        commands["R"] = ["Rscript", str(Path(__file__).with_name("peer.R"))]
        versions["R"] = said(
            ["Rscript", "-e", 'cat("survey", format(packageVersion("survey")), "on", R.version.string)']
        )
    if "svy" in tools:
        python = work / f"svy-{SVY}" / "bin" / "python"
        if not python.is_file():
            subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", f"svy=={SVY}"], check=True)
        commands["svy"] = [str(python), *worker, "peer_svy"]
        versions["svy"] = f"svy {said([str(python), '-c', VERSION.format('svy', 'polars')])}"
    if "symmetry" in tools:
        commands["symmetry"] = [sys.executable, *worker, "ours"]
        versions["symmetry"] = f"symmetry {said([sys.executable, '-c', VERSION.format('symmetry', 'pandas')])}"
    return commands, versions


VERSION = "from importlib.metadata import version as v; print(v('{0}'), 'on {1}', v('{1}'), 'and numpy', v('numpy'))"


def said(command: list[str]) -> str:
    """What a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def machine(versions: dict[str, str], load: list[float], times: int) -> str:
    """The machine, the tools and the conditions, in a few sentences."""
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
                if line.startswith("model name")), platform.machine())  # fmt: skip
    return (
        f"Machine: {os.cpu_count()} cores ({cpu}), {psutil.virtual_memory().total / 2**30:.0f} GiB, {platform.system()}, Python "
        f"{platform.python_version()}. Tools: {'; '.join(versions.values())}. Warm medians of {times}. Measured on "
        f"{date.today().isoformat()}, load average {min(load):.1f} to {max(load):.1f}."
    )


if __name__ == "__main__":
    raise SystemExit(main())

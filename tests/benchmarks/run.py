"""Times the promises of the README on this machine and writes them to results.md, with the machine's description.

From an installed package, in an environment of its own, not from the checkout: `python tests/benchmarks/run.py`.
Each command runs several times in a fresh process; the median of wall-clock seconds and the largest peak memory of the
process tree (proportional set size, so that shared pages count once) are kept.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path(__file__).with_name("results.md")


@dataclass(frozen=True)
class Run:
    """One command: its wall-clock seconds, CPU seconds and peak memory in MB."""

    seconds: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Promise:
    """A line of the table: what runs, and the limits it must keep (seconds; MB, 0 for none)."""

    what: str
    command: tuple[str, ...]
    seconds: float
    peak: float = 0.0


def main() -> int:
    """Install, measure, write the page; 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5, help="runs of each command (default 5)")
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        python, install = installed(Path(folder))
        work = studies(Path(folder))
        rows, kept = [f"| set-up: venv and pip, warm cache | {install:.0f} | | | ≤ 120 |"], install <= 120
        for promise in promises(work):
            runs = [measured([str(python), "-m", "symmetry", *promise.command], work) for _ in range(times)]
            seconds, peak = statistics.median(run.seconds for run in runs), max(run.peak for run in runs)
            kept &= seconds <= promise.seconds and (not promise.peak or peak <= promise.peak)
            limit = f"≤ {promise.seconds:g} s" + (f", ≤ {promise.peak:g} MB" if promise.peak else "")
            cpu = statistics.median(run.cpu for run in runs)
            rows.append(f"| {promise.what} | {seconds:.2f} | {cpu:.2f} | {peak:.0f} | {limit} |")
            print(rows[-1], flush=True)
    PAGE.write_text(page(rows, times), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {'every promise kept' if kept else 'A PROMISE IS NOT KEPT'}")
    return 0 if kept else 1


def installed(folder: Path) -> tuple[Path, float]:
    """Install the package, not editable, in a new environment; the interpreter and the seconds it took."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "venv", folder / ".venv"], check=True)
    pip = [folder / ".venv" / "bin" / "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", ROOT]
    subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
    return folder / ".venv" / "bin" / "python", time.perf_counter() - start


def studies(folder: Path) -> Path:
    """Copy studies and analyses, with the shared data beside them where there are any."""
    for name in ("survey_specs", "analyses"):
        shutil.copytree(
            ROOT / name, folder / "work" / name, ignore=shutil.ignore_patterns("results", "responses", "answers")
        )
    if (ROOT.parent / "shared").is_dir():
        (folder / "shared").symlink_to(ROOT.parent / "shared", target_is_directory=True)
    return folder / "work"


def promises(work: Path) -> list[Promise]:
    """What is promised; real data only where they are."""
    found = [
        Promise("`--help`", ("--help",), 0.3),
        Promise("`check` of the demonstration's study", ("check", "survey_specs/everyday_bank"), 1),
        Promise("demonstration, from nothing to HTML", ("analyse", "analyses/everyday_bank"), 30, 1000),
        Promise("the same report rendered again", ("report", "analyses/everyday_bank/results"), 15, 1000),
    ]
    if (work.parent / "shared" / "data").is_dir():
        found += [
            Promise("New York schools, from files to HTML", ("analyse", "analyses/nyc_schools_2015"), 30, 1000),
            Promise("San Francisco airport, from file to HTML", ("analyse", "analyses/sfo_airport_2017"), 30, 1000),
        ]
    return found


def measured(command: list[str], folder: Path) -> Run:
    """Run a command; its peak is sampled over the whole process tree, ten times a second."""
    before, start = os.times(), time.perf_counter()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        tree, peak = psutil.Process(process.pid), 0.0
        while process.poll() is None:
            peak = max(peak, memory(tree))
            time.sleep(0.1 if time.perf_counter() - start > 0.5 else 0.01)
        seconds = time.perf_counter() - start
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{process.stderr.read().decode()}")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(seconds, cpu, peak)


def memory(tree: psutil.Process) -> float:
    """Memory of a process and its children now, in MB."""
    total = 0
    try:
        for process in (tree, *tree.children(recursive=True)):
            total += process.memory_full_info().pss
    except psutil.Error:
        return 0.0
    return total / 1e6


def page(rows: list[str], times: int) -> str:
    """The page: the machine, then the table."""
    machine = (
        f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}"
    )
    head = "| what | seconds | CPU seconds | peak MB | promised |\n|---|---|---|---|---|"
    return (
        "# Benchmarks\n\nWritten by `just bench`; not edited by hand. From an installed wheel, each command in a fresh "
        f"process, median of {times} runs; peak memory is the largest seen, over the process and its kernel.\n\n"
        f"Machine: {machine}. Measured on {date.today().isoformat()}, load {os.getloadavg()[0]:.1f} at the end.\n\n"
        f"{head}\n" + "\n".join(rows) + "\n"
    )


if __name__ == "__main__":
    raise SystemExit(main())

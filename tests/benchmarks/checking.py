"""Times `symmetry check` on studies of 100 and 2,000 lines, warm and cold, and completion in an editor; prints a table.

    python -m tests.benchmarks.checking [--times 15] [--page]

Warm: medians in one process that has checked once.  Cold: medians of whole commands, each in a fresh process, with the
largest memory of any.  Completion: see `completion.py`.  `--page` writes the table to results-spec.md, with the machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path(__file__).with_name("results-spec.md")
HEAD = """\
symmetry: 1
study: long_bank
title: {fr: Une banque, en: A bank}
languages: [fr, en]
audiences:
  customers: {fr: Clients, en: Customers}
  employees: {fr: Salariés, en: Employees}
promise:
  attentive: {fr: Attentifs, en: Attentive}
journeys:
  visit:
    name: {fr: La visite, en: The visit}
    moments:
      welcome: {channel: branch, name: {fr: L'accueil, en: The welcome}}
scales:
  agree5: {type: likert, points: 5, missing: {na: 0}, ends: {fr: [Pas du tout, Tout à fait], en: [Not at all, Completely]}}
  nps: {type: nps}
waves:
  cold: {kind: cold, window: 2027-03-01..2027-03-21, audiences: [customers, employees], items: all}
privacy: {min_cell: 10}
plan:
  outcome: recommend
  drivers: [listened_0]
  dissonance:
    - {a: customer, b: employee, smallest: [0.3 points, 10 nps]}
items:
  recommend:
    role: outcome
    scale: nps
    label: {fr: Recommandation, en: Recommendation}
    customer: {fr: Nous recommanderiez-vous ?, en: Would you recommend us?}
    employee: {fr: Recommanderiez-vous d'y travailler ?, en: Would you recommend working here?}
    guess: auto
    mirror: {employee: loose}
"""
ITEM = """\
  listened_{n}:
    role: driver
    promise: attentive
    at: visit.welcome
    scale: agree5
    ask_if: recommend <= 8
    label: {{fr: Écoute {n}, en: Listening {n}}}
    customer: {{fr: On m'écoute au guichet {n}., en: I am listened to at counter {n}.}}
    employee: {{fr: "Au travail, on m'écoute au guichet {n}.", en: "At work, I am listened to at counter {n}."}}
    guess: auto
    management: {{fr: Mon manager m'écoute au guichet {n}., en: My manager listens to me at counter {n}.}}
    cooperation: {{fr: Les autres équipes m'écoutent au guichet {n}., en: Other teams listen to me at counter {n}.}}
    mirror: {{employee: parallel, management: parallel, cooperation: parallel}}
"""


def written(folder: Path, lines: int) -> Path:
    """A sound study of so many lines."""
    count = (lines - HEAD.count("\n")) // ITEM.count("\n")
    text = HEAD + "".join(ITEM.format(n=n) for n in range(count))
    text += "# \n" * (lines - text.count("\n"))
    path = folder / f"{lines}" / "study.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def median_of(times: int, work: Callable[[], object]) -> float:
    """Median seconds of some work."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def cold(path: Path, times: int) -> tuple[float, float]:
    """Median wall seconds and largest resident MB of the whole command."""
    seconds, peak = [], 0.0
    for _ in range(times):
        start = time.perf_counter()
        child = subprocess.Popen([sys.executable, "-m", "symmetry", "check", path], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        seconds.append(time.perf_counter() - start)
        if status:
            raise SystemExit(f"{path} does not check: status {status}")
        peak = max(peak, usage.ru_maxrss / 1024)
    return statistics.median(seconds), peak


def main() -> int:
    """Measure and print; 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=15, help="runs of each (default 15)")
    parser.add_argument("--page", action="store_true", help="write results-spec.md")
    options = parser.parse_args()
    from symmetry import spec
    from tests.benchmarks.completion import medians

    rows: list[tuple[str, float, float, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for lines, promised in ((100, 10.0), (2000, 100.0)):
            path = written(Path(folder), lines)
            found = spec.check(path)
            if found:
                raise SystemExit(f"the {lines} lines are not sound: {found[0]}")
            warm = 1000 * median_of(options.times, lambda path=path: spec.check(path))
            rows.append((f"`check`, {lines:,} lines, warm", warm, promised, "ms"))
            seconds, peak = cold(path, options.times)
            if lines == 100:
                rows.append(("`symmetry check`, 100 lines, cold", 1000 * seconds, 350.0, "ms"))
            else:
                rows.append(("`symmetry check`, 2,000 lines, peak memory", peak, 60.0, "MB"))
        rows += [(f"completion: {what}", value, 50.0, "ms") for what, value in medians()]
    table = ["| what | median | promised |", "|---|---|---|"]
    table += [f"| {what} | {value:.1f} {unit} | ≤ {limit:g} {unit} |" for what, value, limit, unit in rows]
    print("\n".join(table))
    if options.page:
        machine = (
            f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
        )
        head = f"# Checking a study\n\nWritten by `just bench-spec`. {machine}, {date.today()}, "
        head += f"load {os.getloadavg()[0]:.1f} at the end.\n\n"
        PAGE.write_text(head + "\n".join(table) + "\n", encoding="utf-8")
    return int(any(value > limit for _, value, limit, _ in rows))


if __name__ == "__main__":
    raise SystemExit(main())

"""Times what a run of the field plans: a cold roster with two reminders, and events decided one by one.

    python -m tests.benchmarks.inviting [--people 100000] [--times 3] [--page]

*roster*: everybody has an e-mail address; the ledger is asked again (opt-outs, rest, cap), and an invitation and two
reminders are written for each.  *events*: as many events of as many contacts, each decided by wave, day, ledger, rate, size and
quota, and an invitation and a reminder written for each.  Each runs in a process of its own, on a store in a file (SQLite,
fsync at each commit).
Promised: 100,000 invitations planned in at most 5 s, which is
*roster*; *events* are decided as well, which costs as much again.
`longest` is the longest that the file was held: who answers meanwhile waits so long at most.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine

from symmetry.fieldwork.inviting import planning, triggering
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.keeping import open_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import close, create
from symmetry.fieldwork.store.tables import EVENTS
from tests.fieldwork.inviting.happenings import DAY, open_hot, put, reach, study_of, visits
from tests.fieldwork.store.waves import sample_of

PAGE = Path(__file__).with_name("results-inviting.md")
held: list[float] = []


@contextmanager
def timed_turn(engine: Engine) -> Iterator[Connection]:
    """A turn to write, whose length is kept."""
    with to_write(engine) as connection:
        start = time.perf_counter()
        yield connection
    held.append(time.perf_counter() - start)


def roster(store: Store, folder: Path, people: int) -> Callable[[], Counter[str]]:
    """A cold wave whose customers are all reached."""
    sample = sample_of("customers", people, wave="next")
    open_wave(store, study_of(folder), "next", [sample], on=date(2027, 2, 1))
    reach(store, sample.units["contact"])
    return lambda: planning.plan_invitations(store, datetime(2027, 5, 20, 3, tzinfo=UTC))


def events(store: Store, folder: Path, people: int) -> Callable[[], Counter[str]]:
    """A hot wave, and an event of each customer within two days."""
    open_hot(store, study_of(folder))
    put(store, EVENTS, visits(people, every=timedelta(days=1) / people))
    reach(store, [f"c-{n:06d}" for n in range(people)])
    return lambda: triggering.decide_events(store, DAY + timedelta(hours=30))


def one(case: str, people: int) -> dict[str, float]:
    """Seconds, CPU seconds and the longest turn of one case."""
    with tempfile.TemporaryDirectory() as folder:
        store = create(Path(folder) / "field")
        work = {"roster": roster, "events": events}[case](store, Path(folder), people)
        start, busy = time.perf_counter(), time.process_time()
        done = work()
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
        assert done["invitations" if case == "roster" else "invited"] == people
        close(store)
    return {"seconds": seconds, "cpu": busy, "longest": max(held)}


def main() -> None:
    """Time each case several times and print medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--one", choices=("roster", "events"))
    parser.add_argument("--page", action="store_true", help="write results-inviting.md")
    options = parser.parse_args()
    if options.one:
        for module in (planning, triggering):
            vars(module)["to_write"] = timed_turn
        print(json.dumps(one(options.one, options.people)))
        return
    command = [sys.executable, "-m", "tests.benchmarks.inviting", "--people", str(options.people), "--one"]
    lines = ["| case | s | CPU s | longest turn, s |", "|---|---|---|---|"]
    for case in ("roster", "events"):
        runs = [
            json.loads(subprocess.run([*command, case], check=True, capture_output=True, text=True).stdout)
            for _ in range(options.times)
        ]
        found = [statistics.median(run[name] for run in runs) for name in ("seconds", "cpu", "longest")]
        lines.append(f"| {options.people:,} {case} | " + " | ".join(f"{number:.2f}" for number in found) + " |")
    load = f"load of the machine while they ran: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    lines.append(f"\nMedians of {options.times}; {load}.")
    table = "\n".join(lines)
    print(table)
    if options.page:
        PAGE.write_text(f"# Planning invitations\n\n{table}\n\n{(__doc__ or '').strip()}\n", "utf-8")


if __name__ == "__main__":
    main()

"""Times a draw of 10,000 from 100,000 contacts, from the CSV on disk to the written sample; prints a table.

    python -m tests.benchmarks.drawing [--times 5] [--contacts 100000]

Each draw runs in a process of its own, imports counted apart; medians, and the largest memory of any.  Promised: at most 3 s.
The last case follows two earlier samples under a quarantine and a yearly cap, their folders read and verified.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from symmetry.fieldwork.drawing import draw
from symmetry.fieldwork.frames import read_frame
from symmetry.fieldwork.sampled import read_sample, write_sample
from symmetry.spec import Item, Study
from symmetry.spec.running import Contact, SampledUnits, Sampling
from tests.studies import tiny_study

SIZE = 10_000
CASES = {
    "stratified": Sampling(size=SIZE, by=("region", "channel")),
    "systematic": Sampling(size=SIZE, by=("region",), method="systematic", order=("branch",)),
    "pps": Sampling(size=SIZE, by=("region",), method="pps", measure="visits"),
    "two stages": Sampling(size=SIZE, by=("region",), units=SampledUnits("branch", 200)),
    "stratified, third in a row": Sampling(size=SIZE, by=("region", "channel")),
}
DAYS = {"first": date(2027, 1, 4), "second": date(2027, 2, 3), "third": date(2027, 3, 5)}


def study_of(sampling: Sampling) -> Study:
    """The tiny study with this sample, contact rules and a measure."""
    study = tiny_study()
    visits = Item("visits", "frame", {"en": "Visits"}, numeric=True, audiences=("customers",))
    wave = replace(study.waves["cold"], sampling={"customers": sampling})
    waves = {key: replace(wave, key=key) for key in DAYS}
    return replace(study, items={**study.items, "visits": visits}, waves=waves, contact=Contact(90 * 24.0, 4))


def write_frame(path: Path, count: int) -> None:
    """A made-up frame, ids in no order."""
    rng = np.random.default_rng(8)
    unit = rng.integers(0, 1000, count)
    rows = zip(
        rng.permutation(count), np.where(unit < 400, "north", "south"), rng.choice(["branch", "app"], count), unit,
        rng.integers(1, 60, count), strict=True,
    )  # fmt: skip
    lines = [
        f"c{person:07d},{region},{channel},b{branch:04d},{visits}\n" for person, region, channel, branch, visits in rows
    ]
    path.write_text("person,region,channel,branch,visits\n" + "".join(lines), encoding="utf-8")


def one(case: str, frame: Path, out: Path) -> dict[str, float]:
    """Seconds and memory (MB) of one draw, from file to folder."""
    study, wave = study_of(CASES[case]), "third"
    past = [out / "first", out / "second"] if case.endswith("in a row") else []
    start, busy = time.perf_counter(), time.process_time()
    history = [read_sample(folder, study) for folder in past]
    read = read_frame(frame, study, "customers", wave=wave)
    sample = draw(study, wave, "customers", read, seed=1, on=DAYS[wave], history=history)
    write_sample(sample, out / "third")
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    assert abs(int(sample.units["drawn"].sum()) - SIZE) <= 1
    return {"seconds": seconds, "cpu": busy, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def main() -> None:
    """Draw each case several times and print medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--one", nargs=3, metavar=("CASE", "FRAME", "OUT"))
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one[0], Path(options.one[1]), Path(options.one[2]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        frame, out = Path(folder) / "frame.csv", Path(folder)
        write_frame(frame, options.contacts)
        study = study_of(CASES["stratified, third in a row"])
        read = read_frame(frame, study, "customers", wave="first")
        first = draw(study, "first", "customers", read, seed=1, on=DAYS["first"])
        second = draw(study, "second", "customers", read, seed=1, on=DAYS["second"], history=[first])
        write_sample(first, out / "first")
        write_sample(second, out / "second")
        print(
            f"{options.contacts:,} contacts, {SIZE:,} drawn, medians of {options.times}\n\n"
            "| case | s | CPU s | MB |\n|---|---|---|---|"
        )
        for case in CASES:
            command = [sys.executable, "-m", "tests.benchmarks.drawing", "--one", case, str(frame), str(out)]
            runs = [
                json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                for _ in range(options.times)
            ]
            seconds, busy = (statistics.median(run[name] for run in runs) for name in ("seconds", "cpu"))
            print(f"| {case} | {seconds:.2f} | {busy:.2f} | {max(run['memory'] for run in runs):.0f} |")


if __name__ == "__main__":
    main()

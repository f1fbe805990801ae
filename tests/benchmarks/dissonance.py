"""Times the dissonance rooms on a network of a thousand units and on the schools of New York; prints a table.

    python -m tests.benchmarks.dissonance [--times 5] [--page]

The network: 1,000,000 customers and 100,000 employees, 40 pairs on five points with 5 % of answers missing, 1,000 units; all unit
gaps, absolute and relative, with errors, verdicts and shrinkage.  Each run in a fresh process, from the two frames to the three
tables; answers are made before the clock starts, and their memory counts.  A gigabyte is touched and given back before, since the
host of a virtual machine may take 0.06 to 1.1 s to hand out the 370 MB that the stacked answers need.  New York: all that
`analyse` does with gaps, ranks and units in every breakdown, from scored answers.  `--page` writes the table to
results-dissonance.md, with the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path(__file__).with_name("results-dissonance.md")
CUSTOMERS, EMPLOYEES, PAIRS, UNITS = 1_000_000, 100_000, 40, 1_000
WARMED = 1_000_000_000  # bytes
PROMISED = {"network": (5.0, 3000.0), "new york": (5.0, 0.0)}


def main() -> int:
    """Measure both in fresh processes and print; 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5, help="runs of each (default 5)")
    parser.add_argument("--page", action="store_true", help="write results-dissonance.md")
    parser.add_argument("--child", choices=list(PROMISED), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps({"network": network, "new york": new_york}[options.child]()))
        return 0
    lines, kept = [], True
    for what, (seconds, peak) in PROMISED.items():
        runs = [child(what) for _ in range(options.times)]
        middle = {step: statistics.median(run["steps"][step] for run in runs) for step in runs[0]["steps"]}
        total = statistics.median(sum(run["steps"].values()) for run in runs)
        largest = max(run["peak"] for run in runs)
        kept &= total <= seconds and (not peak or largest <= peak)
        steps = ", ".join(f"{step} {value:.2f}" for step, value in middle.items())
        promise = f"≤ {seconds:g} s" + (f", ≤ {peak:g} MB" if peak else "")
        lines.append(f"| {what} | {total:.2f} | {steps} | {runs[0]['data']:.0f} | {largest:.0f} | {promise} |")
    about = __doc__.split("\n\n")[2].strip().replace("\n", " ")
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    text = f"""# Benchmarks of dissonance

Written by `python -m tests.benchmarks.dissonance --page`; not edited by hand. {about}

Machine: {machine}. Measured on {date.today().isoformat()}, medians of {options.times} runs.

| what | seconds | of which | MB before | peak MB | promised |
|---|---|---|---|---|---|
{chr(10).join(lines)}
"""
    print(text)
    if options.page:
        PAGE.write_text(text, encoding="utf-8")
    return 0 if kept else 1


def child(what: str) -> dict[str, object]:
    """Run one measurement in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.dissonance", "--child", what]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def stopwatch() -> tuple[dict[str, float], Callable[[str], object]]:
    """Steps and their seconds, and what starts a step."""
    steps: dict[str, float] = {}

    @contextmanager
    def step(name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        steps[name] = steps.get(name, 0.0) + time.perf_counter() - start

    return steps, step


def peak() -> float:
    """Largest resident memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def network() -> dict[str, object]:
    """A million customers and a hundred thousand employees of a thousand units."""
    import numpy as np

    from symmetry import dissonance
    from symmetry.design import Design, stack
    from symmetry.dissonance import Pair

    frames = {"customers": answers(CUSTOMERS, 1, 3.8), "employees": answers(EMPLOYEES, 2, 3.5)}
    sides, family = ("customers", "employees"), "customer - employee"
    pairs = [
        Pair(item, (sides[0], item), (sides[1], item), family, "literal", "mean", 0.3, scale="agree5")
        for item in (f"q{j}" for j in range(PAIRS))
    ]
    data, (steps, step) = peak(), stopwatch()
    np.ones(WARMED // 8)  # and given back
    with step("design"):
        designs = {
            side: Design(frame, weight="weight", stratum="unit", lonely_psu="remove") for side, frame in frames.items()
        }
        both = stack(designs, units="apart")
    with step("gaps"):
        gap = dissonance.gap(both, pairs, by=["unit"])
    with step("verdicts"):
        verdicts = dissonance.detect(gap, adjust="two_stage", n_eff=10)
    with step("shrinkage"):
        units = dissonance.shrink(gap).table()
    assert len(verdicts) == len(units) == 2 * PAIRS * UNITS
    return {"steps": steps, "data": data, "peak": peak()}


def answers(n: int, seed: int, level: float) -> object:
    """Weighted answers on five points in units that differ item by item."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    unit = rng.permutation(np.arange(n) % UNITS)
    quality = rng.normal(0, 0.3, (UNITS, PAIRS))
    columns = {"unit": unit.astype(np.int32), "weight": rng.uniform(0.5, 2, n)}
    for j in range(PAIRS):
        x = np.clip(np.round(level + quality[unit, j] + rng.normal(0, 1, n)), 1, 5)
        x[rng.random(n) < 0.05] = np.nan
        columns[f"q{j}"] = x
    return pd.DataFrame(columns)


def new_york() -> dict[str, object]:
    """Every breakdown of the plan of New York schools, from scored answers."""
    import tempfile

    from symmetry import responses, weights
    from symmetry.analyse import collect, comparing, framing, load_plan
    from symmetry.design import Design

    plan = load_plan(ROOT / "analyses" / "nyc_schools_2015")
    with tempfile.TemporaryDirectory() as folder:
        found = collect(plan, Path(folder) / "responses")
    wave = plan.waves[0]
    standing = {
        a: weights.apply(framing.recipe(plan, a), responses.score(found, wave, a, plan.study))
        for a in framing.audiences(plan, wave)
    }
    data, (steps, step) = peak(), stopwatch()
    with step("design"):
        both = framing.stacked(plan, {a: Design(frame, **framing.roles(plan, a)) for a, frame in standing.items()})
    for by in framing.breakdowns(plan, wave):
        with step(f"by {' × '.join(by)}" if by else "overall"):
            tables, gap = comparing.compared(plan, both, wave, by)
        if by == [plan.unit]:
            with step("units"):
                comparing.by_unit(plan, gap, tables["gaps"])
    return {"steps": steps, "data": data, "peak": peak()}


if __name__ == "__main__":
    sys.exit(main())

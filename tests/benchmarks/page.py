"""The page of the side-by-side benchmark: a table a size, what is promised of it, and whether it is kept."""

from __future__ import annotations

import math

from tests.benchmarks.children import Runs
from tests.benchmarks.tasks import TASKS, Target, Task

__all__ = ["line", "page"]

Found = dict[tuple[int, str, str], Runs]
NOBODY = Runs(left="not asked")

HEAD = """# Benchmarks: survey statistics

Written by `just bench-statistics`; not edited by hand. The same answers and the same statistics in symmetry, R `survey` and
`svy`, side by side in one run. The numbers were compared with each other: {agreement}.

{machine}

**How to read it.** Each task runs in a process of its own, its columns loaded and the tool warmed up on 10,000 rows. *From the
frame* is the whole statistic: the design is made, then the table of estimates, errors and intervals. *Design ready* is the same
call again on a design that exists. Ratios are the peer's seconds over ours, like for like: from the frame, and in brackets with
the design ready; the smaller one is held against the promise, and may nowhere be below 1. Extra memory is the kernel's high-water
mark of the process during the first call (design included) minus what it held before. A call over 20 s is timed once (marked ¹);
one over 2 minutes or 4 GB of extra memory is stopped, and said so.
"""

ANSWERS = """## The answers

Twenty items from 0 to 10 held as 64-bit floats (as pandas reads a column with missing answers), lognormal weights, 50 strata of
40 PSUs, 200 units nested in strata and crossing PSUs, four margins with 2,800 joint cells, two numeric columns to calibrate on,
one continuous answer; rows in random order, seeded. Raking goes on until every margin is met to 1e-10 of the population (R: until
no cell moves by 1e-13 of it, its own rule). `svy` has no bounded calibration and no raking of numeric totals; neither peer offers
the five statistics of an item in one table, or two audiences in one object. Each tool draws its own bootstrap replicates, so only
their estimates are compared; the row below them hands all tools the same replicates and compares the errors too.
"""

TABLE = """| statistic | symmetry: s (design ready) | R | svy | × R | × svy | extra MB: ours, R, svy | promised | kept |
|---|---|---|---|---|---|---|---|---|"""

SMALL = """## What a small call costs

Milliseconds on a ready design of 10,000 rows and 2,000 PSUs, table included; promised: 10 each.

| call | ms | kept |
|---|---|---|
"""

IMPORTS = """## Imports

Promised: `import symmetry` takes at most 0.6 s and brings no plotting, web or notebook library; its rooms add at most 0.6 s to
what they stand on, the first line.

| import | seconds | of them ours | such libraries it brings |
|---|---|---|---|
"""


def page(
    runs: Found,
    tasks: list[Task],
    calls: list[tuple[str, float]],
    imports: list[tuple[str, float, str]],
    faults: list[str],
    machine: str,
) -> tuple[str, bool]:
    """The whole page, and whether every promise is kept."""
    agreement = (
        "they agree to at least nine digits"
        if not faults
        else f"**in {len(faults)} places they do not agree, or a call failed**"
    )
    parts, kept = [HEAD.format(agreement=agreement, machine=machine)], not faults
    parts += ["".join(f"- {fault}\n" for fault in faults)] if faults else []
    for size in sorted({size for size, _, _ in runs}):
        rows, good = table(size, runs, tasks)
        parts.append(f"## {size:,} rows\n\n{rows}\n")
        kept &= good
    if calls:
        rows = "\n".join(f"| `{name}` | {1000 * spent:.1f} | {mark(spent <= 0.010)} |" for name, spent in calls)
        parts.append(f"{SMALL}{rows}\n")
        kept &= all(spent <= 0.010 for _, spent in calls)
    if imports:
        base = imports[0][1]
        own = [spent if what == "import symmetry" else spent - base for what, spent, _ in imports]
        rows = "\n".join(
            f"| `{what}` | {spent:.2f} | {ours:.2f} | {heavy or 'none'} |"
            for (what, spent, heavy), ours in zip(imports, own, strict=True)
        )
        parts.append(f"{IMPORTS}{rows}\n")
        kept &= max(own) <= 0.6 and not imports[1][2]
    return "\n".join([*parts, ANSWERS]), kept


def table(size: int, runs: Found, tasks: list[Task]) -> tuple[str, bool]:
    """The table of a size, and whether its promises are kept."""
    rows, good = [TABLE], True
    for task in tasks:
        if not any(key[:2] == (size, task.key) for key in runs):
            continue
        ours, r, svy = (runs.get((size, task.key, tool), NOBODY) for tool in ("symmetry", "R", "svy"))
        promised, misses = verdict(promise(size, task), ours, r, svy)
        good &= not misses
        memory = ", ".join("–" if math.isnan(tool.memory) else f"{tool.memory:.0f}" for tool in (ours, r, svy))
        rows.append(
            f"| {task.what} | {seconds(ours)} | {seconds(r)} | {seconds(svy)} | {times(r, ours)} | {times(svy, ours)} "
            f"| {memory} | {promised} | {', '.join(misses) or ('–' if ours is NOBODY else 'yes')} |"
        )
    return "\n".join(rows), good


def promise(size: int, task: Task) -> Target:
    """Limits of a task at a size: a million rows has its own, ten million one, ten thousand 10 ms for each call."""
    if size == 10**6:
        return task.target
    if size == 10**4:
        return Target(ready=0.010 * task.calls)
    return Target(seconds=1.5) if size == 10**7 and task.key == "units" else Target()


def verdict(target: Target, ours: Runs, r: Runs, svy: Runs) -> tuple[str, list[str]]:
    """What is promised, and what of it is not kept."""
    if ours is NOBODY:
        return "", []
    if ours.left:
        return "", [f"**{ours.left}**"]
    held = [
        ("≤ {:g} s", target.seconds, ours.whole),
        ("≤ {:g} s, design ready", target.ready, ours.ready),
        ("≤ {:g} MB", target.memory, ours.memory),
        ("≥ {:g} × R", target.r, least(r, ours)),
        ("≥ {:g} × svy", target.svy, least(svy, ours)),
    ]
    said, misses = [], []
    for words, limit, value in held:
        if limit is not None and not math.isnan(value):
            said.append(words.format(limit))
            missed = value > limit if words.startswith("≤") else value < limit
            misses += [f"**{words.format(limit)[2:].partition(' ')[2]}: {figure(value)}**"] if missed else []
    for name, peer in (("R", r), ("svy", svy)):
        misses += [f"**slower than {name}**"] if least(peer, ours) < 1 else []
    return ", ".join(said), misses


def least(peer: Runs, ours: Runs) -> float:
    """The smaller of the two like-for-like ratios; not a number where the peer has none."""
    return min(peer.whole / ours.whole, peer.ready / ours.ready)


def seconds(runs: Runs) -> str:
    """Seconds from the frame, and with the design ready; or why there are none."""
    return runs.left or f"{figure(runs.whole)} ({figure(runs.ready)}){'¹' if runs.times == 1 else ''}"


def times(peer: Runs, ours: Runs) -> str:
    """How many times faster than a peer."""
    if peer.left or ours.left:
        return "–"
    return f"{figure(peer.whole / ours.whole, 2)} ({figure(peer.ready / ours.ready, 2)})"


def figure(value: float, digits: int = 3) -> str:
    """A number to some significant digits, never in powers of ten."""
    if not math.isfinite(value) or value == 0:
        return "–"
    return f"{value:.{max(digits - 1 - math.floor(math.log10(abs(value))), 0)}f}"


def mark(good: bool) -> str:
    """Kept, or not."""
    return "yes" if good else "**no**"


def line(size: int, task: Task, tool: str, runs: Runs) -> str:
    """What the terminal says of one task in one tool."""
    width = max(len(one.key) for one in TASKS)
    return (
        f"{size:>10,} {task.key:<{width}} {tool:<9}{seconds(runs):<28}{'' if runs.left else f'{runs.memory:7.0f} MB'}"
    )

"""Times one task of one tool in a process of its own, on the orders of `side_by_side.py`.

`python -m tests.benchmarks.worker TOOL TASK ANSWERS WARM`: loads the columns the task needs, warms up on the small answers in
WARM (imports, caches), says `ready`, and then obeys, a line an order: `round` makes the design and the statistic on it, then the
statistic again on the ready design, and says the three times; `answer PATH` writes the numbers of the last call. `peer.R` speaks
the same few words.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["main"]

Step = Callable[[Any], Any]


def main() -> None:
    """Obey orders from standard input until it ends."""
    tool, task, home, warm = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    load, steps = (module := import_module(f"tests.benchmarks.{tool}")).load, module.TASKS[task]
    if warm != home:
        turn(load(warm, task), *steps[:2])
    frame, result = load(home, task), None
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    say({"ready": True})
    for line in sys.stdin:
        order, _, path = line.strip().partition(" ")
        if order == "round":
            result = None
            gc.collect()
            result, *seconds = turn(frame, *steps[:2])
            say(dict(zip(("build", "fresh", "again"), seconds, strict=True)))
        else:
            np.ascontiguousarray(steps[2](result), dtype=float).tofile(path)
            say({"written": True})


def turn(frame: Any, build: Step, call: Step) -> tuple[Any, float, float, float]:
    """Make the design, the statistic, and the statistic again; the last result and the seconds of each."""
    start = time.perf_counter()
    ready = build(frame)
    built = time.perf_counter()
    result = call(ready)
    called = time.perf_counter()
    if called - start > 20:
        return result, built - start, called - built, called - built
    del result
    again = time.perf_counter()
    result = call(ready)
    return result, built - start, called - built, time.perf_counter() - again


def say(what: dict[str, Any]) -> None:
    """One line of JSON to whoever gives the orders."""
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()

"""A rehearsal that is a real wave: `python -m tests.rehearsal OUT`; see docs/how-to/rehearse-a-wave.md."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.rehearsal.course import Course, rehearse
from tests.rehearsal.judging import judged, summary


def main() -> int:
    """Rehearse, judge, and print what took how long; 1 where something is not as it was planted or done."""
    parser = argparse.ArgumentParser(prog="python -m tests.rehearsal", description=__doc__)
    parser.add_argument("out", type=Path, help="folder to make")
    parser.add_argument(
        "--people", type=int, default=6000, help="customers drawn (default 6,000); others in proportion"
    )
    parser.add_argument("--chromium", type=int, default=0, metavar="K", help="so many answer in a real Chromium")
    parser.add_argument("--seed", type=int, default=2027)
    options = parser.parse_args()
    start = time.perf_counter()
    course = Course.of(options.people, options.chromium, options.seed)
    run = rehearse(options.out.absolute(), course, lambda line: print(line, file=sys.stderr, flush=True))
    findings = judged(run, planted=options.people >= 6000)
    print(summary(run, findings, time.perf_counter() - start))
    return int(any(not each.kept for each in findings))


if __name__ == "__main__":
    sys.exit(main())

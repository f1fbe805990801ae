"""Population shares of a frame item, read from a small CSV file that names its source and its date.

```text
# source: Register of accounts, closed 2026-12-31
# date: 2026-12-31
category,share
north,0.26
```
A margin without a source cannot be defended, so the two header comments are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path

from symmetry.errors import Place, Problem, SpecError
from symmetry.spec.reading import read_text
from symmetry.spec.running import Target
from symmetry.spec.validating import nearest

__all__ = ["read_target"]

TOLERANCE = 1e-6


def read_target(file: Path, variable: str, categories: Collection[str]) -> tuple[Target | None, list[Problem]]:
    """Read one file of targets and hold it against the categories of its frame item.

    Parameters
    ----------
    file : the CSV file.
    variable : the frame item that the shares describe.
    categories : its categories, each of which needs a share above 0.

    Returns
    -------
    The target, or None, and every problem with its line in the CSV file.
    """
    try:
        lines = read_text(file).splitlines()
    except SpecError as error:
        return None, [
            Problem(each.where, f"targets of `{variable}`: {each.what}", each.mend, "TAR01") for each in error.problems
        ]
    problems: list[Problem] = []
    header: dict[str, str] = {}
    shares: dict[str, float] = {}
    started = 0

    def fault(line: int, column: int, what: str, mend: str, code: str) -> None:
        problems.append(Problem(Place(file, line, column), what, mend, code))

    for number, line in enumerate(lines, start=1):
        if line.startswith("#"):
            name, _, value = line[1:].partition(":")
            header[name.strip()] = value.strip()
        elif not line.strip():
            continue
        elif not started:
            started = number
            if line.replace(" ", "") != "category,share":
                fault(number, 1, f"the first line is `{line}`", "write `category,share`", "TAR04")
        else:
            category, comma, written = (part.strip() for part in line.partition(","))
            column = line.find(",") + 2
            share = _number(written)
            if not comma or share is None or not 0 < share <= 1:
                fault(number, column, f"`{written}` is not a share above 0 and up to 1", "write 0.25 for 25 %", "TAR04")
            elif category in shares:
                fault(number, 1, f"`{category}` is given twice", "delete one line", "TAR04")
            if category not in categories:
                what = f"`{variable}` has no category `{category}`"
                fault(number, 1, what, nearest(category, categories), "TAR03")
            shares.setdefault(category, share or 0)
    for name in ("source", "date"):
        if not header.get(name):
            fault(1, 1, f"the targets of `{variable}` do not say their {name}", f"begin with `# {name}: …`", "TAR04")
    missing = [category for category in categories if category not in shares]
    if missing:
        what = f"`{variable}` lacks a share for: {', '.join(missing)}"
        fault(len(lines) or 1, 1, what, "add a line for each category", "TAR03")
    if not problems and not math.isclose(math.fsum(shares.values()), 1, abs_tol=TOLERANCE):
        what = f"the shares of `{variable}` add up to {math.fsum(shares.values()):.6g}, not to 1"
        fault(started, 1, what, "correct the shares", "TAR02")
    if problems:
        return None, problems
    return Target(variable, shares, header["source"], header["date"]), []


def _number(written: str) -> float | None:
    try:
        value = float(written)
    except ValueError:
        return None
    return value if math.isfinite(value) else None

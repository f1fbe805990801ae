"""What can be wrong with a frame, cell by cell: every fault with its line and its remedy, and never an identity in the words.

A fault is told once for each value that is wrong, at the first line that holds it; ids are people, so they are never said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from symmetry.errors import DataError, Place, Problem
from symmetry.fieldwork.chances import Floats, Mask, Wholes
from symmetry.fieldwork.files import RawTable, Texts
from symmetry.spec import Item, nearest

__all__ = ["Findings", "category", "days", "filled", "identifiers", "number"]

_MOST = 20


@dataclass
class Findings:
    """The faults of one file so far: the first 20 are named with their line, the rest counted."""

    raw: RawTable
    found: list[Problem] = field(default_factory=list)
    more: int = 0

    def add(self, what: str, mend: str, code: str, rows: Sequence[int] | Wholes | None = None) -> None:
        """Note a fault of the whole file, or of rows (from 0): at the first of them, the others counted."""
        if len(self.found) >= _MOST:
            self.more += 1
            return
        line = 0 if rows is None else self.raw.line_of(int(rows[0]))
        others = 0 if rows is None else len(rows) - 1
        what += f" (and in {others} more row{'s' if others > 1 else ''})" if others > 0 else ""
        self.found.append(Problem(Place(self.raw.path, line), what, mend, code))

    def stop(self) -> None:
        """Raise when there is any fault."""
        if self.more:
            more = f"and {self.more} more problems"
            raise DataError([*self.found, Problem(Place(self.raw.path), more, "mend these first", "FRM20")])
        if self.found:
            raise DataError(self.found)


def identifiers(findings: Findings, name: str) -> None:
    """Note every blank id, and every id that an earlier row has."""
    texts = findings.raw.cells[name]
    blank = np.flatnonzero(texts == "")
    mend = f"give every row its own `{name}`"
    if len(blank):
        findings.add(f"the row has no `{name}`", mend, "FRM03", blank)
    numbers, _ = pd.factorize(texts)
    first = np.full(int(numbers.max(initial=0)) + 1, len(texts))
    np.minimum.at(first, numbers, np.arange(len(texts)))
    for row in np.flatnonzero((first[numbers] != np.arange(len(texts))) & (texts != "")):
        if len(findings.found) < _MOST:
            earlier = findings.raw.line_of(int(first[numbers[row]]))
            findings.add(f"the row has the `{name}` of line {earlier}", mend, "FRM04", [int(row)])
        else:
            findings.more += 1


def filled(findings: Findings, name: str, why: str, scope: Mask | None = None) -> None:
    """Note blanks of a column in which there may be none, at least in the rows that matter (`scope`)."""
    blank = np.flatnonzero((findings.raw.cells[name] == "") & (True if scope is None else scope))
    if len(blank):
        findings.add(f"the row has no `{name}`, {why}", "fill it in, or leave the row out", "FRM06", blank)


def category(findings: Findings, item: Item) -> npt.NDArray[np.object_]:
    """Cells of a frame item with categories, None where blank; unknown ones are noted."""
    texts = findings.raw.cells[item.key]
    known = item.values or {}
    numbers, values = pd.factorize(texts)
    for number, value in enumerate(values):
        if value and value not in known:
            what = f"`{item.key}` has no category `{value}`"
            mend = f"{nearest(str(value), list(known))}; or add it to the item's `values`"
            findings.add(what, mend, "FRM05", np.flatnonzero(numbers == number))
    return blank_as_none(texts)


def blank_as_none(texts: Texts) -> npt.NDArray[np.object_]:
    """Texts with None where there is none."""
    cells = texts.copy()
    cells[cells == ""] = None
    return cells


def number(findings: Findings, name: str, *, above: float | None = None, why: str = "") -> Floats:
    """Cells of a column of numbers, NaN where blank; what is no number, or not above a bound, is noted."""
    numbers, values = pd.factorize(findings.raw.cells[name])
    read = np.array([_number(str(value)) for value in values])
    for index, value in enumerate(values):
        if value and math.isnan(read[index]):
            what, mend = f"`{name}` is no number: `{value}`", "write it in digits, with a decimal point"
        elif value and above is not None and not read[index] > above:
            what, mend = f"`{name}` is {value}, {why}", f"give a number above {above:g}"
        else:
            continue
        findings.add(what, mend, "FRM07", np.flatnonzero(numbers == index))
    cells: Floats = read[numbers]
    return cells


def _number(text: str) -> float:
    """A finite number, NaN for anything else."""
    try:
        value = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def days(findings: Findings, name: str, *, last: date | None = None) -> npt.NDArray[np.object_]:
    """Cells of a column of ISO days or times, as days.

    Those that are none are one fault, told by the first and counted; so are those after the last day allowed.
    """
    texts = findings.raw.cells[name]
    numbers, values = pd.factorize(texts)
    read = np.array([_day(str(value)) for value in values], dtype=object)
    cells: npt.NDArray[np.object_] = read[numbers]
    none = np.flatnonzero(np.array([day is None for day in read], dtype=bool)[numbers])
    if len(none):
        mend = "write it as 2027-03-01, or 2027-03-01T14:30"
        findings.add(f"`{name}` is no day: `{texts[none[0]]}`", mend, "FRM08", none)
    late = [day is not None and last is not None and day > last for day in read]
    after = np.flatnonzero(np.array(late, dtype=bool)[numbers])
    if len(after):
        mend = "draw on a later day (`--on`), or leave the row out"
        findings.add(f"`{name}` is {texts[after[0]]}, after {last}", mend, "FRM08", after)
    return cells


def _day(text: str) -> date | None:
    """The day of an ISO day or time, None for anything else."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None

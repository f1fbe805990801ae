"""Answers that were typed in: numbers with a point or a comma, days in one order, texts as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from symmetry.fieldwork.columns import Column
from symmetry.fieldwork.vendors.conventions import reason_of
from symmetry.fieldwork.vendors.nouns import Feed, VendorTable
from symmetry.spec import Answered, is_day

__all__ = ["typed_in"]

Misfits = dict[str, tuple[str, str]]
Read = Callable[[str], "str | float | None"]
_NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def typed_in(
    column: Column, answered: Answered, feed: Feed, table: VendorTable, texts: Sequence[str], notes: list[str]
) -> tuple[Read, Misfits]:
    """How typed answers are read, and those that cannot be, each with why and the code of the fault.

    Parameters
    ----------
    column, answered, feed : the study's column, how it returns, and what feeds it.
    table, texts : the file, and the texts of the column, each once.
    notes : gets what the reader of the report should know.
    """
    if column.kind == "text":
        return str, {}
    reasons = {text: said for text in texts if (said := reason_of(column, answered, text, text)) is not None}
    rest = [text for text in texts if text not in reasons]
    if column.kind == "category":
        return _or(reasons, str), {}
    read, misfits = _days(column, feed, rest, notes) if column.kind == "date" else _numbers(column, table, rest, notes)
    return _or(reasons, read), misfits


def _or(reasons: dict[str, str], read: Read) -> Read:
    return lambda text: reasons[text] if text in reasons else read(text)


def _numbers(column: Column, table: VendorTable, texts: Sequence[str], notes: list[str]) -> tuple[Read, Misfits]:
    """Numbers with one decimal sign in the whole column."""
    commas = [text for text in texts if "," in text]
    points = [text for text in texts if "." in text]
    misfits: Misfits = {}
    if commas and points:
        why = f"“{points[0]}” has a decimal point: one sign for the whole column"
        return _number, dict.fromkeys(commas, (why, "VEN13"))
    thousands = [text for text in commas if re.search(r",\d{3}$", text)]
    if commas and len(thousands) == len(commas) and not table.french:
        why = "write it without a comma: it can be one for thousands or for decimals"
        return _number, dict.fromkeys(commas, (why, "VEN12"))
    grouped = [text for text in points if _GROUPED.fullmatch(text)]
    if grouped and len(grouped) == len(points) and table.french:
        notes.append(f"points are read as decimals: “{grouped[0]}” is {_number(grouped[0]):g}, no thousands")
    notes += [f"decimal commas are read as points ({len(commas)} values)"] if commas else []
    scale = column.scale
    for text in texts:
        if not _NUMBER.fullmatch(text) or not np.isfinite(_number(text)):
            misfits[text] = ("a number is expected", "VEN12")
        elif scale is not None and column.asked and not scale.low <= _number(text) <= scale.high:
            misfits[text] = (f"a number from {scale.low:g} to {scale.high:g} is expected", "VEN12")
    return _number, misfits


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _days(column: Column, feed: Feed, texts: Sequence[str], notes: list[str]) -> tuple[Read, Misfits]:
    """Days, in ISO form or with day and month in one order."""
    bare = {text: _TIME.sub("", text) for text in texts}
    written = {text: match for text, day in bare.items() if (match := _DAY.fullmatch(day))}
    orders = {"dmy": (1, 0), "mdy": (0, 1)}
    possible = {
        order: {text: f"{match[3]}-{int(match[a + 1]):02d}-{int(match[b + 1]):02d}" for text, match in written.items()}
        for order, (a, b) in orders.items()
    }
    fitting = [order for order, days in possible.items() if all(map(is_day, days.values()))]
    if feed.dates:
        fitting = [feed.dates]
    if written and len(fitting) != 1 and possible["dmy"] != possible["mdy"]:
        why = "day or month first? say `dates: dmy` or `dates: mdy` in a mapping file"
        return str, dict.fromkeys(written, (why, "VEN12"))
    order = fitting[0] if fitting else "dmy"
    notes += [f"days are read as {'day/month' if order == 'dmy' else 'month/day'}/year"] if written else []
    days = bare | possible[order]
    scale = column.scale
    misfits: Misfits = {}
    for text, day in days.items():
        low, high = (scale.earliest or day, scale.latest or day) if scale else (day, day)
        if not is_day(day):
            misfits[text] = ("a day is expected, as 2027-03-01", "VEN12")
        elif not low <= day <= high:
            misfits[text] = (f"a day from {low} to {high} is expected", "VEN12")
    return days.__getitem__, misfits

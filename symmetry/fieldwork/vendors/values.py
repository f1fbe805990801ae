"""The cells of a file in the study's own values: one convention a column, every other cell is a fault with its row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from symmetry.fieldwork.columns import Column
from symmetry.fieldwork.files import Texts
from symmetry.fieldwork.vendors.conventions import BLANKS, Convention, conventions, reason_of, whole
from symmetry.fieldwork.vendors.heading import plain
from symmetry.fieldwork.vendors.nouns import Feed, FileColumn, VendorTable
from symmetry.fieldwork.vendors.typing_in import typed_in
from symmetry.spec import Answered

__all__ = ["Cells", "Misfit", "read_cells"]

Read = Callable[[str], "str | float | None"]
_SEVERAL = re.compile(r"\s*[;,|]\s*|\s+")


@dataclass(frozen=True)
class Misfit:
    """One text that a column of the study cannot hold: the rows that hold it, why, and what may stand there."""

    column: str
    text: str
    rows: npt.NDArray[np.intp]
    mend: str
    code: str = "VEN12"


@dataclass
class Cells:
    """The cells of one column of the study, what misfits, and what was noted: the convention, what was read as blank."""

    values: list[Any]
    misfits: list[Misfit] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_cells(
    column: Column, answered: Answered, feed: Feed, file: FileColumn, table: VendorTable, rows: npt.NDArray[np.intp]
) -> Cells:
    """Read the one file column that feeds a column of the study.

    Parameters
    ----------
    column, answered : the study's column, and how it returns.
    feed, file : what feeds it.
    table, rows : the file, and which of its rows count.
    """
    numbers, texts = pd.factorize(table.cells[file.name][rows])
    texts = np.asarray(texts, dtype=object)
    found = Cells([])
    values: dict[str, Any] = {}
    left: list[str] = []
    for text in texts:
        settled = text in (feed.values or ())
        known, value = (False, None) if settled else _apart(column, answered, file, table.vendor, text)
        if known:
            values[text] = value
        else:
            left.append(text)
    _note_blanks(found, texts, numbers, values, file)
    read, misfits = _reading(column, answered, feed, file, table, left, found)
    values |= {text: read(text) for text in left if text not in misfits}
    if misfits:
        order = np.argsort(numbers, kind="stable")
        ends = np.searchsorted(numbers[order], np.arange(len(texts) + 1))
        for place, text in enumerate(texts):
            if text in misfits:
                where = rows[order[ends[place] : ends[place + 1]]]
                found.misfits.append(Misfit(file.name, text, where, *misfits[text]))
    found.values = [_cell(column, values.get(text)) for text in texts[numbers]]
    return found


def _apart(column: Column, answered: Answered, file: FileColumn, vendor: str, text: str) -> tuple[bool, str | None]:
    """Whether a text stands outside every convention: blank, a word for no answer, user-missing; and what it is."""
    if text == "":
        return True, None
    if text in file.missing:
        return True, reason_of(column, answered, text, file.labels.get(text, ""))
    if text in file.labels and column.kind in ("share", "number", "date"):  # 99 “Don't know”, and not called missing
        reason = reason_of(column, answered, text, file.labels[text])
        if reason is not None:
            return True, reason
    listed = bool(column.categories) or column.kind == "code"
    shown = vendor == "limesurvey" and text == "N/A"
    seen = vendor == "qualtrics" and text in ("-99", "-99.0") and "-99" not in answered.answers
    blank = (plain(text) in BLANKS and listed and plain(text) not in _words(answered)) or (
        shown and column.kind != "text"
    )
    return blank or (seen and column.kind != "text"), None


def _words(answered: Answered) -> set[str]:
    return {plain(words) for label in answered.answers.values() for words in label.values()}


def _note_blanks(
    found: Cells, texts: Texts, numbers: npt.NDArray[np.intp], values: Mapping[str, Any], file: FileColumn
) -> None:
    counts = np.bincount(numbers, minlength=len(texts))
    for place, text in enumerate(texts):
        if text and text in values and values[text] != text:
            said = "blank" if values[text] is None else f"`{values[text]}`"
            label = f" (“{file.labels[text]}”)" if text in file.labels else ""
            found.notes.append(f"“{text}”{label} is read as {said} ({counts[place]} cells)")


def _reading(
    column: Column,
    answered: Answered,
    feed: Feed,
    file: FileColumn,
    table: VendorTable,
    texts: Sequence[str],
    found: Cells,
) -> tuple[Read, dict[str, tuple[str, str]]]:
    """How the texts of a column are read, and those that cannot be: why, and the code of the fault."""
    if feed.values is not None:
        return _recoded(column, answered, feed.values, file, table, texts)
    if not answered.answers or column.kind in ("share", "number", "date", "text"):
        return typed_in(column, answered, feed, table, texts, found.notes)
    best, misfits = _chosen(column, answered, file, texts)
    found.notes += [f"by {best.name}"] if best.name != "codes" and texts else []
    return (lambda text: _of(column, best, text)), misfits


def _recoded(
    column: Column,
    answered: Answered,
    given: Mapping[str, str],
    file: FileColumn,
    table: VendorTable,
    texts: Sequence[str],
) -> tuple[Read, dict[str, tuple[str, str]]]:
    """Texts read as a mapping says, and those that it does not name, or gives what the study does not have."""
    keys = {text: text if text in given else whole(text) for text in texts}
    named = ", ".join(f"“{text}”" for text in given)
    misfits = {text: (f"`values:` of the mapping names {named}", "VEN12") for text in texts if keys[text] not in given}
    wanted = list(dict.fromkeys(given[key] for key in keys.values() if key in given))
    if answered.answers and column.kind in ("code", "category", "choices"):
        read: Read = partial(_of, column, next(conventions(column, answered, file)))
        bad = {text: (_allowed(answered), "VEN11") for text in wanted if text and read(text) is None}
    else:
        read, bad = typed_in(column, answered, Feed("", ""), table, [text for text in wanted if text], [])
    wrong = {
        text: (f"`values:` gives it `{given[key]}`; {bad[given[key]][0]}", "VEN11")
        for text, key in keys.items()
        if key in given and given[key] in bad
    }
    return (lambda text: read(given[keys[text]]) if given[keys[text]] else None), misfits | wrong


def _chosen(
    column: Column, answered: Answered, file: FileColumn, texts: Sequence[str]
) -> tuple[Convention, dict[str, tuple[str, str]]]:
    """The first convention that knows every text, else the one that knows most, and what it does not know."""
    every = list(conventions(column, answered, file))
    known = [[text for text in texts if _of(column, each, text) is not None] for each in every]
    best = max(range(len(every)), key=lambda place: len(known[place]))
    if len(known[best]) == len(texts):
        return every[best], {}
    those = frozenset(known[best])
    unknown = [text for text in texts if text not in those]
    elsewhere = {text for some in known for text in some}
    allowed = (_allowed(answered), "VEN12")
    misfits: dict[str, tuple[str, str]] = {}
    for text in unknown:
        if text in elsewhere and known[best]:
            other = next(each.name for each, some in zip(every, known, strict=True) if text in some)
            mend = (
                f"it is one of the {other}, where “{known[best][0]}” is one of the {every[best].name}: keep one of both"
            )
            misfits[text] = (mend, "VEN13")
        else:
            misfits[text] = allowed
    return every[best], misfits


def _allowed(answered: Answered) -> str:
    """What may stand in a column, as a remedy."""
    codes = [f"{code} ({next(iter(label.values()), code)})" for code, label in answered.answers.items()]
    shown = ", ".join(codes[:12]) + (f" and {len(codes) - 12} more" if codes[12:] else "")
    return f"allowed are {shown}, in codes or in labels; else recode with `values:` in a mapping file"


def _of(column: Column, convention: Convention, text: str) -> str | None:
    """What a cell stands for; of several choices, all of them in the order of the study."""
    if column.kind != "choices":
        return convention.of(text)
    one = convention.of(text)
    parts = [one] if one is not None else _parts(convention, text)
    if not parts:
        return None
    order = list(column.categories)
    return " ".join(sorted(set(parts), key=lambda part: order.index(part) if part in order else len(order)))


def _parts(convention: Convention, text: str) -> list[str] | None:
    """The choices of a joined text, none where a part is no choice; labels may hold the sign that joins them."""
    if not convention.labels:
        found = [convention.of(part) for part in _SEVERAL.split(text)]
        return None if None in found else [part for part in found if part is not None]
    pieces = re.split(r"([;,|])", text)
    for end in range(len(pieces), 0, -2):
        first = convention.of("".join(pieces[:end]))
        if first is not None:
            rest = "".join(pieces[end + 1 :])
            more = _parts(convention, rest) if rest.strip() else []
            if more is not None:
                return [first, *more]
    return None


def _cell(column: Column, value: Any) -> Any:
    """A cell with the type of its column."""
    if value is None:
        return None
    if column.kind == "code":
        return int(value)
    return float(value) if column.kind in ("share", "number") and column.asked else str(value)

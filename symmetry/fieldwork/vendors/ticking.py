"""Several choices that stand in one column each: what a tick is, in every tool's terms, and what none is."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from symmetry.fieldwork.columns import Column
from symmetry.fieldwork.vendors.conventions import reason_of, whole
from symmetry.fieldwork.vendors.heading import plain
from symmetry.fieldwork.vendors.nouns import Feed, FileColumn, VendorTable
from symmetry.fieldwork.vendors.values import Cells, Misfit
from symmetry.spec import Answered

__all__ = ["read_ticks"]

_TICKED = {
    *("y", "yes", "oui", "ja", "si", "sí", "1", "true", "vrai", "x", "selected", "checked", "chosen", "ticked"),
    *("mentioned", "quoted", "coché", "cochée", "sélectionné", "sélectionnée", "choisi", "cité", "mentionné"),
}
_BLANK = {"", "n/a", "-99"}
_TICK = "a tick is Y, 1, Yes, Selected or the label of the choice; a gap is blank, N, 0 or No"
_MEND = (_TICK, f"{_TICK}; where the file labels its values, the labels count")
_UNTICKED = {
    *("n", "no", "non", "nein", "0", "false", "faux", "not selected", "unchecked", "not checked", "not chosen"),
    *("not ticked", "not mentioned", "not quoted", "non coché", "non cochée", "non sélectionné", "non sélectionnée"),
    *("non choisi", "non cité", "non mentionné"),
}


def read_ticks(
    column: Column,
    answered: Answered,
    feed: Feed,
    files: dict[str, FileColumn],
    table: VendorTable,
    rows: npt.NDArray[np.intp],
) -> Cells:
    """Read the file columns that each hold one choice: ticked by a word for yes, by its number, or by its own label.

    Parameters
    ----------
    column, answered, feed : the study's column, how it returns, and what feeds it.
    files : the columns of the file by name.
    table, rows : the file, and which of its rows count.

    Notes
    -----
    A row where nothing is ticked is blank: whether nothing applied or nothing was asked is not in the file.  A user-missing
    value is the reason of the scale that its label or code names; any other is blank, and counted.
    """
    found = Cells([])
    ticked: dict[str, npt.NDArray[np.bool_]] = {}
    reasons: dict[str, npt.NDArray[np.bool_]] = {}
    said_no = np.zeros(len(rows), dtype=bool)
    for choice, name in feed.choices.items():
        numbers, texts = pd.factorize(table.cells[name][rows])
        states = np.array([_state(answered, choice, files[name], str(text), table.vendor) for text in texts], dtype=int)
        found.misfits += [
            Misfit(name, str(texts[place]), rows[np.flatnonzero(numbers == place)], _MEND[bool(files[name].labels)])
            for place in np.flatnonzero(states == -1)
        ]
        for text in sorted(files[name].missing.intersection(texts)):
            there = table.cells[name][rows] == text
            reason = _missing(column, answered, files[name], text, int(there.sum()), found.notes)
            if reason:
                reasons[reason] = there | reasons.get(reason, False)
        ticked[choice] = states[numbers] == 2
        said_no |= states[numbers] == 1
    for reason, there in reasons.items():
        ticked[reason] = there | ticked.get(reason, False)
    order = [key for key in answered.answers if key in ticked]
    found.values = [_joined(order, ticked, place) for place in range(len(rows))]
    found.misfits += _both(answered, feed, ticked, rows)
    left = [key for key in answered.answers if key not in ticked and key not in answered.reasons]
    if left:
        found.notes.append(f"the file has no column for {', '.join(f'`{key}`' for key in left)}")
    none = int(sum(value is None for value, no in zip(found.values, said_no, strict=True) if no))
    found.notes += [f"nothing is ticked in {none} rows: blank"] if none else []
    return found


def _state(answered: Answered, choice: str, file: FileColumn, text: str, vendor: str) -> int:
    """Blank 0, not ticked 1, ticked 2, unreadable -1: by its label alone where the file labels it."""
    if text in file.missing:
        return 0
    label = file.labels.get(text, "")
    said = plain(label) if label else plain(whole(text))
    labels = {plain(words) for words in answered.answers[choice].values()}
    if label.endswith("…"):  # cut, as our own export cuts what is too long for SPSS
        labels |= {said for words in labels if words.startswith(said)}
    if said in labels or choice in (text, label) or (file.sub and said == plain(file.sub)) or said in _TICKED:
        return 2
    if said in _UNTICKED or (said == "2" and vendor == "limesurvey"):  # its export turns Y and N into 1 and 2 on demand
        return 1
    return 0 if said in _BLANK else -1


def _missing(column: Column, answered: Answered, file: FileColumn, text: str, cells: int, notes: list[str]) -> str:
    """The reason that a user-missing value gives, "" where it gives none; either is noted."""
    reason = reason_of(column, answered, text, file.labels.get(text, "")) or ""
    notes.append(f"“{text}” of `{file.name}` is read as {f'`{reason}`' if reason else 'blank'} ({cells} cells)")
    return reason


def _joined(order: list[str], ticked: dict[str, Any], place: int) -> str | None:
    return " ".join(key for key in order if ticked[key][place]) or None


def _both(answered: Answered, feed: Feed, ticked: dict[str, Any], rows: npt.NDArray[np.intp]) -> list[Misfit]:
    """Rows that tick a reason for not answering beside an answer, or beside another reason."""
    found = []
    for reason in answered.reasons:
        others = [marks for key, marks in ticked.items() if key != reason]
        if reason in ticked and others:
            where = np.flatnonzero(ticked[reason] & np.any(others, axis=0))
            if len(where):
                mend = f"`{reason}` stands alone: keep it, or the choices"
                name = feed.choices.get(reason) or feed.columns[0]
                found.append(Misfit(name, reason, rows[where], mend))
    return found

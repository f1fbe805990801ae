"""Several choices that stand in one column each: what a tick is, in every tool's terms, and what none is."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from symmetry.fieldwork.columns import Column
from symmetry.fieldwork.vendors.conventions import whole
from symmetry.fieldwork.vendors.heading import plain
from symmetry.fieldwork.vendors.nouns import Feed, FileColumn, VendorTable
from symmetry.fieldwork.vendors.values import Cells, Misfit
from symmetry.spec import Answered

__all__ = ["read_ticks"]

_TICKED = {"y", "yes", "oui", "ja", "si", "sí", "1", "true", "vrai", "selected", "checked", "coché", "sélectionné", "x"}
_BLANK = {"", "n/a", "-99"}
_UNTICKED = {
    "n",
    "no",
    "non",
    "nein",
    "0",
    "false",
    "faux",
    "not selected",
    "unchecked",
    "non coché",
    "non sélectionné",
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

    A row where nothing is ticked is blank: whether nothing applied or nothing was asked is not in the file.
    """
    found = Cells([])
    ticked: dict[str, npt.NDArray[np.bool_]] = {}
    said_no = np.zeros(len(rows), dtype=bool)
    for choice, name in feed.choices.items():
        numbers, texts = pd.factorize(table.cells[name][rows])
        states = np.array([_state(answered, choice, files[name], str(text), table.vendor) for text in texts], dtype=int)
        for place in np.flatnonzero(states == -1):
            where = rows[np.flatnonzero(numbers == place)]
            mend = "a tick is Y, 1, Yes, Selected or the label of the choice; a gap is blank, N, 0 or No"
            found.misfits.append(Misfit(name, str(texts[place]), where, mend))
        ticked[choice] = states[numbers] == 2
        said_no |= states[numbers] == 1
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
    """Blank 0, not ticked 1, ticked 2, unreadable -1."""
    said = plain(whole(text))
    labels = {plain(words) for words in answered.answers[choice].values()}
    if text in file.labels and text not in ("0", "1"):
        said = plain(file.labels[text])
    if said in labels or text == choice or (file.sub and said == plain(file.sub)) or said in _TICKED:
        return 2
    if said in _UNTICKED or (said == "2" and vendor == "limesurvey"):  # its export turns Y and N into 1 and 2 on demand
        return 1
    return 0 if said in _BLANK else -1


def _joined(order: list[str], ticked: dict[str, Any], place: int) -> str | None:
    return " ".join(key for key in order if ticked[key][place]) or None


def _both(answered: Answered, feed: Feed, ticked: dict[str, Any], rows: npt.NDArray[np.intp]) -> list[Misfit]:
    """Rows that tick a reason for not answering beside an answer."""
    found = []
    chosen = [marks for key, marks in ticked.items() if key not in answered.reasons]
    for reason in answered.reasons:
        if reason in ticked and chosen:
            where = np.flatnonzero(ticked[reason] & np.any(chosen, axis=0))
            if len(where):
                mend = f"`{reason}` stands alone: keep it, or the choices"
                found.append(Misfit(feed.choices[reason], reason, rows[where], mend))
    return found

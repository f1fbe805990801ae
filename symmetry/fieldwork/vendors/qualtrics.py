"""Answers from Qualtrics (CSV, TSV or Excel), under three rows of headings, or two in older or trimmed files.

"CSV and TSV files come with 3 rows of headers": the export tags, the words of the questions, and the import ids as
`{"ImportId":"QID1"}` (qualtrics.com/support, "Understanding Your Dataset"); the legacy format has two and begins with
`V1`, `V2`….  `Status` tells previews, tests and spam from answers, as words or numbers; `Finished` those who reached the end.
A question with several answers has one column for each choice (`Q5_1`), or one cell for all of them; a matrix one for
each row (`Q3_1`); words written beside a choice stand in `…_TEXT`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np

from symmetry.fieldwork.vendors.heading import table_of, unique
from symmetry.fieldwork.vendors.nouns import FileColumn, Grid, VendorTable

__all__ = ["qualtrics_mark", "qualtrics_table"]

_ROLES = {
    "startdate": "date started",
    "enddate": "date ended",
    "status": "status",
    "response type": "status",
    "ipaddress": "address of the computer",
    "progress": "progress",
    "duration (in seconds)": "time taken",
    "finished": "finished",
    "recordeddate": "date recorded",
    "responseid": "response id",
    "responseset": "response set",
    "recipientlastname": "name of the recipient",
    "recipientfirstname": "name of the recipient",
    "recipientemail": "address of the recipient",
    "name": "name of the recipient",
    "emailaddress": "address of the recipient",
    "externaldatareference": "external reference",
    "externalreference": "external reference",
    "locationlatitude": "place of the computer",
    "locationlongitude": "place of the computer",
    "locationaccuracy": "place of the computer",
    "distributionchannel": "distribution channel",
    "userlanguage": "start language",
    "q_language": "start language",
    "q_recaptchascore": "fraud detection",
    "q_relevantidduplicate": "fraud detection",
    "q_relevantidduplicatescore": "fraud detection",
    "q_relevantidfraudscore": "fraud detection",
    "q_relevantidlaststartdate": "fraud detection",
    "q_duplicaterespondent": "fraud detection",
    "q_ballotboxstuffing": "fraud detection",
}
_OWN = {"date started", "date ended", "status", "finished", "response id", "progress", "date recorded"}
_NOT_ANSWERS = {
    "survey preview": "a preview",
    "preview": "a preview",
    "1": "a preview",
    "17": "a preview",
    "offline survey preview": "a preview",
    "survey test": "a test",
    "2": "a test",
    "spam": "spam",
    "8": "spam",
    "possible spam": "spam",
    "9": "a preview, and spam",
    "imported spam": "spam",
    "12": "spam",
    "40": "spam",
}
_ANSWERS = {"", "0", "4", "16", "32", "48", "ip address", "imported", "offline survey", "offline response", "ex"}
_UNFINISHED = {"false", "0", "faux", "no", "non"}
_IMPORT = re.compile(r'\{\s*"ImportId"')


def qualtrics_mark(grid: Grid) -> str:
    """By what a file is known as Qualtrics', "" if it is not."""
    rows = grid.rows
    if len(rows) > 2 and sum(bool(_IMPORT.match(cell)) for cell in rows[2]) > len(rows[2]) // 2:
        return 'three rows of headings, the third of {"ImportId": …}'
    if len(rows) > 1 and re.fullmatch(r"V\d+", rows[0][0]) and sum(bool(_role(cell)) for cell in rows[1]) > 1:
        return "the legacy two rows of headings, from `V1` on"
    own = {role for cell in rows[0] if (role := _role(cell)) in _OWN}
    if len(own) > 3 and len(rows) > 1 and sum(_role(cell) in own for cell in rows[1]) > 3:
        return "two rows of headings, with " + ", ".join(sorted(own))
    return ""


def qualtrics_table(grid: Grid, mark: str) -> VendorTable:
    """The table under its headings, with previews, tests and spam to be set aside."""
    header = 3 if mark.startswith("three") or (len(grid.rows) > 2 and _IMPORT.match(grid.rows[2][0])) else 2
    header = min(header, len(grid.rows))
    tags, words = grid.rows[0], grid.rows[1] if header > 1 else [""] * len(grid.rows[0])
    legacy = "legacy" in mark
    names = unique(tags)
    columns = []
    for name, tag, wording in zip(names, tags, words, strict=True):
        role = _role(wording if legacy and re.fullmatch(r"V\d+", tag) else tag)
        code, sub = tag, ""
        head = re.fullmatch(r"(.+?)_(\d+(?:_TEXT)?|x\d+|TEXT|[A-Za-z0-9]+)", tag)
        if head and not role:
            code, sub = head[1], head[2]
        stem, row = _split(wording)
        columns.append(FileColumn(name, code, sub, stem, row, role))
    table = table_of(grid, columns, vendor="qualtrics", mark=mark, header=header)
    notes = (*table.notes, *_strange(table))
    return replace(table, notes=notes, asides=_asides(table), unfinished=_unfinished(table))


def _role(cell: str) -> str:
    key = cell.casefold().strip()
    return _ROLES.get(key) or _ROLES.get(key.replace(" ", ""), "")


def _split(wording: str) -> tuple[str, str]:
    """The words of a question and those of its row or choice, where a dash parts them: the last part is the row's."""
    stem, dash, row = wording.rpartition(" - ")
    return (re.sub(r" - Selected Choice$", "", stem), row) if dash else (wording, "")


def _asides(table: VendorTable) -> dict[int, str]:
    """Rows that are no answers of people asked, by status and by channel."""
    found: dict[int, str] = {}
    for role in ("status", "distribution channel"):
        column = table.with_role(role)
        for row, text in enumerate(table.cells[column.name] if column else ()):
            key = _key(text)
            why = _NOT_ANSWERS.get(key) if role == "status" else ("a preview" if key == "preview" else None)
            if why:
                found.setdefault(row, why)
    return found


def _strange(table: VendorTable) -> list[str]:
    """What a status says that Qualtrics does not document: its rows count as answers."""
    column = table.with_role("status")
    texts = Counter(table.cells[column.name].tolist() if column else ())
    known = _ANSWERS | set(_NOT_ANSWERS)
    return [f"{n} rows of status “{text}” count as answers" for text, n in texts.items() if _key(text) not in known]


def _key(text: str) -> str:
    return text.removesuffix(".0").casefold()


def _unfinished(table: VendorTable) -> frozenset[int]:
    column = table.with_role("finished")
    if column is None:
        return frozenset()
    texts = np.array([_key(text) in _UNFINISHED for text in table.cells[column.name]])
    return frozenset(np.flatnonzero(texts).tolist())

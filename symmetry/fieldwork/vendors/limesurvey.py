"""Answers from LimeSurvey (CSV or Excel), headed by codes, by codes with words, or by words alone.

As its own writer makes the headings (`application/helpers/admin/export/Writer.php`): a code with its subquestion in brackets
(`Q5[SQ001]`, or `Q5_SQ001` as the expression manager says it), "code. words [words of the subquestion]" where both are
asked for, with `_` for blanks on demand; answers by code, or in full, where the choices of a multiple one are Yes, No and
N/A (never shown).  `submitdate` is blank while a response is not finished.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from symmetry.fieldwork.vendors.heading import plain, table_of, unique
from symmetry.fieldwork.vendors.nouns import FileColumn, Grid, VendorTable

__all__ = ["limesurvey_mark", "limesurvey_table"]

_ROLES = {
    "id": "response id",
    "submitdate": "date submitted",
    "lastpage": "last page",
    "startlanguage": "start language",
    "seed": "seed",
    "token": "token",
    "startdate": "date started",
    "datestamp": "date of the last action",
    "ipaddr": "address of the computer",
    "refurl": "referrer",
    "interviewtime": "time taken",
}
_WORDS = {
    "response id": "id",
    "id de la réponse": "id",
    "date submitted": "submitdate",
    "date de soumission": "submitdate",
    "last page": "lastpage",
    "dernière page": "lastpage",
    "start language": "startlanguage",
    "langue de départ": "startlanguage",
    "langue de début": "startlanguage",
    "seed": "seed",
    "tête de série": "seed",
    "token": "token",
    "access code": "token",
    "invitation": "token",
    "code d'accès": "token",
    "date started": "startdate",
    "date de lancement": "startdate",
    "date last action": "datestamp",
    "date de la dernière action": "datestamp",
    "ip address": "ipaddr",
    "adresse ip": "ipaddr",
    "referrer url": "refurl",
    "url de référence": "refurl",
    "total time": "interviewtime",
    "temps total": "interviewtime",
}
_MARKS = {"submitdate", "lastpage", "startlanguage", "seed", "datestamp"}
_CODE = r"[A-Za-z][A-Za-z0-9]*"
_HEAD = re.compile(rf"({_CODE})(?:\[([^\]]*)\]|_([A-Za-z0-9_]+))?(?:\. ?(.*))?", re.DOTALL)
_TIME = re.compile(r"(group|question|page)time\d*", re.IGNORECASE)


def limesurvey_mark(grid: Grid) -> str:
    """By what a file is known as LimeSurvey's, "" if it is not: two columns or more that only LimeSurvey writes."""
    own = [key for cell in grid.rows[0] if (key := _role(cell)) in _MARKS]
    return f"the columns {', '.join(f'`{key}`' for key in own)}" if len(own) > 1 else ""


def limesurvey_table(grid: Grid, mark: str) -> VendorTable:
    """The table under the header, with the roles of what LimeSurvey wrote itself."""
    names = unique(grid.rows[0])
    columns = [_column(name, cell) for name, cell in zip(names, grid.rows[0], strict=True)]
    table = table_of(grid, columns, vendor="limesurvey", mark=mark, header=1)
    sent = table.with_role(_ROLES["submitdate"])
    if sent is None:
        return table
    open_ = np.isin(table.cells[sent.name], ["", "N/A"])
    return replace(table, unfinished=frozenset(np.flatnonzero(open_).tolist()))


def _role(cell: str) -> str:
    """LimeSurvey's own name of a column that it fills itself, whatever the heading; "" of a question."""
    code, _, words = cell.partition(". ")
    if code in _ROLES and (not words or plain(words.replace("_", " ")) in _WORDS or code in _MARKS):
        return code
    return _WORDS.get(plain(cell.replace("_", " ")), "")


def _column(name: str, cell: str) -> FileColumn:
    """One column, by its heading."""
    role = _role(cell)
    if role:
        return FileColumn(name, code=role, role=_ROLES[role])
    if _TIME.fullmatch(cell.partition(".")[0]):
        return FileColumn(name, code=cell, role="time taken")
    head = _HEAD.fullmatch(cell)
    code, sub, words = (head[1], head[2] or head[3] or "", head[4] or "") if head else ("", "", cell)
    wording, row = words, ""
    ends = re.fullmatch(r"(.*?)\s*\[([^\[\]]*)\]\s*", words, re.DOTALL)
    if ends:
        wording, row = ends[1], ends[2]
    return FileColumn(name, code, sub, wording, row)

"""Answers from Google Forms (CSV, or the linked sheet as Excel): questions in full as headings, and a stamp first.

The first column is the time of each answer, under its word in the language of the form's owner ("Timestamp",
"Horodateur"); a grid has one column for each row, `Title [row]`; check boxes are one cell, joined by ", " (";" in older
files); answers are always labels.
"""

from __future__ import annotations

import re

from symmetry.fieldwork.vendors.heading import plain, table_of, unique
from symmetry.fieldwork.vendors.nouns import FileColumn, Grid, VendorTable

__all__ = ["google_mark", "google_table", "plain_table"]

_STAMPS = {
    *("timestamp", "horodateur", "horodatage", "zeitstempel", "marca temporal", "marca de tiempo"),
    *("informazioni cronologiche", "carimbo de data/hora", "tijdstempel"),
}
_ADDRESSES = {
    *("email address", "email", "username", "adresse e-mail", "adresse électronique", "nom d'utilisateur"),
    *("e-mail-adresse", "dirección de correo electrónico"),
}
_STAMP = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}[ T]+\d{1,2}:\d{2}(:\d{2})?.*")
_GRID = re.compile(r"(.*\S)\s*\[([^\[\]]+)\]\s*", re.DOTALL)


def google_mark(grid: Grid) -> str:
    """By what a file is known as Google Forms', "" if it is not: stamps in a first column that is called so."""
    first = grid.rows[0][0]
    stamped = [row[0] for row in grid.rows[1:] if row[0]]
    if plain(first) in _STAMPS and stamped and all(map(_STAMP.fullmatch, stamped)):
        return f"stamps under `{first}`"
    return ""


def google_table(grid: Grid, mark: str) -> VendorTable:
    """The table under the questions."""
    columns = []
    for place, (name, cell) in enumerate(zip(unique(grid.rows[0]), grid.rows[0], strict=True)):
        parts = _GRID.fullmatch(cell)
        role = "date submitted" if place == 0 else "address of the respondent" if plain(cell) in _ADDRESSES else ""
        columns.append(FileColumn(name, "", "", parts[1] if parts else cell, parts[2] if parts else "", role))
    return table_of(grid, columns, vendor="google", mark=mark, header=1)


def plain_table(grid: Grid, mark: str) -> VendorTable:
    """The table of a file of no tool in particular: names, codes or questions as headings."""
    columns = []
    for name, cell in zip(unique(grid.rows[0]), grid.rows[0], strict=True):
        parts = _GRID.fullmatch(cell)
        sub = re.fullmatch(r"([^\[\]\s]+)\[([^\[\]]+)\]", cell)
        code, row = (sub[1], sub[2]) if sub else (cell, "")
        columns.append(FileColumn(name, code, row, parts[1] if parts else cell, parts[2] if parts else ""))
    return table_of(grid, columns, vendor="plain", mark=mark, header=1)

"""Answers as Triple-S 3.0: the description that the room of the study writes, and the CSV file that it describes.

The description says what becomes of choices (a string of 0 and 1), days (YYYYMMDD) and reasons for not answering a day or
a text (a column of their own); here the cells are written so, in its order.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from symmetry import spec
from symmetry.responses.exporting.delimited import write_cells
from symmetry.responses.exporting.describing import Described
from symmetry.responses.exporting.nouns import Table

__all__ = ["write_triple_s"]

_LONGEST = 64
_BREAKS = r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+"


def write_triple_s(table: Table, folder: Path) -> tuple[str, ...]:
    """Write the description and the data; returns what Triple-S loses.

    Notes
    -----
    A line break within a cell becomes a space: readers of the field take each line for a record.
    """
    made = spec.export(table.study, "triple-s", wave=table.wave, audience=table.audience)
    stem = f"{table.wave}.{table.audience}"
    (folder / f"{stem}.sss").write_bytes(made.content)
    losses = [loss for loss in made.losses if not loss.startswith("Only the description is written")]
    cells: dict[str, pd.Series] = {"respondent": table.answers["respondent"]}
    for column in table.columns:
        cells |= _cells(column, table.answers[column.name])
    for name, each in cells.items():
        if not pd.api.types.is_numeric_dtype(each.dtype):
            broken = int(each.str.contains(_BREAKS, regex=True, na=False).sum())
            if broken:
                cells[name] = each.str.replace(_BREAKS, " ", regex=True)
                losses.append(f"Line breaks in {broken} cells of `{name}` are spaces.")
    losses += _too_long(table, cells)
    write_cells(pd.DataFrame(cells), folder / f"{stem}.csv")
    return tuple(losses)


def _cells(column: Described, given: pd.Series) -> dict[str, pd.Series]:
    """The cells of a column as Triple-S wants them, and those of its reasons where they have a column of their own."""
    kind = column.column.kind
    if kind == "choices":
        return {column.name: _ticked(column, given)}
    if kind not in ("date", "text"):
        return {column.name: given}
    reasons = given.isin([each.cell for each in column.missing])
    said = given.mask(reasons)
    said = said.str.replace("-", "", regex=False) if kind == "date" else said
    return {column.name: said} | ({f"{column.name}.missing": given.where(reasons)} if column.missing else {})


def _ticked(column: Described, given: pd.Series) -> pd.Series:
    """Choices as a string of 0 and 1, one for each choice and then for each reason."""
    keys = [str(each.cell) for each in column.all_codes]
    found = {
        cell: "".join("01"[key in chosen] for key in keys)
        for cell in given.dropna().unique()
        for chosen in [set(cell.split())]
    }
    return given.map(found, na_action="ignore").astype("str")


def _too_long(table: Table, cells: dict[str, pd.Series]) -> Iterator[str]:
    """Texts that are longer than the description says."""
    sizes = {column.name: column.longest or _LONGEST for column in table.columns if column.column.kind == "text"}
    for name, size in {"respondent": _LONGEST, **sizes}.items():
        longer = int((cells[name].str.len() > size).sum())
        if longer:
            yield f"{longer} cells of `{name}` are longer than the {size} characters of its description."

"""Answers as CSV in UTF-8, by code or in words, and beside them a codebook with one line a code."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow
import pyarrow.csv

from symmetry.responses.exporting.describing import Described
from symmetry.responses.exporting.nouns import Table

__all__ = ["write_cells", "write_csv"]

_HEAD = ("column", "item", "face", "role", "kind", "label", "wording", "code", "code_label", "missing")


def write_csv(table: Table, folder: Path) -> tuple[str, ...]:
    """Write the answers and their codebook; returns what CSV loses."""
    stem = f"{table.wave}.{table.audience}"
    cells = {"respondent": table.answers["respondent"]}
    for column in table.columns:
        given = table.answers[column.name]
        cells[column.name] = in_words(column, given) if table.labels and column.all_codes else given
    write_cells(pd.DataFrame(cells), folder / f"{stem}.csv")
    with (folder / f"{stem}.codebook.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_HEAD)
        for column in table.columns:
            writer.writerows(_lines(column))
    losses = [f"Words, codes and reasons for not answering stand beside the answers, in `{stem}.codebook.csv`."]
    if table.labels:
        losses += ["The cells hold words: which were codes, and which reasons for not answering, is in the codebook."]
        losses += _alike(table.columns)
    return tuple(losses)


def write_cells(cells: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV: UTF-8, one line of names, an empty cell where there is nothing."""
    arrow = pyarrow.Table.from_pandas(cells, preserve_index=False)
    pyarrow.csv.write_csv(arrow, path, pyarrow.csv.WriteOptions(quoting_style="needed"))


def in_words(column: Described, cells: pd.Series) -> pd.Series:
    """The cells of a column in words; of several chosen, parted by semicolons; a code without words stays itself."""
    words = {str(each.cell): each.label for each in column.all_codes}
    texts = cells.astype("str")
    if column.column.kind != "choices":
        return texts.map(lambda cell: words.get(cell, cell), na_action="ignore")
    return texts.map(lambda cell: "; ".join(words.get(key, key) for key in cell.split()), na_action="ignore")


def _lines(column: Described) -> Iterator[tuple[object, ...]]:
    """The lines of the codebook for a column: one a code, or one alone."""
    item = column.column.item
    head = (
        column.name,
        item.key,
        column.column.face or "",
        item.role,
        column.column.kind,
        column.label,
        column.wording,
    )
    if not column.all_codes:
        yield (*head, "", "", "")
    for each in column.all_codes:
        yield (*head, each.cell, each.label, each.reason)


def _alike(columns: tuple[Described, ...]) -> Iterator[str]:
    """Columns in which two codes have the same words, so that words do not lead back to codes."""
    for column in columns:
        words = [each.label for each in column.all_codes]
        twice = sorted({word for word in words if words.count(word) > 1})
        if twice:
            yield f"Two codes of `{column.name}` are both “{twice[0]}”: their words do not lead back to them."

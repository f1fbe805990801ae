"""Where the answers of one audience in one wave come from, as a plan says it: a file, and which column holds what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["ColumnRule", "Source"]


@dataclass(frozen=True)
class ColumnRule:
    """How one column of the study is read from a file.

    Attributes
    ----------
    column : name of the file's column.
    characters : first and last character to keep, counted from 1; none keeps the whole cell.
    values : text in the file (after `characters`) → value in the study; any other text is a fault. None recodes
        nothing.
    """

    column: str
    characters: tuple[int, int] | None = None
    values: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Source:
    """A file of answers.

    Attributes
    ----------
    file : path of a .csv, .csv.gz or .parquet file.
    columns : column of the study → how it is read.
    where : file column → the only text of rows to keep.
    respondent : file column that identifies a person or a unit; none means a row is one.
    encoding : of a CSV file.
    ignore : file columns knowingly left out; none means "all others".
    """

    file: Path
    columns: Mapping[str, ColumnRule]
    where: Mapping[str, str] = field(default_factory=dict)
    respondent: str | None = None
    encoding: str = "utf-8"
    ignore: tuple[str, ...] | None = ()

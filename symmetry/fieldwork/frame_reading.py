"""Files of a draw as they come from elsewhere: their encoding, and identifiers in one form however they were typed."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from symmetry.errors import DataError, Place, Problem
from symmetry.fieldwork.files import RawTable, Texts, read_raw

__all__ = ["alike", "read_listed"]


def read_listed(path: Path, wanted: Collection[str], ids: Collection[str], *, encoding: str, what: str) -> RawTable:
    """The cells of a file, which must be there, with its identifiers in one form.

    Parameters
    ----------
    path : a CSV or Parquet file.
    wanted : columns to read.
    ids : columns of identifiers: composed (Unicode NFC), and whole where Parquet holds them as floating numbers (7.0 is 7).
    encoding : of a CSV file.
    what : the file is called, in words.

    Raises
    ------
    DataError : the file lacks, or cannot be read.
    """
    if not path.is_file():
        raise DataError("there is no such file", where=Place(path), mend=f"name the file of {what}", code="FRM01")
    try:
        raw = read_raw(path, {*wanted, *ids}, encoding=encoding)
    except DataError as error:
        raise DataError([_told_here(each) for each in error.problems]) from error
    floats = _floats(path, ids) if path.suffix.lower() == ".parquet" else set()
    cells = {
        name: _composed(_whole(texts) if name in floats else texts) if name in ids else texts
        for name, texts in raw.cells.items()
    }
    return replace(raw, cells=cells)


def _told_here(problem: Problem) -> Problem:
    """A problem of an encoding, with the option that mends it here."""
    if problem.code != "DATA13":
        return problem
    return replace(problem, mend="give the file's own, for example `--encoding cp1252`")


def _floats(path: Path, names: Collection[str]) -> set[str]:
    """Columns of a Parquet file that hold floating numbers, as programs write whole numbers with a gap."""
    import pyarrow
    import pyarrow.parquet

    schema = pyarrow.parquet.read_schema(path)
    return {field.name for field in schema if field.name in names and pyarrow.types.is_floating(field.type)}


def _whole(texts: Texts) -> Texts:
    """Floating numbers without their `.0`."""
    found = [str(int(float(text))) if text and float(text).is_integer() else text for text in texts]
    return np.array(found, dtype=object)


def _composed(texts: Texts) -> Texts:
    """Texts in which an accent and its letter are one character."""
    found = [text if text.isascii() else unicodedata.normalize("NFC", text) for text in texts]
    return np.array(found, dtype=object)


def alike(ids: Iterable[str]) -> int:
    """How many identifiers differ from another one in capitals or invisible characters alone.

    Examples
    --------
    >>> alike(["ada@example.org", "Ada@example.org", "bob@example.org"])
    2
    """
    own = set(ids)
    plain = [each.lower() if each.isascii() else _plain(each) for each in own]
    if len(set(plain)) == len(own):
        return 0
    return sum(count for count in Counter(plain).values() if count > 1)


def _plain(text: str) -> str:
    """A text without capitals and invisible characters."""
    seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFC", seen.casefold())

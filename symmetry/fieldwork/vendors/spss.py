"""Answers from SPSS (.sav, .zsav): values as the file stores them, with its labels and what it calls user-missing."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from symmetry.errors import DataError, Place
from symmetry.fieldwork.files import Texts
from symmetry.fieldwork.vendors.heading import unique
from symmetry.fieldwork.vendors.nouns import FileColumn, VendorTable

__all__ = ["is_sav", "spss_table"]

_SIMULATED = "symmetry: simulated"  # the note that our own export writes into the file
_ROLES = {"caseid": "response id"}


def is_sav(content: bytes) -> bool:
    """Whether a file begins as SPSS system files do."""
    return content[:4] in (b"$FL2", b"$FL3")


def spss_table(path: Path, content: bytes, encoding: str | None) -> VendorTable:
    """The table of a system file.

    Raises
    ------
    DataError : the file is damaged, or holds no case (VEN06); pyreadstat is not installed (EXT01).
    """
    try:
        import pyreadstat
    except ImportError as error:
        raise DataError("pyreadstat is not installed", mend="pip install 'symmetry[spss]'", code="EXT01") from error
    mend = "save it again from SPSS; for another encoding give for example `--encoding cp1252`"
    with tempfile.TemporaryDirectory() as folder:  # pyreadstat reads a path, and knows a kind of file by its name
        copy = Path(folder) / ("a.zsav" if content[:4] == b"$FL3" else "a.sav")
        copy.write_bytes(content)
        try:
            cells, meta = pyreadstat.read_sav(copy, user_missing=True, encoding=encoding, output_format="dict")
        except Exception as error:  # pyreadstat has errors of many kinds for a damaged file
            what = f"{path.name} is no sound SPSS file: {error}"
            raise DataError(what, where=Place(path), mend=mend, code="VEN06") from error
    names = list(meta.column_names)
    rows = len(cells[names[0]]) if names else 0
    if not rows:
        raise DataError(f"{path.name} holds no case", where=Place(path), mend="export it again", code="VEN06")
    texts: dict[str, Texts] = {name: np.array([_text(value) for value in cells[name]], dtype=object) for name in names}
    columns = tuple(_column(name, meta, texts[name]) for name in unique(names))
    said = (f"{rows} cases, {len(names)} variables, {meta.file_encoding or 'unknown encoding'}",)
    lines = tuple(range(1, rows + 1))
    sha256 = hashlib.sha256(content).hexdigest()
    made = any(_SIMULATED in str(note) for note in meta.notes or ())
    mark = "the first bytes of the file"
    return VendorTable(path, "spss", mark, columns, texts, lines, sha256, notes=said, simulated=made)


def _column(name: str, meta: Any, texts: Texts) -> FileColumn:
    """One variable with its labels and the values that are user-missing in it."""
    labels = {_text(value): str(label) for value, label in meta.variable_value_labels.get(name, {}).items()}
    ranges = meta.missing_ranges.get(name, [])
    missing = frozenset(text for text in {*texts, *labels} if text and any(_within(text, each) for each in ranges))
    words = meta.column_names_to_labels.get(name) or ""
    return FileColumn(name, name, "", words, "", _ROLES.get(name.casefold(), ""), labels, missing)


def _within(text: str, bounds: Any) -> bool:
    """Whether a value is one of those between two bounds (a single value is both)."""
    low, high = bounds["lo"], bounds["hi"]
    if isinstance(low, str):
        return text in (low.strip(), high.strip())
    try:
        return float(low) <= float(text) <= float(high)
    except ValueError:
        return False


def _text(value: Any) -> str:
    """A value as text: 5.0 is 5, a system-missing one is blank, a day without a time is a day."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, datetime):
        plain = not (value.hour or value.minute or value.second)
        return value.date().isoformat() if plain else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value).strip()

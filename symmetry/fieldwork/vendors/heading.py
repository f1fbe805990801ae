"""Headers as they come: every column gets one name, words lose their HTML, and what a tool wrote itself is known by its name."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from symmetry.fieldwork.files import Texts
from symmetry.fieldwork.vendors.nouns import FileColumn, Grid, VendorTable

__all__ = ["plain", "table_of", "unique"]

_TAG = re.compile(r"<[^>]*>")
_SIGNS = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "\u00a0": " ", "\u202f": " "}
)


def plain(words: str) -> str:
    """Words for comparison: no HTML, straight signs, small letters, single spaces, no colon, star or question mark at the end.

    Examples
    --------
    >>> plain("<b>L’accueil</b>&nbsp;:"), plain("Are you well ? *")
    ("l'accueil", 'are you well')
    """
    text = html.unescape(_TAG.sub(" ", words)) if "<" in words or "&" in words else words
    text = unicodedata.normalize("NFC", text).translate(_SIGNS).replace('"', "").casefold()
    return re.sub(r"[\s:*?.…]+$", "", " ".join(text.split()))


def unique(names: Sequence[str]) -> list[str]:
    """One name for each column: a blank or repeated one gets its place.

    Examples
    --------
    >>> unique(["id", "", "Why?", "Why?"])
    ['id', '(column 2)', 'Why? (column 3)', 'Why? (column 4)']
    """
    counts = Counter(names)
    return [
        (f"{name} (column {place})" if name else f"(column {place})") if counts[name] > 1 or not name else name
        for place, name in enumerate(names, start=1)
    ]


def table_of(grid: Grid, columns: Iterable[FileColumn], *, vendor: str, mark: str, header: int) -> VendorTable:
    """A table of a grid whose first `header` rows are headings."""
    found = tuple(columns)
    rows = grid.rows[header:]
    cells: Mapping[str, Texts] = {
        column.name: np.array([row[place] for row in rows], dtype=object) for place, column in enumerate(found)
    }
    lines = tuple(grid.lines[header:])
    return VendorTable(grid.path, vendor, mark, found, cells, lines, grid.sha256, grid.french, grid.notes)

"""Rows that were set aside, in a file of their own: as they came, with their line and the reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.aside import replace_file

if TYPE_CHECKING:
    from symmetry.fieldwork.files import RawTable
    from symmetry.fieldwork.store.nouns import Store
    from symmetry.fieldwork.taking.nouns import Said

__all__ = ["set_aside"]


def set_aside(store: Store, raw: RawTable, rows: Sequence[Said]) -> Path | None:
    """Write the rows that were not taken to `aside/` of the store, for its owner alone.

    Parameters
    ----------
    store : the field.
    raw : the file.
    rows : one for each of its rows, in order.

    Returns
    -------
    The file; None where every row was taken.  The same file taken again gives the same one, or takes it away.
    """
    folder = store.folder / "aside"
    path = folder / f"{raw.path.name.partition('.')[0]}-{raw.sha256[:8]}.csv"
    left = [(place, said) for place, said in enumerate(rows) if said.state == "set aside"]
    if not left:
        path.unlink(missing_ok=True)
        return None
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["row", "reason", *raw.names])
    for place, said in left:
        writer.writerow([said.row, said.reason, *(raw.cells[name][place] for name in raw.names)])
    folder.mkdir(mode=0o700, exist_ok=True)
    replace_file(path, out.getvalue(), mode=0o600)
    return path

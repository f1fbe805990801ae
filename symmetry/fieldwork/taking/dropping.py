"""The drop folder: files that other systems leave there are taken in the order of their names, and moved out of the way."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.aside import replace_file
from symmetry.errors import DataError, Place
from symmetry.fieldwork.store.failing import StoreAwayError
from symmetry.fieldwork.taking.files import take_file
from symmetry.fieldwork.taking.nouns import KINDS, Kind, Taken

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["take_drop"]

_logger = logging.getLogger("symmetry.fieldwork.taking")
_QUIET = 2.0  # seconds in which a file that is whole has not changed
_ENDS = (".csv", ".csv.gz", ".parquet")


def take_drop(store: Store, at: datetime, *, tell: Callable[[str], None] | None = None) -> list[Taken]:
    """Take the files in the drop folder (`drop/` of the store), in the order of their names.

    Parameters
    ----------
    store : the field.
    at : now.
    tell : hears of each file that is refused.

    Returns
    -------
    One for each file that was taken; it is moved to `drop/done/`.

    Raises
    ------
    StoreAwayError : the database cannot be written to; what was not taken stays where it is.

    Notes
    -----
    A file's kind is how its name begins: `interactions-2027-03-04.csv`.  One that is refused stays, beside a text that says why
    and goes away when the file is mended; one that is still being written (`*.part`, or changed in the last two seconds) waits.
    Whatever happens with one file, the others are taken.
    """
    drop = store.folder / "drop"
    drop.mkdir(mode=0o700, exist_ok=True)
    taken: list[Taken] = []
    for path in sorted(drop.iterdir()):
        if not path.is_file() or path.name.startswith(".") or not path.name.lower().endswith(_ENDS):
            continue
        if abs(time.time() - path.stat().st_mtime) < _QUIET:
            continue
        why = path.with_name(f"{path.name}.refused.txt")
        try:
            taken.append(take_file(store, _kind_of(path), path, at=at))
        except StoreAwayError:
            raise
        except DataError as error:
            said = str(error)
        except Exception as error:  # whatever our code stumbles over, opt-outs may stand in the next file
            _logger.exception("%s could not be taken", path.name)
            said = f"nothing of this file was taken, which is a fault of ours: {type(error).__name__}: {error}"
        else:
            _done(path)
            why.unlink(missing_ok=True)
            continue
        replace_file(why, f"{said}\n", mode=0o600)
        if tell is not None:
            tell(f"{path.name} was refused: see {why.name}")
    return taken


def _kind_of(path: Path) -> Kind:
    """The kind that a file's name begins with."""
    found = next((kind for kind in KINDS if path.name.lower().startswith(kind)), None)
    if found is None:
        what = f"the name of {path.name} does not say what is in it"
        raise DataError(what, where=Place(path), mend=f"begin it with one of: {', '.join(KINDS)}", code="TAK04")
    return found


def _done(path: Path) -> None:
    """Move a file that was taken out of the way, over none that was taken before."""
    done = path.parent / "done"
    done.mkdir(mode=0o700, exist_ok=True)
    stem, _, ends = path.name.partition(".")
    target, number = done / path.name, 1
    while target.exists():
        number += 1
        target = done / f"{stem}-{number}.{ends}"
    path.rename(target)

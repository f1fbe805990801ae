"""Invitations on paper: letters with a pattern for the camera, in a file to print, for whoever hands them out.

A letter is in one file at most: it is claimed before the file is written and marked after, as any message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import update

from symmetry.aside import replace_file
from symmetry.errors import DataError
from symmetry.fieldwork.sending.claiming import Claimed, claim
from symmetry.fieldwork.sending.letters import letters_page, printed
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.tables import OUTBOX
from symmetry.fieldwork.timing import stamp

if TYPE_CHECKING:
    from symmetry.fieldwork.sending.settings import Settings
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["print_due"]

_MOST = 500  # letters in a file


def print_due(
    store: Store,
    settings: Settings,
    *,
    at: Callable[[], datetime],
    sender: str,
    done: Counter[str],
    tell: Callable[[str], object] | None = None,
) -> list[Path]:
    """Write the letters that are due into files of the folder `print`, each wave in files of its own.

    Parameters
    ----------
    store, settings, at, sender, tell : as for `outbox.send_due`.
    done : counts those "sent" (written) and "dropped".

    Returns
    -------
    The files, `WAVE-DAY-NUMBER.html`.

    Raises
    ------
    DataError : EXT03, the package that draws the patterns is missing.
    """
    files: list[Path] = []
    more = True
    while more:
        done["more"] = 0
        with to_write(store.field) as connection:
            claimed = [
                each for _ in range(_MOST) if (each := claim(connection, store, settings, "qr", at(), sender, done))
            ]
            if claimed and find_spec("segno") is None:
                what = "the patterns on letters need `segno`, which is not installed"
                raise DataError(what, mend="pip install 'symmetry[send]'", code="EXT03")
        for wave in sorted({each.message.asked.wave.key for each in claimed}):
            mine = [each for each in claimed if each.message.asked.wave.key == wave]
            files.append(_written(store, wave, mine, at()))
            done["sent"] += len(mine)
            if tell is not None:
                tell(f"{len(mine)} letters to print: {files[-1]}")
        more = len(claimed) == _MOST or bool(done["more"])
    return files


def _written(store: Store, wave: str, claimed: list[Claimed], at: datetime) -> Path:
    """Write one file, and mark its letters."""
    folder = store.folder / "print"
    folder.mkdir(mode=0o700, exist_ok=True)
    page = letters_page([printed(each.message) for each in claimed], claimed[0].message.language)
    path = _free(folder, f"{wave}-{stamp(at)[:10]}")
    replace_file(path, page, mode=0o600)
    with to_write(store.field) as connection:
        for each in claimed:
            mine = update(OUTBOX).where(OUTBOX.c.id == each.id, OUTBOX.c.state == "sending")
            connection.execute(mine.values(state="sent", sent=stamp(at), tries=each.tries + 1))
    return path


def _free(folder: Path, name: str) -> Path:
    """A name that no other file has, taken at once so that no other sender takes it."""
    for number in count(1):
        path = folder / f"{name}-{number}.html"
        try:
            path.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            continue
        return path
    raise AssertionError("numbers do not end")

"""Invitations on paper: letters with a pattern for the camera, in a file to print, for whoever hands them out.

A letter is in one file at most.  One sender at a time writes letters; each is claimed, given the name of its file, and marked
once the file is there whole.  So whoever comes after a sender that stopped can tell: what stands in a file was written, the
rest was not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from symmetry.aside import replace_file
from symmetry.errors import DataError
from symmetry.fieldwork.inviting.running import alone
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
_AT_ONCE = 50  # claimed in one transaction, so that others get their turn
_CLAIMED = (OUTBOX.c.channel == "qr", OUTBOX.c.state == "sending")


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
    The files, `WAVE-DAY-NUMBER.html`; none where another sender writes letters now.

    Raises
    ------
    DataError : EXT03, the package that draws the patterns is missing.
    OSError : a file cannot be written; its letters are planned as before.
    """
    files: list[Path] = []
    with alone(store, "print") as mine:
        while mine:
            _mend(store)
            claimed, more = _claimed(store, settings, at, sender, done)
            try:
                for wave in sorted({each.message.asked.wave.key for each in claimed}):
                    letters = [each for each in claimed if each.message.asked.wave.key == wave]
                    files.append(_written(store, wave, letters, at()))
                    done["sent"] += len(letters)
                    if tell is not None:
                        tell(f"{len(letters)} letters to print: {files[-1]}")
            finally:
                _mend(store)
            if not more:
                break
    return files


def _claimed(
    store: Store, settings: Settings, at: Callable[[], datetime], sender: str, done: Counter[str]
) -> tuple[list[Claimed], bool]:
    """Claim the letters of one file; with them, whether there may be more."""
    claimed: list[Claimed] = []
    more = True
    while more and len(claimed) < _MOST:
        done["more"] = 0
        with to_write(store.field) as connection:
            for _ in range(min(_AT_ONCE, _MOST - len(claimed))):
                each = claim(connection, store, settings, "qr", at(), sender, done)
                if each is None:
                    more = bool(done["more"])
                    break
                claimed.append(each)
            if claimed and find_spec("segno") is None:
                what = "the patterns on letters need `segno`, which is not installed"
                raise DataError(what, mend="pip install 'symmetry[send]'", code="EXT03")
    return claimed, more


def _written(store: Store, wave: str, claimed: list[Claimed], at: datetime) -> Path:
    """Write one file, after its name was given to its letters."""
    folder = store.folder / "print"
    folder.mkdir(mode=0o700, exist_ok=True)
    page = letters_page([printed(each.message) for each in claimed], claimed[0].message.language)
    names = (f"{wave}-{stamp(at)[:10]}-{number}.html" for number in count(1))
    path = next(folder / name for name in names if not (folder / name).exists())
    with to_write(store.field) as connection:
        for each in claimed:
            values = {"reason": path.name, "sent": stamp(at), "tries": each.tries + 1}
            connection.execute(update(OUTBOX).where(OUTBOX.c.id == each.id, *_CLAIMED).values(**values))
    replace_file(path, page, mode=0o600)
    return path


def _mend(store: Store) -> None:
    """Letters whose file is there are written; those of a sender that stopped before are planned again."""
    folder = store.folder / "print"
    for half in folder.glob(".*.html.*"):
        half.unlink()
    with store.field.connect() as connection:
        names = connection.execute(select(OUTBOX.c.reason).where(*_CLAIMED).distinct()).scalars().all()
    for name in names:
        with to_write(store.field) as connection:
            written = bool(name) and (folder / name).exists()
            left = {"state": "planned", "sender": None, "claimed": None, "sent": None}
            values = {"state": "sent"} if written else left
            theirs = update(OUTBOX).where(*_CLAIMED, OUTBOX.c.reason == name)
            connection.execute(theirs.values(reason="", **values))

"""From the holding to the sealed store: employees' answers leave in batches, when nobody can be told from a batch.

Once a day is over, the finished answers of a cell (the people whose sealed answers carry the same frame items) leave if they
are many; small sites wait.  Two rules make a batch safe from whoever looks at the sealed store evening after evening, with the
roster's days of completion beside it: a batch is of one cell and of `BATCH` people at least; and a cell holds back `BATCH`
boxes, drawn by lot, so that what is left for the close is a batch too.  At the close all leave; cells that never had enough are
pooled, with fewer words known of them (`coarsening.pooled`).

Every release locks what stays with a new key, then destroys the old one: yesterday's copy of the holding can be opened by
nobody any more.  Two databases share no transaction, so the steps are ordered, each may be the last before a crash, and who
runs it again ends in the same place: a box's key is there as long as the box is, and answers are stored by the key inside
their box, which never changes, so that none is stored twice.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from nacl.public import PrivateKey
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from symmetry.errors import DataError, Problem
from symmetry.fieldwork.asking.nouns import Answer
from symmetry.fieldwork.store.cleaning import empty_log
from symmetry.fieldwork.store.coarsening import Words, pooled, words_of
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.sealing import new_seal, plain, relocked, unboxed
from symmetry.fieldwork.store.tables import ANSWERS, DRAFTS, HOLDING, INVITATIONS, KEYS, WAVES

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Row

__all__ = ["BATCH", "Released", "release"]

BATCH = 6
"""Fewest answers of one cell that leave together, and that a cell holds back while its wave is open."""
_AUDIENCE = "employees"
_FIRST_DAY = date(2000, 1, 1).toordinal()


@dataclass(frozen=True)
class Released:
    """What a release did for one wave: answers that left, and answers that are held."""

    left: int
    held: int


@dataclass(frozen=True)
class _Box:
    """A box of the holding, opened: the number of its key, the box, the cell it counts in, and what is inside."""

    seal: int
    locked: bytes
    cell: str
    key: bytes
    answers: Mapping[str, Answer]

    @property
    def words(self) -> Words:
        """The frame items that stay with the answers."""
        return words_of(self.cell)


def release(store: Store, *, now: datetime, everything: bool = False, wave: str | None = None) -> dict[str, Released]:
    """Let employees' answers go to the sealed store, as many as can go without telling on anybody.

    Parameters
    ----------
    store : the field.
    now : the moment; a wave has its turn once a day, when a day (in the study's time zone) has passed since its last turn.
    everything : at the close: the wave has its turn now, and nothing is held back.
    wave : this one alone; without it all waves that ask employees.

    Returns
    -------
    Wave → what was done; waves whose turn it is not are left out.

    Raises
    ------
    DataError : SEA01, a box is damaged; SEA02, the key of a box is missing.  Nothing of that wave was changed; others
        had their turn.

    Notes
    -----
    It may be called as often as one likes, and again after a crash at any step.  The day of a wave's last turn is kept as the
    number of its key, which is the day's ordinal: nothing finer is written down anywhere.  Drafts go too, once their wave's last
    day is over; and what a reader kept on the disk when it was deleted is taken off as soon as he is gone.
    """
    found = select(WAVES).where(WAVES.c.public.is_not(None)).order_by(WAVES.c.wave)
    with store.field.connect() as field:
        rows = field.execute(found if wave is None else found.where(WAVES.c.wave == wave)).all()
    done: dict[str, Released] = {}
    problems: list[Problem] = []
    for row in rows:
        if everything or _is_due(row, now):
            try:
                done[row.wave] = _turn(store, row.wave, now, everything)
            except DataError as error:
                problems += error.problems
    late = [row.wave for row in rows if _is_over(row, now)]
    if _drop_drafts(store, late) or done:
        _tidy(store)
    elif _is_logged(store.sealed):  # readers were at work when the last key was destroyed
        empty_log(store.sealed)
    if problems:
        raise DataError(problems)
    return done


def _is_due(row: Row[Any], now: datetime) -> bool:
    """Whether a day is over since the wave was opened and since its last release."""
    since = date.fromordinal(row.seal) if row.seal > _FIRST_DAY else date.min
    return row.state == "open" and _today(row, now) > max(since, date.fromisoformat(row.opened))


def _is_over(row: Row[Any], now: datetime) -> bool:
    """Whether the last day of a wave is over; that of a rehearsal never is."""
    return row.last is not None and row.rehearsal is None and _today(row, now) > date.fromisoformat(row.last)


def _drop_drafts(store: Store, waves: Sequence[str]) -> bool:
    """Delete the drafts of waves that nobody can go on with; whether there were any."""
    theirs = DRAFTS.c.token.in_(select(INVITATIONS.c.token).where(INVITATIONS.c.wave.in_(waves)))
    if not waves:
        return False
    with store.field.connect() as field:
        if field.execute(select(DRAFTS.c.token).where(theirs).limit(1)).first() is None:
            return False
    with to_write(store.field) as field:
        field.execute(delete(DRAFTS).where(theirs))
    return True


def _today(row: Row[Any], now: datetime) -> date:
    contact = json.loads(row.compiled)["study"].get("contact") or {}
    return now.astimezone(ZoneInfo(contact.get("tz", "UTC"))).date()


def _turn(store: Store, wave: str, now: datetime, everything: bool) -> Released:
    """One wave's turn.  The order of the three commits is what makes it safe: see the top of the file."""
    with to_write(store.field) as field:
        row = field.execute(select(WAVES).where(WAVES.c.wave == wave).with_for_update()).one()
        with to_write(store.sealed) as sealed:
            keys = {key.seal: key.private for key in sealed.execute(select(KEYS).where(KEYS.c.wave == wave))}
            boxes = _opened(field, wave, keys)
            seal, public = _next_seal(sealed, row, keys, _today(row, now))
            stored = _stored(sealed, boxes)
            leaving = _leaving([box for box in boxes if box.key not in stored], everything)
            _store(sealed, wave, leaving)
        gone = stored | {box.key for box, _ in leaving}
        staying = [box for box in boxes if box.key not in gone]
        _lock_anew(field, wave, staying, keys, seal, public)
    _destroy(store, wave, seal)
    return Released(len(boxes) - len(staying), len(staying))


def _opened(field: Connection, wave: str, keys: Mapping[int, bytes]) -> list[_Box]:
    """The boxes held for a wave, opened."""
    boxes = []
    for row in field.execute(select(HOLDING).where(HOLDING.c.wave == wave)):
        if row.seal not in keys:
            raise DataError(
                f"the key of a box of wave `{wave}` is missing: the two databases are not of the same evening",
                mend="put back the sealed database's last good copy; nothing was deleted",
                code="SEA02",
            )
        key, answers, _ = unboxed(keys[row.seal], row.box)
        boxes.append(_Box(row.seal, row.box, row.cell, key, answers))
    return boxes


def _next_seal(sealed: Connection, row: Row[Any], keys: Mapping[int, bytes], today: date) -> tuple[int, bytes]:
    """Number and public half of the key to come: one left unused by a crash, or a new one, written down before it is used."""
    unused = max(keys, default=0)
    if unused > row.seal:
        return unused, bytes(PrivateKey(keys[unused]).public_key)
    seal = max(today.toordinal(), row.seal + 1)
    public, private = new_seal()
    sealed.execute(insert(KEYS).values(seal=seal, wave=row.wave, private=private))
    return seal, public


def _stored(sealed: Connection, boxes: Sequence[_Box]) -> set[bytes]:
    """Keys of boxes whose answers are stored already, by a release that crashed before it could empty the holding."""
    found: set[bytes] = set()
    for start in range(0, len(boxes), 500):
        keys = [box.key for box in boxes[start : start + 500]]
        found |= set(sealed.scalars(select(ANSWERS.c.key).where(ANSWERS.c.key.in_(keys))))
    return found


def _leaving(boxes: Sequence[_Box], everything: bool) -> list[tuple[_Box, Words]]:
    """Which boxes leave, each with the words that stay with its answers; in the order of their random keys."""
    cells: dict[Words, list[_Box]] = defaultdict(list)
    for box in boxes:
        cells[box.words].append(box)
    if everything:
        kept = pooled({words: len(members) for words, members in cells.items()}, BATCH)
        chosen = [(box, kept[words]) for words, members in cells.items() for box in members]
    else:
        ready = {words: members for words, members in cells.items() if len(members) >= 2 * BATCH}
        lot = secrets.SystemRandom()
        chosen = [(box, words) for words, members in ready.items() for box in lot.sample(members, len(members) - BATCH)]
    return sorted(chosen, key=lambda each: each[0].key)


def _store(sealed: Connection, wave: str, leaving: Sequence[tuple[_Box, Words]]) -> None:
    """Store answers under the keys from inside their boxes; those that are there already stay as they are."""
    if not leaving:
        return
    added = (postgresql if sealed.dialect.name == "postgresql" else sqlite).insert(ANSWERS).on_conflict_do_nothing()
    fixed = {"wave": wave, "audience": _AUDIENCE}
    sealed.execute(
        added,
        [
            fixed | {"key": box.key, "known": plain(dict(words)), "answers": plain(box.answers)}
            for box, words in leaving
        ],
    )


def _lock_anew(
    field: Connection, wave: str, staying: Sequence[_Box], keys: Mapping[int, bytes], seal: int, public: bytes
) -> None:
    """Empty the holding but for what stays, which gets another lock, another row and another place."""
    field.execute(delete(HOLDING).where(HOLDING.c.wave == wave))
    rows: list[dict[str, Any]] = [
        {
            "key": secrets.token_bytes(16),
            "wave": wave,
            "cell": box.cell,
            "seal": seal,
            "box": relocked(keys[box.seal], public, box.locked),
        }
        for box in staying
    ]
    if rows:
        field.execute(insert(HOLDING), sorted(rows, key=lambda row: row["key"]))
    field.execute(update(WAVES).where(WAVES.c.wave == wave).values(seal=seal, public=public))


def _destroy(store: Store, wave: str, seal: int) -> None:
    """Destroy the keys before this one, but for those that a box still bears."""
    with store.field.connect() as field:
        oldest = field.scalar(select(func.min(HOLDING.c.seal)).where(HOLDING.c.wave == wave))
    with to_write(store.sealed) as sealed:
        sealed.execute(delete(KEYS).where(KEYS.c.wave == wave, KEYS.c.seal < min(seal, oldest or seal)))


def _tidy(store: Store) -> None:
    """Take what was deleted off the disk too, as far as the database lets us; readers at work may put it off."""
    for engine in (store.field, store.sealed):
        if engine.dialect.name == "sqlite":
            empty_log(engine)
    if store.sealed.dialect.name == "postgresql":
        with (
            suppress(OperationalError),
            store.sealed.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        ):
            connection.exec_driver_sql("VACUUM FULL keys")


def _is_logged(engine: Engine) -> bool:
    """Whether the log of a SQLite file holds anything."""
    log = Path(f"{engine.url.database}-wal")
    return engine.dialect.name == "sqlite" and log.exists() and log.stat().st_size > 0

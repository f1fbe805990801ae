"""Closing a wave: no more answers, no more drafts, and a roster that remembers no more than was promised.

The steps are ordered so that a close that was cut off is completed by closing again: what is counted is written down before it is
forgotten, and what is forgotten is forgotten before the files are rewritten.  Until they are, the wave is "closing": it takes no
more answers, and is not closed.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import OperationalError

from symmetry.aside import replace_file
from symmetry.errors import DataError, Place
from symmetry.fieldwork.contacts.forgetting import forget_outbox
from symmetry.fieldwork.contacts.retaining import clock_of
from symmetry.fieldwork.sending.links import keep_ways_out
from symmetry.fieldwork.store.cleaning import back_up, check_backup, empty_log, rewrite
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import StoreAwayError, plainly, reason_of
from symmetry.fieldwork.store.links import links_file
from symmetry.fieldwork.store.opening import links_key
from symmetry.fieldwork.store.releasing import release
from symmetry.fieldwork.store.tables import ANSWERS, DRAFTS, INVITATIONS, QUOTAS, WAVES
from symmetry.fieldwork.timing import day_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["LEAST", "Closed", "close_wave", "counted", "note_of"]

LEAST = 5
"""How many people a group must have before it is written down how many of them answered."""
_OF = "employees"


@dataclass(frozen=True)
class Closed:
    """A wave that is closed.

    Attributes
    ----------
    wave : its key.
    states : audience → state → how many invitations ended in it; of anonymous employees all "asked".
    released : sealed answers that left the holding in this call.
    counts : the file with what may be told of anonymous employees' participation; None where nothing was to be forgotten.
    """

    wave: str
    states: Mapping[str, Mapping[str, int]]
    released: int
    counts: Path | None


def close_wave(store: Store, wave: str, *, now: datetime, backup: Path | None = None, patience: float = 60) -> Closed:
    """Close a wave for good.

    Parameters
    ----------
    store : where it was opened; a server may go on running meanwhile.
    wave : its key.
    now : the moment, with its time zone.
    backup : a new or empty folder for copies of both databases as they are after the close (SQLite).
    patience : seconds to wait for others to let go of the database before its files are rewritten.

    Returns
    -------
    Closed; called again it completes what was cut off, and changes nothing else.

    Raises
    ------
    DataError : OPN13, no such wave was opened; OPN14, the backup cannot be made this way or there; OPN15, the wave takes no more
        answers, and its close was cut off; SEA01 or SEA02, held answers cannot be released.
    StoreAwayError : a database cannot be reached or written to; nothing was changed.

    Notes
    -----
    How many answers of employees are sealed is written into `closed-WAVE.json`, by which the loss of some would be seen.  Where
    employees were promised anonymity, the roster forgets who answered and when, and that file first gets counts by stratum, for
    groups of at least 5 people.  Files of links and letters go, and the key of the links with the last open wave.
    """
    if backup is not None:
        with plainly():
            check_backup(store, wave, backup)
    with plainly():
        day, anonymous = _stop(store, wave, now)
    with _told_if_cut_off(store, wave):
        released = release(store, now=now, everything=True, wave=wave)
        path = note_of(store, wave)
        with to_write(store.field) as field:
            _write_down(field, wave, path, _facts(store, field, wave, day, anonymous))
            if anonymous:
                _make_forget(field, wave)
            forget_outbox(field, wave)
            if anonymous and (store.folder / "links.key").exists():
                keep_ways_out(field, links_key(store.folder, draw=False), wave, _OF)
            mine = select(INVITATIONS.c.token).where(INVITATIONS.c.wave == wave)
            field.execute(delete(DRAFTS).where(DRAFTS.c.token.in_(mine)))
            states = _states(field, wave)
        _drop_links(store, wave, states)
        rewrite(store, wave, patience=patience)
        _finish(store, wave)
        if backup is not None:
            back_up(store, wave, backup)
    told = anonymous and _OF in states and path.exists()
    return Closed(wave, states, sum(each.left for each in released.values()), path if told else None)


def counted(strata: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """What may be told of who took part, before the roster forgets it.

    Parameters
    ----------
    strata : stratum → state → people.

    Returns
    -------
    One row for each stratum of at least 5 people of whom some finished and some did not; others are pooled with the smallest one
    left until this holds, because where all finished, or none did, the count says it of each; nothing where it never holds.

    Examples
    --------
    >>> counted({"north": {"complete": 6, "invited": 3}, "east": {"complete": 2}, "west": {"invited": 3}})
    [{'strata': ['north'], 'complete': 6, 'invited': 3}, {'strata': ['east', 'west'], 'complete': 2, 'invited': 3}]
    """
    groups = [([stratum], Counter(states)) for stratum, states in sorted(strata.items()) if sum(states.values())]
    while len(groups) > 1:
        groups.sort(key=lambda group: (group[1].total(), group[0]))
        first = next((place for place, (_, states) in enumerate(groups) if not _may_be_told(states)), None)
        if first is None:
            break
        (names, states), (others, more) = groups.pop(first), groups.pop(0)
        groups.append((sorted(names + others), states + more))
    groups.sort(key=lambda group: (len(group[0]) > 1, group[0]))
    return [{"strata": names, **dict(sorted(states.items()))} for names, states in groups if _may_be_told(states)]


def _may_be_told(states: Counter[str]) -> bool:
    """Whether a count names nobody: of 5 people or more, some finished and some did not."""
    return states.total() >= LEAST and 0 < states["complete"] < states.total()


def note_of(store: Store, wave: str) -> Path:
    """The file in which a close writes down what may be told of a wave, and how many answers of employees are sealed."""
    return store.folder / f"closed-{wave}.json"


@contextmanager
def _told_if_cut_off(store: Store, wave: str) -> Iterator[None]:
    """Say of whatever stops the block that the wave takes no more answers, and that closing again completes it."""
    what = f"wave `{wave}` takes no more answers, and its close was cut off"
    again = f"then run it again: symmetry field close {wave} --store {store.folder}"
    try:
        with plainly():
            yield
    except KeyboardInterrupt as stopped:
        raise KeyboardInterrupt(f"{what}; {again.removeprefix('then ')}") from stopped
    except (StoreAwayError, sqlite3.Error, OSError) as error:
        found = OperationalError(None, None, error) if isinstance(error, sqlite3.Error) else error
        why = reason_of(found) or (error.strerror if isinstance(error, OSError) else None) or "the database fails"
        mend = f"make its databases and its folder writable again, with room on the disk; {again}"
        raise DataError(f"{what}: {why.lower()}", where=Place(store.folder), mend=mend, code="OPN15") from error


def _stop(store: Store, wave: str, now: datetime) -> tuple[str, bool]:
    """Take no more answers, in a transaction of its own; the day of the close, and whether employees were promised anonymity."""
    with to_write(store.field) as field:
        row = field.execute(select(WAVES).where(WAVES.c.wave == wave).with_for_update()).one_or_none()
        if row is None:
            raise _unopened(store, field, wave)
        study = json.loads(row.compiled)["study"]
        day: str = row.closed or day_of(now, clock_of(row.compiled)).isoformat()
        if (
            row.state == "open"
        ):  # what an earlier close wrote down, of a store that was brought back from a copy, holds no more
            (note_of(store, wave)).unlink(missing_ok=True)
            field.execute(update(WAVES).where(WAVES.c.wave == wave).values(state="closing", closed=day))
    return day, study["privacy"]["employees"] == "anonymous"


def _facts(store: Store, field: Connection, wave: str, day: str, anonymous: bool) -> dict[str, Any]:
    """What is to be written down of a wave: nothing where it asks no employees."""
    of = (INVITATIONS.c.wave == wave, INVITATIONS.c.audience == _OF)
    by = (INVITATIONS.c.stratum, INVITATIONS.c.state)
    rows = field.execute(select(*by, func.count()).where(*of).group_by(*by)).all()
    if not rows:
        return {}
    with store.sealed.connect() as sealed:
        number = select(func.count()).select_from(ANSWERS).where(ANSWERS.c.wave == wave, ANSWERS.c.audience == _OF)
        released = sealed.execute(number).scalar_one()
    facts = {"symmetry": 1, "holds": "a closed wave", "wave": wave, "closed": day, "released": {_OF: released}}
    if not anonymous or all(state == "asked" for _, state, _ in rows):
        return facts
    strata: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for stratum, state, people in rows:
        strata[stratum][state] = people
    return facts | {"audience": _OF, "groups": counted(strata)}


def _write_down(field: Connection, wave: str, path: Path, facts: Mapping[str, Any]) -> None:
    """Have the disk keep what may be told, before any of it is forgotten; a closed wave's file stays as it is."""
    state = field.execute(select(WAVES.c.state).where(WAVES.c.wave == wave)).scalar_one()
    if not facts or state == "closed" or (path.exists() and "groups" not in facts):
        return
    replace_file(path, json.dumps(facts, ensure_ascii=False, indent=1) + "\n", mode=0o600)


def _drop_links(store: Store, wave: str, audiences: Iterable[str]) -> None:
    """Delete the files of links and of letters; and the key of the links, if no wave is open, while none can be opened."""
    for audience in audiences:
        links_file(store.folder, wave, audience).unlink(missing_ok=True)
    for path in store.folder.glob("print/*.html"):
        if re.fullmatch(rf"{re.escape(wave)}-\d{{4}}-\d\d-\d\d-\d+\.html", path.name):
            path.unlink(missing_ok=True)
    with to_write(store.field) as field:
        if field.dialect.name == "postgresql":
            field.execute(text("LOCK TABLE waves IN SHARE ROW EXCLUSIVE MODE"))
        if field.execute(select(WAVES.c.wave).where(WAVES.c.state == "open")).first() is None:
            (store.folder / "links.key").unlink(missing_ok=True)


def _finish(store: Store, wave: str) -> None:
    """The files are rewritten: the wave is closed."""
    with to_write(store.field) as field:
        field.execute(update(WAVES).where(WAVES.c.wave == wave).values(state="closed"))
    if store.embedded:
        empty_log(store.field)


def _make_forget(field: Connection, wave: str) -> None:
    """Nobody can tell any more from the roster, or from its quotas, who of the employees answered, or when."""
    field.execute(
        update(INVITATIONS)
        .where(INVITATIONS.c.wave == wave, INVITATIONS.c.audience == _OF)
        .values(state="asked", day=None)
    )
    field.execute(delete(QUOTAS).where(QUOTAS.c.wave == wave, QUOTAS.c.audience == _OF))


def _states(field: Connection, wave: str) -> dict[str, dict[str, int]]:
    """How the invitations of a wave ended."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    columns = (INVITATIONS.c.audience, INVITATIONS.c.state)
    rows = field.execute(
        select(*columns, func.count()).where(INVITATIONS.c.wave == wave).group_by(*columns).order_by(*columns)
    )
    for audience, state, people in rows.all():
        found[audience][state] = people
    return dict(found)


def _unopened(store: Store, field: Connection, wave: str) -> DataError:
    waves: Sequence[str] = field.execute(select(WAVES.c.wave).order_by(WAVES.c.wave)).scalars().all()
    mend = f"this store has: {', '.join(waves)}" if waves else "this store has no wave yet"
    return DataError(f"no wave `{wave}` was opened here", where=Place(store.folder), mend=mend, code="OPN13")

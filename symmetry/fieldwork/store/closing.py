"""Closing a wave: no more answers, no more drafts, and a roster that remembers no more than was promised.

The steps are ordered so that a close that was cut off is completed by closing again: what is counted is written down before it is
forgotten, and what is forgotten is forgotten before the files are rewritten.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update

from symmetry.aside import replace_file
from symmetry.errors import DataError, Place
from symmetry.fieldwork.store.cleaning import back_up, check_backup, rewrite
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.links import links_file
from symmetry.fieldwork.store.releasing import release
from symmetry.fieldwork.store.tables import DRAFTS, INVITATIONS, QUOTAS, WAVES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["LEAST", "Closed", "close_wave", "counted"]

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
    backup : a folder for copies of both databases as they are after the close (SQLite).
    patience : seconds to wait for others to let go of the database before its files are rewritten.

    Returns
    -------
    Closed; called again it completes what was cut off, and changes nothing else.

    Raises
    ------
    DataError : OPN13, no such wave was opened; OPN14, the backup cannot be made this way or there; OPN15, the wave is closed and
        its files could not be rewritten; SEA01 or SEA02, held answers cannot be released.
    StoreAwayError : a database cannot be reached or written to.

    Notes
    -----
    Where employees were promised anonymity, the roster forgets who answered and when, and counts by stratum are written into
    `closed-WAVE.json` first, for groups of at least 5 people.  Files of links go, and their key with the last open wave.
    """
    if backup is not None:
        check_backup(store, backup)
    path = store.folder / f"closed-{wave}.json"
    with plainly():
        day, anonymous = _stop(store, wave, now)
        released = release(store, now=now, everything=True, wave=wave)
        with to_write(store.field) as field:
            if anonymous:
                _write_down(field, wave, day, path)
                _make_forget(field, wave)
            mine = select(INVITATIONS.c.token).where(INVITATIONS.c.wave == wave)
            field.execute(delete(DRAFTS).where(DRAFTS.c.token.in_(mine)))
            states = _states(field, wave)
            open_still = field.execute(select(WAVES.c.wave).where(WAVES.c.state == "open")).first() is not None
    for audience in states:
        links_file(store.folder, wave, audience).unlink(missing_ok=True)
    if not open_still:
        (store.folder / "links.key").unlink(missing_ok=True)
    rewrite(store, patience=patience)
    if backup is not None:
        back_up(store, backup)
    return Closed(wave, states, sum(each.left for each in released.values()), path if path.exists() else None)


def counted(strata: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """What may be told of who took part, before the roster forgets it.

    Parameters
    ----------
    strata : stratum → state → people.

    Returns
    -------
    One row for each stratum of at least 5 people; the small ones are pooled, with the next in size where they are few together;
    nothing at all where all people are fewer than 5.

    Examples
    --------
    >>> counted({"north": {"complete": 6, "invited": 3}, "east": {"complete": 2}, "west": {"invited": 3}})
    [{'strata': ['north'], 'complete': 6, 'invited': 3}, {'strata': ['east', 'west'], 'complete': 2, 'invited': 3}]
    """
    by_size = sorted(strata, key=lambda stratum: (sum(strata[stratum].values()), stratum))
    pooled: list[str] = []
    alone: list[str] = []
    for stratum in by_size:
        people = sum(sum(strata[each].values()) for each in pooled)
        small = sum(strata[stratum].values()) < LEAST
        (pooled if small or 0 < people < LEAST else alone).append(stratum)
    groups = [[stratum] for stratum in sorted(alone)] + ([sorted(pooled)] if pooled else [])
    rows: list[dict[str, Any]] = []
    for group in groups:
        states: Counter[str] = Counter()
        for stratum in group:
            states.update(strata[stratum])
        if states.total() >= LEAST:
            rows.append({"strata": group, **dict(sorted(states.items()))})
    return rows


def _stop(store: Store, wave: str, now: datetime) -> tuple[str, bool]:
    """Take no more answers, in a transaction of its own; the day of the close, and whether employees were promised anonymity."""
    with to_write(store.field) as field:
        row = field.execute(select(WAVES).where(WAVES.c.wave == wave).with_for_update()).one_or_none()
        if row is None:
            raise _unopened(store, field, wave)
        study = json.loads(row.compiled)["study"]
        day: str = row.closed or _today(study, now).isoformat()
        field.execute(update(WAVES).where(WAVES.c.wave == wave).values(state="closed", closed=day))
    return day, study["privacy"]["employees"] == "anonymous"


def _write_down(field: Connection, wave: str, day: str, path: Path) -> None:
    """Write down what may be told, unless the roster has forgotten it already."""
    of = (INVITATIONS.c.wave == wave, INVITATIONS.c.audience == _OF)
    number = func.count()
    rows = field.execute(
        select(INVITATIONS.c.stratum, INVITATIONS.c.state, number)
        .where(*of)
        .group_by(INVITATIONS.c.stratum, INVITATIONS.c.state)
    ).all()
    if all(state == "asked" for _, state, _ in rows):
        return
    strata: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for stratum, state, people in rows:
        strata[stratum][state] = people
    body = {
        "symmetry": 1,
        "holds": "a closed wave",
        "wave": wave,
        "audience": _OF,
        "closed": day,
        "groups": counted(strata),
    }
    replace_file(path, json.dumps(body, ensure_ascii=False, indent=1) + "\n")
    path.chmod(0o600)


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


def _today(study: Mapping[str, Any], now: datetime) -> date:
    contact = study.get("contact") or {}
    return now.astimezone(ZoneInfo(contact["tz"]) if contact.get("tz") else UTC).date()


def _unopened(store: Store, field: Connection, wave: str) -> DataError:
    waves: Sequence[str] = field.execute(select(WAVES.c.wave).order_by(WAVES.c.wave)).scalars().all()
    mend = f"this store has: {', '.join(waves)}" if waves else "this store has no wave yet"
    return DataError(f"no wave `{wave}` was opened here", where=Place(store.folder), mend=mend, code="OPN13")

"""Retention: names go when the study no longer needs them, and words that people wrote some time later.

The study says for how long after the close of a wave (`privacy: {keep_identity: …, keep_verbatim: …}`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, delete, select, update

from symmetry.aside import replace_file
from symmetry.fieldwork.columns import columns_of
from symmetry.fieldwork.contacts.forgetting import is_name, rename
from symmetry.fieldwork.contacts.ledger import addresses_of
from symmetry.fieldwork.contacts.marking import ledger_key
from symmetry.fieldwork.store.cleaning import empty_log
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.sealing import plain
from symmetry.fieldwork.store.tables import ADDRESSES, ANSWERS, CONTACTED, EVENTS, INVITATIONS, RESPONSES, WAVES
from symmetry.fieldwork.timing import day_of, stamp
from symmetry.spec import Contact, study_in

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection, Engine, Select

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["FILES", "clock_of", "erased_on", "retain"]

FILES = ("aside", "drop/done", "print")
"""Folders of the store with files of people: as they came in, and letters."""


def retain(store: Store, now: datetime) -> Counter[str]:
    """Keep nothing longer than the study says.

    Parameters
    ----------
    store : the field.
    now : the moment; days are those of each wave's time zone.

    Returns
    -------
    "names" of invitations that became pseudonyms, "events" that no wave followed and that lost theirs, "addresses" and "files"
    that were deleted, "verbatims": answers that lost what was written; nothing that did not happen.  Called again it finds
    nothing more.

    Raises
    ------
    DataError : LED02, the key of the ledger is damaged.
    StoreAwayError : a database cannot be reached or written to; what was done stays.

    Notes
    -----
    Names of a closed wave become pseudonyms, in its invitations, messages and events; an address goes with the last name that
    may still need it.  Answers to open questions are taken out of the stored answers, and the day is kept in `kept-WAVE.json`.
    What belongs to no wave goes once the time of every wave is over and it is older than all of them may keep names: events that
    none followed, addresses and contacts of people who were never asked, files of people.  Files are as old as the disk says,
    so a rehearsal, which has a clock of its own, leaves them.
    """
    with plainly():
        with store.field.connect() as field:
            rows = field.execute(select(WAVES).order_by(WAVES.c.wave)).all()
        closed = [row for row in rows if row.state == "closed"]
        over = [row.wave for row in closed if _is_over(row, "keep_identity", now)]
        since = now - timedelta(hours=max(map(_kept, rows))) if rows and len(over) == len(rows) else None
        done = Counter(_forget_names(store, over, since))
        done["verbatims"] = sum(_forget_words(store, row, now) for row in closed if _is_over(row, "keep_verbatim", now))
        if store.embedded and done.total():
            for engine in (store.field, store.sealed):
                empty_log(engine)
        if since is not None and all(row.rehearsal is None for row in rows):
            done["files"] = _drop_files(store, since)
    return +done


def erased_on(store: Store, wave: str) -> str | None:
    """The day on which what people wrote in a wave was erased; None while it is kept."""
    path = _note(store, wave)
    return str(json.loads(path.read_text(encoding="utf-8"))["verbatims_erased"]) if path.exists() else None


def _note(store: Store, wave: str) -> Path:
    return store.folder / f"kept-{wave}.json"


def clock_of(compiled: str) -> Contact:
    """The time zone by which a wave counts days, as rules that say no more than that."""
    return Contact(tz=(json.loads(compiled)["study"].get("contact") or {}).get("tz", "UTC"))


def _kept(row: Row[Any]) -> float:
    """Hours for which a wave keeps names."""
    return float(json.loads(row.compiled)["study"]["privacy"]["keep_identity"])


def _is_over(row: Row[Any], rule: str, now: datetime) -> bool:
    """Whether a closed wave's time to keep something is over."""
    told = json.loads(row.compiled)["study"]
    hours = told["privacy"].get(rule)
    if hours is None:
        return False
    return day_of(now, clock_of(row.compiled)) >= date.fromisoformat(row.closed) + timedelta(hours=hours)


def _forget_names(store: Store, waves: Sequence[str], since: datetime | None) -> dict[str, int]:
    """Names of these waves, and addresses that nothing else needs; since a moment, also what no wave holds and came before it."""
    tables = (INVITATIONS, EVENTS)
    named = [select(table.c.contact).where(table.c.wave.in_(waves), is_name(table.c.contact)) for table in tables]
    unfollowed = select(EVENTS.c.contact).where(EVENTS.c.wave.is_(None), is_name(EVENTS.c.contact))
    if since is not None:
        day = stamp(since)[:10]
        named.append(unfollowed.where(EVENTS.c.received < stamp(since)))
        named += [
            select(table.c.contact).where(table.c.day < day, is_name(table.c.contact))
            for table in (ADDRESSES, CONTACTED)
        ]
    with store.field.connect() as field:
        contacts = sorted({contact for look in named for contact in field.execute(look).scalars()})
    if not contacts:
        return {}
    key = ledger_key(store.folder)
    with to_write(store.field) as field:
        renamed = rename(field, key, contacts, waves)
        done = _unneeded(field, contacts)
        gone = set(done)
        events = sum(contact in gone for contact in field.execute(unfollowed).scalars())
        rename(field, key, done)
        there = list(addresses_of(field, done))
        if there:
            theirs = delete(ADDRESSES).where(ADDRESSES.c.contact == bindparam("of"))
            field.execute(theirs, [{"of": contact} for contact in there])
    return {"names": renamed, "events": events, "addresses": len(there)}


def _unneeded(field: Connection, contacts: Collection[str]) -> list[str]:
    """Those of some contacts whose name no wave and no waiting event needs."""
    asked = field.execute(select(INVITATIONS.c.contact).where(is_name(INVITATIONS.c.contact))).scalars()
    waiting = field.execute(select(EVENTS.c.contact).where(EVENTS.c.state == "waiting")).scalars()
    return sorted(set(contacts) - set(asked) - set(waiting))


def _drop_files(store: Store, since: datetime) -> int:
    """Delete files of people that were written before a moment; how many there were."""
    paths = (path for folder in FILES for path in store.folder.glob(f"{folder}/*") if path.is_file())
    old = [path for path in paths if path.stat().st_mtime < since.timestamp()]
    for path in old:
        path.unlink()
    return len(old)


def _forget_words(store: Store, row: Row[Any], now: datetime) -> int:
    """Take answers to open questions out of what is stored; in how many answers there were some.  The note comes last."""
    if _note(store, row.wave).exists():
        return 0
    study = study_in(json.loads(row.compiled), Path(f"{row.wave}.json"))
    words = {
        audience: {column.name for column in columns_of(study, row.wave, audience) if column.item.role == "verbatim"}
        for audience in study.waves[row.wave].audiences
    }
    open_ones = (
        select(RESPONSES.c.token, RESPONSES.c.answers, INVITATIONS.c.audience)
        .join(INVITATIONS, INVITATIONS.c.token == RESPONSES.c.token)
        .where(INVITATIONS.c.wave == row.wave)
    )
    sealed_ones = select(ANSWERS.c.key, ANSWERS.c.answers, ANSWERS.c.audience).where(ANSWERS.c.wave == row.wave)
    changed = _rewrite_answers(store.field, RESPONSES.c.token, open_ones, words)
    changed += _rewrite_answers(store.sealed, ANSWERS.c.key, sealed_ones, words)
    day = day_of(now, study.contact or Contact()).isoformat()
    note = {"symmetry": 1, "holds": "what a closed wave no longer keeps", "wave": row.wave, "verbatims_erased": day}
    replace_file(_note(store, row.wave), json.dumps(note, indent=1) + "\n", mode=0o600)
    return changed


def _rewrite_answers(engine: Engine, by: Column[Any], wanted: Select[Any], words: Mapping[str, Collection[str]]) -> int:
    """Write answers again without some columns of their audience; how many had one."""
    with to_write(engine) as connection:
        changed = []
        for name, text, audience in connection.execute(wanted).all():
            answers = json.loads(text)
            kept = {column: answer for column, answer in answers.items() if column not in words[audience]}
            if len(kept) < len(answers):
                changed.append({"of": name, "new": plain(kept)})
        if changed:
            rewritten = update(by.table).where(by == bindparam("of")).values(answers=bindparam("new"))
            connection.execute(rewritten, sorted(changed, key=itemgetter("of")))
    return len(changed)

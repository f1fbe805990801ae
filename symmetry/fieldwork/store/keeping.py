"""Opening a wave and closing it: each may be cut off anywhere, and who runs it again ends in the same place.

A wave is *opened* in an order that loses nothing: it is sealed beside its study, then the sealed database keeps the key of the
boxes, then the field database gets wave and roster in one transaction; before that last commit nobody can answer.

It is *closed* in another (see `closing`): first, in a transaction of its own, no more answers are taken ("closing"); then held
answers are released, the roster forgets what it must, drafts go, and the files are rewritten, so that nothing of it is left in
them; only then it is "closed".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, text, update

from symmetry.errors import DataError, Place
from symmetry.fieldwork.asking.paging import asked_of
from symmetry.fieldwork.cases.owning import keep_owners
from symmetry.fieldwork.store.closing import close_wave
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.links import links, write_links
from symmetry.fieldwork.store.opening import links_key
from symmetry.fieldwork.store.rosters import add_roster, check_quotas, check_samples, is_drawn, roster_of
from symmetry.fieldwork.store.sealing import new_seal
from symmetry.fieldwork.store.tables import KEYS, WAVES
from symmetry.fieldwork.timing import day_of
from symmetry.spec import Contact, compile_wave, read_seal, seal

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.asking.nouns import Asked
    from symmetry.fieldwork.nouns import Sample
    from symmetry.fieldwork.store.nouns import Store
    from symmetry.spec import Study

__all__ = ["Opened", "check_samples", "close_wave", "links", "open_wave", "write_links"]


@dataclass(frozen=True)
class Opened:
    """A wave that is open.

    Attributes
    ----------
    wave : its key.
    invited : audience → how many people of its sample are invited.
    added : audiences whose roster was added by this call; none where it found everything in place.
    seal : the sealed file beside the study; None for a rehearsal, which seals nothing.
    closing : other waves of the store whose close was cut off, and should be completed.
    triggered : audiences of a hot wave that are asked as events happen.
    """

    wave: str
    invited: Mapping[str, int]
    added: tuple[str, ...]
    seal: Path | None
    closing: tuple[str, ...] = ()
    triggered: tuple[str, ...] = ()


def open_wave(
    store: Store,
    study: Study,
    wave: str,
    samples: Sequence[Sample],
    *,
    on: date,
    rehearse_on: date | None = None,
    now: datetime | None = None,
    tell: Callable[[int], None] | None = None,
) -> Opened:
    """Open a wave of a study for the people drawn, or, of a hot wave, for those to whom something happens.

    Parameters
    ----------
    store : where.
    study : without errors.
    wave : key of one of its waves.
    samples : one for each audience that the wave draws; an audience without a sample in the study may be left out, and so may
        one that a hot wave asks as events happen.
    on : the day of sealing and, of a wave without a window, the first day of answers.
    rehearse_on : a day of the wave that shall stand for today: the wave is tried out, and its answers are simulated ones.
    now : given, a wave whose last day is over is refused.
    tell : hears how many people were added, now and then; none means silence.

    Returns
    -------
    Opened; called again with the same, it changes nothing and says so.

    Raises
    ------
    DataError : OPN01 to OPN05, the samples do not fit; OPN06, the wave was closed; OPN07, it was opened as another one; OPN08 and
        OPN09, with another sample or key; OPN10, its last day is over, or the day of rehearsal is none of its days; OPN11, the
        sealed database lost its key; OPN20 to OPN22, it cannot be asked in pages; OPN23, a quota of employees counts by what is
        not kept of all of them; OPN24, the store is for rehearsals, or for waves in earnest; OPN25, employees follow no events.
    SpecError : FLD05, it was sealed with another content.
    StoreAwayError : a database cannot be reached or written to.
    """
    check_samples(study, wave, samples)
    row = _row(study, wave, on, rehearse_on)
    _check_days(study, row, now)
    following = _following(study, wave, samples)
    for audience in (*(sample.audience for sample in samples), *following):
        _check_asked(asked_of(study, wave, audience, first=on))
    for sample in samples:
        check_quotas(study, sample)
    path = None if rehearse_on else study.path.parent / "fielded" / f"{wave}.json"
    with plainly():
        _refuse_other(store, row, sealed=path)
        if path is not None:
            fielded = read_seal(seal(study, wave, on=on.isoformat()))
            row |= {"compiled": _json(fielded.compiled), "sha256": fielded.sha256}
        with store.field.connect() as field:
            key = _key(store, field)
        rosters = {sample.audience: roster_of(study, sample, key) for sample in samples}
        with to_write(store.field) as field:
            if field.dialect.name == "postgresql":
                field.execute(text("LOCK TABLE waves IN SHARE ROW EXCLUSIVE MODE"))
                field.execute(text("SET LOCAL statement_timeout = 0"))
            if _key(store, field) != key:  # meanwhile the last open wave was closed, and the key went with it
                rosters = {sample.audience: roster_of(study, sample, links_key(store.folder)) for sample in samples}
            _add_wave(store, field, row, "employees" in rosters)
            added = tuple(audience for audience, roster in rosters.items() if add_roster(field, roster, tell))
            closing = field.execute(select(WAVES.c.wave).where(WAVES.c.state == "closing").order_by(WAVES.c.wave))
            left = tuple(closing.scalars())
            triggered = tuple(audience for audience in following if not is_drawn(field, wave, audience))
    keep_owners(store.folder, study)
    return Opened(wave, {audience: len(roster) for audience, roster in rosters.items()}, added, path, left, triggered)


def _following(study: Study, wave: str, samples: Sequence[Sample]) -> tuple[str, ...]:
    """Audiences that a hot wave asks as events happen: those that have no sample here."""
    drawn = {sample.audience for sample in samples}
    asked = study.waves[wave].audiences if study.waves[wave].after is not None else ()
    return tuple(audience for audience in asked if audience not in drawn and audience != "employees")


def _row(study: Study, wave: str, on: date, rehearse_on: date | None) -> dict[str, Any]:
    """The wave as the store would hold it, before it is sealed."""
    window = study.waves[wave].window
    compiled = _json(compile_wave(study, wave))
    return {
        "wave": wave,
        "study": study.key,
        "compiled": compiled,
        "sha256": hashlib.sha256(compiled.encode()).hexdigest(),  # as its sealed file has it
        "state": "open",
        "opened": on.isoformat(),
        "first": window[0] if window else min(on, rehearse_on or on).isoformat(),
        "last": window[1] if window else None,
        "closed": None,
        "rehearsal": rehearse_on.isoformat() if rehearse_on else None,
        "seal": None,
        "public": None,
    }


def _check_asked(asked: Asked) -> None:
    """Refuse questions that nobody can be asked."""
    for column in asked.columns.values():
        if column.scale is not None and column.scale.published:
            raise DataError(
                f"`{column.name}` holds figures that were published of whole units: no person can be asked it",
                mend=f"take `{column.item.key}` out of wave `{asked.wave.key}`, or give it a scale that people answer on",
                code="OPN22",
            )


def _key(store: Store, field: Connection) -> bytes:
    """The key of the links; drawn only where no open wave has links."""
    some = field.execute(select(WAVES.c.wave).where(WAVES.c.state == "open").limit(1)).first()
    return links_key(store.folder, draw=some is None)


def _check_days(study: Study, row: Mapping[str, Any], now: datetime | None) -> None:
    """Refuse a wave that nobody could answer."""
    first, last, rehearsal = row["first"], row["last"], row["rehearsal"]
    if rehearsal is not None:
        if rehearsal < first or (last is not None and rehearsal > last):
            what = f"{rehearsal} is no day of wave `{row['wave']}`, which runs from {first} to {last}"
            raise DataError(what, mend="rehearse on a day between them", code="OPN10")
    elif now is not None and last is not None:
        today = day_of(now, study.contact or Contact()).isoformat()
        if today > last:
            what = f"the last day of wave `{row['wave']}` was {last}, and today is {today}"
            raise DataError(what, mend="give the wave another window, or rehearse it with --rehearse-on", code="OPN10")


def _refuse_other(store: Store, row: Mapping[str, Any], *, sealed: Path | None) -> None:
    """Refuse a wave that the store holds as closed, or as another one; asked before anything is written."""
    with store.field.connect() as field:
        rows = {each.wave: each for each in field.execute(select(WAVES))}
    place = Place(store.folder)
    there = rows.get(row["wave"])
    if there is None:
        tried = [wave for wave, each in rows.items() if (each.rehearsal is None) != (row["rehearsal"] is None)]
        if tried:
            what = f"wave `{tried[0]}` of this store is {'in earnest' if row['rehearsal'] else 'a rehearsal'}"
            mend = "name another --store: a rehearsal takes a folder of its own"
            raise DataError(what, where=place, mend=mend, code="OPN24")
        return
    if there.state != "open":
        what = f"wave `{row['wave']}` was closed on {there.closed}"
        raise DataError(what, where=place, mend="a closed wave stays closed: open another one", code="OPN06")
    other = [name for name in ("study", "first", "last", "rehearsal") if _is_other(there, row, name)]
    sha256 = read_seal(sealed).sha256 if sealed is not None and sealed.exists() else row["sha256"]
    if other or there.sha256 != sha256:
        said = ", ".join(f"{name} {getattr(there, name) or 'none'}, not {row[name] or 'none'}" for name in other)
        raise DataError(
            f"wave `{row['wave']}` is open as another one: {said or 'what it asks has changed'}",
            where=place,
            mend="open it as it was opened, or another wave; a rehearsal takes a folder of its own",
            code="OPN07",
        )


def _is_other(there: Any, row: Mapping[str, Any], name: str) -> bool:
    """Whether the store holds something else; a wave without a window began when it was opened first, and a rehearsal goes on."""
    if name == "first" and row["last"] is None:
        return row["rehearsal"] is not None and bool(row["rehearsal"] < there.first)
    if name == "rehearsal" and there.rehearsal is not None and row[name] is not None:
        return bool(there.rehearsal < row[name])
    return bool(getattr(there, name) != row[name])


def _add_wave(store: Store, field: Connection, row: Mapping[str, Any], employees: bool) -> None:
    """Add the wave, with a key for its boxes, which the sealed database holds before anyone can lock one."""
    there = field.execute(select(WAVES).where(WAVES.c.wave == row["wave"])).one_or_none()
    if there is None:
        field.execute(insert(WAVES).values(**row))
    if not employees:
        return
    with to_write(store.sealed) as sealed:
        if there is not None and there.seal is not None:
            held = select(KEYS.c.seal).where(KEYS.c.wave == row["wave"], KEYS.c.seal == there.seal)
            if sealed.execute(held).first() is None:
                raise DataError(
                    f"the sealed database has lost the key of wave `{row['wave']}`",
                    where=Place(store.folder),
                    mend="bring it back from a copy of the same evening as the field's",
                    code="OPN11",
                )
            return
        public, private = new_seal()
        sealed.execute(
            delete(KEYS).where(KEYS.c.wave == row["wave"])
        )  # of an opening that was cut off: it locked nothing
        sealed.execute(insert(KEYS).values(seal=1, wave=row["wave"], private=private))
    field.execute(update(WAVES).where(WAVES.c.wave == row["wave"]).values(seal=1, public=public))


def _json(compiled: Mapping[str, Any]) -> str:
    return json.dumps(compiled, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

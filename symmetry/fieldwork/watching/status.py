"""How a field stands: everything that is watched of every wave, and what needs attention, as plain data."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from symmetry.errors import DataError, Place
from symmetry.fieldwork.cases.owning import owners_of
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.standing import asked_in, audiences_in, today_of
from symmetry.fieldwork.store.tables import WAVES
from symmetry.fieldwork.timing import stamp
from symmetry.fieldwork.watching.dispositions import of_units, segments_of
from symmetry.fieldwork.watching.loads import alerting, calls, delivery, rests
from symmetry.fieldwork.watching.noticing import notices_of, overloads
from symmetry.fieldwork.watching.nouns import AudienceStatus, Names, Status, WaveStatus
from symmetry.fieldwork.watching.pace import pace_of, sealed_pace
from symmetry.fieldwork.watching.sealed import of_sealed
from symmetry.fieldwork.watching.units import units_of
from symmetry.fieldwork.watching.volumes import planned, volumes

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.asking.nouns import Asked
    from symmetry.fieldwork.store.nouns import Store
    from symmetry.spec import Study

__all__ = ["status_of"]


def status_of(store: Store, now: datetime, *, study: Study | None = None, wave: str | None = None) -> Status:
    """How a field stands; nothing is written.

    Parameters
    ----------
    store : the field.
    now : the moment, with its time zone; of a field that is rehearsed its own, by `now_of`.
    study : the whole of it, for what is expected and how many hours owners have, which a sealed wave does not hold; without it
        no volume is judged by the plan.
    wave : of this wave alone.

    Returns
    -------
    Status.

    Raises
    ------
    DataError : WAT01, no such wave was opened here; WAT02, the study is another one.
    StoreAwayError : the database cannot be reached.
    """
    with plainly(), store.field.connect() as connection:
        rows = connection.execute(select(WAVES).order_by(WAVES.c.opened, WAVES.c.wave)).all()
        mine = [row for row in rows if wave in (None, row.wave)]
        if wave is not None and not mine:
            there = ", ".join(row.wave for row in rows) or "none"
            what = f"no wave `{wave}` was opened here"
            raise DataError(what, where=Place(store.folder), mend=f"this store has: {there}", code="WAT01")
        for row in mine:
            if study is not None and row.study != study.key:
                what = f"wave `{row.wave}` is of study `{row.study}`, not `{study.key}`"
                raise DataError(what, where=Place(store.folder), mend="name the study of this store", code="WAT02")
        waves = tuple(_wave(connection, store, row, now, study) for row in mine)
    return Status(stamp(now), waves, (*(notice for each in waves for notice in notices_of(each)), *overloads(waves)))


def _wave(connection: Connection, store: Store, row: Any, now: datetime, study: Study | None) -> WaveStatus:
    """How one wave stands."""
    questionnaires = [asked_in(connection, row.wave, audience) for audience in audiences_in(connection, row.wave)]
    first = questionnaires[0]
    today = today_of(first, now)
    ends = [date.fromisoformat(day) for day in (row.closed, row.last) if day]
    until = min([today - timedelta(days=1), *ends])
    capacity = {key: owner.hours for key, owner in study.owners.items() if owner.hours is not None} if study else {}
    return WaveStatus(
        row.wave,
        row.study,
        first.study.title,
        first.wave.kind,
        row.state,
        first.first,
        first.last,
        until,
        row.rehearsal is not None,
        tuple(_audience(connection, store, asked, until, now, study) for asked in questionnaires),
        () if all(asked.sealed for asked in questionnaires) else alerting(connection, first, until, capacity),
        calls(connection, row.wave, now),
        first.study.languages,
        _names(store, first, study),
    )


def _names(store: Store, asked: Asked, study: Study | None) -> Names:
    """What a study calls its items, their values, and its owners; a sealed wave knows no labels of what is asked in it."""
    items = {**asked.study.items, **(study.items if study is not None else {})}
    return Names(
        {key: item.label for key, item in items.items() if item.label},
        {key: item.values for key, item in items.items() if item.values},
        {key: owner.name for key, owner in owners_of(store.folder, asked.study.key).items()},
        {audience: tuple(sampling.by) for audience, sampling in asked.wave.sampling.items()},
    )


def _audience(
    connection: Connection, store: Store, asked: Asked, until: date, at: datetime, study: Study | None
) -> AudienceStatus:
    """How one audience of a wave stands."""
    if asked.sealed:
        told, pace = of_sealed(connection, store, asked), sealed_pace(store, asked)
        return AudienceStatus(asked.audience, told, (), pace, delivery(connection, asked, (), at), ())
    units = units_of(connection, store, asked)
    plan = planned(study, asked.wave.key, asked.audience) if study is not None and asked.wave.key in study.waves else {}
    return AudienceStatus(
        asked.audience,
        of_units(connection, asked, units),
        volumes(connection, asked, units, until, plan),
        pace_of(asked, units),
        delivery(connection, asked, units, at),
        rests(connection, asked, units, segments_of(asked, units)),
    )

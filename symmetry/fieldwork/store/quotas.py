"""Quotas: at most so many answers in a cell, counted in the transaction that records the answer.

A place is taken by one statement that looks and counts at once, so that two writers can never share the last one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, bindparam, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from symmetry.fieldwork.asking.nouns import Asked
from symmetry.fieldwork.store.tables import QUOTAS

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["Cell", "cells_of", "is_full", "period_of", "take"]

Cell = Mapping[str, Any]
"""A row of `quotas`, without the count: wave, audience, quota, cell, period, most."""

_KEYS = ("wave", "audience", "quota", "cell", "period")
_HERE = and_(*(QUOTAS.c[key] == bindparam(f"of_{key}") for key in _KEYS))
_TAKE = update(QUOTAS).where(_HERE, QUOTAS.c.taken < QUOTAS.c.most).values(taken=QUOTAS.c.taken + 1)
_GIVE_BACK = update(QUOTAS).where(_HERE).values(taken=QUOTAS.c.taken - 1)


def cells_of(asked: Asked, known: Mapping[str, str], day: date) -> list[Cell]:
    """The cells in which an answer of this person counts on a day, one for each quota of the audience's sample.

    Parameters
    ----------
    asked : the questionnaire; its wave says the quotas.
    known : frame item → what is known of the person; what is not known counts in a cell of its own.
    day : of the answer, in the wave's time zone.
    """
    sampling = asked.wave.sampling.get(asked.audience)
    return [
        {
            "wave": asked.wave.key,
            "audience": asked.audience,
            "quota": str(quota),
            "cell": json.dumps([known.get(item, "") for item in quota.by], ensure_ascii=False),
            "period": period_of(quota.period, day),
            "most": quota.count,
        }
        for quota in (sampling.quotas if sampling else ())
    ]


def period_of(period: str, day: date) -> str:
    """The name of the day, week, month or wave in which a day lies.

    Examples
    --------
    >>> [period_of(each, date(2027, 1, 1)) for each in ("day", "week", "month", "wave")]
    ['2027-01-01', '2026-W53', '2027-01', 'wave']
    """
    if period == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return {"day": day.isoformat(), "month": f"{day:%Y-%m}"}.get(period, "wave")


def is_full(connection: Connection, cells: Sequence[Cell]) -> bool:
    """Whether one of the cells has no place left."""
    here = or_(*(_is(cell) for cell in cells))
    return (
        connection.execute(select(literal(1)).where(here, QUOTAS.c.taken >= QUOTAS.c.most).limit(1)).first() is not None
    )


def take(connection: Connection, cells: Sequence[Cell]) -> bool:
    """Take one place in every cell, or none.

    Parameters
    ----------
    connection : to the field database, in the transaction that records the answer.
    cells : from `cells_of`; those not counted yet are made.

    Returns
    -------
    Whether there was a place in all of them; if not, nothing has changed.
    """
    for number, cell in enumerate(cells):
        if not _take_one(connection, cell):
            for taken in cells[:number]:
                connection.execute(_GIVE_BACK, _named(taken))
            return False
    return True


def _take_one(connection: Connection, cell: Cell) -> bool:
    """Count one answer in a cell: where it was counted before, else by making it; another writer may do so meanwhile."""
    if connection.execute(_TAKE, _named(cell)).rowcount:
        return True
    made = connection.execute(_new(connection.dialect.name), {**cell, "taken": 1}).first()
    return made is not None or bool(connection.execute(_TAKE, _named(cell)).rowcount)


@cache
def _new(dialect: str) -> ReturningInsert[int]:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(QUOTAS).on_conflict_do_nothing().returning(QUOTAS.c.taken)


def _named(cell: Cell) -> dict[str, Any]:
    return {f"of_{key}": cell[key] for key in _KEYS}


def _is(cell: Cell) -> ColumnElement[bool]:
    return and_(*(QUOTAS.c[key] == cell[key] for key in _KEYS))

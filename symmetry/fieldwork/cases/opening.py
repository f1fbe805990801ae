"""Cases opened: an answer that calls for an answer gets one with its clocks, in the transaction that records it.

Only customers' and observers' answers do; those of employees are in a locked box by then, and nobody is called back.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from symmetry.errors import DataError
from symmetry.fieldwork.asking.once import once
from symmetry.fieldwork.cases.owning import owners_of
from symmetry.fieldwork.store.tables import CASES
from symmetry.fieldwork.timing import NOON, stamp, zone_of
from symmetry.spec import read_condition, route_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.asking.nouns import Answer, Asked
    from symmetry.fieldwork.cases.owning import KnownOwner
    from symmetry.fieldwork.store.nouns import Store
    from symmetry.fieldwork.store.standing import Invitation
    from symmetry.spec import Study

    Leads = Callable[[Mapping[str, Any]], bool]

__all__ = ["alerts_in", "open_cases"]

_LOG = logging.getLogger("symmetry.fieldwork.cases")


@dataclass(frozen=True)
class _Alerts:
    """The alerts that answers to a questionnaire can raise, compiled; frame items in numbers."""

    raised: tuple[tuple[str, Leads], ...]
    numeric: tuple[str, ...]


def open_cases(connection: Connection, store: Store, done: Sequence[tuple[Invitation, datetime]]) -> int:
    """Open a case for each alert that a finished answer raises.

    Parameters
    ----------
    connection : to the field database, in the transaction that records the answers.
    store : the field.
    done : each invitation that was completed just now, and when.

    Returns
    -------
    How many were opened; one that is there stays as it is.
    """
    rows = [row for invitation, at in done for row in _rows(store, invitation, at)]
    if not rows:
        return 0
    tokens = {row["token"] for row in rows}
    held = connection.execute(select(*CASES.c["token", "wave", "alert"]).where(CASES.c.token.in_(tokens)))
    there = {(bytes(row.token), row.wave, row.alert) for row in held}
    new = [row for row in rows if (row["token"], row["wave"], row["alert"]) not in there]
    taken: set[str] = set()
    for row in new:
        row["case"] = _name(connection, row, taken)
        taken.add(row["case"])
    if new:
        connection.execute(insert(CASES), new)
    return len(new)


def alerts_in(asked: Asked, known: Mapping[str, str], answers: Mapping[str, Answer]) -> tuple[str, ...]:
    """The alerts that finished answers raise, in the order of the study; none of a sealed audience.

    Parameters
    ----------
    asked : the questionnaire.
    known : frame item → what is known of the person.
    answers : data column → answer.
    """
    alerts = _alerts(asked)
    if not alerts.raised:
        return ()
    row: dict[str, Any] = {**known, **answers}
    for name in alerts.numeric:
        row[name] = _number(known.get(name, ""))
    return tuple(key for key, leads in alerts.raised if leads(row))


@once
def _alerts(asked: Asked) -> _Alerts:
    """An alert is read as a route is; one that names what this audience is not asked cannot be raised by it."""
    study = asked.study
    if asked.sealed:
        return _Alerts((), ())
    frame = {key for key, item in study.items.items() if item.role == "frame"}
    raised = tuple(
        (key, _compiled(study, alert.when, asked.audience))
        for key, alert in study.registered.alerts.items()
        if set(read_condition(alert.when).columns) <= {*asked.columns, *frame}
    )
    return _Alerts(raised, tuple(key for key in frame if study.items[key].numeric))


def _compiled(study: Study, when: str, audience: str) -> Leads:
    """A condition as a function of answers: that of a route, put to some item of the study."""
    key, item = next(iter(study.items.items()))
    return route_of(replace(study, items={**study.items, key: replace(item, ask_if=when)}), key, audience)


def _rows(store: Store, invitation: Invitation, at: datetime) -> Iterator[dict[str, Any]]:
    """The cases of one finished answer, without their names."""
    asked = invitation.asked
    keys = alerts_in(asked, invitation.known, invitation.answers)
    if not keys:
        return
    opened = _moment(asked, at)
    owners = _owners(store, asked)
    for key in keys:
        alert = asked.study.registered.alerts[key]
        owner = owners.get(alert.owner)
        within = owner.within if owner else None
        yield {
            "wave": asked.wave.key,
            "alert": key,
            "token": invitation.token,
            "owner": alert.owner,
            "unit": invitation.known.get(within, "") if within else "",
            "opened": stamp(opened),
            "call_back_by": stamp(opened + timedelta(hours=alert.call_back)),
            "close_by": stamp(opened + timedelta(hours=alert.close)),
        }


def _owners(store: Store, asked: Asked) -> Mapping[str, KnownOwner]:
    """The owners of the study; where their file is damaged no answer is lost: its case has no unit, and that is logged."""
    try:
        return owners_of(store.folder, asked.study.key)
    except DataError as error:
        _LOG.error("cases are opened without a unit: %s", error.problems[0].code)
        return {}


def _moment(asked: Asked, at: datetime) -> datetime:
    """When the answer was finished; in a rehearsal, noon of the day that stands for today, as `timing.now_of` has it."""
    if asked.rehearsal is None:
        return at.astimezone(UTC)
    return datetime.combine(asked.rehearsal, NOON, zone_of(asked.study.contact)).astimezone(UTC)


def _name(connection: Connection, row: Mapping[str, Any], taken: set[str]) -> str:
    """The name of a case: 8 letters and digits that follow from wave, alert and answer; others where another has them."""
    number = 0
    while True:
        name = _letters(json.dumps([row["wave"], row["alert"], row["token"].hex(), number]).encode())
        if name not in taken and connection.execute(select(CASES.c.case).where(CASES.c.case == name)).first() is None:
            return name
        number += 1


def _letters(said: bytes) -> str:
    """Eight letters and digits that follow from what is said."""
    return base64.b32encode(hashlib.blake2b(said, digest_size=5, person=b"symmetry case").digest()).decode().lower()


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None

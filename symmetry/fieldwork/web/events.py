"""Events that systems post: `POST /events`, a list of interactions as JSON, each answered in its place.

Whoever posts shows a key (`Authorization: Bearer …`).  A list is taken in one transaction, in a thread, so that the pages go on;
what was answered 200 is on the disk, and may be posted again without harm, as after a 503 or a silence it should be.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

import anyio
from sqlalchemy import select
from starlette.responses import Response

from symmetry.fieldwork.store.failing import StoreAwayError, plainly
from symmetry.fieldwork.store.tables import WAVES
from symmetry.fieldwork.taking.callers import caller_of
from symmetry.fieldwork.taking.interactions import take_events
from symmetry.fieldwork.timing import now_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from symmetry.fieldwork.store.nouns import Store
    from symmetry.fieldwork.taking.nouns import Said, Taken

__all__ = ["MOST_BODY", "MOST_EVENTS", "Events"]

MOST_BODY = 1024 * 1024
MOST_EVENTS = 1000
_TAKERS = 2  # threads that take at the same time
_LONGEST_NUMBER = 30
_JSON = (b"application/json", b"application/json;charset=utf-8")


class Events:
    """Where systems post what happened.

    Parameters
    ----------
    store : of the field.
    now : what time it is, with its time zone; a rehearsal goes by its own day.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._takers = anyio.CapacityLimiter(_TAKERS)

    async def post(self, request: Request) -> Response:
        """Take a list of events from who may post them."""
        key = _key_in(request)
        body = await request.body()
        try:
            return await anyio.to_thread.run_sync(self._answer, key, _kind(request), body, limiter=self._takers)
        except StoreAwayError:
            return _said(503, "the store is away: nothing was taken, post the same again", {"Retry-After": "30"})

    def _answer(self, key: str, kind: bytes, body: bytes) -> Response:
        """What to answer, and why."""
        with plainly(), self._store.field.connect() as connection:
            caller = caller_of(connection, key) if key else None
        if caller is None:
            return _said(401, "no key of this field", {"WWW-Authenticate": "Bearer"})
        if kind not in _JSON:
            return _said(415, "post application/json, in UTF-8")
        if len(body) > MOST_BODY:
            return _said(413, f"post at most {MOST_BODY} bytes")
        try:
            events = _events(body)
        except _NotOursError as error:
            return _said(422, str(error))
        if len(events) > MOST_EVENTS:
            return _said(413, f"post at most {MOST_EVENTS} events at once")
        taken = take_events(self._store, events, at=self._clock(), by=caller)
        return _json(200, _told(taken, events))

    def _clock(self) -> datetime:
        """Now, for events: in a rehearsal they come in on its day."""
        with plainly(), self._store.field.connect() as connection:
            rehearsed = connection.execute(select(WAVES.c.wave).where(WAVES.c.rehearsal.is_not(None)).limit(1)).first()
        return now_of(self._store) if rehearsed else self._now()


class _NotOursError(Exception):
    """A body that is no list of events."""


def _key_in(request: Request) -> str:
    """The key that a request shows; "" without one."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _kind(request: Request) -> bytes:
    if request.headers.get("content-encoding"):
        return b""
    return b"".join(request.headers.get("content-type", "").lower().encode().split()).replace(b'"', b"")


def _events(body: bytes) -> list[dict[str, Any]]:
    """The events in a body, read strictly."""
    try:
        said = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_no_constant,
            parse_int=_whole,
            parse_float=_finite,
        )
    except (ValueError, RecursionError) as error:
        raise _NotOursError("the body is no JSON in UTF-8") from error
    if not isinstance(said, list) or not all(isinstance(each, dict) for each in said):
        raise _NotOursError("the body is no list of objects")
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which every name stands once."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotOursError("an object names something twice")
    return found


def _no_constant(_: str) -> NoReturn:
    raise _NotOursError("NaN and Infinity are no JSON")


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise _NotOursError("a number has too many digits")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _NotOursError("a number is too large")
    return number


def _told(taken: Taken, events: list[dict[str, Any]]) -> dict[str, Any]:
    """What came of each event, in the order posted, and the names that no study knows."""
    rows = [_row(said, event) for said, event in zip(taken.rows, events, strict=True)]
    counts = {"taken": taken.taken, "known": taken.known, "set aside": len(taken.set_aside)}
    return {"counts": counts, "events": rows, "ignored": [name[:200] for name in taken.ignored[:100]]}


def _row(said: Said, event: Mapping[str, Any]) -> dict[str, Any]:
    name = event.get("interaction")
    row: dict[str, Any] = {"interaction": name if isinstance(name, str | int) else None, "state": said.state}
    return row | ({"reason": said.reason} if said.reason else {})


def _said(status: int, why: str, headers: Mapping[str, str] | None = None) -> Response:
    return _json(status, {"error": why}, headers)


def _json(status: int, said: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """A body in plain ASCII: what is told again of an event may hold what no encoding can write."""
    return Response(json.dumps(said, ensure_ascii=True) + "\n", status, headers, "application/json")

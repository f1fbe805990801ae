"""Whether a row says an interaction that the store can use; why not, in words that repeat no cell."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from symmetry.fieldwork.taking.addresses import address_in
from symmetry.fieldwork.taking.touchpoints import Touchpoint
from symmetry.fieldwork.timing import local_moment, stamp
from symmetry.spec import Item, nearest

__all__ = ["Checker", "Wrong", "event_of", "id_in"]

_AHEAD = timedelta(minutes=5)
_LONGEST = 200
_UNSOUND = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_OWN = "~"  # names that begin so are the store's own


class Wrong(Exception):
    """Why a row cannot be taken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def id_in(cells: Mapping[str, str], name: str) -> str:
    """An identifier out of a row.

    Raises
    ------
    Wrong : it is blank, too long, or cannot be one.
    """
    text = cells.get(name, "")
    if not text:
        raise Wrong(f"blank `{name}`")
    if len(text) > _LONGEST or _UNSOUND.search(text):
        raise Wrong(f"`{name}` is no identifier: longer than {_LONGEST} signs, or with signs that are no text")
    if text.startswith(_OWN):
        raise Wrong(f"`{name}` begins with {_OWN}, as names do that the store gives itself")
    return text


@dataclass
class Checker:
    """Reads rows of interactions against what the store knows; keeps what it has read of cells that come again.

    Attributes
    ----------
    points : the touchpoints of the store.
    at : now; what lies more than five minutes ahead has not happened.
    country : of telephone numbers without one.
    """

    points: Mapping[str, Touchpoint]
    at: datetime
    country: str | None = None
    _moments: dict[tuple[str, str], str] = field(default_factory=dict)

    def event(self, cells: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str], str]:
        """The row of `events` that cells say, what they say of an address, and what is odd in it.

        Raises
        ------
        Wrong : the row cannot be taken.
        """
        name, contact = id_in(cells, "interaction"), id_in(cells, "contact")
        touchpoint = cells.get("touchpoint") or cells.get("event") or ""
        point = self.points.get(touchpoint)
        if point is None:
            near = nearest(touchpoint[:_LONGEST], self.points)
            raise Wrong(f"unknown touchpoint: {near}" if touchpoint else "blank `touchpoint`")
        moment = self._moment(cells.get("at", ""), point.tz)
        channel = cells.get("channel", "")
        if len(channel) > _LONGEST or _UNSOUND.search(channel):
            raise Wrong("`channel` is no name of a channel")
        known = {key: _known(item, cells[key]) for key, item in point.items.items() if cells.get(key)}
        address, odd = address_in(cells, self.country)
        made = {"event": name, "touchpoint": touchpoint, "contact": contact, "audience": point.audience}
        return event_of({**made, "at": moment, "channel": channel}, known), address, odd

    def _moment(self, text: str, tz: str) -> str:
        """A moment as the store writes it."""
        if (text, tz) not in self._moments:
            try:
                read = local_moment(text, tz)
            except ValueError as error:
                raise Wrong(f"`at`: {error}") from None
            if read > self.at + _AHEAD:
                raise Wrong("`at` is in the future")
            self._moments[text, tz] = stamp(read)
        return self._moments[text, tz]


def event_of(said: Mapping[str, str], known: Mapping[str, str]) -> dict[str, Any]:
    """A row of `events` that waits, with the fingerprint of its content.

    Parameters
    ----------
    said : event, touchpoint, contact, audience, at and channel.
    known : frame item → value.
    """
    facts = json.dumps(dict(known), ensure_ascii=False, sort_keys=True)
    content = json.dumps([*(said[name] for name in ("touchpoint", "contact", "at", "channel")), facts])
    digest = hashlib.sha256(content.encode()).hexdigest()
    return {**said, "known": facts, "sha256": digest, "state": "waiting", "reason": ""}


def _known(item: Item, text: str) -> str:
    """What is known of somebody by a frame item."""
    if item.values is not None and text not in item.values:
        raise Wrong(f"`{item.key}` has no such category")
    if item.numeric and not _is_number(text):
        raise Wrong(f"`{item.key}` is no number")
    if len(text) > _LONGEST or _UNSOUND.search(text):
        raise Wrong(f"`{item.key}` is longer than {_LONGEST} signs, or holds signs that are no text")
    return text


def _is_number(text: str) -> bool:
    try:
        return text.isascii() and "_" not in text and math.isfinite(float(text))
    except ValueError:
        return False

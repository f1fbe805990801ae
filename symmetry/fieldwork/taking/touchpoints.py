"""What a store knows that an interaction may be: its touchpoints, and what is known of people there."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from symmetry.fieldwork.cases.owning import house_of
from symmetry.fieldwork.store.rosters import is_drawn
from symmetry.fieldwork.store.tables import WAVES
from symmetry.spec import Contact, study_in

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.store.nouns import Store
    from symmetry.spec import Item, Study

__all__ = ["Touchpoint", "touchpoints_of"]

_NEEDS = ("email", "sms")


@dataclass(frozen=True)
class Touchpoint:
    """Where something happens to people.

    Attributes
    ----------
    audience : whom it happens to.
    items : frame items that may be known of them.
    tz : the time zone whose clock is meant where a moment has no offset.
    needs_address : whether nobody can be asked without one.
    """

    audience: str
    items: Mapping[str, Item]
    tz: str
    needs_address: bool


_STUDIES: dict[tuple[str, str], Study] = {}


def touchpoints_of(connection: Connection, store: Store) -> Mapping[str, Touchpoint]:
    """Every touchpoint that the store knows.

    Parameters
    ----------
    connection : to the field database.
    store : the field.

    Returns
    -------
    Name → touchpoint: the events that its hot waves follow, open ones first; then, of each of its studies, the moments of its
    journeys as "journey.moment", and "journey.closed".
    """
    rows = connection.execute(select(*WAVES.c["wave", "study", "sha256", "state", "opened"])).all()
    found: dict[str, Touchpoint] = {}
    rows = sorted(rows, key=lambda row: (row.state == "open", row.opened, row.wave), reverse=True)
    for row in rows:
        study = _study(connection, row.wave, row.sha256)
        after = study.waves[row.wave].after
        if after is not None:
            drawn = {
                audience for audience in study.waves[row.wave].audiences if is_drawn(connection, row.wave, audience)
            }
            found.setdefault(after, _touchpoint(study, row.wave, drawn))
    for row in rows:
        study = _study(connection, row.wave, row.sha256)
        for name in sorted(house_of(store.folder, row.study).touchpoints):
            found.setdefault(name, _touchpoint(study, row.wave))
    return found


def _study(connection: Connection, wave: str, sha256: str) -> Study:
    """The study as the wave holds it, unpacked the first time it is met."""
    if (wave, sha256) not in _STUDIES:
        compiled = connection.execute(select(WAVES.c.compiled).where(WAVES.c.wave == wave)).scalar_one()
        _STUDIES[wave, sha256] = study_in(json.loads(compiled), Path(f"{wave}.json"))
    return _STUDIES[wave, sha256]


def _touchpoint(study: Study, wave: str, drawn: Collection[str] = ()) -> Touchpoint:
    """A touchpoint as a wave that follows it sees it: it happens to those whom it did not draw, and never to employees."""
    asked = [audience for audience in study.waves[wave].audiences if audience != "employees"]
    audience = next((each for each in asked if each not in drawn), asked[0] if asked else "customers")
    items = {
        key: item
        for key, item in study.items.items()
        if item.role == "frame" and (audience in item.audiences or not item.audiences)
    }
    contact = study.contact or Contact()
    channels = contact.channels
    needs = bool(channels) and all(channel in _NEEDS for channel in channels)
    return Touchpoint(audience, items, contact.tz, needs)

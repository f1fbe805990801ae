"""Where an invitation stands: everything the store knows of it, read at once, and what that lets the person do.

Reading is one statement for any number of invitations.  A questionnaire is unpacked once and kept by the hash of its wave.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, select

from symmetry.fieldwork.asking.nouns import Answer, Asked, Standing, StandingKind
from symmetry.fieldwork.asking.paging import asked_of, next_page, pages_of
from symmetry.fieldwork.store.quotas import cells_of, is_full
from symmetry.fieldwork.store.sealing import unlocked
from symmetry.fieldwork.store.tables import DRAFTS, INVITATIONS, RESPONSES, WAVES
from symmetry.fieldwork.timing import NOON, moment, zone_of
from symmetry.spec import study_in

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["Invitation", "asked_in", "audiences_in", "invitations_in", "kind_of", "shown", "standing_of", "today_of"]

_DONE: Mapping[str, StandingKind] = {"complete": "complete", "over quota": "over quota", "refused": "refused"}
_HELD = (
    select(
        *INVITATIONS.c["token", "wave", "audience", "person", "known", "state", "expires"],
        *WAVES.c["sha256", "first", "last", "rehearsal", "seal", "public"],
        WAVES.c.state.label("wave_state"),
        *RESPONSES.c["key", "language", "answers", "page"],
        DRAFTS.c.box,
    )
    .select_from(
        INVITATIONS.join(WAVES, INVITATIONS.c.wave == WAVES.c.wave)
        .outerjoin(RESPONSES, RESPONSES.c.token == INVITATIONS.c.token)
        .outerjoin(DRAFTS, DRAFTS.c.token == INVITATIONS.c.token)
    )
    .where(INVITATIONS.c.token.in_(bindparam("tokens", expanding=True)))
)
_WAVE = select(*WAVES.c["wave", "sha256", "first", "last", "rehearsal"]).where(WAVES.c.wave == bindparam("wave"))
_COMPILED = select(WAVES.c.compiled).where(WAVES.c.wave == bindparam("wave"))
_ASKED: dict[tuple[str, ...], Asked] = {}


@dataclass(frozen=True)
class Invitation:
    """One invitation as the store holds it.

    Attributes
    ----------
    token : its hash.
    asked : the questionnaire.
    person, known : who is asked, and what is known of this person.
    state : "invited", "started", "complete", "refused", "over quota" or "asked" (see `tables`).
    running : whether its wave is open, so neither closed nor being closed.
    expires : moment from which it can be answered no more; None where the wave's last day alone ends it.
    seal, public : number and half of the key that boxes of finished answers are locked with now (employees).
    answers, page, language : what was saved; page 0 where nothing was.
    key : of the saved answers (customers, observers).
    """

    token: bytes
    asked: Asked
    person: str
    known: Mapping[str, str]
    state: str
    running: bool
    expires: datetime | None = None
    seal: int | None = None
    public: bytes | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    page: int = 0
    language: str | None = None
    key: bytes | None = None


def standing_of(connection: Connection, store: Store, token: bytes, secret: bytes, at: datetime) -> Standing:
    """Where an invitation stands, without writing anything.

    Parameters
    ----------
    connection : to the field database.
    store : the field.
    token : what the store knows of the token (`tokens.hash_of`).
    secret : what opens its draft (`tokens.secret_of`).
    at : now, with its time zone.

    Returns
    -------
    Standing, of kind "unknown" where there is no such invitation; "over quota" also for who has not begun and whose cell is full.
    """
    invitation = invitations_in(connection, {token: secret}).get(token)
    if invitation is None:
        return Standing("unknown")
    today = today_of(invitation.asked, at)
    kind = kind_of(invitation, at)
    if invitation.state == "invited" and kind == "asked":
        cells = cells_of(invitation.asked, invitation.known, today)
        if cells and is_full(connection, cells):
            kind = "over quota"
    return shown(invitation, kind)


def asked_in(connection: Connection, wave: str, audience: str) -> Asked:
    """The questionnaire of one audience of a wave in the store.

    Parameters
    ----------
    connection : to the field database.
    wave : a wave that was opened.
    audience : one that it asks.

    Raises
    ------
    KeyError : no such wave was opened.
    """
    row = connection.execute(_WAVE, {"wave": wave}).one_or_none()
    if row is None:
        raise KeyError(wave)
    return _asked(connection, row, audience)


def audiences_in(connection: Connection, wave: str) -> tuple[str, ...]:
    """The audiences that a wave in the store asks."""
    compiled = connection.execute(_COMPILED, {"wave": wave}).scalar_one()
    return study_in(json.loads(compiled), Path(f"{wave}.json")).waves[wave].audiences


def invitations_in(connection: Connection, tokens: Mapping[bytes, bytes]) -> dict[bytes, Invitation]:
    """Read invitations, with what was saved so far.

    Parameters
    ----------
    connection : to the field database.
    tokens : hash of each token → what opens its draft.

    Returns
    -------
    Hash → invitation, for those that exist.

    Raises
    ------
    DataError : SEA01, a draft cannot be opened.
    """
    rows = connection.execute(_HELD, {"tokens": list(tokens)})
    return {row.token: _invitation(connection, row, tokens[row.token]) for row in rows.all()}


def today_of(asked: Asked, at: datetime) -> date:
    """The day in the wave's time zone; of a rehearsed wave, the day that stands for today."""
    if asked.rehearsal is not None:
        return asked.rehearsal
    return at.astimezone(zone_of(asked.study.contact)).date()


def kind_of(invitation: Invitation, at: datetime) -> StandingKind:
    """Whether an invitation can be answered at a moment, or why not; a rehearsed one at noon of the day that stands for today."""
    asked = invitation.asked
    today = today_of(asked, at)
    if not invitation.running or (asked.last is not None and today > asked.last):
        return "closed"
    if invitation.expires is not None:
        now = at if asked.rehearsal is None else datetime.combine(today, NOON, zone_of(asked.study.contact))
        if now >= invitation.expires:
            return "closed"
    if today < asked.first:
        return "early"
    return _DONE.get(invitation.state, "asked")


def shown(invitation: Invitation, kind: StandingKind) -> Standing:
    """What a page needs to know of an invitation; sealed answers that were sent are nowhere to be shown."""
    asked = invitation.asked
    page = invitation.page
    if not page:
        page = next_page(asked, pages_of(asked, invitation.person), invitation.known, {}, 0) or 1
    gone = asked.sealed and kind == "complete"
    answers = {} if gone else invitation.answers
    return Standing(kind, asked, invitation.person, invitation.known, answers, page, invitation.language)


def _invitation(connection: Connection, row: Row[*tuple[Any, ...]], secret: bytes) -> Invitation:
    invitation = Invitation(
        row.token,
        _asked(connection, row, row.audience),
        row.person,
        json.loads(row.known),
        row.state,
        row.wave_state == "open",
        moment(row.expires) if row.expires else None,
        row.seal,
        row.public,
    )
    if row.box is not None:
        answers, page, language = unlocked(secret, row.box)
        return replace(invitation, answers=answers, page=page, language=language)
    if row.key is not None:
        saved = json.loads(row.answers)
        return replace(invitation, answers=saved, page=row.page, language=row.language, key=row.key)
    return invitation


def _asked(connection: Connection, row: Row[*tuple[Any, ...]], audience: str) -> Asked:
    """The questionnaire by the hash of its wave, unpacked the first time it is met."""
    key = (row.sha256, audience, row.first, row.last or "", row.rehearsal or "")
    found = _ASKED.get(key)
    if found is not None:
        return found
    compiled = connection.execute(_COMPILED, {"wave": row.wave}).scalar_one()
    study = study_in(json.loads(compiled), Path(f"{row.wave}.json"))
    days = {name: _day(value) for name, value in (("last", row.last), ("rehearsal", row.rehearsal))}
    made = asked_of(study, row.wave, audience, first=date.fromisoformat(row.first), **days)
    return _ASKED.setdefault(key, made)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

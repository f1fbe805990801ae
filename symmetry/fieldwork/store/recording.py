"""Recording what people post: a batch of pages in one transaction, decided in the order in which they came.

Everything about the invitations of a batch is read at once; decisions are then taken in memory, so that the second of two
clicks finds what the first one did; and what changed is written together.

On PostgreSQL the waves of a batch are locked first, in the order of their names: writers of several machines take turns, a
wave is never closed under an answer, and nobody locks a box with a key that is being destroyed.  On SQLite the transaction
itself is such a turn.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Insert, Table, bindparam, case, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from symmetry.fieldwork.asking.nouns import Answer, Fault, Outcome, OutcomeKind, StandingKind, Submission
from symmetry.fieldwork.asking.paging import next_page, on_route_only, pages_of, visible
from symmetry.fieldwork.asking.reading import read_page, stray
from symmetry.fieldwork.cases.opening import open_cases
from symmetry.fieldwork.store.coarsening import cell_of
from symmetry.fieldwork.store.quotas import cells_of, is_full, take
from symmetry.fieldwork.store.sealing import boxed, locked
from symmetry.fieldwork.store.standing import Invitation, invitations_in, kind_of, shown, today_of
from symmetry.fieldwork.store.tables import DRAFTS, HOLDING, INVITATIONS, RESPONSES, WAVES

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["record"]

_TOLD: Mapping[StandingKind, OutcomeKind] = {
    "early": "early",
    "closed": "closed",
    "complete": "complete",
    "over quota": "over quota",
}
_NOTHING = (Fault("", "nothing answered"),)
_TURN = (
    select(WAVES.c.wave)
    .where(
        WAVES.c.wave.in_(select(INVITATIONS.c.wave).where(INVITATIONS.c.token.in_(bindparam("tokens", expanding=True))))
    )
    .order_by(WAVES.c.wave)
    .with_for_update()
)
_STATE = (
    update(INVITATIONS)
    .where(INVITATIONS.c.token == bindparam("of"))
    .values(state=bindparam("new_state"), day=bindparam("new_day"))
)
_HOLD = insert(HOLDING)
_FORGET = {table: delete(table).where(table.c.token == bindparam("of")) for table in (RESPONSES, DRAFTS)}
_Rows = list[dict[str, Any]]
_LONGEST = 1800  # seconds on a page; more is a break


def record(connection: Connection, store: Store, submissions: Sequence[Submission]) -> list[Outcome]:
    """Record a batch of posted pages.

    Parameters
    ----------
    connection : to the field database, in a transaction begun with the turn to write (`connecting.to_write`); the caller commits.
    store : the field.
    submissions : in the order in which they came; the same invitation may be there several times.

    Returns
    -------
    One outcome for each submission, in the same order; true only once the transaction is committed.

    Raises
    ------
    DataError : SEA01, a draft cannot be opened.

    Notes
    -----
    A finished answer is final: whatever comes later changes nothing, and who says something else is told so ("used").  Somebody
    who refused may still answer.  Answers are counted in their quotas when they are finished; who has not begun is turned
    away as soon as a cell is full.  Who corrects an earlier page goes on at the furthest page reached, unless the correction
    changed which questions are asked.  Time spent is added where a page brought the person on or changed an answer, so that a
    page sent twice counts once; finished answers open the cases that the study's alerts call for.
    """
    secret = {each.token: each.secret for each in submissions}
    if not store.embedded:
        connection.execute(_TURN, {"tokens": list(secret)}).all()
    before = invitations_in(connection, secret)
    now = dict(before)
    days: dict[bytes, date] = {}
    spent: dict[bytes, int] = {}
    done: list[tuple[Invitation, datetime]] = []
    outcomes = []
    for each in submissions:
        if each.token not in now:
            outcomes.append(Outcome("unknown"))
            continue
        days[each.token] = today_of(now[each.token].asked, each.at)
        held = now[each.token]
        outcome, now[each.token] = _decided(connection, held, each, days[each.token])
        outcomes.append(outcome)
        if each.seconds is not None and _moved(held, now[each.token]):
            spent[each.token] = spent.get(each.token, 0) + min(max(each.seconds, 0), _LONGEST)
        if now[each.token].state == "complete" and held.state != "complete":
            done.append((now[each.token], each.at))
    changed = [token for token, after in now.items() if after is not before[token]]
    states = [
        {"of": token, "new_state": now[token].state, "new_day": days[token].isoformat()}
        for token in changed
        if now[token].state != before[token].state
    ]
    if states:
        connection.execute(_STATE, states)
    _write_open(connection, [now[token] for token in changed if not now[token].asked.sealed], spent)
    _write_sealed(connection, [now[token] for token in changed if now[token].asked.sealed], secret)
    open_cases(connection, store, done)
    return outcomes


def _moved(before: Invitation, after: Invitation) -> bool:
    """Whether a page brought the person on, or changed an answer."""
    return (before.state, before.page, before.answers) != (after.state, after.page, after.answers)


def _decided(
    connection: Connection, invitation: Invitation, posted: Submission, today: date
) -> tuple[Outcome, Invitation]:
    """What comes of one submission, and the invitation after it: the same object where nothing is recorded."""
    kind = kind_of(invitation, posted.at)
    standing = shown(invitation, kind)
    if kind == "complete" and not _says_the_same(invitation, posted):
        return Outcome("used", standing.page, standing=standing), invitation
    if kind not in ("asked", "refused"):
        return Outcome(_TOLD[kind], standing.page, standing=standing), invitation
    if posted.action == "refuse":
        after = invitation
        if invitation.state != "refused":
            after = replace(invitation, state="refused", answers={}, page=0, language=None, key=None)
        standing = shown(after, "refused")
        return Outcome("refused", standing.page, standing=standing), after
    cells = cells_of(invitation.asked, invitation.known, today)
    if cells and invitation.state != "started" and is_full(connection, cells):
        return _over_quota(invitation)
    filled, faults = _filled(invitation, posted)
    if filled is None:
        return Outcome("stray", standing.page, standing=standing), invitation
    if faults:
        return Outcome("invalid", posted.page, faults, shown(invitation, "asked")), invitation
    if posted.action == "keep":
        return Outcome("saved", posted.page, standing=shown(filled, kind if filled is invitation else "asked")), filled
    if filled.state == "started":
        return Outcome("saved", filled.page, standing=shown(filled, "asked")), filled
    if not take(connection, cells):
        return _over_quota(filled)
    return Outcome("complete", filled.page, standing=shown(filled, "complete")), filled


def _filled(invitation: Invitation, posted: Submission) -> tuple[Invitation | None, tuple[Fault, ...]]:
    """The invitation with a posted page filled in, "started" or "complete"; None where the page is not this person's.

    To keep a page is to save what is sound on it: a fault leaves what was saved before, and nothing on a page begins nothing.
    """
    asked, known, before = invitation.asked, invitation.known, invitation.answers
    read = _read(invitation, posted)
    if read is None:
        return None, ()
    given, faults = read
    keep = posted.action == "keep"
    if faults and not keep:
        return invitation, faults
    answers: dict[str, Answer] = {name: cell for name, cell in before.items() if name not in given}
    answers |= {name: cell for name, cell in given.items() if cell is not None}
    if keep and not answers and not before:
        return invitation, ()
    language = posted.language if posted.language in asked.languages else invitation.language or asked.languages[0]
    pages = pages_of(asked, invitation.person)
    page = posted.page if keep else next_page(asked, pages, known, answers, posted.page)
    if page is not None:
        every = tuple(asked.columns.values())
        if visible(asked, every, known, answers) == visible(asked, every, known, before):
            page = max(page, invitation.page)
        return replace(invitation, state="started", answers=answers, page=page, language=language), ()
    answers = on_route_only(asked, known, answers)
    if not answers:
        return invitation, _NOTHING
    return replace(invitation, state="complete", answers=answers, page=posted.page, language=language), ()


def _read(invitation: Invitation, posted: Submission) -> tuple[dict[str, Answer | None], tuple[Fault, ...]] | None:
    """What a posted page says to the questions that the person is asked on it; None where the page is not this person's."""
    asked = invitation.asked
    pages = pages_of(asked, invitation.person)
    if not 1 <= posted.page <= len(pages) or stray(asked, pages[posted.page - 1], posted.fields) is not None:
        return None
    questions = visible(asked, pages[posted.page - 1], invitation.known, invitation.answers)
    return read_page(asked, questions, posted.fields)


def _says_the_same(invitation: Invitation, posted: Submission) -> bool:
    """Whether what comes after the end is no more than a second click; of employees, whose answers are gone, nobody can know."""
    read = None if posted.action == "refuse" or not invitation.answers else _read(invitation, posted)
    return (
        read is not None and not read[1] and all(invitation.answers.get(name) == cell for name, cell in read[0].items())
    )


def _over_quota(invitation: Invitation) -> tuple[Outcome, Invitation]:
    """Somebody of whom there are enough: what was answered stays, and is never counted."""
    after = replace(invitation, state="over quota")
    standing = shown(after, "over quota")
    return Outcome("over quota", standing.page, standing=standing), after


def _write_open(connection: Connection, changed: Sequence[Invitation], spent: Mapping[bytes, int]) -> None:
    """Save what customers and observers answered and the time it took, under a random key drawn the first time."""
    rows: _Rows = [
        {
            "token": each.token,
            "key": each.key or secrets.token_bytes(16),
            "language": each.language,
            "answers": json.dumps(dict(each.answers), ensure_ascii=False, allow_nan=False),
            "page": each.page,
            "complete": each.state == "complete",
            "seconds": spent.get(each.token),
        }
        for each in changed
        if each.page
    ]
    if rows:
        connection.execute(_saved(RESPONSES, connection.dialect.name), rows)
    _forget(connection, RESPONSES, [each.token for each in changed if not each.page])


def _write_sealed(connection: Connection, changed: Sequence[Invitation], secret: Mapping[bytes, bytes]) -> None:
    """Save what employees answer: locked with their own key while they do, in a box for the sealed store when it is sent."""
    drafts: _Rows = [
        {"token": each.token, "box": locked(secret[each.token], each.answers, each.page, each.language or "")}
        for each in changed
        if each.state == "started"
    ]
    sent: _Rows = [_box(each) for each in changed if each.state == "complete"]
    if drafts:
        connection.execute(_saved(DRAFTS, connection.dialect.name), drafts)
    if sent:
        connection.execute(_HOLD, sorted(sent, key=lambda row: row["key"]))
    _forget(connection, DRAFTS, [each.token for each in changed if each.state != "started"])


def _box(invitation: Invitation) -> dict[str, Any]:
    """Finished answers as they wait to be released: nothing in the row leads back to the invitation."""
    if invitation.public is None:
        raise ValueError(f"wave {invitation.asked.wave.key} has employees and no key")
    return {
        "key": secrets.token_bytes(16),
        "wave": invitation.asked.wave.key,
        "cell": cell_of(invitation.known),
        "seal": invitation.seal,
        "box": boxed(invitation.public, invitation.answers, invitation.known),
    }


def _forget(connection: Connection, table: Table, tokens: Sequence[bytes]) -> None:
    if tokens:
        connection.execute(_FORGET[table], [{"of": token} for token in tokens])


@cache
def _saved(table: Table, dialect: str) -> Insert:
    """Write rows, over those of the same token; the key of answers stays, and seconds are added to those before."""
    made = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    new: dict[str, Any] = {
        column.name: made.excluded[column.name] for column in table.columns if column.name not in ("token", "key")
    }
    if table is RESPONSES:
        more = made.excluded.seconds
        added = func.coalesce(table.c.seconds, 0) + more
        new["seconds"] = case((more.is_(None), table.c.seconds), else_=added)
    return made.on_conflict_do_update(index_elements=["token"], set_=new)

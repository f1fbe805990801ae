"""Interactions taken: each row new, known already or set aside, and all that are new written at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from symmetry.fieldwork.contacts.marking import ledger_key, marks
from symmetry.fieldwork.inviting.messages import many
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.tables import EVENTS
from symmetry.fieldwork.taking.addresses import FIELDS, in_parts, keep_addresses, known_contacts
from symmetry.fieldwork.taking.checking import Checker, Wrong
from symmetry.fieldwork.taking.nouns import Said, State, Taken
from symmetry.fieldwork.taking.touchpoints import Touchpoint, touchpoints_of
from symmetry.fieldwork.taking.turning import turn
from symmetry.fieldwork.timing import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["OWN", "Checked", "check_rows", "ignored_in", "take_events", "take_rows"]

OWN = ("interaction", "contact", "touchpoint", "event", "at", "channel", *FIELDS)
"""Columns that are not frame items."""


@dataclass(frozen=True)
class _Draft:
    """A row that says an event: its place, the event, what it says of an address, and what is odd in that."""

    place: int
    row: dict[str, Any]
    address: dict[str, str]
    odd: str

    @property
    def event(self) -> str:
        return str(self.row["event"])

    @property
    def contact(self) -> str:
        return str(self.row["contact"])


def take_events(store: Store, events: Sequence[Mapping[str, Any]], *, at: datetime, by: str) -> Taken:
    """Take interactions that a system posts.

    Parameters
    ----------
    store : the field.
    events : each with interaction, contact, touchpoint (or event), at, channel and, if known, email, phone, language and frame
        items by key; values are texts or numbers.
    at : now.
    by : who posts them.

    Returns
    -------
    Taken, with one row for each event in order.

    Raises
    ------
    StoreAwayError : the database cannot be written to; nothing is taken.
    """
    rows = [{str(name): _text(value) for name, value in event.items()} for event in events]
    names = dict.fromkeys(name for row in rows for name in row)
    checked = check_rows(store, rows, range(1, len(rows) + 1), at=at)
    with plainly(), to_write(store.field) as connection:
        turn(connection)
        said = take_rows(connection, store, checked, at=at)
    return Taken("interactions", by, tuple(said), ignored_in(names, checked.points))


@dataclass(frozen=True)
class Checked:
    """Rows read by themselves, before anybody has to wait for their being written.

    Attributes
    ----------
    points : the touchpoints that the store knew.
    said : what came of each row so far.
    drafts : the rows that can be taken, unless what the store holds speaks against it.
    """

    points: Mapping[str, Touchpoint]
    said: tuple[Said, ...]
    drafts: tuple[_Draft, ...]


def check_rows(
    store: Store, rows: Sequence[Mapping[str, str]], numbers: Sequence[int], *, at: datetime, country: str | None = None
) -> Checked:
    """Read rows of interactions, and write nothing.

    Parameters
    ----------
    store : the field.
    rows : the cells of each, stripped.
    numbers : of the rows, as they are told.
    at : now.
    country : of telephone numbers without one.
    """
    with plainly(), store.field.connect() as connection:
        points = touchpoints_of(connection, store)
    return Checked(points, *_checked(Checker(points, at, country), rows, numbers))


def take_rows(connection: Connection, store: Store, checked: Checked, *, at: datetime) -> list[Said]:
    """Take rows of interactions.

    Parameters
    ----------
    connection : to the field database, in a transaction begun with the turn to write; the caller commits.
    store : the field.
    checked : the rows, as `check_rows` gives them.
    at : now.

    Returns
    -------
    What came of each row, in order.
    """
    said, drafts, points = list(checked.said), checked.drafts, checked.points
    key = ledger_key(store.folder)
    contacts = {draft.contact for draft in drafts}
    there = known_contacts(connection, contacts)
    reached = {contact for contact, has in there.items() if has["email"] or has["phone"]}
    held = _held(connection, key, [draft.event for draft in drafts])
    received = stamp(at)
    new: list[dict[str, Any]] = []
    addresses: dict[str, dict[str, str]] = {}
    for draft in drafts:
        state, reason = _settled(
            draft, held, draft.contact in reached or not points[draft.row["touchpoint"]].needs_address
        )
        if state == "taken":
            held[draft.event] = draft.row["sha256"]
            new.append(draft.row | {"received": received})
            reached |= {draft.contact} if {"email", "phone"} & draft.address.keys() else set()
            addresses[draft.contact] = addresses.get(draft.contact, {}) | draft.address
        elif state == "known" and held[draft.event] and _is_other(draft.address, there.get(draft.contact, {})):
            reason = _joined(reason, _ADDRESS)
        said[draft.place] = Said(said[draft.place].row, state, reason, draft.event)
    many(connection, insert(EVENTS), sorted(new, key=itemgetter("event")))
    _, gone = keep_addresses(connection, key, addresses, received[:10], there)
    for draft in drafts if gone else ():
        if draft.contact in gone and said[draft.place].state == "taken":
            reason = _joined(said[draft.place].reason, _GONE)
            said[draft.place] = Said(said[draft.place].row, "taken", reason, draft.event)
    return said


def _checked(
    checker: Checker, rows: Sequence[Mapping[str, str]], numbers: Sequence[int]
) -> tuple[tuple[Said, ...], tuple[_Draft, ...]]:
    """What each row says, and those that say an event."""
    said: list[Said] = []
    drafts: list[_Draft] = []
    for place, (number, cells) in enumerate(zip(numbers, rows, strict=True)):
        try:
            drafts.append(_Draft(place, *checker.event(cells)))
            said.append(Said(number, "taken", id=cells["interaction"]))
        except Wrong as wrong:
            said.append(Said(number, "set aside", wrong.reason, cells.get("interaction", "")[:200]))
    return tuple(said), tuple(drafts)


def _settled(draft: _Draft, held: Mapping[str, str], reached: bool) -> tuple[State, str]:
    """What becomes of a row, given what the store holds, and why."""
    if draft.event in held:
        return ("known", "") if held[draft.event] in ("", draft.row["sha256"]) else ("set aside", _OTHER)
    if not reached and not {"email", "phone"} & draft.address.keys():
        return "set aside", _joined(_NOBODY, draft.odd)
    return "taken", draft.odd


def _is_other(said: Mapping[str, str], known: Mapping[str, str]) -> bool:
    """Whether an address is another one than that which is known."""
    return any(said.get(name, known.get(name, "")) != known.get(name, "") for name in ("email", "phone"))


def _joined(*reasons: str) -> str:
    return "; ".join(filter(None, reasons))


_OTHER = "same id with another content: nothing of it was taken"
_NOBODY = "unknown contact: no address is known and none is given"
_ADDRESS = "the address is another one than ours, which stays: bring new ones in a file of addresses"
_GONE = "has opted out, and will not be asked"


def ignored_in(names: Mapping[str, None] | Sequence[str], points: Mapping[str, Touchpoint]) -> tuple[str, ...]:
    """Columns that no touchpoint knows, in their order."""
    known = {*OWN, *(key for point in points.values() for key in point.items)}
    return tuple(name for name in names if name not in known)


def _held(connection: Connection, key: bytes, names: Sequence[str]) -> dict[str, str]:
    """Events that are there, by the id that they came with: the fingerprint of each, "" of people whom the store forgot."""
    forms = {name: name for name in names}
    forms |= {f"~{each.hex()}": name for name, each in zip(names, marks(key, "event", names), strict=True)}
    found: dict[str, str] = {}
    for part in in_parts(sorted(forms)):
        rows = connection.execute(select(EVENTS.c.event, EVENTS.c.sha256).where(EVENTS.c.event.in_(part))).all()
        found |= {forms[event]: sha256 for event, sha256 in rows}
    return found


def _text(value: object) -> str:
    """A value of JSON as text; what is none is a text that no column takes."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return _NO_TEXT


_NO_TEXT = "\x00"  # refused wherever it stands

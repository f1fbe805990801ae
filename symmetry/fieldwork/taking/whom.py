"""Whom one may write to, row by row: addresses, messages that bounced, people who opted out, contacts made elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from symmetry.fieldwork.contacts.ledger import ledger_key, mark
from symmetry.fieldwork.contacts.opting import bounced, keep_out, opt_out, opted_out
from symmetry.fieldwork.store.tables import ADDRESSES, CONTACTED, OUTBOX
from symmetry.fieldwork.taking.addresses import address_in, email_of, in_parts, keep_addresses
from symmetry.fieldwork.taking.checking import Wrong, id_in
from symmetry.fieldwork.taking.nouns import Said
from symmetry.fieldwork.timing import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["ROWS", "Taking"]

Rows = Sequence[Mapping[str, str]]
_MESSAGE = re.compile(r"<?([0-9a-f]{32})(?:@[^<>@\s]+)?>?")
_CHANNELS = ("email", "sms")


@dataclass(frozen=True)
class Taking:
    """What a file is taken with: the connection in its transaction, the field, now, the country of numbers without one."""

    connection: Connection
    store: Store
    at: datetime
    country: str | None

    @property
    def key(self) -> bytes:
        """Of the ledger."""
        return ledger_key(self.store.folder)


def _read(rows: Rows, numbers: Sequence[int], read: Callable[[Mapping[str, str]], str]) -> list[Said]:
    """What each row says at first sight: `read` gives what is odd in it, or raises `Wrong`."""
    said = []
    for number, cells in zip(numbers, rows, strict=True):
        try:
            said.append(Said(number, "taken", read(cells)))
        except Wrong as wrong:
            said.append(Said(number, "set aside", wrong.reason))
    return said


def _addresses(taking: Taking, rows: Rows, numbers: Sequence[int]) -> list[Said]:
    """Addresses: those of a person who stands there twice, as the last row has them."""
    new: dict[str, dict[str, str]] = {}

    def read(cells: Mapping[str, str]) -> str:
        contact = id_in(cells, "contact")
        address, odd = address_in(cells, taking.country)
        if not address:
            raise Wrong(odd or "no address")
        new[contact] = new.get(contact, {}) | address
        return odd

    said = _read(rows, numbers, read)
    changed = keep_addresses(taking.connection, new, stamp(taking.at)[:10])
    gone = opted_out(taking.connection, taking.key, sorted(new))
    for place, each in enumerate(said):
        contact = rows[place].get("contact", "")
        if each.state == "taken":
            odd = [each.reason, "has opted out, and will not be asked" if contact in gone else ""]
            state = each.state if contact in changed else "known"
            said[place] = replace(each, state=state, reason="; ".join(filter(None, odd)))
    return said


def _bounced(taking: Taking, rows: Rows, numbers: Sequence[int]) -> list[Said]:
    """Messages that did not arrive: the channel does not reach the person until another address comes in."""
    connection = taking.connection
    ids = {found[1] for cells in rows if (found := _MESSAGE.fullmatch(cells.get("message_id", "").lower()))}
    messages = {}
    for part in in_parts(sorted(ids)):
        sent = select(*OUTBOX.c["id", "contact", "channel", "state"])
        for row in connection.execute(sent.where(OUTBOX.c.id.in_([bytes.fromhex(each) for each in part]))):
            messages[bytes(row.id).hex()] = row
    known = _days(
        connection, {cells.get("contact", "") for cells in rows} | {each.contact for each in messages.values()}
    )
    did: list[bool] = []

    def read(cells: Mapping[str, str]) -> str:
        day, channel = _day(cells, taking.at), cells.get("channel", "").lower()
        if channel not in _CHANNELS:
            raise Wrong(f"`channel` is neither {' nor '.join(_CHANNELS)}")
        contact = cells.get("contact", "")
        changed = False
        if cells.get("message_id"):
            written = _MESSAGE.fullmatch(cells["message_id"].lower())
            message = messages.get(written[1]) if written else None
            if message is None or message.channel != channel:
                raise Wrong("unknown message")
            contact = message.contact
            if message.state in ("sent", "uncertain"):
                mine = update(OUTBOX).where(OUTBOX.c.id == message.id, OUTBOX.c.state.in_(("sent", "uncertain")))
                changed = bool(connection.execute(mine.values(state="bounced", reason="bounced")).rowcount)
        else:
            contact = id_in(cells, "contact")
        if contact not in known and not cells.get("message_id"):
            raise Wrong("unknown contact: no address of theirs is known")
        if contact in known and known[contact][0] > day and channel not in known[contact][1]:
            raise Wrong("the address was changed after that day")
        did.append(bool(bounced(connection, [contact], channel, taking.at)) or changed)
        return ""

    said = _read(rows, numbers, read)
    news = iter(did)
    return [replace(each, state="taken" if next(news) else "known") if each.state == "taken" else each for each in said]


def _days(connection: Connection, contacts: set[str]) -> dict[str, tuple[str, str]]:
    """Contact → the day on which the address changed last, and the channels that do not reach the person."""
    found: dict[str, tuple[str, str]] = {}
    for part in in_parts(sorted(contacts)):
        rows = connection.execute(select(*ADDRESSES.c["contact", "day", "bad"]).where(ADDRESSES.c.contact.in_(part)))
        found |= {row.contact: (row.day, row.bad) for row in rows}
    return found


def _opted_out(taking: Taking, rows: Rows, numbers: Sequence[int]) -> list[Said]:
    """People who want no more, by contact, by e-mail address or by both."""
    wanted: list[tuple[str, str]] = []

    def read(cells: Mapping[str, str]) -> str:
        contact = id_in(cells, "contact") if cells.get("contact") else ""
        email = email_of(cells["email"]) if cells.get("email") else ""
        if not contact and not email:
            raise Wrong("blank: neither `contact` nor `email`" if email == "" else "malformed e-mail address")
        wanted.append((contact, email or ""))
        return "malformed e-mail address" if email is None else ""

    said = _read(rows, numbers, read)
    connection, key = taking.connection, taking.key
    contacts = [contact for contact, _ in wanted if contact]
    emails = {email: mark(key, "email", email) for _, email in wanted if email}
    held = opted_out(connection, key, contacts)
    opt_out(connection, key, contacts, taking.at, "file")
    fresh = keep_out(connection, sorted(set(emails.values())), taking.at, "file")
    news = iter(
        bool((contact and contact not in held) or (email and emails[email] in fresh)) for contact, email in wanted
    )
    return [replace(each, state="taken" if next(news) else "known") if each.state == "taken" else each for each in said]


def _contacted(taking: Taking, rows: Rows, numbers: Sequence[int]) -> list[Said]:
    """Invitations that somebody else sent: they count in rest periods and caps."""
    pairs: list[tuple[str, str]] = []

    def read(cells: Mapping[str, str]) -> str:
        pairs.append((id_in(cells, "contact"), _day(cells, taking.at)))
        return ""

    said = _read(rows, numbers, read)
    there: set[tuple[str, str]] = set()
    for part in in_parts(sorted({contact for contact, _ in pairs})):
        held = taking.connection.execute(select(CONTACTED).where(CONTACTED.c.contact.in_(part)))
        there |= {(row.contact, row.day) for row in held}
    new = [pair for pair in dict.fromkeys(pairs) if pair not in there]
    for days in in_parts(new):
        taking.connection.execute(insert(CONTACTED), [{"contact": contact, "day": day} for contact, day in days])
    fresh = set(new)
    found = iter(pairs)
    return [
        replace(each, state="taken" if next(found) in fresh else "known") if each.state == "taken" else each
        for each in said
    ]


def _day(cells: Mapping[str, str], at: datetime) -> str:
    """A day, or the day of a moment, that is not ahead."""
    try:
        day = datetime.fromisoformat(cells.get("day", "")).date()
    except ValueError:
        raise Wrong("`day` is no day, such as 2027-03-04") from None
    if day > at.date() + timedelta(days=1):  # it may be tomorrow already, where the file comes from
        raise Wrong("`day` is in the future")
    return day.isoformat()


ROWS: Mapping[str, Callable[[Taking, Rows, Sequence[int]], list[Said]]] = {
    "addresses": _addresses,
    "bounced": _bounced,
    "opted-out": _opted_out,
    "contacted": _contacted,
}
"""How the rows of a kind are taken."""

"""Whom one may write to, row by row: addresses, messages that bounced, people who opted out, contacts made elsewhere.

Rows are read first, and written once whoever takes has the turn to write: pages that people send wait for that alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, union, update

from symmetry.fieldwork.contacts.marking import ledger_key, mark, pseudonym
from symmetry.fieldwork.contacts.opting import bounced, holders, keep_out, opt_out, opted_out
from symmetry.fieldwork.inviting.messages import many
from symmetry.fieldwork.store.tables import ADDRESSES, CONTACTED, EVENTS, INVITATIONS, OUTBOX
from symmetry.fieldwork.taking.addresses import FIELDS, address_in, email_of, in_parts, keep_addresses
from symmetry.fieldwork.taking.checking import Wrong, id_in
from symmetry.fieldwork.taking.nouns import Said
from symmetry.fieldwork.timing import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["ROWS", "Taking"]

Rows = Sequence[Mapping[str, str]]
Write = Callable[["Connection"], list[Said]]
_MESSAGE = re.compile(r"<?([0-9a-f]{32})(?:@[^<>@\s]+)?>?")
_CHANNELS = ("email", "sms")
_NOBODY = "nobody of that name is known here: kept for when they come"
_ALIKE = "nobody of that name is known here, but one who differs in capitals or leading zeros alone: is that one meant?"


@dataclass(frozen=True)
class Taking:
    """What a file is taken with: the field, now, the country of numbers without one."""

    store: Store
    at: datetime
    country: str | None

    @property
    def key(self) -> bytes:
        """Of the ledger."""
        return ledger_key(self.store.folder)


def _read(rows: Rows, numbers: Sequence[int], read: Callable[[int, Mapping[str, str]], str]) -> list[Said]:
    """What each row says at first sight: `read` gives what is odd in it, or raises `Wrong`."""
    said = []
    for number, cells in zip(numbers, rows, strict=True):
        try:
            said.append(Said(number, "taken", read(number, cells)))
        except Wrong as wrong:
            said.append(Said(number, "set aside", wrong.reason))
    return said


def _settled(said: Sequence[Said], new: Iterable[bool]) -> list[Said]:
    """Rows that were taken, each "known" that is not new."""
    news = iter(new)
    return [replace(each, state="known") if each.state == "taken" and not next(news) else each for each in said]


def _addresses(taking: Taking, rows: Rows, numbers: Sequence[int]) -> Write:
    """Addresses: those of a person who stands there twice, as the last row has them."""
    new: dict[str, dict[str, str]] = {}
    told: dict[str, int] = {}
    contacts: list[str] = []

    def read(number: int, cells: Mapping[str, str]) -> str:
        contact = id_in(cells, "contact")
        address, odd = address_in(cells, taking.country)
        if not address:
            raise Wrong(odd or "no address")
        before = new.get(contact, {})
        if any(before.get(name, address[name]) != address[name] for name in FIELDS if name in address):
            odd = "; ".join(
                filter(None, [odd, f"another one than in row {told[contact]} of the same contact: this one counts"])
            )
        new[contact], told[contact] = before | address, number
        contacts.append(contact)
        return odd

    said = _read(rows, numbers, read)

    def write(connection: Connection) -> list[Said]:
        changed, gone = keep_addresses(connection, taking.key, new, stamp(taking.at)[:10])
        done = _settled(said, (contact in changed for contact in contacts))
        whose = iter(contacts)
        for place, each in enumerate(done):
            if each.state != "set aside" and next(whose) in gone:
                done[place] = replace(each, reason="; ".join(filter(None, [each.reason, _GONE])))
        return done

    return write


_GONE = "has opted out, and will not be asked"


def _bounced(taking: Taking, rows: Rows, numbers: Sequence[int]) -> Write:
    """Messages that did not arrive: the channel does not reach the person until another address comes in."""
    return lambda connection: _bounces(connection, taking.at, rows, numbers)


def _bounces(connection: Connection, at: datetime, rows: Rows, numbers: Sequence[int]) -> list[Said]:
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

    def read(_: int, cells: Mapping[str, str]) -> str:
        day, channel = _day(cells, at), cells.get("channel", "").lower()
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
        did.append(bool(bounced(connection, [contact], channel, at)) or changed)
        return ""

    return _settled(_read(rows, numbers, read), did)


def _days(connection: Connection, contacts: set[str]) -> dict[str, tuple[str, str]]:
    """Contact → the day on which the address changed last, and the channels that do not reach the person."""
    found: dict[str, tuple[str, str]] = {}
    for part in in_parts(sorted(contacts)):
        rows = connection.execute(select(*ADDRESSES.c["contact", "day", "bad"]).where(ADDRESSES.c.contact.in_(part)))
        found |= {row.contact: (row.day, row.bad) for row in rows}
    return found


def _opted_out(taking: Taking, rows: Rows, numbers: Sequence[int]) -> Write:
    """People who want no more, by contact, by e-mail address or by both; an address stands for whoever has it."""
    wanted: list[tuple[str, str]] = []

    def read(_: int, cells: Mapping[str, str]) -> str:
        contact = id_in(cells, "contact") if cells.get("contact") else ""
        email = email_of(cells["email"]) if cells.get("email") else ""
        if not contact and not email:
            raise Wrong("blank: neither `contact` nor `email`" if email == "" else "malformed e-mail address")
        wanted.append((contact, email or ""))
        return "malformed e-mail address" if email is None else ""

    said = _strange(taking, _read(rows, numbers, read), [contact for contact, _ in wanted])
    key = taking.key
    contacts = list(dict.fromkeys(contact for contact, _ in wanted if contact))
    emails = {email: mark(key, "email", email) for _, email in wanted if email}

    def write(connection: Connection) -> list[Said]:
        held = opted_out(connection, key, contacts)
        fresh = keep_out(connection, sorted(set(emails.values())), taking.at, "file")
        whose = holders(connection, list(emails))
        opt_out(connection, key, list(dict.fromkeys([*contacts, *whose])), taking.at, "file")
        new = {("", email) for email in emails if emails[email] in fresh}
        new |= {(contact, "") for contact in contacts if contact not in held}
        return _settled(said, (bool({(contact, ""), ("", email)} & new) for contact, email in wanted))

    return write


def _contacted(taking: Taking, rows: Rows, numbers: Sequence[int]) -> Write:
    """Invitations that somebody else sent: they count in rest periods and caps."""
    pairs: list[tuple[str, str]] = []

    def read(_: int, cells: Mapping[str, str]) -> str:
        pairs.append((id_in(cells, "contact"), _day(cells, taking.at)))
        return ""

    said = _strange(taking, _read(rows, numbers, read), [contact for contact, _ in pairs])

    def write(connection: Connection) -> list[Said]:
        there: set[tuple[str, str]] = set()
        for part in in_parts(sorted({contact for contact, _ in pairs})):
            held = connection.execute(select(*CONTACTED.c["contact", "day"]).where(CONTACTED.c.contact.in_(part)))
            there |= {(contact, day) for contact, day in held.all()}
        new = set(pairs) - there
        many(connection, insert(CONTACTED), [{"contact": contact, "day": day} for contact, day in sorted(new)])
        return _settled(said, (pair in new for pair in pairs))

    return write


def _strange(taking: Taking, said: Sequence[Said], contacts: Sequence[str]) -> list[Said]:
    """Rows that were taken, with a word on contacts that no frame, event or address has named: "" is nobody in particular."""
    names = (select(table.c.contact) for table in (ADDRESSES, EVENTS, INVITATIONS))
    with taking.store.field.connect() as connection:
        known = set(connection.execute(union(*names)).scalars())
    key = taking.key
    strangers = {each for each in contacts if each and each not in known and pseudonym(key, each) not in known}
    alike = {_folded(each) for each in known} if strangers else set()
    whose = iter(contacts)
    found = list(said)
    for place, each in enumerate(said):
        if each.state == "taken" and (contact := next(whose)) in strangers:
            odd = _ALIKE if _folded(contact) in alike else _NOBODY
            found[place] = replace(each, reason="; ".join(filter(None, [each.reason, odd])))
    return found


def _folded(contact: str) -> str:
    """A name without what spreadsheets and people change in it."""
    return contact.lstrip("0").casefold()


def _day(cells: Mapping[str, str], at: datetime) -> str:
    """A day, or the day of a moment, that is not ahead."""
    try:
        day = datetime.fromisoformat(cells.get("day", "")).date()
    except ValueError:
        raise Wrong("`day` is no day, such as 2027-03-04") from None
    if day > at.date() + timedelta(days=1):  # it may be tomorrow already, where the file comes from
        raise Wrong("`day` is in the future")
    return day.isoformat()


ROWS: Mapping[str, Callable[[Taking, Rows, Sequence[int]], Write]] = {
    "addresses": _addresses,
    "bounced": _bounced,
    "opted-out": _opted_out,
    "contacted": _contacted,
}
"""How the rows of a kind are read; what comes of it writes them, in a transaction begun with the turn to write."""

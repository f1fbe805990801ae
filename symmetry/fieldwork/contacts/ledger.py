"""The ledger: who may be asked today, and of everybody else the first rule that forbids it.

Days are those of the study's time zone, as in a draw (`resting`): with a quarantine of 90 days, who was invited on a day may be
asked again on the 90th day after it.  Names may have been replaced since: a pseudonym is a keyed hash of the contact, so that
rules go on to hold for people whose name the store has forgotten.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select, true

from symmetry.fieldwork.contacts.counting import among, invited
from symmetry.fieldwork.contacts.marking import ledger_key, mark, mark_of, pseudonym
from symmetry.fieldwork.contacts.marking import marks as marks_in
from symmetry.fieldwork.store.tables import ADDRESSES, CONTACTED, FIRST, INVITATIONS, OPT_OUTS, OUTBOX, PLANNED, WAVES
from symmetry.fieldwork.timing import day_of
from symmetry.spec import Contact, study_in

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from symmetry.spec import Study

__all__ = ["addresses_of", "channel_of", "ledger_key", "mark", "opted", "pseudonym", "verdicts"]

_NEEDS = {"email": "email", "sms": "phone", "qr": None, "post": None}  # what each channel needs of an address


def channel_of(study: Study, row: Row[Any] | Mapping[str, Any] | None) -> str:
    """The first channel of the study that reaches a person; "" where none does.

    Parameters
    ----------
    study : says the channels, the preferred one first.
    row : of `addresses`; None where there is none.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(contact=Contact(channels=("email", "sms")))
    >>> channel_of(study, {"email": "zoe@example.org", "phone": "+33612345678", "bad": "email"})
    'sms'
    """
    if study.contact is None:
        return ""
    known = row if row is None or isinstance(row, Mapping) else row._mapping
    for channel in study.contact.channels:
        needs = _NEEDS.get(channel, "")
        if needs is None or (needs and known and known[needs] and channel not in known["bad"].split()):
            return channel
    return ""


def verdicts(
    connection: Connection,
    key: bytes,
    study: Study,
    wave: str,
    audience: str,
    contacts: Sequence[str],
    at: datetime,
) -> list[str]:
    """Whether each contact may be asked, and if not, by which rule.

    Parameters
    ----------
    connection : to the field database.
    key : of the ledger.
    study : says the rules (`contact`).
    wave, audience : for which they would be asked.
    contacts : in the order in which they would be asked, which for events is that of the events; a pseudonym is one too.
    at : now.

    Returns
    -------
    For each contact "" or, in this order, the first that holds: "opted out", "no address", "bounced", "cold first", "resting",
    "most a year", "another event" (the contact stands earlier among `contacts`, and may be asked there).

    Notes
    -----
    The audience decides nothing: a contact is the same person in each.  A cold wave counts as not yet written to the person until
    its own invitation was sent, or stopped by a rule; what people did on the page is not looked at.  An event may name anybody:
    who has neither an address here nor a place on a roster is nobody we know, and gets no letter either.
    """
    asked = list(dict.fromkeys(contacts))
    names, marks = dict(zip(asked, asked, strict=True)), dict[str, bytes]()
    veiled = _is_any_veiled(connection)
    if veiled or _is_anybody_out(connection):  # else a hundred thousand hashes would find nothing
        marks = dict(zip(asked, marks_in(key, "contact", asked), strict=True))
        marks |= {contact: mark_of(key, contact) for contact in asked if contact[:1] == "~"}
    if veiled:
        names |= {f"~{each.hex()}": contact for contact, each in marks.items()}
    rules = study.contact or Contact()
    today = day_of(at, rules)
    addresses = addresses_of(connection, asked)
    tests = (
        ("opted out", opted(connection, key, marks, addresses)),
        *_unreached(connection, study, wave, asked, addresses).items(),
        ("cold first", _cold_first(connection, study, wave, names, today)),
        *invited(connection, names, rules, today).items(),
    )
    reasons = dict.fromkeys(asked, "")
    for reason, held in reversed(tests):  # the first rule that holds is written last
        reasons |= dict.fromkeys(held, reason)
    return _once(contacts, reasons)


def _once(contacts: Sequence[str], reasons: dict[str, str]) -> list[str]:
    """One verdict a place: who may be asked is asked at the first of his places."""
    found = []
    for contact in contacts:
        found.append(reasons[contact])
        if not reasons[contact]:
            reasons[contact] = "another event"
    return found


def opted(
    connection: Connection, key: bytes, marks: Mapping[str, bytes], addresses: Mapping[str, Row[Any]]
) -> set[str]:
    """Contacts who opted out, by themselves or by an address of theirs.

    Parameters
    ----------
    connection : to the field database.
    key : of the ledger.
    marks : contact → mark of each who is asked about.
    addresses : contact → row of `addresses`, of those who have one.
    """
    if not _is_anybody_out(connection):
        return set()
    pairs = [(each, contact) for contact, each in marks.items()]
    for place, kind in ((1, "email"), (2, "phone")):
        known = [(contact, row[place]) for contact, row in addresses.items() if row[place]]
        pairs += zip(marks_in(key, kind, [text for _, text in known]), (contact for contact, _ in known), strict=True)
    rows = connection.execute(select(OPT_OUTS.c.mark).where(among(OPT_OUTS.c.mark, [each for each, _ in pairs])))
    held = {bytes(each) for each in rows.scalars()}
    return {contact for each, contact in pairs if each in held}


def addresses_of(connection: Connection, contacts: Collection[str]) -> dict[str, Row[Any]]:
    """Contact → row of `addresses`, of those who have one."""
    rows = connection.execute(select(ADDRESSES).where(among(ADDRESSES.c.contact, contacts))).all()
    wanted = set(contacts)
    return {row[0]: row for row in rows if row[0] in wanted}


def _is_anybody_out(connection: Connection) -> bool:
    return connection.execute(select(OPT_OUTS.c.mark).limit(1)).first() is not None


def _is_any_veiled(connection: Connection) -> bool:
    """Whether a pseudonym stands anywhere that a rule looks at; by the index, where there is one."""
    looks = [(OUTBOX.c.contact, FIRST), (INVITATIONS.c.contact, true()), (CONTACTED.c.contact, true())]
    found = (select(name).where(which, name >= "~", name.like("~%")).limit(1) for name, which in looks)
    return any(connection.execute(look).first() is not None for look in found)


def _unreached(
    connection: Connection, study: Study, wave: str, asked: Sequence[str], addresses: Mapping[str, Row[Any]]
) -> dict[str, set[str]]:
    """Whom no channel of the study reaches: there was an address for one, and it is bad, or there was none."""
    found: dict[str, set[str]] = {"no address": set(), "bounced": set()}
    channels = study.contact.channels if study.contact else ()
    needs = {_NEEDS[channel] for channel in channels if channel in _NEEDS}
    if None in needs:  # a letter needs no address, but somebody who is known
        if study.waves[wave].kind == "hot" and (new := {contact for contact in asked if contact not in addresses}):
            known = connection.execute(select(INVITATIONS.c.contact).where(among(INVITATIONS.c.contact, new)))
            found["no address"] = new.difference(known.scalars())
        return found
    for contact in asked:
        row = addresses.get(contact)
        if not channel_of(study, row):
            any_address = row is not None and any(row._mapping[name] for name in needs if name)
            found["bounced" if any_address else "no address"].add(contact)
    return found


def _cold_first(connection: Connection, study: Study, wave: str, names: Mapping[str, str], today: date) -> set[str]:
    """Whom a cold wave is about to write to: it begins soon, or is open and has not written yet."""
    if study.waves[wave].kind != "hot":
        return set()
    ahead = (study.contact or Contact()).cold_first
    soon = (today + timedelta(days=math.floor(ahead / 24))).isoformat()
    running = or_(WAVES.c.last.is_(None), WAVES.c.last >= today.isoformat())
    open_waves = select(WAVES.c.wave, WAVES.c.sha256).where(WAVES.c.state == "open", WAVES.c.first <= soon, running)
    cold = [row.wave for row in connection.execute(open_waves) if _kind(connection, *row) == "cold"]
    if not cold:
        return set()
    first = and_(OUTBOX.c.token == INVITATIONS.c.token, FIRST)
    unwritten = (
        select(INVITATIONS.c.contact)
        .select_from(INVITATIONS.outerjoin(OUTBOX, first))
        .where(INVITATIONS.c.wave.in_(cold), or_(OUTBOX.c.id.is_(None), PLANNED))
        .where(among(INVITATIONS.c.contact, names))
    )
    return {names[contact] for (contact,) in connection.execute(unwritten) if contact in names}


_KINDS: dict[tuple[str, str], str] = {}


def _kind(connection: Connection, wave: str, sha256: str) -> str:
    """Whether a wave is hot or cold, read the first time it is met."""
    if (wave, sha256) not in _KINDS:
        compiled = connection.execute(select(WAVES.c.compiled).where(WAVES.c.wave == wave)).scalar_one()
        _KINDS[wave, sha256] = study_in(json.loads(compiled), Path(f"{wave}.json")).waves[wave].kind
    return _KINDS[wave, sha256]

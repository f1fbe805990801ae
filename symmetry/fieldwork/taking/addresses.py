"""Addresses in one form: what an e-mail address and a telephone number must look like, and how new ones take the place of old.

No country is guessed: a number begins with + or 00, unless whoever takes the file says of which country its numbers are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import bindparam, insert, select, update

from symmetry.fieldwork.contacts.opting import stay_out
from symmetry.fieldwork.inviting.messages import many
from symmetry.fieldwork.sending.addressing import domain_of, is_email, is_phone
from symmetry.fieldwork.store.tables import ADDRESSES

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["COUNTRIES", "FIELDS", "address_in", "email_of", "in_parts", "keep_addresses", "known_contacts", "phone_of"]

FIELDS = ("email", "phone", "language")
COUNTRIES: Mapping[str, str] = {
    "AT": "43",
    "BE": "32",
    "CH": "41",
    "DE": "49",
    "FR": "33",
    "GB": "44",
    "IE": "353",
    "NL": "31",
}
"""Countries whose national numbers begin with a 0 that falls away after the country's code."""

_MANY = 5000
_SPOKEN = re.compile(r"[0-9+()./ \u00a0\u202f\u2011-]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_Part = TypeVar("_Part")


def email_of(text: str) -> str | None:
    r"""An e-mail address in one form, its domain in small letters; None for what is none that mail can be sent to.

    Examples
    --------
    >>> email_of("Zoe.Martin@Example.ORG"), email_of("zoe@example"), email_of("zoe@example.org\nBcc: all@example.org")
    ('Zoe.Martin@example.org', None, None)
    """
    return f"{text.rpartition('@')[0]}@{domain_of(text)}" if is_email(text) else None


def phone_of(text: str, country: str | None = None) -> str | None:
    """A telephone number as +33612345678; None for what is none, or begins with neither + nor 00 where no country is said.

    Parameters
    ----------
    text : as somebody wrote it.
    country : one of COUNTRIES, whose national numbers begin with a 0.

    Examples
    --------
    >>> phone_of("00 33 6 12 34 56 78"), phone_of("06.12.34.56.78"), phone_of("06.12.34.56.78", "FR")
    ('+33612345678', None, '+33612345678')
    """
    if not text.isprintable() or not _SPOKEN.fullmatch(text):
        return None
    digits = re.sub(r"[^0-9+]", "", text.replace("(0)", ""))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif digits.startswith("0") and country is not None:
        digits = f"+{COUNTRIES[country]}{digits[1:]}"
    return digits if is_phone(digits) else None


def address_in(cells: Mapping[str, str], country: str | None) -> tuple[dict[str, str], str]:
    """What a row says of somebody's address, and what is wrong with it in words ("" for nothing); blanks are left out.

    Examples
    --------
    >>> address_in({"email": "zoe@", "phone": "+33612345678"}, None)
    ({'phone': '+33612345678'}, 'malformed e-mail address')
    """
    found: dict[str, str] = {}
    faults: list[str] = []
    for name in FIELDS:
        text = cells.get(name, "")
        if not text:
            continue
        read = _read(name, text, country)
        if read is not None:
            found[name] = read
        elif name == "phone" and country is None and text.startswith("0"):
            faults.append(
                "telephone number without its country: write it with + or 00, or name the country (--country)"
            )
        else:
            faults.append(f"malformed {_CALLED[name]}")
    return found, "; ".join(faults)


_CALLED = {"email": "e-mail address", "phone": "telephone number", "language": "language"}


@lru_cache(65536)
def _read(name: str, text: str, country: str | None) -> str | None:
    if name == "email":
        return email_of(text)
    if name == "phone":
        return phone_of(text, country)
    short = text.lower().replace("_", "-").partition("-")[0]
    return short if _LANGUAGE.fullmatch(short) else None


def known_contacts(connection: Connection, contacts: Collection[str]) -> dict[str, dict[str, str]]:
    """Contacts with an address, and what is known of it; of many contacts in parts."""
    found: dict[str, dict[str, str]] = {}
    columns = ADDRESSES.c["contact", "email", "phone", "language", "bad"]
    for part in in_parts(sorted(contacts)):
        rows = connection.execute(select(*columns).where(ADDRESSES.c.contact.in_(part))).all()
        for contact, email, phone, language, bad in rows:
            found[contact] = {"email": email or "", "phone": phone or "", "language": language or "", "bad": bad}
    return found


def keep_addresses(
    connection: Connection,
    key: bytes,
    new: Mapping[str, Mapping[str, str]],
    day: str,
    there: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[set[str], set[str]]:
    """Keep addresses: what is said takes the place of what was known, and what is not said stays.

    Parameters
    ----------
    connection : to the field database, in a transaction begun with the turn to write.
    key : of the ledger.
    new : contact → what `address_in` found; of whom nothing is said, nothing changes.
    day : of today.
    there : what is known of them, where that was looked up before.

    Returns
    -------
    The contacts of whom something changed, and those who opted out.  An address that is another one than before is good again;
    who opted out by the old or the new one has opted out for good.
    """
    there = known_contacts(connection, new) if there is None else there
    gone = stay_out(connection, key, there, new)
    added, changed = [], []
    for contact, said in new.items():
        before = there.get(contact)
        if not said:
            continue
        after = {**dict.fromkeys((*FIELDS, "bad"), ""), **(before or {}), **said}
        kept = [channel for channel in after["bad"].split() if not _is_other(channel, before or {}, said)]
        after["bad"] = " ".join(kept)
        row = {name: after[name] or None for name in FIELDS} | {"bad": after["bad"], "day": day}
        if before is None:
            added.append({"contact": contact, **row})
        elif after != before:
            changed.append({"of": contact, **{f"new_{name}": cell for name, cell in row.items()}})
    many(connection, insert(ADDRESSES), sorted(added, key=itemgetter("contact")))
    names = (*FIELDS, "bad", "day")
    statement = update(ADDRESSES).where(ADDRESSES.c.contact == bindparam("of"))
    statement = statement.values({name: bindparam(f"new_{name}") for name in names})
    many(connection, statement, sorted(changed, key=itemgetter("of")))
    return {str(row["contact"]) for row in added} | {str(row["of"]) for row in changed}, gone


def _is_other(channel: str, before: Mapping[str, str], said: Mapping[str, str]) -> bool:
    """Whether the address of a channel is another one than that which did not reach the person."""
    name = "email" if channel == "email" else "phone"
    return bool(said.get(name)) and said[name] != before.get(name)


def in_parts(rows: Sequence[_Part]) -> Iterator[Sequence[_Part]]:
    """A long list in parts that one statement can take."""
    for start in range(0, len(rows), _MANY):
        yield rows[start : start + _MANY]

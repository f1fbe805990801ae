"""A mail as it goes over the wire: its headers, its two bodies, and the lines in which a server reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from symmetry.fieldwork.sending.addressing import domain_of
from symmetry.fieldwork.sending.letters import Letter
from symmetry.fieldwork.sending.settings import Email

__all__ = ["Envelope", "composed", "encoded"]

_DOT = re.compile(rb"(?m)^\.")
_WHOLE = ("list-unsubscribe", "message-id")  # addresses are never broken over lines, nor encoded


@dataclass(frozen=True)
class Envelope:
    """What stands around a letter.

    Attributes
    ----------
    id : of the row of the outbox; the Message-ID follows from it.
    to : the address.
    out : the link to opt out.
    at : now.
    """

    id: bytes
    to: str
    out: str
    at: datetime


class _Policy(EmailPolicy):
    """How the standard library writes messages, but for headers that hold an address of any length."""

    def fold(self, name: str, value: str) -> str:
        """One header, as text."""
        return f"{name}: {value}\r\n" if name.lower() in _WHOLE else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        """One header, as bytes."""
        return self.fold(name, value).encode("ascii") if name.lower() in _WHOLE else super().fold_binary(name, value)


_NARROW = _Policy(linesep="\r\n")
_WIDE = _NARROW.clone(utf8=True)


def composed(letter: Letter, envelope: Envelope, email: Email, *, wide: bool = False) -> EmailMessage:
    """The message with its headers: whom to answer, how to opt out with one click, and that a program wrote it."""
    made = EmailMessage(policy=_WIDE if wide else _NARROW)
    local, _, domain = envelope.to.rpartition("@")
    made["From"] = Address(email.name, addr_spec=email.address)
    made["To"] = Address(username=local, domain=domain if wide else domain_of(envelope.to))
    if email.reply_to:
        made["Reply-To"] = Address(addr_spec=email.reply_to)
    made["Subject"] = letter.subject
    made["Date"] = format_datetime(envelope.at)
    made["Message-ID"] = f"<{envelope.id.hex()}@{domain_of(email.address)}>"
    made["List-Unsubscribe"] = f"<{envelope.out}>"
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.text, cte="quoted-printable")
    made.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return made


def encoded(message: EmailMessage, *, wide: bool) -> bytes:
    """As it goes over the wire: lines that begin with a dot get another one, and a dot ends it all."""
    content = message.as_bytes(policy=_WIDE if wide else _NARROW)
    return _DOT.sub(b"..", content) + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n"

"""The mailboxes of everybody: a real mail server on loopback, and what a person finds in a mail: a link, and one to opt out."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aiosmtpd.controller import Controller

__all__ = ["Inbox", "Mail", "inbox"]

_LINK = re.compile(r"https?://\S+/s/[a-z2-7]+")


@dataclass(frozen=True)
class Mail:
    """One mail: the link to the questionnaire, the one to opt out, and whether one click is enough."""

    link: str
    out: str
    one_click: bool


class Inbox:
    """Mails in the order in which they came, each handed out once."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._new: list[tuple[str, bytes]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # the name that aiosmtpd calls
        """Take a message in."""
        for address in envelope.rcpt_tos:
            self._new.append((address, bytes(envelope.content)))
        return "250 OK"

    def new(self) -> list[tuple[str, Mail]]:
        """What came since the last look."""
        came, self._new = self._new, []
        return [(address, _read(content)) for address, content in came]


@contextmanager
def inbox(port: int) -> Iterator[Inbox]:
    """A mail server that takes everything, for as long as the block lasts."""
    handler = Inbox(port)
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()


def _read(content: bytes) -> Mail:
    """What a person sees, and a mail program."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    body = message.get_body(("plain",))
    found = _LINK.search(body.get_content()) if body is not None else None
    if found is None:
        raise AssertionError(f"a mail without a link: {content[:2000]!r}")
    out = re.search(r"<(\S+)>", str(message["List-Unsubscribe"]))
    one_click = message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return Mail(found[0], out[1] if out else "", one_click)

"""A real mail server on this machine, by aiosmtpd, that answers as the address says; in this process, or in one of its own.

The part of an address before its first dash decides: `bounce` there is no such mailbox, `full` the mailbox takes nothing,
`policy` a rule refuses it, `plain` a refusal without a status, `later` not now, `content` and `slow` refused after it was read,
`cut` the connection breaks after the content; anything else is taken.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

__all__ = ["Server", "serving"]

_AT_ADDRESS = {
    "bounce": "550 5.1.1 no mailbox {to} here",
    "full": "552 5.2.2 {to} is over quota",
    "policy": "550 5.7.1 your kind is not wanted, {to}",
    "plain": "550 no {to}",
    "later": "451 4.7.1 try later, {to}",
}
_AT_CONTENT = {"content": "554 5.6.0 we do not like it", "slow": "452 4.3.1 no room now"}


@dataclass
class Server:
    """What a server took, in its order, and how it is reached."""

    host: str = "127.0.0.1"
    port: int = 0
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    options: list[list[str]] = field(default_factory=list)
    tries: int = 0
    connections: int = 0
    file: Path | None = None
    sender_refused: bool = False

    @property
    def ids(self) -> list[str]:
        """The Message-ID of each message taken."""
        return [str(message["Message-ID"]) for _, message in self.taken]

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, said: list[str]
    ) -> list[str]:
        """Count who comes."""
        self.connections += 1
        session.host_name = hostname
        return said

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender, or not."""
        if self.sender_refused:
            return "550 5.7.0 not from you"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the address, or answer as it says."""
        self.tries += 1
        kind = address.partition("-")[0]
        if kind in _AT_ADDRESS:
            return _AT_ADDRESS[kind].format(to=address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take the content, or answer as the address says."""
        to = envelope.rcpt_tos[0]
        kind = to.partition("-")[0]
        content = bytes(envelope.content or b"")
        if kind in _AT_CONTENT:
            return _AT_CONTENT[kind]
        if self.file is not None:
            with self.file.open("a", encoding="ascii") as file:
                file.write(f"{message_from_bytes(content)['Message-ID']}\n")
        else:
            read = message_from_bytes(content, policy=default)
            assert isinstance(read, EmailMessage)
            self.taken.append((to, read))
            self.raw.append(content)
            self.options.append(list(envelope.mail_options))
        if kind == "cut":
            server.transport.abort()
        return "250 OK"


@contextmanager
def serving(
    *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, password: str = "", utf8: bool = True
) -> Iterator[Server]:
    """Run a server in a thread of this process, on a port that is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(port=free.getsockname()[1])

    def let_in(_: Any, __: Any, ___: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == password.encode(), handled=False)

    options: dict[str, Any] = {
        "enable_SMTPUTF8": utf8,
        "tls_context": starttls,
        "require_starttls": starttls is not None,
    }
    if password:
        options |= {"authenticator": let_in, "auth_required": True, "auth_require_tls": starttls is not None}
    controller = Controller(server, hostname="127.0.0.1", port=server.port, ssl_context=tls, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


async def _run(file: Path) -> None:
    """Serve until killed; the first line of the output is the port."""
    made = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Server(file=file), enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    print(made.sockets[0].getsockname()[1], flush=True)
    await made.serve_forever()


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1])))

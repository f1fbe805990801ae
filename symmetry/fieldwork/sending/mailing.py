"""Mail, by the standard library: one connection for many messages, each handed over at most once, step by step.

The steps matter.  Before the server has said that it will take the content (354), nothing has left, and the message may be tried
again; from then until its last word, a broken connection leaves everybody in doubt, and the message is not sent again.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from types import TracebackType

from symmetry.errors import DataError
from symmetry.fieldwork.sending.addressing import domain_of, is_email
from symmetry.fieldwork.sending.letters import Letter
from symmetry.fieldwork.sending.outcomes import Outcome
from symmetry.fieldwork.sending.settings import VARIABLE, Email

__all__ = ["Envelope", "Mailer", "composed"]

_SECONDS = 30.0
_MANY = 200  # messages by one connection; servers hang up on who sends on for ever
_MOST_REFUSED = 5
_STATUS = re.compile(rb"\A([245]\.\d{1,3}\.\d{1,3})\b")
_DOT = re.compile(rb"(?m)^\.")
_WHOLE = ("list-unsubscribe", "message-id")  # addresses are never broken over lines, nor encoded
_SAID = {
    "1": "no such address",
    "2": "the mailbox takes nothing",
    "3": "the mail system there takes nothing",
    "7": "refused by a rule of the server",
}


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


class Mailer:
    """A connection to the mail server, made when it is needed and closed at the end of the block.

    Parameters
    ----------
    email : the server and the sender.
    context : of TLS; certificates are checked against the system's authorities without.
    """

    def __init__(self, email: Email, context: ssl.SSLContext | None = None) -> None:
        self._email = email
        self._context = context or ssl.create_default_context()
        self._server: smtplib.SMTP | None = None
        self._sent = 0
        self._refused = 0

    def __enter__(self) -> Mailer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def ready(self) -> None:
        """Be connected, so that what fails here fails before any message is claimed.

        Raises
        ------
        DataError : SND05, the server cannot be reached, or not by TLS; SND06, it does not let us in.
        """
        if self._server is not None and self._sent < _MANY:
            with suppress(smtplib.SMTPException, OSError):
                if self._server.rset()[0] == 250:
                    return
        self._leave()
        self._server = self._connected()
        self._sent = 0

    def send(self, letter: Letter, envelope: Envelope) -> Outcome:
        """Hand one message over.

        Parameters
        ----------
        letter : the words.
        envelope : to whom, and under what number.

        Raises
        ------
        DataError : SND05 or SND06, as for `ready`; or the server takes nothing from our sender.  Nothing has left.
        """
        if not is_email(envelope.to):
            return Outcome("bounced", "malformed address", address_bad=True)
        if self._server is None:
            self.ready()
        server = self._server
        if server is None:
            raise RuntimeError("connected, or an error was raised")
        wide = not envelope.to.isascii() and not envelope.to.rpartition("@")[0].isascii()
        if wide and not server.has_extn("smtputf8"):
            return Outcome("bounced", "the server takes no address with such letters")
        self._sent += 1
        content = _encoded(composed(letter, envelope, self._email, wide=wide), wide=wide)
        try:
            refused = self._addressed(server, envelope.to, wide)
            if refused is not None:
                return self._counted(refused)
            code, said = server.docmd("DATA")
        except (smtplib.SMTPException, OSError, UnicodeError):
            self._leave()
            return Outcome("again", "the connection broke")
        if code != 354:
            return self._counted(_refused(code, said, at_address=False))
        return self._handed_over(server, content)

    def _handed_over(self, server: smtplib.SMTP, content: bytes) -> Outcome:
        """The content, and the server's last word on it."""
        try:
            server.send(content)
            code, said = server.getreply()
        except (smtplib.SMTPException, OSError):
            self._leave()
            return Outcome("uncertain", "the connection broke before the server's last word")
        if 200 <= code < 300:
            self._refused = 0
            return Outcome("sent")
        return self._counted(_refused(code, said, at_address=False))

    def _addressed(self, server: smtplib.SMTP, to: str, wide: bool) -> Outcome | None:
        """Name sender and recipient; None where both are taken."""
        code, said = server.mail(self._email.address, ["SMTPUTF8"] if wide else [])
        if code >= 500:
            self._leave()
            what = f"the server takes nothing from {self._email.address}: {code}"
            raise DataError(what, mend="have it accept this sender, or write another one in sending.yaml", code="SND06")
        if code != 250:
            return _refused(code, said, at_address=False)
        local, _, _ = to.rpartition("@")
        name = to if wide else f"{local}@{domain_of(to)}"
        server.putcmd("RCPT", f"TO:<{name}>")
        code, said = server.getreply()
        return None if code in (250, 251) else _refused(code, said, at_address=True)

    def _counted(self, outcome: Outcome) -> Outcome:
        """Count refusals by rule, and have the server forget what it refused; one that is about to hang up (421) is left."""
        if outcome.reason.startswith("421"):
            self._leave()
        elif self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._server.rset()
        if outcome.kind == "bounced" and not outcome.address_bad:
            self._refused += 1
        return outcome

    @property
    def unwelcome(self) -> bool:
        """Whether the server has refused so many messages in a row by its rules that we had better stop."""
        return self._refused >= _MOST_REFUSED

    def _connected(self) -> smtplib.SMTP:
        """A new connection, locked and known to the server."""
        email = self._email
        where = f"{email.host}:{email.port}"
        try:
            if email.security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(email.host, email.port, timeout=_SECONDS, context=self._context)
            else:
                server = smtplib.SMTP(email.host, email.port, timeout=_SECONDS)
        except (smtplib.SMTPException, OSError) as error:
            raise _unreachable(where, error) from error
        try:
            server.ehlo_or_helo_if_needed()
            if email.security == "starttls":
                server.starttls(context=self._context)
                server.ehlo()
            if email.user is not None and email.password is not None:
                server.login(email.user, email.password)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            server.close()
            starting = email.security == "starttls" and email.user is None
            what = (
                f"the mail server {where} offers no TLS" if starting else f"the mail server {where} does not let us in"
            )
            mend = "write security: tls" if starting else f"check `user` in sending.yaml and {VARIABLE}"
            raise DataError(what, mend=mend, code="SND05" if starting else "SND06") from error
        except (smtplib.SMTPException, OSError) as error:
            server.close()
            raise _unreachable(where, error) from error
        return server

    def _leave(self) -> None:
        """Take leave of the server."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()


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


def _encoded(message: EmailMessage, *, wide: bool) -> bytes:
    """As it goes over the wire: lines that begin with a dot get another one, and a dot ends it all."""
    content = message.as_bytes(policy=_WIDE if wide else _NARROW)
    return _DOT.sub(b"..", content) + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _refused(code: int, said: bytes, *, at_address: bool) -> Outcome:
    """What a refusal means; of the server's words, which may hold the address, its numbers alone are kept."""
    found = _STATUS.match(said)
    status = found[1].decode() if found else ""
    subject = status.split(".")[1] if status else ""
    lasting = 500 <= code < 600
    reason = " ".join(filter(None, (str(code), status, _SAID.get(subject, "") if lasting else "")))
    if not lasting:
        return Outcome("again", reason)
    return Outcome(
        "bounced", reason, address_bad=subject in ("1", "2") or (at_address and subject not in ("3", "4", "7"))
    )


def _unreachable(where: str, error: Exception) -> DataError:
    """Why a server cannot be spoken to; its own words may hold anything, and are left out."""
    certificate = isinstance(error, ssl.SSLCertVerificationError)
    why = (
        f"its certificate is not good ({error.verify_message})"
        if isinstance(error, ssl.SSLCertVerificationError)
        else ""
    )
    why = why or (
        error.strerror if isinstance(error, OSError) and error.strerror else "it does not speak as a mail server"
    )
    mend = (
        "name it in sending.yaml as its certificate does"
        if certificate
        else "check host, port and security in sending.yaml"
    )
    return DataError(f"the mail server {where} cannot be used: {why}", mend=mend, code="SND05")

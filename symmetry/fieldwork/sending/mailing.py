"""Mail, by the standard library: one connection for many messages, each handed over at most once, step by step.

The steps matter.  Before the server has said that it will take the content (354), nothing has left, and the message may be tried
again; from then until its last word, a broken connection leaves everybody in doubt, and the message is not sent again.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import replace
from types import TracebackType

from symmetry.errors import DataError
from symmetry.fieldwork.sending.addressing import domain_of, is_email
from symmetry.fieldwork.sending.composing import Envelope, composed, encoded
from symmetry.fieldwork.sending.letters import Letter
from symmetry.fieldwork.sending.outcomes import Outcome
from symmetry.fieldwork.sending.settings import VARIABLE, Email

__all__ = ["Mailer"]

_SECONDS = 30.0
_LAST_WORD = 600.0  # a server may look long at what it was given (RFC 5321, 4.5.3.2.6)
_MANY = 200  # messages by one connection; servers hang up on who sends on for ever
_NOBODY = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.2.2")  # of the address, and not of us
_PLAIN = (550, 551, 553)  # say so of an address where no status does, or refuse us: other messages tell
_STATUS = re.compile(rb"\A([245]\.\d{1,3}\.\d{1,3})\b")
_SAID = {
    "1": "no such address",
    "2": "the mailbox takes nothing",
    "3": "the mail system there takes nothing",
    "7": "refused by a rule of the server",
}


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
        self._taken = 0

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
        self._sent = self._taken = 0

    def offer(self, letter: Letter, envelope: Envelope) -> Outcome | bytes:
        """Offer one message: whatever is raised here, nothing has left.

        Parameters
        ----------
        letter : the words.
        envelope : to whom, and under what number.

        Returns
        -------
        What the server waits for, to be handed over now; or what came of the message.

        Raises
        ------
        DataError : SND05 or SND06, as for `ready`; or the server takes nothing from our sender.
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
        content = encoded(composed(letter, envelope, self._email, wide=wide), wide=wide)
        self._sent += 1
        try:
            refused = self._addressed(server, envelope.to, wide)
            if refused is not None:
                return self._forgotten(refused)
            code, said = server.docmd("DATA")
        except (smtplib.SMTPException, OSError, UnicodeError):
            self._leave()
            return Outcome("again", "the connection broke")
        return content if code == 354 else self._forgotten(_refused(code, said))

    def hand_over(self, content: bytes) -> Outcome:
        """Hand over what was offered, and hear the server's last word on it; one that is not SMTP leaves doubt."""
        server = self._server
        if server is None:
            raise RuntimeError("offered first")
        try:
            if server.sock is not None:
                server.sock.settimeout(_LAST_WORD)
            server.send(content)
            code, said = server.getreply()
            if server.sock is not None:
                server.sock.settimeout(_SECONDS)
        except (smtplib.SMTPException, OSError):
            self._leave()
            return Outcome("uncertain", "the connection broke before the server's last word")
        if 200 <= code < 300:
            self._taken += 1
            return Outcome("sent")
        if 400 <= code < 600:
            return self._forgotten(_refused(code, said))
        self._leave()
        return Outcome("uncertain", "the server's last word is not SMTP")

    def _addressed(self, server: smtplib.SMTP, to: str, wide: bool) -> Outcome | None:
        """Name sender and recipient; None where both are taken."""
        code, said = server.mail(self._email.address, ["SMTPUTF8"] if wide else [])
        if code >= 500:
            self._leave()
            what = f"the server takes nothing from {self._email.address}: {code}"
            raise DataError(what, mend="have it accept this sender, or write another one in sending.yaml", code="SND06")
        if code != 250:
            return _refused(code, said)
        local, _, _ = to.rpartition("@")
        name = to if wide else f"{local}@{domain_of(to)}"
        server.putcmd("RCPT", f"TO:<{name}>")
        code, said = server.getreply()
        if code in (250, 251):
            return None
        refused = _refused(code, said)
        nobody = code in _PLAIN and not _STATUS.match(said) and self._taken > 0
        return replace(refused, address_bad=refused.address_bad or nobody)

    def _forgotten(self, outcome: Outcome) -> Outcome:
        """Have the server forget what it refused; one that is about to hang up (421) is left."""
        if outcome.reason.startswith("421"):
            self._leave()
        elif self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._server.rset()
        return outcome

    def _connected(self) -> smtplib.SMTP:
        """A new connection, locked and known to the server."""
        email = self._email
        where = f"{email.host}:{email.port}"
        try:
            if email.security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(email.host, email.port, timeout=_SECONDS, context=self._context)
            else:
                server = smtplib.SMTP(email.host, email.port, timeout=_SECONDS)
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise _unreachable(where, error) from error
        try:
            server.ehlo_or_helo_if_needed()
            if email.security == "starttls":
                server.starttls(context=self._context)
                server.ehlo()
        except smtplib.SMTPNotSupportedError as error:
            server.close()
            raise DataError(
                f"the mail server {where} offers no TLS", mend="write security: tls", code="SND05"
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            server.close()
            raise _unreachable(where, error) from error
        self._log_in(server, where)
        return server

    def _log_in(self, server: smtplib.SMTP, where: str) -> None:
        """Say who we are, where the server asks."""
        email = self._email
        try:
            if email.user is not None and email.password is not None:
                server.login(email.user, email.password)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, UnicodeError) as error:
            server.close()
            what = f"the mail server {where} does not let us in"
            mend = f"check `user` in sending.yaml and {VARIABLE}; both in plain letters (ASCII)"
            raise DataError(what, mend=mend, code="SND06") from error
        except (smtplib.SMTPException, OSError) as error:
            server.close()
            raise _unreachable(where, error) from error

    def _leave(self) -> None:
        """Take leave of the server."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()


def _refused(code: int, said: bytes) -> Outcome:
    """What a refusal means; of the server's words, which may hold the address, its numbers alone are kept."""
    found = _STATUS.match(said)
    status = found[1].decode() if found else ""
    subject = status.split(".")[1] if status else ""
    lasting = 500 <= code < 600
    reason = " ".join(filter(None, (str(code), status, _SAID.get(subject, "") if lasting else "")))
    return Outcome("bounced", reason, address_bad=status in _NOBODY) if lasting else Outcome("again", reason)


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

"""Mail meets a real server (aiosmtpd): headers that arrive, refusals that are told apart, connections that break."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Literal

import pytest
from aiosmtpd.smtp import SMTP

from symmetry.errors import DataError
from symmetry.fieldwork.sending.composing import Envelope, composed
from symmetry.fieldwork.sending.letters import Letter
from symmetry.fieldwork.sending.mailing import Mailer
from symmetry.fieldwork.sending.outcomes import Outcome
from symmetry.fieldwork.sending.settings import Email
from tests.fieldwork.sending.mailserver import Server, serving

LETTER = Letter("Votre avis\u00a0: l’accueil", "Bonjour,\n\n.\n..deux points\nété 😀\n", "<p>Bonjour, été</p>\n")
AT = datetime(2027, 3, 4, 11, tzinfo=UTC)
OUT = "https://" + "enquete-de-satisfaction." * 3 + "example.org/o/abcdefghij234567abcd"


def _send(mailer: Mailer, to: str, number: int = 1) -> Outcome:
    """Offer a message, and hand it over where the server waits for it."""
    offered = mailer.offer(LETTER, _envelope(to, number))
    return mailer.hand_over(offered) if isinstance(offered, bytes) else offered


def _envelope(to: str, number: int = 1) -> Envelope:
    return Envelope(number.to_bytes(16, "big"), to, OUT, AT)


def _email(server: Server, security: Literal["starttls", "tls", "none"] = "none", **values: str) -> Email:
    return Email("localhost", server.port, security, "Banque, du «Quotidien»", "enquete@banque.example", **values)


@contextmanager
def _sent(*to: str, **options: bool) -> Iterator[tuple[list[Outcome], Server]]:
    with serving(**options) as server, Mailer(_email(server)) as mailer:
        yield [_send(mailer, each, number) for number, each in enumerate(to)], server


def test_what_is_sent_arrives_as_it_was_written() -> None:
    """Sender, subject, both bodies with their lines of dots, and the headers of the outbox, whole however long the address."""
    with _sent("zoe@example.org") as (outcomes, server):
        assert [Outcome("sent")] == outcomes
        to, message = server.taken[0]
    assert "zoe@example.org" == to
    assert {"From": "\"Banque, du «Quotidien»\" <enquete@banque.example>", "To": "zoe@example.org",
            "Subject": LETTER.subject, "Date": "Thu, 04 Mar 2027 11:00:00 +0000",
            "Message-ID": "<00000000000000000000000000000000@banque.example>", "List-Unsubscribe": f"<{OUT}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated",
            "MIME-Version": "1.0"} == {name: str(value) for name, value in message.items() if name != "Content-Type"}  # fmt: skip
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert LETTER.text == plain.get_content().replace("\r\n", "\n")
    assert LETTER.html == page.get_content().replace("\r\n", "\n")
    assert f"List-Unsubscribe: <{OUT}>\r\n".encode() in server.raw[0]
    assert server.raw[0].isascii()
    assert max(map(len, server.raw[0].split(b"\r\n\r\n", 1)[1].split(b"\r\n"))) <= 78


def test_answers_go_to_whoever_reads_them() -> None:
    """`reply_to` becomes the header of that name, and there is none without."""
    email = Email("localhost", 25, "none", "A", "a@banque.example")
    assert None is composed(LETTER, _envelope("z@example.org"), email)["Reply-To"]
    there = composed(LETTER, _envelope("z@example.org"), replace(email, reply_to="b@banque.example"))
    assert "b@banque.example" == there["Reply-To"]


def test_each_refusal_is_told_apart_without_the_address() -> None:
    """No such mailbox and a full one are bad addresses; a rule, a dislike, or no reason is not; later means again."""
    to = ("bounce-x", "full-x", "plain-x", "policy-x", "content-x", "later-x", "slow-x")
    with _sent(*(f"{each}@example.org" for each in to)) as (outcomes, _):
        assert [
            Outcome("bounced", "550 5.1.1 no such address", True),
            Outcome("bounced", "552 5.2.2 the mailbox takes nothing", True),
            Outcome("bounced", "550", False),
            Outcome("bounced", "550 5.7.1 refused by a rule of the server", False),
            Outcome("bounced", "554 5.6.0", False),
            Outcome("again", "451 4.7.1", False),
            Outcome("again", "452 4.3.1", False),
        ] == outcomes
    assert not any("example" in each.reason for each in outcomes)


def test_a_refused_message_leaves_the_next_ones_alone() -> None:
    """After a refusal at either step the same connection goes on."""
    with _sent("bounce-x@example.org", "a@example.org", "content-x@example.org", "b@example.org") as (outcomes, server):
        assert ["bounced", "sent", "bounced", "sent"] == [each.kind for each in outcomes]
        assert ["a@example.org", "b@example.org"] == [to for to, _ in server.taken]
        assert 1 == server.connections


def test_a_connection_that_breaks_after_the_content_leaves_doubt() -> None:
    """The server had the message and we do not know: uncertain; the next one goes by a new connection."""
    with _sent("cut-x@example.org", "a@example.org") as (outcomes, server):
        assert ["uncertain", "sent"] == [each.kind for each in outcomes]
        assert 2 == server.connections


def test_a_connection_that_breaks_before_the_content_leaves_none() -> None:
    """The server went away between two messages: nothing of the second had left, so it may be tried again."""
    with serving() as server:
        mailer = Mailer(_email(server)).__enter__()
        assert Outcome("sent") == _send(mailer, "a@example.org")
    with mailer:
        assert Outcome("again", "the connection broke") == _send(mailer, "b@example.org")
        with pytest.raises(DataError, match="SND05"):
            mailer.ready()


@pytest.mark.parametrize(
    "to",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org, b@example.org",
        "<a@example.org>",
        "a",
        "",
        "a b@example.org",
    ],
)
def test_a_malformed_address_meets_no_server(to: str) -> None:
    """Nothing of it reaches the wire, so that no header can be smuggled in."""
    with _sent("ok@example.org", to) as (outcomes, server):
        assert [Outcome("sent"), Outcome("bounced", "malformed address", True)] == outcomes
        assert 1 == server.tries


def test_no_subject_can_add_a_header() -> None:
    """The standard library refuses a line break in a header, whoever wrote it."""
    email = Email("localhost", 25, "none", "A", "a@banque.example")
    with pytest.raises(ValueError, match="linefeed"):
        composed(replace(LETTER, subject="x\r\nBcc: b@example.org"), _envelope("z@example.org"), email)


def test_letters_beyond_ascii_in_an_address() -> None:
    """A domain is written in plain letters; a name goes as it is where the server can (SMTPUTF8), and else not at all."""
    with _sent("zoe@exämple.org", "zoé@exämple.org", "a@example.org") as (outcomes, server):
        assert ["sent"] * 3 == [each.kind for each in outcomes]
        assert ["zoe@xn--exmple-cua.org", "zoé@exämple.org", "a@example.org"] == [to for to, _ in server.taken]
        assert ["SMTPUTF8" in each for each in server.options] == [False, True, False]
        assert "zoé@exämple.org" == str(message_from_bytes(server.raw[1], policy=default)["To"])
    with _sent("zoé@example.org", "zoe@exämple.org", utf8=False) as (outcomes, _):
        assert [Outcome("bounced", "the server takes no address with such letters"), Outcome("sent")] == outcomes


def test_a_server_that_refuses_our_sender_stops_everything() -> None:
    """That is no fault of an address, so nothing is marked and the reason is raised."""
    with serving() as server, Mailer(_email(server)) as mailer:
        server.sender_refused = True
        with pytest.raises(DataError, match=r"SND06 the server takes nothing from enquete@banque.example: 550"):
            _send(mailer, "a@example.org")


@pytest.mark.parametrize("word", [b"OK queued as 123", b"354 again", b"banana"])
def test_a_last_word_that_is_not_smtp_leaves_doubt(monkeypatch: pytest.MonkeyPatch, word: bytes) -> None:
    """The server may have taken the message: it is not sent again, and the next one goes by a new connection."""
    push = SMTP.push

    async def strange(self: SMTP, status: str | bytes) -> None:
        await push(self, word.decode() if status == "250 taken" else status)

    async def taken(self: Server, *_: object) -> str:
        return "250 taken"

    monkeypatch.setattr(SMTP, "push", strange)
    monkeypatch.setattr(Server, "handle_DATA", taken)
    with _sent("a@example.org", "b@example.org") as (outcomes, server):
        assert [Outcome("uncertain", "the server's last word is not SMTP")] * 2 == outcomes
        assert 2 == server.connections


@pytest.mark.parametrize(
    ("said", "bad"),
    [("550 5.1.8 bad outbound sender", False), ("550 5.1.7 bad sender", False), ("550 5.1.0 denied", False),
     ("550 5.4.1 denied", False), ("554 refused", False), ("550 5.1.10 no such user", True), ("550 5.2.1 off", True)],
)  # fmt: skip
def test_only_what_is_about_the_address_makes_it_bad(monkeypatch: pytest.MonkeyPatch, said: str, bad: bool) -> None:
    """A refusal of our sender or our account says nothing about whoever was written to."""

    async def refuse(*_: object) -> str:
        return said

    monkeypatch.setattr(Server, "handle_RCPT", refuse)
    with _sent("a@example.org") as (outcomes, _):
        assert [("bounced", bad)] == [(each.kind, each.address_bad) for each in outcomes]


def test_a_plain_refusal_is_about_the_address_only_where_others_are_taken() -> None:
    """Without a status, `550` may mean that nothing is relayed for us; it does not once a message was taken."""
    with _sent("plain-x@example.org", "a@example.org", "plain-y@example.org") as (outcomes, _):
        assert [("bounced", False), ("sent", False), ("bounced", True)] == [
            (each.kind, each.address_bad) for each in outcomes
        ]


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_host_or_a_password_that_cannot_be_written_is_an_error_in_words() -> None:
    """An empty label, and letters beyond ASCII, which the standard library cannot say to a server."""
    with serving() as server, pytest.raises(DataError, match="SND05"):
        Mailer(replace(_email(server), host="smtp..example.org")).ready()
    with serving(password="é") as server, pytest.raises(DataError, match="SND06"):
        Mailer(replace(_email(server), user="survey", password="é")).ready()


def test_a_server_may_think_for_ten_minutes_about_the_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it looks at a message we wait longer than for anything else, and no longer afterwards."""
    patience: list[float | None] = []
    settimeout = socket.socket.settimeout

    def noted(self: socket.socket, seconds: float | None) -> None:
        patience.append(seconds)
        settimeout(self, seconds)

    with serving() as server, Mailer(_email(server)) as mailer:
        mailer.ready()
        with monkeypatch.context() as listening:
            listening.setattr(socket.socket, "settimeout", noted)
            assert Outcome("sent") == _send(mailer, "a@example.org")
    assert [600.0, 30.0] == patience


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for `localhost`, signed by itself."""
    folder = tmp_path_factory.mktemp("certificate")
    key, made = folder / "key.pem", folder / "made.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", made],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, made


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd does not see the TLS around it
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_tls_and_password(certificate: tuple[Path, Path], security: Literal["starttls", "tls"]) -> None:
    """A certificate that is vouched for lets a message through; with another name, or none to vouch, nothing is said."""
    key, made = certificate
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(made, key)
    trusting = ssl.create_default_context(cafile=str(made))
    with serving(**{security: own}, password="pass word") as server:
        email = replace(_email(server, security), user="survey", password="pass word")
        with Mailer(email, trusting) as mailer:
            assert Outcome("sent") == _send(mailer, "a@example.org")
        for wrong, context, code in (
            (email, None, "SND05.*certificate"),
            (replace(email, host="127.0.0.1"), trusting, "SND05.*certificate"),
            (replace(email, password="another"), trusting, "SND06.*does not let us in"),
        ):
            with Mailer(wrong, context) as mailer, pytest.raises(DataError, match=code) as refused:
                mailer.ready()
            assert "another" not in str(refused.value)
        assert 1 == len(server.taken)


def test_a_server_without_tls_is_not_spoken_to() -> None:
    """Where `starttls` is asked for and not offered, no message is sent in the clear."""
    with serving() as server, Mailer(_email(server, "starttls")) as mailer:
        with pytest.raises(DataError, match="SND05 .*offers no TLS"):
            _send(mailer, "a@example.org")
        assert 0 == server.tries

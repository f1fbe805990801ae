"""Text messages and alerts, by apprise, meet a real HTTP server that stands in for a gateway."""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
import requests
from sqlalchemy import select

from symmetry.errors import DataError
from symmetry.fieldwork.sending.outbox import send_due
from symmetry.fieldwork.sending.outcomes import Outcome
from symmetry.fieldwork.sending.settings import Settings
from symmetry.fieldwork.sending.texting import alert, send_text
from symmetry.fieldwork.store.tables import ADDRESSES
from tests.fieldwork.sending.outboxes import NOON, opened, plan, settings_for, stands

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

HOME = "https://survey.example.org"
PHONE = "+33612345678"


@dataclass
class Gateway:
    """What came in, and what is answered."""

    port: int = 0
    status: int = 200
    cut: bool = False
    came: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """As settings name it."""
        return f"json://127.0.0.1:{self.port}/to/{{phone}}"


@contextmanager
def _gateway() -> Iterator[Gateway]:
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            gateway.came.append((unquote(self.path), json.loads(body)))
            if gateway.cut:
                return
            self.send_response(gateway.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        gateway.port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield gateway
        finally:
            server.shutdown()
            thread.join()


def test_a_text_message_reaches_the_number_word_for_word() -> None:
    """The number stands where the URL has a place for it, and the text is not changed by markup or line ends."""
    text = "Banque : votre avis <b>*svp*</b> & merci. https://survey.example.org/x/abcdefgh23"
    with _gateway() as gateway:
        assert Outcome("sent") == send_text(Settings(HOME, sms=gateway.url), PHONE, text)
        ((path, said),) = gateway.came
    assert ["/to/", PHONE, text] == [path[:4], path[4:].strip("/"), said["message"]]


def test_what_the_gateway_does_not_take_is_tried_again() -> None:
    """apprise says no more than that it failed; no word about the number gets into the log or the reason."""
    with _gateway() as gateway:
        gateway.status = 503
        assert Outcome("again", "the gateway did not take it") == send_text(Settings(HOME, sms=gateway.url), PHONE, "x")
    gone = Settings(HOME, sms=gateway.url)
    assert "again" == send_text(gone, PHONE, "x").kind


@pytest.mark.parametrize(("status", "cut"), [(200, True), (502, False), (504, False)])
def test_what_the_gateway_may_have_taken_is_in_doubt(status: int, cut: bool) -> None:
    """An answer that was lost, or that a proxy did not hear, may have been yes: nobody gets a message twice."""
    with _gateway() as gateway:
        gateway.status, gateway.cut = status, cut
        told = send_text(Settings(HOME, sms=gateway.url), PHONE, "x")
        assert (Outcome("uncertain", "the gateway's answer was lost"), 1) == (told, len(gateway.came))


def test_a_gateway_has_a_minute_to_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """And ten seconds to be reached; apprise by itself gives up after four, when the message may be under way."""
    found: list[object] = []
    send = requests.Session.send

    def noted(self: Any, request: Any, **options: Any) -> Any:
        found.append(options["timeout"])
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", noted)
    with _gateway() as gateway:
        send_text(Settings(HOME, sms=gateway.url), PHONE, "x")
    assert [(10.0, 60.0)] == found
    assert noted is requests.Session.send


def test_no_number_gets_into_a_log(caplog: pytest.LogCaptureFixture) -> None:
    """Neither apprise nor what it uses says where a message went, at any level; its loggers are as before afterwards."""
    caplog.set_level(logging.DEBUG)
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    with _gateway() as gateway:
        for gateway.status in (200, 500):
            send_text(Settings(HOME, sms=gateway.url), PHONE, "x")
    assert "612345678" not in caplog.text
    assert not logging.getLogger("apprise").disabled


@pytest.mark.parametrize("phone", ["0612345678", "+33 6 12 34 56 78", "+33612345678/../x", "", "+33612345678?x=1"])
def test_a_malformed_number_meets_no_gateway(phone: str) -> None:
    """It is a bad address for good."""
    with _gateway() as gateway:
        assert Outcome("bounced", "malformed number", True) == send_text(Settings(HOME, sms=gateway.url), phone, "x")
        assert [] == gateway.came


def test_a_gateway_that_apprise_does_not_know_is_an_error() -> None:
    """The message does not repeat the URL, which holds a key."""
    with pytest.raises(DataError, match="SND09") as refused:
        send_text(Settings(HOME, sms="nosuch://secret@x/{phone}"), PHONE, "x")
    assert "secret" not in str(refused.value)


def test_an_owner_is_told_everywhere() -> None:
    """All of the owner's places; told is told by one of them, and the others are named."""
    with _gateway() as gateway, _gateway() as other:
        urls = tuple(f"json://127.0.0.1:{each.port}/team" for each in (gateway, other))
        settings = Settings(HOME, alerts={"quality": urls})
        assert alert(settings, "quality", "A case", "Call back by noon")
        assert [("A case", "Call back by noon")] * 2 == [
            (said["title"], said["message"]) for _, said in gateway.came + other.came
        ]
        other.status = 500
        said: list[str] = []
        assert alert(settings, "quality", "A case", "x", say=said.append)
        assert ["alerts of quality: place 2 of 2 did not take what it was told"] == said
        gateway.status = 500
        assert not alert(settings, "quality", "A case", "x")
        assert not alert(settings, "people", "A case", "x")


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_text_messages_leave_the_outbox(store: Store, tmp_path: Path) -> None:
    """With the short link; a number that is none is bad from then on, and a gateway that is away is tried later."""
    opened(store, tmp_path)
    plan(store, "c-000", phone=PHONE, channel="sms")
    plan(store, "c-001", phone="0612345678", channel="sms")
    with _gateway() as gateway:
        settings = settings_for(None, sms=gateway.url)
        assert Counter(sent=1, bounced=1) == send_due(store, settings, at=lambda: NOON, sender="a")
        ((_, said),) = gateway.came
        assert "https://survey.example.org/x/" in said["message"]
        plan(store, "c-002", phone=PHONE, channel="sms")
        gateway.status = 500
        assert Counter(again=1) == send_due(store, settings, at=lambda: NOON, sender="a")
    assert {
        "c-000/0": ("sent", ""),
        "c-001/0": ("bounced", "malformed number"),
        "c-002/0": ("planned", "the gateway did not take it"),
    } == stands(store)
    with store.field.connect() as connection:
        assert {"c-001": "sms"} == {row.contact: row.bad for row in connection.execute(select(ADDRESSES)) if row.bad}

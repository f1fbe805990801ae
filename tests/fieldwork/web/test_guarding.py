"""What stands between the network and the pages, seen from the network."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from symmetry.fieldwork.store.opening import close, create
from symmetry.fieldwork.web import answering
from symmetry.fieldwork.web.forms import form_of
from symmetry.fieldwork.web.guarding import LOG
from tests.fieldwork.web.attacking import FORM_TYPE, REQUIRED, Answered, Client, opened, saved, served

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

HOST = ("host", "survey.test")


@dataclass(frozen=True)
class Field:
    """A store with an open wave, and one person's token."""

    store: Store
    token: str

    def body(self, page: int | str = 1, answers: str = "recommend=3") -> bytes:
        """What a browser sends from a page."""
        return f"form={form_of(self.token, page)}&lang=en&{answers}".encode()

    def ask(self, method: str, path: str, *headers: tuple[str, str], body: Any = b"", **options: Any) -> Answered:
        """One request to the application."""
        peer = options.pop("peer", "127.0.0.1")

        async def work(client: Client) -> Answered:
            return await client.ask(method, path, headers=headers, body=body, peer=peer)

        return served(self.store, work, **options)

    def post(self, *headers: tuple[str, str], body: Any = None, **options: Any) -> int:
        """A post of page 1, with these headers besides."""
        sent = self.body() if body is None else body
        return self.ask("POST", f"/s/{self.token}/1", *headers, body=sent, **options).status


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    """An open wave in files."""
    store = create(tmp_path / "field")
    yield Field(store, opened(store, tmp_path)["customers"][0])
    close(store)


def test_every_response_is_dressed(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages, redirections, refusals and faults bear the same headers; no script may run on any of them."""

    def broken(*_: object) -> None:
        raise ValueError("words of somebody")

    async def look(client: Client) -> list[Answered]:
        paths = ("/", "/healthz", "/robots.txt", f"/s/{field.token}", f"/s/{field.token}/9", "/s/x", "/" + "a" * 999)
        seen = [await client.get(path) for path in paths]
        seen += [await client.ask(method, "/healthz", headers=[HOST]) for method in ("POST", "PUT", "OPTIONS", "HEAD")]
        monkeypatch.setattr(answering, "standing_of", broken)
        return [*seen, await client.get(f"/s/{field.token}")]

    seen = served(field.store, look)
    assert {each.status for each in seen} == {200, 204, 303, 404, 405, 414, 415, 500}
    assert [{name: each.headers.get(name) for name in REQUIRED} for each in seen] == [REQUIRED] * len(seen)
    policies = {each.headers["content-security-policy"] for each in seen}
    assert len(policies) == 1
    assert "default-src 'none'" in policies.pop()
    assert "words of somebody" not in seen[-1].text


def test_a_fault_is_a_page_and_a_line_without_words(
    field: Field, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error of ours is told without detail; its log line names the kind and the place, not what somebody typed."""

    def broken(*_: object) -> None:
        raise ValueError(f"words of {field.token}")

    monkeypatch.setattr(answering, "standing_of", broken)
    caplog.set_level(logging.INFO, LOG)
    answered = field.ask("GET", f"/s/{field.token}", HOST)
    lines = [json.loads(record.message) for record in caplog.records if record.name == LOG]
    assert (answered.status, "words of" in answered.text, field.token in caplog.text) == (500, False, False)
    assert [sorted(line) for line in lines] == [["fault", "in"], ["method", "ms", "route", "status"]]
    assert lines[0]["fault"] == "ValueError"
    assert lines[0]["in"].startswith("answering.py:")
    assert (lines[1]["route"], lines[1]["status"]) == ("/s/{token}", 500)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 303),
        ([("sec-fetch-site", "same-origin"), ("origin", "http://survey.test")], 303),
        ([("sec-fetch-site", "same-origin"), ("origin", "null")], 303),
        ([("sec-fetch-site", "none")], 303),
        ([("origin", "https://SURVEY.test")], 303),
        ([("sec-fetch-site", "cross-site"), ("origin", "null")], 403),
        ([("sec-fetch-site", "same-site")], 403),
        ([("origin", "https://evil.test")], 403),
        ([("origin", "https://survey.test.evil.test")], 403),
        ([("origin", "survey.test")], 403),
        ([("origin", "http://survey.test"), ("origin", "https://evil.test")], 400),
    ],
)
def test_only_our_own_pages_may_post(field: Field, headers: list[tuple[str, str]], status: int) -> None:
    """What a browser says of the page that sent a form decides; what it does not say is left to the hidden value."""
    assert field.post(HOST, FORM_TYPE, *headers) == status
    assert (saved(field.store, field.token) is not None) == (status == 303)


def test_a_proxy_is_believed_on_this_machine_alone(field: Field) -> None:
    """The forwarded host counts with --behind-proxy and from loopback; then TLS is asked of browsers for good."""
    inside = [("host", "127.0.0.1:8000"), FORM_TYPE, ("origin", "https://survey.test")]
    forwarded = [("x-forwarded-host", "evil.test, survey.test"), ("x-forwarded-proto", "https")]
    assert field.post(*inside, *forwarded) == 403
    assert field.post(*inside, *forwarded, behind_proxy=True, peer="192.0.2.7") == 403
    assert field.post(*inside, *forwarded, behind_proxy=True) == 303
    strict = "strict-transport-security"
    assert strict in field.ask("GET", "/healthz", *forwarded, behind_proxy=True).headers
    assert strict not in field.ask("GET", "/healthz", *forwarded).headers


@pytest.mark.parametrize(
    "said",
    [
        "",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/json",
        "application/x-www-form-urlencoded; charset=iso-8859-1",
        "application/x-www-form-urlencoded" + " " * 31_000,
    ],
)
def test_another_kind_of_body_is_refused(field: Field, said: str) -> None:
    """Only a form in UTF-8 is read, and only a short word for it, so that no header is a long work."""
    assert field.post(HOST, ("content-type", said)) == 415


def test_the_two_ways_to_say_utf_8_are_taken(field: Field) -> None:
    """A browser may say the charset."""
    assert field.post(HOST, ("content-type", 'Application/X-WWW-Form-URLencoded; charset="UTF-8"')) == 303


@pytest.mark.parametrize(
    "answers",
    [
        "recommend=%E9",
        "recommend=%ED%A0%80",
        "%00=1",
        "recommend",
        "=&==&%",
        "&".join(f"f{n}=1" for n in range(1001)),
        "lang=fr",
    ],
)
def test_a_form_that_cannot_be_read_is_told(field: Field, answers: str) -> None:
    """Bytes that are no UTF-8, nulls in a name, fields without an equals sign, too many or twice: 400, and nothing is stored."""
    assert field.post(HOST, FORM_TYPE, body=field.body(answers=answers)) == 400
    assert saved(field.store, field.token) is None


def test_a_null_in_an_answer_is_left_out(field: Field) -> None:
    """A null that came into a field with pasted words takes nothing else with it."""
    assert field.post(HOST, FORM_TYPE, body=field.body(answers="recommend=%009")) == 303
    assert saved(field.store, field.token) == {"recommend": 9}


def test_the_log_does_not_tell_which_page_it_was(field: Field, caplog: pytest.LogCaptureFixture) -> None:
    """Looks at a page, at the thanks, and a refusal leave lines that differ in method, status and time alone."""
    caplog.set_level(logging.INFO, LOG)
    for path in ("", "/1", "/thanks", "/refuse"):
        field.ask("GET", f"/s/{field.token}{path}", HOST)
    field.ask("POST", f"/s/{field.token}/refuse", HOST, FORM_TYPE, body=field.body("refuse", ""))
    lines = [json.loads(record.message) for record in caplog.records if record.name == LOG]
    assert [line["route"] for line in lines] == ["/s/{token}"] * 5


def test_a_body_has_an_end(field: Field) -> None:
    """More than 256 KiB is refused, whatever the length said, and 10 MB too; 250 kB are read."""
    short, lied = [field.body(answers="recommend=" + "9" * 250_000)], [b"a" * 262_144, b"a"]
    assert field.post(HOST, FORM_TYPE, body=short) == 422
    assert field.post(HOST, FORM_TYPE, ("content-length", "5"), body=lied) == 413
    assert field.post(HOST, FORM_TYPE, ("content-length", "10000000"), body=[b"a" * 1_000_000] * 10) == 413
    assert field.post(HOST, FORM_TYPE, ("content-length", "9" * 12), body=b"") == 413
    assert field.post(HOST, FORM_TYPE, ("content-length", "270000"), ("expect", "100-continue"), body=b"") == 413


def test_a_body_that_does_not_come_is_not_waited_for(field: Field) -> None:
    """A body that stays away is told 408, and the connection ends."""

    async def work(client: Client) -> list[Any]:
        sent: list[Any] = []

        async def never() -> Any:
            await asyncio.sleep(60)

        async def send(message: Any) -> None:
            sent.append(message)

        path = f"/s/{field.token}/1"
        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [],
        }
        await client.app(scope, never, send)
        return sent

    sent = served(field.store, work, patience=0.05)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


def test_addresses_and_heads_have_an_end(field: Field) -> None:
    """Long addresses, long queries, many and long headers are refused; methods that nobody needs too."""
    many, long = [HOST, *[("x", "y")] * 100], [HOST, ("x", "y" * 32_768)]
    told = [
        field.ask("GET", "/s/" + "a" * 254, HOST).status,
        field.ask("GET", f"/s/{field.token}?a=" + "b" * 2047, HOST).status,
        field.ask("GET", "/healthz", *many).status,
        field.ask("GET", "/healthz", *long).status,
        field.ask("PUT", f"/s/{field.token}/1", HOST).status,
        field.ask("POST", "/healthz", HOST, FORM_TYPE).status,
    ]
    assert told == [414, 414, 431, 431, 405, 405]


def test_options_and_head_say_nothing(field: Field) -> None:
    """OPTIONS names the methods; a refusal to HEAD has no body."""
    options, head = field.ask("OPTIONS", "/s/x", HOST), field.ask("HEAD", "/s/x", HOST)
    assert (options.status, options.headers["allow"], options.body) == (204, "GET, HEAD, OPTIONS, POST", b"")
    assert (head.status, head.body) == (404, b"")


def test_pages_are_packed_for_who_can_unpack(field: Field) -> None:
    """A page goes out with gzip where the browser takes it, in less than half the size."""
    packed = field.ask("GET", f"/s/{field.token}", HOST, ("accept-encoding", "gzip"))
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) < len(packed.text) / 2

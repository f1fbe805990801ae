"""The real server in a process of its own: what it says, what it keeps to itself, and how it stops."""

from __future__ import annotations

import http.client
import json
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest

from symmetry import cli
from symmetry.fieldwork.store.opening import close, create, open_store
from symmetry.fieldwork.web import serving
from symmetry.fieldwork.web.forms import form_of
from tests.fieldwork.web.attacking import opened, saved
from tests.fieldwork.web.malforming import request_of

ROOT = Path(__file__).resolve().parents[3]
AGENT = "browser-of-somebody"


@dataclass
class Server:
    """A running server: where it listens, and every line that it said."""

    folder: Path
    tokens: list[str]
    process: subprocess.Popen[str]
    port: int = 0
    lines: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Collect what it says, until it ends."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)

    def ask(self, method: str, path: str, body: str | None = None) -> int:
        """One request; its status."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"User-Agent": AGENT, "X-Forwarded-For": "198.51.100.7"}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        link.request(method, path, body=body, headers=headers)
        answer = link.getresponse()
        answer.read()
        link.close()
        return answer.status

    def post(self, token: str, **answers: str) -> int:
        """Send page 1."""
        return self.ask("POST", f"/s/{token}/1", urlencode({"form": form_of(token, 1), "lang": "fr", **answers}))

    def raw(self, sent: bytes) -> bytes:
        """Send bytes, and read what comes first; nothing where the server waits for more, or hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as link:
            try:
                link.sendall(sent)
                return link.recv(65536)
            except (ConnectionError, TimeoutError):
                return b""


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A wave that is open, and its server."""
    store = create(folder / "field")
    tokens = opened(store, folder, people=40)["customers"]
    close(store)
    command = [sys.executable, "-m", "symmetry", "field", "serve", "--store", str(folder / "field"), "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    server = Server(folder / "field", tokens, process)
    ear = threading.Thread(target=server.listen)
    ear.start()
    try:
        for _ in range(600):
            found = re.match(r"serving http://127\.0\.0\.1:(\d+)\n", "".join(server.lines))
            if found or process.poll() is not None:
                break
            time.sleep(0.1)
        server.port = int(found[1]) if found else 0
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)
        ear.join()
        if process.stderr:
            process.stderr.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests here."""
    with running(tmp_path_factory.mktemp("served")) as made:
        yield made


def test_it_says_where_it_listens_and_what_is_open(server: Server) -> None:
    """Its first lines name the address, the wave, how many are invited and that it is a rehearsal."""
    assert server.ask("GET", "/healthz") == 200
    told = "  summer, customers: 40 invited, from 2027-06-01 to 2027-09-30; a rehearsal, as if it were 2027-06-03\n"
    assert server.lines[1] == told


def test_the_log_tells_on_nobody(server: Server) -> None:
    """After pages, posts, faults and requests that no server reads, no token, address, browser or typed word was logged."""
    token = server.tokens[0]
    statuses = [
        server.ask("GET", f"/s/{token}?recommend=9"),
        server.post(token, recommend="my very own words"),
        server.post(token, recommend="9"),
        server.ask("GET", f"/s/{token}/99"),
        server.ask("GET", f"/{token}"),
        server.ask("PUT", f"/s/{token}/1", "secret"),
    ]
    assert statuses == [200, 422, 303, 303, 404, 405]
    assert server.raw(f"GET /s/{token}/1 HTTP/9.9\r\n\r\n".encode()).startswith(b"HTTP/1.1 400")
    assert server.raw(f"\x16\x03{token}\r\n\r\n".encode()).startswith(b"HTTP/1.1 400")
    said = "".join(server.lines)
    words = (token, AGENT, "198.51.100.7", "my very own words", "secret", "Mozilla", form_of(token, 1))
    assert [word for word in words if word in said] == []
    asked = [json.loads(line) for line in server.lines if line.startswith("{")]
    assert {"method": "POST", "route": "/s/{token}", "status": 303} in [
        {name: line[name] for name in ("method", "route", "status")} for line in asked
    ]


def test_a_response_names_no_server(server: Server) -> None:
    """The date is there, the server's name and version are not."""
    answer = server.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").lower()
    assert b"\r\ndate: " in answer
    assert b"\r\nserver:" not in answer


def test_a_head_without_end_is_cut_off(server: Server) -> None:
    """A head that goes on and on gets 431 and a hang-up, and the server serves on."""
    assert server.raw(b"GET / HTTP/1.1\r\n" + b"x-more: 1\r\n" * 30_000).startswith((b"HTTP/1.1 431", b""))
    assert server.ask("GET", "/healthz") == 200


@pytest.mark.parametrize("requests", [300, pytest.param(5_000, marks=pytest.mark.slow)])
def test_no_bytes_bring_it_down(server: Server, requests: int) -> None:
    """Broken requests as raw bytes, some with bytes changed, cut or doubled: never a 5xx, and the server serves on."""
    chance = random.Random(requests)
    sent = [_bytes(chance, server.tokens[2:]) for _ in range(requests)]
    with ThreadPoolExecutor(16) as threads:
        statuses = Counter(_status(answer) for answer in threads.map(server.raw, sent))
    print(
        f"\n{requests} raw requests: " + ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    )
    assert [status for status in statuses if status >= 500] == []
    assert statuses[400] > 0
    assert statuses[303] > 0
    assert server.ask("GET", "/healthz") == 200
    assert [token for token in server.tokens if token in "".join(server.lines)] == []


def test_a_browser_may_post_our_pages(server: Server) -> None:
    """A real browser hides where a form comes from (`Origin: null`, since pages send no referrer), and its answer is taken."""
    from tests.fieldwork.web import browsers

    if browsers.program() is None:
        pytest.skip(browsers.ABSENT)
    origins = []
    with browsers.opened() as browser:
        page = browser.new_page()
        page.on(
            "request", lambda sent: origins.append(sent.all_headers().get("origin")) if sent.method == "POST" else None
        )
        page.goto(f"http://127.0.0.1:{server.port}/s/{server.tokens[1]}?recommend=9")
        page.locator("form button").click()
        page.wait_for_url(f"**/s/{server.tokens[1]}/2")
    assert origins == ["null"]


def test_a_stop_keeps_what_was_accepted(tmp_path: Path) -> None:
    """SIGTERM: exit code 0, a last line that says so, and the answer that was acknowledged is stored."""
    with running(tmp_path) as server:
        assert server.post(server.tokens[0], recommend="9") == 303
    assert server.process.returncode == 0
    assert server.lines[-1] == "stopped: everything that was accepted is recorded\n"
    store = open_store(server.folder)
    assert saved(store, server.tokens[0]) == {"recommend": 9}
    close(store)


def test_without_an_open_wave_there_is_nothing_to_serve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A store without an open wave is refused with what to do."""
    close(create(tmp_path / "field"))
    assert cli.main(["field", "serve", "--store", str(tmp_path / "field")]) == 1
    assert "error SRV01 no wave is open in this field store" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An address that nothing can listen on is refused before anything starts."""
    store = create(tmp_path / "field")
    opened(store, tmp_path)
    close(store)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert cli.main(["field", "serve", "--store", str(tmp_path / "field"), "--port", port]) == 1
    assert f"error SRV02 nothing can listen on 127.0.0.1, port {port}" in capsys.readouterr().err


def test_an_address_that_others_reach_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listening beyond this machine without a proxy is said to be in the clear; with one, or on loopback, nothing is said."""
    monkeypatch.setattr(serving.uvicorn.Server, "run", lambda *_, **__: None)
    store = create(tmp_path / "field")
    opened(store, tmp_path)
    said: dict[tuple[str, bool], list[str]] = {}
    for host, proxy in (("0.0.0.0", False), ("0.0.0.0", True), ("127.0.0.1", False), ("localhost", False)):
        serving.serve(store, host=host, port=0, behind_proxy=proxy, tell=said.setdefault((host, proxy), []).append)
    warned = {key for key, lines in said.items() if any("warning SRV03" in line for line in lines)}
    assert warned == {("0.0.0.0", False)}
    close(store)


def _bytes(chance: random.Random, tokens: list[str]) -> bytes:
    """A broken request as bytes, sometimes broken once more."""
    made = request_of(chance, tokens, chance.choice((1, 2, 3)))
    lines = [f"{made.method} {made.path} HTTP/1.1", *(f"{name}: {value}" for name, value in made.headers)]
    if not any(name == "content-length" for name, _ in made.headers):
        lines.append(f"content-length: {len(made.body)}")
    sent = "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + made.body
    where, drawn = chance.randrange(len(sent)), chance.random()
    if drawn < 0.1:
        return sent[:where] + chance.randbytes(1) + sent[where + 1 :]
    if drawn < 0.2:
        return sent[:where]
    if drawn < 0.25:
        return sent.replace(b"content-length:", b"transfer-encoding: chunked\r\nx:")
    if drawn < 0.3:
        return sent.replace(b"\r\n", b"\n", chance.randrange(1, 4))
    return sent * 2 if drawn < 0.35 else sent


def _status(answer: bytes) -> int:
    """The status of the first response; 0 where the server only hung up."""
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    return int(found[1]) if found else 0

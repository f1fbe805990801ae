"""The npm package yaml-language-server over stdio, as any editor runs it: unmodified, and told nothing of our schema.

What it knows of a study it must find by the study's first line.  It is kept from the network, where it would look for
schemas of other people's files.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from tests.node import node_package

__all__ = ["VERSION", "LanguageServer"]

VERSION = "2.0.0"
_SETTINGS = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        "schemaStore": {"enable": False},
        "format": {"enable": False},
    }
}
_SECONDS = 60


class LanguageServer:
    """One server and the file that is open in it; use as a context manager."""

    def __init__(self) -> None:
        program = (
            node_package("yaml-language-server", VERSION) / "yaml-language-server" / "bin" / "yaml-language-server"
        )
        self._process = subprocess.Popen(
            ["node", str(program), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._messages: Queue[dict[str, Any]] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._last, self._version = 0, 0
        self.told: dict[str, list[dict[str, Any]]] = {}
        self._open: set[str] = set()

    def __enter__(self) -> LanguageServer:
        formats = {"hover": {"contentFormat": ["markdown"]}}
        items = {"completionItem": {"documentationFormat": ["markdown"], "snippetSupport": True}}
        capabilities = {"textDocument": {**formats, "completion": items}, "workspace": {"configuration": True}}
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self._say("initialized", {})
        self._say("workspace/didChangeConfiguration", {"settings": _SETTINGS})
        return self

    def __exit__(self, *_: object) -> None:
        self.ask("shutdown", None)
        self._say("exit", None)
        self._process.wait(_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._reader.join(_SECONDS)

    def open(self, file: Path, text: str | None = None) -> None:
        """Open a file, or what its author has typed into it since."""
        self._version += 1
        said = file.read_text(encoding="utf-8") if text is None else text
        uri = file.as_uri()
        if uri in self._open:
            self.diagnostics(file)
            del self.told[uri]
            self._say("textDocument/didClose", {"textDocument": {"uri": uri}})
            self.diagnostics(file)  # closing clears them, which is told as well
            del self.told[uri]
        self._open.add(uri)
        document = {"uri": uri, "languageId": "yaml", "version": self._version, "text": said}
        self._say("textDocument/didOpen", {"textDocument": document})

    def change(self, file: Path, text: str) -> None:
        """Type on in the open file: what stands in it now."""
        self._version += 1
        document = {"uri": file.as_uri(), "version": self._version}
        self._say("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def diagnostics(self, file: Path) -> list[dict[str, Any]]:
        """What the server finds wrong with the open file, once it has looked at it."""
        end = time.monotonic() + _SECONDS
        while file.as_uri() not in self.told:
            self._take(end)
        return self.told[file.as_uri()]

    def completions(self, file: Path, line: int, column: int) -> dict[str, dict[str, Any]]:
        """What the server offers at a place (both counted from 0), by its label."""
        place = {"textDocument": {"uri": file.as_uri()}, "position": {"line": line, "character": column}}
        found = self.ask("textDocument/completion", place)
        items = found["items"] if isinstance(found, dict) else found or []
        return {item["label"]: item for item in items}

    def hover(self, file: Path, line: int, column: int) -> str:
        """What the server explains at a place."""
        place = {"textDocument": {"uri": file.as_uri()}, "position": {"line": line, "character": column}}
        found = self.ask("textDocument/hover", place) or {"contents": ""}
        contents = found["contents"]
        return str(contents["value"] if isinstance(contents, dict) else contents)

    def ask(self, method: str, parameters: Any) -> Any:
        """Send a request and wait for its answer."""
        self._last += 1
        wanted = self._last
        self._write({"id": wanted, "method": method, **({} if parameters is None else {"params": parameters})})
        end = time.monotonic() + _SECONDS
        while True:
            message = self._take(end)
            if message.get("id") == wanted and "method" not in message:
                assert "error" not in message, message["error"]
                return message.get("result")

    def _take(self, end: float) -> dict[str, Any]:
        """The next message; what the server asks of an editor is answered on the way."""
        try:
            message = self._messages.get(timeout=max(0.01, end - time.monotonic()))
        except Empty:
            raise AssertionError("yaml-language-server did not answer") from None
        if message.get("method") == "textDocument/publishDiagnostics":
            self.told[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            asked = (
                (message.get("params") or {}).get("items", []) if message["method"].endswith("configuration") else []
            )
            settings = [_SETTINGS.get(each.get("section", "")) for each in asked]
            self._write({"id": message["id"], "result": settings or None})
        return message

    def _say(self, method: str, parameters: Any) -> None:
        self._write({"method": method, **({} if parameters is None else {"params": parameters})})

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _read(self) -> None:
        """Put every message of the server into the queue, until it closes."""
        stream = self._process.stdout
        assert stream
        while head := stream.readline():
            length = int(re.findall(rb"Content-Length: (\d+)", head)[0])
            while stream.readline().strip():
                pass
            self._messages.put(json.loads(stream.read(length)))

"""Speaking to the application without a network, in any way that a browser would and in any that it would not."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlencode

import pandas as pd
from sqlalchemy import select

from symmetry.fieldwork.nouns import Sample
from symmetry.fieldwork.store.keeping import open_wave
from symmetry.fieldwork.store.opening import links_key
from symmetry.fieldwork.store.tables import DRAFTS, FIELD, HOLDING, INVITATIONS, RESPONSES
from symmetry.fieldwork.store.tokens import hash_of, token_of
from symmetry.fieldwork.web.app import application
from symmetry.fieldwork.web.forms import form_of
from symmetry.spec import load

if TYPE_CHECKING:
    from starlette.types import Message

    from symmetry.fieldwork.store.nouns import Store
    from symmetry.spec import Study

KINDS = Path(__file__).parent / "kinds"
DAY = date(2027, 6, 3)
NOON = datetime(2027, 6, 3, 12, tzinfo=UTC)
FORM_TYPE = ("content-type", "application/x-www-form-urlencoded")
REQUIRED = {  # headers of every response
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow, noarchive",
}
Made = TypeVar("Made")


@dataclass(frozen=True)
class Answered:
    """What the application said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The page, unpacked."""
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()

    @property
    def location(self) -> str:
        """Where it leads."""
        return self.headers.get("location", "")


class Client:
    """Sends requests to an application as a server would hand them over."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Sequence[tuple[str, str]] = (("host", "survey.test"),),
        body: bytes | Sequence[bytes] = b"",
        peer: str = "127.0.0.1",
    ) -> Answered:
        """Send one request; `path` with its query, as on the first line."""
        raw, _, query = path.partition("?")
        chunks = [body] if isinstance(body, bytes) else list(body)
        waiting: list[Message] = [
            {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
            for number, chunk in enumerate(chunks, 1)
        ]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(raw),
            "raw_path": raw.encode("utf-8", "surrogateescape"),
            "query_string": query.encode("utf-8", "surrogateescape"),
            "root_path": "",
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
            "client": (peer, 40000),
            "server": ("127.0.0.1", 8000),
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        said = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return Answered(sent[0]["status"], said, b"".join(message.get("body", b"") for message in sent[1:]))

    async def get(self, path: str) -> Answered:
        """Look at a page, as a browser does."""
        return await self.ask("GET", path)

    async def post(
        self,
        token: str,
        page: int | str,
        fields: Mapping[str, str | Sequence[str]] | None = None,
        *,
        form: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> Answered:
        """Send a page's form, as a browser does."""
        hidden = {"form": form_of(token, page) if form is None else form, "lang": "en"}
        body = urlencode({**hidden, **(fields or {})}, doseq=True).encode()
        own = [("host", "survey.test"), FORM_TYPE, ("content-length", str(len(body))), *headers]
        return await self.ask("POST", f"/s/{token}/{page}", headers=own, body=body)


def served(
    store: Store,
    work: Callable[[Client], Awaitable[Made]],
    *,
    now: Callable[[], datetime] = lambda: NOON,
    **options: Any,
) -> Made:
    """Do something with a running application, and stop it."""

    async def run() -> Made:
        app = application(store, now=now, **options)
        async with app.router.lifespan_context(app):
            return await work(Client(app))

    return asyncio.run(run())


def opened(
    store: Store,
    folder: Path,
    people: int = 4,
    *,
    study: Path = KINDS,
    wave: str = "summer",
    rehearse: bool = True,
    known: Mapping[str, str] | None = None,
) -> dict[str, list[str]]:
    """Open a wave for made-up people of each audience: audience → their tokens."""
    home = folder / study.name
    if not home.exists():
        shutil.copytree(study, home)
    read = load(home)
    samples = [_sample(read, wave, audience, people, known or {}) for audience in read.waves[wave].audiences]
    open_wave(store, read, wave, samples, on=DAY, rehearse_on=DAY if rehearse else None)
    key = links_key(store.folder)
    return {
        sample.audience: [token_of(key, wave, sample.audience, person) for person in sample.units["person"]]
        for sample in samples
    }


def _sample(study: Study, wave: str, audience: str, people: int, known: Mapping[str, str]) -> Sample:
    persons = [f"{audience[0]}-{number}" for number in range(people)]
    units = pd.DataFrame({"person": persons, "contact": persons, "stratum": "", "psu": "", "probability": 1.0})
    units = units.assign(given=1.0, drawn=True, reason="", **known)
    return Sample(study.key, wave, audience, units, {"frame": "made up", "study": {"digest": study.digest}})


def saved(store: Store, token: str) -> dict[str, Any] | None:
    """What the store holds of a customer's answers; None where it holds nothing."""
    with store.field.connect() as connection:
        found = connection.scalar(select(RESPONSES.c.answers).where(RESPONSES.c.token == hash_of(token)))
    return None if found is None else json.loads(found)


def state(store: Store, token: str) -> str | None:
    """How an invitation stands."""
    with store.field.connect() as connection:
        return connection.scalar(select(INVITATIONS.c.state).where(INVITATIONS.c.token == hash_of(token)))


def everything(store: Store) -> dict[str, list[Any]]:
    """All rows of the field database, but for the random keys and locks."""
    with store.field.connect() as connection:
        return {
            table.name: sorted(
                repr([row[n] for n, c in enumerate(table.columns) if c.name not in ("key", "box")])
                for row in connection.execute(select(table))
            )
            for table in FIELD.sorted_tables
        }


def held(store: Store) -> int:
    """How many finished answers of employees wait."""
    with store.field.connect() as connection:
        return len(connection.execute(select(HOLDING.c.key)).all())


def drafts(store: Store) -> list[bytes]:
    """The locked drafts."""
    with store.field.connect() as connection:
        return list(connection.scalars(select(DRAFTS.c.box)))


def checked(page: str) -> set[tuple[str, str]]:
    """Name and value of every choice that a page shows as taken."""
    boxes = re.findall(r"<input[^>]*\schecked[^>]*>|<input[^>]*\schecked>", page)
    return {(_attribute(box, "name"), _attribute(box, "value")) for box in boxes}


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="?([^"\s>]*)', tag)
    return found[1] if found else ""

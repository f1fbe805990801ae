"""People at their browsers: they open the link of their mail, read the form of each page, fill it in and send it, page by page.

Nothing is known of the pages but what stands in them: fields, choices and buttons are found in the HTML, as a browser finds them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from tests.rehearsal.inbox import Mail
from tests.rehearsal.people import Person

__all__ = ["Form", "act", "form_in"]

_AT_ONCE = 16
_MOST_PAGES = 40


@dataclass
class Form:
    """The form of a page: where it goes, its hidden fields, the choices of each question, its fields to write in."""

    action: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    ticked: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)

    @property
    def asks_nothing(self) -> bool:
        """Whether there is nothing in it but a button."""
        return not (self.choices or self.written)

    def filled(self, person: Person) -> dict[str, str | list[str]]:
        """What the person sends: an answer that is among the choices, or written; nothing where it is left blank."""
        sent: dict[str, str | list[str]] = dict(self.hidden)
        for name, values in self.choices.items():
            wanted = person.answers.get(name, "")
            if name in self.ticked:
                sent[name] = [value for value in wanted.split() if value in values]
            elif wanted in values:
                sent[name] = wanted
            elif wanted and name not in self.written:
                raise AssertionError(f"`{name}` offers {values}, and {person.contact} wants {wanted!r}")
        return sent | {name: person.answers.get(name, "") for name in self.written}


class _Reader(HTMLParser):
    """Finds the form of the questions, or the one that confirms a refusal."""

    def __init__(self) -> None:
        super().__init__()
        self.form: Form | None = None
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and (
            given.get("id") == "questions" or given.get("action", "").partition("?")[0].endswith("/refuse")
        ):
            self.form, self._inside = Form(given["action"]), True
        if self.form is None or not self._inside or "name" not in given:
            return
        name, kind = given["name"], given.get("type", "text")
        if tag == "textarea" or (tag == "input" and kind in ("text", "date")):
            self.form.written.add(name)
        elif tag == "input" and kind == "hidden":
            self.form.hidden[name] = given.get("value", "")
        elif tag == "input" and kind in ("radio", "checkbox"):
            self.form.choices.setdefault(name, []).append(given.get("value", ""))
            if kind == "checkbox":
                self.form.ticked.add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def form_in(page: str) -> Form | None:
    """The form of the questions in a page; None in a page that asks nothing."""
    reader = _Reader()
    reader.feed(page)
    return reader.form


def act(people: Iterable[tuple[Person, Mail]]) -> None:
    """Have people do what they are minded to do, many at once; each keeps what became of it."""

    async def everybody() -> None:
        gate = asyncio.Semaphore(_AT_ONCE)
        limits = httpx.Limits(max_connections=_AT_ONCE)
        async with httpx.AsyncClient(limits=limits, timeout=60) as client:

            async def one(person: Person, mail: Mail) -> None:
                async with gate:
                    await (
                        _opt_out(client, person, mail) if person.plan == "opts out" else _answer(client, person, mail)
                    )

            async with asyncio.TaskGroup() as group:
                for person, mail in people:
                    group.create_task(one(person, mail))

    asyncio.run(everybody())


async def _opt_out(client: httpx.AsyncClient, person: Person, mail: Mail) -> None:
    """One click in the mail program (RFC 8058)."""
    if not (mail.out and mail.one_click):
        raise AssertionError(f"the mail to {person.contact} offers no way out by one click")
    told = await client.post(mail.out, data={"List-Unsubscribe": "One-Click"})
    _expect(told, 200, person)
    person.done = "opted out"


async def _answer(client: httpx.AsyncClient, person: Person, mail: Mail) -> None:
    """Open the link, and go through the pages until one asks nothing."""
    origin = "/".join(mail.link.split("/")[:3])
    browser = {"Origin": origin, "Sec-Fetch-Site": "same-origin", "Accept-Language": "fr"}
    told = await client.get(mail.link, follow_redirects=True)
    for _ in range(_MOST_PAGES):
        _expect(told, 200, person)
        form = form_in(told.text)
        if form is None:
            person.done = "refused" if person.plan == "refuses" else "answered"
            return
        if person.pages and person.plan == "breaks off":
            person.done = "broke off"
            return
        sent = form.filled(person)
        if person.plan == "refuses":  # a button of the page, then one that confirms it
            sent = {**form.hidden, **({} if form.asks_nothing else {"go": "refuse"})}
        at = urljoin(str(told.url), form.action)
        told = await client.post(at, data=sent, headers=browser)
        _expect(told, 303, person)
        person.pages += 1
        told = await client.get(urljoin(at, told.headers["location"]), headers={"Accept-Language": "fr"})
    raise AssertionError(f"{person.contact} is still asked after {_MOST_PAGES} pages")


def _expect(told: httpx.Response, status: int, person: Person) -> None:
    """Stop where a page is not what a person should meet."""
    if told.status_code != status:
        raise AssertionError(
            f"{person.contact} ({person.plan}) met {told.status_code} at {told.url}:\n{told.text[:1500]}"
        )

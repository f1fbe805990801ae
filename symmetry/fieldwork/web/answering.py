"""A person's link leads to a page, a posted page to the writer, and only what is committed is said to be saved.

Reading goes through a few threads, each page in one transaction that writes nothing; a posted page goes to the one writer, and
the answer leaves when it is on the disk.  What comes of it is a page, or an address to go on with (303), so that a page
loaded again never posts again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import urlencode

import anyio
from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from symmetry.fieldwork.asking.nouns import Standing, Submission
from symmetry.fieldwork.asking.paging import pages_of, visible
from symmetry.fieldwork.asking.reading import prefilled
from symmetry.fieldwork.store.failing import StoreAwayError, plainly
from symmetry.fieldwork.store.standing import standing_of
from symmetry.fieldwork.store.tables import WAVES
from symmetry.fieldwork.store.tokens import hash_of, is_token, secret_of
from symmetry.fieldwork.web import rendering
from symmetry.fieldwork.web.forms import (
    LANGUAGES,
    SHOWN,
    Posted,
    RefusedError,
    form_of,
    language_wished,
    read_form,
    read_query,
    seconds_since,
)
from symmetry.fieldwork.web.guarding import RETRY
from symmetry.fieldwork.web.walking import page_before

if TYPE_CHECKING:
    from starlette.requests import Request

    from symmetry.fieldwork.asking.nouns import Answer, Outcome
    from symmetry.fieldwork.store.nouns import Store
    from symmetry.fieldwork.store.writing import Writer

__all__ = ["Site"]

_READERS = 4  # threads that read; more would only wait for the same cores
_MOST_PAGES = 9999
_STATUS = {"early": 403, "closed": 410, "unknown": 404}
Made = TypeVar("Made")


class Site:
    """The pages of one store.

    Parameters
    ----------
    store : of the field.
    now : what time it is, with its time zone.

    Attributes
    ----------
    writer : of the store, while the application runs.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self.writer: Writer | None = None
        self._store = store
        self._now = now
        self._readers = anyio.CapacityLimiter(_READERS)

    async def check(self) -> None:
        """Read from the store; `StoreAwayError` where it cannot be read."""
        await self._threaded(self._readable)

    async def stand(self, request: Request) -> Response:
        """Show where the person stands; a score clicked in a mail is chosen beforehand, and recorded by nothing but a post."""
        return await self._threaded(lambda: self._page(request, _token_of(request), None))

    async def look(self, request: Request) -> Response:
        """Show a page that the person has reached; one further on leads back."""
        return await self._threaded(lambda: self._page(request, _token_of(request), _page_of(request)))

    async def thanks(self, request: Request) -> Response:
        """Thank whoever is done."""
        token = _token_of(request)
        standing = await self._threaded(lambda: self._standing(token))
        language, said = _language(request, standing)
        if standing.kind == "asked":
            return _go(token, standing.page, said, _proposals(request, standing))
        if standing.kind == "complete":
            return HTMLResponse(rendering.thanks(standing, language=language))
        return _why_not(token, standing, language)

    async def refusal(self, request: Request) -> Response:
        """Ask whether the person will really not answer."""
        token = _token_of(request)
        standing = await self._threaded(lambda: self._standing(token))
        language, _ = _language(request, standing)
        if standing.kind != "asked":
            return _why_not(token, standing, language)
        form = form_of(token, "refuse")
        return HTMLResponse(rendering.refusal(standing, language=language, token=token, form=form))

    async def post(self, request: Request) -> Response:
        """Record a page, or say why not."""
        return await self._submit(request, _page_of(request), "next")

    async def refuse(self, request: Request) -> Response:
        """Record that the person will not answer."""
        return await self._submit(request, "refuse", "refuse")

    async def _submit(self, request: Request, page: int | str, action: Literal["next", "refuse"]) -> Response:
        token = _token_of(request)
        posted = read_form(await request.body(), token, page)
        number = page if isinstance(page, int) else 1
        now = self._now()
        submission = Submission(
            hash_of(token),
            secret_of(token),
            number,
            posted.go if posted.go in LANGUAGES else posted.language,
            posted.fields,
            "keep" if posted.go and action == "next" else action,
            now,
            seconds_since(posted.shown, now.timestamp()),
        )
        if self.writer is None:
            raise RuntimeError("the application serves within its lifespan")
        try:
            outcome = await self.writer.submit(submission)
        except StoreAwayError:
            return await self._threaded(lambda: self._not_saved(request, token, page, posted))
        if outcome.kind == "invalid":
            return await self._threaded(lambda: self._faulty(request, token, number, posted, outcome))
        return _led(request, token, submission, posted.go, outcome)

    def _page(self, request: Request, token: str, number: int | None) -> Response:
        standing = self._standing(token)
        language, said = _language(request, standing)
        if standing.kind == "refused" and number == 1:  # whoever has changed their mind may answer after all
            standing = replace(standing, kind="asked", page=1)
        if standing.kind != "asked":
            return _why_not(token, standing, language)
        if number is not None and not _reached(standing, number):
            return _go(token, standing.page, said, _proposals(request, standing))
        shown = standing.page if number is None else number
        proposed = _proposed(request, standing) if shown == 1 else {}
        form, moment = form_of(token, shown), int(self._now().timestamp())
        return HTMLResponse(
            rendering.page(standing, shown, language=language, token=token, form=form, prefilled=proposed, shown=moment)
        )

    def _faulty(self, request: Request, token: str, number: int, posted: Posted, outcome: Outcome) -> Response:
        """Show a page again with what is wrong in it, and with everything that was typed."""
        language = _spoken(outcome.standing, posted.language, outcome.standing.language, language_wished(request.scope))
        form, faults = form_of(token, number), outcome.faults
        text = rendering.page(
            outcome.standing,
            number,
            language=language,
            token=token,
            form=form,
            faults=faults,
            posted=posted.fields,
            shown=posted.shown,  # nothing was recorded of this stay: the next post tells of the whole of it
        )
        return HTMLResponse(text, 422)

    def _not_saved(self, request: Request, token: str, page: int | str, posted: Posted) -> Response:
        """Say that nothing was recorded, and give everything that was typed back, to be sent again."""
        wished = language_wished(request.scope)
        form = form_of(token, page)
        try:
            standing = self._standing(token)
        except StoreAwayError:
            standing = Standing("unknown")
        language = _spoken(standing, posted.language, standing.language, wished)
        if standing.kind == "asked" and isinstance(page, int) and _reached(standing, page):
            text = rendering.page(
                standing,
                page,
                language=language,
                token=token,
                form=form,
                posted=posted.fields,
                notice="away",
                shown=posted.shown,
            )
        else:
            hidden = {"go": posted.go, SHOWN: "" if posted.shown is None else str(posted.shown)}
            said = {name: (value,) for name, value in hidden.items() if value}
            fields = {**posted.fields, **said, "form": (form,), "lang": (posted.language,)}
            text = rendering.resend(rendering.address(token, page), fields, language=language)
        return HTMLResponse(text, 503, RETRY)

    def _readable(self) -> None:
        with plainly(), self._store.field.connect() as connection:
            connection.execute(select(WAVES.c.wave).limit(1)).all()

    def _standing(self, token: str) -> Standing:
        """Where an invitation stands, read in one transaction."""
        with plainly(), self._store.field.connect() as connection:
            return standing_of(connection, self._store, hash_of(token), secret_of(token), self._now())

    async def _threaded(self, work: Callable[[], Made]) -> Made:
        return await anyio.to_thread.run_sync(work, limiter=self._readers)


def _reached(standing: Standing, number: int) -> bool:
    """Whether a page lies behind the person, or is the one to go on with, and holds a question for them."""
    if number == standing.page:
        return True
    if standing.asked is None or number > standing.page:
        return False
    pages = pages_of(standing.asked, standing.person)
    return bool(visible(standing.asked, pages[number - 1], standing.known, standing.answers))


def _proposed(request: Request, standing: Standing) -> dict[str, Answer]:
    """What the link proposes to choose on the first page."""
    query = read_query(request.scope["query_string"])
    if not query or standing.asked is None:
        return {}
    first = pages_of(standing.asked, standing.person)[0]
    return prefilled(standing.asked, visible(standing.asked, first, standing.known, standing.answers), query)


def _proposals(request: Request, standing: Standing) -> dict[str, tuple[str, ...]]:
    """What the link says of questions: kept, as it is, where the link leads elsewhere."""
    questions = standing.asked.columns if standing.asked is not None else ()
    return {name: said for name, said in read_query(request.scope["query_string"]).items() if name in questions}


def _led(request: Request, token: str, submission: Submission, go: str, outcome: Outcome) -> Response:
    """Where a post leads that is no page with faults."""
    standing, number = outcome.standing, submission.page
    language = _spoken(standing, submission.language, standing.language, language_wished(request.scope))
    if outcome.kind == "used" or (outcome.kind == "complete" and submission.action != "next"):
        return _go(token, None, language)
    if outcome.kind in ("complete", "refused"):
        return _go(token, "thanks", language)
    if outcome.kind == "stray":
        return HTMLResponse(rendering.message("stray", language=language, token=token), 400)
    if outcome.kind != "saved":
        return _why_not(token, standing, language)
    if go == "refuse":
        return _go(token, "refuse", language)
    if go == "back" and standing.asked is not None:
        pages = pages_of(standing.asked, standing.person)
        return _go(token, page_before(standing.asked, pages, number, standing) or number, language)
    return _go(token, number, language) if go else _go(token, outcome.page, "")


def _token_of(request: Request) -> str:
    token = str(request.path_params["token"])
    if not is_token(token):
        raise HTTPException(404, "unknown")
    return token


def _page_of(request: Request) -> int:
    page = int(request.path_params["page"])
    if not 1 <= page <= _MOST_PAGES or not request.scope["path"].endswith(f"/{page}"):
        raise RefusedError(404, "not found")
    return page


def _language(request: Request, standing: Standing) -> tuple[str, str]:
    """The language of a page, and the part that the link had in it ("" where it said nothing)."""
    said = "".join(read_query(request.scope["query_string"]).get("lang", ())[:1])
    language = _spoken(standing, said, standing.language, language_wished(request.scope))
    return language, said if said == language else ""


def _spoken(standing: Standing, *wishes: str | None) -> str:
    """The first language wished for in which the questionnaire can be read."""
    spoken = standing.asked.languages if standing.asked is not None else ("en", *LANGUAGES)
    return next((wish for wish in wishes if wish in spoken), spoken[0])


def _go(
    token: str, page: int | str | None, language: str, proposals: Mapping[str, tuple[str, ...]] | None = None
) -> Response:
    """Lead to another page, which the browser then asks for."""
    query = urlencode({**({"lang": language} if language else {}), **(proposals or {})}, doseq=True)
    return RedirectResponse(rendering.address(token, page) + (f"?{query}" if query else ""), 303)


def _why_not(token: str, standing: Standing, language: str) -> Response:
    """Say why a person cannot answer (any more)."""
    text = rendering.message(standing.kind, language=language, standing=standing, token=token)
    return HTMLResponse(text, _STATUS.get(standing.kind, 200))

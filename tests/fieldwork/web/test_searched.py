"""Requests that hypothesis makes up, byte by byte: it looks for one that makes the server fail."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from symmetry.fieldwork.store.opening import close, create
from symmetry.fieldwork.web.forms import form_of
from tests.fieldwork.web.attacking import Client, opened, served
from tests.fieldwork.web.malforming import Request, request_of
from tests.fieldwork.web.test_malformed import _wrong_in

A_REQUEST = 10  # in an example: what one leaves behind is there when the next one comes
NAMES = ("form", "page", "lang", "go", "recommend", "why", "listened", "x", "")
HEADERS = (
    "host",
    "origin",
    "cookie",
    "content-type",
    "content-length",
    "accept-language",
    "sec-fetch-site",
    "x-forwarded-host",
)
TYPES = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "application/json")


def made_up(tokens: list[str]) -> st.SearchStrategy[Request]:
    """A request of any kind: a page's form with other values, any bytes as a body, any path, method and headers."""
    token = st.sampled_from(tokens)
    value = st.one_of(
        st.text(max_size=40), st.integers().map(str), st.sampled_from(["", "5", "na", "11", "2027-02-30"])
    )
    form = st.lists(st.tuples(st.sampled_from(NAMES), value), max_size=12)

    def posted(token: str, page: int, pairs: list[tuple[str, str]], keep: bool) -> Request:
        there = [("form", form_of(token, page)), ("lang", "en")] if keep else []
        text = "&".join(
            f"{quote(name)}={quote(each.encode('utf-8', 'surrogatepass'))}" for name, each in [*there, *pairs]
        )
        headers = [("host", "survey.test"), ("content-type", TYPES[0])]
        return Request(token, page, path=f"/s/{token}/{page}", headers=headers, body=text.encode())

    def strange(method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> Request:
        return Request("", 1, method, "/" + quote(path, safe="/?&=%.;"), headers, body)

    latin = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30)
    header = st.tuples(st.sampled_from(HEADERS), st.one_of(latin, st.sampled_from(TYPES)))
    methods = st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
    path = st.one_of(
        st.text(max_size=30),
        st.builds(lambda a, b: f"s/{a}/{b}", token, st.one_of(st.integers().map(str), st.text(max_size=8))),
        st.builds(lambda a, b: f"s/{a}?{b}", token, st.text(max_size=20)),
    )
    return st.one_of(
        st.builds(posted, token, st.integers(-1, 5), form, st.booleans()),
        st.builds(strange, methods, path, st.lists(header, max_size=4), st.binary(max_size=60)),
        st.builds(request_of, st.randoms(use_true_random=False), st.just(tokens), st.integers(1, 3)),
    )


@pytest.mark.parametrize("requests", [500, pytest.param(50_000, marks=pytest.mark.slow)])
def test_no_request_that_is_searched_for_is_a_fault_or_is_stored(tmp_path: Path, requests: int) -> None:
    """Whatever hypothesis comes up with, the server answers without a fault, and what is stored fits the study."""
    store = create(tmp_path / "field")
    tokens = opened(store, tmp_path, people=40)["customers"]
    statuses: Counter[int] = Counter()

    async def attack(client: Client) -> None:
        loop = asyncio.get_running_loop()

        @settings(
            max_examples=requests // A_REQUEST,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(made_up(tokens), min_size=A_REQUEST, max_size=A_REQUEST))
        def searched(made: list[Request]) -> None:
            for each in made:
                ask = client.ask(each.method, each.path, headers=each.headers, body=each.chunks)
                status = asyncio.run_coroutine_threadsafe(ask, loop).result(60).status
                statuses[status] += 1
                assert status < 500, (each.method, each.path, each.headers, each.body)

        await asyncio.to_thread(searched)

    served(store, attack)
    print(
        f"\n{statuses.total()} requests: "
        + ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    )
    assert statuses.total() >= requests
    assert statuses[303] > 0
    assert _wrong_in(store) == []
    close(store)

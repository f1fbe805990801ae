"""Events posted to the whole application: who may, what is answered, and nothing that makes it stumble."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from symmetry.fieldwork.store.failing import StoreAwayError
from symmetry.fieldwork.store.keeping import open_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import CALLERS, EVENTS
from symmetry.fieldwork.taking.callers import new_caller, revoke_caller
from symmetry.fieldwork.web import events as web_events
from symmetry.fieldwork.web.guarding import LOG
from tests.fieldwork.taking.hot import NOW, event, opened, rows, study_in
from tests.fieldwork.web.attacking import Answered, Client, served

Post = Callable[..., Awaitable[Answered]]


def posted(
    store: Store, key: str, *bodies: Any, kind: str = "application/json", scheme: str = "Bearer"
) -> list[Answered]:
    """Post bodies one after the other: bytes as they are, anything else as JSON."""

    async def work(client: Client) -> list[Answered]:
        found = []
        for body in bodies:
            sent = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers = [("host", "survey.test"), ("content-type", kind), ("content-length", str(len(sent)))]
            headers += [("authorization", f"{scheme} {key}")] if key else []
            found.append(await client.ask("POST", "/events", headers=headers, body=sent))
        return found

    return served(store, work, now=lambda: NOW)


def said(answer: Answered) -> Any:
    """The body, read."""
    return json.loads(answer.text)


@pytest.fixture
def key(store: Store, tmp_path: Path) -> str:
    """The hot wave is open, and a system may post events."""
    opened(store, tmp_path)
    return new_caller(store, "crm", at=NOW)


def test_each_event_is_answered_in_its_place(store: Store, key: str) -> None:
    """New, odd and bad ones in one list: what is good is taken, and posted again it is known."""
    sent = [event(1), event(2, touchpoint="visit.close"), event(3, email="c3@"), event(4, phone="06", shoe=43), {}]
    first, again = posted(store, key, sent, sent)
    assert (first.status, first.headers["content-type"]) == (200, "application/json")
    assert said(first) == {
        "counts": {"taken": 2, "known": 0, "set aside": 3},
        "events": [
            {"interaction": "p-1", "state": "taken"},
            {"interaction": "p-2", "state": "set aside", "reason": "unknown touchpoint: did you mean `visit.closed`?"},
            {
                "interaction": "p-3",
                "state": "set aside",
                "reason": "unknown contact: no address is known and none is given; malformed e-mail address",
            },
            {
                "interaction": "p-4",
                "state": "taken",
                "reason": "telephone number without its country: write it with + or 00, or name the country (--country)",
            },
            {"interaction": None, "state": "set aside", "reason": "blank `interaction`"},
        ],
        "ignored": ["shoe"],
    }
    assert [each["state"] for each in said(again)["events"]] == [
        "known",
        "set aside",
        "set aside",
        "known",
        "set aside",
    ]
    assert [row["event"] for row in rows(store, EVENTS)] == ["p-1", "p-4"]


def test_one_key_a_system(store: Store, key: str) -> None:
    """No key, a wrong one, another scheme: 401; a new key ends the old one, and a revoked one opens nothing."""
    assert [posted(store, each, [])[0].status for each in ("", "x", key + "x", key.swapcase())] == [401] * 4
    assert posted(store, key, [], scheme="Basic")[0].status == 401
    newer = new_caller(store, "crm", at=NOW)
    assert [posted(store, each, [event(1)])[0].status for each in (key, newer)] == [401, 200]
    assert (revoke_caller(store, "crm"), revoke_caller(store, "crm")) == (True, False)
    answer = posted(store, newer, [event(2)])[0]
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert len(rows(store, EVENTS)) == 1


def test_the_store_knows_no_key(store: Store, key: str) -> None:
    """Whoever reads the database cannot post."""
    (kept,) = rows(store, CALLERS)
    assert (kept["name"], len(kept["mark"]), key.encode() in bytes(kept["mark"])) == ("crm", 32, False)
    assert posted(store, bytes(kept["mark"]).hex(), [])[0].status == 401


BODIES = {
    b"": 422,
    b"{}": 422,
    b"[1]": 422,
    b"null": 422,
    b"[{]": 422,
    b'[{"interaction": "a", "interaction": "b"}]': 422,
    b'[{"wait": NaN}]': 422,
    b'[{"wait": 1e999}]': 422,
    b'[{"wait": ' + b"9" * 5000 + b"}]": 422,
    b"[" * 100_000: 422,
    b'[{"a":' * 50_000: 422,
    b'[{"interaction": "\xff"}]': 422,
    '[{"interaction": "zoé"}]'.encode("utf-16"): 422,
    b"[" + b"{}," * 1000 + b"{}]": 413,
    b"[" + b" " * 1024 * 1024 + b"]": 413,
    b'[{"interaction": "\\ud800", "contact": "\\u0000"}]': 200,
    b'[{"interaction": {"a": [1]}, "contact": true, "at": null}]': 200,
    b'[{"\\ud800": 1, "interaction": 1e300}]': 200,
    b"[]": 200,
}


def test_bodies_that_are_no_list_of_events_are_refused(store: Store, key: str) -> None:
    """Each with a status that says whose fault it is, and nothing is taken."""
    answers = posted(store, key, *BODIES)
    assert {body[:60]: each.status for body, each in zip(BODIES, answers, strict=True)} == {
        body[:60]: status for body, status in BODIES.items()
    }
    assert rows(store, EVENTS) == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""]
)
def test_only_json_is_read(store: Store, key: str, kind: str) -> None:
    """A form, as a page could send it from elsewhere, is none."""
    assert posted(store, key, [event(1)], kind=kind)[0].status == 415
    assert rows(store, EVENTS) == []


def test_a_store_that_is_away_takes_nothing(store: Store, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """503, with the time after which to try again; then the same list is taken."""
    with monkeypatch.context() as patch:
        patch.setattr(web_events, "take_events", _away)
        answer = posted(store, key, [event(1)])[0]
    assert (answer.status, answer.headers["retry-after"], set(said(answer))) == (503, "30", {"error"})
    assert said(posted(store, key, [event(1)])[0])["counts"]["taken"] == 1


def _away(*_: object, **__: object) -> None:
    raise StoreAwayError("the disk is full")


def test_the_log_names_nobody(store: Store, key: str, caplog: pytest.LogCaptureFixture) -> None:
    """A line holds method, route, status and time: no id, no address, no key, no caller."""
    with caplog.at_level(logging.DEBUG, LOG):
        posted(store, key, [event(1), event(2, at="never")], b"[{")
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == LOG]
    assert [(line["route"], line["status"], sorted(line)) for line in lines] == [
        ("/events", status, ["method", "ms", "route", "status"]) for status in (200, 422)
    ]
    assert not any(word in caplog.text for word in ("p-1", "c1@example.org", key, "crm", "never"))


def test_looking_at_events_shows_nothing(store: Store, key: str) -> None:
    """There is no page there."""

    async def work(client: Client) -> list[int]:
        return [(await client.ask(method, "/events")).status for method in ("GET", "HEAD")]

    assert set(served(store, work)) <= {404, 405}


def test_nothing_that_is_posted_makes_it_stumble(store: Store, key: str) -> None:
    """Hundreds of bodies bent at random: each is answered, none with a fault of ours, and the good one is taken at the end."""
    draw = random.Random(20270406)
    whole = json.dumps([event(number, wait=number) for number in range(3)]).encode()
    bodies = [_bent(draw, whole) for _ in range(300)]
    answers = posted(store, key, *bodies, whole)
    assert {each.status for each in answers} <= {200, 413, 422}
    assert answers[-1].status == 200


def _bent(draw: random.Random, body: bytes) -> bytes:
    """A body with some bytes changed, left out or doubled, or a value of another type."""
    bent = bytearray(body)
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(bent))
        way = draw.randrange(5)
        if way == 0:
            bent[place] = draw.randrange(256)
        elif way == 1:
            del bent[place : place + draw.randint(1, 9)]
        elif way == 2:
            bent[place:place] = bent[: draw.randint(1, 40)]
        else:
            old = draw.choice([b'"north"', b'"c-1"', b'"branch"', b'"2027-04-06T08:00Z"', b"2"])
            new = draw.choice(
                [b"null", b"[]", b"{}", b"true", b"1.5", b'"\\u0000"', b'"\\ud83d"', b'"' + b"x" * 400 + b'"']
            )
            bent = bytearray(bytes(bent).replace(old, new))
    return bytes(bent)


def test_a_rehearsal_takes_events_of_its_day(store: Store, tmp_path: Path) -> None:
    """What lies ahead of the day that stands for today has not happened, whatever the clock says."""
    open_wave(store, study_in(tmp_path), "hot", [], on=date(2027, 4, 1), rehearse_on=date(2027, 4, 2))
    key = new_caller(store, "crm", at=NOW)
    early, late = event(1, at="2027-04-02T09:00Z"), event(2, at="2027-04-03T08:00Z")
    states = [each["state"] for each in said(posted(store, key, [early, late])[0])["events"]]
    assert states == ["taken", "set aside"]
    assert [row["received"] for row in rows(store, EVENTS)] == ["2027-04-02T10:00:00Z"]

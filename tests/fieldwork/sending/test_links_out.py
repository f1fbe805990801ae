"""Short links and the way out, through the whole application: what leads where, what records, and who has to wait."""

from __future__ import annotations

import json
import logging
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from symmetry.fieldwork.contacts.ledger import ledger_key
from symmetry.fieldwork.contacts.opting import opted_out
from symmetry.fieldwork.sending.links import Links, links_of
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.keeping import close_wave
from symmetry.fieldwork.store.opening import links_key
from symmetry.fieldwork.store.tables import INVITATIONS, LINKS, OPT_OUTS
from symmetry.fieldwork.store.tokens import hash_of
from symmetry.fieldwork.web.guarding import LOG
from symmetry.fieldwork.web.leading import Misses
from tests.fieldwork.sending.outboxes import NOON, opened, token
from tests.fieldwork.web.attacking import FORM_TYPE, Answered, Client, served
from tests.fieldwork.web.malforming import NASTY
from tests.spec.pages import read_page

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

ONE_CLICK = b"List-Unsubscribe=One-Click"
PART = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
HOST = ("host", "survey.test")


def _links(store: Store, person: str = "c-000") -> Links:
    key, audience = links_key(store.folder), {"c": "customers", "e": "employees"}[person[0]]
    with to_write(store.field) as connection:
        return links_of(connection, key, "cold", audience, person, "")


def _out(store: Store, *contacts: str) -> set[str]:
    with store.field.connect() as connection:
        return opted_out(connection, ledger_key(store.folder), contacts)


async def _click(client: Client, path: str, body: bytes = ONE_CLICK, *headers: tuple[str, str]) -> Answered:
    kinds = [each for each in headers if each[0] == "content-type"] or [FORM_TYPE]
    rest = [each for each in headers if each[0] != "content-type"]
    return await client.ask("POST", path, headers=[HOST, *kinds, *rest, ("content-length", str(len(body)))], body=body)


def test_a_short_link_leads_to_the_questionnaire(store: Store, tmp_path: Path) -> None:
    """With whatever it proposes, in either case of its letters; one letter off leads nowhere."""
    opened(store, tmp_path)
    short = _links(store).short
    wrong = short[:-1] + ("a" if short[-1] != "a" else "b")

    async def work(client: Client) -> list[tuple[int, str]]:
        paths = (
            short,
            f"{short}?lang=en&recommend=9",
            short.replace(short[3:], short[3:].upper()),
            wrong,
            "/x/",
            "/x/a/b",
            f"{short}a",
        )
        return [(each.status, each.location) for each in [await client.get(path) for path in paths]]

    full = f"/s/{token(store, 'c-000')}"
    there = [(303, full), (303, f"{full}?lang=en&recommend=9"), (303, full)]
    assert [*there, (404, ""), (404, ""), (404, ""), (404, "")] == served(store, work, now=lambda: NOON)


def test_links_are_the_same_each_time_and_nobody_elses(store: Store, tmp_path: Path) -> None:
    """Made twice they are two rows; where ten letters are taken already, others are found."""
    opened(store, tmp_path)
    first = _links(store)
    assert first == _links(store)
    with to_write(store.field) as connection:
        assert 2 == len(connection.execute(select(LINKS)).all())
        other = hash_of(token(store, "c-001"))
        connection.execute(update(LINKS).where(LINKS.c.kind == "short").values(token=other))
    again = _links(store)
    assert again == _links(store)
    assert (first.full, first.out) == (again.full, again.out)
    assert first.short != again.short


def test_no_link_leads_to_a_wave_that_is_closed_or_a_person_erased(store: Store, tmp_path: Path) -> None:
    """Its mark may be there: without the key, or with another name, no token can be made."""
    opened(store, tmp_path)
    links = [_links(store, f"c-00{number}") for number in range(2)]
    with to_write(store.field) as connection:
        gone = INVITATIONS.c.token == hash_of(token(store, "c-000"))
        connection.execute(update(INVITATIONS).where(gone).values(person="~" + "0" * 32))

    async def work(client: Client) -> list[int]:
        return [(await client.get(each.short)).status for each in links]

    assert [404, 303] == served(store, work, now=lambda: NOON)
    close_wave(store, "cold", now=NOON)
    assert [404, 404] == served(store, work, now=lambda: NOON)


def test_looking_at_the_way_out_records_nothing_and_its_button_does(store: Store, tmp_path: Path) -> None:
    """GET and HEAD change nothing; the form on the page, sent as it stands, opts the person out; again changes nothing."""
    opened(store, tmp_path)
    out = _links(store).out

    async def work(client: Client) -> tuple[list[int], set[str], list[int], str]:
        looks = [
            await client.get(f"{out}?lang=fr"),
            await client.ask("HEAD", out),
            await client.get(out[:-1]),
            await client.get(out[:-1] + "a"),
        ]
        before = _out(store, "c-000")
        (form,) = read_page(looks[0].text).find("form")
        fields = {each.attributes["name"]: each.attributes["value"] for each in form.find("input")}
        body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
        posts = [await _click(client, form.attributes["action"], body) for _ in range(2)]
        return [each.status for each in looks], before, [each.status for each in posts], posts[0].text

    looks, before, posts, page = served(store, work, now=lambda: NOON)
    assert ([200, 200, 404, 404], set(), [200, 200]) == (looks, before, posts)
    assert {"c-000"} == _out(store, "c-000", "c-001")
    assert "Nous ne vous écrirons plus" in page
    with store.field.connect() as connection:
        assert ["page"] == list(connection.execute(select(OPT_OUTS.c.how)).scalars())


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (ONE_CLICK, [("origin", "https://mail.example"), ("sec-fetch-site", "cross-site")]),
        (PART, [("content-type", "multipart/form-data; boundary=x")]),
        (PART.replace(b'"', b"").lower(), [("content-type", "multipart/form-data; boundary=x")]),
    ],
)  # fmt: skip
def test_one_click_of_a_mail_provider_opts_out_at_once(
    store: Store, tmp_path: Path, body: bytes, headers: list[tuple[str, str]]
) -> None:
    """As RFC 8058 has it: in either kind of form, without a cookie, a page or an origin of ours; also after the close."""
    opened(store, tmp_path)
    links = [_links(store, f"c-00{number}").out for number in range(2)]
    assert [200] == served(store, lambda client: _statuses(client, [(links[0], body, headers)]), now=lambda: NOON)
    close_wave(store, "cold", now=NOON)
    assert [200] == served(store, lambda client: _statuses(client, [(links[1], body, headers)]), now=lambda: NOON)
    assert {"c-000", "c-001"} == _out(store, "c-000", "c-001", "c-002")
    with store.field.connect() as connection:
        assert {"one click"} == set(connection.execute(select(OPT_OUTS.c.how)).scalars())


async def _statuses(client: Client, requests: list[tuple[str, bytes, list[tuple[str, str]]]]) -> list[int]:
    return [(await _click(client, path, body, *headers)).status for path, body, headers in requests]


def test_what_is_no_opt_out_records_nothing(store: Store, tmp_path: Path) -> None:
    """Another body, another kind, too much of it, or the form of another page."""
    opened(store, tmp_path)
    out = _links(store).out
    multi = [("content-type", "multipart/form-data; boundary=x")]
    requests: list[tuple[str, bytes, list[tuple[str, str]]]] = [
        (out, b"", []), (out, b"List-Unsubscribe=No", []), (out, PART.replace(b"One-Click", b"No"), multi),
        (out, ONE_CLICK, multi),
        (out, ONE_CLICK + b"&" * 5000, []), (out, ONE_CLICK, [("content-type", "text/plain")]),
        (out, b"form=" + b"0" * 32, []), (out[:-1], ONE_CLICK, []), ("/o/", ONE_CLICK, []),
    ]  # fmt: skip
    found = served(store, lambda client: _statuses(client, requests), now=lambda: NOON)
    assert [403, 403, 400, 400, 413, 415, 403, 404, 404] == found
    assert set() == _out(store, "c-000")


def test_who_guesses_has_to_wait_and_nobody_else(store: Store, tmp_path: Path) -> None:
    """After twenty links that lead nowhere even a good one waits, for that client; another one, behind the proxy, goes on."""
    opened(store, tmp_path)
    short = _links(store).short

    async def work(client: Client) -> list[list[tuple[int, str]]]:
        said = []
        for who, paths in (
            ("1.1.1.1", ["/x/" + "a" * 10] * 21 + [short]),
            ("9.9.9.9, 2.2.2.2", [short]),
            ("2.2.2.2, 1.1.1.1", [short]),
        ):
            head = [HOST, ("x-forwarded-for", who)]
            answers = [await client.ask("GET", path, headers=head) for path in paths]
            said.append([(each.status, each.headers.get("retry-after", "")) for each in answers])
        far = await client.ask("GET", short, headers=[HOST, ("x-forwarded-for", "1.1.1.1")], peer="5.5.5.5")
        return [*said, [(far.status, "")]]

    guesser, other, behind, far = served(store, work, now=lambda: NOON, behind_proxy=True)
    assert [(404, "")] * 20 + [(429, "60")] * 2 == guesser
    assert ([(303, "")], [(429, "60")], [(303, "")]) == (other, behind, far)


def test_misses_of_all_make_only_those_wait_who_missed() -> None:
    """Over six hundred in a minute, one miss is enough; a minute later nobody waits, and nothing is kept."""
    clock = [0.0]
    misses = Misses(lambda: clock[0])
    for number in range(599):
        misses.add(f"10.0.{number // 250}.{number % 250}")
    assert not misses.too_many("10.0.0.1")
    misses.add("2001:db8::1")
    assert [True, True, False, False] == [
        misses.too_many(each) for each in ("10.0.0.1", "2001:db8::ffff", "2001:db9::1", "x")
    ]
    clock[0] = 61.0
    assert not misses.too_many("10.0.0.1")
    assert (0, 0) == (len(misses._all), len(misses._of))


def test_no_token_stands_in_the_log(store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A line names the kind of page alone, for hits and misses."""
    opened(store, tmp_path)
    links = _links(store)
    caplog.set_level(logging.INFO, LOG)

    async def work(client: Client) -> None:
        for path in (links.short, links.out, "/x/nothing", "/o/nothing", "/x/a/b"):
            await client.get(path)
        await _click(client, links.out)

    served(store, work, now=lambda: NOON)
    routes = [json.loads(record.message)["route"] for record in caplog.records]
    assert ["/x/{short}", "/o/{token}", "/x/{short}", "/o/{token}", "other", "/o/{token}"] == routes
    assert not any(each.rpartition("/")[2] in caplog.text for each in (links.short, links.out))


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_no_malformed_request_is_a_fault(store: Store, tmp_path: Path) -> None:
    """Two thousand broken requests to both: no 5xx, and only the one-click posts among them opt anybody out."""
    opened(store, tmp_path)
    links = [_links(store, f"c-00{number}") for number in range(4)]
    chance = random.Random(9)
    kinds = (
        "",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        FORM_TYPE[1],
        "\xff",
        "multipart/form-data;" + "b" * 900,
    )
    clicked: set[str] = set()

    async def work(client: Client) -> list[int]:
        statuses = []
        for _ in range(2000):
            number = chance.randrange(4)
            path = chance.choice((links[number].short, links[number].out))
            bent = chance.choice(
                (
                    path,
                    path,
                    path + chance.choice(("/", ".", "%00", "%ff", "a", "?lang=xx&\udcff=")),
                    path[:-3],
                    path.upper(),
                    path[:3] + "é%0d%0a",
                )
            )
            body = chance.choice(
                (ONE_CLICK, PART, chance.choice(NASTY), chance.randbytes(chance.randrange(6000)), b"form=x")
            )
            method, kind = chance.choice(("GET", "POST", "HEAD", "PUT", "POST")), chance.choice(kinds)
            headers = [HOST, ("content-type", kind), ("accept-language", chance.choice(("fr", "\xff;q=9")))]
            said = await client.ask(
                method, bent, headers=headers, body=body, peer=f"10.{number}.{chance.randrange(250)}.1"
            )
            statuses.append(said.status)
            if method == "POST" and said.status == 200:
                assert body in (ONE_CLICK, PART)
                assert bent.partition("?")[0] == links[number].out
                clicked.add(f"c-00{number}")
        return statuses

    statuses = served(store, work, now=lambda: NOON)
    assert [] == [each for each in statuses if each >= 500]
    assert {200, 303, 400, 404, 405, 413, 415} <= set(statuses)
    assert clicked == _out(store, *(f"c-00{number}" for number in range(6)))
    assert clicked

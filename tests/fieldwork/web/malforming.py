"""Requests that nobody's browser sends, drawn from a seed: each starts as a good one and is broken in some ways, or in none."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote, quote_from_bytes

from symmetry.fieldwork.web.forms import form_of

URLENCODED = "application/x-www-form-urlencoded"
CODES = {
    "recommend": {*range(11), -1},
    "welcomed": {*range(1, 6), 0, -1, -2},
    "expected": {*range(1, 11), 0},
    "easy": {*range(1, 8)},
    "quiet": {*range(1, 5), 0},
    "satisfied": {*range(1, 6)},
    "swam": {*range(1, 8), 0},
}
CHOICES = {"trip": {"work", "rest", "family", "refused"}, "obstacles": {"price", "noise", "food", "none", "dk"}}
LONGEST = {"why": 2000, "nickname": 60, "more": 2000}
COLUMNS = (*CODES, *CHOICES, *LONGEST, "nights", "spent", "left")
GOOD: Mapping[str, Sequence[str]] = {
    **{name: tuple(str(code) for code in codes) for name, codes in CODES.items()},
    "trip": ("work", "rest", "family"),
    "obstacles": ("price", "noise", "food"),
    "nights": ("1", "12", "1000", "dk"),
    "spent": ("0", "12,50", "3.1"),
    "left": ("2027-06-01", "1/6/2027"),
    "why": ("Trop cher", "Zu laut – naïve 😀", "line\nline"),
    "nickname": ("Calme", "<b>calm</b>"),
    "more": ("", "Rien", "x" * 1999),
}
NASTY: tuple[bytes, ...] = (
    b"", b"0", b"-1", b"-0", b"11", b"1e309", b"NaN", b"-Infinity", b"0x10", b"1" * 400, b"9" * 5000, b"1_000", b"\x00",
    b"a\x00b", b"\xed\xa0\x80", b"\xe9", b"\xff\xfe", b"\xc0\xaf", b"\xf0\x9f\x98\x80" * 50, "٣".encode(), "９".encode(),
    "\u202egnp\u2028\u200b".encode(), b"<script>alert(1)</script>", b"' OR 1=1; DROP TABLE waves;--", b"{{7*7}}", b"%00", b"%",
    b"../../etc/passwd", b"2026-02-30", b"0000-00-00", b"31/02/2027", b"2027-06-01T00:00", b"price noise", b"none", b"dk", b"na",
    b"refused", b"true", b"null", b"[]", b"x" * 2001, b"y" * 9000, b"\r\nSet-Cookie: a=b", b"\x1b[31m", b"\t\x0b\x0c", b" 5 ",
    b"5.0", b"12.345", b"1,5", b"1 000", b"\xef\xbb\xbf5", b"\xcc\x81" * 300,
)  # fmt: skip
PATHS = (
    "/", "//", "/s", "/s/", "/s//1", "/robots.txt", "/healthz", "/.env", "/wp-login.php", "/s/%00/1", "/s/..%2f..%2fetc/1",
    "/s/\udcff\udcfe/1", "/s/%ff%fe/1", "/s/" + "a" * 300, "/" + "b" * 5000, "/s/" + "a" * 20 + "/1", "*", "http://x/s/a/1",
    "/s/é/1", "/s/%ED%A0%80", "/s/{token}/{page}", "/static/../s", "/s/?lang=en", "/s/%0d%0aX:1/1", "/S/x/1", "/s/x;y/1",
)  # fmt: skip
PAGES = (
    "0",
    "-1",
    "99",
    "9999",
    "10000",
    "1" * 200,
    "1.0",
    "01",
    "1e3",
    "٣",
    "refuse",
    "thanks",
    "REFUSE",
    "1/",
    "1/2",
    "",
    " 1",
    "1%00",
)
METHODS = ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "POSTT", "", "\u00e9", "M-SEARCH")
TYPES = ("", "text/plain", "application/json", "multipart/form-data; boundary=x", URLENCODED + "; charset=utf-16",
         URLENCODED + ";charset=latin-1", URLENCODED + "x", "\xff", "a" * 3000, "application/xml")  # fmt: skip
HEADERS = (
    ("content-length", "-1"), ("content-length", "1" * 30), ("content-length", "abc"), ("content-encoding", "gzip"),
    ("origin", "https://evil.test"), ("origin", "//survey.test"), ("sec-fetch-site", "cross-site"),
    ("sec-fetch-site", "same-site"), ("sec-fetch-site", "\xff"), ("host", "other.test"), ("origin", "https://survey.test.evil"),
)  # fmt: skip
HARMLESS = (
    ("cookie", "a=b"), ("range", "bytes=0-1"), ("accept-encoding", "gzip, \xff, br;q=9"),
    ("accept-language", "fr;q=9,\xff" * 400), ("x-forwarded-host", "evil.test"), ("x-forwarded-proto", "https"),
    ("if-none-match", "*"),
    ("x" * 200, "y" * 2000), ("accept", "\x00"), ("sec-fetch-site", "same-origin"), ("origin", "null"), ("upgrade", "websocket"),
    ("referer", "\xff" * 900),
)  # fmt: skip


@dataclass
class Request:
    """A request, and whether it may be taken: `sound` ones are those that a browser could have sent from our page."""

    token: str
    page: int
    method: str = "POST"
    path: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    sound: bool = True

    @property
    def chunks(self) -> list[bytes]:
        """The body in pieces."""
        return [self.body[start : start + 20_000] for start in range(0, len(self.body), 20_000)] or [b""]


def request_of(chance: random.Random, tokens: Sequence[str], page: int) -> Request:
    """Draw one request to a person's page."""
    token = chance.choice(tokens)
    made = Request(token, page, path=f"/s/{token}/{page}")
    kind = chance.random()
    if kind < 0.25:
        made.method, made.path = chance.choice(("GET", "HEAD", "OPTIONS")), _strange_path(chance, token)
        made.headers = [("host", "survey.test"), *chance.sample(HARMLESS, chance.randrange(4))]
        made.sound = False
        return made
    pairs = [(name, value.encode()) for name, value in _answers(chance, page)]
    pairs += [("form", form_of(token, page).encode()), ("lang", chance.choice((b"en", b"fr", b"de", b"")))]
    if chance.random() < 0.15:
        pairs.append(("go", chance.choice((b"fr", b"en", b"back", b"refuse", b""))))
    made.headers = [("host", "survey.test"), ("content-type", URLENCODED)]
    if kind < 0.6:
        pairs = [
            (name, chance.choice(NASTY) if chance.random() < 0.7 and name not in ("form", "lang", "go") else value)
            for name, value in pairs
        ]
    made.body = _encoded(pairs)
    if kind >= 0.7:
        for ways in chance.sample(_BREAKS, chance.choice((1, 1, 2, 3))):
            chance.choice(ways)(chance, made, pairs)
    made.headers += chance.sample(HARMLESS, chance.choice((0, 0, 1, 2)))
    return made


def _answers(chance: random.Random, page: int) -> list[tuple[str, str]]:
    """Answers to the questions of a page of the study `kinds`, most of them there."""
    names = {
        1: ("recommend",),
        2: (
            "why",
            "welcomed",
            "expected",
            "easy",
            "quiet",
            "satisfied",
            "swam",
            "trip",
            "obstacles",
            "nights",
            "spent",
            "left",
        ),
    }
    there = names.get(page, ("nickname", "more"))
    return [(name, chance.choice(GOOD[name])) for name in there if chance.random() < 0.8]


def _encoded(pairs: Sequence[tuple[str, bytes]]) -> bytes:
    return "&".join(f"{quote(name)}={quote_from_bytes(value)}" for name, value in pairs).encode()


def _strange_path(chance: random.Random, token: str) -> str:
    drawn = chance.random()
    if drawn < 0.3:
        return chance.choice(PATHS)
    if drawn < 0.6:
        return f"/s/{token}/{chance.choice(PAGES)}"
    query = quote_from_bytes(chance.choice(NASTY)) if drawn < 0.9 else "\udcff&=&&lang=" * chance.choice((1, 500))
    return f"/s/{token}?{chance.choice(COLUMNS)}={query}&lang={query[:9]}"


def _break_token(chance: random.Random, made: Request, _: Any) -> None:
    spoilt = chance.choice(
        (made.token[:-1], made.token.upper(), made.token[::-1], "a" * 20, made.token + "=", "%00" + made.token)
    )
    made.path, made.sound = f"/s/{spoilt}/{made.page}", False


def _break_form(chance: random.Random, made: Request, pairs: list[tuple[str, bytes]]) -> None:
    wrong = chance.choice(
        (
            b"",
            b"0" * 32,
            form_of("b" * 20, made.page).encode(),
            form_of(made.token, made.page + 1).encode(),
            b"\xc3\xa9",
        )
    )
    made.body, made.sound = _encoded([(n, wrong if n == "form" else v) for n, v in pairs]), False


def _break_fields(chance: random.Random, made: Request, pairs: list[tuple[str, bytes]]) -> None:
    extra = chance.choice(
        (
            [("form", b"x")], [("island", b"big")], [("\x00", b"1")], [("__class__", b"1")], [("lang", b"xx\x00")],
            [("key", b"1")], [(f"f{n}", b"1") for n in range(chance.choice((2, 1200)))], [("", b"")], [("page", b"77")],
            [("lang", b"fr")], [("go", b"thanks")], [("go", b"fr"), ("go", b"back")],
        )
    )  # fmt: skip
    made.body, made.sound = _encoded([*pairs, *extra]), False


def _break_body(chance: random.Random, made: Request, _: Any) -> None:
    made.body = chance.choice(
        (
            b"", b"&" * 3000, b"=" * 500, b"%" * 999, b"\xff" * 5000, chance.randbytes(chance.randrange(1, 3000)), b"form",
            b'{"recommend": 9}', b"--x\r\nContent-Disposition: form-data; name=\"recommend\"\r\n\r\n9\r\n--x--", b"a" * 70_000,
            made.body + b"%zz=%zz&%", made.body.decode().encode("utf-16"), made.body[: len(made.body) // 2] + b"\xe9",
        )
    )  # fmt: skip
    made.sound = False


def _break_type(chance: random.Random, made: Request, _: Any) -> None:
    kept = [(name, value) for name, value in made.headers if name != "content-type"]
    made.headers = [*kept, ("content-type", chance.choice(TYPES))]
    made.sound = False


def _break_header(chance: random.Random, made: Request, _: Any) -> None:
    name, value = chance.choice(HEADERS)
    made.headers = [*made.headers, (name, value)]
    made.sound = False


def _break_headers(chance: random.Random, made: Request, _: Any) -> None:
    made.headers = [*made.headers, *[("x-a", "b" * chance.choice((1, 900)))] * chance.choice((101, 400))]
    made.sound = False


def _break_method(chance: random.Random, made: Request, _: Any) -> None:
    made.method, made.sound = chance.choice(METHODS), False


def _break_page(chance: random.Random, made: Request, _: Any) -> None:
    made.path, made.sound = f"/s/{made.token}/{chance.choice(PAGES)}", False


# One of each group at most, so that none mends what another broke.
_BREAKS = (
    (_break_token, _break_page), (_break_form, _break_fields, _break_body), (_break_type,),
    (_break_header, _break_headers), (_break_method,),
)  # fmt: skip


def wrong_in(answers: Mapping[str, Any], *, complete: bool) -> list[str]:
    """What is stored and should not be: written down here from the study's words, apart from the code that reads answers."""
    wrong = [name for name in answers if name not in COLUMNS]
    wrong += [
        name
        for name, codes in CODES.items()
        if name in answers and (type(answers[name]), answers[name] in codes) != (int, True)
    ]
    if "trip" in answers and answers["trip"] not in CHOICES["trip"]:
        wrong.append("trip")
    chosen = str(answers.get("obstacles", "price")).split(" ")
    if (
        not set(chosen) <= CHOICES["obstacles"]
        or len(set(chosen)) < len(chosen)
        or (len(chosen) > 1 and {"none", "dk"} & set(chosen))
    ):
        wrong.append("obstacles")
    wrong += [name for name, longest in LONGEST.items() if name in answers and not _fine_text(answers[name], longest)]
    nights, spent = answers.get("nights", 1), answers.get("spent", 0)
    if not (nights in (-1, -2) or (1 <= nights <= 1000 and nights == int(nights))):
        wrong.append("nights")
    if not (0 <= spent < float("inf") and round(spent, 2) == spent):
        wrong.append("spent")
    left = answers.get("left", "2027-01-01")
    if left != "dk" and not ("2026-01-01" <= date.fromisoformat(left).isoformat() <= "2027-12-31"):
        wrong.append("left")
    if complete and "why" in answers and not 0 <= answers.get("recommend", 99) <= 6:
        wrong.append("why off route")
    return wrong


def _fine_text(text: Any, longest: int) -> bool:
    return (
        isinstance(text, str)
        and 0 < len(text) <= longest
        and not re.search("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", text)
    )

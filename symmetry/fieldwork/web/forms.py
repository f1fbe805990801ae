"""What a posted form says, taken as text or not at all, and the hidden value that shows that a form is one of ours.

A form of ours comes as `application/x-www-form-urlencoded` in UTF-8, from every browser.  Anything else is refused before a
question is looked at: what the answers must be is the business of `asking.reading`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from starlette.types import Scope

__all__ = [
    "LANGUAGES",
    "SHOWN",
    "Posted",
    "RefusedError",
    "form_of",
    "is_form",
    "language_wished",
    "read_form",
    "read_query",
    "seconds_since",
]

LANGUAGES = ("fr", "en")
MOST_FIELDS = 1000
SHOWN = "shown-at"  # no question has a hyphen in its name
_URLENCODED = b"application/x-www-form-urlencoded"
_UTF_8 = (b"", b"charset=utf-8", b"charset=utf8", b'charset="utf-8"', b'charset="utf8"')
_LONGEST_TYPE = 128
_LONGEST_STAY = 1800  # seconds: whoever sends a page later was away
_MOMENT = re.compile(r"[0-9]{1,11}")
_WAYS = ("", *LANGUAGES, "back", "refuse")
_LANGUAGE = re.compile(r"(?:[a-z]{2,3}(?:-[A-Za-z]{2,8})?)?")
_WISHED = re.compile(r"(?i)\b(fr|en)\b[^,;]*(?:;\s*q\s*=\s*([01](?:\.\d{1,3})?))?")


class RefusedError(Exception):
    """A request that no page answers: the status, and the kind of message that says so."""

    def __init__(self, status: int, kind: str) -> None:
        super().__init__(f"{status} {kind}")
        self.status = status
        self.kind = kind


@dataclass(frozen=True)
class Posted:
    """A posted form: its answers, by name and in the order posted, and the language in which it was read ("" if unsaid).

    `go` names the button, where it was not the main one: a language to go on in, "back" or "refuse".  `shown` is the moment
    at which the page was shown, in seconds since 1970, as the form says it; None where it says none.
    """

    fields: Mapping[str, tuple[str, ...]]
    language: str
    go: str = ""
    shown: int | None = None


def is_form(kind: bytes) -> bool:
    """Whether a `Content-Type` is that of a form in UTF-8.

    Examples
    --------
    >>> is_form(b"application/x-www-form-urlencoded; charset=UTF-8"), is_form(b"text/plain")
    (True, False)
    """
    if len(kind) > _LONGEST_TYPE:
        return False
    said, *more = kind.lower().split(b";")
    return said.strip() == _URLENCODED and all(b"".join(each.split()) in _UTF_8 for each in more)


def form_of(token: str, page: int | str) -> str:
    """The value hidden in the form of one page of one person: it follows from the token, and from nothing else.

    Parameters
    ----------
    token : of the link.
    page : number of the page, or "refuse".

    Examples
    --------
    >>> form_of("abcdefghij234567abcd", 1) == form_of("abcdefghij234567abcd", 2)
    False
    """
    return hashlib.blake2b(f"{token}/{page}".encode(), digest_size=16, person=b"symmetry form").hexdigest()


def read_form(body: bytes, token: str, page: int | str) -> Posted:
    """Read what was posted from one page.

    Parameters
    ----------
    body : as it came.
    token, page : of the address that it was posted to.

    Returns
    -------
    The answers, without the fields that every form may have (`form`, `page`, `lang`, `go`, `shown-at`).

    Raises
    ------
    RefusedError : 400 where that is no form, no UTF-8, has too many fields or a name with a null; 403 where it is the form of
        another page.
    """
    fields = _fields(body)
    form, number, language, go, shown = (fields.pop(name, ()) for name in ("form", "page", "lang", "go", SHOWN))
    if max(len(form), len(number), len(language), len(go)) > 1 or "".join(go) not in _WAYS:
        raise RefusedError(400, "malformed")
    if not hmac.compare_digest("".join(form).encode(), form_of(token, page).encode()):
        raise RefusedError(403, "foreign")
    if number not in ((), (str(page),)) or not _LANGUAGE.fullmatch("".join(language)):
        raise RefusedError(400, "malformed")
    moment = int(shown[0]) if len(shown) == 1 and _MOMENT.fullmatch(shown[0]) else None
    return Posted(fields, "".join(language), "".join(go), moment)


def seconds_since(shown: int | None, now: float) -> int | None:
    """How long a page was before somebody; None where nobody knows, or nobody can have been reading all that time.

    Parameters
    ----------
    shown : the moment that the form brought back, in seconds since 1970.
    now : the moment at which it came back.

    Examples
    --------
    >>> seconds_since(1000, 1042.7), seconds_since(1000, 999.0), seconds_since(1000, 9000.0), seconds_since(None, 9.0)
    (42, None, None, None)
    """
    stay = None if shown is None else int(now) - shown
    return stay if stay is not None and 0 <= stay <= _LONGEST_STAY else None


def read_query(query: bytes) -> dict[str, tuple[str, ...]]:
    """Names and values after the question mark; none where they cannot be read, since a link must never fail for them."""
    try:
        return _fields(query)
    except RefusedError:
        return {}


def language_wished(scope: Scope) -> str | None:
    """The language to speak to somebody of whom nothing else is known: what the link says, then the browser; else None."""
    for said in read_query(scope["query_string"]).get("lang", ()):
        if said in LANGUAGES:
            return said
    header = b",".join(value for name, value in scope["headers"] if name == b"accept-language")
    found = [(float(match[2] or 1), match[1].lower()) for match in _WISHED.finditer(header.decode("latin-1"))]
    return max(found, key=lambda each: each[0])[1] if found else None


def _fields(text: bytes) -> dict[str, tuple[str, ...]]:
    """Parse names and values, strictly."""
    try:
        pairs = parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:  # UnicodeDecodeError is one
        raise RefusedError(400, "malformed") from None
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        if "\0" in name:
            raise RefusedError(400, "malformed")
        found[name] = (*found.get(name, ()), value)
    return found

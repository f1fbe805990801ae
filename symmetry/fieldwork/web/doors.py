"""What may be posted where: how large a body, of what kind, and whether only our own pages may send it.

A form is sent by our own page.  Two addresses are written to by other programs: mail providers opt people out with one click
(RFC 8058), maybe from a page of theirs; and systems post what happened, with a key of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symmetry.fieldwork.web.forms import is_form

__all__ = ["MOST_BODY", "Door", "door_of"]

MOST_BODY = 256 * 1024  # a page of twelve full texts, percent-encoded
_LONGEST_TYPE = 256


@dataclass(frozen=True)
class Door:
    """What may be posted to an address: bytes at most, which kinds of body, and from our own pages alone or not."""

    most: int
    takes: Callable[[bytes], bool]
    ours: bool = True


def _is_one_click(kind: bytes) -> bool:
    """Both kinds that RFC 8058 lets a mail provider send."""
    return is_form(kind) or (len(kind) <= _LONGEST_TYPE and kind.lower().startswith(b"multipart/form-data;"))


_PAGES = Door(MOST_BODY, is_form)
_OUT = Door(4096, _is_one_click, ours=False)
_EVENTS = Door(1024 * 1024, lambda kind: True)  # what reads events says itself what it takes


def door_of(path: str) -> Door:
    """What may be posted to an address.

    Examples
    --------
    >>> door_of("/o/abcdefghij234567abcd").ours, door_of("/s/abcdefghij234567abcd/1").ours
    (False, True)
    """
    if path == "/events":
        return _EVENTS
    return _OUT if path.startswith("/o/") else _PAGES

"""What can be written to: addresses of mail and telephone numbers, by their form alone."""

from __future__ import annotations

import re

__all__ = ["domain_of", "is_email", "is_phone"]

_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")


def is_email(text: str) -> bool:
    r"""Whether a text is one address of mail: a name, an @ and a domain with a dot; letters of any script, no quotes.

    Examples
    --------
    >>> is_email("zoé@müller.example"), is_email("a@b.example\nBcc: all@b.example"), is_email("a@b")
    (True, False, False)
    """
    local, at, _ = text.rpartition("@")
    if not at or len(local.encode()) > 64 or len(text.encode()) > 254 or not _LOCAL.fullmatch(local):
        return False
    labels = domain_of(text).split(".")
    return len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)


def domain_of(address: str) -> str:
    """The domain of an address as mail servers know it, in plain letters; empty where it is none.

    Examples
    --------
    >>> domain_of("zoé@müller.example")
    'xn--mller-kva.example'
    """
    try:
        return address.rpartition("@")[2].encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def is_phone(text: str) -> bool:
    """Whether a text is a telephone number as the whole world dials it (E.164).

    Examples
    --------
    >>> is_phone("+33612345678"), is_phone("0612345678")
    (True, False)
    """
    return text.isascii() and _PHONE.fullmatch(text) is not None

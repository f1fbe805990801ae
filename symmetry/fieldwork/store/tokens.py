"""Tokens: the secret in a person's link.  The store knows their hash alone.

A token is 20 letters and digits (100 bits), made from the key of the links, the wave and the person, so that a link can be
made again while that key lives and by nobody after it is destroyed.  Two things follow from a token, neither of which leads
back to it or to the other: the hash by which the store finds the invitation, and the key that opens the person's draft.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re

__all__ = ["LENGTH", "hash_of", "is_token", "secret_of", "token_of"]

LENGTH = 20
_FORM = re.compile(r"[a-z2-7]{20}")
_BYTES = 13


def token_of(key: bytes, wave: str, audience: str, person: str) -> str:
    """The token of one person in one wave.

    Parameters
    ----------
    key : of the links, at least 32 random bytes.
    wave, audience, person : who is asked, and when.

    Examples
    --------
    >>> token_of(bytes(32), "hot", "customers", "c-1") == token_of(bytes(32), "hot", "customers", "c-1")
    True
    >>> len(token_of(bytes(32), "hot", "customers", "c-1"))
    20
    """
    if len(key) < 32:
        raise ValueError("the key of the links has at least 32 bytes")
    said = json.dumps(["symmetry token 1", wave, audience, person], ensure_ascii=False).encode()
    drawn = hashlib.blake2b(said, key=key, digest_size=_BYTES).digest()
    return base64.b32encode(drawn).decode().lower()[:LENGTH]


def is_token(text: str) -> bool:
    """Whether a text has the form of a token.

    Examples
    --------
    >>> is_token("abcdefghij234567abcd"), is_token("../../etc/passwd")
    (True, False)
    """
    return _FORM.fullmatch(text) is not None


def hash_of(token: str) -> bytes:
    """By what the store finds an invitation: 16 bytes."""
    return hashlib.blake2b(token.encode(), digest_size=16, person=b"symmetry find").digest()


def secret_of(token: str) -> bytes:
    """What opens the draft of whoever holds the token: 32 bytes, kept nowhere."""
    return hashlib.blake2b(token.encode(), digest_size=32, person=b"symmetry draft").digest()

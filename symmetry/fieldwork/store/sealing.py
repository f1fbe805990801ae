"""Boxes: employees' answers, locked before they are written, so that a database at rest tells nothing.

Two kinds.  A *draft* is locked with a key made from the person's own token (`tokens.secret_of`), which the store does not have:
only who holds the link can open it.  *Finished* answers go into a box that anybody may lock, with the wave's public key, and
only the sealed store can open.  Every box is padded to 4, 8, 16… KiB: its length does not tell how much was written.

The key by which sealed answers are stored lies inside the box, drawn when it is locked: whoever copies the field's database in
the evening sees no name under which he could find the answers again.  Answers are sorted by column, because the order in which
a person was asked is drawn from who he is.  Ciphers are libsodium's (XSalsa20-Poly1305, X25519) through PyNaCl; none is ours.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

from symmetry.errors import DataError
from symmetry.fieldwork.asking.nouns import Answer

__all__ = ["boxed", "locked", "new_seal", "plain", "relocked", "unboxed", "unlocked"]

_LEAST = 4096  # bytes of the smallest box: what nearly everybody writes has room in it
_HEAD = 4  # bytes that say how long the text inside is


def new_seal() -> tuple[bytes, bytes]:
    """Draw a pair of keys: the public one locks boxes, the private one opens them.

    Returns
    -------
    (public, private), 32 bytes each.
    """
    private = PrivateKey.generate()
    return bytes(private.public_key), bytes(private)


def boxed(public: bytes, answers: Mapping[str, Answer], known: Mapping[str, str]) -> bytes:
    """Lock finished answers, so that the sealed store alone can open them.

    Parameters
    ----------
    public : the wave's key of the day (`waves.public`).
    answers : data column → answer; only those on route.
    known : the frame items that stay with them (`coarsening.coarsened`).

    Examples
    --------
    >>> public, private = new_seal()
    >>> key, answers, known = unboxed(private, boxed(public, {"recommend": 9}, {"region": "north"}))
    >>> answers, known, len(key)
    ({'recommend': 9}, {'region': 'north'}, 16)
    """
    return SealedBox(PublicKey(public)).encrypt(
        _padded([secrets.token_hex(16), dict(sorted(answers.items())), dict(known)])
    )


def unboxed(private: bytes, box: bytes) -> tuple[bytes, dict[str, Answer], dict[str, str]]:
    """Open a box of finished answers.

    Returns
    -------
    The random key (16 bytes) under which these answers are to be stored, the same however often the box is opened or locked
    anew; the answers; what is known beside them.

    Raises
    ------
    DataError : SEA01, the box is damaged, or was locked with another key.
    """
    key, answers, known = _content(_tried(lambda: SealedBox(PrivateKey(private)).decrypt(box)), str, dict, dict)
    return bytes.fromhex(key), answers, known


def relocked(private: bytes, public: bytes, box: bytes) -> bytes:
    """The same box, locked with another key: nothing of it looks like the old one.

    Raises
    ------
    DataError : SEA01, as in `unboxed`.
    """
    return SealedBox(PublicKey(public)).encrypt(_tried(lambda: SealedBox(PrivateKey(private)).decrypt(box)))


def locked(secret: bytes, answers: Mapping[str, Answer], page: int, language: str) -> bytes:
    """Lock a draft with the person's own key.

    Parameters
    ----------
    secret : `tokens.secret_of` the token, 32 bytes, kept nowhere.
    answers, page, language : what was saved so far, the page to go on with, the language answered in.

    Examples
    --------
    >>> unlocked(bytes(32), locked(bytes(32), {"recommend": 9}, 2, "fr"))
    ({'recommend': 9}, 2, 'fr')
    """
    return bytes(SecretBox(secret).encrypt(_padded([dict(sorted(answers.items())), page, language])))


def unlocked(secret: bytes, box: bytes) -> tuple[dict[str, Answer], int, str]:
    """Open a draft: answers, page and language.

    Raises
    ------
    DataError : SEA01, the draft is damaged, or belongs to another token.
    """
    answers, page, language = _content(_tried(lambda: SecretBox(secret).decrypt(box)), dict, int, str)
    return answers, page, language


def plain(content: Mapping[str, object]) -> str:
    """JSON as it stands in the databases: the same text for the same content, whatever order it was gathered in."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))


def _padded(content: object) -> bytes:
    """The content as JSON, its length in front, filled up with zeros to the next of 4, 8, 16… KiB."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    size = max(_LEAST, 1 << (len(text) + _HEAD - 1).bit_length())
    return (len(text).to_bytes(_HEAD, "big") + text).ljust(size, b"\0")


def _tried(opened: Callable[[], bytes]) -> bytes:
    try:
        return opened()
    except (CryptoError, TypeError, ValueError) as error:
        raise DataError(
            "a box of answers cannot be opened: it is damaged, or was locked with another key",
            mend="put back the store's last good copy, both databases of the same evening; nothing was deleted",
            code="SEA01",
        ) from error


def _content(padded: bytes, *kinds: type) -> list[Any]:
    """What stands in a box that was opened."""
    try:
        content = json.loads(padded[_HEAD : _HEAD + int.from_bytes(padded[:_HEAD], "big")])
    except ValueError:
        content = None
    if not isinstance(content, list) or [type(part) for part in content] != list(kinds):
        raise DataError(
            "a box of answers holds something else than answers", mend="was it locked by another version?", code="SEA01"
        )
    return content

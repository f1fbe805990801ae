"""Boxes: what comes out is what went in, for who holds the key alone, and the outside tells nothing.

Truth: the contents themselves, libsodium's own functions called directly, and lengths counted here.
"""

from __future__ import annotations

import json

import nacl.public
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry.errors import DataError
from symmetry.fieldwork.store import sealing
from symmetry.fieldwork.store.tokens import hash_of, secret_of

ANSWERS = st.dictionaries(
    st.text(min_size=1, max_size=20),
    st.one_of(st.integers(-9, 10**6), st.floats(0, 100), st.text(max_size=300)),
    max_size=30,
)
KNOWN = st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=4)
PUBLIC, PRIVATE = sealing.new_seal()
SECRET = secret_of("abcdefghij234567abcd")


@given(ANSWERS, KNOWN)
def test_what_was_sealed_comes_out_as_it_went_in(answers: dict[str, int | float | str], known: dict[str, str]) -> None:
    """Any answers and anything known beside them survive, and get a key of 16 bytes."""
    key, *opened = sealing.unboxed(PRIVATE, sealing.boxed(PUBLIC, answers, known))
    assert opened == [answers, known]
    assert len(key) == 16


@given(ANSWERS, st.integers(1, 99), st.sampled_from(["fr", "en"]))
def test_what_was_drafted_comes_out_as_it_went_in(
    answers: dict[str, int | float | str], page: int, language: str
) -> None:
    """Any draft survives, with the page to go on with and the language."""
    assert sealing.unlocked(SECRET, sealing.locked(SECRET, answers, page, language)) == (answers, page, language)


def test_the_length_of_a_box_tells_nothing_of_what_most_people_write() -> None:
    """One answer, forty answers and a remark of 2,000 characters make boxes of one length, sealed or drafted."""
    contents: list[dict[str, int | float | str]] = [
        {"recommend": 9},
        {f"item_{n}": 5 for n in range(40)},
        {"recommend": 1, "why": "x" * 2000},
    ]
    assert {len(sealing.boxed(PUBLIC, each, {"region": "north"})) for each in contents} == {4096 + 48}
    assert {len(sealing.locked(SECRET, each, 3, "en")) for each in contents} == {4096 + 40}


@pytest.mark.parametrize("length", [4000, 4096, 5000, 8192, 20_000])
def test_longer_boxes_double(length: int) -> None:
    """A long remark makes a box of 4, 8, 16… KiB, the smallest that holds it, and nothing in between."""
    box = sealing.boxed(PUBLIC, {"why": "é" * (length // 2)}, {})
    content = len(nacl.public.SealedBox(nacl.public.PrivateKey(PRIVATE)).decrypt(box))
    assert content in {4096 * 2**n for n in range(8)}
    assert content // 2 < length + 60 <= content + 60


def test_boxes_are_libsodium_boxes_of_json() -> None:
    """A box opens with libsodium alone: four bytes of length, then JSON, then zeros."""
    box = sealing.boxed(PUBLIC, {"recommend": 9}, {"region": "north"})
    content = nacl.public.SealedBox(nacl.public.PrivateKey(PRIVATE)).decrypt(box)
    size = int.from_bytes(content[:4], "big")
    assert json.loads(content[4 : 4 + size])[1:] == [{"recommend": 9}, {"region": "north"}]
    assert content[4 + size :] == bytes(4092 - size)


def test_the_order_in_which_a_person_was_asked_is_not_in_the_box() -> None:
    """Rotation is drawn from the person: answers gathered in two orders are stored in one."""
    one, other = {"b": 1, "a": 2, "c": 3}, {"c": 3, "b": 1, "a": 2}
    opened = [list(sealing.unboxed(PRIVATE, sealing.boxed(PUBLIC, each, {}))[1]) for each in (one, other)]
    assert opened == [["a", "b", "c"], ["a", "b", "c"]]
    assert sealing.plain(one) == sealing.plain(other) == '{"a":2,"b":1,"c":3}'
    drafts = [list(sealing.unlocked(SECRET, sealing.locked(SECRET, each, 1, "en"))[0]) for each in (one, other)]
    assert drafts == [["a", "b", "c"], ["a", "b", "c"]]


def test_equal_answers_make_boxes_that_have_nothing_in_common() -> None:
    """Neither the bytes of two boxes nor the keys inside tell that the same was said."""
    boxes = [sealing.boxed(PUBLIC, {"recommend": 9}, {}) for _ in range(50)]
    keys = {sealing.unboxed(PRIVATE, box)[0] for box in boxes}
    assert len({box[:16] for box in boxes}) == len({box[-16:] for box in boxes}) == len(keys) == 50


def test_a_box_locked_anew_is_another_box_with_the_same_inside() -> None:
    """The new key opens it, the old one does not; the answers and the key inside stay."""
    public, private = sealing.new_seal()
    box = sealing.boxed(PUBLIC, {"recommend": 9}, {"region": "north"})
    anew = sealing.relocked(PRIVATE, public, box)
    assert sealing.unboxed(private, anew) == sealing.unboxed(PRIVATE, box)
    assert len(anew) == len(box)
    with pytest.raises(DataError, match="cannot be opened"):
        sealing.unboxed(PRIVATE, anew)


def _sealed() -> bytes:
    return sealing.boxed(PUBLIC, {"a": 1}, {})


def _drafted() -> bytes:
    return sealing.locked(SECRET, {"a": 1}, 1, "en")


@given(st.integers(0, 4096 + 39), st.integers(1, 255))
def test_a_damaged_box_says_so(place: int, change: int) -> None:
    """Whichever byte is changed, nothing is read: SEA01."""
    for box, take in ((_sealed(), sealing.unboxed), (_drafted(), sealing.unlocked)):
        damaged = bytearray(box)
        damaged[place] ^= change
        with pytest.raises(DataError) as caught:
            take(PRIVATE if take is sealing.unboxed else SECRET, bytes(damaged))
        assert [problem.code for problem in caught.value.problems] == ["SEA01"]


@pytest.mark.parametrize("key", [hash_of("abcdefghij234567abcd"), secret_of("abcdefghij234567abce"), b"", bytes(32)])
def test_a_draft_opens_with_its_own_token_alone(key: bytes) -> None:
    """What the store has of the token, another token's key, and no key at all do not open it."""
    draft = sealing.locked(SECRET, {"recommend": 9}, 2, "fr")
    with pytest.raises(DataError, match="cannot be opened"):
        sealing.unlocked(key, draft)
    with pytest.raises(DataError, match="cannot be opened"):
        sealing.unlocked(SECRET, draft[:30])


def test_a_box_of_something_else_says_so() -> None:
    """A genuine box is read only where it holds a key, answers and what is known."""
    for content in ([{}, 2, "fr"], ["00" * 16, {}], "no list"):
        said = json.dumps(content).encode()
        padded = (len(said).to_bytes(4, "big") + said).ljust(4096, b"\0")
        box = nacl.public.SealedBox(nacl.public.PublicKey(PUBLIC)).encrypt(padded)
        with pytest.raises(DataError, match="something else"):
            sealing.unboxed(PRIVATE, box)
    with pytest.raises(DataError, match="something else"):
        sealing.unboxed(PRIVATE, nacl.public.SealedBox(nacl.public.PublicKey(PUBLIC)).encrypt(b"\0\0\0\3abc"))

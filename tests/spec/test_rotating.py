"""The order in which one person meets the items of a block: fair, kept, and the same everywhere."""

from __future__ import annotations

import hashlib
import itertools
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from scipy.stats import chi2

from symmetry.spec.nouns import AUDIENCE_OF, Item, Study
from symmetry.spec.referential import Moment
from symmetry.spec.rotating import WARNED, _below, order_of, rotation_problems
from symmetry.spec.running import Privacy, Registered, Rotation, Wave

PEOPLE = [f"person-{number}" for number in range(6000)]


def item(key: str, face: str = "customer", ask_if: str | None = None) -> Item:
    """An item that the customers, or the readers of another face, are asked."""
    return Item(
        key, "driver", {}, faces={face: {"en": f"{face} {key}?"}}, audiences=(AUDIENCE_OF[face],), ask_if=ask_if
    )


def study(keys: str, blocks: Mapping[str, str], seed: int = 2027, **others: Item) -> Study:
    """A study whose two waves ask one-letter items, some of them in blocks."""
    items = {key: others.get(key) or item(key) for key in keys}
    waves = {name: Wave(name, "cold", ("customers", "employees"), tuple(items)) for name in ("cold-2027", "cold-2028")}
    moments: dict[str, Moment] = {}
    rotation = Rotation(seed, {name: tuple(members) for name, members in blocks.items()})
    return Study(
        "s", Path("study.yaml"), {}, ("en",), {}, {}, moments, {}, items, waves, Registered("", ()), Privacy(), {}, "",
        rotation=rotation,
    )  # fmt: skip


def by_hand(keys: list[str], *parts: str) -> list[str]:
    """The rule of the module's docstring, written a second time from its words: parts are JSON already."""

    def words():
        for k in itertools.count():
            said = '["symmetry rotation 1",' + ",".join(parts) + f",{k}]"
            yield int(hashlib.sha256(said.encode()).hexdigest()[:16], 16)

    stream, order = words(), list(keys)
    for i in reversed(range(1, len(keys))):
        n = i + 1
        word = next(word for word in stream if word < 2**64 // n * n)
        j = word % n
        order[i], order[j] = order[j], order[i]
    return order


def as_likely(counts: Counter[object], cells: int) -> bool:
    """Whether every cell was met as often as any other, as far as a chi-square test at 1 % can tell."""
    expected = counts.total() / cells
    statistic = sum((n - expected) ** 2 for n in counts.values()) / expected + expected * (cells - len(counts))
    return bool(statistic < chi2.ppf(0.99, cells - 1))


@pytest.mark.parametrize(("block", "orders"), [("bcd", 6), ("bcde", 24)])
def test_every_order_is_as_likely(block: str, orders: int) -> None:
    """Over six thousand people each of the 3! or 4! orders comes up as often as any other."""
    made = study("abcdef", {"attitudes": block})
    counts = Counter(order_of(made, "cold-2027", "customers", person) for person in PEOPLE)
    assert orders == len(counts)
    assert as_likely(counts, orders)


def test_only_the_places_of_the_block_change_hands() -> None:
    """Items of a block take each other's places, near or far; every other item stays where it stands."""
    made = study("abcdef", {"attitudes": "bdf"})
    for person in PEOPLE[:200]:
        order = order_of(made, "cold-2027", "customers", person)
        assert ("a", "c", "e") == order[::2]
        assert {"b", "d", "f"} == set(order[1::2])


@pytest.mark.parametrize("person", ["person-1", "Zoë « d'Amélie »", 'quo"te\\', "", "日本"])
@pytest.mark.parametrize("seed", [0, 2027, 10**12])
def test_the_rule_is_the_one_written(person: str, seed: int) -> None:
    """An order follows from the words of the docstring alone, whatever stands in an identifier."""
    made = study("abcdefgh", {"attitudes": "abcdefgh"}, seed)
    said = [str(seed), '"cold-2027"', '"attitudes"', json.dumps(person, ensure_ascii=False)]
    assert by_hand(list("abcdefgh"), *said) == list(order_of(made, "cold-2027", "customers", person))


def test_a_number_that_would_favour_some_is_passed_over() -> None:
    """2^64 is no multiple of 3: its last number, which would make 0 likelier, is left out for the next."""
    assert 2 == _below(3, iter([2**64 - 1, 5]))
    assert 2 == _below(3, iter([2**64 - 2, 0]))


def test_an_order_is_kept_for_ever() -> None:
    """An order drawn once is promised: these three were drawn by a program in another language (node, `crypto`)."""
    made = study("abcde", {"attitudes": "abcde"})
    drawn = {person: "".join(order_of(made, "cold-2027", "customers", person)) for person in ("p1", "p2", "p3")}
    assert {"p1": "cadbe", "p2": "edbca", "p3": "adbce"} == drawn


def test_another_process_draws_the_same() -> None:
    """Nothing of one run of Python (its hash seed) goes into an order."""
    made = study("abcde", {"attitudes": "abcde"})
    script = (
        "from symmetry.spec.rotating import _shuffled\n"
        "print(*[''.join(_shuffled('abcde', 2027, 'cold-2027', 'attitudes', f'person-{n}')) for n in range(50)])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    expected = ["".join(order_of(made, "cold-2027", "customers", person)) for person in PEOPLE[:50]]
    assert expected == done.stdout.split()


@pytest.mark.parametrize("other", ["wave", "block", "seed"])
def test_draws_are_independent(other: str) -> None:
    """What a person drew in one wave, block or study tells nothing of the next draw: all pairs of orders are as likely."""
    here = study("abcdef", {"x": "abc", "y": "def"}, 1)
    pairs: Counter[object] = Counter()
    for person in PEOPLE:
        first = order_of(here, "cold-2027", "customers", person)
        if other == "block":
            second = "".join(first[3:]).translate(str.maketrans("def", "abc"))
        elif other == "wave":
            second = "".join(order_of(here, "cold-2028", "customers", person)[:3])
        else:
            second = "".join(order_of(study("abcdef", {"x": "abc"}, 2), "cold-2027", "customers", person)[:3])
        pairs["".join(first[:3]), second] += 1
    assert as_likely(pairs, 36)


def test_an_audience_rotates_what_it_is_asked() -> None:
    """Items that an audience is not asked hold no place; with one item left of a block, nothing moves."""
    made = study("abc", {"x": "abc"}, b=item("b", "employee"))
    assert ("b",) == order_of(made, "cold-2027", "employees", "p")
    assert {("a", "c"), ("c", "a")} == {order_of(made, "cold-2027", "customers", person) for person in PEOPLE[:50]}


def test_without_rotation_everybody_sees_the_order_of_the_wave() -> None:
    """No block, no draw."""
    made = study("cab", {})
    assert {("c", "a", "b")} == {order_of(made, "cold-2027", "customers", person) for person in PEOPLE[:20]}


def problems(keys: str, blocks: Mapping[str, str], **others: Item) -> list[tuple[str, tuple[str | int, ...]]]:
    """Codes and routes of what is wrong with some blocks."""
    made = study(keys, blocks, **others)
    found = rotation_problems(made.rotation, made.items, made.waves)
    assert all(what and mend for _, _, what, mend in found)
    return [(code, route[2:]) for code, route, _, _ in found]


def test_sound_blocks_have_no_problem() -> None:
    """Two blocks apart, a route outside them, no rotation at all: nothing to say."""
    assert [] == problems("abcdef", {"x": "abc", "y": "de"}, f=item("f", ask_if="a <= 6 and d == 1"))
    assert [] == rotation_problems(None, {}, {})


def test_unknown_items_and_frame_items_cannot_rotate() -> None:
    """ROT01: a key nobody declared, with the nearest one; a frame item, which is never asked."""
    made = study("abc", {}, c=Item("c", "frame", {}))
    found = rotation_problems(Rotation(1, {"x": ("a", "b", "aa", "c")}), made.items | {"aaa": item("aaa")}, made.waves)
    assert [("ROT01", 2), ("ROT01", 3)] == [(code, route[-1]) for code, route, _, _ in found]
    assert "did you mean `aaa`?" == found[0][3]


def test_an_item_stands_in_one_block() -> None:
    """ROT02: twice in one block, or in two."""
    assert [("ROT02", ("x", 2)), ("ROT02", ("y", 1))] == problems("abcd", {"x": "aba", "y": "cbd"})


def test_an_item_does_not_rotate_with_one_it_needs() -> None:
    """ROT03: by its route or in its words, an item of the block needs another item of the block."""
    routed = item("b", ask_if="a <= 3")
    piped = Item("c", "driver", {}, faces={"customer": {"en": "You gave {a}."}}, audiences=("customers",))
    assert [("ROT03", ("x", 1)), ("ROT03", ("x", 2))] == problems("abc", {"x": "abc"}, b=routed, c=piped)


def test_a_block_does_not_reach_over_what_it_needs() -> None:
    """ROT03: an item drawn to an earlier or later place would be asked before the answer that it needs."""
    assert [("ROT03", ("x", 1))] == problems("abc", {"x": "ac"}, c=item("c", ask_if="b > 1"))
    assert [("ROT03", ("x", 0))] == problems("abc", {"x": "ac"}, b=item("b", ask_if="a > 1"))
    assert [("ROT03", ("y", 1))] == problems("abcd", {"x": "ac", "y": "bd"}, d=item("d", ask_if="a > 1"))
    assert [] == problems("abcd", {"x": "bc"}, d=item("d", ask_if="b > 1"), b=item("b", ask_if="a > 1"))


def test_every_audience_of_a_wave_is_looked_at() -> None:
    """What only the second audience is asked can be torn apart too."""
    them = {key: item(key, "employee", "b > 1" if key == "c" else None) for key in "abc"}
    assert [("ROT03", ("x", 1))] == problems("abc", {"x": "ac"}, **them)


def test_a_block_reaches_over_what_this_audience_is_not_asked() -> None:
    """A place between that only the other audience is asked harms nobody."""
    assert [] == problems("abc", {"x": "ac"}, b=item("b", "employee"), c=item("c", ask_if="b > 1"))


def test_a_block_of_one_changes_nothing() -> None:
    """ROT04, a warning: one item in the block, or never two of it in one wave."""
    assert ("ROT04",) == WARNED
    assert [("ROT04", ("x",))] == problems("abc", {"x": "a"})
    made = study("abc", {"x": "ab"})
    hot = {"hot": Wave("hot", "hot", ("customers",), ("a", "c"))}
    assert ["ROT04"] == [code for code, *_ in rotation_problems(made.rotation, made.items, hot)]
    assert [] == rotation_problems(made.rotation, made.items, hot | made.waves)

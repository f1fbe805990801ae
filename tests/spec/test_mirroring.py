"""Which question answers which, and when the two may be compared."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from symmetry.spec import MirroredPair, column_of, load, pairs

SPECS = Path(__file__).parents[2] / "survey_specs"


def test_a_loose_pair_is_a_pair_without_a_verdict() -> None:
    """Declaring a mirror loose is fine, and no gap of it is ever lawful."""
    found = {(pair.item, pair.b): pair for pair in pairs(load(SPECS / "everyday_bank"))}
    assert MirroredPair("recommend", "customer", "employee", "loose", False) == found["recommend", "employee"]
    assert {"loose"} == {pair.mirror for pair in found.values() if not pair.lawful}


def test_a_guess_is_always_a_projection() -> None:
    """Nobody declares it, nobody can change it."""
    guesses = [pair for pair in pairs(load(SPECS / "everyday_bank")) if pair.b == "guess"]
    assert 19 == len(guesses)
    assert {("projection", True)} == {(pair.mirror, pair.lawful) for pair in guesses}


def test_new_york_mirrors_as_its_wordings_allow() -> None:
    """18 pairs: 13 in the same words on the same thing, 2 on one's own relation, 3 related at best."""
    found = pairs(load(SPECS / "nyc_schools_2015"))
    assert {"literal": 13, "parallel": 2, "loose": 3} == Counter(pair.mirror for pair in found)
    assert {"overall", "safe_orderly", "regular_communication"} == {pair.item for pair in found if not pair.lawful}


def test_one_audience_has_no_pair() -> None:
    """By design, nothing is mirrored."""
    assert () == pairs(load(SPECS / "sfo_airport_2017"))


def test_columns_of_a_pair() -> None:
    """Customer and employee faces share the bare key; the others carry their face."""
    pair = MirroredPair("listened", "customer", "management", "parallel", True)
    assert ("listened", "listened.management") == pair.columns
    assert "listened" == column_of("listened", "employee")


def test_mirrors_are_declared_for_every_pair() -> None:
    """No employee-side face of a customer item is left without a type."""
    for name in ("everyday_bank", "nyc_schools_2015"):
        for item in load(SPECS / name).items.values():
            if "customer" in item.faces and item.rated:
                assert set(item.mirrors) == set(item.faces) - {"customer"}

"""The order of questions counts where it matters: an outcome and what is asked before it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from symmetry.spec import Study
from symmetry.spec.changing.walking import differences
from tests.spec.two_versions import small_bank


def order(bank: Study, *keys: str) -> Study:
    """The small bank whose cold wave asks some items in an order."""
    return replace(bank, waves={**bank.waves, "cold-2027": replace(bank.waves["cold-2027"], items=keys)})


def moves(before: tuple[str, ...], after: tuple[str, ...], **fields: Any) -> list[tuple[str, str]]:
    """Verdict and words of every change of order between two orders."""
    bank = replace(small_bank(), **fields)
    found = differences(order(bank, *before), order(bank, *after))
    return [(each.kind, each.what) for each in found if each.pattern == "Wave.items"]


def test_an_outcome_that_changes_sides_breaks_its_trend() -> None:
    """A general judgement asked after particular ones leans on them; told with the items that it crossed."""
    found = moves(("recommend", "respected", "listened"), ("respected", "recommend", "listened"), rotation=None)
    assert [("breaking", "the outcome `recommend` is now asked after `respected`")] == found
    found = moves(("respected", "listened", "recommend"), ("recommend", "respected", "listened"), rotation=None)
    assert [("breaking", "the outcome `recommend` is now asked before `respected`, `listened`")] == found


def test_an_outcome_does_not_meet_what_others_are_asked() -> None:
    """An item that no reader of the outcome sees has no pull on it."""
    bank = small_bank()
    theirs = replace(bank.items["recommend"], faces={"customer": bank.items["recommend"].faces["customer"]})
    items = {**bank.items, "recommend": theirs}
    assert "employee" in bank.items["pride"].faces
    assert [] == moves(("recommend", "pride"), ("pride", "recommend"), items=items)


def test_other_moves_leave_trends_comparable() -> None:
    """The fewest items whose move explains the new order are named."""
    before, after = ("respected", "listened", "answered", "pride"), ("listened", "answered", "pride", "respected")
    found = moves(before, after, rotation=None)
    assert ["comparable"] == [kind for kind, _ in found]
    assert found[0][1].startswith("`respected` moved: ")


def test_a_new_item_before_an_outcome_is_a_word_of_caution() -> None:
    """The outcome is asked as before, after something new."""
    bank = small_bank()
    new = replace(
        bank.items["pride"], key="energy", faces={"employee": {"fr": "J'ai de l'énergie.", "en": "I have energy."}}
    )
    after = order(replace(bank, items={**bank.items, "energy": new}), "energy", "recommend", "pride")
    (found,) = [each for each in differences(order(bank, "recommend", "pride"), after) if each.pattern == "Wave.items"]
    assert ("comparable", "added") == (found.kind, found.how)
    assert "the outcome `recommend` is now asked after `energy`, which is new there" == found.what
    wave = order(bank, "respected", "answered", "recommend", "pride")
    found = [
        each for each in differences(order(bank, "recommend", "pride"), wave) if each.pattern.startswith("Wave.items")
    ]
    assert ["comparable"] * 3 == [each.kind for each in found]
    assert "the outcome `recommend` is now asked after `answered`, `respected`, which are new there" == found[-1].what


def test_items_that_rotate_have_no_order_to_keep() -> None:
    """Inside a block, the order of the file is nobody's order."""
    assert [] == moves(
        ("recommend", "respected", "listened", "answered"), ("recommend", "answered", "respected", "listened")
    )
    assert [] != moves(("recommend", "respected", "pride"), ("recommend", "pride", "respected"))


def test_an_order_is_compared_under_the_new_keys() -> None:
    """A wave and an item that took another key keep their order."""
    bank = small_bank()
    heard = replace(bank.items["listened"], key="heard")
    items = {
        "heard" if key == "listened" else key: heard if key == "listened" else item for key, item in bank.items.items()
    }
    after = order(replace(bank, items=items), "recommend", "heard", "why")
    found = differences(order(bank, "recommend", "listened", "why"), after)
    assert [] == [each for each in found if each.pattern == "Wave.items"]

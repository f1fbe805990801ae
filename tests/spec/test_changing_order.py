"""The order of questions counts where it matters: an outcome and what is asked before it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from symmetry.spec import Study
from symmetry.spec.changing.conditions import same_condition
from symmetry.spec.changing.walking import differences
from symmetry.spec.rotating import order_of
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


def test_a_block_under_another_name_draws_anew() -> None:
    """Nobody's order is as it was, which the reason says; two blocks that exchange names are two such changes."""
    bank = small_bank()
    members = bank.rotation.blocks["attitudes"]
    new = replace(bank, rotation=replace(bank.rotation, blocks={"views": members}))
    assert any(
        order_of(bank, "cold-2027", "customers", p) != order_of(new, "cold-2027", "customers", p) for p in "abcdef"
    )
    (found,) = differences(bank, new)
    assert ("comparable", "the block `views` is the one that was `attitudes`") == (found.kind, found.what)
    assert "each person sees another order" in found.why
    one, two = ({"a": members[:2], "b": ("pride", "answered")}, {"b": members[:2], "a": ("pride", "answered")})
    turned = [replace(bank, rotation=replace(bank.rotation, blocks=blocks)) for blocks in (one, two)]
    assert {("Rotation.blocks.*", "renamed")} == {(each.pattern, each.how) for each in differences(*turned)}
    other = replace(bank, rotation=replace(bank.rotation, blocks={"views": members[:2]}))
    assert ["changed", "changed", "removed"] == [each.how for each in differences(bank, other)]


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("recommend <= 6 and pride == 5", "5 == pride and 6 >= recommend", True),
        ("recommend in [1, 2]", "recommend in [2, 1]", True),
        ("recommend != 1 and recommend != 2", "recommend not in [1, 2]", False),
        ("not (recommend <= 6 or pride == 5)", "not pride == 5 and not recommend <= 6", True),
        ("(recommend <= 6 or pride == 5) or waited > 3", "recommend <= 6 or (waited > 3 or pride == 5)", True),
        ("recommend < recommend.guess", "recommend.guess > recommend", True),
        ("recommend < recommend.guess", "recommend > recommend.guess", False),
        ("recommend <= 6", "recommend < 6", False),
        ("recommend <= 6", "not recommend > 6", False),
        ("recommend <= 6 and pride == 5", "recommend <= 6 or pride == 5", False),
        ("unknown <= 6", "6 >= unknown", False),
    ],
)
def test_conditions_mean_the_same_or_not(old: str, new: str, same: bool) -> None:
    """However they are written; where something in them is unknown, nothing is claimed."""
    waited = replace(small_bank().items["waited"], faces={"employee": {"fr": "Attente ?", "en": "Wait?"}})
    items = {**small_bank().items, "waited": waited}
    assert same is same_condition(old, new, items, ["employees"])
    assert not same_condition(old, new, items, [])

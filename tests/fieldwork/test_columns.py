from __future__ import annotations

import subprocess
import sys

import pytest

from symmetry.errors import DataError
from symmetry.fieldwork import columns_of
from symmetry.spec import Item
from tests.studies import tiny_study, with_item

WORDS = {"en": "…"}


def test_columns_are_frames_then_faces_in_the_order_of_the_study() -> None:
    """Employees have one column a face; frame items of customers alone are not theirs."""
    names = [column.name for column in columns_of(tiny_study(), "cold", "employees")]
    expected = ["region", "branch", "recommend", "recommend.guess", "listened", "listened.guess", "listened.management"]
    assert [*expected, "kept", "kept.guess"] == names


def test_a_wave_asks_its_own_items_only() -> None:
    """An item that a wave does not ask has no column in it."""
    names = [column.name for column in columns_of(tiny_study(), "hot", "customers")]
    assert ["region", "channel", "branch", "recommend", "listened"] == names


def test_kinds_follow_the_item() -> None:
    """A column is a code, a category, a number or a text according to its item; a demographic item stands before faces."""
    study = with_item(
        tiny_study(), Item("tenure", "demographic", WORDS, values={"new": WORDS}, audiences=("customers",))
    )
    study = with_item(study, Item("weight", "frame", WORDS, numeric=True, audiences=("customers",)))
    kinds = {column.name: column.kind for column in columns_of(study, "hot", "customers")}
    expected = {"region": "category", "channel": "category", "branch": "text", "weight": "number", "tenure": "category"}
    assert {**expected, "recommend": "code", "listened": "code"} == kinds
    assert list(kinds)[3:5] == ["weight", "tenure"]


def test_an_unknown_wave_is_refused_with_the_nearest_one() -> None:
    """A mistyped wave names the one that was meant."""
    with pytest.raises(DataError, match="has no wave `colt`; did you mean `cold`"):
        columns_of(tiny_study(), "colt", "customers")


def test_an_audience_that_the_wave_does_not_ask_is_refused() -> None:
    """The hot wave is for customers alone."""
    with pytest.raises(DataError, match="asks customers, not employees"):
        columns_of(tiny_study(), "hot", "employees")


def test_the_door_does_not_fetch_pandas_for_a_source() -> None:
    """A plan that names a Source pays neither for pandas nor for pyarrow."""
    code = "import sys; from symmetry.fieldwork import Source; print({'pandas', 'pyarrow', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_door_has_no_other_name() -> None:
    """A name that the room does not have is an AttributeError, as in any module."""
    import symmetry.fieldwork
    import symmetry.responses

    for door in (symmetry.fieldwork, symmetry.responses):
        assert dir(door) == sorted(door.__all__)
        assert all(hasattr(door, name) for name in door.__all__)
        with pytest.raises(AttributeError, match="has no attribute"):
            getattr(door, "no" + "thing")

"""What stays known beside sealed answers: nobody stands in a group of fewer than five, and no more is lost than that takes.

Truth: groups counted here by brute force over rows, and small rosters worked out by hand.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry.fieldwork.store.coarsening import cell_of, coarsened, lost, pooled, words_of
from symmetry.spec import Item, Study, load

BANK = load("survey_specs/everyday_bank")


def study_of(*keys: str, numeric: tuple[str, ...] = ()) -> Study:
    """A study whose frame items are these, in this order."""
    return replace(BANK, items={key: Item(key, "frame", {}, numeric=key in numeric) for key in keys})


def crossed(*rows: tuple[int, str]) -> pd.DataFrame:
    """A roster of so many people at "region/branch/job"; "-" is unknown."""
    people = [words.split("/") for n, words in rows for _ in range(n)]
    frame = pd.DataFrame(people, columns=["region", "branch", "job"][: len(people[0])])
    return frame.replace("-", None)


def kept(units: pd.DataFrame, study: Study | None = None) -> Counter[str]:
    """How many people keep which words."""
    study = study or study_of("region", "branch", "job")
    return Counter("/".join(words.values()) for words in coarsened(study, "employees", units))


@st.composite
def rosters(draw: st.DrawFn) -> pd.DataFrame:
    """People of up to four regions with branches inside them and jobs across, sizes from 1 to 12, some cells unknown."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(1, 12), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2), st.integers(0, 9)),
            min_size=1,
            max_size=14,
        )
    )
    people = [
        ("" if gap == 0 else f"r{region}", "" if gap == 1 else f"r{region}b{branch}", None if gap == 2 else f"j{job}")
        for n, region, branch, job, gap in rows
        for _ in range(n)
    ]
    return pd.DataFrame(people, columns=["region", "branch", "job"])


@given(rosters())
def test_nobody_stands_in_a_group_of_fewer_than_five(units: pd.DataFrame) -> None:
    """Whoever holds the roster and one person's sealed words is left with five people at least; the words are that person's own.

    The words follow from the roster, so the people who share them are all that can be known: subtraction gives the same groups.
    """
    words = coarsened(study_of("region", "branch", "job"), "employees", units)
    groups = Counter(cell_of(each) for each in words)
    assert all(n >= min(5, len(units)) for n in groups.values())
    for each, row in zip(words, units.to_dict("records"), strict=True):
        assert {item: row[item] for item in each} == each


@given(rosters(), st.randoms(use_true_random=False))
def test_the_order_of_the_roster_does_not_matter(units: pd.DataFrame, random: Random) -> None:
    """A shuffled roster gives every person the same words."""
    study = study_of("region", "branch", "job")
    order = list(range(len(units)))
    random.shuffle(order)
    words = coarsened(study, "employees", units)
    assert coarsened(study, "employees", units.iloc[order]) == [words[place] for place in order]


@given(rosters())
def test_what_is_lost_is_counted(units: pd.DataFrame) -> None:
    """The counts to print are those of cells that were filled and are kept no more."""
    study = study_of("region", "branch", "job")
    words = coarsened(study, "employees", units)
    told = lost(study, "employees", units, words)
    expected = {
        item: int((units[item].fillna("") != "").sum()) - sum(item in each for each in words) for item in units.columns
    }
    assert told == expected


def test_large_crossings_lose_nothing() -> None:
    """Where every crossing has five people, everybody keeps everything."""
    units = crossed((5, "north/n1/teller"), (6, "north/n1/manager"), (7, "south/s1/teller"))
    assert kept(units) == {"north/n1/teller": 5, "north/n1/manager": 6, "south/s1/teller": 7}


def test_small_crossings_lose_the_last_items_first() -> None:
    """Two managers and three guards of a branch lose their job, not their branch, and are five together."""
    units = crossed((9, "north/n1/teller"), (2, "north/n1/manager"), (3, "north/n1/guard"))
    assert kept(units) == {"north/n1/teller": 9, "north/n1": 5}


def test_a_site_of_three_is_stored_without_its_name() -> None:
    """Three people of a branch and four of another keep their region alone."""
    units = crossed((8, "north/n1"), (3, "north/n2"), (4, "north/n3"), (6, "south/s1"))
    assert kept(units, study_of("region", "branch")) == {"north/n1": 8, "north": 7, "south/s1": 6}


def test_what_subtraction_would_tell_takes_a_companion_along() -> None:
    """Two managers alone without a job would be known as such: the smaller of the other jobs loses its name with them."""
    units = crossed((20, "north/n1/teller"), (7, "north/n1/guard"), (2, "north/n1/manager"))
    assert kept(units) == {"north/n1/teller": 20, "north/n1": 9}


def test_where_nothing_stands_beside_a_small_rest_it_goes_further_up() -> None:
    """The only branch of a region, of four people, cannot hide in its region: another branch goes with it."""
    units = crossed((4, "west/w1"), (6, "south/s1"), (9, "north/n1"))
    assert kept(units, study_of("region", "branch")) == {"": 10, "north/n1": 9}


def test_a_roster_of_fewer_than_five_keeps_nothing() -> None:
    """Four people are told apart by nothing."""
    assert kept(crossed((4, "north/n1/teller"))) == {"": 4}
    assert coarsened(study_of("region"), "employees", pd.DataFrame({"region": []})) == []


def test_numbers_stay_only_where_five_people_share_each() -> None:
    """A grade that many share is kept as text; a weight that one person has alone is kept of nobody."""
    study = study_of("grade", "weight", numeric=("grade", "weight"))
    units = pd.DataFrame({"grade": [1.0] * 6 + [2.0] * 6, "weight": [1.5] * 11 + [1.25]})
    words = coarsened(study, "employees", units)
    assert Counter(map(cell_of, words)) == {'{"grade":"1"}': 6, '{"grade":"2"}': 6}
    assert lost(study, "employees", units, words) == {"grade": 0, "weight": 12}


def test_an_id_costs_nobody_anything_but_the_id() -> None:
    """A badge number, wherever the study puts it, is lost, and the region is kept."""
    units = crossed((8, "north"), (9, "south")).assign(badge=[f"b{n // 2}" for n in range(17)])
    for order in (("badge", "region"), ("region", "badge")):
        assert kept(units, study_of(*order)) == {"north": 8, "south": 9}


def test_what_follows_from_a_site_is_kept_before_its_name() -> None:
    """A study that lists the school before its borough still keeps the borough of small schools."""
    units = pd.DataFrame({"school": ["k1"] * 6 + ["k2"] * 3 + ["k3"] * 3, "borough": ["kings"] * 6 + ["queens"] * 6})
    study = study_of("school", "borough")
    assert (
        coarsened(study, "employees", units) == [{"borough": "kings", "school": "k1"}] * 6 + [{"borough": "queens"}] * 6
    )


def test_only_the_audience_s_own_frame_items_are_kept() -> None:
    """An item known of customers alone, an asked item, and columns of the sample are none of these people's words."""
    units = pd.DataFrame(
        {"region": ["north"] * 6, "channel": ["app"] * 6, "recommend": ["9"] * 6, "stratum": ["s"] * 6}
    )
    assert coarsened(BANK, "employees", units) == [{"region": "north"}] * 6


@pytest.mark.parametrize("least", [1, 5, 6])
@given(counts=st.dictionaries(st.text("ab", max_size=5), st.integers(0, 12), max_size=12))
def test_pooling_leaves_no_small_pool(least: int, counts: dict[str, int]) -> None:
    """Words become first words of themselves, and every pool is large, or holds all there are."""
    cells = {tuple(enumerate(map(str, word))): n for word, n in counts.items()}  # items by their place
    named = {tuple((str(place), value) for place, value in words): n for words, n in cells.items()}
    moved = pooled(named, least)
    assert all(words[: len(to)] == to for words, to in moved.items())
    pools: Counter[object] = Counter()
    for words, to in moved.items():
        pools[to] += named[words]
    assert all(n == 0 or n >= min(least, sum(named.values())) for n in pools.values())


def test_a_cell_is_read_as_it_was_written() -> None:
    """Order and accents survive."""
    known = {"région": "Île-de-France", "branch": "n1"}
    assert words_of(cell_of(known)) == (("région", "Île-de-France"), ("branch", "n1"))

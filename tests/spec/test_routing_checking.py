"""A condition held against a study: names, kinds, literals, and whether it ever decides anything."""

from __future__ import annotations

import pytest

from symmetry.spec.routing.checking import check_condition
from symmetry.spec.routing.nouns import Finding, Variable
from symmetry.spec.routing.reading import read_condition
from tests.spec.routing_truth import WORLD

FAULTS = [
    # text, code, column, words of what is wrong, words of the remedy
    ("npz <= 8", "RTE01", 1, "unknown name `npz`", "did you mean `nps`?"),
    ("8 >= nps.gess", "RTE01", 6, "unknown name `nps.gess`", "did you mean `nps.guess`?"),
    ('agree > 1 and "price" in raisons', "RTE01", 26, "unknown name `raisons`", "did you mean `reasons`?"),
    (
        "zzzz is None",
        "RTE01",
        1,
        "unknown name `zzzz`",
        "one of: nps, nps.guess, agree, amount, share, visits, big, region, …",
    ),
    ("nps.customer > 3", "RTE01", 1, "`nps.customer`", "write `nps`"),
    ("0 < npz < 3", "RTE01", 5, "unknown name `npz`", "`nps`"),
    ('nps < "3"', "RTE04", 7, "`nps` is a number", "without quotes"),
    ("channel == 3", "RTE04", 12, "`channel` is a category, 3 is not", "one of: phone, web"),
    ("why == 3", "RTE04", 8, "`why` is a text, 3 is not", '`"3"`'),
    ("day > 3", "RTE04", 7, "`day` is a date, 3 is not", "2027-03-01"),
    ('region < "south"', "RTE04", 10, "none is larger", "in ["),
    ('why >= "a"', "RTE04", 8, "none is larger", "in ["),
    ("region < channel", "RTE04", 1, "none is larger", "in ["),
    ('nps > "na"', "RTE04", 7, "neither larger nor smaller", '`nps == "na"`'),
    ("nps == region", "RTE04", 1, "`nps` is a number, `region` is a category", "one kind"),
    ("day < nps", "RTE04", 1, "`day` is a date, `nps` is a number", "one kind"),
    ('"price" in region', "RTE04", 1, "nothing can be in it", '`region == "price"`'),
    ("3 in reasons", "RTE04", 1, "are texts", '`"3"`'),
    ('reasons == "price"', "RTE04", 12, "multiple choice", '`"price" in reasons`'),
    ('reasons in ["price"]', "RTE04", 13, "multiple choice", '`"price" in reasons`'),
    ("reasons > 3", "RTE04", 11, "multiple choice", "in reasons"),
    ("reasons == reasons.cooperation", "RTE04", 1, "two multiple choices", "one choice"),
    ("nps <= 12", "RTE05", 8, "`nps` runs from 0 to 10: it is never 12", "can be given"),
    ("nps in [1, 11]", "RTE05", 12, "it is never 11", "can be given"),
    ("nps > -1", "RTE05", 7, "it is never -1", "can be given"),
    ("visits != -3", "RTE05", 11, "`visits` has its bound at 0", "can be given"),
    ("nps <= 8.5", "RTE05", 8, "whole number: it is never 8.5", "whole"),
    ("nps == 99", "RTE05", 8, "99 is the code of `na`", '`nps == "na"`'),
    ("visits == -8", "RTE05", 11, "-8 is the code of `dk`", '`visits == "dk"`'),
    ('channel == "98"', "RTE05", 12, "is the code of `dk`", '`channel == "dk"`'),
    ('region == "nort"', "RTE05", 11, "no category `nort`", "did you mean `north`?"),
    ('region == "na"', "RTE05", 11, "no code for the missing answer `na`", "declare it"),
    ('nps != "refused"', "RTE05", 8, "no code for the missing answer `refused`", "declare it"),
    ('"prize" in reasons', "RTE05", 1, "no choice `prize`", "did you mean `price`?"),
    ('"price delay" in reasons', "RTE05", 1, "`price delay` is not one choice", "ask for each"),
    ('"" in reasons', "RTE05", 1, "`` is not one choice", "ask for each"),
    ('"na" in reasons', "RTE05", 1, "not one of its choices", '`reasons == "na"`'),
    ('why == ""', "RTE05", 8, "an empty text is no answer", "`why is None`"),
    ('day > "2027-02-30"', "RTE05", 7, "no day", "year, month, day"),
    ('day > "20270201"', "RTE05", 7, "no day", "year, month, day"),
    ('since > "2019-12-31"', "RTE05", 9, "`since` has its bound at 2020-01-01", "can be given"),
    ("nps <= 4 and nps >= 9", "RTE06", 1, "`nps <= 4` and `nps >= 9` are never true together", "`or`"),
    ("nps > 10", "RTE06", 1, "`nps > 10` is never true (`nps` = 0 makes it false)", "bound"),
    ("8 <= nps <= 3", "RTE06", 1, "`8 <= nps <= 3` is never true", "bound"),
    ("agree > 1 and (nps < 3 and nps > 5)", "RTE06", 16, "`nps < 3 and nps > 5` is never true", "bound"),
    ('region == "north" or nps > 10', "RTE06", 22, "the part `nps > 10` is never true", "delete this part"),
    ('region == "north" and not (nps < 3 and nps > 5)', "RTE07", 23, "the part `not", "delete this part"),
    ("not (nps > 3 and nps < 2)", "RTE07", 1, "is always true", "delete it"),
    ("nps is None or nps is not None", "RTE07", 1, "is always true", "delete it"),
    ("nps <= 10", "RTE10", 1, "true of every answer to `nps`", "`nps is not None`"),
    ("0 <= nps <= 10 and agree > 1", "RTE10", 1, "true of every answer to `nps`", "`nps is not None`"),
    ('region in ["north", "south", "east"]', "RTE10", 1, "true of every answer to `region`", "`region is not None`"),
    ("visits >= 0", "RTE10", 1, "true of every answer to `visits`", "`visits is not None`"),
]


def check(text: str, routes: dict[str, str] | None = None) -> list[Finding]:
    """The findings of a text in the large world."""
    return check_condition(
        read_condition(text), WORLD, {name: read_condition(route) for name, route in (routes or {}).items()}
    )


@pytest.mark.parametrize(("text", "code", "column", "what", "mend"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_each_fault_is_found_once_at_its_place(text: str, code: str, column: int, what: str, mend: str) -> None:
    """One finding, no more: its code, its column, what is wrong, how to mend it."""
    (finding,) = check(text)
    assert (code, column) == (finding.code, finding.column)
    assert what in finding.what
    assert mend in finding.mend


@pytest.mark.parametrize(
    "text",
    [
        "nps <= 8",
        'nps in ["na", "dk"] or nps is None',
        'nps != "na"',
        'channel != "na" and channel in ["web", "dk"]',
        'reasons == "na" or "price" in reasons',
        "1 <= agree <= 4 and not nps > 8",
        'share != "na" and agree not in ["na", "refused"]',
        "nps < nps.guess",
        'since >= "2027-03-01"',
        'why == "na"',
        "nps == 8.0 and amount == 8.5",
        "region == channel",
    ],
)
def test_a_sound_condition_has_no_finding(text: str) -> None:
    """Also where a missing answer makes it nearly always true, or a free text happens to be "na"."""
    assert [] == check(text)


def test_all_findings_come_in_one_pass_without_cascades() -> None:
    """Form, names, kinds and literals together, in the order of the text; nothing is said of reach meanwhile."""
    text = 'npz > 8 and nps > 12 and len(why) > 3 and region < "south" and nps < 1 and nps > 9 and zz.guess is None'
    assert [("RTE01", 1), ("RTE05", 19), ("RTE03", 26), ("RTE04", 52), ("RTE01", 88)] == [
        (finding.code, finding.column) for finding in check(text)
    ]


def test_a_name_in_the_middle_of_a_chain_is_unknown_once() -> None:
    """Though it is looked at from both sides."""
    assert ["RTE01"] == [finding.code for finding in check("nps.guess < npz < nps")]


def test_the_fewest_parts_that_clash_are_named() -> None:
    """Of five parts the two that matter, and answers that make the first true and the second false."""
    (finding,) = check('region == "north" and nps >= 9 and agree > 2 and nps <= 4 and visits > 3')
    assert 23 == finding.column
    assert finding.what == "`nps >= 9` and `nps <= 4` are never true together (`nps` = 9 makes `nps <= 4` false)"


def test_routes_are_named_where_they_make_it_impossible() -> None:
    """`why` is asked of low scores only; of the other routes nothing is said."""
    routes = {"why": "nps <= 8", "region": "agree > 1", "nps": 'channel == "web"'}
    (finding,) = check('why is not None and nps > 8 and region == "north"', routes)
    assert finding.what == (
        "`why is not None` and `nps > 8` are never true together, as `why` is asked only where `nps <= 8` "
        "(`why` = other, `nps` = 0 makes `nps > 8` false)"
    )
    assert [] == check('why is not None and nps <= 8 and region == "north"', routes)


def test_a_route_at_fault_is_reported_where_it_stands_only() -> None:
    """The condition that mentions its item has no finding for it."""
    assert [] == check("why is not None and nps > 8", {"why": "npz <= 8"})


def test_what_cannot_be_decided_is_said() -> None:
    """Twelve different items of eleven values: a warning, no claim."""
    names = [f"x{number}" for number in range(12)]
    world = {name: Variable(name, "category", tuple("abcdefghijk")) for name in names}
    pairs = [f"{a} != {b}" for a in names for b in names if a < b]
    (finding,) = check_condition(read_condition(" and ".join(pairs)), world)
    assert ("RTE09", "warning") == (finding.code, finding.severity)


def test_errors_and_warnings() -> None:
    """What makes an item unasked is an error; what is merely idle is a warning."""
    severities = {code: check(text)[0].severity for text, code, *_ in FAULTS}
    assert {"RTE01", "RTE04", "RTE05", "RTE06"} == {code for code, told in severities.items() if told == "error"}
    assert {"RTE07", "RTE10"} == {code for code, told in severities.items() if told == "warning"}

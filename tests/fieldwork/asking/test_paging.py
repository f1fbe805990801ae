"""Pages: what stands together, for whom, and what a person is shown of it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from symmetry.errors import DataError
from symmetry.fieldwork.asking.nouns import Answer, Asked
from symmetry.fieldwork.asking.once import once
from symmetry.fieldwork.asking.paging import MOST, asked_of, next_page, on_route_only, pages_of, visible
from symmetry.spec import Item, Scale, Study, load, order_of, read_seal, seal
from tests.studies import tiny_study, with_item

ROOT = Path(__file__).resolve().parents[3]
FULL = ROOT / "tests" / "spec" / "full"
BANK = ROOT / "survey_specs" / "everyday_bank"
OPENS = date(2027, 3, 1)
WORDS = Scale("words", "text")
APP, BRANCH = {"channel": "app"}, {"channel": "branch"}


@pytest.fixture(scope="module")
def bank() -> Study:
    """The large study of the house."""
    return load(BANK)


def names(asked: Asked, person: str = "p") -> list[list[str]]:
    """The columns of each page of a person."""
    return [[column.name for column in page] for page in pages_of(asked, person)]


def asked_in(folder: Path, wave: str, audience: str) -> Asked:
    """A questionnaire of a study of the house."""
    return asked_of(load(folder), wave, audience, first=OPENS)


def shown(asked: Asked, number: int, known: Mapping[str, str], answers: Mapping[str, Answer]) -> list[str]:
    """The columns that a page shows."""
    return [column.name for column in visible(asked, pages_of(asked, "p")[number - 1], known, answers)]


def test_a_questionnaire_is_what_the_wave_asks_of_the_audience() -> None:
    """Its columns stand in the order of the wave, faces together; the days and the audience are kept, employees sealed."""
    asked = asked_of(tiny_study(), "cold", "employees", first=OPENS, last=date(2027, 3, 21), rehearsal=date(2027, 2, 1))
    wanted = [
        "recommend",
        "recommend.guess",
        "listened",
        "listened.guess",
        "listened.management",
        "kept",
        "kept.guess",
    ]
    assert wanted == list(asked.columns)
    assert (True, "cold", "employees", ("en",)) == (asked.sealed, asked.wave.key, asked.audience, asked.languages)
    assert (OPENS, date(2027, 3, 21), date(2027, 2, 1)) == (asked.first, asked.last, asked.rehearsal)
    assert asked_of(tiny_study(), "cold", "customers", first=OPENS).sealed is False


def test_the_columns_follow_the_order_of_the_wave_and_not_of_the_study() -> None:
    """A wave that asks its items the other way round is answered the other way round."""
    study = tiny_study()
    turned = replace(study, waves={"hot": replace(study.waves["hot"], items=("listened", "recommend"))})
    assert ["listened", "recommend"] == list(asked_of(turned, "hot", "customers", first=OPENS).columns)


def test_languages_are_those_in_which_everything_has_words() -> None:
    """French and English in the study's order; another language, or one that misses a choice, is not offered."""
    text = {"de": "…", "en": "…", "fr": "…"}
    study = replace(tiny_study(), languages=("de", "en", "fr"))
    items = {key: replace(item, faces=dict.fromkeys(item.faces, text)) for key, item in study.items.items()}
    whole = replace(study, items=items)
    assert ("en", "fr") == asked_of(whole, "hot", "customers", first=OPENS).languages
    scale = Scale("one", "single", choices={"a": {"en": "A", "fr": "A"}, "b": {"en": "B"}})
    lacking = with_item(whole, Item("pick", "demographic", {}, scale, {"customer": text}))
    assert ("en",) == asked_of(lacking, "hot", "customers", first=OPENS).languages


def test_a_study_that_no_page_can_speak_is_refused() -> None:
    """Without French and English there is nothing to show, and without items nothing to ask."""
    study = tiny_study()
    with pytest.raises(DataError, match="neither in French nor in English") as error:
        asked_of(replace(study, languages=("de",)), "hot", "customers", first=OPENS)
    assert "OPN21" == error.value.problems[0].code
    silent = replace(study, waves={"hot": replace(study.waves["hot"], items=())})
    with pytest.raises(DataError, match="asks customers nothing") as error:
        asked_of(silent, "hot", "customers", first=OPENS)
    assert "OPN20" == error.value.problems[0].code
    with pytest.raises(DataError, match="no wave `later`"):
        asked_of(study, "later", "customers", first=OPENS)


def test_a_page_holds_twelve_questions_at_most_and_faces_stay_together(bank: Study) -> None:
    """Employees' four faces of an item are never torn while they fit, and no page is longer than it may be."""
    asked = asked_of(bank, "cold-2027", "employees", first=OPENS)
    pages = pages_of(asked, "e-1")
    assert 12 == MOST >= max(len(page) for page in pages)
    homes = {column.name: number for number, page in enumerate(pages) for column in page}
    assert list(homes) == [column.name for page in pages for column in page]
    assert set(homes) == set(asked.columns)
    torn = {column.item.key for name, column in asked.columns.items() if homes[name] != homes[column.item.key]}
    assert set() == torn


def test_a_question_stands_on_a_later_page_than_the_answer_it_needs() -> None:
    """`why` is asked upon `recommend` and names it: it opens the second page, though the first had room."""
    asked = asked_in(FULL, "cold-2027", "customers")
    first, second = names(asked)
    assert ("recommend", "why") == (first[0], second[0])
    assert len(first) < MOST


def test_words_alone_begin_a_page() -> None:
    """A question that only repeats an earlier answer needs it, in whichever language; doubled braces need nothing."""
    said = {"customer": {"fr": "Pourquoi ?", "en": "You gave {recommend}: why?"}}
    piped = with_item(tiny_study(), Item("why", "verbatim", {}, WORDS, said))
    assert [["recommend", "listened"], ["why"]] == names(asked_of(piped, "hot", "customers", first=OPENS))
    braces = {"customer": {"en": "Is {{recommend}} a word?"}}
    plain = with_item(tiny_study(), Item("why", "verbatim", {}, WORDS, braces))
    assert [["recommend", "listened", "why"]] == names(asked_of(plain, "hot", "customers", first=OPENS))


def test_faces_part_where_one_repeats_the_other() -> None:
    """The guess that quotes the employee's own answer comes on the page after it."""
    faces = {"employee": {"en": "Mine?"}, "guess": {"en": "You said {mood}. And customers?"}}
    study = with_item(tiny_study(), Item("mood", "driver", {}, tiny_study().scales["agree5"], faces))
    pages = names(asked_of(study, "cold", "employees", first=OPENS))
    assert ("mood", ["mood.guess"]) == (pages[0][-1], pages[1])


def test_each_person_sees_the_order_drawn_for_them_and_always_the_same(bank: Study) -> None:
    """Pages follow `order_of`; people differ; what was answered changes nothing."""
    asked = asked_of(bank, "cold-2027", "customers", first=OPENS)
    people = [f"c-{number}" for number in range(40)]
    for person in people:
        flat = [name for page in names(asked, person) for name in page]
        assert list(order_of(bank, "cold-2027", "customers", person)) == flat
    assert len({str(names(asked, person)) for person in people}) > 30
    again = asked_of(bank, "cold-2027", "customers", first=OPENS)
    assert names(asked, "c-7") == names(again, "c-7")


def test_the_sealed_wave_asks_as_the_study_does(tmp_path: Path) -> None:
    """What was sealed at the opening gives the same pages and languages as the study it came from."""
    study = replace(load(FULL), path=tmp_path / "study.yaml")
    sealed = read_seal(seal(study, "cold-2027", on="2027-03-01")).study
    for audience in ("customers", "employees"):
        one = asked_of(study, "cold-2027", audience, first=OPENS)
        other = asked_of(sealed, "cold-2027", audience, first=OPENS)
        assert [names(one, f"p{n}") for n in range(20)] == [names(other, f"p{n}") for n in range(20)]
        assert (one.languages, list(one.columns)) == (other.languages, list(other.columns))


def test_a_page_shows_what_stands_on_the_route() -> None:
    """`why` is for those who gave 6 at most and do not come by the app."""
    asked = asked_in(FULL, "cold-2027", "customers")
    rest = ["word", "obstacles", "waited", "last_visit"]
    assert ["why", *rest] == shown(asked, 2, BRANCH, {"recommend": 6})
    assert rest == shown(asked, 2, BRANCH, {"recommend": 7})
    assert rest == shown(asked, 2, APP, {"recommend": 6})
    assert rest == shown(asked, 2, BRANCH, {})


def test_a_page_with_nothing_to_ask_is_skipped_and_keeps_its_number() -> None:
    """The hot wave's second page is for the dissatisfied alone; nobody else gets further than the first."""
    asked = asked_in(FULL, "hot", "customers")
    pages = pages_of(asked, "p")
    assert [["recommend", "listened"], ["why"]] == names(asked)
    assert (1, 2, None) == tuple(next_page(asked, pages, BRANCH, {"recommend": 2}, after) for after in (0, 1, 2))
    assert (1, None) == tuple(next_page(asked, pages, BRANCH, {"recommend": 9}, after) for after in (0, 1))
    assert next_page(asked, pages, BRANCH, {"recommend": 9}, -3) == 1


def chained(routes: Mapping[str, str], known: tuple[Item, ...] = ()) -> Asked:
    """A questionnaire of marks from 1 to 5, one a route, after `recommend`."""
    study = tiny_study()
    agree = study.scales["agree5"]
    for key, route in routes.items():
        study = with_item(study, Item(key, "driver", {}, agree, {"customer": {"en": "…"}}, ask_if=route))
    for item in known:
        study = replace(study, items={**study.items, item.key: item})
    return asked_of(study, "hot", "customers", first=OPENS)


def test_an_answer_off_the_route_leads_nowhere() -> None:
    """Whoever went back and left the way to the first question has left the way to the second, whatever was answered."""
    asked = chained({"first": "recommend <= 6", "second": "first >= 4", "third": "second is None"})
    saved: dict[str, Answer] = {"recommend": 3, "first": 5, "second": 2}
    assert saved == on_route_only(asked, {}, saved)
    back = {**saved, "recommend": 9, "third": 1}
    assert {"recommend": 9, "third": 1} == on_route_only(asked, {}, back)
    pages = pages_of(asked, "p")
    assert [["recommend", "listened"], ["first"], ["second"], ["third"]] == names(asked)
    assert 4 == next_page(asked, pages, {}, back, 1)


def test_what_counts_is_given_in_the_order_of_the_questionnaire() -> None:
    """Answers saved in another order, and columns that are no question, come out as the questionnaire has them."""
    asked = chained({})
    assert ["recommend", "listened"] == list(
        on_route_only(asked, {}, {"listened": 2, "region": "north", "recommend": 1})
    )


def test_numbers_known_beforehand_are_compared_as_numbers() -> None:
    """What a frame holds is text; a route compares a balance of 1000 with 900 as numbers, and an unknown one is no answer."""
    balance = Item("balance", "frame", {"en": "Balance"}, numeric=True, audiences=("customers",))
    asked = chained({"rich": "balance > 900", "untold": "balance is None"}, (balance,))
    pages = pages_of(asked, "p")
    found = {
        text: [column.name for column in visible(asked, pages[0], {"balance": text} if text else {}, {})][2:]
        for text in ("1000", "85", "", "unknown")
    }
    assert {"1000": ["rich"], "85": [], "": ["untold"], "unknown": ["untold"]} == found


def test_what_was_worked_out_goes_with_its_questionnaire() -> None:
    """Hundreds of questionnaires that came and went leave nothing behind, and none is taken for another at its address."""
    study = load(FULL)
    for number in range(300):
        wave = "hot" if number % 2 else "cold-2027"
        asked = asked_of(study, wave, "customers", first=OPENS)
        assert ("word" in str(names(asked))) is (wave == "cold-2027")
        assert bool(shown(asked, 2, BRANCH, {"recommend": 2}))
        del asked
    gc.collect()
    assert [] == [thing for thing in gc.get_objects() if isinstance(thing, Asked) and thing.study is study]


def test_work_is_done_once_for_each_questionnaire_and_dropped_with_it() -> None:
    """The same questionnaire gets the same thing, another one its own; when it is gone, so is what was made of it."""

    class Thing:
        """Something that can be watched."""

    make = once(lambda asked: Thing())
    one, other = (asked_of(tiny_study(), "hot", "customers", first=OPENS) for _ in range(2))
    assert make(one) is make(one)
    assert make(one) is not make(other)
    watched = weakref.ref(make(one))
    del one
    gc.collect()
    assert watched() is None

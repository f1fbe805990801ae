"""A page is what a person was asked and what they gave, whole, small, in their language; no word becomes markup."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest

from symmetry.fieldwork.asking.nouns import Answer, Asked, Fault, Standing
from symmetry.fieldwork.asking.paging import pages_of
from symmetry.fieldwork.asking.reading import read_page
from symmetry.fieldwork.asking.routes import visible
from symmetry.fieldwork.columns import Column
from symmetry.fieldwork.web.rendering import message, page, policy
from symmetry.spec import Item, Scale
from tests.fieldwork.web.exhibits import FORM, TOKEN, all_asked, asked_in, every_page, kinds, standing_of
from tests.fieldwork.web.exhibits import ROOT as WORK
from tests.spec.pages import Element
from tests.spec.pages import read_page as parsed

BANK = WORK / "survey_specs" / "everyday_bank"


def shown(standing: Standing, number: int = 1, language: str = "en", **more: Any) -> Element:
    """A page as a tree."""
    return parsed(page(standing, number, language=language, token=TOKEN, form=FORM, **more))


def fields_of(tree: Element) -> dict[str, tuple[str, ...]]:
    """What a browser posts from a page on which nobody touches anything."""
    found: dict[str, tuple[str, ...]] = {}
    for each in tree.walk():
        name, kind = each.attributes.get("name", ""), each.attributes.get("type", "")
        if each.name == "textarea":
            found[name] = (*found.get(name, ()), each.text().removeprefix("\n"))
        elif each.name == "input" and (kind not in ("radio", "checkbox") or "checked" in each.attributes):
            found[name] = (*found.get(name, ()), each.attributes.get("value", ""))
    return found


def named(tree: Element) -> set[str]:
    """The names of all controls but the hidden ones."""
    controls = [each for each in tree.walk() if each.name in ("input", "textarea")]
    return {each.attributes["name"] for each in controls if each.attributes.get("type") != "hidden"}


ANSWERS: dict[str, Answer] = {
    "recommend": 3,
    "why": "  two\n lines & <b>marks</b>",
    "welcomed": -1,
    "expected": 10,
    "easy": 7,
    "quiet": 0,
    "satisfied": 2,
    "swam": 7,
    "trip": "refused",
    "obstacles": "price food",
    "nights": 12.0,
    "spent": 1234.5,
    "left": "2027-02-28",
    "nickname": '"><script>',
    "more": "fin",
}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_was_saved_comes_back_when_the_page_is_sent_again(language: str) -> None:
    """A saved answer of every kind is shown so that sending the page untouched saves the same again."""
    standing = standing_of(kinds(), ANSWERS)
    again: dict[str, Answer | None] = {}
    for number, questions in enumerate(pages_of(kinds(), standing.person), 1):
        tree = shown(standing, number, language)
        found, faults = read_page(kinds(), questions, fields_of(tree))
        assert () == faults
        again |= found
    assert {**ANSWERS, "why": "two\n lines & <b>marks</b>"} == again


def test_every_page_asks_what_is_on_the_route_and_nothing_else() -> None:
    """In every study, wave and language the controls of a page are those of its questions, and a blank page posts no answer."""
    for asked in all_asked():
        standing = standing_of(asked)
        for language in asked.languages:
            for number, questions in enumerate(pages_of(asked, standing.person), 1):
                tree = shown(standing, number, language)
                seen = visible(asked, questions, standing.known, {})
                assert {column.name for column in seen} == named(tree)
                posted = fields_of(tree)
                hidden = {"form": (FORM,), "page": (str(number),), "lang": (language,)}
                assert hidden == {name: posted[name] for name in hidden}
                assert {None} >= set(read_page(asked, seen, posted)[0].values())


def test_what_was_typed_stays_and_the_fault_stands_beside_it() -> None:
    """A refused page shows what was typed instead of what was saved, names each fault above and beside its question."""
    standing = standing_of(kinds(), {"recommend": 3, "nights": 5.0})
    faults = (Fault("nights", "number.high", {"low": "1", "high": "1000"}), Fault("left", "date"))
    posted = {"nights": ["5000"], "left": ["31/02/2027"], "obstacles": ["noise", "none"]}
    tree = shown(standing, 2, faults=faults, posted=posted)
    (nights,) = tree.find("input", id="nights")
    (left,) = tree.find("input", id="left")
    assert ("5000", "true") == (nights.attributes["value"], nights.attributes["aria-invalid"])
    assert ("31/02/2027", "text") == (left.attributes["value"], left.attributes["type"])
    beside = tree.find(id="nights-f")[0].text()
    assert "Error: Please enter 1,000 at most." == beside
    assert "nights-f" in nights.attributes["aria-describedby"].split()
    (summary,) = tree.find("section", class_="summary")
    assert ["#nights", "#left"] == [each.attributes["href"] for each in summary.find("a")]
    assert "2 answers need another look" == summary.find("h2")[0].text()
    assert "To have your changes on this page recorded" in summary.text()
    assert tree.find("title")[0].text().startswith("Error: ")
    assert ("noise", "none") == fields_of(tree)["obstacles"]
    assert "recommend" not in fields_of(tree)


def test_nothing_that_was_typed_becomes_markup() -> None:
    """Words of a person, in a field, in a fault or piped into a question, are words and never elements."""
    attack = '"><script>alert(1)</script>'
    asked = kinds()
    last = len(pages_of(asked, "person 1"))
    text = page(
        standing_of(asked, {"recommend": 3, "trip": attack, "more": "</textarea>" + attack}),
        last,
        language="en",
        token=TOKEN,
        form=FORM,
        posted={"nickname": [attack]},
        faults=[Fault("nickname", "too long", {"longest": "60", "length": "70"})],
    )
    assert "<script" not in text
    assert attack == parsed(text).find("input", id="nickname")[0].attributes["value"]


def test_an_earlier_answer_stands_in_a_question_in_words() -> None:
    """A piped choice is read as its words, a missing one as the dots of an answer that is not there."""
    last = len(pages_of(kinds(), "person 1"))
    for answers, said in (({"trip": "rest"}, "Rest"), ({}, "…"), ({"trip": "refused"}, "I prefer not to answer")):
        words = shown(standing_of(kinds(), {**answers}), last).find("label", for_="more")[0].text()
        assert f"You came for: {said}. Is there anything you would like to add?" == words


def test_a_score_clicked_in_a_mail_is_chosen_and_a_saved_one_wins() -> None:
    """A link may choose on page 1 what nobody answered yet; no link chooses over an answer, or what is no choice."""
    asked = kinds()
    assert ("9",) == fields_of(shown(standing_of(asked), prefilled={"recommend": 9}))["recommend"]
    saved = standing_of(asked, {"recommend": 2})
    assert ("2",) == fields_of(shown(saved, prefilled={"recommend": 9}))["recommend"]
    assert "recommend" not in fields_of(shown(standing_of(asked), prefilled={"recommend": 99}))
    assert "recommend" not in fields_of(shown(standing_of(asked)))


def test_a_question_in_own_words_is_told_to_take_longer() -> None:
    """Eight seconds a mark and half a minute a text: ten marks and two texts are 140 seconds, told as three minutes."""
    for texts, said in ((2, "12 questions, about 3 minutes."), (0, "12 questions, about 2 minutes.")):
        assert said in shown(Standing("asked", _twelve(texts))).find("section", class_="welcome")[0].text()


def test_employees_are_promised_what_the_store_keeps() -> None:
    """Before the first question: the lock, the separation, what stays, the smallest cell; other words for other promises."""
    asked = asked_in(BANK, "cold-2027", "employees")
    text = shown(standing_of(asked)).find("section", class_="welcome")[0].text()
    for said in (
        "kept locked",
        "separated from your name",
        "“Region” and “Home branch”",
        "fewer than 10",
        "erased too",
    ):
        assert said in text
    open_about = replace(
        asked, study=replace(asked.study, privacy=replace(asked.study.privacy, employees="confidential"))
    )
    known = shown(standing_of(open_about)).find("section", class_="welcome")[0].text()
    assert "That you took part is known" in known
    assert "erased too" not in known
    customers = shown(standing_of(asked_in(BANK, "hot", "customers"))).find("section", class_="welcome")[0].text()
    assert "separated from your name" not in customers


def test_the_policy_allows_the_style_of_every_page_and_nothing_else() -> None:
    """The style in a page has the hash that the policy names, and nothing in a page loads, runs or styles by itself."""
    standing = standing_of(kinds())
    for text in (page(standing, 2, language="fr", token=TOKEN, form=FORM), message("unknown", language="en")):
        (style,) = re.findall("<style>(.*?)</style>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            == policy()
        )
        elements = list(parsed(text).walk())
        assert set() == {"script", "link", "img", "iframe"} & {each.name for each in elements}
        assert set() == {
            name for each in elements for name in each.attributes if name == "style" or name.startswith("on")
        }


def test_twelve_questions_are_light() -> None:
    """One score, one text and ten questions on five points with "not applicable": 6 kB on the wire, 30 kB raw, at most."""
    asked = _twelve()
    for language in ("fr", "en"):
        text = page(Standing("asked", asked), 1, language=language, token=TOKEN, form=FORM).encode()
        assert 12 == len(named(parsed(text.decode())))
        assert len(text) <= 30_000
        assert len(gzip.compress(text, 6)) <= 6_000


def _twelve(texts: int = 1) -> Asked:
    bank = asked_in(BANK, "cold-2027", "customers")
    rated = [column for column in bank.columns.values() if column.scale and column.scale.key == "agree5"][: 11 - texts]
    why = Item(
        "why", "verbatim", {}, Scale("text", "text", longest=2000), {"customer": {"fr": "Pourquoi ?", "en": "Why?"}}
    )
    written = [Column(name, why, "customer") for name in ("why", "more")[:texts]]
    columns = [bank.columns["recommend"], *written, *rated]
    return replace(bank, columns={column.name: column for column in columns}, study=replace(bank.study, rotation=None))


def test_what_is_not_there_is_refused() -> None:
    """A page that nobody has and a message that nobody wrote are errors of the caller."""
    with pytest.raises(ValueError, match="no page 9"):
        page(standing_of(kinds()), 9, language="en", token=TOKEN, form=FORM)
    with pytest.raises(ValueError, match="no page 1"):
        page(Standing("unknown"), 1, language="en", token=TOKEN, form=FORM)
    with pytest.raises(ValueError, match="no page about `weather`"):
        message("weather", language="en")


def test_what_one_person_gave_is_never_shown_to_another() -> None:
    """Blocks are kept between pages: one person's text, choice, fault or piped word is not on the next person's page."""
    asked = kinds()
    secret = "only mine"
    for number in (1, 2, 3):
        before = page(standing_of(asked, {"recommend": 3}), number, language="en", token=TOKEN, form=FORM)
        mine = standing_of(asked, {**ANSWERS, "nickname": secret, "more": secret, "why": secret})
        page(
            mine,
            number,
            language="en",
            token=TOKEN,
            form=FORM,
            faults=[Fault("nights", "number")],
            posted={"nights": [secret]},
        )
        page(mine, number, language="en", token=TOKEN, form=FORM)
        assert before == page(standing_of(asked, {"recommend": 3}), number, language="en", token=TOKEN, form=FORM)
        assert secret not in before


def test_every_page_of_every_study_is_well_formed() -> None:
    """Every element closes, ids are given once, every label and description names something on the page."""
    for asked in all_asked():
        for name, text in every_page(asked, asked.languages[0]):
            elements = list(parsed(text).walk())
            ids = [each.attributes["id"] for each in elements if "id" in each.attributes]
            assert sorted(set(ids)) == sorted(ids), name
            wanted = {
                word
                for each in elements
                for key in ("aria-describedby", "aria-labelledby", "for")
                for word in each.attributes.get(key, "").split()
            }
            assert wanted <= set(ids), name

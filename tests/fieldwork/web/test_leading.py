"""Where pages lead: the button that goes on and those that keep and turn aside; and the pages without questions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from symmetry.fieldwork.asking.nouns import Fault
from symmetry.fieldwork.web.rendering import MESSAGES, address, message, page, refusal, resend, thanks
from tests.fieldwork.web.exhibits import FORM, TOKEN, asked_in, kinds, standing_of
from tests.fieldwork.web.exhibits import ROOT as WORK
from tests.fieldwork.web.test_rendering import fields_of, shown
from tests.spec.pages import Element
from tests.spec.pages import read_page as parsed

BANK = WORK / "survey_specs" / "everyday_bank"


def button(tree: Element) -> str:
    """What the main button of a page says."""
    (main,) = [each for each in tree.find("div", class_="end")[0].find("button") if "name" not in each.attributes]
    return main.text()


@pytest.mark.parametrize(
    ("number", "ways"), [(1, ["", "fr", "en", "", "refuse"]), (2, ["", "fr", "en", "", "back", "refuse"])]
)
def test_every_way_off_a_page_sends_what_is_on_it(number: int, ways: list[str]) -> None:
    """Languages, Back and the way out are buttons of the form, behind one that goes on (what Enter presses); no link leaves."""
    tree = shown(standing_of(kinds()), number)
    (form,) = tree.find("form")
    assert f"/s/{TOKEN}/{number}?lang=en" == form.attributes["action"]
    within = list(form.find("button"))
    buttons = tree.find("button")
    assert ways == [each.attributes.get("value", "") for each in buttons]
    assert {"go", ""} == {each.attributes.get("name", "") for each in buttons}
    for each in buttons:
        assert each in within or "questions" == each.attributes["form"]
        assert ("name" in each.attributes) == bool(each.attributes.get("value"))
    assert ("true", "-1") == (buttons[0].attributes["aria-hidden"], buttons[0].attributes["tabindex"])
    assert ["#questions"] == [each.attributes["href"] for each in tree.find("a")]


def test_the_button_says_sent_only_where_nothing_can_follow() -> None:
    """The last page sends; one whose answers decide whether there is more says that it may; others go on."""
    words = [button(shown(standing_of(kinds(), {"recommend": 3}), number)) for number in (1, 2, 3)]
    assert ["Continue", "Continue", "Send my answers"] == words
    assert "nothing more to ask" not in shown(standing_of(kinds()), 1).text()
    hot = asked_in(WORK / "tests" / "spec" / "full", "hot", "customers")
    perhaps = shown(standing_of(hot))
    assert "Continue" == button(perhaps)
    assert "If there is nothing more to ask you, your answers are sent now." in perhaps.text()


def test_progress_tells_what_is_done() -> None:
    """The bar of page 1 is empty, that of the last page lacks the last page."""
    bars = [shown(standing_of(kinds()), number).find("progress")[0].attributes for number in (1, 3)]
    assert [{"value": "0", "max": "3"}, {"value": "2", "max": "3"}] == bars


def test_a_page_where_nothing_is_answered_says_so() -> None:
    """Its heading counts no faults where there is none, and does not speak of changes to record."""
    (summary,) = shown(standing_of(kinds()), 3, faults=(Fault("", "nothing answered"),), posted={}).find(
        class_="summary"
    )
    assert "No question has an answer yet" == summary.find("h2")[0].text()
    assert ["Please answer at least one question before you send."] == [each.text() for each in summary.find("a")]
    assert [] == summary.find("p")


def test_a_rehearsal_is_told_on_every_page() -> None:
    """Every page of a rehearsed wave says in its title and its first words that answers count for nothing."""
    standing = standing_of(replace(kinds(), rehearsal=date(2027, 3, 1)))
    pages = [
        page(standing, 1, language="en", token=TOKEN, form=FORM),
        thanks(standing, language="en"),
        refusal(standing, language="en", token=TOKEN, form=FORM),
        message("closed", language="en", standing=standing),
    ]
    for text in pages:
        assert parsed(text).find("title")[0].text().startswith("Rehearsal: ")
        assert "count for nothing" in parsed(text).find("p", class_="rehearsal")[0].text()


@pytest.mark.parametrize("kind", MESSAGES)
def test_every_message_says_what_happened_in_both_languages(kind: str) -> None:
    """One heading and at least a sentence, in the language asked for; what was not recorded is said to be so."""
    told = {language: parsed(message(kind, language=language)) for language in ("fr", "en")}
    for language, tree in told.items():
        assert language == tree.find("html")[0].attributes["lang"]
        assert 1 == len(tree.find("h1"))
        assert tree.find("main")[0].find("p")
    assert told["fr"].find("h1")[0].text() != told["en"].find("h1")[0].text()
    if kind in ("malformed", "foreign", "too large", "too many", "fault", "stray", "away", "unknown"):
        assert re.search("othing|not recorded", told["en"].text())
        assert re.search("[Rr]ien|pas été enregistrées", told["fr"].text())


def test_messages_know_of_the_wave() -> None:
    """An early one tells the day, a closed one what became of an unfinished answer, by what was promised."""
    customer = standing_of(asked_in(BANK, "hot", "customers"))
    employee = standing_of(asked_in(BANK, "cold-2027", "employees"))
    assert "1er mars 2027" in message("early", language="fr", standing=customer)
    assert "stay recorded" in message("closed", language="en", standing=customer)
    assert "stays locked until it is erased" in message("closed", language="en", standing=employee)
    assert f'href="{address(TOKEN)}?lang=en"' in message("stray", language="en", standing=customer, token=TOKEN)
    assert '<html lang="en">' in message("unknown", language="de")


def test_whoever_refused_may_answer_after_all() -> None:
    """The page says what was deleted, and leads to the first page; asked before, it says what will be deleted."""
    customer = standing_of(asked_in(BANK, "hot", "customers"))
    tree = parsed(message("refused", language="en", standing=replace(customer, kind="refused"), token=TOKEN))
    (link,) = tree.find("a")
    assert (f"/s/{TOKEN}/1?lang=en", "Changed your mind? Answer after all") == (link.attributes["href"], link.text())
    assert "deleted what you may have answered before" in tree.text()
    before = parsed(refusal(customer, language="en", token=TOKEN, form=FORM))
    assert "what you have answered so far is deleted" in before.text()
    assert f"/s/{TOKEN}/refuse?lang=en" == before.find("form")[0].attributes["action"]


@pytest.mark.parametrize("kind", ["away", "fault", "foreign", "malformed", "stray", "too large", "too many"])
def test_a_refused_request_leads_back_to_the_questions(kind: str) -> None:
    """Where the token is known, the page has a link to the questions in its own language, whatever else is known."""
    (link,) = parsed(message(kind, language="fr", token=TOKEN)).find("a")
    assert address(TOKEN, None, "fr") == link.attributes["href"]
    assert [] == parsed(message(kind, language="fr")).find("a")


def test_what_could_not_be_read_again_is_given_back_whole() -> None:
    """When even the questions are away, the page holds every value that was posted, and its button posts it all again."""
    typed = {"form": (FORM,), "why": (' "two"\nlines <b> ',), "obstacles": ("noise", "food")}
    tree = parsed(resend("/s/x/2", typed, language="fr"))
    assert typed == fields_of(tree)
    (form,) = tree.find("form")
    assert ("post", "/s/x/2") == (form.attributes["method"], form.attributes["action"])

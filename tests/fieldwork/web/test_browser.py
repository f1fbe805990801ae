"""The pages in a real Chromium: axe-core finds nothing, a narrow phone shows all, and no script is needed to answer.

Every page of every study, every faulty page and every message is judged; the quick run takes a part of them, the slow one all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from symmetry.fieldwork.web.rendering import message, page
from tests.fieldwork.web.browsers import ABSENT, opened, program
from tests.fieldwork.web.exhibits import (
    FIRST,
    FORM,
    TOKEN,
    all_asked,
    every_page,
    faulty_pages,
    kinds,
    other_pages,
    standing_of,
)

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (320, 1280)
OVERFLOWING = """() => {
    const room = document.documentElement.clientWidth;
    const seen = [...document.querySelectorAll('body *:not(.skip, .first)')].map(each => [each, each.getBoundingClientRect()]);
    const across = seen.filter(([, box]) => box.width > 1 && (box.right > room + 0.5 || box.left < -0.5));
    const inside = seen.filter(([each]) => each.clientWidth > 0 && each.localName != 'input');
    const cut = inside.filter(([each]) => each.scrollWidth > each.clientWidth + 1);
    const found = [...across, ...cut].slice(0, 5).map(([each]) => each.outerHTML.slice(0, 120));
    return [document.documentElement.scrollWidth - room, found];
}"""
SMALL = """() => {
    const targets = document.querySelectorAll('a:not(.skip, .summary a), button:not(.first), input:not([type=hidden]), textarea');
    return [...targets].map(each => {
        const box = each.getBoundingClientRect(), least = each.localName === 'a' ? 24 : 44;
        return [each.outerHTML.slice(0, 120), box.width, box.height, least];
    }).filter(([, wide, high, least]) => wide < 24 || high < least).slice(0, 5);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this file."""
    if program() is None:
        pytest.skip(ABSENT)
    with opened() as found:
        yield found


@pytest.fixture(params=WIDTHS)
def tab(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window as wide as a small phone, or as a desk's."""
    made = browser.new_page(viewport={"width": request.param, "height": 800})
    yield made
    made.close()


def sampled() -> Iterator[tuple[str, str]]:
    """A part of the pages that shows every kind of question, every fault, and each sort of message."""
    yield from (each for each in every_page(kinds(), "en") if each[0].endswith("answered"))
    for asked in all_asked():
        if asked.study.key == "small_bank":
            yield next(every_page(asked, "fr"))
    yield from faulty_pages("fr")
    yield from list(other_pages("en"))[::5]


def whole() -> Iterator[tuple[str, str]]:
    """Every page."""
    for asked in all_asked():
        for language in asked.languages:
            yield from every_page(asked, language)
    for language in ("fr", "en"):
        yield from faulty_pages(language)
        yield from other_pages(language)


def judged(tab: Page, pages: Iterator[tuple[str, str]]) -> tuple[int, list[object]]:
    """How many pages were judged, and all that was found against them."""
    axe = next(path for path in files("axe-playwright-python") or () if path.name == "axe.min.js").read_text("utf-8")
    found: list[object] = []
    count = 0
    for name, text in pages:
        tab.set_content(text)
        tab.evaluate(axe)
        result: dict[str, Any] = tab.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
        )
        found += [(name, each["id"], each["nodes"][0]["html"]) for each in result["violations"]]
        assert result["passes"], name
        wide = tab.evaluate(OVERFLOWING)
        found += [(name, "wide", wide)] if wide != [0, []] else []
        small = tab.evaluate(SMALL)
        found += [(name, "small", small)] if small else []
        count += 1
    return count, found


def _visit(tab: Page, text: str) -> None:
    """Open a page as a server would send it, so that it takes the focus it asks for."""

    def answer(route: Route) -> None:
        route.fulfill(body=text, content_type="text/html; charset=utf-8")

    tab.unroute_all()
    tab.route("**/*", answer)
    tab.goto("http://survey.test/s/x")


def test_a_part_of_the_pages_has_no_fault(tab: Page) -> None:
    """Axe finds nothing, nothing is cut or wider than the screen, and every target is large enough."""
    count, found = judged(tab, sampled())
    assert [] == found
    assert count > 15


@pytest.mark.slow
def test_every_page_of_every_study_has_no_fault(tab: Page) -> None:
    """The same of all: every wave, every audience, every page, both languages, faults and messages."""
    count, found = judged(tab, whole())
    assert [] == found
    assert count > 120


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_text_at_twice_its_size_fits(browser: Browser, width: int) -> None:
    """Nothing is cut or wider than the screen for who reads with letters twice as large."""
    with browser.new_page(viewport={"width": width, "height": 800}) as tab:
        for name, text in sampled():
            tab.set_content(text)
            tab.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
            assert [0, []] == tab.evaluate(OVERFLOWING), name


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_eleven_codes_stand_in_one_row_over_their_words(browser: Browser, width: int, language: str) -> None:
    """0 to 10 share one row on a small phone, each 24 pixels wide or more; the words stand under 0 and under 10."""
    with browser.new_page(viewport={"width": width, "height": 800}) as tab:
        tab.set_content(page(standing_of(kinds()), 1, language=language, token=TOKEN, form=FORM))
        boxes = [each.bounding_box() for each in tab.locator(".codes label").all()]
        left, right = (each.bounding_box() for each in tab.locator(".ends span").all())
        known = [each for each in (*boxes, left, right) if each is not None]
    assert 13 == len(known)
    tops = {round(box["y"]) for box in known[:11]}
    assert 1 == len(tops)
    assert min(box["width"] for box in known[:11]) >= 24
    assert min(box["height"] for box in known[:11]) >= 44
    assert abs(known[11]["x"] - known[0]["x"]) < 1
    assert abs(known[12]["x"] + known[12]["width"] - known[10]["x"] - known[10]["width"]) < 1
    assert known[11]["y"] >= known[0]["y"] + known[0]["height"]


def test_the_chosen_box_is_told_by_more_than_its_colour(browser: Browser) -> None:
    """Weight and underline say which box is chosen, so that nobody needs to see colours."""
    with browser.new_page() as tab:
        tab.set_content(page(standing_of(kinds(), {"recommend": 9}), 1, language="en", token=TOKEN, form=FORM))
        style = "each => [getComputedStyle(each).fontWeight, getComputedStyle(each).textDecorationLine]"
        chosen = tab.locator("input:checked + span")
        assert ["9"] == chosen.all_inner_texts()
        assert ["700", "underline"] == chosen.evaluate(style)
        assert ["400", "none"] == tab.locator("input[value='8'] + span").evaluate(style)


def test_a_page_is_answered_by_keyboard_alone_and_without_script(browser: Browser) -> None:
    """Tab goes through the page in reading order, arrows through a scale, Enter goes on; an answer can be taken back."""
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    sent: list[str] = []
    first = page(standing_of(kinds()), 1, language="en", token=TOKEN, form=FORM)

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.post_data or "")
        route.fulfill(body=first, content_type="text/html; charset=utf-8")

    tab.route("**/*", answer)
    tab.goto("http://survey.test/s/x")
    order = []
    for _ in range(6):
        tab.keyboard.press("Tab")
        focused = tab.locator(":focus")
        order.append(focused.inner_text() or focused.get_attribute("name"))
        if order[-1] == "recommend":
            tab.keyboard.press("Space")
            tab.keyboard.press("ArrowRight")
            tab.keyboard.press("Enter")
            tab.wait_for_url("**/1?lang=en")
            tab.get_by_role("radio", name="2", exact=True).focus()
            tab.get_by_role("radio", name="2", exact=True).press("Space")
    expected = ["Skip to the questions", "Français", "English", "recommend", "Continue", "I do not wish to take part"]
    assert expected == order
    tab.get_by_role("button", name="Continue").press("Enter")
    tab.get_by_label("10", exact=True).check(force=True)
    tab.get_by_role("radio", name="No answer").check(force=True)
    tab.get_by_role("button", name="Continue").click()
    context.close()
    given = ["recommend=1", "recommend=2", "recommend="]
    assert [f"form={FORM}&page=1&lang=en&{each}" for each in given] == sent


def test_whoever_turns_aside_takes_along_what_was_entered(browser: Browser) -> None:
    """The languages, Back and the way out each post the page with their name, pressed by mouse and without script."""
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    sent: list[str] = []
    second = page(standing_of(kinds()), 3, language="en", token=TOKEN, form=FORM)

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.post_data or "")
        route.fulfill(body=second, content_type="text/html; charset=utf-8")

    tab.route("**/*", answer)
    tab.goto("http://survey.test/s/x")
    for name in ("Français", "Back", "I do not wish to take part"):
        tab.get_by_label("The hotel in one word?").fill("calm")
        tab.get_by_role("button", name=name).click()
    tab.get_by_label("The hotel in one word?").fill("calm")
    tab.get_by_label("The hotel in one word?").press("Enter")
    context.close()
    typed = f"form={FORM}&page=3&lang=en&nickname=calm&more="
    assert [f"go=fr&{typed}", f"{typed}&go=back", f"{typed}&go=refuse", typed] == sent


def test_the_browser_holds_what_was_entered_when_one_goes_back(browser: Browser) -> None:
    """After a refused post the browser's way back finds choices and long texts again, as the pages say that it may."""
    with browser.new_page() as tab:
        asking = page(standing_of(kinds()), 3, language="en", token=TOKEN, form=FORM)
        refused = message("too large", language="en", token=TOKEN)

        def answer(route: Route) -> None:
            told = refused if route.request.method == "POST" else asking
            route.fulfill(body=told, content_type="text/html; charset=utf-8", headers={"cache-control": "no-store"})

        tab.route("**/*", answer)
        tab.goto("http://survey.test/s/x")
        more = tab.locator("#more")
        more.fill("A long story.")
        tab.get_by_role("button", name="Send my answers").click()
        assert "which may still show what you wrote" in tab.inner_text("main")
        tab.go_back()
        assert "A long story." == more.input_value()


def test_the_focus_stands_on_what_is_wrong(browser: Browser) -> None:
    """A page sent back begins at the list of what is wrong; each line leads to the control that it is about."""
    with browser.new_page() as tab:
        for name, text in faulty_pages("en"):
            _visit(tab, text)
            assert tab.title().startswith("Error: "), name
            assert "summary" == tab.locator(":focus").get_attribute("class"), name
            for link in tab.locator(".summary a").all():
                target = (link.get_attribute("href") or "")[1:]
                assert 1 == tab.locator(f'[id="{target}"]').count(), name


def test_a_rehearsal_says_so_on_its_page(browser: Browser) -> None:
    """Nobody takes a rehearsed wave for a real one: its title and its first words say it."""
    asked = replace(kinds(), rehearsal=FIRST)
    with browser.new_page() as tab:
        tab.set_content(page(standing_of(asked), 2, language="fr", token=TOKEN, form=FORM))
        assert tab.title().startswith("Répétition")
        assert tab.locator(".rehearsal").is_visible()

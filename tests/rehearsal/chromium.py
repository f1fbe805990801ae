"""A few people in a real Chromium: they click what they see, and send."""

from __future__ import annotations

from collections.abc import Iterable

from playwright.sync_api import Page

from tests.fieldwork.web.browsers import opened
from tests.rehearsal.browsing import form_in
from tests.rehearsal.inbox import Mail
from tests.rehearsal.people import Person

__all__ = ["act_in_chromium"]

_MOST_PAGES = 40


def act_in_chromium(people: Iterable[tuple[Person, Mail]]) -> None:
    """Have people answer in a browser, one after the other."""
    with opened() as browser:
        for person, mail in people:
            tab = browser.new_page(locale="fr-FR")
            tab.goto(mail.link)
            for _ in range(_MOST_PAGES):
                if form_in(tab.content()) is None:
                    break
                _fill_in(tab, person)
                with tab.expect_navigation():
                    tab.locator("#questions .end button:not(.back)").click()
                person.pages += 1
            else:
                raise AssertionError(f"{person.contact} is still asked after {_MOST_PAGES} pages")
            person.done = "answered"
            tab.close()


def _fill_in(tab: Page, person: Person) -> None:
    """Choose and write what the person has to say on this page."""
    form = form_in(tab.content())
    if form is None:
        return
    for name, values in form.choices.items():
        wanted = person.answers.get(name, "").split() if name in form.ticked else [person.answers.get(name, "")]
        for value in wanted:
            if value and value in values:
                tab.locator(f'#questions input[name="{name}"][value="{value}"]').check(force=True)
    for name in form.written:
        tab.locator(f'#questions [name="{name}"]:is(textarea, input[type=text], input[type=date])').fill(
            person.answers.get(name, "")
        )

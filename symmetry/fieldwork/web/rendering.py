"""From where a person stands to the page they see: pure, one request a page, no script.

Each page carries its whole style sheet and a policy (`policy`) that allows this style sheet and nothing else.  What is the
same for everybody (a question without an answer, or with one of its choices) is drawn once for a questionnaire and language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from symmetry.fieldwork.asking.nouns import Answer, Asked, Fault, Standing
from symmetry.fieldwork.asking.paging import pages_of
from symmetry.fieldwork.asking.routes import visible
from symmetry.fieldwork.columns import Column
from symmetry.fieldwork.web.faults import told_of
from symmetry.fieldwork.web.framing import address, head_of, title_of
from symmetry.fieldwork.web.messages import MESSAGES, message, refusal, resend, thanks
from symmetry.fieldwork.web.questions import typed_of, words_of
from symmetry.fieldwork.web.sheets import Sheet, drawn, sheet_of
from symmetry.fieldwork.web.speaking import Speaker
from symmetry.fieldwork.web.styling import policy
from symmetry.fieldwork.web.walking import button_of, page_before
from symmetry.fieldwork.web.welcoming import welcome_of

__all__ = ["MESSAGES", "address", "message", "page", "policy", "refusal", "resend", "thanks"]


def page(
    standing: Standing,
    number: int,
    *,
    language: str,
    token: str,
    form: str,
    faults: Sequence[Fault] = (),
    posted: Mapping[str, Sequence[str]] | None = None,
    prefilled: Mapping[str, Answer] | None = None,
    notice: Literal["away"] | None = None,
    shown: int | None = None,
) -> str:
    """One page of questions.

    Parameters
    ----------
    standing : of a person who is asked, or who refused and may still answer.
    number : of the page, from 1 to the number of this person's pages.
    language : one of `standing.asked.languages`.
    token : the person's, for where the page is posted.
    form : what a post of this page must bring back.
    faults : of a page that was posted; told above the questions and beside each.
    posted : field → values as they were typed; shown instead of what was saved.
    prefilled : column → value to choose where nothing was saved, as for a score clicked in a mail; a value that is no
        choice is passed over.
    notice : "away" says above the questions that what was posted could not be recorded.
    shown : moment at which it is shown, in seconds since 1970, to know how long it takes; no page of sealed answers says it.

    Returns
    -------
    The page as HTML.

    Raises
    ------
    ValueError : the person is not asked, or has no such page.
    """
    asked = standing.asked
    pages = pages_of(asked, standing.person) if asked is not None else ()
    if asked is None or not 1 <= number <= len(pages):
        raise ValueError(f"there is no page {number} to show")
    sheet = sheet_of(asked, language)
    speaker = sheet.speaker
    questions = visible(asked, pages[number - 1], standing.known, standing.answers)
    told = {fault.column: told_of(fault, asked, speaker) for fault in faults}
    blocks = [
        _block(asked, sheet, column, standing, told.get(column.name, ""), posted, prefilled or {})
        for column in questions
    ]
    progress = speaker.say("progress", number=number, total=len(pages)) if len(pages) > 1 else ""
    button, before_sending = button_of(asked, pages, number, standing, speaker)
    return drawn(
        "page",
        speaker,
        **head_of(asked, speaker, heading="h1", posting=True),
        title=title_of(
            asked, speaker, speaker.read(asked.study.title), progress, wrong=bool(faults) or notice is not None
        ),
        progress=progress,
        number=number,
        total=len(pages),
        notice=notice,
        summary=_summary(faults, speaker),
        mendable=any(fault.column for fault in faults),
        faults=_listed(told, questions, asked, standing, speaker),
        welcome=welcome_of(asked, sheet, pages) if number == 1 else "",
        action=address(token, number, language),
        form=form,
        shown=None if asked.sealed else shown,
        language=language,
        blocks=blocks,
        before_sending=before_sending,
        button=button,
        back=page_before(asked, pages, number, standing) is not None,
    )


def _summary(faults: Sequence[Fault], speaker: Speaker) -> str:
    """The heading over what is wrong."""
    count = len({fault.column for fault in faults if fault.column})
    return (
        speaker.say("errors.none")
        if not count
        else speaker.say("errors.one" if count == 1 else "errors.many", count=count)
    )


def _block(
    asked: Asked,
    sheet: Sheet,
    column: Column,
    standing: Standing,
    fault: str,
    posted: Mapping[str, Sequence[str]] | None,
    prefilled: Mapping[str, Answer],
) -> str:
    """One question with what the person answered."""
    if posted is not None:
        typed = tuple(posted.get(column.name, ()))
    else:
        typed = typed_of(column, standing.answers.get(column.name))
        if not typed and column.name in prefilled:
            typed = sheet.possible(column, typed_of(column, prefilled[column.name]))
    words = words_of(asked, column, sheet.speaker, standing.known, standing.answers)
    return sheet.block(column, words, typed, fault, saved=posted is None)


def _listed(
    told: Mapping[str, str], questions: Sequence[Column], asked: Asked, standing: Standing, speaker: Speaker
) -> list[tuple[str, str, str]]:
    """Each fault with where it stands: the control to go to, the words of the question, and what is wrong."""
    here = {column.name: column for column in questions}
    known: Mapping[str, str] = standing.known
    answers: Mapping[str, Answer] = standing.answers
    return [
        (name, words_of(asked, here[name], speaker, known, answers), said) if name in here else ("questions", "", said)
        for name, said in told.items()
    ]

"""What all pages share: their addresses, their head, and a title that says first what is unusual."""

from __future__ import annotations

from collections.abc import Callable

from symmetry.fieldwork.asking.nouns import Asked
from symmetry.fieldwork.web.speaking import Speaker, speaker_of

__all__ = ["address", "head_of", "title_of"]


def address(token: str, page: int | str | None = None, language: str | None = None) -> str:
    """Where a page of one person lives.

    Examples
    --------
    >>> address("abcdefghij234567abcd", 2, "fr"), address("abcdefghij234567abcd", "refuse")
    ('/s/abcdefghij234567abcd/2?lang=fr', '/s/abcdefghij234567abcd/refuse')
    """
    path = f"/s/{token}" if page is None else f"/s/{token}/{page}"
    return path if language is None else f"{path}?lang={language}"


def head_of(
    asked: Asked | None,
    speaker: Speaker,
    *,
    heading: str,
    link: Callable[[str], str] | None = None,
    posting: bool = False,
) -> dict[str, object]:
    """The head of every page: the study, the choice of languages, and whether it is a rehearsal.

    Languages are links, or, where something may have been entered that should not be lost (`posting`), buttons of the form.
    """
    languages = asked.languages if asked is not None and len(asked.languages) > 1 and (link or posting) else ()
    return {
        "lang": speaker.asked if asked is not None else speaker.language,
        "heading": heading,
        "study": speaker.read(asked.study.title) if asked is not None else "",
        "rehearsal": speaker.say("rehearsal.told") if asked is not None and asked.rehearsal else "",
        "languages": [(each, speaker_of(each).say("language"), link(each) if link else "") for each in languages],
        "posting": posting,
    }


def title_of(asked: Asked | None, speaker: Speaker, *parts: str, wrong: bool = False) -> str:
    """The title of a page, what is unusual first."""
    marks = ["error"] if wrong else []
    marks += ["rehearsal"] if asked is not None and asked.rehearsal else []
    return "".join(speaker.say(f"{mark}.title") for mark in marks) + " – ".join(part for part in parts if part)

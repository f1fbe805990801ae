"""Every page without questions: thanks, the way out, and what to say when something is not as it should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from symmetry.fieldwork.asking.nouns import Asked, Standing
from symmetry.fieldwork.web.framing import address, head_of, title_of
from symmetry.fieldwork.web.sheets import drawn
from symmetry.fieldwork.web.speaking import Speaker, speaker_of

__all__ = ["MESSAGES", "message", "opted_out", "opting_out", "refusal", "resend", "thanks"]

MESSAGES = (
    "away",
    "closed",
    "complete",
    "early",
    "fault",
    "foreign",
    "malformed",
    "not found",
    "over quota",
    "refused",
    "stray",
    "too large",
    "too many",
    "too often",
    "unknown",
)
_ONWARD = ("away", "fault", "foreign", "malformed", "stray", "too large", "too many")


def thanks(standing: Standing, *, language: str) -> str:
    """The page after the last: what was received, and what nobody can do with it any more."""
    speaker = speaker_of(language)
    sealed = standing.asked is not None and standing.asked.sealed
    keys = ("thanks.received", *(("thanks.sealed",) if sealed else ()), "thanks.close")
    return _plain("thanks.title", keys, standing.asked, speaker)


def refusal(standing: Standing, *, language: str, token: str, form: str) -> str:
    """The page that asks whether a person really does not wish to take part; only its button records that."""
    speaker = speaker_of(language)
    return _plain(
        "refusal.title",
        ("refusal.told",),
        standing.asked,
        speaker,
        link=lambda each: address(token, "refuse", each),
        refuse=address(token, "refuse", language),
        form=form,
        confirm=speaker.say("refusal.confirm"),
        onward=address(token, None, language),
        onward_words=speaker.say("refusal.back"),
        language=language,
    )


def opting_out(*, language: str, action: str, form: str) -> str:
    """The page that says what it means never to be asked again; only its button records that.

    Parameters
    ----------
    language : in which to say so.
    action : address of this page.
    form : value that shows that the form is ours.
    """
    speaker = speaker_of(language)
    confirm = speaker.say("out.confirm")
    return _plain("out.title", ("out.told",), None, speaker, refuse=action, form=form, confirm=confirm)


def opted_out(*, language: str) -> str:
    """The page after it: what was recorded."""
    return _plain("out.done.title", ("out.done.told", "thanks.close"), None, speaker_of(language))


def message(
    kind: str, *, language: str, standing: Standing | None = None, token: str | None = None, **facts: object
) -> str:
    """Every other page: what happened, whether anything was recorded, and what to do.

    Parameters
    ----------
    kind : one of `MESSAGES`.
    language : in which to say it; English where it is neither French nor English.
    standing : of the person, where they are known.
    token : the person's, where it is known: some pages then link back to the questions.
    facts : `first`, the day on which an early wave opens (an ISO day); that of the standing where it is not given.

    Raises
    ------
    ValueError : there is no such kind.
    """
    if kind not in MESSAGES:
        raise ValueError(f"there is no page about `{kind}`; there are {', '.join(MESSAGES)}")
    speaker = speaker_of(language)
    asked = standing.asked if standing is not None else None
    name = "away.bare" if kind == "away" else kind
    keys = [f"{name}.told"]
    if kind in ("complete", "closed") and asked is not None:
        further = f"{kind}.{'sealed' if asked.sealed else 'open'}"
        keys += [further] if speaker.says(further) else []
    first = facts.get("first", asked.first if asked is not None else None)
    day = first.isoformat() if isinstance(first, date) else str(first)
    if kind == "early" and first is None:
        keys = ["early.told.bare"]
    onward = address(token, None, language) if token and kind in _ONWARD else ""
    if token and kind == "refused":
        onward = address(token, 1, language)
    again = speaker.say("refused.again" if kind == "refused" else "again")
    return _plain(f"{name}.title", keys, asked, speaker, onward=onward, onward_words=again, first=speaker.day(day))


def resend(action: str, fields: Mapping[str, Sequence[str]], *, language: str) -> str:
    """The page for when even the questions cannot be read: it holds what was typed, and one button sends it again.

    Parameters
    ----------
    action : where it was posted.
    fields : all of it, hidden fields included.
    language : in which to say so.
    """
    return _plain(
        "away.bare.title", ("away.resend",), None, speaker_of(language), again=action, fields=fields, language=language
    )


def _plain(
    title: str,
    keys: Sequence[str],
    asked: Asked | None,
    speaker: Speaker,
    *,
    link: Callable[[str], str] | None = None,
    **values: object,
) -> str:
    """A page with a heading and a few sentences."""
    words = speaker.say(title)
    bare = {
        "refuse": "",
        "confirm": "",
        "again": "",
        "fields": {},
        "onward": "",
        "onward_words": "",
        "form": "",
        "language": speaker.asked,
    }
    view = bare | values
    return drawn(
        "message",
        speaker,
        **head_of(asked, speaker, heading="p", link=link),
        title=title_of(asked, speaker, words),
        heading_words=words,
        paragraphs=[speaker.say(key, **values) for key in keys],
        **view,
    )

"""The words of a message: what is asked, by whom, why, how long it takes, what becomes of it, until when, and the way out.

The same things are said in a mail and on paper; what becomes of the answers is said in the words of the questionnaire's own
first page, so that nothing else is promised here than there.  A study may say in words of its own why it asks (`invite`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symmetry.errors import DataError
from symmetry.fieldwork.asking.nouns import Asked
from symmetry.fieldwork.sending.alphabet import fitted, gsm_length, in_gsm
from symmetry.fieldwork.sending.links import Links
from symmetry.fieldwork.timing import zone_of
from symmetry.fieldwork.web.speaking import Speaker, words_in
from symmetry.fieldwork.web.welcoming import length_of, promises_of

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["Letter", "Message", "letters_page", "mail_of", "printed", "text_of"]

_MOST = 160  # characters of a text message that is sent as one
_MOST_PARTS = 306  # in two parts
_MOST_OTHER = 268  # in four parts of another alphabet
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Message:
    """One message to one person.

    Attributes
    ----------
    asked : the questionnaire.
    step : 0 the invitation, 1 the first reminder, and so on.
    links : of the person.
    expires : moment from which the questionnaire cannot be answered any more.
    language : to write in, one of the questionnaire's.
    who : asks, by name; the study's title where it is "".
    reply : whether answers to a mail are read.
    contact : whom it is for, on paper.
    """

    asked: Asked
    step: int
    links: Links
    expires: datetime
    language: str
    who: str = ""
    reply: bool = False
    contact: str = ""


@dataclass(frozen=True)
class Letter:
    """A mail: its subject, and the same words as plain text and as a page."""

    subject: str
    text: str
    html: str


class _Teller(Speaker):
    """Says what pages say, and what messages do besides."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.words = {**self.words, **words_in(_FOLDER / "words", self.language)}


def mail_of(message: Message) -> Letter:
    """The mail."""
    view = _view(message)
    speaker = _teller(message.language)
    view |= {"go": speaker.say("go"), "link": speaker.say("link"), "stop": speaker.say("stop"),
             "stop_go": speaker.say("stop.go"), "full": f"{message.links.full}?lang={message.language}",
             "out": f"{message.links.out}?lang={speaker.language}",
             "reply": speaker.say("reply") if message.reply else "", "subject": _subject(message, speaker)}  # fmt: skip
    return Letter(view["subject"], _plain(view), _environment().get_template("mail.html.j2").render(view))


def text_of(message: Message) -> str:
    """The text message: 160 characters of the alphabet that every telephone has, or as many parts as the study's own words take.

    Raises
    ------
    DataError : SND07, the study's own words are far too long, or the address of the server is.
    """
    speaker = _teller(message.language)
    invite = message.asked.wave.invite
    facts = {"short": message.links.short, "out": message.links.out}
    if invite is not None and invite.sms is not None:
        said = _own_words(message, speaker, {"words": speaker.read(invite.sms), **facts})
        plain = in_gsm(said)
        if len(said) > _MOST_OTHER if plain is None else gsm_length(plain) > _MOST_PARTS:
            what = f"the `invite.sms` of wave `{message.asked.wave.key}` is too long for a text message with its links"
            raise DataError(what, mend="say less", code="SND07")
        return plain or said
    day = speaker.day(_last_day(message)).rpartition(" ")[0]
    key = "sms.again" if message.step else "sms.first"
    bare = in_gsm(speaker.say(key, who="", day=day, **facts)) or ""
    study = in_gsm(speaker.read(message.asked.study.title)) or ""
    who = fitted(in_gsm(message.who) or study, _MOST - gsm_length(bare))
    if not who:
        mend = "choose a shorter `address` in sending.yaml"
        raise DataError("the address of the server leaves no room in a text message", mend=mend, code="SND07")
    return who + bare


def _own_words(message: Message, speaker: Speaker, facts: dict[str, str]) -> str:
    """The study's words; a reminder says that it is one, and the day, where that costs no further part."""
    own = speaker.say("sms.own", **facts)
    if not message.step:
        return own
    day = speaker.day(_last_day(message)).rpartition(" ")[0]
    again = (speaker.say("sms.own.day", day=day, **facts), speaker.say("sms.own.again", **facts))
    return next((each for each in again if _parts(each) <= _parts(own)), own)


def _parts(text: str) -> int:
    """In how many parts a text message leaves."""
    plain = in_gsm(text)
    length, one, more = (len(text), 70, 67) if plain is None else (gsm_length(plain), _MOST, 153)
    return 1 if length <= one else -(-length // more)


def printed(message: Message) -> str:
    """The letter on paper, an article of `letters_page`."""
    import segno

    speaker, short = _teller(message.language), message.links.short
    title = speaker.say("print.qr", short=short)
    view = _view(message) | {
        "qr": segno.make(short, error="m", micro=False).svg_inline(border=0, omitsize=True, title=title),
        "typed": short.partition("://")[2],
        "scan": speaker.say("print.scan"),
        "type": speaker.say("print.type"),
        "stop": speaker.say("print.stop", out=message.links.out.partition("://")[2]),
        "for_whom": speaker.say("print.for", contact=message.contact),
    }
    return _environment().get_template("printed.html.j2").render(view)


def letters_page(articles: Sequence[str], language: str) -> str:
    """A page to print, a letter on each sheet."""
    speaker = _teller(language)
    page = _environment().get_template("print.html.j2")
    return page.render(lang=speaker.language, title=speaker.say("print.title"), letters=articles)


def _view(message: Message) -> dict[str, Any]:
    """What a mail and a letter on paper both say."""
    asked, speaker = message.asked, _teller(message.language)
    questions = list(asked.columns.values())
    day = speaker.day(_last_day(message))
    return {
        "lang": message.language,
        "rehearsal": speaker.say("rehearsal.told") if asked.rehearsal else "",
        "study": speaker.read(asked.study.title),
        "hello": speaker.say("hello"),
        "opening": _opening(message, speaker),
        "length": f"{length_of(questions, speaker)} {speaker.say('welcome.free')}",
        "until": speaker.say("until", day=day),
        "becomes": speaker.say("welcome.answers"),
        "promises": promises_of(asked, speaker),
        "who": message.who,
    }


def _opening(message: Message, speaker: Speaker) -> list[str]:
    """Why the person is written to: in the words of the study where it has some; a reminder says first that it is one."""
    asked, wave = message.asked, message.asked.wave
    study = speaker.read(asked.study.title)
    facts = {"study": study, "who": message.who or study, "day": speaker.day(_last_day(message))}
    first = [] if not message.step else [speaker.say("last" if _is_last(message) else "again", **facts)]
    if wave.invite is not None:
        return first + [re.sub(r"[ \n\t]+", " ", each) for each in speaker.read(wave.invite.text).strip().split("\n\n")]
    key = "why.hot" if wave.kind == "hot" and asked.audience == "customers" else f"why.{asked.audience}"
    return first or [speaker.say(key, **facts)]


def _subject(message: Message, speaker: Speaker) -> str:
    """The subject, on one line."""
    invite = message.asked.wave.invite
    about = speaker.read(invite.subject if invite is not None else message.asked.study.title)
    key = ("subject.last" if _is_last(message) else "subject.again") if message.step else "subject.first"
    said = about if invite is not None and not message.step else ""
    said = said or speaker.say(key, about=about, day=speaker.day(_last_day(message)))
    said = (speaker.say("rehearsal.title") if message.asked.rehearsal else "") + said
    return re.sub(r"[\t ]+", " ", " ".join(said.splitlines()))


def _plain(view: dict[str, Any]) -> str:
    """The mail without a page: paragraphs, and links that stand alone on their lines."""
    parts = [view["rehearsal"], view["hello"], *view["opening"], view["length"], view["full"]]
    parts += [
        f"{view['until']} {view['link']}",
        "\n".join([view["becomes"], *(f"- {each}" for each in view["promises"])]),
    ]
    parts += ["\n".join(filter(None, (view["who"], view["reply"]))), f"{view['stop']}\n{view['out']}"]
    return "\n\n".join(filter(None, parts)) + "\n"


def _is_last(message: Message) -> bool:
    return message.step >= len(message.asked.wave.reminders)


def _last_day(message: Message) -> str:
    """The last day, by the study's clock, on some of which the questionnaire can be answered."""
    last = message.expires.astimezone(zone_of(message.asked.study.contact)) - timedelta(seconds=1)
    return last.date().isoformat()


@lru_cache(maxsize=64)
def _teller(language: str) -> _Teller:
    return _Teller(language)


@cache
def _environment() -> Environment:
    """Templates that escape what is not markup, and fail on a name that is not there."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

"""The status in words, in French and in English: sentences of what needs attention, figures as one writes them."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.fieldwork.web.speaking import Speaker

if TYPE_CHECKING:
    from symmetry.fieldwork.watching.nouns import Notice, Status

__all__ = ["Teller", "json_of", "teller_of"]

_SHARES = ("share", "target")


class Teller(Speaker):
    """A speaker that has the words of the status too.

    Examples
    --------
    >>> teller_of("en").share(0.1353), teller_of("fr").share(None), teller_of("fr").time(75)
    ('13.5%', '–', '1 min 15 s')
    """

    def __init__(self, language: str) -> None:
        import yaml

        super().__init__(language)
        text = (Path(__file__).parent / "words" / f"{self.language}.yaml").read_text(encoding="utf-8")
        self.words = {**self.words, **{str(key): self.set(str(said)) for key, said in yaml.safe_load(text).items()}}

    def share(self, value: float | None) -> str:
        """A share in per cent, to a tenth; a dash where there is none."""
        if value is None:
            return "–"
        text = f"{100 * value:.1f}"
        return f"{text.replace('.', ',')}\u00a0%" if self.language == "fr" else f"{text}%"

    def count(self, value: float | None, digits: int = 0) -> str:
        """A number to so many digits; a dash where there is none."""
        return "–" if value is None else self.number(round(value, digits) if digits else round(value))

    def time(self, seconds: float | None) -> str:
        """Seconds as minutes and seconds."""
        if seconds is None:
            return "–"
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"

    def notice(self, notice: Notice) -> str:
        """One sentence on what needs attention, and what to look at."""
        facts: dict[str, str] = {}
        for name, fact in notice.facts.items():
            if isinstance(fact, str):
                facts[name] = self.day(fact)
            else:
                facts[name] = self.share(fact) if name in _SHARES else self.count(fact, 1)
        if facts.get("channel") == "":
            facts["channel"] = self.say("all channels")

        where = f"{notice.wave}/{notice.audience}" if notice.audience else notice.wave
        return self.say("attention.of", wave=where, told=self.say(f"{notice.key}.notice", **facts))


@cache
def teller_of(language: str) -> Teller:
    """The teller of one language."""
    return Teller(language)


def json_of(status: Status) -> str:
    """A status as JSON, days as ISO texts; what needs attention also in words of both languages."""
    facts = asdict(status)
    facts["attention"] = [
        {**asdict(each), **{language: teller_of(language).notice(each) for language in ("en", "fr")}}
        for each in status.attention
    ]
    return json.dumps(facts, ensure_ascii=False, indent=1, default=str)

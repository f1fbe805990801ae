"""The status in words, in French and in English: sentences of what needs attention, figures as one writes them."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.fieldwork.watching.nouns import Names
from symmetry.fieldwork.web.speaking import LANGUAGES, Speaker

if TYPE_CHECKING:
    from symmetry.fieldwork.watching.nouns import Notice, Status

__all__ = ["Teller", "json_of", "language_of", "notices_in", "teller_of"]

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
        self.names = Names()
        text = (Path(__file__).parent / "words" / f"{self.language}.yaml").read_text(encoding="utf-8")
        self.words = {**self.words, **{str(key): self.set(str(said)) for key, said in yaml.safe_load(text).items()}}

    def knowing(self, names: Names) -> Teller:
        """The same teller, who knows what a study calls things."""
        made = copy(self)
        made.names = names
        return made

    def item(self, key: str) -> str:
        """What the study calls an item, or we do the channel of an event; else its key."""
        if key in self.names.items:
            return self.read(self.names.items[key])
        return self.say(key) if key == "channel" else key

    def value(self, item: str, key: str) -> str:
        """What the study calls a value of an item known beforehand, else the key; words for none."""
        named = self.names.values.get(item, {}).get(key)
        return self.read(named) if named else key or self.say("unsaid")

    def group(self, audience: str, strata: str) -> str:
        """Strata that were counted together, by the values that make them up."""
        by = self.names.by.get(audience, ())
        parts = [stratum.split(" × ") for stratum in strata.split(", ")]
        named = [map(self.value, by, values) if len(by) == len(values) else values for values in parts]
        return ", ".join(" × ".join(each) for each in named)

    def owner(self, key: str) -> str:
        """What the study calls an owner."""
        return self.read(self.names.owners[key]) if key in self.names.owners else key

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
        facts = {name: self._fact(name, fact) for name, fact in notice.facts.items()}
        where = f"{notice.wave}/{notice.audience}" if notice.audience else notice.wave
        return self.say("attention.of", wave=where, told=self.say(f"{notice.key}.notice", **facts))

    def _fact(self, name: str, fact: str | float) -> str:
        """A fact of a notice as one writes it."""
        if not isinstance(fact, str):
            return self.share(fact) if name in _SHARES else self.count(fact, 1)
        if name == "channel":
            return self.value("channel", fact) if fact else self.say("all channels")
        if name in ("owner", "owners"):
            return ", ".join(self.owner(each) for each in fact.split(", "))
        return self.day(fact)


@cache
def teller_of(language: str) -> Teller:
    """The teller of one language."""
    return Teller(language)


def language_of(status: Status) -> str:
    """The first language of the studies of a field that we speak; English where they have none."""
    spoken = (each.partition("-")[0].lower() for wave in status.waves for each in wave.languages)
    return next((each for each in spoken if each in LANGUAGES), "en")


def notices_in(status: Status, language: str) -> list[str]:
    """What needs attention, a sentence each, by the names of the studies."""
    names = {wave.wave: wave.names for wave in status.waves}
    return [teller_of(language).knowing(names[each.wave]).notice(each) for each in status.attention]


def json_of(status: Status) -> str:
    """A status as JSON, days as ISO texts; what needs attention also in words of both languages."""
    facts = asdict(status)
    for wave in facts["waves"]:
        del wave["names"]
    said = {language: notices_in(status, language) for language in LANGUAGES}
    facts["attention"] = [
        {**asdict(each), **{language: said[language][place] for language in LANGUAGES}}
        for place, each in enumerate(status.attention)
    ]
    return json.dumps(facts, ensure_ascii=False, indent=1, default=str)

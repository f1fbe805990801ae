"""What is wrong with an answer, in words: the keys of `asking.reading`, the facts as people write them."""

from __future__ import annotations

from symmetry.fieldwork.asking.nouns import Asked, Fault
from symmetry.fieldwork.web.speaking import Speaker

__all__ = ["told_of"]

_NUMBERS = ("low", "high", "longest", "length", "most")
_DAYS = ("earliest", "latest")


def told_of(fault: Fault, asked: Asked, speaker: Speaker) -> str:
    """One fault as a sentence that says how to mend it.

    Examples
    --------
    >>> from datetime import date
    >>> from symmetry.fieldwork.asking.paging import asked_of
    >>> from symmetry.fieldwork.web.speaking import speaker_of
    >>> from symmetry.spec import load
    >>> asked = asked_of(load("survey_specs/everyday_bank"), "hot", "customers", first=date(2027, 3, 1))
    >>> told_of(Fault("wait", "number.high", {"low": "0", "high": "1000"}), asked, speaker_of("en"))
    'Please enter 1,000 at most.'
    """
    facts = dict(fault.facts)
    key = f"fault.{fault.what}"
    if fault.what == "number.decimals" and facts.get("most") == "0":
        key += ".none"
    told = {name: speaker.number(float(said)) for name, said in facts.items() if name in _NUMBERS}
    told |= {name: speaker.day(said) for name, said in facts.items() if name in _DAYS}
    if "choice" in facts:
        told["choice"] = _choice(fault.column, facts["choice"], asked, speaker)
    return speaker.say(key, **told)


def _choice(name: str, key: str, asked: Asked, speaker: Speaker) -> str:
    """A choice, or a reason for not answering, in words."""
    column = asked.columns[name]
    return speaker.read(column.categories[key]) if key in column.categories else speaker.say(f"missing.{key}")

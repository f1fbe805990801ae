"""The load of alerts in words: a small table, and a sentence for each wave and owner."""

from __future__ import annotations

import math
from collections.abc import Sequence

from symmetry.analyse.planner_capacity import Load
from symmetry.analyse.planner_words import Voice
from symmetry.fieldwork import BORNE

__all__ = ["load_how", "load_sentences", "load_table", "rate_told"]

_DIGITS = 2


def load_table(loads: Sequence[Load], voice: Voice) -> tuple[list[list[str]], list[list[str]]]:
    """The head, and a row for each wave and owner."""
    keys = ("wave", "rate", "alerts", "most", "needed", "hours", "borne")
    rows = []
    for each in loads:
        name = each.name.get(voice.language) or next(iter(each.name.values()), each.owner)
        numbers = [
            _percent(each.rate, voice),
            _number(each.alerts, 1, voice),
            _number(each.most, 0, voice),
            _hours(each.needed, voice),
            _hours(each.hours, voice),
            rate_told(each.bearable, voice) if each.bearable is not None else voice.say("none"),
        ]
        rows.append([voice.say("load.of", wave=each.wave, owner=name), *numbers])
    return [[voice.say(f"load.{key}") for key in keys]], rows


def load_sentences(loads: Sequence[Load], voice: Voice) -> list[str]:
    """What each row means and what to write, then what is lacking."""
    said = [_sentence(each, voice) for each in loads if each.needed is not None]
    said = [each for each in said if each]
    for each in loads:
        if each.lacking:
            lines = ", ".join(f"`{place}: …`" for place in each.lacking)
            said.append(voice.say("load.lacking", wave=each.wave, lines=lines))
    return said


def load_how(loads: Sequence[Load], voice: Voice) -> str:
    """What the numbers stand on; nothing where there are none."""
    if all(each.alerts is None for each in loads):
        return ""
    minutes = sorted({minutes for each in loads for minutes in each.minutes})
    return voice.say("load.how", minutes=voice.say("or").join(voice.number(each, 1) for each in minutes))


def rate_told(rate: float, voice: Voice) -> str:
    """A rate as a share in per cent, never more than it is: two digits that matter, rounded down.

    Examples
    --------
    >>> rate_told(0.30999, Voice("en")), rate_told(0.0079999, Voice("en")), rate_told(1.0, Voice("en"))
    ('30%', '0.79%', '100%')
    """
    return _percent(_down(rate), voice)


def _down(rate: float) -> float:
    """Two digits that matter, the rest cut off."""
    if not 0 < rate < 1:
        return rate
    places = _DIGITS - 1 - math.floor(math.log10(rate))
    return math.floor(rate * 10.0**places + 1e-9) / 10.0**places


def _sentence(load: Load, voice: Voice) -> str:
    """Whether the wave's own rate is borne, and what rate is; nothing where nobody says who has time."""
    if load.bearable is None or load.hours is None or load.needed is None:
        return ""
    fields = {
        "wave": load.wave,
        "owner": load.name.get(voice.language) or next(iter(load.name.values()), load.owner),
        "needed": _hours(load.needed, voice),
        "hours": _hours(load.hours, voice),
        "limit": _hours(BORNE * load.hours, voice),
        "rate": rate_told(load.bearable, voice),
        "besides": voice.say("load.besides", waves=", ".join(load.besides)) if load.besides else "",
    }
    if load.bearable >= load.rate:
        return voice.say("load.fits.all" if load.bearable == 1 else "load.fits", **fields)
    if load.bearable == 0:
        return voice.say("load.never", **fields)
    instead = voice.say("load.instead") if load.sized else ""
    return voice.say("load.over", **fields, write=f"{_down(load.bearable):.10g}", instead=instead)


def _percent(share: float, voice: Voice) -> str:
    sign = "%" if voice.language == "en" else "\u00a0%"
    return f"{voice.number(100 * share, 6)}{sign}"


def _number(value: float | None, decimals: int, voice: Voice) -> str:
    return voice.say("none") if value is None else voice.number(value, decimals)


def _hours(value: float | None, voice: Voice) -> str:
    return voice.say("none") if value is None else f"{voice.number(value, 1)}\u00a0h"

"""The status as one page of HTML that holds everything it needs: no script, to be read on a telephone and printed."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symmetry.fieldwork.watching.charting import chart_of
from symmetry.fieldwork.watching.saying import notices_in, teller_of
from symmetry.fieldwork.watching.tabling import audience_grids, head_of, wave_grids

if TYPE_CHECKING:
    from jinja2 import Template

    from symmetry.fieldwork.watching.nouns import Status, WaveStatus
    from symmetry.fieldwork.watching.saying import Teller

__all__ = ["page_of"]

_FOLDER = Path(__file__).parent


def page_of(status: Status, language: str) -> str:
    """A status as a page.

    Parameters
    ----------
    status : of a field.
    language : "fr" or "en".

    Returns
    -------
    HTML, with its style and its charts in it.
    """
    say = teller_of(language)
    waves = [_wave(wave, say.knowing(wave.names)) for wave in status.waves]
    at = f"{say.day(status.at[:10])} {status.at[11:16]}"
    return _template().render(
        say=say.say,
        lang=say.language,
        style=_style(),
        at=at,
        waves=waves,
        notices=notices_in(status, language),
    )


def _wave(wave: WaveStatus, say: Teller) -> dict[str, Any]:
    """What the page tells of a wave."""
    return {
        "key": wave.wave,
        "title": say.read(wave.title),
        "head": head_of(wave, say),
        "grids": wave_grids(wave, say),
        "audiences": [
            {
                "key": each.audience,
                "name": say.say(f"audience.{each.audience}"),
                "charts": [
                    (f"{say.say(series.measure)}, {say.value('channel', series.channel)}", chart_of(series, say))
                    for series in each.volumes
                    if series.days
                ],
                "grids": audience_grids(each, say),
            }
            for each in wave.audiences
        ],
    }


@cache
def _template() -> Template:
    """The page, in which whatever is no markup is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return made.get_template("status.html.j2")


@cache
def _style() -> str:
    return re.sub(r"\s+", " ", (_FOLDER / "status.css").read_text(encoding="utf-8")).strip()

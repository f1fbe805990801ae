"""The status as one page of HTML that holds everything it needs: no script, to be read on a telephone and printed."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.fieldwork.watching.charting import chart_of
from symmetry.fieldwork.watching.saying import teller_of
from symmetry.fieldwork.watching.tabling import audience_grids, head_of, wave_grids

if TYPE_CHECKING:
    from jinja2 import Template

    from symmetry.fieldwork.watching.nouns import Status

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
    waves = [
        {
            "key": wave.wave,
            "title": say.read(wave.title),
            "head": head_of(wave, say),
            "grids": wave_grids(wave, say),
            "audiences": [
                {
                    "key": each.audience,
                    "name": say.say(f"audience.{each.audience}"),
                    "charts": [
                        (f"{say.say(series.measure)}, {series.channel or say.say('unsaid')}", chart_of(series, say))
                        for series in each.volumes
                        if series.days
                    ],
                    "grids": audience_grids(each, say),
                }
                for each in wave.audiences
            ],
        }
        for wave in status.waves
    ]
    at = f"{say.day(status.at[:10])} {status.at[11:16]}"
    return _template().render(
        say=say.say,
        lang=say.language,
        style=_style(),
        at=at,
        waves=waves,
        notices=[say.notice(each) for each in status.attention],
    )


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

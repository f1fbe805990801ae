"""The page of an outlook: what the study will be able to say, in sentences, pictures and tables; one self-contained file.

It computes nothing: chances, samples and the words of both languages come with the outlook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from symmetry.analyse import planner, planner_capacity_saying, planner_saying, planner_words
from symmetry.report.charts import frame
from symmetry.report.charts.outlook import STYLE, Curve, Spot, ground_picture, verdict_curves
from symmetry.report.markup import Html, element, join
from symmetry.report.words import typeset

__all__ = ["outlook_page"]

_FOLDER = Path(__file__).resolve().parent


def outlook_page(found: planner.Outlook, drawn: Mapping[str, pd.DataFrame], *, language: str) -> str:
    """The page as HTML.

    Parameters
    ----------
    found : as `symmetry.analyse.outlook` gives it.
    drawn : `curves` and `ground`, as `write_outlook` gives them.
    language : "fr" or "en".
    """
    voice = planner_saying.voice_of(found, language)
    title = found.title.get(language) or next(iter(found.title.values()), found.study)
    times = voice.say("times", chance=voice.percent(found.chance))
    sections = [
        _opening(found, voice, title),
        _sentences(found, voice),
        _curves(found, drawn["curves"], voice),
        _ground(found, drawn["ground"], voice),
        _loads(found, voice),
        _tables(found, voice, times),
    ]
    style = (_FOLDER / "page" / "style.css").read_text(encoding="utf-8") + STYLE
    head = [
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", _set(f"{voice.say('title')} – {title}", voice)),
        element("style", Html(style)),
    ]
    body = element("body", element("main", *(part for part in sections if part is not None)))
    return f"<!DOCTYPE html>\n{element('html', element('head', *head), body, lang=language)}\n"


def _set(text: str, voice: planner_words.Voice) -> str:
    return typeset(text, voice.language)


def _opening(found: planner.Outlook, voice: planner_words.Voice, title: str) -> Html:
    about = [planner_saying.sample_told(found, voice), planner_saying.assumptions(found, voice)]
    parts = [element("p", _set(text.replace("`", ""), voice), class_="about") for text in about]
    brand = element("p", _set(title, voice), class_="brand")
    return element(
        "section", element("header", brand, element("h1", _set(voice.say("title"), voice)), *parts), id="opening"
    )


def _sentences(found: planner.Outlook, voice: planner_words.Voice) -> Html:
    told = [element("li", _set(text, voice)) for text in planner_saying.sentences(found, voice)]
    return element("section", element("h2", _set(voice.say("sentences"), voice)), element("ul", *told), id="trust")


def _curves(found: planner.Outlook, table: pd.DataFrame, voice: planner_words.Voice) -> Html | None:
    """A small multiple for each margin; none where no margin can have a verdict."""
    panels = [panel for group in planner_saying.deciding(found) if (panel := _panel(group, table, voice)) is not None]
    if not panels:
        return None
    names = ("aligned", "undetermined", "dissonant", "material")
    words = {name: voice.say(name) for name in names}
    legend = frame.legend(
        [(element("span", "", class_=f"tone {name}", aria_hidden="true"), _set(words[name], voice)) for name in names]
    )
    farthest = max(table["gap"] / table["smallest"])
    caption = _set(voice.say("picture.verdicts.means", times=voice.number(farthest, 1)), voice)
    figure = frame.figure(legend, element("div", *panels, class_="multiples"), caption=caption, name="outlook")
    return element("section", element("h2", _set(voice.say("picture.verdicts"), voice)), figure, id="chances")


def _of(group: planner_saying.Group, table: pd.DataFrame) -> pd.DataFrame:
    same = (table["unit"] == group.unit) & (table["smallest"] == group.smallest)
    return table[same & (table["span"] == group.compared[0].span)]


def _panel(group: planner_saying.Group, table: pd.DataFrame, voice: planner_words.Voice) -> Html | None:
    rows = _of(group, table)
    if rows.empty:
        return None
    curves = [
        Curve(row.gap, row.dissonant, row.material, row.aligned)
        for row in rows[["gap", "dissonant", "material", "aligned"]].itertuples(index=False)
    ]
    none, far = rows.iloc[0], rows.iloc[(rows["gap"] - 1.5 * group.smallest).abs().argmin()]
    said = {
        "margin": voice.margin(group.smallest, group.unit),
        "gap": voice.margin(float(far["gap"]), group.unit, bare=True),
        "aligned": voice.percent(none["aligned"]),
        "open": voice.percent(none["undetermined"]),
        "dissonant": voice.percent(far["dissonant"]),
    }
    marks = [
        (times * group.smallest, voice.margin(times * group.smallest, group.unit, bare=True)) for times in (0, 1, 2)
    ]
    return verdict_curves(
        curves,
        group.smallest,
        title=_set(voice.say("head", margin=said["margin"]), voice),
        alt=_set(voice.say("alt", **said), voice),
        axis=_set(voice.say("gap", unit=voice.say(f"unit.{group.unit}")), voice),
        ticks=marks,
        percent=voice.percent,
    )


def _ground(found: planner.Outlook, table: pd.DataFrame, voice: planner_words.Voice) -> Html:
    """How the chance of "aligned" grows with the answers, for each margin."""
    planned = (found.facts.customers.answers, found.facts.employees.answers)
    panels = []
    for group in planner_saying.deciding(found):
        rows = _of(group, table)
        spots = [
            Spot(int(row.customers), int(row.employees), None if row.note else float(row.aligned))
            for row in rows[["customers", "employees", "aligned", "note"]].itertuples(index=False)
        ]
        picture = ground_picture(
            spots,
            planned,
            number=voice.number,
            percent=lambda chance: voice.percent(chance, bare=True),
        )
        head = element("h3", _set(voice.say("head", margin=voice.margin(group.smallest, group.unit)), voice))
        axes = element("p", _set(voice.say("picture.axes"), voice), class_="scale")
        panels.append(element("div", head, axes, picture, class_="panel"))
    caption = _set(voice.say("picture.ground.means"), voice)
    figure = frame.figure(element("div", *panels, class_="pair-of-panels"), caption=caption, name="ground-of-answers")
    return element("section", element("h2", _set(voice.say("picture.ground"), voice)), figure, id="ground")


def _loads(found: planner.Outlook, voice: planner_words.Voice) -> Html | None:
    """What alerts ask of those who call back; nothing where the study says nothing of it."""
    if not found.loads:
        return None
    heads, rows = planner_capacity_saying.load_table(found.loads, voice)
    said = [element("p", *_coded(text, voice)) for text in planner_capacity_saying.load_sentences(found.loads, voice)]
    title = element("h2", _set(voice.say("load"), voice))
    means = element("p", _set(voice.say("load.means"), voice), class_="means")
    cells = [[_set(cell, voice) for cell in row] for row in rows]
    table = frame.table([_set(head, voice) for head in heads[0]], cells, name=voice.say("load"), stacked=True)
    how = planner_capacity_saying.load_how(found.loads, voice)
    aside = element("p", _set(how, voice), class_="aside") if how else ""
    return element("section", title, means, *said, table, aside, id="loads")


def _coded(text: str, voice: planner_words.Voice) -> list[str]:
    """A sentence, what is to be written in a file set as code."""
    parts = text.split("`")
    return [element("code", part) if place % 2 else _set(part, voice) for place, part in enumerate(parts)]


def _tables(found: planner.Outlook, voice: planner_words.Voice, times: str) -> Html:
    """The tables of the terminal, margin by margin."""
    parts: list[Html] = []
    for group in planner_saying.groups(found):
        margin = _set(voice.say("head", margin=voice.margin(group.smallest, group.unit)), voice)
        heads, cells = planner_saying.places_table(found, group, voice)
        names = [" ".join(filter(None, both)) for both in zip(*heads, strict=True)]
        parts += [element("h3", margin), element("p", _set(planner_saying.judged(group, voice), voice), class_="means")]
        parts.append(_table(names, cells, margin, voice))
        parts.append(element("p", _set(voice.say("cheapest", times=times), voice), class_="means"))
        parts.append(_table(*planner_saying.needs_table(group, voice), margin, voice, one=True))
    how = element("p", _set(voice.say("how", times=times).replace("`", ""), voice), class_="aside")
    title = element("h2", _set(voice.say("picture.tables"), voice))
    means = element("p", _set(voice.say("picture.tables.means"), voice), class_="means")
    return element("section", title, means, join(parts), how, id="tables")


def _table(
    heads: Sequence[str] | Sequence[Sequence[str]],
    cells: Sequence[Sequence[str]],
    name: str,
    voice: planner_words.Voice,
    *,
    one: bool = False,
) -> Html:
    titles = [str(head) for head in (heads[0] if one else heads)]
    rows = [
        [_set(cell.strip() if place else _indented(cell), voice) for place, cell in enumerate(row)] for row in cells
    ]
    return frame.table([_set(title, voice) for title in titles], rows, name=name)


def _indented(text: str) -> str:
    """The indent of a row's name, in spaces that HTML keeps."""
    return text.replace("  ", "\u2003", 1) if text.startswith("  ") else text

"""A first draft of a study out of an XLSForm: any form becomes questions of ours, and all that it loses is listed.

The rows are read once from top to bottom, as they are asked.  A form that we exported says in its sheet `_symmetry` what
its questions are for; of a foreign one, roles and kinds of scale are guessed, and each guess is a gap.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from symmetry.errors import Place, SpecError
from symmetry.spec.exchange.drafting import Drafted, Sketch, write_draft
from symmetry.spec.exchange.drafting_scales import key_from
from symmetry.spec.exchange.drafting_texts import unpiped
from symmetry.spec.exchange.nouns import Draft
from symmetry.spec.exchange.xlsform_items import Importer
from symmetry.spec.exchange.xlsform_memory import Memory, read_memory
from symmetry.spec.exchange.xlsform_rows import choices_of, languages_of
from symmetry.spec.exchange.xlsform_sheets import Workbook, read_workbook
from symmetry.spec.forms import PATTERNS
from symmetry.spec.nouns import AUDIENCE_OF, AUDIENCES
from symmetry.spec.texts import Text
from symmetry.spec.validating import nearest

__all__ = ["AUDIENCE_NAMES", "check_audience", "from_xlsform", "house_names", "plain_wave"]

AUDIENCE_NAMES: Mapping[str, Text] = {
    "customers": {"en": "Customers", "fr": "Clients"},
    "employees": {"en": "Employees", "fr": "Salariés"},
    "observers": {"en": "Observers", "fr": "Observateurs"},
}


def from_xlsform(path: Path | str, audience: str = "customers") -> Draft:
    """Read an XLSForm as the first draft of a study.

    Parameters
    ----------
    path : an .xlsx, or an old .xls.
    audience : who answers it: "customers", "employees" or "observers".

    Returns
    -------
    The text of a study.yaml and every gap: what the form says and the draft does not, and what was guessed.

    Raises
    ------
    SpecError : no such file (XCH01), no workbook (XCH02), no sheet `survey` (XCH03) or one without `type` and `name`
        (XCH05), too large (XCH04), no question (XCH08), a package not installed (XCH09), an unknown audience (XCH10).
    """
    check_audience(audience)
    book = read_workbook(Path(path))
    memory = read_memory(book.rows("_symmetry"))
    languages = languages_of(book)
    spoken = tuple(memory.value("study", key, "languages") for key in memory.keys("study"))
    ordered = [code for code in " ".join(spoken).split() if code in languages.all]
    sketch = Sketch(
        key=_key(book, memory),
        title=_title(book, memory, languages.all),
        languages=tuple(dict.fromkeys((*ordered, *languages.all))),
        audiences=_audiences(memory, audience, languages.all),
        origin=Path(path).name,
    )
    for note in languages.notes:
        sketch.gap("survey:1", note)
    if len(languages.all) > 1 and not memory:
        sketch.gap("settings:2", "the title stands in one language for all")
    importer = Importer(sketch, audience, memory, languages, choices_of(book, languages))
    for row in book.rows("survey"):
        importer.row(row)
    if not any(item.role != "frame" for item in sketch.items.values()):
        what = "no row of the sheet `survey` is a question that can be drafted"
        raise SpecError(what, where=Place(f"{path}:survey", 2), mend="check the column `type`", code="XCH08")
    sketch.scales = importer.answers.scales.kept
    _wave(sketch, memory, audience)
    _beside(sketch, memory, importer)
    _remember(sketch, memory, audience)
    for name in book.others:
        sketch.gap(name, "this sheet is not read")
    return write_draft(sketch)


def check_audience(audience: str) -> None:
    """Refuse an audience that no study has."""
    if audience not in AUDIENCES:
        raise SpecError(f"there is no audience `{audience}`", mend=nearest(audience, AUDIENCES), code="XCH10")


def house_names(audience: str, languages: tuple[str, ...]) -> Text:
    """The name of an audience in the languages of a draft, in English where the house does not speak one."""
    names = AUDIENCE_NAMES[audience]
    return {language: names.get(language, names["en"]) for language in languages}


def plain_wave(audience: str) -> dict[str, Any]:
    """The wave of a draft: a cold one, of everything."""
    return {"draft": {"kind": "cold", "audiences": [audience], "items": "all"}}


def _key(book: Workbook, memory: Memory) -> str:
    """The key of the study: its own, else the form's, else the file's."""
    remembered = [key for key in memory.keys("study") if key_from(key) == key]
    settings = next(iter(book.rows("settings")), None)
    named = settings.get("form_id", "id_string", "form_title") if settings else ""
    return remembered[0] if remembered else key_from(named or book.path.stem, prefix="study_")


def _title(book: Workbook, memory: Memory, languages: tuple[str, ...]) -> Text:
    """The title in every language, as far as the form tells it."""
    told = [text for key in memory.keys("study") if (text := memory.said("study", key, "title", languages))]
    settings = next(iter(book.rows("settings")), None)
    title = settings.get("form_title", "title", "set_form_title", "form_id") if settings else ""
    return told[0] if told else dict.fromkeys(languages, title or book.path.stem)


def _audiences(memory: Memory, audience: str, languages: tuple[str, ...]) -> dict[str, Text]:
    """Who answers, and those beside them whose faces the form keeps."""
    said = {key: memory.said("audience", key, "name", languages) for key in AUDIENCES}
    kept = {key: text for key, text in said.items() if text or key == audience}
    return {key: text or house_names(key, languages) for key, text in kept.items()}


def _beside(sketch: Sketch, memory: Memory, importer: Importer) -> None:
    """The outcome of the study, kept beside a form that asks none; the wave then names what it does ask."""
    asked = [item.key for item in sketch.items.values() if item.role != "frame"]
    for key in memory.keys("item"):
        faces = {face: memory.said("item", key, face, sketch.languages) for face in ("customer", "employee")}
        told = {face: unpiped(text) for face, text in faces.items() if text and AUDIENCE_OF[face] in sketch.audiences}
        scale, label = memory.value("item", key, "scale"), memory.said("item", key, "label", sketch.languages)
        fits = told and label and key_from(key) == key and memory.value("item", key, "role") == "outcome"
        if key not in sketch.items and fits and importer.answers.kept(scale):
            sketch.items[key] = Drafted(key, "outcome", label, scale, told)
            for wave in sketch.waves.values():
                wave["items"] = asked


def _remember(sketch: Sketch, memory: Memory, audience: str) -> None:
    """What the sheet `_symmetry` tells beyond single questions: promises, journeys, rotation, customer faces, mirrors."""
    languages = sketch.languages
    promises: dict[str, Text] = {}
    journeys: dict[str, Any] = {}
    for item in sketch.items.values():
        promise, at = str(item.more.get("promise", "")), str(item.more.get("at", ""))
        promises |= {promise: memory.said("promise", promise, "name", languages)} if promise else {}
        if at:
            journey, _, moment = at.partition(".")
            entry = journeys.setdefault(
                journey, {"name": memory.said("journey", journey, "name", languages), "moments": {}}
            )
            name = memory.said("moment", at, "name", languages)
            entry["moments"][moment] = {"channel": memory.value("moment", at, "channel"), "name": name}
        customer = memory.said("item", item.key, "customer", languages)
        if audience == "employees" and "customers" in sketch.audiences and customer and item.faces:
            item.faces = {"customer": unpiped(customer), **item.faces}
            if unpiped(customer) != customer:
                sketch.gap(
                    item.key, "the customers' own words repeat an answer of theirs: `[…]` stands for it", item.key
                )
        item.more["mirror"] = memory.pairs("item", item.key, "mirror")
    sketch.sections |= {"promise": promises, "journeys": journeys}
    blocks = {key: memory.value("rotation", key, "items").split() for key in memory.keys("rotation")}
    kept = {
        key: [name for name in names if name in sketch.items] for key, names in blocks.items() if key_from(key) == key
    }
    kept = {key: names for key, names in kept.items() if len(names) > 1}
    seed = memory.value("rotation", "", "seed")
    if kept and seed.isdigit():
        sketch.sections["rotation"] = {"seed": int(seed), "blocks": kept}


def _wave(sketch: Sketch, memory: Memory, audience: str) -> None:
    """The wave that the form was made for, else one that its author has to date."""
    for key in memory.keys("wave"):
        told = {name: memory.value("wave", key, name) for name in ("kind", "window", "after", "delay")}
        cold = told["kind"] == "cold" and re.fullmatch(PATTERNS["window"], told["window"] or "2027-01-01..2027-01-02")
        hot = told["kind"] == "hot" and told["after"] and re.fullmatch(PATTERNS["wait"], told["delay"])
        names = ("kind", "after", "delay") if hot else ("kind", "window")
        if re.fullmatch(r"[a-z][a-z0-9_-]*", key) and (hot or cold):
            sketch.waves[key] = {name: told[name] for name in names if told[name]} | {
                "audiences": [audience],
                "items": "all",
            }
            return
    sketch.waves = plain_wave(audience)
    sketch.gap(sketch.origin, "when people are asked, and how many, is not said: complete the wave `draft`")

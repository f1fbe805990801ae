"""The page of a study, read back with the standard library's parser: everything the study says is there, and nothing else is."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from symmetry.errors import Place, Problem, SpecError
from symmetry.spec import AUDIENCE_OF, FACES, Study, check, load, pairs, read_yaml
from symmetry.spec.piping import placeholders
from symmetry.spec.showing.rendering import preview
from tests.spec.pages import Element, read_page
from tests.spec.translations import copied

ROOT = Path(__file__).resolve().parents[2]
STUDIES = {
    "full": ROOT / "tests" / "spec" / "full",
    "bank": ROOT / "survey_specs" / "everyday_bank",
    "nyc": ROOT / "survey_specs" / "nyc_schools_2015",
    "sfo": ROOT / "survey_specs" / "sfo_airport_2017",
}
BAD = "<i>\"&'</i> "


@pytest.fixture(scope="module", params=[*STUDIES])
def study(request: pytest.FixtureRequest) -> Study:
    """Each study of the house."""
    return load(STUDIES[request.param])


@pytest.fixture(scope="module")
def full() -> Study:
    """The study that has every key of the grammar."""
    return load(STUDIES["full"])


def item_of(page: Element, key: str) -> Element:
    """The part of a page that shows one item."""
    (found,) = page.find(id=f"item-{key}")
    return found


def as_read(study: Study, words: str, language: str) -> str:
    """A wording as the page shows it: earlier answers by the name of their item, doubled braces single."""
    for name, _ in placeholders(words):
        words = words.replace(f"{{{name}}}", study.items[name.partition(".")[0]].label[language])
    return words.replace("{{", "{").replace("}}", "}")


def tight(text: str) -> str:
    """A text without the layout of its file."""
    return " ".join(text.split())


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_wording_stands_in_its_item(study: Study, lang: str) -> None:
    """Each face of each item, in each language, is in the part of its item, marked with its language and not changed."""
    page = read_page(preview(study, lang=lang))
    for item in (each for each in study.items.values() if each.faces):
        part = item_of(page, item.key)
        shown = {face: part.find("section", class_=face) for face in FACES}
        assert {face: int(face in item.faces) for face in FACES} == {face: len(found) for face, found in shown.items()}
        for face, words in item.faces.items():
            (section,) = shown[face]
            said = {each.attributes["lang"]: each.text() for each in section.find("p")}
            assert {language: as_read(study, text, language) for language, text in words.items()} == said
        label = part.find("h3")[0].text()
        assert all(words in label for words in item.label.values())


def test_every_mirror_is_a_badge_in_plain_words(study: Study) -> None:
    """Each mirrored pair says how it mirrors, in a word and in a few more; the reference has none."""
    page = read_page(preview(study, lang="en"))
    found = {
        (part.attributes["id"].removeprefix("item-"), section.attributes["class"].split()[1]): badge
        for part in page.find("article")
        for section in part.find("section")
        for badge in section.find(class_="badge")
        if "turned" not in badge.attributes["class"]
    }
    assert {(pair.item, pair.b): pair.mirror for pair in pairs(study)} == {
        key: badge.attributes["class"].split()[1] for key, badge in found.items()
    }
    assert all(len(badge.text().split()) >= 2 for badge in found.values())


def test_answers_are_drawn_as_they_will_be_chosen(full: Study) -> None:
    """Codes in one row, low to high; the words of the ends and of every code; missing answers apart from them."""
    page = read_page(preview(full, lang="en"))
    for item in (each for each in full.items.values() if each.faces):
        drawn = item_of(page, item.key).find(class_="answers")
        used = [item.scales.get(face, item.scale) for face in FACES if face in item.faces]
        scales = list({scale.key: scale for scale in used if scale}.values())
        assert [scale.key for scale in scales] == [each.find("code")[0].text() for each in drawn]
        for scale, part in zip(scales, drawn, strict=True):
            codes = [code.text() for row in part.find("ol") for code in row.find("b")]
            whole = scale.rated and scale.kind != "percent"
            assert ([str(code) for code in range(int(scale.low), int(scale.high) + 1)] if whole else []) == codes
            said = tight(part.text())
            words = [word for ends in [*scale.ends.values(), *scale.labels.values()] for word in ends]
            words += [word for choice in scale.choices.values() for word in choice.values()]
            assert [] == [word for word in words if word not in said]
            apart = [each.find("b")[0].text() for row in part.find(class_="missing") for each in row.find("li")]
            numbers = scale.rated or scale.kind == "number"
            assert [str(code) if numbers else reason for reason, code in scale.missing.items()] == apart


def test_the_page_tells_everything_else_the_study_says(full: Study) -> None:
    """Referential, waves, samples, rules, owners, weights, plan, blocks, grids and waivers are all there to approve."""
    said = tight(read_page(preview(full, lang="en")).text())
    texts: list[str] = [
        *full.title.values(),
        full.source["en"],
        full.digest,
        full.digest[:12],
        "seed 2027",
        "attitudes",
    ]
    for found in (full.service, full.management, full.cooperation):
        assert found is not None
        texts += [word for text in (found.promise, *found.attitudes.values()) for word in text.values()]
        for moment in found.moments.values():
            every = (moment.name, moment.emotion, *moment.rituals, *moment.cues)
            texts += [word for text in every for word in text.values()]
    texts += [word for owner in full.owners.values() for word in owner.name.values()]
    texts += [word for grid in full.grids.values() for word in grid.title.values()]
    texts += [reason for item in full.items.values() for reason in item.waived.values()] + [*full.waived.values()]
    texts += [target.source for targets in full.targets.values() for target in targets]
    texts += [
        "1 March 2027 to 21 March 2027",
        "reminders after 4 days and 9 days",
        "2 h after visit.closed",
        "30% of the events",
        "10% of them, drawn at random: 7 days after",
        "Votre visite à l'agence",
        "Your answers are read by the team that received you.",
        "Your visit to the branch: a minute to tell us.",
        "Nothing after an event in the 14 days before",
        "6 h a day to call people back",
        "If it waits, after four fifths of that time, this is told to: Head of quality.",
    ]
    texts += [
        "as many in each",
        "one in so many, from a random start",
        "sorted by main channel",
        "in 12 units (home branch) drawn in proportion to number of desks",
        "chances in proportion to number of desks",
    ]
    texts += ["at most 400 per region and month", "6,000 people", "everybody", "At least 90 days", "09:00 and 19:30"]
    texts += [
        "fewer than 10 people",
        "kept 365 days",
        "kept 90 days",
        "no weight above 5 times",
        "within their own unit alone",
    ]
    texts += [
        "0.3 scale points · 5 percentage points · 10 points of NPS",
        "called back within 24 h, closed within 48 h",
    ]
    assert [] == [text for text in texts if tight(text) not in said]


def test_the_matrix_shows_what_covers_each_promise(full: Study) -> None:
    """Under each promise stand its items, with one mark for each face that asks; a face left out on purpose says so."""
    page = read_page(preview(full, lang="en"))
    table = page.find("table", class_="matrix")[0]
    heads = len(table.find("thead")[0].find("th")) - 1
    assert [face for face in FACES if AUDIENCE_OF[face] in full.audiences] == [
        cell.attributes["class"] for cell in table.find("thead")[0].find("th")[1:]
    ]
    bodies = dict(zip(full.promise, table.find("tbody"), strict=True))
    for promise, body in bodies.items():
        head, *rows = body.find("tr")
        under = [item for item in full.items.values() if item.promise == promise]
        assert [f"#item-{item.key}" for item in under] == [row.find("a")[0].attributes["href"] for row in rows]
        counts = [sum(face in item.faces for item in under) for face in FACES]
        assert counts == [int(cell.text()) for cell in head.find("td")]
        for item, row in zip(under, rows, strict=True):
            marks = [cell.find("span", class_="mark") for cell in row.find("td")]
            assert heads == len(marks)
            shown = [mark[0].attributes["class"].split()[1] if mark else "" for mark in marks]
            wanted = [item.mirrors.get(face, "asked") if face in item.faces else "" for face in FACES]
            if item.waived:
                wanted = [
                    mark or ("waived" if face != "observer" else "") for mark, face in zip(wanted, FACES, strict=True)
                ]
            assert wanted == shown


def test_remarks_stand_at_their_item(tmp_path: Path) -> None:
    """A problem inside an item is shown there, with its remedy; any other at the top; each once."""
    folder = copied(tmp_path / "full")
    file = folder / "study.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "fr: Les tarifs sont clairs.", "fr: Les tarifs ne sont pas clairs.", 1
    )
    file.write_text(text, encoding="utf-8")
    found = check(folder)
    line = 1 + text[: text.index("  explained:\n")].count("\n")
    assert found
    assert all(problem.where and problem.where.line >= line for problem in found)
    above = Problem(Place(file, 5, 1), "the title is `odd` <b>", "mend it", "XXX01", "warning")
    foreign = Problem(Place(folder / "i18n" / "de.po", line, 1), "elsewhere", "", "XXX02", "error")
    page = read_page(preview(load(folder), [above, *found, foreign], lang="en"))
    (top,) = page.find(id="problems")
    assert ["XXX01", "XXX02"] == [each.find("code")[0].text() for each in top.find("li")]
    assert "study.yaml:5 the title is odd <b>" in tight(top.find("li")[0].text())
    here = item_of(page, "explained").find(class_="remarks")[0].find("li")
    assert [(each.code, each.what.replace("`", "")) for each in found] == [
        (each.find("code")[0].text(), each.find(lang="en")[0].text()) for each in here
    ]
    assert len(found) + 2 == len(page.find("li", class_="warning")) + len(page.find("li", class_="error"))


def test_texts_of_the_study_are_never_markup(tmp_path: Path) -> None:
    """Angle brackets, quotes and ampersands in any text of a study are shown as they are."""
    folder = copied(tmp_path / "full")
    file = folder / "study.yaml"

    def spoiled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bad(each) if key in ("fr", "en") else spoiled(each) for key, each in value.items()}
        return [spoiled(each) for each in value] if isinstance(value, list) else value

    def bad(value: Any) -> Any:
        return [BAD + each for each in value] if isinstance(value, list) else BAD + value

    data = spoiled(read_yaml(file).data)
    data["items"]["explained"]["waive"]["MIR12"] += BAD
    file.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    study = load(folder)
    page = read_page(preview(study, check(folder), lang="fr"))
    assert [] == page.find("i")
    said = page.text()
    words = [word for item in study.items.values() for text in item.faces.values() for word in text.values()]
    assert [] == [word for word in words if "{" not in word and word not in said]
    assert BAD + "Une petite banque" in page.find("title")[0].text()


def test_the_page_stands_alone(study: Study) -> None:
    """No address outside the page, no script, no style of an element; the policy allows nothing but the page's own sheet."""
    text = preview(study, check(study.path))
    page = read_page(text)
    addresses = [value for each in page.walk() for name, value in each.attributes.items() if name in ("href", "src")]
    ids = [each.attributes["id"] for each in page.walk() if "id" in each.attributes]
    assert [] == [address for address in addresses if address.removeprefix("#") not in ids]
    assert sorted(set(ids)) == sorted(ids)
    names = {name for each in page.walk() for name in each.attributes}
    assert not {name for name in names if name.startswith("on")} | (names & {"style", "srcset", "action"})
    assert [] == page.find("script") + page.find("link") + page.find("img") + page.find("iframe")
    (style,) = page.find("style")
    assert not re.search(r"url\(|@import|https?:", style.text())
    policy = page.find("meta")[1].attributes["content"]
    digest = base64.b64encode(hashlib.sha256(style.text().encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'" == policy
    assert str(study.path.parent) not in text
    assert len(text.encode()) <= 300_000


def test_the_demonstration_is_large_enough_to_say_so() -> None:
    """The limit of 300 kB is held by a study of at least 24 items in up to five faces and two languages."""
    study = load(STUDIES["bank"])
    assert len([item for item in study.items.values() if item.faces]) >= 24
    assert len(preview(study).encode()) <= 300_000


def test_the_same_study_gives_the_same_bytes() -> None:
    """Two runs in processes of their own, with other hash seeds, write the same page."""
    code = (
        "import sys; from symmetry.spec import check, load; from symmetry.spec.showing.rendering import preview; "
        f"sys.stdout.buffer.write(preview(load({str(STUDIES['full'])!r}), check({str(STUDIES['full'])!r})).encode())"
    )
    pages = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
        ).stdout
        for seed in ("1", "2")
    ]
    assert pages[0] == pages[1]
    assert preview(load(STUDIES["full"]), check(STUDIES["full"])).encode() == pages[0]


def test_the_page_speaks_the_language_asked(full: Study) -> None:
    """French or English, by default the source's; what it cannot speak is refused."""
    french, english = read_page(preview(full)), read_page(preview(full, lang="en"))
    assert ("fr", "en") == (french.find("html")[0].attributes["lang"], english.find("html")[0].attributes["lang"])
    assert ("Approbation", "Approval") == tuple(page.find(id="h-approval")[0].text() for page in (french, english))
    with pytest.raises(SpecError, match="SHO01"):
        preview(full, lang="de")


def test_languages_can_be_chosen_without_a_script(full: Study) -> None:
    """A button for each language hides the texts of the others, by the style sheet alone."""
    page = read_page(preview(full))
    assert ["show-all", "show-0", "show-1"] == [each.attributes["id"] for each in page.find("input")]
    assert ["show"] * 3 == [each.attributes["name"] for each in page.find("input")]
    sheet = page.find("style")[0].text()
    assert "body:has(#show-1:checked) .t:not(.l1) { display: none; }" in sheet
    classes = {(each.attributes["lang"], each.attributes["class"]) for each in page.find(class_="t")}
    assert {("fr", "t l0"), ("en", "t l1")} == classes

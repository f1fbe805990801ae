"""The status of a field whole: what needs attention and what does not, the verb and its exit codes, the page in a browser."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from importlib.metadata import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from rich.console import Console
from sqlalchemy import select, update

from symmetry.cli import main, watching
from symmetry.errors import DataError
from symmetry.fieldwork.store.closing import close_wave
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.tables import CASES, FIELD, OUTBOX
from symmetry.fieldwork.watching import noticing, status, tabling
from symmetry.fieldwork.watching.nouns import Names, Status
from symmetry.fieldwork.watching.paging import page_of
from symmetry.fieldwork.watching.saying import json_of, notices_in, teller_of
from symmetry.fieldwork.watching.status import status_of
from tests.fieldwork.store import waves
from tests.fieldwork.watching import exhibit
from tests.fieldwork.watching.conftest import Month
from tests.fieldwork.web.browsers import ABSENT, opened, program

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

CUT = """[...document.querySelectorAll('.wide, tbody td, tbody th')].filter(
    each => each.scrollWidth > each.clientWidth + 1).map(each => each.textContent)"""
WORDS = Path(status.__file__).parent / "words"


@pytest.fixture(scope="module")
def whole(month: Month) -> Status:
    """The status of the month, with the study's expectations."""
    return status_of(month.store, exhibit.NOW, study=month.study)


def test_what_was_planted_needs_attention(whole: Status) -> None:
    """The day on which the telephone was shut, and owners with half an hour a day."""
    keys = {(each.wave, each.key) for each in whole.attention}
    assert {("hot", "contacts.day.below"), ("hot", "overload")} <= keys
    shut = next(each for each in whole.attention if each.key == "contacts.day.below")
    assert ("phone", "2027-03-20", 22) == (shut.facts["channel"], shut.facts["day"], shut.facts["low"])
    assert {"cold"} & {wave for wave, _ in keys} == set()


def test_signals_pass_after_a_week_and_with_the_wave(whole: Status) -> None:
    """What strayed eight days ago stands in the tables alone; a closed wave's volumes ask for nothing."""
    hot = next(each for each in whole.waves if each.wave == "hot")
    assert "contacts.day.below" in {each.key for each in noticing.notices_of(hot)}
    later = replace(hot, until=hot.until + timedelta(days=noticing.RECENT))
    assert not any(each.key.startswith(("contacts", "answers")) for each in noticing.notices_of(later))
    closed = {each.key for each in noticing.notices_of(replace(hot, state="closed"))}
    assert closed <= {"late.call", "late.close"}


def test_late_cases_and_letters_need_attention(filled: Store) -> None:
    """Nobody was called back, and nothing was sent."""
    with to_write(filled.field) as connection:
        connection.execute(update(CASES).values(called_back=None, closed=None))
        connection.execute(update(OUTBOX).values(state="planned"))
        n = len(connection.execute(select(CASES.c.case)).all())
    found = {each.key: each.facts for each in status_of(filled, exhibit.NOW + timedelta(days=9)).attention}
    assert {"n": n} == found["late.call"] == found["late.close"]
    assert found["overdue"]["n"] > 100


def test_owners_who_were_not_told_need_attention(filled: Store) -> None:
    """Cases that nobody heard of for an hour, with the name of the owner."""
    with to_write(filled.field) as connection:
        connection.execute(update(CASES).values(told=None, closed=None))
        n = len(connection.execute(select(CASES.c.case)).all())
    found = status_of(filled, exhibit.NOW + timedelta(days=1))
    assert [{"n": n, "owners": "manager"}] == [each.facts for each in found.attention if each.key == "untold"]
    assert any("(Branch manager) were not told" in each for each in notices_in(found, "en"))


def test_hours_of_an_owner_are_summed_over_open_waves(whole: Status) -> None:
    """Two waves that ask 15 hours each of one who has 22: one notice, none of them alone; a closed wave asks for nothing."""
    hot = next(each for each in whole.waves if each.wave == "hot")
    alerts = (replace(hot.alerting[0], hours=15.0, capacity=22.0),)
    one, two = (replace(hot, wave=each, alerting=alerts) for each in ("hot", "warm"))
    facts = {"owner": "manager", "hours": 30.0, "capacity": 22.0, "waves": "hot, warm"}
    assert [facts] == [each.facts for each in noticing.overloads((one, two))]
    assert [] == [*noticing.overloads((one,)), *noticing.overloads((one, replace(two, state="closed")))]
    assert [] == list(noticing.overloads((one, replace(two, study="other"))))


def test_the_study_names_things_in_its_own_words(whole: Status) -> None:
    """Frame items, their values, questions and owners by their labels in the language of the page, never by keys."""
    hot = tuple(each for each in whole.waves if each.wave == "hot")
    told = page_of(replace(whole, waves=hot), "fr").partition("<body>")[2]
    page = unescape(re.sub(r"<[^>]+>", "\n", told))
    words = set(page.split("\n"))
    said = {
        "Taux de réponse\xa0: Région",
        "Taux de réponse\xa0: Canal",
        "Nord",
        "Agence",
        "Contacts, Téléphone",
        "Accueil",
    }
    assert said | {"Responsable d’agence", "Région\xa0: Nord"} <= words
    assert not re.search(r"\b(north|south|isles|branch|phone|manager|welcomed|region)\b", page)
    say = teller_of("fr").knowing(Names(values=hot[0].names.values, by={"employees": ("region", "channel")}))
    assert "Nord × Agence, Sud × x, east" == say.group("employees", "north × branch, south × x, east")


def test_watching_changes_nothing(filled: Store, tmp_path: Path) -> None:
    """No row of any table is other than before, and no file is new."""

    def everything() -> list[object]:
        with filled.field.connect() as connection:
            return [connection.execute(select(table)).all() for table in FIELD.sorted_tables]

    before, there = everything(), sorted(each.name for each in filled.folder.iterdir())
    status_of(filled, exhibit.NOW, study=exhibit.study_in(tmp_path))
    after = everything()
    assert (before, there) == (after, sorted({*there, *(each.name for each in filled.folder.iterdir())}))


def test_a_closed_wave_counts_to_its_close(store: Store, tmp_path: Path) -> None:
    """And a rehearsed one to the eve of the day that stands for today."""
    study = exhibit.study_in(tmp_path)
    exhibit.employees(store, study)
    close_wave(store, "cold", now=exhibit.NOW)
    (found,) = status_of(store, exhibit.NOW + timedelta(days=60)).waves
    assert ("closed", "2027-03-22") == (found.state, found.until.isoformat())
    assert found.audiences[0].dispositions.told


def test_a_store_without_a_wave_stands_well(store: Store) -> None:
    """Nothing to tell, nothing to do."""
    found = status_of(store, exhibit.NOW)
    assert ((), ()) == (found.waves, found.attention)
    assert "Nothing needs attention" in page_of(found, "en")


@pytest.mark.parametrize(("which", "code"), [({"wave": "warm"}, "WAT01"), ({"study": "small"}, "WAT02")])
def test_another_wave_or_study_is_refused(store: Store, tmp_path: Path, which: dict[str, str], code: str) -> None:
    """By name, with those that are there."""
    exhibit.employees(store, exhibit.study_in(tmp_path))
    study = waves.study_with(tmp_path) if "study" in which else None
    with pytest.raises(DataError) as refused:
        status_of(store, exhibit.NOW, study=study, wave=which.get("wave"))
    assert code == refused.value.problems[0].code


def test_both_languages_say_the_same_things() -> None:
    """The same keys with the same gaps in them."""
    english, french = (yaml.safe_load((WORDS / f"{each}.yaml").read_text("utf-8")) for each in ("en", "fr"))

    def gaps(said: str) -> list[str]:
        return sorted(re.findall(r"{(\w+)}", said))

    assert list(english) == list(french)
    assert {key: gaps(said) for key, said in english.items()} == {key: gaps(said) for key, said in french.items()}


def test_every_notice_has_words(whole: Status) -> None:
    """Whatever may need attention is a sentence in both languages, with no gap left."""
    facts = {"channel": "", "day": "2027-03-20", "n": 3, "mean": 40.0, "low": 22, "high": 60, "share": 0.9, "of": 90}
    facts |= {"target": 0.97, "owner": "manager", "hours": 0.7, "capacity": 0.5, "waves": "hot"}
    facts["owners"] = "manager"
    keys = [
        key.removesuffix(".notice")
        for key in yaml.safe_load((WORDS / "en.yaml").read_text("utf-8"))
        if key.endswith(".notice")
    ]
    assert {each.key for each in whole.attention} <= set(keys)
    measures = {
        f"{m}.{k}.{s}" for m in ("contacts", "answers") for k in ("day", "week", "run") for s in ("above", "below")
    }
    assert measures | {
        "share.delivered",
        "share.bounced",
        "share.opted out",
        "overdue",
        "overload",
        "late.call",
        "late.close",
        "untold",
    } == set(keys)
    for language in ("en", "fr"):
        for key in keys:
            said = teller_of(language).notice(replace(whole.attention[0], key=key, facts=facts))
            assert "{" not in said


def test_the_json_holds_what_the_tables_do(whole: Status) -> None:
    """Figures as numbers, days as texts, attention in words of both languages."""
    facts = json.loads(json_of(whole))
    hot = next(each for each in facts["waves"] if each["wave"] == "hot")
    found = next(each for each in whole.waves if each.wave == "hot").audiences[0]
    assert found.dispositions.rates.rr1 == hot["audiences"][0]["dispositions"]["rates"]["rr1"]
    assert len(found.volumes[0].days) == len(hot["audiences"][0]["volumes"][0]["days"])
    assert all(each["en"] and each["fr"] for each in facts["attention"])


def test_no_table_of_employees_tells_of_a_day_or_a_person(whole: Status) -> None:
    """No volume, no time, no break-off, no rest; a state of groups alone."""
    cold = next(each for each in whole.waves if each.wave == "cold")
    (found,) = cold.audiences
    assert ((), (), None, None, (), None) == (
        found.volumes, found.rests, found.pace.sent, found.pace.begun, found.pace.stops, found.pace.durations
    )  # fmt: skip
    assert () == cold.alerting
    assert "e-0" not in json_of(whole)


def test_the_verb_prints_tabs_and_leaves_with_four(
    filled: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text is one line a row with tabs between cells; --page writes the page; attention is exit code 4, else 0."""
    page = tmp_path / "status.html"
    monkeypatch.setattr("symmetry.fieldwork.now_of", lambda _: exhibit.NOW)
    options = ["field", "status", "--store", str(tmp_path / "store"), "--study", str(tmp_path / "branch")]
    assert 4 == main([*options, "--page", str(page)])  # in the study's first language
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split("\t")[:3] == ["hot/customers", "Taux de réponse", "RR1"] for line in lines)
    assert '<html lang="fr">' in page.read_text("utf-8")
    assert 4 == main([*options, "--lang", "en"])
    assert "Response rates" in capsys.readouterr().out
    assert 0 == main([*options, "--wave", "cold", "--format", "json"])
    assert [] == json.loads(capsys.readouterr().out)["attention"]


def test_no_cell_of_a_table_is_left_out(whole: Status) -> None:
    """Every row of every table has as many cells as its head, in both languages."""
    for language in ("en", "fr"):
        say = teller_of(language)
        for wave in whole.waves:
            grids = [
                *tabling.wave_grids(wave, say),
                *(g for each in wave.audiences for g in tabling.audience_grids(each, say)),
            ]
            assert len(grids) > 3 or wave.wave == "cold"
            assert all(len(row) == len(grid.head) for grid in grids for row in grid.rows)


def test_a_terminal_shows_every_cell(whole: Status) -> None:
    """Drawn with rich at eighty columns, no word is cut; titles and notes stand whole above and below."""
    say = teller_of("en")
    console = Console(width=80, record=True, file=io.StringIO())
    grids = [grid for wave in whole.waves for each in wave.audiences for grid in tabling.audience_grids(each, say)]
    for grid in grids:
        console.print(watching.drawn("hot", grid))
    shown = console.export_text()
    assert "…" not in shown
    assert "Links were handed out by other means: everybody invited counts as asked." in shown
    for grid in grids:
        assert f"hot: {grid.title}" in shown
        assert all(word in shown for row in grid.rows for cell in row for word in cell.split())


def test_the_page_is_whole_in_a_browser(whole: Status) -> None:
    """Axe finds nothing against it, nothing is cut on a small phone or a desk, and it asks nothing of any server."""
    if program() is None:
        pytest.skip(ABSENT)
    axe = next(path for path in files("axe-playwright-python") or () if path.name == "axe.min.js").read_text("utf-8")
    with opened() as browser:
        tab = browser.new_page(viewport={"width": 390, "height": 800})
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        for language in ("en", "fr"):
            tab.set_content(page_of(whole, language))
            for width in (320, 390, 1280):
                tab.set_viewport_size({"width": width, "height": 800})
                assert width >= tab.evaluate("document.documentElement.scrollWidth")
                assert [] == tab.evaluate(CUT)
            tab.evaluate(axe)
            found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
            assert [] == [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]
        assert [] == asked

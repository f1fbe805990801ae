"""Whether those who call back can bear the alerts of hot waves: the practice's own figures, by hand; what is lacking is named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from symmetry import spec
from symmetry.analyse.planner import Outlook, outlook
from symmetry.analyse.planner_capacity import LOADS, Load, capacity
from symmetry.analyse.planner_capacity_saying import load_how, load_sentences, load_table, rate_told
from symmetry.analyse.planner_telling import tell
from symmetry.analyse.planner_words import Voice
from symmetry.analyse.planner_writing import write_outlook
from symmetry.cli import main
from symmetry.fieldwork.watching.capacity import load_hours
from symmetry.report.outlook_page import outlook_page
from symmetry.spec import Sampling, Study
from symmetry.spec.running import Alert, Expectation, ExpectedHot, Wave
from tests.spec.pages import read_page

ROOT = Path(__file__).parents[2]
MET = ExpectedHot({"branch": 1200.0, "phone": 1800.0}, 0.97, 0.15, {"detractor": 0.18})


def bank(
    met: Mapping[str, ExpectedHot] | None = None,
    *,
    hours: float | None = 13.5,
    rate: float | None = 0.3,
    **alerts: Alert,
) -> Study:
    """The demonstration, whose hot wave asks about a share of the events."""
    study = spec.load(ROOT / "survey_specs" / "everyday_bank")
    plan = study.registered
    expected = replace(plan.expected or Expectation(), hot={"hot": MET} if met is None else met)
    plan = replace(plan, expected=expected, alerts={**plan.alerts, **alerts})
    owners = {**study.owners, "branch_manager": replace(study.owners["branch_manager"], hours=hours)}
    waves = {**study.waves, "hot": asking(study.waves["hot"], rate)}
    return replace(study, registered=plan, owners=owners, waves=waves)


def asking(wave: Wave, rate: float | None, key: str = "hot") -> Wave:
    """A hot wave that asks about a share of the events."""
    return replace(wave, key=key, sample={}, sampling={"customers": Sampling(rate=rate)})


def only(study: Study) -> Load:
    """The load of the one wave and owner."""
    (load,) = capacity(study)
    return load


def test_the_worked_example_is_told() -> None:
    """3,000 a day at 0.30: 23.6 alerts, 32 on a full day, 10.7 hours; of 13.5 hours four fifths bear a rate of 0.307."""
    load = only(bank())
    assert ("hot", "branch_manager", 0.3, 3000.0, 32) == (load.wave, load.owner, load.rate, load.contacts, load.most)
    assert (23.6, 10.7, 0.307) == (round(load.alerts or 0, 1), round(load.needed or 0, 1), round(load.bearable or 0, 3))
    assert () == load.lacking


def test_a_wave_that_names_no_rate_asks_everybody() -> None:
    """Alerts are those of all events, and a wave with a number of people says that it is to have a rate instead."""
    study = bank(rate=None)
    assert (1.0, 78.57) == (only(study).rate, round(only(study).alerts or 0, 2))
    sized = replace(study.waves["hot"], sample={"customers": 3000})
    load = only(replace(study, waves={**study.waves, "hot": sized}))
    (told,) = load_sentences([load], Voice("en"))
    assert "`rate: 0.3` in its `sample` in place of `size`" in told


@pytest.mark.parametrize(
    ("met", "hours", "lacking"),
    [
        (replace(MET, contacts={}), 6.0, ("plan.expect.hot.hot.contacts",)),
        (replace(MET, delivered=None), 6.0, ("plan.expect.hot.hot.delivered",)),
        (replace(MET, response=None), 6.0, ("plan.expect.hot.hot.response",)),
        (replace(MET, alerts={}), 6.0, ("plan.expect.hot.hot.alerts.detractor",)),
        (MET, None, ("owners.branch_manager.hours",)),
    ],
    ids=["contacts", "delivered", "response", "alerts", "hours"],
)
def test_what_nobody_says_is_never_made_up(met: ExpectedHot, hours: float | None, lacking: tuple[str, ...]) -> None:
    """A number that needs it stays out, and the line of the study that would bring it is named, in both languages."""
    load = only(bank({"hot": met}, hours=hours))
    assert lacking == load.lacking
    assert load.bearable is None
    assert (hours is None) == (load.alerts is not None) == (load.needed is not None)
    for language in ("en", "fr"):
        told = load_sentences([load], Voice(language))
        assert f"`{lacking[0]}: …`" in told[-1]
        assert "None" not in "".join(told + [cell for row in load_table([load], Voice(language))[1] for cell in row])


def test_a_study_that_says_nothing_of_it_gets_nothing_new() -> None:
    """Without expected events and without hours there is no load, no line, no table and no section."""
    study = bank({}, hours=None)
    assert () == capacity(study)
    found = planned(study)
    assert "Calling people back" not in tell(found, language="en")
    assert [] == read_page(outlook_page(found, drawn(found), language="en")).find("section", id="loads")


def test_hours_alone_ask_for_the_rest() -> None:
    """An owner with hours and nothing expected: the lines to add are named."""
    load = only(bank({}))
    assert [
        f"plan.expect.hot.hot.{each}" for each in ("contacts", "delivered", "response", "alerts.detractor")
    ] == list(load.lacking)


def test_alerts_of_one_owner_are_added() -> None:
    """Two alerts of different lengths: the load is that of both, and only the alerts that the wave can raise count."""
    slow = Alert("slow", "satisfied <= 1", "branch_manager", 24.0, 48.0, minutes=45.0)
    never = Alert("never", "fair <= 1", "branch_manager", 24.0, 48.0)
    met = replace(MET, alerts={"detractor": 0.18, "slow": 0.05})
    load = only(bank({"hot": met}, slow=slow, never=never))
    answers = 3000 * 0.3 * 0.97 * 0.15
    assert load_hours([(answers * 0.18, 20.0), (answers * 0.05, 45.0)]) == pytest.approx(load.needed)
    assert answers * 0.23 == pytest.approx(load.alerts)
    assert (20.0, 45.0) == load.minutes


def test_another_wave_of_the_same_owner_takes_its_part() -> None:
    """Two hot waves share the hours: each bears what the other one, at its own rate, leaves."""
    study = bank({"hot": MET, "warm": MET})
    study = replace(study, waves={**study.waves, "warm": asking(study.waves["hot"], 0.1, "warm")})
    hot, warm = capacity(study)
    assert (("warm",), ("hot",)) == (hot.besides, warm.besides)
    assert hot.needed == warm.needed == pytest.approx(load_hours([(0.4 * 78.57, 20.0)]))
    alone = only(bank()).bearable or 0
    assert (round(alone - 0.1, 9), round(alone - 0.3, 9)) == (round(hot.bearable or 0, 9), round(warm.bearable or 0, 9))
    assert "on a full day (with those of warm)" in load_sentences([hot], Voice("en"))[0]


@pytest.mark.parametrize(
    ("rate", "hours", "english", "french"),
    [
        (0.3, 6.0, "too much", "trop"),
        (0.1, 13.5, "they are borne, up to 30% of the events", "c'est tenable, jusqu'à 30\u00a0%"),
        (0.3, 80.0, "everybody can be asked", "tous peuvent être sollicités"),
    ],
)
def test_the_verdict_is_said_in_both_languages(rate: float, hours: float, english: str, french: str) -> None:
    """Too much with what to write instead, borne up to a rate, or everybody."""
    load = only(bank(rate=rate, hours=hours))
    assert english in load_sentences([load], Voice("en"))[0]
    assert french in load_sentences([load], Voice("fr"))[0]


def test_hours_that_are_taken_already_leave_nobody() -> None:
    """Where another wave takes all there is, nobody can be asked, and it is said so."""
    load = replace(only(bank()), bearable=0.0, besides=("warm",))
    assert "nobody can be asked" in load_sentences([load], Voice("en"))[0]
    assert "personne ne peut" in load_sentences([load], Voice("fr"))[0]


@pytest.mark.parametrize("bearable", [0.3999999, 0.0123456, 0.00099, 0.07])
def test_a_printed_rate_is_never_more_than_is_borne(bearable: float) -> None:
    """Two digits that matter, rounded down, and no further than a tenth below."""
    told = float(rate_told(bearable, Voice("en")).rstrip("%")) / 100
    assert 0.9 * bearable <= told <= bearable + 1e-12


def planned(study: Study) -> Outlook:
    """A quick outlook: one comparison, one margin, no search for samples."""
    one = replace(study.registered.comparisons[0], smallest=study.registered.comparisons[0].smallest[:1])
    return outlook(replace(study, registered=replace(study.registered, comparisons=(one,))), samples=False)


def drawn(found: Outlook) -> Any:
    """What the pictures of the page are drawn from."""
    from symmetry.analyse.planner_writing import curves, ground

    return {"curves": curves(found), "ground": ground(found)}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_terminal_and_page_say_the_same(language: str) -> None:
    """Every cell of the table and what the numbers stand on are in the text and on the page, on lines of at most 80."""
    found = planned(bank())
    voice = Voice(language)
    cells = [cell for row in load_table(found.loads, voice)[1] for cell in row]
    text = tell(found, language=language)
    assert max(map(len, text.splitlines())) <= 80
    (section,) = read_page(outlook_page(found, drawn(found), language=language)).find("section", id="loads")
    for said in (text, section.text()):
        words = " ".join(said.replace("\u2019", "'").split())
        assert [] == [cell for cell in cells[1:] if " ".join(cell.split()) not in words]
    assert " ".join(load_how(found.loads, voice).split()) in " ".join(text.split())


def test_files_and_json_hold_the_loads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`loads.csv` and its hash are written where there are loads; `--format json` gives the same numbers."""
    write_outlook(planned(bank()), tmp_path)
    lines = (tmp_path / "loads.csv").read_text("utf-8").splitlines()
    assert [",".join(LOADS), 2] == [lines[0], len(lines)]
    assert "loads" in json.loads((tmp_path / "manifest.json").read_text("utf-8"))["tables"]
    assert 0 == main(["plan", str(ROOT / "survey_specs" / "everyday_bank"), "--format", "json", "--gaps", "0,1"])
    (row,) = json.loads(capsys.readouterr().out)["loads"]
    load = only(spec.load(ROOT / "survey_specs" / "everyday_bank"))
    assert (load.wave, load.owner, load.most, round(load.bearable or 0, 6)) == (
        row["wave"],
        row["owner"],
        row["most"],
        row["bearable"],
    )

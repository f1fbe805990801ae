"""What fielded waves no longer allow: each edit of the table of changes, and what only follows from another."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from symmetry.errors import Problem
from symmetry.spec import load, read_yaml
from symmetry.spec.changing.comparing import changes
from symmetry.spec.changing.guarding import check_fielded
from symmetry.spec.changing.holding import HELD
from symmetry.spec.changing.rules import RULES
from symmetry.spec.changing.sealing import seal
from tests.spec.two_versions import FULL, cases, edited, small_bank


@pytest.fixture(scope="module")
def fielded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sealed files of the three waves of the small bank."""
    folder = tmp_path_factory.mktemp("fielded") / "small_bank"
    edited(folder)
    study = load(folder)
    for wave in study.waves:
        seal(study, wave, on="2027-02-01")
    return folder / "fielded"


def problems(fielded: Path, folder: Path, *edits: tuple[str, str]) -> list[Problem]:
    """What fielded waves say of the small bank after some edits."""
    edited(folder, *edits)
    shutil.copytree(fielded, folder / "fielded")
    return check_fielded(load(folder, fielded=False), read_yaml(folder / "study.yaml"))


def test_what_was_fielded_has_no_problem(fielded: Path, tmp_path: Path) -> None:
    """The study as it was, and the study without a fielded wave."""
    assert [] == problems(fielded, tmp_path / "bank")
    assert [] == check_fielded(small_bank(), read_yaml(FULL / "study.yaml"))


@pytest.mark.parametrize("made", cases(), ids=lambda made: f"{made['rule']}-{made['how']}-{made['fielded']}")
def test_an_edit_is_held_against_what_was_fielded(made: dict[str, Any], fielded: Path, tmp_path: Path) -> None:
    """Each edit of the table with the code it must have, or none: once, at its place, with what to do."""
    _, place = edited(tmp_path / "marked", *((edit["old"], edit["new"]) for edit in made["edits"]))
    found = problems(
        fielded, tmp_path / "bank", *((each["old"], each["new"].replace("¦", "")) for each in made["edits"])
    )
    assert ([] if made["fielded"] == "none" else [made["fielded"]]) == [problem.code for problem in found]
    for problem in found:
        grown = problem.code == "FLD07" or (made["how"] == "added" and made["rule"].startswith("Registered."))
        assert ("warning" if grown else "error") == problem.severity
        assert problem.what
        assert problem.mend
        if place and made["rule"] not in ("Study.waves.*", "Study.items.*"):
            assert (tmp_path / "bank" / "study.yaml", *place) == (
                problem.where.file,
                problem.where.line,
                problem.where.column,
            )


def test_every_field_is_held_or_free_by_decision() -> None:
    """What breaks a trend in what a wave puts to people is held fast; a new rule must be decided upon here."""
    free = {
        "Study.scales.*", "Study.waves.*", "Study.audiences.*",  # told by the items, or by FLD06 of the wave
    }  # fmt: skip
    breaking = {
        pattern
        for pattern, rule in RULES.items()
        for verdict in (rule.changed, rule.added, rule.removed, rule.raised, rule.lowered, rule.renamed)
        if verdict and verdict[0] == "breaking"
    }
    assert set() == breaking - set(HELD) - free
    assert set(HELD) <= set(RULES) | {"Wave.items"}


def test_new_words_take_a_new_key(fielded: Path, tmp_path: Path) -> None:
    """The message says which wave, the old and the new words, and the next free key."""
    (found,) = problems(fielded, tmp_path / "bank", ("en: I am proud to work here.", "en: I am glad to work here."))
    assert (
        "`cold-2027` was fielded otherwise: the wording in `en`: `I am proud to work here.` → `I am glad to work here.`"
        == found.what
    )
    assert "put it back; once fielded, new words take a new key: `pride_2`" == found.mend
    second = small_bank()
    items = {**second.items, "pride_2": replace(second.items["pride"], key="pride_2")}
    words = {**items["pride"].faces, "employee": {"fr": "Fier ?", "en": "Proud?"}}
    study = replace(
        second, path=fielded.parent / "study.yaml", items={**items, "pride": replace(items["pride"], faces=words)}
    )
    assert any("`pride_3`" in each.mend for each in check_fielded(study, read_yaml(FULL / "study.yaml")))


def test_fld01_words_that_a_question_shows_are_its_words(tmp_path: Path) -> None:
    """The name of a category inside a question is read by respondents; of a category that none shows, by nobody."""
    edits = (
        ("fr: Dans cette agence, on écoute les clients.\n      en: In this branch, customers are listened to.\n    employee",
         'fr: "Par {channel}, on écoute."\n      en: "By {channel}, they listen."\n    employee'),
        ("mirror: {employee: literal, management: parallel, cooperation: parallel}\n  answered",
         "mirror: {employee: parallel, management: parallel, cooperation: parallel}\n  answered"),
    )  # fmt: skip
    folder, _ = edited(tmp_path / "piped", *edits)
    before = load(folder)
    for wave in before.waves:
        seal(before, wave, on="2027-02-01")
    (found,) = problems(folder / "fielded", tmp_path / "app", *edits, ("en: App}", "en: Hotline}"))
    assert ("FLD01", "error") == (found.code, found.severity)
    assert (
        "`cold-2027`, `hot` were fielded otherwise: the words of the category in `en`: `App` → `Hotline`" == found.what
    )
    assert "{channel}" in found.mend
    assert [] == problems(folder / "fielded", tmp_path / "region", *edits, ("en: North}", "en: Up north}"))
    assert [] == problems(folder / "fielded", tmp_path / "dash", *edits, ("fr: Application,", "fr: 'Application ',"))
    (change,) = changes(before, load(tmp_path / "app", fielded=False))
    assert ("breaking", "items.channel.values.app.en") == (change.kind, change.path)


def test_fld03_a_threshold_is_raised_by_a_plan(fielded: Path, tmp_path: Path) -> None:
    """The study keeps what was fielded; the message says where more may be asked of a cell."""
    (found,) = problems(fielded, tmp_path / "bank", ("min_cell: 10", "min_cell: 15"))
    assert "put it back; an analysis plan may raise it for its own results: `min_cell: 15`" == found.mend
    (found,) = problems(fielded, tmp_path / "low", ("min_cell: 10", "min_cell: 6"))
    assert "analysis plan" not in found.mend


def test_fld03_what_answers_are_weighted_by_stays(fielded: Path, tmp_path: Path) -> None:
    """Variables and trims are fixed before the field; shares may become newer, with their source and date."""
    bank = replace(small_bank(), path=fielded.parent / "study.yaml")
    document = read_yaml(FULL / "study.yaml")

    def codes(**fields: Any) -> list[tuple[str, str]]:
        found = check_fielded(replace(bank, **fields), document)
        return [(each.code, each.what.partition(": ")[2]) for each in found]

    (target,) = bank.targets["customers"]
    newer = replace(target, shares={"north": 0.5, "south": 0.5}, source="a newer register", date="2027-06-01")
    assert [] == codes(targets={**bank.targets, "customers": (newer,)})
    more = (target, replace(target, variable="channel"))
    assert [("FLD03", "new: the weighting variable `channel`")] == codes(targets={**bank.targets, "customers": more})
    assert [("FLD03", "gone: the weighting variable `region`")] == codes(
        targets={key: each for key, each in bank.targets.items() if key != "customers"}
    )
    assert [("FLD03", "the trimming: 5 → 9")] == codes(trims={"customers": 9.0})
    assert [("FLD03", "new: the trimming `employees`, 5")] == codes(trims={**bank.trims, "employees": 5.0})


def test_several_waves_hold_the_same_thing_once(fielded: Path, tmp_path: Path) -> None:
    """One fault, one message, with every wave that holds it."""
    (found,) = problems(fielded, tmp_path / "bank", ("min_cell: 10", "min_cell: 6"))
    assert found.what.startswith("`cold-2027`, `hot`, `walks-2027` were fielded otherwise: ")


def test_new_items_and_waves_beside_are_fine(fielded: Path, tmp_path: Path) -> None:
    """A new item in a new wave, a new driver among them, a new translation of labels: no fielded wave minds."""
    new = "  warm:\n    role: driver\n    promise: attentive\n    scale: agree5\n    label: {fr: Chaleur, en: Warmth}\n"
    new += "    customer: {fr: On m'accueille avec chaleur., en: I am warmly welcomed.}\n    mirror: none\n"
    new += "    waive: {MIR12: customers alone judge how warm a welcome is}\n"
    wave = (
        "  cold-2028: {kind: cold, window: 2028-03-01..2028-03-21, audiences: [customers], items: [recommend, warm]}\n"
    )
    edits = (("  why:\n    role", f"{new}  why:\n    role"), ("waves:\n", f"waves:\n{wave}"))
    listed = ", ".join(small_bank().waves["cold-2027"].items)
    found = problems(fielded, tmp_path / "bank", *edits, ("items: all", f"items: [{listed}]"))
    assert [] == found
    (grown,) = problems(fielded, tmp_path / "all", *edits)
    assert ("FLD07", "warning") == (grown.code, grown.severity)
    assert "`cold-2027` was fielded otherwise: new: the item `warm`" == grown.what


def test_fld06_what_was_asked_stays(fielded: Path, tmp_path: Path) -> None:
    """A wave, an audience of a wave: each told once, with nothing that only follows from it."""
    bank = small_bank()
    there = replace(bank, path=fielded.parent / "study.yaml")
    document = read_yaml(FULL / "study.yaml")
    waves = {key: wave for key, wave in bank.waves.items() if key != "hot"}
    (gone,) = check_fielded(replace(there, waves=waves), document)
    assert ("FLD06", "`hot` was fielded otherwise: the wave `hot` is no longer in the study") == (gone.code, gone.what)
    waves = {**bank.waves, "cold-2027": replace(bank.waves["cold-2027"], audiences=("customers",))}
    (left,) = check_fielded(replace(there, waves=waves), document)
    assert ("FLD06", "`cold-2027` was fielded otherwise: gone: the audience of the wave `employees`") == (
        left.code,
        left.what,
    )


def test_fld06_a_moved_item_is_told_as_such(fielded: Path, tmp_path: Path) -> None:
    """Its answers stand under the old key: no removal and addition, but the key it has now."""
    found = problems(
        fielded,
        tmp_path / "bank",
        ("  listened:\n    role", "  heard:\n    role"),
        ("items: [recommend, listened, why]", "items: [recommend, heard, why]"),
        ("[respected, listened, answered]", "[respected, heard, answered]"),
    )
    assert [("FLD06", "error")] == [(each.code, each.severity) for each in found]
    assert found[0].what.endswith("the item `heard` is the one that was `listened`")


def test_fld09_a_seal_has_its_own_study_and_name(fielded: Path, tmp_path: Path) -> None:
    """A folder copied to begin another study brings seals that are not its own; a renamed file holds another wave."""
    (copied,) = problems(fielded, tmp_path / "copied", ("study: small_bank", "study: other_bank"))
    assert ("FLD09", 3) == (copied.code, copied.where.line)
    edited(tmp_path / "bank")
    shutil.copytree(fielded, tmp_path / "bank" / "fielded")
    file = (tmp_path / "bank" / "fielded" / "hot.json").rename(tmp_path / "bank" / "fielded" / "warm.json")
    (renamed,) = check_fielded(load(tmp_path / "bank", fielded=False), read_yaml(tmp_path / "bank" / "study.yaml"))
    assert ("FLD09", file) == (renamed.code, renamed.where.file)
    assert "hot.json" in renamed.mend

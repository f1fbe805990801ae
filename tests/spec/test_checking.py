"""A study as a whole: loaded, refused, and the same wherever it is read."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from symmetry.errors import SpecError
from symmetry.spec import check, load

ROOT = Path(__file__).parents[2]
STUDIES = sorted(path.parent for path in (ROOT / "survey_specs").glob("*/study.yaml"))
BANK = ROOT / "survey_specs" / "everyday_bank"


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: folder.name)
def test_the_studies_we_ship_are_clean(folder: Path) -> None:
    """No error and no warning, and the key is the folder's name."""
    assert [] == check(folder)
    assert folder.name == load(folder).key


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: folder.name)
def test_every_text_is_there_in_every_language(folder: Path) -> None:
    """Labels and every face of every item, in the order of the study's languages."""
    study = load(folder)
    texts = [text for item in study.items.values() for text in (item.label, *item.faces.values())]
    assert {study.languages} == {tuple(text) for text in texts}


def test_the_four_studies_are_there() -> None:
    """The demonstration, two real dual surveys, real microdata."""
    assert ["everyday_bank", "nyc_schools_2011", "nyc_schools_2015", "sfo_airport_2017"] == [
        folder.name for folder in STUDIES
    ]


def test_the_bank_is_bilingual_mirrored_hot_and_cold() -> None:
    """24 items on 8 promises and moments or more, in every face, in a cold and a hot wave."""
    study = load(BANK)
    asked = [item for item in study.items.values() if item.faces]
    hung = [item for item in asked if item.promise and item.moment]
    places = {item.promise for item in hung} | {item.moment for item in hung}
    assert (30, 24, 10) == (len(asked), len(hung), len(places))
    assert (("fr", "en"), True) == (study.languages, study.mirrored)
    drivers = [item for item in asked if item.role == "driver"]
    assert [("customer", "employee", "guess", "management", "cooperation")] * 18 == [
        tuple(each.faces) for each in drivers
    ]
    assert {"cold", "hot"} == {wave.kind for wave in study.waves.values()}
    assert 12 == len(study.registered.drivers)


def test_nouns_carry_what_the_file_says() -> None:
    """Scale, faces, mirrors, promise, moment and place of one item; waves; targets."""
    study = load(BANK)
    item, wave = study.items["listened"], study.waves["hot"]
    assert ("attentive", "visit.meeting", "agree5") == (item.promise, item.moment, item.scale.key)
    assert ["customer", "employee", "guess", "management", "cooperation"] == list(item.faces)
    assert "projection" == item.mirrors["guess"]
    assert item.place.file == BANK / "study.yaml"
    assert (1, 5, 2, {"na": 0}) == (item.scale.low, item.scale.high, item.scale.boxes, item.scale.missing)
    assert (("customers",), 2.0, "visit.closed") == (wave.audiences, wave.delay, wave.after)
    assert ["region", "channel"] == [target.variable for target in study.targets["customers"]]
    assert "2026-12-31" == study.targets["employees"][0].date


def test_a_wave_of_all_items_leaves_out_what_its_audience_is_not_asked(tmp_path: Path) -> None:
    """`items: all` for customers alone holds no employee item."""
    shutil.copytree(BANK, tmp_path / "bank")
    file = tmp_path / "bank" / "study.yaml"
    file.write_text(file.read_text().replace("items: [recommend, satisfied, welcomed, listened, solved]", "items: all"))
    assert "pride" not in load(tmp_path / "bank").waves["hot"].items


def test_a_guess_is_written_from_the_customer_wording() -> None:
    """One template per language around the words that customers read."""
    face = load(BANK).items["listened"].faces["guess"]
    assert "In your opinion, what would our customers answer? “The bank listens to me.”" == face["en"]
    assert "À votre avis, que répondraient nos clients ? « La banque m'écoute. »" == face["fr"]


def test_an_error_refuses_the_study_with_every_problem(tmp_path: Path) -> None:
    """`load` raises with all errors; a warning alone does not stop it."""
    faults = Path(__file__).parent / "faults"
    with pytest.raises(SpecError) as caught:
        load(faults / "seven_faults_in_one_pass.yaml")
    assert 7 == len(caught.value.problems)
    assert load(faults / "late_hot_survey.yaml").waves["hot"].delay == 72


def test_a_missing_study_says_which_file(tmp_path: Path) -> None:
    """A folder without study.yaml is named."""
    with pytest.raises(SpecError, match=r"study\.yaml: error YAML08 there is no such file"):
        load(tmp_path)


def test_the_digest_is_of_the_words_not_of_the_machine(tmp_path: Path) -> None:
    """Line ends and the folder change nothing; a target's share does."""
    before = load(BANK).digest
    shutil.copytree(BANK, tmp_path / "bank")
    for file in (tmp_path / "bank").rglob("*.*"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert before == load(tmp_path / "bank").digest
    target = tmp_path / "bank" / "targets" / "customers_region.csv"
    target.write_bytes(target.read_bytes().replace(b"0.28", b"0.27").replace(b"0.22", b"0.23"))
    assert before != load(tmp_path / "bank").digest


def test_a_study_in_one_language_writes_bare_texts(tmp_path: Path) -> None:
    """A text needs no language where there is only one."""
    (tmp_path / "study.yaml").write_text(
        """symmetry: 1
study: bare
title: Bare
languages: [fr]
audiences: {customers: Clients}
scales: {s: {type: csat, points: 5}}
items:
  happy: {role: outcome, scale: s, label: Content, customer: Êtes-vous content ?}
waves: {once: {kind: cold, audiences: [customers], items: all}}
plan: {outcome: happy, drivers: []}
""",
        encoding="utf-8",
    )
    assert [] == check(tmp_path)
    study = load(tmp_path)
    assert ({"fr": "Bare"}, {"fr": "Clients"}, False) == (
        study.title,
        study.audiences["customers"].name,
        study.mirrored,
    )


def test_reading_a_study_needs_no_heavy_package() -> None:
    """Neither `symmetry.spec` nor the reading of a plan imports pandas, numpy or scipy."""
    code = (
        "import sys; import symmetry.spec; from symmetry.analyse.plan import load_plan; "
        f"load_plan({str(ROOT / 'analyses' / 'everyday_bank')!r}); "
        "print(sorted({'pandas', 'numpy', 'scipy', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "[]" == done.stdout.strip()

"""The how-to that takes a newcomer to a study of their own, followed word for word: commands, edits, what is printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from symmetry.spec import check, load, pairs
from tests.following import blocks, edited, printed

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "how-to" / "write-a-study.md"
STUDY = Path("survey_specs") / "branch_trust" / "study.yaml"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page has been followed to its end."""
    folder = tmp_path_factory.mktemp("newcomer")
    shown, code = "", 0
    for block in blocks(PAGE):
        if block.language == "sh":
            shown, code = printed(block.text, folder)
        elif block.language == "text":
            assert block.text == shown, f"{PAGE.name}:{block.line}"
            assert code == int(" error " in shown), f"{PAGE.name}:{block.line}"
        else:
            assert "diff" == block.language, f"{PAGE.name}:{block.line}"
            study = folder / STUDY
            study.write_text(edited(study.read_text(encoding="utf-8"), block.text), encoding="utf-8")
    return folder


def test_the_page_is_followed_to_a_study_without_a_fault(home: Path) -> None:
    """Every command prints what the page shows, every edit finds its place, and the end has neither error nor warning."""
    assert [] == check(home / STUDY)


def test_the_study_of_the_page_is_mirrored(home: Path) -> None:
    """What a newcomer ends with is a mirrored study in two languages, with an item of their own in it."""
    study = load(home / STUDY)
    assert study.mirrored
    assert ("fr", "en") == study.languages
    assert {"employee": "literal", "management": "loose", "guess": "projection"} == dict(
        study.items["explained"].mirrors
    )
    assert {"employee", "guess", "management", "cooperation"} == {pair.b for pair in pairs(study)}
    assert "explained" in study.waves["hot"].items


def test_the_page_leaves_the_files_it_names(home: Path) -> None:
    """The study, its schema, its targets and its preview stand in one folder, and nothing else does."""
    found = sorted(
        str(file.relative_to(home / STUDY.parent)) for file in (home / STUDY.parent).rglob("*") if file.is_file()
    )
    assert ["preview.html", "study.yaml", "symmetry.schema.json", "targets/customers_region.csv"] == found


def test_every_command_is_followed_by_what_it_prints() -> None:
    """No command of the page goes without the lines it prints, and the page shows errors, warnings and their remedy."""
    kinds = [block.language for block in blocks(PAGE)]
    assert all(after == "text" for kind, after in zip(kinds, [*kinds[1:], ""], strict=True) if kind == "sh")
    shown = "".join(block.text for block in blocks(PAGE) if block.language == "text")
    assert all(word in shown for word in (": error ", ": warning ", "  mend: ", "no error, no warnings"))


def test_twenty_minutes_are_enough() -> None:
    """The steps say how long they take, and all of them together take no more than twenty minutes."""
    minutes = [
        int(each) for each in re.findall(r"^## \d+\. .*\((\d+) minutes?\)$", PAGE.read_text("utf-8"), re.MULTILINE)
    ]
    assert 8 == len(minutes)
    assert sum(minutes) <= 20


def test_the_page_of_the_grammar_is_up_to_date() -> None:
    """docs/how-to/study-grammar.md is what `python docs/make_grammar.py` writes from the grammar."""
    command = [sys.executable, str(ROOT / "docs" / "make_grammar.py"), "--check"]
    made = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert 0 == made.returncode, made.stdout + made.stderr

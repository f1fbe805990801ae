"""The how-to that plans a sample, followed word for word: commands, edits, what is printed, and the files it leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.following import blocks, edited, printed

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "how-to" / "plan-a-study.md"
STUDY = Path("survey_specs") / "branch_trust" / "study.yaml"
BLOCKS = [(block.language, block.text) for block in blocks(PAGE)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page has been followed to its end."""
    folder, shown = tmp_path_factory.mktemp("planner"), ""
    for language, text in BLOCKS:
        if language == "sh":
            shown, _ = printed(text, folder, seconds=300)
        elif language == "text":
            assert text == shown
        else:
            study = folder / STUDY
            study.write_text(edited(study.read_text(encoding="utf-8"), text), encoding="utf-8")
    return folder


def test_the_page_is_followed_to_its_end(home: Path) -> None:
    """Every command prints what the page shows, every edit finds its place, and the folder holds what the page says."""
    assert {"outlook.csv", "needs.csv", "outlook.html"} <= {file.name for file in (home / "outlook").iterdir()}


def test_every_command_is_followed_by_what_it_prints() -> None:
    """No command of the page goes without the lines it prints, none of which is wider than a terminal."""
    kinds = [language for language, _ in BLOCKS]
    assert {"sh", "text", "diff"} == set(kinds)
    assert all(after == "text" for kind, after in zip(kinds, [*kinds[1:], ""], strict=True) if kind == "sh")
    tables = [text for language, text in BLOCKS if language == "text" and text.startswith("What this study")]
    assert 80 >= max(len(line) for text in tables for line in text.splitlines())

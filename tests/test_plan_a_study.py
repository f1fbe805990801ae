"""The how-to that plans a sample, followed word for word: commands, edits, what is printed, and the files it leaves."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "how-to" / "plan-a-study.md"
STUDY = Path("survey_specs") / "branch_trust" / "study.yaml"
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def printed(commands: str, home: Path) -> str:
    """What commands print, as a terminal shows it."""
    shown = ""
    for command in commands.splitlines():
        name, *arguments = command.split()
        assert "symmetry" == name, command
        done = subprocess.run(
            [sys.executable, "-m", "symmetry", *arguments],
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=300,
        )
        shown += done.stdout
    return shown


def edited(text: str, change: str) -> str:
    """A text after an edit: the lines of the change that do not come, once in the text, give way to those that do not go."""
    lines = change.splitlines()
    old = "".join(f"{line[1:]}\n" for line in lines if line[0] != "+")
    new = "".join(f"{line[1:]}\n" for line in lines if line[0] != "-")
    assert 1 == text.count(f"\n{old}"), old
    return text.replace(f"\n{old}", f"\n{new}")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page has been followed to its end."""
    folder, shown = tmp_path_factory.mktemp("planner"), ""
    for language, text in BLOCKS:
        if language == "sh":
            shown = printed(text, folder)
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

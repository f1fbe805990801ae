"""Two versions of one study: the small bank that has every key of the grammar, and the same after some edits."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from symmetry.spec import Study, load

FULL = Path(__file__).parent / "versions"
MARK = "¦"


def edited(folder: Path, *edits: tuple[str, str]) -> tuple[Path, tuple[int, int] | None]:
    """A copy of the small bank with some edits, each of a text that stands there once; the place of the mark, if one has it."""
    shutil.copytree(FULL, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("changes.yaml", "*.json"))
    file = folder / "study.yaml"
    text = file.read_text("utf-8")
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the small bank"
        text = text.replace(old, new)
    place = None
    if MARK in text:
        before = text[: text.index(MARK)]
        place = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    file.write_text(text.replace(MARK, ""), "utf-8")
    return folder, place


@cache
def small_bank() -> Study:
    """The small bank as it stands."""
    return load(FULL)


def cases() -> list[dict[str, Any]]:
    """The edits judged by hand: rule, how, verdict, path, edits."""
    made: list[dict[str, Any]] = yaml.safe_load((FULL / "changes.yaml").read_text("utf-8"))
    return made

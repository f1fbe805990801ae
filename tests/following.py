"""A how-to page followed word for word: its fenced blocks, what its commands print, and its edits made."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Block", "blocks", "edited", "printed"]


@dataclass(frozen=True)
class Block:
    """One fenced block of the page: its language, its text, the line where it stands."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """Every fenced block, in the order of the page."""
    text = page.read_text(encoding="utf-8")
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [Block(each[1], each[2], text.count("\n", 0, each.start()) + 1) for each in found]


def printed(commands: str, home: Path, *, seconds: int = 120) -> tuple[str, int]:
    """What commands print, as a terminal shows it, and the last exit code."""
    shown, code = "", 0
    for command in commands.splitlines():
        name, *arguments = command.split()
        assert "symmetry" == name, command
        done = subprocess.run(
            [sys.executable, "-m", "symmetry", *arguments],
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=seconds,
        )
        shown, code = shown + done.stdout, done.returncode
    return shown, code


def edited(text: str, change: str) -> str:
    """A text after an edit: the lines of the change that do not come, once in the text, give way to those that do not go."""
    lines = change.splitlines()
    assert all(line[:1] in (" ", "-", "+") for line in lines), change
    old = "".join(f"{line[1:]}\n" for line in lines if line[0] != "+")
    new = "".join(f"{line[1:]}\n" for line in lines if line[0] != "-")
    assert 1 == text.count(f"\n{old}"), f"stands there {text.count(old)} times:\n{old}"
    return text.replace(f"\n{old}", f"\n{new}")

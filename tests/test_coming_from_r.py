"""docs/how-to/coming-from-R-survey.md: each Python block prints what R printed for the block before it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "how-to" / "coming-from-R-survey.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(r|python)\n(.+?)\n```", PAGE, re.DOTALL | re.MULTILINE)


def test_every_python_block_prints_what_r_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven digits of every pair of calls, in the order of the page."""
    monkeypatch.chdir(ROOT)
    space: dict[str, Any] = {}
    asked, compared = "", 0
    for language, code in BLOCKS:
        if language == "r":
            found = re.findall(r"^#> (.+)$", code, re.MULTILINE)
            asked = found[-1] if found else ""
            continue
        exec(code, space)
        printed = capsys.readouterr().out.strip()
        if asked:
            assert asked == printed.splitlines()[-1], code
            compared += 1
        asked = ""
    assert PAGE.count("\n#> ") == compared

"""The bar of long work: drawn on a terminal's stderr past two seconds, silent otherwise."""

from __future__ import annotations

import sys

import pytest

from symmetry.drivers.telling import progress


@pytest.mark.parametrize(
    ("terminal", "seconds", "drawn"), [(True, 10.0, True), (True, 1.0, False), (False, 10.0, False)]
)
def test_a_bar_is_drawn_where_a_person_waits(
    terminal: bool, seconds: float, drawn: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Long work on a terminal names itself on stderr; short work, and work into a file, say nothing; stdout stays empty."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    with progress("8 regressions", 8, seconds) as done:
        done(3)
        done(5)
    told = capsys.readouterr()
    assert drawn == ("8 regressions" in told.err)
    assert told.out == ""

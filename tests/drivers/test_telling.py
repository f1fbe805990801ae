"""The bar of long work: drawn on a terminal's stderr past two seconds, silent otherwise."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from symmetry.drivers import telling


@pytest.mark.parametrize(("terminal", "seconds", "drawn"), [(True, 1.1, True), (True, 0.1, False), (False, 1.1, False)])
@pytest.mark.parametrize("way", ["progress", "watched"])
def test_a_bar_is_drawn_where_a_person_waits(
    way: str,
    terminal: bool,
    seconds: float,
    drawn: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Work past two seconds on a terminal names itself on stderr; short work, or into a file, does not; stdout stays empty."""
    clock = iter(range(100))
    monkeypatch.setattr(telling, "time", SimpleNamespace(monotonic=lambda: seconds * next(clock)))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    if way == "progress":
        with telling.progress("8 regressions", 8) as done:
            for _ in range(4):
                done(2)
    else:
        assert list(range(8)) == list(telling.watched(range(8), "8 regressions"))
    told = capsys.readouterr()
    assert drawn == ("8 regressions" in told.err)
    assert "" == told.out

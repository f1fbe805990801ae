"""What serves a wave is killed under load, again and again."""

from __future__ import annotations

import pytest

from tests.fieldwork import postgresql


@pytest.mark.slow
def test_a_kill_loses_nothing_that_was_acknowledged() -> None:
    """Server, writer and database killed under load: no acknowledged answer is lost, half-written or doubled."""
    from tests.benchmarks.killing import killed, told

    if postgresql.programs() is None:
        pytest.skip("NO POSTGRESQL HERE: install Debian's package postgresql, or nothing of this is tested")
    tallies = dict(killed(12, 300.0, 8))
    for name, tally in tallies.items():
        print(told(name, tally))
    assert [(tally.lost, tally.half, tally.twice) for tally in tallies.values()] == [(0, 0, 0), (0, 0, 0)]
    assert all(sum(map(len, tally.acknowledged.values())) > 500 for tally in tallies.values())

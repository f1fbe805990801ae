"""Senders are killed while they send: nothing is sent twice, and no more is uncertain than was killed."""

from __future__ import annotations

import pytest

from tests.fieldwork import postgresql


@pytest.mark.parametrize(("kills", "messages"), [(2, 40), pytest.param(50, 2000, marks=pytest.mark.slow)])
def test_a_kill_sends_nothing_twice(kills: int, messages: int) -> None:
    """Two senders and a real mail server, on SQLite and on PostgreSQL; what is marked as sent did arrive, and nothing is left."""
    from tests.benchmarks.sending import is_good, killed, told

    if postgresql.programs() is None:
        pytest.skip("NO POSTGRESQL HERE: install Debian's package postgresql, or nothing of this is tested")
    tallies = dict(killed(kills, messages, 9, alone=0))
    for name, tally in tallies.items():
        print(told(name, tally))
    assert [True, True] == [is_good(tally) for tally in tallies.values()]
    assert [kills, kills] == [tally.kills for tally in tallies.values()]
    assert all(messages - tally.uncertain <= tally.taken <= messages for tally in tallies.values())

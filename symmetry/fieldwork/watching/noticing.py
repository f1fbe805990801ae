"""What needs attention in a wave: keys of the words of `words/`, with the facts in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from symmetry.fieldwork.watching.nouns import Notice

if TYPE_CHECKING:
    from symmetry.fieldwork.watching.nouns import AudienceStatus, WaveStatus

__all__ = ["RECENT", "notices_of", "overloads"]

RECENT = 7
"""Days for which a signal of a day, a week or a run needs attention; it stays in the tables and the chart."""


def notices_of(wave: WaveStatus) -> tuple[Notice, ...]:
    """What needs attention in a wave: of one that is open its volumes and messages, of any its cases.

    Parameters
    ----------
    wave : how it stands.
    """
    found: list[Notice] = []
    if wave.state == "open":
        for each in wave.audiences:
            found += [*_strays(wave, each), *_messages(wave, each)]
    if wave.calls.untold:
        found.append(Notice("untold", wave.wave, "", {"n": wave.calls.untold, "owners": ", ".join(wave.calls.unaware)}))
    if wave.calls.late_call:
        found.append(Notice("late.call", wave.wave, "", {"n": wave.calls.late_call}))
    if wave.calls.late_close:
        found.append(Notice("late.close", wave.wave, "", {"n": wave.calls.late_close}))
    return tuple(found)


def _strays(wave: WaveStatus, audience: AudienceStatus) -> Iterator[Notice]:
    """Volumes that chance hardly explains; of a kind, the most recent one in each channel."""
    since = wave.until - timedelta(days=RECENT - 1)
    for series in audience.volumes:
        latest = {signal.kind: signal for signal in series.signals if signal.last >= since}
        for signal in latest.values():
            key = f"{series.measure}.{signal.kind}.{'above' if signal.above else 'below'}"
            facts: dict[str, str | float] = {"channel": series.channel, "day": signal.day.isoformat(), "n": signal.n}
            facts |= {"mean": signal.mean, "low": signal.low, "high": signal.high}
            yield Notice(key, wave.wave, audience.audience, facts)


def _messages(wave: WaveStatus, audience: AudienceStatus) -> Iterator[Notice]:
    """Messages that do not arrive, are not wanted, or do not leave."""
    for share in audience.delivery.shares:
        if share.beyond:
            facts = {"share": share.n / share.of, "n": share.n, "of": share.of, "target": share.target}
            yield Notice(f"share.{share.what}", wave.wave, audience.audience, facts)
    if audience.delivery.overdue:
        yield Notice("overdue", wave.wave, audience.audience, {"n": audience.delivery.overdue})


def overloads(waves: Sequence[WaveStatus]) -> Iterator[Notice]:
    """Owners whose cases, of all open waves of a study together, ask for more hours than they have.

    Parameters
    ----------
    waves : of a field; the notice stands with the one that asks for the most.
    """
    found: defaultdict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    capacity: dict[tuple[str, str], float] = {}
    for wave in waves:
        for each in wave.alerting if wave.state == "open" else ():
            found[wave.study, each.owner].append((each.hours, wave.wave))
            if each.capacity is not None:
                capacity[wave.study, each.owner] = each.capacity
    for of, has in capacity.items():
        hours = sum(each for each, _ in found[of])
        if hours > has:
            theirs = ", ".join(sorted({wave for each, wave in found[of] if each}))
            yield Notice(
                "overload",
                max(found[of])[1],
                "",
                {"owner": of[1], "hours": hours, "capacity": has, "waves": theirs},
            )

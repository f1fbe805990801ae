"""The status as tables of words: the same ones in a terminal, as text and on the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from symmetry.fieldwork.watching.loads import AT_LEAST

if TYPE_CHECKING:
    from symmetry.fieldwork.watching.dispositions import Dispositions
    from symmetry.fieldwork.watching.loads import Alerting, Delivery, Rest, Share
    from symmetry.fieldwork.watching.nouns import AudienceStatus, WaveStatus
    from symmetry.fieldwork.watching.pace import Pace
    from symmetry.fieldwork.watching.saying import Teller
    from symmetry.fieldwork.watching.volumes import Point, Series

__all__ = ["Grid", "audience_grids", "head_of", "wave_grids"]


@dataclass(frozen=True)
class Grid:
    """A table of words: the first column names its rows, the others hold figures; notes stand below it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def head_of(wave: WaveStatus, say: Teller) -> str:
    """What a wave is, in one sentence or two."""
    key = "wave.endless" if wave.last is None else "wave.head"
    last = wave.last.isoformat() if wave.last is not None else ""
    days = {"first": wave.first.isoformat(), "last": last, "until": wave.until.isoformat()}
    told = {name: say.day(day) for name, day in days.items()}
    text = say.say(key, kind=say.say(f"kind.{wave.kind}"), state=say.say(f"state.{wave.state}"), **told)
    return f"{text} {say.say('rehearsal')}" if wave.rehearsal else text


def audience_grids(audience: AudienceStatus, say: Teller) -> list[Grid]:
    """The tables of one audience; those that would be empty are left out."""
    every = [
        *_outcomes(audience.dispositions, say),
        _volumes(audience.volumes, say),
        *_pace(audience.pace, say),
        *_messages(audience.delivery, say),
        _rests(audience.rests, say),
    ]
    return [grid for grid in every if grid.rows or grid.notes]


def wave_grids(wave: WaveStatus, say: Teller) -> list[Grid]:
    """The tables of a whole wave: its alerts and cases."""
    if not wave.alerting and not wave.calls.n:
        return []
    days = max((each.days for each in wave.alerting), default=0)
    head = ("alert", "owner")
    alerts = Grid(
        say.say("alerts"),
        (*map(say.say, head), say.say("alert.n", days=days), say.say("alert.hours"), say.say("alert.capacity")),
        tuple(_alert(each, say) for each in wave.alerting),
    )
    calls = wave.calls
    in_time = (
        say.say("share.of", n=calls.in_time, of=calls.due, share=say.share(calls.in_time / calls.due))
        if calls.due
        else "–"
    )
    rows = (("n", calls.n), ("open", calls.open), ("late call", calls.late_call), ("late close", calls.late_close))
    told = [(say.say(f"cases.{name}"), say.count(n)) for name, n in rows]
    cases = Grid(say.say("cases"), ("", say.say("cases")), (*told, (say.say("cases.in time"), in_time)))
    return [alerts, *([cases] if calls.n else [])]


def _alert(each: Alerting, say: Teller) -> tuple[str, ...]:
    return (each.alert, say.owner(each.owner), say.count(each.n), say.count(each.hours, 1), say.count(each.capacity, 1))


def _outcomes(found: Dispositions, say: Teller) -> Iterator[Grid]:
    """What became of everybody, the rates, and the segments."""
    if not found.told:
        yield Grid(say.say("outcomes"), (), (), (say.say("outcomes.few"),))
    else:
        weighted = found.weighted is not None
        head = ("fate", "code", "people", "weighted")[: 4 if weighted else 3]
        rows = [
            (say.say(f"fate.{line.fate}"), line.code, say.count(line.n), say.count(line.weighted))[: len(head)]
            for line in found.lines
        ]
        notes = () if rows else (say.say("outcomes.none"),)
        hand = (say.say("outcomes.hand"),) if found.by_hand and rows else ()
        steps = (say.say("outcomes.steps", n=found.steps),) if found.steps > 1 else ()
        yield Grid(say.say("outcomes"), tuple(map(say.say, head)), tuple(rows), (*notes, *hand, *steps))
        if rows:
            yield _rates(found, say)
    if found.outside:
        outside = tuple((say.say(f"outside.{reason}"), say.count(n)) for reason, n in found.outside.items())
        yield Grid(say.say("outside"), (say.say("reason"), say.say("people")), outside)
    for item, cells in found.segments.items():
        title = say.say("segment.group") if item == "group" else say.say("segment", item=say.item(item))
        rows = [
            (
                say.group(found.audience, cell.value) if item == "group" else say.value(item, cell.value),
                *_shown((say.count(cell.n), say.share(cell.rr1), say.share(cell.rr2)), cell.n, say),
            )
            for cell in cells
        ]
        yield Grid(title, (say.say("value"), say.say("people"), "RR1", "RR2"), tuple(rows))


def _shown(figures: tuple[str, ...], n: int | None, say: Teller) -> tuple[str, ...]:
    return figures if n is not None else tuple(say.say("hidden") for _ in figures)


def _rates(found: Dispositions, say: Teller) -> Grid:
    heads, weighted = found.rates, found.weighted
    names = ("rr1", "rr2", "rr3", "rr4", "rr5", "rr6")
    rows = []
    for name in names:
        row = (name.upper(), say.share(getattr(heads, name)))
        rows.append((*row, say.share(getattr(weighted, name))) if weighted is not None else row)
    head = (say.say("rate"), say.say("by heads"), *((say.say("weighted"),) if weighted is not None else ()))
    known = heads.eligible + heads.not_eligible
    e = say.number(round(heads.e, 4)) if heads.e is not None else "–"
    told = say.say("rates.e", e=e, eligible=say.count(heads.eligible), known=say.count(known))
    return Grid(say.say("rates"), head, tuple(rows), (told,) if heads.rr1 is not None else (say.say("rates.none"),))


def _volumes(series: tuple[Series, ...], say: Teller) -> Grid:
    """The last day and the last week of each channel; the chart shows the others."""
    head = ("measure", "channel", "last day", "expected", "limits", "week", "limits", "signals")
    rows = tuple(
        (
            say.say(each.measure),
            say.value("channel", each.channel),
            *_point(each.days[-1], say),
            *_point(each.weeks[-1], say)[::2],
            say.count(len(each.signals)),
        )
        for each in series
        if each.days
    )
    bases = sorted({each.basis for each in series})
    return Grid(
        say.say("volumes"), tuple(map(say.say, head)), rows, tuple(say.say(f"basis.{basis}") for basis in bases)
    )


def _point(point: Point, say: Teller) -> tuple[str, str, str]:
    limits = "–" if point.low is None else f"{say.count(point.low)}–{say.count(point.high)}"
    return say.count(point.n), say.count(point.mean, 1), limits


def _pace(pace: Pace, say: Teller) -> Iterator[Grid]:
    """How it is answered, and where people stop."""
    rows: list[tuple[str, str]] = []
    if pace.sent is not None and pace.begun is not None:
        rows += [(say.say("sent"), say.count(pace.sent)), (say.say("begun"), say.count(pace.begun))]
    if pace.durations is not None and pace.sent:
        timed = pace.durations
        told = say.say("durations.none")
        if timed.n:
            times = {name: say.time(getattr(timed, name)) for name in ("first", "median", "third")}
            told = say.say("durations.told", **times, n=say.count(timed.n), unknown=say.count(timed.unknown))
            hasty = (say.say("hasty"), _of(timed.hasty, timed.n, say))
        rows += [(say.say("durations"), told), *([hasty] if timed.n else [])]
    for line in pace.lines:
        rows.append((say.say("lines", questions=line.questions, scale=line.scale), _of(line.straight, line.n, say)))
    yield Grid(say.say("pace"), ("", ""), tuple(rows))
    stops = tuple(
        (say.item(each.question) if each.question else say.say("stop.end"), say.count(each.page), say.count(each.n))
        for each in pace.stops
    )
    yield Grid(say.say("stops"), (say.say("question"), say.say("page"), say.say("people")), stops)


def _of(n: int, of: int, say: Teller) -> str:
    return say.say("share.of", n=say.count(n), of=say.count(of), share=say.share(n / of if of else None))


def _messages(sent: Delivery, say: Teller) -> Iterator[Grid]:
    """What became of the messages, against the targets."""
    names = ("sent", "bounced", "uncertain", "waiting", "printed")
    rows = tuple((say.say(f"message.{name}"), say.count(getattr(sent, name))) for name in names if getattr(sent, name))
    yield Grid(say.say("messages"), ("", say.say("messages")), rows)
    head = ("messages", "share", "target", "")
    shares = tuple(_target(share, say) for share in sent.shares)
    yield Grid(say.say("target"), tuple(say.say(name) if name else "" for name in head), shares)


def _target(share: Share, say: Teller) -> tuple[str, ...]:
    least = "target.least" if share.what in AT_LEAST else "target.most"
    verdict = "beyond" if share.beyond else "missed" if share.missed else "met"
    wanted = say.say(least, share=say.share(share.target))
    return (say.say(f"share.{share.what}"), _of(share.n, share.of, say), wanted, say.say(verdict))


def _rests(rests: tuple[Rest, ...], say: Teller) -> Grid:
    if not any(rest.resting for rest in rests):
        return Grid("", (), ())
    rows = []
    for rest in rests:
        share = rest.resting / rest.n if rest.n and rest.resting is not None else None
        figures = (say.count(rest.n), say.count(rest.resting), say.share(share))
        named = say.say("rests.of", item=say.item(rest.item), value=say.value(rest.item, rest.value))
        rows.append((named, *_shown(figures, rest.n, say)))
    return Grid(
        say.say("rests"),
        (say.say("value"), say.say("rests.n"), say.say("rests.resting"), say.say("share")),
        tuple(rows),
    )

"""Numbers into plain French and English: one finding, one sentence, from a table keyed on direction, size and certainty.

No free text, no cause: an item is "most tied to" an outcome.  Each statement carries its number, its interval and its n.
"""

from __future__ import annotations

from dataclasses import dataclass

from symmetry.report.choosing import Finding
from symmetry.report.pen import Pen
from symmetry.report.rows import GapRow, LevelRow, Row

__all__ = ["Statement", "beyond", "question", "state"]


@dataclass(frozen=True)
class Statement:
    """A finding in words: what it is, the sentence, the number with its unit, its interval and n, and what stands behind it."""

    kicker: str
    headline: str
    number: str
    unit: str
    interval: str
    n: str
    detail: str


def state(finding: Finding, pen: Pen) -> Statement:
    """Say a finding in the language of the pen."""
    return {
        "strength": _level,
        "weakness": _level,
        "gap": _gap,
        "reading": _reading,
        "lever": _lever,
    }[finding.slot](finding, pen)


def question(findings: list[Finding], pen: Pen) -> str:
    """The question that the findings leave to the team: of the gap, else of the weakness, shared or lone.

    Where neither is found, it asks what both share, if a verdict is shown at all.
    """
    both = pen.audiences()
    for finding in findings:
        row = finding.gap
        if finding.slot == "gap" and row is not None:
            direction = "projection" if finding.kind == "projection" else _direction(row)
            return pen.word(f"question.{direction}", item=pen.item(row.item, quoted=True), **both)
        if finding.slot == "weakness" and finding.level is not None:
            return pen.word("question.weakness", item=pen.item(finding.level.item, quoted=True), **both)
    told = pen.view.mirrored and any(row.shown and row.verdict for row in pen.view.pairs())
    return pen.word("question.none" if told else "question.one", **both)


def _level(finding: Finding, pen: Pen) -> Statement:
    level = _known(finding.level)
    item, second = pen.item(level.item, quoted=True), ""
    key = f"{finding.slot}.{finding.kind}"
    kicker = "shared" if key == "strength.shared" else finding.slot
    if finding.gap is not None:
        mirrored = pen.view.find_level(finding.gap.item, finding.gap.b, finding.gap.statistic)
        detail = pen.word(
            f"{key}.detail",
            **pen.audiences(),
            other=pen.level(mirrored),
            interval=pen.interval(mirrored),
            smallest=pen.smallest(finding.gap.smallest, finding.gap.statistic),
        )
        n = pen.n_two(finding.gap)
    else:
        best, own = finding.levels[0], finding.levels[:: -1 if finding.slot == "weakness" else 1]
        second = pen.item(own[1].item, quoted=True) if len(own) > 1 else ""
        detail = pen.word(
            f"{key}.detail",
            count=pen.count(len(finding.levels), name="count"),
            best=pen.item(best.item, quoted=True),
            level=pen.level(best),
            second=second,
        )
        n = pen.n(level.n)
    headline = pen.word(key, item=item, second=second, **pen.audiences())
    unit = pen.unit(level.item, level.statistic, of="level")
    return Statement(
        pen.word(f"findings.kicker.{kicker}"), headline, pen.level(level), unit, _interval(level, pen), n, detail
    )


def _gap(finding: Finding, pen: Pen) -> Statement:
    row = finding.gap
    if row is None:
        raise ValueError("a gap finding holds a gap")
    size = "material" if row.grade == "material" else "ordinary"
    kind = row.mirror if row.mirror in ("literal", "parallel", "projection") else "literal"
    headline = pen.word(f"gap.{kind}.{_direction(row)}.{size}", item=pen.item(row.item, quoted=True), **pen.audiences())
    a, b = (pen.view.find_level(row.item, face, row.statistic) for face in (row.a or "customer", row.b))
    sentences = [
        pen.word(
            "gap.levels",
            customers=pen.audience("customers"),
            a=pen.level(a),
            interval_a=pen.interval(a),
            face=pen.face(row.b),
            b=pen.level(b),
            interval_b=pen.interval(b),
        ),
        pen.word("gap.relative", general=pen.general(row)) if kind == "parallel" else "",
        pen.word(f"gap.{size}", smallest=pen.smallest(row.smallest, row.statistic)),
    ]
    unit = pen.unit(row.item, row.statistic, of="gap")
    detail = " ".join(filter(None, sentences))
    return Statement(
        pen.word("findings.kicker.guess" if kind == "projection" else "findings.kicker.gap"),
        headline,
        pen.gap(row),
        unit,
        _interval(row, pen, gap=True),
        pen.n_two(row),
        detail,
    )


def _reading(finding: Finding, pen: Pen) -> Statement:
    counts = {verdict: sum(row.verdict in keys for row in finding.pairs) for verdict, keys in _READ.items()}
    written = {verdict: pen.count(count, name=f"count/{verdict}") for verdict, count in counts.items()}
    total = pen.count(len(finding.pairs), name="count")
    headline, detail = pen.word("reading.none", count=total), pen.word("reading.none.detail", **written)
    return Statement(
        pen.word("findings.kicker.reading"), headline, written["aligned"], pen.word("reading.none.unit"), "", "", detail
    )


def _lever(finding: Finding, pen: Pen) -> Statement:
    row = finding.driver
    if row is None:
        raise ValueError("a lever finding holds a driver")
    own = [one for one in finding.drivers if one.audience == row.audience]
    outcome = pen.item(row.outcome, quoted=True)
    second = pen.item(own[1].item, quoted=True) if len(own) > 1 else ""
    headline = pen.word(
        f"lever.{finding.kind}",
        audience=pen.audience(row.audience, running=True),
        item=pen.item(row.item, quoted=True),
        outcome=outcome,
        second=second,
    )
    count = pen.count(len(own), name="count")
    detail = pen.word(
        "lever.detail", count=count, r2=pen.number(row.r2 or 0.0, "r2", name=f"{row.audience}/r2"), outcome=outcome
    )
    for other in finding.drivers:
        if other.audience != row.audience:
            key = "lever.same" if other.item == row.item else "lever.other"
            detail += " " + pen.word(
                key,
                audience=pen.audience(other.audience, running=True),
                item=pen.item(other.item, quoted=True),
                estimate=pen.number(other.estimate or 0.0, "lmg", name=f"{other.audience}/{other.item}/lmg"),
                interval=pen.interval(other),
            )
    number = pen.number(row.estimate or 0.0, "lmg", name=f"{row.audience}/{row.item}/lmg")
    unit = pen.word("unit.variance.of", outcome=outcome)
    kicker = pen.word("findings.kicker.lever", outcome=outcome)
    return Statement(kicker, headline, number, unit, _interval(row, pen), pen.n(row.n), detail)


def beyond(row: Row, pen: Pen) -> str:
    """What a relative gap is, after a caption; nothing for any other number."""
    return " " + pen.word("gap.beyond") if isinstance(row, GapRow) and row.reading == "relative" else ""


_READ = {"aligned": ("aligned", "accurate"), "undetermined": ("undetermined",)}


def _interval(row: Row, pen: Pen, *, gap: bool = False) -> str:
    inner = pen.interval(row, gap=gap)
    return pen.word("interval", level=pen.confidence(), interval=inner) if inner else ""


def _direction(row: GapRow) -> str:
    return "lower" if (row.estimate or 0.0) < 0 else "higher"


def _known(level: LevelRow | None) -> LevelRow:
    if level is None:
        raise ValueError("this finding holds a level")
    return level

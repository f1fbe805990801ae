"""What each cell of the report calls, in page order: from results to blocks.

A cell function takes the view and returns a block (None where the results have nothing for it), so that the notebook stays
a page of calls and holds no estimator.
"""

from __future__ import annotations

from collections.abc import Sequence

from symmetry.report import charts, tables
from symmetry.report.blocks import Block, written
from symmetry.report.charts.frame import figure, same_numbers
from symmetry.report.choosing import choose
from symmetry.report.markup import Html, element, join
from symmetry.report.pen import Pen
from symmetry.report.results_view import View
from symmetry.report.rows import GapRow, LevelRow
from symmetry.report.sentences import beyond, question, state

__all__ = ["findings", "levels", "levers", "opening", "pairs", "segments", "verdicts"]

_MIRRORS = ("literal", "parallel", "projection", "loose")


def opening(view: View) -> Block:
    """Who was asked, when, and where the answers come from; a banner if nobody was."""
    pen = Pen(view)
    both = pen.audiences()
    line = pen.word("opening.two" if view.mirrored else "opening.one", **both)
    about = [line, ". ".join(said for wave in view.waves if (said := pen.wave(wave, days=True)))]
    if source := view.text(view.study.get("source")):
        about.append(pen.word("opening.source", source=pen.quote(source)))
    title = pen.quote(view.text(view.study.get("title"), str(view.study.get("key", ""))))
    html = element(
        "header",
        element("p", pen.word("brand"), class_="brand"),
        element("h1", title),
        *(element("p", text, class_="lead" if place == 0 else "about") for place, text in enumerate(about) if text),
        _banner(pen),
    )
    return written(pen, "opening", "opening", html, alt=f"{title}. {line}.")


def findings(view: View) -> tuple[Block, ...]:
    """The three findings, each its own block, between their title and the question they leave to the team."""
    pen = Pen(view)
    chosen = choose(view)
    if not chosen:
        empty = [element("h2", pen.word("findings.title")), element("p", pen.word("findings.none"), class_="aside")]
        return (written(pen, "text", "findings", join(empty)),)
    blocks = [written(pen, "text", "findings", element("h2", pen.word("findings.title")))]
    for number, finding in enumerate(chosen, start=1):
        pen = Pen(view)
        said = state(finding, pen)
        html = element(
            "article",
            element(
                "p",
                element("span", pen.count(number, name="finding"), class_="rank"),
                element("span", said.kicker),
                class_="kicker",
            ),
            element("h3", said.headline),
            element("p", element("strong", said.number), " ", element("span", said.unit), class_="big"),
            element("p", said.interval, class_="proof"),
            element("p", said.n, class_="proof"),
            element("p", said.detail, class_="detail"),
            class_=f"finding {finding.slot}",
        )
        row = finding.gap or finding.level or finding.driver
        counted = {"n": row.n} if row else {}
        alt = f"{said.headline}. {said.number} {said.unit}. {said.interval}. {said.n}."
        blocks.append(
            written(pen, "finding", f"finding.{number}.{finding.slot}", html, alt=alt, caption=said.headline, n=counted)
        )
    pen = Pen(view)
    asked = element("p", element("strong", pen.word("question.title")), " ", question(chosen, pen), class_="question")
    return (*blocks, written(pen, "text", "question", asked))


def verdicts(view: View) -> Block | None:
    """The verdict strip of every family of pairs."""
    if not view.mirrored:
        return None
    pen = Pen(view)
    rows = view.pairs()
    families = {
        "experience": [row for row in rows if row.mirror != "projection"],
        "projection": [row for row in rows if row.mirror == "projection"],
    }
    strips = [
        charts.verdict_strip(family, pen, title=pen.word(f"verdict.family.{name}", **pen.audiences()))
        for name, family in families.items()
        if family
    ]
    caption = " ".join([_judged(rows, pen), pen.word("verdict.caption", **pen.audiences())])
    if any(row.reading == "relative" and row.shown for row in rows):
        caption += " " + pen.word("verdict.relative")
    body = join(strips) if strips else element("p", pen.word("verdict.nothing"))
    html = join([element("h2", pen.word("verdict.title")), figure(body, caption=caption, name="strip")])
    return written(
        pen,
        "chart",
        "verdicts",
        html,
        alt=caption,
        caption=caption,
        method="tost, " + str(view.manifest.get("adjust", "")),
    )


def pairs(view: View) -> Block | None:
    """The dumbbell of the mirrored pairs, one panel per mirror type and employee face, one axis per scale."""
    rows = view.pairs()
    if not view.mirrored or not rows:
        return None
    pen = Pen(view)
    panels: list[Html] = []
    for (mirror, b), groups in _panels(view, rows).items():
        title = pen.word(f"pairs.{mirror}", **pen.audiences())
        if b in ("cooperation", "management"):
            title = f"{title} ({pen.word(f'face.short.{b}')})"
        panels.append(charts.pairs_chart(groups, pen, title=title))
    caption = pen.word("pairs.caption", level=pen.confidence(), **pen.audiences())
    numbers = same_numbers(pen, tables.pairs_table(rows, pen))
    html = join([element("h2", pen.word("pairs.title")), figure(*panels, numbers, caption=caption, name="pairs")])
    counted = {"customers": _largest(row.n_a for row in rows), "employees": _largest(row.n_b for row in rows)}
    return written(pen, "chart", "pairs", html, alt=caption, caption=caption, n=counted, method="linearised gap")


def levels(view: View) -> Block | None:
    """The levels of the only audience, where nothing is mirrored."""
    rows = view.main_levels("customers")
    if view.mirrored or not rows:
        return None
    pen = Pen(view)
    customers = pen.audience("customers", running=True)
    groups: dict[tuple[object, ...], list[LevelRow]] = {}
    for row in rows:
        groups.setdefault((row.statistic, view.scale(row.item).get("key")), []).append(row)
    panels = [charts.levels_chart(group, pen) for group in groups.values()]
    caption = pen.word("levels.caption", level=pen.confidence())
    if len(groups) > 1:
        caption += " " + pen.word("levels.scales")
    html = join(
        [
            element("h2", pen.word("levels.title", customers=customers)),
            element("p", pen.word("levels.single"), class_="aside"),
            figure(*panels, same_numbers(pen, tables.levels_table(rows, pen)), caption=caption, name="levels"),
        ]
    )
    return written(
        pen, "chart", "levels", html, alt=caption, caption=caption, n={"customers": _largest(row.n for row in rows)}
    )


def levers(view: View) -> Block | None:
    """What goes with the outcome, audience beside audience."""
    main = ("", view.wave)
    rows = [row for row in view.drivers if row.statistic == "lmg" and not row.by and row.wave in main]
    panels = {key: [row for row in rows if row.audience == key] for key in ("customers", "employees")}
    wholes = {row.audience: row for row in view.drivers if row.statistic == "r2" and not row.by and row.wave in main}
    panels = {key: found for key, found in panels.items() if found or key in wholes}
    if not panels:
        return None
    pen = Pen(view)
    outcome = pen.item(view.outcome or [*rows, *wholes.values()][0].outcome, quoted=True)
    caption = pen.word("levers.caption", outcome=outcome, level=pen.confidence())
    if any(row.tier is not None for found in panels.values() for row in found):
        caption += " " + pen.word("levers.tiers")
    if any(row.noise or row.borrowed for found in panels.values() for row in found):
        caption += " " + pen.word("levers.grey")
    told = {key: found for key, found in panels.items() if any(row.shown for row in found)}
    body = figure(
        charts.levers_chart(panels, wholes, pen),
        same_numbers(pen, tables.levers_table(told, pen)) if told else None,
        caption=caption,
        name="levers",
    )
    html = join([element("h2", pen.word("levers.title", outcome=outcome)), body])
    counted = {key: _largest(row.n for row in found) for key, found in panels.items()}
    return written(pen, "chart", "levers", html, alt=caption, caption=caption, n=counted, method="LMG share of R²")


def segments(view: View) -> Block | None:
    """Levels of the outcome by segment for each audience, and the widest gap."""
    pen = Pen(view)
    table, lead = tables.segments_table(view, pen)
    if table is None:
        return None
    outcome = pen.item(view.outcome, quoted=True)
    if lead is not None:
        caption = pen.word(
            "segments.caption.gap", outcome=outcome, item=pen.item(lead.item, quoted=True), level=pen.confidence()
        )
        caption += beyond(lead, pen)
    else:
        caption = pen.word("segments.caption.level", outcome=outcome, level=pen.confidence())
    html = join([element("h2", pen.word("segments.title")), figure(table, caption=caption, name="segments")])
    return written(pen, "table", "segments", html, alt=caption, caption=caption)


def _judged(rows: Sequence[GapRow], pen: Pen) -> str:
    """How many pairs there are, and how many of them have a verdict on this page."""
    judged = sum(1 for row in rows if row.shown and row.verdict)
    counts = {"total": len(rows), "judged": judged, "rest": len(rows) - judged}
    written_ = {name: pen.count(count, name=f"pairs/{name}") for name, count in counts.items()}
    kind = "all" if judged == len(rows) else "some" if judged else "none"
    return pen.word(f"verdict.count.{kind}", **written_)


def _banner(pen: Pen) -> Html | None:
    if not pen.view.simulated:
        return None
    told = "rehearsed" if pen.view.manifest.get("seed") is None else "simulated"
    words = (element("strong", pen.word(f"{told}.title")), " ", pen.word(f"{told}.text"))
    return element("p", *words, class_="simulated", role="note")


def _panels(view: View, rows: Sequence[GapRow]) -> dict[tuple[str, str], list[list[GapRow]]]:
    """Mirror type and employee face → its pairs, one group a statistic and scale, the largest group first."""
    groups: dict[tuple[int, str], dict[tuple[str, str], list[GapRow]]] = {}
    for row in rows:
        mirror = _MIRRORS.index(row.mirror if row.mirror in _MIRRORS else "loose")
        scale = str(view.scale(row.item).get("key"))
        groups.setdefault((mirror, row.b), {}).setdefault((row.statistic, scale), []).append(row)
    return {
        (_MIRRORS[mirror], b): [found for _, found in sorted(kinds.items(), key=lambda kind: (-len(kind[1]), kind[0]))]
        for (mirror, b), kinds in sorted(groups.items())
    }


def _largest(values: object) -> float | None:
    known = [float(value) for value in values if value is not None] if hasattr(values, "__iter__") else []
    return max(known, default=None)

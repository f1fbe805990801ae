"""How far to trust the page, and how it was made: field, weights, errors, verdicts, what is hidden, where it all comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symmetry.report.blocks import Block, written
from symmetry.report.charts.frame import table
from symmetry.report.choosing import followed_pair
from symmetry.report.markup import Html, element, join
from symmetry.report.pen import Pen
from symmetry.report.reasons import kinds, reason
from symmetry.report.results_view import View
from symmetry.report.rows import FieldworkRow, Row, WeightRow

__all__ = ["method", "trust"]

_SHORT = 12


def trust(view: View) -> Block:
    """Field, weights, how to read the numbers, the analyst's notes, and where everything comes from."""
    pen = Pen(view)
    parts: list[Html | None] = [
        element("h2", pen.word("trust.title")),
        _part(pen, "trust.reading", _reading(view, pen)),
        _fieldwork(view, pen),
        _weights(view, pen),
        _part(pen, "trust.notes", _notes(view, pen)),
        _part(pen, "trust.provenance", _provenance(view, pen), folded=True),
    ]
    html = join(part for part in parts if part is not None)
    return written(pen, "text", "trust", html, alt=pen.word("trust.title"))


def method(view: View) -> Block:
    """The rules the page follows, in words."""
    pen = Pen(view)
    outcome = pen.item(view.outcome, quoted=True)
    both = pen.audiences()
    said = [pen.word("method.findings.two" if view.mirrored else "method.findings.one", outcome=outcome, **both)]
    if view.mirrored:
        said.append(pen.word("method.verdict"))
    if view.drivers:
        said.append(pen.word("method.levers"))
    if any(row.statistic == "total_variation" and row.shown for row in view.priorities):
        said.append(pen.word("method.priorities"))
    if followed_pair(view)[0] is not None:
        said.append(pen.word("method.units"))
    lonely = str(view.manifest["lonely_psu"])
    alone = [pen.word(f"method.lonely.{lonely}")] if lonely in ("remove", "certainty", "centre", "average") else []
    said += [" ".join([pen.word("method.variance"), *alone]), pen.word("method.files", tables=", ".join(view.tables))]
    html = join([element("h2", pen.word("method.title")), *(element("p", text) for text in said)])
    return written(pen, "text", "method", html, alt=said[0])


def _reading(view: View, pen: Pen) -> list[str]:
    settings = view.manifest
    said = []
    if view.simulated:
        seed = settings.get("seed")
        told = "rehearsed" if seed is None else "simulated"
        said.append(pen.word(f"trust.{told}", **({} if seed is None else {"seed": pen.quote(str(seed))})))
    hundred = pen.number(100 * view.level, "count", name="level")
    said.append(pen.word("trust.interval", level=pen.confidence(), hundred=hundred, rule=_df_rule(view, pen)))
    if view.mirrored:
        if settings.get("units") in ("shared", "apart", "surveyed"):
            said.append(pen.word(f"trust.units.{settings['units']}", **pen.audiences()))
        said += _verdicts(view, pen)
    if published := settings.get("published"):
        threshold = pen.count(settings.get("min_cell", 10), name="min_cell")
        said.append(pen.word("trust.published", published=pen.quote(str(published)), min_cell=threshold))
    else:
        said.append(_hidden(view, pen))
    return said


def _df_rule(view: View, pen: Pen) -> str:
    """The rule of degrees of freedom in the page's language where it is one we know, else as the manifest has it."""
    rule = str(view.manifest.get("df_rule") or "")
    if "satterthwaite" in rule.lower():
        return pen.word("rule.satterthwaite" if view.mirrored else "rule.design")
    return pen.word("rule.design") if rule in ("", "design") else pen.quote(rule)


def _verdicts(view: View, pen: Pen) -> list[str]:
    rows = view.pairs()
    judged = [row for row in rows if row.shown and row.verdict]
    margins = {(row.statistic, row.smallest) for row in rows if row.smallest is not None}
    said = []
    if margins:
        listed = ", ".join(pen.smallest(value, statistic) for statistic, value in sorted(margins, key=str))
        key = "trust.margin.published" if view.manifest.get("published") else "trust.margin"
        said.append(pen.word(key, margins=listed))
    if judged:
        adjust = str(view.manifest.get("adjust") or "none")
        key = adjust if adjust in ("bh", "by", "holm", "two_stage") else "none"
        said.append(pen.word(f"trust.adjust.{key}", count=pen.count(len(judged), name="verdicts")))
        if key in ("bh", "two_stage") and any(row.reading == "relative" for row in judged):
            said[-1] += " " + pen.word("trust.adjust.relative")
    return [*said, pen.word("trust.comparability")]


def _hidden(view: View, pen: Pen) -> str:
    found = kinds(row for rows in (view.levels, view.gaps, view.drivers) for row in rows if row.suppressed)
    hidden, held = found.get("hidden", ()), found.get("held", ())
    threshold = pen.count(view.manifest.get("min_cell", 10), name="min_cell")
    said = []
    if hidden:
        key = "trust.hidden.one" if len(hidden) == 1 else "trust.hidden"
        said.append(pen.word(key, count=pen.count(len(hidden), name="hidden"), min_cell=threshold))
    if held:
        key = "trust.held.one" if len(held) == 1 else "trust.held"
        said.append(pen.word(key, count=pen.count(len(held), name="held"), reason=reason(held[0], pen)))
    return " ".join(said) or pen.word("trust.hidden.none", min_cell=threshold)


def _fieldwork(view: View, pen: Pen) -> Html | None:
    rows = [row for row in view.fieldwork if not row.item and row.n is not None]
    columns = list(dict.fromkeys((row.audience, row.wave) for row in rows))
    if not rows:
        return None
    heads = [
        pen.word("table.measure"),
        *(" · ".join(filter(None, (pen.audience(audience), pen.wave(wave)))) for audience, wave in columns),
    ]
    body: list[list[str]] = []
    for measure, note in dict.fromkeys((row.measure, _reason(row)) for row in rows):
        found = {(row.audience, row.wave): row for row in rows if (row.measure, _reason(row)) == (measure, note)}
        body.append([_measure(measure, note, pen), *(_count(found.get(column), pen) for column in columns)])
    return join(
        [element("h3", pen.word("trust.fieldwork")), table(heads, body, name=pen.word("trust.fieldwork"), stacked=True)]
    )


def _measure(measure: str, note: str, pen: Pen) -> str:
    key = measure.replace(" ", "_")
    known = {"invited", "returned", "broken_off", "rows", "read", "kept", "set_aside"}
    name = pen.word(f"measure.{key}") if key in known else pen.quote(measure.replace("_", " "))
    return f"{name} ({_worded(note, pen)})" if note else name


def _worded(note: str, pen: Pen) -> str:
    """Why rows were set aside, in the page's language where it is a reason we know."""
    if note == "no answer at all":
        return pen.word("reason.silent")
    if note in ("refused", "over quota"):
        return pen.word(f"reason.{note.replace(' ', '_')}")
    if note.startswith("not "):
        return pen.word("reason.rule", rule=pen.quote(note.removeprefix("not ")))
    return pen.quote(note)


def _count(row: FieldworkRow | None, pen: Pen) -> str:
    return pen.count(row.n, name=f"{row.audience}/{row.wave}/{row.measure}") if row else ""


def _weights(view: View, pen: Pen) -> Html | None:
    rows = [row for row in view.weights if row.wave in ("", view.wave)]
    audiences = [key for key in ("customers", "employees") if any(row.audience == key for row in rows)]
    said: list[str] = []
    tables: list[Html] = []
    for audience in audiences:
        own = [row for row in rows if row.audience == audience]
        said += _weight_words(audience, own, pen)
        tables += _margins(audience, own, pen)
    part = _part(pen, "trust.weights", said)
    return join([part, *tables]) if part is not None else None


def _weight_words(audience: str, rows: Sequence[WeightRow], pen: Pen) -> list[str]:
    value = {row.measure: row.value for row in rows if row.value is not None and not row.variable}
    name = pen.audience(audience)
    n, deff, n_eff = value.get("n"), value.get("kish_deff"), value.get("n_eff")
    if n is None:
        unseen = next((Row(note=row.note, suppressed=True) for row in rows if row.note and row.measure == "n"), None)
        return [pen.word("trust.weights.kept", audience=name, reason=reason(unseen, pen))] if unseen else []
    if deff is None or n_eff is None or abs(deff - 1.0) < 5e-7:
        key = "trust.n_eff.units" if pen.view.manifest.get("published") else "trust.weights.equal"
        return [pen.word(key, audience=name, n=pen.count(n, name=f"{audience}/n"))]
    counts = {"n": pen.count(n, name=f"{audience}/n"), "n_eff": pen.count(n_eff, name=f"{audience}/n_eff")}
    said = [
        pen.word("trust.n_eff", audience=name, deff=pen.number(deff, "plain", name=f"{audience}/kish_deff"), **counts)
    ]
    if value.get("min") is not None and value.get("max") is not None:
        ends = {
            key: pen.number(value[end] or 0.0, "plain", name=f"{audience}/{end}")
            for key, end in (("low", "min"), ("high", "max"))
        }
        said.append(pen.word("trust.weights.range", audience=name, **ends))
    return said


def _margins(audience: str, rows: Sequence[WeightRow], pen: Pen) -> list[Html]:
    told = {row.variable for row in rows if row.value is not None}
    cells = {(row.variable, row.category, row.measure): row for row in rows if row.variable and row.variable in told}
    tables = []
    for variable in dict.fromkeys(key[0] for key in cells):
        title = pen.word("trust.margins", audience=pen.audience(audience), variable=pen.frame(variable))
        categories = dict.fromkeys(category for name, category, _ in cells if name == variable)
        measures = ("margin_before", "margin_after")
        body = [
            [
                pen.domain(variable, category),
                *(_share(cells.get((variable, category, measure)), pen) for measure in measures),
            ]
            for category in categories
        ]
        heads = [pen.frame(variable), pen.word("table.before"), pen.word("table.after")]
        tables.append(element("details", element("summary", title), table(heads, body, name=title)))
    return tables


def _share(row: WeightRow | None, pen: Pen) -> str:
    if row is None or row.value is None:
        return ""
    return pen.number(row.value, "favourable", name=f"{row.audience}/{row.variable}={row.category}/{row.measure}")


def _notes(view: View, pen: Pen) -> list[str]:
    notes = view.manifest.get("notes") or {}
    written_ = notes.get(view.language) or next(iter(notes.values()), []) if isinstance(notes, dict) else notes
    departures = [
        pen.word("trust.departure", text=pen.quote(view.text(texts))) for texts in view.manifest.get("departures") or ()
    ]
    return [*departures, *(pen.quote(str(note)) for note in written_)]


def _provenance(view: View, pen: Pen) -> list[str]:
    settings = view.manifest
    said = []
    for noun in ("study", "plan"):
        about = settings.get(noun) or {}
        said.append(pen.word(f"trust.{noun}", key=about.get("key", ""), digest=str(about.get("digest", ""))[:_SHORT]))
    for key, digest in sorted((settings.get("data") or {}).items()):
        said.append(pen.word("trust.data", key=key, digest=str(digest)[:_SHORT]))
    if settings.get("seed") is not None:
        said.append(pen.word("trust.seed", seed=settings["seed"]))
    packages = ", ".join(f"{name} {version}" for name, version in sorted((settings.get("packages") or {}).items()))
    fields = {"version": settings.get("symmetry", ""), "python": settings.get("python", ""), "packages": packages}
    said.append(pen.word("trust.software", **fields))
    return [pen.quote(text) for text in said]


def _part(pen: Pen, title: str, said: Iterable[str], *, folded: bool = False) -> Html | None:
    items = [element("li", text) for text in said]
    if not items:
        return None
    body = element("ul", *items)
    if folded:
        return element("details", element("summary", pen.word(title)), body)
    return join([element("h3", pen.word(title)), body])


def _reason(row: FieldworkRow) -> str:
    """Why rows were set aside; the notes of other counts (a file's name, a seed) are told under provenance."""
    if row.measure.replace("_", " ") != "set aside":
        return ""
    return "; ".join(part for part in row.note.split("; ") if part and not part.startswith("simulated"))

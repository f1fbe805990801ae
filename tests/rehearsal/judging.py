"""What a rehearsal must show in the end: what was planted is found, nothing else is, and the field counts as people did."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from symmetry import responses, spec
from tests.rehearsal.course import Run
from tests.rehearsal.people import COLD, HOT, Person

__all__ = ["Finding", "judged", "summary"]

_PLANTED = {"kept_word": "dissonant", "available": "dissonant", "recognised": "dissonant"}
_FATES = {
    ("complete",): ("answered",),
    ("partial", "break-off"): ("broke off",),
    ("refusal",): ("refused", "opted out"),
}
_NULL = ("solved", "simple")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, whether it is as it should be, and what was seen."""

    what: str
    kept: bool
    seen: str


def judged(run: Run, *, planted: bool) -> list[Finding]:
    """Judge a rehearsal.

    Parameters
    ----------
    run : as it ended.
    planted : whether it is large enough to find what is planted.
    """
    found = [*_everybody(run), *_dispositions(run), *_frozen(run)]
    return [*found, *_verdicts(run)] if planted else found


def summary(run: Run, findings: Iterable[Finding], seconds: float) -> str:
    """What was done, what was found, what took how long."""
    done = Counter(person.done or "nothing" for person in _asked(run))
    lines = [f"{run.mails:,} mails; {', '.join(f'{number:,} {what}' for what, number in done.most_common())}"]
    lines.append(f"{run.in_chromium} of them in Chromium")
    lines += [f"{'ok ' if each.kept else 'NOT'} {each.what}: {each.seen}" for each in findings]
    took: defaultdict[str, float] = defaultdict(float)
    for what, each in run.commands.took:
        took[what] += each
    lines += [f"{each:7.1f} s  {what}" for what, each in sorted(took.items(), key=lambda pair: -pair[1])]
    lines.append(f"{seconds:7.1f} s  in all; {run.folder / 'analysis' / 'results'}")
    return "\n".join(lines)


def _asked(run: Run) -> list[Person]:
    """Everybody who was drawn or visited."""
    drawn = [each for people in run.people.cold.values() for each in people if each.contact in run.drawn[each.audience]]
    return [*drawn, *run.people.hot]


def _everybody(run: Run) -> Iterator[Finding]:
    """Whoever had a mind to do something has done it: every mail came, and every page led on."""
    expected = {"answers": "answered", "refuses": "refused", "opts out": "opted out", "breaks off": "broke off"}
    idle = [each for each in _asked(run) if expected.get(each.plan, "") != each.done]
    yield Finding("everybody did what they were minded to", not idle, f"{len(idle)} did not {idle[:2] if idle else ''}")


def _dispositions(run: Run) -> Iterator[Finding]:
    """Counts and rates of the status are what the customers of a wave did."""
    told = {(each["wave"], each["audience"]): each for each in _audiences(json.loads(run.status))}
    for wave in (COLD, HOT):
        mine = [each for each in _asked(run) if each.wave == wave and each.audience == "customers"]
        done = Counter(each.done or "nothing" for each in mine)
        seen = told[wave, "customers"]["dispositions"]
        counts = {line["fate"]: line["n"] for line in seen["lines"]}
        for fates, what in _FATES.items():
            told_of, did = sum(counts.get(fate, 0) for fate in fates), sum(done[each] for each in what)
            yield Finding(f"{wave}: customers who {' or '.join(what)}", told_of == did, f"{told_of} and {did}")
        rr1, rate = float(seen["rates"]["rr1"]), done["answered"] / len(mine)
        yield Finding(f"{wave}: RR1 of customers", abs(rr1 - rate) < 1e-9, f"{rr1:.4f} and {rate:.4f} of {len(mine):,}")


def _audiences(status: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each audience of each wave, with the name of its wave."""
    for wave in status["waves"]:
        for audience in wave["audiences"]:
            yield {**audience, "wave": wave["wave"]}


def _frozen(run: Run) -> Iterator[Finding]:
    """Every answer that somebody sent is frozen, cell by cell, and no other."""
    study = spec.load(run.folder / "study")
    held = responses.read(run.folder / "responses", study)
    for (wave, audience), table in held.answers.items():
        mine = [each for each in _asked(run) if (each.wave, each.audience) == (wave, audience)]
        given = [each for each in mine if each.done in ("answered", "broke off")]
        asked = [name for name in table.columns if given and name in given[0].answers]
        whole = [each for each in given if each.done == "answered"]
        for name in asked:
            counts = Counter("" if pd.isna(cell) else str(cell) for cell in table[name])
            wanted = Counter(each.answers[name] for each in whole)
            lost = wanted - counts
            lost.pop("", None)
            if lost:
                yield Finding(f"{wave}/{audience}: `{name}` is as sent", False, f"lost {dict(lost)}")
                return
        yield Finding(
            f"{wave}/{audience}: every answer sent is frozen",
            len(whole) <= len(table) <= len(given),
            f"{len(whole):,} finished and {len(given) - len(whole):,} broke off; {len(table):,} frozen",
        )


def _verdicts(run: Run) -> Iterator[Finding]:
    """Planted dissonances are found; one and the same experience is not called dissonant."""
    gaps = pd.read_parquet(next((run.folder / "analysis" / "results").rglob("gaps.parquet")))
    overall = gaps[(gaps["by"] == "") & (gaps["a"] == "customer") & (gaps["b"] == "employee") & (gaps["verdict"] != "")]
    said = {str(row["item"]): str(row["verdict"]) for row in overall.to_dict("records") if row["statistic"] == "mean"}
    for item, verdict in _PLANTED.items():
        yield Finding(f"`{item}` was planted as {verdict}", said.get(item) == verdict, said.get(item, "no verdict"))
    for item in _NULL:
        yield Finding(f"`{item}` is no dissonance", said.get(item) != "dissonant", said.get(item, "no verdict"))

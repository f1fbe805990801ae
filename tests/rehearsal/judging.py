"""What a rehearsal must show in the end: what was planted is found, the field counts as people did, and no answer is made up.

Three dissonances are planted, and two items are one and the same experience; what lies between them is not judged.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from symmetry import responses, spec
from symmetry.spec import Study
from tests.rehearsal.course import Run
from tests.rehearsal.people import COLD, HOT, Person

__all__ = ["Finding", "frozen_as_sent", "judged", "summary"]

_PLANTED = {"kept_word": "dissonant", "available": "dissonant", "recognised": "dissonant"}
_FATES = {
    ("complete",): ("answered",),
    ("partial", "break-off"): ("broke off",),
    ("refusal",): ("refused", "opted out"),
}
_NULL = ("solved", "simple")
_TABLES = ((COLD, "customers"), (COLD, "employees"), (HOT, "customers"))


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
    study = spec.load(run.folder / "study")
    held = responses.read(run.folder / "responses", study).answers
    frozen = [frozen_as_sent(f"{wave}/{who}", held.get((wave, who)), _of(run, wave, who)) for wave, who in _TABLES]
    found = [*_everybody(run), *_mails(run, study), *_visits(run), *_dispositions(run), *frozen]
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


def _of(run: Run, wave: str, audience: str) -> list[Person]:
    """Those who were asked as one audience of one wave."""
    return [each for each in _asked(run) if (each.wave, each.audience) == (wave, audience)]


def _everybody(run: Run) -> Iterator[Finding]:
    """Whoever had a mind to do something has done it: every mail came, and every page led on."""
    expected = {"answers": "answered", "refuses": "refused", "opts out": "opted out", "breaks off": "broke off"}
    idle = [each for each in _asked(run) if expected.get(each.plan, "") != each.done]
    yield Finding("everybody did what they were minded to", not idle, f"{len(idle)} did not {idle[:2] if idle else ''}")


def _mails(run: Run, study: Study) -> Iterator[Finding]:
    """Nobody is written to after they were done, and whoever does nothing has every message once."""
    what = "nobody was written to after they had answered, refused or opted out"
    yield Finding(what, not run.late, f"{len(run.late)} were {run.late[:2] if run.late else ''}")
    idle = [each for each in _asked(run) if each.plan == "nothing"]
    wrong = [each.contact for each in idle if each.mails != 1 + len(study.waves[each.wave].reminders)]
    yield Finding("whoever does nothing has each message once", not wrong, f"{len(wrong)} of {len(idle)} have not")


def _visits(run: Run) -> Iterator[Finding]:
    """Of the file of visits one row stands twice, and one is at a touchpoint that is none: known, and set aside."""
    seen = {what: run.taken.get(what, 0) for what in ("taken", "known", "set aside")}
    wanted = {"taken": len(run.people.hot) // 2, "known": 1, "set aside": 1}
    yield Finding("the bad rows of the file of visits are told from the good", seen == wanted, str(seen))


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


def frozen_as_sent(name: str, table: pd.DataFrame | None, people: Sequence[Person]) -> Finding:
    """Whether a frozen table holds what people sent, row by row: none is lost, none is made up.

    Parameters
    ----------
    name : of the table.
    table : as it was frozen; None where there is none.
    people : all who were asked.

    Notes
    -----
    Rows have no names: whole rows are counted.  Those more than were finished must each be part of what one person sent who
    broke off; employees' unfinished answers never leave their drafts.
    """
    whole = [each for each in people if each.done == "answered"]
    broken = [each for each in people if each.done == "broke off" and each.audience != "employees"]
    what = f"{name}: every answer sent is frozen, and no other"
    columns = list(whole[0].answers) if whole else []
    if table is None or not set(columns) <= set(table.columns):
        return Finding(what, False, "no table, or not all of its columns")
    rows = Counter(
        tuple("" if pd.isna(cell) else str(cell) for cell in row) for row in table[columns].itertuples(index=False)
    )
    sent = Counter(tuple(each.answers[name] for name in columns) for each in whole)
    lost, more = (sent - rows).total(), list((rows - sent).elements())
    partly = [
        row for row in more if any(_is_part(dict(zip(columns, row, strict=True)), each.answers) for each in broken)
    ]
    kept = not lost and len(partly) == len(more) <= len(broken)
    seen = f"{len(whole):,} finished, {lost} of them lost; {len(more)} rows more, {len(broken)} broke off"
    return Finding(what, kept, seen)


def _is_part(row: Mapping[str, str], answers: Mapping[str, str]) -> bool:
    """Whether a row holds something, and nothing but what somebody would have answered."""
    return any(row.values()) and all(cell in ("", answers[name]) for name, cell in row.items())


def _verdicts(run: Run) -> Iterator[Finding]:
    """Planted dissonances are found; one and the same experience is not called dissonant."""
    gaps = pd.read_parquet(next((run.folder / "analysis" / "results").rglob("gaps.parquet")))
    overall = gaps[(gaps["by"] == "") & (gaps["a"] == "customer") & (gaps["b"] == "employee") & (gaps["verdict"] != "")]
    said = {str(row["item"]): str(row["verdict"]) for row in overall.to_dict("records") if row["statistic"] == "mean"}
    for item, verdict in _PLANTED.items():
        yield Finding(f"`{item}` was planted as {verdict}", said.get(item) == verdict, said.get(item, "no verdict"))
    for item in _NULL:
        verdict = said.get(item, "no verdict")
        yield Finding(f"`{item}` is no dissonance", verdict not in ("dissonant", "no verdict"), verdict)

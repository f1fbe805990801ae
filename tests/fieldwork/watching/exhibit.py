"""A plausible month of a hot wave and a week of a cold one, drawn from a seed and written straight into a store.

`python -m tests.fieldwork.watching.exhibit FOLDER` makes a store to look at: `symmetry field status --store FOLDER/store`.
"""

from __future__ import annotations

import json
import shutil
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import insert, update

from symmetry import spec
from symmetry.fieldwork.nouns import Sample
from symmetry.fieldwork.store import opening
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.keeping import open_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import CASES, EVENTS, INVITATIONS, OUTBOX, RESPONSES
from symmetry.fieldwork.timing import stamp
from symmetry.spec import Study

FIRST = date(2027, 3, 1)
DAYS = 21
NOW = datetime(2027, 3, 22, 9, tzinfo=UTC)
CONTACTS = {"branch": 60.0, "phone": 40.0}
AGREE = ("welcomed", "listened", "explained", "solved", "simple")
_SHUT = date(2027, 3, 20)  # the telephone hardly rang


def study_in(folder: Path) -> Study:
    """The study, in a folder of its own."""
    home = folder / "branch"
    if not home.exists():
        shutil.copytree(Path(__file__).parent / "branch", home)
    return spec.load(home)


def month(store: Store, study: Study, *, seed: int = 1) -> dict[str, list[dict[str, Any]]]:
    """Open the hot wave and fill it; what was written, table by table."""
    open_wave(store, study, "hot", [], on=FIRST)
    chance = np.random.default_rng(seed)
    rows: dict[str, list[dict[str, Any]]] = {
        "events": [],
        "invitations": [],
        "outbox": [],
        "responses": [],
        "cases": [],
    }
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        for channel, mean in CONTACTS.items():
            for _ in range(chance.poisson(mean if (channel, day) != ("phone", _SHUT) else 4)):
                _event(rows, chance, day, channel)
    tables = {"events": EVENTS, "invitations": INVITATIONS, "outbox": OUTBOX, "responses": RESPONSES, "cases": CASES}
    with to_write(store.field) as connection:
        for name, table in tables.items():
            connection.execute(insert(table), rows[name])
    return rows


def employees(store: Store, study: Study, *, north: int = 40, south: int = 30, isles: int = 4) -> None:
    """Open the cold wave; of each site three in five sent their answers, one began, and one refused."""
    regions = ["north"] * north + ["south"] * south + ["isles"] * isles
    persons = [f"e-{number:03d}" for number in range(len(regions))]
    units = {"person": persons, "contact": persons, "stratum": regions, "psu": "", "probability": 1.0, "given": 1.0}
    facts = {"drawn": True, "reason": "", "region": regions}
    open_wave(
        store, study, "cold", [Sample("branch", "cold", "employees", pd.DataFrame({**units, **facts}), {})], on=FIRST
    )
    with to_write(store.field) as connection:
        for number, person in enumerate(persons):
            state = {0: "started", 1: "refused"}.get(number, "complete" if number % 5 < 3 else "invited")
            of = (INVITATIONS.c.wave == "cold", INVITATIONS.c.person == person)
            connection.execute(update(INVITATIONS).where(*of).values(state=state))


def _event(rows: dict[str, list[dict[str, Any]]], chance: np.random.Generator, day: date, channel: str) -> None:
    """One visit, and what came of it."""
    number = len(rows["events"])
    at = datetime.combine(day, time(9), UTC) + timedelta(seconds=int(chance.integers(30_000)))
    known = {"region": str(chance.choice(["north", "south", "isles"], p=[0.6, 0.39, 0.01])), "channel": channel}
    luck = chance.random()
    reason = "resting" if luck < 0.08 else "not sampled" if luck < 0.54 else ""
    event = {
        "event": f"v-{number:05d}",
        "touchpoint": "visit.closed",
        "contact": f"c-{number:05d}",
        "audience": "customers",
    }
    event |= {"at": stamp(at), "received": stamp(at), "channel": channel, "known": json.dumps(known), "sha256": ""}
    state = "not asked" if reason else "invited"
    rows["events"].append({**event, "state": state, "reason": reason, "wave": "hot", "delay": 2.0})
    if reason:
        return
    token = number.to_bytes(16, "big")
    sent = at + timedelta(hours=2)
    letter = chance.choice(["sent", "bounced", "uncertain", "dropped"], p=[0.955, 0.03, 0.005, 0.01])
    answered = chance.random() if letter in ("sent", "uncertain") else 1.0
    state = (
        "complete" if answered < 0.29 else "started" if answered < 0.33 else "refused" if answered < 0.34 else "invited"
    )
    invitation = {
        "token": token,
        "wave": "hot",
        "audience": "customers",
        "person": event["event"],
        "contact": event["contact"],
    }
    invitation |= {"stratum": known["region"], "psu": "", "probability": 0.5, "known": event["known"], "state": state}
    later = day + timedelta(days=int(chance.integers(0, 3)))
    invitation["day"] = None if state == "invited" else min(later, FIRST + timedelta(days=DAYS)).isoformat()
    invitation["expires"] = stamp(at + timedelta(days=7))
    rows["invitations"].append(invitation)
    message = {
        "id": token,
        "wave": "hot",
        "audience": "customers",
        "token": token,
        "contact": event["contact"],
        "step": 0,
    }
    message |= {"channel": "email", "due": stamp(sent), "expires": invitation["expires"], "state": str(letter)}
    message |= {
        "reason": "no address" if letter == "dropped" else "",
        "sender": "s",
        "claimed": stamp(sent),
        "tries": 1,
    }
    rows["outbox"].append({**message, "sent": stamp(sent) if letter == "sent" else None})
    if state in ("complete", "started"):
        _answer(rows, chance, token, state, invitation["day"])


def _answer(
    rows: dict[str, list[dict[str, Any]]], chance: np.random.Generator, token: bytes, state: str, day: str
) -> None:
    """What somebody answered, and the case that it opens."""
    answers: dict[str, Any] = {"recommend": int(chance.choice([3, 6, 8, 9, 10]))}
    straight = int(chance.integers(1, 6)) if chance.random() < 0.05 else None
    for item in AGREE[: None if state == "complete" else int(chance.integers(0, 4))]:
        answers[item] = straight or int(chance.integers(1, 6))
    if state == "complete" and answers["recommend"] <= 6 and chance.random() < 0.5:
        answers["why"] = "Trop long."
    seconds = int(chance.lognormal(4.2, 0.5)) if chance.random() < 0.9 else None
    row = {"token": token, "key": token, "language": "fr", "answers": json.dumps(answers), "page": 1}
    rows["responses"].append({**row, "complete": state == "complete", "seconds": seconds})
    if state != "complete" or answers["recommend"] > 4:
        return
    opened = datetime.fromisoformat(f"{day}T10:00:00+00:00")
    called = opened + timedelta(hours=int(chance.integers(1, 30)))
    case = {
        "case": token.hex()[-8:],
        "wave": "hot",
        "alert": "detractor",
        "token": token,
        "owner": "manager",
        "unit": "",
    }
    case |= {"opened": stamp(opened), "told": stamp(opened), "call_back_by": stamp(opened + timedelta(hours=24))}
    case |= {"close_by": stamp(opened + timedelta(hours=48)), "called_back": stamp(called) if called < NOW else None}
    closed = called + timedelta(hours=6)
    rows["cases"].append({**case, "closed": stamp(closed) if closed < NOW and chance.random() < 0.97 else None})


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    made = opening.create(place / "store")
    plan = study_in(place)
    month(made, plan)
    employees(made, plan)
    opening.close(made)

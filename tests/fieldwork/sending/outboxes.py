"""A small wave with people to write to, and an outbox filled by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import insert, select

from symmetry import spec
from symmetry.fieldwork.inviting.messages import message_id
from symmetry.fieldwork.nouns import Sample
from symmetry.fieldwork.sending.settings import Email, Settings
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.keeping import open_wave
from symmetry.fieldwork.store.opening import links_key
from symmetry.fieldwork.store.tables import ADDRESSES, OUTBOX
from symmetry.fieldwork.store.tokens import hash_of, token_of

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store
    from symmetry.spec import Study
    from tests.fieldwork.sending.mailserver import Server

NOON = datetime(2027, 3, 4, 11, tzinfo=UTC)  # noon in Paris
DUE, EXPIRES = "2027-03-04T08:00:00Z", "2027-03-21T23:00:00Z"
STUDY = """\
symmetry: 1
study: small
title: {fr: L'accueil, en: The welcome}
languages: [fr, en]
audiences:
  customers: {fr: Clients, en: Customers}
  employees: {fr: Salariés, en: Employees}
promise:
  near: {fr: Proches, en: Near}
scales:
  nps:
    type: nps
    ends: {fr: [Certainement pas, Certainement], en: [Not at all likely, Extremely likely]}
items:
  recommend:
    role: outcome
    scale: nps
    label: {fr: Recommandation, en: Recommendation}
    customer: {fr: Recommanderiez-vous notre entreprise à un proche ?, en: Would you recommend our company to a friend?}
    employee: {fr: Recommanderiez-vous notre entreprise à un proche ?, en: Would you recommend our company to a friend?}
    mirror: {employee: literal}
  site:
    role: frame
    label: {fr: Site, en: Site}
    values: {north: {fr: Nord, en: North}, south: {fr: Sud, en: South}}
waves:
  cold:
    kind: cold
    window: 2027-03-01..2027-03-21
    audiences: [customers, employees]
    items: all
    sample: {customers: {size: 50, quotas: [2 per site per wave]}, employees: census}
    reminders: [4d, 9d]
INVITE
contact: {tz: Europe/Paris, hours: 09:00-19:30, channels: [email, sms, qr]}
privacy: {min_cell: 10, employees: anonymous}
plan:
  outcome: recommend
  drivers: []
"""
INVITE = """\
    invite:
      subject: {fr: "Dites-nous <tout>", en: "Tell us <all>"}
      text:
        fr: |-
          Cher client, votre agence a été refaite.

          Qu'en pensez-vous ?
        en: |-
          Dear customer, your branch was made anew.

          What do you think of it?
      sms: {fr: "Votre agence refaite : votre avis ?", en: "Your new branch: what do you think?"}
"""


def study_in(folder: Path, *, invite: str = "", **replaced: str) -> Study:
    """The study, with words of its own where a test wants them."""
    home = folder / "small"
    home.mkdir(parents=True, exist_ok=True)
    text = STUDY.replace("INVITE\n", invite)
    for old, new in replaced.items():
        text = text.replace(old, new)
    (home / "study.yaml").write_text(text, encoding="utf-8")
    return spec.load(home)


def opened(store: Store, folder: Path, people: int = 6, **options: Any) -> Study:
    """Open the wave for so many customers, c-000 and on, and as many employees."""
    study = study_in(folder, **options)
    samples = [_sample(audience, people) for audience in ("customers", "employees")]
    open_wave(store, study, "cold", samples, on=date(2027, 3, 1))
    return study


def _sample(audience: str, people: int) -> Sample:
    persons = [f"{audience[0]}-{number:03d}" for number in range(people)]
    units = pd.DataFrame({"person": persons, "contact": persons, "stratum": "", "psu": "", "probability": 1.0})
    units = units.assign(given=1.0, drawn=True, reason="", site=[("north", "south")[n % 2] for n in range(people)])
    return Sample("small", "cold", audience, units, {})


def id_of(person: str, step: int = 0) -> bytes:
    """The id of a row, as planning makes it."""
    return message_id("cold", {"c": "customers", "e": "employees"}[person[0]], person, step)


def token(store: Store, person: str) -> str:
    """The token of somebody: c-… is a customer, e-… an employee."""
    audience = {"c": "customers", "e": "employees"}[person[0]]
    return token_of(links_key(store.folder), "cold", audience, person)


def plan(store: Store, person: str, *, email: str | None = None, phone: str | None = None, **values: Any) -> bytes:
    """Put one message into the outbox, and the addresses of its person into the store; the id of its row."""
    row: dict[str, Any] = {
        "wave": "cold", "audience": {"c": "customers", "e": "employees"}[person[0]], "token": hash_of(token(store, person)),
        "contact": person, "step": 0, "channel": "email", "due": DUE, "expires": EXPIRES, "state": "planned", "reason": "",
        "tries": 0,
    }  # fmt: skip
    language = values.pop("language", None)
    row |= values
    row["id"] = id_of(person, row["step"])
    with to_write(store.field) as connection:
        connection.execute(insert(OUTBOX).values(**row))
        if email or phone:
            known = {
                "contact": person,
                "email": email,
                "phone": phone,
                "language": language,
                "bad": "",
                "day": "2027-03-01",
            }
            connection.execute(insert(ADDRESSES).values(**known))
    return bytes(row["id"])


def row_of(store: Store, key: bytes) -> Mapping[str, Any]:
    """One row of the outbox."""
    with store.field.connect() as connection:
        return dict(connection.execute(select(OUTBOX).where(OUTBOX.c.id == key)).mappings().one())


def stands(store: Store) -> dict[str, tuple[str, str]]:
    """Contact and step → state and reason."""
    with store.field.connect() as connection:
        rows = connection.execute(select(OUTBOX)).all()
    return {f"{row.contact}/{row.step}": (row.state, row.reason) for row in rows}


def settings_for(server: Server | None, **values: Any) -> Settings:
    """How to reach a server of the tests."""
    email = None
    if server is not None:
        name, address = "Banque du Quotidien", "enquete@banque.example"
        email = Email(server.host, server.port, "none", name, address, a_minute=60_000)
    return Settings("https://survey.example.org", email, **values)


def urls_of(store: Store) -> tuple[str, str] | None:
    """URLs of the databases, with their passwords, for another process; None where they are files."""
    if store.embedded:
        return None
    shown = [
        engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        for engine in (store.field, store.sealed)
    ]
    return shown[0], shown[1]

"""Whether those who call back can bear the alerts of hot waves, before launch: alerts a day, their hours, the rate that fits.

Nothing is assumed in place of what nobody said: a number that needs it stays out, and the line of the study that would bring it
is told instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symmetry.fieldwork import alerts_a_day, bearable_together, load_hours, most_a_day
from symmetry.spec import Alert, ExpectedHot, Study, Text, Wave, read_condition

__all__ = ["LOADS", "Load", "capacity"]

Kind = tuple[float, float]
"""Alerts of one kind: how many a day on average, and the minutes that each takes."""

LOADS = ["wave", "owner", "contacts", "rate", "alerts", "most", "needed", "hours", "bearable", "lacking"]
"""The columns of the table."""


@dataclass(frozen=True)
class Load:
    """What the alerts of one hot wave ask of one owner.

    rate : the share of events that the wave asks about; 1 where it names none (`sized`: it names a number of people).
    contacts, alerts : on an average day, at that rate.
    most : alerts of a day that 19 days in 20 do not exceed.
    needed : hours that 19 days in 20 do not exceed, with the owner's alerts of other waves (`besides`).
    hours : that the owner has; `bearable` the largest rate that takes four fifths of them at most.
    lacking : what the study does not say, as places of its file.
    Numbers are None where something is lacking that they need.
    """

    wave: str
    owner: str
    name: Text
    rate: float
    sized: bool
    minutes: tuple[float, ...]
    contacts: float | None
    alerts: float | None
    most: int | None
    needed: float | None
    hours: float | None
    bearable: float | None
    besides: tuple[str, ...]
    lacking: tuple[str, ...]


def capacity(study: Study) -> tuple[Load, ...]:
    """What hot waves ask of those who call back; nothing for a study that says neither what comes nor who has time.

    Parameters
    ----------
    study : with `plan: expect: hot:`, or `hours` of the owner of an alert.

    Examples
    --------
    >>> from symmetry import spec
    >>> capacity(spec.load("survey_specs/nyc_schools_2015"))
    ()
    """
    plan = study.registered
    met = plan.expected.hot if plan.expected else {}
    owners = dict.fromkeys(alert.owner for alert in plan.alerts.values())
    if not met and all(study.owners[key].hours is None for key in owners):
        return ()
    waves = [wave for wave in study.waves.values() if wave.kind == "hot" and "customers" in wave.audiences]
    raised = {
        (wave.key, key): held
        for wave in waves
        for key in owners
        if (held := _raised(plan.alerts, wave, key, met.get(wave.key)))
    }
    kinds = {at: _kinds(held, met.get(at[0]), study.waves[at[0]]) for at, held in raised.items()}
    return tuple(_load(study, study.waves[wave], owner, raised, kinds) for wave, owner in raised)


def _raised(alerts: Mapping[str, Alert], wave: Wave, owner: str, met: ExpectedHot | None) -> list[Alert]:
    """The alerts of an owner that a wave can raise: it asks what they look at, or is said to raise them."""
    return [
        alert
        for alert in alerts.values()
        if alert.owner == owner
        and (
            (met is not None and alert.key in met.alerts)
            or any(column.partition(".")[0] in wave.items for column in read_condition(alert.when).columns)
        )
    ]


def _rate(wave: Wave) -> float:
    sampling = wave.sampling.get("customers")
    return sampling.rate if sampling is not None and sampling.rate is not None else 1.0


def _kinds(alerts: Sequence[Alert], met: ExpectedHot | None, wave: Wave) -> list[Kind] | None:
    """Alerts a day if everybody were asked, and minutes a case; None where something needed is not said."""
    if met is None or not met.contacts or met.delivered is None or met.response is None:
        return None
    if any(alert.key not in met.alerts for alert in alerts):
        return None
    a_day = sum(met.contacts.values())
    return [
        (alerts_a_day(a_day, 1.0, met.delivered, met.response, met.alerts[alert.key]), alert.minutes)
        for alert in alerts
    ]


def _lacking(study: Study, wave: Wave, owner: str, alerts: Sequence[Alert]) -> tuple[str, ...]:
    """The places of the file where something is not said."""
    plan = study.registered
    at = f"plan.expect.hot.{wave.key}"
    met = (plan.expected.hot if plan.expected else {}).get(wave.key) or ExpectedHot()
    told = {
        f"{at}.contacts": bool(met.contacts),
        f"{at}.delivered": met.delivered is not None,
        f"{at}.response": met.response is not None,
        **{f"{at}.alerts.{alert.key}": alert.key in met.alerts for alert in alerts},
        f"owners.{owner}.hours": study.owners[owner].hours is not None,
    }
    return tuple(place for place, is_told in told.items() if not is_told)


def _load(
    study: Study,
    wave: Wave,
    owner: str,
    raised: Mapping[tuple[str, str], list[Alert]],
    kinds: Mapping[tuple[str, str], list[Kind] | None],
) -> Load:
    """One wave and owner, beside the owner's other hot waves at their own rates."""
    alerts, own = raised[wave.key, owner], kinds[wave.key, owner]
    rate, hours = _rate(wave), study.owners[owner].hours
    others = {
        at[0]: [(mean * _rate(study.waves[at[0]]), minutes) for mean, minutes in held]
        for at, held in kinds.items()
        if at[1] == owner and at[0] != wave.key and held
    }
    besides = [kind for held in others.values() for kind in held]
    met = study.registered.expected.hot.get(wave.key) if study.registered.expected else None
    asked = [(mean * rate, minutes) for mean, minutes in own] if own is not None else None
    mean = sum(each for each, _ in asked) if asked is not None else None
    return Load(
        wave=wave.key,
        owner=owner,
        name=study.owners[owner].name,
        rate=rate,
        sized=wave.sample.get("customers") is not None,
        minutes=tuple(sorted({alert.minutes for alert in alerts})),
        contacts=sum(met.contacts.values()) if met is not None and met.contacts else None,
        alerts=mean,
        most=most_a_day(mean) if mean is not None else None,
        needed=load_hours([*asked, *besides]) if asked is not None else None,
        hours=hours,
        bearable=bearable_together(own, hours, besides=besides) if own is not None and hours is not None else None,
        besides=tuple(others),
        lacking=_lacking(study, wave, owner, alerts),
    )

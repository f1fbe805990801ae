"""Fabricated results folders, for tests only: nothing here was asked of anybody or estimated from answers.

Three shapes that the report must draw: `bank` (simulated, mirrored, two waves, units, hidden cells), `schools` (percentages
published per school, respondents unknown, 18 pairs) and `airport` (one audience by design).  The numbers come from a seeded
generator and follow the schema of the results folder, so that the report can be tested without the statistics.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["LONG", "VARIANTS", "airport", "bank", "schools", "write"]

LONG = {
    "fr": "Possibilité de joindre rapidement une personne compétente qui connaît mon dossier, même en dehors des heures "
    "d'ouverture de l'agence",
    "en": "Being able to reach quickly a competent person who knows my file, even outside the opening hours of the branch",
}
HOUSE = [
    "statistic",
    "item",
    "by",
    "domain",
    "estimate",
    "se",
    "lower",
    "upper",
    "df",
    "deff",
    "n",
    "n_eff",
    "suppressed",
    "note",
]
COLUMNS = {
    "levels": [*HOUSE, "audience", "face", "wave"],
    "gaps": [
        *HOUSE,
        "mirror",
        "smallest",
        "p",
        "p_adjusted",
        "verdict",
        "comparability",
        "a",
        "b",
        "reading",
        "grade",
        "p_aligned",
        "p_aligned_adjusted",
        "n_a",
        "n_b",
        "n_to_settle",
        "quadrant",
        "wave",
        "general",
    ],
    "drivers": [*HOUSE, "audience", "outcome", "r2", "rank", "share_of_r2", "wave"],
    "weights": ["audience", "wave", "measure", "variable", "category", "value", "target", "note"],
    "fieldwork": ["wave", "audience", "measure", "item", "n", "note"],
}
BANK_ITEMS = {
    "welcomed": ("Accueil", "Welcome", "literal"),
    "listened": ("Écoute", "Listening", "literal"),
    "clear": ("Clarté des explications", "Clear explanations", "literal"),
    "promise": ("Engagements tenus", "Promises kept", "literal"),
    "reachable": (LONG["fr"], LONG["en"], "literal"),
    "waiting": ("Temps d'attente", "Waiting time", "literal"),
    "solved": ("Problème résolu du premier coup", "Solved the first time", "literal"),
    "fair": ("Traitement équitable", "Fair treatment", "literal"),
    "online": ("Simplicité des démarches en ligne", "Ease of online steps", "literal"),
    "respected": ("Respect", "Respect", "parallel"),
    "recognised": ("Reconnaissance de la personne", "Being recognised as a person", "parallel"),
    "trusted": ("Confiance accordée", "Being trusted", "parallel"),
    "informed": ("Information donnée à temps", "Being informed in time", "parallel"),
    "errors": ("Erreurs réparées avec attention", "Errors repaired with care", "literal"),
    "proactive": ("Initiative du conseiller", "Adviser takes the first step", "literal"),
}


def write(
    folder: Path,
    manifest: Mapping[str, Any],
    study: Mapping[str, Any],
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Path:
    """Write a results folder by the schema: five tables as Parquet and CSV, the manifest and the study."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in COLUMNS.items():
        frame = pd.DataFrame(list(tables.get(name, ())), columns=columns)
        if "suppressed" in frame:
            frame["suppressed"] = frame["suppressed"].fillna(False).astype(bool)
        for column in frame.columns:
            if frame[column].dtype == object:
                frame[column] = frame[column].fillna("") if column in TEXTS else pd.to_numeric(frame[column])
        frame.to_parquet(folder / f"{name}.parquet", index=False)
        frame.to_csv(folder / f"{name}.csv", index=False)
    for name, content in (("manifest", manifest), ("study", study)):
        (folder / f"{name}.json").write_text(
            json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8"
        )
    return folder


TEXTS = {
    "statistic",
    "item",
    "by",
    "domain",
    "note",
    "audience",
    "face",
    "wave",
    "mirror",
    "verdict",
    "comparability",
    "a",
    "b",
    "reading",
    "grade",
    "quadrant",
    "outcome",
    "measure",
    "variable",
    "category",
}


def _estimate(value: float, se: float, n: int, **more: Any) -> dict[str, Any]:
    return {
        "estimate": value,
        "se": se,
        "lower": value - 1.96 * se,
        "upper": value + 1.96 * se,
        "df": 30.0,
        "deff": 1.2,
        "n": n,
        "n_eff": n / 1.2,
        "by": "",
        "domain": "",
        "suppressed": False,
        "note": "",
    } | more


def _hidden(**more: Any) -> dict[str, Any]:
    return {"by": "", "domain": "", "suppressed": True, "note": "fewer than 10 answers"} | more


def _verdict(gap: float, se: float, smallest: float, mirror: str) -> tuple[str, str]:
    if mirror == "loose":
        return "", ""
    if abs(gap) >= smallest and abs(gap) > 2.4 * se:
        return ("misjudged" if mirror == "projection" else "dissonant"), (
            "material" if abs(gap) - smallest > 2 * se else ""
        )
    if abs(gap) + 1.7 * se < smallest:
        return ("accurate" if mirror == "projection" else "aligned"), ""
    return "undetermined", ""


def _pair(
    item: str,
    statistic: str,
    b: str,
    mirror: str,
    ends: tuple[float, float],
    se: float,
    smallest: float,
    n: tuple[int, int],
    middle: float,
    **more: Any,
) -> dict[str, Any]:
    gap = ends[0] - ends[1]
    verdict, grade = _verdict(gap, se, smallest, mirror)
    quadrant = ""
    if verdict == "aligned":
        quadrant = "strength" if ends[0] >= middle else "weakness"
    elif verdict in ("dissonant", "misjudged"):
        quadrant = "over" if gap < 0 else "under"
    note = "a loose mirror: shown side by side, no verdict" if mirror == "loose" else ""
    return (
        _estimate(gap, se, sum(n))
        | {
            "statistic": statistic,
            "item": item,
            "mirror": mirror,
            "smallest": smallest,
            "p": 0.01,
            "p_adjusted": 0.02,
            "verdict": verdict,
            "comparability": "untestable",
            "a": "customer",
            "b": b,
            "reading": "relative" if mirror == "parallel" else "absolute",
            "grade": grade,
            "n_a": n[0],
            "n_b": n[1],
            "n_to_settle": 900 if verdict == "undetermined" else None,
            "quadrant": quadrant,
            "note": note,
        }
        | more
    )


def _drivers(
    rng: np.random.Generator, audience: str, outcome: str, items: Sequence[str], r2: float, n: int, wave: str
) -> list[dict[str, Any]]:
    shares = np.sort(rng.dirichlet(np.full(len(items), 0.9)))[::-1]
    order = list(rng.permutation(items))
    rows = [_estimate(r2, 0.02, n, statistic="r2", item=outcome, audience=audience, outcome=outcome, r2=r2, wave=wave)]
    for rank, (item, share) in enumerate(zip(order, shares, strict=True), start=1):
        row = _estimate(
            float(r2 * share),
            0.008 + 0.04 * float(share),
            n,
            statistic="lmg",
            item=item,
            audience=audience,
            outcome=outcome,
            r2=r2,
            rank=rank,
            share_of_r2=float(share),
            wave=wave,
        )
        rows.append(row | {"lower": max(0.0, row["lower"])})
    return rows


def _manifest(**more: Any) -> dict[str, Any]:
    return {
        "symmetry": "0.1.0",
        "packages": {"numpy": "2.4.6", "pandas": "3.1.1", "scipy": "1.17.1"},
        "python": "3.11.7",
        "seed": None,
        "simulated": False,
        "published": None,
        "mirrored": True,
        "unit": None,
        "segments": [],
        "min_cell": 10,
        "level": 0.95,
        "adjust": "bh",
        "df_rule": "satterthwaite",
        "units": "shared",
        "lonely_psu": "fail",
        "design": {},
        "departures": [],
        "notes": {},
        "tables": {},
    } | more


def bank(folder: Path, *, branches: int = 24) -> Path:
    """A simulated mirrored bank: 16 items, cold and hot waves, branches with hidden cells, three comparisons."""
    rng = np.random.default_rng(2027)
    regions = {
        "north": ("Nord", "North"),
        "east": ("Est", "East"),
        "south": ("Sud", "South"),
        "west": ("Ouest", "West"),
    }
    units = {f"b{i:02d}": (f"Agence {i:02d}", f"Branch {i:02d}") for i in range(1, branches + 1)}
    segments = {
        "region": regions,
        "channel": {"branch": ("Agence", "Branch"), "phone": ("Téléphone", "Phone"), "app": ("Application", "App")},
    }
    levels: list[dict[str, Any]] = []
    gaps: list[dict[str, Any]] = []

    def level(item: str, statistic: str, face: str, value: float, se: float, n: int, **more: Any) -> None:
        audience = "customers" if face == "customer" else "employees"
        levels.append(
            _estimate(value, se, n, statistic=statistic, item=item, face=face, audience=audience, wave="cold-2027")
            | more
        )

    level("recommend", "nps", "customer", 18.4, 1.9, 5210)
    level("recommend", "nps", "employee", 6.1, 3.3, 812)
    level("recommend", "nps", "guess", -4.2, 3.5, 812)
    gaps.append(_pair("recommend", "nps", "employee", "loose", (18.4, 6.1), 3.7, 10, (5210, 812), 0))
    gaps.append(_pair("recommend", "nps", "guess", "projection", (18.4, -4.2), 3.9, 10, (5210, 812), 0))
    for position, (item, (_, _, mirror)) in enumerate(BANK_ITEMS.items()):
        customer = float(rng.normal(3.9, 0.3))
        planted = {"promise": -0.52, "waiting": -0.41, "fair": 0.02, "welcomed": 0.03, "clear": -0.03}.get(
            item, float(rng.normal(0, 0.2))
        )
        employee, guess = customer - planted, customer + float(rng.normal(0.05, 0.25))
        b = "management" if mirror == "parallel" else "employee"
        level(item, "mean", "customer", customer, 0.03, 5180)
        level(item, "mean", b, employee, 0.05, 806)
        level(item, "favourable", "customer", min(0.97, 0.2 * customer), 0.01, 5180)
        level(item, "favourable", b, min(0.97, 0.2 * employee), 0.02, 806)
        se = 0.17 if item == "online" else 0.055
        if mirror == "parallel":
            absolute = _pair(item, "mean", b, mirror, (customer, employee), se, 0.3, (5180, 806), 3.5)
            gaps.append(
                absolute
                | {"reading": "absolute", "verdict": "", "quadrant": "", "grade": "", "note": "read the relative gap"}
            )
            relative = _pair(item, "mean", b, mirror, (customer + 0.1, employee), se, 0.3, (5180, 806), 3.5)
            gaps.append(relative | {"general": -0.1})
        else:
            gaps.append(_pair(item, "mean", b, mirror, (customer, employee), se, 0.3, (5180, 806), 3.5))
            gaps.append(
                _pair(item, "favourable", b, mirror, (0.2 * customer, 0.2 * employee), 0.02, 0.05, (5180, 806), 0.7)
            )
        if position % 4 == 0:
            level(item, "mean", "guess", guess, 0.05, 806)
            gaps.append(_pair(item, "mean", "guess", "projection", (customer, guess), 0.06, 0.3, (5180, 806), 3.5))
        for by, values in (*segments.items(), ("branch", units)):
            for rank, domain in enumerate(values):
                n = (210, 31) if by == "branch" else (1300, 200)
                shift = float(rng.normal(0, 0.15))
                where = {"by": by, "domain": domain}
                if (by == "branch" and rank in (3, 11)) or (by == "channel" and domain == "app"):
                    levels.append(
                        _hidden(statistic="mean", item=item, face=b, audience="employees", wave="cold-2027") | where
                    )
                    gaps.append(
                        _hidden(
                            statistic="mean",
                            item=item,
                            mirror=mirror,
                            a="customer",
                            b=b,
                            reading="absolute",
                            verdict="",
                        )
                        | where
                    )
                    level(item, "mean", "customer", customer, 0.08, n[0], **where)
                    continue
                level(item, "mean", "customer", customer, 0.08, n[0], **where)
                level(item, "mean", b, employee - shift, 0.12, n[1], **where)
                pair = _pair(item, "mean", b, mirror, (customer, employee - shift), 0.14, 0.3, n, 3.5, **where)
                gaps.append(pair | {"general": -0.1 if mirror == "parallel" else None})
        if item in ("welcomed", "listened", "waiting", "promise"):
            level(item, "mean", "customer", customer + 0.15, 0.04, 1411, wave="hot")
    for by, values in (*segments.items(), ("branch", units)):
        for domain in values:
            level("recommend", "nps", "customer", float(rng.normal(18, 7)), 5.0, 300, by=by, domain=domain)
            level("recommend", "nps", "employee", float(rng.normal(6, 8)), 9.0, 45, by=by, domain=domain)
    level("recommend", "nps", "customer", 31.0, 2.4, 1411, wave="hot")
    drivers = list(BANK_ITEMS)[:9]
    tables: dict[str, list[dict[str, Any]]] = {
        "levels": levels,
        "gaps": gaps,
        "drivers": _drivers(rng, "customers", "recommend", drivers, 0.46, 5021, "cold-2027")
        + _drivers(rng, "employees", "recommend", drivers, 0.38, 790, "cold-2027"),
        "weights": [
            {"audience": a, "wave": "cold-2027", "measure": m, "value": v}
            for a, values in (
                ("customers", (5210, 1.18, 4415.3, 0.42, 0.31, 2.9)),
                ("employees", (812, 1.0, 812, 0, 1, 1)),
            )
            for m, v in zip(("n", "kish_deff", "n_eff", "cv", "min", "max"), values, strict=True)
        ]
        + [
            {
                "audience": "customers",
                "wave": "cold-2027",
                "measure": m,
                "variable": "region",
                "category": c,
                "value": v,
                "target": t,
            }
            for c, before, t in (
                ("north", 0.31, 0.27),
                ("east", 0.22, 0.25),
                ("south", 0.26, 0.26),
                ("west", 0.21, 0.22),
            )
            for m, v in (("margin_before", before), ("margin_after", t))
        ],
        "fieldwork": [
            {"wave": w, "audience": a, "measure": m, "n": n, "note": note}
            for w, a, m, n, note in (
                ("cold-2027", "customers", "invited", 12000, ""),
                ("cold-2027", "customers", "returned", 5233, ""),
                ("cold-2027", "customers", "kept", 5210, ""),
                ("cold-2027", "customers", "set_aside", 23, "no answer at all"),
                ("cold-2027", "employees", "invited", 1190, ""),
                ("cold-2027", "employees", "returned", 812, ""),
                ("cold-2027", "employees", "kept", 812, ""),
                ("hot", "customers", "invited", 3000, ""),
                ("hot", "customers", "returned", 1411, ""),
                ("hot", "customers", "kept", 1411, ""),
            )
        ],
    }
    for rows in tables.values():
        for row in rows:
            row["note"] = "; ".join(filter(None, ["simulated", row.get("note", "")]))
            row.setdefault("wave", "cold-2027")
    scale = {"key": "agree5", "kind": "likert", "low": 1, "high": 5}
    items = {
        key: {
            "label": {"fr": fr, "en": en},
            "role": "driver",
            "statistic": "mean",
            "scale": scale,
            "wording": {"customer": {"fr": f"Question « {fr} »", "en": f"Question “{en}”"}},
            "promise": None,
            "moment": None,
        }
        for key, (fr, en, _) in BANK_ITEMS.items()
    }
    items["recommend"] = {
        "label": {"fr": "Recommandation", "en": "Recommendation"},
        "role": "outcome",
        "statistic": "nps",
        "scale": {"key": "nps", "kind": "nps", "low": 0, "high": 10},
        "wording": {},
        "promise": None,
        "moment": None,
    }
    names = {"region": ("Région", "Region"), "channel": ("Canal", "Channel"), "branch": ("Agence", "Branch")}
    study = {
        "key": "everyday_bank",
        "title": {"fr": "La banque de tous les jours", "en": "The everyday bank"},
        "languages": ["fr", "en"],
        "audiences": {
            "customers": {"fr": "Clients", "en": "Customers"},
            "employees": {"fr": "Collaborateurs", "en": "Employees"},
        },
        "source": {
            "fr": "Réponses simulées à partir d'une vérité connue, pour la démonstration.",
            "en": "Answers simulated from a known truth, for demonstration.",
        },
        "items": items,
        "promise": {},
        "frames": {
            key: {
                "label": {"fr": names[key][0], "en": names[key][1]},
                "values": {c: {"fr": fr, "en": en} for c, (fr, en) in values.items()},
            }
            for key, values in (*segments.items(), ("branch", units))
        },
        "waves": {
            "cold-2027": {"kind": "cold", "window": ["2027-03-01", "2027-03-21"]},
            "hot": {"kind": "hot", "after": "visit.closed", "delay": 2},
        },
    }
    digest = "9f2c4b7a" * 8
    manifest = _manifest(
        study={"key": "everyday_bank", "digest": digest},
        plan={"key": "everyday_bank", "digest": digest[::-1]},
        seed=2027,
        simulated=True,
        data={"cold-2027/customers": digest, "cold-2027/employees": digest[::-1], "hot/customers": digest},
        waves=["cold-2027", "hot"],
        unit="branch",
        segments=["region", "channel"],
        outcome="recommend",
        drivers=drivers,
        departures=[
            {
                "en": "Segments: region, channel (the study announced region).",
                "fr": "Segments : region, channel (l'étude prévoyait region).",
            }
        ],
        design={audience: {"stratum": "region", "psu": "branch"} for audience in ("customers", "employees")},
        notes={
            "fr": ["Les clients sans adresse électronique n'ont pas été invités."],
            "en": ["Customers without an e-mail address were not invited."],
        },
    )
    return write(folder, manifest, study, tables)


def schools(folder: Path, *, districts: int = 33) -> Path:
    """Percentages published per school, respondents unknown: 18 pairs, of which two loose and two parallel."""
    rng = np.random.default_rng(2015)
    names = [
        "Feedback encouraged",
        "Problems understood",
        "Warm greeting",
        "Work with families",
        "School needs told",
        "How staff help",
        "Classroom visits",
        "Regular communication",
        "Respected by principal",
        "Trust in principal",
        "Principal manages well",
        "Kept clean",
        "Leadership team decides",
        "Leadership team resources",
        "Leadership team assesses programs",
        "Leadership team plan",
        "Safety and order",
        "Overall",
    ]
    mirrors = ["literal"] * 8 + ["parallel"] * 2 + ["literal"] * 6 + ["loose"] * 2
    boroughs = {"m": "Manhattan", "x": "Bronx", "k": "Brooklyn", "q": "Queens", "r": "Staten Island"}
    units = {f"{i:02d}": f"District {i}" for i in [*range(1, districts), 75]}
    keys = [name.lower().replace(" ", "_") for name in names]
    levels: list[dict[str, Any]] = []
    gaps: list[dict[str, Any]] = []
    places = [
        ("", "", 1.0, 1700),
        *(("borough", b, 2.5, 340) for b in boroughs),
        *(("district", d, 6.0, 50) for d in units),
    ]
    for key, mirror in zip(keys, mirrors, strict=True):
        parents, teachers = float(rng.uniform(0.84, 0.97)), float(rng.uniform(0.72, 0.97))
        for by, domain, wide, n in places:
            shift = 0.0 if not by else float(rng.normal(0, 0.03))
            where = {"by": by, "domain": domain, "wave": "wave2015"}
            ends = (min(0.99, parents + shift), teachers)
            for face, audience, value in (("customer", "customers", ends[0]), ("employee", "employees", ends[1])):
                levels.append(
                    _estimate(value, 0.0018 * wide, n, statistic="favourable", item=key, face=face, audience=audience)
                    | where
                )
            if mirror == "parallel":
                pair = _pair(key, "favourable", "employee", mirror, ends, 0.003 * wide, 0.05, (n, n + 9), 0.85)
                gaps.append(
                    pair
                    | where
                    | {
                        "reading": "absolute",
                        "verdict": "",
                        "quadrant": "",
                        "grade": "",
                        "note": "read the relative gap",
                    }
                )
                ends = (ends[0] - 0.04, ends[1])
            pair = _pair(key, "favourable", "employee", mirror, ends, 0.003 * wide, 0.05, (n, n + 9), 0.85)
            pair |= {"general": 0.04 if mirror == "parallel" else None, "n": n + 9, "n_to_settle": None}
            gaps.append(pair | where)
    for rows in (levels, gaps):
        for row in rows:
            row["note"] = "; ".join(filter(None, [row["note"], "respondents unknown"]))
    both = _drivers(rng, "customers", "overall", keys[:16], 0.62, 1690, "wave2015") + _drivers(
        rng, "employees", "overall", keys[:16], 0.71, 1705, "wave2015"
    )
    tables = {
        "levels": levels,
        "gaps": gaps,
        "drivers": both,
        "weights": [
            {"audience": a, "wave": "wave2015", "measure": m, "value": v}
            for a in ("customers", "employees")
            for m, v in (("n", 1861), ("kish_deff", 1.0), ("n_eff", 1861))
        ],
        "fieldwork": [
            {"wave": "wave2015", "audience": a, "measure": m, "n": n, "note": note}
            for a in ("customers", "employees")
            for m, n, note in (("rows", 1861, ""), ("kept", 1840, ""), ("set_aside", 21, "no answer at all"))
        ],
    }
    study = {
        "key": "nyc_schools_2015",
        "title": {"en": "New York City schools, 2014–15", "fr": "Écoles de la ville de New York, 2014-2015"},
        "languages": ["en", "fr"],
        "audiences": {
            "customers": {"en": "Parents", "fr": "Parents"},
            "employees": {"en": "Teachers", "fr": "Enseignants"},
        },
        "source": {
            "en": "NYC Department of Education, School Survey 2014–15.",
            "fr": "NYC Department of Education, School Survey 2014-2015.",
        },
        "items": {
            k: {
                "label": {"en": n, "fr": n},
                "role": "outcome" if k == "overall" else "driver",
                "statistic": "favourable",
                "scale": {"key": "share", "kind": "percent", "low": 0, "high": 100},
                "wording": {},
                "promise": None,
                "moment": None,
            }
            for k, n in zip(keys, names, strict=True)
        },
        "frames": {
            "borough": {
                "label": {"en": "Borough", "fr": "Arrondissement"},
                "values": {k: {"en": v, "fr": v} for k, v in boroughs.items()},
            },
            "district": {
                "label": {"en": "District", "fr": "District"},
                "values": {k: {"en": v, "fr": v} for k, v in units.items()},
            },
        },
        "promise": {},
        "waves": {"wave2015": {"kind": "cold"}},
    }
    digest = "1b7e90cd" * 8
    manifest = _manifest(
        study={"key": "nyc_schools_2015", "digest": digest},
        plan={"key": "nyc_schools_2015", "digest": digest},
        waves=["wave2015"],
        data={"wave2015/customers": digest, "wave2015/employees": digest},
        published="NYC Department of Education, 2015",
        unit="district",
        segments=["borough"],
        outcome="overall",
        drivers=keys[:16],
        notes={"en": ["Each school counts once, whatever its size."]},
    )
    return write(folder, manifest, study, tables)


def airport(folder: Path) -> Path:
    """One audience by design: weighted passengers in interviewing runs, levels and drivers only."""
    rng = np.random.default_rng(2017)
    names = {
        "overall": "Airport overall",
        "food": "Restaurants",
        "shops": "Shops",
        "signs": "Signs inside",
        "wifi": "Wi-Fi",
        "clean": "Cleanliness",
        "security": "Security",
        "information": "Information booths",
        "art": "Artwork and exhibitions",
        "roadway": "Signs on the roads",
        "screens": "Flight screens",
        "parking": "Long-term parking",
    }
    areas = {f"a{i}": f"Boarding area {letter}" for i, letter in enumerate("ABCDEFG")}
    levels: list[dict[str, Any]] = []
    places = [
        ("", "", 1.0, 2831),
        *(("area", a, 2.6, 390) for a in areas),
        ("peak", "am", 1.4, 1200),
        ("peak", "pm", 1.3, 1600),
    ]
    for item in names:
        middle = float(rng.normal(3.9, 0.25))
        for by, domain, wide, n in places:
            where = {
                "by": by,
                "domain": domain,
                "wave": "w2017",
                "audience": "customers",
                "face": "customer",
                "item": item,
            }
            if item == "parking" and domain == "a6":
                levels.append(_hidden(statistic="mean") | where)
                continue
            value = middle + (float(rng.normal(0, 0.1)) if by else 0.0)
            levels.append(_estimate(value, 0.022 * wide, n, statistic="mean") | where)
            levels.append(_estimate(value / 5, 0.01 * wide, n, statistic="favourable") | where)
    tables = {
        "levels": levels,
        "drivers": _drivers(rng, "customers", "overall", list(names)[1:11], 0.52, 2104, "w2017"),
        "weights": [
            {"audience": "customers", "wave": "w2017", "measure": m, "value": v}
            for m, v in (("n", 2831), ("kish_deff", 1.31), ("n_eff", 2161.1), ("cv", 0.55), ("min", 0.2), ("max", 4.1))
        ],
        "fieldwork": [
            {"wave": "w2017", "audience": "customers", "measure": m, "n": n, "note": note}
            for m, n, note in (("rows", 11694, ""), ("kept", 2831, ""), ("set_aside", 8863, "not wave = 2017"))
        ],
    }
    study = {
        "key": "sfo_airport_2017",
        "title": {"en": "San Francisco International Airport, 2017"},
        "languages": ["en"],
        "audiences": {"customers": {"en": "Passengers"}},
        "source": {"en": "San Francisco International Airport, passenger survey 2017."},
        "items": {
            k: {
                "label": {"en": n},
                "role": "outcome" if k == "overall" else "driver",
                "statistic": "mean",
                "scale": {"key": "clean5" if k == "clean" else "rate5", "kind": "likert", "low": 1, "high": 5},
                "wording": {},
                "promise": None,
                "moment": None,
            }
            for k, n in names.items()
        },
        "frames": {
            "area": {"label": {"en": "Boarding area"}, "values": {k: {"en": v} for k, v in areas.items()}},
            "peak": {
                "label": {"en": "Time of day"},
                "values": {"am": {"en": "Morning"}, "pm": {"en": "Afternoon and evening"}},
            },
        },
        "promise": {},
        "waves": {"w2017": {"kind": "cold"}},
    }
    digest = "77ab31e0" * 8
    manifest = _manifest(
        study={"key": "sfo_airport_2017", "digest": digest},
        plan={"key": "sfo_airport_2017", "digest": digest},
        waves=["w2017"],
        mirrored=False,
        lonely_psu="centre",
        data={"w2017/customers": digest},
        unit="area",
        segments=["peak"],
        outcome="overall",
        drivers=list(names)[1:11],
    )
    return write(folder, manifest, study, tables)


VARIANTS = {"bank": bank, "schools": schools, "airport": airport}

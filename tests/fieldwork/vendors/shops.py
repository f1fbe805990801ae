"""A small shop's questionnaire with every kind of column, answers to it, and files of them as each tool would write them."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from symmetry.fieldwork import Intake
from symmetry.fieldwork.vendors.importing import read_vendor
from symmetry.fieldwork.vendors.nouns import Report
from symmetry.spec import Study, load

__all__ = [
    "ANSWERS",
    "COLUMNS",
    "LABELS",
    "STUDY",
    "WORDS",
    "a_study",
    "answers_of",
    "bring_in",
    "labelled",
    "text_of",
    "written",
]

STUDY = (Path(__file__).parent / "shop.yaml").read_text(encoding="utf-8")
WORDS = {
    "recommend": {"fr": "Nous recommanderiez-vous ?", "en": "Would you recommend us?"},
    "satisfied": {"fr": "Quelle est votre satisfaction ?", "en": "How satisfied are you?"},
    "greeted": {"fr": "À l’arrivée, on me salue.", "en": "When I come in, I am greeted."},
    "why": {"fr": "Vous avez mis 7. Pourquoi ?", "en": "You gave a 7. Why?"},
    "known_since": {"fr": "Depuis quand venez-vous ?", "en": "Since when do you come?"},
    "obstacles": {"fr": "Qu’est-ce qui vous a gêné ?", "en": "What was in your way?"},
    "waited": {"fr": "Combien de minutes avez-vous attendu ?", "en": "How many minutes did you wait?"},
    "last_visit": {"fr": "Quand êtes-vous venu ?", "en": "When did you come?"},
    "region": {"fr": "Région", "en": "Region"},
}
_AGREE = {
    "fr": ("Sans objet", "Pas du tout d'accord", "2", "3", "4", "Tout à fait d'accord"),
    "en": ("Not applicable", "Strongly disagree", "2", "3", "4", "Strongly agree"),
}
LABELS: dict[str, dict[str, dict[str, str]]] = {
    language: {
        "recommend": dict(zip(map(str, range(11)), [low, *map(str, range(1, 10)), high], strict=True)),
        "satisfied": dict(zip("12345", rates, strict=True)),
        "greeted": dict(zip("012345", _AGREE[language], strict=True)),
        "known_since": dict(zip(("under_2", "from_2_to_9", "long", "refused"), tenure, strict=True)),
        "obstacles": dict(zip(("price", "queue", "nothing"), reasons, strict=True)),
        "region": dict(zip(("north", "south"), regions, strict=True)),
    }
    for language, low, high, rates, tenure, reasons, regions in (
        (
            "fr",
            "Certainement pas",
            "Certainement",
            ("Très faible", "Faible", "Moyenne", "Forte", "Très forte"),
            ("Moins de 2 ans", "De 2 à 9 ans", "10 ans, ou plus", "Je préfère ne pas répondre"),
            ("Le prix", "L'attente, en caisse", "Aucune"),
            ("Nord", "Sud"),
        ),
        (
            "en",
            "Not at all likely",
            "Extremely likely",
            ("Very low", "Low", "Average", "High", "Very high"),
            ("Under 2 years", "2 to 9 years", "10 years or more", "I prefer not to answer"),
            ("The price", "The wait, at the till", "None of these"),
            ("North", "South"),
        ),
    )
}
COLUMNS = tuple(WORDS)
ANSWERS: tuple[dict[str, str], ...] = (
    dict(
        zip(
            COLUMNS,
            ("10", "5", "5", "Café, « très » bon", "long", "price queue", "2.5", "2027-03-04", "north"),
            strict=True,
        )
    ),
    dict(zip(COLUMNS, ("0", "1", "0", "deux\nlignes", "refused", "nothing", "-1", "2027-02-28", "south"), strict=True)),
    dict(zip(COLUMNS, ("7", "", "3", "", "under_2", "", "", "", "north"), strict=True)),
    dict(zip(COLUMNS, ("", "4", "1", "“x”; y", "from_2_to_9", "queue", "12", "2027-03-13", "south"), strict=True)),
)


def a_study(folder: Path) -> Study:
    """The study, from its file."""
    path = folder / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return load(path)


def labelled(name: str, cell: str, language: str) -> str:
    """A cell in the words of a language."""
    words = LABELS[language].get(name, {})
    return ", ".join(words[part] for part in cell.split()) if words else cell


def answers_of(intake: Intake) -> list[dict[str, str]]:
    """The answers that came in, as the texts that they are made of."""
    frame = intake.answers
    return [
        {name: "" if frame[name].isna().iloc[row] else _plain(frame[name].iloc[row]) for name in COLUMNS}
        for row in range(len(frame))
    ]


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def text_of(rows: Sequence[Sequence[str]], separator: str = ",", *, quoted: bool = True) -> str:
    """Rows as a text file."""
    out = io.StringIO()
    how = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=separator, quoting=how, lineterminator="\n").writerows(rows)
    return out.getvalue()


def bring_in(folder: Path, content: str | bytes, name: str = "file.csv", **options: Any) -> tuple[Intake, Report]:
    """Write a file and bring it in as the customers of the wave."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_vendor(path, options.pop("study", None) or a_study(folder), "spring", "customers", **options)


def written(tool: str, people: Sequence[Mapping[str, str]], *, language: str = "", seed: int = 0) -> list[list[str]]:
    """Answers as a tool writes them: codes, or labels in a language; what the tool adds is drawn from the seed."""
    makers = {"limesurvey": _limesurvey, "qualtrics": _qualtrics, "google": _google, "plain": _plainly}
    return makers[tool](people, language, random.Random(seed))


def _limesurvey(people: Sequence[Mapping[str, str]], language: str, dice: random.Random) -> list[list[str]]:
    """Codes of our export as its structure file says them (`known_since` is called `knownSince` there)."""
    codes = {"recommend", "satisfied", "greeted", "why", "waited", "region"}
    head = ["id", "submitdate", "lastpage", "startlanguage", "seed"]
    head += ["region", "recommend", "satisfied", "greeted", "why", "knownSince", "waited", "waitedMissing", "lastVisit"]
    ticks = ("price", "queue", "nothing")
    head += [f"obstacles[{key}]" for key in ticks]
    theirs = {"under_2": "A1", "from_2_to_9": "A2", "long": "long", "refused": "refus"}
    rows = [head]
    for number, person in enumerate(people, start=1):
        said = {name: labelled(name, person[name], language) if language else person[name] for name in codes}
        since = (
            labelled("known_since", person["known_since"], language)
            if language
            else theirs.get(person["known_since"], "")
        )
        missing = ("Je ne sais pas" if language == "fr" else "Don't know") if language else "-1"
        dk = person["waited"] == "-1"
        day = f"{person['last_visit']} 00:00:00" if person["last_visit"] else ""
        row = [str(number), "2027-03-05 10:00:00", "3", "fr", str(dice.randrange(10**9))]
        row += [said["region"], said["recommend"], said["satisfied"], said["greeted"], said["why"], since]
        row += ["" if dk else said["waited"], missing if dk else "", day]
        yes, no = ("Yes", "N/A" if not person["obstacles"] else "No") if language else ("Y", "")
        row += [yes if key in person["obstacles"].split() else no for key in ticks]
        rows.append(row)
    return rows


def _qualtrics(people: Sequence[Mapping[str, str]], language: str, dice: random.Random) -> list[list[str]]:
    own = [
        ("StartDate", "Start Date", "startDate"),
        ("Status", "Response Type", "status"),
        ("Finished", "Finished", "finished"),
        ("ResponseId", "Response ID", "_recordId"),
        ("UserLanguage", "User Language", "userLanguage"),
    ]
    ticks = ("price", "queue", "nothing")
    spoken = language or "en"
    single = [name for name in COLUMNS if name != "obstacles"]
    tags = [key for key, *_ in own] + [f"Q{n}" for n in range(1, len(single) + 1)] + [f"Q99_{n}" for n in (1, 2, 3)]
    words = [said for _, said, _ in own] + [f"<p>{WORDS[name][spoken]}</p>" for name in single]
    words += [f"{WORDS['obstacles'][spoken]} - Selected Choice - {LABELS[spoken]['obstacles'][key]}" for key in ticks]
    ids = [json.dumps({"ImportId": each}) for *_, each in own] + [json.dumps({"ImportId": tag}) for tag in tags[5:]]
    rows = [tags, words, ids]
    for person in people:
        status, done = ("IP Address", "True") if language else ("0", "1")
        row = ["2027-03-05 10:00:00", status, done, f"R_{dice.randrange(10**12):012d}", "FR"]
        row += [labelled(name, person[name], language) if language else person[name] for name in single]
        chosen = person["obstacles"].split()
        row += [(labelled("obstacles", key, spoken) if language else "1") if key in chosen else "" for key in ticks]
        rows.append(row)
    return rows


def _google(people: Sequence[Mapping[str, str]], language: str, dice: random.Random) -> list[list[str]]:
    spoken = language or "fr"
    stamp = {"fr": "Horodateur", "en": "Timestamp"}[spoken]
    rows = [[stamp, *(WORDS[name][spoken] for name in COLUMNS)]]
    for person in people:
        row = [f"0{dice.randrange(1, 10)}/03/2027 1{dice.randrange(10)}:05:12"]
        rows.append(row + [labelled(name, person[name], spoken) for name in COLUMNS])
    return rows


def _plainly(people: Sequence[Mapping[str, str]], language: str, dice: random.Random) -> list[list[str]]:
    del dice
    cells = [
        [labelled(name, person[name], language) if language else person[name] for name in COLUMNS] for person in people
    ]
    return [list(COLUMNS), *cells]

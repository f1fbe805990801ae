"""The page's own words: routes, waits, days and times as one would say them, in French and English; both catalogues whole."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from symmetry.spec import Study, load
from symmetry.spec.nouns import Item, Scale
from symmetry.spec.showing.setting import Setter, coded
from symmetry.spec.showing.speaking import LANGUAGES, Speaker, catalogue
from symmetry.spec.showing.telling import tell
from symmetry.spec.showing.timing import faces_asked, seconds_of

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "symmetry" / "spec" / "showing"
N, T = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def full() -> Study:
    """The study that has every key of the grammar."""
    return load(ROOT / "tests" / "spec" / "full")


def gaps(text: str) -> set[str]:
    """The gaps that a sentence leaves."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_catalogues_say_the_same_things() -> None:
    """Each key has words in both languages, with the same gaps."""
    english, french = catalogue("en"), catalogue("fr")
    assert sorted(english) == sorted(french)
    loose = {"employees", "Employees"}
    assert [] == [key for key in english if gaps(english[key]) - loose != gaps(french[key]) - loose]
    assert ("en", "fr") == LANGUAGES


def test_no_word_is_left_over() -> None:
    """Every key is used by the page, by itself or as one of a family."""
    code = "".join(path.read_text("utf-8") for path in sorted([*FOLDER.glob("*.py"), *FOLDER.glob("*.j2")]))
    families = {found.rstrip(".") for found in re.findall(r'["\']([a-z_.]+\.)(?:["\'] ~|\{)', code)}
    unused = [
        key
        for key in catalogue("en")
        if f'"{key}"' not in code and not any(key.startswith(f"{family}.") for family in families)
    ]
    known = {"scale.number", "scale.date"}
    assert [] == [key for key in unused if not any(key.startswith(f"{each}.") for each in known)]


@pytest.mark.parametrize(
    ("route", "french", "english"),
    [
        ("recommend <= 6", f"«{N}Recommandation{N}» vaut au plus 6", "“Recommendation” is at most 6"),
        ("6 < recommend", f"«{N}Recommandation{N}» est supérieur à 6", "“Recommendation” is above 6"),
        ('channel != "app"', f"«{N}Canal principal{N}» n’est pas «{N}Application{N}»", "“Main channel” is not “App”"),
        (
            'region in ["north", "south"]',
            f"«{N}Région{N}» est l’un de «{N}Nord{N}» et «{N}Sud{N}»",
            "“Region” is one of “North” and “South”",
        ),
        ('region not in ["north"]', f"«{N}Région{N}» n’est aucun de «{N}Nord{N}»", "“Region” is none of “North”"),
        (
            '"price" in obstacles',
            f"«{N}Le prix{N}» est parmi les réponses à «{N}Freins{N}»",
            "“The price” is among the answers to “Obstacles”",
        ),
        ("waited is None", f"«{N}Attente{N}» n’a pas reçu de réponse", "“Wait” was not answered"),
        ("waited is not None", f"«{N}Attente{N}» a reçu une réponse", "“Wait” was answered"),
        ("waited >= 1.5", f"«{N}Attente{N}» vaut au moins 1,5", "“Wait” is at least 1.5"),
        (
            'last_visit > "2027-03-01"',
            f"«{N}Dernière visite{N}» est après le 1er mars 2027",
            "“Last visit” is after 1 March 2027",
        ),
        (
            'seniority == "refused"',
            f"«{N}Ancienneté{N}» est «{N}Je préfère ne pas répondre{N}»",
            "“Seniority” is “I prefer not to answer”",
        ),
        (
            "respected < respected.guess",
            f"«{N}Respect{N}» est inférieur à «{N}Respect{N}» (pronostic)",
            "“Respect” is below “Respect” (guess)",
        ),
        (
            'recommend <= 6 and (channel == "app" or waited > 60)',
            (
                f"«{N}Recommandation{N}» vaut au plus 6 et («{N}Canal principal{N}» est «{N}Application{N}» ou"
                f" «{N}Attente{N}» est supérieur à 60)"
            ),
            "“Recommendation” is at most 6 and (“Main channel” is “App” or “Wait” is above 60)",
        ),
        (
            "1 <= recommend <= 3",
            f"«{N}Recommandation{N}» vaut au moins 1 et «{N}Recommandation{N}» vaut au plus 3",
            "“Recommendation” is at least 1 and “Recommendation” is at most 3",
        ),
        (
            'not channel == "app"',
            f"il n’est pas vrai que «{N}Canal principal{N}» est «{N}Application{N}»",
            "it is not so that “Main channel” is “App”",
        ),
        ("len(why) > 3", "len(why) > 3", "len(why) > 3"),
    ],
)
def test_a_route_is_said_in_words(route: str, french: str, english: str, full: Study) -> None:
    """Labels of items and words of choices stand for keys; what cannot be read stays as it is written."""
    assert french == tell(route, Speaker(full, "fr"))
    assert english == tell(route, Speaker(full, "en"))


def test_waits_and_days_are_said_as_one_says_them() -> None:
    """Minutes, hours and days; the first of a French month; numbers with the signs of the language."""
    english, french = Speaker(None, "en"), Speaker(None, "fr")
    waits = (0.5, 2, 24, 36, 48, 2160)
    assert [f"30{N}min", f"2{N}h", "1 day", f"36{N}h", "2 days", "90 days"] == [english.time(wait) for wait in waits]
    assert [f"30{N}min", f"2{N}h", "1 jour", f"36{N}h", "2 jours", "90 jours"] == [french.time(wait) for wait in waits]
    assert f"48{N}h" == english.time(48, days_from=96)
    assert ("du 1er mars 2027 au 21 mars 2027", "1 March 2027 to 21 March 2027") == (
        french.window("2027-03-01", "2027-03-21"),
        english.window("2027-03-01", "2027-03-21"),
    )
    assert ("6,000", f"6{T}000", "0.3", "0,3") == (
        english.number(6000),
        french.number(6000),
        english.number(0.3),
        french.number(0.3),
    )


def test_the_time_of_a_survey_can_be_checked_by_hand(full: Study) -> None:
    """Four words a second, three seconds a tick, five a choice, thirty an open answer; choices are read too."""
    hot = faces_asked(full, "hot", "customers")
    assert ["recommend", "listened", "why"] == [item.key for item, _ in hot]
    words = 7 + 7 + 5  # the three French questions, counted by eye
    assert round(words / 4 + 3 + 3 + 30) == seconds_of(hot, "fr")
    choice = Scale("tenure", "single", choices={"new": {"en": "Under two years"}, "old": {"en": "Longer"}})
    asked = Item("tenure", "demographic", {}, choice, {"employee": {"en": "How long have you worked here?"}})
    assert round((6 + 4) / 4 + 5) == seconds_of([(asked, "employee")], "en")


def test_wordings_are_set_without_a_change(full: Study) -> None:
    """A French sign stays on the line of its word by a tag around them, not by another space; braces and chips as read."""
    setter = Setter(full, Speaker(full, "fr"))
    assert "un <span class=n>proche ?</span>" == setter.words("un proche ?", "fr")
    assert "<span class=n>« Oui,</span> <span class=n>non »</span>" == setter.words("« Oui, non »", "fr")
    assert "<span class=n>« Oui »</span> ou <span class=n>« non » ?</span>" == setter.words(
        "« Oui » ou « non » ?", "fr"
    )
    assert "a friend ?" == setter.words("a friend ?", "en")
    assert "x" * 30 + " ?" == str(setter.words("x" * 30 + " ?", "fr"))
    assert "{a} &lt; <span class=pipe>Recommendation</span>" == setter.words("{{a}} < {recommend}", "en")
    assert "{ alone" == setter.words("{ alone", "en")
    assert "an odd ` sign" == coded("an odd ` sign")


def test_a_language_from_right_to_left_says_so(full: Study) -> None:
    """Arabic and Hebrew run the other way; the others say nothing."""
    setter = Setter(full, Speaker(full, "fr"))
    assert "dir=rtl" in setter.attributes("ar")
    assert "dir=rtl" in setter.attributes("he-IL")
    assert "dir" not in setter.attributes("fr")

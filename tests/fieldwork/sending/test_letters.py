"""What people read: who asks, why, how long, what becomes of the answers, until when, and the way out; in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter

import pytest
import yaml

from symmetry.errors import DataError
from symmetry.fieldwork import sending
from symmetry.fieldwork.asking.nouns import Asked
from symmetry.fieldwork.asking.paging import asked_of
from symmetry.fieldwork.sending.alphabet import fitted, gsm_length, in_gsm
from symmetry.fieldwork.sending.letters import Message, letters_page, mail_of, printed, text_of
from symmetry.fieldwork.sending.links import Links
from tests.fieldwork.sending.outboxes import INVITE, study_in
from tests.spec.pages import read_page

HOME = "https://survey.example.org"
LINKS = Links(f"{HOME}/s/abcdefghij234567abcd", f"{HOME}/x/abcdefgh23", f"{HOME}/o/zyxwvutsrq765432zyxw")
EXPIRES = datetime(2027, 3, 21, 23, tzinfo=UTC)  # midnight in Paris
BANK = Path(__file__).resolve().parents[3] / "survey_specs" / "everyday_bank"
WORDS = {
    language: yaml.safe_load((Path(sending.__file__).parent / "words" / f"{language}.yaml").read_text(encoding="utf-8"))
    for language in ("fr", "en")
}
# The default alphabet of GSM 03.38 as its table stands in the standard, row by row.
GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


def _asked(folder: Path, audience: str = "customers", **options: str) -> Asked:
    study = study_in(folder, **options)
    return asked_of(study, "cold", audience, first=date(2027, 3, 1), last=date(2027, 3, 21))


def _message(asked: Asked, step: int = 0, language: str = "en", who: str = "Banque du Quotidien") -> Message:
    return Message(asked, step, LINKS, EXPIRES, language, who, contact="c-007")


def test_both_languages_say_the_same_things() -> None:
    """The same keys in the same order with the same gaps, and nothing left in the other language."""
    assert list(WORDS["en"]) == list(WORDS["fr"])
    gaps = [
        {key: {name for _, name, _, _ in Formatter().parse(text) if name} for key, text in WORDS[each].items()}
        for each in ("en", "fr")
    ]
    assert gaps[0] == gaps[1]
    assert [] == [key for key in WORDS["en"] if WORDS["en"][key] == WORDS["fr"][key]]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("audience", ["customers", "employees"])
@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_mail_says_all_that_must_be_said_twice(tmp_path: Path, language: str, audience: str, step: int) -> None:
    """Plain text and page both name the study, who asks, the links, the last day, and the promises of the pages themselves."""
    from symmetry.fieldwork.web.speaking import speaker_of
    from symmetry.fieldwork.web.welcoming import promises_of

    asked = _asked(tmp_path, audience)
    mail = mail_of(_message(asked, step, language))
    page = read_page(mail.html)
    spoken = " ".join(page.find("main")[0].text().split())
    day = {"fr": "21 mars 2027", "en": "21 March 2027"}[language]
    title = {"fr": "L’accueil", "en": "The welcome"}[language]
    for each in (day, title, "Banque du Quotidien", *promises_of(asked, speaker_of(language))):
        assert each in mail.text
        assert " ".join(each.split()) in spoken
    links = [f"{LINKS.full}?lang={language}", f"{LINKS.out}?lang={language}"]
    assert links == [each.attributes["href"] for each in page.find("a")]
    assert links == [line for line in mail.text.splitlines() if line.startswith("https://")]
    assert language == page.find("html")[0].attributes["lang"]
    assert not re.search(r"(?i)<img|<script|src=|url\(|\{|\}", mail.html)


def test_reminders_differ_thank_and_blame_nobody(tmp_path: Path) -> None:
    """Three messages, three subjects and three openings; reminders thank whoever has answered, and only the last says so."""
    asked = _asked(tmp_path)
    for language, thanks in (("en", "hank you"), ("fr", "erci")):
        mails = [mail_of(_message(asked, step, language)) for step in (0, 1, 2)]
        assert 3 == len({mail.subject for mail in mails})
        openings = [mail.text.split("\n\n")[1] for mail in mails]
        assert 3 == len(set(openings))
        assert [False, True, True] == [thanks in each for each in openings]
        last = {"en": "the last time", "fr": "la dernière fois"}[language]
        assert [False, False, True] == [last in each for each in openings]
        assert not re.search(r"(?i)still not|have not|failed|n'avez pas|n’avez pas|toujours pas", " ".join(openings))


def test_the_studys_own_words_stand_in_the_middle(tmp_path: Path) -> None:
    """They take the place of why, paragraph by paragraph and escaped; links, promise and the way out stay."""
    asked = _asked(tmp_path, invite=INVITE)
    mail, again = (mail_of(_message(asked, step, "fr")) for step in (0, 1))
    assert "Dites-nous <tout>" == mail.subject
    assert "Rappel\u00a0: Dites-nous <tout>" == again.subject
    paragraphs = mail.text.split("\n\n")
    assert ["Bonjour,", "Cher client, votre agence a été refaite.", "Qu’en pensez-vous\u202f?"] == paragraphs[:3]
    assert "L’enquête s’appelle" not in mail.text
    assert "Cher client" in again.text
    assert "<title>Dites-nous &lt;tout&gt;</title>" in mail.html
    assert LINKS.out in mail.text


def test_a_rehearsal_is_told(tmp_path: Path) -> None:
    """Nobody who gets a trial message takes it for a real one."""
    asked = replace(_asked(tmp_path), rehearsal=date(2027, 3, 4))
    mail = mail_of(_message(asked))
    assert mail.subject.startswith("Rehearsal: ")
    assert "count for nothing" in mail.text
    assert "count for nothing" in mail.html
    assert "count for nothing" in printed(_message(asked))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_text_message_is_one_in_the_alphabet_of_every_telephone(tmp_path: Path, language: str) -> None:
    """At most 160 characters of the standard's table, with both links whole; for any name of the sender."""
    asked = _asked(tmp_path)
    for step in (0, 1, 2):
        for who in ("Banque du Quotidien", "Caisse régionale d'épargne et de prévoyance", "日本銀行", ""):
            text = text_of(_message(asked, step, language, who))
            assert set(text) <= set(GSM), set(text) - set(GSM)
            assert len(text) <= 160
            assert [LINKS.short, LINKS.out] == re.findall(r"https://\S+", text)
            assert re.match(r"[BCTL]['\w]+", text)


def test_the_longest_address_that_settings_allow_leaves_room(tmp_path: Path) -> None:
    """With 32 characters of address there is still a name before the words, in the month with the longest name."""
    home = "https://" + "x" * 21 + ".fr"
    links = Links(f"{home}/s/{'a' * 20}", f"{home}/x/{'a' * 10}", f"{home}/o/{'a' * 20}")
    for step in (0, 1):
        for language in ("fr", "en"):
            message = Message(
                _asked(tmp_path), step, links, datetime(2027, 9, 22, 22, tzinfo=UTC), language, "Banque du Rhin"
            )
            assert len(text_of(message)) <= 160
            assert text_of(message).startswith("Banque")


def test_own_words_go_in_parts_and_never_cut(tmp_path: Path) -> None:
    """Words of the study stand whole, in their own alphabet if need be; what makes more than two parts is refused."""
    assert "Votre agence refaite : votre avis ? " in text_of(_message(_asked(tmp_path, invite=INVITE), 0, "fr"))
    words = "Your new branch: what do you think?"
    long = text_of(_message(_asked(tmp_path, invite=INVITE.replace(words, "Your new branch " * 10))))
    assert "Your new branch " * 10 in long
    assert LINKS.out in long
    assert "意見" in text_of(_message(_asked(tmp_path, invite=INVITE.replace(words, "意見"))))
    with pytest.raises(DataError, match=r"SND07 the `invite.sms` of wave `cold`"):
        text_of(_message(_asked(tmp_path, invite=INVITE.replace(words, "Your new branch " * 15))))


def test_letters_without_a_place_in_the_alphabet() -> None:
    """Accents that it lacks go, ligatures open, doubles count twice, and what cannot be written is not."""
    assert "Etre a Noel, c'est OK : 5 euros ? Éé" == in_gsm("Être â Noël, c’est OK\u00a0: 5 euros\u202f? Éé")
    assert "oeuvre" == in_gsm("œuvre")
    assert None is in_gsm("да")
    assert 4 == gsm_length("a€b")
    assert "Banque" == fitted("Banque du", 8)
    assert "Caissere" == fitted("Caisseregionale", 8)


def test_a_printed_letter_leads_by_camera_and_by_hand(tmp_path: Path) -> None:
    """One sheet each; the pattern holds the short link, the typed address is that link, and the way out stands on it."""
    import segno

    articles = [printed(_message(_asked(tmp_path, audience), 0, "fr")) for audience in ("customers", "employees")]
    page = read_page(letters_page(articles, "fr"))
    assert 2 == len(page.find("article"))
    first = page.find("article")[0]
    assert ["survey.example.org/x/abcdefgh23"] == [each.text() for each in first.find("span", class_="typed")]
    assert LINKS.out.removeprefix("https://") in first.text()
    assert "Pour c-007" in first.text()
    assert "21 mars 2027" in first.text()
    drawn = re.search(r'<path[^>]* d="([^"]+)"', articles[0])
    again = re.search(r' d="([^"]+)"', segno.make(LINKS.short, error="m", micro=False).svg_inline(border=0))
    assert drawn is not None
    assert again is not None
    assert again[1] == drawn[1]
    assert LINKS.short in first.find("svg")[0].find("title")[0].text()


def test_the_real_study_has_words_for_each_of_its_audiences() -> None:
    """Hot customers, cold customers, employees and observers of the bank are asked in their words, or in those of the wave."""
    from symmetry import spec

    study = spec.load(BANK)
    whys = set()
    for wave in study.waves.values():
        for audience in wave.audiences:
            asked = asked_of(study, wave.key, audience, first=date(2027, 3, 1))
            whys.add(mail_of(_message(asked)).text.split("\n\n")[1])
            assert gsm_length(text_of(_message(asked, 1, "fr"))) <= (306 if wave.invite else 160)
    assert 3 == len(whys)


def test_a_reminder_in_the_studys_own_words_says_that_it_is_one(tmp_path: Path) -> None:
    """With the day where that costs no further part; where not even the word has room, in the words alone."""
    study = _asked(tmp_path, invite=INVITE)
    first, again = (text_of(_message(study, step, "fr")) for step in (0, 1))
    assert f"Rappel, jusqu'au 21 mars : {first}" == again
    full = "x" * (160 - gsm_length(first) + len("Votre agence refaite : votre avis ?"))
    for room, start in ((0, "xxx"), (len("Rappel : "), "Rappel : xxx")):
        invite = INVITE.replace("Votre agence refaite : votre avis ?", full[room:])
        assert text_of(_message(_asked(tmp_path, invite=invite), 1, "fr")).startswith(start)


def test_a_subject_is_one_line_whatever_was_pasted_into_it(tmp_path: Path) -> None:
    """Also with the line ends that only Unicode knows."""
    invite = INVITE.replace("Tell us <all>", "Tell us\\u2028all\\x85now")
    assert "Tell us all now" == mail_of(_message(_asked(tmp_path, invite=invite))).subject

"""A fielded wave is written once, read for ever, and held against every later version of its study."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from symmetry.errors import Problem, SpecError
from symmetry.spec import load, read_yaml
from symmetry.spec.changing.comparing import changes
from symmetry.spec.changing.compiling import compile_wave, cut_to, hash_of, study_in
from symmetry.spec.changing.guarding import check_fielded
from symmetry.spec.changing.sealing import read_seal, seal
from symmetry.spec.rotating import order_of
from tests.spec.two_versions import FULL, edited, small_bank

KEPT = Path(__file__).parent / "versions" / "hot.sealed.json"
DAY = "2027-02-01"


@pytest.fixture(scope="module")
def fielded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sealed files of the three waves of the small bank."""
    folder = tmp_path_factory.mktemp("fielded") / "small_bank"
    edited(folder)
    study = load(folder)
    for wave in study.waves:
        seal(study, wave, on=DAY)
    return folder / "fielded"


# What is compiled.


def test_a_wave_is_compiled_to_what_its_people_see() -> None:
    """The hot wave of the small bank, by hand: its items, the faces of its audience, their scales, what they route upon."""
    made = compile_wave(small_bank(), "hot")
    study = made["study"]
    assert ["recommend", "listened", "why"] == study["waves"]["hot"]["items"]
    assert {"recommend", "listened", "why", "region", "channel", "balance", "branch"} == set(study["items"])
    assert ["customer"] == list(study["items"]["listened"]["faces"])
    assert {"fr", "en"} == set(study["items"]["listened"]["faces"]["customer"])
    assert 'recommend <= 6 and channel != "app"' == study["items"]["why"]["ask_if"]
    assert {"nps", "agree5", "words"} == set(study["scales"])
    assert [["na", 0], ["dk", -1], ["refused", -2]] == study["scales"]["agree5"]["missing"]
    assert {"seed": 2027, "blocks": {"attitudes": ["listened"]}} == study["rotation"]
    assert ["listened"] == study["registered"]["drivers"]
    assert [] == study["registered"]["comparisons"]
    assert "recommend <= 4" == study["registered"]["alerts"]["detractor"]["when"]
    assert 10 == study["privacy"]["min_cell"]
    assert 0.3 == study["waves"]["hot"]["sampling"]["customers"]["rate"]
    assert {"customers"} == set(study["audiences"])


def test_a_wave_is_cut_to_its_audiences() -> None:
    """Faces that the wave does not show leave with their mirrors, scales and directions; so do alerts on what it does not ask."""
    bank = small_bank()
    alone = replace(bank.waves["cold-2027"], audiences=("customers",))
    item = cut_to(replace(bank, waves={"cold-2027": alone}), "cold-2027").items["answered"]
    assert (("customer",), {}, {}, ()) == (tuple(item.faces), item.mirrors, item.scales, item.negative)
    both = cut_to(bank, "cold-2027").items["answered"]
    assert ({"management"}, ("cooperation",)) == (set(both.scales), both.negative)
    assert ["detractor"] == list(cut_to(bank, "hot").registered.alerts)
    assert [] == list(cut_to(bank, "walks-2027").registered.alerts)


def test_what_only_the_house_reads_is_left_out() -> None:
    """Labels, promises, moments, owners, sources and targets may change while people answer."""
    said = json.dumps(compile_wave(small_bank(), "cold-2027"), ensure_ascii=False)
    for words in (
        "Écoute",
        "Attentifs",
        "L'accueil",
        "Responsable qualité",
        "Exemple pour les tests",
        "On se lève",
        "0.58",
    ):
        assert words not in said


def test_a_wave_holds_what_its_answers_are_weighted_by() -> None:
    """The variables and the trim of each of its audiences, none where there is none, and never the shares."""
    study = compile_wave(small_bank(), "cold-2027")["study"]
    assert {"customers": 5} == study["trims"]
    assert {"customers": ["region"], "employees": ["region"]} == {
        audience: [target["variable"] for target in targets] for audience, targets in study["targets"].items()
    }
    assert [{}] == [target["shares"] for target in study["targets"]["customers"]]
    assert ({"observers": []}, {}) == tuple(
        compile_wave(small_bank(), "walks-2027")["study"][name] for name in ("targets", "trims")
    )


def test_a_questionnaire_is_in_the_order_of_the_wave() -> None:
    """Each question with its item, face and column; the faces of an item follow each other; a wave may have its own order."""
    bank = small_bank()
    turned = replace(bank, waves={"cold": replace(bank.waves["cold-2027"], key="cold", items=("pride", "listened"))})
    asked = compile_wave(turned, "cold")["questionnaires"]
    employees = ["pride", "listened", "listened.guess", "listened.management", "listened.cooperation"]
    assert employees == [each["column"] for each in asked["employees"]]
    assert ["listened"] == [each["column"] for each in asked["customers"]]


@pytest.mark.parametrize("wave", ["cold-2027", "hot", "walks-2027"])
def test_a_compiled_wave_is_a_study_again(wave: str, tmp_path: Path) -> None:
    """Through JSON and back, the same nouns, so that every verb works on what was fielded."""
    bank = small_bank()
    back = study_in(json.loads(json.dumps(compile_wave(bank, wave))), bank.path)
    assert cut_to(bank, wave) == back
    assert list(bank.scales["reasons"].choices) == list(back.scales.get("reasons", bank.scales["reasons"]).choices)
    audience = bank.waves[wave].audiences[0]
    for person in ("p1", "p2", "p3"):
        assert order_of(bank, wave, audience, person) == order_of(back, wave, audience, person)


def test_the_same_wave_has_the_same_hash(tmp_path: Path) -> None:
    """Comments, labels and targets leave it; a word, or the order of choices, changes it."""
    same, _ = edited(tmp_path / "same", ("en: Listening}", "en: Being heard}"), ("privacy: {", "# a word\nprivacy: {"))
    word, _ = edited(tmp_path / "word", ("en: I am proud to work here.", "en: I am proud to work there."))
    first, second = "      price: {fr: Le prix, en: The price}\n", "      delay: {fr: L'attente, en: The wait}\n"
    turned, _ = edited(tmp_path / "turned", (first + second, second + first))
    hashes = [hash_of(compile_wave(load(folder), "cold-2027")) for folder in (FULL, same, word, turned)]
    assert hashes[0] == hashes[1]
    assert 3 == len(set(hashes))


def test_an_unknown_wave_is_told() -> None:
    """With the wave that was meant."""
    with pytest.raises(SpecError, match="did you mean `cold-2027`") as told:
        compile_wave(small_bank(), "cold-2028")
    assert "SPEC04" == told.value.problems[0].code


# What is sealed.


def test_a_seal_is_plain_json_with_its_hashes(fielded: Path) -> None:
    """Any program can read it and verify both hashes."""
    body = json.loads((fielded / "hot.json").read_text("utf-8"))
    assert {"symmetry", "holds", "on", "sha256", "wave", "seal"} == set(body)
    rest = {key: value for key, value in body.items() if key != "seal"}
    for said, value in ((body["sha256"], body["wave"]), (body["seal"], rest)):
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(text.encode()).hexdigest() == said


def test_a_seal_reads_back(fielded: Path) -> None:
    """Wave, day, hash and the study as it was, texts in the order of their languages."""
    sealed = read_seal(fielded / "hot.json")
    assert ("hot", DAY, hash_of(compile_wave(small_bank(), "hot"))) == (sealed.wave, sealed.on, sealed.sha256)
    assert cut_to(small_bank(), "hot") == replace(sealed.study, path=small_bank().path)
    assert ["fr", "en"] == list(sealed.study.items["listened"].faces["customer"])


def test_a_seal_of_long_ago_still_reads(tmp_path: Path) -> None:
    """A file that the first version wrote: it is read, and holds the study of today."""
    edited(tmp_path / "bank")
    (tmp_path / "bank" / "fielded").mkdir()
    shutil.copy(KEPT, tmp_path / "bank" / "fielded" / "hot.json")
    assert "2027-02-01" == read_seal(KEPT).on
    assert ["recommend", "listened", "why"] == list(read_seal(KEPT).study.waves["hot"].items)
    bank = load(tmp_path / "bank", fielded=False)
    assert [] == check_fielded(bank, read_yaml(tmp_path / "bank" / "study.yaml"))
    assert () == changes(read_seal(KEPT).study, bank)
    assert KEPT.read_bytes() == seal(bank, "hot", on="2027-05-05").read_bytes()


def test_sealing_again_changes_nothing(tmp_path: Path) -> None:
    """The same content on another day leaves the file and its day as they are, byte for byte."""
    folder, _ = edited(tmp_path / "bank")
    path = seal(load(folder), "hot", on=DAY)
    before = path.read_bytes()
    assert folder / "fielded" / "hot.json" == path
    assert path == seal(load(folder), "hot", on="2027-05-05")
    assert before == path.read_bytes()
    assert ["hot.json"] == [each.name for each in path.parent.iterdir()]


def test_fld05_a_wave_is_not_sealed_with_another_content(tmp_path: Path) -> None:
    """The refusal says what differs, and nothing is written."""
    folder, _ = edited(tmp_path / "bank")
    path = seal(load(folder), "hot", on=DAY)
    before = path.read_bytes()
    edited(folder, ('en: "You answered', 'en: "You said'))
    with pytest.raises(SpecError, match=r"`You answered {recommend}. Why\?` → `You said {recommend}. Why\?`") as told:
        seal(load(folder, fielded=False), "hot", on=DAY)
    assert "FLD05" == told.value.problems[0].code
    assert before == path.read_bytes()


@pytest.mark.parametrize("day", ["1/2/2027", "2027-02-30", "", "20270201"])
def test_fld08_a_day_is_a_day(day: str, tmp_path: Path) -> None:
    """A seal without a day of the calendar says nothing of when; nothing is written."""
    folder, _ = edited(tmp_path / "bank")
    with pytest.raises(SpecError, match="is no day") as told:
        seal(load(folder), "hot", on=day)
    assert "FLD08" == told.value.problems[0].code
    assert not (folder / "fielded").exists()


def faults(file: Path) -> tuple[Problem, ...]:
    """What is wrong with a sealed file."""
    try:
        read_seal(file)
    except SpecError as error:
        return error.problems
    return ()


def resealed(body: dict[str, Any]) -> str:
    """A sealed file whose whole has the hash it says."""
    rest = {key: value for key, value in body.items() if key != "seal"}
    return json.dumps(rest | {"seal": hash_of(rest)}, ensure_ascii=False)


def rewritten(body: dict[str, Any], **fields: Any) -> str:
    """A sealed file with some fields changed and hashes that fit."""
    rest = {key: value for key, value in (body | fields).items() if key != "seal"}
    rest["sha256"] = hash_of(rest["wave"]) if isinstance(rest["wave"], dict) else rest["sha256"]
    return json.dumps(rest | {"seal": hash_of(rest)}, ensure_ascii=False)


DAMAGES: dict[str, Callable[[str], str]] = {
    "not JSON": lambda text: text[: len(text) // 2],
    "not an object": lambda text: "[1, 2]",
    "another thing": lambda text: json.dumps({"symmetry": 1, "holds": "answers"}),
    "not a number of JSON": lambda text: text.replace('"rate": 0.3', '"rate": NaN'),
    "another day": lambda text: text.replace('"on": "2027-02-01"', '"on": "2027-02-02"'),
    "another word": lambda text: text.replace("Why?", "Why not?"),
    "another identity": lambda text: resealed(json.loads(text) | {"sha256": "0" * 64}),
    "no wave": lambda text: rewritten(json.loads(text), wave="hot"),
    "a later form": lambda text: rewritten(json.loads(text), wave=json.loads(text)["wave"] | {"symmetry": 2}),
    "a later field": lambda text: rewritten(
        json.loads(text), wave=json.loads(text)["wave"] | {"study": json.loads(text)["wave"]["study"] | {"aura": 1}}
    ),
    "a wrong type": lambda text: rewritten(
        json.loads(text),
        wave=json.loads(text)["wave"] | {"study": json.loads(text)["wave"]["study"] | {"languages": "fr"}},
    ),
    "a wave it does not hold": lambda text: rewritten(
        json.loads(text), wave=json.loads(text)["wave"] | {"wave": "cold"}
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_fld04_a_damaged_seal_is_told(damage: str, fielded: Path, tmp_path: Path) -> None:
    """Whatever was done to it: the file is named, and the study's own check says so without a traceback."""
    edited(tmp_path / "bank")
    shutil.copytree(fielded, tmp_path / "bank" / "fielded")
    file = tmp_path / "bank" / "fielded" / "hot.json"
    before = file.read_text("utf-8")
    file.write_text(DAMAGES[damage](before), "utf-8")
    assert before != file.read_text("utf-8")
    with pytest.raises(SpecError) as told:
        read_seal(file)
    assert ["FLD04"] == [problem.code for problem in told.value.problems]
    found = check_fielded(load(tmp_path / "bank", fielded=False), read_yaml(tmp_path / "bank" / "study.yaml"))
    assert [("FLD04", file)] == [(problem.code, problem.where.file) for problem in found]


def test_fld04_every_byte_counts(fielded: Path, tmp_path: Path) -> None:
    """Any one byte of a sealed file changed to another, and it is no longer trusted or says the same."""
    whole = (fielded / "hot.json").read_bytes()
    file, sound = tmp_path / "hot.json", read_seal(fielded / "hot.json")
    for at in range(0, len(whole), 97):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        codes = [problem.code for problem in faults(file)]
        assert codes == ["FLD04"] or (not codes and read_seal(file).study == replace(sound.study, path=file))


def test_fld04_a_missing_seal_is_told(tmp_path: Path) -> None:
    """As a file that is not there, and one in another encoding."""
    (tmp_path / "latin.json").write_bytes('{"é": 1}'.encode("latin-1"))
    for name in ("nowhere.json", "latin.json"):
        with pytest.raises(SpecError) as told:
            read_seal(tmp_path / name)
        assert "FLD04" == told.value.problems[0].code

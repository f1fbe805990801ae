"""`sending.yaml` is read strictly, and what is wrong is said at its line, without the secrets in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from symmetry.errors import DataError
from symmetry.fieldwork.sending.addressing import is_email, is_phone
from symmetry.fieldwork.sending.settings import Email, Settings, settings_of

WHOLE = """\
address: https://survey.example.org/
email:
  host: smtp.example.org
  port: 587
  security: starttls
  user: survey
  sender: {name: "Banque du Quotidien", address: enquete@banque.example}
  reply_to: contact@banque.example
  a_minute: 120
sms: {url: "octopush://${GATEWAY}/{phone}"}
alerts:
  quality: ["mailto://alerts@example.org", "json://127.0.0.1:9/x"]
"""
ENVIRONMENT = {"SYMMETRY_SMTP_PASSWORD": "pass word", "GATEWAY": "key"}


def _written(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "sending.yaml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return folder


def _refused(folder: Path, text: str, environment: dict[str, str] | None = None) -> list[tuple[str, int, str]]:
    with pytest.raises(DataError) as refused:
        settings_of(_written(folder, text), ENVIRONMENT if environment is None else environment)
    return [(each.code, getattr(each.where, "line", 0), each.what) for each in refused.value.problems]


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    """Every key arrives; secrets come from the environment, and are not shown where settings are."""
    found = settings_of(_written(tmp_path, WHOLE), ENVIRONMENT)
    name, address = "Banque du Quotidien", "enquete@banque.example"
    mail = Email(
        "smtp.example.org", 587, "starttls", name, address, "survey", "pass word", "contact@banque.example", 120
    )
    alerts = {"quality": ("mailto://alerts@example.org", "json://127.0.0.1:9/x")}
    assert found == Settings("https://survey.example.org", mail, "octopush://key/{phone}", alerts)
    assert "pass word" not in repr(found)
    assert "octopush" not in repr(found)


def test_only_the_address_must_be_there(tmp_path: Path) -> None:
    """Without mail and text messages, letters can still be printed."""
    assert settings_of(_written(tmp_path, "address: http://127.0.0.1:8000\n")) == Settings("http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("port: 587", "port: 70000", "SND03", 4),
        ("port: 587", "port: ５８７", "SPEC03", 4),
        ("port: 587", "prot: 587", "SPEC01", 4),
        ("security: starttls", "security: none", "SND03", 5),
        ("security: starttls", "security: ssl", "SND03", 5),
        ("host: smtp.example.org", "host: smtp.example.org/x", "SND03", 3),
        ("enquete@banque.example}", "enquete}", "SND03", 7),
        ("Quotidien", "Quotidien\\nBcc: a@b.example", "SND03", 7),
        ("contact@banque.example", "contact@banque", "SND03", 8),
        ("a_minute: 120", "a_minute: 0", "SND03", 9),
        ("{phone}", "phone", "SND03", 10),
        ("mailto://alerts", "alerts", "SND03", 12),
        ("https://survey.example.org/", "survey.example.org", "SND03", 1),
        ("https://survey.example.org/", "http://survey.example.org/", "SND03", 1),
        ("host: smtp.example.org", "host: smtp..example.org", "SND03", 3),
        ("  host: smtp.example.org\n", "", "SPEC02", 2),
    ],
)
def test_what_cannot_be_used_is_refused_at_its_line(tmp_path: Path, old: str, new: str, code: str, line: int) -> None:
    """A bad port, mail in the clear to another machine, an unknown or missing key, no address where one belongs."""
    found = _refused(tmp_path, WHOLE.replace(old, new))
    assert (code, line) in [(each[0], each[1]) for each in found], found
    assert "pass word" not in str(found)


def test_mail_in_the_clear_stays_on_this_machine(tmp_path: Path) -> None:
    """`security: none` is for a server here."""
    text = WHOLE.replace("starttls", "none").replace("  user: survey\n", "")
    assert settings_of(_written(tmp_path, text.replace("smtp.example.org", "127.0.0.1")), ENVIRONMENT).email is not None
    assert "in the clear" in _refused(tmp_path, text)[0][2]
    assert "in the clear" in _refused(tmp_path, text.replace("smtp.example.org", "127.0.0.1.example.org"))[0][2]


def test_a_variable_that_is_not_set_is_named(tmp_path: Path) -> None:
    """Both that of the password and those that the file names."""
    assert [("SND04", 10, "the environment's GATEWAY is not set")] == _refused(tmp_path, WHOLE, {})
    only = {"GATEWAY": "key"}
    assert [("SND04", 6, "the environment's SYMMETRY_SMTP_PASSWORD is not set")] == _refused(tmp_path, WHOLE, only)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [("port: 587", "port: ${SECRET}", 4), ("host: smtp.example.org", "host: ${SECRET}", 3),
     ("contact@banque.example", "${SECRET}", 8), ("security: starttls", "security: ${SECRET}", 5)],
)  # fmt: skip
def test_no_value_of_the_environment_is_repeated(tmp_path: Path, old: str, new: str, line: int) -> None:
    """Whoever gets the mails of cron reads where the fault is, and not the secret."""
    found = _refused(tmp_path, WHOLE.replace(old, new), ENVIRONMENT | {"SECRET": "sekret!key x"})
    assert line in [each[1] for each in found]
    assert "sekret" not in str(found)


def test_a_value_within_a_url_stays_within_its_place(tmp_path: Path) -> None:
    """What a key holds leads no message elsewhere; a whole URL is taken as it is."""
    text = WHOLE.replace('"json://127.0.0.1:9/x"', '"${TEAM}"')
    found = settings_of(_written(tmp_path, text), ENVIRONMENT | {"GATEWAY": "a/b#c%", "TEAM": "json://127.0.0.1:9/y"})
    assert "octopush://a%2Fb%23c%25/{phone}" == found.sms
    assert "json://127.0.0.1:9/y" == found.alerts["quality"][1]


def test_a_file_that_is_not_there_or_that_others_read_is_refused(tmp_path: Path) -> None:
    """It may hold passwords."""
    with pytest.raises(DataError, match="SND01"):
        settings_of(tmp_path)
    with pytest.raises(DataError, match="SND02"):
        settings_of(_written(tmp_path, WHOLE, 0o640), ENVIRONMENT)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("a.b+c@example.org", True), ("zoé@exämple.org", True), ("x@[127.0.0.1]", False), ("@example.org", False),
        ("a b@example.org", False), ("a@example", False), ("a@example..org", False), ("a@-example.org", False),
        ("a..b@example.org", False), ("a@b@example.org", False), ("a@example.org\r\nBcc: x@example.org", False),
        ("a@example.org\n", False), ('"a"@example.org', False), ("<a@example.org>", False), ("x" * 65 + "@example.org", False),
        ("a@" + "x" * 64 + ".org", False), ("a,b@example.org", False), ("a@exa mple.org", False), ("", False),
    ],
)  # fmt: skip
def test_addresses_of_mail(text: str, good: bool) -> None:
    """One address in its plain form, and nothing that could become two, or a header."""
    assert is_email(text) is good


def test_numbers_of_telephones() -> None:
    """As the whole world dials them, in plain digits."""
    numbers = (
        "+33612345678",
        "0612345678",
        "+0612345678",
        "+33 6 12",
        "+3361234567890123",
        "+٣٣٦١٢٣٤٥٦٧٨",
        "+33612345678\n",
    )
    assert [is_phone(each) for each in numbers] == [True, *[False] * 6]

"""How messages leave: `sending.yaml` in the folder of the store, read strictly; secrets come from the environment."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from symmetry.errors import DataError, Place, Problem
from symmetry.fieldwork.sending.addressing import is_email
from symmetry.fieldwork.store.links import check_address
from symmetry.spec import Document, Faults, Strict, read_yaml, validate

__all__ = ["FILE", "VARIABLE", "Email", "Settings", "settings_of"]

FILE = "sending.yaml"
VARIABLE = "SYMMETRY_SMTP_PASSWORD"
_NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SHOWN = re.compile(r"[^\x00-\x1f\x7f\u0080-\u009f\u2028\u2029]+")
_MOST_A_MINUTE = 60_000
_MOST_TEXTED = 32  # both links, the shortest words and a short name make 160


@dataclass(frozen=True)
class Email:
    """The mail server, and in whose name is written.

    Attributes
    ----------
    host, port, security : of the server; "none" on this machine alone.
    user, password : where it asks who we are.
    name, address : of the sender.
    reply_to : where answers of people go, the sender's own without.
    a_minute : mails that one sender hands over in a minute at most.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    name: str
    address: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    reply_to: str | None = None
    a_minute: int = 60


@dataclass(frozen=True)
class Settings:
    """How messages leave.

    Attributes
    ----------
    address : how links begin.
    email : None where no mail is sent.
    sms : apprise's URL of the gateway, with {phone} in the place of the number; None where no text message is sent.
    alerts : owner → apprise's URLs.
    """

    address: str
    email: Email | None = None
    sms: str | None = field(default=None, repr=False)
    alerts: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)


class _Sender(Strict):
    name: str
    address: str


class _Email(Strict):
    host: str
    port: int
    security: str
    sender: _Sender
    user: str | None = None
    reply_to: str | None = None
    a_minute: int = 60


class _Sms(Strict):
    url: str


class _File(Strict):
    address: str
    email: _Email | None = None
    sms: _Sms | None = None
    alerts: dict[str, list[str]] | None = None


def settings_of(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read `sending.yaml`.

    Parameters
    ----------
    folder : of the store.
    environment : where `${NAME}` and the password of the mail server are looked up.

    Raises
    ------
    DataError : SND01, there is no such file or it cannot be read; SND02, others may read it; SND03, something in it cannot be
        used; SND04, a variable is not set; SPEC and YAML codes, it is not written as it should be.
    """
    path = folder / FILE
    _check_file(path)
    document = read_yaml(path)
    if document.problems:
        raise DataError(document.problems)
    missing: list[Problem] = []
    secret: list[tuple[Any, ...]] = []
    data = _filled(document, document.data, (), environment, missing, secret)
    filled = Document(path, data, document.keys, document.values)
    if missing:
        raise DataError(missing)
    read, problems = validate(filled, _File)
    if read is None or problems:
        raise DataError(_without(problems, filled, secret))
    faults = Faults(filled, [])
    email = _email(read.email, faults, environment) if read.email else None
    _check_rest(read, faults)
    if faults.problems:
        raise DataError(_without(faults.problems, filled, secret))
    alerts = {owner: tuple(urls) for owner, urls in (read.alerts or {}).items()}
    return Settings(check_address(read.address), email, read.sms.url if read.sms else None, alerts)


def _check_file(path: Path) -> None:
    """Refuse a file that is not there, or that others may read: it may hold passwords."""
    try:
        mode = path.stat().st_mode
        path.open("rb").close()
    except OSError as error:
        what = (
            "there is no file that says how messages leave" if isinstance(error, FileNotFoundError) else "is unreadable"
        )
        mend = "write it as docs/how-to/send-invitations.md shows, for its owner alone"
        raise DataError(what, where=Place(path), mend=mend, code="SND01") from error
    if mode & 0o077:
        raise DataError("others may read this file, which may hold passwords", where=Place(path),
                        mend=f"chmod 600 {path}", code="SND02")  # fmt: skip


def _filled(
    document: Document,
    data: Any,
    at: tuple[Any, ...],
    environment: Mapping[str, str],
    missing: list[Problem],
    secret: list[tuple[Any, ...]],
) -> Any:
    """The data with every `${NAME}` taken from the environment, encoded within URLs; what is not there is noted."""
    rest = (environment, missing, secret)
    if isinstance(data, dict):
        return {key: _filled(document, each, (*at, key), *rest) for key, each in data.items()}
    if isinstance(data, list):
        return [_filled(document, each, (*at, place), *rest) for place, each in enumerate(data)]
    if not isinstance(data, str) or not _NAMED.search(data):
        return data
    secret.append(at)
    in_url = at[0] in ("sms", "alerts") and not _NAMED.fullmatch(data)

    def value(found: re.Match[str]) -> str:
        if not environment.get(found[1]):
            what = f"the environment's {found[1]} is not set"
            missing.append(Problem(document.place(at), what, "set it for whoever runs `symmetry field`", "SND04"))
        said = environment.get(found[1], "")
        return quote(said, safe="") if in_url else said

    return _NAMED.sub(value, data)


def _without(problems: Sequence[Problem], document: Document, secret: Sequence[tuple[Any, ...]]) -> list[Problem]:
    """Problems that do not say what the environment holds."""
    places = [document.place(at) for at in secret]
    what = "what the environment holds for this cannot be used here"
    return [replace(each, what=what) if each.where in places and each.code != "SND04" else each for each in problems]


def _email(read: _Email, faults: Faults, environment: Mapping[str, str]) -> Email:
    """Check what is said of mail."""
    if not 0 < read.port < 65536:
        faults.add("SND03", ("email", "port"), f"`{read.port}` is no port", "it is mostly 587 (starttls) or 465 (tls)")
    if not 0 < read.a_minute <= _MOST_A_MINUTE:
        faults.add("SND03", ("email", "a_minute"), f"`{read.a_minute}` is no number of mails", f"1 to {_MOST_A_MINUTE}")
    if read.security not in ("starttls", "tls", "none"):
        faults.add("SND03", ("email", "security"), f"`{read.security}` is no security", "one of: starttls, tls, none")
    elif read.security == "none" and not _is_here(read.host):
        what = "mail to another machine would cross the network in the clear"
        faults.add("SND03", ("email", "security"), what, "write starttls or tls; none is for a server on this machine")
    if re.search(r"[\s/@]", read.host) or not all(0 < len(label) < 64 for label in read.host.split(".")):
        faults.add("SND03", ("email", "host"), f"`{read.host}` is no name of a server", "smtp.example.org")
    for at, text in ((("sender", "address"), read.sender.address), (("reply_to",), read.reply_to)):
        if text is not None and not (is_email(text) and text.isascii()):
            faults.add("SND03", ("email", *at), f"`{text}` is no address of mail", "write it as survey@example.org")
    if not _SHOWN.fullmatch(read.sender.name):
        faults.add("SND03", ("email", "sender", "name"), "this is no name to show", "write it on one line")
    password = environment.get(VARIABLE) if read.user else None
    if read.user and not password:
        faults.add(
            "SND04",
            ("email", "user"),
            f"the environment's {VARIABLE} is not set",
            "set it to the password of that user",
        )
    security: Any = read.security
    sender = read.sender
    return Email(
        read.host, read.port, security, sender.name, sender.address, read.user, password, read.reply_to, read.a_minute
    )


def _check_rest(read: _File, faults: Faults) -> None:
    """Check how links begin, and that the URL of text messages has a place for the number."""
    try:
        check_address(read.address)
    except DataError as error:
        problem = error.problems[0]
        faults.add("SND03", ("address",), problem.what, problem.mend)
    else:
        if not read.address.startswith("https://") and not _is_here(urlsplit(read.address).hostname or ""):
            what = "links would cross the network in the clear, and no mail program would offer to opt out"
            faults.add("SND03", ("address",), what, "write https://; http:// is for this machine alone")
    if read.sms and (read.sms.url.count("{phone}") != 1 or "://" not in read.sms.url):
        mend = "write it as the gateway's page in apprise's manual says, with {phone} for the number"
        faults.add("SND03", ("sms", "url"), "this is no URL with one place for the number", mend)
    if read.sms and len(read.address.rstrip("/")) > _MOST_TEXTED:
        what = f"an address of more than {_MOST_TEXTED} characters leaves no room for words in a text message"
        faults.add("SND03", ("address",), what, "take a shorter name for the server, or send no text messages")
    for owner, urls in (read.alerts or {}).items():
        for place, url in enumerate(urls):
            if "://" not in url:
                faults.add("SND03", ("alerts", owner, place), "this is no URL", "mailto://… or another of apprise's")


def _is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

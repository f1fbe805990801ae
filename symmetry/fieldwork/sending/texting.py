"""Text messages, and words to the owners of cases, by apprise, which speaks to the gateways and teams' tools of this world.

apprise says of a message that it went or that it did not, and no more.  So what passes between it and a gateway is overheard: a
message may be sent again only where no connection came about, or the gateway answered with an error of HTTP; after anything
else it may have been taken.  apprise's log holds addresses, and is hushed here.
"""

from __future__ import annotations

import logging
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from symmetry.errors import DataError
from symmetry.fieldwork.sending.addressing import is_phone
from symmetry.fieldwork.sending.outcomes import Outcome
from symmetry.fieldwork.sending.settings import Settings

if TYPE_CHECKING:
    import apprise

__all__ = ["alert", "check_gateway", "send_text"]

_LOUD = ("apprise", "urllib3", "requests")
_ANY = "+10000000000"  # a number, to see what a URL names
_TO_CONNECT, _TO_ANSWER = 10.0, 60.0  # seconds
_PASSED_ON = (502, 504)  # a proxy that did not hear what became of it


def send_text(settings: Settings, phone: str, text: str) -> Outcome:
    """Send one text message.

    Parameters
    ----------
    settings : with the URL of the gateway.
    phone : as the whole world dials it.
    text : the words.

    Raises
    ------
    DataError : EXT03, apprise is missing; SND09, it does not know what the URL names.
    """
    if not is_phone(phone):
        return Outcome("bounced", "malformed number", address_bad=True)
    if settings.sms is None:
        raise ValueError("these settings send no text messages")
    with _hushed():
        teller, heard = _teller(_url(settings.sms, phone)), list[str]()
        with _overheard(heard):
            gone = _told(teller, "", text)
    if gone:
        return Outcome("sent")
    if heard and all(each == "no" for each in heard):
        return Outcome("again", "the gateway did not take it")
    return Outcome("uncertain", "the gateway's answer was lost")


def check_gateway(settings: Settings) -> None:
    """Check that text messages can be sent at all.

    Raises
    ------
    DataError : EXT03 or SND09, as for `send_text`.
    """
    if settings.sms is not None:
        with _hushed():
            _teller(_url(settings.sms, _ANY))


def alert(settings: Settings, owner: str, title: str, text: str, *, say: Callable[[str], object] | None = None) -> bool:
    """Tell an owner something; whether it reached one of the places that are named for the owner at least.

    Parameters
    ----------
    settings : with the owner's URLs.
    owner : key of the owner.
    title, text : the words.
    say : is told of places that it did not reach.

    Raises
    ------
    DataError : EXT03 or SND09, as for `send_text`, where it reached none.
    """
    urls, told, failed = settings.alerts.get(owner, ()), False, list[DataError]()
    for number, url in enumerate(urls, 1):
        gone = False
        try:
            with _hushed():
                gone = _told(_teller(url), title, text)
        except DataError as error:
            failed.append(error)
        told |= gone
        if not gone and say is not None:
            say(f"alerts of {owner}: place {number} of {len(urls)} did not take what it was told")
    if failed and not told:
        raise failed[0]
    return told


def _url(gateway: str, phone: str) -> str:
    """The URL of apprise for one number."""
    return gateway.replace("{phone}", quote(phone, safe=""))


def _teller(url: str) -> apprise.Apprise:
    """Whoever tells what to a place, with time enough for its answer."""
    if find_spec("apprise") is None:
        what = "text messages and alerts need `apprise`, which is not installed"
        raise DataError(what, mend="pip install 'symmetry[send]'", code="EXT03")
    import apprise

    teller = apprise.Apprise()
    if not teller.add(url):
        what = "a URL in sending.yaml names nothing that apprise knows"
        raise DataError(what, mend="see https://github.com/caronc/apprise/wiki", code="SND09")
    for each in teller:
        each.socket_connect_timeout, each.socket_read_timeout = _TO_CONNECT, _TO_ANSWER
    return teller


def _told(teller: apprise.Apprise, title: str, text: str) -> bool:
    """Whether something was told."""
    import apprise

    return bool(teller.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT))


@contextmanager
def _overheard(heard: list[str]) -> Iterator[None]:
    """Hear how each request of apprise ends: "no" where the other side took nothing, "perhaps" where it may have."""
    import requests

    send = requests.Session.send

    def listening(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        try:
            answer = send(self, request, **options)
        except requests.ConnectTimeout:
            heard.append("no")
            raise
        except requests.RequestException as error:
            heard.append("no" if _never_met(error) else "perhaps")
            raise
        refused = answer.status_code >= 400 and answer.status_code not in _PASSED_ON
        heard.append("no" if refused else "perhaps")
        return answer

    name = "send"
    setattr(requests.Session, name, listening)
    try:
        yield
    finally:
        setattr(requests.Session, name, send)


def _never_met(error: Exception) -> bool:
    """Whether no connection came about at all."""
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    cause = error.args[0] if error.args else None
    why = cause.reason if isinstance(cause, MaxRetryError) else cause
    inner = why.args[0] if isinstance(why, Exception) and why.args else None
    return isinstance(why, NewConnectionError) or isinstance(inner, ssl.SSLCertVerificationError)


@contextmanager
def _hushed() -> Iterator[None]:
    """Nothing is logged meanwhile by those who would write addresses; nor warned of by what apprise brings in."""
    loggers = [logging.getLogger(name) for name in (*_LOUD, "urllib3.connectionpool")]
    were = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        for logger, was in zip(loggers, were, strict=True):
            logger.disabled = was

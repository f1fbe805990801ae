"""Text messages, and words to the owners of cases, by apprise, which speaks to the gateways and teams' tools of this world.

apprise says of a message that it went or that it did not, and no more; and its log holds addresses, so it is hushed here.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from urllib.parse import quote

from symmetry.errors import DataError
from symmetry.fieldwork.sending.addressing import is_phone
from symmetry.fieldwork.sending.outcomes import Outcome
from symmetry.fieldwork.sending.settings import Settings

__all__ = ["alert", "send_text"]

_LOUD = ("apprise", "urllib3", "requests")


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
    gone = _told([settings.sms.replace("{phone}", quote(phone, safe=""))], "", text)
    return Outcome("sent") if gone else Outcome("again", "the gateway did not take it")


def alert(settings: Settings, owner: str, title: str, text: str) -> bool:
    """Tell an owner something; whether it reached all the places that are named for the owner, which must be some.

    Parameters
    ----------
    settings : with the owner's URLs.
    owner : key of the owner.
    title, text : the words.
    """
    urls = settings.alerts.get(owner, ())
    return bool(urls) and _told(urls, title, text)


def _told(urls: Sequence[str], title: str, text: str) -> bool:
    """Tell something to several places; each of them is tried."""
    if find_spec("apprise") is None:
        what = "text messages and alerts need `apprise`, which is not installed"
        raise DataError(what, mend="pip install 'symmetry[send]'", code="EXT03")
    with _hushed():
        import apprise

        teller = apprise.Apprise()
        if not all(teller.add(url) for url in urls):
            what = "a URL in sending.yaml names nothing that apprise knows"
            raise DataError(what, mend="see https://github.com/caronc/apprise/wiki", code="SND09")
        return bool(teller.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT))


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

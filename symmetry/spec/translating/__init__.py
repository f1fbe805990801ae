"""Translations kept beside a study: its texts out to gettext catalogues, and back into the study when it is read."""

__all__ = ()

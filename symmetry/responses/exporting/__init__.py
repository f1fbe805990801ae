"""Frozen answers on their way out: SPSS, Triple-S, CSV and Parquet, each with the words of its questions and codes."""

__all__ = ()

"""Whom we may write to: the ledger of contacts, opt-outs, why somebody was asked or not, and forgetting a person."""

__all__ = ()

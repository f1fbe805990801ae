"""Other than straight lines: penalties and rewards, slopes, boosted trees."""

__all__ = ()

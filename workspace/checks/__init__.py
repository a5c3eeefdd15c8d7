"""Checks of definitions that the host can do and a location's own interpreter can't."""

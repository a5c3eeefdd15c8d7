"""Runs: what is executed, and what is remembered of it."""

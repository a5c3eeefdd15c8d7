"""Carrying out a run in this process: what unit tests use with no host, and what a worker is driven by."""

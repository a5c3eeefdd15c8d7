"""Interpreters, environments, and the protocol that loads code locations."""

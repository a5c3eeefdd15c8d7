"""Decides what is loaded when: the supervisor, and what it watches."""

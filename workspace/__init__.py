"""Workspaces: their configuration, their code locations, and what those define."""

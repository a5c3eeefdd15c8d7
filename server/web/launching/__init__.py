"""Launching from the page: what will run, the form of its configuration, and what was filled in there."""

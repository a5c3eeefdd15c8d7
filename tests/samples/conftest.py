"""Samples are read by tests; they are none themselves."""

collect_ignore_glob = ["*"]

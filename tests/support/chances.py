"""Chance that can be had again: `ATOLL_TEST_SEED=… pytest …` repeats the moments of an earlier round."""

from __future__ import annotations

import os
import random
import sys


def make_chance() -> random.Random:
    """Give a source of chance, and print the seed that repeats it."""
    seed = int(os.environ.get("ATOLL_TEST_SEED") or random.randrange(10**6))
    sys.stdout.write(f"ATOLL_TEST_SEED={seed}\n")
    return random.Random(seed)

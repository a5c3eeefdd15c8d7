"""Words for what snapshots describe."""

import pytest

from atoll_host.workspace.describing.wording import watched_runs


@pytest.mark.parametrize(
    ("sensor", "words"),
    [
        ({"run_status": None}, ""),
        ({}, ""),
        ({"run_status": "failed", "monitored_jobs": None}, "failed runs"),
        ({"run_status": "started", "monitored_jobs": ["a", "b"]}, "started runs of a, b"),
        (
            {"run_status": "succeeded", "monitored_jobs": None, "monitor_all_locations": True},
            "succeeded runs in all locations",
        ),
    ],
)
def test_a_sensor_of_runs_says_which_ones_it_watches(sensor, words):
    assert watched_runs(sensor) == words

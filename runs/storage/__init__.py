"""What is remembered: runs, events, materialisations, check results, schedules, sensors and backfills."""

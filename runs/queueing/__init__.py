"""Runs that wait: asked for by schedules, sensors and backfills, planned and launched when there is a place."""

"""Schedules and sensors are evaluated in a process of their location."""

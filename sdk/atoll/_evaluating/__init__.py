"""Evaluating schedules and sensors: what a worker calls, and what it answers with."""

"""Automation: schedules and sensors are evaluated, and the runs that wait in the queue are started."""

"""The schedules of the location, a module for each."""

"""The sensors of the location, a module for each."""

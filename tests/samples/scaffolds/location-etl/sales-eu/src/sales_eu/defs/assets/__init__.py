"""The assets of the location, a module for each."""

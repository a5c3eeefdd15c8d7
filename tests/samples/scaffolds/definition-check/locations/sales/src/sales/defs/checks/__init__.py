"""The checks of the location, a module for each."""

"""The resources of the location, a module for each."""

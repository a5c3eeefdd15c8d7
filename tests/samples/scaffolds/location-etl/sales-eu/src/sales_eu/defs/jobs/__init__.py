"""The jobs of the location, a module for each."""

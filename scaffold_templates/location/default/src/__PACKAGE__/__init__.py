"""The code location __LOCATION__."""

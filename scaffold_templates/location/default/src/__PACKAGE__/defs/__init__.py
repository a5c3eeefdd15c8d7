"""What the location defines, a module for each definition. `__PACKAGE__.definitions` finds them all."""

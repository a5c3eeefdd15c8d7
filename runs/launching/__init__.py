"""From a plan to a run: a host process that owns the workers, and what clients need to follow it."""

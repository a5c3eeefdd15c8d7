"""From a selection or a job to what is to be executed where, in which order."""

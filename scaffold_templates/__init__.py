"""Real template trees, nothing else."""

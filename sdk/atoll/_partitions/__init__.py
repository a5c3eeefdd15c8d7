"""How assets and jobs are divided, and how the divisions of two assets relate."""

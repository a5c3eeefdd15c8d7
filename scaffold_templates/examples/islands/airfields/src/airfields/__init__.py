"""Where one can land on an island."""

"""How long people live on islands."""

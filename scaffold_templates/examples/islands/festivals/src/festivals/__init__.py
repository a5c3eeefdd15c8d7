"""When the shops are closed."""

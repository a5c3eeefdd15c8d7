"""What time it is on the islands of three oceans."""

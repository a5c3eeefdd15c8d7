"""What the pages of runs show, read from what is remembered."""

"""What the location defines, a module for each definition."""

"""What the location defines, a module for each definition. `sales_eu.definitions` finds them all."""

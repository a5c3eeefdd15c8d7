"""How plans and runs look."""

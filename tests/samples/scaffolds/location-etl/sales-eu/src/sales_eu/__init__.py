"""The code location sales-eu."""

"""Environments of code locations: what they ask for, how they are built, what is in them."""

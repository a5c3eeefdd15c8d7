"""How one definition or location looks, with everything that is known about it."""

"""The merged graph: the assets of all locations, and what depends on what across them."""

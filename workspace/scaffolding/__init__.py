"""New workspaces, locations and definitions, written from trees of template files."""

"""How the merged graph looks: as a tree, for mermaid, for graphviz, as data."""

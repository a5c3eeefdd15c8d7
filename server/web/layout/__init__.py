"""Where the assets of a workspace are drawn: columns by dependency, boxes for locations and groups, smooth edges."""

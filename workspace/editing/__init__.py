"""Change a workspace's files without losing a comment or an ordering, all or nothing."""

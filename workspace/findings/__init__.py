"""What `atoll validate` finds: every kind of problem has a code, and a code has a page that explains it."""

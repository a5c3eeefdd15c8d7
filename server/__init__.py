"""What `atoll dev` runs: the supervisor, file watching, the web application and its page."""
